"""Claims: one writer of a partition at a time, whoever dies, sleeps or is late."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.claims import KEPT, Claims, all_claims, claim_path, generations, newest, sweep, take_away, this_host
from marsad.errors import ClaimLost, GateFailed, LakeUnusable, PartitionBusy, SourceUnreachable
from marsad.lake import Lake
from marsad.overlay import Overlay
from marsad.partition import Partition

P = Partition("wakala", date(2026, 3, 3))
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now, self.passed = NOON, 1000.0

    def __call__(self) -> datetime:
        return self.now

    def ticks(self) -> float:
        """The clock that nobody sets, in seconds."""
        return self.passed

    def wait(self, minutes: float) -> None:
        """Let time pass."""
        self.now += timedelta(minutes=minutes)
        self.passed += 60 * minutes

    def jump(self, minutes: float) -> None:
        """Set the wall clock; no time passes."""
        self.now += timedelta(minutes=minutes)


@pytest.fixture(params=["disk", "store", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """A lake on each kind of place."""
    if request.param == "disk":
        return Lake(tmp_path / "lake")
    if request.param == "memory":
        return Lake(f"memory://claims-{tmp_path.name}")
    bucket = request.getfixturevalue("bucket")
    return Lake(f"{bucket.url}/claims-{tmp_path.name}", bucket.options)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def claims(lake: Lake, clock: Clock, owner: str, **other: Any) -> Claims:
    """The claims of a run on a view of the lake of its own, as another process has it."""
    view = Lake(str(lake.root), lake.root.storage_options if not lake.is_local else None)
    return Claims(view, now=clock, ticks=clock.ticks, owner=owner, **other)


def test_who_comes_second_is_told_who_holds_it_and_what_to_do(lake: Lake, clock: Clock) -> None:
    with claims(lake, clock, "news_wakala/manual").hold(P):
        with pytest.raises(PartitionBusy) as refusal, claims(lake, clock, "other").hold(P):
            pass
        said = str(refusal.value)
        for word in ("wakala 2026-03-03", "news_wakala/manual", "since 2026-03-04 12:00:00", "marsad lake release"):
            assert word in said
        with claims(lake, clock, "other").hold(Partition("wakala", date(2026, 3, 2))):
            pass  # another day is another matter
    with claims(lake, clock, "other").hold(P):
        pass


def test_a_claim_that_was_not_renewed_runs_out_and_its_holder_writes_nothing_more(lake: Lake, clock: Clock) -> None:
    slow, quick = claims(lake, clock, "slow", minutes=10), claims(lake, clock, "quick", minutes=10)
    with slow.hold(P):
        slow.lake.write_bytes("a", b"1")
        clock.wait(10)
        with quick.hold(P):
            quick.lake.write_bytes("a", b"2")
            with pytest.raises(ClaimLost, match="quick took the partition over"):
                slow.check(at_once=True)
            with pytest.raises(ClaimLost):
                slow.lake.write_bytes("a", b"3")
    assert lake.read_bytes("a") == b"2"
    assert newest(lake, P).owner == "quick"  # type: ignore[union-attr]


@pytest.mark.parametrize("verb", ["write_bytes", "delete", "move"])
def test_every_change_asks_the_fence(verb: str, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marsad.claims.LOOK_AGAIN_S", 0.0)
    lake = Lake(tmp_path)
    lake.write_bytes("a", b"1")
    slow = claims(lake, clock, "slow")
    words: dict[str, tuple[Any, ...]] = {"write_bytes": ("a", b"x"), "delete": ("a",), "move": ("a", "b")}
    with slow.hold(P):
        take_away(lake, P, by="a person", now=clock())
        with pytest.raises(ClaimLost):
            getattr(slow.lake, verb)(*words[verb])
    assert lake.read_bytes("a") == b"1"
    slow.lake.write_bytes("a", b"2")  # who holds nothing is asked nothing


def test_one_run_in_several_processes_keeps_its_claim_between_them(lake: Lake, clock: Clock) -> None:
    with claims(lake, clock, "run", bridges=True).hold(P, ends=False):
        pass
    clock.wait(20)
    with pytest.raises(PartitionBusy), claims(lake, clock, "other").hold(P):
        pass
    with claims(lake, clock, "run", bridges=True).hold(P, begins=False, ends=True):
        pass
    with claims(lake, clock, "other").hold(P):
        pass


def test_a_task_tried_again_shuts_its_forerunner_out(lake: Lake, clock: Clock) -> None:
    first, again = claims(lake, clock, "run", bridges=True), claims(lake, clock, "run", bridges=True)
    with pytest.raises(ClaimLost), first.hold(P), again.hold(P, begins=False):
        first.check(at_once=True)


@pytest.mark.parametrize("is_done", [True, False])
def test_a_run_goes_on_after_another_only_where_that_one_finished(is_done: bool, tmp_path: Path, clock: Clock) -> None:
    lake = Lake(tmp_path)
    with claims(lake, clock, "run", bridges=True).hold(P, ends=False):
        pass
    clock.wait(31)
    with claims(lake, clock, "other").hold(P, ends=is_done):
        pass
    run = claims(lake, clock, "run", bridges=True)
    if is_done:
        with run.hold(P, begins=False):
            pass
        return
    lost = pytest.raises(ClaimLost, match=r"other has written the partition and not finished.* `scrape`")
    with lost, run.hold(P, begins=False):
        pass
    with run.hold(P, begins=True):  # from the first stage on it is its own again
        pass


@pytest.mark.parametrize(
    ("error", "is_kept"), [(GateFailed("x"), False), (SourceUnreachable("x"), True), (ValueError("x"), True)]
)
def test_what_ends_a_run_frees_its_partition_and_what_is_tried_again_does_not(
    error: Exception, is_kept: bool, tmp_path: Path, clock: Clock
) -> None:
    lake = Lake(tmp_path)
    run = claims(lake, clock, "run", bridges=True)
    with pytest.raises(type(error)), run.hold(P, ends=False):
        raise error
    found = newest(lake, P)
    assert found is not None
    assert (found.why_void(clock(), clock.ticks()) is None) == is_kept
    run.give_up(P)
    assert newest(lake, P).is_released  # type: ignore[union-attr]
    claims(lake, clock, "other").give_up(P)


def test_within_a_claim_it_is_held_already(tmp_path: Path, clock: Clock) -> None:
    run = claims(Lake(tmp_path), clock, "run")
    with run.hold(P):
        with run.hold(P):
            pass
        with pytest.raises(PartitionBusy), claims(run.lake, clock, "other").hold(P):
            pass
    assert generations(run.lake, P) == [1]


def test_a_claim_is_renewed_while_the_work_goes_on(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    run = Claims(lake, now=lambda: datetime.now(UTC), minutes=0.6 / 60)
    with run.hold(P):
        first = newest(lake, P)
        threading.Event().wait(0.9)
        later = newest(lake, P)
        assert first is not None
        assert later is not None
        assert later.expires_at > first.expires_at
        assert later.why_void(datetime.now(UTC)) is None
        assert later.generation == first.generation


def _die_holding(root: str) -> None:
    run = Claims(Lake(root), now=lambda: NOON, owner="dead")
    with run.hold(P):
        os._exit(9)


def test_who_died_on_this_machine_holds_nothing(tmp_path: Path, clock: Clock) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_die_holding, args=(str(tmp_path),))
    process.start()
    process.join(30)
    assert process.exitcode == 9
    found = newest(Lake(tmp_path), P)
    assert found is not None
    assert found.why_void(clock()) == "dead"
    with claims(Lake(tmp_path), clock, "next").hold(P):
        pass
    # on another machine that number means nothing
    assert replace(found, host="elsewhere").why_void(clock()) is None


def test_a_process_number_given_out_again_is_not_the_holder(tmp_path: Path, clock: Clock) -> None:
    run = claims(Lake(tmp_path), clock, "run")
    with run.hold(P):
        found = newest(run.lake, P)
    assert found is not None
    living = replace(found, is_released=False, expires_at=NOON + timedelta(minutes=9))
    assert living.host == this_host()
    assert living.why_void(NOON, clock.ticks()) is None
    assert replace(living, pid_started=(living.pid_started or 0) - 3600).why_void(NOON, clock.ticks()) == "dead"


def _race(root: str, options: Any, start: Any, results: Any, number: int) -> None:
    run = Claims(Lake(root, options), now=lambda: NOON, owner=f"racer {number}")
    start.wait(60)
    try:
        with run.hold(P):
            results.put(number)
            start.wait(60)  # nobody lets go before all have tried
    except PartitionBusy:
        start.wait(60)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["disk", "store"])
def test_of_many_processes_that_race_one_wins(place: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    racers = 5 if place == "disk" else 3
    root, options = str(tmp_path), None
    if place == "store":
        bucket = request.getfixturevalue("bucket")
        root, options = f"{bucket.url}/race-{tmp_path.name}", bucket.options
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(racers), context.Queue()
    processes = [context.Process(target=_race, args=(root, options, start, results, n)) for n in range(racers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(90)
    assert [p.exitcode for p in processes] == [0] * racers
    winner = results.get(timeout=5)
    assert results.empty()
    found = newest(Lake(root, options), P)
    assert found is not None
    assert (found.owner, found.is_released) == (f"racer {winner}", True)


def test_a_racer_that_slept_through_many_claims_finds_itself_late(tmp_path: Path, clock: Clock) -> None:
    lake = Lake(tmp_path)
    for n in range(KEPT + 3):
        with claims(lake, clock, f"run {n}").hold(P):
            pass
    assert len(generations(lake, P)) == KEPT + 0
    sleeper = claims(lake, clock, "sleeper")
    sleeper.lake.create(claim_path(P, 2), b"{}")  # its number had been swept away
    assert newest(lake, P).owner != "sleeper"  # type: ignore[union-attr]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"source": 1}'])
def test_what_is_no_claim_holds_nothing(data: bytes, tmp_path: Path, clock: Clock) -> None:
    lake = Lake(tmp_path)
    lake.write_bytes(claim_path(P, 7), data)
    with claims(lake, clock, "run").hold(P):
        assert generations(lake, P) == [7, 8]


def test_claims_are_listed_and_old_ones_swept(lake: Lake, clock: Clock) -> None:
    other = Partition("mujammi", date(2026, 3, 3))
    with claims(lake, clock, "a").hold(P):
        pass
    clock.wait(60)
    with claims(lake, clock, "b").hold(other):
        assert [(c.source, c.owner) for c in all_claims(lake)] == [("mujammi", "b"), ("wakala", "a")]
        assert sweep(lake, before=clock() - timedelta(minutes=10)) == 1
        assert [c.source for c in all_claims(lake)] == ["mujammi"]
        assert sweep(lake, before=clock() + timedelta(minutes=10)) == 0


def test_zero_minutes_and_a_scratch_lake_claim_nothing(tmp_path: Path, clock: Clock) -> None:
    base = Lake(tmp_path / "lake")
    for run in (
        Claims(base, now=clock, minutes=0),
        Claims(Overlay(base, tmp_path / "scratch"), now=clock),
    ):
        with run.hold(P):
            assert not base.walk("locks")


def test_a_store_that_cannot_create_conditionally_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.dirfs import DirFileSystem
    from upath import UPath

    lake = Lake(tmp_path)
    lake.root = UPath("memory://plain")

    class Plain(DirFileSystem):
        """Knows of no condition."""

        def pipe_file(self, path: str, value: bytes, **other: Any) -> None:
            raise AssertionError

    from marsad import store as module

    assert not module.creates(Plain(str(tmp_path)))
    monkeypatch.setattr(module, "creates", lambda fs: False)
    with pytest.raises(LakeUnusable, match="MARSAD_CLAIM_MINUTES=0"):
        lake.create("a", b"")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["hold", "wait", "crash"])), max_size=12))
def test_no_two_ever_hold_it(steps: list[tuple[int, str]]) -> None:
    """Whatever the order: a holder that still passes the fence is the only one."""
    lake, clock = Lake(f"memory://any-{os.urandom(6).hex()}"), Clock()
    runs = [claims(lake, clock, f"run {n}") for n in range(3)]
    holding: set[int] = set()
    for who, what in steps:
        if what == "wait":
            clock.wait(16)
        elif what == "crash" and who in holding:
            runs[who]._held.pop(P).stop.set()
            holding.discard(who)
        elif what == "hold" and who not in holding:
            with contextlib.suppress(PartitionBusy):
                runs[who]._enter(P, begins=True)
                holding.add(who)
        sound = []
        for n in holding:
            with contextlib.suppress(ClaimLost):
                runs[n].check(at_once=True)
                sound.append(n)
        assert len(sound) <= 1
    for n in holding:
        runs[n]._held[P].stop.set()
