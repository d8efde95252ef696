"""MinHash signatures and the pairs that collide in locality-sensitive hashing.

A. Broder, "On the resemblance and containment of documents", 1997; banding as in Leskovec, Rajaraman
and Ullman, "Mining of Massive Datasets", 3.4. With 24 bands of 3 rows a pair of Jaccard .5 is found
with probability 1 - (1 - .5**3)**24 = .96, one of .7 with .9999; what collides is then verified.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BANDS = 24
ROWS = 3
PERMUTATIONS = BANDS * ROWS
_CHUNK = 4096


def _constants() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Odd multipliers and offsets from splitmix64: the same on every machine and numpy version."""
    state, values = 0x9E3779B97F4A7C15, []
    mask = (1 << 64) - 1
    for _ in range(2 * PERMUTATIONS):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        values.append(z ^ (z >> 31))
    both = np.array(values, dtype=np.uint64)
    return both[:PERMUTATIONS] | np.uint64(1), both[PERMUTATIONS:]


_MULTIPLY, _ADD = _constants()


def signature(shingles: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The signature of a text's shingles: ``PERMUTATIONS`` numbers; all ones for no shingles."""
    smallest = np.full(PERMUTATIONS, np.iinfo(np.uint32).max, dtype=np.uint32)
    for start in range(0, len(shingles), _CHUNK):
        part = shingles[start : start + _CHUNK, None]
        # multiply-shift hashing; the wrap-around of unsigned integers is the point
        hashed = ((part * _MULTIPLY + _ADD) >> np.uint64(32)).astype(np.uint32)
        np.minimum(smallest, hashed.min(axis=0), out=smallest)
    return smallest


def candidate_pairs(signatures: Sequence[NDArray[np.uint32]]) -> list[tuple[int, int]]:
    """Pairs of positions that agree in some band, each once, sorted."""
    pairs: set[tuple[int, int]] = set()
    for band in range(BANDS):
        buckets: dict[bytes, list[int]] = defaultdict(list)
        for position, values in enumerate(signatures):
            buckets[values[band * ROWS : (band + 1) * ROWS].tobytes()].append(position)
        for members in buckets.values():
            # a bucket of n alike texts needs only a chain, not n² pairs: the union is the same
            pairs.update(pairwise(members))
            if len(members) <= 50:
                pairs.update((a, b) for i, a in enumerate(members) for b in members[i + 1 :])
    return sorted(pairs)
