"""The DAG folder as Airflow parses it: in processes of their own, because Airflow configures the one it is in."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

PROJECT = Path(__file__).parents[2]
SAMPLES = PROJECT / "include" / "marsad" / "samples" / "sources"
STAGES = ("scrape", "clean", "extract", "validate", "publish")
HEAVY = ("pandas", "pyarrow", "great_expectations", "bs4", "lxml", "selectolax", "duckdb", "requests", "upath", "numpy")

SCRIPT = """
import gc, json, sys, time, warnings
warnings.simplefilter("ignore")
import airflow.sdk
from airflow.dag_processing.dagbag import DagBag
gc.freeze()  # as the DAG processor does before it forks who parses (config/airflow_local_settings.py)
before = set(sys.modules)
cpu = time.process_time()
bag = DagBag(sys.argv[1])
cpu = time.process_time() - cpu
found, errors = bag.dags, {k.rsplit("/", 1)[1]: v for k, v in bag.import_errors.items()}
made = set(sys.modules) - before
print(json.dumps({
    "cpu": cpu,
    "heavy": sorted(m for m in made if m.split(".")[0] in sys.argv[2].split(",")),
    "errors": errors,
    "dags": {
        i: {
            "tasks": {
                t.task_id: {
                    "upstream": sorted(t.upstream_task_ids),
                    "outlets": sorted(o.name for o in t.outlets),
                    "retries": t.retries,
                    "delay": t.retry_delay.total_seconds(),
                    "backoff": float(t.retry_exponential_backoff),
                    "owner": t.owner,
                    "queue": t.queue,
                    "pod": (t.executor_config or {}).get("pod_template_file"),
                    "has_callback": bool(t.on_failure_callback),
                }
                for t in d.tasks
            },
            "doc": d.doc_md,
            "tags": sorted(d.tags),
            "catchup": d.catchup,
            "max_active_runs": d.max_active_runs,
            "is_paused": d.is_paused_upon_creation,
            "end_date": d.end_date.isoformat() if d.end_date else None,
            "timetable": type(d.timetable).__name__,
        }
        for i, d in found.items()
    },
}))
"""


@pytest.fixture(scope="module")
def run_python(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Run a script beside the DAG folder, without a database; returns the JSON it prints last."""
    home = tmp_path_factory.mktemp("airflow")

    def run(script: str, *words: str, env: Mapping[str, str] | None = None) -> Any:
        path = os.pathsep.join(str(PROJECT / folder) for folder in ("dags", "include"))
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "MARSAD_"))}
        result = subprocess.run(
            [sys.executable, "-c", script, *words],
            env={**clean, "AIRFLOW_HOME": str(home), "PYTHONPATH": path, **(env or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stderr[-2000:]
        return json.loads(result.stdout.strip().splitlines()[-1])

    return run


@pytest.fixture(scope="module")
def parse(run_python: Callable[..., Any]) -> Callable[[Path], Any]:
    """Parse the DAG folder over a folder of sources."""
    return lambda sources, **env: run_python(
        SCRIPT, str(PROJECT / "dags"), ",".join(HEAVY), env={"MARSAD_SOURCES": str(sources), **env}
    )


@pytest.fixture(scope="module")
def samples(parse: Callable[[Path], Any]) -> Any:
    return parse(SAMPLES)


def test_every_source_has_a_dag_and_no_file_fails(samples: Any) -> None:
    assert samples["errors"] == {}
    names = {path.stem for path in SAMPLES.glob("*.yaml")}
    assert len(names) == 5
    assert set(samples["dags"]) == {f"news_{n}" for n in names} | {
        "backfill_plan",
        "bulk",
        "check",
        "curate",
        "maintain",
        "override",
        "poll",
        "revisit",
        "warehouse",
    }


def test_iceberg_has_a_dag_where_a_catalog_is_set(parse: Callable[..., Any]) -> None:
    found = parse(SAMPLES, MARSAD_ICEBERG_CATALOG="sqlite:///x.db")
    assert found["errors"] == {}
    dag = found["dags"]["iceberg"]
    assert (dag["max_active_runs"], dag["catchup"], dag["timetable"]) == (1, False, "PartitionedAssetTimetable")
    assert found["heavy"] == []


def test_a_gate_stands_between_any_two_stages(samples: Any) -> None:
    for dag_id, dag in samples["dags"].items():
        if not dag_id.startswith("news_"):
            continue
        tasks = dag["tasks"]
        order = [t for s in STAGES[:-1] for t in (s, f"gate_{s}")] + ["publish", "late"]
        assert set(tasks) == set(order)
        assert tasks["scrape"]["upstream"] == []
        for before, after in itertools.pairwise(order):
            assert tasks[after]["upstream"] == [before], f"{dag_id}.{after}"


def test_only_what_publishes_announces(samples: Any) -> None:
    announcing = {
        (dag_id, task_id): task["outlets"]
        for dag_id, dag in samples["dags"].items()
        for task_id, task in dag["tasks"].items()
        if task["outlets"]
    }
    assert {task for (dag, task) in announcing if dag.startswith("news_")} == {"publish", "late"}
    others = {dag for (dag, _) in announcing if not dag.startswith("news_")}
    assert others == {"bulk", "curate", "maintain", "revisit"}


def test_what_asks_sites_is_in_one_queue_and_all_else_in_the_other(samples: Any) -> None:
    queues = {
        (task_id if dag_id.startswith("news_") else dag_id): task["queue"]
        for dag_id, dag in samples["dags"].items()
        for task_id, task in dag["tasks"].items()
    }
    assert {name for name, queue in queues.items() if queue == "scrape"} == {"scrape", "poll", "revisit", "check"}
    others = {queue for name, queue in queues.items() if name not in ("scrape", "poll", "revisit", "check")}
    assert others == {"compute"}
    assert not any(task["pod"] for dag in samples["dags"].values() for task in dag["tasks"].values())


def test_with_pod_templates_each_task_names_its_queues(parse: Callable[..., Any]) -> None:
    folder = PROJECT / "deploy" / "kubernetes"
    found = parse(SAMPLES, MARSAD_AIRFLOW_POD_TEMPLATES=str(folder))
    for dag in found["dags"].values():
        for task in dag["tasks"].values():
            assert task["pod"] == str(folder / f"pod-{task['queue']}.yaml")
            assert Path(task["pod"]).is_file()


def test_a_dead_worker_is_tried_again_and_each_time_later(samples: Any) -> None:
    """Gates too: their verdict fails at once (AirflowFailException), which no number of retries changes."""
    for dag in samples["dags"].values():
        for name, task in dag["tasks"].items():
            assert task["owner"] == "marsad"
            assert task["has_callback"]
            if name in (
                "poll",
                "decide",
                "say_plan",
                "try_source",
            ):  # a poll comes again by itself, and who asks asks again
                assert task["retries"] == 0
            elif name == "curate":  # it waits for the runs of its day
                assert (task["retries"], task["delay"], task["backoff"]) == (30, 20.0, 0.0)
            else:
                assert (task["retries"], task["delay"], task["backoff"]) == (4, 60.0, 2.0)


def test_a_person_in_the_ui_can_read_what_a_dag_is(samples: Any) -> None:
    dag = samples["dags"]["news_wakala"]
    for words in ("وكالة الساحل", "Asia/Beirut", "sitemap", "past days too", "Backfill"):
        assert words in dag["doc"]
    assert dag["tags"] == ["LB", "marsad", "news"]
    assert (dag["catchup"], dag["max_active_runs"]) == (False, 1)
    assert all(d["doc"] for d in samples["dags"].values())


def test_a_closed_site_is_scheduled_no_more(samples: Any) -> None:
    assert samples["dags"]["news_wakala"]["end_date"] == "2026-03-05T10:00:00+00:00"


@pytest.mark.timed
def test_a_hundred_sources_parse_within_a_second_and_nothing_heavy_is_imported(
    parse: Callable[[Path], Any], tmp_path: Path
) -> None:
    template = (SAMPLES / "wakala.yaml").read_text("utf-8")
    for n in range(100):
        (tmp_path / f"site_{n:03}.yaml").write_text(template.replace("name: wakala", f"name: site_{n:03}"), "utf-8")
    tries = []
    while len(tries) < 6 and not any(f["cpu"] < 1.0 for f in tries):  # a neighbour on the core only ever adds to it
        tries.append(parse(tmp_path))
    found = min(tries, key=lambda f: f["cpu"])
    assert len(found["dags"]) == 109
    assert found["heavy"] == []
    assert found["cpu"] < 1.0  # of CPU, beyond `import airflow.sdk`; the clock is the machine's business


def test_a_bad_source_is_shown_and_takes_no_other_away(parse: Callable[[Path], Any], tmp_path: Path) -> None:
    for name in ("wakala", "qadim"):
        (tmp_path / f"{name}.yaml").write_text((SAMPLES / f"{name}.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "kasir.yaml").write_text(
        "name: kasir\ntitle: كاسر\nhomepage: http://kasir.example\ncolour: red\n", "utf-8"
    )
    found = parse(tmp_path)
    assert {"news_wakala", "news_qadim"} <= set(found["dags"])
    assert "news_kasir" not in found["dags"]
    (error,) = found["errors"].items()
    assert error[0] == "source_errors.py"  # Airflow shows it above the list of DAGs
    assert "kasir.yaml:4" in error[1]
    assert "colour" in error[1]


def test_wrong_settings_are_one_error_that_names_them_and_take_no_dag_away(parse: Callable[..., Any]) -> None:
    wrong = {"MARSAD_POLL_EVERY_MIN": "99", "MARSAD_AIRFLOW_RETRIES": "four", "MARSAD_LAKE_OPTIONS": "{x"}
    found = parse(SAMPLES, **wrong)
    assert {"news_wakala", "poll", "revisit", "curate", "warehouse"} <= set(found["dags"])
    (error,) = found["errors"].items()
    assert error[0] == "source_errors.py"
    for name in wrong:
        assert f"environment variable {name} is " in error[1]
    assert "unset it for its default" in error[1]


def test_a_collector_brings_the_dag_that_looks_at_the_lake(parse: Callable[..., Any], samples: Any) -> None:
    assert "observe" not in samples["dags"]
    found = parse(SAMPLES, MARSAD_OTLP_ENDPOINT="http://127.0.0.1:4318")
    assert found["errors"] == {}
    assert found["dags"]["observe"]["tasks"]["observe"]["retries"] == 0


def test_a_source_that_is_off_starts_paused(parse: Callable[[Path], Any], tmp_path: Path) -> None:
    text = (SAMPLES / "wakala.yaml").read_text("utf-8")
    (tmp_path / "wakala.yaml").write_text(text.replace("is_enabled: true", "is_enabled: false"), "utf-8")
    assert parse(tmp_path)["dags"]["news_wakala"]["is_paused"] is True


KEYS = """
import json, sys
from datetime import UTC, datetime, timedelta
import pendulum
import airflow.sdk
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction
from news import clock_of
from airflow.sdk import DAG, CronPartitionTimetable
out = {}
for zone, day in json.loads(sys.argv[1]).items():
    dag = DAG("d", schedule=CronPartitionTimetable("0 0 * * *", timezone=clock_of(zone), run_offset=-1, key_format="%Y-%m-%d"))
    # as the scheduler has it: through the database
    timetable = DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable
    start = pendulum.instance(datetime.fromisoformat(day).replace(tzinfo=UTC))
    days = [start + timedelta(days=n) for n in range(5)]
    infos = timetable.iter_partition_dagrun_infos(earliest=days[0], latest=days[-1])
    single = [i.partition_key for d in days for i in timetable.iter_partition_dagrun_infos(earliest=d, latest=d)]
    scheduled, info = [], None
    while len(scheduled) < 8:
        info = timetable.next_dagrun_info_v2(last_dagrun_info=info, restriction=TimeRestriction(start, None, True))
        scheduled.append([info.partition_key, info.run_after.isoformat()])
    out[zone] = {"range": [i.partition_key for i in infos], "single": single, "scheduled": scheduled}
print(json.dumps(out))
"""

FIRST_DAYS = {
    "Asia/Beirut": "2026-03-27",
    "Africa/Cairo": "2026-04-22",
    "Africa/Casablanca": "2026-02-13",
    "America/Santiago": "2026-09-03",
    "America/New_York": "2026-03-06",
    "Asia/Tehran": "2026-03-20",
    "Europe/Moscow": "2026-03-27",
    "UTC": "2026-03-02",
}


@pytest.fixture(scope="module")
def keys(run_python: Callable[..., Any]) -> Any:
    return run_python(KEYS, json.dumps(FIRST_DAYS), env={"MARSAD_SOURCES": str(SAMPLES)})


@pytest.mark.parametrize("zone", FIRST_DAYS)
def test_each_day_has_one_run_where_clocks_change_at_midnight(keys: Any, zone: str) -> None:
    """Beirut and Cairo have no 00:00 on the day summer time begins."""
    first = date.fromisoformat(FIRST_DAYS[zone])
    days = [(first + timedelta(days=n)).isoformat() for n in range(5)]
    assert keys[zone]["range"] == days
    assert keys[zone]["single"] == days
    labels = [key for key, _ in keys[zone]["scheduled"]]
    start = date.fromisoformat(labels[0])
    assert labels == [(start + timedelta(days=n)).isoformat() for n in range(8)]


@pytest.mark.parametrize("zone", FIRST_DAYS)
def test_a_day_is_scheduled_when_it_is_over_at_the_source(keys: Any, zone: str) -> None:
    for key, run_after in keys[zone]["scheduled"]:
        after = date.fromisoformat(key) + timedelta(days=1)
        midnight = datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone))
        wait = datetime.fromisoformat(run_after) - midnight
        assert timedelta(0) <= wait <= timedelta(hours=1), (key, run_after)
