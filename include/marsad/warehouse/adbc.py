"""What all engines behind ADBC share: Arrow in, one transaction, the driver's errors as ours.

Rows go straight into the tables where a transaction holds bulk ingestion too (PostgreSQL). Where making a table ends
a transaction (Snowflake), they go into staging tables first, and one short transaction moves them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

import adbc_driver_manager.dbapi as dbapi
import pyarrow as pa
import pyarrow.compute as pc

from marsad.dataset import Dataset
from marsad.errors import MarsadError, NeverError, WarehouseBusy
from marsad.partition import Partition
from marsad.warehouse.address import Address
from marsad.warehouse.dialect import Dialect
from marsad.warehouse.engine import Done, Load, LoadedRow, check_count
from marsad.warehouse.registry import LOADS

_PASSING = (
    "connection refused", "could not receive data", "server closed the connection", "no connection to the server",
    "terminating connection", "starting up", "shutting down", "in recovery mode", "too many clients", "timed out",
    "timeout", "connection reset", "broken pipe", "temporary failure", "not enough memory", "no such host",
    "could not translate host name", "connection is closed", "connection has been closed", "network is unreachable",
    "concurrent update", "rate limit", "backenderror", "unavailable", "no such file or directory",
)  # fmt: skip
"""What drivers say, in lower case, of what passes by itself."""

NUL_SHOWN = "\ufffd"
"""Stands for NUL where an engine takes none: one character for one, so that offsets hold."""


class Adbc:
    """A database behind ADBC that is open."""

    dialect: Dialect
    is_staged = False
    takes_nul = True
    passing_states: tuple[str, ...] = ()
    """SQLSTATEs, or their beginnings, of what passes by itself."""
    mends: tuple[tuple[str, str], ...] = ()
    """A pattern of the driver's words or the beginning of a SQLSTATE, and what a person can do."""

    def __init__(self, address: Address) -> None:
        self.notes: list[str] = []
        self.address = address
        with self.speaking():
            self.connection = self.connect()
            self.greet()

    def connect(self) -> dbapi.Connection:
        """Open the connection."""
        raise NotImplementedError

    def greet(self) -> None:
        """Set what the session needs."""

    def close(self) -> None:
        """Close the connection; one that has broken is closed already."""
        with suppress(dbapi.Error):
            self.connection.close()

    # statements

    def run(self, sql: str) -> None:
        """One statement that gives no rows."""
        with self.speaking(), self.connection.cursor() as cursor:
            cursor.execute(sql)

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a question."""
        with self.speaking(), self.connection.cursor() as cursor:
            cursor.execute(self.placed(sql), tuple(values) or None)
            return [tuple(row) for row in cursor.fetchall()]

    def placed(self, sql: str) -> str:
        """A statement with the driver's own signs for values."""
        return sql

    # what is there

    def there(self) -> dict[str, set[str]]:
        """Tables of the schema and their columns, in lower case."""
        found: dict[str, set[str]] = {}
        for table, column in self.ask(self.columns_sql()):
            found.setdefault(table.lower(), set()).add(column.lower())
        return found

    def columns_sql(self) -> str:
        """The question for tables and columns."""
        schema = self.dialect.literal(self.dialect.schema)
        return f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = {schema}"  # noqa: S608

    def loaded(self, partition: Partition) -> str | None:
        """The digest of the manifest that is in."""
        found = self.ask(self._digest_sql(partition)) if LOADS.name in self.there() else []
        self.settle()
        return str(found[0][0]) if found else None

    def _digest_sql(self, partition: Partition) -> str:
        d = self.dialect
        return f"SELECT {d.ident('manifest_sha256')} FROM {d.table(LOADS.name)} WHERE {d.where(LOADS, partition)}"  # noqa: S608

    def loads(self) -> list[LoadedRow]:
        """All partitions that are in."""
        if LOADS.name not in self.there():
            return []
        names = ", ".join(self.dialect.ident(n) for n in ("source", "date", "manifest_sha256", "row_count"))
        return [LoadedRow(*row) for row in self.ask(f"SELECT {names} FROM {self.dialect.table(LOADS.name)}")]  # noqa: S608

    def census(self, dataset: Dataset) -> dict[tuple[str, date], int]:
        """Rows by source and day."""
        if dataset.name not in self.there():
            return {}
        return {(source, day): n for source, day, n in self.ask(self.dialect.census(dataset))}

    # the schema

    def pending(self) -> list[str]:
        """What the schema lacks of today's."""
        there = self.there()
        lacking = self.dialect.lacking(there, is_stale=self.is_stale(there))
        self.settle()
        return lacking

    def is_stale(self, there: Mapping[str, Set[str]]) -> bool:
        """Whether comments, functions and views are of another version, where the engine keeps which they are."""
        return False

    def evolve(self) -> None:
        """Make the schema today's."""
        try:
            self.prepare()
            self.settle()
        except BaseException:
            with suppress(dbapi.Error, MarsadError):
                self.rollback()
            raise

    # loading

    def replace(self, load: Load, rows: Mapping[Dataset, pa.Table]) -> Done:
        """Replace a partition, in one transaction."""
        if self.is_staged:
            self.prepare()
            for dataset, table in rows.items():
                self.stage(dataset, table)
        self.begin()
        try:
            self.lock(load.partition)
            load.check_current()
            if not self.is_staged:
                self.prepare()
            if not load.is_forced and self.ask(self._digest_sql(load.partition)) == [(load.digest,)]:
                self.rollback()  # another process has just loaded the same
                return "unchanged"
            # the record comes first: it is what two loads of one partition meet at, where there is no lock
            self.run(self.record_sql(load))
            for dataset, table in rows.items():
                self.run(self.dialect.delete(dataset, load.partition))
                if table.num_rows:
                    self.fill(dataset, table)
                ((counted,),) = self.ask(self.dialect.count(dataset, load.partition))
                check_count(load, dataset, counted, table.num_rows)
            self.commit()
        except BaseException:
            # what broke the transaction is the error to tell, not that it is gone already
            with suppress(dbapi.Error, MarsadError):
                self.rollback()
            raise
        return "loaded"

    def begin(self) -> None:
        """Start a transaction; with autocommit off, the first statement does."""

    def commit(self) -> None:
        """Make it so."""
        with self.speaking():
            self.connection.commit()

    def rollback(self) -> None:
        """Undo it."""
        with self.speaking():
            self.connection.rollback()

    def settle(self) -> None:
        """End a transaction that only read: it must not stand open while files are read."""
        self.commit()

    def lock(self, partition: Partition) -> None:
        """Have a partition to ourselves until the transaction ends, where the engine has such locks."""

    def prepare(self) -> None:
        """Make what is not there yet, or is of another version."""
        raise NotImplementedError

    def fill(self, dataset: Dataset, table: pa.Table) -> None:
        """Put rows into their table: from the staging table, or as they are."""
        if not self.is_staged:
            self.ingest(dataset.name, self.carried(dataset, table))
            return
        d = self.dialect
        values = ", ".join(self.unstaged(f) for f in dataset.schema)
        into, staged = d.table(dataset.name), self.staging(dataset)
        self.run(f"INSERT INTO {into} ({d.columns(dataset)}) SELECT {values} FROM {staged}")  # noqa: S608

    def stage(self, dataset: Dataset, table: pa.Table) -> None:
        """Put rows into a staging table that the session keeps for itself."""
        d = self.dialect
        columns = ", ".join(f"{d.ident(f.name)} {self.staged_type(f.type)}" for f in dataset.schema)
        self.run(f"DROP TABLE IF EXISTS {self.staging(dataset)}")
        self.run(f"CREATE TEMPORARY TABLE {self.staging(dataset)} ({columns})")
        if table.num_rows:
            self.ingest(f"_staged_{dataset.name}", self.carried(dataset, table), is_temporary=True)

    def staging(self, dataset: Dataset) -> str:
        """The name of a staging table."""
        return self.dialect.ident(f"_staged_{dataset.name}")

    def staged_type(self, kind: pa.DataType) -> str:
        """The type of a column in a staging table."""
        return self.dialect.type_of(kind)

    def unstaged(self, field: pa.Field) -> str:
        """A column of a staging table as its table wants it."""
        return self.dialect.ident(field.name)

    def ingest(self, table: str, rows: pa.Table, *, is_temporary: bool = False) -> None:
        """Rows in bulk, as Arrow."""
        schema = None if is_temporary else self.dialect.schema or None
        with self.speaking(), self.connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="append", db_schema_name=schema, temporary=is_temporary)

    def carried(self, dataset: Dataset, table: pa.Table) -> pa.Table:
        """The rows as the engine takes them; what had to be changed is noted."""
        if not self.takes_nul:
            table, count = without_nul(table)
            if count:
                self.notes.append(
                    f"{count} texts of {dataset.name} hold NUL, which {self.dialect.name} does not take: "
                    f"{NUL_SHOWN} stands for it"
                )
        return table

    def record_sql(self, load: Load) -> str:
        """Record the load; the first one's time stays."""
        d = self.dialect
        return (
            f"INSERT INTO {d.table(LOADS.name)} ({d.columns(LOADS)}) VALUES ({record_values(d, load)}) "  # noqa: S608
            "ON CONFLICT (source, date) DO UPDATE SET manifest_sha256 = excluded.manifest_sha256, "
            "row_count = excluded.row_count, code_version = excluded.code_version, loaded_at = excluded.loaded_at"
        )

    # errors

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Turn a driver's errors into ours, on one line, without secrets."""
        try:
            yield
        except dbapi.Error as error:
            raise self.told(error) from None

    def told(self, error: dbapi.Error) -> MarsadError:
        """A driver's error as one of ours."""
        words = self.address.hide(str(error))
        state = error.sqlstate or ""
        where = f"warehouse {self.address}"
        for sign, mend in self.mends:
            if (state and state.startswith(sign)) or re.search(sign, words, re.IGNORECASE):
                return NeverError(f"{where}: {words}; {mend}")
        if (state and state.startswith(self.passing_states)) or any(sign in words.lower() for sign in _PASSING):
            return WarehouseBusy(f"{where}: {words}")
        return NeverError(f"{where}: {words}")


