"""How alike articles are: tf-idf over a few days' terms, and the pairs that share any that tell.

An article is two vectors of length one, of its words and of its names and figures, joined with the weights
``WORDS`` and ``1 - WORDS``: the dot product of two articles is the weighted mean of their two cosines. Frequencies
are those of the articles at hand, so that nothing has to be trained, and what all of them name (a country, a president)
weighs little by itself.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from marsad.curate.terms import Terms

WORDS = 0.7
"""Weight of the words' cosine; names and figures have the rest."""
KEPT = 60
"""Heaviest terms of each article that are compared: what is lighter adds under a hundredth."""
COMMON = 0.1
"""Terms that more than this share of the articles have tell nothing (where there are more than ``FEW`` articles)."""
FEW = 100
MOST = 500
"""And those that more articles than this have, however many there are: what an inverted index can bear."""
SMALL = 30
"""So many other articles are taken to be there: of three articles, what two share would seem to be in everything."""
LEAST = 0.05
"""Pairs less alike are no candidates."""

Vector = Mapping[str, float]
Pairs = dict[tuple[int, int], float]


def vectors(terms: Sequence[Terms]) -> list[dict[str, float]]:
    """Each article's terms with their weights."""
    frequency: Counter[str] = Counter()
    for each in terms:
        frequency.update(each.words.keys())
        frequency.update(each.names.keys())
    total = len(terms)
    most = total if total <= FEW else min(COMMON * total, MOST)
    idf = {term: math.log(1 + (total + SMALL) / count) for term, count in frequency.items() if count <= most}
    made = []
    for each in terms:
        words, names = (_unit(counts, idf) for counts in (each.words, each.names))
        # one without names is compared by its words alone
        share = WORDS if names else 1.0
        parts = ((share, words), (1 - share, names))
        joined = {term: math.sqrt(part_share) * weight for part_share, part in parts for term, weight in part.items()}
        heaviest = sorted(joined.items(), key=lambda item: (-item[1], item[0]))[:KEPT]
        made.append({term: round(weight, 6) for term, weight in heaviest})
    return made


def _unit(counts: Mapping[str, int], idf: Mapping[str, float]) -> dict[str, float]:
    """Weights of length one."""
    weights = {term: (1 + math.log(count)) * idf[term] for term, count in counts.items() if term in idf}
    length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
    return {term: weight / length for term, weight in weights.items()} if length else {}


def alike(one: Vector, other: Vector) -> float:
    """The similarity of two articles, 0 to 1."""
    if len(other) < len(one):
        one, other = other, one
    return round(min(1.0, math.fsum(weight * other[term] for term, weight in one.items() if term in other)), 6)


def shared(one: Vector, other: Vector, count: int) -> list[str]:
    """The terms that make two articles alike, the most telling first."""
    found = sorted((-weight * other[term], term) for term, weight in one.items() if term in other)
    return [term for _, term in found[:count]]


def candidates(made: Sequence[Vector]) -> Pairs:
    """The similarity of all pairs that share a term and reach ``LEAST``, by an inverted index.

    The work is the sum of the squared frequencies of the terms, each ``MOST`` at most.
    """
    postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for n, vector in enumerate(made):
        for term, weight in vector.items():
            postings[term].append((n, weight))
    index: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {
        term: (np.array([n for n, _ in rows]), np.array([weight for _, weight in rows]))
        for term, rows in postings.items()
        if len(rows) > 1
    }
    pairs: Pairs = {}
    for n, vector in enumerate(made):
        hits = [(index[term], weight) for term, weight in sorted(vector.items()) if term in index]
        if not hits:
            continue
        others = np.concatenate([rows for (rows, _), _ in hits])
        products = np.concatenate([weights * weight for (_, weights), weight in hits])
        scores = np.bincount(others, products, minlength=n + 1)[:n]
        for other in np.flatnonzero(scores >= LEAST).tolist():
            pairs[other, n] = round(min(1.0, float(scores[other])), 6)
    return pairs
