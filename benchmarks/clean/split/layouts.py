"""How content systems mark the same lines up: a page is lines, a layout makes HTML (or plain text) of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from benchmarks.clean.split.stories import Line

MONTHS = [
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
]
DAY_STYLES = ("meta", "json_ld", "time", "printed", "none", "sidebar")
"""Where the day stands; ``sidebar``: the page has none, but another story beside it does."""


@dataclass
class Box:
    """Lines, and boxes among them: a second story of its own markup is one."""

    parts: list[Line | Box] = field(default_factory=list)
    role: str = "body"
    """``body``, ``second`` (a box with a second story) or ``article`` (another article of the same page)."""
    title: str = ""
    day: str | None = None


Render = Callable[[Line], str]


def printed(day: str) -> str:
    """A day as Arabic sites print it: 3 شباط 2026."""
    year, month, number = day.split("-")
    return f"{int(number)} {MONTHS[int(month) - 1]} {year}"


def _linked(line: Line) -> str:
    text = escape(line.text, quote=False)
    return f'<a href="{line.href}">{text}</a>' if line.href else text


def _tagged(paragraph: str, heading: str, item: str = "<li>{}</li>") -> Render:
    marks = {
        "heading": heading,
        "headline": heading,
        "item": item,
        "quote": "<blockquote><p>{}</p></blockquote>",
        "tweet": '<blockquote class="twitter-tweet"><p lang="ar" dir="rtl">{}</p></blockquote>',
        "bold": paragraph.format("<strong>{}</strong>"),
        "rule": "<hr>",
    }

    def render(line: Line) -> str:
        return marks.get(line.kind, paragraph).format(_linked(line))

    return render


@dataclass(frozen=True)
class Layout:
    """A content system's markup: how a line, the text's box, a second story's box and the page look."""

    name: str
    line: Render
    body: str
    second: str
    page: str
    between: str = "\n"

    def lines(self, parts: Sequence[Line | Box]) -> str:
        """The markup of lines and boxes; neighbouring list items share one list."""
        out: list[str] = []
        in_list = False
        for part in parts:
            is_item = isinstance(part, Line) and part.kind == "item"
            if is_item != in_list:
                out.append("<ul>" if is_item else "</ul>")
                in_list = is_item
            out.append(self.line(part) if isinstance(part, Line) else self.second.format(self.lines(part.parts)))
        if in_list:
            out.append("</ul>")
        return self.between.join(out)


_SIDE = (
    '<aside class="sidebar"><h3>الأكثر قراءة</h3><ul><li><a href="/n/901">افتتاح معرض الزهور في حديقة المدينة</a>'
    "{}</li>"
    '<li><a href="/n/902">فريق هواة يرمم قلعة على رأس الجبل</a></li></ul></aside>'
)
_NAV = (
    '<nav><a href="/">الرئيسية</a> <a href="/local">محليات</a> '
    '<a href="/sport">رياضة</a> <a href="/eco">اقتصاد</a></nav>'
)
_FOOT = "<footer><p>جميع الحقوق محفوظة لصحيفة المرفأ</p></footer>"
_HEAD = (
    '<!DOCTYPE html><html lang="ar" dir="rtl"{0}><head><meta charset="utf-8">'
    "<title>{{title}} | صحيفة المرفأ</title>{{meta}}</head><body>"
)


def _page(inner: str, attributes: str = "") -> str:
    return _HEAD.format(attributes) + inner + "</body></html>"


