"""The names pages print for months, weekdays and time zones, and the Hijri calendar.

Months have the names of the Mashriq, of Egypt and the Gulf, of the Maghreb, of English and
French pages. Hijri days are those of the Umm al-Qura calendar; where a country goes by the
moon its people see, its day may be one off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from marsad.clean.text import fold, search_form

Table = tuple[tuple[str, ...], ...]

MONTHS: Table = (
    ("يناير", "كانون الثاني", "كانون ثاني", "جانفي", "january", "jan", "janvier", "janv"),
    ("فبراير", "شباط", "فيفري", "february", "feb", "février", "fevrier", "févr"),
    ("مارس", "آذار", "march", "mar", "mars"),
    ("أبريل", "إبريل", "نيسان", "أفريل", "april", "apr", "avril", "avr"),
    ("مايو", "أيار", "ماي", "may", "mai"),
    ("يونيو", "يونيه", "حزيران", "جوان", "june", "jun", "juin"),
    ("يوليو", "يوليه", "تموز", "جويلية", "يوليوز", "july", "jul", "juillet", "juil"),
    ("أغسطس", "آب", "أوت", "غشت", "august", "aug", "août", "aout"),
    ("سبتمبر", "أيلول", "شتنبر", "september", "sep", "sept", "septembre"),
    ("أكتوبر", "تشرين الأول", "تشرين أول", "october", "oct", "octobre"),
    ("نوفمبر", "تشرين الثاني", "تشرين ثاني", "نونبر", "november", "nov", "novembre"),
    ("ديسمبر", "كانون الأول", "كانون أول", "دجنبر", "december", "dec", "décembre", "decembre", "déc"),
)
HIJRI_MONTHS: Table = (
    ("محرم", "المحرم", "محرم الحرام", "muharram"),
    ("صفر", "صفر الخير", "safar"),
    ("ربيع الأول", "ربيع أول", "rabi al awwal"),
    ("ربيع الآخر", "ربيع الثاني", "ربيع آخر", "ربيع ثاني"),
    ("جمادى الأولى", "جمادى الأول", "جماد الأول", "جماد أول"),
    ("جمادى الآخرة", "جمادى الثانية", "جمادى الآخر", "جمادى الثاني", "جماد الآخر", "جماد الثاني", "جماد ثاني"),
    ("رجب", "رجب الفرد", "rajab"),
    ("شعبان", "شعبان المعظم", "shaban"),
    ("رمضان", "رمضان المبارك", "ramadan", "ramadhan"),
    ("شوال", "shawwal"),
    ("ذو القعدة", "ذي القعدة", "ذوالقعدة"),
    ("ذو الحجة", "ذي الحجة", "ذوالحجة"),
)
WEEKDAYS: Table = (
    ("الاثنين", "اثنين", "الإثنين", "الأثنين", "monday", "mon", "lundi"),
    ("الثلاثاء", "ثلاثاء", "الثلاثا", "tuesday", "tue", "mardi"),
    ("الأربعاء", "أربعاء", "الأربعا", "wednesday", "wed", "mercredi"),
    ("الخميس", "خميس", "thursday", "thu", "jeudi"),
    ("الجمعة", "جمعة", "friday", "fri", "vendredi"),
    ("السبت", "سبت", "saturday", "sat", "samedi"),
    ("الأحد", "أحد", "sunday", "sun", "dimanche"),
)
# «عمان» is Amman and Oman, an hour apart: it names no zone here.
_ZONES = {
    "UTC": ("غرينتش", "جرينتش", "غرينيتش", "جرينيتش", "غرينويتش", "ت غ", "ت.غ", "gmt", "utc", "العالمي"),
    "Asia/Riyadh": ("مكة المكرمة", "مكة", "السعودية", "الرياض", "المدينة المنورة"),
    "Asia/Jerusalem": ("القدس المحتلة", "القدس", "فلسطين"),
    "Africa/Cairo": ("القاهرة", "مصر"),
    "Asia/Beirut": ("بيروت", "لبنان"),
    "Asia/Damascus": ("دمشق", "سوريا"),
    "Asia/Amman": ("الأردن",),
    "Asia/Baghdad": ("بغداد", "العراق"),
    "Asia/Kuwait": ("الكويت",),
    "Asia/Qatar": ("الدوحة", "قطر"),
    "Asia/Bahrain": ("البحرين", "المنامة"),
    "Asia/Dubai": ("أبوظبي", "أبو ظبي", "دبي", "الإمارات"),
    "Asia/Muscat": ("مسقط", "سلطنة عمان"),
    "Asia/Aden": ("صنعاء", "عدن", "اليمن"),
    "Africa/Khartoum": ("الخرطوم", "السودان"),
    "Africa/Tripoli": ("طرابلس الغرب", "ليبيا"),
    "Africa/Tunis": ("تونس",),
    "Africa/Algiers": ("الجزائر",),
    "Africa/Casablanca": ("المغرب", "الرباط", "الدار البيضاء"),
    "Africa/Nouakchott": ("نواكشوط", "موريتانيا"),
    "Europe/London": ("لندن", "بريطانيا"),
    "Europe/Paris": ("باريس", "فرنسا"),
    "Europe/Berlin": ("برلين", "ألمانيا"),
    "Europe/Istanbul": ("إسطنبول", "أنقرة", "تركيا"),
    "Europe/Moscow": ("موسكو",),
    "Asia/Tehran": ("طهران",),
    "America/New_York": ("واشنطن", "نيويورك", "شرق الولايات المتحدة"),
}

DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Gregorian years that a page's date can have."""
LONGEST_OFFSET = timedelta(hours=15)


