"""Late stories: a capture of one day that holds a story of another is filed for that day.

    raw/late_captures/date=<the story's>/source=…/from-<the capture's day>.parquet

The day's own run reads what is filed for it; a day already published is rewritten.
What a published day has read lies in ``core/late_captures``, so that a run killed
between filing and rewriting is made good by the next.
"""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from marsad.clean.record import LATE_CAPTURES
from marsad.errors import MissingPartition
from marsad.lake import Lake
from marsad.partition import Partition


def _path(target: Partition, captured_on: date) -> str:
    return f"raw/late_captures/{target.path}/from-{captured_on.isoformat()}.parquet"


def _filed(partition: Partition, lake: Lake) -> list[str]:
    """The files by which this partition's captures announced stories of other days."""
    name = f"date=*/source={partition.source}/from-{partition.date.isoformat()}.parquet"
    return lake.list("raw/late_captures", name)


def file_late(late: pa.Table, partition: Partition, lake: Lake) -> None:
    """File late captures under the days they belong to; forget what is no longer so."""
    wanted = set()
    for day in sorted(set(late["date"].to_pylist())):
        path = _path(Partition(partition.source, day), partition.date)
        lake.write_rows_at(LATE_CAPTURES, path, late.filter(pc.equal(late["date"], day)))
        wanted.add(path)
    for stale in set(_filed(partition, lake)) - wanted:
        lake.delete(stale)


def inbox(partition: Partition, lake: Lake) -> pa.Table:
    """The late captures filed for a partition."""
    files = lake.list(f"raw/late_captures/{partition.path}", "from-*.parquet")
    tables = [lake.read_table_at(LATE_CAPTURES, f) for f in files]
    return LATE_CAPTURES.conform(pa.concat_tables(tables)) if tables else LATE_CAPTURES.empty()


def outbox(partition: Partition, lake: Lake) -> pa.Table:
    """What a partition's captures filed for other days."""
    tables = [lake.read_table_at(LATE_CAPTURES, f) for f in _filed(partition, lake)]
    return LATE_CAPTURES.conform(pa.concat_tables(tables)) if tables else LATE_CAPTURES.empty()


def unread(partition: Partition, lake: Lake) -> list[Partition]:
    """The partitions for which this one's captures filed stories that they have not read yet."""
    found = []
    for path in _filed(partition, lake):
        day = date.fromisoformat(path.split("/date=")[1].split("/")[0])
        target = Partition(partition.source, day)
        try:
            read = lake.read_table("core", LATE_CAPTURES, target)
        except MissingPartition:
            read = LATE_CAPTURES.empty()
        if not read.equals(inbox(target, lake)):
            found.append(target)
    return found
