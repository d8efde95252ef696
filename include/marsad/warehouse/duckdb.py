"""Load published partitions into a DuckDB file.

One transaction a partition: readers see the partition as it was or as it is. What is loaded is
recorded with its manifest's digest, so that loading again what is already in changes nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

import marsad
from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, CUTS, LINKS
from marsad.curate.record import DUPLICATES
from marsad.dataset import Dataset
from marsad.errors import LakeUnusable, NeverError, UsageError, WarehouseBusy
from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, PublishedFile
from marsad.warehouse.views import VIEWS

DATASETS: dict[str, Dataset] = {
    d.name: d
    for d in (
        ARTICLES,
        ARTICLE_VERSIONS,
        LINKS,
        CUTS,
        MENTIONS,
        QUOTATIONS,
        TIMEXES,
        QUANTITIES,
        KEYPHRASES,
        DUPLICATES,
    )
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
        MissingPartition: a file of the partition is not there; nothing was changed.
        LakeUnusable: a file is not what the manifest says; nothing was changed.
        NeverError: the warehouse cannot take it; nothing was changed.
    """
    partition = manifest.partition
    digest = hashlib.sha256(manifest.to_bytes()).hexdigest()
    total = sum(f.row_count for f in manifest.files)
    day = partition.date.isoformat()
    with _connect(warehouse) as connection:
        if _loaded(connection, partition) == digest:
            return LoadReport(partition.source, day, total, is_unchanged=True)
        tables = {dataset: _read(file, dataset, lake) for dataset, file in _files(manifest)}
        connection.begin()
        try:
            _prepare(connection)
            for dataset in DATASETS.values():
                # one that the manifest no longer names must not keep its old rows
                if (dataset is DUPLICATES) == (partition.source == ALL_SOURCES):
                    _replace(connection, dataset, tables.get(dataset, dataset.empty()), partition)
            row = [partition.source, partition.date, digest, total]
            connection.execute("INSERT OR REPLACE INTO _loads VALUES (?, ?, ?, ?)", row)
            connection.commit()
        except BaseException:
            # what broke the transaction is the error to tell, not that it is gone already
            with suppress(duckdb.Error):
                connection.rollback()
            raise
    return LoadReport(partition.source, day, total, is_unchanged=False)


def _loaded(connection: duckdb.DuckDBPyConnection, partition: Partition) -> str | None:
    """The digest of the manifest that is in; none where the partition is not, or the file is new."""
    there = "SELECT 1 FROM duckdb_tables() WHERE table_name = '_loads' AND schema_name = current_schema()"
    if connection.execute(there).fetchone() is None:
        return None
    query = "SELECT manifest_sha256 FROM _loads WHERE source = ? AND date = ?"
    row = connection.execute(query, [partition.source, partition.date]).fetchone()
    return str(row[0]) if row else None


def _files(manifest: Manifest) -> Iterator[tuple[Dataset, PublishedFile]]:
    """The files of a manifest with their datasets, if we know them all."""
    for file in manifest.files:
        dataset = DATASETS.get(file.dataset)
        if dataset is None or manifest.schema_versions.get(file.dataset, 1) > dataset.version:
            raise NeverError(
                f"{manifest.partition}: Marsad {manifest.code_version} published {file.dataset} in a form that "
                f"Marsad {marsad.__version__} does not know; upgrade it"
            )
        yield dataset, file


