"""Load each partition just published, or curated, into the warehouse: one transaction a partition.

Loading a partition that is already in changes nothing. One run at a time: a DuckDB file has one
writer. The partition key is `source|date`, or `all|date` for what was curated.
"""

from __future__ import annotations

from airflow.sdk import DAG, PartitionedAssetTimetable, task
from marsad_tasks import (
    CURATED,
    DEFAULTS,
    PUBLISHED,
    about,
    key_of_run,
    log,
    open_run,
    partition_of_key,
    speak_airflow,
    tell_lineage,
)

with DAG(
    dag_id="warehouse",
    doc_md=__doc__,
    schedule=PartitionedAssetTimetable(assets=PUBLISHED | CURATED),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["marsad"],
):

    @task
    @speak_airflow
    def load() -> str:
        """Load the run's partition."""
        from marsad import pipeline

        partition = partition_of_key(key_of_run())
        with about(partition, "load"):
            ctx = open_run()
            report = str(pipeline.load(partition, ctx))
            log.info("%s", report)
            tell_lineage("load", partition, ctx)
        return report

    load()
