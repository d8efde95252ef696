"""ClickHouse over HTTP, Arrow in. It has no transactions: each table's partition is replaced at once, table by table.

Tables are partitioned by day and source, as ours are. Rows go into a staging table, are counted there, and REPLACE
PARTITION puts them in place in one step. The load is recorded last: one that was cut off between two tables is not
recorded, so it is done again, and a reader may see new rows of one table beside old ones of another until then.

Not run against a server: see docs/guide/warehouses.md for what was.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.exceptions import ClickHouseError

from marsad.dataset import Dataset
from marsad.errors import NeverError, WarehouseBusy
from marsad.partition import Partition
from marsad.warehouse.address import Address
from marsad.warehouse.dialect import Dialect, doc_of, title_of
from marsad.warehouse.engine import Done, Load, LoadedRow, check_count
from marsad.warehouse.registry import LOADS, is_curated, key_of

_PASSING = ("connection", "timed out", "timeout", "too many simultaneous", "memory limit", "unavailable", "refused")
_MENDS = (
    ("authentication failed", "mend the user or the password of its address"),
    ("not enough privileges", "grant the user SELECT, INSERT, ALTER, CREATE TABLE and DROP TABLE on the database"),
    ("unknown_database", "create the database, or mend its address"),
)


class ClickHouseDialect(Dialect):
    """ClickHouse's SQL; no views or functions of ours: they are held to the engines that run here."""

    name = "ClickHouse"
    quote = "`"
    types: Mapping[pa.DataType, str] = {
        **Dialect.types,
        pa.string(): "String",
        pa.int64(): "Int64",
        pa.float64(): "Float64",
        pa.bool_(): "Bool",
        pa.date32(): "Date32",
        pa.timestamp("us", tz="UTC"): "DateTime64(6, 'UTC')",
    }
    views = ()

    def type_of(self, kind: pa.DataType) -> str:
        """Lists are arrays, structs tuples."""
        if pa.types.is_list(kind):
            return f"Array({self.column_type(kind.value_field)})"
        if pa.types.is_struct(kind):
            fields = [kind.field(i) for i in range(kind.num_fields)]
            return f"Tuple({', '.join(f'{self.ident(f.name)} {self.column_type(f)}' for f in fields)})"
        return self.types[kind]

    def column_type(self, field: pa.Field) -> str:
        """Null must be said there, and cannot be of what is nested."""
        kind = self.type_of(field.type)
        return f"Nullable({kind})" if field.nullable and not pa.types.is_nested(field.type) else kind

    def literal(self, value: str | date | int | None) -> str:
        """Backslashes are escapes there."""
        text = super().literal(value)
        return text.replace("\\", "\\\\") if isinstance(value, str) else text

    def create(self, dataset: Dataset) -> Iterator[str]:
        """A table by day and source, sorted by key; of ``_loads`` the newest row of a partition counts."""
        columns = ", ".join(
            f"{self.ident(f.name)} {self.column_type(f)} COMMENT {self.literal(doc_of(f))}" for f in dataset.schema
        )
        if dataset is LOADS:
            engine = "ENGINE = ReplacingMergeTree ORDER BY (source, date)"
        else:
            by = "date" if is_curated(dataset) else "(date, source)"
            order = ", ".join(self.ident(k) for k in key_of(dataset))
            engine = f"ENGINE = MergeTree PARTITION BY {by} ORDER BY ({order})"
        comment = self.literal(title_of(dataset))
        yield f"CREATE TABLE IF NOT EXISTS {self.table(dataset.name)} ({columns}) {engine} COMMENT {comment}"

    def add_column(self, dataset: Dataset, field: pa.Field) -> Iterator[str]:
        """Add a column that the dataset has gained."""
        column = f"{self.ident(field.name)} {self.column_type(field)}"
        yield f"ALTER TABLE {self.table(dataset.name)} ADD COLUMN IF NOT EXISTS {column}"

    def describe(self, dataset: Dataset) -> Iterator[str]:
        """The comments are in CREATE TABLE."""
        yield from ()

    def partition(self, dataset: Dataset, partition: Partition) -> str:
        """A partition's value."""
        day = f"toDate32('{partition.date.isoformat()}')"
        return day if is_curated(dataset) else f"({day}, '{partition.source}')"


