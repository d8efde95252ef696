"""What reading a shard writes besides the datasets: what became of each capture, and what it gave to which day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

from marsad.clean.record import ARTICLES, CUTS, LINKS
from marsad.dataset import Dataset, column
from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES
from marsad.scrape.record import Capture

if TYPE_CHECKING:
    import pyarrow as pa

Day = date

Fate = Literal[
    "cleaned", "late", "rejected", "unreadable", "crashed", "too_slow", "out_of_memory", "failed",
    "not_captured", "not_a_page", "too_large", "not_arabic", "other_host",
]  # fmt: skip
FATES: tuple[str, ...] = get_args(Fate)
POISONED = frozenset({"crashed", "too_slow", "out_of_memory", "failed"})
"""Fates of a page that the reader could not bear; it is tried alone before this is said."""


@dataclass(frozen=True)
class CaptureFate:
    """One capture of a bulk run, and the one thing that became of it."""

    capture_id: str = column("Hash of source, day, address, time of the answer and place of the bytes.")
    position: int = column("Where in its shard: the row's number, or the offset of its WARC record.")
    source: str = column("The source it was read as.")
    date: date = column("The day of the capture.")
    url: str = column("Its address.")
    warc_file: str | None = column("The WARC file with the bytes.")
    warc_offset: int | None = column("Byte offset of its record.")
    fate: Fate = column("What became of it; exactly one.")
    reason: str | None = column("Why, in one word, where it gave no article.")
    evidence: str | None = column("What was seen.")
    article_count: int = column("Stories it gave, to whatever day.")


@dataclass(frozen=True)
class Reading:
    """What one capture gave to one day."""

    capture_id: str = column("The capture.")
    source: str = column("The source it was read as.")
    captured_on: Day = column("The day of the capture.")
    url: str = column("Its address.")
    fetched_at: datetime | None = column("When it was captured.")
    day: Day = column("The day it was read for.")
    article_key: str | None = column("The main story's id, where the day has a row of this capture.")
    address: str = column("By which the main story is known.")
    late: tuple[Day, ...] = column("Other days it has stories for.")


@dataclass(frozen=True)
class DroppedRow:
    """A row that reading dropped."""

    capture_id: str = column("The capture.")
    source: str = column("The source it was read as.")
    day: Day = column("The day it was read for.")
    row_key: str = column("The row.")
    stage: str = column("Who dropped it.")
    reason: str = column("Why, in one word.")
    evidence: str = column("What was seen.")


CAPTURE_FATES = Dataset("bulk_outcomes", CaptureFate, ("position", "capture_id"), suite=None)
READINGS = Dataset("bulk_readings", Reading, ("capture_id", "day"), suite=None)
DROPPED = Dataset("bulk_dropped", DroppedRow, ("capture_id", "day", "row_key", "reason"), suite=None)
FINDINGS = (MENTIONS, QUOTATIONS, TIMEXES, QUANTITIES, KEYPHRASES)
ROWS: tuple[Dataset, ...] = (ARTICLES, LINKS, CUTS, *FINDINGS)
"""Datasets whose rows lie in a shard with a column ``capture_id`` in front."""


@cache
def shard_schemas() -> dict[str, pa.Schema]:
    """The Arrow schema of each file of a shard, by name."""
    import pyarrow as pa

    mark = pa.field("capture_id", pa.string(), nullable=False)
    rows = {d.name: pa.schema([mark, *d.schema]) for d in ROWS}
    return {**rows, **{d.name: d.schema for d in (CAPTURE_FATES, READINGS, DROPPED)}}


def capture_id(capture: Capture) -> str:
    """The id of a capture: 20 hex digits."""
    at = capture.fetched_at.isoformat() if capture.fetched_at else ""
    parts = (capture.source, capture.date.isoformat(), capture.url, at, capture.warc_file, str(capture.warc_offset))
    return hashlib.sha256("|".join(str(p) for p in parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]
