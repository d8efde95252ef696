"""The people and desks who wrote a story, and the agencies named beside them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from marsad.clean.blocks import Block, Document
from marsad.clean.bylines import clean_author, has_role, is_person, is_role, pieces, unique_names
from marsad.clean.context import Context
from marsad.clean.cues import agencies_in, folded, opens_with
from marsad.clean.dates import find_printed_date
from marsad.clean.labels import SILENT, Line
from marsad.clean.text import fold, word_set

_AUTHOR_METAS = (
    "author", "article:author", "article:author_name", "dc.creator", "dcterms.creator", "parsely-author",
    "sailthru.author", "cxenseparse:author", "byl", "dcsext.author", "og:article:author",
)  # fmt: skip
_AUTHOR_HINTS = word_set("author authors byline writer writers reporter editor creator كاتب الكاتب المحرر")
_NOT_AUTHOR_HINTS = word_set("share social bio image img avatar date time related comment comments follow views")
_BOXES = word_set("box bio card info about profile block details")
_AUTHOR_PATH = re.compile(r"/(?:authors?|writers?|columnists?|reporters?|كاتب|الكاتب|كتاب|الكتاب)/", re.I)
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)+|[a-z]+\d*")
_MOST = 30
_OF_OTHERS = SILENT | {"related", "tags"}
_ARABIC = re.compile("[\u0620-\u064a]")


def find_authors(page: Context) -> tuple[str, ...]:
    """People and desks named as authors; never an address, a share link, a place or an agency.

    Order: layout, JSON-LD, meta, links to an author's page, printed bylines, elements marked as
    the author, a box at the foot. A name that looks like an account of the CMS (one word, or Latin
    letters over an Arabic story) gives way to a name the page prints. The site itself is an
    author only where JSON-LD declares it to be and nobody else is named.
    """
    document = page.document
    declared = page.data.authors if page.data else []
    weak: tuple[str, ...] = ()
    claims: list[Sequence[str]] = [document.chosen_text.get("authors", ()), declared, page.metas(*_AUTHOR_METAS)]
    for values in claims:
        names = unique_names(n for v in values for n in clean_author(v, page.sites))
        if names and not all(_is_weak(page, n) for n in names):
            return names
        weak = weak or names
    sites = page.sites | _title_parts(page)
    for values in _printed(page):
        names = unique_names(n for v in values[:_MOST] for n in clean_author(v, sites))
        if names:
            return names
    return weak or unique_names(a for a in declared if fold(a) in page.sites and len(a) <= 60)


def credited_agencies(page: Context) -> tuple[str, ...]:
    """The agencies the page names where its author stands: they are attributions, not authors."""
    values = [*(page.data.authors if page.data else []), *page.metas("author")]
    values += [line.text for line in _lines(page) if line.label == "byline" or _names_author(page.document, line.block)]
    found = (
        part for v in values[:_MOST] for part in pieces(v[:200]) if agencies_in(part) and fold(part) not in page.sites
    )
    return unique_names(found)


def _is_weak(page: Context, name: str) -> bool:
    """Whether a declared name may be an account's rather than a person's."""
    if _SLUG.fullmatch(name) or len(name.split()) == 1:
        return True
    return not _ARABIC.search(name) and _ARABIC.search(page.first_paragraph[:200]) is not None


def _printed(page: Context) -> Iterable[Sequence[str]]:
    """What the page prints of its authors, the surest place first."""
    document = page.document
    lines = _lines(page)
    text = page.first_prose()
    head = [x for x in lines if x.block.index < text]
    for near in (head, lines) if head else (lines,):
        yield [a.text for x in near for a in x.block.links if "author" in a.rel.split() or _AUTHOR_PATH.search(a.href)]
        yield [x.text for x in near if x.label == "byline"]
        yield [_beside_date(x.text) for x in near if x.label == "date" and opens_with(x.text, "byline")]
        yield [x.text for label, x in itertools.pairwise(near) if is_role(label.text) and _follows(label, x)]
        yield [_beside_date(x.text) for x in near if len(x.text) <= 120 and _names_author(document, x.block)]
    pieces_of = [p for x in head if len(x.text) <= 120 for p in _beside_date(x.text).split("|")]
    yield [name for text in [*pieces_of, page.first_paragraph] if (name := _after_place(text))]
    if len(page.first_paragraph) <= 70 and ":" in page.first_paragraph and has_role(page.first_paragraph):
        yield [page.first_paragraph]  # «حوار: سمر داود»
    blocks = [x.block for x in head if x.block.index > page.title_index]
    if page.last >= 0:
        blocks += [document.blocks[page.first], document.blocks[page.last]]
    yield [name for block in blocks if not block.links for name in _people(block)][:3]
    if not page.is_second:
        yield _in_one_box(document)


def _lines(page: Context) -> list[Line]:
    """The lines that may hold the byline: by the headline, or soon after the text; not the page's furniture."""
    low, high = page.first, page.last
    own = [x for x in page.head_lines if x.role not in _OF_OTHERS or (x.role == "aside" and x.block.index < low)]
    return [x for x in own if high < 0 or x.block.index <= high + 12]


