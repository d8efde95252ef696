"""Look again at the stories of the last days: after an hour, six, a day and a week; sites correct and withdraw.

Requests are conditional and as polite as any. A changed story is captured anew, its day is published again and
announced, and the text that stood before is kept in `article_versions`. `MARSAD_REVISIT_AFTER_H` says when; empty,
there is no such DAG.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import DAG, task
from marsad_tasks import DEFAULTS, PUBLISHED, SCRAPE, log, open_run, placed, speak_airflow

from marsad.settings import load_settings

if load_settings().revisit_after_h:
    with DAG(
        dag_id="revisit",
        doc_md=__doc__,
        schedule="20 * * * *",
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        tags=["marsad"],
    ):

        @task(outlets=[PUBLISHED], **placed(SCRAPE))
        @speak_airflow
        def revisit(outlet_events: Any = None) -> dict[str, Any]:
            """Take the looks that are due; publish the changed days again."""
            from airflow.sdk.exceptions import AirflowSkipException

            from marsad.errors import SourceUnreachable
            from marsad.operate.corrections import correct

            looks, rewritten, failed = 0, [], []
            for done in correct(open_run()):
                looks += len(done.visits)
                if done.error:
                    failed.append(f"{done.partition}: {done.error}")
                if done.is_rewritten:
                    rewritten.append(str(done.partition))
                    outlet_events[PUBLISHED].add_partitions(f"{done.partition.source}|{done.partition.date}")
            log.info("%d pages looked at again, %d days rewritten: %s", looks, len(rewritten), rewritten)
            if failed and not rewritten:
                raise SourceUnreachable("; ".join(failed))
            if not looks and not rewritten:
                raise AirflowSkipException("nothing is due")
            return {"looks": looks, "rewritten": rewritten, "failed": failed}

        revisit()
