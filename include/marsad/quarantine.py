"""Quarantine: every row that a stage or a gate dropped, with its reason, in files beside each other.

quarantine/<dataset>/date=…/source=…/stage.parquet   dropped by the stage that made the row
quarantine/<dataset>/date=…/source=…/gate.parquet    dropped by the gate after it
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from marsad.dataset import QUARANTINE, Batch, Dataset, Quarantined, rows_of
from marsad.errors import NeverError
from marsad.lake import Lake
from marsad.partition import Partition

PARTS = ("stage", "gate")


def quarantine_path(dataset: Dataset, partition: Partition, part: str) -> str:
    """Where the dropped rows of a dataset's partition are; ``part`` is stage or gate."""
    return f"quarantine/{dataset.name}/{partition.path}/{part}.parquet"


def write_batch(batch: Batch, partition: Partition, lake: Lake) -> None:
    """Write a batch to ``staged`` and its rejects to ``quarantine``."""
    lake.stage_batch(batch, partition)
    rows = [
        Quarantined(batch.dataset.name, r.row_key, r.stage, r.reason, r.evidence, partition.source, partition.date)
        for r in batch.rejects
    ]
    path = quarantine_path(batch.dataset, partition, "stage")
    if len({(r.row_key, r.reason) for r in rows}) != len(rows):
        raise NeverError(f"{partition}: stage {rows[0].stage} rejected a row of {batch.dataset} twice for one reason")
    lake.write_rows_at(QUARANTINE, path, QUARANTINE.table(rows))


def counts_by_reason(datasets: Sequence[Dataset], partition: Partition, lake: Lake) -> dict[str, int]:
    """How many rows of some datasets of a partition were dropped, by reason."""
    reasons: Counter[str] = Counter()
    for row in quarantine_rows(datasets, partition, lake):
        reasons[row.reason] += 1
    return dict(sorted(reasons.items()))


def quarantine_rows(datasets: Sequence[Dataset], partition: Partition, lake: Lake) -> list[Quarantined]:
    """The quarantined rows of some datasets of a partition, as records."""
    found: list[Quarantined] = []
    for dataset in datasets:
        for part in PARTS:
            path = quarantine_path(dataset, partition, part)
            if lake.exists(path):
                found += rows_of(lake.read_table_at(QUARANTINE, path), Quarantined)
    return found


def all_quarantined(day: date, lake: Lake, source: str | None = None) -> list[Quarantined]:
    """Every quarantined row of a day, of one source or of all."""
    found: list[Quarantined] = []
    for path in lake.list("quarantine", f"*/date={day.isoformat()}/**/*.parquet"):
        found += rows_of(lake.read_table_at(QUARANTINE, path), Quarantined)
    return sorted(
        (r for r in found if source in (None, r.source)), key=lambda r: (r.source, r.dataset, r.row_key, r.reason)
    )
