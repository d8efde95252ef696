"""mujammi.example: an aggregator. On one page a story, a read-more line within it, source lines, keywords, a
whole second story, related headlines; in three layouts: helpful class names, bare nested, flat."""

from __future__ import annotations

from html import escape

from marsad.samples.sites import MONTHS, WEEKDAYS, Answer, page, robots, sitemap
from marsad.samples.stories import DAYS, TITLES, SampleStory, load_stories

HOME = "http://mujammi.example"
TITLE = TITLES["mujammi"]
SOURCE_LINES = ("وكالة الساحل", "الساحل")


def url_of(story: SampleStory) -> str:
    """Where a story is."""
    return f"{HOME}/story/{story.id}"


def read_more_of(story: SampleStory) -> SampleStory:
    """The story whose headline stands within this one's text."""
    stories = load_stories("mujammi")
    return stories[stories.index(story) - 1]


def related_to(story: SampleStory) -> list[SampleStory]:
    """The headlines listed below."""
    stories = load_stories("mujammi")
    place = stories.index(story)
    return [stories[(place + n) % len(stories)] for n in range(2, 10)]


def keywords_of(story: SampleStory) -> str:
    """The keyword line as the page prints it, without its label."""
    if story.keyword_line == "links":
        return " ".join(f'<a href="/tag/{n}">{escape(k)}</a>' for n, k in enumerate(story.keywords))
    return ("، " if story.keyword_line == "commas" else " ").join(story.keywords)


def answers() -> dict[str, Answer]:
    """Every path of the site."""
    stories = load_stories("mujammi")
    found = {"/robots.txt": robots(), "/": page(f"<title>{TITLE}</title><h1>{TITLE}</h1>")}
    for day in DAYS:
        entries = [(url_of(s), s.published_at.isoformat()) for s in stories if s.day == day]
        found[f"/sitemap-{day:%Y-%m-%d}.xml"] = sitemap(entries)
    layouts = {"classes": _classes, "bare": _bare, "flat": _flat}
    for story in stories:
        head = (
            f'<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8">'
            f'<title>{escape(story.title)} - {TITLE}</title><link rel="canonical" href="{url_of(story)}">'
        )
        if story.layout != "flat":
            head += f'<meta property="article:published_time" content="{story.published_at.isoformat()}">'
        found[f"/story/{story.id}"] = page(f"{head}</head><body>{layouts[story.layout](story)}</body></html>")
    return found


def _classes(story: SampleStory) -> str:
    more, second = read_more_of(story), story.embedded
    assert second  # noqa: S101  every story of this site has one
    body = [f"<p>{escape(p, quote=False)}</p>" for p in story.paragraphs]
    link = f'<a href="{url_of(more)}">{escape(more.title, quote=False)}</a>'
    body.insert(2, f'<div class="read-more"><b>إقرأ المزيد</b> {link}</div>')
    embedded = "".join(f"<p>{escape(p, quote=False)}</p>" for p in second.paragraphs)
    sources = "".join(f'<p class="source">المصدر: {s}</p>' for s in SOURCE_LINES if story.of)
    return (
        f'<div class="top-menu"><a href="/">الرئيسية</a> <a href="/world">العالم</a></div>'
        f'<article class="post"><h1 class="post-title">{escape(story.title, quote=False)}</h1>'
        f'<div class="post-body">{"".join(body)}{sources}</div>'
        f'<div class="tags">كلمات دلالية: {keywords_of(story)}</div>'
        f'<section class="read-also"><h3>إقرأ أيضاً:</h3><h2>{escape(second.title, quote=False)}</h2>{embedded}</section>'
        f'</article><div class="similar"><h3>مقالات مشابهة</h3><ul>{_related(story)}</ul></div>'
        f'<footer class="footer">اتصل بنا | سياسة الخصوصية</footer>'
    )


def _bare(story: SampleStory) -> str:
    more, second = read_more_of(story), story.embedded
    assert second  # noqa: S101
    body = [f"<div>{escape(p, quote=False)}</div>" for p in story.paragraphs]
    body.insert(2, f'<div>اقرأ المزيد: <a href="{url_of(more)}">{escape(more.title, quote=False)}</a></div>')
    sources = "".join(f"<div>المصدر: {s}</div>" for s in SOURCE_LINES if story.of)
    embedded = "".join(f"<div>{escape(p, quote=False)}</div>" for p in second.paragraphs)
    return (
        f'<div><div><a href="/">الرئيسية</a></div><div><h1>{escape(story.title, quote=False)}</h1>'
        f"<div>{''.join(body)}{sources}</div><div>كلمات دلالية: {keywords_of(story)}</div>"
        f"<div><div>إقرأ أيضا:</div><div><b>{escape(second.title, quote=False)}</b></div>{embedded}</div>"
        f"<div><div>مقالات مشابهة</div><ul>{_related(story)}</ul></div></div></div>"
    )


def _flat(story: SampleStory) -> str:
    more, second, at = read_more_of(story), story.embedded, story.published_at
    assert second  # noqa: S101
    printed = f"{WEEKDAYS[at.weekday()]} {at.day} {MONTHS['gregorian'][at.month - 1]} {at.year} - {at:%H:%M}"
    body = [f"<p>{escape(p, quote=False)}</p>" for p in story.paragraphs]
    body.insert(2, f"<p>إقرأ المزيد {escape(more.title, quote=False)}</p>")
    sources = "".join(f"<p>المصدر: {s}</p>" for s in SOURCE_LINES if story.of)
    embedded = "".join(f"<p>{escape(p, quote=False)}</p>" for p in second.paragraphs)
    return (
        f"<div><h1>{escape(story.title, quote=False)}</h1><p>نشر في: {printed}</p>{''.join(body)}{sources}"
        f"<p>كلمات دلالية: {keywords_of(story)}</p><p>إقرأ أيضاً:</p><p>{escape(second.title, quote=False)}</p>"
        f"{embedded}<p>مقالات مشابهة</p><ul>{_related(story)}</ul></div>"
    )


def _related(story: SampleStory) -> str:
    links = (f'<li><a href="{url_of(s)}">{escape(s.title, quote=False)}</a></li>' for s in related_to(story))
    return "".join(links)
