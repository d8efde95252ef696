"""What a stage and a gate did, read from what they left in the lake and counted for the metrics.

Nothing here can fail a stage: what cannot be counted is told in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

from marsad.context import Context
from marsad.logs import within
from marsad.metrics import Meter
from marsad.partition import Partition

if TYPE_CHECKING:
    from marsad.dataset import Dataset


def about(partition: Partition, stage: str) -> AbstractContextManager[None]:
    """Log lines of a block are about a partition and a stage."""
    return within(source=partition.source, date=partition.date.isoformat(), stage=stage)


def measure_stage(meter: Meter, stage: str, partition: Partition, ctx: Context, began: datetime) -> None:
    """Count what a stage that has ended did.

    Args:
        began: when it began: captures fetched before were replayed, and are not counted again.
    """
    if not meter.is_on:
        return
    with meter.counting():
        if stage == "scrape":
            _captures(meter, partition, ctx, began)
        elif stage == "publish":
            _published(meter, partition, ctx)


def _captures(meter: Meter, partition: Partition, ctx: Context, began: datetime) -> None:
    from collections import Counter

    from marsad.scrape.record import CAPTURES

    table = ctx.lake.read_table("staged", CAPTURES, partition).select(["outcome", "byte_count", "fetched_at"])
    fresh = [row for row in table.to_pylist() if row["fetched_at"] is not None and row["fetched_at"] >= began]
    for outcome, count in sorted(Counter(row["outcome"] for row in fresh).items()):
        meter.add("marsad.captures", count, source=partition.source, outcome=outcome)
    size = sum(row["byte_count"] or 0 for row in fresh if row["outcome"] == "captured")
    meter.add("marsad.captures.size", size, source=partition.source)


def _published(meter: Meter, partition: Partition, ctx: Context) -> None:
    from marsad.publish.manifest import read_manifest

    manifest = read_manifest(ctx.lake, partition)
    for file in manifest.files if manifest else ():
        meter.add("marsad.rows.published", file.row_count, source=partition.source, dataset=file.dataset)
        meter.add("marsad.published.size", file.byte_count, source=partition.source, dataset=file.dataset)


def measure_gate(meter: Meter, datasets: Sequence[Dataset], partition: Partition, ctx: Context) -> None:
    """Count what a gate answered, whether it passed or not."""
    if not meter.is_on:
        return
    from collections import Counter

    from marsad.quarantine import quarantine_rows
    from marsad.stages import reports_of

    with meter.counting():
        for report in reports_of(datasets, partition, ctx.lake):
            result = "overridden" if report.override else "passed" if report.is_success else "failed"
            meter.add("marsad.gate.results", 1, source=partition.source, dataset=report.dataset, result=result)
        dropped = Counter((row.dataset, row.reason) for row in quarantine_rows(datasets, partition, ctx.lake))
        for (dataset, reason), count in sorted(dropped.items()):
            meter.add("marsad.rows.quarantined", count, source=partition.source, dataset=dataset, reason=reason)
