"""The scrape stage: every URL of a source and day, fetched once and kept.

What makes it safe to kill: sightings are filed before anything is fetched, and bytes go to the lake in
segments, each followed by its rows (the journal). A new run reads both and asks the web only for what
is missing, or failed for a passing reason.

    raw/sightings/date=…/source=…/seen-<R>.parquet           what the run of day R saw of this day
    raw/discovery/date=…/source=…/routes.json                how the routes did
    raw/warc/date=…/source=…/segment-0001.warc.gz
    raw/captures_journal/date=…/source=…/segment-0001.parquet
    raw/captures/date=…/source=…/part-0.parquet              all rows; its presence means complete
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from marsad.dataset import Batch, rows_of
from marsad.errors import NoArchiveRoute, SourceUnreachable, UnreadableListing
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.answer import Fetched
from marsad.scrape.crew import fetch_all
from marsad.scrape.discover import route_name
from marsad.scrape.discover.ccnews import KeptStore
from marsad.scrape.discover.files import Store, open_store
from marsad.scrape.fetch import Fetcher
from marsad.scrape.frontier import Asked, Failure, ask_routes, read_asked, read_filed, to_fetch
from marsad.scrape.journal import FILE_SEGMENT_ROWS, SEGMENT_ROWS, Journal, read_journal
from marsad.scrape.record import CAPTURES, LATER_OUTCOMES, Capture, Sighting
from marsad.scrape.urls import twin_key
from marsad.scrape.warc import Payload
from marsad.sources import Source

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with the stage's name, how many URLs are done, and how many there are."""


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
    known = read_journal(partition, lake)
    asked = read_asked(partition, lake)
    is_complete = lake.has_table("raw", CAPTURES, partition)
    if is_complete:
        complete = rows_of(lake.read_table("raw", CAPTURES, partition), Capture)
        known = {**{c.url: c for c in complete}, **known}
        wanted = to_fetch([], read_filed(partition, lake), source, partition, lake)
        if is_settled(source, date, known, asked, wanted):
            log.info("%s: replayed from %d captures; the web was not asked", partition, len(known))
            return Batch.of(CAPTURES, known.values())
    seen, failures = ask_routes(source, date, fetch, lake, now=now, asked=asked, progress=progress)
    sightings = to_fetch(seen, read_filed(partition, lake), source, partition, lake)
    later = [f for f in failures if isinstance(f, SourceUnreachable)]
    if len(failures) == len(source.discover) and later and not known:
        # what other runs filed for the day is not the day: it waits until the source answers
        raise SourceUnreachable(f"source {source.name} cannot be reached: {'; '.join(map(str, later))}")
    if not sightings and not known:
        _refuse_emptiness(source, date, failures)
    rows = _capture_all(sightings, known, source, partition, fetch, lake, now, progress)
    # a URL that failed before and is listed no more keeps its row
    table = CAPTURES.table({**known, **rows}.values())
    lake.write_table("raw", CAPTURES, partition, table)
    return Batch(CAPTURES, table)


def _capture_all(
    sightings: list[Sighting],
    known: Mapping[str, Capture],
    source: Source,
    partition: Partition,
    fetch: Fetcher,
    lake: Lake,
    now: Callable[[], datetime],
    progress: Progress | None,
) -> dict[str, Capture]:
    """The rows of all sightings: those that are final as they are known, the others fetched."""
    stores: list[Store] = [open_store(r) for r in source.discover if r.kind == "files"]
    stores += [KeptStore(partition, lake) for r in source.discover if r.kind == "ccnews"]
    only_files = len(stores) == len(source.discover)
    journal = Journal(partition, lake, known.values(), segment_rows=FILE_SEGMENT_ROWS if only_files else SEGMENT_ROWS)
    rows = {url: row for url, row in known.items() if row.outcome not in LATER_OUTCOMES}
    twin_of = twins_of(sightings, known.values())
    # what was tried and failed comes last: a few pages that hang must not use up every run
    ordered = sorted(sightings, key=lambda s: s.url in known and known[s.url].attempt_count > 0)
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress:
            progress("scrape", done, len(ordered))

    to_ask: list[Capture] = []
    try:
        for sighting in ordered:
            if sighting.url in rows:
                tick()
                continue
            blank = _blank(sighting, partition)
            store = next((s for s in stores if blank.url in s), None)
            if sighting.url in twin_of:
                said = f"the same address as {twin_of[sighting.url]}"
                journal.add(replace(blank, outcome="duplicate", error=said), None)
            elif store is not None:
                journal.add(*_from_file(blank, store, fetch.settings.max_page_bytes, now()))
            else:
                to_ask.append(blank)
                continue
            tick()
        workers = fetch.settings.max_hosts_at_once
        asking = fetch_all(to_ask, fetch, partial(_capture, now=now), url_of=lambda c: c.url, workers=workers)
        with closing(asking):
            for row, payload in asking:
                journal.add(row, payload)
                tick()
        journal.flush()
    finally:
        for store in stores:
            store.close()
    return {**rows, **journal.rows}


def twins_of(sightings: list[Sighting], known: Collection[Capture]) -> dict[str, str]:
    """URLs that are another spelling of one that was captured before, or that is listed too; and of which.

    Of several new ones it is the plain one that is fetched, not the one that tracks or is made for telephones,
    however they are ordered.
    """
    first: dict[str, str] = {}
    for capture in known:
        if capture.outcome != "duplicate":
            first.setdefault(twin_key(capture.url), capture.url)
    twins: dict[str, str] = {}
    for _, url, form in sorted((twin_key(s.url) != s.url, s.url, twin_key(s.url)) for s in sightings):
        original = first.setdefault(form, url)
        if original != url:
            twins[url] = original
    return twins


def _capture(blank: Capture, fetch: Fetcher, now: Callable[[], datetime]) -> tuple[Capture, Payload | None]:
    """One URL, from the web: its row, and its bytes where there are any."""
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
        opt_outs="; ".join(found.opt_outs) or None,
    )
    if found.outcome != "captured":
        return row, None
    row = replace(row, byte_count=len(found.body), sha256=hashlib.sha256(found.body).hexdigest())
    moment = found.fetched_at or now()
    headers = list(found.headers.items())
    payload = Payload(
        found.final_url or blank.url, found.body, moment, found.http_status, headers, request_headers=found.sent
    )
    return row, payload


def _from_file(blank: Capture, store: Store, limit: int, moment: datetime) -> tuple[Capture, Payload | None]:
    body = store.read(blank.url, limit)
    row = replace(blank, attempt_count=1, fetched_at=moment)
    if body is None:
        return replace(row, outcome="too_large", error=f"more than {limit} bytes"), None
    row = replace(row, outcome="captured", byte_count=len(body), sha256=hashlib.sha256(body).hexdigest())
    return row, Payload(blank.url, body, moment)


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


def is_settled(
    source: Source, day: date, known: Mapping[str, Capture], asked: Mapping[str, Asked], wanted: list[Sighting]
) -> bool:
    """Whether nothing is left to ask: every route answered once the day was over, no passing
    failures, no sighting without its row."""
    routes = [asked.get(route_name(r, day)) for r in source.discover]
    if not all(a is not None and a.state in ("done", "failed") for a in routes):
        return False
    return not any(c.outcome in LATER_OUTCOMES for c in known.values()) and all(s.url in known for s in wanted)


def _refuse_emptiness(source: Source, day: date, failures: list[Failure]) -> None:
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
