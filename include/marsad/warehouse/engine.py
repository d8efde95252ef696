"""What a load asks of an engine, and the engine of an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

import pyarrow as pa

from marsad.dataset import Dataset
from marsad.errors import NeverError, WarehouseBusy
from marsad.partition import Partition
from marsad.warehouse.address import Address, parse_address

Done = Literal["loaded", "unchanged"]


@dataclass(frozen=True, slots=True)
class Load:
    """One partition on its way in."""

    partition: Partition
    digest: str
    """SHA-256 of its manifest."""
    row_count: int
    code_version: str
    loaded_at: datetime
    is_current: Callable[[], bool]
    """Whether the lake's manifest is still this one; asked when the partition is ours alone."""
    is_forced: bool = False
    """Replace the rows though this very manifest is in: they are of an older form."""

    def check_current(self) -> None:
        """Refuse to put back what has been published anew since it was read.

        Raises:
            WarehouseBusy: it has.
        """
        if not self.is_current():
            raise WarehouseBusy(f"{self.partition} was published again while it was loaded; load it again")


@dataclass(frozen=True, slots=True)
class LoadedRow:
    """What the warehouse says of a partition that is in."""

    source: str
    date: date
    digest: str
    row_count: int


class Engine(Protocol):
    """A warehouse that is open. All methods raise ``WarehouseBusy`` for what passes, ``NeverError`` for the rest."""

    notes: list[str]
    """What had to be changed for this engine to take the rows, for a person."""

    def loaded(self, partition: Partition) -> str | None:
        """The digest of the manifest that is in; none where the partition is not."""

    def replace(self, load: Load, rows: Mapping[Dataset, pa.Table]) -> Done:
        """Prepare the schema, replace the partition's rows in each table, count them, and record the load: in one
        transaction, or, where the engine has none, so that a load that was cut off is done again.

        Raises:
            NeverError: the counts are not the manifest's, or the engine refuses; nothing was changed.
        """

    def pending(self) -> list[str]:
        """What the schema lacks of today's, each in a few words; nothing is changed."""

    def evolve(self) -> None:
        """Make the schema today's: tables, columns, functions, views. Rows stay as they are."""

    def loads(self) -> list[LoadedRow]:
        """All partitions that are in."""

    def census(self, dataset: Dataset) -> dict[tuple[str, date], int]:
        """Rows by source (``all`` for a curated table) and day; empty where there is no such table."""

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a question of ours gives; ``?`` stands for each value."""

    def close(self) -> None:
        """Let go of it."""


def open_engine(warehouse: str | Address, *, is_reading: bool = False) -> Engine:
    """Open the warehouse at an address.

    Args:
        warehouse: its address.
        is_reading: nothing will be changed: a DuckDB file that another process reads is open to us too.

    Raises:
        UsageError: the address is none we load into.
        WarehouseBusy: it cannot be had now.
        NeverError: it cannot be had so; says what to mend.
    """
    address = warehouse if isinstance(warehouse, Address) else parse_address(warehouse)
    # drivers are heavy, and all but two are extras: only the one that is asked for is imported
    if address.engine == "duckdb":
        from marsad.warehouse.duckdb import DuckDB

        return DuckDB(address, is_reading=is_reading)
    try:
        if address.engine == "postgresql":
            from marsad.warehouse.postgresql import PostgreSQL

            return PostgreSQL(address)
        if address.engine == "bigquery":
            from marsad.warehouse.bigquery import BigQuery

            return BigQuery(address)
        if address.engine == "snowflake":
            from marsad.warehouse.snowflake import Snowflake

            return Snowflake(address)
        from marsad.warehouse.clickhouse import ClickHouse

        return ClickHouse(address)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(("adbc_driver", "clickhouse_connect")):
            raise
        raise NeverError(
            f"warehouse {address}: its driver is not installed; pip install 'marsad[{address.engine}]'"
        ) from None


def check_count(load: Load, dataset: Dataset, counted: int, expected: int) -> None:
    """Hold what is in the table against what was put in.

    Raises:
        NeverError: they differ: rows of another partition are in this one's file, and would stay behind at the
            next load.
    """
    if counted != expected:
        raise NeverError(f"{load.partition}: {expected} rows of {dataset.name} hold some of another day or source")
