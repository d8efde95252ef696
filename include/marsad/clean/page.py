"""One page, read: bytes in, stories out. Knows nothing of days, lakes or batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from marsad.clean.blocks import Document, read_plain
from marsad.clean.container import Region, find_region
from marsad.clean.decode import decode
from marsad.clean.draft import Draft, Fate
from marsad.clean.html import is_html, read_html
from marsad.clean.jsonld import LinkedData, find_linked_data, with_state
from marsad.clean.labels import Line, is_date_line, label_page
from marsad.clean.language import detect_language
from marsad.clean.published import Context
from marsad.clean.split import Splitter, split
from marsad.clean.state import find_state_story, state_scripts
from marsad.clean.story import Story, StoryCut, StoryLink, embedded_story, has_story, main_story
from marsad.clean.text import fold, is_headline_like
from marsad.clean.titles import find_title, site_names
from marsad.sources import Source

__all__ = ["Page", "Reading", "Story", "StoryCut", "StoryLink", "detect_language", "read_closely", "read_page"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as read: its stories, the main one first."""

    url: str | None
    language: str | None
    stories: tuple[Story, ...]
    encoding: str
    has_story: bool
    """Whether the main story has running text or is a breaking line; menus and empty shells have neither."""
    layout_missed: tuple[str, ...] = ()
    """Fields whose selector in the source's layout picked nothing: the generic reader found them, or did not."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a page was read: every block, what it was taken for, and what became of it."""

    page: Page
    document: Document
    lines: tuple[Line, ...]
    region: Region
    title_index: int
    drafts: tuple[Draft, ...]
    fates: Mapping[int, Fate]


def read_page(
    content: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    charset: str | None = None,
    listed_at: datetime | None = None,
    listed_by: str | None = None,
    source: Source | None = None,
    captured_on: date | None = None,
) -> Page:
    """Read one page.

    Args:
        content: its bytes, decompressed: HTML or plain text in any encoding.
        url: its address; relative links and the day in it are read with it.
        content_type: the media type the server sent.
        charset: the encoding the server declared.
        listed_at: the instant the listing that showed it gives.
        listed_by: that listing's kind: ``feed`` or ``sitemap``.
        source: the site, for its name, time zone and layouts.
        captured_on: the day it was captured: picks the layout, and nothing can be dated later.

    Raises:
        UnreadablePage: no text can be had from the bytes; ``reason`` says why.
    """
    return read_closely(
        content,
        url=url,
        content_type=content_type,
        charset=charset,
        listed_at=listed_at,
        listed_by=listed_by,
        source=source,
        captured_on=captured_on,
    ).page


def read_closely(
    content: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    charset: str | None = None,
    listed_at: datetime | None = None,
    listed_by: str | None = None,
    source: Source | None = None,
    captured_on: date | None = None,
) -> Reading:
    """Read one page and keep how: as ``read_page``, for those who want to see why."""
    text, encoding = decode(content, charset=charset, content_type=content_type)
    selectors = _selectors(source, captured_on)
    document = read_html(text, selectors) if is_html(text) else read_plain(text)
    data = find_linked_data(document, url)
    sites = site_names(document, data, source, url)
    zone = source.zone if source else ZoneInfo("UTC")
    page = Context(document, data, sites, zone, url, source, listed_at, listed_by, captured_on)
    title, title_index = _plain_title(document) if document.is_plain else find_title(document, data, sites)
    if title_index > 0 and _is_late(document, title_index):
        title_index = -1
    region = find_region(document, title_index)
    lines = label_page(document, region)
    if title_index >= document.containers[region.container].end:
        title_index = -1
    splitter = Splitter(document, lines, region, title_index)
    drafts = splitter.run()
    method = "text" if document.is_plain else region.method
    is_own_text = True
    told_in = document
    told_by = "json_ld"
    if not document.is_plain and (told := _from_state(text, drafts[0], data, title, url)) is not None:
        page.data, told_by = told, "state"
        if title_index < 0:
            title, _ = find_title(document, told, sites)
    if page.data is not None and page.data.body and (richer := _from_data(drafts, page.data)) is not None:
        (drafts, told_in), method, is_own_text = richer, told_by, False
    main = main_story(page, drafts[0], lines, region, title, title_index, method, is_own_text=is_own_text)
    teller = page if is_own_text else replace(page, document=told_in)
    stories = (main, *(embedded_story(teller, d, method) for d in drafts[1:]))
    found = Page(
        url,
        main.language or (document.head.language[:2] or None),
        stories,
        encoding,
        has_story(drafts[0], lines, main),
        tuple(name for name in selectors if name not in document.chosen_text),
    )
    return Reading(found, document, tuple(lines), region, title_index, tuple(drafts), splitter.fates)


