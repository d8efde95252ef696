"""The lake: where every file is, and datasets in it.

Layout, below the root (a folder or any fsspec URL)::

    marsad.json which layout it has (:mod:`marsad.layout`)
    raw/        captures and sightings as fetched, WARC files, late captures
    staged/     what a stage wrote and no gate has passed yet
    core/       what a gate accepted: the only thing a later stage reads
    quarantine/ every row that was dropped, with its reason
    reports/    gate reports and Data Docs
    published/  what the world reads, and _manifests/, written last
    incoming/   what is about to be published: complete files, and the intent to swap them in
    compacted/  months of published partitions in one file each, for readers of long spans
    iceberg/    the same published bytes under names that never change, for Iceberg's snapshots
    locks/      who is writing which partition
    lost+found/ what `marsad lake repair` moved out of the way

How a file is written and read is :mod:`marsad.store`.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from marsad.dataset import Batch, Dataset
from marsad.errors import LakeUnusable
from marsad.partition import Partition
from marsad.store import Store

Layer = Literal["raw", "staged", "core", "quarantine", "reports", "published"]
PART = "part-0.parquet"
_Names = list[str]  # inside the class the name ``list`` is the method


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file that was written: its path relative to the lake, and what is in it."""

    path: str
    row_count: int
    byte_count: int
    sha256: str


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as one Parquet file; equal tables give equal bytes."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", compression_level=3, row_group_size=64 * 1024)
    return sink.getvalue()


def list_of(column: pa.ChunkedArray) -> list[Any]:
    """A column as a list."""
    found: list[Any] = column.to_pylist()
    return found


class Lake(Store):
    """A store with a layout: JSON files, and datasets by layer and partition."""

    # JSON

    def write_json(self, relative: str, value: Any) -> None:
        """One JSON file, keys sorted, Arabic readable."""
        text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str)
        self.write_bytes(relative, (text + "\n").encode())

    def read_json(self, relative: str) -> Any:
        """One JSON file."""
        return json.loads(self.read_bytes(relative))

    # datasets

    def dataset_path(self, layer: Layer, dataset: Dataset, partition: Partition, part: str = PART) -> str:
        """Where a dataset's file of one partition is."""
        return f"{layer}/{dataset.name}/{partition.path}/{part}"

    def write_table(
        self, layer: Layer, dataset: Dataset, partition: Partition, table: pa.Table, part: str = PART
    ) -> DataFile:
        """Conform a table to its dataset and replace its file."""
        return self.write_rows_at(dataset, self.dataset_path(layer, dataset, partition, part), table)

    def write_rows_at(self, dataset: Dataset, path: str, table: pa.Table) -> DataFile:
        """Conform a table to its dataset and replace the file at a path relative to the lake."""
        table = dataset.conform(table)
        data = parquet_bytes(table)
        self.write_bytes(path, data)
        return DataFile(path, table.num_rows, len(data), hashlib.sha256(data).hexdigest())

    def read_table(self, layer: Layer, dataset: Dataset, partition: Partition, part: str = PART) -> pa.Table:
        """A dataset's rows of one partition.

        Raises:
            MissingPartition: never written.
            LakeUnusable: the file is not what the dataset's schema says.
        """
        return self.read_table_at(dataset, self.dataset_path(layer, dataset, partition, part))

    def read_table_at(
        self, dataset: Dataset, path: str, *, sha256: str | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """A dataset's rows from one file of it, by path relative to the lake.

        Columns that the dataset has gained since the file was written are null; those it has lost are left out.

        Args:
            sha256: refuse other bytes than these.
            columns: decode these alone; in the dataset's order, the rows as they lie in the file.

        Raises:
            MissingPartition: there is no such file.
            LakeUnusable: the file is not what the dataset's schema says, or not the one asked for.
        """
        data = self.read_bytes(path)
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise LakeUnusable(f"lake {self.root}: {path} is not the file its manifest names; publish it again")
        try:
            # single file, not a dataset: the folder names must not become columns
            table = pq.ParquetFile(io.BytesIO(data)).read(columns=None if columns is None else [*columns])
            for f in dataset.schema:
                if f.nullable and f.name not in table.column_names and (columns is None or f.name in columns):
                    table = table.append_column(f, pa.nulls(table.num_rows, f.type))
            return dataset.conform(table) if columns is None else dataset.conform_columns(table, columns)
        except (pa.ArrowException, ValueError, KeyError) as error:
            raise LakeUnusable(f"lake {self.root}: {path} is not a {dataset.name} file: {error}") from None

    def read_column(self, path: str, name: str) -> _Names:
        """One column of texts of a dataset's file.

        Raises:
            MissingPartition: there is no such file.
            LakeUnusable: the file is no Parquet, or has no such column.
        """
        data = self.read_bytes(path)
        try:
            return list_of(pq.ParquetFile(io.BytesIO(data)).read(columns=[name])[name])
        except (pa.ArrowException, KeyError) as error:
            raise LakeUnusable(f"lake {self.root}: {path} has no column {name}: {error}") from None

    def has_table(self, layer: Layer, dataset: Dataset, partition: Partition, part: str = PART) -> bool:
        """Whether a dataset's file of one partition is there."""
        return self.exists(self.dataset_path(layer, dataset, partition, part))

    def stage_batch(self, batch: Batch, partition: Partition) -> DataFile:
        """Write a stage's batch to ``staged``; its rejects are written by the pipeline."""
        return self.write_table("staged", batch.dataset, partition, batch.table)
