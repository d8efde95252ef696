"""Whether all is well, as a list of checks that each say what is wrong and what to do."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from marsad.context import Context
from marsad.errors import MarsadError
from marsad.operate.client import Client
from marsad.operate.watch import SourceState, Watch, watch
from marsad.redact import mask

POLLS_MISSED = 3
"""Runs of the poll DAG in a row that may be missing before it counts as standing still."""


@dataclass(frozen=True)
class Check:
    """One answer."""

    name: str
    is_ok: bool
    said: str
    is_critical: bool = True
    """Whether it makes the whole unhealthy; if not, somebody should look when there is time."""

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"name": self.name, "ok": self.is_ok, "critical": self.is_critical, "said": self.said}


@dataclass(frozen=True)
class Health:
    """All answers."""

    seen_at: datetime
    checks: tuple[Check, ...]

    @property
    def is_ok(self) -> bool:
        """Whether nothing critical is wrong."""
        return all(c.is_ok for c in self.checks if c.is_critical)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON; no secrets are in it."""
        return {
            "ok": self.is_ok,
            "seen_at": self.seen_at.isoformat(timespec="seconds"),
            "checks": [c.as_json() for c in self.checks],
        }


def health(ctx: Context, *, with_airflow: bool = False) -> Health:
    """Look at the lake, the warehouse, the state folder, every enabled source and, if asked for, Airflow."""
    seen = watch(ctx)
    lake = mask(str(ctx.lake))
    checks = [
        Check("lake", seen.lake_error is None, mask(seen.lake_error or f"{lake} can be written and read")),
        Check("warehouse", seen.warehouse_error is None, mask(seen.warehouse_error or "it can be used")),
        _state_folder(ctx.settings.state),
        *_of_sources(seen),
    ]
    if with_airflow:
        checks += _of_airflow(ctx)
    return Health(seen.seen_at, tuple(checks))


def _state_folder(folder: Path) -> Check:
    there = folder if folder.exists() else next(p for p in folder.absolute().parents if p.exists())
    is_ok = there.is_dir() and os.access(there, os.W_OK)
    said = f"{folder} can be written" if is_ok else f"{folder} cannot be written; see MARSAD_STATE"
    return Check("state", is_ok, said)


def _of_sources(seen: Watch) -> list[Check]:
    if seen.lake_error is not None:
        return []
    if seen.error is not None:
        return [Check("sources", False, mask(seen.error))]
    if not seen.sources:
        return [Check("sources", True, "no source is enabled; `marsad sources enable`", is_critical=False)]
    return [check for s in seen.sources for check in _of_source(s)]


def _of_source(s: SourceState) -> list[Check]:
    last = f"last published day {s.last_day}" if s.last_day else "never published"
    late = f"{last}, {s.due_day} should be; see the runs of news_{s.name}"
    found = [Check(f"source {s.name}", not s.is_late, late if s.is_late else last)]
    if s.blocked:
        days = ", ".join(str(d) for d in s.blocked)
        said = f"a gate holds back {days}; `marsad report --date {s.blocked[-1]}` says why"
        found.append(Check(f"gates {s.name}", False, said))
    if s.missing and not s.is_late:
        days = ", ".join(str(d) for d in s.missing)
        mend = f"`marsad backfill --source {s.name} --from {s.missing[0]} --to {s.missing[-1]}`"
        found.append(Check(f"days {s.name}", False, f"not published: {days}; {mend}", is_critical=False))
    if s.routes_failing:
        found.append(Check(f"routes {s.name}", False, f"{s.routes_failing} listings failed when last asked; "
                           f"`marsad poll --source {s.name} --now`", is_critical=False))  # fmt: skip
    if s.alarms:
        said = f"{s.alarms} alarms on {s.alarm_day}; `marsad report --date {s.alarm_day}`"
        found.append(Check(f"alarms {s.name}", False, said, is_critical=False))
    return found


def _of_airflow(ctx: Context) -> list[Check]:
    url = ctx.settings.airflow_url.rstrip("/")
    try:
        answer = requests.get(f"{url}/api/v2/monitor/health", timeout=10, allow_redirects=False)
        parts: dict[str, Any] = answer.json()
        if not isinstance(parts, dict) or "metadatabase" not in parts:
            raise ValueError("this is no Airflow")
    except (requests.RequestException, ValueError):
        return [Check("airflow", False, f"no Airflow answers at {mask(url)}; see MARSAD_AIRFLOW_URL")]
    down = [name for name, p in parts.items() if isinstance(p, dict) and p.get("status") not in ("healthy", None)]
    said = f"{', '.join(down)} not healthy" if down else "all components are healthy"
    checks = [Check("airflow", not down, said)]
    user, password = ctx.settings.airflow_user, ctx.settings.airflow_password
    try:
        with Client(url, (user, password) if user and password else None, timeout_s=10) as client:
            checks += _of_runs(ctx, client)
    except MarsadError as error:
        checks.append(Check("airflow runs", False, mask(str(error)), is_critical=False))
    return checks


def _of_runs(ctx: Context, client: Client) -> list[Check]:
    """The last runs of the DAGs that come by themselves every few minutes or hours."""
    now = ctx.now().astimezone(UTC)
    every = {"poll": ctx.settings.poll_every_min, "revisit": 60 if ctx.settings.revisit_after_h else 0}
    found = []
    for dag_id, minutes in every.items():
        if not minutes:
            continue
        since = now - timedelta(minutes=POLLS_MISSED * minutes)
        runs = client.runs(dag_id, since=since)
        said = f"{len(runs)} runs since {since:%H:%M} UTC" if runs else (
            f"no run of {dag_id} since {since:%Y-%m-%d %H:%M} UTC; is the DAG paused, the scheduler down?"
        )  # fmt: skip
        found.append(Check(f"dag {dag_id}", bool(runs), said))
        failed = [r for r in runs if r.state == "failed"]
        if runs and len(failed) == len(runs):
            said = f"all {len(failed)} runs since then failed; see {client.base_url}/dags/{dag_id}"
            found.append(Check(f"runs {dag_id}", False, said))
    return found
