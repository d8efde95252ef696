"""The frontier: what is known to be there to fetch, kept in the lake because feeds forget.

    raw/sightings/date=D/source=…/seen-<R>.parquet   what the run of day R saw of day D (R may be D)
    raw/discovery/date=D/source=…/routes.json        which routes the run of day D asked, and how they did

Sightings are written before anything is fetched: a run that is killed, or finds a page failing,
knows them still when the feed has moved on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

import pyarrow as pa

from marsad.dataset import rows_of
from marsad.errors import NeverError, SourceUnreachable, UnreadableListing
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.discover import discover, route_name
from marsad.scrape.fetch import Fetcher
from marsad.scrape.journal import read_journal
from marsad.scrape.record import CAPTURES, SIGHTINGS, Sighting
from marsad.sources import Source

log = logging.getLogger(__name__)

FILED_DAYS = 7
"""A listing of another day is filed for it if it is at most this many days away. An undated sitemap
may list a site's whole history; the days beyond are reached by their own backfill."""

Failure = NeverError | SourceUnreachable


@dataclass(frozen=True, slots=True)
class Asked:
    """How a route did when it was last asked for a day."""

    route: str
    count: int
    state: Literal["done", "open", "failed", "later"]
    """done: it answered after the day was over, and need not be asked again. open: it answered, and may
    list more. failed: it gave no listing, for a reason that will not pass. later: for one that may."""
    error: str | None = None


def read_asked(partition: Partition, lake: Lake) -> dict[str, Asked]:
    """The routes that earlier runs asked for a partition, by name."""
    path = _asked_path(partition)
    rows = lake.read_json(path) if lake.exists(path) else []
    return {row["route"]: Asked(**row) for row in rows}