def _follows(label: Line, line: Line) -> bool:
    return line.block.index == label.block.index + 1 and len(line.text) <= 90


def _names_author(document: Document, block: Block) -> bool:
    names = block.hints | document.containers[block.container].names
    return not names.isdisjoint(_AUTHOR_HINTS) and names.isdisjoint(_NOT_AUTHOR_HINTS)


def _beside_date(text: str) -> str:
    """A line without the date printed on it."""
    found = find_printed_date(text)
    return text if found is None else f"{text[: found.start]} | {text[found.end :]}"


_IN_BRACKETS = re.compile(r"[(\[][^()\[\]]{0,40}[)\]]")


def _people(block: Block) -> list[str]:
    """The names of people that a line over or under the text is made of, beside dates and places."""
    if len(block.text) > 120 or block.kind in ("heading", "caption"):
        return []
    line = _IN_BRACKETS.sub(" ", _beside_date(block.text))
    parts = [p for p in pieces(line) if fold(p) not in folded("places")]
    names = [p for p in parts if is_person(p)] if len(parts) <= 4 else []
    # a sentence may hold a name between commas: it is about him
    return names if len(names) == len(parts) or not block.is_prose else []


_AFTER_PLACE = re.compile(
    r"^\W*(?P<place>[^\d:،.«»()\-–—ـ/|]{2,25}?)\s*[:：/ـ\-–—|]+\s*(?P<of>من\s+)?(?P<name>[^:«».،؟!()]{5,45}?)"
    r"\s*(?P<end>$|[:：]|[-–—ـ]{1,2}\s)"
)


def _after_place(text: str) -> str:
    """The name in «القاهرة - محمد علي», alone on its line or before the text; an empty string where there is none."""
    found = _AFTER_PLACE.match(text[:90])
    if found is None or fold(found["place"]) not in folded("places"):
        return ""
    count = len(found["name"].split())
    is_line = len(text) <= 75 and not found["end"]
    if not 2 <= count <= 4 or not (is_line or found["of"]) or _ARABIC.search(found["name"]) is None:
        return ""
    return found["name"]


def _in_one_box(document: Document) -> list[str]:
    """The name in the page's author boxes, where all name the same one: a list of columnists names many."""
    found: dict[str, str] = {}
    for block in document.blocks:
        if block.links and len(block.text) <= 60:
            for link in block.links:
                if link.rel and "author" in link.rel.split():
                    found.setdefault(fold(link.text), link.text)
    boxes = document.containers if not found else []
    for box in boxes:
        if not box.names or box.names.isdisjoint(_BOXES) or box.names.isdisjoint(_AUTHOR_HINTS):
            continue
        if 0 < box.end - box.start <= 12 and len(text := document.blocks[box.start].text) <= 60:
            found.setdefault(fold(text), text)
    return list(found.values()) if len(found) == 1 else []


def _title_parts(page: Context) -> frozenset[str]:
    """The short parts of the document's title: «عنوان - الموقع» names the site where nothing else does."""
    parts = re.split(r"\s+[|\-–—]\s+", page.document.head.title)
    return frozenset(fold(p) for p in parts if len(p.split()) <= 4) if len(parts) > 1 else frozenset()
