"""Whom a story's attribution lines credit: sources we know, and agencies that are none of ours."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from marsad.curate.shingles import words

_BETWEEN_CREDITS = re.compile(r"[+/|،,؛;–—]|\s-\s")
"""What parts one credit from the next in a line such as «وكالة الساحل + وكالات»."""

Spelt = tuple[str, ...]


@dataclass(frozen=True)
class Credit:
    """Whom one story credits, itself left out."""

    sources: frozenset[str]
    agencies: frozenset[str]
    """Agencies that are no source of the lake's, by the name we give them."""

    @property
    def origins(self) -> frozenset[str]:
        """All of them."""
        return self.sources | self.agencies


def credits_of(
    attributions: Sequence[Sequence[str]], sources: Sequence[str], names: Mapping[str, Sequence[str]]
) -> dict[int, Credit]:
    """For each story that credits somebody else, by its position, whom.

    A source or agency is credited by its whole name, as a line or as a part of one that names several: an agency
    whose name holds a paper's is not the paper.

    Args:
        attributions: each story's lines.
        sources: each story's own source.
        names: the names that each source is credited by.
    """
    sources_of: dict[Spelt, set[str]] = {}
    for source, spellings in names.items():
        for spelling in spellings:
            if spelt := _spelt(spelling):
                sources_of.setdefault(spelt, set()).add(source)
    agencies = _agencies()
    # a source that goes by an agency's name is that agency, whichever of its names is printed
    ours: dict[str, set[str]] = {}
    for spelt, named in sources_of.items():
        if spelt in agencies:
            ours.setdefault(agencies[spelt], set()).update(named)
    found = {}
    for position, (lines, source) in enumerate(zip(attributions, sources, strict=True)):
        named_sources: set[str] = set()
        named_agencies: set[str] = set()
        for spelt in _parts(lines):
            agency = agencies.get(spelt)
            known = sources_of.get(spelt, set()) | ours.get(agency or "", set())
            named_sources |= known
            if agency and not known:
                named_agencies.add(agency)
        named_sources.discard(source)
        if named_sources or named_agencies:
            found[position] = Credit(frozenset(named_sources), frozenset(named_agencies))
    return found


@functools.cache
def _agencies() -> dict[Spelt, str]:
    """Each spelling of an agency's name, and the name we give it."""
    data = yaml.safe_load((Path(__file__).parent / "agencies.yaml").read_text(encoding="utf-8"))
    return {_spelt(spelling): spellings[0] for spellings in data for spelling in spellings}


def _spelt(name: str) -> Spelt:
    """A name as it is compared; initials («أ.ف.ب», «أ ف ب») are one word."""
    found = tuple(words(name))
    return ("".join(found),) if len(found) > 1 and all(len(word) == 1 for word in found) else found


def _parts(lines: Iterable[str]) -> set[Spelt]:
    parts = (part for line in lines for part in (line, *_BETWEEN_CREDITS.split(line)))
    return {spelt for part in parts if (spelt := _spelt(part))}
