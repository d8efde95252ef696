"""Days and hours as pages print them, in Arabic of any country, and as machines write them.

A printed weekday is a check digit: where it contradicts its date, the date is wrong or is
not a date, and nobody here can know which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from marsad.clean.text import fold, pattern_of, tidy

_MONTHS: tuple[tuple[str, ...], ...] = (
    ("يناير", "كانون الثاني", "كانون ثاني", "جانفي", "january", "jan"),
    ("فبراير", "شباط", "فيفري", "february", "feb"),
    ("مارس", "آذار", "march", "mar"),
    ("أبريل", "إبريل", "نيسان", "أفريل", "april", "apr"),
    ("مايو", "أيار", "ماي", "may"),
    ("يونيو", "يونيه", "حزيران", "جوان", "june", "jun"),
    ("يوليو", "يوليه", "تموز", "جويلية", "يوليوز", "july", "jul"),
    ("أغسطس", "آب", "أوت", "غشت", "august", "aug"),
    ("سبتمبر", "أيلول", "شتنبر", "september", "sep", "sept"),
    ("أكتوبر", "تشرين الأول", "تشرين أول", "october", "oct"),
    ("نوفمبر", "تشرين الثاني", "تشرين ثاني", "نونبر", "november", "nov"),
    ("ديسمبر", "كانون الأول", "كانون أول", "دجنبر", "december", "dec"),
)
_WEEKDAYS: tuple[tuple[str, ...], ...] = (
    ("الاثنين", "اثنين", "الإثنين", "monday", "mon"),
    ("الثلاثاء", "ثلاثاء", "tuesday", "tue"),
    ("الأربعاء", "أربعاء", "wednesday", "wed"),
    ("الخميس", "خميس", "thursday", "thu"),
    ("الجمعة", "جمعة", "friday", "fri"),
    ("السبت", "سبت", "saturday", "sat"),
    ("الأحد", "أحد", "sunday", "sun"),
)
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
FIRST_YEAR, LAST_YEAR = 1990, 2100


def _names(table: tuple[tuple[str, ...], ...]) -> tuple[str, dict[str, int]]:
    found = {name: index for index, names in enumerate(table) for name in names}
    return "|".join(pattern_of(n) for n in sorted(found, key=lambda n: (-len(n), n))), found


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    months, _ = _names(_MONTHS)
    weekdays, _ = _names(_WEEKDAYS)
    weekday = rf"(?:(?:يوم\s+)?(?P<weekday>{weekdays})\b\s*[,،.:\-–—]?\s*(?:الموافق|الموافقة|في)?\s*)?"
    slash = rf"(?:\s*[/|\-]\s*(?:{months})\b)?"  # both names of a month: أغسطس/آب
    named = re.compile(
        rf"{weekday}(?<!\d)(?P<day>\d{{1,2}})\s*(?:من\s+(?:شهر\s+)?)?[\s/\-–_.,،]\s*"
        rf"(?P<month>{months})\b{slash}\s*[\s/\-–_.,،]\s*(?P<year>(?:19|20)\d\d)(?!\d)",
        re.I,
    )
    month_first = re.compile(
        rf"{weekday}(?<!\w)(?P<month>{months})\s+(?P<day>\d{{1,2}})\s*[,،]?\s+(?P<year>(?:19|20)\d\d)(?!\d)", re.I
    )
    numeric = re.compile(
        rf"{weekday}(?<![\d/.\-])(?:(?P<year>(?:19|20)\d\d)\s?[/.\-]\s?(?P<month>\d{{1,2}})\s?[/.\-]\s?(?P<day>\d{{1,2}})"
        rf"|(?P<day2>\d{{1,2}})\s?[/.\-]\s?(?P<month2>\d{{1,2}})\s?[/.\-]\s?(?P<year2>(?:19|20)\d\d))(?![\d/.\-]\d)",
        re.I,
    )
    clock = re.compile(
        r"(?<![\d:])(?P<hour>\d{1,2})\s?:\s?(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?!\d)"
        r"\s*(?P<half>صباحا[ًا]?|صباحًا|مساء[ًا]?|مساءً|ظهرا[ًا]?|ظهرًا|فجرا|ليلا|ص|م|am|pm|a\.m|p\.m)?(?!\w)"
        r"\s*(?P<zone>بتوقيت\s+غرينتش|بتوقيت\s+جرينتش|غرينتش|جرينتش|GMT|UTC)?",
        re.I,
    )
    after = re.compile(rf"\s*[,،.(\-–]?\s*(?:يوم\s+)?(?P<weekday>{weekdays})(?!\w)", re.I)
    return named, month_first, numeric, clock, after


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A day printed in a text, with its hour and weekday where they stand beside it."""

    day: date
    clock: time | None
    weekday: int | None
    """0 for Monday."""
    is_utc: bool
    start: int
    end: int
    text: str

    @property
    def is_contradicted(self) -> bool:
        """Whether the weekday printed beside the date is not the date's."""
        return self.weekday is not None and self.weekday != self.day.weekday()


