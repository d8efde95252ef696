"""Poll: feeds forget, so what they list is noted when each of them is due.

A poll asks the routes that name no day (feeds, front pages, undated sitemaps), with the validators of the
last answer, and files what they list under its days; the daily run reads it there. It fetches no story.

    raw/sightings/date=…/source=…/seen-<day>-poll.parquet   what polls of a day saw
    raw/polls/date=…/source=…/part-0.parquet                every poll of a day, and how it went
    raw/polls/state/<source>.json                           when each route is due, and its validators

Sightings are filed first and the state last: a poll that is killed is simply due again.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from marsad.dataset import Dataset, column, rows_of
from marsad.errors import SourceUnreachable, UnreadableListing, UsageError
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.answer import Fetched
from marsad.scrape.cadence import next_interval, retry_interval
from marsad.scrape.discover import discover, route_name
from marsad.scrape.fetch import Fetcher
from marsad.scrape.frontier import file_sightings
from marsad.scrape.record import Sighting
from marsad.sources import Route, Source

log = logging.getLogger(__name__)

PollOutcome = Literal["listed", "unchanged", "failed"]
MAX_VALIDATORS = 100
"""Addresses of a route (a sitemap index has many) whose validators are kept."""


@dataclass(frozen=True)
class Poll:
    """One time that a route was asked what is new."""

    source: str = column("The source's name.")
    date: date = column("The day of the poll at the source.")
    route: str = column("The route: its kind and address.")
    polled_at: datetime = column("When it was asked.")
    outcome: PollOutcome = column("listed, unchanged (it said so itself), or failed.")
    listed_count: int = column("Addresses it listed.", default=0)
    new_count: int = column("Those among them that were never seen before.", default=0)
    interval_s: float = column("Seconds until it is asked again.", default=0.0)
    due_at: datetime | None = column("When that is.", default=None)
    failure_count: int = column("Failures in a row, with this one.", default=0)
    error: str | None = column(
        "What went wrong, for a person.", example="http://wakala.example/rss.xml: timeout: no answer", default=None
    )


POLLS = Dataset("polls", Poll, ("route", "polled_at"), suite=None)


@dataclass(frozen=True, slots=True)
class _State:
    """What is kept of a route from poll to poll."""

    due_at: datetime
    interval_s: float
    failures: int = 0
    validators: tuple[tuple[str, str | None, str | None], ...] = ()
    """(address, ETag, Last-Modified) of the last answers."""

    def as_json(self) -> dict[str, Any]:
        return {
            "due_at": self.due_at.isoformat(),
            "interval_s": self.interval_s,
            "failures": self.failures,
            "validators": [list(v) for v in self.validators],
        }


class _Remembering:
    """A fetcher that sends each address the validators of its last answer."""

    def __init__(self, fetch: Fetcher, validators: Sequence[tuple[str, str | None, str | None]]) -> None:
        self._fetch = fetch
        self._known = {address: (etag, modified) for address, etag, modified in validators}
        self.fresh: dict[str, tuple[str | None, str | None]] = {}
        self.changed = False

    def get(self, url: str, *, types: frozenset[str], max_bytes: int | None = None) -> Fetched:
        etag, modified = self._known.get(url, (None, None))
        found = self._fetch.get(url, types=types, max_bytes=max_bytes, etag=etag, last_modified=modified)
        if found.outcome == "captured":
            self.changed = True
            etag, modified = found.headers.get("ETag"), found.headers.get("Last-Modified")
        if found.outcome in ("captured", "unchanged") and (etag or modified):
            self.fresh[url] = (etag, modified)
        return found

    def validators(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """What to send the next time."""
        return tuple((url, *pair) for url, pair in sorted(self.fresh.items())[:MAX_VALIDATORS])


def pollable(source: Source) -> list[Route]:
    """The routes of a source that show what is new now, whatever the day."""
    return [route for route in source.discover if not route.is_dated]


def next_due(source: Source, lake: Lake, now: datetime) -> datetime | None:
    """When the first of a source's routes is due; now where one was never asked, None where there is none."""
    routes = pollable(source)
    if not routes:
        return None
    known = _read_state(source, lake)
    day = source.day_of(now)
    return min(known[name].due_at if (name := route_name(r, day)) in known else now for r in routes)


