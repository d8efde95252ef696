"""The scrape stage: every URL of a source and day, fetched once and kept.

What makes it safe to kill: bytes go to the lake in segments, and only after a segment is there
are its rows written beside it (the journal). A new run reads the journal and asks the web only
for what is missing, or failed for a passing reason.

    raw/warc/date=…/source=…/segment-0001.warc.gz
    raw/captures_journal/date=…/source=…/segment-0001.parquet
    raw/captures/date=…/source=…/part-0.parquet      all rows; its presence means complete
    raw/sightings/date=…/source=…/seen-<D>.parquet   what the run of day D saw of this day
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pyarrow as pa

from marsad.dataset import Batch, Dataset, rows_of
from marsad.errors import NeverError, NoArchiveRoute, SourceUnreachable, UnreadableListing
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.discover import discover
from marsad.scrape.discover.files import FileStore
from marsad.scrape.fetch import Fetched, Fetcher
from marsad.scrape.record import CAPTURES, LATER_OUTCOMES, SIGHTINGS, Capture, Sighting
from marsad.scrape.urls import canonical
from marsad.scrape.warc import Payload, write_segment
from marsad.sources import Source

log = logging.getLogger(__name__)

SEGMENT_ROWS = 20
SEGMENT_BYTES = 4_000_000
"""A segment is written at whichever comes first: what a kill can cost to fetch again."""

FILED_DAYS = 7
"""A listing of another day is filed for it if it is at most this many days away. An undated sitemap
may list a site's whole history; the days beyond are reached by their own backfill."""

JOURNAL = Dataset("captures_journal", Capture, ("url",), suite=None)
Progress = Callable[[str, int, int], None]


