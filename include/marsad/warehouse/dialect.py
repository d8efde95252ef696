"""What differs between engines in SQL: names of types, quotes, comments. What is said is the same for all.

A table has the columns of its dataset. There is no NOT NULL: schemas grow by nullable columns, and older rows have
none; the lake's gates hold the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date, datetime

import pyarrow as pa

from marsad.dataset import Dataset
from marsad.partition import Partition
from marsad.warehouse.registry import LOADS, TABLES, is_curated, key_of
from marsad.warehouse.views import VIEWS, View


def quoted(text: str) -> str:
    """A text as SQL's literal, where an engine binds no parameters."""
    return "'" + text.replace("'", "''") + "'"


class Dialect:
    """Standard SQL with double quotes; engines say where they are different."""

    name = ""
    types: Mapping[pa.DataType, str] = {
        pa.string(): "text",
        pa.int64(): "bigint",
        pa.float64(): "double precision",
        pa.bool_(): "boolean",
        pa.date32(): "date",
        pa.timestamp("us", tz="UTC"): "timestamptz",
    }
    quote = '"'
    views: Sequence[View] = VIEWS

    def __init__(self, schema: str = "") -> None:
        self.schema = schema

    def ident(self, name: str) -> str:
        """A name, quoted: ``start`` and ``end`` are words of SQL."""
        return f"{self.quote}{name}{self.quote}"

    def table(self, name: str) -> str:
        """A table, with its schema where there is one."""
        return f"{self.ident(self.schema)}.{self.ident(name)}" if self.schema else self.ident(name)

    def literal(self, value: str | date | int | None) -> str:
        """A value as SQL; only for our own words, and where an engine binds no parameters."""
        if value is None:
            return "NULL"
        if isinstance(value, int):
            return str(value)
        if isinstance(value, datetime):
            return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
        if isinstance(value, date):
            return f"DATE '{value.isoformat()}'"
        return quoted(value)

    def type_of(self, kind: pa.DataType) -> str:
        """The engine's type for an Arrow type."""
        return self.types[kind]

    def columns(self, dataset: Dataset) -> str:
        """The column names of a dataset, quoted, with commas."""
        return ", ".join(self.ident(f.name) for f in dataset.schema)

    def create(self, dataset: Dataset) -> Iterator[str]:
        """Make a dataset's table and what belongs to it."""
        columns = ", ".join(f"{self.ident(f.name)} {self.type_of(f.type)}" for f in dataset.schema)
        yield f"CREATE TABLE IF NOT EXISTS {self.table(dataset.name)} ({columns}{self.constraint(dataset)})"

    def constraint(self, dataset: Dataset) -> str:
        """What follows the columns; columnar engines keep no keys."""
        return ""

    def add_column(self, dataset: Dataset, field: pa.Field) -> Iterator[str]:
        """Add a column that the dataset has gained."""
        column = f"{self.ident(field.name)} {self.type_of(field.type)}"
        yield f"ALTER TABLE {self.table(dataset.name)} ADD COLUMN {column}"

    def describe(self, dataset: Dataset) -> Iterator[str]:
        """Comments on a table and its columns, from the data dictionary."""
        yield f"COMMENT ON TABLE {self.table(dataset.name)} IS {self.literal(title_of(dataset))}"
        for f in dataset.schema:
            where = f"{self.table(dataset.name)}.{self.ident(f.name)}"
            yield f"COMMENT ON COLUMN {where} IS {self.literal(doc_of(f))}"

    def functions(self) -> Iterator[str]:
        """``marsad_fold`` and ``search_articles``, where the engine has them."""
        yield from ()

    def create_views(self) -> Iterator[str]:
        """The views, with their comments."""
        for view in self.views:
            # a view that has changed its columns cannot be replaced
            yield f"DROP VIEW IF EXISTS {self.table(view.name)}"
            yield f"CREATE VIEW {self.table(view.name)} AS {view.sql(self.table)}"
            yield f"COMMENT ON VIEW {self.table(view.name)} IS {self.literal(view.doc)}"

    def prepare(self, there: Mapping[str, Set[str]], *, is_stale: bool) -> list[str]:
        """The statements that make the schema what it should be.

        Args:
            there: tables and their columns, as the engine has them.
            is_stale: comments, functions and views are not of this version either.
        """
        made: list[str] = []
        for dataset in (*TABLES, LOADS):
            columns = there.get(dataset.name)
            if columns is None:
                made += self.create(dataset)
                continue
            for f in dataset.schema:
                if f.name not in columns:
                    made += self.add_column(dataset, f)
        if made or is_stale:
            for dataset in (*TABLES, LOADS):
                made += self.describe(dataset)
            made += [*self.functions(), *self.create_views()]
        return made

    def lacking(self, there: Mapping[str, Set[str]], *, is_stale: bool) -> list[str]:
        """What :meth:`prepare` would make of the same, in words."""
        said = []
        for dataset in (*TABLES, LOADS):
            columns = there.get(dataset.name)
            if columns is None:
                said.append(f"table {dataset.name}")
            else:
                said += [f"column {dataset.name}.{f.name}" for f in dataset.schema if f.name not in columns]
        return [*said, "views, functions and comments"] if is_stale or said else said

    def where(self, dataset: Dataset, partition: Partition) -> str:
        """The rows of a partition; names of sources are ``[a-z0-9_]+``, so literals are safe and readable."""
        day = f"{self.ident('date')} = {self.literal(partition.date)}"
        if is_curated(dataset):
            return day
        return f"{day} AND {self.ident('source')} = {self.literal(partition.source)}"

    def delete(self, dataset: Dataset, partition: Partition) -> str:
        """Remove a partition's rows."""
        return f"DELETE FROM {self.table(dataset.name)} WHERE {self.where(dataset, partition)}"  # noqa: S608

    def count(self, dataset: Dataset, partition: Partition) -> str:
        """How many rows of a partition are there."""
        return f"SELECT count(*) FROM {self.table(dataset.name)} WHERE {self.where(dataset, partition)}"  # noqa: S608

    def census(self, dataset: Dataset) -> str:
        """How many rows of each partition are there."""
        source = self.literal("all") if is_curated(dataset) else self.ident("source")
        day = self.ident("date")
        by = day if is_curated(dataset) else f"{day}, {source}"
        return f"SELECT {source}, {day}, count(*) FROM {self.table(dataset.name)} GROUP BY {by}"  # noqa: S608


def title_of(dataset: Dataset) -> str:
    """What a dataset's rows are, in a sentence."""
    return (dataset.record.__doc__ or "").strip().splitlines()[0]


def doc_of(field: pa.Field) -> str:
    """What a column is, in a sentence."""
    return str((field.metadata or {}).get(b"doc", b"").decode())


def primary_key(dialect: Dialect, dataset: Dataset) -> str:
    """The key of a table as a constraint."""
    names = key_of(dataset) if dataset is not LOADS else LOADS.key
    return f", PRIMARY KEY ({', '.join(dialect.ident(k) for k in names)})"
