"""Currencies by their word and the state whose they are: «ليرة لبنانية»، «جنيه» in a story of Egypt.

A currency that several states share («دينار»، «ليرة») stays unknown unless the text says whose: by the
adjective behind it, or because of all these states it names only one. «دولار» alone is the United States'.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from marsad.extract.data import read
from marsad.extract.tokens import fold

SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₽": "RUB", "₺": "TRY", "₪": "ILS"}


@cache
def money_words() -> dict[str, str]:
    """Folded words for money in every number and case, and the currency's word in ``quantities.yaml``."""
    book = read("quantities")
    found = {fold(w): w for w in book["currencies"]}
    for word, forms in book["money_forms"].items():
        found |= {fold(f): word for f in forms}
    return found


@cache
def _states() -> tuple[dict[str, str], dict[tuple[str, ...], str]]:
    """Adjectives of one word in all forms and their state; names (and adjectives) of states, word by word."""
    adjectives: dict[str, str] = {}
    names: dict[tuple[str, ...], str] = {}
    for state, listed in read("quantities")["money_states"].items():
        for name in listed:
            parts = tuple(fold(name).split())
            names[parts] = state
            if len(parts) == 1:
                for ending in ("", "ا", "ه", "ين", "ان", "ات", "تين", "تان"):
                    adjectives.setdefault(parts[0] + ending, state)
                    names.setdefault(("ال" + parts[0] + ending,), state)
                    names.setdefault((parts[0] + ending,), state)
    return adjectives, names


@cache
def _shared() -> dict[str, list[str]]:
    """Cities of one name in two states: طرابلس in Lebanon and in Libya."""
    return {fold(name): states for name, states in read("quantities")["shared_cities"].items()}


def read_currency(w: Sequence[str], k: int) -> tuple[str | None, str, int] | None:
    """The money that stands at ``k``: (ISO 4217 or None where a state is still to be found, its word, token behind)."""
    word = money_words().get(w[k])
    if word is None:
        return None
    codes = read("quantities")["currencies"][word]
    adjectives, names = _states()
    state = names.get((w[k + 1], w[k + 2])) or adjectives.get(w[k + 1])
    if state is not None and state in codes:
        size = 2 if (w[k + 1], w[k + 2]) in names else 1
        return str(codes[state]), word, k + 1 + size
    if "" in codes:
        return str(codes[""]), word, k + 1
    return None, word, k + 1


def states_named(words: Sequence[str]) -> frozenset[str]:
    """The states that a text names, by name or adjective, behind a conjunction or preposition too."""
    names, shared = _states()[1], _shared()
    found: set[str] = set()
    for k, word in enumerate(words):
        pair = (word, words[k + 1]) if k + 1 < len(words) else (word,)
        state = names.get((word,)) or names.get(pair)
        bare = word
        if state is None and len(word) > 3 and word[0] in "وفبل":
            bare = word[1:]
            state = names.get((bare,)) or (names.get(("ال" + word[2:],)) if word.startswith("لل") else None)
        if state is not None:
            found.add(state)
        found.update(shared.get(bare, ()))
    return frozenset(found)


def of_text(word: str, states: frozenset[str]) -> str | None:
    """The ISO code of a shared currency where the text names exactly one of the states that have it."""
    codes = read("quantities")["currencies"][word]
    named = [state for state in codes if state in states]
    return str(codes[named[0]]) if len(named) == 1 else None