def scrape(
    source: Source,
    date: date,
    fetch: Fetcher,
    lake: Lake,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> Batch:
    """Discover and capture one partition.

    Returns:
        A batch of ``CAPTURES``: one row for each URL, whatever became of it.

    Raises:
        NoArchiveRoute: no route of the source can know that day.
        SourceUnreachable: no route answered; nothing was recorded as complete.
        UnreadableListing: no route gave a listing, for a reason that will not pass.
        UsageError: a ``files`` route names what is not there.
    """
    partition = Partition(source.name, date)
    known = _journalled(partition, lake)
    filed = _filed(partition, lake)
    if lake.has_table("raw", CAPTURES, partition):
        complete = rows_of(lake.read_table("raw", CAPTURES, partition), Capture)
        known = {c.url: c for c in complete} | known
        if _is_settled(complete, filed):
            log.info("%s: replayed from %d captures; the web was not asked", partition, len(complete))
            return Batch.of(CAPTURES, complete)
    seen, failures = _discover_all(source, date, fetch, now)
    _file_others(seen, partition, lake)
    sightings = _distinct([s for s in seen if s.date == date] + filed)
    if not sightings and not known:
        _refuse_emptiness(source, date, failures)
    for failure in failures:
        log.warning("%s: a route failed, others did not: %s", partition, failure)
    stores = [FileStore(r) for r in source.discover if r.kind == "files"]
    writer = _Segments(partition, lake, known.values())
    rows = {url: row for url, row in known.items() if row.outcome not in LATER_OUTCOMES}
    canonical_first: dict[str, str] = {}
    for done, sighting in enumerate(sightings, 1):
        form = canonical(sighting.url) if not sighting.url.startswith("file:") else sighting.url
        first = canonical_first.setdefault(form, sighting.url)
        if sighting.url not in rows:
            blank = _blank(sighting, partition)
            if first != sighting.url:
                writer.add(replace(blank, outcome="duplicate", error=f"the same address as {first}"), None)
            else:
                writer.add(*_capture(blank, fetch, stores, now))
        if progress:
            progress("scrape", done, len(sightings))
    writer.flush()
    rows.update(writer.rows)
    # a URL that failed before and is listed no more keeps its row
    table = CAPTURES.table({**known, **rows}.values())
    lake.write_table("raw", CAPTURES, partition, table)
    return Batch(CAPTURES, table)


def _capture(
    blank: Capture, fetch: Fetcher, stores: list[FileStore], now: Callable[[], datetime]
) -> tuple[Capture, Payload | None]:
    """One URL, from disk or from the web: its row, and its bytes where there are any."""
    for store in stores:
        if blank.url in store:
            return _from_file(blank, store, fetch.settings.max_page_bytes, now())
    found: Fetched = fetch.get(blank.url)
    row = replace(
        blank,
        final_url=found.final_url,
        outcome=found.outcome,
        http_status=found.http_status,
        content_type=found.content_type,
        charset=found.charset,
        fetched_at=found.fetched_at,
        etag=found.headers.get("ETag"),
        last_modified=found.headers.get("Last-Modified"),
        attempt_count=found.attempt_count,
        error=found.error,
    )
    if found.outcome != "captured":
        return row, None
    row = replace(row, byte_count=len(found.body), sha256=hashlib.sha256(found.body).hexdigest())
    moment = found.fetched_at or now()
    headers = list(found.headers.items())
    return row, Payload(found.final_url or blank.url, found.body, moment, found.http_status, headers)


def _from_file(blank: Capture, store: FileStore, limit: int, moment: datetime) -> tuple[Capture, Payload | None]:
    body = store.read(blank.url, limit)
    row = replace(blank, attempt_count=1, fetched_at=moment)
    if body is None:
        return replace(row, outcome="too_large", error=f"more than {limit} bytes"), None
    row = replace(row, outcome="captured", byte_count=len(body), sha256=hashlib.sha256(body).hexdigest())
    return row, Payload(blank.url, body, moment)


@dataclass
class _Segments:
    """Rows and bytes on their way to the lake, a segment at a time."""

    partition: Partition
    lake: Lake
    known: Iterable[Capture]
    rows: dict[str, Capture] = field(default_factory=dict)
    _pending: list[tuple[Capture, Payload | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        taken = [int(m[1]) for c in self.known if (m := re.search(r"segment-(\d+)\.", c.warc_file or ""))]
        journals = self.lake.list(f"raw/captures_journal/{self.partition.path}", "segment-*.parquet")
        taken += [int(p.rsplit("segment-", 1)[1].split(".")[0]) for p in journals]
        self._number = max(taken, default=0) + 1

    def add(self, row: Capture, payload: Payload | None) -> None:
        self._pending.append((row, payload))
        size = sum(len(p.body) for _, p in self._pending if p)
        if len(self._pending) >= SEGMENT_ROWS or size >= SEGMENT_BYTES:
            self.flush()

    def flush(self) -> None:
        """Bytes first, then the rows that say they are there."""
        if not self._pending:
            return
        name = f"segment-{self._number:04d}"
        warc_file = f"raw/warc/{self.partition.path}/{name}.warc.gz"
        payloads = [p for _, p in self._pending if p]
        offsets = iter(write_segment(self.lake, warc_file, payloads) if payloads else ())
        rows = [
            replace(row, warc_file=warc_file, warc_offset=next(offsets)) if payload else row
            for row, payload in self._pending
        ]
        self.lake.write_table("raw", JOURNAL, self.partition, JOURNAL.table(rows), part=f"{name}.parquet")
        self.rows.update({r.url: r for r in rows})
        self._pending.clear()
        self._number += 1


def _blank(sighting: Sighting, partition: Partition) -> Capture:
    return Capture(
        source=partition.source,
        date=partition.date,
        url=sighting.url,
        discovered_by=sighting.discovered_by,
        discovered_at=sighting.discovered_at,
        listed_at=sighting.listed_at,
        outcome="connection_error",
    )


def _journalled(partition: Partition, lake: Lake) -> dict[str, Capture]:
    """The rows of the journal; a later segment's row for a URL replaces an earlier one's."""
    found: dict[str, Capture] = {}
    for path in lake.list(f"raw/captures_journal/{partition.path}", "segment-*.parquet"):
        found.update({c.url: c for c in rows_of(lake.read_table_at(JOURNAL, path), Capture)})
    return found


def _filed(partition: Partition, lake: Lake) -> list[Sighting]:
    """What runs of other days saw of this one."""
    files = lake.list(f"raw/sightings/{partition.path}", "seen-*.parquet")
    tables = [lake.read_table_at(SIGHTINGS, path) for path in files]
    return rows_of(pa.concat_tables(tables), Sighting) if tables else []


def _file_others(seen: list[Sighting], partition: Partition, lake: Lake) -> None:
    """File what was seen of other days under them, for their own runs."""
    far = 0
    by_day: dict[date, dict[str, Sighting]] = {}
    for sighting in seen:
        if sighting.date == partition.date:
            continue
        if abs(sighting.date - partition.date) > timedelta(days=FILED_DAYS):
            far += 1
            continue
        by_day.setdefault(sighting.date, {}).setdefault(sighting.url, sighting)
    for day, sightings in sorted(by_day.items()):
        target = Partition(partition.source, day)
        part = f"seen-{partition.date.isoformat()}.parquet"
        lake.write_table("raw", SIGHTINGS, target, SIGHTINGS.table(sightings.values()), part=part)
    if far:
        log.info("%s: %d listings are of days more than %d away; backfill those", partition, far, FILED_DAYS)


def _is_settled(complete: list[Capture], filed: list[Sighting]) -> bool:
    """Whether nothing is left to ask: no passing failures, no sighting without its row."""
    urls = {c.url for c in complete}
    return not any(c.outcome in LATER_OUTCOMES for c in complete) and all(s.url in urls for s in filed)


def _discover_all(
    source: Source, day: date, fetch: Fetcher, now: Callable[[], datetime]
) -> tuple[list[Sighting], list[NeverError | SourceUnreachable]]:
    seen: list[Sighting] = []
    failures: list[NeverError | SourceUnreachable] = []
    for route in source.discover:
        try:
            seen += discover(route, source, day, fetch, now)
        except (SourceUnreachable, UnreadableListing) as error:
            failures.append(error)
    return seen, failures


def _distinct(sightings: list[Sighting]) -> list[Sighting]:
    """Each URL once: the route that showed it first, with what later ones add."""
    found: dict[str, Sighting] = {}
    for s in sightings:
        first = found.get(s.url)
        if first is None:
            found[s.url] = s
        elif first.listed_at is None and s.listed_at is not None:
            found[s.url] = replace(first, listed_at=s.listed_at, title=first.title or s.title)
    return list(found.values())


def _refuse_emptiness(source: Source, day: date, failures: list[NeverError | SourceUnreachable]) -> None:
    """Nothing was discovered: say why, unless a dated route says that there was nothing."""
    later = [f for f in failures if isinstance(f, SourceUnreachable)]
    said = "; ".join(str(f) for f in later or failures)
    if later:
        raise SourceUnreachable(f"source {source.name} cannot be reached: {said}")
    if failures:
        raise UnreadableListing(f"source {source.name}: no route gave a listing: {said}")
    if not any(route.is_dated for route in source.discover):
        raise NoArchiveRoute(
            f"source {source.name} has no archive route for {day}: its feeds list other days only; "
            "add a dated sitemap or archive address to its YAML"
        )
