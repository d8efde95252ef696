"""What is counted: people and casualties in all their forms, money, percent, other nouns.

Arabic says by the form of the noun how many it can count: the plural stands behind 3 to 10, the
accusative singular behind 11 to 99. A word that is in no list is taken for a noun only in such a form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import cast

from marsad.extract import calendar as cal
from marsad.extract.currencies import SIGNS, read_currency
from marsad.extract.data import nationalities, read, words
from marsad.extract.record import QuantityKind
from marsad.extract.tokens import Tokens, fold, is_word

_TANWEEN = ("ا", "ه", "ي", "ء")


@dataclass(frozen=True, slots=True)
class Found:
    """A quantity before it becomes a row; ``first``/``past`` are tokens."""

    first: int
    past: int
    start: int
    end: int
    value: float | None
    low: float | None
    high: float | None
    is_approximate: bool
    unit: str | None
    kind: QuantityKind


@dataclass(frozen=True, slots=True)
class Noun:
    """What a word says of the counted: ``kind`` is a casualty's, or people; ``is_dual`` where it says two itself."""

    kind: QuantityKind
    is_dual: bool = False
    is_plural: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """What stands behind a number: ``unit`` as the dataset has it, ``kind`` where the noun says it, the token behind.

    ``money`` is the word of a currency that several states share.
    """

    unit: str | None
    kind: QuantityKind | None
    past: int
    money: str | None = None


def _sound(stem: str) -> Iterator[tuple[str, bool, bool]]:
    """Forms with a sound plural: (form, dual, plural); with «-» at its end its feminine is a thing («محافظة»)."""
    is_man = stem.endswith("-")
    stem = stem.removesuffix("-")
    yield from ((stem, False, False), (stem + "ا", False, False))
    yield from ((stem + "ون", False, True), (stem + "ين", False, True), (stem + "ان", True, False))
    if not is_man:
        yield from ((stem + "ه", False, False), (stem + "ات", False, True))
        yield from ((stem + "تان", True, False), (stem + "تين", True, False))


def _broken(stem: str, plurals: Iterable[str]) -> Iterator[tuple[str, bool, bool]]:
    root = stem[:-1] + "ت" if stem.endswith("ه") else stem
    root = root[1:] if root.startswith("ا") and stem == "امراه" else root
    yield from ((stem, False, False), (stem + "ا", False, False))
    if not stem.endswith("ه"):
        yield (stem + "ه", False, False)
        yield from ((stem + "تان", True, False), (stem + "تين", True, False))
    for plural in plurals:
        yield (fold(plural), False, True)
    for base in (root, "ا" + root) if stem == "امراه" else (root,):
        yield from ((base + "ان", True, False), (base + "ين", True, False))


@cache
def nouns() -> dict[str, Noun]:
    """Folded nouns for people, without and with the article, in every number and case."""
    book = read("quantities")
    found: dict[str, Noun] = {}

    def add(forms: Iterable[tuple[str, bool, bool]], kind: str) -> None:
        for form, is_dual, is_plural in forms:
            noun = Noun(cast(QuantityKind, kind), is_dual, is_plural)
            found.setdefault(form, noun)
            found.setdefault("ال" + form, noun)

    for kind, listed in book["casualties_broken"].items():
        for stem, plurals in listed.items():
            add(_broken(fold(stem), plurals), kind)
    for kind, listed in book["casualties_sound"].items():
        for stem in listed:
            add(_sound(fold(stem)), kind)
    for stem, plurals in book["people_broken"].items():
        if not stem.endswith("_"):
            add(_broken(fold(stem), plurals), "people")
    for stem in book["people_sound"]:
        if not stem.endswith("_"):
            add(_sound(fold(stem)), "people")
    add(((fold(w), w == "آخران", not w.endswith(("ا", "ان"))) for w in book["people_more"]), "people")
    for form in nationalities():
        if not form.startswith("ال"):
            add([(form, form.endswith("ان"), form.endswith(("ين", "ون", "ات")))], "people")
    add(((fold(w), False, True) for w in book["households"]), "people")
    return found


@lru_cache(maxsize=1 << 14)
def noun_of(word: str) -> Noun | None:
    """What a folded word says of people; a sound masculine plural in no list is of people too."""
    found = nouns().get(word)
    if found is not None:
        return None if found.is_dual and word in words("quantities", "not_duals") else found
    if len(word) > 4 and word.endswith(("ين", "ون")) and word not in _not_people() and word[0] not in "وب":
        bare = word.removeprefix("ال")
        if len(bare) > 4 and bare not in _not_people() and not bare.startswith(("لل", "ي", "ت")):
            return Noun("people", is_plural=True)
    return None


@cache
def _not_people() -> frozenset[str]:
    return words("quantities", "not_people") | words("quantities", "not_units")


@cache
def _percent() -> tuple[tuple[str, ...], ...]:
    listed = {tuple(fold(w).split()) for w in read("quantities")["percent"]}
    return tuple(sorted(listed, key=lambda p: (-len(p), p)))


