"""The topology that ships, run for real: a day of all sample sites on two Celery workers, both killed in mid-task.

The services and their environment come from docker-compose.yaml (see ``cluster.py``). The scrape worker dies while a
page is being fetched, the compute worker while a gate is writing what it accepted: of each the whole process tree,
with SIGKILL. New workers are started, and while they work the metadata database is killed too and gone for some
seconds. The day must end complete, with the bytes of a day that nobody disturbed.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from integration.cluster import ROOT, Cluster, Gatekeeper, wait_for
from marsad import pipeline
from marsad.context import Context
from marsad.errors import AirflowUnusable
from marsad.lake import Lake
from marsad.operate import keeper
from marsad.operate.client import Client, Run
from marsad.partition import Partition
from marsad.samples.server import SampleSites, serve
from marsad.scrape.record import CAPTURES
from store_server import serve_store

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(1500)]

SAMPLES = ROOT / "include" / "marsad" / "samples" / "sources"
DAY = date(2026, 3, 3)
OWN = {("airflow", "airflow"), ("celery", "celery"), ("marsad", "warehouse")}
UP, DOWN = ("wakala", "mujammi", "qadim", "mudawwana"), "mutaattil"
# what the killed workers are at: a page of one site, and what a gate has accepted of another
PAGE = rb"GET /(?!robots)\S+ HTTP"
CORE = rb"PUT /marsad/lake/core/articles/date(=|%3D)2026-03-03/source(=|%3D)qadim/"
GONE_S = 5.0
"""How long the database is away."""


@dataclass
class World:
    """The cluster after its day."""

    cluster: Cluster
    client: Client
    lake: Lake
    runs: dict[str, Run]
    tries: dict[str, int]
    seconds: float


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    with serve_store() as address:
        yield address


@pytest.fixture(scope="module")
def sites() -> Iterator[SampleSites]:
    with serve() as found:
        yield found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, store: str, sites: SampleSites) -> Iterator[World]:
    page = Gatekeeper(sites.connect_to["wakala.example"], PAGE)
    core = Gatekeeper(store, CORE)
    connect_to = {**sites.connect_to, "wakala.example": page.address}
    root = tmp_path_factory.mktemp("cluster")
    overrides = {
        "MARSAD_SOURCES": str(SAMPLES),
        "MARSAD_CONNECT_TO": ",".join(f"{host}={target}" for host, target in connect_to.items()),
        "MARSAD_DELAY_SCALE": "0",  # our own sites
        "MARSAD_RETRY_BASE_S": "0.05",
        "MARSAD_POLL_EVERY_MIN": "0",
        "MARSAD_REVISIT_AFTER_H": "",
        "MARSAD_DATA_DOCS": "false",
        "MARSAD_WAREHOUSE": f"duckdb:///{root / 'warehouse.duckdb'}",
        "MARSAD_AIRFLOW_RETRY_DELAY_S": "3",
        "MARSAD_AIRFLOW_RETRIES": "4",
        # who died is found out sooner than where networks and clocks have their moods
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "25",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    }
    cluster = Cluster(root, f"http://{core.address}", overrides)
    try:
        cluster.start()
        began = time.monotonic()
        password = json.loads((cluster.home / "auth" / "passwords.json").read_text())["admin"]
        with Client(cluster.url, login=("admin", password)) as client:
            runs = run_the_day(cluster, client, page, core)
            states = {name: client.run(run.dag_id, run.run_id) for name, run in runs.items()}
            tries = {
                f"{name}.{task}": client.task_instance(run.dag_id, run.run_id, task)["try_number"]
                for name, run in states.items()
                for task in run.tasks
            }
            lake = Lake("s3://marsad/lake", {"endpoint_url": f"http://{store}", "key": "any", "secret": "any"})
            yield World(cluster, client, lake, states, tries, time.monotonic() - began)
    finally:
        page.close()
        core.close()
        cluster.stop()


def run_the_day(cluster: Cluster, client: Client, page: Gatekeeper, core: Gatekeeper) -> dict[str, Run]:
    """Start a run of every source, kill both workers when they are where we want them, start others, wait."""
    dags = {name: f"news_{name}" for name in (*UP, DOWN)}
    client.wait_for_dags([*dags.values(), "curate", "warehouse"])
    runs = {name: client.trigger(dag, DAY.isoformat()) for name, dag in dags.items()}

    def say() -> str:
        now = client.all_task_states([*dags.values()])
        return f"{now}\n{cluster.tail('worker-scrape')}\n{cluster.tail('worker-compute')}\n{cluster.tail('scheduler')}"

    for gatekeeper in (page, core):
        wait_for(gatekeeper.reached.is_set, 400, say)
    for service in ("worker-scrape", "worker-compute"):
        cluster.kill(service)
    page.open.set()
    core.open.set()

    def ended() -> int:
        states = client.all_task_states([*dags.values()]).values()
        return sum(state == "success" for tasks in states for state in tasks.values())

    before = ended()
    for service in ("worker-scrape", "worker-compute"):
        cluster.start_service(service)
    wait_for(lambda: ended() > before, 400, say)
    cluster.restart_postgres(GONE_S)

    def all_finished(found: Callable[[], Iterable[Run]]) -> bool:
        cluster.revive()
        try:
            return all(run.is_finished for run in found())
        except AirflowUnusable:  # its database is away, or has just come back
            return False

    wait_for(lambda: all_finished(lambda: (client.run(r.dag_id, r.run_id) for r in runs.values())), 600, say)
    quiet = 0
    while quiet < 3:  # an event becomes a run a moment later
        wait_for(lambda: all_finished(client.runs), 300, say)
        quiet = quiet + 1 if all_finished(client.runs) else 0
        time.sleep(1)
    return runs


def published(lake: Lake) -> dict[str, bytes]:
    return {path: lake.read_bytes(path) for path in lake.list("published", "**/*")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, sites: SampleSites) -> Context:
    """The same day, run in this process on a disk."""
    from marsad.context import open_context
    from marsad.errors import SourceUnreachable
    from marsad.settings import Settings

    folder = tmp_path_factory.mktemp("undisturbed")
    settings = Settings(
        lake=str(folder / "lake"),
        sources=(SAMPLES,),
        state=folder / "state",
        connect_to=sites.connect_to,
        delay_scale=0,
        retry_base_s=0.01,
        data_docs=False,
        warehouse=f"duckdb:///{folder}/warehouse.duckdb",
    )
    ctx = open_context(settings)
    for name in UP:
        pipeline.run_partition(Partition(name, DAY), ctx)
    with pytest.raises(SourceUnreachable):
        pipeline.run_partition(Partition(DOWN, DAY), ctx)
    pipeline.curate(DAY, ctx)
    return ctx


def test_every_source_is_published_and_the_one_that_is_down_is_not(world: World) -> None:
    assert {name: run.state for name, run in world.runs.items()} == {**dict.fromkeys(UP, "success"), DOWN: "failed"}
    assert world.runs[DOWN].tasks["scrape"] == "failed"
    manifests = world.lake.list("published/_manifests", "**/*.json")
    named = {Path(path).stem.removeprefix("source=") for path in manifests if "source=" in path}
    assert set(UP) <= named
    assert DOWN not in named


def test_the_killed_tasks_were_tried_again_and_the_gate_too(world: World) -> None:
    assert world.tries["wakala.scrape"] >= 2
    assert world.tries["qadim.gate_clean"] >= 2


def test_the_database_was_killed_in_the_midst_of_the_day(world: World) -> None:
    log = (world.cluster.logs / "postgres.log").read_text("utf-8", "replace")
    assert log.count("automatic recovery in progress") == 1
    # it refused who asked meanwhile, and nobody is the worse for it
    assert "OperationalError" in (world.cluster.logs / "scheduler.log").read_text("utf-8", "replace")


def test_the_day_has_the_bytes_of_one_that_nobody_disturbed(world: World, undisturbed: Context) -> None:
    found, wanted = published(world.lake), published(undisturbed.lake)
    assert sorted(found) == sorted(wanted)
    assert [path for path in wanted if found[path] != wanted[path]] == []
    assert any("source=wakala" in path and "/articles/" in path for path in wanted)


def test_every_address_has_one_outcome_and_they_add_up(world: World, undisturbed: Context) -> None:
    for name in UP:
        partition = Partition(name, DAY)
        found = world.lake.read_table("raw", CAPTURES, partition).to_pylist()
        wanted = undisturbed.lake.read_table("raw", CAPTURES, partition).to_pylist()
        assert len({row["url"] for row in found}) == len(found)
        assert Counter(r["outcome"] for r in found) == Counter(r["outcome"] for r in wanted)
        assert {r["url"]: r["sha256"] for r in found} == {r["url"]: r["sha256"] for r in wanted}


def test_what_is_published_is_curated_and_loaded(world: World) -> None:
    loads = [r for r in world.client.runs("warehouse") if r.state == "success"]
    assert {r.partition_key for r in loads} == {f"{name}|{DAY}" for name in (*UP, "all")}
    assert {r.state for r in world.client.runs("curate")} == {"success"}


def test_each_queue_has_its_worker(world: World) -> None:
    where = {
        task["task_id"]: (task["queue"], task["hostname"])
        for run in world.runs.values()
        for task in world.client._pages(
            f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances", "task_instances"
        )
        if task["hostname"]
    }
    assert {task: queue for task, (queue, _) in where.items()} == {
        task: "scrape" if task == "scrape" else "compute" for task in where
    }
    assert len(where) >= 9


def test_workers_know_neither_airflows_database_nor_its_keys(world: World) -> None:
    config = world.cluster.config
    secrets = {config["postgres"]["environment"]["POSTGRES_PASSWORD"]}
    secrets |= {
        config["scheduler"]["environment"][f"AIRFLOW__{name}"]
        for name in ("CORE__FERNET_KEY", "API_AUTH__JWT_SECRET", "API__SECRET_KEY", "DATABASE__SQL_ALCHEMY_CONN")
    }
    for service in ("worker-scrape", "worker-compute"):
        assert not secrets & set(config[service]["environment"].values())


def test_no_component_writes_beside_its_volumes(world: World) -> None:
    """The images' roots are read-only: what is not a volume or /tmp cannot be written."""
    assert {p.name for p in world.cluster.home.iterdir()} == {"airflow.cfg", "auth", "logs"}
    assert (world.cluster.home / "airflow.cfg").read_bytes() == b""


