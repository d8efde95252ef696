"""What the rules look at: everything the lake knows of one partition, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, CUTS, LATE_CAPTURES, LINKS
from marsad.dataset import Dataset, Quarantined
from marsad.errors import MissingPartition
from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.quarantine import quarantine_rows
from marsad.scrape.record import CAPTURES
from marsad.sources import Source
from marsad.validate.band import DAYS
from marsad.validate.profile import Measure, profile_of
from marsad.validate.record import PROFILES

PARTS_OF_ARTICLES: tuple[Dataset, ...] = (
    ARTICLE_VERSIONS,
    LINKS,
    CUTS,
    MENTIONS,
    QUOTATIONS,
    TIMEXES,
    QUANTITIES,
    KEYPHRASES,
)
GATED: tuple[Dataset, ...] = (CAPTURES, ARTICLES, *PARTS_OF_ARTICLES)

Row = dict[str, Any]

WEEK = 7
_OF_CAPTURES = (
    "url", "outcome", "sha256", "warc_file", "fetched_at", "error", "http_status", "byte_count", "discovered_by",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Facts:
    """One partition, as the stages and gates before left it."""

    source: Source
    partition: Partition
    captures: list[Row]
    """Accepted captures: their address, outcome and times."""
    articles: list[Row]
    """Accepted articles, whole."""
    staged_articles: list[Row]
    """What clean wrote: article_id, url, role and parent_id."""
    parts: Mapping[str, list[Row]]
    """Accepted rows of the datasets that belong to articles: article_id and, where there are, offsets."""
    counts: Mapping[str, tuple[int, int, int]]
    """By dataset: rows staged, accepted, and dropped by the gate."""
    rejected: list[Quarantined]
    """Articles that clean rejected and the gate dropped."""
    late_urls: frozenset[str]
    """Own captures that hold a story of another day, and were filed for it."""
    late_in: frozenset[str]
    """Captures of other days that hold a story of this one."""
    seen_before: frozenset[str] = frozenset()
    """``content_sha256`` of the stories of the week before."""
    profile: Mapping[str, Measure] = field(default_factory=dict)
    """The day in numbers."""
    past: Mapping[date, Mapping[str, Measure]] = field(default_factory=dict)
    """The days before in numbers: those that passed their gates."""


def read_facts(source: Source, partition: Partition, lake: Lake) -> Facts:
    """Read what the rules need.

    Raises:
        MissingPartition: a stage or a gate before has not run.
    """
    captures = lake.read_table("core", CAPTURES, partition)
    articles = lake.read_table("core", ARTICLES, partition)
    staged = lake.read_table("staged", ARTICLES, partition)
    parts = {d.name: lake.read_table("core", d, partition) for d in PARTS_OF_ARTICLES}
    accepted = {CAPTURES.name: captures, ARTICLES.name: articles, **parts}
    facts = Facts(
        source=source,
        partition=partition,
        captures=_rows(captures, *_OF_CAPTURES),
        articles=articles.to_pylist(),
        staged_articles=_rows(staged, "article_id", "url", "role", "parent_id"),
        parts={
            n: _rows(t, "article_id", *(c for c in ("start", "end", "text") if c in t.column_names))
            for n, t in parts.items()
        },
        counts={d.name: _counts(d, accepted[d.name], partition, lake) for d in GATED},
        rejected=quarantine_rows((ARTICLES,), partition, lake),
        late_urls=_filed_late(partition, lake),
        late_in=_late_in(partition, lake),
        seen_before=_seen_before(partition, lake),
    )
    return replace(facts, profile=profile_of(facts), past=read_past(partition, lake))


def read_past(partition: Partition, lake: Lake, days: int = DAYS) -> dict[date, dict[str, Measure]]:
    """The profiles of the days before a partition, as far as they passed their gates."""
    found: dict[date, dict[str, Measure]] = {}
    for day in _days_before(partition, PROFILES, lake, days):
        rows = lake.read_table("core", PROFILES, Partition(partition.source, day)).to_pylist()
        found[day] = {row["measure"]: Measure(row["value"], row["count"]) for row in rows}
    return found


def _days_before(partition: Partition, dataset: Dataset, lake: Lake, days: int) -> list[date]:
    """The days before that hold a dataset: asked for once, and not day by day."""
    before = {partition.date - timedelta(days=n) for n in range(1, days + 1)}
    paths = lake.list(f"core/{dataset.name}", f"date=*/source={partition.source}/*.parquet")
    held = {date.fromisoformat(path.split("/date=")[1].split("/")[0]) for path in paths}
    return sorted(before & held)


def _seen_before(partition: Partition, lake: Lake) -> frozenset[str]:
    found: set[str] = set()
    for day in _days_before(partition, ARTICLES, lake, WEEK):
        path = lake.dataset_path("core", ARTICLES, Partition(partition.source, day))
        found.update(lake.read_column(path, "content_sha256"))
    return frozenset(found)


def _rows(table: pa.Table, *names: str) -> list[Row]:
    rows: list[Row] = table.select(list(names)).to_pylist()
    return rows


def _counts(dataset: Dataset, accepted: pa.Table, partition: Partition, lake: Lake) -> tuple[int, int, int]:
    staged = lake.read_table("staged", dataset, partition).num_rows
    dropped = sum(1 for row in quarantine_rows((dataset,), partition, lake) if row.stage == "gate")
    return staged, accepted.num_rows, dropped


def _filed_late(partition: Partition, lake: Lake) -> frozenset[str]:
    pattern = f"date=*/source={partition.source}/from-{partition.date.isoformat()}.parquet"
    urls: set[str] = set()
    for path in lake.list("raw/late_captures", pattern):
        urls.update(lake.read_table_at(LATE_CAPTURES, path)["url"].to_pylist())
    return frozenset(urls)


def _late_in(partition: Partition, lake: Lake) -> frozenset[str]:
    try:
        return frozenset(lake.read_table("staged", LATE_CAPTURES, partition)["url"].to_pylist())
    except MissingPartition:
        return frozenset()
