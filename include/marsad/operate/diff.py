"""Diff: what the code as it is now would change in what is published, before it is published."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa

from marsad.context import Context
from marsad.dataset import Dataset
from marsad.errors import MarsadError, MissingPartition
from marsad.lake import Lake
from marsad.overlay import Overlay
from marsad.partition import Partition
from marsad.pipeline import published_datasets, run_partition
from marsad.scrape.record import CAPTURES

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A row that both have, and the columns in which they differ: (published, new)."""

    key: str
    columns: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class TableDiff:
    """What would change in one dataset of a partition."""

    dataset: str
    added: Sequence[Mapping[str, Any]]
    removed: Sequence[Mapping[str, Any]]
    changed: Sequence[Change]
    same_count: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.removed or self.changed)

    def by_column(self) -> dict[str, int]:
        """How many rows would change in each column, the most first."""
        counts = Counter(name for change in self.changed for name in change.columns)
        return dict(sorted(counts.items(), key=lambda c: (-c[1], c[0])))


@dataclass(frozen=True, slots=True)
class PartitionDiff:
    """What would change in a partition."""

    partition: Partition
    is_published: bool
    tables: Sequence[TableDiff] = ()
    error: str | None = None
    """Why it would not be published at all: a gate that would block, say."""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return self.error is None and all(t.is_empty for t in self.tables)


def with_captures(day: date, lake: Lake, source: str | None = None) -> list[Partition]:
    """The partitions of a day whose captures have passed their gate: those that can be run again without the web."""
    paths = lake.list(f"core/{CAPTURES.name}/date={day}", "source=*/part-0.parquet")
    names = sorted(p.split("source=", 1)[1].partition("/")[0] for p in paths)
    return [Partition(name, day) for name in names if source in (None, name)]


def diff(partition: Partition, ctx: Context) -> PartitionDiff:
    """Run a partition from its captures into a scratch folder, and compare with what is published.

    The lake and the web are left alone.

    Raises:
        MissingPartition: there are no captures to run from.
    """
    if not ctx.lake.has_table("core", CAPTURES, partition):
        raise MissingPartition(f"{partition}: there are no captures in {ctx.lake}; `marsad run` makes them")
    with tempfile.TemporaryDirectory(prefix="marsad-diff-") as folder:
        lake = Overlay(ctx.lake, folder)
        is_published = all(ctx.lake.has_table("published", d, partition) for d in published_datasets())
        try:
            run_partition(partition, replace(ctx, lake=lake), first="clean", with_late=False)
        except MarsadError as error:
            return PartitionDiff(partition, is_published, error=str(error))
        tables = [_diff_of(dataset, partition, ctx.lake, lake) for dataset in published_datasets()]
    return PartitionDiff(partition, is_published, tables)


def _diff_of(dataset: Dataset, partition: Partition, before: Lake, after: Lake) -> TableDiff:
    old = dataset.empty()
    if before.has_table("published", dataset, partition):
        old = before.read_table("published", dataset, partition)
    return compare(dataset, old, after.read_table("published", dataset, partition))


def compare(dataset: Dataset, old: pa.Table, new: pa.Table) -> TableDiff:
    """Two tables of one dataset, row by row by their key."""
    if old.equals(new):
        return TableDiff(dataset.name, (), (), (), new.num_rows)
    before, after = _by_key(dataset, old), _by_key(dataset, new)
    changed = []
    for key, row in after.items():
        if key in before and before[key] != row:
            columns = {name: (before[key][name], row[name]) for name in row if before[key][name] != row[name]}
            changed.append(Change(dataset.row_key(row), columns))
    added = [row for key, row in after.items() if key not in before]
    removed = [row for key, row in before.items() if key not in after]
    return TableDiff(dataset.name, added, removed, changed, len(after) - len(added) - len(changed))


def _by_key(dataset: Dataset, table: pa.Table) -> dict[Key, dict[str, Any]]:
    return {tuple(row[k] for k in dataset.key): row for row in table.to_pylist()}
