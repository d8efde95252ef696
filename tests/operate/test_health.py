"""What `marsad health` and `marsad metrics` see: a lake as the pipeline leaves it, and one that is in trouble."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from marsad.context import Context
from marsad.gate.report import ExpectationResult, GateReport, write_report
from marsad.metrics import BY_NAME
from marsad.operate.health import Check, health
from marsad.operate.watch import points, watch
from marsad.partition import Partition
from marsad.pipeline import run_partition
from marsad.scrape.poll import POLLS
from marsad.scrape.record import CAPTURES

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = Partition("wakala", date(2026, 3, 3))


def at(ctx: Context, moment: datetime, **facts: object) -> Context:
    """The same lake, seen at a moment; with sources that are still open."""
    open_ = {n: s.model_copy(update={"closed_on": None, "is_enabled": n == "wakala"}) for n, s in ctx.sources.items()}
    return replace(ctx, now=lambda: moment, sources=open_)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("watched")


@pytest.fixture
def ctx(make_context: Callable[..., Context], lake: Path) -> Context:
    """One day of one source, published once for the module."""
    made = make_context(lake)
    if not (lake / "published").exists():
        run_partition(DAY, made)
    return made


def checks_of(ctx: Context) -> dict[str, Check]:
    return {c.name: c for c in health(ctx).checks}


def test_a_source_that_published_yesterday_is_well(ctx: Context) -> None:
    found = health(at(ctx, NOON))
    assert {c.name: c.is_ok for c in found.checks if c.is_critical} == {
        "lake": True, "warehouse": True, "state": True, "source wakala": True,
    }  # fmt: skip
    assert found.is_ok
    assert json.dumps(found.as_json())


def test_the_numbers_are_those_of_the_manifest(ctx: Context, lake: Path) -> None:
    seen = watch(at(ctx, NOON))
    (state,) = seen.sources
    assert (state.last_day, state.due_day, state.is_late) == (DAY.date, DAY.date, False)
    assert state.lag_s == 14 * 3600  # the day ended at 22:00 UTC in Beirut
    made = {(p.name, *(v for _, v in p.labels)): p.value for p in points(seen)}
    manifest = json.loads((lake / "published/_manifests/date=2026-03-03/source=wakala.json").read_text("utf-8"))
    for outcome, count in manifest["outcomes"].items():
        assert made["marsad.partition.captures", "wakala", outcome] == count
    for file in manifest["files"]:
        assert made["marsad.partition.rows", "wakala", file["dataset"]] == file["row_count"]
    assert 0 < made["marsad.source.newest_story.age", "wakala"] < 48 * 3600
    assert made["marsad.lake.up",] == made["marsad.warehouse.up",] == 1
    assert {name for name, *_ in made} <= set(BY_NAME)
    assert len(made) == len(points(seen))


def test_a_day_that_does_not_come_is_late_after_its_hours(ctx: Context) -> None:
    # 2026-03-04 ends at 22:00 UTC; it should be published twelve hours later
    before = checks_of(at(ctx, datetime(2026, 3, 5, 9, 59, tzinfo=UTC)))
    after = checks_of(at(ctx, datetime(2026, 3, 5, 10, 1, tzinfo=UTC)))
    assert before["source wakala"].is_ok
    assert not after["source wakala"].is_ok
    assert "2026-03-04 should be" in after["source wakala"].said
    assert "news_wakala" in after["source wakala"].said


def test_a_gate_that_holds_a_day_back_is_said(ctx: Context) -> None:
    held = Partition("wakala", date(2026, 3, 4))
    answer = ExpectationResult("something_captured", "expect_x", "", "critical", False, True, 0, "0 rows")
    report = GateReport("wakala", held.date, "captures", "suite", False, 0, 0, 0, (answer,))
    write_report(report, CAPTURES, held, ctx.lake)
    try:
        found = health(at(ctx, datetime(2026, 3, 5, 9, tzinfo=UTC)))
        by_name = {c.name: c for c in found.checks}
        assert not by_name["gates wakala"].is_ok
        assert "`marsad report --date 2026-03-04` says why" in by_name["gates wakala"].said
        assert not found.is_ok
        made = {(p.name, *(v for _, v in p.labels)): p.value for p in points(watch(at(ctx, NOON)))}
        assert made["marsad.partitions.blocked", "wakala"] == 1
        assert made["marsad.alarms.open", "wakala", "yes"] == 1
    finally:
        ctx.lake.delete(f"reports/gates/captures/{held.path}/part-0.parquet")


def test_listings_that_fail_are_counted_and_no_reason_to_wake_anybody(ctx: Context) -> None:
    source = at(ctx, NOON).sources["wakala"]
    (route,) = [r for r in source.discover if not r.is_dated][:1]
    state = {"due_at": "2026-03-04T11:00:00+00:00", "interval_s": 600.0, "failures": 3, "validators": []}
    ctx.lake.write_json("raw/polls/state/wakala.json", {f"{route.kind}: {route.address}": state})
    try:
        found = health(at(ctx, NOON))
        by_name = {c.name: c for c in found.checks}
        assert "1 listings failed" in by_name["routes wakala"].said
        assert found.is_ok
        (seen,) = watch(at(ctx, NOON)).sources
        assert (seen.routes_due, seen.routes_failing) == (1, 1)
        assert seen.polled_at == datetime(2026, 3, 4, 10, 50, tzinfo=UTC)
    finally:
        ctx.lake.delete("raw/polls/state/wakala.json")
    assert POLLS.name == "polls"


def test_a_lake_that_cannot_be_written_is_the_first_thing_said(
    make_context: Callable[..., Context], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    found = health(make_context(tmp_path / "file" / "lake", warehouse=f"duckdb:///{tmp_path}/w.duckdb"))
    assert not found.is_ok
    assert "cannot write" in found.checks[0].said
    assert points(watch(make_context(tmp_path / "file" / "lake")))[0].value == 0


def test_a_warehouse_that_is_none_is_said(make_context: Callable[..., Context], tmp_path: Path) -> None:
    (tmp_path / "w.duckdb").write_bytes(b"this is a letter, not a database")
    found = checks_of(make_context(tmp_path / "lake", warehouse=f"duckdb:///{tmp_path}/w.duckdb"))
    assert not found["warehouse"].is_ok
    assert "is not a DuckDB file" in found["warehouse"].said


def test_no_airflow_is_said_with_the_setting(make_context: Callable[..., Context], tmp_path: Path) -> None:
    ctx = make_context(tmp_path / "lake", airflow_url="http://u:hunter2hunter2@127.0.0.1:9")
    found = {c.name: c for c in health(ctx, with_airflow=True).checks}
    assert not found["airflow"].is_ok
    assert "MARSAD_AIRFLOW_URL" in found["airflow"].said
    assert "hunter2" not in found["airflow"].said