def poll(
    source: Source, fetch: Fetcher, lake: Lake, *, now: Callable[[], datetime], is_forced: bool = False
) -> list[Poll]:
    """Ask the routes of a source that are due, file what they list, and say when each is due next.

    A route that fails takes nothing away from the others; it is tried again, ever more seldom.

    Args:
        is_forced: ask all of them, due or not.

    Returns:
        What each route that was asked did. Empty where none was due, or another process polls the source now.

    Raises:
        UsageError: no route of the source can be polled.
    """
    routes = pollable(source)
    if not routes:
        raise UsageError(f"source {source.name} has no route to poll: its routes are all of past days")
    rows: list[Poll] = []
    with _alone(source, fetch.settings.state) as is_alone:
        if not is_alone:
            log.info("%s: is being polled by another process", source.name)
            return []
        known = _read_state(source, lake)
        for route in routes:
            began = now()
            name = route_name(route, source.day_of(began))
            before = known.get(name)
            if before is not None and before.due_at > began and not is_forced:
                continue
            row, after = _poll_route(route, source, fetch, lake, before, now)
            rows.append(row)
            known[name] = after
        _note(rows, lake)
        if rows:
            # routes that the source no longer has are forgotten
            names = {route_name(r, source.day_of(now())) for r in routes}
            kept = {name: state.as_json() for name, state in sorted(known.items()) if name in names}
            lake.write_json(_state_path(source), kept)
    return rows


def _poll_route(
    route: Route, source: Source, fetch: Fetcher, lake: Lake, before: _State | None, now: Callable[[], datetime]
) -> tuple[Poll, _State]:
    began = now()
    day = source.day_of(began)
    row = Poll(source=source.name, date=day, route=route_name(route, day), polled_at=began, outcome="listed")
    asking = _Remembering(fetch, before.validators if before else ())
    seen: list[Sighting] = []
    error: str | None = None
    try:
        seen += discover(route, source, day, asking, now)
    except (SourceUnreachable, UnreadableListing) as failure:
        error = str(failure)
    new = file_sightings(seen, Partition(source.name, day), lake, part=f"seen-{day.isoformat()}-poll.parquet")
    if error is not None:
        failures = (before.failures if before else 0) + 1
        wait = retry_interval(failures, source.poll)
        log.warning("%s: %s failed, %d times in a row: %s", source.name, row.route, failures, error)
        due = began + timedelta(seconds=wait)
        # what it said before stands: its next answer may be compared with it
        after = _State(due, before.interval_s if before else wait, failures, before.validators if before else ())
        row = replace(row, outcome="failed", error=error, failure_count=failures, interval_s=wait, due_at=due)
        return replace(row, listed_count=len(seen), new_count=new), after
    interval = before.interval_s if before else source.poll.first_min * 60
    if before is not None or new == 0:  # the first poll finds everything new: that tells nothing of the pace
        interval = next_interval(interval, len(seen), new, source.poll)
    due = began + timedelta(seconds=interval)
    outcome: PollOutcome = "listed" if asking.changed or not asking.fresh else "unchanged"
    row = replace(row, outcome=outcome, listed_count=len(seen), new_count=new, interval_s=interval, due_at=due)
    log.info("%s: %s lists %d, %d of them new", source.name, row.route, len(seen), new)
    return row, _State(due, interval, 0, asking.validators())


def _note(rows: Sequence[Poll], lake: Lake) -> None:
    """Add polls to those of their days."""
    for day in sorted({row.date for row in rows}):
        mine = [row for row in rows if row.date == day]
        partition = Partition(mine[0].source, day)
        before = rows_of(lake.read_table("raw", POLLS, partition), Poll) if has_polls(partition, lake) else []
        merged = {(r.route, r.polled_at): r for r in [*before, *mine]}
        lake.write_table("raw", POLLS, partition, POLLS.table(merged.values()))


def has_polls(partition: Partition, lake: Lake) -> bool:
    """Whether a source was polled on a day."""
    return lake.has_table("raw", POLLS, partition)


def _state_path(source: Source) -> str:
    return f"raw/polls/state/{source.name}.json"


def _read_state(source: Source, lake: Lake) -> dict[str, _State]:
    path = _state_path(source)
    if not lake.exists(path):
        return {}
    found: dict[str, _State] = {}
    try:
        for name, row in lake.read_json(path).items():
            found[name] = _State(
                datetime.fromisoformat(row["due_at"]).astimezone(UTC),
                float(row["interval_s"]),
                int(row["failures"]),
                tuple((str(a), e, m) for a, e, m in row["validators"]),
            )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # it only saves requests: without it all routes are due
        log.warning("%s: cannot be read (%s); all routes of %s are due", path, error, source.name)
        return {}
    return found


@contextlib.contextmanager
def _alone(source: Source, folder: Path) -> Iterator[bool]:
    """Hold the right to poll a source; False where another process has it. A killed one's is free again."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"poll-{source.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
