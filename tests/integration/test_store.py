"""The whole chain over an S3-like store gives the bytes it gives on a disk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from marsad import pipeline
from marsad.context import Context
from marsad.lake import Lake
from marsad.partition import Partition
from store_server import Bucket

DAY = date(2026, 3, 3)
SOURCES = ("wakala", "mujammi")


def chain(ctx: Context) -> dict[str, bytes]:
    """Run two sources for a day, curate it and load it; everything published, by path."""
    for name in SOURCES:
        pipeline.run_partition(Partition(name, DAY), ctx)
    pipeline.curate(DAY, ctx)
    pipeline.load_date(DAY, ctx)
    return published(ctx.lake)


def published(lake: Lake) -> dict[str, bytes]:
    return {path: lake.read_bytes(path) for path in lake.list("published", "**/*")}


@pytest.mark.slow
def test_a_store_holds_the_bytes_of_a_disk(
    make_context: Callable[..., Context], tmp_path: Path, bucket: Bucket
) -> None:
    warehouse = f"duckdb:///{tmp_path / 'store.duckdb'}"
    place = f"{bucket.url}/chain"
    on_store = make_context(place, lake_options=bucket.options, warehouse=warehouse)
    stored = chain(on_store)
    assert stored == chain(make_context(tmp_path / "lake"))
    assert any("source=wakala" in path and "/articles/" in path for path in stored)
    # again, through a file system that knows nothing of the first: nothing is fetched, nothing changes
    stranger = {**bucket.options, "key": "elsewhere"}
    elsewhere = make_context(place, lake_options=stranger, connect_to={}, warehouse=warehouse)
    pipeline.run_partition(Partition("wakala", DAY), elsewhere)
    assert published(elsewhere.lake) == stored
    assert all(report.is_unchanged for report in pipeline.load_date(DAY, elsewhere))
