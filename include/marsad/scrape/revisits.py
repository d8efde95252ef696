"""Revisits: a story is looked at again after an hour, six, a day and a week, for sites correct and withdraw.

The request is conditional, so that an unchanged page costs a 304. A page whose bytes differ is judged by who
reads it (most pages change with every request, around the story); only a changed story is kept, as a newer
capture of its address beside the old one. Each look is on record:

    raw/revisits/date=<the capture's>/source=…/part-0.parquet
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from marsad.dataset import Dataset, column, rows_of
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.answer import Fetched
from marsad.scrape.fetch import Fetcher
from marsad.scrape.journal import Journal, read_segments
from marsad.scrape.record import CAPTURES, Capture, Outcome
from marsad.scrape.urls import original
from marsad.scrape.warc import Payload

log = logging.getLogger(__name__)

_KEPT = frozenset({"captured", "unchanged"})


@dataclass(frozen=True)
class Visit:
    """One more look at a captured page."""

    source: str = column("The source's name.")
    date: date = column("The day of the capture's partition.")
    url: str = column("The capture's URL.")
    step: int = column("Which look it was: 1 after the first time span, 2 after the second, and so on.")
    visited_at: datetime = column("When.")
    outcome: Outcome = column("What became of it; not_found and gone tell of a story withdrawn.")
    http_status: int | None = column("The HTTP status.", default=None)
    sha256: str | None = column(
        "SHA-256 of the body, where one came.",
        example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        default=None,
    )
    is_changed: bool = column("Whether the story on it had changed, and was captured anew.", default=False)
    error: str | None = column("What went wrong, for a person.", example="503 Service Unavailable", default=None)


VISITS = Dataset("revisits", Visit, ("url", "step"), suite=None)


def read_visits(partition: Partition, lake: Lake) -> list[Visit]:
    """The looks that were taken at a partition's pages."""
    return rows_of(lake.read_table("raw", VISITS, partition), Visit) if lake.has_table("raw", VISITS, partition) else []


def superseded(partition: Partition, lake: Lake) -> list[list[Capture]]:
    """For each address that was captured again with other bytes, its older captures, the oldest first."""
    found: dict[str, list[Capture]] = {}
    for row in read_segments(partition, lake):
        if row.outcome in _KEPT and row.warc_file is not None:
            rows = found.setdefault(row.url, [])
            if not rows or rows[-1].sha256 != row.sha256:
                rows.append(row)
    return [rows[:-1] for _, rows in sorted(found.items()) if len(rows) > 1]


def due(
    captures: Sequence[Capture],
    visits: Sequence[Visit],
    after: Sequence[timedelta],
    now: datetime,
    first: Mapping[str, datetime],
) -> list[tuple[Capture, int]]:
    """The pages to look at again now, each with the step it is for; of several steps missed only the last counts.

    Args:
        captures: the newest of each address.
        visits: the looks so far.
        after: the time spans since the first capture, in order.
        now: the moment.
        first: when each address was first captured.
    """
    done: dict[str, int] = {}
    for visit in visits:
        done[visit.url] = max(done.get(visit.url, 0), visit.step)
        if visit.outcome in ("gone", "not_found"):
            done[visit.url] = len(after)  # it was withdrawn: nothing more is to be seen
    found = []
    for capture in captures:
        # what a web archive keeps does not change, nor what lies on disk
        is_live = capture.url.startswith(("http://", "https://")) and original(capture.url) == capture.url
        began = first.get(capture.url, capture.fetched_at)
        if capture.outcome not in _KEPT or began is None or not is_live:
            continue
        step = sum(now - began >= span for span in after)
        if step > done.get(capture.url, 0):
            found.append((capture, step))
    return found


def revisit(
    partition: Partition,
    fetch: Fetcher,
    lake: Lake,
    *,
    after: Sequence[timedelta],
    now: Callable[[], datetime],
    is_changed: Callable[[Capture, Capture, bytes], bool],
) -> list[Visit]:
    """Look again at the pages of a partition that are due, and keep the stories that have changed.

    Args:
        is_changed: of the old capture, the new one and its bytes: whether the story differs.

    Returns:
        The looks taken. Newer captures are in the raw captures then; nothing else is rewritten.

    Raises:
        MissingPartition: the partition has no captures.
    """
    known: Mapping[str, Capture] = {c.url: c for c in rows_of(lake.read_table("raw", CAPTURES, partition), Capture)}
    before = read_visits(partition, lake)
    first: dict[str, datetime] = {}
    for row in read_segments(partition, lake):
        if row.outcome in _KEPT and row.fetched_at is not None:
            first.setdefault(row.url, row.fetched_at)
    asked = due(list(known.values()), before, after, now(), first)
    if not asked:
        return []
    journal = Journal(partition, lake, list(known.values()))
    visits: list[Visit] = []
    for old, step in asked:
        found = fetch.get(old.url, etag=old.etag, last_modified=old.last_modified)
        visit = Visit(
            source=partition.source,
            date=partition.date,
            url=old.url,
            step=step,
            visited_at=found.fetched_at or now(),
            outcome=found.outcome,
            http_status=found.http_status,
            error=found.error,
        )
        if found.outcome == "budget_exhausted":
            break  # the others are due still
        if found.outcome == "captured" and found.body:
            new = _newer(old, found)
            visit = replace(visit, sha256=new.sha256)
            if new.sha256 == old.sha256:
                visit = replace(visit, outcome="unchanged")
            elif is_changed(old, new, found.body):
                headers = list(found.headers.items())
                moment = found.fetched_at or now()
                journal.add(
                    new,
                    Payload(
                        found.final_url or old.url, found.body, moment, found.http_status, headers,
                        request_headers=found.sent,
                    ),
                )  # fmt: skip
                visit = replace(visit, is_changed=True)
        visits.append(visit)
    journal.flush()
    if journal.rows:
        lake.write_table("raw", CAPTURES, partition, CAPTURES.table({**known, **journal.rows}.values()))
    lake.write_table("raw", VISITS, partition, VISITS.table([*before, *visits]))
    return visits


def _newer(old: Capture, found: Fetched) -> Capture:
    """The capture of the same address as it is now."""
    return replace(
        old,
        final_url=found.final_url,
        outcome="captured",
        http_status=found.http_status,
        content_type=found.content_type,
        charset=found.charset,
        byte_count=len(found.body),
        sha256=hashlib.sha256(found.body).hexdigest(),
        warc_file=None,
        warc_offset=None,
        fetched_at=found.fetched_at,
        etag=found.headers.get("ETag"),
        last_modified=found.headers.get("Last-Modified"),
        attempt_count=found.attempt_count,
        error=None,
    )
