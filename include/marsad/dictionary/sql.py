"""A dataset as a table in SQL, as DuckDB reads it."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from marsad.dataset import Dataset
from marsad.dictionary import columns, summary


@cache
def _scalars() -> dict[pa.DataType, str]:
    return {
        pa.string(): "VARCHAR",
        pa.int64(): "BIGINT",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
    }


def create_table(dataset: Dataset) -> str:
    """The statements that make an empty table of a dataset, key and comments with it."""
    name = _quoted(dataset.name)
    lines = [
        f"    {_quoted(f.name)} {_type(f.type)}{'' if f.nullable else ' NOT NULL'}" for f in dataset.schema
    ]  # fmt: skip
    key = ", ".join(_quoted(k) for k in dataset.key)
    about = f"{summary(dataset)} Key: {', '.join(dataset.key)}. Schema version {dataset.version}."
    statements = [f"CREATE TABLE {name} (\n" + ",\n".join(lines) + f"\n);  -- key: {key}"]
    statements.append(f"COMMENT ON TABLE {name} IS {_literal(about)};")
    statements += [f"COMMENT ON COLUMN {name}.{_quoted(c.name)} IS {_literal(c.doc)};" for c in columns(dataset)]
    return "\n".join(statements) + "\n"


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        fields = (kind.field(i) for i in range(kind.num_fields))
        return f"STRUCT({', '.join(f'{_quoted(f.name)} {_type(f.type)}' for f in fields)})"
    return _scalars()[kind]


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _literal(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
