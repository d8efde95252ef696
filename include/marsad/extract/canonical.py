"""The fullest form of each name within its story: بوتين → فلاديمير بوتين, حماس → حركة المقاومة الإسلامية.

A person goes by the longest name that ends with the same family name, unless two people of the story share
it. An organisation's short form goes by the long one that stands right before it in brackets, or the other
way round. Nothing from outside the story is used.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

from marsad.extract.data import words
from marsad.extract.features import commonness, lexicon
from marsad.extract.head_rules import LINKS, Found
from marsad.extract.speakers import STOPS, is_title, people
from marsad.extract.tokens import Tokens, stems

_TELLING = 0.5
"""A word commoner in the news than this is no family name unless a list has it as one."""

_PREFIXES = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "وك", "فب", "فل", "فك")
"""What may be written onto a name."""


def name_fully(tokens: Tokens, found: list[Found]) -> list[Found]:
    """Names with their fullest form, and the family names of the story's people where they stand alone."""
    people = _families(tokens, found)
    found = sorted([*found, *_alone(tokens, found, people)], key=lambda f: f.start) if people else found
    short = _abbreviations(tokens, found)
    named: list[Found] = []
    for one in found:
        name = one.name
        if one.type == "PER":
            name = _full_person(tokens, one, people)
        elif one.type == "ORG":
            name = short.get(_key(tokens, one), name)
        named.append(replace(one, name=name) if name != one.name else one)
    return named


def _key(tokens: Tokens, one: Found) -> str:
    """A name for comparing: its folded words, the first without what is written onto it."""
    first = tokens.word[one.first]
    cut = next((c for c, _ in stems(first) if tokens.inside(one.first, c) == one.start), 0)
    return " ".join([first[cut:], *tokens.word[one.first + 1 : one.past]])


def _families(tokens: Tokens, found: list[Found]) -> dict[str, Found | None]:
    """The longest name by family name; None where two people of the story share it."""
    full: dict[str, Found | None] = {}
    for one in found:
        if one.type != "PER" or one.past - one.first < 2:
            continue
        last = tokens.word[one.past - 1]
        if last in LINKS or len(last) < 3 or not _is_family(last):
            continue
        known = full.get(last, one)
        if known is None:
            continue
        if not _same_person(tokens, known, one):
            full[last] = None
        elif len(one.name) > len(known.name) or last not in full:
            full[last] = one
    return full


@cache
def _is_family(word: str) -> bool:
    """Whether a word alone can stand for the person whose name it ends: not «الأول», not «اتفاق»."""
    if is_title(word) or word in words("gazetteer", "title_adjectives") or word in STOPS:
        return False
    entry = lexicon().words.get(word)
    listed = word in people() or (entry is not None and any(flag[0] in "gsfw" for flag in entry[0]))
    return listed or commonness(word) > _TELLING


def _same_person(tokens: Tokens, one: Found, other: Found) -> bool:
    """Whether one name's words are all in the other's: بشار الأسد, بشار حافظ الأسد."""
    a, b = set(_key(tokens, one).split()), set(_key(tokens, other).split())
    return a <= b or b <= a


def _alone(tokens: Tokens, found: list[Found], people: dict[str, Found | None]) -> list[Found]:
    """Family names of the story's people where no name was found."""
    taken: set[int] = set()
    for one in found:
        taken.update(range(one.first, one.past))
    forms = {prefix + family for family in people for prefix in _PREFIXES}
    forms |= {f"{prefix}ل{family[1:]}" for family in people if family.startswith("ال") for prefix in ("ل", "ول", "فل")}
    extra: list[Found] = []
    for i, word in enumerate(tokens.word):
        if word not in forms or i in taken:
            continue
        for cut, stem in stems(word):
            owner = people.get(stem)
            if owner is not None and len(stem) > 2:
                start = tokens.inside(i, cut) if cut else tokens.start[i]
                extra.append(Found(i, i + 1, start, tokens.end[i], "PER", owner.name, None, "surname"))
                break
    return extra


def _full_person(tokens: Tokens, one: Found, people: dict[str, Found | None]) -> str:
    own = _key(tokens, one).split()
    owner = people.get(own[-1])
    if owner is None and len(own) == 1:
        owner = next((people[s] for _, s in stems(own[0]) if people.get(s) is not None), None)
    if owner is None or len(owner.name) <= one.end - one.start:
        return one.name
    return owner.name if set(own) <= set(_key(tokens, owner).split()) else one.name


def _abbreviations(tokens: Tokens, found: list[Found]) -> dict[str, str]:
    """Short forms of organisations by their key: «حركة المقاومة الإسلامية (حماس)»."""
    short: dict[str, str] = {}
    for one, other in pairwise(found):
        bracketed = other.first == one.past + 1 and tokens.word[one.past] == "(" and tokens.at(other.past) == ")"
        if bracketed and one.type == other.type == "ORG" and one.past - one.first > other.past - other.first:
            short.setdefault(_key(tokens, other), one.name)
    return short
