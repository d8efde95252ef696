"""The manifest: what a published partition holds. It is written last, and its presence means complete.

There is no hour in it: publishing the same rows again gives the same bytes.

It may grow: a reader leaves out the keys that it does not know. ``format`` changes only where an older reader would
misread a manifest, and then that reader refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from marsad.errors import LakeUnusable, MissingPartition
from marsad.lake import Lake
from marsad.partition import Partition


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


FORMAT = 1
"""The form of manifests that this code writes, and the newest that it reads."""


class PublishedFile(_Record):
    """One file of a partition."""

    dataset: str
    path: str
    """Relative to the lake."""
    row_count: int
    byte_count: int
    sha256: str


class GateSummary(_Record):
    """How a dataset passed its gate."""

    dataset: str
    suite: str
    is_success: bool
    row_count: int
    accepted_count: int
    quarantined_count: int
    warnings: tuple[str, ...]
    """Checks of level warning, and row checks, that not every row met."""
    override: str | None


class Manifest(_Record):
    """A complete published partition."""

    format: int = FORMAT
    source: str
    date: date
    code_version: str
    schema_versions: Mapping[str, int]
    """By dataset."""
    files: tuple[PublishedFile, ...]
    outcomes: Mapping[str, int]
    """How many discovered URLs ended in each outcome."""
    quarantined: Mapping[str, int]
    """How many rows are in quarantine, by reason."""
    gates: tuple[GateSummary, ...]

    @property
    def partition(self) -> Partition:
        """The partition it describes."""
        return Partition(self.source, self.date)

    def to_bytes(self) -> bytes:
        """As the lake keeps it: JSON, keys sorted, Arabic readable."""
        text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True)
        return (text + "\n").encode()


def manifest_path(partition: Partition) -> str:
    """Where the manifest of a partition is, relative to the lake."""
    return f"published/_manifests/date={partition.date.isoformat()}/source={partition.source}.json"


def read_manifest(lake: Lake, partition: Partition) -> Manifest | None:
    """The manifest of a partition; none where it is not published.

    Raises:
        LakeUnusable: the file is not a manifest, or one that only a newer Marsad can read.
    """
    path = manifest_path(partition)
    try:
        data: Any = lake.read_bytes(path)
    except MissingPartition:
        return None
    return parse_manifest(data, path, lake)


def parse_manifest(data: bytes, path: str, lake: Lake) -> Manifest:
    """The manifest that a file holds; the path is for the words of an error.

    Raises:
        LakeUnusable: the bytes are not a manifest, or one that only a newer Marsad can read.
    """
    try:
        form = json.loads(data).get("format", FORMAT)
    except (ValueError, AttributeError):
        form = FORMAT  # what is wrong with it is said below
    if isinstance(form, int) and form > FORMAT:
        raise LakeUnusable(
            f"lake {lake}: {path} is a manifest of format {form}, this Marsad reads {FORMAT} at most; upgrade it"
        )
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"]) or "the file"
        raise LakeUnusable(
            f"lake {lake}: {path} is not a manifest: {where}: {first['msg']}; publish it again"
        ) from None


def verify(manifest: Manifest, lake: Lake) -> None:
    """Hold every file of a partition against its manifest.

    Raises:
        LakeUnusable: a file is missing, or is not the one the manifest names.
    """
    for file in manifest.files:
        problem = differs(file, lake)
        if problem:
            raise LakeUnusable(f"lake {lake}: {file.path} {problem}; publish {manifest.partition} again")


def differs(file: PublishedFile, lake: Lake) -> str | None:
    """What is wrong with a published file; None if nothing is."""
    try:
        sha256, size = lake.digest(file.path)
    except MissingPartition:
        return "is missing"
    if sha256 != file.sha256:
        return f"holds {size} bytes that are not the {file.byte_count} its manifest names"
    return None
