"""DuckDB: a file on this machine, with one writer at a time. The default."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from marsad.dataset import Dataset
from marsad.errors import NeverError, WarehouseBusy
from marsad.partition import Partition
from marsad.warehouse.address import Address
from marsad.warehouse.dialect import Dialect, primary_key
from marsad.warehouse.engine import Done, Load, LoadedRow, check_count
from marsad.warehouse.fold import duckdb_macro
from marsad.warehouse.registry import LOADS

_TEXT = "concat(' ', s.title, ' ', s.lead, ' ', s.body, ' ')"
_TIMES = "least((length(s.body) - length(replace(s.body, w, ''))) / length(w), 5)"
_SEARCH = (
    "CREATE OR REPLACE MACRO search_articles(query) AS TABLE WITH asked AS MATERIALIZED "  # noqa: S608
    "(SELECT list_filter(string_split(marsad_fold(query), ' '), lambda w: w <> '') AS words) "
    "SELECT s.article_id, s.source, s.date, CAST(list_sum(list_transform(words, lambda w: "
    "CASE WHEN contains(concat(' ', s.title, ' '), concat(' ', w, ' ')) THEN 8 ELSE 0 END + "
    "CASE WHEN contains(concat(' ', s.lead, ' '), concat(' ', w, ' ')) THEN 4 ELSE 0 END + "
    f"{_TIMES})) AS DOUBLE) AS rank FROM article_search s, asked "
    # the first word thins the rows out with a plain scan; the list is only walked for those that are left
    f"WHERE len(words) > 0 AND contains({_TEXT}, concat(' ', words[1], ' ')) "
    f"AND list_bool_and(list_transform(words, lambda w: contains({_TEXT}, concat(' ', w, ' '))))"
)


class DuckDialect(Dialect):
    """DuckDB's SQL: lists and structs are its own."""

    name = "duckdb"
    types: Mapping[pa.DataType, str] = {
        **Dialect.types,
        pa.string(): "VARCHAR",
        pa.float64(): "DOUBLE",
        pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
    }

    def type_of(self, kind: pa.DataType) -> str:
        """Lists are ``T[]``, structs ``STRUCT(…)``."""
        if pa.types.is_list(kind):
            return f"{self.type_of(kind.value_type)}[]"
        if pa.types.is_struct(kind):
            fields = [kind.field(i) for i in range(kind.num_fields)]
            return f"STRUCT({', '.join(f'{self.ident(f.name)} {self.type_of(f.type)}' for f in fields)})"
        return self.types[kind]

    def constraint(self, dataset: Dataset) -> str:
        """Only ``_loads`` has a key: DuckDB would keep an index of each in memory, and scans without."""
        return primary_key(self, dataset) if dataset is LOADS else ""

    def functions(self) -> Iterator[str]:
        """Macros."""
        yield duckdb_macro()
        yield _SEARCH


