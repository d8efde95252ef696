"""What the lake holds of a day, all sources of it: read once, and again only where its folder has changed."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from marsad.clean.record import ARTICLES
from marsad.console.cache import Cache
from marsad.errors import LakeUnreachable, LakeUnusable, MissingPartition
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.publish.manifest import FORMAT, manifest_path
from marsad.scrape.record import CAPTURES

log = logging.getLogger(__name__)
_GATES = f"reports/gates/{CAPTURES.name}"


@dataclass(frozen=True, slots=True)
class Published:
    """What the map needs of a manifest: a whole one is ten times as large in memory."""

    rows: Mapping[str, int]
    """By dataset."""
    outcomes: Mapping[str, int]
    quarantined: Mapping[str, int]
    has_override: bool
    """Whether a gate was passed by a decision."""

    @property
    def stories(self) -> int:
        """Rows of articles."""
        return self.rows.get(ARTICLES.name, 0)


@dataclass(frozen=True)
class Day:
    """A day in the lake, by source."""

    published: Mapping[str, Published]
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
    return cache.get(("day", day), stamps, lambda: _read(day, folders, lake), lambda made: len(made.published))


def _read(day: date, folders: list[str], lake: Lake) -> Day:
    published, raw, gates = (lake.names(folder) for folder in folders)
    found, unreadable = {}, set()
    for name in (n.removeprefix("source=").removesuffix(".json") for n in published):
        path = manifest_path(Partition(name, day))
        try:
            found[name] = _outline(lake.read_bytes(path))
        except MissingPartition:  # taken back meanwhile
            continue
        except LakeUnreachable:
            raise
        except (LakeUnusable, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s cannot be read: %s", path, error)
            unreadable.add(name)
    return Day(
        found,
        frozenset(unreadable),
        frozenset(n.removeprefix("source=") for n in raw),
        frozenset(n.removeprefix("source=") for n in gates),
    )


def _outline(data: bytes) -> Published:
    """What is needed of a manifest, unvalidated: of some thousand at once that would be half of a cold page's time."""
    plain = json.loads(data)
    if plain.get("format", FORMAT) > FORMAT:
        raise ValueError(f"it is of format {plain['format']}, this Marsad reads {FORMAT} at most")
    return Published(
        {str(file["dataset"]): int(file["row_count"]) for file in plain["files"]},
        {str(name): int(count) for name, count in plain["outcomes"].items()},
        {str(name): int(count) for name, count in plain["quarantined"].items()},
        any(gate["override"] for gate in plain["gates"]),
    )
