"""The day a line prints, in Arabic of any country, Gregorian or Hijri, with its hour.

A printed weekday is a check digit, and so is the same day in the other calendar: where they
contradict a date, the date is wrong or is not a date, and nobody here can know which. What
only a reader of that very hour could place («منذ ساعتين», «أمس») is no date, nor is a span
of days («3-7 مارس»). Instants that machines write are read by ``instants``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import zip_longest
from typing import Literal

from marsad.clean.calendars import DIGITS
from marsad.clean.clocks import clock_after, clock_before
from marsad.clean.days import PrintedDay, find_days, is_other_calendar, is_span_end, is_span_start, weekday_beside
from marsad.clean.instants import day_in_url, machine_instant
from marsad.clean.text import search_form, search_offsets, tidy

__all__ = ["PrintedDate", "day_in_url", "find_printed_date", "instant_of", "read_instant"]

Calendar = Literal["gregorian", "hijri", "both"]
_LONGEST = 2000
_SIGHTING = timedelta(days=1)
"""What the calendars of two countries may differ by."""


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A day printed in a text, with its hour and weekday where they stand beside it."""

    day: date
    """Gregorian, whichever calendar it is printed in."""
    clock: time | None
    weekday: int | None
    """0 for Monday."""
    zone: tzinfo | None
    """The zone of the hour, if one is printed."""
    start: int
    end: int
    text: str
    calendar: Calendar = "gregorian"
    """The calendars it is printed in; ``hijri`` alone was converted, and is a day uncertain."""
    hijri_day: date | None = None
    """The Gregorian day of what is printed in Hijri (Umm al-Qura)."""

    @property
    def contradiction(self) -> Literal["weekday_contradicts_date", "hijri_contradicts_date"] | None:
        """What printed beside the date denies it: its weekday, or its Hijri day by more than one day."""
        if self.weekday is not None and self.weekday != self.day.weekday():
            return "weekday_contradicts_date"
        if self.hijri_day is not None and abs(self.hijri_day - self.day) > _SIGHTING:
            return "hijri_contradicts_date"
        return None

    @property
    def is_contradicted(self) -> bool:
        """Whether what is printed beside the date is not the date's."""
        return self.contradiction is not None


_ANY_DIGIT = re.compile("[0-9٠-٩۰-۹]")
_FAR_DIGIT = re.compile("[٠-٩۰-۹]")
# what every date has: a year in full, or a number and then one of two digits
_YEAR = re.compile(r"[12][0459]\d\d|[0-9][^0-9:]{1,20}[0-9][0-9](?![0-9:])")


def find_printed_date(text: str) -> PrintedDate | None:
    """The first date with a year that a text prints, if any.

    Understands the month names of every Arab country, English and French, Hijri dates alone
    or beside Gregorian ones, digits of both kinds, d/m/Y and Y/m/d (m/d/Y where the weekday
    or the numbers demand it), a year of two digits where a weekday vouches for it, and a
    clock beside the date. Looks at the first 2,000 characters.
    """
    if _ANY_DIGIT.search(text) is None:
        return None  # nearly every line: this is asked of each
    text = text[:_LONGEST]
    if _YEAR.search(text.translate(DIGITS) if _FAR_DIGIT.search(text) else text) is None:
        return None
    plain = search_form(text)
    found = find_days(plain)
    skip_to = 0
    for day, following in zip_longest(found, found[1:]):
        if day.start < skip_to:
            continue
        if is_span_start(plain, day, following):
            skip_to = following.end
        elif not is_span_end(plain, day) and (printed := _printed(text, plain, day, following)) is not None:
            return printed
    return None


def _printed(text: str, plain: str, core: PrintedDay, following: PrintedDay | None) -> PrintedDate | None:
    other = following if is_other_calendar(plain, core, following) else None
    weekday, start, end = weekday_beside(plain, core.start, core.end)
    if other is not None:
        late, _, other_end = weekday_beside(plain, other.start, other.end)
        weekday, end = (late if weekday is None else weekday), max(end, other_end)
    western, hijri = (other, core) if core.is_hijri else (core, other)
    hijri_day = hijri.days[0] if hijri is not None else None
    if western is None:
        day = core.days[0]
        near = [day + _SIGHTING * n for n in (0, 1, -1)]  # the moon was seen a day later, or earlier
        day = next((d for d in near if d.weekday() == weekday), day)
    else:
        day = next((d for d in western.days if d.weekday() == weekday), western.days[0])
        if weekday is None and hijri_day is not None:
            day = min(western.days, key=lambda d: abs(d - hijri_day))
    if core.is_short and (weekday is None or day.weekday() != weekday):
        return None
    clock = clock_after(plain, end)
    if clock is not None:
        end = clock.end
    else:
        clock = clock_before(plain, start)
    offsets = search_offsets(text)
    start, end = offsets[start], offsets[end]
    return PrintedDate(
        day=day, clock=clock.time if clock else None, weekday=weekday, zone=clock.zone if clock else None,
        start=start, end=end, text=tidy(text[start:end]), hijri_day=hijri_day,
        calendar="hijri" if western is None else "gregorian" if hijri is None else "both",
    )  # fmt: skip


def instant_of(printed: PrintedDate, zone: tzinfo) -> datetime:
    """The instant of a printed date in UTC; a day without an hour is its midnight in the zone."""
    return datetime.combine(printed.day, printed.clock or time(), tzinfo=printed.zone or zone).astimezone(UTC)


def read_instant(value: str, zone: tzinfo) -> datetime | None:
    """The instant that an attribute, a meta tag or JSON-LD gives, in UTC; None if it gives none.

    Machine-written dates first, then dates printed for people inside such values. A naive
    time is in the source's zone; a day alone is midnight there.
    """
    found = machine_instant(value, zone)
    if found is not None:
        return found
    printed = find_printed_date(value[:200])
    return instant_of(printed, zone) if printed is not None and not printed.is_contradicted else None
