"""Find a day's duplicates across sources, again each time a source publishes that day.

Curating a day is quick and gives the same bytes from the same input, so it does not wait for all
sources: a source that is down, or late, must not hold the others back. Events of one day that come
while a run waits become one run. Its partition key is `all|date`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, FixedKeyMapper, IdentityMapper, PartitionedAssetTimetable, ProductMapper, task
from marsad_tasks import (
    CURATED,
    DEFAULTS,
    PUBLISHED,
    about,
    key_of_run,
    open_run,
    partition_of_key,
    speak_airflow,
    tell_lineage,
)

with DAG(
    dag_id="curate",
    doc_md=__doc__,
    schedule=PartitionedAssetTimetable(
        assets=PUBLISHED, default_partition_mapper=ProductMapper(FixedKeyMapper("all"), IdentityMapper())
    ),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["marsad"],
):

    @task(outlets=[CURATED], multiple_outputs=False)
    @speak_airflow
    def curate() -> dict[str, Any]:
        """Duplicates of the day, gated and published."""
        from marsad import pipeline

        partition = partition_of_key(key_of_run())
        with about(partition, "curate"):
            ctx = open_run()
            report = pipeline.curate(partition.date, ctx).as_dict()
            tell_lineage("curate", partition, ctx)
        return report

    curate()
