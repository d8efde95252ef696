"""Curate a day: which of its stories say the same as others, here or in the days before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marsad.clean.record import ARTICLES
from marsad.curate.minhash import candidate_pairs, signature
from marsad.curate.record import DUPLICATES, Duplicate
from marsad.curate.shingles import fingerprint, fold, jaccard, shingles, words
from marsad.dataset import Batch
from marsad.errors import MissingPartition
from marsad.lake import Lake

NEAR = 0.5
"""Word-shingle Jaccard from which two stories are near duplicates."""

MIN_WORDS = 20
"""Shorter texts (one-line bulletins) agree by chance: only exact ones count."""

_COLUMNS = ["article_id", "source", "date", "body", "attributions"]


@dataclass(eq=False)
class _Text:
    article_id: str
    source: str
    date: date
    credits: tuple[str, ...]
    fingerprint: str
    word_count: int
    shingles: NDArray[np.uint64]
    signature: NDArray[np.uint32]


def curate(date: date, lake: Lake, *, window_days: int = 14, titles: Mapping[str, str] | None = None) -> Batch:
    """Group a day's published stories with their copies of that day and the window before.

    Args:
        date: the day whose stories get rows.
        lake: where they are published.
        window_days: days before it that are compared too.
        titles: each source's title, to know it in a copy's credits.

    Returns:
        A batch of ``DUPLICATES``: a row for each story of the day in a group of two or more. The
        original is named only where a copy's credits name its source, never by time alone: who
        printed first need not be who wrote.

    Raises:
        MissingPartition: no source has published that day.
    """
    texts = _read(date, lake, window_days)
    if not any(t.date == date for t in texts):
        raise MissingPartition(f"nothing is published for {date} in {lake}; run a source for that day first")
    likeness = _likeness(texts)
    rows = []
    for members in _groups(len(texts), likeness):
        group = [texts[m] for m in members]
        group_id = min(t.article_id for t in group)
        originals = _originals(group, titles or {})
        for position in members:
            text = texts[position]
            if text.date != date:
                continue
            near = max(
                (likeness[pair], texts[pair[0] if pair[1] == position else pair[1]].article_id)
                for pair in likeness
                if position in pair
            )
            rows.append(_row(text, group, group_id, originals, near))
    return Batch.of(DUPLICATES, rows)


def _row(
    text: _Text, group: list[_Text], group_id: str, originals: Mapping[str, str], near: tuple[float, str]
) -> Duplicate:
    similarity, other = near
    same = sum(1 for t in group if t.fingerprint == text.fingerprint) > 1
    original = originals.get(text.article_id)
    if original == text.article_id:
        basis = "credited by its copies"
    elif original:
        basis = f"credits the source of {original}"
    else:
        basis = f"same words as {other}" if same else f"shares {similarity:.2f} of its shingles with {other}"
    relation: Any = "wire_copy" if original and original != text.article_id else "exact" if same else "near"
    return Duplicate(text.date, text.article_id, text.source, group_id, original, relation, round(similarity, 4), basis)


def _read(day: date, lake: Lake, window_days: int) -> list[_Text]:
    found = []
    for back in range(window_days, -1, -1):
        folder = f"published/articles/date={(day - timedelta(days=back)).isoformat()}"
        for path in lake.list(folder, "source=*/*.parquet"):
            for row in lake.read_table_at(ARTICLES, path).select(_COLUMNS).to_pylist():
                tokens = words(row["body"])
                parts = shingles(tokens)
                found.append(
                    _Text(
                        row["article_id"],
                        row["source"],
                        row["date"],
                        tuple(fold(a) for a in row["attributions"]),
                        fingerprint(tokens),
                        len(tokens),
                        parts,
                        signature(parts),
                    )
                )
    return found


def _likeness(texts: list[_Text]) -> dict[tuple[int, int], float]:
    """The pairs that are duplicates, with their Jaccard similarity."""
    likeness: dict[tuple[int, int], float] = {}
    first: dict[str, int] = {}
    for position, text in enumerate(texts):
        if text.fingerprint in first and text.word_count:
            likeness[(first[text.fingerprint], position)] = 1.0
        first.setdefault(text.fingerprint, position)
    for one, other in candidate_pairs([t.signature for t in texts]):
        if min(texts[one].word_count, texts[other].word_count) < MIN_WORDS:
            continue
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


def _originals(group: list[_Text], titles: Mapping[str, str]) -> dict[str, str]:
    """For each copy that credits another member's source, that member; and itself for the credited.

    Where the credited source has several members in the group, nobody says which: no original.
    """
    by_source: dict[str, list[_Text]] = defaultdict(list)
    for text in group:
        by_source[text.source].append(text)
    found: dict[str, str] = {}
    for text in group:
        credited = {
            source
            for source in by_source
            if source != text.source and titles.get(source) and fold(titles[source]) in text.credits
        }
        if len(credited) != 1:
            continue
        members = by_source[credited.pop()]
        if len(members) == 1:
            found[text.article_id] = members[0].article_id
            found.setdefault(members[0].article_id, members[0].article_id)
    return found
