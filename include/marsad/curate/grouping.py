"""Which articles tell of one event."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from marsad.curate.likeness import Pairs, Vector, alike, candidates, vectors
from marsad.curate.linkage import link
from marsad.curate.pieces import Piece, may_be_one
from marsad.curate.record import StoryBasis

JOIN = 0.15
"""Mean similarity from which groups are one story."""
ATTACH = 0.18
"""Mean similarity from which a follower is put to its nearest group."""
SERIES = 0.5
"""Share of common words from which two pieces of one source on two days, with other figures, are of a daily series."""
_ALIKE_ENOUGH = 0.25


@dataclass(frozen=True)
class Grouped:
    """Groups of articles, by position; every article is in one."""

    groups: list[list[int]]
    made: list[dict[str, float]]
    """Each article's vector."""
    basis: dict[int, StoryBasis]
    """Why each is in its group, but for those by likeness."""
    copy_of: dict[int, int]
    """For copies another member that says the same."""


def group(
    pieces: Sequence[Piece],
    *,
    copies: Iterable[Sequence[str]] = (),
    carried: Iterable[Sequence[str]] = (),
    join: float = JOIN,
) -> Grouped:
    """Group articles by what they tell and when.

    Args:
        pieces: sorted by id.
        copies: groups of duplicates, by id; others than the pieces' are passed over.
        carried: groups of earlier days that stay together.
        join: mean similarity from which groups are one.
    """
    made = vectors([p.terms for p in pieces])
    pairs = candidates(made)
    series = _series(pieces, pairs)
    position = {p.article_id: n for n, p in enumerate(pieces)}
    basis: dict[int, StoryBasis] = {}
    copy_of: dict[int, int] = {}
    home: dict[int, list[int]] = {}
    for names in carried:
        old = sorted(position[name] for name in names if name in position)
        for n in old:
            basis[n] = "carried"
            home[n] = old
    for names in copies:
        ordered = sorted((position[name] for name in names if name in position), key=lambda n: _in_time(pieces[n]))
        _join_copies(ordered, home, pieces, series, basis, copy_of)
    together = {min(members): members for members in home.values()}
    free = [n for n, p in enumerate(pieces) if p.is_follower and n not in home]

    def may(members: Sequence[int]) -> bool:
        return may_be_one([pieces[n] for n in members], series)

    apart = set(free)
    among = {(a, b): s for (a, b), s in pairs.items() if a not in apart and b not in apart} if apart else pairs
    found = link(len(pieces), among, join, may, together.values())
    groups = [members for members in found if not apart.intersection(members)]
    groups = _attach(free, groups, pieces, pairs, series, basis)
    return Grouped(groups, made, basis, copy_of)


def _in_time(p: Piece) -> tuple[object, str]:
    return (p.latest, p.article_id)


def _join_copies(
    ordered: Sequence[int],
    home: dict[int, list[int]],
    pieces: Sequence[Piece],
    series: frozenset[str],
    basis: dict[int, StoryBasis],
    copy_of: dict[int, int],
) -> None:
    """Put the members of a group of duplicates together, in order of time, as far as the bounds let."""
    for here, n in enumerate(ordered):
        for other in ordered[:here]:
            one, two = home.get(other, [other]), home.get(n, [n])
            if one is not two:
                if one[0] == two[0] or not may_be_one([pieces[m] for m in (*one, *two)], series):
                    continue
                joined = sorted([*one, *two])
                home.update((m, joined) for m in joined)
            for m, twin in ((n, other), (other, n)):
                basis.setdefault(m, "copy")
                copy_of.setdefault(m, twin)
            break


def _series(pieces: Sequence[Piece], pairs: Pairs) -> frozenset[str]:
    """Ids of the pieces that have a twin of the same source on another day which differs in its figures.

    A count of victims that goes up is no series.
    """
    found: set[str] = set()
    by_shape: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for p in pieces:
        if p.terms.shape and not p.terms.has_casualties:
            by_shape[p.source, p.terms.shape].append(p)
    for same in by_shape.values():
        if len({p.date for p in same}) > 1:
            found.update(p.article_id for p in same)
    for (a, b), similarity in pairs.items():
        one, two = pieces[a], pieces[b]
        if similarity < _ALIKE_ENOUGH or one.source != two.source or one.date == two.date:
            continue
        if one.terms.has_casualties or two.terms.has_casualties or _figures(one) == _figures(two):
            continue
        either = one.terms.vocabulary | two.terms.vocabulary
        if either and len(one.terms.vocabulary & two.terms.vocabulary) / len(either) >= SERIES:
            found.update((one.article_id, two.article_id))
    return frozenset(found)


def _figures(p: Piece) -> frozenset[str]:
    return frozenset(t for t in p.terms.words if t[1].isdigit()) | {t for t in p.terms.names if t[0] == "q"}


def _attach(
    free: Sequence[int],
    groups: Sequence[list[int]],
    pieces: Sequence[Piece],
    pairs: Mapping[tuple[int, int], float],
    series: frozenset[str],
    basis: dict[int, StoryBasis],
) -> list[list[int]]:
    """Put each follower to the group it is most like, or leave it alone; what it joins is compared as it was."""
    home = {n: g for g, members in enumerate(groups) for n in members}
    waiting = set(free)
    sums: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    theirs = [(pair, s) for pair, s in pairs.items() if pair[0] in waiting or pair[1] in waiting]
    for (one, other), similarity in sorted(theirs):
        for n, m in ((one, other), (other, one)):
            if n in waiting and m in home:
                sums[n][home[m]] += similarity
    grown = [list(members) for members in groups]
    for n in sorted(free, key=lambda n: _in_time(pieces[n])):
        means = sorted((-round(total / len(groups[g]), 6), g) for g, total in sums[n].items())
        for mean, g in means:
            if -mean >= ATTACH and may_be_one([pieces[m] for m in (*grown[g], n)], series):
                grown[g].append(n)
                basis[n] = "attached"
                break
        else:
            grown.append([n])
    return [sorted(members) for members in grown]


def cohesion(members: Sequence[int], made: Sequence[Vector]) -> dict[int, float]:
    """Each member's mean similarity to the others."""
    sums = dict.fromkeys(members, 0.0)
    for one, other in itertools.combinations(members, 2):
        similarity = alike(made[one], made[other])
        sums[one] += similarity
        sums[other] += similarity
    return {n: round(total / max(1, len(members) - 1), 4) for n, total in sums.items()}
