"""Who wrote a story, what it is filed under, what stands beside it: the page's word, as far as it is believed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from marsad.clean.blocks import Block, Document
from marsad.clean.cues import agencies_in, find_cue, opens_with, vocabulary
from marsad.clean.dates import find_printed_date
from marsad.clean.keywords import unique
from marsad.clean.labels import SILENT, Line
from marsad.clean.published import Context
from marsad.clean.record import Image
from marsad.clean.text import ends_sentence, fold
from marsad.clean.titles import clean_author, unique_names

_AUTHOR_METAS = (
    "author",
    "article:author",
    "article:author_name",
    "dc.creator",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
)
_AUTHOR_HINTS = frozenset({"author", "authors", "byline", "writer", "reporter", "editor", "creator"})
_NOT_AUTHOR_HINTS = frozenset(
    {"share", "social", "bio", "image", "img", "avatar", "date", "time", "related", "comment", "follow"}
)


def find_authors(page: Context) -> tuple[str, ...]:
    """People and desks named as authors; never an address, a share link or the site itself."""
    document = page.document
    claims: list[list[str]] = [list(document.chosen_text.get("authors", ()))]
    claims.append(page.data.authors if page.data else [])
    claims.append(page.metas(*_AUTHOR_METAS))
    claims.append([a.text for line in page.head_lines for a in line.block.links if "author" in a.rel.split()])
    claims.append([line.text for line in page.head_lines if line.label == "byline"])
    hinted = [line for line in page.head_lines if _names_author(document, line.block) and len(line.text) <= 90]
    claims.append([line.text for line in hinted])
    for values in claims:
        names = unique_names(n for v in values for n in clean_author(v, page.sites | _title_parts(page)))
        if names:
            return names
    return ()


def _title_parts(page: Context) -> frozenset[str]:
    """The short parts of the document's title: «عنوان - الموقع» names the site where nothing else does."""
    parts = re.split(r"\s+[|\-–—]\s+", page.document.head.title)
    return frozenset(fold(p) for p in parts if len(p.split()) <= 4) if len(parts) > 1 else frozenset()


def _names_author(document: Document, block: Block) -> bool:
    names = block.hints | document.containers[block.container].names
    return bool(names & _AUTHOR_HINTS) and not names & _NOT_AUTHOR_HINTS and find_printed_date(block.text) is None


def find_section(page: Context) -> str | None:
    """The site's section."""
    claims = [page.data.section if page.data else "", *page.metas("article:section", "cxenseparse:section", "section")]
    return next((c for c in claims if c and len(c) <= 60), None)


def find_keywords(page: Context, printed: Sequence[str]) -> tuple[str, ...]:
    """The story's keywords: those printed on the page, else those it declares."""
    if printed:
        return tuple(printed)
    declared = page.metas("article:tag") or (page.data.keywords if page.data else [])
    declared = declared or page.metas("news_keywords", "keywords")
    parts = [k for text in declared for k in re.split(r"\s*[,،;|]\s*", text)]
    title = fold(page.document.head.title)
    return tuple(k for k in unique(parts) if fold(k) != title and fold(k) not in page.sites and len(k) <= 60)


def absolute(page: Context, href: str | None) -> str | None:
    """An address made absolute, or None for what is no address of a page."""
    if not href:
        return None
    href = href.strip()
    if href.startswith(("javascript:", "mailto:", "tel:", "data:", "#", "whatsapp:")):
        return None
    base = page.document.head.base or page.url or page.document.head.canonical or ""
    try:
        full = urljoin(base, href)
        scheme = urlsplit(full).scheme
    except ValueError:
        return None
    return full if scheme in ("http", "https", "") and full else None


def canonical_url(page: Context) -> str | None:
    """The address the page calls canonical, made absolute; one that names only the site's root is no claim."""
    for claim in (page.document.head.canonical, *page.metas("og:url")[:1]):
        full = absolute(page, claim)
        if full and urlsplit(full).netloc and urlsplit(full).path.strip("/"):
            return full
    return None


