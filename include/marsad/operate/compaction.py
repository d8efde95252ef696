"""Compaction: months of published partitions in one file a dataset, for readers of long spans.

    compacted/<dataset>/month=YYYY-MM/part-0.parquet     sorted by date, source and the dataset's key
    compacted/_manifests/month=YYYY-MM.json              which partitions it holds, by the checksums of their files

A year of a hundred sources is 36,500 files a dataset in ``published/``, and twelve here. ``published/`` stays the
truth: a partition that was published again, or is gone, since its month was written is known by its manifest's mark,
and is read from its own file (or not at all), until the month is compacted again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from marsad.context import Context
from marsad.curate.record import CURATED
from marsad.dataset import Dataset
from marsad.errors import MissingPartition, UsageError
from marsad.lake import Lake
from marsad.operate.verify import known_datasets, partition_of_manifest
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, parse_manifest
from marsad.warehouse.dialect import quoted

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
GROUP_ROWS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Compacted:
    """A month that was written."""

    month: str
    partitions: int
    files: int
    bytes: int

    def __str__(self) -> str:
        return f"{self.month}: {self.partitions} partitions in {self.files} files, {self.bytes / 1e6:.1f} MB"


@dataclass(frozen=True, slots=True)
class MonthFile:
    """A compacted file, and the partitions that are to be read from it."""

    path: str
    partitions: tuple[tuple[str, date], ...]
    is_whole: bool
    """Whether that is all it holds, so that no row has to be left out."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which files hold a span of days exactly once."""

    dataset: Dataset
    months: tuple[MonthFile, ...]
    loose: tuple[str, ...]

    def sql(self, root: str) -> str:
        """A SELECT for DuckDB over the plan; paths and values are quoted."""
        parts = []
        for month in self.months:
            file = quoted(f"{root}/{month.path}")
            parts.append(f"SELECT * FROM read_parquet({file}){_where(month, self.dataset)}")  # noqa: S608
        if self.loose:
            paths = ", ".join(quoted(f"{root}/{p}") for p in self.loose)
            parts.append(f"SELECT * FROM read_parquet([{paths}], union_by_name => true, hive_partitioning => false)")  # noqa: S608
        if not parts:
            raise MissingPartition(f"nothing of {self.dataset} is published in that span")
        return "\nUNION ALL BY NAME\n".join(parts)


def compact(ctx: Context, *, months: Sequence[str] | None = None) -> Iterator[Compacted]:
    """Write the months that are over and not fresh; the same partitions give the same bytes.

    Args:
        months: these, ``YYYY-MM``, fresh or not.

    Raises:
        UsageError: a month is none.
        PartitionBusy: another process compacts at this moment.
        LakeUnusable: a published file is not what its manifest says.
    """
    for month in months or ():
        if not _MONTH.fullmatch(month):
            raise UsageError(f"{month!r} is no month; write it as YYYY-MM, for example 2026-03")
    by_month: dict[str, dict[Partition, str]] = {}
    marks = ctx.lake.stamps("published/_manifests")
    for path in marks:
        if (partition := partition_of_manifest(path)) is not None:
            by_month.setdefault(f"{partition.date:%Y-%m}", {})[partition] = path
    current = f"{ctx.now():%Y-%m}"
    for month in months or sorted(by_month):
        found = by_month.get(month, {})
        if months is None and (month >= current or _is_fresh(ctx.lake, month, found, marks)):
            continue
        if not found:
            raise UsageError(f"nothing is published in {month}")
        with ctx.claims.hold(Partition("_compacted", date.fromisoformat(f"{month}-01"))):
            yield _write(month, found, marks, ctx.lake)


