"""Find a day's duplicates and stories across sources, when the runs that write its partitions are done.

Each source that publishes a day asks for it. While other runs of that day are under way the task waits its turn
again, twenty seconds at a time and ten minutes at most: a source that is slow must not hold the others back, and it
asks again when it is in. A day that is curated from the files that there are is left as it is. Events of one day that
come while a run waits become one run. Its partition key is `all|date`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, FixedKeyMapper, IdentityMapper, PartitionedAssetTimetable, ProductMapper, task
from marsad_tasks import (
    CURATED,
    DEFAULTS,
    PUBLISHED,
    SETTINGS,
    about,
    key_of_run,
    log,
    open_run,
    partition_of_key,
    speak_airflow,
    tell_lineage,
)

PATIENCE: dict[str, Any] = {
    "retries": 30,
    "retry_delay": timedelta(seconds=min(20.0, SETTINGS.airflow_retry_delay_s)),
    "retry_exponential_backoff": False,
}

with DAG(
    dag_id="curate",
    doc_md=__doc__,
    schedule=PartitionedAssetTimetable(
        assets=PUBLISHED, default_partition_mapper=ProductMapper(FixedKeyMapper("all"), IdentityMapper())
    ),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=4,  # of one day one at a time: it is claimed
    default_args=DEFAULTS,
    tags=["marsad"],
):

    @task(outlets=[CURATED], multiple_outputs=False, **PATIENCE)
    @speak_airflow
    def curate(ti: Any = None) -> dict[str, Any]:
        """Duplicates and stories of the day, gated and published."""
        from marsad import pipeline
        from marsad.errors import SourcesUnderWay

        partition = partition_of_key(key_of_run())
        with about(partition, "curate"):
            ctx = open_run()
            waiting = pipeline.sources_under_way(partition.date, ctx)
            if waiting and ti.try_number <= ti.max_tries:
                raise SourcesUnderWay(f"{partition.date}: {', '.join(waiting)} under way; curated when they are in")
            if pipeline.is_curated(partition.date, ctx):
                log.info("%s: curated already from what is published", partition)
                return {"date": str(partition.date), "is_unchanged": True}
            report = pipeline.curate(partition.date, ctx).as_dict()
            tell_lineage("curate", partition, ctx)
        return report

    curate()
