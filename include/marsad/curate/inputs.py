"""What a curated day was made of, so that it is known when it should be made again.

A story that turns up late changes its own day; the copies and stories of the days after it may be others for it. The
digests of what a day was curated from are kept beside it, in ``core/curated``.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

from marsad.clean.record import ARTICLES
from marsad.curate.pieces import DAYS
from marsad.curate.window import published_sources
from marsad.errors import MissingPartition
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import read_manifest

WINDOW_DAYS = 14
"""Days before a day in which its copies are looked for."""


def inputs_of(day: date, lake: Lake) -> str:
    """A digest of all published files that curating a day reads.

    Of the days that stories reach back to every file counts, and what was curated of them; of older ones the articles.
    """
    read = []
    for back in range(WINDOW_DAYS, -1, -1):
        before = day - timedelta(days=back)
        partitions = published_sources(before, lake)
        if 0 < back <= DAYS:
            partitions.append(Partition(ALL_SOURCES, before))
        for partition in partitions:
            manifest = read_manifest(lake, partition)
            files = manifest.files if manifest else ()
            read += [f"{f.path} {f.sha256}" for f in files if back <= DAYS or f.dataset == ARTICLES.name]
    return hashlib.sha256("\n".join(sorted(read)).encode()).hexdigest()


def note(day: date, inputs: str, lake: Lake) -> None:
    """Keep what a day was curated from."""
    lake.write_json(_path(day), {"inputs": inputs})


def is_stale(day: date, lake: Lake) -> bool:
    """Whether a curated day was made of other files than there are now; a day never curated is not stale."""
    if read_manifest(lake, Partition(ALL_SOURCES, day)) is None or not published_sources(day, lake):
        return False
    try:
        kept = json.loads(lake.read_bytes(_path(day)))["inputs"]
    except (MissingPartition, ValueError, KeyError, TypeError):
        return True  # curated before this was kept, or torn
    return bool(kept != inputs_of(day, lake))


def _path(day: date) -> str:
    return f"core/curated/date={day.isoformat()}/inputs.json"
