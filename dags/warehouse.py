"""Load each partition just published, or curated, into the warehouse: one transaction a partition.

Loading a partition that is already in changes nothing. One run at a time: a DuckDB file has one
writer. The partition key is `source|date`, or `all|date` for what was curated.
"""

from __future__ import annotations

from airflow.sdk import DAG, PartitionedAssetTimetable, task
from marsad_tasks import CURATED, DEFAULTS, PUBLISHED, key_of_run, log, open_run, partition_of_key, speak_airflow

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

        report = str(pipeline.load(partition_of_key(key_of_run()), open_run()))
        log.info("%s", report)
        return report

    load()
