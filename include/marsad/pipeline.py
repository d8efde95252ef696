"""The stages in order, and how one partition passes through them.

DAG tasks, the command line and the tests all call the functions below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from marsad.context import FILES_SOURCE, Context, Progress, open_context
from marsad.errors import MissingPartition, UsageError
from marsad.measures import about, measure_gate, measure_stage
from marsad.metrics import Meter
from marsad.partition import ALL_SOURCES, Partition
from marsad.stages import STAGE_NAMES, STAGES, Stage, gate_reports, published_datasets, reports_of

if TYPE_CHECKING:
    from marsad.lake import Lake
    from marsad.publish.manifest import Manifest
    from marsad.scrape.polls import PollReport
    from marsad.warehouse import LoadReport


@dataclass(frozen=True)
class StageReport:
    """What a stage did: counts for logs, XCom and summaries, never rows."""

    stage: str
    source: str
    date: str
    counts: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


def get_stage(name: str) -> Stage:
    """A stage by name.

    Raises:
        UsageError: there is none; lists them.
    """
    for stage in STAGES:
        if stage.name == name:
            return stage
    raise UsageError(f"unknown stage {name!r}; the stages are {', '.join(STAGE_NAMES)}")


def run(stage: str, partition: Partition, ctx: Context) -> StageReport:
    """Run one stage of one partition; its gate is a call of its own.

    Raises:
        MissingPartition: the stage before, or its gate, has not run.
        NoArchiveRoute: scrape only: nothing can discover that day.
        LaterError: a passing failure; run it again.
    """
    work, meter, began = get_stage(stage).work, Meter(ctx.settings), ctx.now()
    with about(partition, stage), meter.working(stage, partition.source):
        counts = work(partition, ctx)
        measure_stage(meter, stage, partition, ctx, began)
    return StageReport(stage, partition.source, partition.date.isoformat(), dict(counts))


def run_gate(stage: str, partition: Partition, ctx: Context) -> dict[str, Any]:
    """Audit what a stage wrote; accepted rows go to ``core``, others to ``quarantine``.

    Returns:
        Counts per dataset: rows seen, accepted and quarantined.

    Raises:
        GateFailed: a critical expectation failed, or too many rows did.
    """
    datasets = get_stage(stage).writes()
    if not datasets:
        return {}
    from marsad.gate import gate_stage

    meter = Meter(ctx.settings)
    with about(partition, f"gate_{stage}"), meter.working(f"gate_{stage}", partition.source):
        try:
            reports = gate_stage(datasets, partition, ctx.lake, settings=ctx.settings, now=ctx.now)
        finally:
            # a day that is stopped is the one whose page somebody looks at
            if stage == "validate" and ctx.settings.data_docs:
                _write_page(partition, ctx)
            measure_gate(meter, datasets, partition, ctx)
    return {
        r.dataset: {"seen": r.row_count, "accepted": r.accepted_count, "quarantined": r.quarantined_count}
        for r in reports
    }


def _write_page(partition: Partition, ctx: Context) -> None:
    from marsad.report.page import write_page

    source = ctx.sources.get(partition.source)
    write_page(partition, source.title if source else partition.source, ctx.lake)


def run_partition(
    partition: Partition, ctx: Context, *, first: str = "scrape", last: str = "publish", with_late: bool = True
) -> list[StageReport]:
    """Run stages and their gates in order, then the published days that got late stories.

    Raises:
        MarsadError: see :func:`run` and :func:`run_gate`; what was published before stays.
    """
    reports = []
    for name in STAGE_NAMES[STAGE_NAMES.index(get_stage(first).name) : STAGE_NAMES.index(get_stage(last).name) + 1]:
        reports.append(run(name, partition, ctx))
        run_gate(name, partition, ctx)
    if with_late and last == "publish":
        for late in late_partitions(partition, ctx):
            reports += rewrite(late, ctx)
    return reports


def rewrite(partition: Partition, ctx: Context) -> list[StageReport]:
    """Run a partition again from its captures, without the web."""
    return run_partition(partition, ctx, first="clean", with_late=False)


def late_partitions(partition: Partition, ctx: Context) -> list[Partition]:
    """Published partitions that do not yet hold the late stories this one's captures brought.

    A day that was never published is not in the list: its own run will read what is filed
    for it; to publish it with nothing but a late story would call an unscraped day complete.
    """
    from marsad.late import unread
    from marsad.publish.manifest import read_manifest

    return [p for p in unread(partition, ctx.lake) if read_manifest(ctx.lake, p) is not None]


def poll(ctx: Context, names: Sequence[str] = (), *, is_forced: bool = False) -> list[PollReport]:
    """Ask what is new: the routes that are due, of some sources or of all that are enabled.

    Sources are asked side by side, each host one request at a time. One that fails takes nothing from the others.

    Args:
        names: these, enabled or not; all enabled ones where empty.
        is_forced: ask them whether they are due or not.

    Raises:
        UnknownSource: a name that is none.
        UsageError: a named source has no route that can be polled.
    """
    from marsad.scrape.poll import pollable
    from marsad.scrape.polls import poll_sources

    if names:
        sources = [ctx.source(name) for name in names]
    else:
        sources = [s for s in ctx.sources.values() if s.is_enabled and s.closed_on is None and pollable(s)]
    return poll_sources(sources, ctx.settings, ctx.lake, now=ctx.now, is_forced=is_forced)


def curate(day: date, ctx: Context) -> StageReport:
    """Find duplicates across sources among a day's published articles, and publish them.

    Raises:
        MissingPartition: no source has published that day.
        GateFailed: the duplicates do not pass their gate.
    """
    partition, meter = Partition(ALL_SOURCES, day), Meter(ctx.settings)
    with about(partition, "curate"), meter.working("curate", ALL_SOURCES):
        report = _curate(partition, ctx)
        measure_stage(meter, "publish", partition, ctx, ctx.now())
    return report


def _curate(partition: Partition, ctx: Context) -> StageReport:
    from marsad.curate.record import DUPLICATES
    from marsad.curate.stage import curate as find
    from marsad.gate import gate_stage
    from marsad.publish.stage import publish
    from marsad.quarantine import counts_by_reason, write_batch

    day = partition.date
    names = {name: (source.title, *source.credited_as) for name, source in ctx.sources.items()}
    batch = find(day, ctx.lake, names=names)
    write_batch(batch, partition, ctx.lake)
    gate_stage((DUPLICATES,), partition, ctx.lake, settings=ctx.settings)
    publish(
        partition,
        ctx.lake,
        datasets=(DUPLICATES,),
        reports=reports_of((DUPLICATES,), partition, ctx.lake),
        outcomes={},
        quarantined=counts_by_reason((DUPLICATES,), partition, ctx.lake),
    )
    groups = len(set(batch.table["group_id"].to_pylist()))
    return StageReport("curate", ALL_SOURCES, day.isoformat(), {"duplicates": len(batch), "groups": groups})


def load(partition: Partition, ctx: Context) -> LoadReport:
    """Load one published partition into the warehouse.

    Raises:
        MissingPartition: it is not published.
        WarehouseBusy: another process holds the warehouse.
    """
    from marsad.publish.manifest import read_manifest
    from marsad.warehouse import load as load_manifest

    manifest: Manifest | None = read_manifest(ctx.lake, partition)
    if manifest is None:
        raise MissingPartition(f"{partition} is not published in {ctx.lake}; run it first")
    meter = Meter(ctx.settings)
    with about(partition, "load"), meter.working("load", partition.source):
        report = load_manifest(manifest, ctx.lake, ctx.settings.warehouse)
        meter.add("marsad.rows.loaded", 0 if report.is_unchanged else report.row_count, source=partition.source)
    return report


def published_partitions(day: date, lake: Lake) -> list[Partition]:
    """The partitions of a day that have a manifest, the curated one last."""
    names = [p.rsplit("source=", 1)[1].removesuffix(".json") for p in lake.list(f"published/_manifests/date={day}")]
    return [Partition(n, day) for n in sorted(names, key=lambda n: (n == ALL_SOURCES, n))]


def load_date(day: date, ctx: Context) -> list[LoadReport]:
    """Load every published partition of a day.

    Raises:
        MissingPartition: there is none.
    """
    from marsad.warehouse.duckdb import warehouse_path

    warehouse_path(ctx.settings.warehouse)  # a wrong address is said before anything else
    partitions = published_partitions(day, ctx.lake)
    if not partitions:
        raise MissingPartition(f"nothing is published for {day} in {ctx.lake}; run a source for that day first")
    return [load(p, ctx) for p in partitions]


__all__ = [
    "FILES_SOURCE",
    "STAGES",
    "STAGE_NAMES",
    "Context",
    "Progress",
    "StageReport",
    "curate",
    "gate_reports",
    "late_partitions",
    "load",
    "load_date",
    "open_context",
    "poll",
    "published_datasets",
    "published_partitions",
    "rewrite",
    "run",
    "run_gate",
    "run_partition",
]
