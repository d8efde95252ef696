"""Numbers of something: how many were killed, how much it cost, what share.

A quantity is a number with what it counts. Its kind comes from the noun («15 جريحا») or from the
nearest verb before it in the clause («اعتقال 11 شخصا»). «المئات» has no value, only a lower bound;
numbers that are names, ordinals or parts of a date are no quantities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from marsad.extract import calendar as cal
from marsad.extract.data import read, words
from marsad.extract.numerals import Number, definite_value, read_number
from marsad.extract.record import QuantityKind
from marsad.extract.reports import cue_forms
from marsad.extract.speakers import STOPS
from marsad.extract.tokens import Tokens, fold, is_number, is_word

_CLAUSE_ENDS = frozenset(".،؛:؟!()\n,;")
_REACH = 12
"""Words before a number in which its verb is looked for."""


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


@cache
def _by_word(section: str) -> dict[str, QuantityKind]:
    return {fold(w): cast(QuantityKind, kind) for kind, listed in read("quantities")[section].items() for w in listed}


@cache
def _phrases(key: str) -> tuple[tuple[str, ...], ...]:
    listed = {tuple(fold(w).split()) for w in read("quantities")[key]}
    return tuple(sorted(listed, key=lambda p: (-len(p), p)))


@cache
def _currencies() -> dict[tuple[str, ...], str]:
    return {tuple(fold(w).split()): code for code, listed in read("quantities")["currencies"].items() for w in listed}


def find_quantities(tokens: Tokens, taken: list[tuple[int, int]]) -> list[Found]:
    """The quantities of a text, in order.

    Args:
        taken: token ranges ``[first, past)`` of its expressions of time, in order; numbers in them count nothing.
    """
    reader = _Reader(tokens)
    found: list[Found] = []
    spans = iter(taken)
    span = next(spans, None)
    i = 0
    while i < len(tokens):
        while span is not None and span[1] <= i:
            span = next(spans, None)
        if span is not None and span[0] <= i:
            i = span[1]
            continue
        one = reader.at(i, found[-1] if found else None, span[0] if span else len(tokens))
        if one is None:
            i += 1
            continue
        found.append(one)
        i = max(one.past, i + 1)
    return found


class _Reader:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens

    def at(self, i: int, before: Found | None, limit: int) -> Found | None:
        word = self.tokens.at(i)
        if not word[0].isalnum():
            return None
        if is_word(word):
            counted = self._dual(i, word) or self._definite(i, word)
            if counted is not None:
                return counted
        number = read_number(self.tokens, i)
        if number is None or number.past > limit or self._is_label(i, number):
            return None
        return self._counted(number, before, limit)

    # numbers within nouns

    def _dual(self, i: int, word: str) -> Found | None:
        """«قتيلان», «شخصين»: the noun itself says two."""
        for cut in (0, 1):
            if cut and not (len(word) > 4 and word[0] in "وفبل"):
                continue
            form = word[cut:]
            kind = _by_word("casualties").get(form) if form.endswith(("ان", "ين")) else None
            is_dual = form in words("quantities", "people_duals") or (
                kind is not None and form.removesuffix("ان").removesuffix("ين") in _singular_casualties()
            )
            if is_dual and (form.endswith("ان") or form[:-2] not in _sound_plurals()):
                start = self.tokens.inside(i, cut)
                text = self.tokens.body[start : self.tokens.end[i]]
                return Found(
                    i, i + 1, start, self.tokens.end[i], 2.0, None, None, False, text, kind or self._kind_before(i)
                )
        return None

    def _definite(self, i: int, word: str) -> Found | None:
        """«الإرهابيين الأربعة»: the number behind a noun with the article."""
        if not word.startswith(("ال", "وال", "بال", "لل")):
            return None
        value = definite_value(self.tokens.at(i + 1))
        noun = word[1:] if word.startswith(("وال", "بال")) else "ال" + word[2:] if word.startswith("لل") else word
        if value is None or noun[2:] in cal.units() or definite_value(noun) is not None:
            return None
        # «الثلاثاء», «المئات» never come here; «المرة الأولى» has an ordinal behind it
        start = (
            self.tokens.inside(i, len(word) - len(noun))
            if word != noun and not word.startswith("لل")
            else self.tokens.start[i]
        )
        people = noun in words("quantities", "people") or noun in _by_word("casualties")
        kind: QuantityKind = _by_word("casualties").get(noun) or (self._kind_before(i) if people else "other")
        end = self.tokens.end[i + 1]
        return Found(
            i, i + 2, start, end, float(value), None, None, False, self.tokens.body[start : self.tokens.end[i]], kind
        )

    def _is_label(self, i: int, number: Number) -> bool:
        """Whether a number is a name («كوفيد-19»), an ordinal («الـ80») or a time («9:59»)."""
        t = self.tokens
        before, behind = t.at(i - 1), t.at(number.past)
        glued = t.touches(i)
        if before in words("quantities", "labels") or (
            glued and before in "-–—:/._#@+" and before not in ("", " ") and not is_number(t.at(i - 2))
        ):
            return not (before in "-–—" and not t.touches(i - 1))
        if glued and is_number(t.at(i - 2)) and before in "-–:/":
            return True
        if (
            is_number(t.at(i))
            and behind in "-–:/"
            and t.touches(number.past)
            and is_number(t.at(number.past + 1))
            and behind != "-"
        ):
            return True
        if (before == "ال" and glued) or (before == "ال" and is_number(t.at(i))):
            return behind not in words("quantities", "people")
        if is_word(before) and glued and is_number(t.at(i)):
            return before not in ("ب", "ل", "و", "ف", "ك", "ال")
        if number.is_words and not number.is_vague and not number.ends_in_scale:
            # «أحد المسؤولين», «ست» (lady), «واحد»: a lone word is a number only before what it counts
            return not is_word(behind) or behind in STOPS or (number.past - i == 1 and number.value in (1.0, None))
        return is_word(behind) and behind.isascii()  # G20, 5G

    # numbers before nouns

    def _counted(self, number: Number, before: Found | None, limit: int) -> Found | None:
        t = self.tokens
        value, low, high, rough = number.value, number.low, None, number.is_vague
        first, start, past = number.first, number.start, number.past
        through = self._through(number, limit)
        if through is not None:
            other, first, start = through
            if number.value is None or other.value is None:
                return None
            a, b = number.value, other.value
            if a < 1000 <= b and other.ends_in_scale and not number.ends_in_scale and a * _scale_of(b) <= b:
                a *= _scale_of(b)  # بين 3 و5 ملايين
            if a >= b:
                return None
            value, low, high, past = None, a, b, other.past
        else:
            marked = self._modifier(number)
            if marked is not None:
                first, start, sense = marked
                rough = True
                if sense == "low" and value is not None:
                    low = value
                elif sense == "high" and value is not None:
                    high = value
        end = t.end[past - 1]
        unit, kind, noun_past = self._unit(past, limit)
        if kind is None and (number.ends_in_scale or (through is not None and through[0].ends_in_scale)):
            ends = past >= len(t) or not is_word(t.at(past)) or t.at(past) in STOPS
            if ends and before is not None and before.kind == "money" and number.first - before.past <= 30:
                unit, kind = before.unit, "money"
        if noun_past > past:
            past, end = noun_past, t.end[noun_past - 1]
        if kind is None:
            kind = self._kind_before(number.first) if unit is None or (number.is_vague and unit is None) else "other"
            if kind == "people":
                kind = "other"
        elif kind == "people":
            kind = self._kind_before(number.first)
        found = Found(first, past, start, end, value, low, high, rough, unit, kind)
        if kind in ("killed", "injured", "killed_or_injured") and number.is_vague and unit is None:
            return self._with_verbs(found)
        if unit is None and kind == "other" and (number.is_vague or number.is_words) and not number.ends_in_scale:
            return None
        return found

    def _through(self, number: Number, limit: int) -> tuple[Number, int, int] | None:
        """«بين 20 و30»، «من 20 إلى 30»، «20-30»: the upper number, and where the whole begins."""
        t = self.tokens
        joiner, k = t.at(number.past), number.past + 1
        lead = t.at(number.first - 1)
        if lead in ("بين", "من", "وبين") and number.first > 0:
            if lead == "من" and joiner not in ("الي", "حتي"):
                return None
            if lead != "من" and joiner != "و":
                if joiner[:1] == "و" and len(joiner) > 2 and is_word(joiner):
                    k = number.past  # بين عشرين وثلاثين
                else:
                    return None
            first = number.first - 1
            start = t.inside(first, 1) if lead == "وبين" else t.start[first]
        elif joiner in ("الي", "-", "–") and is_number(t.at(number.first)) and is_number(t.at(k)):
            first, start = number.first, number.start
        else:
            return None
        other = read_number(t, k)
        return (other, first, start) if other is not None and other.past <= limit else None

    def _modifier(self, number: Number) -> tuple[int, int, str] | None:
        """«نحو», «أكثر من» before the number: (first token, offset, approximate, low or high)."""
        t = self.tokens
        for sense in ("approximate", "low", "high", "near"):
            for phrase in _phrases(sense):
                first = number.first - len(phrase)
                if first < 0 or any(t.at(first + n) != w for n, w in enumerate(phrase) if n):
                    continue
                word = t.at(first)
                if word == phrase[0]:
                    return first, t.start[first], sense
                if len(word) == len(phrase[0]) + 1 and word[0] in "وبفل" and word[1:] == phrase[0]:
                    return first, t.inside(first, 1), sense
        return None

    def _unit(self, k: int, limit: int) -> tuple[str | None, QuantityKind | None, int]:
        """What stands behind a number: its unit, its kind where that says it, and the token behind."""
        t = self.tokens
        for phrase in _phrases("percent"):
            if k + len(phrase) <= limit and all(t.at(k + n) == w for n, w in enumerate(phrase)):
                return "%", "percent", k + len(phrase)
        if k >= limit:
            return None, None, k
        if t.at(k) in ("$", "€", "£"):
            return {"$": "USD", "€": "EUR", "£": "GBP"}[t.at(k)], "money", k + 1
        if t.at(k - 2) in ("$", "€", "£") and t.touches(k - 1):
            return {"$": "USD", "€": "EUR", "£": "GBP"}[t.at(k - 2)], "money", k
        for size in (2, 1):
            code = _currencies().get(tuple(t.at(k + n) for n in range(size)))
            if code is not None:
                return code, "money", k + size
        word = t.at(k)
        if word in words("quantities", "money_words"):
            return None, "money", k + 1  # pounds, but whose? the text does not say
        if not is_word(word) or word in STOPS or word in cue_forms() or word in cal.units():
            return None, None, k
        if word[0] == "و" and t.at(k)[1:] and len(word) > 3 and read_number(t, k) is not None:
            return None, None, k
        noun = t.body[t.start[k] : t.end[k]]
        kind = _by_word("casualties").get(word)
        if kind is not None:
            joined = _by_word("casualties").get(t.at(k + 1)[1:]) if t.at(k + 1)[:1] == "و" else None
            if {kind, joined} == {"killed", "injured"}:  # 20 قتيلا وجريحا
                return t.body[t.start[k] : t.end[k + 1]], "killed_or_injured", k + 2
            return noun, kind, k + 1
        if word in words("quantities", "people"):
            if t.at(k + 1) == "بين" and "قتيل" in t.at(k + 2) and "جريح" in t.at(k + 3):
                return noun, "killed_or_injured", k + 1
            return noun, "people", k + 1
        if word[0] in "وفبل" and _by_word("events").get(word[1:]):
            return None, None, k
        return (noun, "other", k + 1) if _is_noun(word) else (None, None, k)

    def _kind_before(self, i: int) -> QuantityKind:
        """What happened to the people counted at ``i``, by the nearest verb before in the clause."""
        t = self.tokens
        events, breaks = _by_word("events"), words("quantities", "breaks")
        for k in range(i - 1, max(i - _REACH, 0) - 1, -1):
            word = t.at(k)
            if word in _CLAUSE_ENDS or word in breaks or (k < i - 1 and is_number(word)):
                break
            kind = events.get(word) or (events.get(word[1:]) if word[0] in "وف" else None)
            if kind is None:
                continue
            near = t.at(k - 1)
            other = events.get(near) or (events.get(near[1:]) if near[:1] in ("و", "ف") else None)
            if word[0] == "و" and not near.endswith(("هم", "ها")) and {kind, other} == {"killed", "injured"}:
                return "killed_or_injured"
            return kind
        return "people"

    def _with_verbs(self, found: Found) -> Found:
        """«مقتل وجرح المئات»: without a noun of its own the number is read with its verbs."""
        t = self.tokens
        events = _by_word("events")
        k = found.first
        while k > 0 and found.first - k < 2:
            word = t.at(k - 1)
            if not (word in events or (word[0] in "وفبل" and word[1:] in events)):
                break
            k -= 1
        if k == found.first:
            return found
        word = t.at(k)
        cut = 1 if word[0] in "بلفو" and word[1:] in events else 0
        return replace(found, first=k, start=t.inside(k, cut))


def _scale_of(value: float) -> float:
    return next((s for s in (1e12, 1e9, 1e6, 1e3) if value >= s), 1.0)


@cache
def _singular_casualties() -> frozenset[str]:
    return frozenset(w for w in _by_word("casualties") if not w.endswith(("ا", "ين", "ون", "ان")))


@cache
def _sound_plurals() -> frozenset[str]:
    """Stems whose form in ـين is read as the plural, not the dual: مصابين، نازحين."""
    return frozenset(w[:-2] for w in _by_word("casualties") if w.endswith("ون"))


def _is_noun(word: str) -> bool:
    """Whether an unlisted word can be what a number counts: no article, no conjunction, no pronoun's preposition."""
    if len(word) < 2 or word[0] == "و" or word in ("منهم", "منها", "منهن", "مره", "بينهم", "بينها"):
        return False
    return not word.startswith(("ال", "بال", "لل", "است"))
