"""One bulk run: plan, read what is not yet read, collect what is not yet collected, account for every capture."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from marsad.bulk.collect import inputs_digest, marker_path
from marsad.bulk.engines import Engine, Run, opened
from marsad.bulk.reading import READER
from marsad.bulk.record import CAPTURE_FATES, capture_id
from marsad.bulk.sandbox import Limits
from marsad.bulk.shard import (
    Shard,
    captures_of,
    code_digest,
    expected_of,
    facts_digest,
    manifest_of,
    shard_of_warc,
    shard_path,
    shards_of_partition,
    warc_addresses,
)
from marsad.clean.stage import SAME_ARTICLE
from marsad.context import Context
from marsad.errors import LaterError, MissingPartition, NeverError, UsageError
from marsad.lake import parquet_bytes
from marsad.partition import Partition, days_between

Told = Callable[[str, int, int], None]
"""Told the step, how many captures or partitions are done, and how many there are (0 where it is not known)."""


@dataclass(frozen=True)
class Plan:
    """What a run reads."""

    run: str
    kind: Literal["captures", "warc"]
    shards: tuple[Shard, ...]


@dataclass
class Report:
    """What a run did."""

    shards: int = 0
    read_now: int = 0
    deaths: int = 0
    published: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    collected: list[Partition] = field(default_factory=list)
    """All of the plan's partitions that are published, now or by the run before that was stopped."""


def name_of(first: date, last: date, sources: Sequence[str]) -> str:
    """The name of a run that was given none: the same days and sources are the same run, and said again it goes on."""
    name = "_".join(["from", f"{first:%Y%m%d}", "to", f"{last:%Y%m%d}", *sorted(set(sources))])
    # of many sources the days, and a digest of all
    return name if len(name) <= 80 else f"{name[:26]}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def check_name(run: str, ctx: Context) -> str:
    """A run's name, which is a corpus's source too.

    Raises:
        UsageError: it cannot be one.
    """
    if not re.fullmatch(r"[a-z0-9_]{1,80}", run) or run == "all":
        raise UsageError(f"--name {run!r}: use a-z, 0-9 and _ alone")
    if run in ctx.sources:
        raise UsageError(f"--name {run!r} is a source; the pages of unknown sites need a name of their own")
    return run


def plan_captures(ctx: Context, run: str, first: date, last: date, sources: Sequence[str] = ()) -> Plan:
    """Plan to read the captures of some days.

    Raises:
        MissingPartition: there are none.
        UnknownSource: a name that is none.
    """
    for name in sources:
        ctx.facts(name)
    found: list[Shard] = []
    for day in days_between(first, last):
        paths = ctx.lake.list(f"core/captures/date={day}", "source=*/part-0.parquet")
        for name in sorted(p.split("source=", 1)[1].partition("/")[0] for p in paths):
            if not sources or name in sources:
                found += shards_of_partition(Partition(name, day), ctx.lake, ctx.facts(name))
    if not found:
        raise MissingPartition(f"there are no captures from {first} to {last} in {ctx.lake}; `marsad run` makes them")
    return Plan(check_name(run, ctx), "captures", tuple(found))


def plan_warcs(ctx: Context, run: str, patterns: Iterable[str], *, known_only: bool = False) -> Plan:
    """Plan to read WARC files whole.

    Raises:
        UsageError: a pattern names no file, or a file cannot be read.
    """
    addresses = dict.fromkeys(a for pattern in patterns for a in warc_addresses(pattern))
    facts = facts_digest(ctx.sources)
    shards = tuple(shard_of_warc(a, facts, known_only=known_only) for a in addresses)
    return Plan(check_name(run, ctx), "warc", shards)


def run_bulk(
    plan: Plan,
    ctx: Context,
    engine: Engine,
    *,
    limits: Limits | None = None,
    reader: str = READER,
    told: Told | None = None,
) -> Report:
    """Do what is left of a plan. Killed at any point and called again it ends with the same bytes.

    Args:
        reader: ``module:function`` that reads a page.
        told: a listener.

    Raises:
        UsageError: the engine is not there.
        NeverError: the outcomes do not add up.
    """
    with opened(engine) as run_shards:
        report = read_shards(plan, ctx, run_shards, limits=limits, reader=reader, told=told)
        if not report.failed:  # a partition with half of its shards must not be published
            _collect(plan, ctx, run_shards, report, told)
            given = _given(plan, ctx)
            report.collected = [p for p in sorted(given) if _is_collected(p, given[p], plan.run, ctx)]
            report.outcomes = account(plan, ctx)
    return report


