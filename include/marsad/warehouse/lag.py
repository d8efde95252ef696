"""How far a warehouse is behind this code: its schema, and partitions whose rows are of an older form."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

from marsad.lake import Lake
from marsad.partition import Partition
from marsad.warehouse.address import Address, parse_address
from marsad.warehouse.check import check
from marsad.warehouse.engine import open_engine


@dataclass(frozen=True)
class Lag:
    """What a warehouse lacks."""

    schema: tuple[str, ...] = ()
    """Tables, columns, views and functions, each in a few words."""
    partitions: Mapping[Partition, tuple[str, ...]] = field(default_factory=dict)
    """Loaded partitions that differ from what a load would make of them now, and in what; by day and source."""
    is_empty: bool = False
    """Nothing is loaded: the first load makes all of it."""


def lag(lake: Lake, warehouse: str | Address) -> Lag:
    """Look how far a warehouse is behind; nothing is changed.

    Each partition that is loaded and still published is held against its manifest: the digest it was loaded by, and
    the rows of every table, also of those that are derived. What is published and not loaded is left to ``load``.

    Raises:
        UsageError: the address is none.
        WarehouseBusy: it cannot be had now.
        NeverError: it cannot be had so.
        LakeUnusable: a manifest cannot be read.
    """
    address = warehouse if isinstance(warehouse, Address) else parse_address(warehouse)
    if address.engine == "duckdb" and not address.path.exists():
        return Lag(is_empty=True)
    with closing(open_engine(address, is_reading=True)) as engine:
        loads = engine.loads()
        if not loads:
            return Lag(is_empty=True)
        schema = engine.pending()
    partitions = sorted((Partition(row.source, row.date) for row in loads), key=lambda p: (p.date, p.source))
    found: dict[Partition, tuple[str, ...]] = {}
    for difference in check(lake, address, partitions):
        found[difference.partition] = (*found.get(difference.partition, ()), difference.what)
    return Lag(tuple(schema), found)


def evolve(warehouse: str | Address) -> None:
    """Make a warehouse's schema today's; rows stay as they are.

    Raises:
        WarehouseBusy, NeverError: see :func:`lag`; where the engine has transactions, nothing was changed.
    """
    with closing(open_engine(warehouse)) as engine:
        engine.evolve()
