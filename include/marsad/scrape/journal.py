"""The journal: captures on their way to the lake, a segment at a time, so that a scrape may be killed.

The bytes of a segment are written first, then its index, then the rows that say they are there. A WARC file
without its journal file is of a killed run; the next run writes over it.

A body that the source has sent before, on this day or in the days before, is not stored again: the row points to
where it lies, and the segment holds a revisit record in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from marsad.dataset import Dataset, rows_of
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.cdxj import index_path, write_index
from marsad.scrape.record import CAPTURES, Capture
from marsad.scrape.warc import Payload, Reference, Stored, write_segment

SEGMENT_ROWS = 20
SEGMENT_BYTES = 4_000_000
"""A segment is written at whichever comes first: what a kill can cost to fetch again."""

FILE_SEGMENT_ROWS = 500
"""Of pages on disk, which cost nothing to read again."""

SAME_BODY_DAYS = 7
"""How many days back a body may lie that is not stored again."""

JOURNAL = Dataset("captures_journal", Capture, ("url",), suite=None)
_NUMBER = re.compile(r"segment-(\d+)\.")


def read_journal(partition: Partition, lake: Lake) -> dict[str, Capture]:
    """The rows of a partition's journal by URL; a later segment's row replaces an earlier one's."""
    return {row.url: row for row in read_segments(partition, lake)}


def read_segments(partition: Partition, lake: Lake) -> Iterator[Capture]:
    """Every row of a partition's journal, in the order they were written; an address may come again."""
    paths = lake.list(f"raw/captures_journal/{partition.path}", "segment-*.parquet")
    for path in sorted(paths, key=_number_in):
        yield from rows_of(lake.read_table_at(JOURNAL, path), Capture)


@dataclass
class Journal:
    """Writes captures; ``rows`` are those that lie safely in the lake."""

    partition: Partition
    lake: Lake
    known: Iterable[Capture]
    segment_rows: int = SEGMENT_ROWS
    rows: dict[str, Capture] = field(default_factory=dict)
    _pending: list[tuple[Capture, Payload | None]] = field(default_factory=list)
    _pending_bytes: int = 0

    def __post_init__(self) -> None:
        journals = self.lake.list(f"raw/captures_journal/{self.partition.path}", "segment-*.parquet")
        own = f"raw/warc/{self.partition.path}/"
        numbers = [_number_in(c.warc_file) for c in self.known if c.warc_file and c.warc_file.startswith(own)]
        self._number = max([*numbers, *map(_number_in, journals)], default=0) + 1
        self._stored = _bodies_of(self.known)
        self._earlier: dict[str, Reference] | None = None

    def add(self, row: Capture, payload: Payload | None) -> None:
        """Take a row, and its bytes where it has any; a full segment is written."""
        self._pending.append((row, payload))
        self._pending_bytes += len(payload.body) if payload else 0
        if len(self._pending) >= self.segment_rows or self._pending_bytes >= SEGMENT_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is pending: bytes first, then the rows that say they are there."""
        if not self._pending:
            return
        name = f"segment-{self._number:04d}"
        warc_file = f"raw/warc/{self.partition.path}/{name}.warc.gz"
        payloads: list[Payload] = []
        for row, payload in self._pending:
            if payload is not None:
                payloads.append(replace(payload, notes=_notes(row), same_as=self._same_as(row)))
        rows = [row for row, _ in self._pending]
        if payloads:
            stored = write_segment(self.lake, warc_file, payloads)
            write_index(self.lake, index_path(self.partition, name), [one.entry for one in stored])
            places = iter(stored)
            rows = [_placed(row, next(places)) if payload else row for row, payload in self._pending]
            for sha256, place in _bodies_of(rows).items():
                self._stored.setdefault(sha256, place)
        self.lake.write_table("raw", JOURNAL, self.partition, JOURNAL.table(rows), part=f"{name}.parquet")
        self.rows.update({r.url: r for r in rows})
        self._pending.clear()
        self._pending_bytes = 0
        self._number += 1

    def _same_as(self, row: Capture) -> Reference | None:
        """Where the row's body lies already, if it does."""
        if not row.sha256 or not row.byte_count:
            return None
        if row.sha256 in self._stored:
            return self._stored[row.sha256]
        if self._earlier is None:
            self._earlier = _bodies_of_days_before(self.partition, self.lake)
        return self._earlier.get(row.sha256)


def _placed(row: Capture, stored: Stored) -> Capture:
    return replace(row, warc_file=stored.warc_file, warc_offset=stored.warc_offset)


def _notes(row: Capture) -> tuple[tuple[str, str], ...]:
    """What the metadata record says of a capture: facts of its row that no other record has."""
    facts = (
        ("via", row.discovered_by),
        ("discoveredAt", row.discovered_at.isoformat() if row.discovered_at else ""),
        ("listedAt", row.listed_at.isoformat() if row.listed_at else ""),
        ("discoveredUrl", row.url),
        ("attempts", str(row.attempt_count)),
        ("sha256", row.sha256 or ""),
    )
    return tuple((name, value) for name, value in facts if value)


def _bodies_of(captures: Iterable[Capture]) -> dict[str, Reference]:
    """Where bodies lie, by their SHA-256: of several places the first in the lake, whatever the order of the rows."""
    found: dict[str, Reference] = {}
    for c in captures:
        if c.sha256 and c.warc_file and c.warc_offset is not None and c.byte_count and c.fetched_at:
            place = Reference(c.final_url or c.url, c.fetched_at, c.warc_file, c.warc_offset)
            known = found.get(c.sha256, place)
            found[c.sha256] = min(known, place, key=lambda r: (r.warc_file, r.warc_offset, r.fetched_at, r.url))
    return found


def _bodies_of_days_before(partition: Partition, lake: Lake) -> dict[str, Reference]:
    found: dict[str, Reference] = {}
    for back in range(1, SAME_BODY_DAYS + 1):
        day = Partition(partition.source, partition.date - timedelta(days=back))
        if lake.has_table("raw", CAPTURES, day):
            for sha256, place in _bodies_of(rows_of(lake.read_table("raw", CAPTURES, day), Capture)).items():
                found.setdefault(sha256, place)
    return found


def _number_in(path: str) -> int:
    found = _NUMBER.search(path)
    return int(found[1]) if found else 0
