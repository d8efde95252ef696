"""When a story was published and changed, by whose word.

Every claim has a rank, best first. A page's contradiction of itself (a weekday that is not
the date's, a day yet to come) is reported and never mended: nobody here can know which of
the two is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from marsad.clean.blocks import Document, TimeTag
from marsad.clean.cues import vocabulary
from marsad.clean.dates import PrintedDate, day_in_url, find_printed_date, instant_of, read_instant
from marsad.clean.jsonld import LinkedData
from marsad.clean.labels import SILENT, Line
from marsad.clean.record import PublishedBasis
from marsad.clean.text import pattern_of
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
_ITEMPROPS = frozenset({"datepublished", "datemodified"})


@dataclass(slots=True)
class Context:
    """What the fields of one story are read with."""

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
    title_index: int = -1
    """The block of the headline, of the first and of the last paragraph; -1 where not known."""
    first: int = -1
    last: int = -1

    def metas(self, *names: str) -> list[str]:
        """The values of some metas, in order of the names."""
        metas = self.document.head.metas
        return [v for n in names if n in metas for v in metas[n]]


def find_dates(page: Context) -> Dates:
    """The publication and modification instants of a story.

    Order: JSON-LD, meta, time tags and printed dates by the headline, the address, the
    listing that showed the page. A day without an hour takes the hour from the next claim that
    gives one for the same day; else it is midnight in the source's zone, as UTC. Every printed
    date by the headline is checked against its weekday, whichever claim is used.
    """
    found = Dates()
    printed = list(_printed(page))
    for item in printed:
        if item.day.is_contradicted and found.problem is None:
            found.problem = Problem("weekday_contradicts_date", f"{item.line.text} ({item.day.day.isoformat()})")
    _best_claim(page, printed, found)
    if found.published_at is None:
        _from_dateline(page, found)
    if found.published_at is None and page.url and (day := day_in_url(page.url)) is not None:
        found.published_at = datetime.combine(day, time(), tzinfo=page.zone).astimezone(UTC)
        found.basis = "url"
    changed = next((p.day for p in printed if p.speaks_of == "modified" and not p.day.is_contradicted), None)
    if found.published_at is None and changed is not None:
        # the day of the last change is the best the page prints
        found.published_at, found.basis = instant_of(changed, page.zone), "page_text"
    if found.published_at is None and page.listed_at is not None and page.listed_by in ("feed", "sitemap"):
        found.published_at = page.listed_at
        found.basis = "feed" if page.listed_by == "feed" else "sitemap"
    _modified(page, printed, found)
    _check_future(page, found)
    return found


_HOUR = re.compile(r"\d\s?[:.]\s?[0-5]\d|^\d{10,14}$|T\d{4}")
_MIDNIGHT = re.compile(r"[T\s]00:00(?::00(?:[.,]0+)?)?\s*(?:Z|[+-]00:?00)?$", re.I)


def _claims(page: Context, printed: Sequence[_Printed]) -> Iterator[tuple[PublishedBasis, datetime, bool]]:
    """Who says when, best first, and whether it is a day without an hour."""
    declared: list[tuple[PublishedBasis, str]] = [("json_ld", page.data.published if page.data else "")]
    declared += [("meta", v) for v in _metas(page, _PUBLISHED_METAS)]
    declared += [("page_text", t) for t in page.document.chosen_text.get("published", ())]
    declared += [("page_text", t.value) for t in _time_tags(page) if not t.is_updated]
    for basis, value in declared:
        instant = read_instant(value, page.zone) if value else None
        if instant is not None:
            yield basis, instant, _HOUR.search(value) is None or _MIDNIGHT.search(value) is not None
    for item in sorted(printed, key=lambda p: p.speaks_of != "published"):
        if not item.day.is_contradicted and item.speaks_of != "modified":
            yield "page_text", instant_of(item.day, page.zone), item.day.clock is None


def _best_claim(page: Context, printed: Sequence[_Printed], found: Dates) -> None:
    for basis, instant, is_day in _claims(page, printed):
        if found.published_at is None:
            found.published_at, found.basis = instant, basis
            if not is_day:
                return
        elif not is_day and instant.astimezone(page.zone).date() == found.published_at.astimezone(page.zone).date():
            found.published_at, found.basis = instant, basis
            return


def _metas(page: Context, names: Sequence[str]) -> list[str]:
    """The values of date metas; an itemprop that stands several times with several values is a list of stories."""
    metas = page.document.head.metas
    return [v for n in names if n in metas and (n not in _ITEMPROPS or len(set(metas[n])) == 1) for v in metas[n]]


def _from_dateline(page: Context, found: Dates) -> None:
    """«القاهرة – الثلاثاء 3 مارس 2026: …»: the day is part of the dateline."""
    opening = find_printed_date(page.first_paragraph[:90])
    if opening is not None and opening.start <= 25 and _OPENS.match(page.first_paragraph[opening.end :]):
        if opening.is_contradicted:
            found.problem = found.problem or Problem("weekday_contradicts_date", opening.text)
        else:
            found.published_at, found.basis = instant_of(opening, page.zone), "page_text"


_OPENS = re.compile(r"\s*[)\]]?\s*[-–—:]")


SpeaksOf = Literal["published", "modified", ""]


@dataclass(frozen=True, slots=True)
class _Printed:
    """A date that a line of the story prints."""

    speaks_of: SpeaksOf
    day: PrintedDate
    line: Line


@lru_cache(maxsize=1)
def _speaks() -> re.Pattern[str]:
    def either(kind: str) -> str:
        return "|".join(pattern_of(p) for p in sorted(vocabulary()[kind], key=lambda p: (-len(p), p)))

    return re.compile(
        rf"(?<!\w)(?:(?P<modified>{either('modified')})|(?P<published>{either('published')}))(?!\w)", re.I
    )


_YEAR = re.compile(r"[12١٢۱۲][\d٠-٩۰-۹]{3}")
_CLOCK_LINE = re.compile(r"^\W*(?:الساعة\s*)?[\d٠-٩]{1,2}\s?[:.]\s?[\d٠-٩]{2}(?!\d).{0,25}$", re.S)


def _printed(page: Context) -> Iterator[_Printed]:
    """The dates of the lines that may date the story, each with what its line says of it."""
    for position, line in enumerate(page.head_lines):
        text = line.text
        if len(text) > 200 or _YEAR.search(text) is None or not _may_date(page, line):
            continue
        offset = 0
        speaks_of: SpeaksOf = ""
        for _ in range(3):
            day = find_printed_date(text[offset:])
            if day is None:
                break
            for said in _speaks().finditer(text, offset, offset + day.start):
                speaks_of = "modified" if said["modified"] else "published"
            if not speaks_of and line.cue is not None and line.cue.kind in ("published", "modified"):
                speaks_of = "modified" if line.cue.kind == "modified" else "published"
            if not speaks_of and position and _is_label(page.head_lines[position - 1], line):
                speaks_of = _said(page.head_lines[position - 1].text)
            end = offset + day.end
            if not speaks_of:
                speaks_of = _said(text[offset + day.start : end])  # «3 مارس 2026، آخر تحديث 14:00»
            if day.clock is None:
                day = _with_clock(day, text, page.head_lines[position + 1 : position + 2])
            if speaks_of or _may_date_unsaid(page, line):
                yield _Printed(speaks_of, day, line)
            offset = end


def _is_label(label: Line, line: Line) -> bool:
    """Whether a line may be «نشر في» over a date."""
    return (
        label.block.index == line.block.index - 1 and len(label.text) <= 30 and _speaks().search(label.text) is not None
    )


def _said(text: str) -> SpeaksOf:
    """What a text says of a date: the first word for it."""
    found = _speaks().search(text)
    return "" if found is None else "modified" if found["modified"] else "published"


def _with_clock(day: PrintedDate, text: str, following: Sequence[Line]) -> PrintedDate:
    """A date whose hour stands on the next line."""
    if following and _CLOCK_LINE.match(following[0].text[:60]):
        return find_printed_date(f"{text} {following[0].text}") or day
    return day


def _may_date(page: Context, line: Line) -> bool:
    """Whether a line is the story's: by the headline, in the text or soon after it, not in a box of others."""
    index = line.block.index
    if line.role in ("related", "tags") or (line.role in SILENT and line.role != "aside"):
        return False
    if line.role == "aside" and not (page.first >= 0 and index < page.first):
        return False
    return page.last < 0 or index <= page.last + 15


