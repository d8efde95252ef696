"""Backfill a source through Airflow, and wait for its runs."""

from __future__ import annotations

import os
import time
from datetime import date

from rich.console import Console

from marsad.operate.client import ENDED, AirflowClient


def backfill(source: str, start: date, end: date, *, base_url: str, console: Console) -> int:
    """Make one run a date and wait until all have ended; returns how many failed.

    Raises:
        LaterError: Airflow does not answer. NeverError: it refuses, or does not know the source's DAG.
    """
    dag_id = f"news_{source}"
    user, password = os.environ.get("MARSAD_AIRFLOW_USER"), os.environ.get("MARSAD_AIRFLOW_PASSWORD")
    with AirflowClient(base_url, user, password) as client:
        client.unpause(dag_id)  # a paused DAG leaves its backfill queued, without a word
        number = client.backfill(dag_id, start, end)
        console.print(f"backfill {number} of {dag_id}, {start} to {end}: {base_url}/dags/{dag_id}", highlight=False)
        told: set[str] = set()
        expected = (end - start).days + 1
        while len(told) < expected:
            for run in client.backfill_runs(dag_id, number):
                if run["state"] in ENDED and run["dag_run_id"] not in told:
                    told.add(run["dag_run_id"])
                    mark = "[green]done  [/]" if run["state"] == "success" else "[red]failed[/]"
                    console.print(f"{mark} {run['partition_key']} ({len(told)} of {expected})", highlight=False)
            time.sleep(1)
        return sum(1 for r in client.backfill_runs(dag_id, number) if r["state"] == "failed")
