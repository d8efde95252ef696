"""Ids of stories, that stay while stories grow, merge and split.

A story's id is a hash of the article it began with when it was first seen. From then on it is handed down: each
article's *last* row (of the day itself as curated before, else of the day before, else of the one before that) says
which story it was in, and

- of an id that several groups have articles of, the group with most of them keeps it (ties: the group with the
  smallest article id); the others get ids of their own (a split);
- a group that keeps several ids goes by the oldest, the one with the earliest article; the others are in its
  ``merged_from`` (a merge).

Since every row of a day that was curated before says the id that this gives, curating again changes nothing.
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
class Before:
    """What was published of stories."""

    story_of: Mapping[str, str]
    """By article its last story."""
    age: Mapping[str, Age]
    """By story its earliest article: day, then hour and id."""
    merged_from: Mapping[str, frozenset[str]]
    groups: tuple[tuple[str, ...], ...]
    """The articles of each story that goes on, by the rows of earlier days."""
    closed: frozenset[str]
    """Articles of stories that began too long ago to go on."""


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
    earlier: dict[str, tuple[str, date]] = {}
    story_of: dict[str, str] = {}
    age: dict[str, Age] = {}
    merged: dict[str, frozenset[str]] = {}
    for back in range(days, -1, -1):
        partition = Partition(ALL_SOURCES, day - timedelta(days=back))
        for row in _rows(STORY_MEMBERS, partition, lake):
            story_of[row["article_id"]] = row["story_id"]
            began = (row["article_date"], f"{_hour(row['published_at'])} {row['article_id']}")
            age[row["story_id"]] = min(age.get(row["story_id"], began), began)
            if back:
                earlier[row["article_id"]] = (row["story_id"], row["article_date"])
        for row in _rows(STORIES, partition, lake):
            merged[row["story_id"]] = merged.get(row["story_id"], frozenset()) | frozenset(row["merged_from"])
    too_old = {story for story, article_date in earlier.values() if article_date < day - timedelta(days=days)}
    groups: dict[str, list[str]] = {}
    for article_id, (story, _) in sorted(earlier.items()):
        if story not in too_old:
            groups.setdefault(story, []).append(article_id)
    closed = frozenset(article_id for article_id, (story, _) in earlier.items() if story in too_old)
    return Before(story_of, age, merged, tuple(tuple(g) for g in groups.values()), closed)


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
    claims: dict[str, dict[int, int]] = {}
    for g, members in enumerate(groups):
        counts = Counter(before.story_of[m] for m in members if m in before.story_of)
        for story, count in counts.items():
            claims.setdefault(story, {})[g] = count
    kept: dict[int, list[str]] = {}
    for story, shares in sorted(claims.items()):
        winner = min(shares, key=lambda g: (-shares[g], min(groups[g])))
        kept.setdefault(winner, []).append(story)
    chosen = {g: min(stories, key=lambda s: (before.age[s], s)) for g, stories in kept.items()}
    # an article of a closed story, or of one that has no group here, may have given its name away
    taken = set(chosen.values()) | set(before.story_of.values())
    for g in sorted((g for g in range(len(groups)) if g not in chosen), key=lambda g: min(groups[g])):
        chosen[g] = _fresh(groups[g], taken)
        taken.add(chosen[g])
    alive = set(chosen.values())
    named = []
    for g in range(len(groups)):
        gone = {s for s in kept.get(g, ()) if s != chosen[g]}
        for story in (*sorted(gone), chosen[g]):
            gone |= before.merged_from.get(story, frozenset())
        named.append(Named(chosen[g], tuple(sorted(gone - alive))))
    return named


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