def ask_routes(
    source: Source,
    day: date,
    fetch: Fetcher,
    lake: Lake,
    *,
    now: Callable[[], datetime],
    asked: dict[str, Asked],
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[list[Sighting], list[Failure]]:
    """Ask the routes that are not done yet, and note how they did.

    A route that fails takes none of the others' sightings away, nor its own before it failed.

    Returns:
        The sightings, of whatever day, in the order of the routes; and the failures.
    """
    partition = Partition(source.name, day)
    seen: list[Sighting] = []
    failures: list[Failure] = []
    notes: list[Asked] = []
    for route in source.discover:
        name = route_name(route, day)
        if (before := asked.get(name)) is not None and before.state == "done":
            notes.append(before)
            continue
        found: list[Sighting] = []
        error: Failure | None = None
        try:
            found += discover(route, source, day, fetch, now, lake=lake, progress=progress)
        except (SourceUnreachable, UnreadableListing) as failure:
            error = failure
            failures.append(failure)
            log.warning("%s: a route failed: %s", partition, failure)
        # pages on disk are asked for each time: it costs nothing, and there may be more of them
        is_over = route.kind != "files" and now() >= source.day_bounds(day)[1]
        state: Literal["done", "open", "failed", "later"] = "done" if is_over else "open"
        if error is not None and (is_over or isinstance(error, SourceUnreachable)):
            state = "later" if isinstance(error, SourceUnreachable) else "failed"
        notes.append(Asked(name, len(found), state, str(error) if error else None))
        log.info("%s: %s lists %d addresses", partition, name, len(found))
        seen += found
    file_sightings(seen, partition, lake)
    lake.write_json(_asked_path(partition), [asdict(n) for n in notes])
    return seen, failures


def file_sightings(seen: Iterable[Sighting], partition: Partition, lake: Lake, *, part: str | None = None) -> int:
    """File what the run of a partition, or a poll, saw under the days it belongs to, beside what it saw before.

    Args:
        part: the file's name; one has one writer. Default: that of the partition's run.

    Returns:
        How many addresses nobody had filed for those days, or in the days before.
    """
    far = 0
    by_day: dict[date, dict[str, Sighting]] = {}
    for sighting in seen:
        if abs(sighting.date - partition.date) > timedelta(days=FILED_DAYS):
            far += 1
            continue
        by_day.setdefault(sighting.date, {}).setdefault(sighting.url, sighting)
    part = part or f"seen-{partition.date.isoformat()}.parquet"
    new = _count_new(by_day, partition.source, lake)
    for day, sightings in sorted(by_day.items()):
        target = Partition(partition.source, day)
        before: list[Sighting] = []
        if lake.has_table("raw", SIGHTINGS, target, part=part):
            before = rows_of(lake.read_table("raw", SIGHTINGS, target, part=part), Sighting)
        merged = {**sightings, **{s.url: s for s in before}}
        if len(merged) > len(before):
            lake.write_table("raw", SIGHTINGS, target, SIGHTINGS.table(merged.values()), part=part)
    if far:
        log.info("%s: %d listings are of days more than %d away; backfill those", partition, far, FILED_DAYS)
    return new


def _count_new(by_day: Mapping[date, Mapping[str, Sighting]], source: str, lake: Lake) -> int:
    """Addresses that nobody had filed; those whose day the listing does not give, not in the days before either."""
    known: dict[date, set[str]] = {}

    def filed(day: date) -> set[str]:
        if day not in known:
            known[day] = {s.url for s in read_filed(Partition(source, day), lake)}
        return known[day]

    new = 0
    for day, sightings in by_day.items():
        for url, sighting in sightings.items():
            back = 0 if sighting.listed_at else FILED_DAYS
            new += not any(url in filed(day - timedelta(days=n)) for n in range(back + 1))
    return new


def read_filed(partition: Partition, lake: Lake) -> list[Sighting]:
    """What polls and runs saw of a partition: polls first, for they came first, then its own run, then the others."""
    own = f"seen-{partition.date.isoformat()}.parquet"
    files = lake.list(f"raw/sightings/{partition.path}", "seen-*.parquet")
    files.sort(key=lambda path: (not path.endswith("-poll.parquet"), not path.endswith(own), path))
    tables = [lake.read_table_at(SIGHTINGS, path) for path in files]
    return rows_of(pa.concat_tables(tables), Sighting) if tables else []


def to_fetch(
    seen: Sequence[Sighting], filed: Sequence[Sighting], source: Source, partition: Partition, lake: Lake
) -> list[Sighting]:
    """Each URL of a partition once, in the order of the addresses: a run that goes on where another was
    killed may know it from the lake alone, and must do the same.

    What was seen earlier of a URL stands: by which route, and when. What a later listing adds is added.
    """
    first: dict[str, Sighting] = {}
    for s in filed:
        first.setdefault(s.url, s)
    merged: dict[str, Sighting] = {}
    for s in [*(s for s in seen if s.date == partition.date), *filed]:
        known = merged.get(s.url) or first.get(s.url) or s
        if known.listed_at is None and s.listed_at is not None:
            known = replace(known, listed_at=s.listed_at, title=known.title or s.title)
        merged[s.url] = known
    return _not_elsewhere([merged[url] for url in sorted(merged)], source, partition, lake)


def _not_elsewhere(sightings: list[Sighting], source: Source, partition: Partition, lake: Lake) -> list[Sighting]:
    """Without those that an undated page of links goes on showing, and an earlier day has captured."""
    sure = {route_name(r, partition.date) for r in source.discover if r.is_dated}
    doubtful = {s.url for s in sightings if s.listed_at is None and s.discovered_by not in sure}
    if not doubtful:
        return sightings
    taken: set[str] = set()
    for back in range(1, FILED_DAYS + 1):
        earlier = Partition(partition.source, partition.date - timedelta(days=back))
        if lake.has_table("raw", CAPTURES, earlier):
            taken.update(lake.read_table("raw", CAPTURES, earlier)["url"].to_pylist())
        else:
            taken.update(read_journal(earlier, lake))
    return [s for s in sightings if s.url not in doubtful or s.url not in taken]


def _asked_path(partition: Partition) -> str:
    return f"raw/discovery/{partition.path}/routes.json"