def find_images(page: Context, first: int, last: int) -> tuple[Image, ...]:
    """The story's images: those that stand in it with their captions, else the one it declares.

    Args:
        page: the page.
        first: the index of the story's first block.
        last: the index of its last block.
    """
    document = page.document
    found: dict[str, Image] = {}
    for picture in document.pictures:
        if not first <= picture.block <= last + 1 or len(found) >= 20:
            continue
        address = absolute(page, picture.src)
        if (
            address is None
            or address in found
            or re.search(r"icon|logo|pixel|spacer|avatar|emoji|1x1", picture.src, re.I)
        ):
            continue
        found[address] = Image(address, _caption(document, picture.container))
    if not found:
        declared = (page.data.images if page.data else []) or [(v, None) for v in page.metas("og:image")[:1]]
        for src, caption in declared:
            if (address := absolute(page, src)) is not None:
                found.setdefault(address, Image(address, caption))
    return tuple(found.values())


def _caption(document: Document, container: int) -> str | None:
    for box in document.ancestors(container)[:3]:
        if box.tag == "figure" or box.names & {"caption", "wp-caption", "image", "photo", "figure"}:
            texts = [b.text for b in document.blocks[box.start : box.end] if b.kind == "caption" and b.text]
            if texts:
                return " ".join(texts)
    return None


_DATELINE = re.compile(
    r"^[\s«\"(]*(?P<place>[^\W\d_][^\d:.«»()\[\]\n]{1,40}?)\s*(?P<credit>[(\[][^()\[\]]{2,40}[)\]])?\s*"
    r"(?:[:：]|\s[-–—ـ]+|[-–—]{1,2}\s|/)\s*"
)


def find_dateline(paragraphs: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The place that opens a text («بيروت – …», «لندن: «…»», «موسكو (أ ف ب) - …»), and the agencies beside it."""
    if not paragraphs:
        return None, ()
    found = _DATELINE.match(paragraphs[0][:120])
    if found is None:
        return None, ()
    place = found["place"].strip(" ،,-–—")
    first = re.split(r"\s*[،,/]\s*|\s+[-–—]\s+", place)[0]
    credit = agencies_in((found["credit"] or "").strip("()[] "))
    places = {fold(p) for p in vocabulary()["places"]}
    if fold(first) in places or (credit and len(place.split()) <= 4):
        return first, credit
    return None, ()


def is_live_blog(page: Context, title: str | None) -> bool:
    """Whether the page is a running live page: marked as one, or titled so."""
    if page.data is not None and page.data.is_live:
        return True
    if any({"liveblog", "live-blog"} & box.names or {"live", "blog"} <= box.names for box in page.document.containers):
        return True
    return bool(title and (opens_with(title, "live") and re.match(r"^\W*\S+(?:\s+\S+)?\s*[:|\-–—]", title)))


_PAYWALL_NAMES = frozenset({"paywall", "paywalled", "premium-content", "subscriber-only", "metered"})


def is_paywalled(page: Context, texts: Sequence[str]) -> bool:
    """Whether only the open part is here."""
    if page.data is not None and not page.data.is_free:
        return True
    if "locked" in (v.lower() for v in page.metas("article:content_tier")):
        return True
    for box in page.document.containers:
        if box.names & _PAYWALL_NAMES and box.end - box.start <= 12 and box.end > box.start:
            return True
    return any(opens_with(t, "paywall") for t in texts if len(t) <= 250)


def find_lead(page: Context, title_index: int, first: int, lines: Sequence[Line]) -> str | None:
    """The standfirst: a paragraph of its own between the headline and the body, marked as one."""
    marks = {"lead", "summary", "standfirst", "excerpt", "intro", "subtitle", "deck", "dek", "teaser", "abstract"}
    for line in lines[title_index + 1 : first] if title_index >= 0 else ():
        names = line.block.hints | page.document.containers[line.block.container].names
        if names & marks and line.label in ("prose", "short", "heading") and len(line.text) >= 30:
            return line.text
    return None


def is_story_line(line: Line) -> bool:
    """Whether a line by the headline may carry the story's date or byline."""
    if (line.role in SILENT and line.role != "aside") or line.block.kind == "rule":
        return False
    cue = line.cue or find_cue(line.text, ("published", "modified", "byline"))
    return cue is not None or (len(line.text) <= 120 and not ends_sentence(line.text))
