"""Curate a day: which of its stories say the same as others, here or in the days before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from marsad.curate.copies import Copy, Edits, copies_in, edits_of, minutes_between
from marsad.curate.credits import Credit, credits_of
from marsad.curate.inputs import WINDOW_DAYS
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


def find_copies(
    date: date, lake: Lake, *, window_days: int = WINDOW_DAYS, names: Mapping[str, Sequence[str]] | None = None
) -> Copies:
    """Group a day's published stories with their copies of that day and the window before.

    Args:
        date: the day whose stories get rows.
        lake: where they are published; a partition without its manifest is not there.
        window_days: days before it that are compared too.
        names: what each source is credited by, its title first.

    Returns:
        A batch of ``DUPLICATES`` and the groups: a row for each story of the day in a group of two or more; of
        who copied whom, what :mod:`marsad.curate.copies` finds.

    Raises:
        MissingPartition: no source has published that day.
    """
    texts = read_window(date, lake, window_days)
    if texts is None:
        raise MissingPartition(f"nothing is published for {date} in {lake}; run a source for that day first")
    credit = credits_of(texts.credits, texts.sources, names or {})
    likeness = _likeness(texts, credit)
    nearest: dict[int, tuple[float, float, str]] = {}
    for (one, other), found in likeness.items():
        for here, there in ((one, other), (other, one)):
            pair = (found.jaccard, found.containment, texts.article_ids[there])
            nearest[here] = max(nearest.get(here, (0.0, 0.0, "")), pair)
    same_as = _exact(texts.prints)
    groups = _groups(len(texts), likeness)
    copies = {m: copy for members in groups for m, copy in copies_in(members, texts, credit).items()}
    of_the_day = [
        (m, c.original) for m, c in sorted(copies.items()) if c.original is not None and texts.dates[m] == date
    ]
    edits = dict(zip((m for m, _ in of_the_day), edits_of(of_the_day, texts), strict=True))
    credited = {c.original for c in copies.values() if c.original is not None}
    rows = []
    for members in groups:
        group_id = min(texts.article_ids[m] for m in members)
        counts: dict[int, int] = defaultdict(int)
        for m in members:
            counts[same_as[m]] += 1
        for m in members:
            if texts.dates[m] != date:
                continue
            is_same = counts[same_as[m]] > 1
            if m in copies:
                rows.append(_copy(m, copies[m], texts, group_id, nearest[m], edits.get(m)))
            else:
                rows.append(_alike(m, texts, group_id, nearest[m], is_same=is_same, is_credited=m in credited))
    named = tuple(tuple(texts.article_ids[m] for m in members) for members in groups)
    return Copies(Batch.of(DUPLICATES, rows), named)


def _alike(
    m: int, texts: Texts, group_id: str, nearest: tuple[float, float, str], *, is_same: bool, is_credited: bool
) -> Duplicate:
    """The row of a story that nobody says is a copy."""
    similarity, containment, other = nearest
    basis = f"same words as {other}" if is_same else f"shares {similarity:.2f} of its shingles with {other}"
    return Duplicate(
        texts.dates[m],
        texts.article_ids[m],
        texts.sources[m],
        group_id,
        texts.article_ids[m] if is_credited else None,
        "exact" if is_same else "near",
        round(similarity, 4),
        "credited by its copies" if is_credited else basis,
        round(containment, 4),
    )


def _copy(
    m: int, copy: Copy, texts: Texts, group_id: str, nearest: tuple[float, float, str], edits: Edits | None
) -> Duplicate:
    """The row of a copy, with what says so."""
    similarity, containment, other = nearest
    minutes = None
    if copy.original is not None:
        minutes = minutes_between(texts.published_at[copy.original], texts.published_at[m])
        basis = f"credits the source of {texts.article_ids[copy.original]}"
        if minutes is not None:
            basis += f", printed {minutes} minutes after it"
        if edits is not None:
            basis += f", keeps {edits.kept_share:.2f} of it, {edits.new_share:.2f} of its own is new"
    else:
        basis = f"credits {copy.origin}, whose story is not here; like {other}"
        if copy.beside is not None:
            basis = f"credits {copy.origin}, as does {texts.article_ids[copy.beside]}; its story is not here"
    return Duplicate(
        texts.dates[m],
        texts.article_ids[m],
        texts.sources[m],
        group_id,
        None if copy.original is None else texts.article_ids[copy.original],
        "wire_copy",
        round(similarity, 4),
        basis,
        round(containment, 4),
        copy.origin,
        minutes,
        edits.kept_share if edits else None,
        edits.new_share if edits else None,
    )


def _exact(prints: Prints) -> list[int]:
    """For each text the first one of the same words."""
    _, first, inverse = np.unique(prints.fingerprints, axis=0, return_index=True, return_inverse=True)
    same: list[int] = first[inverse.ravel()].tolist()
    return same


def _likeness(texts: Texts, credit: Mapping[int, Credit]) -> dict[tuple[int, int], Likeness]:
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


def _names(one: int, other: int, texts: Texts, credit: Mapping[int, Credit]) -> bool:
    """Whether one of two stories credits the other's source."""
    return any(
        here in credit and texts.sources[there] in credit[here].sources for here, there in ((one, other), (other, one))
    )


def _credited(pairs: NDArray[np.int64], texts: Texts, credit: Mapping[int, Credit]) -> NDArray[np.bool_]:
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
