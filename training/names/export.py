"""From CRFsuite's model to the arrays that :mod:`marsad.extract.crf` reads."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from marsad.extract.features import OFFSETS

LEAST = 0.02
"""Weights nearer to nothing than this are left out."""


def pass_arrays(info: Any, labels: list[str], number: int, dimensions: int, step: float) -> dict[str, Any]:
    """The weights of one pass.

    Args:
        info: what ``pycrfsuite.Tagger.info()`` says: ``state_features`` and ``transitions``.
        labels: the order of labels.
        number: of the pass.
        dimensions: of the vectors.
        step: what one of a vector's integers is worth, which goes into the weights.
    """
    column = {label: i for i, label in enumerate(labels)}
    sparse: list[tuple[str, int, float]] = []
    dense = np.zeros((dimensions, 3 * len(labels)), dtype=np.float32)
    for (name, label), weight in sorted(info.state_features.items()):
        place, _, rest = name.partition(":")
        if place.startswith("v"):
            dense[int(rest), (int(place[1:]) + 1) * len(labels) + column[label]] = weight * step
        elif abs(weight) >= LEAST:
            sparse.append((rest, OFFSETS.index(int(place)) * len(labels) + column[label], weight))
    names = sorted({name for name, _, _ in sparse})
    row = {name: i for i, name in enumerate(names)}
    sparse.sort(key=lambda s: (row[s[0]], s[1]))
    transitions = np.full((len(labels), len(labels)), 0.0, dtype=np.float32)
    for (left, right), weight in info.transitions.items():
        transitions[column[left], column[right]] = weight
    for left in labels:
        for right in labels:
            if right.startswith("I-") and left[2:] != right[2:]:
                transitions[column[left], column[right]] = -30.0  # a name begins with its B
    return {
        f"attributes{number}": _text(names),
        f"rows{number}": np.array([(row[name], at) for name, at, _ in sparse], dtype=np.int32),
        f"values{number}": np.array([weight for _, _, weight in sparse], dtype=np.float16),
        f"transitions{number}": transitions,
        f"dense{number}": dense,
    }


def write_arrays(path: Path, arrays: dict[str, Any], **texts: list[str]) -> None:
    """Write one file, compressed, without the time of day in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, array in sorted({**arrays, **{name: _text(lines) for name, lines in texts.items()}}.items()):
            held = io.BytesIO()
            np.save(held, array, allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), held.getvalue(), zipfile.ZIP_DEFLATED, 9)


def _text(lines: list[str]) -> Any:
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)
