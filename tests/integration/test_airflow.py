"""A real Airflow over the sample sites: what its scheduler makes of the DAGs, asked by REST."""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from marsad.errors import AirflowUnusable
from marsad.operate import keeper
from marsad.operate.backfill import backfill
from marsad.operate.client import Client, Run
from marsad.operate.demo import demo_env
from marsad.operate.local_airflow import LocalAirflow, find_project

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(420)]

SAMPLES = Path(__file__).parents[2] / "include" / "marsad" / "samples" / "sources"
DAYS = [date(2026, 3, day) for day in (2, 3, 4)]
MENUS = """name: qawaim
title: قوائم
homepage: http://qawaim.example
is_enabled: true
closed_on: 2026-03-04
discover:
  - files: {folder}
"""


@dataclass(frozen=True)
class World:
    """A running Airflow, and what ran in it."""

    airflow: LocalAirflow
    client: Client
    lake: Path
    runs: Mapping[str, list[Run]]
    told: str

    def manifests(self) -> set[str]:
        """The published partitions, as source and date."""
        found = (self.lake / "published" / "_manifests").glob("date=*/source=*.json")
        return {f"{p.stem.removeprefix('source=')} {p.parent.name.removeprefix('date=')}" for p in found}


def write_sources(folder: Path, menus: Path) -> None:
    """The sample sources, and one that has nothing but menus."""
    shutil.copytree(SAMPLES, folder)
    menus.mkdir()
    for n in range(6):
        items = "".join(f'<li><a href="/{i}">القسم {i}</a></li>' for i in range(40))
        (menus / f"{n}.html").write_text(f"<html><body><ul>{items}</ul><p>صفحة {n}</p></body></html>", "utf-8")
    (folder / "qawaim.yaml").write_text(MENUS.format(folder=menus), "utf-8")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sample_sites: Any) -> Iterator[World]:
    root = tmp_path_factory.mktemp("airflow")
    write_sources(root / "sources", root / "menus")
    env = {
        **demo_env(sample_sites.connect_to_env, root),
        "MARSAD_SOURCES": str(root / "sources"),
        "MARSAD_DATA_DOCS": "false",
    }
    local = LocalAirflow(find_project(), root / "home", environment=env, parallelism=3)
    with local as airflow, airflow.client() as client:
        names = [p.stem for p in (root / "sources").glob("*.yaml")]
        client.wait_for_dags([*(f"news_{n}" for n in names), "curate", "warehouse"], since=airflow.started_at)
        runs = {
            "wakala": client.backfill("news_wakala", DAYS[0], DAYS[-1]),
            "down": [client.trigger("news_mutaattil", "2026-03-03")],
            "menus": [client.trigger("news_qawaim", "2026-03-03")],
            "keyless": [client.trigger("news_mudawwana", None)],
        }
        said = io.StringIO()
        failed = backfill("qadim", DAYS[0], DAYS[-1], base_url=airflow.url, console=Console(file=said, width=200))
        runs = {name: [wait(client, run) for run in found] for name, found in runs.items()}
        wait_until_quiet(client)
        yield World(airflow, client, root / ".lake", runs, f"{said.getvalue()}\n{failed} failed")


def wait(client: Client, run: Run, seconds: float = 240) -> Run:
    end = time.monotonic() + seconds
    while not (now := client.run(run.dag_id, run.run_id)).is_finished:
        assert time.monotonic() < end, now
        time.sleep(0.5)
    return now


def wait_until_quiet(client: Client, seconds: float = 120) -> None:
    """Wait until no run is left, twice in a row: an event becomes a run a moment later."""
    end, quiet = time.monotonic() + seconds, 0
    while quiet < 3:
        assert time.monotonic() < end, "runs do not end"
        quiet = quiet + 1 if all(r.is_finished for r in client.runs()) else 0
        time.sleep(1)


def test_airflow_parsed_every_file(world: World) -> None:
    assert world.client.import_errors() == {}


def test_a_backfill_makes_one_run_and_one_partition_for_each_day(world: World) -> None:
    wanted = [d.isoformat() for d in DAYS]
    assert [r.partition_key for r in world.runs["wakala"]] == wanted
    assert {r.state for r in world.runs["wakala"]} == {"success"}
    assert {m for m in world.manifests() if m.startswith("wakala")} == {f"wakala {d}" for d in wanted}
    for name in ("wakala", "qadim"):
        assert sorted(r.partition_key or "" for r in world.client.runs(f"news_{name}")) == wanted