def _may_date_unsaid(page: Context, line: Line) -> bool:
    """Whether a date without a word of what it is may be the story's: by the headline or at its foot.

    In the middle of the text it belongs to what the text tells; far above the headline, to the site.
    """
    index = line.block.index
    if page.first < 0:
        return True
    if index >= page.first:
        return page.last < index <= page.last + 3
    if 0 <= index < page.title_index:
        document = page.document
        for box in document.ancestors(line.block.container):
            if box.start <= page.title_index < box.end:
                return box.start >= page.title_index - 8
    return True


def _time_tags(page: Context) -> list[TimeTag]:
    """The time tags that speak of the story: marked as its date, or by its headline."""
    times = page.document.times
    if not times:
        return []
    near: set[int] = set()
    for line in page.head_lines:
        if _may_date(page, line) and _may_date_unsaid(page, line):
            near |= {line.block.index - 1, line.block.index, line.block.index + 1}
    if page.title_index >= 0 and page.first >= 0:
        near |= set(range(page.title_index, page.first + 1))
    marked = [t for t in times if t.value and t.name in ("datepublished", "datecreated")]
    own = [t for t in marked if t.block in near]
    if not own and len({t.value[:10] for t in marked}) == 1:
        own = marked
    return own + [t for t in times if t.value and not t.name and t.block in near]


