"""Hand on what is published: into the warehouse, and into the Iceberg catalog."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from marsad.context import Context
from marsad.errors import LakeUnusable, MissingPartition, UsageError
from marsad.measures import about
from marsad.metrics import Meter
from marsad.partition import ALL_SOURCES, Partition
from marsad.stages import every_published_dataset

if TYPE_CHECKING:
    from marsad.iceberg import Synced
    from marsad.iceberg.expire import Expired
    from marsad.lake import Lake
    from marsad.publish.manifest import Manifest
    from marsad.warehouse import LoadReport


def load(partition: Partition, ctx: Context, *, warehouse: str | None = None, is_forced: bool = False) -> LoadReport:
    """Load one published partition into a warehouse, or into the one of the settings.

    Args:
        is_forced: also where this very publication is in.

    Raises:
        MissingPartition: it is not published.
        PartitionBusy: it is being published at this moment.
        WarehouseBusy: another process holds the warehouse, or it does not answer.
        NeverError: the warehouse cannot take it.
    """
    from marsad.warehouse import load as load_manifest

    meter = Meter(ctx.settings)
    with about(partition, "load"), meter.working("load", partition.source):
        manifest = published_manifest(partition, ctx)
        while True:
            try:
                address = warehouse or ctx.settings.warehouse
                report = load_manifest(manifest, ctx.lake, address, is_forced=is_forced)
                break
            except (MissingPartition, LakeUnusable):
                # the day may have been published again between reading its manifest and its files
                newer = published_manifest(partition, ctx)
                if newer == manifest:
                    raise
                manifest = newer
        meter.add("marsad.rows.loaded", 0 if report.is_unchanged else report.row_count, source=partition.source)
    return report


def published_manifest(partition: Partition, ctx: Context) -> Manifest:
    """The manifest of a published partition; a publish that was cut off is finished first.

    Raises:
        MissingPartition: it is not published.
        PartitionBusy: it is being published at this moment.
    """
    from marsad.publish.manifest import read_manifest
    from marsad.publish.swap import finish, read_intent

    manifest = read_manifest(ctx.lake, partition)
    if read_intent(partition, ctx.lake) is not None:
        with ctx.claims.hold(partition):
            finish(partition, ctx.lake)
        manifest = read_manifest(ctx.lake, partition)
    if manifest is None:
        raise MissingPartition(f"{partition} is not published in {ctx.lake}; run it first")
    return manifest


def register(day: date, ctx: Context, sources: Sequence[str] = ()) -> list[Synced]:
    """Register what is published of a day in the Iceberg catalog; twice changes nothing.

    Args:
        sources: only these sources' partitions; all of the day where empty, and what is gone is taken out.

    Raises:
        UsageError: no catalog is set, or it cannot be opened.
        PartitionBusy: another process registers at this moment.
        CatalogBusy: the catalog was written by others at every attempt, or does not answer.
    """
    from marsad.iceberg import CATALOG, sync
    from marsad.publish.manifest import read_manifest

    catalog = iceberg_catalog(ctx)
    partitions = [Partition(s, day) for s in sources] or published_partitions(day, ctx.lake)
    with ctx.claims.hold(CATALOG):
        found = (read_manifest(ctx.lake, p) for p in partitions)
        manifests = [m for m in found if m is not None]
        whole = not sources
        return list(
            sync(day, manifests, ctx.lake, catalog=catalog, datasets=every_published_dataset(), is_whole_day=whole)
        )


def expire_snapshots(days: int, ctx: Context) -> list[Expired]:
    """Forget Iceberg snapshots older than so many days, and delete the files that only they named.

    Raises:
        UsageError, PartitionBusy, CatalogBusy: see :func:`register`.
    """
    from marsad.iceberg import CATALOG
    from marsad.iceberg.expire import expire

    before = ctx.now() - timedelta(days=days)
    with ctx.claims.hold(CATALOG):
        return list(expire(before, ctx.lake, catalog=iceberg_catalog(ctx), datasets=every_published_dataset()))


def iceberg_catalog(ctx: Context) -> str:
    """The catalog that is set.

    Raises:
        UsageError: none is.
    """
    if not ctx.settings.iceberg_catalog:
        raise UsageError("no Iceberg catalog is set; MARSAD_ICEBERG_CATALOG names one, such as sqlite:///iceberg.db")
    return ctx.settings.iceberg_catalog


def published_partitions(day: date, lake: Lake) -> list[Partition]:
    """The partitions of a day that have a manifest, the curated one last."""
    names = [p.rsplit("source=", 1)[1].removesuffix(".json") for p in lake.list(f"published/_manifests/date={day}")]
    return [Partition(n, day) for n in sorted(names, key=lambda n: (n == ALL_SOURCES, n))]


def published_days(days: Sequence[date] | None, lake: Lake, sources: Sequence[str] = ()) -> list[Partition]:
    """The partitions of some days, or of all, that have a manifest; of some sources, or of all."""
    if days is None:
        paths = lake.list("published/_manifests", "**/*.json")
        days = sorted({date.fromisoformat(p.rsplit("date=", 1)[1].partition("/")[0]) for p in paths})
    return [p for day in days for p in published_partitions(day, lake) if not sources or p.source in sources]


def load_date(day: date, ctx: Context) -> list[LoadReport]:
    """Load every published partition of a day.

    Raises:
        UsageError: the warehouse's address is none.
        MissingPartition: there is none.
    """
    from marsad.warehouse import parse_address

    parse_address(ctx.settings.warehouse)  # a wrong address is said before anything else
    partitions = published_partitions(day, ctx.lake)
    if not partitions:
        raise MissingPartition(f"nothing is published for {day} in {ctx.lake}; run a source for that day first")
    return [load(p, ctx) for p in partitions]
