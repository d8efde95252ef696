"""A real Airflow over the sample sites and a live one: what its scheduler makes of the DAGs, asked by REST."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from hostile_site import HostileSite
from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES
from marsad.errors import AirflowUnusable
from marsad.gate.override import read_overrides
from marsad.lake import Lake
from marsad.operate import keeper
from marsad.operate.backfill import backfill, cancel, runs_under_way
from marsad.operate.client import Client, Run
from marsad.operate.demo import demo_env
from marsad.operate.local_airflow import LocalAirflow, find_project
from marsad.partition import Partition
from marsad.publish.manifest import read_manifest
from marsad.report.alarms import alarms_of
from marsad.scrape.record import CAPTURES
from operate.test_alerts import Hook

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
LIVE = """name: hayy
title: حيّ
homepage: http://hayy.example
timezone: UTC
is_enabled: true
discover:
  - feed: http://hayy.example/feed.xml
"""
FIRST = "قال رئيس اتحاد الصيادين إن المراكب التي خرجت إلى البحر هذا الأسبوع بلغت ثلاثين مركبًا."
MENDED = "قال رئيس اتحاد الصيادين إن المراكب التي خرجت إلى البحر هذا الأسبوع بلغت عشرين مركبًا."


class LiveSite:
    """A site of today whose feed forgets: it lists two stories of the day before yesterday, then another."""

    def __init__(self, site: HostileSite) -> None:
        self.site = site
        self.day = datetime.now(UTC).date() - timedelta(days=2)
        self.at = datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=UTC)
        for number in (1, 2):
            self.tell(number, FIRST)
        self.list(1, 2)

    def tell(self, number: int, text: str) -> None:
        """Put a story on its page."""
        title = f"الصيادون يعودون إلى البحر بعد العاصفة {number}"
        self.site.put(
            f"/news/{number}",
            f"""<!doctype html><html lang=ar><head><title>{title}</title>
