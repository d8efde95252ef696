"""Labelled articles as published days, curated one after another as the pipeline does it."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from benchmarks.stories.labelled import TITLES, Labelled
from marsad.clean.record import ARTICLES, Article
from marsad.curate.record import DUPLICATES, STORIES, STORY_MEMBERS
from marsad.curate.stage import find_copies
from marsad.curate.stories import find_stories
from marsad.extract.record import MENTIONS, QUANTITIES
from marsad.extract.stage import extract
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, PublishedFile, manifest_path


def article(one: Labelled) -> Article:
    """A labelled article as the clean room would give it."""
    return Article(
        article_id=one.article_id, version=1, parent_id=None, role="main", source=one.source, date=one.date,
        url=f"https://{one.source}.example/{one.article_id}", canonical_url=None, title=one.title, lead=None,
        body=one.body, paragraphs=tuple(one.body.split("\n\n")), authors=(), published_at=one.published_at,
        published_basis="json_ld", modified_at=None, section=None, keywords=(), attributions=one.credits, dateline=None,
        language="ar", images=(), word_count=len(one.body.split()), content_sha256="0", extraction_method="text",
        is_live_blog=one.is_live, is_paywalled=False, capture_sha256="0",
    )  # fmt: skip


def publish(articles: Sequence[Labelled], lake: Lake) -> list[date]:
    """Put articles and what the extract room finds in them into a lake, as published partitions."""
    parts: dict[Partition, list[Labelled]] = defaultdict(list)
    for one in articles:
        parts[Partition(one.source, one.date)].append(one)
    for partition, some in sorted(parts.items()):
        table = ARTICLES.table([article(one) for one in some])
        found = extract(partition.source, partition.date, table)
        files = []
        for dataset, rows in (
            (ARTICLES, table),
            (MENTIONS, found.mentions.table),
            (QUANTITIES, found.quantities.table),
        ):
            written = lake.write_table("published", dataset, partition, rows)
            files.append(PublishedFile(dataset=dataset.name, **dataclasses.asdict(written)))
        manifest = Manifest(
            source=partition.source, date=partition.date, code_version="benchmark", schema_versions={},
            files=tuple(files), outcomes={}, quarantined={}, gates=(),
        )  # fmt: skip
        lake.write_bytes(manifest_path(partition), manifest.to_bytes())
    return sorted({one.date for one in articles})


def curate(days: Sequence[date], lake: Lake) -> tuple[dict[str, str], dict[str, str]]:
    """Curate days in order; by article id its story by its last row, and its group of duplicates."""
    story_of: dict[str, str] = {}
    copy_of: dict[str, str] = {}
    for day in days:
        copies = find_copies(day, lake, titles=TITLES)
        told = find_stories(day, lake, copies=copies.groups)
        partition = Partition(ALL_SOURCES, day)
        lake.write_table("published", DUPLICATES, partition, copies.batch.table)
        lake.write_table("published", STORIES, partition, told.stories.table)
        lake.write_table("published", STORY_MEMBERS, partition, told.members.table)
        for row in told.members.table.to_pylist():
            story_of[row["article_id"]] = row["story_id"]
        for n, members in enumerate(copies.groups):
            copy_of.update((a, f"{day} {n}") for a in members)
    return story_of, copy_of


def rows(lake: Lake, days: Sequence[date]) -> Iterator[dict[str, object]]:
    """All rows of story members, to look at."""
    for day in days:
        yield from lake.read_table("published", STORY_MEMBERS, Partition(ALL_SOURCES, day)).to_pylist()


def everyone(articles: Sequence[Labelled], groups: dict[str, str]) -> dict[str, str]:
    """The groups, with each article that is in none as one of its own."""
    return {one.article_id: groups.get(one.article_id, f"alone {one.article_id}") for one in articles}
