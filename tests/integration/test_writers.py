"""Two runs of one partition at once: both end, and what is published is what one run alone publishes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from forks import Marsad
from integration.test_kill import SOURCES, published
from marsad import pipeline
from marsad.claims import newest
from marsad.context import Context
from marsad.errors import PartitionBusy
from marsad.lake import Lake
from marsad.operate.verify import verify
from marsad.partition import Partition

P = Partition("mujammi", date(2026, 3, 3))


def start(lake: Path, sites: Any) -> Marsad:
    """`marsad run` of the partition, in a process of its own."""
    env = {
        "MARSAD_LAKE": str(lake),
        "MARSAD_STATE": str(lake.parent / "state"),
        "MARSAD_SOURCES": str(SOURCES),
        "MARSAD_CONNECT_TO": sites.connect_to_env,
        "MARSAD_DELAY_SCALE": "0",
        "MARSAD_DATA_DOCS": "false",
    }
    return Marsad("run", "-s", P.source, "-d", str(P.date), env=env)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_processes_that_run_one_partition_at_once(tmp_path: Path, sample_sites: Any) -> None:
    alone = start(tmp_path / "alone", sample_sites)
    assert alone.wait(280) == 0, alone.stderr
    both = [start(tmp_path / "both", sample_sites) for _ in range(2)]
    codes = [run.wait(280) for run in both]
    ends = [(run.stderr, code) for run, code in zip(both, codes, strict=True)]
    assert 0 in codes, ends
    for said, code in ends:
        # they did not meet, or the one that came second was told of the first
        assert code == 0 or (code == 1 and "is being written by" in said), said
    assert published(tmp_path / "both") == published(tmp_path / "alone")
    claim = newest(Lake(tmp_path / "both"), P)
    assert claim is not None
    assert (claim.is_released, claim.is_done) == (True, True)


@pytest.mark.timeout(600)
def test_a_daily_run_and_a_backfill_of_one_date_with_different_captures(
    make_context: Callable[..., Context], tmp_path: Path
) -> None:
    """The one that comes while the other writes is told so, and tries again; the date is one's or the other's whole."""
    lake = tmp_path / "lake"
    daily, backfill = make_context(lake), make_context(lake)
    inside, go_on = threading.Event(), threading.Event()

    def stop_in_scrape(stage: str, done: int, total: int) -> None:
        if done == 1:
            inside.set()
            assert go_on.wait(120)

    slow = Context(daily.settings, daily.lake, daily.sources, progress=stop_in_scrape)
    ends: list[BaseException | None] = []

    def run() -> None:
        try:
            pipeline.run_partition(P, slow)
            ends.append(None)
        except BaseException as error:
            ends.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert inside.wait(120)
    before = published(lake)
    busy: PartitionBusy | None = None
    try:
        pipeline.run_partition(P, backfill)
    except PartitionBusy as error:
        busy = error
    assert busy is not None
    assert "mujammi 2026-03-03 is being written by" in str(busy)
    assert published(lake) == before
    pipeline.run_partition(Partition("mujammi", P.date - timedelta(days=1)), backfill)  # another date is free
    go_on.set()
    thread.join(200)
    assert ends == [None]
    whole = published(lake)
    pipeline.run_partition(P, backfill)  # tried again
    assert published(lake) == whole
    assert list(verify(backfill.lake, now=backfill.now())) == []