def record_values(dialect: Dialect, load: Load) -> str:
    """The values of a row of ``_loads``, in the order of its columns."""
    at = load.loaded_at
    values = (load.partition.source, load.partition.date, load.digest, load.row_count, load.code_version, at, at)
    return ", ".join(dialect.literal(v) for v in values)


def merge_sql(dialect: Dialect, load: Load, values: str) -> str:
    """Record a load where there is no ON CONFLICT; the first one's time stays."""
    d = dialect
    kept = ("manifest_sha256", "row_count", "code_version", "loaded_at")
    at = dialect.literal
    new = dict(zip(kept, (at(load.digest), at(load.row_count), at(load.code_version), at(load.loaded_at)), strict=True))
    updates = ", ".join(f"{d.ident(name)} = {value}" for name, value in new.items())
    mine = " AND ".join(
        f"t.{d.ident(n)} = {at(v)}" for n, v in (("source", load.partition.source), ("date", load.partition.date))
    )
    return (
        f"MERGE INTO {d.table(LOADS.name)} t USING (SELECT 1 AS one) s ON {mine} "  # noqa: S608
        f"WHEN MATCHED THEN UPDATE SET {updates} "
        f"WHEN NOT MATCHED THEN INSERT ({d.columns(LOADS)}) VALUES ({values})"
    )


