"""The articles of a day and the two before it, as grouping them into stories needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from marsad.clean.record import ARTICLES
from marsad.curate.terms import Terms, terms_of
from marsad.curate.window import published_sources
from marsad.dataset import Dataset
from marsad.extract.record import MENTIONS, QUANTITIES
from marsad.lake import Lake
from marsad.publish.manifest import Manifest, read_manifest

SPAN = timedelta(hours=48)
"""From the first to the last article of a story."""
DAYS = 2
"""The same in days: a story's articles are of three dates at most."""
SHORT = 12
"""Words; a shorter text is a line, too little to begin a story with."""

_COLUMNS = ["article_id", "source", "date", "title", "body", "published_at", "published_basis", "is_live_blog"]
_NAMED = frozenset({"PER", "LOC", "ORG", "FAC", "EVENT"})
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Piece:
    """One article."""

    article_id: str
    source: str
    date: date
    title: str | None
    published_at: datetime | None
    earliest: datetime
    latest: datetime
    """Between these it was published: one instant where the hour is known, else its day."""
    is_follower: bool
    """It joins a story and begins none: a live page (of many events), a line, a day that nobody gives."""
    names: tuple[tuple[str, str], ...]
    """Type and name of its mentions, each once, in order."""
    terms: Terms

    @property
    def has_hour(self) -> bool:
        """Whether its hour is known."""
        return self.earliest == self.latest


def piece(
    row: Mapping[str, Any],
    mentions: Sequence[tuple[str, str]],
    quantities: Sequence[tuple[str, float, str | None]],
    zone: tzinfo = UTC,
) -> Piece:
    """An article with what was found in it.

    Args:
        row: of the dataset articles.
        mentions: type and name of each.
        quantities: kind, value and unit of each.
        zone: of the source; a page that gives a day without an hour stands at its midnight.
    """
    day, at = row["date"], row["published_at"]
    midnight = datetime.combine(day, time(), zone)
    is_seen = row["published_basis"] in (None, "first_seen")
    if at is None or is_seen or at == midnight:
        earliest, latest = midnight.astimezone(UTC), (midnight + _DAY).astimezone(UTC)
    else:
        earliest = latest = at
    names = tuple(dict.fromkeys((kind, name) for kind, name in mentions if kind in _NAMED))
    return Piece(
        article_id=row["article_id"],
        source=row["source"],
        date=day,
        title=row["title"],
        published_at=at,
        earliest=earliest,
        latest=latest,
        is_follower=bool(row["is_live_blog"]) or is_seen or len(row["body"].split()) < SHORT,
        names=names,
        terms=terms_of(row["title"], row["body"], names, quantities),
    )


def read_pieces(day: date, lake: Lake, zones: Mapping[str, tzinfo]) -> list[Piece]:
    """The published articles of a day and the two before it, by id; of one found on two days, the later day's."""
    found: dict[str, Piece] = {}
    for back in range(DAYS, -1, -1):
        for partition in published_sources(day - timedelta(days=back), lake):
            manifest = read_manifest(lake, partition)
            if manifest is None:
                continue
            mentions: dict[str, list[tuple[str, str]]] = defaultdict(list)
            for row in _rows(manifest, MENTIONS, ["article_id", "start", "type", "name"], lake):
                mentions[row["article_id"]].append((row["type"], row["name"]))
            quantities: dict[str, list[tuple[str, float, str | None]]] = defaultdict(list)
            for row in _rows(manifest, QUANTITIES, ["article_id", "kind", "value", "unit"], lake):
                if row["value"] is not None:
                    quantities[row["article_id"]].append((row["kind"], row["value"], row["unit"]))
            zone = zones.get(partition.source, UTC)
            for row in _rows(manifest, ARTICLES, _COLUMNS, lake):
                name = row["article_id"]
                found[name] = piece(row, mentions[name], quantities[name], zone)
    return [found[name] for name in sorted(found)]


def _rows(manifest: Manifest, dataset: Dataset, columns: list[str], lake: Lake) -> list[dict[str, Any]]:
    """Some columns of a published dataset; none where the partition was published without it."""
    path = next((f.path for f in manifest.files if f.dataset == dataset.name), None)
    if path is None:
        return []
    rows: list[dict[str, Any]] = lake.read_table_at(dataset, path, columns=columns).to_pylist()
    return rows


def may_be_one(pieces: Sequence[Piece], series: frozenset[str]) -> bool:
    """Whether the time between articles lets them be one story.

    Of those whose hour is not known any hour of the day is meant. Pieces of a daily series (prices, prayer times,
    closing reports) are of their own day alone.

    Args:
        pieces: the articles.
        series: ids of those that are of a series.
    """
    days = [p.date for p in pieces]
    if max(days) - min(days) > timedelta(days=DAYS):
        return False
    if max(p.earliest for p in pieces) - min(p.latest for p in pieces) > SPAN:
        return False
    return len(set(days)) == 1 or not any(p.article_id in series for p in pieces)
