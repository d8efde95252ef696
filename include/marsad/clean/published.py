"""When a story was published and changed, by whose word.

Every claim has a rank, best first. A page's contradiction of itself (a weekday that is not
the date's, a day yet to come) is reported and never mended: nobody here can know which of
the two is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from marsad.clean.blocks import TimeTag
from marsad.clean.context import Context, own_context
from marsad.clean.dates import day_in_url, find_printed_date, instant_of, read_instant
from marsad.clean.printed import Printed, may_date, may_date_unsaid, printed_dates, stands_above
from marsad.clean.record import PublishedBasis

__all__ = ["Context", "Dates", "Problem", "find_dates", "own_context"]


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


def find_dates(page: Context) -> Dates:
    """The publication and modification instants of a story.

    Order: JSON-LD, meta, time tags and printed dates by the headline, the address, the
    listing that showed the page. A day without an hour takes the hour from the next claim that
    gives one for the same day; else it is midnight in the source's zone, as UTC. Every printed
    date by the headline is checked against its weekday, whichever claim is used.
    """
    found = Dates()
    printed = list(printed_dates(page))
    for item in printed:
        reason = item.day.contradiction
        if reason is not None and found.problem is None:
            found.problem = Problem(reason, f"{item.line.text} ({item.day.day.isoformat()})")
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


def _claims(page: Context, printed: Sequence[Printed]) -> Iterator[tuple[PublishedBasis, datetime, bool]]:
    """Who says when, best first, and whether it is a day without an hour."""
    declared: list[tuple[PublishedBasis, str]] = [("meta", v) for v in _metas(page, _PUBLISHED_METAS)]
    if page.data is not None:
        declared.insert(0 if page.data.is_article else len(declared), ("json_ld", page.data.published))
    declared += [("page_text", t) for t in page.document.chosen_text.get("published", ())]
    declared += [("page_text", t.value) for t in _time_tags(page) if not t.is_updated]
    for basis, value in declared:
        instant = read_instant(value, page.zone) if value else None
        if instant is not None:
            yield basis, instant, _HOUR.search(value) is None or _MIDNIGHT.search(value) is not None
    # a Hijri day alone was converted and may be a day off
    for item in sorted(printed, key=lambda p: _rank(page, p)):
        if not item.day.is_contradicted and item.speaks_of != "modified":
            yield "page_text", instant_of(item.day, page.zone), item.day.clock is None


def _rank(page: Context, item: Printed) -> tuple[bool, bool, bool]:
    return item.day.calendar == "hijri", item.speaks_of != "published", stands_above(page, item.line)


def _best_claim(page: Context, printed: Sequence[Printed], found: Dates) -> None:
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
    return [v for n in names if n in metas and (n not in _ITEMPROPS or len(set(metas[n])) == 1) for v in metas[n][:20]]


def _from_dateline(page: Context, found: Dates) -> None:
    """«القاهرة – الثلاثاء 3 مارس 2026: …»: the day is part of the dateline."""
    opening = find_printed_date(page.first_paragraph[:90])
    if opening is not None and opening.start <= 25 and _OPENS.match(page.first_paragraph[opening.end :]):
        if opening.contradiction is not None:
            found.problem = found.problem or Problem(opening.contradiction, opening.text)
        else:
            found.published_at, found.basis = instant_of(opening, page.zone), "page_text"


_OPENS = re.compile(r"\s*[)\]]?\s*(?:[(\[][^()\[\]]{2,40}[)\]])?\s*[-–—:ـ]")


def _time_tags(page: Context) -> list[TimeTag]:
    """The time tags that speak of the story: marked as its date, or by its headline."""
    times = page.document.times
    if not times:
        return []
    near: set[int] = set()
    for line in page.head_lines:
        if may_date(page, line) and may_date_unsaid(page, line):
            near |= {line.block.index - 1, line.block.index, line.block.index + 1}
    if page.title_index >= 0 and page.first >= 0:
        near |= set(range(page.title_index, page.first + 1))
    marked = [t for t in times if t.value and t.name in ("datepublished", "datecreated")]
    own = [t for t in marked if t.block in near]
    if not own and len({t.value[:10] for t in marked}) == 1:
        own = marked
    return own + [t for t in times if t.value and not t.name and t.block in near]


def _modified(page: Context, printed: Sequence[Printed], found: Dates) -> None:
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
