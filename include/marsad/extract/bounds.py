"""«نحو», «أكثر من», «على الأقل»: what makes a number an approximation or a bound."""

from __future__ import annotations

from functools import cache

from marsad.extract.data import read
from marsad.extract.tokens import Tokens, fold


@cache
def _phrases(key: str) -> tuple[tuple[str, ...], ...]:
    listed = {tuple(fold(w).split()) for w in read("quantities")[key]}
    return tuple(sorted(listed, key=lambda p: (-len(p), p)))


@cache
def _modifiers() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Phrases before a number by their last word, the longest first: (phrase, sense)."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for sense in ("approximate", "low", "high"):
        for phrase in _phrases(sense):
            found.setdefault(phrase[-1], []).append((phrase, sense))
    for listed in found.values():
        listed.sort(key=lambda one: -len(one[0]))
    return found


def modifier(tokens: Tokens, w: list[str], i: int) -> tuple[int, int, str] | None:
    """«نحو», «أكثر من» before token ``i``: (first token, offset, approximate, low or high)."""
    last = i - 1
    for phrase, sense in _modifiers().get(w[last], ()):
        first = last - len(phrase) + 1
        if first < 0 or any(w[first + n] != word for n, word in enumerate(phrase) if n):
            continue
        word = w[first]
        if word == phrase[0]:
            return first, tokens.start[first], sense
        if len(word) == len(phrase[0]) + 1 and word[0] in "وبفل" and word[1:] == phrase[0]:
            return first, tokens.inside(first, 1), sense
    word = w[last]
    if len(word) > 3 and word[0] in "وبفل" and (word[1:],) in _phrases("approximate"):
        return last, tokens.inside(last, 1), "approximate"
    return None


def bound_behind(w: list[str], k: int) -> str | None:
    """«15 شخصا على الأقل»."""
    for key, sense in (("at_least", "low"), ("at_most", "high")):
        for phrase in _phrases(key):
            if all(w[k + n] == word for n, word in enumerate(phrase)):
                return sense
    return None
