"""What an expression of time comes to: days, months and years counted from the publication day.

Values are ISO 8601: a day, a month (2026-03), a year, an ISO week (2026-W10), an interval
(2026-03-03/2026-03-05), a duration (P3D) or a time of day (T14:30Z). Nothing here reads text.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from marsad.extract.record import TimexKind

NEAR_MONTHS = 3
"""A month or day without a year that is no further than this from the anchor is the nearest of its name."""


@dataclass(frozen=True, slots=True)
class Value:
    """A resolved value and what it rests on."""

    value: str | None
    basis: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An expression read at some tokens; ``past`` is the first token behind it."""

    past: int
    value: Value
    part: str | None = None
    kind: TimexKind = "date"


UNRESOLVED = Value(None, "unresolved")
CONTRADICTION = Value(None, "contradicts_weekday")


def explicit(value: str) -> Value:
    """A value that the text writes out."""
    return Value(value, "explicit")


def published(value: str | None) -> Value:
    """A value counted from the publication day; None where that leaves the calendar."""
    return Value(value, "published") if value else UNRESOLVED


def shift_days(anchor: date, days: int) -> date | None:
    """A day so many days away, or None outside the calendar."""
    try:
        return anchor + timedelta(days=days)
    except OverflowError:
        return None


def shift_months(anchor: date, months: int) -> str | None:
    """The month so many months away, as YYYY-MM."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return f"{year:04}-{month + 1:02}" if 1 <= year <= 9999 else None


def day_at(anchor: date | None, offset: int) -> Value:
    """The day so many days from the anchor."""
    day = shift_days(anchor, offset) if anchor else None
    return published(day.isoformat() if day else None)


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
    return published(value)


def span(anchor: date | None, unit: str, shift: int) -> Value:
    """The week, month or year at a distance: «الأسبوع الماضي» is shift -1.

    A decade or a century («القرن الماضي») has no value: where it begins is a matter of taste.
    """
    if anchor is None or unit in ("Dec", "C"):
        return UNRESOLVED
    if unit == "W":
        day = shift_days(anchor, 7 * shift)
        if day is None:
            return UNRESOLVED
        year, week, _ = day.isocalendar()
        return published(f"{year:04}-W{week:02}")
    return relative(anchor, unit, shift)


def last_units(anchor: date | None, unit: str, amount: float, *, is_future: bool = False) -> Value:
    """The interval of so many units up to (or from) the anchor: «اليومين الماضيين».

    Hours count where they are whole days («الساعات الـ24 الماضية»).
    """
    if unit == "H":
        unit, amount = "D", amount / 24
    other = relative(anchor, unit, amount if is_future else -amount)
    if anchor is None or other.value is None:
        return UNRESOLVED
    here = {"D": anchor.isoformat(), "W": anchor.isoformat(), "Mo": f"{anchor:%Y-%m}"}.get(unit, f"{anchor.year:04}")
    if len(here) != len(other.value):
        return UNRESOLVED
    return published(f"{here}/{other.value}" if is_future else f"{other.value}/{here}")


def duration(parts: list[tuple[str, float]]) -> str | None:
    """An ISO 8601 duration of units in falling order, or None where it has no exact one (half a month)."""
    dates, times, last = "", "", -1
    for unit, amount in parts:
        if unit in ("Dec", "C"):
            unit, amount = "Y", amount * (10 if unit == "Dec" else 100)
        rank = ("Y", "Mo", "W", "D", "H", "M", "S").index(unit)
        whole = int(amount)
        if rank <= last or amount > 1e11:
            return None
        last = rank
        if amount != whole:
            smaller = {"Y": ("Mo", 12), "W": ("D", 7), "D": ("H", 24), "H": ("M", 60), "M": ("S", 60)}.get(unit)
            rest = (amount - whole) * smaller[1] if smaller else 0.5
            if smaller is None or rest != int(rest) or len(parts) > 1:
                return None
            return duration(([(unit, float(whole))] if whole else []) + [(smaller[0], rest)])
        piece = f"{whole}{'M' if unit == 'Mo' else unit}"
        if rank < 4:
            dates += piece
        else:
            times += piece
    return f"P{dates}" + (f"T{times}" if times else "")


def weekday_on(anchor: date | None, weekday: int, direction: int) -> Value:
    """The day of that name, counted from the anchor.

    Args:
        direction: 0 the last one up to the anchor itself; -1 the last one before it; 2 the next one after
            it («المقبل»); 1 the next one from the anchor itself on (a clause that looks ahead).
    """
    if anchor is None:
        return UNRESOLVED
    back = (anchor.weekday() - weekday) % 7
    ahead = (7 - back) % 7
    days = {0: -back, -1: -(back or 7), 1: ahead, 2: ahead or 7}[direction]
    return day_at(anchor, days)


def nearest_year(anchor: date, month: int, direction: int) -> int | None:
    """The year of a month that is named without one.

    Args:
        direction: -1 the last of its name before the anchor's month («الماضي»), 2 the next one after («المقبل»),
            3 the present year's («الجاري»), 1 the next from this month on (a clause that looks ahead), 0 as usual:
            the nearest of its name where that is within three months, else the last of the anchor's own year (what
            lies further ahead needs a sign); -2 as usual but not to come (beside a verb that tells what happened);
            -3 as usual, but of those further ahead the last (a past verb elsewhere in the clause).
    """
    away = month - anchor.month
    year = anchor.year
    if direction == -1:
        return year if away < 0 else year - 1
    if direction == 2:
        return year if away > 0 else year + 1
    if direction == 1:
        # what is said to come, yet lay just behind: one of the two is misread
        return year if away >= 0 else year + 1 if away < -NEAR_MONTHS else None
    if direction == -2 and away > 0:
        # what is told as past, yet lies just ahead: one of the two is misread
        return year - 1 if away > NEAR_MONTHS else None
    if direction == -3 and NEAR_MONTHS < away < 12 - NEAR_MONTHS:
        return year - 1
    if direction in (0, -2, -3) or abs(away) >= 12 - NEAR_MONTHS:
        if away >= 12 - NEAR_MONTHS:
            return year - 1
        if away <= NEAR_MONTHS - 12:
            return year + 1
    return None if direction == 0 and away > NEAR_MONTHS else year


def day_of(year: int | None, month: int, day: int, anchor: date | None, direction: int, weekday: int | None) -> Value:
    """A day of a month; ``direction`` as for :func:`nearest_year`, by the day where it is of the anchor's month."""
    basis = "explicit"
    if year is None:
        if anchor is None:
            return UNRESOLVED
        basis = "published"
        if month == anchor.month and direction in (-1, 2):
            passed, ahead = day < anchor.day, day > anchor.day
            year = anchor.year - (not passed) if direction == -1 else anchor.year + (not ahead)
        else:
            year = nearest_year(anchor, month, direction)
            if direction == -2 and month == anchor.month and day > anchor.day:
                return UNRESOLVED
    try:
        found = date(year or 0, month, day)
    except ValueError:
        return UNRESOLVED
    if weekday is not None and found.weekday() != weekday:
        return CONTRADICTION
    return Value(found.isoformat(), basis)


