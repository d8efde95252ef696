"""The pairs of signatures that collide in locality-sensitive hashing.

A. Broder, "On the resemblance and containment of documents", 1997; banding as in Leskovec, Rajaraman
and Ullman, "Mining of Massive Datasets", 3.4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from marsad.curate.prints import BANDS, PERMUTATIONS, ROWS

_NEIGHBOURS = 50
"""Partners that a text is given in one bucket. Pages of one template can all fall into a bucket, and
n² pairs of them would never end; other bands give what one leaves out."""
_MULTIPLY = np.uint64(0x9E3779B97F4A7C15)


def candidate_pairs(signatures: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Pairs of rows that agree in some band, each once, the smaller first, sorted: m × 2."""
    count = len(signatures)
    found = [np.empty(0, np.int64)]
    for band in range(BANDS if count > 1 else 0):
        keys = np.zeros(count, np.uint64)
        for row in range(band * ROWS, (band + 1) * ROWS):
            keys = (keys ^ signatures[:, row]) * _MULTIPLY
            keys ^= keys >> np.uint64(29)
        order = np.argsort(keys, kind="stable")  # within a bucket rows ascend
        keys = keys[order]
        for step in range(1, min(_NEIGHBOURS, count - 1) + 1):
            same = np.flatnonzero(keys[step:] == keys[:-step])
            if not len(same):
                break
            found.append(order[same] * count + order[same + step])
    unique = np.unique(np.concatenate(found))
    return np.stack(np.divmod(unique, max(count, 1)), axis=1)


def estimate(signatures: NDArray[np.uint32], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """The Jaccard similarity of each pair as its signatures tell it; its standard error is at most .051."""
    shares = np.empty(len(pairs))
    for start in range(0, len(pairs), 4096):
        one, other = pairs[start : start + 4096].T
        shares[start : start + 4096] = (signatures[one] == signatures[other]).sum(axis=1) / PERMUTATIONS
    return shares
