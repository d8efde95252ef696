"""A source's health: when it was last asked and gave something, at what pace, and how its days have drifted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from marsad.console.cache import Cache
from marsad.context import Context
from marsad.dataset import rows_of
from marsad.lake import Lake
from marsad.onboard.switch import file_of
from marsad.operate.watch import newest_story
from marsad.partition import Partition
from marsad.publish.manifest import Manifest, manifest_path, read_manifest
from marsad.report.page import DAYS, profiles_of
from marsad.scrape.poll import POLLS, Poll, has_polls, read_states
from marsad.scrape.record import CAPTURES
from marsad.sources import Source
from marsad.validate.record import PROFILES, Profile

MIX_DAYS = 30
"""Days that the mixes of outcomes and extractors are taken over."""
POLLED_DAYS = 3
FRESH_DAYS = 3
"""Days before today of which one should be measured: a day is, when it is over and was run."""
LOOK_BACK = 400
"""Days of the lake that are searched for the last published one."""
FILLED = (
    "titled", "led", "authored", "dated", "keyworded", "illustrated", "sectioned", "in_language", "walled",
)  # fmt: skip
"""Shares that say how full a source's stories are."""
_METHOD = "method:"


@dataclass(frozen=True)
class Route:
    """A route that is polled, and how it stands."""

    name: str
    asked: int
    """Polls of the last days."""
    failed: int
    new: int
    """Addresses among what it listed that were never seen before."""
    interval_s: float
    due_at: datetime | None
    failures: int
    """In a row, to now."""
    last: Poll | None


@dataclass(frozen=True)
class Fill:
    """How many stories have something: on the last day, usually, and over the last month."""

    measure: str
    day: date
    value: float
    low: float | None
    high: float | None
    mean: float

    @property
    def is_off(self) -> bool:
        """Whether the last day is out of its usual range."""
        return (self.low is not None and self.value < self.low) or (self.high is not None and self.value > self.high)


@dataclass(frozen=True)
class SourceHealth:
    """One source."""

    source: Source
    yaml: str
    yaml_file: str
    last_attempt: datetime | None
    """When it was last asked for anything: a listing or a page."""
    last_day: date | None
    published_at: datetime | None
    """When its last published day was published, by the store's clock."""
    newest_story: datetime | None
    due_day: date
    routes: tuple[Route, ...]
    outcomes: Mapping[str, int]
    methods: Mapping[str, int]
    mix_days: int
    """Published days that the mix of outcomes is of."""
    fills: tuple[Fill, ...]
    history: Mapping[date, Mapping[str, Profile]]
    days: tuple[date, ...]

    @property
    def is_late(self) -> bool:
        """Whether a day should be published by now and is not."""
        return self.source.is_enabled and (self.last_day is None or self.last_day < self.due_day)


def source_health(name: str, ctx: Context, cache: Cache) -> SourceHealth:
    """Collect what is known of a source.

    Raises:
        UnknownSource: there is none.
        LakeUnusable: a file of it in the lake is not what it should be.
    """
    source, lake, now = ctx.facts(name), ctx.lake, ctx.now()
    today = source.day_of(now)
    last = _last_day(name, today, lake)
    manifest = read_manifest(lake, Partition(name, last)) if last else None
    published_at = lake.modified_at(manifest_path(Partition(name, last))) if last else None
    days = _days(source, today, lake)
    history = _history(name, days, lake, cache)
    outcomes, mix_days = _outcomes(name, days[-MIX_DAYS:], lake)
    routes, polled_at = _routes(source, today, ctx, now)
    path = file_of(name, ctx.settings.sources)
    asked_at = [at for at in (polled_at, _fetched_at(name, today, lake)) if at is not None]
    return SourceHealth(
        source=source,
        yaml=path.read_text("utf-8"),
        yaml_file=path.name,
        last_attempt=max(asked_at, default=None),
        last_day=last,
        published_at=datetime.fromtimestamp(published_at, now.tzinfo) if published_at is not None else None,
        newest_story=newest_story(manifest, ctx, now) if manifest else None,
        due_day=source.day_of(now - timedelta(hours=ctx.settings.late_after_h)) - timedelta(days=1),
        routes=routes,
        outcomes=outcomes,
        methods=_methods(history, days[-MIX_DAYS:]),
        mix_days=mix_days,
        fills=_fills(history, days[-MIX_DAYS:]),
        history=history,
        days=days,
    )


