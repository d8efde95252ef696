"""When a story was published and changed, by whose word.

Every claim has a rank, best first. A page's contradiction of itself (a weekday that is not
the date's, a day yet to come) is reported and never mended: nobody here can know which of
the two is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from marsad.clean.blocks import Document, TimeTag
from marsad.clean.dates import PrintedDate, day_in_url, find_printed_date, instant_of, read_instant
from marsad.clean.jsonld import LinkedData
from marsad.clean.labels import Line
from marsad.clean.record import PublishedBasis
from marsad.clean.text import fold
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
    if found.published_at is None and printed and not printed[0][1].is_contradicted:
        # the day of the last change is the best the page prints
        found.published_at, found.basis = instant_of(printed[0][1], page.zone), "page_text"
    if found.published_at is None and page.listed_at is not None and page.listed_by in ("feed", "sitemap"):
        found.published_at = page.listed_at
        found.basis = "feed" if page.listed_by == "feed" else "sitemap"
    _modified(page, printed, found)
    _check_future(page, found)
    return found


def _from_print(page: Context, printed: Sequence[tuple[Line, PrintedDate]], found: Dates) -> None:
    labelled = sorted(printed, key=lambda item: 0 if item[0].cue and item[0].cue.kind == "published" else 1)
    for line, day in labelled:
        if day.is_contradicted or _speaks_of_update(line):
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


def _speaks_of_update(line: Line) -> bool:
    """Whether a date's line is about the last change: it says so, and says nothing of publication."""
    if line.cue is not None and line.cue.kind in ("published", "modified"):
        return line.cue.kind == "modified"
    folded = fold(line.text)
    return any(cue in folded for cue in ("اخر تحديث", "تم التحديث", "اخر تعديل"))


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
