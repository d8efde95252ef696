"""What has to be done to a lake of an older layout, one function a layout.

Each can be done twice and stopped at any point: what is done needs it no more, so that it is not planned again. A lake
gets its new number when all of it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from marsad import pipeline
from marsad.context import Context
from marsad.curate.inputs import WINDOW_DAYS, is_stale
from marsad.curate.record import CURATED
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, read_manifest


@dataclass(frozen=True)
class Migration:
    """From one layout to the next."""

    layout: int
    """The layout that the lake has afterwards."""
    what: str
    cost: str
    plan: Callable[[Context], Iterator[Partition]]
    """What needs it, in the order in which it has to be done. It looks as it goes: what is applied to one may make
    others need it, or need it no more. Without applying, what needs it as things stand."""
    apply: Callable[[Partition, Context], None]
    """Do it to one; claims it, and leaves it as it was or done. Raises ``MarsadError``."""


def is_outdated(manifest: Manifest) -> bool:
    """Whether a curated day lacks datasets or columns that curating gives today."""
    return any(manifest.schema_versions.get(d.name, 0) < d.version for d in CURATED)


def outdated_days(ctx: Context) -> Iterator[Partition]:
    """Curated days of an older form, and those made of others than there are now, the oldest first.

    Where retention clears ``published/``, days whose window it has cut are left out: curated again, they would lose the
    copies whose originals are gone. They go soon themselves.
    """
    curated = sorted(p.date for p in pipeline.published_days(None, ctx.lake, [ALL_SOURCES]))
    bound = _whole_from(ctx)
    for day in curated:
        if bound is not None and day < bound:
            continue
        manifest = read_manifest(ctx.lake, Partition(ALL_SOURCES, day))
        has_sources = any(p.source != ALL_SOURCES for p in pipeline.published_partitions(day, ctx.lake))
        if manifest is not None and has_sources and (is_outdated(manifest) or is_stale(day, ctx.lake)):
            yield Partition(ALL_SOURCES, day)


def _whole_from(ctx: Context) -> date | None:
    """The first day whose window retention has not cut; None where it leaves ``published/`` alone."""
    if not any(name.split("/")[0] == "published" for name in ctx.settings.retention):
        return None
    days = ctx.lake.names("published/_manifests")
    return date.fromisoformat(days[0].removeprefix("date=")) + timedelta(days=WINDOW_DAYS) if days else None


def _curate(partition: Partition, ctx: Context) -> None:
    pipeline.curate(partition.date, ctx)


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        2,
        "days curated again, for stories and for what copies made of their originals",
        "some seconds a day; no site is asked, and sources' own partitions stay as they are",
        outdated_days,
        _curate,
    ),
)
"""By layout. One that is here is never changed: what comes later is a new one."""
