"""Say what a backfill would do, before it is made: trigger this with the form, and read the log of its task.

For each day of a source: replay (the captures are complete), replay and fetch, fetch, skip or refuse, and why; which
code published it; and how many requests it takes at least, against the source's budget. Nothing is written and no site
is asked. The plan is also the task's return value (XCom), as JSON. The same from the command line:
`marsad backfill --dry-run`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task
from marsad_tasks import DEFAULTS, log, open_run, speak_airflow

MOST_DAYS = 200
"""Days in the XCom, which lies in Airflow's database; the log has all."""

with DAG(
    dag_id="backfill_plan",
    doc_md=__doc__,
    schedule=None,
    is_paused_upon_creation=False,
    default_args={**DEFAULTS, "retries": 0},
    params={
        "source": Param("", type="string", title="Source", description="Its name; empty: all that are enabled."),
        "first": Param("", type="string", format="date", title="From", description="The first day."),
        "last": Param(None, type=["null", "string"], format="date", title="To", description="The last, if several."),
    },
    tags=["marsad"],
):

    @task(multiple_outputs=False)
    @speak_airflow
    def say_plan() -> dict[str, Any]:
        """Make the plan, and log it."""
        from marsad.operate.plan import plan
        from marsad.operate.plan_notes import plan_lines
        from marsad.partition import parse_days

        given, ctx = get_current_context()["params"], open_run()
        days = parse_days(given["first"], given["last"])
        names = [given["source"]] if given["source"] else [n for n, s in ctx.sources.items() if s.is_enabled]
        made = plan(names, days, ctx, runs_unknown="a task cannot ask for them; see the DAG's runs in the UI")
        for line in plan_lines(made):
            log.info("%s", line)
        return made.as_dict(limit=MOST_DAYS)

    say_plan()
