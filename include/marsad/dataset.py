"""The contract every stage speaks: a dataset's schema and key, and batches of its rows.

A dataset is declared once, as a frozen dataclass whose fields carry a type and a
sentence each; its Arrow schema, its writer's checks and its page in the data
dictionary are all derived from that one place.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# pyarrow and the numpy it brings weigh 45 MB and a fifth of a second: who only reads a page never pays them,
# so the functions that make tables import it themselves.


@cache
def _arrow_scalars() -> dict[Any, pa.DataType]:
    import pyarrow as pa

    return {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        date: pa.date32(),
        datetime: pa.timestamp("us", tz="UTC"),
    }


def column(doc: str, *, since: int = 1, example: Any = None, **options: Any) -> Any:
    """A dataclass field that carries what the data dictionary says of it.

    Only the sentence goes into the Arrow schema and so into every published file. The rest stays here: a better
    example must not change a byte of what is published.

    Args:
        doc: one sentence.
        since: the version of the dataset that brought the column.
        example: a true value, where the published sample has none.
    """
    return field(metadata={"doc": doc, "since": since, "example": example}, **options)


def _arrow_type(hint: Any) -> tuple[pa.DataType, bool]:
    """The Arrow type of a type hint, and whether it may be null."""
    import pyarrow as pa

    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        (inner,) = [a for a in args if a is not type(None)]
        return _arrow_type(inner)[0], True
    if origin is typing.Literal:
        return pa.string(), False
    if origin is tuple:
        inner_type, nullable = _arrow_type(args[0])
        return pa.list_(pa.field("item", inner_type, nullable=nullable)), False
    if dataclasses.is_dataclass(hint):
        return pa.struct(list(schema_of(typing.cast(type, hint)))), False
    return _arrow_scalars()[hint], False


def row_of(record: Any) -> dict[str, Any]:
    """A record as a row: what ``dataclasses.asdict`` gives of records made of scalars, tuples and other records.

    That copies every value deeply, which took an eighth of extracting.
    """
    names = _names_of(typing.cast("Hashable", type(record)))
    return {name: _plain(getattr(record, name)) for name in names}


@cache
def _names_of(record: Hashable) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(typing.cast("type", record)))


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(map(_plain, value))
    return row_of(value) if hasattr(type(value), "__dataclass_fields__") else value


def schema_of(record: type) -> pa.Schema:
    """The Arrow schema of a record dataclass; each field's ``doc`` is its metadata."""
    import pyarrow as pa

    hints = typing.get_type_hints(record)
    fields = []
    for f in dataclasses.fields(record):
        kind, nullable = _arrow_type(hints[f.name])
        fields.append(pa.field(f.name, kind, nullable=nullable, metadata={"doc": f.metadata.get("doc", "")}))
    return pa.schema(fields)


@dataclass(frozen=True, eq=False)
class Dataset:
    """What one kind of row is: its record, its key, and the suite that audits it."""

    name: str
    record: type
    key: tuple[str, ...]
    suite: str | None
    """``module:function`` of its suite. A name and not an object: suites import Great
    Expectations, which costs seconds, and only the gate may pay them."""
    version: int = 1

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema of its rows."""
        return schema_of(self.record)

    def __str__(self) -> str:
        return self.name

    def conform(self, table: pa.Table) -> pa.Table:
        """Cast to the schema, refuse nulls where none may be, and sort by key.

        Sorting and the absence of any file metadata of ours make equal rows equal bytes.

        Raises:
            ValueError: a column is missing, has nulls it must not have, or cannot be cast.
        """
        table = self.conform_columns(table, self.schema.names)
        return table.sort_by([(k, "ascending") for k in self.key]).combine_chunks()

    def conform_columns(self, table: pa.Table, columns: Sequence[str]) -> pa.Table:
        """Cast some columns to the schema, in its order; the rows stay in theirs.

        Raises:
            ValueError: a column is missing, has nulls it must not have, or cannot be cast.
        """
        import pyarrow as pa

        fields = [f for f in self.schema if f.name in columns]
        missing = [n for n in columns if n not in table.column_names]
        if missing:
            raise ValueError(f"dataset {self.name}: column {', '.join(missing)} is missing")
        table = table.select([f.name for f in fields])
        for f in fields:
            if not f.nullable and table[f.name].null_count:
                raise ValueError(f"dataset {self.name}: column {f.name} must not be null")
        return table.cast(pa.schema(fields))

    def table(self, rows: Iterable[Any]) -> pa.Table:
        """An Arrow table of records (dataclass instances or mappings), conformed."""
        import pyarrow as pa

        plain = [r if isinstance(r, Mapping) else row_of(r) for r in rows]
        return self.conform(pa.Table.from_pylist(plain, schema=self.schema))

    def empty(self) -> pa.Table:
        """A table of this schema without rows."""
        return self.schema.empty_table()

    def row_key(self, row: Mapping[str, Any]) -> str:
        """The key of a row as one string, as quarantine names it."""
        return "|".join(str(row[k]) for k in self.key)


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was dropped, and why."""

    row_key: str
    stage: str
    reason: str
    evidence: str


@dataclass(frozen=True, eq=False)
class Batch:
    """What a stage hands on: accepted rows, and the rows it dropped with their reasons."""

    dataset: Dataset
    table: pa.Table
    rejects: Sequence[Reject] = ()

    @classmethod
    def of(cls, dataset: Dataset, rows: Iterable[Any], rejects: Iterable[Reject] = ()) -> Batch:
        """Build from records; sorted and checked against the schema."""
        return cls(dataset, dataset.table(rows), tuple(rejects))

    def __len__(self) -> int:
        return int(self.table.num_rows)


@dataclass(frozen=True)
class Quarantined:
    """One row that was dropped somewhere, as the lake keeps it."""

    dataset: str = column("The dataset the row would have been in.")
    row_key: str = column("The row's key columns, joined by |.")
    stage: str = column("The stage or gate that dropped it: scrape, clean, extract, validate, or gate.")
    reason: str = column("A short machine-readable reason, for example future_date.")
    evidence: str = column("What was seen: the value, the sentence, the expectation.")
    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")


QUARANTINE = Dataset("quarantine", Quarantined, ("dataset", "row_key", "stage", "reason"), suite=None)


def rows_of(table: pa.Table, record: type) -> list[Any]:
    """The rows of a table as records; lists become tuples and structs become records."""
    build = _builder(record)
    return [build(row) for row in table.to_pylist()]


def _builder(record: type) -> Any:
    hints = typing.get_type_hints(record)
    convert: dict[str, Any] = {}
    for name, hint in hints.items():
        if typing.get_origin(hint) is tuple:
            inner = typing.get_args(hint)[0]
            if dataclasses.is_dataclass(inner):
                convert[name] = lambda v, inner=inner: tuple(inner(**x) for x in v)
            else:
                convert[name] = tuple
    names = [f.name for f in dataclasses.fields(record)]

    def build(row: Mapping[str, Any]) -> Any:
        return record(**{n: (convert[n](row[n]) if n in convert and row[n] is not None else row[n]) for n in names})

    return build