def test_passwords_are_in_one_file_for_its_owner_and_in_no_log(world: World) -> None:
    file = world.cluster.home / "auth" / "passwords.json"
    assert file.stat().st_mode & 0o077 == 0
    passwords = {*json.loads(file.read_text()).values()}
    for service in ("postgres", "databases", "redis"):
        env = world.cluster.config[service]["environment"]
        passwords |= {value for name, value in env.items() if "PASSWORD" in name}
    for log in [*world.cluster.logs.iterdir(), *(world.cluster.home / "logs").rglob("*.log")]:
        text = log.read_text("utf-8", "replace")
        assert not [p for p in passwords if p in text], log


def test_a_role_enters_its_own_database_alone(world: World) -> None:
    import psycopg2

    port = world.cluster.pg_environment()["PGPORT"]
    env = world.cluster.config["databases"]["environment"]
    roles = {"airflow": "AIRFLOW_DB_PASSWORD", "celery": "CELERY_DB_PASSWORD", "marsad": "WAREHOUSE_DB_PASSWORD"}
    for role, name in roles.items():
        for database in ("airflow", "celery", "warehouse", "postgres"):
            login = {"host": "127.0.0.1", "port": port, "user": role, "password": env[name], "dbname": database}
            if (role, database) in OWN:
                psycopg2.connect(**login).close()
                continue
            with pytest.raises(psycopg2.OperationalError, match="permission denied"):
                psycopg2.connect(**login)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(host="127.0.0.1", port=port, user="postgres", password="guessed", dbname="postgres")


