"""`python -m marsad.operate.copy_lake SOURCE TARGET`: make a second lake what the first is; for backup and restore.

Either may be a folder or an object store, and the first may be written to meanwhile. What is published goes first:
a partition's files, checked against the checksums of its manifest, then the manifest; where the partition was
published anew in between, it is read again. Captures go last, so that the copy never holds a published day made of
captures it has not: a run over such a lake would publish less. What the source no longer has is removed at the end.

A copy that is killed is gone on with by the next; until then, a partition it was at has no manifest, so is not there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from marsad.errors import LakeUnusable, MarsadError, MissingPartition, UsageError
from marsad.lake import Lake
from marsad.layout import layout_of
from marsad.settings import load_settings

MANIFESTS = "published/_manifests/"
CLOCKS_DIFFER_S = 300.0
"""A file of equal size is not copied again if the copy is younger by more than this."""
_ATTEMPTS = 5


@dataclass(frozen=True)
class CopyReport:
    """What a copy did."""

    copied: int
    unchanged: int
    removed: int
    byte_count: int

    def __str__(self) -> str:
        return (
            f"{self.copied} files copied ({self.byte_count / 1e6:.1f} MB), {self.unchanged} were there, "
            f"{self.removed} removed"
        )


@dataclass(frozen=True)
class _Found:
    size: int
    modified_at: float


def copy_lake(source: Lake, target: Lake) -> CopyReport:
    """Make the target hold what the source holds, and nothing else.

    Raises:
        UsageError: both are one, or the source is empty: it would empty the copy.
        LakeUnusable: a store refuses, a lake is newer than this Marsad, or a partition was published anew each time
            it was read.
    """
    if str(source) == str(target):
        raise UsageError(f"{source} cannot be copied to itself")
    for lake in (source, target):
        layout_of(lake)
    before, there = _files(source), _files(target)
    if not before:
        raise UsageError(f"{source} is empty; nothing was copied, and nothing removed from {target}")
    copier = _Copier(source, target, there)
    for path in sorted(p for p in before if p.startswith(MANIFESTS)):
        copier.partition(path)
    # listed anew: what was just published may be made of captures that were not there before
    before = _files(source)
    rest = [p for p in before if p not in copier.kept and not p.startswith(MANIFESTS)]
    for path in sorted(rest, key=lambda p: (p.startswith("raw/"), p)):
        copier.plain(path, before[path])
    # what was published while we copied is not to be taken away
    stale = sorted(set(there) - set(before) - copier.kept)
    for path in sorted(stale, key=lambda p: not p.startswith(MANIFESTS)):
        target.delete(path)
    return CopyReport(copier.copied, copier.unchanged, len(stale), copier.byte_count)


class _Copier:
    def __init__(self, source: Lake, target: Lake, there: dict[str, _Found]) -> None:
        self._source, self._target, self._there = source, target, there
        self.kept: set[str] = set()
        self.copied = self.unchanged = self.byte_count = 0

    def plain(self, path: str, found: _Found) -> None:
        """One file, if it is not there already."""
        have = self._there.get(path)
        if have and have.size == found.size and have.modified_at > found.modified_at + CLOCKS_DIFFER_S:
            self.unchanged += 1
        else:
            try:
                self._write(path, self._source.read_bytes(path))
            except MissingPartition:  # removed since the listing
                return
        self.kept.add(path)

    def partition(self, manifest: str) -> None:
        """A published partition: its files, then its manifest."""
        for _ in range(_ATTEMPTS):
            try:
                said = self._source.read_bytes(manifest)
                files = _named(said)
                if self._holds(manifest, said, files):
                    self.unchanged += 1 + len(files)
                else:
                    if manifest in self._there:
                        self._target.delete(manifest)  # until all of it is there, it is not
                    for path, sha256 in files.items():
                        data = self._source.read_bytes(path)
                        if hashlib.sha256(data).hexdigest() != sha256:
                            raise MissingPartition(path)
                        self._write(path, data)
                    self._write(manifest, said)
            except MissingPartition:  # published anew, or withdrawn, while we read it
                if not self._source.exists(manifest):
                    return
                continue
            self.kept |= {manifest, *files}
            return
        raise LakeUnusable(
            f"lake {self._source}: {manifest} names files that are not there or have other bytes; "
            "publish the day again, then copy again"
        )

    def _holds(self, manifest: str, said: bytes, files: dict[str, str]) -> bool:
        """Whether the target holds a partition, by the bytes of all of it."""
        if manifest not in self._there or any(path not in self._there for path in files):
            return False
        try:
            return self._target.read_bytes(manifest) == said and all(
                hashlib.sha256(self._target.read_bytes(path)).hexdigest() == sha256 for path, sha256 in files.items()
            )
        except MissingPartition:
            return False

    def _write(self, path: str, data: bytes) -> None:
        self._target.write_bytes(path, data)
        self.copied += 1
        self.byte_count += len(data)


def _named(manifest: bytes) -> dict[str, str]:
    """The files a manifest names, with their checksums."""
    try:
        return {str(file["path"]): str(file["sha256"]) for file in json.loads(manifest)["files"]}
    except (ValueError, KeyError, TypeError) as error:
        raise LakeUnusable(f"a manifest cannot be read: {error!r}; publish its day again, then copy again") from None


def _files(lake: Lake) -> dict[str, _Found]:
    """All files of a lake, by path relative to it."""
    root = lake.root.path.rstrip("/")
    try:
        if not lake.root.exists():
            return {}
        found: dict[str, dict[str, Any]] = lake.root.fs.find(root, detail=True)
    except FileNotFoundError:
        return {}
    except Exception as error:  # stores raise their own kinds; a person needs one
        passing = lake.unreachable("list it", error)
        raise (passing or LakeUnusable(f"lake {lake}: cannot be listed: {error}")) from None
    files = {name[len(root) + 1 :]: _Found(int(info["size"] or 0), _modified_at(info)) for name, info in found.items()}
    return {path: file for path, file in files.items() if not path.rpartition("/")[2].startswith(".")}


def _modified_at(info: dict[str, Any]) -> float:
    at = info.get("LastModified") or info.get("mtime") or info.get("updated") or 0.0
    if isinstance(at, datetime):
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return float(at)


def main(words: list[str] | None = None) -> int:
    """Copy; says what was done."""
    parser = argparse.ArgumentParser(
        prog="python -m marsad.operate.copy_lake", description="Make one lake another's copy."
    )
    parser.add_argument("source", help="a folder or a URL such as s3://bucket/prefix")
    parser.add_argument("target", help="the same; MARSAD_LAKE_OPTIONS holds for whichever is no folder")
    given = parser.parse_args(words)
    try:
        options = load_settings().lake_options
        source, target = (Lake(at, options if "://" in at else None) for at in (given.source, given.target))
        print(f"{source} to {target}: {copy_lake(source, target)}")
    except MarsadError as error:
        print(f"marsad: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