def _write(month: str, found: dict[Partition, str], marks: dict[str, str], lake: Lake) -> Compacted:
    manifests = {
        p: parse_manifest(lake.read_bytes(path), path, lake)
        for p, path in sorted(found.items(), key=lambda i: (i[0].date, i[0].source))
    }
    # readers go to the single partitions while the month's files change
    lake.delete(_manifest_path(month))
    noted: dict[str, Any] = {}
    for name, dataset in known_datasets().items():
        held = [(m, f) for m in manifests.values() for f in m.files if f.dataset == name]
        if not held:
            continue
        path = f"compacted/{name}/month={month}/part-0.parquet"
        rows = 0
        with ExitStack() as stack:
            file = stack.enter_context(lake.replacing(path))
            schema = pa.schema([f.remove_metadata() for f in dataset.schema])
            writer = stack.enter_context(pq.ParquetWriter(file, schema, compression="zstd", compression_level=3))
            pending: list[pa.Table] = []
            for _, one in held:
                table = lake.read_table_at(dataset, one.path, sha256=one.sha256).cast(schema)
                pending.append(table)
                rows += table.num_rows
                if sum(t.num_rows for t in pending) >= GROUP_ROWS:
                    writer.write_table(pa.concat_tables(pending))
                    pending.clear()
            if pending:
                writer.write_table(pa.concat_tables(pending))
        sha256, size = lake.digest(path)
        parts = {f"{m.source}|{m.date}": f.sha256 for m, f in held}
        noted[name] = {"path": path, "sha256": sha256, "byte_count": size, "row_count": rows, "partitions": parts}
    held_marks = {f"{p.source}|{p.date}": marks[path] for p, path in found.items()}
    lake.write_json(_manifest_path(month), {"format": 1, "month": month, "datasets": noted, "marks": held_marks})
    size = sum(n["byte_count"] for n in noted.values())
    return Compacted(month, len(manifests), len(noted), size)


def files_of(lake: Lake, dataset: str, first: date, last: date) -> Plan:
    """The fewest files that hold a span of days of a dataset exactly once.

    Only one listing of the manifests, and a small file for each month, are read; a partition's own manifest only where
    its mark has changed.

    Raises:
        UsageError: there is no such dataset, or the span is upside down.
    """
    known = known_datasets().get(dataset)
    if known is None:
        raise UsageError(f"{dataset!r} is no published dataset; they are {', '.join(known_datasets())}")
    if last < first:
        raise UsageError(f"{last} is before {first}")
    is_across = dataset in {d.name for d in CURATED}
    months, loose = [], []
    day = first.replace(day=1)
    while day <= last:
        month, following = f"{day:%Y-%m}", (day + timedelta(days=32)).replace(day=1)
        marks: dict[str, str] = {}
        for one in range((min(following, last + timedelta(days=1)) - max(day, first)).days):
            marks |= lake.stamps(f"published/_manifests/date={max(day, first) + timedelta(days=one)}")
        there = {p: path for path in marks if (p := partition_of_manifest(path)) is not None}
        there = {p: path for p, path in there.items() if (p.source == ALL_SOURCES) == is_across}
        noted = _noted(lake, month)
        entry = (noted or {}).get("datasets", {}).get(dataset)
        fresh = []
        for partition, path in sorted(there.items()):
            key = f"{partition.source}|{partition.date}"
            if (
                entry
                and key in entry["partitions"]
                and (noted["marks"].get(key) == marks[path] or _sha_of(lake, path, dataset) == entry["partitions"][key])
            ):
                fresh.append((partition.source, partition.date))
            else:
                loose.append(lake.dataset_path("published", known, partition))
        if fresh:
            months.append(MonthFile(entry["path"], tuple(fresh), len(fresh) == len(entry["partitions"])))
        day = following
    return Plan(known, tuple(months), tuple(loose))


def _is_fresh(lake: Lake, month: str, found: dict[Partition, str], marks: dict[str, str]) -> bool:
    noted = _noted(lake, month)
    return noted is not None and noted["marks"] == {f"{p.source}|{p.date}": marks[path] for p, path in found.items()}


def _noted(lake: Lake, month: str) -> Any:
    try:
        noted = lake.read_json(_manifest_path(month))
    except (MissingPartition, ValueError):
        return None
    return noted if isinstance(noted, dict) and noted.get("format") == 1 else None


def _sha_of(lake: Lake, path: str, dataset: str) -> str | None:
    try:
        manifest: Manifest = parse_manifest(lake.read_bytes(path), path, lake)
    except MissingPartition:
        return None
    return next((f.sha256 for f in manifest.files if f.dataset == dataset), None)


def _manifest_path(month: str) -> str:
    return f"compacted/_manifests/month={month}.json"


def _where(month: MonthFile, dataset: Dataset) -> str:
    if month.is_whole:
        return ""
    if dataset in CURATED:
        return f" WHERE date IN ({', '.join(f'DATE {quoted(str(d))}' for _, d in month.partitions)})"
    pairs = ", ".join(f"({quoted(s)}, DATE {quoted(str(d))})" for s, d in month.partitions)
    return f" WHERE (source, date) IN ({pairs})"
