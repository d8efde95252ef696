"""What the lake holds of a day, all sources of it: read once, and again only where its folder has changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from marsad.clean.record import ARTICLES
from marsad.console.cache import Cache
from marsad.errors import LakeUnreachable, LakeUnusable
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.publish.manifest import Manifest, manifest_path, parse_manifest
from marsad.scrape.record import CAPTURES

log = logging.getLogger(__name__)
_GATES = f"reports/gates/{CAPTURES.name}"


@dataclass(frozen=True)
class Day:
    """A day in the lake, by source."""

    manifests: Mapping[str, Manifest]
    """What is published; also of the source ``all``, which stands for what is made across sources."""
    unreadable: frozenset[str]
    """Sources whose manifest is there and cannot be read."""
    scraped: frozenset[str]
    """Sources that have captures."""
    gated: frozenset[str]
    """Sources that a gate has looked at."""


def read_day(day: date, lake: Lake, cache: Cache) -> Day:
    """What the lake holds of a day.

    Raises:
        LakeUnreachable: the store does not answer now.
        LakeUnusable: it cannot be listed.
    """
    folders = [f"{above}/date={day.isoformat()}" for above in ("published/_manifests", f"raw/{CAPTURES.name}", _GATES)]
    stamps = tuple(lake.folder_stamp(folder) for folder in folders)
    return cache.get(("day", day), stamps, lambda: _read(day, folders, lake))


def _read(day: date, folders: list[str], lake: Lake) -> Day:
    published, raw, gates = (lake.names(folder) for folder in folders)
    manifests, unreadable = {}, set()
    for name in (n.removeprefix("source=").removesuffix(".json") for n in published):
        path = manifest_path(Partition(name, day))
        try:
            manifests[name] = parse_manifest(lake.read_bytes(path), path, lake)
        except LakeUnreachable:
            raise
        except LakeUnusable as error:
            log.warning("%s", error)
            unreadable.add(name)
    return Day(
        manifests,
        frozenset(unreadable),
        frozenset(n.removeprefix("source=") for n in raw),
        frozenset(n.removeprefix("source=") for n in gates),
    )


def rows_in(manifest: Manifest, dataset: str = ARTICLES.name) -> int:
    """How many rows of a dataset a partition published; its stories, where not said."""
    return next((f.row_count for f in manifest.files if f.dataset == dataset), 0)