def _modified(page: Context, printed: Sequence[_Printed], found: Dates) -> None:
    """The last change: the first claim that is not before the publication."""
    claims = [page.data.modified if page.data else "", *_metas(page, _MODIFIED_METAS)]
    times = [t for t in page.document.times if t.is_updated and t.value]
    if len({t.value for t in times}) == 1:
        claims += [t.value for t in times]
    instants = [read_instant(c, page.zone) for c in claims if c]
    instants += [
        instant_of(p.day, page.zone) for p in printed if p.speaks_of == "modified" and not p.day.is_contradicted
    ]
    earliest = None if found.published_at is None else found.published_at - timedelta(minutes=1)
    for instant in instants:
        if instant is not None and (earliest is None or instant >= earliest):
            found.modified_at = instant
            return


def _check_future(page: Context, found: Dates) -> None:
    if found.problem is not None or found.published_at is None or page.captured_on is None:
        return
    day = found.published_at.astimezone(page.zone).date()
    if day > page.captured_on + timedelta(days=1):
        seen = f"{found.basis}: {found.published_at.isoformat()}, captured on {page.captured_on.isoformat()}"
        found.problem = Problem("future_date", seen)


def own_context(page: Context, lines: list[Line], first: int, last: int, paragraph: str = "") -> Context:
    """The context of a second story: its own lines and the time tags among them, nothing of the page's.

    Args:
        page: the page's context.
        lines: the bylines and dates that stand at the second story's head or foot.
        first: the index of its first block of text.
        last: the index of its last.
        paragraph: its first paragraph.
    """
    document = page.document
    low = min([x.block.index for x in lines] + [first])
    own = Document(document.blocks, document.containers, times=[t for t in document.times if low <= t.block <= last])
    return Context(
        own, None, page.sites, page.zone, captured_on=page.captured_on, head_lines=lines,
        first_paragraph=paragraph, first=first, last=last,
    )  # fmt: skip
