"""Send what goes on, as numbers, to the OpenTelemetry collector: lag, late days, alarms, blocked gates, failing routes.

There is this DAG where a collector is set (`MARSAD_OTLP_ENDPOINT`, or OpenTelemetry's own variables). What each
task did it sends itself, at its end; this task looks at the lake, and so tells of what did not run as well. The
same numbers, without Airflow: `marsad metrics`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, task
from marsad_tasks import DEFAULTS, SETTINGS, log, open_run, speak_airflow

from marsad.metrics import collector_of

EVERY_MIN = SETTINGS.observe_every_min if collector_of(SETTINGS) else 0

if EVERY_MIN:
    with DAG(
        dag_id="observe",
        doc_md=__doc__,
        schedule=f"*/{EVERY_MIN} * * * *",
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        # a look that failed is outdated by the next one
        default_args={**DEFAULTS, "retries": 0, "execution_timeout": timedelta(minutes=10)},
        tags=["marsad"],
    ):

        @task
        @speak_airflow
        def observe() -> int:
            """Look at the lake and send what is seen; returns how many measurements."""
            from marsad.metrics import send
            from marsad.operate.watch import points, watch

            ctx = open_run()
            made = points(watch(ctx))
            if send(made, ctx.settings):
                log.info("%d measurements sent", len(made))
            return len(made)

        observe()
