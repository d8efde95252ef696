"""The room's word lists, read once a process from the YAML files beside this module.

Everything is folded on reading (:func:`marsad.extract.tokens.fold`), so that lists can be
written as people spell. Loading is lazy: importing the room costs nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from marsad.extract.tokens import fold

_FOLDER = Path(__file__).parent


@cache
def read(name: str) -> dict[str, Any]:
    """One of the YAML files, as written."""
    return dict(yaml.load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


@cache
def words(name: str, key: str) -> frozenset[str]:
    """A list of one file, folded."""
    return frozenset(fold(w) for w in read(name)[key])


@cache
def bare_words(name: str, key: str) -> frozenset[str]:
    """A list of one file, folded, without the article."""
    return frozenset(w[2:] if len(w) > 3 and w.startswith("ال") else w for w in words(name, key))


@cache
def nationalities() -> dict[str, str | None]:
    """Folded nationality words, every gender and number, with and without the article, and their country."""
    found: dict[str, str | None] = {}
    for country, stems in read("gazetteer")["nationalities"].items():
        for stem in stems:
            base = fold(stem)
            for form in (
                base,
                base + "ه",
                base + "ون",
                base + "ين",
                base + "ات",
                base + "ا",
                base + "ان",
                base + "تان",
            ):
                found[form] = country
                found["ال" + form] = country
    for form, country in read("gazetteer")["irregular_nationalities"].items():
        found[fold(form)] = country
    return found


class Names:
    """A list of names by their first word, the longest first."""

    __slots__ = ("_by_first",)

    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str, str, str | None]]] = {}

    def add(self, name: str, kind: str, country: str | None) -> None:
        """Add a name as people write it."""
        parts = tuple(fold(w) for w in name.split())
        if parts:
            self._by_first.setdefault(parts[0], []).append((parts, name, kind, country))

    def close(self) -> None:
        """Order the names of each first word; call once after the last :meth:`add`."""
        for entries in self._by_first.values():
            entries.sort(key=lambda e: -len(e[0]))

    def listed(self, kind: str) -> frozenset[str]:
        """The names of a type, as people write them."""
        return frozenset(name for entries in self._by_first.values() for _, name, type_, _ in entries if type_ == kind)

    def starting(self, word: str) -> list[tuple[tuple[str, ...], str, str, str | None]]:
        """Names whose first folded word this is: (folded words, name, type, country)."""
        return self._by_first.get(word, [])


@cache
def names() -> Names:
    """Places and organisations: the gazetteer's and CLDR's territories."""
    from babel import Locale  # loading its Arabic data takes tens of milliseconds

    book = read("gazetteer")
    found = Names()
    seen: set[str] = set()
    ambiguous = words("gazetteer", "ambiguous_places")

    def place(name: str, country: str | None) -> None:
        key = fold(name)
        if key not in seen:
            seen.add(key)
            found.add(name, "LOC", None if key in ambiguous else country)

    for country, listed in book["countries"].items():
        for name in listed:
            place(name, country)
    unfit = words("gazetteer", "not_places")
    for code, name in sorted(Locale.parse("ar").territories.items()):
        if fold(name) not in unfit and "(" not in name and code not in ("UN", "EU", "EZ"):  # bodies, not places
            place(name, code if code.isalpha() and len(code) == 2 else None)
    for country, listed in book["cities"].items():
        for name in listed:
            place(name, country)
    for name in [*book["regions"], *book["ambiguous_places"]]:
        place(name, None)
    unsure = words("organisations", "ambiguous")
    for name in sorted(organisation_names()):
        if fold(name) not in unsure:
            found.add(name, "ORG", None)
    for name in book["events"]:
        found.add(name, "EVENT", None)
    found.close()
    return found


@cache
def organisation_names() -> frozenset[str]:
    """Organisations with a name of their own, as people write them, those that are also words among them."""
    kinds = read("organisations")
    return frozenset(
        name for kind in ("companies", "media", "bodies", "states", "parties", "clubs") for name in kinds[kind]
    )


def place_names() -> frozenset[str]:
    """Countries, cities and regions, as people write them."""
    return names().listed("LOC")
