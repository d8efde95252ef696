"""Published partitions for tests of the warehouse, and questions to whichever engine they are in."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import Any

from marsad.clean.record import Article, Image
from marsad.dataset import Dataset
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.publish.manifest import Manifest, PublishedFile, manifest_path
from marsad.warehouse.address import parse_address
from marsad.warehouse.engine import open_engine

DAY = date(2026, 3, 3)
HERE = Partition("wakala", DAY)
STORY = Article(
    "a1", 1, None, "main", "wakala", DAY, "http://wakala.example/1", None, "عنوان", None, "نص الخبر", ("نص الخبر",), (),
    None, "first_seen", None, None, ("مياه", "ساحل"), (), None, "ar", (Image("http://x/1.jpg", "صورة"),), 2, "0", "text",
    False, False, "0",
)  # fmt: skip


def publish(lake: Lake, partition: Partition, rows: dict[Dataset, list[Any]]) -> Manifest:
    """Write files and a manifest as publish does, without its gates."""
    files = []
    for dataset, records in rows.items():
        written = lake.write_table("published", dataset, partition, dataset.table(records))
        files.append(
            PublishedFile(
                dataset=dataset.name,
                path=written.path,
                row_count=written.row_count,
                byte_count=written.byte_count,
                sha256=written.sha256,
            )
        )
    manifest = Manifest(
        source=partition.source,
        date=partition.date,
        code_version="test",
        schema_versions={d.name: d.version for d in rows},
        files=tuple(files),
        outcomes={},
        quarantined={},
        gates=(),
    )
    return put(lake, manifest)


def put(lake: Lake, manifest: Manifest) -> Manifest:
    """Make it the manifest of its partition."""
    lake.write_bytes(manifest_path(manifest.partition), manifest.to_bytes())
    return manifest


def query(warehouse: str, sql: str) -> list[Any]:
    """The rows of a question; in PostgreSQL, tables are those of the address's schema."""
    address = parse_address(warehouse)
    with closing(open_engine(address, is_reading=True)) as engine:
        if address.engine == "postgresql":
            engine.run(f"SET search_path TO {address.schema}")  # type: ignore[attr-defined]
        return engine.ask(sql)