def without_nul(table: pa.Table) -> tuple[pa.Table, int]:
    """The table with a sign for each NUL in its texts, and how many texts had one."""
    total = 0
    for n, f in enumerate(table.schema):
        texts = table.column(n)
        if pa.types.is_string(f.type):
            hits = pc.sum(pc.match_substring(texts, "\0")).as_py() or 0
            if hits:
                total += hits
                table = table.set_column(n, f, pc.replace_substring(texts, "\0", NUL_SHOWN))
        elif pa.types.is_list(f.type):
            plain = texts.to_pylist()
            found = sum("\0" in text for text in _texts_in(plain))
            if found:
                total += found
                table = table.set_column(n, f, pa.chunked_array([pa.array(_clean(plain), f.type)]))
    return table, total


def _texts_in(value: Any) -> Iterator[str]:
    """All texts in lists and structs."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner)


def _clean(value: Any) -> Any:
    """A value of lists and structs with a sign for each NUL."""
    if isinstance(value, str):
        return value.replace("\0", NUL_SHOWN)
    if isinstance(value, list):
        return [_clean(v) for v in value]
    if isinstance(value, dict):
        return {k: _clean(v) for k, v in value.items()}
    return value


def json_texts(column: pa.ChunkedArray) -> pa.Array:
    """Lists and structs as JSON texts; null stays null."""
    return pa.array(
        [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in column.to_pylist()], pa.string()
    )
