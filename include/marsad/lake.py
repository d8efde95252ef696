"""The lake: the only code that touches files and object stores.

Layout, below the root (a folder or any fsspec URL)::

    raw/        captures and sightings as fetched, WARC files, late captures
    staged/     what a stage wrote and no gate has passed yet
    core/       what a gate accepted: the only thing a later stage reads
    quarantine/ every row that was dropped, with its reason
    reports/    gate reports and Data Docs
    published/  what the world reads, and _manifests/, written last

Every file is replaced as a whole: on a local disk through a temporary file and a
rename, on an object store by one put. A reader sees the old file or the new one.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from marsad.dataset import Batch, Dataset
from marsad.errors import LakeUnusable, MissingPartition
from marsad.partition import Partition

Layer = Literal["raw", "staged", "core", "quarantine", "reports", "published"]
PART = "part-0.parquet"

_Paths = list[str]  # inside the class the name ``list`` is the method


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


class Lake:
    """A root and the few verbs Marsad needs on it. Paths are relative to the root, with slashes."""

    def __init__(self, root: str | os.PathLike[str], options: Mapping[str, Any] | None = None) -> None:
        try:
            self.root = UPath(root)
            if self._is_local:
                # one spelling for one place, whatever the working directory of a task is
                self.root = UPath(Path(self.root.path).absolute())
            else:
                # other processes write here too: a remembered listing shows files that are gone
                self.root = UPath(root, **{"use_listings_cache": False, **dict(options or {})})
        except (TypeError, ValueError, ImportError) as error:
            raise LakeUnusable(f"lake {root}: {error}; use a folder or a URL such as s3://bucket/prefix") from None

    @property
    def _is_local(self) -> bool:
        return self.root.protocol in ("", "file", "local")

    def __str__(self) -> str:
        return str(self.root)

    def check_writable(self) -> None:
        """Write and remove a small file.

        Raises:
            LakeUnusable: it cannot be done; says why.
        """
        probe = f".probe-{uuid.uuid4().hex}"
        self.write_bytes(probe, b"")
        self.delete(probe)

    # files

    def path(self, relative: str) -> UPath:
        """The full path of a file in the lake."""
        return self.root / relative

    def write_bytes(self, relative: str, data: bytes) -> None:
        """Replace one file as a whole.

        Raises:
            LakeUnusable: the store refused.
        """
        target = self.path(relative)
        try:
            if not self._is_local:
                target.fs.pipe_file(target.path, data)
                return
            local = Path(str(target))
            local.parent.mkdir(parents=True, exist_ok=True)
            temporary = local.with_name(f".{local.name}.{uuid.uuid4().hex}.tmp")
            try:
                with temporary.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(local)
            finally:
                temporary.unlink(missing_ok=True)
        except Exception as error:  # stores raise their own kinds; a person needs one
            raise LakeUnusable(f"lake {self.root}: cannot write {relative}: {_reason(error)}") from error

    def read_bytes(self, relative: str) -> bytes:
        """One file, whole.

        Raises:
            MissingPartition: there is no such file.
            LakeUnusable: it cannot be read.
        """
        try:
            target = self.path(relative)
            if self._is_local:
                return bytes(target.read_bytes())
            # one get: through a file object, a replacement between two requests would be an error
            return bytes(target.fs.cat_file(target.path))
        except FileNotFoundError:
            raise MissingPartition(f"lake {self.root}: {relative} is not there") from None
        except Exception as error:
            raise LakeUnusable(f"lake {self.root}: cannot read {relative}: {_reason(error)}") from error

    def open(self, relative: str) -> BinaryIO:
        """One file, open for reading with seek.

        Raises:
            MissingPartition: there is no such file.
            LakeUnusable: it cannot be opened.
        """
        try:
            return self.path(relative).open("rb")
        except FileNotFoundError:
            raise MissingPartition(f"lake {self.root}: {relative} is not there") from None
        except Exception as error:
            raise LakeUnusable(f"lake {self.root}: cannot open {relative}: {_reason(error)}") from error

    def exists(self, relative: str) -> bool:
        """Whether a file is there.

        Raises:
            LakeUnusable: the store does not say.
        """
        try:
            return bool(self.path(relative).exists())
        except Exception as error:
            raise LakeUnusable(f"lake {self.root}: cannot look for {relative}: {_reason(error)}") from error

    def delete(self, relative: str) -> None:
        """Remove a file; nothing happens where there is none."""
        try:
            self.path(relative).unlink()
        except FileNotFoundError:
            pass
        except Exception as error:
            raise LakeUnusable(f"lake {self.root}: cannot delete {relative}: {_reason(error)}") from error

    def list(self, folder: str, pattern: str = "*") -> _Paths:
        """Files below a folder (not its subfolders unless the pattern says ``**``), sorted.

        Raises:
            LakeUnusable: the store does not say.
        """
        base = self.path(folder)
        try:
            found = [p for p in base.glob(pattern) if p.is_file()]
        except FileNotFoundError:
            return []
        except Exception as error:
            raise LakeUnusable(f"lake {self.root}: cannot list {folder}: {_reason(error)}") from error
        prefix = len(self.root.path.rstrip("/")) + 1
        return sorted(p.path[prefix:] for p in found if not p.name.startswith("."))

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

    def read_table_at(self, dataset: Dataset, path: str, *, sha256: str | None = None) -> pa.Table:
        """A dataset's rows from one file of it, by path relative to the lake.

        Columns that the dataset has gained since the file was written are null; those it has lost are left out.

        Args:
            sha256: refuse other bytes than these.

        Raises:
            MissingPartition: there is no such file.
            LakeUnusable: the file is not what the dataset's schema says, or not the one asked for.
        """
        data = self.read_bytes(path)
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise LakeUnusable(f"lake {self.root}: {path} is not the file its manifest names; publish it again")
        try:
            # single file, not a dataset: the folder names must not become columns
            table = pq.ParquetFile(io.BytesIO(data)).read()
            for f in dataset.schema:
                if f.nullable and f.name not in table.column_names:
                    table = table.append_column(f, pa.nulls(table.num_rows, f.type))
            return dataset.conform(table)
        except (pa.ArrowException, ValueError, KeyError) as error:
            raise LakeUnusable(f"lake {self.root}: {path} is not a {dataset.name} file: {error}") from None

    def read_column(self, path: str, name: str) -> _Paths:
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


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
