"""The heat map: for each source and day what came of it, how much, and where it tends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median
from typing import Literal, NamedTuple

from marsad.console.cache import Cache
from marsad.console.days import Day, read_day
from marsad.console.steps import reports_of_partition
from marsad.context import Context
from marsad.partition import ALL_SOURCES, Partition
from marsad.report.alarms import alarms_in
from marsad.sources import Source

Status = Literal[
    "published", "blocked", "silent", "late", "unfinished", "no_route", "unreadable", "waiting", "off", "none"
]
"""What came of a day: published; blocked by a gate; silent, the site gave nothing; late, it should be published by now;
unfinished, a run began and has not ended; no_route, it was missed and no route reaches back; unreadable, its manifest
is spoilt; waiting, it is not due yet; off, the source is not enabled; none, before its first day or after its last."""

TROUBLE = frozenset({"blocked", "silent", "late", "unfinished", "unreadable", "no_route"})
_SILENCE = frozenset({"something_discovered", "something_captured", "something_found"})
"""Checks that fail where a site gave nothing; where others fail too, there was something to judge."""
HEATS = 5
WEEK = 7
_ENOUGH = 3
"""Published days that a week's mean is made of, at least."""
_AT_ONCE = 16
"""Days read at once."""


class Cell(NamedTuple):
    """One source on one day; a tuple, for a map has thousands."""

    day: date
    status: Status
    stories: int = 0
    heat: int = 0
    """0 to HEATS: how many stories, measured by the source's own usual day; HEATS is twice the usual or more."""
    has_override: bool = False
    checks: tuple[str, ...] = ()
    """What blocks it."""


@dataclass(frozen=True)
class Row:
    """One source."""

    source: Source
    cells: tuple[Cell, ...]
    trend: float | None
    """The last week's stories a day against the week before, 0.1 for a tenth more; None where there is too little."""

    @property
    def is_troubled(self) -> bool:
        """Whether somebody should look at it."""
        return any(cell.status in TROUBLE for cell in self.cells)


@dataclass(frozen=True)
class Total:
    """One day over the sources shown."""

    day: date
    published: int
    expected: int
    stories: int


@dataclass(frozen=True)
class DayInNumbers:
    """The last day of the map, over the sources shown."""

    outcomes: Mapping[str, int]
    rows: Mapping[str, int]
    """Published rows by dataset."""
    quarantined: Mapping[str, int]
    sources: int
    across: Mapping[str, int]
    """Rows made across sources; empty for who may not read all of them."""


@dataclass(frozen=True)
class HeatMap:
    """Sources by days."""

    days: tuple[date, ...]
    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    statuses: Mapping[str, int]
    numbers: DayInNumbers


def heat_map(ctx: Context, cache: Cache, readable: Collection[str], last: date, count: int) -> HeatMap:
    """The map of the days that end with one, of the sources that may be read.

    A source that is off is shown where the lake holds something of it in these days.

    Raises:
        LakeUnusable: the lake cannot be read.
    """
    days = tuple(last - timedelta(days=n) for n in range(count - 1, -1, -1))
    # side by side: in a store each day is three listings, and a hundred files where it is new
    with ThreadPoolExecutor(_AT_ONCE) as readers:
        held = dict(zip(days, readers.map(lambda day: read_day(day, ctx.lake, cache), days), strict=True))
    rows = []
    for name in sorted(readable):
        source = ctx.sources[name]
        is_there = any(name in d.published or name in d.scraped for d in held.values())
        if (source.is_enabled and (source.closed_on is None or source.closed_on >= days[0])) or is_there:
            rows.append(_row(source, days, held, ctx, cache))
    totals = tuple(_total(n, day, rows) for n, day in enumerate(days))
    statuses = Counter[str](cell.status for row in rows for cell in row.cells)
    names = {row.source.name for row in rows}
    is_all = set(readable) == set(ctx.sources)
    return HeatMap(days, tuple(rows), totals, dict(statuses), _numbers(held[last], names, is_all))


def _row(source: Source, days: Sequence[date], held: Mapping[date, Day], ctx: Context, cache: Cache) -> Row:
    now = ctx.now()
    due = source.day_of(now - timedelta(hours=ctx.settings.late_after_h)) - timedelta(days=1)
    counts = {d: held[d].published[source.name].stories for d in days if source.name in held[d].published}
    first = source.terms.read_on if source.terms else min(counts, default=due)
    usual = median([n for n in counts.values() if n] or [1])
    cells = []
    for day in days:
        published = held[day].published.get(source.name)
        if published is not None:
            heat = 0 if not counts[day] else min(HEATS, max(1, round(counts[day] / usual * HEATS / 2)))
            cells.append(Cell(day, "published", counts[day], heat, published.has_override))
        else:
            cells.append(_unpublished(source, day, held[day], first, due, ctx, cache))
    return Row(source, tuple(cells), _trend(counts, days))


def _unpublished(source: Source, day: date, held: Day, first: date, due: date, ctx: Context, cache: Cache) -> Cell:
    name = source.name
    if name in held.unreadable:
        return Cell(day, "unreadable")
    if name in held.gated or name in held.scraped:
        reports = reports_of_partition(Partition(name, day), ctx.lake, cache)
        if all(r.is_success or r.override is not None for r in reports):
            return Cell(day, "unfinished")
        blocking = [a.check for a in alarms_in(Partition(name, day), ctx.lake, reports) if a.is_blocking]
        is_silent = bool(blocking) and set(blocking) <= _SILENCE
        return Cell(day, "silent" if is_silent else "blocked", checks=tuple(dict.fromkeys(blocking)))
    if source.closed_on is not None and day > source.closed_on:
        return Cell(day, "none")
    if not source.is_enabled:
        return Cell(day, "off")
    if day > due:
        return Cell(day, "waiting")
    if day < first and day != due:
        return Cell(day, "none")
    is_past = day < source.day_of(ctx.now()) - timedelta(days=1)
    if is_past and not any(route.is_dated for route in source.discover):
        return Cell(day, "no_route")
    return Cell(day, "late")


def _trend(counts: Mapping[date, int], days: Sequence[date]) -> float | None:
    last = days[-1]
    weeks: tuple[list[int], list[int]] = ([], [])
    for day, count in counts.items():
        back = (last - day).days
        if back < 2 * WEEK:
            weeks[back // WEEK].append(count)
    new, old = weeks
    if len(new) < _ENOUGH or len(old) < _ENOUGH or not fmean(old):
        return None
    return fmean(new) / fmean(old) - 1


def _total(n: int, day: date, rows: Sequence[Row]) -> Total:
    cells = [row.cells[n] for row in rows]
    expected = sum(c.status == "published" or c.status in TROUBLE for c in cells)
    return Total(day, sum(c.status == "published" for c in cells), expected, sum(c.stories for c in cells))


def _numbers(day: Day, names: Collection[str], is_all: bool) -> DayInNumbers:
    outcomes: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    found = [published for name, published in day.published.items() if name in names]
    for published in found:
        outcomes.update(published.outcomes)
        quarantined.update(published.quarantined)
        rows.update(published.rows)
    across = day.published.get(ALL_SOURCES) if is_all else None
    return DayInNumbers(
        dict(outcomes.most_common()),
        dict(rows),
        dict(quarantined.most_common()),
        len(found),
        dict(across.rows) if across else {},
    )