def test_y_what_was_backed_up_comes_back_after_all_is_lost(world: World, undisturbed: Context, tmp_path: Path) -> None:
    """Last but one: Airflow is stopped for it."""
    cluster = world.cluster
    env = {**cluster.environment("init"), **cluster.pg_environment(), "MARSAD_WITHOUT_DOCKER": "1"}

    def count_runs() -> int:
        return int(cluster.psql("airflow", "--command", "SELECT count(*) FROM dag_run", env=env))

    def everything() -> dict[str, bytes]:
        return {path: world.lake.read_bytes(path) for path in world.lake.list("", "**/*")}

    runs, before = count_runs(), everything()
    assert runs > len(UP)
    cluster.run([str(ROOT / "scripts" / "backup.sh"), str(tmp_path / "backup")], env)
    again = cluster.run([str(ROOT / "scripts" / "backup.sh"), str(tmp_path / "backup")], env)
    assert "0 removed" in again
    assert published(Lake(tmp_path / "backup" / "lake")) == published(undisturbed.lake)

    cluster.stop_airflow()
    world.lake.root.fs.rm(world.lake.root.path, recursive=True)
    for database in ("airflow", "warehouse"):
        cluster.psql("postgres", "--command", f"DROP DATABASE {database} WITH (FORCE)", env=env)
    cluster.psql("postgres", "--file", str(ROOT / "deploy" / "databases.sql"), env=cluster.environment("databases"))
    cluster.run([str(ROOT / "scripts" / "restore.sh"), "--yes", str(tmp_path / "backup")], env)
    assert everything() == before
    assert count_runs() == runs
    owner = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'airflow'"
    assert int(cluster.psql("airflow", "--command", owner, env=env)) == 0


def test_z_nothing_is_left_behind(world: World) -> None:
    """The last of the module: it stops the cluster of the others."""
    pids = world.cluster.pids
    assert len(pids) > 2
    world.cluster.stop()
    assert set(pids) & set(keeper.descendants(1)) == set()
