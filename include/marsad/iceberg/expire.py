"""Expiry: forget old snapshots, and delete the files that no snapshot names any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marsad.dataset import Dataset
from marsad.iceberg import NAMESPACE, retried, url_of
from marsad.iceberg.catalog import open_catalog
from marsad.lake import Lake


@dataclass(frozen=True, slots=True)
class Expired:
    """What went of one table."""

    dataset: str
    snapshots: int
    files: int
    bytes: int

    def __str__(self) -> str:
        return (
            f"{NAMESPACE}.{self.dataset}: {self.snapshots} snapshots and {self.files} files ({self.bytes} bytes) went"
        )


def expire(before: datetime, lake: Lake, *, catalog: str, datasets: Iterable[Dataset]) -> Iterator[Expired]:
    """Forget snapshots from before a moment, but the newest, and delete what only they named.

    The caller holds :data:`marsad.iceberg.CATALOG`, so that nobody is just giving a file its second name. A file that
    the published layer still has keeps its bytes: it only loses its second name.

    Raises:
        UsageError, CatalogBusy: see :func:`marsad.iceberg.sync`.
    """
    from pyiceberg.exceptions import NoSuchTableError

    with open_catalog(catalog, lake) as found:
        for dataset in datasets:
            try:
                table = found.load_table(f"{NAMESPACE}.{dataset.name}")
            except NoSuchTableError:
                continue

            def forget(table: Any = table) -> int:
                table.refresh()
                current = table.current_snapshot()
                old = [s for s in table.snapshots() if s.timestamp_ms < before.timestamp() * 1000]
                ids = [s.snapshot_id for s in old if current is None or s.snapshot_id != current.snapshot_id]
                if ids:
                    table.maintenance.expire_snapshots().by_ids(ids).commit()
                return len(ids)

            count = retried(forget)
            table.refresh()
            named = _named(table)
            gone = size = 0
            for folder in (f"iceberg/data/{dataset.name}", f"iceberg/tables/{dataset.name}/metadata"):
                for path, bytes_ in lake.walk(folder).items():
                    # metadata.json files are kept and dropped by Iceberg itself, as the table's properties say
                    if path.endswith((".parquet", ".avro")) and url_of(lake, path) not in named:
                        lake.delete(path)
                        gone, size = gone + 1, size + bytes_
            yield Expired(dataset.name, count, gone, size)


def _named(table: Any) -> set[str]:
    """Every file that a snapshot still names: data, manifests and lists of manifests."""
    found: set[str] = set()
    seen: set[str] = set()
    for snapshot in table.snapshots():
        found.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            found.add(manifest.manifest_path)
            if manifest.manifest_path not in seen:
                seen.add(manifest.manifest_path)
                entries = manifest.fetch_manifest_entry(table.io, discard_deleted=True)
                found.update(entry.data_file.file_path for entry in entries)
    return found