def read_percent(w: list[str], k: int) -> int | None:
    """The token behind «في المئة», «%» at ``k``, or None."""
    if w[k] in ("%", "٪"):
        return k + 1
    if w[k][0] not in "فب":
        return None
    for phrase in _percent():
        if w[k] == phrase[0] and all(w[k + n] == word for n, word in enumerate(phrase)):
            return k + len(phrase)
    return None


def read_unit(tokens: Tokens, w: list[str], first: int, k: int, limit: int, value: float | None) -> Unit:
    """What stands behind (or, as a sign, before) the number at tokens ``[first, k)``.

    Args:
        limit: the first token that belongs to something else.
        value: the number, which says what form its noun has; None where it is vague.
    """
    nothing = Unit(None, None, k)
    past = read_percent(w, k) if k < limit else None
    if past is not None:
        return Unit("%", "percent", past)
    sign = w[first - 1] if first else ""
    if sign in ("%", "٪") and tokens.touches(first):
        return Unit("%", "percent", k)
    if sign in SIGNS:
        return Unit(SIGNS[sign], "money", k)
    if k >= limit:
        return nothing
    word = w[k]
    if word in SIGNS:
        return Unit(SIGNS[word], "money", k + 1)
    money = read_currency(w, k)
    if money is not None:
        code, shared, past = money
        return Unit(code, "money", past, None if code else shared)
    if word == "من":
        return _some_of(tokens, w, k) or nothing
    if not is_word(word) or len(word) < 2:
        return nothing
    noun = noun_of(word)
    if noun is not None and not noun.is_dual:
        return _people(tokens, w, k, noun)
    if tokens.body[tokens.start[k]] == "آ" and noun is None and len(word) > 3 and word not in cal.month_starts():
        return Unit(tokens.text(k, k), "other", k + 1)  # «آلية»: folded it looks like «إليه»
    if word in words("quantities", "measures"):
        return Unit(tokens.text(k, k), "other", k + 1)
    if word in _not_units() or word in cal.month_starts() or (word in cal.units() and (value is None or value < 1e6)):
        return nothing
    if value is None and word.startswith("ال") and len(word) > 4 and word[2:] not in cal.units():
        return Unit(tokens.text(k, k), "other", k + 1)  # «مئات الدونمات»
    return Unit(tokens.text(k, k), "other", k + 1) if _can_be_counted(word, value) else nothing


def _people(tokens: Tokens, w: list[str], k: int, noun: Noun) -> Unit:
    follow = w[k + 1]
    joined = noun_of(follow[1:]) if follow[0] == "و" and len(follow) > 3 else None
    if (
        joined is not None and not joined.is_dual and {noun.kind, joined.kind} == {"killed", "injured"}
    ):  # 20 قتيلا وجريحا
        return Unit(tokens.text(k, k + 1), "killed_or_injured", k + 2)
    if follow[0] == "و" and follow[1:] == w[k].removesuffix("ا") + "ه":
        return Unit(tokens.text(k, k + 1), noun.kind, k + 2)  # «2400 طالب وطالبة»
    if follow == "بين" and w[k + 2].startswith("قتيل") and w[k + 3].startswith("وجريح"):
        return Unit(tokens.text(k, k), "killed_or_injured", k + 1)
    return Unit(tokens.text(k, k), noun.kind, k + 1)


def _some_of(tokens: Tokens, w: list[str], k: int) -> Unit | None:
    """«ثلاثة من عناصر الأمن»: what is counted stands behind من."""
    noun = noun_of(w[k + 1])
    if noun is None or not (noun.is_plural or w[k + 1].startswith("ال")):
        return None
    return Unit(tokens.text(k + 1, k + 1), noun.kind, k + 2)


@cache
def _not_units() -> frozenset[str]:
    return words("quantities", "not_units")


@cache
def _nouns_b_l() -> frozenset[str]:
    return words("quantities", "nouns_b_l")


@lru_cache(maxsize=1 << 14)
def _form(word: str) -> int:
    """0 no noun that a number counts, 1 one by its form, 2 an accusative singular too."""
    if (
        word.isascii()
        or (word[0] in "وفك" and len(word) > 5 and word[1:3] == "ال")
        or word.startswith(("ال", "بال", "لل"))
        or (word.startswith("است") and not word.endswith(("ه", "ات", "ا")))
    ):
        return 0
    if word[0] in "بل" and word not in _nouns_b_l():
        return 0
    if word[0] == "و" and len(word) > 3 and word not in words("quantities", "nouns_w"):
        return 0
    return 2 if word.endswith(_TANWEEN) else 1


def _can_be_counted(word: str, value: float | None) -> bool:
    """Whether a word in no list can be what such a number counts."""
    form = _form(word)
    if form == 0 or value is None:
        return form > 0
    rest = value % 100
    # of thousands many write the singular as it is: «93316 طلب»
    return form == 2 or value != int(value) or value >= 1000 or not 11 <= rest <= 99