def read_shards(
    plan: Plan,
    ctx: Context,
    run_shards: Run,
    *,
    limits: Limits | None = None,
    reader: str = READER,
    told: Told | None = None,
) -> Report:
    """Read what is not yet read, and collect nothing. See :func:`run_bulk`."""
    report = Report(shards=len(plan.shards))
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count
        if told:
            told("read", done, 0)

    base = _base(plan, ctx, limits)
    waiting = [s for s in plan.shards if not is_done(s, plan.run, ctx, reader)]
    items = []
    for shard in waiting:
        expected = expected_of(shard, ctx.settings.recogniser, reader)
        job = {"job": "read", "id": shard.id, "shard": shard.as_dict(), "reader": reader, "code": code_digest()}
        items.append(json.dumps({**base, **job, "expected": expected}))
    for answer in run_shards(items, progress):
        if "error" in answer:
            report.failed[answer["id"]] = answer["error"]
            continue
        report.read_now += bool(answer["is_new"])
        report.deaths += answer.get("deaths", 0)
        if told:
            told("shards", report.read_now, len(waiting))
    return report


def _collect(plan: Plan, ctx: Context, run_shards: Run, report: Report, told: Told | None) -> None:
    collects = _collects(plan, ctx, _base(plan, ctx, None))
    for number, answer in enumerate(run_shards(collects, None), 1):
        if "error" in answer:
            report.failed[answer["id"]] = answer["error"]
        else:
            report.published += answer["published"]
            source = answer["id"].partition(" ")[0]
            report.failed.update({f"{source} {day}": why for day, why in answer["failed"].items()})
        if told:
            told("collect", number, len(collects))


def is_done(shard: Shard, run: str, ctx: Context, reader: str = READER) -> bool:
    """Whether a shard was read, by this code, from these captures."""
    found = manifest_of(ctx.lake, run, shard.id)
    return found is not None and found["expected"] == expected_of(shard, ctx.settings.recogniser, reader)


def _base(plan: Plan, ctx: Context, limits: Limits | None) -> dict[str, Any]:
    limits = limits or Limits(ctx.settings.bulk_page_cpu_s, ctx.settings.bulk_memory_mb)
    settings = {"recogniser": ctx.settings.recogniser, "data_docs": ctx.settings.data_docs}
    return {
        "run": plan.run,
        "kind": plan.kind,
        "lake": str(ctx.lake.root),
        "limits": {"cpu_s": limits.cpu_s, "memory_mb": limits.memory_mb},
        "settings": settings,
    }


def _collects(plan: Plan, ctx: Context, base: Mapping[str, Any]) -> list[str]:
    """The items of collecting: a source's days together where days lean on each other, else a partition each."""
    given = _given(plan, ctx)
    if plan.kind == "captures":
        groups = [[p for p in sorted(given) if p.source == name] for name in sorted({p.source for p in given})]
    else:
        groups = [[p] for p in sorted(given)]
    items = []
    for group in groups:
        if all(_is_collected(p, given[p], plan.run, ctx) for p in group):
            continue
        days = [p.date.isoformat() for p in group]
        shards = {p.date.isoformat(): given[p] for p in group}
        name = f"{group[0].source} {days[0]}"
        job = {"job": "collect", "id": name, "source": group[0].source, "days": days, "shards": shards}
        items.append(json.dumps({**base, **job}))
    return items


def _given(plan: Plan, ctx: Context) -> dict[Partition, list[str]]:
    """The partitions to be published, each with the shards that have something for it."""
    given: dict[Partition, list[str]] = {}
    for shard in plan.shards:
        found = manifest_of(ctx.lake, plan.run, shard.id) or {"partitions": []}
        for name, day in found["partitions"]:
            given.setdefault(Partition(name, date.fromisoformat(day)), []).append(shard.id)
    if plan.kind == "captures":
        own = {shard.partition for shard in plan.shards}
        return {p: given.get(p, []) for p in own}  # stories of other days are filed for those, not published alone
    return given


def _is_collected(partition: Partition, shards: Iterable[str], run: str, ctx: Context) -> bool:
    from marsad.publish.manifest import read_manifest

    path = marker_path(run, partition)
    if not ctx.lake.exists(path) or read_manifest(ctx.lake, partition) is None:
        return False
    return bool(ctx.lake.read_json(path)["inputs"] == inputs_digest(ctx.lake, run, shards))