def alternatives(names: Iterable[str]) -> str:
    """The alternatives of a regular expression for names in their search form (``text.search_form``), longest first.

    To be matched on text in that form: marks in the pattern would make it slow to compile.
    """
    forms = {search_form(name) for name in names}
    return "|".join(re.escape(n).replace("\\ ", r"\s+") for n in sorted(forms, key=lambda n: (-len(n), n)))


def names_pattern(*tables: Table) -> str:
    """The alternatives for the names of some tables."""
    return alternatives(name for table in tables for names in table for name in names)


@lru_cache(maxsize=4)
def _folded(table: Table) -> dict[str, int]:
    return {fold(name): index for index, names in enumerate(table) for name in names}


def place_in(table: Table, name: str) -> int | None:
    """The place of a name in a table (0 for January, Muharram, Monday), in whatever spelling; None if not there."""
    return _folded(table).get(fold(name))


def from_hijri(year: int, month: int, day: int) -> date | None:
    """The Gregorian day of a Hijri one (Umm al-Qura, 1343 to 1500 AH; hijridate); None if there is no such day."""
    from hijridate import Hijri

    try:
        found = Hijri(year, month, day).to_gregorian()
    except (ValueError, OverflowError):
        return None
    return date(found.year, found.month, found.day)


@lru_cache(maxsize=1)
def zones_pattern() -> str:
    """The alternatives of a regular expression for the places whose time pages give."""
    return alternatives(name for listed in _ZONES.values() for name in listed)


@lru_cache(maxsize=1)
def _zone_names() -> dict[str, str]:
    return {fold(name): zone for zone, names in _ZONES.items() for name in names}


def zone_named(name: str) -> tzinfo | None:
    """The time zone of a place as Arabic pages name it; None if it names none, or more than one."""
    zone = _zone_names().get(fold(name))
    return None if zone is None else UTC if zone == "UTC" else ZoneInfo(zone)


def offset_zone(sign: str, hours: int, minutes: int = 0) -> timezone | None:
    """A fixed offset from UTC; None if there is no such zone on earth."""
    delta = timedelta(hours=hours, minutes=minutes)
    if delta > LONGEST_OFFSET:
        return None
    return timezone(-delta if sign in "-\u2212" else delta)
