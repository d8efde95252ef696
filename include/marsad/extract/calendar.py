"""What an expression of time comes to: days, months and years counted from the publication day.

Values are ISO 8601: a day, a month (2026-03), a year, an ISO week (2026-W10) or an interval
(2026-03-03/2026-03-05). Nothing here reads text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from marsad.extract.data import read
from marsad.extract.tokens import fold


@dataclass(frozen=True, slots=True)
class Value:
    """A resolved value and what it rests on."""

    value: str | None
    basis: str


UNRESOLVED = Value(None, "unresolved")
CONTRADICTION = Value(None, "contradicts_weekday")


def shift_days(anchor: date, days: int) -> date | None:
    """A day so many days away, or None outside the calendar."""
    try:
        return anchor + timedelta(days=days)
    except OverflowError:
        return None


def shift_months(anchor: date, months: int) -> str | None:
    """The month so many months away, as YYYY-MM."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    return f"{year:04}-{month + 1:02}" if 1 <= year <= 9999 else None


def relative(anchor: date | None, unit: str, amount: float) -> Value:
    """So many units from the anchor, negative for the past, as exact as the unit is."""
    if anchor is None or amount != int(amount) or abs(amount) > 100_000:
        return UNRESOLVED
    count = int(amount)
    value: str | None = None
    if unit in ("D", "W"):
        day = shift_days(anchor, count * (7 if unit == "W" else 1))
        value = day.isoformat() if day else None
    elif unit == "Mo":
        value = shift_months(anchor, count)
    elif unit in ("Y", "Dec", "C"):
        year = anchor.year + count * {"Y": 1, "Dec": 10, "C": 100}[unit]
        value = f"{year:04}" if 1 <= year <= 9999 else None
    return Value(value, "published") if value else UNRESOLVED


def span(anchor: date | None, unit: str, shift: int) -> Value:
    """The week, month or year at a distance: «الأسبوع الماضي» is shift -1."""
    if anchor is None:
        return UNRESOLVED
    if unit == "W":
        day = shift_days(anchor, 7 * shift)
        if day is None:
            return UNRESOLVED
        year, week, _ = day.isocalendar()
        return Value(f"{year:04}-W{week:02}", "published")
    return relative(anchor, unit, shift)


def last_units(anchor: date | None, unit: str, amount: float, *, is_future: bool = False) -> Value:
    """The interval of so many units up to (or from) the anchor: «اليومين الماضيين»."""
    other = relative(anchor, unit, amount if is_future else -amount)
    if anchor is None or other.value is None:
        return UNRESOLVED
    here = {"D": anchor.isoformat(), "W": anchor.isoformat(), "Mo": f"{anchor:%Y-%m}"}.get(unit, f"{anchor.year:04}")
    return Value(f"{here}/{other.value}" if is_future else f"{other.value}/{here}", "published")


def duration(unit: str, amount: float) -> str:
    """An ISO 8601 duration."""
    count = f"{amount:g}" if amount != int(amount) else str(int(amount))
    if unit in ("H", "M", "S"):
        return f"PT{count}{unit}"
    if unit in ("Dec", "C"):
        return f"P{int(amount * (10 if unit == 'Dec' else 100))}Y"
    return f"P{count}{'M' if unit == 'Mo' else unit}"


def weekday_on(anchor: date | None, weekday: int, direction: int) -> Value:
    """The day of that name: the last one up to the anchor (0), before it (-1), or after it (1)."""
    if anchor is None:
        return UNRESOLVED
    back = (anchor.weekday() - weekday) % 7
    if direction > 0:
        days = 7 - back if back else 7
    elif direction < 0:
        days = -(back or 7)
    else:
        days = -back
    day = shift_days(anchor, days)
    return Value(day.isoformat(), "published") if day else UNRESOLVED