def account(plan: Plan, ctx: Context) -> dict[str, int]:
    """Write the outcome of every capture of a run, and count them.

    Raises:
        NeverError: a capture has two outcomes, or none.
        LaterError: captures changed while the run read them.
    """
    lake, same, total = ctx.lake, Counter[str](), Counter[str]()
    for path in lake.list(f"bulk/{plan.run}/collected", "**/*.json"):
        same.update(lake.read_json(path)["same_article"])
    for shard in plan.shards:
        data = lake.read_bytes(shard_path(plan.run, shard.id, "bulk_outcomes.parquet"))
        table = pq.read_table(io.BytesIO(data))
        _check_outcomes(shard, table["capture_id"].to_pylist(), manifest_of(lake, plan.run, shard.id))
        with lake.open(shard_path(plan.run, shard.id, "bulk_readings.parquet")) as file:
            readings = pq.read_table(file, columns=["capture_id", "article_key"]).to_pylist()
        given = Counter(r["capture_id"] for r in readings if r["article_key"] is not None)
        rows = table.to_pylist()
        for row in rows:
            # of a page with stories of two days one may be another capture's too: it still gave the other
            if given[row["capture_id"]] and same[row["capture_id"]] == given[row["capture_id"]]:
                row |= {"fate": "rejected", "reason": SAME_ARTICLE}
            total[row["fate"]] += 1
        final = CAPTURE_FATES.conform(pa.Table.from_pylist(rows, schema=CAPTURE_FATES.schema))
        lake.write_bytes(f"bulk/{plan.run}/outcomes/{shard.id}.parquet", parquet_bytes(final))
    if plan.kind == "captures":
        _check_partitions(plan, ctx)
    mine = {f"bulk/{plan.run}/outcomes/{shard.id}.parquet" for shard in plan.shards}
    for stale in set(lake.list(f"bulk/{plan.run}/outcomes", "*.parquet")) - mine:
        lake.delete(stale)
    counts = dict(sorted(total.items()))
    lake.write_json(f"bulk/{plan.run}/report.json", {"captures": sum(counts.values()), "outcomes": counts})
    return counts


def _check_outcomes(shard: Shard, ids: list[str], manifest: Mapping[str, Any] | None) -> None:
    """Hold a shard's outcomes against what was counted without them."""
    counted = manifest["captures"] if manifest else 0
    if len(set(ids)) != len(ids):
        twice = next(own for own, times in Counter(ids).items() if times > 1)
        raise NeverError(f"{shard.id}: capture {twice} has two outcomes")
    if len(ids) != counted:
        raise NeverError(f"{shard.id}: {counted} captures, but {len(ids)} outcomes")


def _check_partitions(plan: Plan, ctx: Context) -> None:
    """Hold the outcomes of each partition against its table of captures, and the captures that newer ones replaced."""
    told: dict[Partition, set[str]] = {}
    for shard in plan.shards:
        data = ctx.lake.read_bytes(shard_path(plan.run, shard.id, "bulk_outcomes.parquet"))
        ids = pq.read_table(io.BytesIO(data), columns=["capture_id"])["capture_id"].to_pylist()
        told.setdefault(shard.partition, set()).update(ids)
    for partition, ids in told.items():
        rows = captures_of(partition, ctx.lake)
        there = {capture_id(c) for c, _ in rows}
        if there != ids:
            planned = [s.digest for s in plan.shards if s.partition == partition]
            now = [s.digest for s in shards_of_partition(partition, ctx.lake, ctx.facts(partition.source))]
            if planned != now:
                raise LaterError(f"{partition}: its captures changed while the run read them; run it again")
            missed, none = len(there - ids), len(ids - there)
            raise NeverError(f"{partition}: {missed} captures have no outcome, and {none} outcomes are of no capture")


def outcomes_of(run: str, ctx: Context) -> pa.Table:
    """The outcome rows of a run that has ended.

    Raises:
        MissingPartition: there is no such run, or it has not ended.
    """
    paths = ctx.lake.list(f"bulk/{run}/outcomes", "*.parquet")
    if not paths:
        raise MissingPartition(
            f"lake {ctx.lake}: no bulk run {run!r} has ended; `marsad bulk run --name {run}` goes on"
        )
    return pa.concat_tables([ctx.lake.read_table_at(CAPTURE_FATES, path) for path in paths])
