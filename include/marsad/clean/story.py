"""One story of a page, put together from its draft: text, and what the page says about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from marsad.clean.addresses import absolute, canonical_url
from marsad.clean.authors import credited_agencies, find_authors
from marsad.clean.blocks import Head
from marsad.clean.bylines import pieces
from marsad.clean.container import Region
from marsad.clean.cues import folded, holds
from marsad.clean.draft import Draft
from marsad.clean.kinds import is_breaking, is_live_blog, is_paywalled
from marsad.clean.labels import Line
from marsad.clean.language import detect_language
from marsad.clean.media import find_images, is_gallery
from marsad.clean.metadata import find_dateline, find_keywords, find_lead, find_section, is_story_line
from marsad.clean.published import Context, Problem, find_dates, own_context
from marsad.clean.record import Image, LinkKind, PublishedBasis, Role
from marsad.clean.text import ends_sentence, fold


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
    is_gallery: bool
    is_breaking: bool
    links: tuple[StoryLink, ...]
    cuts: tuple[StoryCut, ...]
    problem: Problem | None = None
    """Why it must not be published, if the page contradicts itself about its date."""

    @property
    def body(self) -> str:
        """The paragraphs joined by a blank line: the text all offsets count in."""
        return "\n\n".join(self.paragraphs)


def main_story(
    page: Context,
    draft: Draft,
    lines: Sequence[Line],
    region: Region,
    title: str | None,
    title_index: int,
    method: str,
    *,
    is_own_text: bool,
) -> Story:
    """The page's own story.

    Args:
        page: what the fields are read with; the places of title and text are noted in it.
        draft: its text, links and cuts.
        lines: all lines of the page.
        region: where it stands.
        title: its headline.
        title_index: the block that prints it, or -1.
        method: how the body was found.
        is_own_text: the draft's blocks are the page's, not a script's.
    """
    document = page.document
    box = document.containers[region.container]
    page.head_lines = _head_lines(draft, lines, box.start, title_index, is_plain=document.is_plain)
    page.first_paragraph = draft.blocks[0].text if draft.blocks else ""
    page.title_index = title_index
    first, last = box.start, box.end
    if is_own_text and draft.blocks:
        first, last = draft.blocks[0].index, draft.blocks[-1].index
        page.first, page.last = first, last
    found = find_dates(page)
    authors = find_authors(page)
    lead = find_lead(page, title_index, first, lines)
    shown = [x.text for x in lines[box.start : box.end + 15] if x.role not in ("nav", "footer", "comments")]
    story = _without_bylines(_story(page, draft, title, method), authors)
    images = find_images(page, max(0, title_index, first - 6) if title_index >= 0 else first, last)
    return replace(
        story,
        lead=None if lead and lead in story.paragraphs else lead,
        authors=authors,
        attributions=tuple(dict.fromkeys([*story.attributions, *credited_agencies(page)])),
        published_at=found.published_at,
        published_basis=found.basis,
        modified_at=found.modified_at,
        section=find_section(page),
        keywords=find_keywords(page, story.keywords),
        images=images,
        canonical_url=canonical_url(page),
        is_live_blog=is_live_blog(page, title),
        is_paywalled=is_paywalled(page, shown),
        is_gallery=is_gallery(page, title, images, story.paragraphs),
        is_breaking=is_breaking(page, title, story.paragraphs),
        problem=found.problem,
    )


def _without_bylines(story: Story, authors: Sequence[str]) -> Story:
    """A story without a first or last line that only says who wrote it, and where («بغداد - سامي الحداد»)."""
    names = {fold(a) for a in authors}
    paragraphs, cuts = list(story.paragraphs), list(story.cuts)
    for place in (0, -1):
        text = paragraphs[place] if len(paragraphs) > 1 else ""
        said = [fold(p) for p in pieces(text)] if 0 < len(text) <= 60 and not ends_sentence(text) else []
        if names.intersection(said) and all(p in names or p in folded("places") for p in said):
            cuts.append(StoryCut("byline_line", paragraphs.pop(place)))
    return replace(story, paragraphs=tuple(paragraphs), cuts=tuple(cuts))


def embedded_story(page: Context, draft: Draft, method: str) -> Story:
    """A second story: it has what it says itself, and nothing of the main one's."""
    first, last = draft.blocks[0], draft.blocks[-1]
    own = own_context(page, list(draft.meta_lines), first.index, last.index, first.text)
    found = find_dates(own)
    story = _story(page, draft, draft.title, method)
    return replace(
        story,
        images=_own_images(page, first.index, last.index) if own.document.blocks else (),
        authors=find_authors(own),
        attributions=tuple(dict.fromkeys([*story.attributions, *credited_agencies(own)])),
        published_at=found.published_at,
        published_basis=found.basis,
        problem=found.problem,
    )


