"""What goes on, seen from the lake: which sources lag, what is blocked, which alarms are open.

The one place that `marsad metrics`, `marsad health`, the DAG `observe` and the health page look through. It reads
manifests, gate reports and the state of polls of the last week, and asks no site.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from marsad.clean.record import ARTICLES
from marsad.context import Context
from marsad.errors import MarsadError
from marsad.gate.override import read_decisions
from marsad.metrics import Point, point
from marsad.partition import Partition
from marsad.publish.manifest import Manifest, read_manifest
from marsad.report.alarms import alarms_of
from marsad.scrape.poll import PollState, read_states
from marsad.sources import Source

WATCHED_DAYS = 7


@dataclass(frozen=True)
class SourceState:
    """One enabled source."""

    name: str
    last_day: date | None
    """The last day that is published."""
    due_day: date
    """The last day that should be, by now."""
    lag_s: float | None
    """Seconds since the end of the last published day; None where none is."""
    newest_story_at: datetime | None
    missing: tuple[date, ...]
    """Days of the last week, since its first published one, that should be published and are not."""
    blocked: tuple[date, ...]
    """Those among the days of the last week that a gate holds back."""
    alarms: int
    blocking_alarms: int
    alarm_day: date | None
    """The last audited day; its alarms are counted."""
    routes_due: int
    routes_failing: int
    polled_at: datetime | None
    manifest: Manifest | None = None

    @property
    def is_late(self) -> bool:
        """Whether the day that should be published by now is not."""
        return self.last_day is None or self.last_day < self.due_day


@dataclass(frozen=True)
class Watch:
    """What was seen."""

    seen_at: datetime
    lake_error: str | None
    warehouse_error: str | None
    sources: tuple[SourceState, ...] = ()
    decisions: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None
    """Why the sources could not be looked at, where that is so."""


def watch(ctx: Context) -> Watch:
    """Look at everything; what cannot be read is part of what is seen, and no error."""
    now = ctx.now()
    lake_error = _error_of(ctx.lake.check_writable)
    warehouse_error = _error_of(lambda: _ask_warehouse(ctx.settings.warehouse))
    if lake_error is not None:
        return Watch(now, lake_error, warehouse_error)
    try:
        known = (*read_decisions(ctx.lake, "override"), *read_decisions(ctx.lake, "silence"))
        decisions = Counter[str](d.kind for d in known if d.is_active(now))
        enabled = [s for s in ctx.sources.values() if s.is_enabled and s.closed_on is None]
        states = tuple(_state(source, ctx, now) for source in sorted(enabled, key=lambda s: s.name))
    except MarsadError as error:
        return Watch(now, None, warehouse_error, error=str(error))
    return Watch(now, None, warehouse_error, states, dict(decisions))


def _error_of(ask: Callable[[], None]) -> str | None:
    try:
        ask()
    except MarsadError as error:
        return str(error)
    return None


def _ask_warehouse(warehouse: str) -> None:
    """Whether the warehouse can be used: its file is one of DuckDB's, or can be made."""
    from marsad.warehouse import ping

    ping(warehouse)


def _state(source: Source, ctx: Context, now: datetime) -> SourceState:
    lake, today = ctx.lake, source.day_of(now)
    due = source.day_of(now - timedelta(hours=ctx.settings.late_after_h)) - timedelta(days=1)
    week = [due - timedelta(days=n) for n in range(WATCHED_DAYS)]
    manifests = lake.list("published/_manifests", f"date=*/source={source.name}.json")
    published = sorted((date.fromisoformat(m.rsplit("date=", 1)[1].split("/")[0]) for m in manifests), reverse=True)
    last = next((d for d in published if d <= today), None)
    manifest = read_manifest(lake, Partition(source.name, last)) if last else None
    lag = max((now - source.day_bounds(last)[1]).total_seconds(), 0.0) if last else None
    first = published[-1] if published else due
    missing = tuple(sorted(d for d in week if d not in published and d >= first))
    audited = {
        d: alarms_of(d, lake, source.name)
        for d in {today, *(today - timedelta(days=n) for n in range(1, WATCHED_DAYS + 1))}
        if lake.list("reports/gates", f"*/{Partition(source.name, d).path}/*.parquet")
    }
    alarm_day = max(audited, default=None)
    open_ = [a for a in audited.get(alarm_day, []) if not a.override] if alarm_day else []
    held = (d for d, found in audited.items() if d not in published and any(a.is_blocking for a in found))
    routes = read_states(source, lake, now)
    return SourceState(
        source.name,
        last,
        due,
        lag,
        newest_story(manifest, ctx, now) if manifest else None,
        missing,
        tuple(sorted(held)),
        len(open_),
        sum(a.is_blocking for a in open_),
        alarm_day,
        sum(r.due_at <= now for r in routes),
        sum(r.failure_count > 0 for r in routes),
        _polled_at(routes),
        manifest,
    )


