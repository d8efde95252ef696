"""Backfill a source through Airflow, and wait for its runs."""

from __future__ import annotations

import time
from datetime import date

from rich.console import Console

from marsad.operate.client import Client, Run


def backfill(
    source: str,
    start: date,
    end: date,
    *,
    base_url: str,
    console: Console,
    login: tuple[str | None, str | None] = (None, None),
) -> int:
    """Make one run a date and wait until all have ended; returns how many did not succeed.

    Args:
        login: the user and the password, where Airflow wants them.

    Raises:
        AirflowUnusable: Airflow does not answer, refuses, or does not know the source's DAG.
    """
    dag_id = f"news_{source}"
    user, password = login
    with Client(base_url, (user, password) if user and password else None) as client:
        client.unpause(dag_id)  # a paused DAG leaves its backfill queued, without a word
        made = client.backfill(dag_id, start, end)
        days = (end - start).days + 1
        console.print(f"backfill of {dag_id}, {start} to {end}: {base_url}/dags/{dag_id}", highlight=False)
        if len(made) < days:
            console.print(
                f"[yellow]{days - len(made)} of {days} days have a run under way already[/]; it is left alone",
                highlight=False,
            )
        waiting = {run.run_id: run for run in made}
        failed = 0
        while waiting:
            for run_id in list(waiting):
                run = client.run(dag_id, run_id)
                if run.is_finished:
                    del waiting[run_id]
                    failed += run.state == "failed"
                    _tell(run, client, console, len(made) - len(waiting), len(made))
            if waiting:
                time.sleep(1)
        return failed


def _tell(run: Run, client: Client, console: Console, count: int, total: int) -> None:
    mark = "[green]done   [/]" if run.state == "success" else "[red]failed [/]"
    if run.tasks.get("scrape") == "skipped":
        mark = "[yellow]skipped[/]"
    why = "".join(
        f" at {task}: {client.failure(run.dag_id, run.run_id, task)}" for task, s in run.tasks.items() if s == "failed"
    )
    console.print(f"{mark} {run.partition_key} ({count} of {total}){why}", highlight=False, soft_wrap=True)
