"""The swap: new files of a partition take the place of the old ones, so that a date is never left half new.

    incoming/date=…/source=…/<dataset>.parquet    each changed file, complete
    incoming/date=…/source=…/intent.json          written after them: what is to be swapped in, and the manifest

Then: manifest away, each file to its place (a rename on a disk, a copy on a store), manifest back, intent away. The
folder lies outside ``published/``, so that no reader's ``**/*.parquet`` finds what is not published yet.

Killed before the intent is there, nothing has changed and the old manifest stands. Killed after, everything that is
needed lies in the lake: the next publish, load or repair finishes the swap without computing anything.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from marsad.errors import LakeUnusable, MissingPartition
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, PublishedFile, differs, manifest_path, parse_manifest

log = logging.getLogger(__name__)

INCOMING = "incoming"
_INTENT = "intent.json"


@dataclass(frozen=True)
class Intent:
    """A swap that was begun: the manifest to come, and the digest of the one it replaces."""

    manifest: Manifest
    replaces: str | None

    def to_bytes(self) -> bytes:
        """As the lake keeps it."""
        plain = {"manifest": self.manifest.to_bytes().decode(), "replaces": self.replaces}
        return (json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def swap_in(manifest: Manifest, contents: Mapping[str, bytes], lake: Lake) -> None:
    """Publish a partition's files and manifest, writing only what has changed.

    Args:
        contents: the bytes of every file of the manifest, by path.

    Raises:
        ClaimLost: another writer took the partition over.
        LakeUnusable: the store refused.
    """
    partition = manifest.partition
    changed = [file for file in manifest.files if differs(file, lake)]
    if changed or lake.exists(_intent_path(partition)):
        # an older intent must never be finished over what follows: it is replaced by this one
        for file in changed:
            lake.write_bytes(_waiting(file, partition), contents[file.path])
        _ask(lake)
        lake.write_bytes(_intent_path(partition), Intent(manifest, _digest(lake, manifest_path(partition))).to_bytes())
        _swap(manifest, changed, lake)
    elif not _holds(lake, manifest_path(partition), manifest.to_bytes()):
        _ask(lake)
        lake.write_bytes(manifest_path(partition), manifest.to_bytes())
    tidy(partition, lake)


def read_intent(partition: Partition, lake: Lake) -> Intent | None:
    """The swap of a partition that was begun and not finished; None where there is none.

    Raises:
        LakeUnusable: the file is no intent.
    """
    path = _intent_path(partition)
    try:
        data = lake.read_bytes(path)
    except MissingPartition:
        return None
    try:
        plain = json.loads(data)
        return Intent(parse_manifest(plain["manifest"].encode(), path, lake), plain["replaces"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LakeUnusable(
            f"lake {lake}: {path} is not what a publish left; `marsad lake repair` moves it away"
        ) from None


def finish(partition: Partition, lake: Lake) -> bool:
    """Finish a swap that was begun; the caller holds the partition.

    Returns:
        Whether there was one.

    Raises:
        LakeUnusable: a file that was to be swapped in is gone.
    """
    intent = read_intent(partition, lake)
    if intent is None:
        return False
    present = _digest(lake, manifest_path(partition))
    if present not in (None, intent.replaces, hashlib.sha256(intent.manifest.to_bytes()).hexdigest()):
        log.warning("%s: was published again after a publish that was cut off; that one is left", partition)
        tidy(partition, lake)
        return False
    waiting = [file for file in intent.manifest.files if differs(file, lake)]
    for file in waiting:
        try:
            sha256, _ = lake.digest(_waiting(file, partition))
        except MissingPartition:
            sha256 = ""
        if sha256 != file.sha256:
            raise LakeUnusable(
                f"lake {lake}: a publish of {partition} was cut off, and {_waiting(file, partition)} is not what it "
                f"was to publish; run `marsad replay -s {partition.source} -d {partition.date}`"
            )
    _ask(lake)
    _swap(intent.manifest, waiting, lake)
    tidy(partition, lake)
    return True


def incoming(lake: Lake) -> list[Partition]:
    """The partitions with files that wait to be published, whether they were meant to be or not."""
    found = set()
    for path in lake.walk(INCOMING):
        parts = dict(part.split("=", 1) for part in path.split("/") if "=" in part)
        if "date" in parts:
            found.add(Partition(parts.get("source", ALL_SOURCES), date.fromisoformat(parts["date"])))
    return sorted(found)


def tidy(partition: Partition, lake: Lake) -> list[str]:
    """Remove what a publish left in ``incoming``, the intent first; the paths that went."""
    folder = f"{INCOMING}/{partition.path}"
    names = lake.names(folder)
    # under all sources lie the folders of single ones
    paths = [f"{folder}/{n}" for n in sorted(names, key=lambda n: n != _INTENT) if n.endswith((".parquet", ".json"))]
    for path in paths:
        lake.delete(path)
    return paths


def _swap(manifest: Manifest, changed: list[PublishedFile], lake: Lake) -> None:
    """What a kill may interrupt: done again, it ends the same."""
    path = manifest_path(manifest.partition)
    if changed:
        lake.delete(path)
    for file in changed:
        lake.move(_waiting(file, manifest.partition), file.path)
    lake.write_bytes(path, manifest.to_bytes())


def _ask(lake: Lake) -> None:
    """Before a swap, a writer makes sure that the partition is still its own."""
    if lake.fence is not None:
        lake.fence(at_once=True)


def _waiting(file: PublishedFile, partition: Partition) -> str:
    return f"{INCOMING}/{partition.path}/{file.dataset}.parquet"


def _intent_path(partition: Partition) -> str:
    return f"{INCOMING}/{partition.path}/{_INTENT}"


def _digest(lake: Lake, path: str) -> str | None:
    try:
        return hashlib.sha256(lake.read_bytes(path)).hexdigest()
    except MissingPartition:
        return None


def _holds(lake: Lake, path: str, data: bytes) -> bool:
    try:
        return lake.read_bytes(path) == data
    except MissingPartition:
        return False
