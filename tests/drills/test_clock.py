"""A clock that is set back and forth by hours: no claim is lost by it, and the published bytes stay the same."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.test_claims import Clock, claims
from marsad import pipeline
from marsad.claims import Claims, newest
from marsad.claims.record import started
from marsad.context import Context
from marsad.errors import PartitionBusy
from marsad.lake import Lake
from marsad.partition import Partition

P = Partition("qadim", date(2026, 3, 3))
JUMPS = (timedelta(hours=7), timedelta(hours=-9), timedelta(hours=31), timedelta(minutes=-40), timedelta(days=-2))


class Jumping:
    """The wall clock of a machine on which somebody sets it whenever it is asked."""

    def __init__(self) -> None:
        self._jumps: Iterator[timedelta] = itertools.cycle(JUMPS)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + next(self._jumps)


def published(lake: Lake) -> dict[str, bytes]:
    return {path: lake.read_bytes(path) for path in lake.list("published", "**/*")}


@pytest.mark.slow
def test_a_day_under_a_jumping_clock_has_the_bytes_of_a_quiet_one(
    make_context: Callable[..., Context], tmp_path: Path
) -> None:
    quiet, jumping = make_context(tmp_path / "quiet"), replace(make_context(tmp_path / "jumping"), now=Jumping())
    for ctx in (quiet, jumping):
        for stage in pipeline.STAGE_NAMES:
            pipeline.run(stage, P, replace(ctx, owner="news_qadim/run"))  # a process for each task
            pipeline.run_gate(stage, P, replace(ctx, owner="news_qadim/run"))
        pipeline.curate(P.date, ctx)
    assert published(jumping.lake) == published(quiet.lake)
    assert published(quiet.lake)
    claim = newest(jumping.lake, P)
    assert claim is not None
    assert (claim.is_released, claim.is_done) == (True, True)


@pytest.mark.parametrize("jump", [60 * 7, -60 * 9])
@pytest.mark.parametrize("who", ["holder", "other"])
def test_a_set_clock_takes_no_claim_from_a_holder_that_lives(who: str, jump: int, tmp_path: Path) -> None:
    lake, holders, others = Lake(tmp_path), Clock(), Clock()
    run = claims(lake, holders, "run")
    with run.hold(P):
        (holders if who == "holder" else others).jump(jump)
        with pytest.raises(PartitionBusy), claims(lake, others, "other").hold(P):
            pass
        run.check(at_once=True)
        run.lake.write_bytes("a", b"1")
    with claims(lake, others, "other").hold(P):
        pass


@pytest.mark.parametrize("jump", [60 * 7, -60 * 9])
def test_between_two_tasks_neither(jump: int, tmp_path: Path) -> None:
    lake, clock = Lake(tmp_path), Clock()
    with claims(lake, clock, "run", bridges=True).hold(P, ends=False):
        clock.jump(jump)
    with pytest.raises(PartitionBusy), claims(lake, clock, "other").hold(P):
        pass
    clock.wait(29)
    with pytest.raises(PartitionBusy), claims(lake, clock, "other").hold(P):
        pass
    clock.wait(2)  # time does pass
    with claims(lake, clock, "other").hold(P):
        pass


def test_renewal_goes_by_the_clock_that_nobody_sets(tmp_path: Path) -> None:
    lake, clock = Lake(tmp_path), Clock()
    run = Claims(lake, now=clock, minutes=0.6 / 60)
    with run.hold(P):
        first = newest(lake, P)
        clock.jump(-600)
        threading.Event().wait(0.9)
        later = newest(lake, P)
        assert first is not None
        assert later is not None
        assert timedelta(seconds=0.2) < later.expires_at - first.expires_at < timedelta(seconds=60)
        assert later.why_void(clock()) is None


def elsewhere(lake: Lake) -> None:
    """Let the newest claim be another machine's, renewed at this moment."""
    claim = newest(lake, P)
    assert claim is not None
    lake.write_bytes(f"locks/{P.source}/{P.date}/{claim.generation:09d}.json", replace(claim, host="other").to_bytes())


@pytest.mark.parametrize("place", ["disk", "memory"])
def test_who_looks_on_from_another_machine_asks_the_stores_clock(place: str, tmp_path: Path) -> None:
    lake = Lake(tmp_path if place == "disk" else f"memory://clock-{tmp_path.name}")
    clock = Clock()
    with claims(lake, clock, "run", bridges=True).hold(P, ends=False):
        pass
    elsewhere(lake)
    clock.jump(60 * 7)
    with pytest.raises(PartitionBusy), claims(lake, clock, "other").hold(P):
        pass
    assert [path for path in lake.walk("locks") if not path.endswith(".json")] == []
    # and one that is not renewed does run out: a span of no length is over at once, by every clock
    with claims(lake, clock, "run", bridges=True, minutes=1e-9).hold(P, ends=False):
        pass
    elsewhere(lake)
    clock.jump(1)
    with claims(lake, clock, "other").hold(P):
        pass


def test_a_process_is_told_by_a_start_that_no_clock_moves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    import psutil

    if not Path("/proc/self/stat").exists():
        pytest.skip("only Linux tells it")
    before = started(os.getpid())
    # what setting the clock does: moments reckoned from it move
    real = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: real(self) + 7200)
    assert started(os.getpid()) == before
    lake, clock = Lake(tmp_path), Clock()
    with (
        claims(lake, clock, "run").hold(P),
        pytest.raises(PartitionBusy),
        claims(lake, clock, "other").hold(P),
    ):
        pass


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["jump", "wait"]), st.integers(-600, 600)), max_size=8), st.data())
def test_whatever_the_wall_clock_says_a_claim_lasts_its_span(steps: list[tuple[str, int]], data: Any) -> None:
    lake, clock = Lake(f"memory://span-{data.draw(st.uuids())}"), Clock()
    with claims(lake, clock, "run", bridges=True, minutes=30).hold(P, ends=False):
        pass
    passed = 0
    for what, minutes in steps:
        if what == "jump":
            clock.jump(minutes)
        else:
            clock.wait(abs(minutes) / 20)
            passed += abs(minutes)
    found = newest(lake, P)
    assert found is not None
    assert found.why_void(clock(), clock.ticks()) == ("expired" if passed / 20 >= 30 else None)
