"""Times of day: «الساعة 14:30 بتوقيت غرينتش»، «العاشرة والنصف صباحا»، «1200 بتوقيت جرينتش».

A clock of twelve hours needs the part of the day: «الساعة الثامنة» alone may be either, and has no value.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from marsad.extract import calendar as cal
from marsad.extract.context import Context
from marsad.extract.numerals import read_number
from marsad.extract.resolve import UNRESOLVED, Reading, explicit

_FRACTIONS = {"والنصف": 30, "ونصف": 30, "والربع": 15, "وربع": 15, "والثلث": 20, "وثلث": 20}
_LACKS = {"ربعا": 15, "ربع": 15, "الربع": 15, "ثلثا": 20, "ثلث": 20, "الثلث": 20}
_DOTTED = re.compile(r"([01]?\d|2[0-3])[.,]([0-5]\d)")
_ADVERBS = frozenset({"صباحا", "ظهرا", "عصرا", "مساء", "فجرا", "ليلا"})
_LEADS = frozenset({"في", "عند", "حتي", "من", "الي", "بحلول", "منذ", "تمام", "وحتي", "(", "،", "بين", "قبل", "بعد"})


def read_clock(c: Context, i: int, word: str) -> Reading | None:
    """The time of day that begins at ``i``, or None."""
    w = c.w
    named = word == "الساعه"
    k = i + 1 if named else i
    hour, minute, is_24, k = _face(c, k, word if not named else w[k])
    if hour is None:
        return None
    part, k, said = _part(c, k, named=named or w[i - 1] in _LEADS)
    zone, past = _zone(c, k)
    if not (named or zone or (said and (w[i].isalpha() or w[i - 1] in _LEADS or not is_24))):
        return None
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    is_24 = is_24 or (zone == "UTC" and minute >= 0 and w[k - 1].isdecimal() and w[k - 2] == ":")
    if part is None and not is_24:
        return Reading(past, UNRESOLVED, None, "time")
    full = hour % 24 if part is None else _of_day(hour, part)
    return Reading(past, explicit(f"T{full:02}:{minute:02}{_offset(c, zone, full)}"), part if said else None, "time")


def _face(c: Context, k: int, word: str) -> tuple[int | None, int, bool, int]:
    """Hour, minute, whether the clock has 24 hours, and the token behind."""
    w = c.w
    if word.isdecimal():
        if len(word) == 4 and w[k + 1] == "بتوقيت":
            return int(word[:2]), int(word[2:]), True, k + 1  # 1200 بتوقيت جرينتش
        if len(word) > 2:
            return None, 0, False, k
        hour, past, minute, exact = int(word), k + 1, 0, False
        if w[past] == ":" and w[past + 1].isdecimal() and len(w[past + 1]) == 2 and c.tokens.touches(past):
            minute, past, exact = int(w[past + 1]), past + 2, True
        else:
            minute, past = _minutes(c, past)
            if minute < 0:
                hour, minute = hour - 1, 60 + minute
        is_24 = hour > 12 or hour == 0 or (exact and (word[0] == "0" or hour == 12))
        return hour, minute, is_24, past
    dotted = _DOTTED.fullmatch(word)
    if dotted:
        hour = int(dotted[1])
        return hour, int(dotted[2]), hour > 12 or dotted[1][0] == "0", k + 1
    ordinal = cal.hours().get(word) or {"الحاديه": 11, "الثانيه عشره": 12}.get(word)
    if ordinal is None:
        return None, 0, False, k
    past = k + 1
    if w[past] == "عشره":
        ordinal = ordinal + 10 if ordinal <= 2 else 11 if word == "الحاديه" else 99
        past += 1
    elif word == "الحاديه":
        return None, 0, False, k
    minute, past = _minutes(c, past)
    if minute < 0:
        ordinal, minute = ordinal - 1 or 12, 60 + minute
    return ordinal, minute, False, past


def _minutes(c: Context, k: int) -> tuple[int, int]:
    """«والنصف»، «إلا ربعا»، «و10 دقائق»: minutes, negative where they lack, and the token behind."""
    w = c.w
    if w[k] in _FRACTIONS:
        return _FRACTIONS[w[k]], k + 1
    if w[k] == "الا" and w[k + 1] in _LACKS:
        return -_LACKS[w[k + 1]], k + 2
    if w[k][0] == "و":
        number = read_number(c.tokens, k + (w[k] == "و"))
        unit = w[number.past] if number is not None else ""
        if number is not None and number.value is not None and unit in ("دقيقه", "دقائق") and 0 < number.value < 60:
            return int(number.value), number.past + 1
    return 0, k


def _part(c: Context, k: int, *, named: bool) -> tuple[str | None, int, bool]:
    """The part of the day behind an hour: its name, the token behind, whether it is of this expression."""
    w = c.w
    word = w[k]
    if word in ("بعد", "قبل"):
        if w[k + 1] == "الظهر" or w[k + 1] == "ظهر":
            is_own = w[k + 1] == "الظهر"
            part = "afternoon" if word == "بعد" else "morning"
            return part, k + 2 if is_own else k, is_own
        if w[k + 1] == "منتصف" and w[k + 2] == "الليل" and word == "بعد":
            return "night", k + 3, True
    if word in _ADVERBS and (
        named or word != "مساء" or (w[k + 1] not in cal.weekdays() and w[k + 1] not in ("اليوم", "امس", "يوم"))
    ):
        return cal.parts()[word], k + 1, True
    # «الثامنة من مساء الأربعاء»: the part is of the day that follows
    if word == "من" and w[k + 1] in cal.parts():
        return cal.parts()[w[k + 1]], k, False
    if word == "من" and w[k + 1] in ("بعد", "قبل") and w[k + 2] == "ظهر":
        return ("afternoon" if w[k + 1] == "بعد" else "morning"), k, False
    return None, k, False


def _of_day(hour: int, part: str) -> int:
    """An hour of twelve as one of twenty-four."""
    if hour > 12:
        return hour % 24
    if part in ("evening", "afternoon"):
        return hour % 12 + 12
    if part == "noon":
        return hour if hour >= 10 else hour + 12
    if part == "night":
        return hour % 12 + (12 if 6 <= hour < 12 else 0)
    return hour % 12


def _zone(c: Context, k: int) -> tuple[str | None, int]:
    """The zone that stands at ``k``, and the token behind."""
    w = c.w
    if w[k] in ("بتوقيت", "حسب", "بحسب", "وفق") or (w[k] == "ب" and w[k + 1] == "توقيت"):
        first = k + 1 + (w[k] != "بتوقيت")
        if w[k] != "بتوقيت" and w[k + 1] != "توقيت":
            return None, k
        for size in (3, 2, 1):
            zone = cal.zones().get(tuple(w[first : first + size]))
            if zone is not None:
                return zone, first + size
        return None, k
    if w[k] == "ت" and w[k + 1] in (".", "غ"):
        past = k + 2 if w[k + 1] == "غ" else k + 3
        return ("UTC", past) if w[past - 1] == "غ" else (None, k)
    if w[k] in ("GMT", "UTC", "gmt", "تغ"):
        return "UTC", k + 1
    return None, k


def _offset(c: Context, zone: str | None, hour: int) -> str:
    """The zone's offset on the publication day; nothing where the day is not known and summer time may shift it."""
    if zone is None:
        return ""
    if zone == "UTC":
        return "Z"
    if c.anchor is None:
        return "+03:00" if zone == "Asia/Riyadh" else ""
    return _offset_on(zone, c.anchor.year, c.anchor.month, c.anchor.day, hour)


@lru_cache(maxsize=4096)
def _offset_on(zone: str, year: int, month: int, day: int, hour: int) -> str:
    try:
        text = f"{datetime(year, month, day, hour, tzinfo=ZoneInfo(zone)):%z}"
    except (OverflowError, ValueError):
        return ""
    return f"{text[:3]}:{text[3:5]}"
