"""Instants as machines write them: ISO 8601, RFC 2822, digits alone, the day in an address."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timezone, tzinfo
from email.utils import parsedate_to_datetime

from marsad.clean.calendars import DIGITS, FIRST_YEAR, LAST_YEAR, offset_zone

_ISO = re.compile(
    r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)"
    r"(?:[T\s]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.I,
)
_COMPACT = re.compile(
    r"^(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?:T?(?P<hour>\d\d)(?P<minute>\d\d)\d{0,2}Z?)?$"
)
_EPOCH = re.compile(r"^1[0-9]{9}(?:[0-9]{3})?(?:\.\d+)?$")
_DOT_NET = re.compile(r"^/Date\((1[0-9]{9})[0-9]{3}(?:[+-]\d{4})?\)/$")


def machine_instant(value: str, zone: tzinfo) -> datetime | None:
    """A machine-written instant in UTC; None where the value has no such form.

    Args:
        value: ISO 8601 (anywhere in the value), RFC 2822, 20240322T1435, or seconds or
            milliseconds since 1970.
        zone: where a time without an offset is meant, and whose midnight a bare day is.
    """
    value = value.strip()[:80].translate(DIGITS)
    found = _ISO.search(value) or _COMPACT.match(value)
    if found is None:
        epoch = _EPOCH.match(value) or _DOT_NET.match(value)
        if epoch:
            return datetime.fromtimestamp(int((epoch[epoch.lastindex or 0])[:10]), UTC)
        return _mail_date(value, zone)
    groups = found.groupdict()
    try:
        naive = datetime(
            int(groups["year"]), int(groups["month"]), int(groups["day"]),
            int(groups["hour"] or 0), int(groups["minute"] or 0), int(groups.get("second") or 0),
        )  # fmt: skip
    except ValueError:
        return None
    if not FIRST_YEAR <= naive.year <= LAST_YEAR:
        return None
    return naive.replace(tzinfo=_offset(groups.get("zone")) or zone).astimezone(UTC)


def _offset(label: str | None) -> timezone | None:
    if not label:
        return None
    if label[0] not in "+-":
        return UTC
    digits = label[1:].replace(":", "")
    return offset_zone(label[0], int(digits[:2]), int(digits[2:4] or 0))


def _mail_date(value: str, zone: tzinfo) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)


_URL_DAY = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:[/_.-])(?P<month>\d{1,2})(?:[/_.-])(?P<day>\d{1,2})(?!\d)"
    r"|/(?P<year2>(?:19|20)\d\d)/[a-z_-]{2,40}/(?P<month2>\d{1,2})/(?P<day2>\d{1,2})/"
    r"|(?<!\d)(?P<year3>20[0-4]\d)(?P<month3>[01]\d)(?P<day3>[0-3]\d)(?!\d)"
)


def day_in_url(url: str) -> date | None:
    """The day an address carries, such as /2020/8/24/ or 2020-06-03, if any."""
    for found in _URL_DAY.finditer(url[:2000]):
        values = [v for v in found.groups() if v is not None]
        try:
            day = date(*(int(v) for v in values))
        except (ValueError, TypeError):
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    return None
