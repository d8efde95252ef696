"""Load published partitions into a DuckDB file.

One transaction a partition: readers see the partition as it was or as it is. What is loaded is
recorded with its manifest's digest, so that loading again what is already in changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from marsad.clean.record import ARTICLES, CUTS, LINKS
from marsad.curate.record import DUPLICATES
from marsad.dataset import Dataset
from marsad.errors import LakeUnusable, NeverError, UsageError, WarehouseBusy
from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, manifest_path

DATASETS: dict[str, Dataset] = {
    d.name: d for d in (ARTICLES, LINKS, CUTS, MENTIONS, QUOTATIONS, TIMEXES, QUANTITIES, KEYPHRASES, DUPLICATES)
}
_SCHEME = "duckdb:///"
_TYPES: dict[pa.DataType, str] = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
}
_LOADS = (
    "CREATE TABLE IF NOT EXISTS _loads (source VARCHAR, date DATE, manifest_sha256 VARCHAR, "
    "row_count BIGINT, PRIMARY KEY (source, date))"
)
_VIEWS = (
    "CREATE OR REPLACE VIEW daily_counts AS SELECT date, source, count(*) AS article_count, "
    "count(*) FILTER (role = 'embedded') AS embedded_count, sum(word_count) AS word_count "
    "FROM articles GROUP BY ALL ORDER BY ALL"
)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did."""

    source: str
    date: str
    row_count: int
    is_unchanged: bool

    def __str__(self) -> str:
        done = "already loaded, nothing changed" if self.is_unchanged else "loaded"
        return f"{self.source} {self.date}: {self.row_count} rows {done}"


def load(manifest: Manifest, lake: Lake, warehouse: str) -> LoadReport:
    """Put one published partition into the warehouse, replacing what was there of it.

    Args:
        manifest: the partition's manifest.
        lake: where its files are.
        warehouse: ``duckdb:///PATH``.

    Raises:
        UsageError: the address is none we can load into.
        WarehouseBusy: another process has the file open.
        LakeUnusable: a file is not what the manifest says; nothing was changed.
    """
    partition = Partition(manifest.source, manifest.date)
    digest = hashlib.sha256(lake.read_bytes(manifest_path(partition))).hexdigest()
    total = sum(f.row_count for f in manifest.files)
    report = LoadReport(partition.source, partition.date.isoformat(), total, is_unchanged=False)
    with _connect(warehouse) as connection:
        connection.execute(_LOADS)
        key = [partition.source, partition.date]
        known = connection.execute("SELECT manifest_sha256 FROM _loads WHERE source = ? AND date = ?", key).fetchone()
        if known == (digest,):
            return LoadReport(report.source, report.date, total, is_unchanged=True)
        tables = [(DATASETS[f.dataset], _verified(f.path, f.sha256, DATASETS[f.dataset], lake)) for f in manifest.files]
        connection.begin()
        try:
            for dataset in DATASETS.values():
                _create(connection, dataset)
            connection.execute(_VIEWS)
            for dataset, table in tables:
                _replace(connection, dataset, table, partition)
            connection.execute("INSERT OR REPLACE INTO _loads VALUES (?, ?, ?, ?)", [*key, digest, total])
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
    return report


def _verified(path: str, sha256: str, dataset: Dataset, lake: Lake) -> pa.Table:
    """A published file, if it is the one that the manifest names."""
    if hashlib.sha256(lake.read_bytes(path)).hexdigest() != sha256:
        raise LakeUnusable(f"{path} is not the file its manifest names; publish the partition again")
    return lake.read_table_at(dataset, path)


def _replace(connection: duckdb.DuckDBPyConnection, dataset: Dataset, table: pa.Table, partition: Partition) -> None:
    """Delete the partition's rows and insert the new ones."""
    name = dataset.name
    if partition.source == ALL_SOURCES:
        connection.execute(f"DELETE FROM {name} WHERE date = ?", [partition.date])  # noqa: S608  our own names
    else:
        where = [partition.source, partition.date]
        connection.execute(f"DELETE FROM {name} WHERE source = ? AND date = ?", where)  # noqa: S608
    connection.register("_incoming", table)
    columns = ", ".join(f'"{c}"' for c in table.column_names)
    connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM _incoming")  # noqa: S608
    connection.unregister("_incoming")


def _create(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Make a dataset's table, or add the columns it has gained; comments come from the data dictionary."""
    # no NOT NULL here: a column added later has none for old rows; the lake's schema holds it
    columns = ", ".join(f'"{f.name}" {_sql_type(f.type)}' for f in dataset.schema)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {dataset.name} ({columns})")
    there = {r[0] for r in connection.execute(f"DESCRIBE {dataset.name}").fetchall()}
    for f in dataset.schema:
        if f.name not in there:
            connection.execute(f'ALTER TABLE {dataset.name} ADD COLUMN "{f.name}" {_sql_type(f.type)}')
        doc = (f.metadata or {}).get(b"doc", b"").decode().replace("'", "''")
        connection.execute(f"COMMENT ON COLUMN {dataset.name}.\"{f.name}\" IS '{doc}'")
    doc = (dataset.record.__doc__ or "").strip().splitlines()[0].replace("'", "''")
    connection.execute(f"COMMENT ON TABLE {dataset.name} IS '{doc}'")


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        fields = ", ".join(f'"{kind.field(i).name}" {_sql_type(kind.field(i).type)}' for i in range(kind.num_fields))
        return f"STRUCT({fields})"
    return _TYPES[kind]


@contextmanager
def _connect(warehouse: str) -> Iterator[duckdb.DuckDBPyConnection]:
    path = warehouse_path(warehouse)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(str(path))
    except OSError as error:
        raise NeverError(f"warehouse {path}: {error.strerror}") from None
    except duckdb.IOException as error:
        first = str(error).splitlines()[0]
        if "lock" in first.lower():
            raise WarehouseBusy(f"warehouse {path} is open in another process; it has one writer at a time") from None
        raise NeverError(f"warehouse {path}: {first}") from None
    except duckdb.Error as error:
        raise NeverError(f"warehouse {path}: {str(error).splitlines()[0]}") from None
    try:
        yield connection
    finally:
        connection.close()


def warehouse_path(warehouse: str) -> Path:
    """The file that a warehouse address names.

    Raises:
        UsageError: it is not ``duckdb:///PATH``.
    """
    if not warehouse.startswith(_SCHEME) or len(warehouse) == len(_SCHEME):
        raise UsageError(f"warehouse {warehouse!r} is not one we load into; write duckdb:///PATH")
    return Path(warehouse.removeprefix(_SCHEME))