def month_of(year: int | None, month: int, anchor: date | None, direction: int) -> Value:
    """A month; ``direction`` as for :func:`nearest_year`."""
    if year is None:
        if anchor is None:
            return UNRESOLVED
        found = nearest_year(anchor, month, direction)
        return published(f"{found:04}-{month:02}" if found and 1 <= found <= 9999 else None)
    return explicit(f"{year:04}-{month:02}") if 1 <= year <= 9999 else UNRESOLVED


def months_of(value: Value, first: int, last: int) -> Value:
    """The months ``first`` to ``last`` of a year's value, as an interval: a quarter, a half, a season."""
    if value.value is None or len(value.value) != 4:
        return UNRESOLVED
    return Value(f"{value.value}-{first:02}/{value.value}-{last:02}", value.basis)


def half_of_month(value: Value, half: int) -> Value:
    """The first or the second half of a month: days 1 to 15, or 16 to the last."""
    if value.value is None or len(value.value) != 7:
        return UNRESOLVED
    last = monthrange(int(value.value[:4]), int(value.value[5:]))[1]
    return Value(
        f"{value.value}-01/{value.value}-15" if half == 1 else f"{value.value}-16/{value.value}-{last}", value.basis
    )


def between(first: Value, last: Value) -> Value:
    """The interval of two values of the same exactness, or nothing where they are not in order."""
    a, b = first.value, last.value
    if a is None or b is None or "/" in a or "/" in b or len(a) != len(b) or a >= b:
        contradicts = "contradicts_weekday" in (first.basis, last.basis)
        return CONTRADICTION if contradicts else UNRESOLVED
    return Value(f"{a}/{b}", "published" if "published" in (first.basis, last.basis) else "explicit")