def test_the_backfill_command_tells_each_day(world: World) -> None:
    for day in DAYS:
        assert f"done    {day}" in world.told
    assert world.told.endswith("0 failed")
    assert {m for m in world.manifests() if m.startswith("qadim")} == {f"qadim {d}" for d in DAYS}


def test_a_late_story_rewrites_its_day_and_announces_it_again(world: World) -> None:
    """One page of qadim, listed on the 4th, is of the 3rd."""
    runs = {r.partition_key: world.client.run(r.dag_id, r.run_id) for r in world.client.runs("news_qadim")}
    assert {key: run.tasks["late"] for key, run in runs.items()} == {
        "2026-03-02": "skipped",
        "2026-03-03": "skipped",
        "2026-03-04": "success",
    }
    assert {r.state for r in runs.values()} == {"success"}
    loads = [r.partition_key for r in world.client.runs("warehouse")]
    assert loads.count("qadim|2026-03-03") == 2
    assert loads.count("qadim|2026-03-04") == 1


def test_a_source_that_is_down_is_tried_again_and_fails_alone(world: World) -> None:
    (run,) = world.runs["down"]
    assert run.state == "failed"
    assert run.tasks["scrape"] == "failed"
    assert run.tasks["publish"] == "upstream_failed"
    assert "mutaattil cannot be reached" in world.client.failure(run.dag_id, run.run_id, "scrape")
    assert "attempt=1" in world.client.task_log(run.dag_id, run.run_id, "scrape", 1)
    assert "attempt=2" in world.client.task_log(run.dag_id, run.run_id, "scrape", 2)
    assert not any(m.startswith("mutaattil") for m in world.manifests())


def test_a_source_of_menus_fails_at_its_gate_and_is_not_published(world: World) -> None:
    (run,) = world.runs["menus"]
    failed = [task for task, state in run.tasks.items() if state == "failed"]
    assert run.state == "failed"
    assert len(failed) == 1
    assert failed[0].startswith("gate_")
    assert run.tasks["publish"] == "upstream_failed"
    assert "gate failed" in world.client.failure(run.dag_id, run.run_id, failed[0])
    assert not any(m.startswith("qawaim") for m in world.manifests())
    assert list((world.lake / "quarantine").glob("*/date=2026-03-03/source=qawaim/*.parquet"))


def test_a_run_without_a_partition_key_is_refused(world: World) -> None:
    (run,) = world.runs["keyless"]
    assert run.state == "failed"
    assert run.tasks["scrape"] == "failed"
    assert "no partition key" in world.client.failure(run.dag_id, run.run_id, "scrape")
    # and at once: trying again cannot help
    assert world.client.task_instance(run.dag_id, run.run_id, "scrape")["try_number"] == 1


def test_what_is_published_is_curated_and_loaded(world: World) -> None:
    import duckdb

    published = {tuple(m.split()) for m in world.manifests()}
    assert {("all", d.isoformat()) for d in DAYS} <= published
    loads = [r for r in world.client.runs("warehouse") if r.state == "success"]
    assert {r.partition_key for r in loads} == {f"{source}|{day}" for source, day in published}
    assert {r.state for r in world.client.runs("curate")} == {"success"}
    with duckdb.connect(str(world.lake / "warehouse.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute("select distinct source, date from articles").fetchall()
    assert {(source, str(day)) for source, day in found} <= published
    assert {source for source, _ in found} == {"wakala", "qadim"}


def test_nothing_is_scheduled_for_sites_that_have_closed(world: World) -> None:
    assert {r.run_id.split("__")[0] for r in world.client.runs()} == {"backfill", "manual", "asset_triggered"}


def test_a_second_airflow_in_the_same_home_is_refused(world: World) -> None:
    with pytest.raises(AirflowUnusable, match="already runs"):
        LocalAirflow(find_project(), world.airflow.home).start()


def test_an_unknown_dag_is_said_in_one_line(world: World) -> None:
    with pytest.raises(AirflowUnusable, match="404"):
        backfill("nonesuch", DAYS[0], DAYS[0], base_url=world.airflow.url, console=Console(file=io.StringIO()))


def test_z_stopping_leaves_no_process(world: World) -> None:
    """The last of the module: it stops the Airflow of the others."""
    pids = keeper.descendants(os.getpid())
    assert len(pids) > 4
    world.airflow.stop()
    assert set(pids) & set(keeper.descendants(1)) == set()
    with pytest.raises(AirflowUnusable, match="no Airflow answers"):
        Client(world.airflow.url).runs()
