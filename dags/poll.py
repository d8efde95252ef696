"""Note what feeds and front pages list before they forget it: each source when it is due.

One task asks all sources that are due, side by side, each host one request at a time; it fetches listings and
no stories. The daily run of a source reads what was noted. How soon a source is due again follows from how much
of its listing was new. A route that fails is tried again, ever more seldom, and said in the log; the task
fails only where every route that was asked failed, for then the fault is likely ours.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, task
from marsad_tasks import DEFAULTS, SCRAPE, log, open_run, placed, speak_airflow

from marsad.settings import load_settings

EVERY_MIN = load_settings().poll_every_min

if EVERY_MIN:
    with DAG(
        dag_id="poll",
        doc_md=__doc__,
        schedule=f"*/{EVERY_MIN} * * * *",
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        # a listing that failed is due again at a time of its own: to retry the task would ask nobody
        default_args={**DEFAULTS, "retries": 0, "execution_timeout": timedelta(hours=1)},
        tags=["marsad"],
    ):

        @task(**placed(SCRAPE))
        @speak_airflow
        def poll() -> dict[str, Any]:
            """Ask what is new wherever it is time to."""
            from airflow.sdk.exceptions import AirflowSkipException

            from marsad import pipeline
            from marsad.errors import SourceUnreachable

            reports = pipeline.poll(open_run())
            rows = [row for report in reports for row in report.polls]
            failed = [row for row in rows if row.outcome == "failed"]
            for row in failed:
                log.warning("%s: %s: failed %d times in a row: %s", row.source, row.route, row.failure_count, row.error)
            broken = [r for r in reports if r.error]
            if broken:
                raise SourceUnreachable("; ".join(f"{r.source}: {r.error}" for r in broken))
            if not rows:
                raise AirflowSkipException("no source is due")
            if len(failed) == len(rows):
                raise SourceUnreachable(f"none of {len(rows)} listings answered; the first: {failed[0].error}")
            counts = {
                "asked": len(rows),
                "failed": len(failed),
                "unchanged": sum(row.outcome == "unchanged" for row in rows),
                "new": sum(row.new_count for row in rows),
            }
            log.info("polled: %s", counts)
            return counts

        poll()