def _polled_at(routes: list[PollState]) -> datetime | None:
    return max((r.due_at - timedelta(seconds=r.interval_s) for r in routes if r.interval_s > 0), default=None)


def newest_story(manifest: Manifest, ctx: Context, now: datetime) -> datetime | None:
    """The newest instant among a day's stories, read from the file's own statistics."""
    import pyarrow.parquet as pq

    path = next((f.path for f in manifest.files if f.dataset == ARTICLES.name), None)
    if path is None:
        return None
    with ctx.lake.open(path) as file:
        footer = pq.ParquetFile(file).metadata
        groups = [footer.row_group(n) for n in range(footer.num_row_groups)]
        columns = [group.column(i) for group in groups for i in range(group.num_columns)]
        known = [c.statistics for c in columns if c.path_in_schema == "published_at" and c.statistics]
        found = [statistics.max for statistics in known if statistics.has_min_max]
    newest: datetime | None = max(found, default=None)
    if newest is None:
        return None
    return min(newest if newest.tzinfo else newest.replace(tzinfo=UTC), now)


def points(seen: Watch) -> list[Point]:
    """What was seen, as measurements."""
    made = [
        point("marsad.lake.up", float(seen.lake_error is None)),
        point("marsad.warehouse.up", float(seen.warehouse_error is None)),
    ]
    if seen.lake_error is not None or seen.error is not None:
        return made
    made.append(point("marsad.sources.enabled", len(seen.sources)))
    made += [point("marsad.decisions.active", seen.decisions.get(k, 0), kind=k) for k in ("override", "silence")]
    for s in seen.sources:
        made += _points_of(s, seen.seen_at)
    return made


def _points_of(s: SourceState, now: datetime) -> list[Point]:
    made = [
        point("marsad.source.late", float(s.is_late), source=s.name),
        point("marsad.source.routes.due", s.routes_due, source=s.name),
        point("marsad.source.routes.failing", s.routes_failing, source=s.name),
        point("marsad.partitions.missing", len(s.missing), source=s.name),
        point("marsad.partitions.blocked", len(s.blocked), source=s.name),
        point("marsad.alarms.open", s.blocking_alarms, source=s.name, blocking="yes"),
        point("marsad.alarms.open", s.alarms - s.blocking_alarms, source=s.name, blocking="no"),
    ]
    if s.lag_s is not None:
        made.append(point("marsad.source.lag", s.lag_s, source=s.name))
    if s.newest_story_at is not None:
        age = (now - s.newest_story_at).total_seconds()
        made.append(point("marsad.source.newest_story.age", age, source=s.name))
    if s.polled_at is not None:
        made.append(point("marsad.source.poll.age", max((now - s.polled_at).total_seconds(), 0.0), source=s.name))
    if s.manifest is not None:
        m = s.manifest
        made += [point("marsad.partition.captures", n, source=s.name, outcome=o) for o, n in m.outcomes.items()]
        made += [point("marsad.partition.rows", f.row_count, source=s.name, dataset=f.dataset) for f in m.files]
        made += [point("marsad.partition.quarantined", n, source=s.name, reason=r) for r, n in m.quarantined.items()]
    return _summed(made)


def _summed(points: list[Point]) -> list[Point]:
    """One measurement for each set of labels: several names may have become ``other``."""
    totals: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for p in points:
        totals[p.name, p.labels] = totals.get((p.name, p.labels), 0.0) + p.value
    return [Point(name, value, labels) for (name, labels), value in totals.items()]
