"""Pass a gate that blocks, by a decision that is on record and ends: trigger this with the form, then clear the gate.

The decision names one check of one source for one day or several, says who decided (you, as Airflow knows
you) and why, and holds for some days; then the gate blocks again. It is written into the manifest of what it let
pass. What would break the dataset itself (keys, schema, counts, offsets) no decision can pass. The same from the
command line: `marsad gates override`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task
from marsad_tasks import DEFAULTS, log, open_run, speak_airflow

with DAG(
    dag_id="override",
    doc_md=__doc__,
    schedule=None,
    is_paused_upon_creation=False,
    default_args={**DEFAULTS, "retries": 0},
    params={
        "source": Param("", type="string", title="Source", description="Its name, as in news_<name>."),
        "first": Param("", type="string", format="date", title="Day", description="The first day it is for."),
        "last": Param(None, type=["null", "string"], format="date", title="To", description="The last, if several."),
        "check": Param("", type="string", title="Check", description="As the failed gate's log names it."),
        "why": Param("", type="string", minLength=10, title="Why", description="It goes into the manifest."),
        "days": Param(3, type="integer", minimum=1, maximum=30, title="Days", description="For how long it holds."),
    },
    tags=["marsad"],
):

    @task(multiple_outputs=False)
    @speak_airflow
    def decide() -> dict[str, Any]:
        """Record the decision."""
        from marsad.operate.gates import record
        from marsad.partition import parse_date

        context = get_current_context()
        given = context["params"]
        made = record(
            open_run(),
            source=given["source"],
            first=parse_date(given["first"]),
            last=parse_date(given["last"] or given["first"]),
            check=given["check"],
            by=context["dag_run"].triggering_user_name or "",
            why=given["why"],
            days=given["days"],
        )
        log.info("%s; now clear the gate's task in news_%s", made, made.source)
        return {"override": made.override_id, "until": made.expires_at.isoformat()}

    decide()
