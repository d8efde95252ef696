"""Expressions of time, and what they come to against the publication day.

One pass over the words; at each, the longest expression that begins there is taken. Relative
ones («أمس», «قبل ثلاثة أيام») need the publication day: without it their value stays null. Where
a weekday is named beside a date that falls on another, the value is null and the basis
``contradicts_weekday``: one of the two is wrong, and it is not for us to say which.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from marsad.extract import calendar as cal
from marsad.extract.calendar import CONTRADICTION, UNRESOLVED, Value
from marsad.extract.data import read, words
from marsad.extract.dates import DateReader, Day
from marsad.extract.numerals import Number, definite_value, read_number
from marsad.extract.record import TimexKind
from marsad.extract.tokens import Tokens, fold, is_number, is_word

_TODAY = fold("اليوم")
_YESTERDAY = frozenset({"امس", "الامس", "البارحه"})
_TOMORROW = frozenset({"غدا", "الغد", "غد"})
_EARLIER = frozenset(fold(w) for w in ["سابق", "لاحق", "متأخر", "مبكر"])
_CLITICS = frozenset("وفبلك")


@dataclass(frozen=True, slots=True)
class Found:
    """An expression of time before it becomes a row; ``first``/``past`` are tokens."""

    first: int
    past: int
    start: int
    end: int
    kind: TimexKind
    value: str | None
    part: str | None
    basis: str


def find_timexes(tokens: Tokens, anchor: date | None) -> list[Found]:
    """The expressions of time of a text, in order, none within another."""
    found: list[Found] = []
    i = 0
    reader = _Reader(tokens, anchor)
    while i < len(tokens):
        one = reader.at(i)
        if one is None:
            i += 1
            continue
        found.append(one)
        i = max(one.past, i + 1)
    return found


@cache
def _decades() -> tuple[str, ...]:
    """Folded names of the decades of the last century, from the twenties on."""
    return tuple(fold(w) for w in read("calendar")["decades"])


class _Reader:
    def __init__(self, tokens: Tokens, anchor: date | None) -> None:
        self.tokens, self.anchor = tokens, anchor
        self.past_words, self.future_words = words("calendar", "past"), words("calendar", "future")
        self.present_words, self.edges = words("calendar", "present"), words("calendar", "edges")
        self.dates = DateReader(tokens, anchor)

    def at(self, i: int) -> Found | None:
        word = self.tokens.at(i)
        if not word[0].isalnum():
            return None
        found = self._begin(i, word, 0)
        if found is None and len(word) > 3 and word[0] in _CLITICS:
            found = self._begin(i, word[1:], 1)
            if found is None and word[0] in "وف" and len(word) > 4 and word[1] in "بلك":
                found = self._begin(i, word[2:], 2)
        return found

    def _begin(self, i: int, word: str, cut: int) -> Found | None:
        day = self._expression(i, word)
        if day is None:
            return None
        start = self.tokens.inside(i, cut)
        return Found(
            i, day.past, start, self.tokens.end[day.past - 1], day.kind, day.value.value, day.part, day.value.basis
        )

    def _expression(self, i: int, word: str) -> Day | None:
        t = self.tokens
        if word == "وقت" and t.at(i + 1) in _EARLIER:  # وقت سابق اليوم السبت
            k = i + 3 if t.at(i + 2) == "من" else i + 2
            return self._day(k, t.at(k), bare_weekday=False)
        if word == "في" and t.at(i + 1) == "وقت" and t.at(i + 2) in _EARLIER:
            k = i + 4 if t.at(i + 3) == "من" else i + 3
            return self._day(k, t.at(k), bare_weekday=False)
        if is_number(word):
            return (
                self.dates.numeric(i) or self.dates.month_day(i) or self.dates.year(i, word) or self._duration(i, word)
            )
        if word in self.edges:
            return self._edge(i)
        day = self._day(i, word, bare_weekday=True)
        if day is not None:
            return day
        if word in ("قبل", "منذ", "بعد"):
            return self._distance(i, word)
        if word in ("عام", "العام", "سنه", "عامي", "السنه", "الاعوام"):
            return self.dates.year(i, word) or self._span(i, word) or self._duration(i, word)
        if word in ("اكثر", "اقل") and t.at(i + 1) == "من":
            return self._duration(i + 2, t.at(i + 2))
        if word in words("calendar", "decades"):
            year = 1900 + 10 * (2 + _decades().index(word))
            return Day(i + 1, Value(f"{year}/{year + 9}", "explicit"), kind="range")
        if word in ("من", "بين"):
            return self.dates.interval(i)
        return (
            self.dates.clock(i, word)
            or self._span(i, word)
            or self.dates.month_day(i)
            or self.dates.month(i, word)
            or self._duration(i, word)
        )

    # days

    def _day(self, i: int, word: str, *, bare_weekday: bool) -> Day | None:
        """A day named by its relation or its weekday, with the part of it and the date beside it."""
        t = self.tokens
        part = cal.parts().get(word)
        k = i
        if part is not None:
            k = i + 1
            if word == "بعد" or (
                t.at(k) not in _YESTERDAY | _TOMORROW | {_TODAY, "يوم", "اول"} and t.at(k) not in cal.weekdays()
            ):
                return self._night(i, word)
        elif (
            word == "بعد"
            and t.at(i + 1) in ("ظهر", "عصر")
            and (t.at(i + 2) in cal.weekdays() or t.at(i + 2) in (_TODAY, "امس", "يوم", "غد"))
        ):
            part, k = "afternoon", i + 2
        elif word == "منتصف" and t.at(i + 1) in ("ليل", "ليله", "نهار"):
            part, k = "night", i + 2
        if k > i:
            word = t.at(k)
        elif word == "الليله":
            return self._night(i, word)
        if word in ("يوم", "نهار") and (
            t.at(k + 1) in cal.weekdays() or t.at(k + 1) in _YESTERDAY | _TOMORROW or is_number(t.at(k + 1))
        ):
            k += 1
            word = t.at(k)
            if is_number(word):
                day = self.dates.month_day(k) or self.dates.numeric(k)
                return Day(day.past, day.value, part) if day and day.kind == "date" else None
        offset: int | None = None
        if word == _TODAY:
            follow, before = t.at(k + 1), t.at(i - 1)
            if follow in words("calendar", "not_today_after") or before in words("calendar", "not_today_before"):
                return None
            offset = 0
        elif word in _YESTERDAY:
            offset, k = -1, k + (t.at(k + 1) == "الاول" and word == "امس")
            if t.at(k) == "الاول":
                offset = -2
        elif word == "اول" and t.at(k + 1) == "من" and t.at(k + 2) in ("امس", "الامس"):
            offset, k = -2, k + 2
        elif word == "اول" and t.at(k + 1) in ("امس", "الامس"):
            offset, k = -2, k + 1
        elif word == "بعد" and t.at(k + 1) in ("غد", "الغد"):
            offset, k = 2, k + 1
        elif word in _TOMORROW and (word != "غد" or k > i):
            offset = 1
        if offset is not None:
            return self._named_offset(k + 1, offset, part)
        if word in cal.weekdays() and bare_weekday:
            return self._weekday(i, k, word, part)
        return None

    def _named_offset(self, k: int, offset: int, part: str | None) -> Day:
        """«أمس الجمعة»: the weekday, where one is named, must be the day the other word means."""
        day = cal.shift_days(self.anchor, offset) if self.anchor else None
        value = Value(day.isoformat(), "published") if day else UNRESOLVED
        weekday: int | None = None
        comma = self.tokens.at(k) in ("،", "(")
        if self.tokens.at(k + comma) in cal.weekdays() and (not comma or self.tokens.at(k + 2) in ("،", ".", ")")):
            weekday = cal.weekdays()[self.tokens.at(k + comma)]
            k += 1 + comma
            if day is not None and day.weekday() != weekday:
                value = CONTRADICTION
        dated = self._date_beside(k, weekday)
        if dated is not None:
            k = dated.past
            if value is not CONTRADICTION:
                value = dated.value if dated.value.basis == "contradicts_weekday" or day is None else value
        return Day(k, value, part)

    def _weekday(self, i: int, k: int, word: str, part: str | None) -> Day | None:
        t = self.tokens
        if t.at(i - 1) in words("calendar", "not_weekday_before") or (k == i and t.at(i - 1) in ("بين", "كل")):
            return None
        weekday = cal.weekdays()[word]
        follow = t.at(k + 1)
        if follow in self.past_words:
            return Day(k + 2, cal.weekday_on(self.anchor, weekday, -1), part)
        if follow in self.future_words:
            return Day(k + 2, cal.weekday_on(self.anchor, weekday, 1), part)
        dated = self._date_beside(k + 1, weekday)
        if dated is not None:
            return Day(dated.past, dated.value, part)
        direction = 1 if t.at(i - 1) == "حتي" or self._looks_ahead(i) else 0
        past = k + 2 if follow in self.present_words else k + 1
        return Day(past, cal.weekday_on(self.anchor, weekday, direction), part)

    def _looks_ahead(self, i: int) -> bool:
        """Whether the clause speaks of the future: «سيصل … الخميس»."""
        for k in range(i - 1, max(i - 12, -1), -1):
            word = self.tokens.at(k)
            if not is_word(word) and not is_number(word):
                return False
            if word in words("calendar", "future_signs"):
                return True
            stem = word[1:] if word[0] in "وف" else word
            if len(stem) > 3 and stem[0] == "س" and stem[1] in "يتن" and stem not in words("calendar", "not_future"):
                return True
        return False

    def _date_beside(self, k: int, weekday: int | None) -> Day | None:
        """A date behind a day's name, perhaps after a comma, a bracket or «الموافق»."""
        if self.tokens.at(k) in ("،", "(", "الموافق", "-"):
            k += 1
        if self.tokens.at(k) in ("الموافق", "ل"):
            k += 1
        dated = self.dates.month_day(k, weekday=weekday) or self.dates.numeric(k, weekday=weekday)
        return dated if dated is not None and dated.kind == "date" and dated.value.value != "" else None

    def _night(self, i: int, word: str) -> Day | None:
        if word == "الليله":
            if self.tokens.at(i + 1) in self.past_words:
                return self._offset_only(i + 2, -1, "night")
            return self._offset_only(i + 1, 0, "night")
        return None

    def _offset_only(self, past: int, offset: int, part: str) -> Day:
        day = cal.shift_days(self.anchor, offset) if self.anchor else None
        return Day(past, Value(day.isoformat(), "published") if day else UNRESOLVED, part)

    # distances and spans

    def _edge(self, i: int) -> Day | None:
        """«نهاية الشهر الجاري»، «مطلع مارس»: the value is that of the whole month or year."""
        k = i + 1
        word = self.tokens.at(k)
        if word in ("ليل", "ليله", "نهار"):
            return self._day(i, self.tokens.at(i), bare_weekday=True)
        if word in ("عام", "العام", "سنه"):
            inner = self.dates.year(k, word) or self._span(k, word)
        else:
            inner = self._span(k, word) or self.dates.month(k, word)
        return inner

    def _span(self, i: int, word: str) -> Day | None:
        """«الشهر الماضي»، «هذا العام»، «اليومين الماضيين»، «الأيام الثلاثة المقبلة»."""
        t = self.tokens
        this = word in ("هذا", "هذه", "ذلك")
        if this:
            word, i = t.at(i + 1), i + 1
        if not word.startswith("ال") or len(word) < 4:
            return None
        unit = cal.units().get(word[2:])
        if unit is None:
            return None
        code, count = unit
        if this:
            return (
                Day(i + 1, cal.span(self.anchor, code, 0))
                if count == 1 and code in ("W", "Mo", "Y") and t.at(i - 1) != "ذلك"
                else None
            )
        k = i + 1
        amount = float(count) if count else definite_value(t.at(k))
        if not count:
            if amount is None and is_number(t.at(k)):
                amount = None
            elif amount is not None:
                k += 1
        follow = t.at(k)
        shift = (
            -1
            if follow in self.past_words
            else 1
            if follow in self.future_words
            else 0
            if follow in self.present_words
            else None
        )
        if shift is None or amount is None:
            return None
        if count == 1:
            if code not in ("W", "Mo", "Y", "Dec", "C"):
                return None
            return Day(k + 1, cal.span(self.anchor, code, shift))
        if shift == 0 or code in ("H", "M", "S"):
            return None
        return Day(k + 1, cal.last_units(self.anchor, code, amount, is_future=shift > 0), kind="range")

    def _distance(self, i: int, word: str) -> Day | None:
        """«قبل ثلاثة أيام»، «منذ أسبوعين»، «بعد شهر»."""
        t = self.tokens
        k = i + 1
        if t.at(k) in ("نحو", "حوالي", "قرابه", "زهاء"):
            k += 1
        amount = self._amount(k)
        if amount is None:
            return None
        unit, count, past = amount
        if unit in ("H", "M", "S"):
            return Day(past, UNRESOLVED, kind="time")
        if t.at(past) in ("من", "علي") and word != "منذ":
            return Day(
                past, Value(cal.duration(unit, count), "explicit"), kind="duration"
            )  # «بعد شهر من الهجوم» hangs on the attack
        return Day(past, cal.relative(self.anchor, unit, count if word == "بعد" else -count))

    def _amount(self, k: int) -> tuple[str, float, int] | None:
        """A count and a unit of time: (unit, count, token behind)."""
        t = self.tokens
        word = t.at(k)
        unit = cal.units().get(word)
        if unit is not None and unit[1] is not None:
            if unit[1] == 1 and t.at(k + 1) in ("واحد", "واحده"):
                return unit[0], 1.0, k + 2
            return unit[0], float(unit[1]), k + 1
        number: Number | None = read_number(t, k, strip=False)
        if number is None or number.value is None:
            return None
        unit = cal.units().get(t.at(number.past))
        if unit is None or unit[1] == 2:
            return None
        return unit[0], number.value, number.past + 1

    def _duration(self, i: int, word: str) -> Day | None:
        """«ثلاثة أيام»، «42 دقيقة»، «يومين»; a bare singular is none («يوم»، «ساعة»)."""
        unit = cal.units().get(word)
        if unit is not None and word == self.tokens.at(i):
            if unit[1] != 2 or self.tokens.at(i - 1) in ("عام", "كل"):
                return None
            return Day(i + 1, Value(cal.duration(unit[0], 2.0), "explicit"), kind="duration")
        if word != self.tokens.at(i):
            number = read_number(self.tokens, i)
            follow = (
                cal.units().get(self.tokens.at(number.past))
                if number is not None and number.start > self.tokens.start[i]
                else None
            )
            if number is None or number.value is None or follow is None or follow[1] == 2:
                return None
            return Day(number.past + 1, Value(cal.duration(follow[0], number.value), "explicit"), kind="duration")
        amount = self._amount(i)
        if amount is None or (amount[0] in ("M", "S") and amount[1] > 1e6):
            return None
        return Day(amount[2], Value(cal.duration(amount[0], amount[1]), "explicit"), kind="duration")
