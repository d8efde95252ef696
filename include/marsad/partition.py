"""A partition: one source on one day. The unit of every run, file and gate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

from marsad.errors import InvalidDate, UsageError

ALL_SOURCES = "all"
"""The source name of datasets made across sources (duplicates); no real source may take it."""

_NAME = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One source on one publication day (in the source's own time zone)."""

    source: str
    date: Date

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.source):
            raise UsageError(f"source name {self.source!r} is not made of a-z, 0-9 and _ alone")

    def __str__(self) -> str:
        return f"{self.source} {self.date.isoformat()}"

    @property
    def path(self) -> str:
        """The Hive-style folder of this partition, below its dataset's."""
        day = f"date={self.date.isoformat()}"
        # rows made across sources carry their own source column: a folder must not contradict it
        return day if self.source == ALL_SOURCES else f"{day}/source={self.source}"


def days_between(first: Date, last: Date) -> list[Date]:
    """Every day from one to another, both included.

    Raises:
        UsageError: the last is before the first.
    """
    if last < first:
        raise UsageError(f"--to {last} is before {first}")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def parse_days(first: str, last: str | None = None) -> list[Date]:
    """The days of a command's ``--date`` and ``--to``: one day where only the first is given.

    Raises:
        InvalidDate: one is not a date.
        UsageError: the last is before the first.
    """
    return days_between(parse_date(first), parse_date(last or first))


def parse_date(text: str, *, today: Date | None = None) -> Date:
    """Read a day such as ``2026-03-04``.

    Args:
        text: the day, in ISO form.
        today: with it, later days are refused.

    Raises:
        InvalidDate: not a date, or in the future.
    """
    try:
        day = Date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        day = None
    if day is None:
        raise InvalidDate(f"{text!r} is not a date; write it as YYYY-MM-DD, for example 2026-03-04")
    if today is not None and day > today:
        raise InvalidDate(f"{day} is in the future (today is {today}); nothing can be published on it yet")
    return day
