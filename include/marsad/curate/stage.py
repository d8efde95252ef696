"""Curate a day: which of its stories say the same as others, here or in the days before."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marsad.clean.record import ARTICLES
from marsad.curate.minhash import candidate_pairs, signature
from marsad.curate.record import DUPLICATES, Duplicate
from marsad.curate.shingles import fingerprint, jaccard, shingles, words
from marsad.dataset import Batch
from marsad.errors import MissingPartition
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import read_manifest

NEAR = 0.5
"""Word-shingle Jaccard from which two stories are near duplicates."""

MIN_WORDS = 20
"""Shorter texts (one-line bulletins) agree by chance: only exact ones count."""

_COLUMNS = ["article_id", "source", "date", "published_at", "body", "attributions"]
_BETWEEN_CREDITS = re.compile(r"[+/|،,؛;–—]|\s-\s")
"""What parts one credit from the next in a line such as «وكالة الساحل + وكالات»."""


@dataclass(eq=False)
class _Text:
    article_id: str
    source: str
    date: date
    published_at: datetime | None
    credits: frozenset[tuple[str, ...]]
    """The words of each credit, and of each part of one that names several."""
    fingerprint: str
    word_count: int
    shingles: NDArray[np.uint64]
    signature: NDArray[np.uint32]


def curate(date: date, lake: Lake, *, window_days: int = 14, titles: Mapping[str, str] | None = None) -> Batch:
    """Group a day's published stories with their copies of that day and the window before.

    Args:
        date: the day whose stories get rows.
        lake: where they are published; a partition without its manifest is not there.
        window_days: days before it that are compared too.
        titles: each source's title, to know it in a copy's credits.

    Returns:
        A batch of ``DUPLICATES``: a row for each story of the day in a group of two or more. The
        original is named only where a copy's credits name its source and the hours do not speak
        against it, never by time alone: who printed first need not be who wrote.

    Raises:
        MissingPartition: no source has published that day.
    """
    if not _published(date, lake):
        raise MissingPartition(f"nothing is published for {date} in {lake}; run a source for that day first")
    texts = _read(date, lake, window_days)
    likeness = _likeness(texts)
    nearest: dict[int, tuple[float, str]] = {}
    for (one, other), similarity in likeness.items():
        for here, there in ((one, other), (other, one)):
            nearest[here] = max(nearest.get(here, (0.0, "")), (similarity, texts[there].article_id))
    rows = []
    for members in _groups(len(texts), likeness):
        group = [texts[m] for m in members]
        group_id = min(t.article_id for t in group)
        originals = _originals(group, titles or {})
        counts: dict[str, int] = defaultdict(int)
        for text in group:
            counts[text.fingerprint] += 1
        for position in members:
            text = texts[position]
            if text.date == date:
                rows.append(_row(text, group_id, counts[text.fingerprint] > 1, originals, nearest[position]))
    return Batch.of(DUPLICATES, rows)


def _row(text: _Text, group_id: str, same: bool, originals: Mapping[str, str], nearest: tuple[float, str]) -> Duplicate:
    similarity, other = nearest
    original = originals.get(text.article_id)
    if original == text.article_id:
        basis = "credited by its copies"
    elif original:
        basis = f"credits the source of {original}"
    else:
        basis = f"same words as {other}" if same else f"shares {similarity:.2f} of its shingles with {other}"
    relation: Any = "wire_copy" if original and original != text.article_id else "exact" if same else "near"
    return Duplicate(text.date, text.article_id, text.source, group_id, original, relation, round(similarity, 4), basis)


def _published(day: date, lake: Lake) -> list[Partition]:
    """The sources' partitions of a day that are complete."""
    names = [
        path.rpartition("source=")[2].removesuffix(".json")
        for path in lake.list(f"published/_manifests/date={day.isoformat()}", "source=*.json")
    ]
    return [Partition(name, day) for name in names if name != ALL_SOURCES]