def day_of(year: int | None, month: int, day: int, anchor: date | None, direction: int, weekday: int | None) -> Value:
    """A day of a month; without a year, the one nearest to the anchor, or before or after it."""
    if year is not None:
        try:
            found = date(year, month, day)
        except ValueError:
            return UNRESOLVED
        return (
            CONTRADICTION
            if weekday is not None and found.weekday() != weekday
            else Value(found.isoformat(), "explicit")
        )
    if anchor is None:
        return UNRESOLVED
    options = []
    for y in (anchor.year - 1, anchor.year, anchor.year + 1):
        try:
            options.append(date(y, month, day))
        except ValueError:
            continue
    options = [d for d in options if direction == 0 or (d < anchor if direction < 0 else d > anchor)]
    if not options:
        return UNRESOLVED
    found = min(options, key=lambda d: abs((d - anchor).days))
    if weekday is not None and found.weekday() != weekday:
        return CONTRADICTION
    return Value(found.isoformat(), "published")


def month_of(year: int | None, month: int, anchor: date | None, direction: int) -> Value:
    """A month; without a year, the one nearest to the anchor, or the last or next of its name."""
    if year is not None:
        return Value(f"{year:04}-{month:02}", "explicit") if 1 <= year <= 9999 else UNRESOLVED
    if anchor is None:
        return UNRESOLVED
    away = month - anchor.month
    if direction < 0:
        away = away if away < 0 else away - 12
    elif direction > 0:
        away = away if away > 0 else away + 12
    elif away > 6:
        away -= 12
    elif away < -6:
        away += 12
    value = shift_months(anchor, away)
    return Value(value, "published") if value else UNRESOLVED


def hijri_day(year: int, month: int, day: int, weekday: int | None = None) -> Value:
    """A day of the Umm al-Qura calendar as a Gregorian day (hijridate: 1343 to 1500 AH)."""
    from hijridate import Hijri

    try:
        converted = Hijri(year, month, day).to_gregorian()
    except (ValueError, OverflowError):
        return UNRESOLVED
    found = date(converted.year, converted.month, converted.day)
    return CONTRADICTION if weekday is not None and found.weekday() != weekday else Value(found.isoformat(), "explicit")


def hijri_month(year: int | None, month: int, anchor: date | None) -> Value:
    """A Hijri month as the interval of its Gregorian days; without a year, that of the anchor's Hijri year."""
    from hijridate import Gregorian, Hijri

    basis = "explicit"
    try:
        if year is None:
            if anchor is None:
                return UNRESOLVED
            year, basis = Gregorian(anchor.year, anchor.month, anchor.day).to_hijri().year, "published"
        first = Hijri(year, month, 1)
        start = first.to_gregorian()
        begin = date(start.year, start.month, start.day)
        return Value(f"{begin}/{begin + timedelta(days=first.month_length() - 1)}", basis)
    except (ValueError, OverflowError):
        return UNRESOLVED


@cache
def months() -> dict[tuple[str, ...], int]:
    """Folded month names, word by word, with their number."""
    return {tuple(fold(name).split()): n for n, listed in read("calendar")["months"].items() for name in listed}


@cache
def hijri_months() -> dict[tuple[str, ...], int]:
    """The same for the Hijri calendar."""
    return {tuple(fold(name).split()): n for n, listed in read("calendar")["hijri_months"].items() for name in listed}


@cache
def month_starts() -> frozenset[str]:
    """The first folded words of all month names."""
    return frozenset(name[0] for name in (*months(), *hijri_months()))


@cache
def weekdays() -> dict[str, int]:
    """Folded weekday names; Monday is 0."""
    return {fold(name): n for name, n in read("calendar")["weekdays"].items()}


@cache
def parts() -> dict[str, str]:
    """Folded words for a part of the day."""
    return {fold(w): part for part, listed in read("calendar")["parts"].items() for w in listed}


@cache
def units() -> dict[str, tuple[str, int | None]]:
    """Folded unit words: the unit, and the count the word itself carries (a dual is 2, a plural None)."""
    found: dict[str, tuple[str, int | None]] = {}
    for unit, forms in read("calendar")["units"].items():
        for key, count in (("one", 1), ("two", 2), ("many", None)):
            found |= {fold(w): (unit, count) for w in forms[key]}
    return found
