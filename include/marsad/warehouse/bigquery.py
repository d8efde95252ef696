"""BigQuery through ADBC: staged, then one script that is one transaction.

The driver (1.11) has no bulk ingestion, so rows travel as JSON arrays, a few megabytes to a bound parameter, into
staging tables that expire by themselves. Then one multi-statement query begins a transaction, replaces the partition's
rows in every table, counts them, records the load and commits; BigQuery undoes all of it where a statement fails.
Two loads that change one table at once: the later is refused by BigQuery, and tried again.

Not run against a BigQuery: see docs/guide/warehouses.md for what was.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import date

import adbc_driver_bigquery.dbapi
import adbc_driver_manager.dbapi as dbapi
import pyarrow as pa
from adbc_driver_bigquery import DatabaseOptions

from marsad.dataset import Dataset
from marsad.partition import Partition
from marsad.warehouse.adbc import Adbc, merge_sql, record_values
from marsad.warehouse.address import Address
from marsad.warehouse.dialect import Dialect, doc_of, title_of
from marsad.warehouse.engine import Done, Load

CHUNK_BYTES = 4_000_000
"""Of JSON in one statement: BigQuery takes requests of 10 MB."""


class BigQueryDialect(Dialect):
    """BigQuery's SQL; no views or functions of ours: they are held to the engines that run here."""

    name = "BigQuery"
    quote = "`"
    types: Mapping[pa.DataType, str] = {
        **Dialect.types,
        pa.string(): "STRING",
        pa.int64(): "INT64",
        pa.float64(): "FLOAT64",
        pa.bool_(): "BOOL",
        pa.date32(): "DATE",
        pa.timestamp("us", tz="UTC"): "TIMESTAMP",
    }
    views = ()

    def literal(self, value: str | date | int | None) -> str:
        """Backslashes are escapes there."""
        text = super().literal(value)
        return text.replace("\\", "\\\\").replace("''", "\\'") if isinstance(value, str) else text

    def type_of(self, kind: pa.DataType) -> str:
        """Lists are repeated, structs are structs."""
        if pa.types.is_list(kind):
            return f"ARRAY<{self.type_of(kind.value_type)}>"
        if pa.types.is_struct(kind):
            fields = [kind.field(i) for i in range(kind.num_fields)]
            return f"STRUCT<{', '.join(f'{self.ident(f.name)} {self.type_of(f.type)}' for f in fields)}>"
        return self.types[kind]

    def create(self, dataset: Dataset) -> Iterator[str]:
        """By day, and within a day by source: what a question does not ask for is not read."""
        d = self
        columns = ", ".join(
            f"{d.ident(f.name)} {d.type_of(f.type)} OPTIONS (description={d.literal(doc_of(f))})"
            for f in dataset.schema
        )
        by = [n for n in ("source", "article_id") if n in dataset.schema.names]
        yield (
            f"CREATE TABLE IF NOT EXISTS {d.table(dataset.name)} ({columns}) PARTITION BY {d.ident('date')} "
            f"CLUSTER BY {', '.join(map(d.ident, by))} OPTIONS (description={d.literal(title_of(dataset))})"
        )

    def describe(self, dataset: Dataset) -> Iterator[str]:
        """The descriptions are in CREATE TABLE."""
        yield from ()

    def from_json(self, field: pa.Field) -> str:
        """A column out of ``r``, a row as JSON text."""
        path = self.literal(f"$.{field.name}")
        kind = field.type
        if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type):
            inner = [kind.value_type.field(i).name for i in range(kind.value_type.num_fields)]
            fields = ", ".join(f"JSON_VALUE(i, {self.literal(f'$.{n}')}) AS {self.ident(n)}" for n in inner)
            return (
                f"ARRAY(SELECT AS STRUCT {fields} FROM UNNEST(JSON_QUERY_ARRAY(r, {path})) AS i "  # noqa: S608
                "WITH OFFSET AS n ORDER BY n)"
            )
        if pa.types.is_list(kind):
            return f"JSON_VALUE_ARRAY(r, {path})"
        value = f"JSON_VALUE(r, {path})"
        return value if pa.types.is_string(kind) else f"CAST({value} AS {self.type_of(kind)})"