def _last_day(name: str, today: date, lake: Lake) -> date | None:
    found = sorted((n.removeprefix("date=") for n in lake.names("published/_manifests")), reverse=True)
    for text in found[:LOOK_BACK]:
        day = date.fromisoformat(text)
        if day <= today and lake.exists(manifest_path(Partition(name, day))):
            return day
    return None


def _days(source: Source, today: date, lake: Lake) -> tuple[date, ...]:
    """The days that are shown: to the newest that was measured; where that is long ago the gap is to be seen."""
    newest = min(today, source.closed_on or today)
    measured = (newest - timedelta(days=n) for n in range(FRESH_DAYS))
    end = next((day for day in measured if lake.has_table("staged", PROFILES, Partition(source.name, day))), newest)
    return tuple(end - timedelta(days=n) for n in range(DAYS - 1, -1, -1))


def _history(name: str, days: Sequence[date], lake: Lake, cache: Cache) -> dict[date, dict[str, Profile]]:
    found = {}
    for day in days:
        partition = Partition(name, day)
        stamp = lake.folder_stamp(f"staged/{PROFILES.name}/{partition.path}")
        if stamp:
            found[day] = cache.get(
                ("profiles", partition), stamp, partial(profiles_of, partition, lake), lambda made: 3
            )
    return {day: profiles for day, profiles in found.items() if profiles}


def _outcomes(name: str, days: Sequence[date], lake: Lake) -> tuple[dict[str, int], int]:
    counts: Counter[str] = Counter()
    seen = 0
    for day in days:
        manifest: Manifest | None = read_manifest(lake, Partition(name, day))
        if manifest is not None:
            counts.update(manifest.outcomes)
            seen += 1
    return dict(counts.most_common()), seen


def _methods(history: Mapping[date, Mapping[str, Profile]], days: Sequence[date]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for day in days:
        for measure, profile in history.get(day, {}).items():
            if measure.startswith(_METHOD):
                counts[measure.removeprefix(_METHOD)] += round(profile.value * profile.count)
    return dict(counts.most_common())


def _fills(history: Mapping[date, Mapping[str, Profile]], days: Sequence[date]) -> tuple[Fill, ...]:
    found = []
    for measure in FILLED:
        told = [(day, history[day][measure]) for day in days if measure in history.get(day, {})]
        if told:
            day, last = told[-1]
            count = sum(p.count for _, p in told)
            mean = sum(p.value * p.count for _, p in told) / count if count else last.value
            found.append(Fill(measure, day, last.value, last.low, last.high, mean))
    return tuple(found)


def _routes(source: Source, today: date, ctx: Context, now: datetime) -> tuple[tuple[Route, ...], datetime | None]:
    lake = ctx.lake
    polls: list[Poll] = []
    for back in range(POLLED_DAYS):
        partition = Partition(source.name, today - timedelta(days=back))
        if has_polls(partition, lake):
            polls += rows_of(lake.read_table("raw", POLLS, partition), Poll)
    found = []
    for state in read_states(source, lake, now):
        mine = sorted((p for p in polls if p.route == state.route), key=lambda p: p.polled_at)
        found.append(
            Route(
                state.route,
                len(mine),
                sum(p.outcome == "failed" for p in mine),
                sum(p.new_count for p in mine),
                state.interval_s,
                state.due_at if state.interval_s else None,
                state.failure_count,
                mine[-1] if mine else None,
            )
        )
    return tuple(found), max((p.polled_at for p in polls), default=None)


def _fetched_at(name: str, today: date, lake: Lake) -> datetime | None:
    """When a page of it was last fetched, by its newest day that has captures."""
    for back in range(DAYS):
        path = lake.dataset_path("raw", CAPTURES, Partition(name, today - timedelta(days=back)))
        if lake.exists(path):
            found = lake.read_table_at(CAPTURES, path, columns=["fetched_at"])["fetched_at"].to_pylist()
            return max((at for at in found if at is not None), default=None)
    return None
