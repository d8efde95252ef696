"""`make run`: two days of the sample sites through the real DAGs, from nothing to a summary."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from marsad import samples
from marsad.context import open_context
from marsad.errors import AirflowUnusable
from marsad.operate.client import Client, Run
from marsad.operate.local_airflow import LocalAirflow, find_project
from marsad.operate.summary import render, summarise
from marsad.partition import ALL_SOURCES, Partition
from marsad.pipeline import published_partitions
from marsad.samples.server import serve
from marsad.settings import Settings
from marsad.sources import load_sources
from marsad.terminal import escape

DAYS = (date(2026, 3, 3), date(2026, 3, 4))
DOWN = "mutaattil"
"""The sample source that is down on purpose."""
RUNS_S = 600.0
QUIET_S = 10.0
"""Where nobody watches a terminal, say at least this often that it goes on."""

Say = Callable[[str], None]
_MARKS = {"success": "[green]✓[/]", "failed": "[red]✗[/]", "skipped": "[dim]-[/]", "running": "[yellow]●[/]"}
_STEPS = ("scrape", "clean", "extract", "validate", "publish")


def demo_env(connect_to: str, root: Path) -> dict[str, str]:
    """The settings of the demo, as its tasks read them from the environment."""
    return {
        "MARSAD_LAKE": str(root / ".lake"),
        "MARSAD_WAREHOUSE": f"duckdb:///{root / '.lake' / 'warehouse.duckdb'}",
        "MARSAD_STATE": str(root / ".marsad"),
        "MARSAD_SOURCES": str(Path(samples.__file__).parent / "sources"),
        "MARSAD_CONNECT_TO": connect_to,
        "MARSAD_DELAY_SCALE": "0",  # our own sites
        "MARSAD_REVISIT_AFTER_H": "",
        "MARSAD_POLL_EVERY_MIN": "0",  # one day is shown, and it is over
        "MARSAD_RETRY_BASE_S": "0.05",
        "MARSAD_AIRFLOW_RETRY_DELAY_S": "1",
        "MARSAD_AIRFLOW_RETRIES": "1",
    }


def demo_settings(env: Mapping[str, str]) -> Settings:
    """The same, for this process."""
    return Settings(
        lake=env["MARSAD_LAKE"],
        warehouse=env["MARSAD_WAREHOUSE"],
        sources=(Path(env["MARSAD_SOURCES"]),),
    )


def run_demo(console: Console, root: Path | None = None) -> int:
    """Run it all; returns the exit code: 0 where every source but the one that is down was published.

    Args:
        console: where progress and the summary go.
        root: the folder of the lake and the local Airflow; the project's if none is given.

    Raises:
        AirflowUnusable: Airflow did not start, or its runs did not end.
    """
    began = time.monotonic()
    project = find_project()
    root = root or project

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.0f} s[/]  {escape(text)}", highlight=False, soft_wrap=True)

    with serve() as sites:
        say(f"serving {len(sites.connect_to)} sample sites on 127.0.0.1 (one of them is down)")
        env = demo_env(sites.connect_to_env, root)
        settings = demo_settings(env)
        names = [s.name for s in load_sources(settings.sources).values() if s.is_enabled]
        with LocalAirflow(project, root / ".airflow", environment=env, parallelism=parallelism(), say=say) as airflow:
            started = datetime.now(UTC)
            with airflow.client() as client:
                notes = _run_all(airflow, client, names, settings, started, console, say)
        asked = sum(sites.request_log.values())
        say(f"Airflow has stopped; the sample sites were asked {asked} times")
    ctx = open_context(settings)
    summary = summarise(DAYS, ctx, notes)
    console.print()
    render(summary, console)
    console.print(f"took       {time.monotonic() - began:.0f} s", highlight=False)
    missing = [str(p.partition) for p in summary.partitions if not p.is_published and p.partition.source != DOWN]
    if missing:
        console.print(
            f"[red]not published:[/] {', '.join(missing)}; logs: {root / '.airflow' / 'logs'}", soft_wrap=True
        )
    return 1 if missing else 0


def parallelism() -> int:
    """Tasks at a time: a task is mostly computing, so one a core, and never a whole workstation's."""
    return max(2, min(4, os.cpu_count() or 2))


