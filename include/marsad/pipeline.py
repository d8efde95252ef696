"""The stages in order, and how one partition passes through them.

DAG tasks, the command line and the tests all call the functions below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from marsad.context import FILES_SOURCE, Context, Progress, open_context
from marsad.delivery import (
    expire_snapshots,
    iceberg_catalog,
    load,
    load_date,
    published_days,
    published_manifest,
    published_partitions,
    register,
)
from marsad.errors import UsageError
from marsad.partition import ALL_SOURCES, Partition
from marsad.stages import (
    STAGE_NAMES,
    STAGES,
    Stage,
    gate_reports,
    published_datasets,
    reports_of,
)

if TYPE_CHECKING:
    from marsad.scrape.polls import PollReport


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
        PartitionBusy: another run writes the partition.
        ClaimLost: another run wrote it since this run's last stage, and did not finish.
        LaterError: a passing failure; run it again.
    """
    work = get_stage(stage).work
    with ctx.claims.hold(partition, begins=stage == STAGE_NAMES[0], ends=stage == STAGE_NAMES[-1]):
        counts = work(partition, ctx)
    return StageReport(stage, partition.source, partition.date.isoformat(), dict(counts))


def run_gate(stage: str, partition: Partition, ctx: Context) -> dict[str, Any]:
    """Audit what a stage wrote; accepted rows go to ``core``, others to ``quarantine``.

    Returns:
        Counts per dataset: rows seen, accepted and quarantined.

    Raises:
        GateFailed: a critical expectation failed, or too many rows did.
        PartitionBusy, ClaimLost: see :func:`run`.
    """
    datasets = get_stage(stage).writes()
    if not datasets:
        return {}
    from marsad.gate import gate_stage

    with ctx.claims.hold(partition, begins=False, ends=False):
        try:
            reports = gate_stage(datasets, partition, ctx.lake, settings=ctx.settings, now=ctx.now)
        finally:
            # a day that is stopped is the one whose page somebody looks at
            if stage == "validate" and ctx.settings.data_docs:
                _write_page(partition, ctx)
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

    Nobody else writes the partition meanwhile.

    Raises:
        PartitionBusy: another run writes the partition; nothing was changed.
        MarsadError: see :func:`run` and :func:`run_gate`; what was published before stays.
    """
    reports = []
    names = STAGE_NAMES[STAGE_NAMES.index(get_stage(first).name) : STAGE_NAMES.index(get_stage(last).name) + 1]
    with ctx.claims.hold(partition, ends=last == STAGE_NAMES[-1]):
        for name in names:
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
    """Find duplicates and stories across sources among a day's published articles, and publish them.

    Raises:
        MissingPartition: no source has published that day.
        GateFailed: duplicates or stories do not pass their gates.
        PartitionBusy: another process curates the day.
    """
    from marsad.curate.record import CURATED
    from marsad.curate.stage import find_copies
    from marsad.curate.stories import find_stories
    from marsad.gate import gate_stage
    from marsad.publish.stage import publish
    from marsad.quarantine import counts_by_reason, write_batch

    partition = Partition(ALL_SOURCES, day)
    names = {name: (source.title, *source.credited_as) for name, source in ctx.sources.items()}
    zones = {name: source.zone for name, source in ctx.sources.items()}
    with ctx.claims.hold(partition):
        copies = find_copies(day, ctx.lake, names=names)
        told = find_stories(day, ctx.lake, copies=copies.groups, zones=zones)
        for batch in (copies.batch, told.stories, told.members):
            write_batch(batch, partition, ctx.lake)
        gate_stage(CURATED, partition, ctx.lake, settings=ctx.settings)
        publish(
            partition,
            ctx.lake,
            datasets=CURATED,
            reports=reports_of(CURATED, partition, ctx.lake),
            outcomes={},
            quarantined=counts_by_reason(CURATED, partition, ctx.lake),
        )
    counts = {
        "duplicates": len(copies.batch),
        "groups": len(set(copies.batch.table["group_id"].to_pylist())),
        "stories": len(told.stories),
        "story_members": len(told.members),
    }
    return StageReport("curate", ALL_SOURCES, day.isoformat(), counts)


__all__ = [
    "FILES_SOURCE",
    "STAGES",
    "STAGE_NAMES",
    "Context",
    "Progress",
    "StageReport",
    "curate",
    "expire_snapshots",
    "gate_reports",
    "iceberg_catalog",
    "late_partitions",
    "load",
    "load_date",
    "open_context",
    "poll",
    "published_datasets",
    "published_days",
    "published_manifest",
    "published_partitions",
    "register",
    "rewrite",
    "run",
    "run_gate",
    "run_partition",
]
