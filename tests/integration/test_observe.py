"""A real Airflow whose tasks tell collectors what they do: metrics, lineage, log lines, and the health page."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from collector import Collector, collector, wait_for
from integration.test_airflow import SAMPLES, wait
from marsad.clean.record import ARTICLES
from marsad.lake import Lake
from marsad.operate import keeper
from marsad.operate.client import Client, Run
from marsad.operate.demo import demo_env
from marsad.operate.local_airflow import LocalAirflow, find_project
from marsad.partition import Partition
from marsad.publish.manifest import read_manifest

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(900)]
DAY = "2026-03-03"


@dataclass(frozen=True)
class Observed:
    """One day of one source, run by Airflow, and what the collectors heard of it."""

    airflow: LocalAirflow
    client: Client
    run: Run
    lake: Lake
    heard: Collector


def login(airflow: LocalAirflow) -> tuple[str, str]:
    """The one user there is, and the password Airflow made for them."""
    passwords = json.loads((airflow.home / "passwords.json").read_text("utf-8"))
    return "admin", passwords["admin"]


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory, sample_sites: Any) -> Iterator[Observed]:
    root = tmp_path_factory.mktemp("observe")
    (root / "sources").mkdir()
    shutil.copy(SAMPLES / "wakala.yaml", root / "sources")
    with collector() as heard:
        env = {
            **demo_env(sample_sites.connect_to_env, root),
            "MARSAD_SOURCES": str(root / "sources"),
            "MARSAD_DATA_DOCS": "false",
            "MARSAD_POLL_EVERY_MIN": "0",
            "MARSAD_REVISIT_AFTER_H": "",
            "MARSAD_OTLP_ENDPOINT": heard.url,
            "MARSAD_OTLP_TIMEOUT_S": "15",
            "MARSAD_LAKE_OPTIONS": "",
            # as in production: who is not logged in is nobody
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps({"type": "http", "url": heard.url}),
            "AIRFLOW__OPENLINEAGE__NAMESPACE": "marsad",
            "AIRFLOW__OPENLINEAGE__EXECUTION_TIMEOUT": "60",
        }
        local = LocalAirflow(find_project(), root / "home", environment=env, parallelism=2)
        with local as airflow, Client(airflow.url, login(airflow)) as client:
            client.wait_for_dags(["news_wakala", "observe", "curate", "warehouse"], since=airflow.started_at)
            run = wait(client, client.trigger("news_wakala", DAY))
            wait_for(lambda: any(e["job"]["name"] == "warehouse.load" and e["outputs"] for e in heard.events), 120)
            wait(client, client.trigger("observe", None))
            yield Observed(airflow, client, run, Lake(root / ".lake"), heard)


def test_the_run_is_not_disturbed(observed: Observed) -> None:
    assert observed.run.tasks["publish"] == "success"


def test_the_collector_hears_what_the_manifest_says(observed: Observed) -> None:
    manifest = read_manifest(observed.lake, Partition("wakala", date.fromisoformat(DAY)))
    assert manifest is not None
    heard = observed.heard
    for outcome, count in manifest.outcomes.items():
        assert heard.total("marsad.captures", source="wakala", outcome=outcome) == count
    for file in manifest.files:
        assert heard.total("marsad.rows.published", source="wakala", dataset=file.dataset) == file.row_count
        assert heard.total("marsad.published.size", source="wakala", dataset=file.dataset) == file.byte_count
    assert heard.total("marsad.gate.results", dataset="articles", result="passed") == 1
    assert heard.total("marsad.stage.duration", stage="scrape", result="done") == 1
    assert heard.total("marsad.source.late", source="wakala") >= 0
    assert {s.temporality for s in heard.samples if s.name == "marsad.captures"} == {1}


def datasets(observed: Observed, job: str, side: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for event in observed.heard.events:
        if event["job"]["name"] == job:
            found |= {d["name"].rsplit(".lake/", 1)[-1]: d for d in event[side]}
    return found


def test_lineage_names_datasets_with_schema_rows_and_answers(observed: Observed) -> None:
    made = datasets(observed, "news_wakala.clean", "outputs")
    assert set(made) == {"staged/articles", "staged/article_versions", "staged/links", "staged/cuts"}
    fields = made["staged/articles"]["facets"]["schema"]["fields"]
    assert [f["name"] for f in fields] == ARTICLES.schema.names
    assert all(f["description"] for f in fields)
    assert set(datasets(observed, "news_wakala.clean", "inputs")) == {"core/captures"}
    gated = datasets(observed, "news_wakala.gate_clean", "inputs")["staged/articles"]
    answers = gated["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert len(answers) > 5
    assert all(a["success"] for a in answers if a["severity"] == "error")
    published = datasets(observed, "news_wakala.publish", "outputs")["published/articles"]
    manifest = read_manifest(observed.lake, Partition("wakala", date.fromisoformat(DAY)))
    assert manifest is not None
    (file,) = [f for f in manifest.files if f.dataset == "articles"]
    statistics = published["outputFacets"]["outputStatistics"]
    assert (statistics["rowCount"], statistics["size"]) == (file.row_count, file.byte_count)
    tables = datasets(observed, "warehouse.load", "outputs")
    assert tables["articles"]["namespace"].startswith("duckdb://")
    assert tables["articles"]["facets"]["schema"]["fields"]


def test_lineage_says_the_day_and_one_run_from_start_to_end(observed: Observed) -> None:
    mine = [e for e in observed.heard.events if e["job"]["name"] == "news_wakala.publish"]
    assert {"START", "RUNNING", "COMPLETE"} <= {e["eventType"] for e in mine}
    assert len({e["run"]["runId"] for e in mine}) == 1
    (told,) = [e for e in mine if e["eventType"] == "RUNNING"]
    assert told["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2026-03-03T00:00:00+02:00"


def test_every_line_of_a_stage_says_its_source_day_stage_and_run(observed: Observed) -> None:
    (log,) = observed.airflow.home.glob(f"logs/dag_id=news_wakala/run_id={observed.run.run_id}/task_id=clean/*.log")
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    ours = [x for x in lines if str(x.get("logger", "")).startswith("marsad") and "clean" in x["event"]]
    assert ours
    for line in ours:
        assert (line["source"], line["date"], line["stage"]) == ("wakala", DAY, "clean")
        assert line["run"] == observed.run.run_id


def test_the_health_page_needs_a_login_and_the_probe_says_nothing(observed: Observed) -> None:
    url = observed.airflow.url
    live = requests.get(f"{url}/marsad/live", timeout=30)
    assert (live.status_code, live.json()) == (200, {"ok": True})
    assert requests.get(f"{url}/marsad/health", timeout=30).status_code == 401
    assert requests.get(f"{url}/marsad/health", headers={"Authorization": "Bearer no"}, timeout=30).status_code in (
        401,
        403,
    )
    user, password = login(observed.airflow)
    token = requests.post(f"{url}/auth/token", json={"username": user, "password": password}, timeout=30)
    headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
    told = requests.get(f"{url}/marsad/health", headers=headers, timeout=30)
    checks = {c["name"]: c for c in told.json()["checks"]}
    assert checks["lake"]["ok"]
    assert checks["warehouse"]["ok"]
    assert told.status_code == (200 if told.json()["ok"] else 503)


def listeners(pids: set[int]) -> set[str]:
    """The addresses, as the kernel writes them, on which these processes wait for connections."""
    inodes = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for link in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    inodes |= set(re.findall(r"socket:\[(\d+)\]", str(link.readlink())))
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                found.add(fields[1].rpartition(":")[0])
    return found


def test_nothing_listens_but_on_loopback(observed: Observed) -> None:
    found = listeners(set(keeper.descendants(os.getpid())))
    assert found == {"0100007F"}  # 127.0.0.1
