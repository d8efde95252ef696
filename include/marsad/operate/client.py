"""A client of Airflow's REST API: just what Marsad asks of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal
from urllib.parse import quote

import requests

from marsad.errors import AirflowUnusable

FINISHED = frozenset({"success", "failed"})
PAGE = 100
RETRY_PAUSES_S = (0.5, 1.0, 2.0)
"""A server error is asked again after these; a run made twice would only replay."""


@dataclass(frozen=True)
class Run:
    """One DAG run."""

    dag_id: str
    run_id: str
    state: str
    partition_key: str | None
    tasks: Mapping[str, str] = field(default_factory=dict)
    """The state of each task, where it was asked for."""

    @property
    def is_finished(self) -> bool:
        """Whether it will not go on by itself."""
        return self.state in FINISHED


Reprocess = Literal["none", "failed", "completed"]
"""Which of the days that have a finished run already are run again: none, those whose last run failed, all."""


@dataclass(frozen=True)
class Backfill:
    """One backfill, as Airflow keeps it."""

    id: int
    dag_id: str
    first: date
    last: date
    reprocess: str
    max_active_runs: int
    is_paused: bool
    created_at: datetime
    completed_at: datetime | None


class Client:
    """Speaks to one Airflow.

    Args:
        base_url: where it answers, such as ``http://127.0.0.1:8080``.
        login: user name and password; without them a token is asked for as the local Airflow gives it.
        token: one that was given already; no other is asked for.
    """

    def __init__(
        self,
        base_url: str,
        login: tuple[str, str] | None = None,
        timeout_s: float = 30.0,
        *,
        token: str | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._login, self._timeout_s, self._given = login, timeout_s, token
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy or .netrc of the user's is not for the local Airflow

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    # runs

    def trigger(self, dag_id: str, partition_key: str | None, conf: Mapping[str, Any] | None = None) -> Run:
        """Start a run of a DAG for a partition; ``conf`` fills in its form."""
        body = {"logical_date": None, "partition_key": partition_key, "conf": dict(conf or {})}
        return _run(self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body))

    def give_up(self, run: Run) -> None:
        """End a run that is not finished: it and its open tasks count as failed."""
        self._ask("PATCH", f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}", json={"state": "failed"})

    def backfill(self, dag_id: str, start: date, end: date, *, max_active_runs: int = 1) -> list[Run]:
        """Make one run for each day from ``start`` to ``end``, both included, and return them by day.

        Days that have a run already are run again: replaying is safe and makes the same bytes. A day
        whose run is still going gets no other. One run at a time is the default, because a late story
        of one day may rewrite another.
        """
        return self.start_backfill(dag_id, start, end, max_active_runs=max_active_runs)[1]

    def start_backfill(
        self,
        dag_id: str,
        start: date,
        end: date,
        *,
        max_active_runs: int = 1,
        reprocess: Reprocess = "completed",
        is_backwards: bool = False,
    ) -> tuple[Backfill, list[Run]]:
        """Make a backfill; returns it, and the runs it made, by day.

        Args:
            is_backwards: the last day is run first.

        Raises:
            AirflowUnusable: Airflow refuses; a backfill of the DAG that is under way is named.
        """
        for going in self.backfills(dag_id):
            if going.completed_at is None:
                raise AirflowUnusable(
                    f"Airflow at {self.base_url}: {dag_id} has a backfill under way already ({going.id}: {going.first} "
                    f"to {going.last}); wait for it, or end it with `marsad backfill --cancel {going.id}`"
                )
        path = f"/api/v2/dags/{dag_id}/dagRuns"
        before = {r["dag_run_id"] for r in self._pages(path, "dag_runs", run_type="backfill")}
        body = {
            "dag_id": dag_id,
            "from_date": _midnight(start),
            "to_date": _midnight(end),
            "max_active_runs": max_active_runs,
            "reprocess_behavior": reprocess,
            "run_backwards": is_backwards,
        }
        made = _backfill(self._ask("POST", "/api/v2/backfills", json=body))
        # a DAG has one backfill at a time, so the new runs are this one's
        after = [_run(r) for r in self._pages(path, "dag_runs", run_type="backfill")]
        return made, sorted((r for r in after if r.run_id not in before), key=lambda r: r.partition_key or "")

    def backfills(self, dag_id: str) -> list[Backfill]:
        """The backfills of a DAG, the oldest first."""
        return [_backfill(b) for b in self._pages("/api/v2/backfills", "backfills", dag_id=dag_id, order_by="id")]

    def cancel_backfill(self, number: int) -> Backfill:
        """End a backfill: runs that have not begun count as failed, those under way go on to their end."""
        return _backfill(self._ask("PUT", f"/api/v2/backfills/{number}/cancel"))

    def under_way(self, dag_ids: Collection[str]) -> dict[tuple[str, str], str]:
        """The states of the runs of some DAGs that are not finished, by DAG and partition key."""
        found = self._pages("/api/v2/dags/~/dagRuns", "dag_runs", state=["queued", "running"])
        runs = [_run(r) for r in found if r["dag_id"] in dag_ids]
        return {(r.dag_id, r.partition_key): r.state for r in runs if r.partition_key}

    def runs(self, dag_id: str = "~", *, since: datetime | None = None) -> list[Run]:
        """The runs of a DAG, or of every DAG; with ``since``, only those that were to start after it."""
        only = {"run_after_gte": since.isoformat()} if since else {}
        return [_run(r) for r in self._pages(f"/api/v2/dags/{dag_id}/dagRuns", "dag_runs", **only)]

    def newest_runs(self, dag_id: str, partition_key: str, count: int) -> list[Run]:
        """The newest runs of a DAG for a partition, in one request."""
        params = {"partition_key_prefix_pattern": partition_key, "order_by": "-run_after", "limit": count}
        found = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=params)["dag_runs"]
        return [r for r in map(_run, found) if r.partition_key == partition_key]

    def run(self, dag_id: str, run_id: str) -> Run:
        """One run, with the states of its tasks."""
        run = _run(self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))
        return Run(run.dag_id, run.run_id, run.state, run.partition_key, self.task_states(dag_id, run_id))

    def run_of(self, dag_id: str, run_id: str) -> Run:
        """One run, without its tasks."""
        return _run(self._ask("GET", f"/api/v2/dags/{quote(dag_id, safe='')}/dagRuns/{quote(run_id, safe='')}"))

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """The state of each task of a run; ``none`` where it has not been looked at yet."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return {t["task_id"]: t["state"] or "none" for t in self._pages(path, "task_instances")}

    def all_task_states(
        self, dag_ids: Sequence[str], *, since: datetime | None = None
    ) -> dict[tuple[str, str], dict[str, str]]:
        """The states of the tasks of all runs of some DAGs, by DAG and run, in a request or two.

        With ``since``, only of runs that were to start after it.
        """
        # by GET: Airflow writes each POST to its audit log, which on SQLite can lock out the tasks
        only: dict[str, Any] = {"dag_ids": list(dag_ids)}
        if since:
            only["run_after_gte"] = since.isoformat()
        found: dict[tuple[str, str], dict[str, str]] = {}
        for t in self._pages("/api/v2/dags/~/dagRuns/~/taskInstances", "task_instances", **only):
            found.setdefault((t["dag_id"], t["dag_run_id"]), {})[t["task_id"]] = t["state"] or "none"
        return found

    def task_log(self, dag_id: str, run_id: str, task_id: str, try_number: int = 1) -> str:
        """What a task logged, one event a line."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{try_number}"
        content = self._ask("GET", path, headers={"Accept": "application/json"})["content"]
        return "\n".join(str(line.get("event", line)) if isinstance(line, dict) else str(line) for line in content)

    def task_instance(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """All that Airflow says of one task of a run."""
        return dict(self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"))

    def xcom(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task returned."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        return self._ask("GET", path)["value"]

    def failure(self, dag_id: str, run_id: str, task_id: str) -> str:
        """Why a task failed, in the words of its last try's error."""
        number = self.task_instance(dag_id, run_id, task_id)["try_number"]
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        content = self._ask("GET", f"{path}/logs/{number}", headers={"Accept": "application/json"})["content"]
        for line in reversed(content):
            for error in (line.get("error_detail") or []) if isinstance(line, dict) else []:
                return str(error["exc_value"])
        return "its log says no more"

    # DAGs

    def dags(self) -> dict[str, dict[str, Any]]:
        """Every DAG that Airflow has parsed, by id."""
        return {d["dag_id"]: d for d in self._pages("/api/v2/dags", "dags", exclude_stale="true")}

    def import_errors(self) -> dict[str, str]:
        """The DAG files that could not be parsed, and why."""
        return {e["filename"]: e["stack_trace"] for e in self._pages("/api/v2/importErrors", "import_errors")}

    def unpause(self, dag_id: str) -> None:
        """Let a DAG run."""
        self._ask("PATCH", f"/api/v2/dags/{dag_id}", params={"update_mask": "is_paused"}, json={"is_paused": False})

    def wait_for_dags(
        self, dag_ids: Sequence[str], *, since: datetime | None = None, timeout_s: float = 120.0
    ) -> dict[str, dict[str, Any]]:
        """Wait until DAGs are parsed; with ``since``, parsed after it.

        Raises:
            AirflowUnusable: they were not in time; tells the import errors there are.
        """
        give_up = time.monotonic() + timeout_s
        while True:
            found = self.dags()
            missing = [d for d in dag_ids if d not in found or (since and _parsed_at(found[d]) < since)]
            if not missing:
                return found
            if time.monotonic() > give_up:
                errors = "; ".join(f"{f}: {e.strip().splitlines()[-1]}" for f, e in self.import_errors().items())
                raise AirflowUnusable(
                    f"Airflow at {self.base_url} does not show {', '.join(missing)} after {timeout_s:.0f} s"
                    + (f"; import errors: {errors}" if errors else "; is its dag-processor running?")
                )
            time.sleep(0.25)

    def wait_until(
        self,
        poll: Callable[[], Sequence[Run]],
        is_done: Callable[[Sequence[Run]], bool],
        *,
        progress: AbstractContextManager[Callable[[Sequence[Run]], None]],
        timeout_s: float = 3600.0,
        interval_s: float = 1.5,
    ) -> None:
        """Look at some runs again and again, tell ``progress`` of them, until they are done.

        Raises:
            AirflowUnusable: they were not in time; names those that are not finished.
        """
        give_up = time.monotonic() + timeout_s
        with progress as tell:
            while True:
                runs = poll()
                tell(runs)
                if is_done(runs):
                    return
                if time.monotonic() > give_up:
                    waiting = ", ".join(f"{r.dag_id} {r.partition_key} ({r.state})" for r in runs if not r.is_finished)
                    raise AirflowUnusable(
                        f"Airflow at {self.base_url} is not done after {timeout_s:.0f} s"
                        f"{f': still at {waiting}' if waiting else ''}; see its logs"
                    )
                time.sleep(interval_s)

    # speaking

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        if "Authorization" not in self._session.headers:
            self._session.headers["Authorization"] = f"Bearer {self._token()}"
        answer = self._send(method, path, **options)
        if answer.status_code == 401 and self._given is None:  # the token has expired
            self._session.headers["Authorization"] = f"Bearer {self._token()}"
            answer = self._send(method, path, **options)
        for pause_s in RETRY_PAUSES_S:  # a local Airflow on SQLite answers 500 when its file is locked for long
            if answer.status_code < 500:
                break
            time.sleep(pause_s)
            answer = self._send(method, path, **options)
        return self._json(answer)

    def _token(self) -> str:
        if self._given is not None:
            return self._given
        self._session.headers.pop("Authorization", None)
        if self._login:
            body = {"username": self._login[0], "password": self._login[1]}
            return str(self._json(self._send("POST", "/auth/token", json=body))["access_token"])
        return str(self._json(self._send("GET", "/auth/token"))["access_token"])

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            return self._session.request(method, self.base_url + path, timeout=self._timeout_s, **options)
        except requests.ConnectionError:
            raise AirflowUnusable(
                f"no Airflow answers at {self.base_url}; start one with `make up`, or name yours with --airflow"
            ) from None
        except requests.RequestException as error:
            raise AirflowUnusable(f"Airflow at {self.base_url}: {error}") from None

    def _json(self, answer: requests.Response) -> Any:
        if answer.ok:
            try:
                return answer.json() if answer.content else None
            except ValueError:
                raise AirflowUnusable(f"what answers at {self.base_url} is no Airflow: it gave no JSON") from None
        try:
            detail = answer.json()["detail"]
        except (ValueError, KeyError, TypeError):
            detail = " ".join(answer.text.split())[:200]
        if isinstance(detail, list):  # pydantic's
            detail = "; ".join(f"{'.'.join(map(str, d.get('loc', ())))}: {d.get('msg')}" for d in detail)
        path = answer.request.path_url
        raise AirflowUnusable(
            f"Airflow at {self.base_url}: {answer.request.method} {path}: {answer.status_code} {detail}"
        )

    def _pages(self, path: str, key: str, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self._ask("GET", path, params={**params, "limit": PAGE, "offset": len(found)})
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found


def _run(raw: Mapping[str, Any]) -> Run:
    return Run(raw["dag_id"], raw["dag_run_id"], raw["state"], raw.get("partition_key"))


def _backfill(raw: Mapping[str, Any]) -> Backfill:
    ended = raw.get("completed_at")
    return Backfill(
        id=raw["id"],
        dag_id=raw["dag_id"],
        first=datetime.fromisoformat(raw["from_date"]).date(),
        last=datetime.fromisoformat(raw["to_date"]).date(),
        reprocess=raw["reprocess_behavior"],
        max_active_runs=raw["max_active_runs"],
        is_paused=bool(raw["is_paused"]),
        created_at=datetime.fromisoformat(raw["created_at"]),
        completed_at=datetime.fromisoformat(ended) if ended else None,
    )


def _midnight(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat()


def _parsed_at(dag: Mapping[str, Any]) -> datetime:
    text = dag.get("last_parsed_time")
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)
