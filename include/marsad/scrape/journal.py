"""The journal: captures on their way to the lake, a segment at a time, so that a scrape may be killed.

The bytes of a segment are written first, then the rows that say they are there. A WARC file without
its journal file is of a killed run; the next run writes over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from marsad.dataset import Dataset, rows_of
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.record import Capture
from marsad.scrape.warc import Payload, write_segment

SEGMENT_ROWS = 20
SEGMENT_BYTES = 4_000_000
"""A segment is written at whichever comes first: what a kill can cost to fetch again."""

FILE_SEGMENT_ROWS = 500
"""Of pages on disk, which cost nothing to read again."""

JOURNAL = Dataset("captures_journal", Capture, ("url",), suite=None)
_NUMBER = re.compile(r"segment-(\d+)\.")


def read_journal(partition: Partition, lake: Lake) -> dict[str, Capture]:
    """The rows of a partition's journal by URL; a later segment's row replaces an earlier one's."""
    found: dict[str, Capture] = {}
    paths = lake.list(f"raw/captures_journal/{partition.path}", "segment-*.parquet")
    for path in sorted(paths, key=_number_in):
        found.update({c.url: c for c in rows_of(lake.read_table_at(JOURNAL, path), Capture)})
    return found


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
        taken = [_number_in(c.warc_file) for c in self.known if c.warc_file]
        journals = self.lake.list(f"raw/captures_journal/{self.partition.path}", "segment-*.parquet")
        self._number = max([*taken, *map(_number_in, journals)], default=0) + 1

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
        payloads = [p for _, p in self._pending if p]
        offsets = iter(write_segment(self.lake, warc_file, payloads) if payloads else ())
        rows = [
            replace(row, warc_file=warc_file, warc_offset=next(offsets)) if payload else row
            for row, payload in self._pending
        ]
        self.lake.write_table("raw", JOURNAL, self.partition, JOURNAL.table(rows), part=f"{name}.parquet")
        self.rows.update({r.url: r for r in rows})
        self._pending.clear()
        self._pending_bytes = 0
        self._number += 1


def _number_in(path: str) -> int:
    found = _NUMBER.search(path)
    return int(found[1]) if found else 0
