"""Hours as pages print them beside a day: 14:35, 02:35 م, الساعة 2 ظهراً بتوقيت القاهرة.

Read in text in its search form: one alef, no marks, digits 0-9, lower case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, tzinfo
from functools import lru_cache

from marsad.clean.calendars import alternatives, offset_zone, zone_named, zones_pattern

_MORNING = ("صباحا", "ص", "am", "a.m", "فجرا")
_AFTERNOON = ("مساء", "م", "pm", "p.m", "عصرا")
_NOON = ("ظهرا", "بعد الظهر")
_NIGHT = ("ليلا",)
_FAR_AFTER, _FAR_BEFORE = 30, 12
"""How many characters may stand between a day and its hour, after it and before it."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, in a zone if one is printed beside it."""

    time: time
    zone: tzinfo | None
    end: int
    """Where it ends in the text it was found in."""


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    names = (*_MORNING, *_AFTERNOON, *_NOON, *_NIGHT)
    # «07:30 مساءً» may run into the next word, a lone م may not
    halves = (
        alternatives(n for n in names if len(n) > 3)
        + "|(?:"
        + alternatives(n for n in names if len(n) < 4)
        + r")(?!\w)"
    )
    zones = zones_pattern()
    return re.compile(
        # before the hour only what cannot be the م of «2024 م»
        r"(?:(?P<early>صباحا?|مساء|am|pm)\s*)?(?P<on>ال?ساعه\s*:?\s*)?"
        r"(?<![\d:.])(?P<hour>\d{1,2})(?:\s?[:٫hس]\s?(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:\.\d+)?)?"
        r"|(?P<dotted>\.[0-5]\d))?(?![\d:])"
        rf"\s*(?P<half>{halves})?"
        r"(?P<iso>Z\b|[+-]\d\d:?\d\d(?!\d))?"
        rf"\s*[(\[]?\s*(?:ب?(?:حسب\s+)?توقيت\s+(?:مدينة\s+)?)?(?:(?P<zone>{zones})(?!\w)"
        r"(?:\s?(?P<sign>[+\-\u2212])\s?(?P<offset>\d{1,2})(?::?(?P<part>[0-5]\d))?(?!\d))?)?",
        re.I,
    )


_NUMBER = re.compile(r"\d")


def _in_full(hour: int, half: str) -> int:
    """The hour of the day from an hour of the clock and the part of the day."""
    if not half:
        return hour
    if half in _MORNING or half.startswith("صباح"):
        return 0 if hour == 12 else hour
    if half in _NOON:
        return hour + 12 if hour < 10 else hour
    if half in _NIGHT:
        return 0 if hour == 12 else hour + 12 if 6 <= hour < 12 else hour
    return hour + 12 if hour < 12 else hour


def _read(found: re.Match[str]) -> Clock | None:
    hour, minute = int(found["hour"]), found["minute"] or (found["dotted"] or "")[1:]
    half = found["half"] or found["early"] or ""
    if not found["minute"] and not (found["on"] and (found["dotted"] or half or found["zone"])):
        return None  # a bare number is no hour
    hour = _in_full(hour, half)
    if hour > 23:
        return None
    zone: tzinfo | None = None
    if found["iso"]:
        iso = found["iso"]
        zone = offset_zone(*(("+", 0) if iso in "Zz" else (iso[0], int(iso[1:3]), int(iso[-2:]))))
    elif found["zone"]:
        zone = zone_named(found["zone"])
        if found["offset"]:
            zone = offset_zone(found["sign"], int(found["offset"]), int(found["part"] or 0))
    return Clock(time(hour, int(minute or 0), int(found["second"] or 0)), zone, found.end())


def clock_after(text: str, start: int) -> Clock | None:
    """The time of day printed just after a place in a text: the next number there."""
    number = _NUMBER.search(text, start, start + _FAR_AFTER)
    if number is None:
        return None
    for found in _pattern().finditer(text, start, number.start() + 60):
        return _read(found) if found.start("hour") == number.start() else None
    return None


def clock_before(text: str, end: int) -> Clock | None:
    """The time of day printed just before a place in a text: the last number there."""
    best = None
    for found in _pattern().finditer(text, max(0, end - 60), end):
        best = _read(found)
    if best is None or end - best.end > _FAR_BEFORE or _NUMBER.search(text, best.end, end):
        return None
    return best
