"""Whom a story's attribution lines credit, of the sources we know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from marsad.curate.shingles import words

_BETWEEN_CREDITS = re.compile(r"[+/|،,؛;–—]|\s-\s")
"""What parts one credit from the next in a line such as «وكالة الساحل + وكالات»."""


def named_in(
    attributions: Sequence[Sequence[str]], sources: Sequence[str], titles: Mapping[str, str]
) -> dict[int, frozenset[str]]:
    """For each story that credits other sources, by its position, their names.

    A source is credited by its whole title, as a line or as a part of one that names several: an agency
    whose name holds a paper's is not the paper.

    Args:
        attributions: each story's lines.
        sources: each story's own source.
        titles: each source's title.
    """
    names: dict[tuple[str, ...], set[str]] = {}
    for source, title in titles.items():
        if spelt := tuple(words(title)):
            names.setdefault(spelt, set()).add(source)
    found = {}
    for position, (lines, source) in enumerate(zip(attributions, sources, strict=True)):
        credited = {s for spelt in _parts(lines) for s in names.get(spelt, ())} - {source}
        if credited:
            found[position] = frozenset(credited)
    return found


def _parts(lines: Iterable[str]) -> set[tuple[str, ...]]:
    parts = (part for line in lines for part in (line, *_BETWEEN_CREDITS.split(line)))
    return {spelt for part in parts if (spelt := tuple(words(part)))}
