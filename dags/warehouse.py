"""Load each partition just published, or curated, into the warehouse: one transaction a partition.

Loading a partition that is already in changes nothing. The warehouse is the one that `MARSAD_WAREHOUSE` names, or
the Airflow connection that `MARSAD_WAREHOUSE_CONNECTION` names. Into a DuckDB file one run loads at a time, for it has
one writer; into a server, four. The partition key is `source|date`, or `all|date` for what was curated.
"""

from __future__ import annotations

from dataclasses import replace

from airflow.sdk import DAG, PartitionedAssetTimetable, task
from marsad_tasks import (
    CURATED,
    DEFAULTS,
    PUBLISHED,
    SETTINGS,
    about,
    connection,
    key_of_run,
    log,
    open_run,
    partition_of_key,
    speak_airflow,
    tell_lineage,
)

# whether a connection names a file is not known while DAGs are parsed; two loads of one file meet at its lock, and
# the later one is tried again
IS_FILE = SETTINGS.warehouse.startswith("duckdb:") and not SETTINGS.warehouse_connection

with DAG(
    dag_id="warehouse",
    doc_md=__doc__,
    schedule=PartitionedAssetTimetable(assets=PUBLISHED | CURATED),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1 if IS_FILE else 4,
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
            # what is told of the load must name where it went
            ctx = replace(ctx, settings=ctx.settings.model_copy(update={"warehouse": address(ctx.settings)}))
            report = str(pipeline.load(partition, ctx))
            log.info("%s", report)
            tell_lineage("load", partition, ctx)
        return report

    load()


def address(settings) -> str:  # type: ignore[no-untyped-def]
    """The warehouse's address, from the settings or from the connection that they name."""
    if not settings.warehouse_connection:
        return settings.warehouse
    from marsad.warehouse.connections import address_of

    return address_of(settings.warehouse_connection, **connection(settings.warehouse_connection))
