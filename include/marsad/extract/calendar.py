"""The names of days, months, parts of the day, units and zones, folded, from ``calendar.yaml``."""

from __future__ import annotations

from functools import cache

from marsad.extract.data import read
from marsad.extract.tokens import fold

Names = tuple[str, ...]


@cache
def months() -> dict[Names, int]:
    """Folded month names, word by word, with their number."""
    return {tuple(fold(name).split()): n for n, listed in read("calendar")["months"].items() for name in listed}


@cache
def hijri_months() -> dict[Names, int]:
    """The same for the Hijri calendar."""
    return {tuple(fold(name).split()): n for n, listed in read("calendar")["hijri_months"].items() for name in listed}


@cache
def month_starts() -> frozenset[str]:
    """The first folded words of all month names."""
    return frozenset(name[0] for name in (*months(), *hijri_months()))


@cache
def weekdays() -> dict[str, int]:
    """Folded weekday names; Monday is 0."""
    return {fold(name): n for name, n in read("calendar")["weekdays"].items()}


@cache
def parts() -> dict[str, str]:
    """Folded words for a part of the day."""
    return {fold(w): part for part, listed in read("calendar")["parts"].items() for w in listed}


@cache
def parts_today() -> dict[str, str]:
    """Folded words with the article that mean a part of today behind هذا."""
    return {fold(w): part for w, part in read("calendar")["parts_today"].items()}


@cache
def units() -> dict[str, tuple[str, int | None]]:
    """Folded unit words: the unit, and the count the word itself carries (a dual is 2, a plural None)."""
    found: dict[str, tuple[str, int | None]] = {}
    for unit, forms in read("calendar")["units"].items():
        for key, count in (("one", 1), ("two", 2), ("many", None)):
            found |= {fold(w): (unit, count) for w in forms[key]}
    return found


@cache
def ordinals() -> dict[str, int]:
    """«الأول» to «العاشر»."""
    return {fold(w): n for n, w in enumerate(read("calendar")["ordinals"], 1)}


@cache
def hours() -> dict[str, int]:
    """«الواحدة» to «العاشرة»."""
    return {fold(w): n for n, w in enumerate(read("calendar")["hours"], 1)}


@cache
def decades() -> dict[str, int]:
    """Folded names of decades, both spellings, with and without the article, and their first year in a century."""
    found: dict[str, int] = {}
    for tens, name in enumerate(read("calendar")["decades"], 2):
        folded = fold(name)
        for form in (folded, folded.replace("ينيات", "ينات")):
            found[form] = found[form[2:]] = tens * 10
    return found


@cache
def seasons() -> dict[str, tuple[int, int]]:
    """Folded names of the seasons without the article: their first and last month in the north.

    Winter lies in two years: «شتاء 2021» does not say which, and has (0, 0).
    """
    return {fold(w): (a, b) for w, (a, b) in read("calendar")["seasons"].items()}


@cache
def zones() -> dict[Names, str]:
    """Folded names of places, word by word, with the zone whose time they mean."""
    return {tuple(fold(name).split()): zone for zone, listed in read("calendar")["zones"].items() for name in listed}


@cache
def phrases(key: str) -> tuple[Names, ...]:
    """A list of expressions of several words, folded, the longest first."""
    listed = {tuple(fold(w).split()) for w in read("calendar")[key]}
    return tuple(sorted(listed, key=lambda p: (-len(p), p)))
