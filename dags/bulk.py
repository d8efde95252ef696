"""Read months of captures again, on all cores of the worker that takes the task: trigger this with the form.

As `marsad bulk run --from … --to …` does: clean, extract, gate and publish, several processes at once, each day as its
own run would have left it. The same form again goes on where it stopped, and so does a retry. Published days are
announced, so copies and stories are found again and warehouses loaded. For more than one machine see the guide, bulk.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task
from marsad_tasks import DEFAULTS, PUBLISHED, log, open_run, speak_airflow

with DAG(
    dag_id="bulk",
    doc_md=__doc__,
    schedule=None,
    is_paused_upon_creation=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params={
        "first": Param("", type="string", format="date", title="From", description="The first day of captures."),
        "last": Param(None, type=["null", "string"], format="date", title="To", description="The last, if several."),
        "sources": Param([], type="array", items={"type": "string"}, title="Sources", description="None: all."),
        "workers": Param(None, type=["null", "integer"], minimum=1, title="Workers", description="None: all cores."),
    },
    tags=["marsad"],
):

    @task(outlets=[PUBLISHED], multiple_outputs=False)
    @speak_airflow
    def read_captures(outlet_events: Any = None) -> dict[str, Any]:
        """Read, gate and publish what is not yet done; fails where a day did, after the others."""
        from marsad.bulk.engines import Engine
        from marsad.bulk.run import name_of, plan_captures, run_bulk
        from marsad.errors import NeverError
        from marsad.partition import parse_days

        given, ctx = get_current_context()["params"], open_run()
        days, sources = parse_days(given["first"], given["last"]), given["sources"]
        plan = plan_captures(ctx, name_of(days[0], days[-1], sources), days[0], days[-1], sources)
        report = run_bulk(plan, ctx, Engine("local", given["workers"]))
        for partition in report.collected:
            outlet_events[PUBLISHED].add_partitions(f"{partition.source}|{partition.date}")
        log.info("%s: %d shards, %d read now; %s", plan.run, report.shards, report.read_now, report.outcomes)
        if report.failed:
            raise NeverError("; ".join(f"{what}: {why}" for what, why in report.failed.items()))
        return {"run": plan.run, "published": len(report.collected), "outcomes": report.outcomes}

    read_captures()
