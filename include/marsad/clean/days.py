"""Days in a text: the numbers and names of a date, its weekday, and whether it is a span's end.

Read in text in its search form: one alef, no marks, digits 0-9, lower case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice

from marsad.clean.calendars import (
    FIRST_YEAR,
    HIJRI_MONTHS,
    LAST_YEAR,
    MONTHS,
    WEEKDAYS,
    from_hijri,
    names_pattern,
    place_in,
)  # fmt: skip

_MOST = 100
"""How many dates of each form are looked at in a text."""
_ERA = re.compile(r"\s*\(?(?:ه|هجري[اه]?|ah|م|ميلادي[اه]?|ad|ce)(?!\w)\)?")
_HIJRI_ERA = re.compile(r"\s*\(?(?:ه|ah)")


@dataclass(frozen=True, slots=True)
class PrintedDay:
    """Day, month and year as printed, without what may stand around them."""

    start: int
    end: int
    number: int
    days: tuple[date, ...]
    """The days it can mean, the likeliest first: 3/4/2026 is 3 April, or 4 March in some countries."""
    is_hijri: bool
    is_short: bool
    """Whether the year has two digits."""


@dataclass(frozen=True, slots=True)
class _Patterns:
    named: re.Pattern[str]
    month_end: re.Pattern[str]
    day_year: re.Pattern[str]
    year_first: re.Pattern[str]
    numeric: re.Pattern[str]
    weekday_before: re.Pattern[str]
    weekday_after: re.Pattern[str]
    to_other: re.Pattern[str]
    span_before: re.Pattern[str]
    span_between: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    month, weekday = names_pattern(MONTHS, HIJRI_MONTHS), names_pattern(WEEKDAYS)
    year = r"(?:(?:من\s+)?(?:ال|ل)?(?:عام|سنه)\s+)?(?P<year>\d{4}(?!\d)|\d\d(?![\d:]))"
    until = r"الي|ل?غايه|و?حتي|until|till|to"
    of_week = rf"(?:(?:يوم\s+)?(?:{weekday})\b[\s,،]*)?"
    gap = r"[\s/\-–_.,،\\]"
    return _Patterns(
        named=re.compile(
            rf"(?<![\d:])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er)?{gap}*(?:(?:من\s+)?شهر\s+|من\s+)?"
            rf"(?P<month>{month})\b(?:\s*[/|\-–(]\s*(?:{month})\b\s*\)?)?{gap}*{year}",
            re.I,
        ),
        day_year=re.compile(rf"(?<![\d:])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s/\-,،]+{year}", re.I),
        month_end=re.compile(rf"(?<!\w)(?P<month>{month})\b(?:\s*/\s*(?:{month})\b)?\.?[\s/\-,،]+$", re.I),
        year_first=re.compile(
            rf"(?<!\d)(?P<year>\d{{4}}){gap}+(?P<month>{month})\b{gap}+(?P<day>\d{{1,2}})(?![\d:])", re.I
        ),
        numeric=re.compile(
            r"(?<!\d)(?<!\d[/.\-\\:])(?:"
            r"(?P<year>\d{4})\s?(?P<sep>[/.\-\\])\s?(?P<month>\d{1,2})\s?(?P=sep)\s?(?P<day>\d{1,2})"
            r"|(?P<day2>\d{1,2})\s?(?P<sep2>[/.\-\\])\s?(?P<month2>\d{1,2})\s?(?P=sep2)\s?(?P<year2>\d{4}|\d\d)"
            r")(?!\d)(?![/.\-\\:]\d)"
        ),
        weekday_before=re.compile(
            rf"(?<!\w)(?:ل?يوم\s+)?(?P<weekday>{weekday})(?!\w)\s*[,،.:|\-–—/(]?\s*"
            r"(?:ال?موافقه?(?:\s+ل)?|في|بتاريخ)?\s*[:،,]?\s*$",
            re.I,
        ),
        weekday_after=re.compile(rf"\s*[,،.(\-–|]?\s*(?:يوم\s+)?(?P<weekday>{weekday})(?!\w)\s*\)?", re.I),
        to_other=re.compile(rf"[\s,،;؛\-–—/|()\[\].:=~]*(?:(?:ال?موافقه?(?:\s+ل)?|ل)[\s:،]*)?{of_week}[\s(]*", re.I),
        span_before=re.compile(
            rf"(?<![\d:.])(?:(?P<from>\d{{1,2}})\s*(?:-|–|—|و|{until})|\d{{1,2}}\s+(?:{month})\s*(?:-|–|—|و)"
            rf"|(?<!\w)(?:{until}|منذ|since))\s*{of_week}$",
            re.I,
        ),
        span_between=re.compile(rf"\s*(?:-|–|—|و|{until})\s*{of_week}", re.I),
    )


def _days(year: str, month: str, day: str) -> tuple[tuple[date, ...], bool]:
    """The days that printed parts can mean, the likeliest first, and whether they are Hijri; none if none exists."""
    number = int(year) + (2000 if len(year) == 2 else 0)
    if month.isdigit():
        is_hijri = 1400 <= number <= 1500
        orders = [(int(month), int(day)), (int(day), int(month))][: 1 if is_hijri else 2]
    else:
        place = place_in(MONTHS, month)
        is_hijri = place is None
        place = place_in(HIJRI_MONTHS, month) if place is None else place
        orders = [] if place is None else [(place + 1, int(day))]
    found: list[date] = []
    for this_month, this_day in orders:
        value: date | None
        try:
            value = from_hijri(number, this_month, this_day) if is_hijri else date(number, this_month, this_day)
        except ValueError:
            continue
        if value is not None and FIRST_YEAR <= value.year <= LAST_YEAR:
            found.append(value)
    return tuple(dict.fromkeys(found)), is_hijri


def find_days(plain: str) -> list[PrintedDay]:
    """The dates of a text in order, none within another."""
    patterns = _patterns()
    found: list[PrintedDay] = []
    for pattern in (patterns.named, patterns.numeric, patterns.day_year, patterns.year_first):
        for match in islice(pattern.finditer(plain), _MOST):
            groups = match.groupdict()
            year, day = groups["year"] or groups["year2"], groups["day"] or groups["day2"]
            month = groups.get("month") or groups.get("month2")
            start, end = match.span()
            if month is None:  # March 3, 2026
                name = patterns.month_end.search(plain, max(0, start - 30), start)
                if name is None:
                    continue
                month, start = name["month"], name.start()
            if any(core.start < end and start < core.end for core in found):
                continue
            days, is_hijri = _days(year, month, day)
            era = _ERA.match(plain, end)
            if era:
                end = era.end()
                if is_hijri != (_HIJRI_ERA.match(era[0]) is not None):
                    continue
            if days:
                found.append(PrintedDay(start, end, int(day), days, is_hijri, len(year) == 2))
    return sorted(found, key=lambda core: core.start)


def weekday_beside(plain: str, start: int, end: int) -> tuple[int | None, int, int]:
    """The weekday printed beside a date, and the bounds of both."""
    patterns = _patterns()
    before = patterns.weekday_before.search(plain, max(0, start - 40), start)
    if before:
        return place_in(WEEKDAYS, before["weekday"]), before.start(), end
    after = patterns.weekday_after.match(plain, end)
    if after:
        return place_in(WEEKDAYS, after["weekday"]), start, after.end()
    return None, start, end


def is_span_start(plain: str, day: PrintedDay, following: PrintedDay | None) -> bool:
    """Whether a date and the next one are the ends of a span of days."""
    if following is None or following.is_hijri != day.is_hijri or following.days == day.days:
        return False
    return _patterns().span_between.fullmatch(plain, day.end, following.start) is not None


def is_span_end(plain: str, day: PrintedDay) -> bool:
    """Whether a date ends a span whose start has no year, or is a deadline («حتى 3 مارس 2026»)."""
    before = _patterns().span_before.search(plain, max(0, day.start - 40), day.start)
    return before is not None and (before["from"] is None or 0 < int(before["from"]) < day.number)


def is_other_calendar(plain: str, day: PrintedDay, following: PrintedDay | None) -> bool:
    """Whether the date after a date is the same day in the other calendar."""
    if following is None or following.is_hijri == day.is_hijri:
        return False
    return _patterns().to_other.fullmatch(plain, day.end, following.start) is not None