_MODERN = _page(
    f"<header>{_NAV}</header><main><article><header><h1>{{title}}</h1>{{day}}</header>{{body}}</article>{{after}}"
    f"</main>{{side}}{_FOOT}"
)
_WORDPRESS = _page(
    f'<div id="page">{_NAV}<div id="content"><article class="post type-post"><h1 class="entry-title">{{title}}</h1>'
    '<div class="entry-meta">{day}</div>{body}</article>{after}</div>{side}' + _FOOT + "</div>",
)
_DRUPAL = _page(
    f'<div class="region region-content">{_NAV}<div class="node node-news"><h1 class="page-title">{{title}}</h1>'
    '<div class="submitted">{day}</div>{body}</div>{after}</div>{side}' + _FOOT
)
_BLOGGER = _page(
    f'{_NAV}<div class="post hentry"><h3 class="post-title entry-title">{{title}}</h3><div class="date-header">{{day}}'
    "</div>{body}</div>{after}{side}" + _FOOT
)
_TABLES = _page(
    '<table width="980"><tr><td colspan="2">' + _NAV + '</td></tr><tr><td width="700"><table><tr><td>'
    '<font size="5" color="#900"><b>{title}</b></font></td></tr><tr><td><font size="1">{day}</font></td></tr><tr><td>'
    '{body}</td></tr></table>{after}</td><td width="280">{side}</td></tr><tr><td>' + _FOOT + "</td></tr></table>"
)
_DIVS = _page(
    f"<div>{_NAV}</div><div><div><h1>{{title}}</h1></div><div>{{day}}</div>{{body}}{{after}}</div>{{side}}" + _FOOT
)
_AMP = _page(
    f'<amp-sidebar id="menu" layout="nodisplay">{_NAV}</amp-sidebar><article class="amp-wp-article"><header>'
    '<h1 class="amp-wp-title">{title}</h1>{day}</header><amp-img src="/i/1.jpg" width="640" height="360"></amp-img>'
    "{body}</article>{after}{side}" + _FOOT,
    " amp",
)
_HASHED = _page(
    f'<div id="__next"><div class="css-1q8u9">{_NAV}</div><div class="css-7dk2a"><h1 class="css-0pz3x">{{title}}</h1>'
    '<div class="css-k3m1d">{day}</div>{body}</div>{after}<div class="css-99aa1">{side}</div></div>' + _FOOT
)
_SCROLL = _page(
    f'{_NAV}<div class="infinite"><article class="story" data-id="1"><h1>{{title}}</h1>{{day}}'
    "{body}</article>{after}</div>{side}" + _FOOT
)
_FLAT = _page(
    f'{_NAV}<div class="news-view"><h1 class="news-title">{{title}}</h1><span class="news-date">{{day}}</span>{{body}}'
    "{after}</div>{side}" + _FOOT
)

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "semantic",
        _tagged("<p>{}</p>", "<h2>{}</h2>"),
        '<div itemprop="articleBody">{}</div>',
        '<section class="inline-story">{}</section>',
        _MODERN,
    ),
    Layout(
        "wordpress",
        _tagged("<p>{}</p>", "<h3>{}</h3>"),
        '<div class="entry-content">{}</div>',
        '<div class="wp-block-group">{}</div>',
        _WORDPRESS,
    ),
    Layout(
        "drupal",
        _tagged('<p class="rtejustify">{}</p>', "<h2>{}</h2>"),
        '<div class="field field-name-body"><div class="field-items"><div class="field-item even">{}</div></div></div>',
        '<div class="field-collection-item">{}</div>',
        _DRUPAL,
    ),
    Layout(
        "blogger",
        _tagged("{}<br><br>", "<b>{}</b><br><br>"),
        '<div class="post-body entry-content" dir="rtl">{}</div>',
        '<div style="background:#eee">{}</div>',
        _BLOGGER,
    ),
    Layout(
        "tables",
        _tagged('<p align="justify"><font size="3">{}</font></p>', '<p><font size="4"><b>{}</b></font></p>'),
        '<table><tr><td dir="rtl">{}</td></tr></table>',
        '<table bgcolor="#eeeeee"><tr><td>{}</td></tr></table>',
        _TABLES,
    ),
    Layout("divs", _tagged("<div>{}</div>", "<div><b>{}</b></div>"), "<div>{}</div>", "<div>{}</div>", _DIVS),
    Layout(
        "amp",
        _tagged("<p>{}</p>", "<h2>{}</h2>"),
        '<div class="amp-wp-article-content">{}</div>',
        '<div class="amp-related-story">{}</div>',
        _AMP,
    ),
    Layout(
        "hashed",
        _tagged('<p class="css-a81x0">{}</p>', '<h2 class="css-b0cd2">{}</h2>'),
        '<div class="css-zz10p">{}</div>',
        '<div class="css-mm4q7">{}</div>',
        _HASHED,
    ),
    Layout(
        "scroll",
        _tagged("<p>{}</p>", "<h2>{}</h2>"),
        '<div class="story-body">{}</div>',
        '<div class="story-inset">{}</div>',
        _SCROLL,
    ),
    Layout(
        "aggregator",
        _tagged("<p>{}</p>", "<p><b>{}</b></p>"),
        '<div class="news-text">{}</div>',
        "<div>{}</div>",
        _FLAT,
    ),
)


def _day_markup(style: str, day: str | None) -> tuple[str, str]:
    """What the head and what the page shows of a day."""
    if day is None or style in ("none", "sidebar"):
        return "", ""
    if style == "meta":
        return f'<meta property="article:published_time" content="{day}T09:30:00+00:00">', ""
    if style == "json_ld":
        data = json.dumps(
            {"@context": "https://schema.org", "@type": "NewsArticle", "datePublished": f"{day}T09:30:00Z"}
        )
        return f'<script type="application/ld+json">{data}</script>', ""
    if style == "time":
        return "", f'<time datetime="{day}T09:30:00Z">{printed(day)}</time>'
    return "", f"<span>نشر في: {printed(day)}</span>"


def render(layout: Layout, title: str, body: Box, after: Sequence[Box], style: str) -> str:
    """The page's HTML: the main story in ``body``, other boxes after it."""
    meta, shown = _day_markup(style, body.day)
    rest = []
    for box in after:
        inner = layout.lines(box.parts)
        if box.role == "article":
            _, day = _day_markup("time" if style != "printed" else "printed", box.day)
            tag = '<article class="story">' if layout.name in ("semantic", "wordpress", "scroll", "amp") else "<div>"
            end = "</article>" if tag.startswith("<article") else "</div>"
            rest.append(f"{tag}<h2>{escape(box.title, quote=False)}</h2>{day}{layout.body.format(inner)}{end}")
        else:
            rest.append(layout.second.format(inner))
    side = _SIDE.format("<span>14 أيار 2025</span>" if style == "sidebar" else "")
    values = {
        "title": escape(title, quote=False),
        "meta": meta,
        "day": shown,
        "body": layout.body.format(layout.lines(body.parts)),
        "after": "\n".join(rest),
        "side": side,
    }
    return layout.page.format(**values)


def render_plain(title: str, body: Box, after: Sequence[Box], style: str) -> str:
    """The page as text: a line a line, as a copied page is."""
    lines = [title]
    if body.day and style not in ("none", "sidebar"):
        lines.append(f"نشر في: {printed(body.day)}")

    def add(parts: Sequence[Line | Box]) -> None:
        for part in parts:
            if isinstance(part, Box):
                add(part.parts)
            else:
                lines.append("***" if part.kind == "rule" else part.text)

    add(body.parts)
    for box in after:
        if box.title:
            lines.append(box.title)
        if box.role == "article" and box.day:
            lines.append(f"نشر في: {printed(box.day)}")
        add(box.parts)
    return "\n\n".join(lines) + "\n"