<meta property="article:published_time" content="{self.at.isoformat()}"></head><body><article><h1>{title}</h1>
<p>{text}</p><p>وأضاف أن الأرصاد توقعت بحرًا هادئًا حتى نهاية الأسبوع، وأن الأسماك عادت إلى السوق القديمة بأسعار أقل.</p>
<p>وكانت العاصفة قد أغلقت المرفأ الصغير خمسة أيام وألحقت أضرارًا بشباك نحو مئة صياد.</p></article></body></html>""".encode(),
            ETag=f'"{number}-{hash(text)}"',
        )

    @contextlib.contextmanager
    def hang(self, path: str) -> Iterator[None]:
        """Let a path give no answer for a while: who asks it is under way for as long."""
        is_over, kept = threading.Event(), self.site.acts[path]

        def act(handler: BaseHTTPRequestHandler) -> None:
            handler.close_connection = True
            is_over.wait(120)

        self.site.acts[path] = act
        try:
            yield
        finally:
            self.site.acts[path] = kept
            is_over.set()

    def list(self, *numbers: int) -> None:
        """Put stories in the feed, and nothing else."""
        items = "".join(
            f"<item><link>http://hayy.example/news/{n}</link><pubDate>{self.at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for n in numbers
        )
        self.site.put("/feed.xml", f"<rss><channel>{items}</channel></rss>".encode(), kind="application/rss+xml")


@dataclass(frozen=True)
class World:
    """A running Airflow, and what ran in it."""

    airflow: LocalAirflow
    client: Client
    lake: Path
    runs: Mapping[str, list[Run]]
    told: str
    live: LiveSite
    hook: Hook

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
    (folder / "hayy.yaml").write_text(LIVE, "utf-8")


@pytest.fixture(scope="module")
def hook() -> Iterator[Hook]:
    found = Hook()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture(scope="module")
def live() -> Iterator[LiveSite]:
    with HostileSite() as site:
        yield LiveSite(site)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sample_sites: Any, live: LiveSite, hook: Hook) -> Iterator[World]:
    root = tmp_path_factory.mktemp("airflow")
    write_sources(root / "sources", root / "menus")
    env = {
        **demo_env(sample_sites.connect_to_env, root),
        "MARSAD_SOURCES": str(root / "sources"),
        "MARSAD_DATA_DOCS": "false",
        "MARSAD_CONNECT_TO": f"{sample_sites.connect_to_env},hayy.example={live.site.target}",
        "MARSAD_POLL_EVERY_MIN": "5",
        "MARSAD_ALERT_CONNECTIONS": "ops, nonesuch",
        "AIRFLOW_CONN_OPS": json.dumps({"conn_type": "http", "schema": "http", "host": "127.0.0.1", "port": hook.port}),
        "MARSAD_REVISIT_AFTER_H": "0.001,0.005,0.01,0.015,0.02",
    }
    local = LocalAirflow(find_project(), root / "home", environment=env, parallelism=3)
    with local as airflow, airflow.client() as client:
        names = [p.stem for p in (root / "sources").glob("*.yaml")]
        client.wait_for_dags(
            [*(f"news_{n}" for n in names), "poll", "revisit", "override", "curate", "warehouse", "backfill_plan"],
            since=airflow.started_at,
        )
        runs = {
            "wakala": client.backfill("news_wakala", DAYS[0], DAYS[-1]),
            "down": [client.trigger("news_mutaattil", "2026-03-03")],
            "menus": [client.trigger("news_qawaim", "2026-03-03")],
            "keyless": [client.trigger("news_mudawwana", None)],
            "poll": [client.trigger("poll", None)],
        }
        said = io.StringIO()
        failed = backfill("qadim", DAYS[0], DAYS[-1], base_url=airflow.url, console=Console(file=said, width=200))
        runs = {name: [wait(client, run) for run in found] for name, found in runs.items()}
        wait_until_quiet(client)
        yield World(airflow, client, root / ".lake", runs, f"{said.getvalue()}\n{failed} failed", live, hook)


def wait(client: Client, run: Run, seconds: float = 400) -> Run:
    end = time.monotonic() + seconds
    while not (now := client.run(run.dag_id, run.run_id)).is_finished:
        assert time.monotonic() < end, now
        time.sleep(0.5)
    return now


def until(is_so: Callable[[], bool], seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.5)


def wait_until_quiet(client: Client, seconds: float = 300) -> None:
    """Wait until no run is left, twice in a row: an event becomes a run a moment later."""
    end, quiet = time.monotonic() + seconds, 0
    while quiet < 3:
        unfinished = [r for r in client.runs() if not r.is_finished]
        assert time.monotonic() < end, unfinished
        quiet = 0 if unfinished else quiet + 1
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
    # a verdict is final: a gate is tried again only where its worker died
    assert world.client.task_instance(run.dag_id, run.run_id, failed[0])["try_number"] == 1
    assert run.tasks["publish"] == "upstream_failed"
    assert "gate failed" in world.client.failure(run.dag_id, run.run_id, failed[0])
    assert not any(m.startswith("qawaim") for m in world.manifests())
    assert list((world.lake / "quarantine").glob("*/date=2026-03-03/source=qawaim/*.parquet"))


def test_what_fails_is_told_once_with_the_one_thing_to_do(world: World) -> None:
    told = [body for _, _, body in world.hook.got]
    (down,) = [b["text"] for b in told if b["source"] == "mutaattil"]
    assert "stopped" in down
    assert "scrape failed: " in down
    assert "mutaattil cannot be reached" in down
    (menus,) = [b for b in told if b["source"] == "qawaim"]
    assert "something_found" in {a["check"] for a in menus["alarms"]}
    assert "    do: " in menus["text"]
    assert not [b for b in told if b["source"] in ("wakala", "qadim")]


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
    going_on = ("poll", "revisit", "observe", "maintain", "news_hayy")
    found = {r.run_id.split("__")[0] for r in world.client.runs() if r.dag_id not in going_on}
    assert found == {"backfill", "manual", "asset_triggered"}


def test_a_poll_notes_what_a_feed_forgets_and_the_days_run_fetches_it(world: World) -> None:
    day, lake = world.live.day, Lake(world.lake)
    assert world.runs["poll"][0].state == "success"
    assert lake.list(f"raw/sightings/{Partition('hayy', day).path}", "seen-*-poll.parquet")
    world.live.list(3)  # and no such page: nobody shall ask for it on this day
    world.live.tell(1, FIRST)
    (run,) = [wait(world.client, world.client.trigger("news_hayy", day.isoformat()))]
    assert (run.state, run.tasks["publish"]) == ("success", "success")
    rows = {r["url"]: r["outcome"] for r in lake.read_table("raw", CAPTURES, Partition("hayy", day)).to_pylist()}
    assert rows == {
        "http://hayy.example/news/1": "captured",
        "http://hayy.example/news/2": "captured",
        "http://hayy.example/news/3": "not_found",  # the feed was asked once more, and says it is of this day
    }
    assert f"hayy {day}" in world.manifests()


def test_a_day_with_captures_is_replayed_without_the_web(world: World) -> None:
    wait_until_quiet(world.client)
    day = world.live.day.isoformat()
    manifest = world.lake / "published" / "_manifests" / f"date={day}" / "source=hayy.json"
    before, asked = manifest.read_bytes(), len(world.live.site.log)
    run = wait(world.client, world.client.trigger("news_hayy", day))
    assert run.state == "success"
    assert "the web was not asked" in world.client.task_log(run.dag_id, run.run_id, "scrape", 1)
    assert manifest.read_bytes() == before
    assert [path for _, path, _ in world.live.site.log[asked:] if path.startswith("/news/")] == []


def test_a_day_that_no_route_reaches_is_skipped_and_says_so(world: World) -> None:
    run = wait(world.client, world.client.trigger("news_hayy", "2026-01-05"))
    assert run.tasks["scrape"] == "skipped"
    assert run.tasks["publish"] == "skipped"
    assert "no archive route" in world.client.task_log(run.dag_id, run.run_id, "scrape", 1)
    assert not any(m == "hayy 2026-01-05" for m in world.manifests())


def test_a_correction_is_found_by_a_revisit_published_announced_and_loaded(world: World) -> None:
    day, lake = world.live.day, Lake(world.lake)
    partition, key = Partition("hayy", day), f"hayy|{day}"
    loads = sum(r.partition_key == key for r in world.client.runs("warehouse"))
    world.live.tell(1, MENDED)
    for _ in range(5):
        wait(world.client, world.client.trigger("revisit", None))
        rows = {r["url"]: r for r in lake.read_table("published", ARTICLES, partition).to_pylist()}
        if rows["http://hayy.example/news/1"]["version"] == 2:
            break
        time.sleep(15)
    assert "عشرين" in rows["http://hayy.example/news/1"]["body"]
    assert rows["http://hayy.example/news/2"]["version"] == 1
    (old,) = lake.read_table("published", ARTICLE_VERSIONS, partition).to_pylist()
    assert "ثلاثين" in old["body"]
    wait_until_quiet(world.client)
    assert sum(r.partition_key == key for r in world.client.runs("warehouse")) == loads + 1


def test_a_gate_is_passed_from_the_ui_by_decisions_on_record(world: World) -> None:
    lake, why = Lake(world.lake), "صفحات أقسام فقط، عن قصد"
    blocking = sorted({a.check for a in alarms_of(DAYS[1], lake, "qawaim") if a.is_blocking})
    assert blocking == ["share_quarantined", "something_found"]
    form = {"source": "qawaim", "first": "2026-03-03", "why": why, "days": 2}
    for check in blocking:
        made = wait(world.client, world.client.trigger("override", None, {**form, "check": check}))
        assert made.state == "success"
    decisions = read_overrides(lake)
    assert sorted(o.check for o in decisions) == blocking
    assert all(o.by and o.why == why for o in decisions)
    refused = wait(world.client, world.client.trigger("override", None, {**form, "check": "key_not_unique"}))
    assert refused.state == "failed"
    assert "no decision can pass" in world.client.failure(refused.dag_id, refused.run_id, "decide")
    again = wait(world.client, world.client.trigger("news_qawaim", "2026-03-03"))
    assert again.tasks["publish"] == "success"
    manifest = read_manifest(lake, Partition("qawaim", DAYS[1]))
    assert manifest is not None
    assert [why in (g.override or "") for g in manifest.gates if g.override] == [True]


def test_a_plan_is_made_in_the_ui_and_is_the_tasks_answer(world: World) -> None:
    form = {"source": "wakala", "first": "2026-03-04", "last": "2026-03-05"}
    run = wait(world.client, world.client.trigger("backfill_plan", None, form))
    assert run.state == "success"
    log = world.client.task_log(run.dag_id, run.run_id, "say_plan", 1)
    assert "wakala 2026-03-04 replay: captures complete" in log
    assert "wakala 2026-03-05 refuse: the site closed on 2026-03-04" in log
    found = world.client.xcom(run.dag_id, run.run_id, "say_plan")
    assert [(d["date"], d["action"], d["request_count_min"]) for d in found["days"]] == [
        ("2026-03-04", "replay", 0),
        ("2026-03-05", "refuse", 0),
    ]


@pytest.mark.slow
def test_captures_are_read_again_in_bulk_from_the_ui_and_no_byte_changes(world: World) -> None:
    wait_until_quiet(world.client)
    lake, day = Lake(world.lake), Partition("wakala", DAYS[0])

    def published() -> dict[str, bytes]:
        return {path: lake.read_bytes(path) for path in lake.list("published", "**/*") if day.path in path}

    before = published()
    form = {"first": day.date.isoformat(), "sources": ["wakala"], "workers": 1}
    run = wait(world.client, world.client.trigger("bulk", None, form))
    assert run.state == "success", world.client.failure(run.dag_id, run.run_id, "read_captures")
    found = world.client.xcom(run.dag_id, run.run_id, "read_captures")
    captures = lake.read_table("core", CAPTURES, day).num_rows
    assert (found["published"], sum(found["outcomes"].values())) == (1, captures)
    assert before
    assert published() == before


def test_a_backfill_leaves_a_day_that_runs_and_is_counted_apart_from_the_dags_own_runs(world: World) -> None:
    """hayy's feed hangs, so a run that asks it is under way for as long as the test needs it to be."""
    wait_until_quiet(world.client)
    client, day = world.client, world.live.day
    before = day - timedelta(days=1)
    with world.live.hang("/feed.xml"):
        mine = client.trigger("news_hayy", before.isoformat())
        until(lambda: client.run(mine.dag_id, mine.run_id).tasks.get("scrape") == "running")
        assert runs_under_way(["hayy"], world.airflow.url) == ({Partition("hayy", before): "running"}, None)
        # two days, one of them under way: it gets no second run, and the other one does not wait for it
        # although the DAG may have one active run
        begun, made = client.start_backfill("news_hayy", before, day)
        assert [r.partition_key for r in made] == [day.isoformat()]
        assert wait(client, made[0]).state == "success"
        assert client.run(mine.dag_id, mine.run_id).state == "running"
    wait(client, mine)
    until(lambda: all(b.completed_at for b in client.backfills("news_hayy")))
    assert begun.id in {b.id for b in client.backfills("news_hayy")}