def _read(file: PublishedFile, dataset: Dataset, lake: Lake) -> pa.Table:
    """A published file, if it is the one that the manifest names."""
    table = lake.read_table_at(dataset, file.path, sha256=file.sha256)
    if table.num_rows != file.row_count:
        raise LakeUnusable(
            f"{file.path} has {table.num_rows} rows, its manifest says {file.row_count}; publish it again"
        )
    return table


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make what is not there yet: tables, columns, comments, views."""
    connection.execute(_LOADS)
    for dataset in DATASETS.values():
        _create(connection, dataset)
    for name, (doc, sql) in VIEWS.items():
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS {sql}")
        connection.execute(f"COMMENT ON VIEW {name} IS {_literal(doc)}")


def _replace(connection: duckdb.DuckDBPyConnection, dataset: Dataset, table: pa.Table, partition: Partition) -> None:
    """Delete the partition's rows, insert the new ones, and count them."""
    name = dataset.name
    where, values = "date = ?", list[object]([partition.date])
    if partition.source != ALL_SOURCES:
        where, values = "date = ? AND source = ?", [partition.date, partition.source]
    connection.execute(f"DELETE FROM {name} WHERE {where}", values)  # noqa: S608  our own names
    if table.num_rows:
        connection.register("_incoming", table)
        columns = ", ".join(f'"{c}"' for c in table.column_names)
        connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM _incoming")  # noqa: S608
        connection.unregister("_incoming")
    counted = connection.execute(f"SELECT count(*) FROM {name} WHERE {where}", values).fetchone()  # noqa: S608
    if counted != (table.num_rows,):
        # rows of another partition in this one's file would stay behind at the next load
        raise NeverError(f"{partition}: {table.num_rows} rows of {name} hold some of another day or source")


def _create(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Make a dataset's table, or add the columns it has gained; comments come from the data dictionary."""
    # no NOT NULL here: a column added later has none for old rows; the lake's schema holds it
    columns = ", ".join(f'"{f.name}" {_sql_type(f.type)}' for f in dataset.schema)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {dataset.name} ({columns})")
    there = {r[0] for r in connection.execute(f"DESCRIBE {dataset.name}").fetchall()}
    for f in dataset.schema:
        if f.name not in there:
            connection.execute(f'ALTER TABLE {dataset.name} ADD COLUMN "{f.name}" {_sql_type(f.type)}')
        doc = (f.metadata or {}).get(b"doc", b"").decode()
        connection.execute(f'COMMENT ON COLUMN {dataset.name}."{f.name}" IS {_literal(doc)}')
    doc = (dataset.record.__doc__ or "").strip().splitlines()[0]
    connection.execute(f"COMMENT ON TABLE {dataset.name} IS {_literal(doc)}")


def _literal(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"


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
        first = _first_line(error)
        if "lock" in first.lower():
            raise WarehouseBusy(f"warehouse {path} is open in another process; it has one writer at a time") from None
        raise NeverError(f"warehouse {path}: {first}") from None
    except duckdb.Error as error:
        raise NeverError(f"warehouse {path}: {_first_line(error)}") from None
    try:
        yield connection
    except duckdb.TransactionException as error:
        raise WarehouseBusy(f"warehouse {path}: another load changed it meanwhile: {_first_line(error)}") from None
    except duckdb.Error as error:
        raise NeverError(f"warehouse {path}: {_first_line(error)}") from None
    finally:
        connection.close()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def ping(warehouse: str) -> None:
    """Whether the warehouse can be used; it is not opened, for a process that loads holds it, and that is no fault.

    Raises:
        UsageError: not an address of one, a folder that cannot be written, or a file that is none of DuckDB's.
    """
    path = warehouse_path(warehouse)
    there = next(p for p in path.absolute().parents if p.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise UsageError(f"warehouse {warehouse}: {there} cannot be written")
    if path.exists():
        with path.open("rb") as file:
            head = file.read(12)
        if len(head) == 12 and head[8:12] != b"DUCK":
            raise UsageError(f"warehouse {warehouse}: {path} is not a DuckDB file")


def warehouse_path(warehouse: str) -> Path:
    """The file that a warehouse address names.

    Raises:
        UsageError: it is not ``duckdb:///PATH``.
    """
    path = warehouse.removeprefix(_SCHEME)
    # what is loaded into memory is gone when the load is done
    if not warehouse.startswith(_SCHEME) or not path.strip() or path.startswith(":"):
        raise UsageError(f"warehouse {warehouse!r} is not one we load into; write duckdb:///PATH")
    return Path(path)
