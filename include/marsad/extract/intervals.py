"""Stretches named by both ends: «من 3 إلى 5 آذار»، «بين عامي 2019 و2021»، «من الأحد إلى الخميس»."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from marsad.extract import calendar as cal
from marsad.extract.context import Context
from marsad.extract.dates import month_at, read_month_day, same_year, year_behind
from marsad.extract.resolve import UNRESOLVED, Reading, Value, between, day_at, month_of, weekday_on
from marsad.extract.tokens import is_number
from marsad.extract.years import read_year

_TO = frozenset({"الي", "حتي", "ولغايه", "لغايه", "وحتي", "والي"})


def read_interval(c: Context, i: int, cut: int) -> Reading | None:
    """The stretch that «من» or «بين» opens at ``i``, or None."""
    w = c.w
    is_from = w[i][cut:] == "من"
    k = i + 1 + (w[i + 1] == "يومي")
    if not is_from and w[k] in c.lex.year_pairs:
        years = read_year(c, k, 0)
        return years if years is not None and years.kind == "range" else None
    if is_number(w[k]) and w[k].isdecimal():
        found = _days(c, k, is_from) or _years(c, k, is_from)
        if found is not None:
            return found
    if w[k] in cal.weekdays():
        return _weekdays(c, i, k, is_from)
    first = _one(c, k)
    if first is None:
        return None
    j, inner = _joined(c, first.past, is_from)
    last = _one(c, j, inner) if j else None
    if last is None or last.kind != "date":
        return None
    value = between(same_year(c, first, last, k), last.value)
    return Reading(last.past, value, kind="range")


def _joined(c: Context, k: int, is_from: bool) -> tuple[int, int]:
    """Where the other end begins, and how many letters before it belong to the joining و; (0, 0) where none."""
    word = c.w[k]
    if is_from:
        return (k + 1, 0) if word in _TO else (0, 0)
    if word == "و":
        return k + 1, 0
    return (k, 1) if word[0] == "و" and len(word) > 2 else (0, 0)


def _one(c: Context, k: int, cut: int = 0) -> Reading | None:
    """One end: a day, a month or a year."""
    word = c.w[k][cut:]
    if not cut:
        day = read_month_day(c, k)
        if day is not None:
            return day if day.kind == "date" else None
    month = month_at(c, k, cut)
    if month is not None:
        # between two ends a month needs no other sign
        year, direction, past = year_behind(c, month[1], is_hijri=month[2])
        if month[2] or year == 0:
            return None
        return Reading(past, month_of(year, month[0], c.anchor, direction))
    if word in c.lex.year_words:
        return read_year(c, k, cut)
    if is_number(word) and len(word) == 4 and word.isdecimal() and 1000 <= int(word) <= 2100:
        return Reading(k + 1, Value(word, "explicit"))
    return None


def _days(c: Context, k: int, is_from: bool) -> Reading | None:
    """«من 3 إلى 5 آذار», where the month stands behind the second day only."""
    w = c.w
    first = w[k]
    j, _ = _joined(c, k + 1, is_from)
    if len(first) > 2 or not j or not w[j].isdecimal() or not 1 <= int(first) <= 31:
        return None
    last = read_month_day(c, j)
    if last is None or last.value.value is None or last.kind != "date":
        return Reading(last.past, last.value, kind="range") if last is not None and last.kind == "date" else None
    end = last.value.value
    return Reading(last.past, between(Value(f"{end[:8]}{int(first):02}", last.value.basis), last.value), kind="range")


def _years(c: Context, k: int, is_from: bool) -> Reading | None:
    w = c.w
    first = w[k]
    j, _ = _joined(c, k + 1, is_from)
    j += bool(j) and w[j] in c.lex.year_words
    if not j or len(first) != 4 or not (w[j].isdecimal() and len(w[j]) == 4):
        return None
    if not 1000 <= int(first) < int(w[j]) <= 2100 or w[j + 1] in cal.units() or w[j + 1] in ("%", "٪", "الف", "مليون"):
        return None
    if w[j + 1][0].isalpha() and not (int(first) >= 1900 and c.w[j + 1] in _AFTER):
        return None
    return Reading(j + 1, Value(f"{first}/{w[j]}", "explicit"), kind="range")


_AFTER = frozenset(
    {"في", "على", "علي", "من", "ان", "و", "كان", "كانت", "عن", "مع", "الي", "بسبب", "حيث", "وقد", "ثم", "لكن"}
)


def _weekdays(c: Context, i: int, k: int, is_from: bool) -> Reading | None:
    """«من الأحد إلى الخميس المقبل»: the first is the last of its name before the end."""
    w = c.w
    j, cut = _joined(c, k + 1, is_from)
    last = cal.weekdays().get(w[j][cut:]) if j else None
    if last is None:
        return None
    shift = c.lex.shift(w[j + 1])
    past = j + 1 + (shift is not None)
    ahead = c.looks_ahead(i) or w[i - 1] == "الفتره"
    end = weekday_on(c.anchor, last, 2 if shift == 1 else -1 if shift == -1 else 1 if ahead else 0)
    if end.value is None:
        return Reading(past, end, kind="range")
    back = (last - cal.weekdays()[w[k]]) % 7
    try:
        first = date.fromisoformat(end.value) - timedelta(days=back)
    except OverflowError:
        return None
    return Reading(past, between(Value(first.isoformat(), end.basis), end), kind="range") if back else None


def read_weekdays(c: Context, k: int, part: str | None) -> Reading | None:
    """«يومي السبت والأحد المقبلين»، «أيام الجمعة والسبت والأحد»: a stretch where they follow each other."""
    w = c.w
    listed: list[int] = []
    first = k
    while len(listed) < 7:
        word = w[k]
        if listed and word in ("و", "،") and w[k + 1] in cal.weekdays():
            k, word = k + 1, w[k + 1]
        elif listed:
            word = word[1:] if word[0] == "و" else ""
        if word not in cal.weekdays():
            break
        listed.append(cal.weekdays()[word])
        k += 1
    if len(listed) < 2:
        return None
    shift = c.lex.shift(w[k])
    if any((a + 1) % 7 != b for a, b in pairwise(listed)):
        # «يومي الجمعة والأحد المقبلين»: the first alone; the others follow as they stand
        return Reading(first + 1, weekday_on(c.anchor, listed[0], {-1: -1, 1: 2}.get(shift or 0, 0)), part)
    ahead = shift == 1 or c.looks_ahead(k - 2 * len(listed))
    # of days gone by, the last one must be over: «يومي السبت والأحد» of a Saturday are those of last week
    last = weekday_on(c.anchor, listed[-1], 2 if shift == 1 else 1 if ahead else -1 if shift == -1 else 0)
    if last.value is None or c.anchor is None:
        return Reading(k + (shift is not None), UNRESOLVED, part, kind="range")
    end = (date.fromisoformat(last.value) - c.anchor).days
    begin = day_at(c.anchor, end - len(listed) + 1)
    return Reading(k + (shift is not None), between(begin, last), part, kind="range")
