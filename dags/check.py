"""Try a source now: trigger this with its name, and read the log of its task.

Every route is asked for yesterday, and the newest stories are fetched and read: how much each route lists, with how
many dates, and how the reader does. Nothing is written to the lake. What was found is also the task's return value
(XCom), as JSON; the console shows it. The same from the command line: `marsad sources check`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task
from marsad_tasks import DEFAULTS, SCRAPE, log, open_run, placed, speak_airflow

with DAG(
    dag_id="check",
    doc_md=__doc__,
    schedule=None,
    is_paused_upon_creation=False,
    max_active_runs=1,
    default_args={**DEFAULTS, "retries": 0},
    params={
        "source": Param("", type="string", minLength=1, title="Source", description="Its name, as in news_<name>.")
    },
    tags=["marsad"],
):

    @task(multiple_outputs=False, **placed(SCRAPE))
    @speak_airflow
    def try_source() -> dict[str, Any]:
        """Try it, and say what was found."""
        from marsad.onboard.trial import try_source as try_now

        ctx = open_run()
        trial = try_now(ctx.source(get_current_context()["params"]["source"]), ctx.settings)
        for route in trial.routes:
            log.info("%s: %s", route.route, f"{route.count} URLs, {route.dated} dated" if route.is_ok else route.error)
        for story in trial.stories:
            log.info("%s: %s", story.url, f"{story.characters} characters" if story.is_ok else story.problem)
        return trial.as_json()

    try_source()