def _own_images(page: Context, first: int, last: int) -> tuple[Image, ...]:
    """The pictures that stand in a second story; what the page declares is the main one's."""
    within = replace(page, data=None, document=replace(page.document, head=Head(base=page.document.head.base)))
    return find_images(within, first - 2, last)


def _head_lines(
    draft: Draft, lines: Sequence[Line], region_start: int, title_index: int, *, is_plain: bool
) -> list[Line]:
    """The lines that may say when and by whom: around the headline and at the story's head and foot."""
    if is_plain:
        return list(draft.meta_lines)
    first = draft.blocks[0].index if draft.blocks and draft.blocks[0].index < len(lines) else region_start
    start = title_index if title_index >= 0 else max(0, min(region_start, first) - 6)
    start = max(0, start - 4)
    head = [x for x in lines[start:first] if x.block.index != title_index and is_story_line(x)]
    seen = {id(x) for x in head}
    return head + [x for x in draft.meta_lines if id(x) not in seen]


_SOCIAL = re.compile(
    r"//(?:[\w.]+\.)?(?:facebook|twitter|x|t|wa|whatsapp|telegram|linkedin|pinterest)\.(?:com|me)/", re.I
)


def _story(page: Context, draft: Draft, title: str | None, method: str) -> Story:
    paragraphs = tuple(b.text for b in draft.blocks if b.text)
    if title and len(paragraphs) > 1 and fold(paragraphs[0]) == fold(title):
        paragraphs = paragraphs[1:]
    dateline, credited = find_dateline(paragraphs)
    text = "\n".join(paragraphs)
    keywords: tuple[str, ...] = ()
    if draft.keyword_lines:
        keywords = tuple(draft.keywords([title or "", *paragraphs, *(x.title for x in draft.links)]))
    links = (
        StoryLink(x.kind, x.title, absolute(page, x.href))
        for x in draft.links
        if len(x.title.split()) > 1 and not _SOCIAL.search(x.href or "")
    )
    return Story(
        role=draft.role, title=title, lead=None, paragraphs=paragraphs, authors=(), published_at=None,
        published_basis=None, modified_at=None, section=None, keywords=keywords,
        attributions=tuple(dict.fromkeys([*credited, *draft.attributions])), dateline=dateline, images=(),
        language=detect_language(text) or detect_language(f"{title or ''} {text}"),
        canonical_url=None, extraction_method=method,
        is_live_blog=False, is_paywalled=False, is_gallery=False, is_breaking=False,
        links=tuple(dict.fromkeys(links)), cuts=tuple(StoryCut(rule, text) for rule, text in draft.cuts if text),
    )  # fmt: skip


def has_story(draft: Draft, lines: Sequence[Line], story: Story) -> bool:
    """Whether there is running text (a sentence at least, and not lost among links), or a breaking line."""
    if story.is_breaking:
        return True
    size = sum(len(p) for p in story.paragraphs)
    if size < 300 and any(holds(t, "missing_page") for t in (story.title or "", *story.paragraphs)):
        return False
    if size < 40 or not any(b.is_prose for b in draft.blocks):
        return False
    linked = sum(len(x.text) for x in lines if x.label == "links" and not x.role)
    return size >= 600 or linked <= 4 * size or bool(story.title)
