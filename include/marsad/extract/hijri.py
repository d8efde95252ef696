"""Hijri dates as Gregorian ones, by the Umm al-Qura calendar (hijridate: 1343 to 1500 AH).

Where a country goes by the moon its people see, its day may be one off.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from marsad.extract.resolve import CONTRADICTION, UNRESOLVED, Value

_NEAR = timedelta(days=75)
"""A Hijri month without a year is the anchor year's only this near to it: «رمضان» in the spring may be any."""


@lru_cache(maxsize=4096)
def _month(year: int, month: int) -> tuple[date, date] | None:
    from hijridate import Hijri

    try:
        first = Hijri(year, month, 1)
        begin = first.to_gregorian()
        day = date(begin.year, begin.month, begin.day)
        return day, day + timedelta(days=first.month_length() - 1)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)
def _year_of(day: date) -> int | None:
    from hijridate import Gregorian

    try:
        return int(Gregorian(day.year, day.month, day.day).to_hijri().year)
    except (ValueError, OverflowError):
        return None


def _year_near(anchor: date | None, month: int, direction: int) -> int | None:
    """The year of a month named without one: the last («الماضي», -1), the next («المقبل», 2), else the near one."""
    if anchor is None:
        return None
    here = _year_of(anchor)
    if here is None:
        return None
    spans = [(y, found) for y in (here - 1, here, here + 1) if (found := _month(y, month)) is not None]
    if direction == -1:
        return max((y for y, (_, last) in spans if last < anchor), default=None)
    if direction == 2:
        return min((y for y, (first, _) in spans if first > anchor), default=None)
    return next((y for y, (first, last) in spans if first - _NEAR <= anchor <= last + _NEAR), None)


def hijri_day(
    year: int | None, month: int, day: int, weekday: int | None = None, anchor: date | None = None, direction: int = 0
) -> Value:
    """A Hijri day as a Gregorian one; without a year, only where it is near to the anchor or said to be."""
    basis = "explicit" if year is not None else "published"
    if year is None:
        year = _year_near(anchor, month, direction)
    found = _month(year, month) if year is not None else None
    if found is None or not 1 <= day <= (found[1] - found[0]).days + 1:
        return UNRESOLVED
    when = found[0] + timedelta(days=day - 1)
    if weekday is not None and when.weekday() != weekday:
        # the moon of another country is a day off at most: then the weekday says which day it is
        near = [when + timedelta(days=n) for n in (-1, 1)]
        when = next((other for other in near if other.weekday() == weekday), when)
        if when.weekday() != weekday:
            return CONTRADICTION
    return Value(when.isoformat(), basis)


def hijri_month(year: int | None, month: int, anchor: date | None, direction: int = 0) -> Value:
    """A Hijri month as the interval of its Gregorian days."""
    basis = "explicit" if year is not None else "published"
    if year is None:
        year = _year_near(anchor, month, direction)
    found = _month(year, month) if year is not None else None
    return Value(f"{found[0]}/{found[1]}", basis) if found else UNRESOLVED


def hijri_year(year: int) -> Value:
    """A Hijri year as the interval of its Gregorian days."""
    first, last = _month(year, 1), _month(year, 12)
    return Value(f"{first[0]}/{last[1]}", "explicit") if first and last else UNRESOLVED