class BigQuery(Adbc):
    """A BigQuery dataset that is open."""

    dialect: BigQueryDialect
    is_staged = True
    mends = (
        ("could not find default credentials", "log in (gcloud auth application-default login), or name a key file: "
         "?credentials=PATH"),
        ("unidentified file type", "mend the key that its address names"),
        ("access denied", "grant the account BigQuery Data Editor on the dataset and Job User on the project"),
        ("accessdenied", "grant the account BigQuery Data Editor on the dataset and Job User on the project"),
        ("not found: dataset", "make the dataset, or mend its address"),
        ("not found: project", "mend its address"),
    )  # fmt: skip

    def __init__(self, address: Address) -> None:
        self.dialect = BigQueryDialect(address.schema)
        self._token = uuid.uuid4().hex[:12]
        super().__init__(address)

    def connect(self) -> dbapi.Connection:
        """Open the connection; each statement is its own transaction."""
        return adbc_driver_bigquery.dbapi.connect(driver_options(self.address), autocommit=True)

    def columns_sql(self) -> str:
        """The information schema is the dataset's own."""
        return (
            f"SELECT table_name, column_name FROM {self.dialect.ident(self.dialect.schema)}.INFORMATION_SCHEMA.COLUMNS"  # noqa: S608
        )

    def settle(self) -> None:
        """Nothing is open."""

    def prepare(self) -> None:
        """Make what is not there yet."""
        for sql in self.dialect.prepare(self.there(), is_stale=False):
            self.run(sql)

    def staging(self, dataset: Dataset) -> str:
        """A name of this load's own: there is no session to keep it."""
        return self.dialect.table(f"_staged_{self._token}_{dataset.name}")

    def stage(self, dataset: Dataset, table: pa.Table) -> None:
        """Rows as JSON, some megabytes at a time; what a killed load leaves is gone the next day."""
        d = self.dialect
        self.run(
            f"CREATE TABLE {self.staging(dataset)} LIKE {d.table(dataset.name)} "
            "OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 1 DAY))"
        )
        values = ", ".join(d.from_json(f) for f in dataset.schema)
        sql = (
            f"INSERT INTO {self.staging(dataset)} ({d.columns(dataset)}) SELECT {values} "  # noqa: S608
            "FROM UNNEST(JSON_QUERY_ARRAY(?)) AS r"
        )
        for chunk in json_chunks(table):
            with self.speaking(), self.connection.cursor() as cursor:
                cursor.execute(sql, (chunk,))

    def replace(self, load: Load, rows: Mapping[Dataset, pa.Table]) -> Done:
        """Stage all, then one script."""
        try:
            self.prepare()
            for dataset, table in rows.items():
                self.stage(dataset, table)
            load.check_current()
            self.run(self.script(load, {dataset: table.num_rows for dataset, table in rows.items()}))
        finally:
            for dataset in rows:
                self.run(f"DROP TABLE IF EXISTS {self.staging(dataset)}")
        return "loaded"

    def script(self, load: Load, counts: Mapping[Dataset, int]) -> str:
        """The transaction, as one query of several statements."""
        d = self.dialect
        lines = ["BEGIN TRANSACTION", merge_sql(d, load, record_values(d, load))]
        for dataset, count in counts.items():
            names = d.columns(dataset)
            lines += [
                d.delete(dataset, load.partition),
                f"INSERT INTO {d.table(dataset.name)} ({names}) SELECT {names} FROM {self.staging(dataset)}",  # noqa: S608
                self._check(dataset, load.partition, count),
            ]
        return ";\n".join([*lines, "COMMIT TRANSACTION"]) + ";"

    def _check(self, dataset: Dataset, partition: Partition, count: int) -> str:
        """A query that fails, and with it the transaction, where the count is another."""
        d = self.dialect
        said = d.literal(f"{partition}: {count} rows of {dataset.name} hold some of another day or source")
        return (
            f"SELECT IF(count(*) = {count}, count(*), ERROR({said})) FROM {d.table(dataset.name)} "  # noqa: S608
            f"WHERE {d.where(dataset, partition)}"
        )


def driver_options(address: Address) -> dict[str, str]:
    """What the driver is told, from an address and its parameters."""
    options = {DatabaseOptions.PROJECT_ID.value: address.project, DatabaseOptions.DATASET_ID.value: address.schema}
    given = address.options
    if "location" in given:
        options[DatabaseOptions.LOCATION.value] = given["location"]
    for name, kind in (
        ("credentials", DatabaseOptions.AUTH_VALUE_JSON_CREDENTIAL_FILE),
        ("credentials_json", DatabaseOptions.AUTH_VALUE_JSON_CREDENTIAL_STRING),
    ):
        if name in given:
            options[DatabaseOptions.AUTH_TYPE.value] = str(kind.value)
            options[DatabaseOptions.AUTH_CREDENTIALS.value] = given[name]
    return options


def json_chunks(table: pa.Table, limit: int = CHUNK_BYTES) -> Iterator[str]:
    """The rows as JSON arrays of at most so many bytes each; a row larger than that is one of its own."""
    rows: list[str] = []
    size = 0
    for row in table.to_pylist():
        text = json.dumps(row, ensure_ascii=False, default=str)
        weight = len(text.encode()) + 1
        if rows and size + weight > limit:
            yield f"[{','.join(rows)}]"
            rows, size = [], 0
        rows.append(text)
        size += weight
    if rows:
        yield f"[{','.join(rows)}]"
