"""Verify: hold what lies in the lake against what its manifests say, and name what lies there without one.

Bytes are read a piece at a time, so a lake of any size is verified within little memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from marsad.claims import newest
from marsad.dataset import Dataset
from marsad.errors import LakeUnreachable, LakeUnusable, MarsadError, MissingPartition
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, PublishedFile, manifest_path, parse_manifest
from marsad.publish.swap import INCOMING, read_intent
from marsad.scrape.record import CAPTURES
from marsad.scrape.warc import read_body
from marsad.stages import every_published_dataset

Kind = Literal[
    "manifest_unreadable", "file_missing", "file_damaged", "row_count", "schema", "newer_schema",
    "no_manifest", "unfinished", "incoming", "temporary", "stray", "capture_unreadable",
]  # fmt: skip

_PLACE = re.compile(r"date=(\d{4}-\d{2}-\d{2})(?:/source=([a-z0-9_]+))?")
_TEMPORARY = re.compile(r"(^|/)\.[^/]+\.tmp$|(^|/)\.probe-[0-9a-f]+$")
SAMPLE = 5
"""Captures of a partition whose bytes are read where not all are asked for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    kind: Kind
    path: str
    said: str
    partition: Partition | None = None
    size: int = 0

    def __str__(self) -> str:
        return f"{self.path}: {self.said}"


@dataclass(slots=True)
class Seen:
    """What was looked at."""

    partitions: int = 0
    files: int = 0
    bytes: int = 0
    rows: int = 0
    captures: int = 0


def known_datasets() -> dict[str, Dataset]:
    """Every dataset that may be published, by name."""
    return {d.name: d for d in every_published_dataset()}


