"""Dates, months, years and hours as they are written out: «22 آذار/مارس 2024»، «12 رمضان 1445هـ»، «عام 2003».

Each reader looks at one place of the text and answers with what begins there, or None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from marsad.extract import calendar as cal
from marsad.extract.calendar import UNRESOLVED, Value
from marsad.extract.data import read, words
from marsad.extract.record import TimexKind
from marsad.extract.tokens import Tokens, fold, is_number, is_word

_ORDINALS = {fold(w): n for n, w in enumerate(read("calendar")["ordinals"], 1)}
_HOURS = {fold(w): n for n, w in enumerate(read("calendar")["hours"], 1)}
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


@dataclass(frozen=True, slots=True)
class Day:
    """An expression read at some tokens; ``past`` is the first token behind it."""

    past: int
    value: Value
    part: str | None = None
    kind: TimexKind = "date"


class DateReader:
    """Reads what is written out at a place of one text."""

    def __init__(self, tokens: Tokens, anchor: date | None) -> None:
        self.tokens, self.anchor = tokens, anchor
        self.past_words, self.future_words = words("calendar", "past"), words("calendar", "future")
        self.present_words = words("calendar", "present")

    def numeric(self, i: int, weekday: int | None = None) -> Day | None:
        """22/3/2024, 2024-03-22, 22.03.2024; the day stands first unless it cannot."""
        t = self.tokens
        dotted = _DOTTED.fullmatch(t.at(i))
        if dotted:
            d, m, y, past = int(dotted[1]), int(dotted[2]), int(dotted[3]), i + 1
        elif (
            t.at(i + 1) in ("/", "-")
            and t.at(i + 3) == t.at(i + 1)
            and t.touches(i + 1)
            and t.touches(i + 2)
            and t.touches(i + 3)
            and t.touches(i + 4)
        ):
            listed = [t.at(i), t.at(i + 2), t.at(i + 4)]
            if not all(x.isdecimal() and len(x) <= 4 for x in listed):
                return None
            a, b, c = (int(x) for x in listed)
            d, m, y = (c, b, a) if len(listed[0]) == 4 else (a, b, c)
            if len(listed[0]) != 4 and len(listed[2]) != 4:
                return None
            past = i + 5
        else:
            return None
        if m > 12 >= d:
            d, m = m, d
        hijri = t.at(past) in ("ه", "هجري", "هجريه") or 1300 <= y <= 1500
        if t.at(past) in ("ه", "م"):
            past += 1
        value = cal.hijri_day(y, m, d, weekday) if hijri else cal.day_of(y, m, d, None, 0, weekday)
        return Day(past, value)

    def _month_at(self, k: int) -> tuple[int, int, bool] | None:
        """A month's name at ``k``: its number, the token behind it, and whether it is Hijri."""
        t = self.tokens
        if t.at(k) not in cal.month_starts():
            return None  # nearly every word: the tables need not be asked
        for table, hijri in ((cal.months(), False), (cal.hijri_months(), True)):
            for size in (2, 1):
                number = table.get(tuple(t.at(k + n) for n in range(size)))
                if number is None:
                    continue
                past = k + size
                # آذار/مارس, يوليو (تموز), كانون الثاني - يناير: both names of one month
                if not hijri and t.at(past) in ("/", "(", "-"):
                    other = next(
                        (n for n in (2, 1) if table.get(tuple(t.at(past + 1 + m) for m in range(n))) == number), 0
                    )
                    if other:
                        past += 1 + other
                        past += t.at(past) == ")" and t.at(past - other - 1) == "("
                return number, past, hijri
        return None

    def _ordinal_day(self, i: int) -> tuple[int, int] | None:
        """«الثاني عشر من» as a day's number, and the token behind it."""
        t = self.tokens
        word = t.at(i)
        value = _ORDINALS.get(word) or {"الحادي": 1, "الواحد": 1}.get(word)
        if value is None:
            value = {"العشرين": 20, "العشرون": 20, "الثلاثين": 30, "الثلاثون": 30}.get(word)
            return (value, i + 1) if value else None
        if t.at(i + 1) == "عشر":
            return 10 + value, i + 2
        if t.at(i + 1) in ("والعشرين", "والعشرون"):
            return 20 + value, i + 2
        if t.at(i + 1) in ("والثلاثين", "والثلاثون"):
            return 30 + value, i + 2
        return value, i + 1

    def month_day(self, i: int, weekday: int | None = None) -> Day | None:
        """«22 آذار/مارس 2024»، «12 أبريل الجاري»، «الأول من مايو»، «12 رمضان 1445هـ»."""
        t = self.tokens
        word = t.at(i)
        ordinal = None
        if word.isdecimal() and len(word) <= 2:
            number, k = int(word), i + 1
        else:
            ordinal = self._ordinal_day(i)
            if ordinal is None:
                return None
            number, k = ordinal
        until: int | None = None
        if ordinal is None and t.at(k) in ("-", "–", "/") and t.at(k + 1).isdecimal() and len(t.at(k + 1)) <= 2:
            if self._month_at(k + 2) is None:
                return None
            until, k = int(t.at(k + 1)), k + 2  # 3-5 مارس
        linked = t.at(k) == "من" or t.at(k) == "شهر"
        while t.at(k) in ("من", "شهر"):
            k += 1
        month = self._month_at(k)
        if month is None:
            if linked and t.at(k) == "الشهر" and t.at(k + 1) in self.present_words and self.anchor:
                return Day(k + 2, cal.day_of(self.anchor.year, self.anchor.month, number, None, 0, weekday))
            return None
        if ordinal is not None and not linked:
            return None  # تشرين الثاني is read as a month, «الثاني تشرين» is nothing
        m, k, hijri = month
        year, direction, k = self._year_behind(k, hijri)
        if not 1 <= number <= 31:
            return None
        if hijri:
            return Day(k, cal.hijri_day(year, m, number, weekday) if year else UNRESOLVED)
        if until is not None:
            first = cal.day_of(year, m, number, self.anchor, direction, None)
            last = cal.day_of(year, m, until, self.anchor, direction, None)
            if first.value and last.value and first.value < last.value:
                return Day(k, Value(f"{first.value}/{last.value}", first.basis), kind="range")
            return Day(k, UNRESOLVED, kind="range")
        if direction == 2:  # الجاري: of the month of publication
            year = self.anchor.year if self.anchor and self.anchor.month == m else year
            direction = 0
        return Day(k, cal.day_of(year, m, number, self.anchor, direction, weekday))

    def _year_behind(self, k: int, hijri: bool) -> tuple[int | None, int, int]:
        """A year, or الماضي/المقبل/الجاري, behind a month: (year, direction, token behind)."""
        t = self.tokens
        j = k
        if t.at(j) in ("،", "من", "/", "-") and (
            t.at(j + 1) in ("عام", "سنه", "العام") or (t.at(j + 1).isdecimal() and len(t.at(j + 1)) == 4)
        ):
            j += 1
        if t.at(j) in ("عام", "سنه", "العام"):
            if t.at(j + 1) in self.past_words and self.anchor:
                return self.anchor.year - 1, 0, j + 2
            if t.at(j + 1) in self.future_words and self.anchor:
                return self.anchor.year + 1, 0, j + 2
            if t.at(j + 1) in self.present_words and self.anchor:
                return self.anchor.year, 0, j + 2
            j += 1
        word = t.at(j)
        if word.isdecimal() and len(word) == 4 and (1300 <= int(word) <= 1600 if hijri else 1000 <= int(word) <= 2200):
            past = j + 1
            if t.at(past) in ("م", "ه", "هجري", "هجريه"):
                past += 1
            return int(word), 0, past
        if t.at(k) in self.past_words:
            return None, -1, k + 1
        if t.at(k) in self.future_words:
            return None, 1, k + 1
        if t.at(k) in self.present_words:
            return None, 2, k + 1
        return None, 0, k

    def month(self, i: int, word: str) -> Day | None:
        """A month alone: «آذار الماضي»، «في مارس 2024»، «شهر رمضان»."""
        t = self.tokens
        k = i
        named = word in ("شهر", "شهري")
        k += named
        month = self._month_at(k) if named or word == t.at(i) else self._month_clitic(i, word)
        if month is None:
            return None
        m, past, hijri = month
        year, direction, after = self._year_behind(past, hijri)
        sure = named or year is not None or direction != 0 or past - k > 1
        if not sure:
            surface = t.body[t.start[k] : t.end[k]]
            ambiguous = fold(surface.strip()) in words("calendar", "ambiguous_months")
            if hijri and t.at(k) not in ("رمضان", "شوال"):
                return None
            if ambiguous and (
                t.at(i - 1) not in words("calendar", "before_month") or (surface[-1:] == "ب" and "آ" not in surface)
            ):
                return None
            if hijri and t.at(i - 1) not in words("calendar", "before_month"):
                return None
        if hijri:
            return Day(after, cal.hijri_month(year, m, self.anchor), kind="range")
        return Day(after, cal.month_of(year, m, self.anchor, 0 if direction == 2 else direction))

    def _month_clitic(self, i: int, word: str) -> tuple[int, int, bool] | None:
        number = cal.months().get((word,))
        return (number, i + 1, False) if number is not None and len(word) > 4 else None

    def year(self, i: int, word: str) -> Day | None:
        """«عام 2003»، «2002م»، «منذ 2011»، «عامي 2019 و2020»، «1445هـ»."""
        t = self.tokens
        k = i + (not is_number(word))
        digits = t.at(k)
        if not (digits.isdecimal() and len(digits) == 4):
            return None
        year, past = int(digits), k + 1
        named = k > i
        mark = t.at(past) if t.touches(past) or t.at(past) in ("م", "ه") else ""
        if mark in ("ه", "هجري", "هجريه") or (t.at(past) in ("هجري", "هجريه", "للهجره")):
            return Day(past + 1, self._hijri_year(year), kind="range")
        if mark == "م":
            return Day(past + 1, Value(f"{year:04}", "explicit"))
        if not 1000 <= year <= 2100:
            return None
        if word == "عامي" and t.at(past) == "و" and t.at(past + 1).isdecimal() and len(t.at(past + 1)) == 4:
            return Day(past + 2, Value(f"{year:04}/{t.at(past + 1)}", "explicit"), kind="range")
        if named:
            return Day(past, Value(f"{year:04}", "explicit"))
        follow = t.at(past)
        alone = not is_word(follow) or follow in (
            "و",
            "في",
            "من",
            "على",
            "الي",
            "ان",
            "حتي",
            "كان",
            "بعد",
            "عندما",
            "بعدما",
            "وقد",
        )
        if (
            1900 <= year <= 2100
            and t.at(i - 1) in words("calendar", "before_year")
            and alone
            and follow not in ("%", "/", ":")
        ):
            return Day(past, Value(f"{year:04}", "explicit"))
        return None

    def _hijri_year(self, year: int) -> Value:
        first, last = cal.hijri_month(year, 1, None), cal.hijri_month(year, 12, None)
        if first.value is None or last.value is None:
            return UNRESOLVED
        return Value(f"{first.value.split('/')[0]}/{last.value.split('/')[1]}", "explicit")

    def interval(self, i: int) -> Day | None:
        """«من 3 إلى 5 آذار»، «بين 3 و5 آذار»، «بين عامي 2019 و2021»."""
        t = self.tokens
        joiner = ("الي", "حتي", "ولغايه") if t.at(i) == "من" else ("و",)
        a, j, b = t.at(i + 1), t.at(i + 2), t.at(i + 3)
        if not (a.isdecimal() and j in joiner and b.isdecimal()):
            return None
        if len(a) == 4 == len(b) and 1000 <= int(a) < int(b) <= 2100 and not is_word(t.at(i + 4)):
            return Day(i + 4, Value(f"{a}/{b}", "explicit"), kind="range")
        last = self.month_day(i + 3)
        if last is None or last.value.value is None or len(a) > 2:
            return None
        end = last.value.value
        try:
            begin = date.fromisoformat(end).replace(day=int(a)).isoformat()
        except ValueError:
            return None
        return Day(last.past, Value(f"{begin}/{end}", last.value.basis), kind="range") if begin < end else None

    def clock(self, i: int, word: str) -> Day | None:
        """«الساعة 9:59»، «الساعة العاشرة صباحا»."""
        t = self.tokens
        if word != "الساعه":
            return None
        k = i + 1
        minute = 0
        if t.at(k).isdecimal() and len(t.at(k)) <= 2:
            hour, k = int(t.at(k)), k + 1
            if t.at(k) == ":" and t.at(k + 1).isdecimal() and len(t.at(k + 1)) == 2:
                minute, k = int(t.at(k + 1)), k + 2
        elif t.at(k) in _HOURS:
            hour, k = _HOURS[t.at(k)], k + 1
            if t.at(k) == "عشره":
                hour, k = hour + 10, k + 1
        else:
            return None
        part = cal.parts().get(t.at(k)) if t.at(k).endswith(("ا", "ء")) else None
        if part is not None:
            k += 1
            if part in ("evening", "afternoon", "night") and 1 <= hour <= 11:
                hour += 12
            elif part in ("dawn", "morning") and hour == 12:
                hour = 0
        if hour > 23 or minute > 59:
            return None
        return Day(k, Value(f"T{hour:02}:{minute:02}", "explicit"), part, kind="time")
