"""Upgrade: what an older Marsad left becomes what this one makes, once, whatever happens on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from forks import Marsad
from marsad import pipeline
from marsad import settings as settings_module
from marsad.__main__ import app
from marsad.claims import Claims
from marsad.context import Context, open_context
from marsad.curate.record import CURATED
from marsad.errors import GateFailed, LakeUnusable, UsageError
from marsad.lake import Lake
from marsad.layout import LAYOUT, MARKER, Marker, layout_of, mark, mark_new, read_marker
from marsad.operate.copy_lake import copy_lake
from marsad.operate.migrations import MIGRATIONS, outdated_days
from marsad.operate.repair import repair
from marsad.operate.upgrade import Step, upgrade
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import manifest_path, read_manifest
from marsad.settings import Moved, Settings, load_settings, moved_variables, show_settings, unknown_variables
from marsad.warehouse import load
from marsad.warehouse.check import check
from marsad.warehouse.engine import open_engine
from marsad.warehouse.lag import lag
from marsad.warehouse.registry import TABLES
from marsad.warehouse.views import VIEWS
from operate.older import DAYS, contents, make_curated, make_lake, make_warehouse
from postgres_server import new_schema, serve_postgres
from warehouse_lake import query

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
Make = Callable[[Path], Context]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An older lake; copied for each test that changes it."""
    root = tmp_path_factory.mktemp("old")
    make_lake(Lake(root))
    return root


@pytest.fixture
def older(old: Path, tmp_path: Path) -> Path:
    shutil.copytree(old, tmp_path / "lake")
    return tmp_path / "lake"


def context(root: Path, warehouse: str | None = None, **more: Any) -> Context:
    """A context without sources: curating needs none."""
    address = warehouse or f"duckdb:///{root.parent / 'w.duckdb'}"
    return Context(Settings(lake=str(root), warehouse=address, **more), Lake(root), {}, now=lambda: NOW)


