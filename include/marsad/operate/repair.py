"""Repair: put right what :mod:`marsad.operate.verify` found, or say which command does.

Nothing is deleted but files that a dead process was still writing. What has to go out of the way is moved to
``lost+found/<moment>/``, beside a line that says why.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from marsad import pipeline
from marsad.context import Context
from marsad.errors import LakeUnusable, MarsadError, MissingPartition
from marsad.operate.verify import Finding, verify
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.swap import finish, tidy
from marsad.scrape.record import CAPTURES

REBUILT = frozenset({"manifest_unreadable", "file_missing", "file_damaged", "row_count", "schema", "no_manifest"})
"""What publishing the same rows again puts right."""

TEMPORARY_AGE_S = 3600
"""A temporary file younger than this may be a living process's."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What was done about a partition or a file, or what a person has to do."""

    what: str
    done: str
    is_mended: bool = True

    def __str__(self) -> str:
        return f"{self.what}: {self.done}"


def repair(
    ctx: Context,
    *,
    first: date | None = None,
    last: date | None = None,
    source: str | None = None,
    dry_run: bool = False,
    deep: bool = False,
) -> Iterator[Mended]:
    """Put right what is not as the manifests say, a partition at a time; each is claimed while it is mended.

    Args:
        first, last, source, deep: as for :func:`marsad.operate.verify.verify`.
        dry_run: say what would be done, and change nothing.
    """
    findings = list(verify(ctx.lake, first=first, last=last, source=source, now=ctx.now(), deep=deep))
    by_partition: dict[Partition, list[Finding]] = {}
    loose = []
    for finding in findings:
        if finding.partition is None:
            loose.append(finding)
        else:
            by_partition.setdefault(finding.partition, []).append(finding)
    for partition, found in sorted(by_partition.items(), key=lambda i: (i[0].date, i[0].source)):
        if dry_run:
            yield from (Mended(str(f), _plan(f), f.kind != "newer_schema") for f in found)
            continue
        try:
            with ctx.claims.hold(partition):
                yield from _mend(partition, found, ctx)
        except MarsadError as error:
            yield Mended(str(partition), str(error), is_mended=False)
    for finding in loose:
        yield Mended(str(finding), _plan(finding)) if dry_run else _out_of_the_way(finding, ctx)


def _plan(finding: Finding) -> str:
    if finding.kind == "unfinished":
        return "the publish would be finished"
    if finding.kind in ("incoming", "temporary"):
        return "would be removed"
    if finding.kind == "stray":
        return "would be moved to lost+found"
    if finding.kind in REBUILT:
        return "would be published again from core"
    return "cannot be mended here"


def _mend(partition: Partition, found: list[Finding], ctx: Context) -> Iterator[Mended]:
    kinds = {f.kind for f in found}
    if "unfinished" in kinds:
        try:
            was_there = finish(partition, ctx.lake)
            yield Mended(str(partition), "a publish that was cut off is finished" if was_there else "already finished")
            # what was seen before the swap was of a partition that is no longer; the next repair looks again
            found = [f for f in found if f.kind == "temporary"]
            kinds = {f.kind for f in found}
        except LakeUnusable:
            for finding in found:
                if finding.kind in ("unfinished", "incoming"):
                    yield _move(finding, ctx)
            kinds |= {"no_manifest"}
    elif "incoming" in kinds:
        paths = tidy(partition, ctx.lake)
        yield Mended(str(partition), f"{len(paths)} files of a publish that never began are removed; core has the rows")
    for finding in found:
        if finding.kind in ("stray", "temporary"):
            yield _out_of_the_way(finding, ctx)
        elif finding.kind in ("file_damaged", "manifest_unreadable", "row_count", "schema"):
            yield _move(finding, ctx)
        elif finding.kind == "newer_schema":
            yield Mended(str(finding), "upgrade Marsad, or publish the day again with this one", is_mended=False)
        elif finding.kind == "capture_unreadable":
            said = "its bytes are lost here; what was published of it stays as long as the day is not replayed"
            yield Mended(str(finding), said, is_mended=False)
    if kinds & REBUILT:
        yield _publish_again(partition, ctx)


def _publish_again(partition: Partition, ctx: Context) -> Mended:
    try:
        if partition.source == ALL_SOURCES:
            pipeline.curate(partition.date, ctx)
        else:
            pipeline.run("publish", partition, ctx)
    except MarsadError as error:
        verb = "replay" if ctx.lake.has_table("core", CAPTURES, partition) else "run"
        if partition.source == ALL_SOURCES:
            return Mended(str(partition), f"cannot be published from core: {error}", is_mended=False)
        command = f"marsad {verb} -s {partition.source} -d {partition.date}"
        return Mended(str(partition), f"cannot be published from core ({error}); run `{command}`", is_mended=False)
    return Mended(str(partition), "published again from core")


def _out_of_the_way(finding: Finding, ctx: Context) -> Mended:
    if finding.kind == "temporary":
        local = Path(str(ctx.lake.path(finding.path)))
        try:
            if ctx.lake.is_local and time.time() - local.stat().st_mtime < TEMPORARY_AGE_S:
                return Mended(finding.path, "is younger than an hour and may be in use; it is left")
        except FileNotFoundError:
            return Mended(finding.path, "is gone already")
        ctx.lake.delete(finding.path)
        return Mended(finding.path, "removed: a process died while it wrote it")
    return _move(finding, ctx)


def _move(finding: Finding, ctx: Context) -> Mended:
    target = f"lost+found/{ctx.now():%Y%m%dT%H%M%SZ}/{finding.path}"
    ctx.lake.write_bytes(f"{target}.why", f"{finding.said}\n".encode())
    try:
        ctx.lake.move(finding.path, target)
    except MissingPartition:
        return Mended(finding.path, "is gone already")
    return Mended(finding.path, f"moved to {target}: {finding.said}")
