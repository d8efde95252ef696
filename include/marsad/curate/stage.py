"""Curate a day: which of its stories say the same as others, here or in the days before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marsad.curate.credits import named_in
from marsad.curate.minhash import candidate_pairs, estimate
from marsad.curate.prints import Prints, shingle_sets
from marsad.curate.record import DUPLICATES, Duplicate
from marsad.curate.shingles import overlap
from marsad.curate.window import Texts, read_window
from marsad.dataset import Batch
from marsad.errors import MissingPartition
from marsad.lake import Lake

NEAR = 0.5
"""Word-shingle Jaccard from which two stories are near duplicates."""

HELD = 0.8
"""Share of the shorter one's shingles from which a story that credits another's source is its copy, however much
the editors have put around it."""

MIN_WORDS = 20
"""Shorter texts (one-line bulletins) agree by chance: only exact ones count."""

_DOUBT = 0.2
"""What signatures tell is right to within this (four standard errors): pairs below the least by more are not read."""
_AT_ONCE = 2048


@dataclass(frozen=True)
class Likeness:
    """How alike two texts are."""

    jaccard: float
    containment: float


@dataclass(frozen=True, eq=False)
class Copies:
    """What was found of copies."""

    batch: Batch
    """Rows of ``DUPLICATES``."""
    groups: tuple[tuple[str, ...], ...]
    """The articles of each group, those of the days before among them."""


def curate(date: date, lake: Lake, *, window_days: int = 14, titles: Mapping[str, str] | None = None) -> Batch:
    """The rows alone of :func:`find_copies`."""
    return find_copies(date, lake, window_days=window_days, titles=titles).batch


def find_copies(date: date, lake: Lake, *, window_days: int = 14, titles: Mapping[str, str] | None = None) -> Copies:
    """Group a day's published stories with their copies of that day and the window before.

    Args:
        date: the day whose stories get rows.
        lake: where they are published; a partition without its manifest is not there.
        window_days: days before it that are compared too.
        titles: each source's title, to know it in a copy's credits.

    Returns:
        A batch of ``DUPLICATES`` and the groups: a row for each story of the day in a group of two or more. The
        original is named only where a copy's credits name its source and the hours do not speak
        against it, never by time alone: who printed first need not be who wrote.

    Raises:
        MissingPartition: no source has published that day.
    """
    texts = read_window(date, lake, window_days)
    if texts is None:
        raise MissingPartition(f"nothing is published for {date} in {lake}; run a source for that day first")
    credit = named_in(texts.credits, texts.sources, titles or {})
    likeness = _likeness(texts, credit)
    nearest: dict[int, tuple[float, float, str]] = {}
    for (one, other), found in likeness.items():
        for here, there in ((one, other), (other, one)):
            pair = (found.jaccard, found.containment, texts.article_ids[there])
            nearest[here] = max(nearest.get(here, (0.0, 0.0, "")), pair)
    same_as = _exact(texts.prints)
    rows = []
    groups = _groups(len(texts), likeness)
    for members in groups:
        group_id = min(texts.article_ids[m] for m in members)
        originals = _originals(members, texts, credit)
        counts: dict[int, int] = defaultdict(int)
        for m in members:
            counts[same_as[m]] += 1
        rows += [
            _row(m, texts, group_id, counts[same_as[m]] > 1, originals, nearest[m])
            for m in members
            if texts.dates[m] == date
        ]
    named = tuple(tuple(texts.article_ids[m] for m in members) for members in groups)
    return Copies(Batch.of(DUPLICATES, rows), named)


def _row(
    m: int, texts: Texts, group_id: str, same: bool, originals: Mapping[int, int], nearest: tuple[float, float, str]
) -> Duplicate:
    similarity, containment, other = nearest
    original = originals.get(m)
    if original == m:
        basis = "credited by its copies"
    elif original is not None:
        basis = f"credits the source of {texts.article_ids[original]}"
        later = _minutes(texts.published_at[original], texts.published_at[m])
        if later is not None:
            basis += f", printed {later} minutes after it"
    else:
        basis = f"same words as {other}" if same else f"shares {similarity:.2f} of its shingles with {other}"
    relation: Any = "wire_copy" if original not in (None, m) else "exact" if same else "near"
    return Duplicate(
        texts.dates[m],
        texts.article_ids[m],
        texts.sources[m],
        group_id,
        None if original is None else texts.article_ids[original],
        relation,
        round(similarity, 4),
        basis,
        round(containment, 4),
    )


def _minutes(first: datetime | None, second: datetime | None) -> int | None:
    """Minutes between two hours; none where either is a day alone."""
    if first is None or second is None or _is_day_only(first) or _is_day_only(second) or second < first:
        return None
    return int((second - first).total_seconds() // 60)


def _exact(prints: Prints) -> list[int]:
    """For each text the first one of the same words."""
    _, first, inverse = np.unique(prints.fingerprints, axis=0, return_index=True, return_inverse=True)
    same: list[int] = first[inverse.ravel()].tolist()
    return same


def _likeness(texts: Texts, credit: Mapping[int, frozenset[str]]) -> dict[tuple[int, int], Likeness]:
    """The pairs that are duplicates."""
    counts = texts.prints.word_counts
    same_as = _exact(texts.prints)
    likeness = {(one, m): Likeness(1.0, 1.0) for m, one in enumerate(same_as) if one != m and counts[m]}
    # one of each text is compared: its exact copies are in its group already
    distinct = np.flatnonzero((np.array(same_as, np.int64) == np.arange(len(texts))) & (counts >= MIN_WORDS))
    if not len(distinct):
        return likeness
    signatures = texts.prints.signatures[distinct]
    pairs = candidate_pairs(signatures)
    guessed = estimate(signatures, pairs)
    pairs = distinct[pairs]
    credited = _credited(pairs, texts, credit)
    pairs = pairs[(guessed >= NEAR - _DOUBT) | credited]
    for start in range(0, len(pairs), _AT_ONCE):
        some = pairs[start : start + _AT_ONCE]
        needed = np.unique(some).tolist()
        sets = dict(zip(needed, shingle_sets(texts.bodies(needed)), strict=True))
        for one, other in some.tolist():
            jaccard, containment = overlap(sets[one], sets[other])
            if jaccard >= NEAR or (containment >= HELD and _names(one, other, texts, credit)):
                likeness[one, other] = Likeness(jaccard, containment)
    return likeness


def _names(one: int, other: int, texts: Texts, credit: Mapping[int, frozenset[str]]) -> bool:
    """Whether one of two stories credits the other's source."""
    return texts.sources[other] in credit.get(one, ()) or texts.sources[one] in credit.get(other, ())


