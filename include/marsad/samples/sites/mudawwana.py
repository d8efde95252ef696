"""mudawwana.example: a WordPress-like site. br-separated paragraphs, tags, a live blog, a paywalled stub, a moved
page, a twin address, and a page whose weekday contradicts its date."""

from __future__ import annotations

from email.utils import format_datetime
from html import escape

from marsad.samples.sites import MONTHS, Answer, page, robots, rss, sitemap
from marsad.samples.stories import DAYS, TITLES, SampleStory, load_stories

HOME = "http://mudawwana.example"
TITLE = TITLES["mudawwana"]
TWIN = 141


def url_of(story: SampleStory) -> str:
    """The address that is listed."""
    if story.kind == "moved":
        return f"{HOME}/old/{story.id}"
    return final_url_of(story)


def final_url_of(story: SampleStory) -> str:
    """The address where the page is."""
    return f"{HOME}/{story.day:%Y/%m}/{story.id}/"


def twin_url() -> str:
    """The same page under an address that only tracks."""
    return f"{HOME}/2026/03/{TWIN}/?utm_source=feed&utm_medium=rss"


def answers() -> dict[str, Answer]:
    """Every path of the site."""
    stories = load_stories("mudawwana")
    found = {"/robots.txt": robots("/wp-admin/")}
    items = [(s.title, url_of(s), format_datetime(s.published_at)) for s in reversed(stories)]
    found["/feed/"] = rss(TITLE, HOME, items[:10])
    for day in DAYS:
        entries = [(url_of(s), s.published_at.isoformat()) for s in stories if s.day == day]
        if any(s.id == TWIN for s in stories if s.day == day):
            entries.append((twin_url(), f"{day}T10:00:00+00:00"))
        found[f"/sitemap-{day:%Y%m%d}.xml"] = sitemap(entries)
    for story in stories:
        path = final_url_of(story).removeprefix(HOME)
        found[path] = _page(story)
        if story.kind == "moved":
            found[f"/old/{story.id}"] = Answer(b"", status=301, headers={"Location": final_url_of(story)})
    return found


def _page(story: SampleStory) -> Answer:
    at = story.published_at
    meta = f'<meta property="article:published_time" content="{at.isoformat()}">'
    date_line = f'<time class="entry-date" datetime="{at.isoformat()}">{at.day} مارس 2026</time>'
    if story.kind == "wrong_weekday":
        meta, date_line = "", f'<span class="entry-date">الجمعة {at.day} {MONTHS["gregorian"][2]} {at.year}</span>'
    content = "<br><br>".join(escape(p, quote=False) for p in story.paragraphs)
    if story.kind == "live":
        meta += '<meta property="og:type" content="liveblog">'
        content = (
            "".join(
                f'<div class="live-entry"><span class="live-time">14:{5 + 20 * n:02}</span><p>{escape(p, quote=False)}</p></div>'
                for n, p in enumerate(story.paragraphs[:3])
            )
            + f'<div class="live-entry"><span class="live-time">15:05</span><p>{story.paragraphs[-1]}</p></div>'
        )
    if story.kind == "paywalled":
        meta += (
            '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", '
            '"isAccessibleForFree": false}</script>'
        )
        content += '<div class="paywall">هذا المحتوى للمشتركين. اشترك الآن لمتابعة القراءة.</div>'
    tags = ", ".join(f'<a href="/tag/{n}/" rel="tag">{escape(k)}</a>' for n, k in enumerate(story.keywords))
    return page(f"""<!DOCTYPE html>
<html lang="ar" dir="rtl"><head><meta charset="UTF-8"><title>{escape(story.title)} – {TITLE}</title>
<link rel="canonical" href="{final_url_of(story)}"><meta property="og:site_name" content="{TITLE}">{meta}
<meta name="generator" content="WordPress 6.9"></head>
<body class="single single-post"><div id="page"><header class="site-header"><a href="/">{TITLE}</a></header>
<main><article class="post type-post"><header class="entry-header"><span class="cat-links"><a href="/c/1" rel="category tag">{story.section}</a></span>
<h1 class="entry-title">{escape(story.title, quote=False)}</h1>
<div class="entry-meta">{date_line} <span class="byline">بقلم <a class="author" rel="author" href="/author/1/">{story.author}</a></span></div></header>
<div class="entry-content">{content}</div>
<footer class="entry-footer"><span class="tags-links">الوسوم: {tags}</span></footer></article>
<div id="comments"><h3>اترك تعليقاً</h3><form><textarea></textarea></form></div></main>
<aside class="widget-area"><section class="widget"><h2>أحدث المقالات</h2><ul><li><a href="/1">مقال</a></li></ul></section></aside>
</div></body></html>""")