def verify(
    lake: Lake,
    *,
    first: date | None = None,
    last: date | None = None,
    source: str | None = None,
    now: datetime,
    deep: bool = False,
    seen: Seen | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Iterator[Finding]:
    """Everything in the published layer that is not as a manifest says, and what others left lying about.

    Args:
        first, last: only partitions of these days.
        source: only this source's.
        now: what a writer that holds its claim then has not finished is not called unfinished.
        deep: read the bytes of every capture, else of a few of each partition; and open every Parquet file of the
            layers below, of which one cut in its midst, by a copy that was stopped, would fail the next run.
        seen: counts what was looked at.
    """
    seen = seen if seen is not None else Seen()

    def wanted(partition: Partition | None) -> bool:
        if partition is None:
            return first is None and last is None and source is None
        return (
            (first is None or first <= partition.date)
            and (last is None or partition.date <= last)
            and source in (None, partition.source)
        )

    @cache
    def is_written(place: Partition | None) -> bool:
        claim = newest(lake, place) if place is not None else None
        return claim is not None and claim.why_void(now) is None

    sizes = lake.walk("published")
    manifests = {p: path for path in sizes if (p := partition_of_manifest(path)) is not None and wanted(p)}
    named: set[str] = set()
    unread: set[Partition] = set()
    damaged: set[str] = set()
    for number, (partition, path) in enumerate(sorted(manifests.items(), key=lambda m: (m[0].date, m[0].source))):
        if progress:
            progress(str(partition), number, len(manifests))
        for finding in _partition(partition, path, lake, named, seen, deep=deep):
            if finding.kind == "manifest_unreadable":
                unread.add(partition)  # what it names is not known, so nothing of it is called a stray
            if finding.kind == "file_damaged":
                damaged.add(finding.path)
            yield finding
    for path, size in sizes.items():
        place = partition_of(path)
        if not wanted(place) or path in named or path in manifests.values() or is_written(place):
            continue
        if _TEMPORARY.search(path):
            yield Finding("temporary", path, "a temporary file of a process that died", place, size)
        elif place is None:
            yield Finding("stray", path, "is nothing that Marsad publishes", None, size)
        elif manifest_path(place) not in sizes:
            yield Finding("no_manifest", path, f"{place} has no manifest: it is not published", place, size)
        elif place in manifests and place not in unread:
            yield Finding("stray", path, "its partition's manifest does not name it", place, size)
    yield from (f for f in _incoming(lake, wanted) if not is_written(f.partition))
    for layer in ("raw", "staged", "core", "quarantine", "reports"):
        for path, size in lake.walk(layer).items():
            place = partition_of(path)
            if not wanted(place) or is_written(place):
                continue
            if _TEMPORARY.search(path):
                yield Finding("temporary", path, "a temporary file of a process that died", place, size)
            elif deep and path not in damaged and path.endswith(".parquet") and (why := _no_parquet(path, lake)):
                yield Finding("file_damaged", path, f"cannot be read: {why}", place, size)
    if progress:
        progress("done", len(manifests), len(manifests))


def partition_of(path: str) -> Partition | None:
    """The partition that a path in a dataset's folder belongs to; None where it belongs to none."""
    found = _PLACE.search(path)
    try:
        return Partition(found[2] or ALL_SOURCES, date.fromisoformat(found[1])) if found else None
    except ValueError:
        return None


def partition_of_manifest(path: str) -> Partition | None:
    """The partition of a manifest's path; None where the path is no manifest's."""
    place = partition_of(path.removesuffix(".json"))
    return place if place is not None and manifest_path(place) == path else None


def _partition(
    partition: Partition, path: str, lake: Lake, named: set[str], seen: Seen, *, deep: bool
) -> Iterator[Finding]:
    try:
        manifest = parse_manifest(lake.read_bytes(path), path, lake)
    except MissingPartition:
        return  # published again at this moment
    except LakeUnusable as error:
        yield Finding("manifest_unreadable", path, str(error), partition)
        return
    found = []
    seen.partitions += 1
    datasets = known_datasets()
    for file in manifest.files:
        named.add(file.path)
        seen.files += 1
        seen.rows += file.row_count
        version = manifest.schema_versions.get(file.dataset, 1)
        dataset = datasets.get(file.dataset)
        if dataset is None or version > dataset.version:
            said = (
                f"schema version {version} of {file.dataset}, published by Marsad {manifest.code_version}, is not known"
            )
            found.append(Finding("newer_schema", file.path, said, partition))
        found += _file(file, dataset, partition, lake, seen)
    if found and _changed(path, manifest, lake):
        return  # a writer put another partition in its place while we read: what we saw was of both
    yield from found
    yield from _captures(partition, lake, seen, deep=deep)


def _file(
    file: PublishedFile, dataset: Dataset | None, partition: Partition, lake: Lake, seen: Seen
) -> Iterator[Finding]:
    try:
        sha256, size = lake.digest(file.path)
        seen.bytes += size
        if sha256 != file.sha256:
            said = f"holds {size} bytes that are not the {file.byte_count} its manifest names"
            yield Finding("file_damaged", file.path, said, partition, size)
            return
        with lake.open(file.path) as handle:
            meta = pq.ParquetFile(handle)
            rows, schema = meta.metadata.num_rows, meta.schema_arrow
    except MissingPartition:
        yield Finding("file_missing", file.path, "is missing, and its manifest names it", partition)
        return
    except LakeUnreachable:
        raise  # a store that does not answer says nothing about the file
    except Exception as error:  # Arrow's, and what a store raises while its file is read
        passing = lake.unreachable(f"read {file.path}", error)
        if passing is not None:
            raise passing from None
        yield Finding("file_damaged", file.path, f"cannot be read: {error}", partition)
        return
    if rows != file.row_count:
        yield Finding("row_count", file.path, f"has {rows} rows, its manifest says {file.row_count}", partition, size)
    if dataset is not None and (odd := schema_gaps(schema, dataset.schema)):
        yield Finding("schema", file.path, f"is not of the schema of {dataset}: {', '.join(odd)}", partition, size)


def _no_parquet(path: str, lake: Lake) -> str | None:
    """Why a file has no footer of Parquet; None where it has."""
    try:
        with lake.open(path) as handle:
            pq.ParquetFile(handle)
    except MissingPartition:
        return None  # replaced or cleared at this moment
    except LakeUnreachable:
        raise
    except Exception as error:  # Arrow's, and what a store raises while its file is read
        passing = lake.unreachable(f"read {path}", error)
        if passing is not None:
            raise passing from None
        return str(error).splitlines()[0]
    return None


def schema_gaps(file: pa.Schema, ours: pa.Schema) -> list[str]:
    """Why a file cannot be read by a schema: columns it lacks that may not be null, and columns of another type."""
    found = []
    for column in ours:
        if column.name not in file.names:
            if not column.nullable:
                found.append(f"{column.name} is missing")
        elif file.field(column.name).type != column.type:
            found.append(f"{column.name} is {file.field(column.name).type}, not {column.type}")
    return found


def _changed(path: str, manifest: Manifest, lake: Lake) -> bool:
    try:
        return lake.read_bytes(path) != manifest.to_bytes()
    except MissingPartition:
        return True


def _captures(partition: Partition, lake: Lake, seen: Seen, *, deep: bool) -> Iterator[Finding]:
    """Captures whose bytes cannot be had from the archive."""
    path = lake.dataset_path("core", CAPTURES, partition)
    if partition.source == ALL_SOURCES or not lake.exists(path):
        return
    try:
        rows = lake.read_table_at(CAPTURES, path).select(["url", "outcome", "warc_file", "warc_offset"]).to_pylist()
    except LakeUnreachable:
        raise
    except MarsadError as error:
        yield Finding("file_damaged", path, str(error), partition)
        return
    kept = [r for r in rows if r["warc_file"] is not None]
    step = 1 if deep else max(1, len(kept) // SAMPLE)
    for row in kept[::step]:
        seen.captures += 1
        try:
            read_body(lake, row["warc_file"], row["warc_offset"])
        except LakeUnreachable:
            raise
        except MarsadError as error:
            yield Finding("capture_unreadable", row["warc_file"], f"{row['url']}: {error}", partition)


def _incoming(lake: Lake, wanted: Callable[[Partition | None], bool]) -> Iterator[Finding]:
    for path, size in lake.walk(INCOMING).items():
        place = partition_of(path)
        if not wanted(place):
            continue
        if place is not None and path.endswith("/intent.json"):
            try:
                said = "a publish was cut off while it swapped files in" if read_intent(place, lake) else ""
            except LakeUnusable as error:
                said = str(error)
            if said:
                yield Finding("unfinished", path, said, place, size)
        else:
            yield Finding("incoming", path, "waits to be published", place, size)
