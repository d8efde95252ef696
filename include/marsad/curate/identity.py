"""Ids of stories, that stay while stories grow, merge and split.

A new story's id is a hash of its first article. From then on it is handed down, first by the rows of earlier days
(each article's last row), then, for what they do not know, by the rows of the day itself as curated before:

- of an id that several groups have articles of, the group with most of them keeps it (ties: the group with the
  smallest article id); the others get ids of their own (a split);
- a group that keeps several ids goes by the oldest, the one with the earliest article; the others are in its
  ``merged_from`` (a merge), and no new story gets them again.

What earlier days say does not depend on the day's own rows, and these say what was given last time: curating again
changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from marsad.curate.record import STORIES, STORY_MEMBERS
from marsad.dataset import Dataset
from marsad.errors import MissingPartition
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition

Age = tuple[date, str]


@dataclass(frozen=True)
class Rows:
    """What published rows say of ids."""

    story_of: Mapping[str, str]
    """By article its last story."""
    age: Mapping[str, Age]
    """By story its earliest article: day, then hour and id."""
    merged_from: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Before:
    """What was published of stories."""

    earlier: Rows
    """On earlier days."""
    same_day: Rows
    """When the day was curated before."""
    groups: tuple[tuple[str, ...], ...] = ()
    """The articles of each story that goes on, by the rows of earlier days."""
    closed: frozenset[str] = frozenset()
    """Articles of stories that began too long ago to go on."""


NOTHING = Rows({}, {}, {})


@dataclass(frozen=True)
class Named:
    """A story's id, and those of the stories that it has taken in."""

    story_id: str
    merged_from: tuple[str, ...]


def read_before(day: date, lake: Lake, days: int) -> Before:
    """The stories published for the day itself and some days before it.

    Files are read whether their manifest is there or not: an old file and the one that replaces it say the same ids,
    so that a day that was stopped half way is curated again to the same bytes.

    Raises:
        LakeUnusable: a file is none of the dataset.
    """
    own = Partition(ALL_SOURCES, day)
    earlier_days = [Partition(ALL_SOURCES, day - timedelta(days=back)) for back in range(days, 0, -1)]
    date_of: dict[str, date] = {}
    earlier = _read(earlier_days, lake, date_of)
    same_day = _read([own], lake, {})
    too_old = {earlier.story_of[a] for a, at in date_of.items() if at < day - timedelta(days=days)}
    groups: dict[str, list[str]] = {}
    for article_id, story in sorted(earlier.story_of.items()):
        if story not in too_old:
            groups.setdefault(story, []).append(article_id)
    closed = frozenset(article_id for article_id, story in earlier.story_of.items() if story in too_old)
    return Before(earlier, same_day, tuple(tuple(g) for g in groups.values()), closed)


def _read(partitions: Sequence[Partition], lake: Lake, date_of: dict[str, date]) -> Rows:
    """The rows of some days, the latest last; ``date_of`` gets each article's own day."""
    story_of: dict[str, str] = {}
    age: dict[str, Age] = {}
    merged: dict[str, frozenset[str]] = {}
    for partition in partitions:
        for row in _rows(STORY_MEMBERS, partition, lake):
            story_of[row["article_id"]] = row["story_id"]
            date_of[row["article_id"]] = row["article_date"]
            began = (row["article_date"], f"{_hour(row['published_at'])} {row['article_id']}")
            age[row["story_id"]] = min(age.get(row["story_id"], began), began)
        for row in _rows(STORIES, partition, lake):
            merged[row["story_id"]] = merged.get(row["story_id"], frozenset()) | frozenset(row["merged_from"])
    return Rows(story_of, age, merged)


def _rows(dataset: Dataset, partition: Partition, lake: Lake) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = lake.read_table("published", dataset, partition).to_pylist()
    except MissingPartition:
        return []
    return rows


def _hour(at: datetime | None) -> str:
    # a day without an hour stands behind the hours of its day
    return at.isoformat() if at else "~"


def name_stories(groups: Sequence[Sequence[str]], before: Before) -> list[Named]:
    """An id for each group.

    Args:
        groups: ids of the articles of each, in order of time; every article is in one, those alone too.
        before: what was published.
    """
    kept = _kept(groups, before.earlier, frozenset())
    chosen = {g: min(stories, key=lambda s: (before.earlier.age[s], s)) for g, stories in kept.items()}
    known = frozenset(before.earlier.story_of.values())
    again = _kept(groups, before.same_day, known)
    for g, stories in again.items():
        chosen.setdefault(g, min(stories, key=lambda s: (before.same_day.age[s], s)))
    taken = set(known).union(before.same_day.story_of.values())
    taken = taken.union(*before.earlier.merged_from.values(), *before.same_day.merged_from.values())
    for g in sorted((g for g in range(len(groups)) if g not in chosen), key=lambda g: min(groups[g])):
        chosen[g] = _fresh(groups[g], taken)
        taken.add(chosen[g])
    alive = set(chosen.values())
    named = []
    for g in range(len(groups)):
        gone = {*kept.get(g, ()), *again.get(g, ())}
        for story in (*sorted(gone), chosen[g]):
            gone |= before.earlier.merged_from.get(story, frozenset())
            gone |= before.same_day.merged_from.get(story, frozenset())
        named.append(Named(chosen[g], tuple(sorted(gone - alive))))
    return named


def _kept(groups: Sequence[Sequence[str]], rows: Rows, but: frozenset[str]) -> dict[int, list[str]]:
    """The ids that each group keeps, of those that rows say; ids of ``but`` are passed over."""
    claims: dict[str, dict[int, int]] = {}
    for g, members in enumerate(groups):
        counts = Counter(rows.story_of[m] for m in members if m in rows.story_of)
        for story, count in counts.items():
            if story not in but:
                claims.setdefault(story, {})[g] = count
    kept: dict[int, list[str]] = {}
    for story, shares in sorted(claims.items()):
        winner = min(shares, key=lambda g: (-shares[g], min(groups[g])))
        kept.setdefault(winner, []).append(story)
    return kept


def _fresh(members: Iterable[str], taken: set[str]) -> str:
    """The id that a new story gets: of its first article whose id is free."""
    last = ""
    for article_id in members:
        last = hashlib.sha256(f"story {article_id}".encode()).hexdigest()[:16]
        if last not in taken:
            return last
    # all of its articles have begun stories that others go by now
    while last in taken:
        last = hashlib.sha256(f"story {last}".encode()).hexdigest()[:16]
    return last
