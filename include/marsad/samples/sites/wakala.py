"""wakala.example: an agency. Feed, dated sitemap, JSON-LD, a read-more box within the text."""

from __future__ import annotations

import json
from email.utils import format_datetime
from html import escape

from marsad.samples.sites import Answer, page, robots, rss, sitemap
from marsad.samples.stories import DAYS, TITLES, SampleStory, load_stories

HOME = "http://wakala.example"
TITLE = TITLES["wakala"]
DENIED, ABSENT, GONE = f"{HOME}/internal/3099", f"{HOME}/news/3098", f"{HOME}/news/3097"
FLAKY = 3004


def url_of(story: SampleStory) -> str:
    """Where a story is."""
    return f"{HOME}/news/{story.id}"


def read_more_of(story: SampleStory) -> SampleStory:
    """The story whose headline stands within this one's text: the one before it."""
    stories = load_stories("wakala")
    return stories[stories.index(story) - 1]


def related_to(story: SampleStory) -> list[SampleStory]:
    """The stories listed below this one."""
    stories = load_stories("wakala")
    place = stories.index(story)
    return [stories[(place + n) % len(stories)] for n in (3, 5, 7)]


def answers() -> dict[str, Answer]:
    """Every path of the site."""
    stories = load_stories("wakala")
    found = {"/robots.txt": robots("/internal/"), "/": page(f"<title>{TITLE}</title><h1>{TITLE}</h1>")}
    latest = sorted(stories, key=lambda s: s.published_at, reverse=True)[:20]
    found["/rss.xml"] = rss(TITLE, HOME, [(s.title, url_of(s), format_datetime(s.published_at)) for s in latest])
    for day in DAYS:
        entries = [(url_of(s), s.published_at.isoformat()) for s in stories if s.day == day]
        if day == DAYS[1]:
            entries += [(u, f"{day}T09:00:00+02:00") for u in (DENIED, ABSENT, GONE)]
        found[f"/sitemap/{day:%Y/%m/%d}.xml"] = sitemap(entries)
    found["/internal/3099"] = page("<h1>للتحرير فقط</h1>")
    found["/news/3097"] = Answer(b"", status=410)
    for story in stories:
        made = _page(story)
        found[f"/news/{story.id}"] = Answer(made.body, first_status=503) if story.id == FLAKY else made
    return found


def _page(story: SampleStory) -> Answer:
    published = story.published_at.isoformat()
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": published,
        "dateModified": published,
        "author": [{"@type": "Person", "name": story.author}],
        "publisher": {"@type": "Organization", "name": TITLE},
        "articleSection": story.section,
        "keywords": list(story.keywords),
        "mainEntityOfPage": url_of(story),
    }
    more = read_more_of(story)
    box = f'<div class="inline-box"><span>اقرأ أيضاً:</span> <a href="{url_of(more)}">{escape(more.title)}</a></div>'
    paragraphs = [f"<p>{escape(p, quote=False)}</p>" for p in story.paragraphs]
    paragraphs.insert(2, box)
    related = "".join(f'<li><a href="{url_of(s)}">{escape(s.title)}</a></li>' for s in related_to(story))
    tags = " ".join(f'<a rel="tag" href="/tag/{n}">{escape(k)}</a>' for n, k in enumerate(story.keywords))
    menu = "".join(f'<li><a href="/s/{n}">{s}</a></li>' for n, s in enumerate(("سياسة", "اقتصاد", "رياضة", "ثقافة")))
    return page(f"""<!DOCTYPE html>
<html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{escape(story.title)} | {TITLE}</title>
<link rel="canonical" href="{url_of(story)}"><meta property="og:site_name" content="{TITLE}">
<meta property="og:title" content="{escape(story.title)}"><meta property="og:type" content="article">
<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script></head>
<body><header><a href="/">{TITLE}</a><nav><ul>{menu}</ul></nav></header>
<main><article><h1>{escape(story.title)}</h1>
<div class="byline"><span class="author">{story.author}</span> <time datetime="{published}">{published[:10]}</time></div>
<div class="share"><a href="https://social.example/share">شارك</a> <a href="mailto:x@wakala.example">بريد</a></div>
<div class="article-body">{"".join(paragraphs)}<p class="source">المصدر: {TITLE}</p></div>
<div class="tags">كلمات مفتاحية: {tags}</div></article>
<section class="related"><h3>مواضيع ذات صلة</h3><ul>{related}</ul></section></main>
<aside><h3>الأكثر قراءة</h3><ol>{related}</ol></aside>
<footer><p>جميع الحقوق محفوظة لوكالة الساحل 2026</p></footer></body></html>""")