def _credited(pairs: NDArray[np.int64], texts: Texts, credit: Mapping[int, frozenset[str]]) -> NDArray[np.bool_]:
    if not credit:
        return np.zeros(len(pairs), np.bool_)
    return np.array([_names(one, other, texts, credit) for one, other in pairs.tolist()], np.bool_)


def _groups(count: int, pairs: Mapping[tuple[int, int], Likeness]) -> list[list[int]]:
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


def _is_day_only(at: datetime) -> bool:
    """Whether it is midnight of some zone: a page that gives a day without an hour stands there."""
    return at.minute in (0, 30) and at.second == at.microsecond == 0


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    """Whether one was surely published before the other."""
    if one is None or other is None:
        return False
    # of a day without an hour, any hour is meant
    return one + timedelta(days=_is_day_only(one)) < other


def _originals(members: list[int], texts: Texts, credit: Mapping[int, frozenset[str]]) -> dict[int, int]:
    """For each copy that credits another member's source, the story it goes back to; and itself for that one.

    Nobody says which it is where the credited source has several members in the group, where two
    sources are credited, where sources credit each other, or where the copy was published first.
    """
    by_source: dict[str, list[int]] = defaultdict(list)
    for m in members:
        by_source[texts.sources[m]].append(m)
    credited: dict[int, int] = {}
    for m in members:
        sources = [s for s in by_source if s in credit.get(m, ())]
        if len(sources) == 1 and len(by_source[sources[0]]) == 1:
            (original,) = by_source[sources[0]]
            if not _is_before(texts.published_at[m], texts.published_at[original]):
                credited[m] = original
    found: dict[int, int] = {}
    for start in credited:
        trail, here = {start}, credited[start]
        while here in credited and here not in trail:
            trail.add(here)
            here = credited[here]
        if here not in trail:
            found[start] = here
            found[here] = here
    return found
