"""Who copied whom within a group of like stories, and what the copy made of it.

The original is named only where a copy credits its source and the hours do not speak against it, never by time
alone: who printed first need not be who wrote. A copy that credits an agency whose story is not here has an origin
and no original.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from marsad.curate.credits import Credit
from marsad.curate.prints import shingle_sets
from marsad.curate.shingles import shared
from marsad.curate.window import Texts

_AT_ONCE = 1024


@dataclass(frozen=True)
class Copy:
    """What is known of one copy."""

    origin: str
    """The source or agency it credits."""
    original: int | None
    """The position of the story it goes back to."""
    beside: int | None = None
    """Without an original: another story of the group that credits the same."""


@dataclass(frozen=True)
class Edits:
    """What a copy made of its original, in shares of shingles."""

    kept_share: float
    new_share: float


def is_day_only(at: datetime) -> bool:
    """Whether it is midnight of some zone: a page that gives a day without an hour stands there."""
    return at.minute in (0, 30) and at.second == at.microsecond == 0


def minutes_between(first: datetime | None, second: datetime | None) -> int | None:
    """Minutes between two hours; none where either is a day alone, or the second is the earlier."""
    if first is None or second is None or is_day_only(first) or is_day_only(second) or second < first:
        return None
    return int((second - first).total_seconds() // 60)


def is_before(one: datetime | None, other: datetime | None) -> bool:
    """Whether one was surely published before the other."""
    if one is None or other is None:
        return False
    # of a day without an hour, any hour is meant
    return one + timedelta(days=is_day_only(one)) < other


def copies_in(members: Sequence[int], texts: Texts, credit: Mapping[int, Credit]) -> dict[int, Copy]:
    """The copies of a group, by their positions.

    No original is named where the credited source has several members in the group, where two sources are
    credited, where sources credit each other, or where the copy was published first; no origin where several are
    credited.
    """
    originals = _originals(members, texts, credit)
    crediting: dict[str, list[int]] = defaultdict(list)
    for m in members:
        for name in credit[m].origins if m in credit else ():
            crediting[name].append(m)
    by_source = _by_source(members, texts)
    found = {}
    for m in members:
        if m in originals:
            found[m] = Copy(texts.sources[originals[m]], originals[m])
            continue
        origins = credit[m].origins if m in credit else frozenset()
        if len(origins) != 1:
            continue
        (origin,) = origins
        # its own story is here, and something speaks against it: an origin would say what the original may not
        if origin not in by_source:
            beside = next((other for other in crediting[origin] if other != m), None)
            found[m] = Copy(origin, None, beside)
    return found


def _by_source(members: Sequence[int], texts: Texts) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for m in members:
        found[texts.sources[m]].append(m)
    return found


def _originals(members: Sequence[int], texts: Texts, credit: Mapping[int, Credit]) -> dict[int, int]:
    """For each copy that credits another member's source, the story it goes back to."""
    by_source = _by_source(members, texts)
    credited: dict[int, int] = {}
    for m in members:
        sources = [s for s in by_source if m in credit and s in credit[m].sources]
        if len(sources) == 1 and len(by_source[sources[0]]) == 1:
            (original,) = by_source[sources[0]]
            if not is_before(texts.published_at[m], texts.published_at[original]):
                credited[m] = original
    found: dict[int, int] = {}
    for start in credited:
        trail, here = {start}, credited[start]
        while here in credited and here not in trail:
            trail.add(here)
            here = credited[here]
        if here not in trail:
            found[start] = here
    return found


def edits_of(pairs: Sequence[tuple[int, int]], texts: Texts) -> Iterator[Edits]:
    """For each copy and its original, in that order, what became of it."""
    for start in range(0, len(pairs), _AT_ONCE):
        some = pairs[start : start + _AT_ONCE]
        needed = sorted({m for pair in some for m in pair})
        sets = dict(zip(needed, shingle_sets(texts.bodies(needed)), strict=True))
        for copy, original in some:
            common = shared(sets[copy], sets[original])
            kept = common / len(sets[original]) if len(sets[original]) else 0.0
            new = 1 - common / len(sets[copy]) if len(sets[copy]) else 0.0
            yield Edits(round(kept, 4), round(new, 4))
