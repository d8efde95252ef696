"""The whole chain over an S3-like store gives the bytes it gives on a disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from marsad import pipeline
from marsad.context import Context
from marsad.lake import Lake
from marsad.partition import Partition

DAY = date(2026, 3, 3)
SOURCES = ("wakala", "mujammi")


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, Any]]:
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    options = {"endpoint_url": f"http://{host}:{port}", "key": "test", "secret": "test"}
    s3fs.S3FileSystem(**options).mkdir("marsad-chain")
    yield options
    server.stop()


def chain(ctx: Context) -> dict[str, bytes]:
    """Run two sources for a day, curate it and load it; everything published, by path."""
    for name in SOURCES:
        pipeline.run_partition(Partition(name, DAY), ctx)
    pipeline.curate(DAY, ctx)
    pipeline.load_date(DAY, ctx)
    return published(ctx.lake)


def published(lake: Lake) -> dict[str, bytes]:
    return {path: lake.read_bytes(path) for path in lake.list("published", "**/*")}


def test_a_store_holds_the_bytes_of_a_disk(
    make_context: Callable[..., Context], tmp_path: Path, s3: dict[str, Any]
) -> None:
    warehouse = f"duckdb:///{tmp_path / 'store.duckdb'}"
    on_store = make_context("s3://marsad-chain/lake", lake_options=s3, warehouse=warehouse)
    stored = chain(on_store)
    assert stored == chain(make_context(tmp_path / "lake"))
    assert any("source=wakala" in path and "/articles/" in path for path in stored)
    # again, through a file system that knows nothing of the first: nothing is fetched, nothing changes
    elsewhere = make_context(
        "s3://marsad-chain/lake", lake_options={**s3, "key": "elsewhere"}, connect_to={}, warehouse=warehouse
    )
    pipeline.run_partition(Partition("wakala", DAY), elsewhere)
    assert published(elsewhere.lake) == stored
    assert all(report.is_unchanged for report in pipeline.load_date(DAY, elsewhere))
