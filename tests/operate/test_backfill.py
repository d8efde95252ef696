"""Waiting for a backfill, and leaving it: against a small server that answers as Airflow does."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from rich.console import Console

from marsad.errors import AirflowUnusable
from marsad.operate import backfill as module
from marsad.operate.backfill import Options, backfill_all, backfills_of, cancel, runs_under_way
from marsad.partition import Partition
from operate.test_client import Server, backfill_of, server

__all__ = ["server"]

DAYS = (date(2026, 3, 2), date(2026, 3, 3))


class Airflow:
    """Two DAGs; the runs of a backfill are done once they have been looked at."""

    def __init__(self) -> None:
        self.runs: dict[str, list[dict[str, Any]]] = {"news_a": [], "news_b": []}
        self.number = 0
        self.states = {"2026-03-02": "success", "2026-03-03": "failed"}

    def __call__(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if path.startswith("/api/v2/backfills") and method == "POST":
            self.number += 1
            dag_id = body["dag_id"]
            self.runs[dag_id] += [
                {"dag_id": dag_id, "dag_run_id": f"b{d}", "state": s, "partition_key": d}
                for d, s in self.states.items()
            ]
            return 200, {**backfill_of(self.number), "dag_id": dag_id}
        if method == "PUT":
            return 200, backfill_of(int(path.split("/")[4]), "2026-03-05T09:00:00Z")
        if path.startswith("/api/v2/backfills"):
            return 200, {"backfills": [], "total_entries": 0}
        dag_id = path.split("/")[4].partition("?")[0]
        if dag_id not in self.runs:
            return 404, {"detail": "no such DAG"}
        if method == "PATCH":
            return 200, {}
        if "/taskInstances" in path:
            tasks = [{"task_id": "scrape", "state": "skipped" if "03-02" in path else "failed", "try_number": 1}]
            if "/logs/" in path:
                return 200, {"content": [{"event": "x", "error_detail": [{"exc_value": "no [answer]"}]}]}
            return 200, tasks[0] if "/scrape" in path else {"task_instances": tasks, "total_entries": 1}
        if "/dagRuns/" in path:
            return 200, next(r for r in self.runs[dag_id] if path.endswith(r["dag_run_id"]))
        return 200, {"dag_runs": self.runs[dag_id], "total_entries": len(self.runs[dag_id])}


@pytest.fixture
def airflow(server: Server) -> Airflow:
    server.reply = found = Airflow()
    return found


def run(server: Server, *names: str, **options: Any) -> tuple[int, str]:
    said = io.StringIO()
    console = Console(file=said, width=200)
    failed = backfill_all(dict.fromkeys(names, DAYS), base_url=server.url, console=console, options=Options(**options))
    return failed, said.getvalue()


def test_each_day_of_each_source_is_told_as_it_ended(server: Server, airflow: Airflow) -> None:
    failed, said = run(server, "a", "b")
    assert failed == 2
    assert "backfill 1 of news_a, 2026-03-02 to 2026-03-03" in said
    assert "skipped 2026-03-02 a (1 of 4)" in said
    assert "failed  2026-03-03 b" in said
    assert "at scrape: no [answer]" in said


def test_a_dag_that_airflow_does_not_know_takes_no_other_away(server: Server, airflow: Airflow) -> None:
    failed, said = run(server, "nonesuch", "a", is_waited_for=False)
    assert failed == 1
    assert "nonesuch" in said
    assert "backfill 1 of news_a" in said
    with pytest.raises(AirflowUnusable, match="404"):
        run(server, "nonesuch")


def test_days_that_get_no_run_are_counted(server: Server, airflow: Airflow) -> None:
    del airflow.states["2026-03-03"]
    assert "1 of 2 days have a run under way already; left alone" in " ".join(
        run(server, "a", is_waited_for=False)[1].split()
    )
    assert "or one that --reprocess failed leaves" in run(server, "b", reprocess="failed", is_waited_for=False)[1]


def test_ctrl_c_leaves_the_backfill_and_says_how_to_end_it(
    server: Server, airflow: Airflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow.states = {"2026-03-02": "running", "2026-03-03": "queued"}

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module.time, "sleep", interrupt)
    said = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        backfill_all({"a": DAYS}, base_url=server.url, console=Console(file=said, width=200), options=Options())
    assert "goes on in Airflow; to end it: marsad backfill --cancel 1" in said.getvalue()
    assert not [asked for asked in server.asked if asked[0] == "PUT"]


def test_a_backfill_is_ended_by_its_number(server: Server, airflow: Airflow) -> None:
    assert cancel(7, server.url).id == 7
    assert server.asked == [("PUT", "/api/v2/backfills/7/cancel")]
    assert backfills_of(["a", "b"], server.url) == []


def test_an_airflow_that_is_not_there_leaves_the_runs_unknown(server: Server) -> None:
    found, why = runs_under_way(["a"], "http://127.0.0.1:9")
    assert found == {}
    assert why is not None
    assert "no Airflow answers" in why
    server.reply = lambda *_: (200, {"dag_runs": [
        {"dag_id": "news_a", "dag_run_id": "r", "state": "running", "partition_key": "2026-03-02"},
    ], "total_entries": 1})  # fmt: skip
    assert runs_under_way(["a"], server.url) == ({Partition("a", DAYS[0]): "running"}, None)