def _selectors(source: Source | None, day: date | None) -> Mapping[str, str]:
    layout = source.layout_on(day or date.max) if source is not None else None
    if layout is None:
        return {}
    fields = {"title": layout.title, "body": layout.body, "published": layout.published, "authors": layout.authors}
    return {k: v for k, v in fields.items() if v}


def _plain_title(document: Document) -> tuple[str | None, int]:
    """The first line of a plain text, where it is built like a headline over the text."""
    lines = [b for b in document.blocks[:5] if b.kind != "rule"]
    if len(lines) < 2 or lines[0].kind != "paragraph":
        return None, -1
    first, rest = lines[0], lines[1:]
    while rest and is_date_line(rest[0].text):
        del rest[0]
    if not rest or not rest[0].is_prose:
        return None, -1
    if is_headline_like(first.text, 130) and not first.text.endswith((":", "،")):
        return first.text, first.index
    return None, -1


def _is_late(document: Document, index: int) -> bool:
    """Whether most of the page's prose stands before a block: then it is not the title's."""
    sizes = [len(b.text) if b.is_prose else 0 for b in document.blocks]
    return sum(sizes[:index]) > 0.6 * max(1, sum(sizes))


_LITTLE = 1_200
"""Characters of text under which a page may be the shell of one whose story is in a script."""
_SHELL = 200
"""Characters under which it is one: whatever the script tells is more."""


def _from_state(
    text: str, draft: Draft, data: LinkedData | None, title: str | None, url: str | None
) -> LinkedData | None:
    """What the page's framework state says of its story, where the page itself shows little of it; else None."""
    shown = sum(len(b.text) for b in draft.blocks)
    if shown >= _LITTLE or (data is not None and data.body):
        return None
    scripts = state_scripts(text)
    story = find_state_story(scripts, title, url) if scripts else None
    if story is None:
        return None
    if shown >= _SHELL and fold(draft.blocks[0].text)[:60] not in fold(story.body):
        return None  # a short story that is all there: the script tells of another
    return with_state(data, story)


def _from_data(drafts: list[Draft], data: LinkedData) -> tuple[list[Draft], Document] | None:
    """The stories with the body from JSON-LD, where the page's text holds much less of it; else None.

    With them the document that their blocks are in.
    """
    have = sum(len(b.text) for b in drafts[0].blocks)
    if have >= 0.6 * len(data.body) or len(drafts) > 1:
        return None
    text = data.body
    document = read_html(f"<div>{text}</div>") if "<p" in text or "<br" in text else read_plain(text)
    region = find_region(document)
    found = split(document, label_page(document, region), region)
    if sum(len(b.text) for b in found[0].blocks) <= 1.3 * have:
        return None
    found[0].links = drafts[0].links + found[0].links
    found[0].cuts = drafts[0].cuts + found[0].cuts
    found[0].keyword_lines = drafts[0].keyword_lines or found[0].keyword_lines
    found[0].attributions = list(dict.fromkeys(drafts[0].attributions + found[0].attributions))
    found[0].meta_lines = drafts[0].meta_lines
    return found, document
