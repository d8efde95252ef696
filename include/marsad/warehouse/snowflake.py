"""Snowflake through ADBC: staged, then one transaction.

Making a table ends a transaction there, and the driver's bulk ingestion makes a stage: so tables are made and rows
staged first, in temporary tables of the session, and one transaction of DML moves them. Lists and structs are ARRAY,
by way of JSON texts. Names are upper case, so that nobody has to quote them.

Not run against a Snowflake: see docs/guide/warehouses.md for what was.
"""

from __future__ import annotations

from collections.abc import Mapping

import adbc_driver_manager.dbapi as dbapi
import adbc_driver_snowflake.dbapi
import pyarrow as pa

from marsad.dataset import Dataset
from marsad.warehouse.adbc import Adbc, json_texts, merge_sql, record_values
from marsad.warehouse.address import Address
from marsad.warehouse.dialect import Dialect
from marsad.warehouse.engine import Load


class SnowflakeDialect(Dialect):
    """Snowflake's SQL; no views or functions of ours: they are held to the engines that run here."""

    name = "Snowflake"
    types: Mapping[pa.DataType, str] = {
        **Dialect.types,
        pa.string(): "VARCHAR",
        pa.int64(): "BIGINT",
        pa.float64(): "DOUBLE",
        pa.timestamp("us", tz="UTC"): "TIMESTAMP_LTZ(6)",
    }
    views = ()

    def ident(self, name: str) -> str:
        """Upper case, quoted: START and END are words of SQL."""
        return f'"{name.upper()}"'

    def type_of(self, kind: pa.DataType) -> str:
        """Everything nested is ARRAY."""
        return "ARRAY" if pa.types.is_nested(kind) else self.types[kind]


class Snowflake(Adbc):
    """A Snowflake schema that is open."""

    is_staged = True
    passing_states = ("08", "40", "57")
    mends = (
        ("390100", "mend the user or the password of its address"),
        ("incorrect username or password", "mend the user or the password of its address"),
        ("insufficient privileges", "grant the role CREATE TABLE on the schema, and the use of the warehouse"),
        ("no active warehouse", "name one in its address: ?warehouse=NAME"),
        ("account is empty", "mend its address"),
    )

    def __init__(self, address: Address) -> None:
        self.dialect = SnowflakeDialect(address.schema)
        super().__init__(address)

    def connect(self) -> dbapi.Connection:
        """Open the connection; each statement is its own transaction until one is begun."""
        return adbc_driver_snowflake.dbapi.connect(self.address.uri, autocommit=True)

    def greet(self) -> None:
        """Instants are shown as what they are."""
        self.run("ALTER SESSION SET TIMEZONE = 'UTC'")

    def columns_sql(self) -> str:
        """The information schema has names in upper case."""
        schema = self.dialect.literal(self.dialect.schema.upper())
        return f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = {schema}"  # noqa: S608

    def prepare(self) -> None:
        """Make what is not there yet; comments are set when a table or a column is."""
        for sql in self.dialect.prepare(self.there(), is_stale=False):
            self.run(sql)

    def begin(self) -> None:
        """By a statement: the driver's own switch would begin one for the staging too."""
        self.run("BEGIN TRANSACTION")

    def commit(self) -> None:
        """By a statement."""
        self.run("COMMIT")

    def rollback(self) -> None:
        """By a statement."""
        self.run("ROLLBACK")

    def settle(self) -> None:
        """Nothing is open."""

    def staged_type(self, kind: pa.DataType) -> str:
        """JSON texts, until they are moved."""
        return "VARCHAR" if pa.types.is_nested(kind) else self.dialect.type_of(kind)

    def unstaged(self, field: pa.Field) -> str:
        """JSON texts become arrays."""
        name = self.dialect.ident(field.name)
        return f"PARSE_JSON({name})::ARRAY" if pa.types.is_nested(field.type) else name

    def ingest(self, table: str, rows: pa.Table, *, is_temporary: bool = False) -> None:
        """The staging table is there: to ask for a temporary one would make another."""
        del is_temporary
        with self.speaking(), self.connection.cursor() as cursor:
            cursor.adbc_ingest(table.upper(), rows, mode="append")

    def carried(self, dataset: Dataset, table: pa.Table) -> pa.Table:
        """Lists and structs as JSON texts, names in upper case."""
        columns = [
            json_texts(table.column(n)) if pa.types.is_nested(f.type) else table.column(n)
            for n, f in enumerate(dataset.schema)
        ]
        return pa.table(columns, names=[f.name.upper() for f in dataset.schema])

    def record_sql(self, load: Load) -> str:
        """A MERGE: it locks ``_LOADS``, so that two loads follow each other."""
        return merge_sql(self.dialect, load, record_values(self.dialect, load))