class DuckDB:
    """A DuckDB file that is open."""

    def __init__(self, address: Address, *, is_reading: bool = False) -> None:
        self.notes: list[str] = []
        self._where = f"warehouse {address.path}"
        self.dialect = DuckDialect()
        try:
            if is_reading and not address.path.exists():
                raise NeverError(f"{self._where} is not there; load something first: marsad load --date DATE")
            address.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = duckdb.connect(str(address.path), read_only=is_reading)
            self._connection.execute("SET TimeZone = 'UTC'")
        except OSError as error:
            raise NeverError(f"{self._where}: {error.strerror}") from None
        except duckdb.IOException as error:
            first = _first_line(error)
            if "lock" in first.lower():
                raise WarehouseBusy(f"{self._where} is open in another process; it has one writer at a time") from None
            raise NeverError(f"{self._where}: {first}") from None
        except duckdb.Error as error:
            raise NeverError(f"{self._where}: {_first_line(error)}") from None

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a question."""
        with self._speaking():
            found: list[tuple[Any, ...]] = self._connection.execute(sql, list(values)).fetchall()
            return found

    def loaded(self, partition: Partition) -> str | None:
        """The digest of the manifest that is in."""
        if "_loads" not in self._there():
            return None
        rows = self.ask(
            "SELECT manifest_sha256 FROM _loads WHERE source = ? AND date = ?", [partition.source, partition.date]
        )
        return str(rows[0][0]) if rows else None

    def loads(self) -> list[LoadedRow]:
        """All partitions that are in."""
        if "_loads" not in self._there():
            return []
        return [LoadedRow(*row) for row in self.ask("SELECT source, date, manifest_sha256, row_count FROM _loads")]

    def census(self, dataset: Dataset) -> dict[tuple[str, date], int]:
        """Rows by source and day."""
        if dataset.name not in self._there():
            return {}
        return {(source, day): n for source, day, n in self.ask(self.dialect.census(dataset))}

    def replace(self, load: Load, rows: Mapping[Dataset, pa.Table]) -> Done:
        """Replace a partition, in one transaction."""
        with self._speaking():
            self._connection.begin()
            try:
                load.check_current()
                self._prepare()
                for dataset, table in rows.items():
                    self._replace(load, dataset, table)
                self._record(load)
                self._connection.commit()
            except BaseException:
                # what broke the transaction is the error to tell, not that it is gone already
                with suppress(duckdb.Error):
                    self._connection.rollback()
                raise
        return "loaded"

    def pending(self) -> list[str]:
        """What the schema lacks of today's."""
        there = self._there()
        return self.dialect.lacking(there, is_stale=self._is_stale(there))

    def evolve(self) -> None:
        """Make the schema today's, in one transaction."""
        with self._speaking():
            self._connection.begin()
            try:
                self._prepare()
                self._connection.commit()
            except BaseException:
                with suppress(duckdb.Error):
                    self._connection.rollback()
                raise

    def _wanted(self) -> str:
        """The digest of today's schema."""
        return hashlib.sha256("\n".join(self.dialect.prepare({}, is_stale=True)).encode()).hexdigest()

    def _is_stale(self, there: Mapping[str, Set[str]]) -> bool:
        """Whether comments, functions and views are of another version."""
        return "_schema" not in there or self.ask("SELECT digest FROM _schema") != [(self._wanted(),)]

    def _there(self) -> dict[str, set[str]]:
        """Tables and their columns."""
        found: dict[str, set[str]] = {}
        sql = (
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = current_schema() AND NOT internal"
        )
        for table, column in self.ask(sql):
            found.setdefault(table, set()).add(column)
        return found

    def _prepare(self) -> None:
        """Make what is not there yet, or is of another version."""
        there = self._there()
        is_stale = self._is_stale(there)
        for sql in self.dialect.prepare(there, is_stale=is_stale):
            self._connection.execute(sql)
        if is_stale:
            self._connection.execute("CREATE OR REPLACE TABLE _schema AS SELECT ? AS digest", [self._wanted()])

    def _replace(self, load: Load, dataset: Dataset, table: pa.Table) -> None:
        """Delete the partition's rows, insert the new ones, and count them."""
        self._connection.execute(self.dialect.delete(dataset, load.partition))
        if table.num_rows:
            self._connection.register("_incoming", table)
            columns = self.dialect.columns(dataset)
            into = self.dialect.table(dataset.name)
            self._connection.execute(f"INSERT INTO {into} ({columns}) SELECT {columns} FROM _incoming")  # noqa: S608
            self._connection.unregister("_incoming")
        ((counted,),) = self.ask(self.dialect.count(dataset, load.partition))
        check_count(load, dataset, counted, table.num_rows)

    def _record(self, load: Load) -> None:
        self._connection.execute(
            "INSERT INTO _loads (source, date, manifest_sha256, row_count, code_version, loaded_at, first_loaded_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, date) DO UPDATE SET "
            "manifest_sha256 = excluded.manifest_sha256, row_count = excluded.row_count, "
            "code_version = excluded.code_version, loaded_at = excluded.loaded_at",
            [
                load.partition.source,
                load.partition.date,
                load.digest,
                load.row_count,
                load.code_version,
                load.loaded_at,
                load.loaded_at,
            ],
        )

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except duckdb.TransactionException as error:
            raise WarehouseBusy(f"{self._where}: another load changed it meanwhile: {_first_line(error)}") from None
        except duckdb.Error as error:
            raise NeverError(f"{self._where}: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
