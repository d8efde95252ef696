"""Numbers of something: how many were killed, how much it cost, what share.

A quantity is a number with what it counts. Its kind comes from the noun («15 جريحا») or from what
happened to those counted («اعتقال 11 شخصا»). «المئات» has no value, only a lower bound. A number that
counts nothing (a name, an ordinal, a score, a year, a part of a date) is no quantity.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from marsad.extract import calendar as cal
from marsad.extract.bounds import bound_behind, modifier
from marsad.extract.counted import Found, Unit, noun_of, read_percent, read_unit
from marsad.extract.currencies import SIGNS, of_text, states_named
from marsad.extract.data import words
from marsad.extract.events import counted_before, event_of, is_epidemic, is_infection, kind_before, kind_behind, kind_of
from marsad.extract.labels import is_label
from marsad.extract.numerals import NUMBER_WORDS, Number, definite_value, read_number
from marsad.extract.record import QuantityKind
from marsad.extract.tokens import BREAK, Tokens, is_number, is_word
from marsad.extract.within import ONE, TWO, dual_of, read_definite, read_dual, read_listed, read_one, read_two

_PADDING = 24
_CASUALTIES = ("killed", "injured", "killed_or_injured", "arrested", "displaced", "missing")
_SAME_STATEMENT = 40
"""Tokens within which a bare scale («100 مليار») takes the currency before it."""
_KNOWN_WORDS = 1 << 16
_QUOTES = frozenset('"«»“”')
_HALVES = {"ونصف": 0.5, "وربع": 0.25}
_MASSES = ("العشرات", "المئات", "المائات", "الالاف", "الالوف", "الملايين", "للعشرات", "للمئات", "للالاف", "للملايين")
"""Standing alone these are always people: «تظاهر الآلاف»."""
_NUMBER, _DUAL, _DEFINITE = 1, 2, 4


@lru_cache(maxsize=_KNOWN_WORDS)
def _role(word: str) -> int:
    """What may begin (or, for a number with the article, end) at a folded word."""
    if word[0].isdecimal():
        return _NUMBER
    if not word[0].isalpha():
        return 0
    if definite_value(word) is not None:
        return _DEFINITE if word not in cal.weekdays() else 0
    stems = [word]
    if len(word) > 3 and word[0] in "وفبل":
        stems.append(word[1:])
        if word[0] in "وف" and word[1] in "بل":
            stems.append(word[2:])
        if word.startswith("لل"):
            stems.append("ال" + word[2:])
    if any(stem in NUMBER_WORDS for stem in stems):
        return _NUMBER
    return _DUAL if any(dual_of(stem) is not None for stem in stems[:2]) else 0


def find_quantities(tokens: Tokens, taken: list[tuple[int, int]]) -> list[Found]:
    """The quantities of a text, in order, none within another. Linear in the length of the text.

    Args:
        taken: token ranges ``[first, past)`` of its expressions of time, in order; numbers in them count nothing.
    """
    reader = _Reader(tokens)
    found: list[Found] = []
    spans = iter([*taken, (len(tokens), len(tokens))])
    span = next(spans)
    behind = 0
    for i, role in [(i, role) for i, word in enumerate(tokens.word) if (role := _role(word))]:
        if i < behind:
            continue
        while span[1] <= i and span[0] < len(tokens):
            behind = max(behind, span[1])  # a month's name is no noun: «تشرين الأول الثلاثة»
            span = next(spans)
        if span[0] <= i:
            continue
        one = reader.at(i, role, behind, span[0])
        if one is not None and one.first >= behind and one.past <= span[0]:
            found.append(one)
            behind = one.past
    return found


class _Reader:
    """Reads quantities at places of one text."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.w = [*tokens.word, *[BREAK] * _PADDING]
        self.money: tuple[int, str | None] | None = None
        """Where the last sum of money ended, and its currency."""
        self._states: frozenset[str] | None = None
        self._diseased: bool | None = None
        self._point: tuple[str | None] | None = None

    def at(self, i: int, role: int, behind: int, limit: int) -> Found | None:
        """What is counted at token ``i``; ``behind`` is where the last quantity ended."""
        if role == _DUAL:
            return read_dual(self.tokens, self.w, i)
        if role == _DEFINITE:
            return read_definite(self.tokens, self.w, i, behind)
        if self.w[i] in ONE and (one := read_one(self.tokens, self.w, i, behind)) is not None:
            return one
        if self.w[i] in TWO and (two := read_two(self.tokens, self.w, i, behind)) is not None:
            return two
        number = read_number(self.tokens, i, point=self._decimal_point(i))
        if number is None or number.past > limit:
            return None
        if self.w[i - 1] == "ال" and is_number(self.w[i]):
            listed = read_listed(self.tokens, self.w, i, behind)
            if listed is not None:
                return listed
        if is_label(self.tokens, self.w, i, number):
            return None
        return self._counted(number, behind, limit)

    def _decimal_point(self, i: int) -> str | None:
        """The sign that this text uses for decimals, where «3.500» or «3,500» stands at ``i``."""
        word = self.w[i]
        at = max(word.find("."), word.find(","))
        if at < 0 or len(word) - at != 4:
            return None
        if self._point is None:
            points, commas = 0, 0
            for other in self.tokens.word:
                if other[0].isdecimal() and len(other) > 2:
                    tail = other.rpartition(".")
                    points += tail[1] == "." and len(tail[2]) != 3 and tail[0].isdecimal()
                    tail = other.rpartition(",")
                    commas += tail[1] == "," and len(tail[2]) != 3 and tail[0].isdecimal()
            self._point = ("." if points and not commas else "," if commas and not points else None,)
        return self._point[0]

    # numbers before nouns

    def _counted(self, number: Number, behind: int, limit: int) -> Found | None:
        t = self.tokens
        value, low, high, rough = number.value, number.low, None, number.is_vague
        first, start, past = number.first, number.start, number.past
        in_scale, unit = number.ends_in_scale, read_unit(t, self.w, first, past, limit, value)
        if number.is_vague and unit.kind is not None and self.w[past] != "من" and self.w[past - 1].endswith(_MASSES):
            unit = Unit(None, None, past)  # «فقد الآلاف منازلهم»
        if self.w[first - 1] == "(" and self.w[past] == ")":
            unit = read_unit(t, self.w, first, past + 1, limit, value)  # «(62) استشارة»
            if unit.kind is None:
                return None
            first, start = first - 1, t.start[first - 1]
        through = self._through(number, unit, limit)
        if through is not None:
            other, first, start = through
            a, b = number.value, other.value
            if a is None or b is None:
                return None
            if a < 1000 <= b and other.ends_in_scale and not in_scale and a * _scale_of(b) <= b:
                a *= _scale_of(b)  # بين 3 و5 ملايين
            if a >= b:
                return None
            value, low, high, past, in_scale = None, a, b, other.past, other.ends_in_scale
            unit = read_unit(t, self.w, number.first, past, limit, b)
        sign = self.w[number.first - 1]
        is_free = number.first > behind  # in «5%7» the sign is the first number's
        if is_free and past == unit.past and unit.kind in ("money", "percent") and sign in SIGNS | {"%": "", "٪": ""}:
            first, start = number.first - 1, t.start[number.first - 1]
        marked = modifier(t, self.w, first) if through is None else None
        if marked is not None and marked[0] >= behind:
            first, start, sense = marked
            rough = True
            if value is not None:
                low, high = (value if sense == "low" else low), (value if sense == "high" else high)
        past = unit.past
        if unit.unit and value is not None and self.w[past] in _HALVES and value == int(value) < 1000:
            value, past = value + _HALVES[self.w[past]], past + 1  # «خمسة دولارات ونصف»
        if self.w[first - 1] in _QUOTES and self.w[past] in _QUOTES:
            return None  # «120 نبضة» in marks: a title
        kind, code = self._resolve(number, unit, in_scale=in_scale, rough=rough and not number.is_vague)
        if kind is None:
            return None
        if through is None and value is not None and (bound := bound_behind(self.w, past)) is not None:
            rough = True
            low, high = (value if bound == "low" else low), (value if bound == "high" else high)
        if kind == "money":
            self.money = (past, code)
        if value is not None and value > 1e15:
            return None
        found = Found(first, past, start, t.end[past - 1], value, low, high, rough, code, kind)
        if kind == "killed_or_injured" and number.is_vague and unit.unit is None:
            return self._with_verbs(found, behind)
        return found

    def _resolve(
        self, number: Number, unit: Unit, *, in_scale: bool, rough: bool
    ) -> tuple[QuantityKind | None, str | None]:
        """The kind and unit of a number by what stands behind and around it; no kind where it counts nothing."""
        w, first, past = self.w, number.first, unit.past
        if unit.kind == "money":
            code = unit.unit if unit.unit or not unit.money else self._currency(unit.money)
            # «أوقية» is Mauritania's money, elsewhere a weight
            return ("other", unit.money) if code is None and unit.money == "أوقية" else ("money", code)
        if unit.kind == "injured":
            kind, verb = kind_before(w, first)
            if kind == "killed" and first - verb <= 2:
                return kind, unit.unit  # «حصد أرواح 3176 مصابا»
            if w[past] not in ("بجروح", "بجراح") and (self._epidemic() or is_infection(w, first, past)):
                return ("people" if "مصاب" in w[past - 1] else "other"), unit.unit
        if unit.kind is not None and unit.kind != "people":
            return unit.kind, unit.unit
        if unit.kind == "people":
            kind = kind_of(w, first, past)
            return (
                "other" if kind == "people" and w[past - 1] in words("quantities", "households") else kind
            ), unit.unit
        if in_scale and self.money is not None and first - self.money[0] <= _SAME_STATEMENT:
            follow = w[past]
            if (
                not is_word(follow)
                or follow in words("quantities", "not_units")
                or follow.startswith(("ال", "بال", "لل"))
            ):
                return "money", self.money[1]
        kind, verb = kind_before(w, first)
        if number.is_vague:
            if kind in _CASUALTIES and is_infection(w, first, past):
                kind = "people"
            thing = w[past + 1] if w[past] == "من" else ""
            if thing in words("quantities", "things") or (thing.endswith("ات") and noun_of(thing) is None):
                return "other", None  # «الآلاف من فرص العمل»
            return (kind, None) if kind != "people" or w[first].endswith(_MASSES) else (None, None)
        if verb >= 0 and kind in _CASUALTIES and first - verb <= (3 if rough else 2):
            return ("people" if is_infection(w, first, past) else kind), None
        if w[past] in ("منهم", "منهن"):
            return "people", None  # «ثلاثة منهم»
        behind = kind_behind(w, past)
        if behind is not None:
            return behind, None  # «7 على الأقل أصيبوا»
        counted = counted_before(w, first)
        noun = noun_of(counted) if counted else None
        if noun is not None and noun.is_plural:
            is_infected = noun.kind == "injured" and self._epidemic()
            return ("other" if is_infected else noun.kind), None  # «بلغ عدد القتلى 56»
        if w[first - 1] in ("بينهم", "منهم", "بينهن", "منهن", "ضمنهم", "عددهم", "عددهن") and number.value:
            return "people", None
        return ("other", None) if in_scale or rough else (None, None)

    def _epidemic(self) -> bool:
        if self._diseased is None:
            self._diseased = is_epidemic(self.tokens.word)
        return self._diseased

    def _currency(self, word: str) -> str | None:
        if self._states is None:
            self._states = states_named(self.tokens.word)
        return of_text(word, self._states)

    def _through(self, number: Number, unit: Unit, limit: int) -> tuple[Number, int, int] | None:
        """«بين 20 و30»، «من 20 إلى 30»، «20-30»: the upper number, and where the whole begins."""
        t, w = self.tokens, self.w
        if number.is_vague:
            return None
        lead, k = w[number.first - 1], number.past
        after_percent = read_percent(w, k)
        if after_percent is not None and lead in ("بين", "وبين"):
            k = after_percent  # بين 5% و10%
        joiner = w[k]
        if lead in ("بين", "وبين", "من") and number.first > 0:
            if lead == "من":
                if joiner not in ("الي", "حتي"):
                    return None
                k += 1
            elif joiner in ("و", "الي"):
                k += 1
            elif not (joiner[0] == "و" and len(joiner) > 2):
                return None
            first = number.first - 1
            first -= lead == "بين" and w[first - 1] == "ما"
            start = t.inside(first, 1) if lead == "وبين" else t.start[first]
        elif joiner in ("الي", "-", "–") and is_number(w[number.first]) and is_number(w[k + 1]) and unit.kind is None:
            first, start, k = number.first, number.start, k + 1
        else:
            return None
        other = read_number(t, k, point=self._decimal_point(k))
        return (other, first, start) if other is not None and other.past <= limit else None

    def _with_verbs(self, found: Found, behind: int) -> Found:
        """«مقتل وجرح المئات»: without a noun of its own the number is read with its verbs."""
        k = found.first
        while k > max(behind, 0) and found.first - k < 2 and event_of(self.w[k - 1]) is not None:
            k -= 1
        if k == found.first:
            return found
        known = event_of(self.w[k])
        return replace(found, first=k, start=self.tokens.inside(k, known[1] if known else 0))


def _scale_of(value: float) -> float:
    return next((s for s in (1e12, 1e9, 1e6, 1e3) if value >= s), 1.0)
