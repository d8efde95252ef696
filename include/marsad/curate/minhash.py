"""MinHash signatures and the pairs that collide in locality-sensitive hashing.

A. Broder, "On the resemblance and containment of documents", 1997; banding as in Leskovec, Rajaraman
and Ullman, "Mining of Massive Datasets", 3.4. With 32 bands of 3 rows a pair of Jaccard .5 is found
with probability 1 - (1 - .5**3)**32 = .986, one of .6 with .9996; what collides is then verified.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BANDS = 32
ROWS = 3
PERMUTATIONS = BANDS * ROWS
_CHUNK = 4096
_NEIGHBOURS = 50
"""Partners that a text is given in one bucket. Pages of one template can all fall into a bucket, and
n² pairs of them would never end; other bands give what one leaves out."""


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
    if len(signatures) < 2:
        return []
    stacked = np.stack(signatures)
    pairs: set[tuple[int, int]] = set()
    for band in range(BANDS):
        rows = np.ascontiguousarray(stacked[:, band * ROWS : (band + 1) * ROWS])
        keys = rows.view(np.dtype((np.void, rows.itemsize * ROWS))).ravel()
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.concatenate(([True], keys[order][1:] != keys[order][:-1])))
        sizes = np.diff(starts, append=len(order))
        for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
            members = order[start : start + size].tolist()  # ascending, for the sort is stable
            for i, one in enumerate(members):
                pairs.update((one, other) for other in members[i + 1 : i + 1 + _NEIGHBOURS])
    return sorted(pairs)
