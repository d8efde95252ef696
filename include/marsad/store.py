"""A folder or an object store: the only code that touches files.

Every file is replaced as a whole: on a local disk through a temporary file and a rename, on an object store by one
put. A reader sees the old file or the new one.

A store that does not answer, or not now, is ``LakeUnreachable``: every verb below may raise it, and what was asked may
or may not have been done. It is never taken for a file that is not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from upath import UPath

from marsad.errors import LakeUnreachable, LakeUnusable, MarsadError, MissingPartition
from marsad.stores import creates, disk_trouble, files_of_store, is_conflict, may_pass, reason

_PIECE = 1 << 20

_Paths = list[str]  # inside the class the name ``list`` is the method


class Store:
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
            if not creates(target.fs):
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
            if is_conflict(error):
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
        return {path: int(info["size"] or 0) for path, info in self._found(folder).items()}

    def stamps(self, folder: str) -> dict[str, str]:
        """For every file below a folder a mark that changes when the file is replaced; one listing, no file is read.

        Raises:
            LakeUnusable: the store does not say.
        """
        marks = {}
        for path, info in self._found(folder).items():
            mark = info.get("ETag") or info.get("mtime") or info.get("LastModified") or info.get("created") or ""
            marks[path] = f"{info['size']}-{mark}-{info.get('ino', '')}"
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

    def _found(self, folder: str) -> dict[str, dict[str, Any]]:
        """What the store says of each file below a folder, by path; one listing."""
        base = self.path(folder)
        prefix = len(self.root.path.rstrip("/")) + 1
        try:
            found = base.fs.find(base.path, detail=True)
        except FileNotFoundError:
            return {}
        except Exception as error:
            raise self._trouble(f"list {folder}", error) from error
        return {path[prefix:]: info for path, info in sorted(found.items())}

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
            f"lake {self.root}: cannot {doing} now: {reason(error)}. Airflow tries again by itself; elsewhere run it "
            "again. If it stays so, look whether the store runs and its address is right"
        )

    def _trouble(self, doing: str, error: BaseException) -> MarsadError:
        """An error of a file system or a store, in our words."""
        passing = self.unreachable(doing, error)
        if passing is not None:
            return passing
        why = (disk_trouble(error, Path(str(self.root))) if self.is_local else None) or reason(error)
        return LakeUnusable(f"lake {self.root}: cannot {doing}: {why}")

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
                found = [path[prefix:] for path in files_of_store(base, pattern)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except Exception as error:
            raise self._trouble(f"list {folder}", error) from error
        return sorted(path for path in found if not path.rpartition("/")[2].startswith("."))


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