def test_a_backfill_is_cancelled_and_a_trigger_makes_a_second_run_of_a_day(world: World) -> None:
    wait_until_quiet(world.client)
    client, day = world.client, world.live.day
    first = day - timedelta(days=30)
    with world.live.hang("/feed.xml"):
        begun, made = client.start_backfill("news_hayy", first, first + timedelta(days=2), is_backwards=True)
        assert len(made) == 3
        until(lambda: client.run(made[-1].dag_id, made[-1].run_id).state == "running")
        with pytest.raises(AirflowUnusable, match=f"--cancel {begun.id}"):
            client.start_backfill("news_hayy", day, day)
        assert cancel(begun.id, world.airflow.url).completed_at is not None
        states = [client.run(r.dag_id, r.run_id).state for r in made]
        assert states == ["failed", "failed", "running"]
        # a trigger does not look for runs of its day: now there are two, and the library must keep them apart
        second = client.trigger("news_hayy", made[-1].partition_key)
        until(lambda: client.run(second.dag_id, second.run_id).state == "running")
        assert client.run(made[-1].dag_id, made[-1].run_id).state == "running"
        for run in (second, made[-1]):
            client.give_up(run)
    with pytest.raises(AirflowUnusable, match="409"):
        cancel(begun.id, world.airflow.url)


def test_a_database_locked_for_long_ends_no_component(world: World) -> None:
    """The scheduler waits; the API server gives up, says 500, and is asked again."""
    with contextlib.closing(sqlite3.connect(world.airflow.home / "airflow.db", isolation_level=None)) as rude:
        rude.execute("BEGIN IMMEDIATE")
        time.sleep(8)
        rude.execute("ROLLBACK")
    time.sleep(1)
    world.airflow.check_alive()
    assert wait(world.client, world.client.trigger("poll", None)).is_finished


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
