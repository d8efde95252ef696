"""Airflow's REST API, as far as Marsad asks it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import requests

from marsad.errors import LaterError, NeverError

ENDED = frozenset({"success", "failed"})


class AirflowClient:
    """A session with one Airflow.

    Args:
        base_url: where its API server answers, for example http://127.0.0.1:8080.
        username, password: None where the server lets local users in (``make up``).
    """

    def __init__(self, base_url: str, username: str | None = None, password: str | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        self._user = (username, password)

    def __enter__(self) -> AirflowClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def log_in(self) -> None:
        """Get a token.

        Raises:
            LaterError: the server does not answer.
            NeverError: it refuses.
        """
        name, password = self._user
        try:
            if name:
                answer = self._session.post(
                    f"{self.base_url}/auth/token", json={"username": name, "password": password}, timeout=20
                )
            else:
                answer = self._session.get(f"{self.base_url}/auth/token", timeout=20)
        except requests.RequestException as error:
            raise LaterError(
                f"no Airflow answers at {self.base_url} ({type(error).__name__}); start it: make up"
            ) from None
        if answer.status_code >= 400:
            raise NeverError(
                f"Airflow at {self.base_url} refuses the log-in (HTTP {answer.status_code}); "
                "set MARSAD_AIRFLOW_USER and MARSAD_AIRFLOW_PASSWORD"
            )
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One call below /api/v2; JSON in, JSON out.

        Raises:
            LaterError: no answer, or HTTP 5xx. NeverError: HTTP 4xx, with what the server said.
        """
        if "Authorization" not in self._session.headers:
            self.log_in()
        try:
            answer = self._session.request(method, f"{self.base_url}/api/v2/{path}", timeout=60, **options)
        except requests.RequestException as error:
            raise LaterError(f"Airflow at {self.base_url}: {type(error).__name__}") from None
        if answer.status_code >= 500:
            raise LaterError(f"Airflow at {self.base_url}: HTTP {answer.status_code} for {method} {path}")
        if answer.status_code >= 400:
            raise NeverError(f"Airflow: HTTP {answer.status_code} for {method} {path}: {answer.text[:300]}")
        return answer.json() if answer.content else None

    def is_healthy(self, parts: Sequence[str] = ("metadatabase", "scheduler", "dag_processor")) -> bool:
        """Whether the server answers and says that these parts are healthy."""
        try:
            answer = self._session.get(f"{self.base_url}/api/v2/monitor/health", timeout=5)
            found = answer.json()
        except (requests.RequestException, ValueError):
            return False
        return all((found.get(p) or {}).get("status") == "healthy" for p in parts)

    def dag_ids(self) -> set[str]:
        """The DAGs it knows."""
        return {d["dag_id"] for d in self.call("GET", "dags", params={"limit": 500})["dags"]}

    def unpause(self, dag_id: str) -> None:
        """Let a DAG's runs start."""
        self.call("PATCH", f"dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str, partition_key: str | None) -> str:
        """Start one run for a partition key; returns its run id."""
        body = {"logical_date": None, "partition_key": partition_key}
        return str(self.call("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def backfill(self, dag_id: str, start: date, end: date) -> int:
        """Make one run a date, again where there was one; returns the backfill's id."""
        body = {
            "dag_id": dag_id,
            "from_date": f"{start}T00:00:00Z",
            "to_date": f"{end}T00:00:00Z",
            "max_active_runs": 1,
            "reprocess_behavior": "completed",
        }
        return int(self.call("POST", "backfills", json=body)["id"])

    def backfill_runs(self, dag_id: str, backfill_id: int) -> list[dict[str, Any]]:
        """The runs of a backfill."""
        return [r for r in self.runs(dag_id) if r.get("backfill_id") == backfill_id]

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The latest runs of a DAG, newest first."""
        found = self.call("GET", f"dags/{dag_id}/dagRuns", params={"limit": 200, "order_by": "-run_after"})
        return list(found["dag_runs"])

    def tasks(self, dag_id: str, run_id: str) -> dict[str, str]:
        """The state of each task of a run."""
        found = self.call("GET", f"dags/{dag_id}/dagRuns/{run_id}/taskInstances", params={"limit": 200})
        return {t["task_id"]: t["state"] or "none" for t in found["task_instances"]}


def wait_for(condition: Callable[[], bool], seconds: float, *, every: float = 0.5) -> bool:
    """Poll until a condition holds; False when the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(every)
    return condition()