class ClickHouse:
    """A ClickHouse database that is open."""

    def __init__(self, address: Address) -> None:
        self.notes: list[str] = []
        self.address = address
        self.dialect = ClickHouseDialect(address.schema)
        with self._speaking():
            self._client: Any = clickhouse_connect.get_client(dsn=address.uri, autogenerate_session_id=False)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a question."""
        for value in values:
            sql = sql.replace("?", self.dialect.literal(value), 1)
        with self._speaking():
            return [tuple(row) for row in self._client.query(sql).result_rows]

    def loaded(self, partition: Partition) -> str | None:
        """The digest of the manifest that is in."""
        found = [row for row in self.loads() if (row.source, row.date) == (partition.source, partition.date)]
        return found[0].digest if found else None

    def loads(self) -> list[LoadedRow]:
        """All partitions that are in."""
        if LOADS.name not in self._there():
            return []
        table = self.dialect.table(LOADS.name)
        rows = self.ask(f"SELECT source, date, manifest_sha256, row_count FROM {table} FINAL")  # noqa: S608
        return [LoadedRow(*row) for row in rows]

    def census(self, dataset: Dataset) -> dict[tuple[str, date], int]:
        """Rows by source and day."""
        if dataset.name not in self._there():
            return {}
        return {(source, day): n for source, day, n in self.ask(self.dialect.census(dataset))}

    def pending(self) -> list[str]:
        """What the schema lacks of today's."""
        return self.dialect.lacking(self._there(), is_stale=False)

    def evolve(self) -> None:
        """Make what is not there yet."""
        for sql in self.dialect.prepare(self._there(), is_stale=False):
            self._run(sql)

    def replace(self, load: Load, rows: Mapping[Dataset, pa.Table]) -> Done:
        """Replace a partition, table by table."""
        self.evolve()
        token = uuid.uuid4().hex[:12]
        staged = {dataset: f"_staged_{token}_{dataset.name}" for dataset in rows}
        try:
            # all are staged and counted before the first is put in place
            for dataset, table in rows.items():
                self._stage(load, dataset, table, staged[dataset])
            load.check_current()
            for dataset, table in rows.items():
                self._run(self.move(load.partition, dataset, staged[dataset], is_empty=not table.num_rows))
        finally:
            for name in staged.values():
                self._run(f"DROP TABLE IF EXISTS {self.dialect.table(name)}")
        self._record(load)
        return "loaded"

    def move(self, partition: Partition, dataset: Dataset, staged: str, *, is_empty: bool) -> str:
        """Put a staged partition in place of what is there."""
        d = self.dialect
        where = f"ALTER TABLE {d.table(dataset.name)}"
        value = d.partition(dataset, partition)
        return (
            f"{where} DROP PARTITION {value}"
            if is_empty
            else f"{where} REPLACE PARTITION {value} FROM {d.table(staged)}"
        )

    def _stage(self, load: Load, dataset: Dataset, table: pa.Table, name: str) -> None:
        d = self.dialect
        self._run(f"CREATE TABLE {d.table(name)} AS {d.table(dataset.name)}")
        if table.num_rows:
            with self._speaking():
                self._client.insert_arrow(name, table, database=d.schema)
        ((count,),) = self.ask(f"SELECT count(*) FROM {d.table(name)} WHERE {d.where(dataset, load.partition)}")  # noqa: S608
        check_count(load, dataset, count, table.num_rows)

    def _record(self, load: Load) -> None:
        d = self.dialect
        before = self.ask(
            f"SELECT first_loaded_at FROM {d.table(LOADS.name)} FINAL WHERE {d.where(LOADS, load.partition)}"  # noqa: S608
        )
        first: datetime = before[0][0] if before and before[0][0] else load.loaded_at
        row = {
            "source": load.partition.source,
            "date": load.partition.date,
            "manifest_sha256": load.digest,
            "row_count": load.row_count,
            "code_version": load.code_version,
            "loaded_at": load.loaded_at,
            "first_loaded_at": first if first.tzinfo else first.replace(tzinfo=UTC),
        }
        with self._speaking():
            self._client.insert_arrow(LOADS.name, LOADS.table([row]), database=d.schema)

    def _there(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for table, column in self.ask(
            "SELECT table, name FROM system.columns WHERE database = ?", [self.dialect.schema]
        ):
            found.setdefault(table, set()).add(column)
        return found

    def _run(self, sql: str) -> None:
        with self._speaking():
            self._client.command(sql)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except ClickHouseError as error:
            words = self.address.hide(str(error))
            where = f"warehouse {self.address}"
            for sign, mend in _MENDS:
                if sign in words.lower():
                    raise NeverError(f"{where}: {words}; {mend}") from None
            if any(sign in words.lower() for sign in _PASSING):
                raise WarehouseBusy(f"{where}: {words}") from None
            raise NeverError(f"{where}: {words}") from None
