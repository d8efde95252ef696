"""Words that name speakers: titles, bodies that speak, people; whom words are given to."""

from __future__ import annotations

from functools import cache

from marsad.extract.data import bare_words, names, words
from marsad.extract.tokens import bare, fold


def folded(text: str) -> frozenset[str]:
    """The words of a text, folded."""
    return frozenset(fold(w) for w in text.split())


# What ends a name: prepositions, relatives, adverbs, negations, days. Pronouns on prepositions included.
STOPS = words("grammar", "stops")


@cache
def plain_titles() -> frozenset[str]:
    """Titles that a name may follow at once: الرئيس، الوزير."""
    return words("gazetteer", "titles")


@cache
def _all_titles() -> frozenset[str]:
    return plain_titles() | _complement_titles() | words("grammar", "speaker_titles")


@cache
def _complement_titles() -> frozenset[str]:
    return words("gazetteer", "complement_titles")


@cache
def name_heads() -> frozenset[str]:
    """Bare nouns after which a marked text is a name or a title: صحيفة، فيلم، هجوم …"""
    return frozenset().union(
        *(
            bare_words("gazetteer", key)
            for key in ("org_heads", "fac_heads", "event_heads", "place_heads", "title_heads")
        ),
        words("grammar", "marked_heads"),
    )


@cache
def common_heads() -> frozenset[str]:
    """Bare nouns that head the names of bodies and places, or go on with a title."""
    return frozenset().union(
        *(bare_words("gazetteer", key) for key in ("org_heads", "fac_heads", "place_heads", "title_links"))
    )


@cache
def people() -> frozenset[str]:
    """Folded given names and well-known surnames."""
    return words("gazetteer", "given_names") | words("gazetteer", "surnames")


def is_title(word: str) -> bool:
    """Whether a folded word opens a title."""
    return word in _all_titles()


def is_agent(word: str) -> bool:
    """Whether a folded word can open the name of someone who speaks: a title, a name, an organisation."""
    return (
        is_title(word)
        or word in people()
        or bare(word) in bare_words("gazetteer", "org_heads")
        or bare(word) in words("grammar", "speaking_heads")
        or bool([e for e in names().starting(word) if e[2] == "ORG"])
    )


def is_audience(word: str) -> bool:
    """«لوكالة»، «للصحافيين»: whom the words were given to, no part of who gave them."""
    if word[0] != "ل" or len(word) < 5:
        return False
    rest = "ال" + word[2:] if word.startswith("لل") else word[1:]
    return rest in words("grammar", "audiences")
