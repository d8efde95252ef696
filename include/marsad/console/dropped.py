"""Quarantine of a day: how much of what, and the rows a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marsad.clean.record import ARTICLES
from marsad.console.cache import Cache
from marsad.console.days import Day, read_day
from marsad.dataset import Quarantined
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.publish.manifest import read_manifest
from marsad.quarantine import PARTS, quarantine_path, quarantine_rows
from marsad.stages import audited

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which rows; an empty text is for all."""

    day: date
    source: str = ""
    dataset: str = ""
    stage: str = ""
    reason: str = ""

    def fits(self, row: Quarantined) -> bool:
        """Whether a row is one of them."""
        asked = ((self.dataset, row.dataset), (self.stage, row.stage), (self.reason, row.reason))
        return all(not given or given == found for given, found in asked)


@dataclass(frozen=True)
class Overview:
    """How many rows of a day are in quarantine, of the sources that may be read."""

    by_source: Mapping[str, Mapping[str, int]]
    """Reasons by source, the source with most rows first."""
    reasons: Mapping[str, int]


@dataclass(frozen=True)
class Page:
    """Some of the rows."""

    rows: tuple[Quarantined, ...]
    offset: int
    has_more: bool


def overview(day: date, readable: Collection[str], lake: Lake, cache: Cache) -> Overview:
    """What is in quarantine on a day, counted: as manifests say, and of days not published by their files.

    Raises:
        LakeUnusable: a file is not what it should be.
    """
    held = read_day(day, lake, cache)
    found = {name: counts for name in sorted(readable) if (counts := _counts(Partition(name, day), held, lake, cache))}
    order = sorted(found, key=lambda name: (-sum(found[name].values()), name))
    total: Counter[str] = Counter()
    for counts in found.values():
        total.update(counts)
    return Overview({name: dict(Counter(found[name]).most_common()) for name in order}, dict(total.most_common()))


def _counts(partition: Partition, held: Day, lake: Lake, cache: Cache) -> Mapping[str, int]:
    published = held.published.get(partition.source)
    if published is not None:
        return published.quarantined
    if partition.source in held.scraped or partition.source in held.gated:
        return Counter(row.reason for row in rows_of_partition(partition, lake, cache))
    return {}


def page(wanted: Wanted, found: Overview, offset: int, lake: Lake, cache: Cache) -> Page:
    """A page of rows, in the order of sources and datasets; no more of the lake is read than it takes.

    Args:
        found: the day's overview: it says which sources can have such rows.

    Raises:
        LakeUnusable: a file is not what it should be.
    """
    rows: list[Quarantined] = []
    for n, row in enumerate(_rows(wanted, found, lake, cache)):
        if n >= offset + PAGE:
            return Page(tuple(rows), offset, True)
        if n >= offset:
            rows.append(row)
    return Page(tuple(rows), offset, False)


def _rows(wanted: Wanted, found: Overview, lake: Lake, cache: Cache) -> Iterator[Quarantined]:
    for name in sorted(found.by_source):
        if wanted.source not in ("", name) or (wanted.reason and wanted.reason not in found.by_source[name]):
            continue
        yield from filter(wanted.fits, rows_of_partition(Partition(name, wanted.day), lake, cache))


def rows_of_partition(partition: Partition, lake: Lake, cache: Cache) -> tuple[Quarantined, ...]:
    """The rows of a partition, read again only where they have changed."""
    datasets = audited()
    folders = {quarantine_path(d, partition, PARTS[0]).rsplit("/", 1)[0] for d in datasets}
    stamps = tuple(lake.folder_stamp(folder) for folder in sorted(folders))
    if not any(stamps):
        return ()
    return cache.get(
        ("quarantine", partition),
        stamps,
        lambda: tuple(quarantine_rows(datasets, partition, lake)),
        lambda made: len(made) // 4,
    )


def story_of_row(row: Quarantined, values: Mapping[str, Any], lake: Lake) -> str | None:
    """The id of the story that a dropped row is of, such as a quotation's; None where it is not published.

    Args:
        values: the row as it was written; empty where the stage itself dropped it.

    Raises:
        LakeUnusable: a file is not what it should be.
    """
    partition = Partition(row.source, row.date)
    manifest = read_manifest(lake, partition)
    if manifest is None or ARTICLES.name not in {file.dataset for file in manifest.files}:
        return None
    story_id = str(values.get("article_id") or row.row_key.partition("|")[0])
    path = lake.dataset_path("published", ARTICLES, partition)
    published = lake.read_table_at(ARTICLES, path, columns=["article_id"])["article_id"].to_pylist()
    return story_id if story_id in published else None
