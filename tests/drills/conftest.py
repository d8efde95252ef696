"""A day of a sample site before and after a late story: what a drill starts from, and what it must end with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from marsad import pipeline
from marsad.context import Context, open_context
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.samples.server import SampleSites
from marsad.settings import Settings

SAMPLES = Path(__file__).parents[2] / "include" / "marsad" / "samples" / "sources"
DAY, NEXT = Partition("qadim", date(2026, 3, 3)), Partition("qadim", date(2026, 3, 4))


def published(lake: Lake | Path) -> dict[str, bytes]:
    """Everything published, by path."""
    lake = lake if isinstance(lake, Lake) else Lake(lake)
    return {path: lake.read_bytes(path) for path in lake.list("published", "**/*")}


@dataclass(frozen=True)
class Days:
    """Two lakes of the same two days, each at rest; a drill works on a copy."""

    before: Path
    """Published before the late story of the second day was read into the first."""
    after: Path
    context: Callable[..., Context]

    def copy(self, lake: Path, target: Path) -> Context:
        """A lake of one's own."""
        shutil.copytree(lake, target)
        return self.context(target)


@pytest.fixture(scope="session")
def days(tmp_path_factory: pytest.TempPathFactory, sample_sites: SampleSites) -> Days:
    """The two lakes, made once."""
    root = tmp_path_factory.mktemp("days")

    def context(lake: Path | str, **options: Any) -> Context:
        values: dict[str, Any] = {
            "lake": str(lake),
            "sources": (SAMPLES,),
            "state": root / "state",
            "connect_to": sample_sites.connect_to,
            "delay_scale": 0,
            "retry_base_s": 0.01,
            "data_docs": False,
            "warehouse": f"duckdb:///{root}/warehouse.duckdb",
        }
        return open_context(Settings(**{**values, **options}))

    ctx = context(root / "before")
    for partition in (DAY, NEXT):
        pipeline.run_partition(partition, ctx, with_late=False)
    shutil.copytree(root / "before", root / "after")
    late = pipeline.late_partitions(NEXT, after := context(root / "after"))
    assert late == [DAY]
    pipeline.rewrite(DAY, after)
    assert published(root / "before") != published(root / "after")
    return Days(root / "before", root / "after", context)
