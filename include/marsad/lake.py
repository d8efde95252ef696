"""The lake: the only code that touches files and object stores.

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

Every file is replaced as a whole: on a local disk through a temporary file and a
rename, on an object store by one put. A reader sees the old file or the new one.

A store that does not answer, or not now, is ``LakeUnreachable``: every verb below may raise it, and what was asked may
or may not have been done. It is never taken for a file that is not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import io
import json
import os
import re
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from marsad.dataset import Batch, Dataset
from marsad.errors import LakeUnreachable, LakeUnusable, MarsadError, MissingPartition
from marsad.partition import Partition
from marsad.stores import disk_trouble, may_pass

Layer = Literal["raw", "staged", "core", "quarantine", "reports", "published"]
PART = "part-0.parquet"
_PIECE = 1 << 20

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

    is_shared = True
    """Whether other processes may write here too, so that a partition has to be claimed."""

    fence: Callable[..., None] | None = None
    """Asked before anything is changed; raises where the writer may write no more. ``at_once`` asks it to look now."""

    def __init__(self, root: str | os.PathLike[str], options: Mapping[str, Any] | None = None) -> None:
        try:
            self.root = UPath(root)
            if self.is_local:
                # one spelling for one place, whatever the working directory of a task is
                self.root = UPath(Path(self.root.path).absolute())
            else:
                # other processes write here too: a remembered listing shows files that are gone
                self.root = UPath(root, **{"use_listings_cache": False, **dict(options or {})})
        except (TypeError, ValueError, ImportError) as error:
            raise LakeUnusable(f"lake {root}: {error}; use a folder or a URL such as s3://bucket/prefix") from None

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
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
        self._ask_fence()
        self.write_unfenced(relative, data)

    def write_unfenced(self, relative: str, data: bytes, *, is_durable: bool = True) -> None:
        """Replace one file without asking the fence: for the files the fence itself is made of.

        Args:
            is_durable: wait until the disk has it.
        """
        target = self.path(relative)
        try:
            if not self.is_local:
                target.fs.pipe_file(target.path, data)
                return
            with _temporary(Path(str(target)), data, is_durable=is_durable) as temporary:
                temporary.replace(Path(str(target)))
        except Exception as error:  # stores raise their own kinds; a person needs one
            raise self._trouble(f"write {relative}", error) from error

    def create(self, relative: str, data: bytes) -> bool:
        """Write a file that must not be there yet, whole; of several who try at once one succeeds.

        Returns:
            Whether it was made; False where there is one already.

        Raises:
            LakeUnusable: the store refused, or cannot write on such a condition.
        """
        target = self.path(relative)
        try:
            if self.is_local:
                with _temporary(Path(str(target)), data, is_durable=False) as temporary:
                    # a link, not a rename: it fails where the name is taken, and the file is complete at once
                    os.link(temporary, Path(str(target)))
                return True
            if not _creates(target.fs):
                raise LakeUnusable(
                    f"lake {self.root}: this store cannot create a file on condition that there is none, so two "
                    "writers cannot be kept apart; set MARSAD_CLAIM_MINUTES=0 and let one process write at a time"
                )
            target.fs.pipe_file(target.path, data, mode="create")
        except FileExistsError:
            return False
        except MarsadError:
            raise
        except Exception as error:
            if _is_conflict(error):
                return False
            raise self._trouble(f"create {relative}", error) from error
        return True

    def read_bytes(self, relative: str) -> bytes:
        """One file, whole.

        Raises:
            MissingPartition: there is no such file.
            LakeUnusable: it cannot be read.
        """
        try:
            target = self.path(relative)
            if self.is_local:
                return bytes(target.read_bytes())
            # one get: through a file object, a replacement between two requests would be an error
            return bytes(target.fs.cat_file(target.path))
        except FileNotFoundError:
            raise MissingPartition(f"lake {self.root}: {relative} is not there") from None
        except Exception as error:
            raise self._trouble(f"read {relative}", error) from error

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
            raise self._trouble(f"open {relative}", error) from error

    def exists(self, relative: str) -> bool:
        """Whether a file is there.

        Raises:
            LakeUnusable: the store does not say.
        """
        try:
            target = self.path(relative)
            if self.is_local:
                return bool(target.exists())
            target.fs.info(target.path)  # not ``exists``: most stores' takes any trouble for a no
            return True
        except (FileNotFoundError, NotADirectoryError):
            return False
        except Exception as error:
            raise self._trouble(f"look for {relative}", error) from error

    def delete(self, relative: str) -> None:
        """Remove a file; nothing happens where there is none."""
        self._ask_fence()
        self.delete_unfenced(relative)

    def delete_unfenced(self, relative: str) -> None:
        """Remove a file without asking the fence; nothing happens where there is none."""
        try:
            self._remove(self.path(relative))
        except FileNotFoundError:
            pass
        except Exception as error:
            raise self._trouble(f"delete {relative}", error) from error

    def move(self, relative: str, target: str) -> None:
        """Put a file in the place of another, whole: a rename on a disk, a copy and a removal on a store.

        Raises:
            MissingPartition: there is no such file.
            LakeUnusable: the store refused.
        """
        self._ask_fence()
        source, goal = self.path(relative), self.path(target)
        try:
            if self.is_local:
                Path(str(goal)).parent.mkdir(parents=True, exist_ok=True)
                Path(str(source)).replace(Path(str(goal)))
                return
            source.fs.cp_file(source.path, goal.path)
            self._remove(source)
        except FileNotFoundError:
            raise MissingPartition(f"lake {self.root}: {relative} is not there") from None
        except Exception as error:
            raise self._trouble(f"move {relative} to {target}", error) from error

    def share(self, relative: str, target: str) -> None:
        """Give the bytes of a file a second name that keeps them when the first is replaced.

        A hard link on a disk, which takes no space; a copy within the store elsewhere, and on a disk without links.

        Raises:
            MissingPartition: there is no such file.
            LakeUnusable: the store refused.
        """
        source, goal = self.path(relative), self.path(target)
        try:
            if not self.is_local:
                source.fs.cp_file(source.path, goal.path)
                return
            Path(str(goal)).parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(Path(str(source)), Path(str(goal)))
            except FileExistsError:
                return
            except FileNotFoundError:
                raise
            except OSError:
                self.write_bytes(target, self.read_bytes(relative))
        except FileNotFoundError:
            raise MissingPartition(f"lake {self.root}: {relative} is not there") from None
        except MarsadError:
            raise
        except Exception as error:
            raise self._trouble(f"copy {relative} to {target}", error) from error

    def names(self, folder: str) -> _Paths:
        """The names of what lies directly in a folder, sorted; none where there is no such folder.

        Raises:
            LakeUnusable: the store does not say.
        """
        base = self.path(folder)
        try:
            if self.is_local:
                return sorted(n for n in os.listdir(str(base)) if not n.startswith("."))  # noqa: PTH208
            return sorted({p.rstrip("/").rsplit("/", 1)[1] for p in base.fs.ls(base.path, detail=False)})
        except (FileNotFoundError, NotADirectoryError):
            return []
        except Exception as error:
            raise self._trouble(f"list {folder}", error) from error

    def walk(self, folder: str) -> dict[str, int]:
        """Every file below a folder with its size in bytes, also temporary ones, by path.

        Raises:
            LakeUnusable: the store does not say.
        """
        base = self.path(folder)
        prefix = len(self.root.path.rstrip("/")) + 1
        try:
            found = base.fs.find(base.path, detail=True)
            return {path[prefix:]: int(info["size"] or 0) for path, info in sorted(found.items())}
        except FileNotFoundError:
            return {}
        except Exception as error:
            raise self._trouble(f"list {folder}", error) from error

    def stamps(self, folder: str) -> dict[str, str]:
        """For every file below a folder a mark that changes when the file is replaced; one listing, no file is read.

        Raises:
            LakeUnusable: the store does not say.
        """
        base = self.path(folder)
        prefix = len(self.root.path.rstrip("/")) + 1
        try:
            found = base.fs.find(base.path, detail=True)
        except FileNotFoundError:
            return {}
        except Exception as error:
            raise self._trouble(f"list {folder}", error) from error
        marks = {}
        for path, info in sorted(found.items()):
            mark = info.get("ETag") or info.get("mtime") or info.get("LastModified") or info.get("created") or ""
            marks[path[prefix:]] = f"{info['size']}-{mark}-{info.get('ino', '')}"
        return marks

    def folder_stamp(self, folder: str) -> str:
        """A mark that changes when a file directly in a folder is made, replaced or removed; empty for no such folder.

        Cheap on a local disk, where it is the folder's own time of change: a file that is replaced as a whole changes
        it. While that was a moment ago the mark is never the same twice, for clocks are coarse. In a store it takes one
        listing.

        Raises:
            LakeUnusable: the store does not say.
        """
        base = self.path(folder)
        try:
            if self.is_local:
                changed = os.stat(str(base)).st_mtime_ns  # noqa: PTH116
                is_fresh = time.time_ns() - changed < 2_000_000_000
                return f"{changed}-{time.monotonic_ns()}" if is_fresh else str(changed)
            entries = base.fs.ls(base.path, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except Exception as error:
            raise self._trouble(f"look into {folder}", error) from error
        said = ("ETag", "mtime", "LastModified", "created")
        marks = [(e["name"], e.get("size"), next((str(e[k]) for k in said if e.get(k)), "")) for e in entries]
        return hashlib.sha256(repr(sorted(marks, key=str)).encode()).hexdigest()

    def modified_at(self, relative: str) -> float | None:
        """When a file was last replaced, in seconds by the clock of the store; None where it does not say.

        Raises:
            MissingPartition: there is no such file.
            LakeUnusable: the store does not say.
        """
        target = self.path(relative)
        try:
            info = target.fs.info(target.path)
        except FileNotFoundError:
            raise MissingPartition(f"lake {self.root}: {relative} is not there") from None
        except Exception as error:
            raise self._trouble(f"look for {relative}", error) from error
        for name in ("mtime", "LastModified", "last_modified", "updated", "created"):
            found = info.get(name)
            if isinstance(found, str):
                with contextlib.suppress(ValueError):
                    found = datetime.fromisoformat(found)
            if isinstance(found, datetime):
                return found.timestamp()
            if isinstance(found, int | float):
                return float(found)
        return None

    @contextlib.contextmanager
    def replacing(self, relative: str) -> Iterator[BinaryIO]:
        """Write a file that is too large for memory; it takes its place, whole, when the block ends without an error.

        Raises:
            LakeUnusable: the store refused.
        """
        self._ask_fence()
        with tempfile.TemporaryDirectory(prefix="marsad-") as folder:
            local = Path(folder) / "file"
            if self.is_local:
                target = Path(str(self.path(relative)))
                local = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
            try:
                if self.is_local:
                    local.parent.mkdir(parents=True, exist_ok=True)
                with local.open("w+b") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                self._ask_fence()
                if self.is_local:
                    local.replace(target)
                else:
                    goal = self.path(relative)
                    try:
                        goal.fs.put_file(str(local), goal.path)
                    except Exception as error:  # stores raise their own kinds
                        raise self._trouble(f"write {relative}", error) from error
            except MarsadError:
                raise
            except OSError as error:
                raise self._trouble(f"write {relative}", error) from error
            finally:
                local.unlink(missing_ok=True)

    def digest(self, relative: str) -> tuple[str, int]:
        """SHA-256 and size of a file, read a piece at a time.

        Raises:
            MissingPartition: there is no such file.
            LakeUnusable: it cannot be read.
        """
        found, size = hashlib.sha256(), 0
        with self.open(relative) as file:
            try:
                while piece := file.read(_PIECE):
                    found.update(piece)
                    size += len(piece)
            except Exception as error:
                raise self._trouble(f"read {relative}", error) from error
        return found.hexdigest(), size

    def unreachable(self, doing: str, error: BaseException) -> LakeUnreachable | None:
        """What to raise where an error is of a store that does not answer now; None where it is any other.

        For who reads from an open file: what goes wrong there says nothing about the file.
        """
        if self.is_local or not may_pass(error):
            return None
        return LakeUnreachable(
            f"lake {self.root}: cannot {doing} now: {_reason(error)}. Airflow tries again by itself; elsewhere run it "
            "again. If it stays so, look whether the store runs and its address is right"
        )

    def _trouble(self, doing: str, error: BaseException) -> MarsadError:
        """An error of a file system or a store, in our words."""
        passing = self.unreachable(doing, error)
        if passing is not None:
            return passing
        reason = (disk_trouble(error, Path(str(self.root))) if self.is_local else None) or _reason(error)
        return LakeUnusable(f"lake {self.root}: cannot {doing}: {reason}")

    def _remove(self, target: UPath) -> None:
        if self.is_local:
            Path(str(target)).unlink()
        else:
            target.fs.rm_file(target.path)  # not ``unlink``: s3fs's does not tell what it could not remove

    def _ask_fence(self) -> None:
        if self.fence is not None:
            self.fence()

    def list(self, folder: str, pattern: str = "*") -> _Paths:
        """Files below a folder (not its subfolders unless the pattern says ``**``), sorted.

        Raises:
            LakeUnusable: the store does not say.
        """
        base = self.path(folder)
        prefix = len(self.root.path.rstrip("/")) + 1
        try:
            if self.is_local:
                found = [p.path[prefix:] for p in base.glob(pattern) if p.is_file()]
            else:
                found = [path[prefix:] for path in _files_of_store(base, pattern)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except Exception as error:
            raise self._trouble(f"list {folder}", error) from error
        return sorted(path for path in found if not path.rpartition("/")[2].startswith("."))

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


@contextlib.contextmanager
def _temporary(target: Path, data: bytes, *, is_durable: bool) -> Iterator[Path]:
    """A complete file beside the target, which is gone afterwards where nobody renamed it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            if is_durable:
                os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _files_of_store(base: UPath, pattern: str) -> Iterator[str]:
    """The paths of the files below a folder of a store that fit a pattern.

    By one listing, which raises where it fails: a store's ``glob`` looks at folders and files one by one, and leaves
    out those for which it gets no answer.
    """
    from fsspec.utils import glob_translate

    fits, folder = re.compile(glob_translate(pattern)), base.path.rstrip("/")
    entries = base.fs.find(folder, detail=True).values() if "/" in pattern else base.fs.ls(folder, detail=True)
    for entry in entries:
        path = entry["name"].rstrip("/")
        if entry["type"] == "file" and path != folder and fits.match(path[len(folder) + 1 :]):
            yield path


def _creates(fs: Any) -> bool:
    """Whether a file system has a conditional put of its own: fsspec's looks first and writes then."""
    from fsspec import AbstractFileSystem
    from fsspec.asyn import AsyncFileSystem

    for base, name in ((AsyncFileSystem, "_pipe_file"), (AbstractFileSystem, "pipe_file")):
        if isinstance(fs, base):
            own = getattr(type(fs), name)
            return own is not getattr(base, name) and "mode" in inspect.signature(own).parameters
    return False


def _is_conflict(error: Exception) -> bool:
    """Whether a store refused because the file is there, or because another writer is just making it."""
    answer = getattr(error.__cause__, "response", None) or getattr(error, "response", None) or {}
    code = str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""
    return code in ("PreconditionFailed", "ConditionalRequestConflict", "412", "409") or "PreconditionFailed" in str(
        error
    )


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
