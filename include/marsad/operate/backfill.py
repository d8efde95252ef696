"""Backfill sources through Airflow, and wait for the runs."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from marsad.errors import AirflowUnusable
from marsad.operate.client import Backfill, Client, Reprocess, Run
from marsad.partition import Partition, parse_date

PREFIX = "news_"
ASKING_TIMEOUT_S = 5.0
"""A dry run does not wait longer for an Airflow that may not be there."""


@dataclass(frozen=True)
class Options:
    """How a backfill is made."""

    max_active_runs: int = 1
    """Of one source; more than one only where no late story is to be feared."""
    reprocess: Reprocess = "completed"
    is_backwards: bool = False
    is_waited_for: bool = True


def connect(base_url: str, *, timeout_s: float = 30.0) -> Client:
    """A client; ``MARSAD_AIRFLOW_USER`` and ``MARSAD_AIRFLOW_PASSWORD`` log in where Airflow wants it."""
    user, password = os.environ.get("MARSAD_AIRFLOW_USER"), os.environ.get("MARSAD_AIRFLOW_PASSWORD")
    return Client(base_url, (user, password) if user and password else None, timeout_s=timeout_s)


def backfill(
    source: str, start: date, end: date, *, base_url: str, console: Console, options: Options | None = None
) -> int:
    """Backfill one source; see :func:`backfill_all`."""
    return backfill_all({source: (start, end)}, base_url=base_url, console=console, options=options or Options())


def backfill_all(ranges: Mapping[str, tuple[date, date]], *, base_url: str, console: Console, options: Options) -> int:
    """Make one run a source and date, and wait until all have ended; returns how many did not succeed.

    Ctrl-C ends the waiting and not the backfill.

    Args:
        ranges: the first and the last day, by source.

    Raises:
        AirflowUnusable: Airflow does not answer, refuses, or does not know a source's DAG.
    """
    with connect(base_url) as client:
        made: list[Backfill] = []
        waiting: list[Run] = []
        unmade = 0
        for source, (start, end) in ranges.items():
            try:
                begun, runs = _begin(source, start, end, client, console, options)
            except AirflowUnusable as error:
                if len(ranges) == 1:
                    raise
                unmade += 1
                console.print(f"[red]failed [/] {source}: {escape(str(error))}", highlight=False, soft_wrap=True)
                continue
            made.append(begun)
            waiting += runs
        if not options.is_waited_for:
            return unmade
        try:
            return unmade + _wait(waiting, client, console)
        except KeyboardInterrupt:
            ids = "; ".join(f"marsad backfill --cancel {b.id}" for b in made)
            console.print(f"no longer waiting: the backfill goes on in Airflow; to end it: {ids}", highlight=False)
            raise


def _begin(
    source: str, start: date, end: date, client: Client, console: Console, options: Options
) -> tuple[Backfill, list[Run]]:
    dag_id = PREFIX + source
    client.unpause(dag_id)  # a paused DAG leaves its backfill queued, without a word
    begun, runs = client.start_backfill(
        dag_id,
        start,
        end,
        max_active_runs=options.max_active_runs,
        reprocess=options.reprocess,
        is_backwards=options.is_backwards,
    )
    days = (end - start).days + 1
    console.print(
        f"backfill {begun.id} of {dag_id}, {start} to {end}: {client.base_url}/dags/{dag_id}", highlight=False
    )
    if len(runs) < days:
        why = "have a run under way already"
        if options.reprocess != "completed":
            why += f", or one that --reprocess {options.reprocess} leaves"
        console.print(f"[yellow]{days - len(runs)} of {days} days {why}[/]; left alone", highlight=False)
    return begun, runs


def _wait(runs: Sequence[Run], client: Client, console: Console) -> int:
    waiting = {(run.dag_id, run.run_id): run for run in runs}
    failed = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task("backfill", total=len(runs))
        while waiting:
            for dag_id, run_id in list(waiting):
                run = client.run(dag_id, run_id)
                if run.is_finished:
                    del waiting[dag_id, run_id]
                    failed += run.state == "failed"
                    _tell(run, client, bars.console, len(runs) - len(waiting), len(runs))
                    bars.update(bar, completed=len(runs) - len(waiting))
                elif run.state == "running":
                    at = next((task for task, state in run.tasks.items() if state == "running"), "")
                    bars.update(bar, description=f"{dag_id.removeprefix(PREFIX)} {run.partition_key} {at}")
            if waiting:
                time.sleep(1)
    return failed


def _tell(run: Run, client: Client, console: Console, count: int, total: int) -> None:
    mark = "[green]done   [/]" if run.state == "success" else "[red]failed [/]"
    if run.tasks.get("scrape") == "skipped":
        mark = "[yellow]skipped[/]"
    why = "".join(
        f" at {task}: {escape(client.failure(run.dag_id, run.run_id, task))}"
        for task, s in run.tasks.items()
        if s == "failed"
    )
    if run.state == "failed" and not run.tasks:
        why = " before it began: cancelled"
    name = run.dag_id.removeprefix(PREFIX)
    console.print(f"{mark} {run.partition_key} {name} ({count} of {total}){why}", highlight=False, soft_wrap=True)


def runs_under_way(names: Sequence[str], base_url: str) -> tuple[dict[Partition, str], str | None]:
    """The states of the runs of some sources that are under way; and why that is not known, where it is not."""
    try:
        with connect(base_url, timeout_s=ASKING_TIMEOUT_S) as client:
            found = client.under_way({PREFIX + name for name in names})
    except AirflowUnusable as error:
        return {}, str(error)
    return {Partition(dag_id.removeprefix(PREFIX), parse_date(key)): s for (dag_id, key), s in found.items()}, None


def backfills_of(names: Sequence[str], base_url: str) -> list[Backfill]:
    """The backfills of some sources, the oldest first.

    Raises:
        AirflowUnusable: Airflow does not answer.
    """
    with connect(base_url) as client:
        return sorted((b for name in names for b in client.backfills(PREFIX + name)), key=lambda b: b.id)


def cancel(number: int, base_url: str) -> Backfill:
    """End a backfill.

    Raises:
        AirflowUnusable: there is none of that number, or it has ended.
    """
    with connect(base_url) as client:
        return client.cancel_backfill(number)
