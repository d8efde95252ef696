"""Shards: what is read in one piece. Rows of one partition's captures, or one WARC file."""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from upath import UPath

from marsad.bulk.record import ROWS, capture_id
from marsad.dataset import rows_of
from marsad.errors import LakeUnusable, UsageError
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.record import CAPTURES, Capture
from marsad.scrape.revisits import superseded
from marsad.sources import Source

SHARD_CAPTURES = 500
"""Captures of a shard: some 20 s of one core. Less and starting costs more than reading; more and a kill does."""
_EDGE_BYTES = 65_536


@dataclass(frozen=True)
class Shard:
    """One piece of a run."""

    id: str
    kind: Literal["captures", "warc"]
    address: str
    """Of captures the partition, ``source date``; else the WARC file's path or URL."""
    first: int
    past: int
    """Of captures, which rows; of a WARC its bytes."""
    digest: str
    """Of the rows, or of a WARC's size, its first and its last 64 KiB."""
    facts: str
    """Of the sources' facts that it is read with."""
    known_only: bool = False
    """Of a WARC: only pages of known sources' hosts are read."""

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @property
    def partition(self) -> Partition:
        """The partition of a shard of captures."""
        name, _, day = self.address.partition(" ")
        return Partition(name, date.fromisoformat(day))


def captures_of(partition: Partition, lake: Lake) -> list[tuple[Capture, bool]]:
    """A partition's captures in order, each with whether a newer one of its address has replaced it."""
    newest = rows_of(lake.read_table("core", CAPTURES, partition), Capture)
    known = {capture_id(c) for c in newest}
    found = [(c, False) for c in newest]
    for rows in superseded(partition, lake):
        found += ((c, True) for c in rows if capture_id(c) not in known)
    return found


def digest_of(captures: Sequence[tuple[Capture, bool]]) -> str:
    """The digest of a shard's rows."""
    told = hashlib.sha256()
    for capture, is_older in captures:
        told.update(json.dumps([asdict(capture), is_older], default=str, sort_keys=True).encode())
    return told.hexdigest()[:32]


def facts_digest(sources: Mapping[str, Source]) -> str:
    """The digest of what is known of some sources."""
    told = json.dumps({n: s.model_dump(mode="json") for n, s in sources.items()}, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def shards_of_partition(partition: Partition, lake: Lake, source: Source) -> list[Shard]:
    """The shards of a partition's captures."""
    rows = captures_of(partition, lake)
    facts = facts_digest({source.name: source})
    found = []
    for first in range(0, len(rows), SHARD_CAPTURES):
        past = min(first + SHARD_CAPTURES, len(rows))
        name = f"captures-{partition.date}-{partition.source}-{first:06}"
        address = f"{partition.source} {partition.date}"
        found.append(Shard(name, "captures", address, first, past, digest_of(rows[first:past]), facts))
    return found


def warc_addresses(pattern: str) -> list[str]:
    """The WARC files a pattern names: a path, a glob, a URL, or ``@FILE`` with one of them a line.

    Raises:
        UsageError: there are none.
    """
    if pattern.startswith("@"):
        try:
            lines = Path(pattern[1:]).read_text("utf-8").split()
        except OSError as error:
            raise UsageError(f"{pattern[1:]}: cannot be read: {error.strerror}") from None
        return [address for line in lines for address in warc_addresses(line)]
    if "://" in pattern:
        return [pattern]
    # glob and not Path.glob: the pattern may be absolute
    names = sorted(glob.glob(pattern))  # noqa: PTH207
    found = [str(Path(p).absolute()) for p in names if Path(p).is_file()]
    if not found:
        raise UsageError(f"{pattern}: no such file; give a WARC file, a glob in quotes, a URL, or @FILE with a list")
    return found


def shard_of_warc(address: str, facts: str, *, known_only: bool = False) -> Shard:
    """The shard of a WARC file.

    Raises:
        UsageError: it cannot be read.
    """
    size, digest = _edges(address)
    stem = Path(address).name.removesuffix(".gz").removesuffix(".warc")
    mark = hashlib.sha256(address.encode()).hexdigest()[:8]
    name = "".join(c if c.isalnum() or c in "-_" else "_" for c in stem)
    return Shard(f"warc-{name}-{mark}", "warc", address, 0, size, digest, facts, known_only)


def _edges(address: str) -> tuple[int, str]:
    try:
        path = UPath(address)
        size = int(path.stat().st_size)
        with path.open("rb") as file:
            told = hashlib.sha256(str(size).encode() + file.read(_EDGE_BYTES))
            file.seek(max(0, size - _EDGE_BYTES))
            told.update(file.read(_EDGE_BYTES))
    except Exception as error:  # file systems raise their own kinds
        raise UsageError(f"{address}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return size, told.hexdigest()[:32]


@cache
def code_digest() -> str:
    """The digest of all code and data that decide what a page is read as; another one, and a shard is read again."""
    root = Path(__file__).parents[1]
    told = hashlib.sha256()
    for path in _code_files(root):
        told.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()[:32]


def _code_files(root: Path) -> Iterator[Path]:
    folders = [root / "clean", root / "extract"]
    files = [p for folder in folders for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    files += [root / "bulk" / name for name in ("reading.py", "record.py", "shard.py")]
    files += [root / "dataset.py", root / "sources" / "__init__.py"]
    files += [root / "scrape" / name for name in ("record.py", "urls.py", "warc.py")]
    yield from sorted(files)


def shard_path(run: str, shard_id: str, name: str) -> str:
    """Where a file of a shard is, relative to the lake."""
    return f"bulk/{run}/shards/{shard_id}/{name}"


def expected_of(shard: Shard, recogniser: str, reader: str) -> dict[str, Any]:
    """What the manifest of a shard must say for it to be done."""
    schemas = {d.name: d.version for d in ROWS}
    return {
        "shard": shard.as_dict(), "code": code_digest(), "schemas": schemas, "recogniser": recogniser, "reader": reader
    }  # fmt: skip


def manifest_of(lake: Lake, run: str, shard_id: str) -> dict[str, Any] | None:
    """A shard's manifest; none where it is not done, or what is there is none."""
    path = shard_path(run, shard_id, "manifest.json")
    if not lake.exists(path):
        return None
    try:
        found = lake.read_json(path)
    except ValueError:
        raise LakeUnusable(f"lake {lake}: {path} is no manifest; delete it, and the shard is read again") from None
    return dict(found)