def _run_all(
    airflow: LocalAirflow,
    client: Client,
    names: Sequence[str],
    settings: Settings,
    started: datetime,
    console: Console,
    say: Say,
) -> dict[Partition, str]:
    """Run every source for every day, then wait for what follows; returns why runs failed."""
    dag_ids = [*(f"news_{n}" for n in names), "curate", "warehouse"]
    # what was parsed before this start may be of other code
    found = client.wait_for_dags(dag_ids, since=airflow.started_at)
    for dag_id in dag_ids:
        if found[dag_id]["is_paused"]:
            client.unpause(dag_id)
    keys = {day.isoformat() for day in DAYS}
    for run in client.runs():  # of a demo that was stopped: they would hold up those of this one
        if not run.is_finished and (run.partition_key or "").rpartition("|")[2] in keys:
            client.give_up(run)
    runs = {}
    for day in DAYS:
        for name in names:
            run = client.trigger(f"news_{name}", day.isoformat())
            runs[run.dag_id, run.run_id] = Partition(name, day)
    say(f"{len(runs)} runs of {len(names)} DAGs; Airflow shows them at {airflow.url} while they last")
    lake = open_context(settings).lake

    def poll() -> list[Run]:
        airflow.check_alive()
        states = client.all_task_states(dag_ids, since=started)
        return [
            Run(r.dag_id, r.run_id, r.state, r.partition_key, states.get((r.dag_id, r.run_id), {}))
            for r in client.runs(since=started)
        ]

    def is_done(found: Sequence[Run]) -> bool:
        news = [r for r in found if (r.dag_id, r.run_id) in runs]
        if len(news) < len(runs) or not all(r.is_finished for r in found):
            return False
        # an event becomes a run a moment later: wait until every partition published is loaded
        loaded = {r.partition_key for r in found if r.dag_id == "warehouse"}
        wanted = {
            f"{p.source}|{p.date}"
            for day in DAYS
            for p in published_partitions(day, lake)
            if any(runs[r.dag_id, r.run_id] == p and r.tasks.get("publish") == "success" for r in news)
        }
        wanted |= {f"{ALL_SOURCES}|{key.split('|')[1]}" for key in wanted}
        return wanted <= loaded

    watch = _Watch(runs, console, say)
    client.wait_until(poll, is_done, progress=watch, timeout_s=RUNS_S)
    notes = {}
    for run in watch.last:
        partition = runs.get((run.dag_id, run.run_id))
        task = next((t for t, state in run.tasks.items() if state == "failed"), None)
        if task is not None and partition is not None:
            notes[partition] = f"failed at {task}: {client.failure(run.dag_id, run.run_id, task)}"
        elif task is not None:
            reason = client.failure(run.dag_id, run.run_id, task)
            raise AirflowUnusable(f"{run.dag_id} failed for {run.partition_key}: {reason}")
    return notes


class _Watch:
    """Shows how the runs get on: a table on a terminal, a line at each end elsewhere."""

    def __init__(self, runs: Mapping[tuple[str, str], Partition], console: Console, say: Say) -> None:
        self._runs, self._console, self._say = runs, console, say
        self._told: set[tuple[str, str]] = set()
        self._told_at = time.monotonic()
        self._live = Live(console=console, transient=True, auto_refresh=False) if console.is_terminal else None
        self.last: Sequence[Run] = ()

    def __enter__(self) -> _Watch:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, runs: Sequence[Run]) -> None:
        self.last = runs
        for run in runs:
            partition = self._runs.get((run.dag_id, run.run_id))
            if partition and run.is_finished and (run.dag_id, run.run_id) not in self._told:
                self._told.add((run.dag_id, run.run_id))
                self._tell(f"{partition}: {_ending(run)} ({len(self._told)} of {len(self._runs)})")
        if self._live:
            self._live.update(self._table(runs), refresh=True)
        elif time.monotonic() - self._told_at > QUIET_S:
            done = sum(1 for r in runs for s in r.tasks.values() if s in ("success", "failed", "skipped"))
            active = sorted(
                f"{r.dag_id.removeprefix('news_')}.{t}" for r in runs for t, s in r.tasks.items() if s == "running"
            )
            self._tell(f"{done} tasks done; at work: {', '.join(active) or 'the scheduler'}")

    def _tell(self, text: str) -> None:
        self._say(text)
        self._told_at = time.monotonic()

    def _table(self, runs: Sequence[Run]) -> Table:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for heading in ("partition", *_STEPS):
            table.add_column(heading)
        for run in runs:
            partition = self._runs.get((run.dag_id, run.run_id))
            if partition:
                table.add_row(str(partition), *(_marks(run, step) for step in _STEPS))
        for dag_id in ("curate", "warehouse"):
            mine = [r for r in runs if r.dag_id == dag_id]
            table.add_row(dag_id, f"{sum(r.is_finished for r in mine)} of {len(mine)}")
        return table


def _marks(run: Run, step: str) -> str:
    """The states of a stage and its gate."""
    tasks = [t for t in (step, f"gate_{step}") if t in run.tasks]
    return " ".join(_MARKS.get(run.tasks[t], "[dim]·[/]") for t in tasks)


def _ending(run: Run) -> str:
    if run.tasks.get("publish") == "success":
        return "published"
    if run.tasks.get("scrape") == "skipped":
        return "skipped: no archive route"
    return f"failed at {', '.join(t for t, s in run.tasks.items() if s == 'failed') or 'no task'}"
