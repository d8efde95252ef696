"""The pipeline's verbs hold their partition; stages of one run in several processes keep it between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from marsad import pipeline
from marsad.claims import newest, take_away
from marsad.context import Context
from marsad.errors import ClaimLost, PartitionBusy
from marsad.partition import ALL_SOURCES, Partition

P = Partition("qadim", date(2026, 3, 3))


def test_a_run_of_many_tasks_holds_its_date_from_the_first_to_publish(
    make_context: Callable[..., Context], tmp_path: Path
) -> None:
    def task() -> Context:  # as each task opens its own
        return replace(make_context(tmp_path / "lake"), owner="news_qadim/run")

    other = make_context(tmp_path / "lake")
    pipeline.run("scrape", P, task())
    for work in (pipeline.run, pipeline.run_gate):
        with pytest.raises(PartitionBusy, match="by news_qadim/run since"):
            work("scrape", P, other)
    pipeline.run_gate("scrape", P, task())
    # somebody else takes the date over, and leaves it half made
    take_away(other.lake, P, by="a person", now=other.now())
    pipeline.run("scrape", P, other)
    with pytest.raises(ClaimLost, match="from its first stage"):
        pipeline.run("clean", P, task())
    for stage in pipeline.STAGE_NAMES:
        pipeline.run(stage, P, task())
        pipeline.run_gate(stage, P, task())
    claim = newest(other.lake, P)
    assert claim is not None
    assert (claim.owner, claim.is_released, claim.is_done) == ("news_qadim/run", True, True)
    pipeline.curate(P.date, other)
    curated = newest(other.lake, Partition(ALL_SOURCES, P.date))
    assert curated is not None
    assert curated.is_done