def _read(day: date, lake: Lake, window_days: int) -> list[_Text]:
    """The texts of the window, by article_id; of an id found on two days, the later day's."""
    found: dict[str, _Text] = {}
    for back in range(window_days, -1, -1):
        for partition in _published(day - timedelta(days=back), lake):
            for row in _articles(partition, lake):
                tokens = words(row["body"])
                parts = shingles(tokens)
                found[row["article_id"]] = _Text(
                    row["article_id"],
                    row["source"],
                    row["date"],
                    row["published_at"],
                    _credits(row["attributions"]),
                    fingerprint(tokens),
                    len(tokens),
                    parts,
                    signature(parts),
                )
    return [found[i] for i in sorted(found)]


def _articles(partition: Partition, lake: Lake) -> Iterator[dict[str, Any]]:
    manifest = read_manifest(lake, partition)
    for file in manifest.files if manifest else ():
        if file.dataset == ARTICLES.name:
            table = lake.read_table_at(ARTICLES, file.path).select(_COLUMNS)
            for some in table.to_batches(1024):  # a day's texts as Python objects are many times their size
                yield from some.to_pylist()


def _credits(attributions: list[str]) -> frozenset[tuple[str, ...]]:
    lines = [part for line in attributions for part in (line, *_BETWEEN_CREDITS.split(line))]
    return frozenset(named for line in lines if (named := tuple(words(line))))


def _likeness(texts: list[_Text]) -> dict[tuple[int, int], float]:
    """The pairs that are duplicates, with their Jaccard similarity."""
    likeness: dict[tuple[int, int], float] = {}
    first: dict[str, int] = {}
    for position, text in enumerate(texts):
        if text.word_count and first.setdefault(text.fingerprint, position) != position:
            likeness[(first[text.fingerprint], position)] = 1.0
    # one of each text is compared: its exact copies are in its group already
    distinct = [p for p in first.values() if texts[p].word_count >= MIN_WORDS]
    for left, right in candidate_pairs([texts[p].signature for p in distinct]):
        one, other = distinct[left], distinct[right]
        similarity = jaccard(texts[one].shingles, texts[other].shingles)
        if similarity >= NEAR:
            likeness[(one, other)] = similarity
    return likeness


def _groups(count: int, pairs: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """Connected members, by union-find; only groups of two or more."""
    parent = list(range(count))

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for one, other in sorted(pairs):
        parent[max(root(one), root(other))] = min(root(one), root(other))
    groups: dict[int, list[int]] = defaultdict(list)
    for x in range(count):
        groups[root(x)].append(x)
    return [members for members in groups.values() if len(members) > 1]


def _is_before(one: _Text, other: _Text) -> bool:
    """Whether one was surely published before the other."""
    if one.published_at is None or other.published_at is None:
        return False
    at = one.published_at
    # a page that gives a day without an hour stands at midnight of its zone: then any hour of that day is meant
    is_day_only = at.minute in (0, 30) and at.second == at.microsecond == 0
    return at + timedelta(days=is_day_only) < other.published_at


def _originals(group: list[_Text], titles: Mapping[str, str]) -> dict[str, str]:
    """For each copy that credits another member's source, the story it goes back to; and itself for that one.

    Nobody says which it is where the credited source has several members in the group, where two
    sources are credited, where sources credit each other, or where the copy was published first.
    """
    by_source: dict[str, list[_Text]] = defaultdict(list)
    for text in group:
        by_source[text.source].append(text)
    names = {source: tuple(words(titles.get(source, ""))) for source in by_source}
    credited: dict[str, _Text] = {}
    for text in group:
        sources = [s for s in by_source if s != text.source and names[s] and names[s] in text.credits]
        if len(sources) == 1 and len(by_source[sources[0]]) == 1:
            (original,) = by_source[sources[0]]
            if not _is_before(text, original):
                credited[text.article_id] = original
    found: dict[str, str] = {}
    for start in credited:
        trail, here = {start}, credited[start].article_id
        while here in credited and here not in trail:
            trail.add(here)
            here = credited[here].article_id
        if here not in trail:
            found[start] = here
            found[here] = here
    return found
