"""Register what was just published in the Iceberg catalog, where one is set (`MARSAD_ICEBERG_CATALOG`).

A run is for one partition, published or published again; its partition key is `source|date`, or `all|date` for what was
curated. The partition's files of before go out of the tables and the new ones come in, in one snapshot a table; the old
snapshots still read what they read. What is registered already is left alone. Without the setting there is no such DAG.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, PartitionedAssetTimetable, task
from marsad_tasks import CURATED, DEFAULTS, PUBLISHED, key_of_run, log, open_run, partition_of_key, speak_airflow

from marsad.settings import load_settings

if load_settings().iceberg_catalog:
    with DAG(
        dag_id="iceberg",
        doc_md=__doc__,
        schedule=PartitionedAssetTimetable(assets=PUBLISHED | CURATED),
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        tags=["marsad"],
    ):

        @task(multiple_outputs=False)
        @speak_airflow
        def register() -> dict[str, Any]:
            """Register the run's partition."""
            from marsad import pipeline

            partition = partition_of_key(key_of_run())
            done = pipeline.register(partition.date, open_run(), [partition.source])
            for synced in done:
                log.info("%s", synced)
            return {"added": sum(s.added for s in done), "removed": sum(s.removed for s in done)}

        register()
