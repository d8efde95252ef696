"""Word vectors and clusters from unlabelled news: what stands beside a word says what kind of word it is.

Positive pointwise mutual information of a word with the 3,000 commonest words one and two places to
either side (Bullinaria and Levy 2007), reduced by a randomised singular value decomposition (Halko
et al. 2011), clustered by spherical k-means at three grains. Only statistics of words leave this
module, no text. One thread and fixed seeds: same input, same numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
CONTEXTS = 3000
DIMENSIONS = 100
GRAINS = {"x": 64, "y": 256, "z": 1024}
"""Clusters' letter and number at each grain."""
LEAST = 4
"""Rarer words get no vector."""


def plain(word: str) -> str:
    """A word for counting: numbers are one word."""
    return "0" if word[0].isdigit() else word


def vectors(texts: list[list[str]], vocabulary: list[str]) -> Floats:
    """One unit vector a word of the vocabulary, which is in order of falling frequency."""
    size = len(vocabulary)
    index = {word: i for i, word in enumerate(vocabulary)}
    gap = [-1, -1]
    ids = np.concatenate([np.array([index.get(plain(w), -1) for w in text] + gap, dtype=np.int64) for text in texts])
    matrix = np.zeros((size, 4 * CONTEXTS), dtype=np.float32)
    for block, offset in enumerate((-1, 1, -2, 2)):
        word, beside = (ids[:-offset], ids[offset:]) if offset > 0 else (ids[-offset:], ids[:offset])
        kept = (word >= 0) & (beside >= 0) & (beside < CONTEXTS)
        pairs, counts = np.unique(word[kept] * CONTEXTS + beside[kept], return_counts=True)
        part = matrix[:, block * CONTEXTS : (block + 1) * CONTEXTS]
        part[pairs // CONTEXTS, pairs % CONTEXTS] = counts
        by_word = part.sum(axis=1, keepdims=True) + 1e-9
        by_context = part.sum(axis=0, keepdims=True) ** 0.75
        seen = part > 0
        association = np.log(np.where(seen, part * by_context.sum() / (by_word * by_context + 1e-9), 1.0))
        part[:] = np.maximum(association, 0) * (1.0 if abs(offset) == 1 else 0.5)
    start = np.random.default_rng(0).standard_normal((matrix.shape[1], DIMENSIONS + 20)).astype(np.float32)
    image = matrix @ start
    for _ in range(3):
        image, _ = np.linalg.qr(image)
        back, _ = np.linalg.qr(matrix.T @ image)
        image = matrix @ back
    left, strength, _ = np.linalg.svd(image, full_matrices=False)
    found = (left[:, :DIMENSIONS] * np.sqrt(strength[:DIMENSIONS])).astype(np.float32)
    unit: Floats = found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-9)
    return unit


def reduce(found: Floats, dimensions: int, step: float) -> NDArray[np.int8]:
    """The vectors turned so that the first dimensions hold most, in steps that fit a byte."""
    left, strength, _ = np.linalg.svd(found, full_matrices=False)
    # the sign of a singular vector is free: the largest component is made positive
    left *= np.sign(left[np.abs(left).argmax(axis=0), np.arange(left.shape[1])])
    turned = left[:, :dimensions] * strength[:dimensions]
    steps: NDArray[np.int8] = np.clip(np.rint(turned / step), -127, 127).astype(np.int8)
    return steps


def clusters(found: Floats, count: int, rounds: int = 25) -> NDArray[np.int64]:
    """Spherical k-means; the first centres are common words."""
    chosen = np.random.default_rng(count).permutation(min(len(found), count * 8))[:count]
    centres = found[chosen].copy()
    nearest = np.zeros(len(found), dtype=np.int64)
    for _ in range(rounds):
        for first in range(0, len(found), 8192):
            nearest[first : first + 8192] = np.argmax(found[first : first + 8192] @ centres.T, axis=1)
        for k in range(count):
            members = found[nearest == k]
            if len(members):
                total = members.sum(axis=0)
                centres[k] = total / (np.linalg.norm(total) + 1e-9)
    return nearest