@lru_cache(maxsize=2)
def _folded(table: tuple[tuple[str, ...], ...]) -> dict[str, int]:
    return {fold(name): index for index, names in enumerate(table) for name in names}


def _lookup(table: tuple[tuple[str, ...], ...], text: str) -> int | None:
    return _folded(table).get(fold(text))


_YEAR = re.compile(r"(?:19|20)\d\d")


def _clock(text: str, pattern: re.Pattern[str]) -> tuple[time | None, bool, int]:
    """A time of day near a date, whether it is UTC, and where it ends (0: none)."""
    found = pattern.search(text)
    if found is None:
        return None, False, 0
    hour, minute = int(found["hour"]), int(found["minute"])
    half = (found["half"] or "").lower()
    if half.startswith(("م", "p")) and hour < 12:
        hour += 12
    elif half.startswith(("ص", "a", "ف")) and hour == 12:
        hour = 0
    elif half.startswith("ظ") and hour < 11:
        hour += 12
    if hour > 23:
        return None, False, 0
    return time(hour, minute, int(found["second"] or 0)), found["zone"] is not None, found.end()


def find_printed_date(text: str) -> PrintedDate | None:
    """The first date with a year that a text prints, if any.

    Understands the month names of the Mashriq, Egypt and the Gulf, the Maghreb and
    English, digits of both kinds, d/m/Y and Y/m/d, and a clock beside the date.
    """
    if len(text) > 2000:
        text = text[:2000]
    plain = text.translate(_DIGITS)
    if _YEAR.search(plain) is None:
        return None
    named, month_first, numeric, clock_pattern, after = _patterns()
    best: PrintedDate | None = None
    for pattern in (named, month_first, numeric):
        for found in pattern.finditer(plain):
            groups = found.groupdict()
            year = int(groups.get("year") or groups["year2"])
            day = int(groups.get("day") or groups["day2"])
            raw = groups.get("month") or groups["month2"]
            month = int(raw) if raw.isdigit() else (_lookup(_MONTHS, raw) or 0) + 1
            if raw.isdigit() and month > 12 >= day:
                month, day = day, month  # m/d/Y: only where d/m/Y cannot be
            try:
                value = date(year, month, day)
            except ValueError:
                continue
            if not FIRST_YEAR <= year <= LAST_YEAR:
                continue
            if best is not None and found.start() >= best.start:
                break
            end = found.end()
            weekday = _lookup(_WEEKDAYS, groups["weekday"]) if groups["weekday"] else None
            if weekday is None and (late := after.match(plain, end)) is not None:
                weekday, end = _lookup(_WEEKDAYS, late["weekday"]), late.end()
            moment, is_utc, size = _clock(plain[end : end + 40], clock_pattern)
            if size:
                end += size
            start = found.start()
            if moment is None and start:
                moment, is_utc, size = _clock(plain[max(0, start - 25) : start], clock_pattern)
            best = PrintedDate(value, moment, weekday, is_utc, start, end, tidy(text[start:end]))
            break
    return best


def instant_of(printed: PrintedDate, zone: ZoneInfo) -> datetime:
    """The instant of a printed date in UTC; a day without an hour is its midnight in the zone."""
    where = UTC if printed.is_utc else zone
    return datetime.combine(printed.day, printed.clock or time(), tzinfo=where).astimezone(UTC)


_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[T\s]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.I,
)
_COMPACT = re.compile(
    r"^(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?:T?(?P<hour>\d\d)(?P<minute>\d\d)\d{0,2}Z?)?$"
)
_EPOCH = re.compile(r"^1[0-9]{9}(?:[0-9]{3})?$")


def read_instant(value: str, zone: ZoneInfo) -> datetime | None:
    """A machine-written date, as JSON-LD, meta and time tags carry it, in UTC; None if it is not one.

    A naive time is in the source's zone; a day alone is midnight there.
    """
    value = value.strip().translate(_DIGITS)[:80]
    found = _ISO.search(value) or _COMPACT.match(value)
    if found is None:
        if _EPOCH.match(value):
            return datetime.fromtimestamp(int(value[:10]), UTC)
        return _loose(value, zone)
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
    delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4] or 0))
    if delta > timedelta(hours=15):
        return None
    return timezone(delta if label[0] == "+" else -delta)


def _loose(value: str, zone: ZoneInfo) -> datetime | None:
    """RFC 2822 dates, and dates printed for people inside machine-readable attributes."""
    from email.utils import parsedate_to_datetime

    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        printed = find_printed_date(value)
        return instant_of(printed, zone) if printed is not None and not printed.is_contradicted else None
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
