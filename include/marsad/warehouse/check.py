"""Hold a warehouse against the lake: every manifest loaded, as published, with the rows it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from marsad.clean.record import ARTICLES
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.publish.manifest import Manifest, read_manifest
from marsad.warehouse.address import Address
from marsad.warehouse.engine import open_engine
from marsad.warehouse.loading import digest_of
from marsad.warehouse.registry import DERIVED, TABLES, tables_of


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the warehouse is not what the lake says."""

    partition: Partition
    what: str
    is_kept: bool = False
    """The lake no longer has it: the warehouse keeps what it was given."""

    def __str__(self) -> str:
        return f"{self.partition}: {self.what}"


def check(lake: Lake, warehouse: str | Address, partitions: Sequence[Partition]) -> list[Difference]:
    """Compare loads and the counts of every table with the lake's manifests.

    Args:
        lake: what is right.
        warehouse: what is held against it.
        partitions: of the lake, those to look at; what is in the warehouse beside them, on the same days, is named too.

    Raises:
        WarehouseBusy: it cannot be had now.
        NeverError: it cannot be had so.
    """
    with closing(open_engine(warehouse, is_reading=True)) as engine:
        loads = {Partition(row.source, row.date): row for row in engine.loads()}
        counts = {dataset: engine.census(dataset) for dataset in TABLES}
    found: list[Difference] = []
    days = {p.date for p in partitions}
    for partition in partitions:
        manifest = read_manifest(lake, partition)
        if manifest is None:
            continue
        row = loads.get(partition)
        if row is None:
            found.append(Difference(partition, "is published and not loaded"))
        elif row.digest != digest_of(manifest):
            found.append(Difference(partition, "was published again since it was loaded"))
        else:
            there = {d.name: c.get((partition.source, partition.date), 0) for d, c in counts.items()}
            found += [Difference(partition, what) for what in _differing(manifest, there)]
    published = set(partitions)
    for partition in sorted(loads, key=lambda p: (p.date, p.source)):
        if partition.date in days and partition not in published:
            found.append(Difference(partition, "is loaded and no longer in the lake; it is kept", is_kept=True))
    return found


def _differing(manifest: Manifest, there: dict[str, int]) -> Iterator[str]:
    named = {file.dataset: file.row_count for file in manifest.files}
    for dataset in tables_of(manifest.partition):
        wanted = named.get(ARTICLES.name if dataset in DERIVED else dataset.name, 0)
        if there[dataset.name] != wanted:
            yield f"{dataset.name} has {there[dataset.name]} rows, its manifest says {wanted}"
