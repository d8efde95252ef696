"""Who, when, where from: what a page says about its main story, and how far it is believed.

Every field has an order of sources, best first; a page's own contradiction of itself
(a weekday that is not the date's, a day yet to come) is reported, never mended.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from marsad.clean.blocks import Block, Document, TimeTag
from marsad.clean.cues import agencies_in, find_cue, opens_with, vocabulary
from marsad.clean.dates import PrintedDate, day_in_url, find_printed_date, instant_of, read_instant
from marsad.clean.jsonld import LinkedData
from marsad.clean.keywords import unique
from marsad.clean.labels import Line
from marsad.clean.record import Image, PublishedBasis
from marsad.clean.text import ends_sentence, fold
from marsad.clean.titles import clean_author, unique_names
from marsad.sources import Source


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a story must not be published: a reason for the quarantine, and what was seen."""

    reason: str
    evidence: str


@dataclass(slots=True)
class Dates:
    """When a story was published, by whose word."""

    published_at: datetime | None = None
    basis: PublishedBasis | None = None
    modified_at: datetime | None = None
    problem: Problem | None = None


_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "date", "pubdate",
    "publishdate", "publish-date", "publish_date", "publication_date", "dc.date", "dc.date.issued", "dcterms.created",
    "dcterms.date", "parsely-pub-date", "sailthru.date", "article.published", "cxenseparse:recs:publishtime",
)  # fmt: skip
_MODIFIED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")


@dataclass(slots=True)
class Context:
    """What the fields of one page are read with."""

    document: Document
    data: LinkedData | None
    sites: frozenset[str]
    zone: ZoneInfo
    url: str | None = None
    source: Source | None = None
    listed_at: datetime | None = None
    listed_by: str | None = None
    captured_on: date | None = None
    head_lines: list[Line] = field(default_factory=list)
    """The lines from the title to the first paragraph, and the bylines and dates of the story."""
    first_paragraph: str = ""

    def metas(self, *names: str) -> list[str]:
        """The values of some metas, in order of the names."""
        return [v for n in names for v in self.document.head.metas.get(n, ())]


def find_dates(page: Context) -> Dates:
    """The publication and modification instants of the main story.

    Order: JSON-LD, meta, time tags and printed dates by the headline, the address, the
    listing that showed the page. A day without an hour is midnight in the source's zone,
    as UTC. Every printed date by the headline is checked against its weekday, whichever
    claim is used.
    """
    found = Dates()
    printed = [(line, p) for line in page.head_lines if (p := find_printed_date(line.text)) is not None]
    for line, p in printed:
        if p.is_contradicted and found.problem is None:
            found.problem = Problem("weekday_contradicts_date", f"{line.text} ({p.day.isoformat()})")
    claims: list[tuple[PublishedBasis, str]] = [("json_ld", page.data.published if page.data else "")]
    claims += [("meta", v) for v in page.metas(*_PUBLISHED_METAS)]
    claims += [("page_text", t) for t in page.document.chosen_text.get("published", ())]
    claims += [("page_text", t.value) for t in _time_tags(page) if not t.is_updated]
    for basis, value in claims:
        instant = read_instant(value, page.zone) if value else None
        if instant is not None:
            found.published_at, found.basis = instant, basis
            break
    if found.published_at is None:
        _from_print(page, printed, found)
    if found.published_at is None and page.url and (day := day_in_url(page.url)) is not None:
        found.published_at = datetime.combine(day, time(), tzinfo=page.zone).astimezone(UTC)
        found.basis = "url"
    if found.published_at is None and page.listed_at is not None and page.listed_by in ("feed", "sitemap"):
        found.published_at = page.listed_at
        found.basis = "feed" if page.listed_by == "feed" else "sitemap"
    _modified(page, printed, found)
    _check_future(page, found)
    return found


def _from_print(page: Context, printed: Sequence[tuple[Line, PrintedDate]], found: Dates) -> None:
    labelled = sorted(printed, key=lambda item: 0 if item[0].cue and item[0].cue.kind == "published" else 1)
    for line, day in labelled:
        if day.is_contradicted or (line.cue and line.cue.kind == "modified"):
            continue
        found.published_at, found.basis = instant_of(day, page.zone), "page_text"
        return
    # «القاهرة – الثلاثاء 3 مارس 2026: …»: the day is part of the dateline
    opening = find_printed_date(page.first_paragraph[:90])
    if opening is not None and opening.start <= 25 and _OPENS.match(page.first_paragraph[opening.end :]):
        if opening.is_contradicted:
            found.problem = found.problem or Problem("weekday_contradicts_date", opening.text)
        else:
            found.published_at, found.basis = instant_of(opening, page.zone), "page_text"


_OPENS = re.compile(r"\s*[)\]]?\s*[-–—:]")


def _time_tags(page: Context) -> list[TimeTag]:
    """The time tags that speak of the story: marked as its date, or by its headline."""
    times = page.document.times
    indexes = [line.block.index for line in page.head_lines]
    low, high = (min(indexes) - 1, max(indexes) + 1) if indexes else (0, -1)
    marked = [t for t in times if t.name in ("datepublished", "datecreated")]
    near = [t for t in times if not t.name and low <= t.block <= high]
    return [t for t in [*marked, *near] if t.value]


def _modified(page: Context, printed: Sequence[tuple[Line, PrintedDate]], found: Dates) -> None:
    claims = [page.data.modified if page.data else "", *page.metas(*_MODIFIED_METAS)]
    claims += [t.value for t in page.document.times if t.is_updated]
    claims += [line.text for line, _ in printed if line.cue is not None and line.cue.kind == "modified"]
    for value in claims:
        instant = read_instant(value, page.zone) if value else None
        if instant is not None:
            found.modified_at = instant
            return


def _check_future(page: Context, found: Dates) -> None:
    if found.problem is not None or found.published_at is None or page.captured_on is None:
        return
    day = found.published_at.astimezone(page.zone).date()
    if day > page.captured_on + timedelta(days=1):
        seen = f"{found.basis}: {found.published_at.isoformat()}, captured on {page.captured_on.isoformat()}"
        found.problem = Problem("future_date", seen)


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
        names = unique_names(n for v in values for n in clean_author(v, page.sites))
        if names:
            return names
    return ()


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
    if line.role in ("nav", "footer", "comments", "hidden") or line.block.kind == "rule":
        return False
    cue = line.cue or find_cue(line.text, ("published", "modified", "byline"))
    return cue is not None or len(line.text) <= 120 and not ends_sentence(line.text)