@pytest.fixture(scope="module")
def upgraded(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same lake, upgraded without a disturbance."""
    root = tmp_path_factory.mktemp("upgraded") / "lake"
    shutil.copytree(old, root)
    steps = list(upgrade(context(root)))
    assert states(steps)["lake"] == ["done", "done"]
    return root


def states(steps: list[Step]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for step in steps:
        found.setdefault(step.area, []).append(step.state)
    return found


# the lake


def test_an_old_lake_becomes_what_this_code_makes(old: Path, upgraded: Path, tmp_path: Path) -> None:
    fresh = context(tmp_path / "fresh")
    make_lake(fresh.lake)
    shutil.rmtree(tmp_path / "fresh/published/duplicates")
    for day in DAYS:
        fresh.lake.delete(manifest_path(Partition(ALL_SOURCES, day)))
    for day in DAYS:
        pipeline.curate(day, fresh)
    made, wanted = Lake(upgraded), fresh.lake
    assert contents(made, "published", "core/curated") == contents(wanted, "published", "core/curated")
    stories = [f for f in contents(made, "published") if "/stories/" in f]
    assert len(stories) == len(DAYS)
    was = {p: b for p, b in contents(Lake(old), "published").items() if "all" not in p and "duplicates" not in p}
    now = contents(made, "published")
    assert {p: now[p] for p in was} == was  # sources' own partitions keep their bytes, manifests too
    assert read_marker(made) == Marker(LAYOUT, settings_of_version())


def settings_of_version() -> str:
    import marsad

    return marsad.__version__


def test_a_second_run_does_nothing(upgraded: Path) -> None:
    before = Lake(upgraded).stamps("")
    steps = list(upgrade(context(upgraded)))
    assert {s.state for s in steps if s.area != "airflow"} == {"nothing"}
    assert Lake(upgraded).stamps("") == before


def test_a_dry_run_tells_and_changes_nothing(older: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MARSAD_LAKE", str(older))
    monkeypatch.setenv("MARSAD_WAREHOUSE", f"duckdb:///{tmp_path / 'w.duckdb'}")
    make_warehouse(f"duckdb:///{tmp_path / 'w.duckdb'}", Lake(older))
    before, bytes_before = Lake(older).stamps(""), (tmp_path / "w.duckdb").read_bytes()
    told = CliRunner().invoke(app, ["upgrade", "--dry-run", "--json"])
    assert told.exit_code == 1
    steps = json.loads(told.stdout)
    assert [(s["area"], s["state"], s["count"]) for s in steps] == [
        ("settings", "nothing", 0),
        ("lake", "would_do", 2),
        ("lake", "would_do", 1),
        ("warehouse", "would_do", steps[3]["count"]),
        ("warehouse", "would_do", 8),
        ("airflow", "yours", 0),
    ]
    assert "table article_search" in steps[3]["said"] or "column" in steps[3]["said"]
    assert Lake(older).stamps("") == before
    assert (tmp_path / "w.duckdb").read_bytes() == bytes_before
    shown = CliRunner().invoke(app, ["upgrade", "--dry-run"], env={"COLUMNS": "200"})
    assert shown.exit_code == 1
    assert "would do" in shown.stdout
    assert "airflow db migrate" in shown.stdout
    done = CliRunner().invoke(app, ["upgrade"])
    assert done.exit_code == 0, done.output
    after = CliRunner().invoke(app, ["upgrade", "--dry-run"])
    assert after.exit_code == 0, after.output


def test_killed_in_the_middle_and_run_again_ends_the_same(older: Path, upgraded: Path) -> None:
    lake = Lake(older)
    environment = {"MARSAD_LAKE": str(older), "MARSAD_WAREHOUSE": f"duckdb:///{older.parent}/w.duckdb"}
    # killed when the first of its days is there
    running = Marsad("upgrade", env=environment)
    first, end = Partition(ALL_SOURCES, DAYS[0]), time.monotonic() + 300
    while time.monotonic() < end and running.returncode is None:
        manifest = read_manifest(lake, first)
        if manifest is not None and "stories" in manifest.schema_versions:
            running.kill()
            break
        time.sleep(0.005)
    assert running.wait(30) == -signal.SIGKILL
    assert layout_of(lake) == 1
    steps = list(upgrade(context(older)))
    assert states(steps)["lake"] == ["done", "done"]
    # what it was writing when it died is half a file under a temporary name, which repair removes when it is old
    for path in older.rglob(".*.tmp"):
        os.utime(path, (time.time() - 7200,) * 2)
    assert all(mended.is_mended for mended in repair(context(older)))
    assert contents(lake, "published", "core/curated") == contents(Lake(upgraded), "published", "core/curated")


def test_a_day_that_fails_keeps_the_number_and_no_other_day_back(
    older: Path, upgraded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = context(older)
    busy = Claims(ctx.lake, now=lambda: NOW, owner="someone")
    with busy.hold(Partition(ALL_SOURCES, DAYS[0])):
        steps = list(upgrade(ctx))
    assert states(steps)["lake"] == ["failed", "failed"]
    assert "someone" in steps[1].said
    assert layout_of(ctx.lake) == 1
    manifest = read_manifest(ctx.lake, Partition(ALL_SOURCES, DAYS[1]))
    assert manifest is not None
    assert "stories" in manifest.schema_versions
    assert states(list(upgrade(ctx)))["lake"] == ["done", "done"]
    # the second day was made before the first one had stories, so it was made again
    assert contents(ctx.lake, "published") == contents(Lake(upgraded), "published")


def test_days_whose_window_retention_has_cut_are_left(older: Path) -> None:
    lake = Lake(older)
    assert len(list(outdated_days(context(older)))) == 2
    assert list(outdated_days(context(older, retention={"published": 90}))) == []
    assert len(list(outdated_days(context(older, retention={"staged": 7})))) == 2
    assert lake.names("published/_manifests") == [f"date={day}" for day in DAYS]


def test_a_curated_day_whose_sources_are_gone_stays_as_it_is(tmp_path: Path) -> None:
    ctx = context(tmp_path / "lake")
    make_curated(ctx.lake, DAYS[0], ["x0", "c0"])
    assert list(outdated_days(ctx)) == []
    assert states(list(upgrade(ctx)))["lake"] == ["nothing", "done"]


def test_every_layout_has_its_migration() -> None:
    assert [m.layout for m in MIGRATIONS] == list(range(2, LAYOUT + 1))


def test_what_curating_gives_today_is_in_its_manifests(upgraded: Path) -> None:
    manifest = read_manifest(Lake(upgraded), Partition(ALL_SOURCES, DAYS[0]))
    assert manifest is not None
    assert manifest.schema_versions == {d.name: d.version for d in CURATED}


# the marker


def test_a_new_lake_is_of_todays_layout_and_an_old_one_is_not_called_so(old: Path, tmp_path: Path) -> None:
    new = Lake(tmp_path / "new")
    new.write_bytes("raw/sightings/x.json", b"{}")  # a poll came first
    mark_new(new)
    assert layout_of(new) == LAYOUT
    before = Lake(old).stamps("")
    mark_new(Lake(old))
    assert Lake(old).stamps("") == before
    assert layout_of(Lake(old)) == 1


def test_the_first_scrape_makes_the_marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "one.html").write_text("<html><body><p>خبر قصير</p></body></html>", "utf-8")
    monkeypatch.setenv("MARSAD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("MARSAD_FILES_PATH", str(pages))
    monkeypatch.setenv("MARSAD_STATE", str(tmp_path / "state"))
    ctx = open_context()
    pipeline.run("scrape", Partition("files", date(2026, 3, 3)), ctx)
    assert layout_of(ctx.lake) == LAYOUT


def test_an_upgrade_of_nothing_writes_nothing(tmp_path: Path) -> None:
    steps = list(upgrade(context(tmp_path / "lake")))
    assert {s.state for s in steps if s.area != "airflow"} == {"nothing"}
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize(
    "words", [["upgrade"], ["upgrade", "--dry-run"], ["report", "-d", "2026-03-03"], ["lake", "verify"]]
)
def test_a_newer_lake_is_refused_in_one_line(tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    newer(tmp_path)
    before = Lake(tmp_path).stamps("")
    done = Marsad(*words, env={"MARSAD_LAKE": str(tmp_path)})
    assert done.wait() == 1
    assert done.stderr.count("\n") == 1
    assert "made by Marsad 9.9.9" in done.stderr
    assert "upgrade Marsad" in done.stderr
    assert Lake(tmp_path).stamps("") == before


def newer(root: Path) -> Lake:
    lake = Lake(root)
    lake.write_json(MARKER, {"layout": LAYOUT + 1, "code_version": "9.9.9", "of_tomorrow": True})
    return lake


def test_who_writes_a_newer_lake_is_refused_at_the_claim(tmp_path: Path) -> None:
    lake = newer(tmp_path / "lake")
    with (
        pytest.raises(LakeUnusable, match="upgrade Marsad"),
        Claims(lake, now=lambda: NOW).hold(Partition("a", DAYS[0])),
    ):
        pytest.fail("it was claimed")
    assert not lake.names("locks")
    with pytest.raises(LakeUnusable, match="upgrade Marsad"):
        copy_lake(lake, Lake(tmp_path / "copy"))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"layout": "2"}', b'{"layout": 0, "code_version": "0"}'])
def test_a_damaged_marker_is_not_guessed_at(tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    Lake(tmp_path).write_bytes(MARKER, data)
    monkeypatch.setenv("MARSAD_LAKE", str(tmp_path))
    with pytest.raises(LakeUnusable, match="does not say which layout"):
        open_context()


def test_a_copy_of_a_lake_is_of_its_layout(upgraded: Path, tmp_path: Path) -> None:
    copy = Lake(tmp_path / "copy")
    copy_lake(Lake(upgraded), copy)
    assert layout_of(copy) == LAYOUT


# the warehouse


@pytest.fixture(scope="module")
def postgres() -> Iterator[Any]:
    with serve_postgres() as server:
        yield server


@pytest.fixture(params=["duckdb", "postgresql"])
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """One for the old warehouse, one for a fresh load."""
    if request.param == "duckdb":
        return f"duckdb:///{tmp_path / 'old.duckdb'}", f"duckdb:///{tmp_path / 'fresh.duckdb'}"
    server = request.getfixturevalue("postgres")
    return new_schema(server), new_schema(server)


def answers(warehouse: str) -> dict[str, list[Any]]:
    """What every table and view says; of loads, not when."""
    found = {}
    for dataset in TABLES:
        names = ", ".join(f'"{f.name}"' for f in dataset.schema)
        found[dataset.name] = query(warehouse, f"SELECT {names} FROM {dataset.name}")  # noqa: S608
    for view in VIEWS:
        if view.name != "source_lag":  # hours to the first load, which an old warehouse did not note
            found[view.name] = query(warehouse, f"SELECT * FROM {view.name}")  # noqa: S608
    found["_loads"] = query(warehouse, "SELECT source, date, manifest_sha256, row_count, code_version FROM _loads")
    found["search"] = query(warehouse, "SELECT article_id FROM search_articles('سوق الحميدية')")
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def test_an_old_warehouse_answers_as_a_fresh_one(upgraded: Path, old: Path, addresses: tuple[str, str]) -> None:
    was, fresh = addresses
    make_warehouse(was, Lake(old))
    behind = lag(Lake(upgraded), was)
    assert "table stories" in behind.schema
    assert "column duplicates.origin" in behind.schema
    assert "column _loads.loaded_at" in behind.schema
    assert len(behind.partitions) == 8
    ctx = context(upgraded, was)
    assert states(list(upgrade(ctx)))["warehouse"] == ["done", "done"]
    for partition in pipeline.published_days(None, ctx.lake):
        manifest = read_manifest(ctx.lake, partition)
        assert manifest is not None
        load(manifest, ctx.lake, fresh)
    one, other = answers(was), answers(fresh)
    assert one["search"]
    assert one["stories"]
    assert one == other
    assert states(list(upgrade(ctx)))["warehouse"] == ["nothing", "nothing"]
    assert check(ctx.lake, was, pipeline.published_days(None, ctx.lake)) == []


def test_rows_that_are_derived_are_made_where_the_load_is_of_today(upgraded: Path, addresses: tuple[str, str]) -> None:
    warehouse, _ = addresses
    ctx = context(upgraded, warehouse)
    partition = Partition("sahil", DAYS[0])
    pipeline.load(partition, ctx)
    with closing(open_engine(warehouse)) as opened:
        engine: Any = opened
        if warehouse.startswith("duckdb"):
            engine._connection.execute("DELETE FROM article_search")
        else:
            engine.run(f"DELETE FROM {engine.dialect.table('article_search')}")  # noqa: S608
            engine.commit()
    assert pipeline.load(partition, ctx).is_unchanged  # a load alone sees nothing
    steps = list(upgrade(ctx, dry_run=True))
    assert "article_search has 0 rows" in steps[-2].said
    assert states(list(upgrade(ctx)))["warehouse"] == ["nothing", "done"]
    assert query(warehouse, "SELECT count(*) FROM article_search") == [(2,)]
    assert states(list(upgrade(ctx)))["warehouse"] == ["nothing", "nothing"]


def test_what_is_published_and_not_loaded_stays_out(upgraded: Path, tmp_path: Path) -> None:
    ctx = context(upgraded, f"duckdb:///{tmp_path / 'w.duckdb'}")
    pipeline.load(Partition("sahil", DAYS[0]), ctx)
    assert states(list(upgrade(ctx)))["warehouse"] == ["nothing", "nothing"]
    assert query(ctx.settings.warehouse, "SELECT count(*) FROM _loads") == [(1,)]


def test_a_warehouse_that_is_busy_fails_its_step(old: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    duckdb.connect(str(path)).close()
    hold = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", hold, str(path)], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        other.stdout.readline()
        steps = list(upgrade(context(old, f"duckdb:///{path}"), dry_run=True))
    finally:
        other.kill()
        other.communicate()
    assert states(steps)["warehouse"] == ["failed"]
    assert "open in another process" in steps[-2].said
    assert states(steps)["lake"] == ["would_do", "would_do"]


def test_a_wrong_warehouse_is_refused_before_anything_is_done(older: Path) -> None:
    with pytest.raises(UsageError):
        list(upgrade(context(older, "mysql://x")))
    assert layout_of(Lake(older)) == 1


# settings


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Moved("MARSAD_THREADS", None, "0.3", "hosts are asked at once by MARSAD_MAX_HOSTS_AT_ONCE")
    monkeypatch.setattr(settings_module, "MOVED", (Moved("MARSAD_PAUSE_S", "MARSAD_RETRY_BASE_S", "0.3"), gone))


@pytest.mark.usefixtures("moved")
def test_an_old_name_counts_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARSAD_PAUSE_S", "7")
    monkeypatch.setenv("MARSAD_THREADS", "4")
    assert load_settings().retry_base_s == 7.0
    lines = moved_variables()
    assert lines[0].startswith("environment variable MARSAD_PAUSE_S is called MARSAD_RETRY_BASE_S now: rename it")
    assert "is read no more: hosts are asked" in lines[1]
    assert not [line for line in unknown_variables() if "PAUSE" in line or "THREADS" in line]
    (shown,) = [s for s in show_settings() if s.variable == "MARSAD_RETRY_BASE_S"]
    assert (shown.value, shown.origin) == (7.0, "environment")
    monkeypatch.setenv("MARSAD_RETRY_BASE_S", "3")
    assert load_settings().retry_base_s == 3.0  # the new name wins
    monkeypatch.setenv("MARSAD_RETRY_BASE_S", "")
    assert load_settings().retry_base_s == 7.0  # empty is not set


@pytest.mark.usefixtures("moved")
def test_old_names_are_for_a_person_to_mend(monkeypatch: pytest.MonkeyPatch, upgraded: Path) -> None:
    monkeypatch.setenv("MARSAD_LAKE", str(upgraded))
    monkeypatch.setenv("MARSAD_PAUSE_S", "7")
    told = CliRunner().invoke(app, ["upgrade", "--dry-run", "--json"])
    assert told.exit_code == 1
    assert json.loads(told.stdout)[0]["state"] == "yours"
    assert CliRunner().invoke(app, ["upgrade"]).exit_code == 0  # nothing of it failed
    checked = CliRunner().invoke(app, ["settings", "--check"])
    assert isinstance(checked.exception, UsageError)
    assert "is called MARSAD_RETRY_BASE_S now" in str(checked.exception)


@pytest.mark.usefixtures("moved")
def test_an_old_name_with_a_wrong_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARSAD_PAUSE_S", "soon")
    with pytest.raises(UsageError, match="MARSAD_RETRY_BASE_S"):
        load_settings()


def test_a_gate_that_blocks_is_said(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def blocked(day: date, ctx: Context) -> None:
        raise GateFailed(f"{day}: too few rows")

    monkeypatch.setattr(pipeline, "curate", blocked)
    steps = list(upgrade(context(older)))
    assert steps[1].count == len(DAYS)
    assert "too few rows" in steps[1].said
    assert layout_of(Lake(older)) == 1


def test_a_version_without_a_new_layout_is_noted(upgraded: Path, tmp_path: Path) -> None:
    shutil.copytree(upgraded, tmp_path / "lake")
    lake = Lake(tmp_path / "lake")
    mark(lake)
    lake.write_json(MARKER, {"layout": LAYOUT, "code_version": "0.0.9"})
    assert states(list(upgrade(context(tmp_path / "lake"))))["lake"] == ["nothing"]
    assert read_marker(lake) == Marker(LAYOUT, settings_of_version())
