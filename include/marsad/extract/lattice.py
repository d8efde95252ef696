"""Decoding of a linear-chain CRF over many short stretches at once: the likeliest label of each word."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Sums = NDArray[np.float64]

_SURE = 6.0
"""By how much (in log units) a word's own evidence for O must outweigh every other label's to part a sentence."""
_LONGEST = 64
_RESCALED = 6
"""Steps after which sums are scaled to 1, long before they leave a float's range."""


def stretches(scores: Floats, ends: NDArray[np.bool_], outside: int) -> list[tuple[int, int]]:
    """Ranges ``[first, past)`` of words that can be decoded apart.

    A word that is surely outside every name makes what is left of it independent of what is right
    (the chain is of first order); so does a sentence's end. Only ranges that may hold a name are given.

    Args:
        scores: words by labels, log scores without transitions.
        ends: for each word, whether a sentence ends with it.
        outside: the label O.
    """
    rest = scores.copy()
    rest[:, outside] = -np.inf
    wall = (scores[:, outside] - rest.max(axis=1)) > _SURE
    found: list[tuple[int, int]] = []
    first = -1
    behind = -1
    for i in np.flatnonzero(~wall).tolist():  # few: most words are walls
        if first >= 0 and i > behind:
            found.append((first, behind + 1))  # with the wall itself: its label weighs on the word before it
            first = -1
        if first < 0:
            first = i - 1 if i and not ends[i - 1] else i
        behind = i + 1
        if ends[i] or i + 1 - first >= _LONGEST:
            found.append((first, i + 1))
            first = -1
    if first >= 0 and behind < len(ends):
        found.append((first, behind + 1))
        first = -1
    if first >= 0:
        found.append((first, len(ends)))
    return found


def decode(
    scores: Floats, transitions: Floats, ranges: list[tuple[int, int]], outside: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The label of highest marginal probability of each word, and that probability (forward-backward).

    Args:
        scores: words by labels, log scores.
        transitions: from label by to label, log scores.
        ranges: what :func:`stretches` gave; every word elsewhere is O.
        outside: the label O.
    """
    labels = np.full(len(scores), outside, dtype=np.int64)
    certain = np.ones(len(scores))
    if not ranges:
        return labels, certain
    ranges = sorted(ranges, key=lambda r: r[0] - r[1])  # the longest first: each step has a shorter front
    starts = np.array([r[0] for r in ranges])
    lengths = np.array([r[1] for r in ranges]) - starts
    steps = np.arange(lengths[0])[:, None]
    index = starts + np.minimum(steps, lengths - 1)
    live = steps < lengths
    widths: list[int] = live.sum(axis=1).tolist()
    local = scores[index].astype(np.float64)  # steps, stretches, labels
    weight = np.exp(local - local.max(axis=2, keepdims=True))
    move = np.exp(transitions.astype(np.float64))
    share = _sums_ahead(weight, move, widths) * _sums_behind(weight, move, widths)
    best = share.argmax(axis=2)
    sure = share.max(axis=2) / share.sum(axis=2)
    rows = index[live]
    labels[rows] = best[live]
    certain[rows] = sure[live]
    return labels, certain


def _sums_ahead(weight: Sums, move: Sums, widths: list[int]) -> Sums:
    """Over all paths to each label of each word, from the stretch's first word."""
    found = np.ones_like(weight)
    now = found[0] = weight[0]
    for t in range(1, len(widths)):
        now = (now[: widths[t]] @ move) * weight[t, : widths[t]]
        if t % _RESCALED == 0:
            now /= now.sum(axis=1, keepdims=True)
        found[t, : widths[t]] = now
    return found


def _sums_behind(weight: Sums, move: Sums, widths: list[int]) -> Sums:
    """Over all paths from each label of each word, to the stretch's last word."""
    found = np.ones_like(weight)
    back = move.T.copy()
    for t in range(len(widths) - 1, 0, -1):
        width = widths[t]
        now = (found[t, :width] * weight[t, :width]) @ back
        if t % _RESCALED == 0:
            now /= now.sum(axis=1, keepdims=True)
        found[t - 1, :width] = now
    return found
