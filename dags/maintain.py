"""Keep the lake in order, every night: six tasks that need nothing of each other.

`verify` holds yesterday's partitions against their manifests, and fails where one is not whole: `marsad lake repair`
mends. `finish` completes publishes that were cut off. `retain` removes what is older than `MARSAD_RETENTION` keeps it.
`compact` writes months that are over in one file a dataset (`MARSAD_COMPACT`). `sweep` forgets claims that ended days
ago. `expire` forgets Iceberg snapshots older than `MARSAD_ICEBERG_KEEP_DAYS`.
A partition that somebody is writing is left for the next night.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, task
from marsad_tasks import DEFAULTS, log, open_run, speak_airflow

with DAG(
    dag_id="maintain",
    doc_md=__doc__,
    schedule="40 3 * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["marsad"],
):

    @task(multiple_outputs=False)
    @speak_airflow
    def verify() -> dict[str, Any]:
        """Yesterday's partitions, and those of the day before, against their manifests."""
        from marsad.errors import LakeUnusable
        from marsad.operate.verify import Seen
        from marsad.operate.verify import verify as work

        ctx, seen = open_run(), Seen()
        last = ctx.now().date()
        found = list(work(ctx.lake, first=last - timedelta(days=2), last=last, now=ctx.now(), seen=seen))
        for finding in found:
            log.error("%s: %s", finding.kind, finding)
        if found:
            raise LakeUnusable(
                f"{len(found)} things are not as the manifests say; the first: {found[0]}; `marsad lake repair`"
            )
        return {"partitions": seen.partitions, "files": seen.files, "bytes": seen.bytes}

    @task(multiple_outputs=False)
    @speak_airflow
    def finish() -> dict[str, Any]:
        """Complete publishes that were cut off while they swapped files in."""
        from marsad.errors import PartitionBusy
        from marsad.publish.swap import finish as work
        from marsad.publish.swap import incoming

        ctx, done = open_run(), []
        for partition in incoming(ctx.lake):
            try:
                with ctx.claims.hold(partition):
                    if work(partition, ctx.lake):
                        done.append(str(partition))
            except PartitionBusy as busy:
                log.info("%s", busy)
        log.info("finished: %s", done or "nothing")
        return {"finished": done}

    @task(multiple_outputs=False)
    @speak_airflow
    def retain() -> dict[str, Any]:
        """Remove what is older than it is kept."""
        from airflow.sdk.exceptions import AirflowSkipException

        from marsad.operate.retention import retain as work

        ctx = open_run()
        if not ctx.settings.retention:
            raise AirflowSkipException("MARSAD_RETENTION names nothing: everything is kept")
        done = list(work(ctx))
        for cleared in done:
            log.info("%s", cleared)
        return {"files": sum(c.files for c in done), "bytes": sum(c.bytes for c in done)}

    @task(multiple_outputs=False)
    @speak_airflow
    def compact() -> dict[str, Any]:
        """Write the months that are over, and not fresh, as one file a dataset."""
        from airflow.sdk.exceptions import AirflowSkipException

        from marsad.operate.compaction import compact as work

        ctx = open_run()
        if not ctx.settings.compact:
            raise AirflowSkipException("MARSAD_COMPACT is off")
        done = list(work(ctx))
        for month in done:
            log.info("%s", month)
        return {"months": [month.month for month in done]}

    @task(multiple_outputs=False)
    @speak_airflow
    def sweep() -> dict[str, Any]:
        """Forget claims that ended two days ago or more."""
        from marsad.claims import sweep as work

        ctx = open_run()
        return {"claims": work(ctx.lake, before=ctx.now() - timedelta(days=2))}

    @task(multiple_outputs=False)
    @speak_airflow
    def expire() -> dict[str, Any]:
        """Forget old Iceberg snapshots, and the files only they named."""
        from airflow.sdk.exceptions import AirflowSkipException

        from marsad import pipeline

        ctx = open_run()
        if not ctx.settings.iceberg_catalog or not ctx.settings.iceberg_keep_days:
            raise AirflowSkipException("no Iceberg catalog is set, or its snapshots are kept for ever")
        done = pipeline.expire_snapshots(ctx.settings.iceberg_keep_days, ctx)
        for expired in done:
            log.info("%s", expired)
        return {"snapshots": sum(e.snapshots for e in done), "files": sum(e.files for e in done)}

    verify()
    finish()
    retain()
    compact()
    sweep()
    expire()
