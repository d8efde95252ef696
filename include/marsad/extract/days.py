"""Days named by their distance or their weekday: «مساء أمس الجمعة»، «الخميس المقبل»، «ليل السبت الأحد».

A weekday beside a day that falls on another contradicts it: one of the two is wrong, and it is not for
us to say which.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from marsad.extract import calendar as cal
from marsad.extract.context import Context
from marsad.extract.dates import read_month_day
from marsad.extract.intervals import read_weekdays
from marsad.extract.resolve import CONTRADICTION, UNRESOLVED, Reading, Value, between, day_at, weekday_on
from marsad.extract.tokens import is_number
from marsad.extract.written import read_written

TODAY = "اليوم"
YESTERDAY = frozenset({"امس", "الامس", "البارحه"})
TOMORROW = frozenset({"غدا", "الغد", "غد"})
_NAMED = YESTERDAY | TOMORROW | {TODAY}
_TITLES = frozenset({"الملك", "الامير", "الرئيس", "الشيخ", "بن", "ولي", "السلطان", "الوزير", "خادم"})
_PRAYERS = frozenset({"صلاه", "خطبه"})
_SURNAMES = frozenset({"الجمعه", "الخميس"})
_EARLIER = frozenset({"سابق", "لاحق", "متاخر", "مبكر"})


def read_day(c: Context, i: int, cut: int) -> Reading | None:
    """A day by its relation or its weekday, with the part of it and the date beside it."""
    w = c.w
    word = w[i][cut:]
    part, k = _part(c, i, word)
    if part is not None and k == i:
        return None
    if k > i:
        word = w[k]
    elif word == "الليله":
        return _tonight(c, i)
    if word in ("هذا", "هذه"):
        return _this_part(c, k) if part is None else None
    if word in ("يومي", "ليلتي", "ايام", "ليالي"):
        return read_weekdays(c, k + 1, part)
    if word in ("يوم", "نهار"):
        inner = w[k + 1]
        if inner not in cal.weekdays() and inner not in YESTERDAY | TOMORROW and not is_number(inner):
            if inner not in cal.ordinals():
                return None
            ordinal = read_month_day(c, k + 1)
            return replace(ordinal, part=part) if ordinal else None
        k, word = k + 1, inner
    if part is not None or k > i:
        dated = read_written(c, k, None)
        if dated is not None:
            return replace(dated, part=part)
    if word in cal.weekdays():
        return _weekday(c, i, k, word, part, bare=k == i)
    offset = _offset(c, k, word, by_itself=k == i)
    if offset is None:
        return None
    days, past = offset
    if days == 0 and (w[past] in c.lex.not_today_after or (_is_outlet(c, i) and not _then_weekday(c, past))):
        return None
    return _with_weekday(c, past, days, part)


def _part(c: Context, i: int, word: str) -> tuple[str | None, int]:
    """The part of the day that opens an expression, and where its day begins; ``i`` where there is no day."""
    w = c.w
    if word == "بعد":
        if w[i + 1] in ("ظهر", "عصر", "منتصف", "غد", "الغد"):
            if w[i + 1] in ("غد", "الغد"):
                return None, i
            k, named = i + 2, "afternoon"
            if w[i + 1] == "منتصف":
                if w[i + 2] not in ("ليل", "ليله", "نهار"):
                    return "none", i
                named, k = "night" if w[i + 2] != "نهار" else "noon", i + 3
            return (named, k) if _opens_day(c, k) else ("none", i)
        return "none", i
    if word == "قبل":
        return ("morning", i + 2) if w[i + 1] == "ظهر" and _opens_day(c, i + 2) else ("none", i)
    if word == "منتصف":
        if w[i + 1] in ("ليل", "ليله") and _opens_day(c, i + 2):
            return "night", i + 2
        return ("noon", i + 2) if w[i + 1] == "نهار" and _opens_day(c, i + 2) else ("none", i)
    part = cal.parts().get(word)
    if part is None:
        return None, i
    return (part, i + 1) if _opens_day(c, i + 1) else ("none", i)


def _opens_day(c: Context, k: int) -> bool:
    word = c.w[k]
    if word in _NAMED or word in cal.weekdays() or word in ("يوم", "يومي"):
        return True
    if word == "اول":
        return c.w[k + 1] in ("امس", "الامس", "من")
    if (word.isdecimal() and len(word) <= 2) or word in cal.ordinals():
        return read_month_day(c, k) is not None
    return False


def _offset(c: Context, k: int, word: str, *, by_itself: bool) -> tuple[int, int] | None:
    """Days from the publication day, and the token behind."""
    w = c.w
    if word == TODAY:
        return 0, k + 1
    if word in YESTERDAY:
        if w[k + 1] == "الاول" and word == "امس":
            return -2, k + 2
        return -1, k + 1
    if word == "اول":
        if w[k + 1] == "من" and w[k + 2] in ("امس", "الامس"):
            return -2, k + 3
        return (-2, k + 2) if w[k + 1] in ("امس", "الامس") else None
    if word == "بعد" and w[k + 1] in ("غد", "الغد"):
        return 2, k + 2
    if word in TOMORROW and (word == "غدا" or not by_itself or _sure_tomorrow(c, k)):
        return 1, k + 1
    return None


def _sure_tomorrow(c: Context, k: int) -> bool:
    """«الغد» is the future too: a day only beside its weekday or behind يوم."""
    return _then_weekday(c, k + 1)


def _is_outlet(c: Context, i: int) -> bool:
    """«روسيا اليوم»، «صحيفة إسرائيل اليوم»، «في اليوم»."""
    return c.w[i - 1] in c.lex.not_today_before or c.w[i - 2] in ("صحيفه", "جريده", "موقع", "قناه")


def _then_weekday(c: Context, k: int) -> bool:
    return c.w[k] in cal.weekdays() or (c.w[k] in ("،", "(") and c.w[k + 1] in cal.weekdays())


def _with_weekday(c: Context, k: int, offset: int, part: str | None) -> Reading:
    """«أمس الجمعة»: the weekday, where one is named, must be the day the other word means."""
    value, w = day_at(c.anchor, offset), c.w
    weekday: int | None = None
    comma = w[k] in ("،", "(")
    if w[k + comma] in cal.weekdays() and (not comma or w[k + 2] in ("،", ".", ")")):
        weekday = cal.weekdays()[w[k + comma]]
        k += 1 + comma
        k += comma and w[k] == ")"
        if c.anchor is not None and (c.anchor.weekday() + offset) % 7 != weekday:
            value = CONTRADICTION
    dated = _date_beside(c, k, weekday)
    if dated is not None:
        k = dated.past
        if value.value is not None and dated.value.value is not None and value.value != dated.value.value:
            value = UNRESOLVED  # two days that are not the same
        elif value is not CONTRADICTION and (dated.value is CONTRADICTION or value.value is None):
            value = dated.value
    return Reading(k, value, part)


def _weekday(c: Context, i: int, k: int, word: str, part: str | None, *, bare: bool) -> Reading | None:
    w, lex = c.w, c.lex
    before = w[i - 1]
    is_prayer = before in _PRAYERS and lex.shift(w[k + 1]) is not None  # «صلاة الجمعة الماضية»
    if (bare and not is_prayer) and (
        before in lex.not_weekday_before or _is_surname(c, i, word) or (before == "بين" and word == "الاثنين")
    ):
        return None
    if bare and (w[k + 1] in lex.not_weekday_after or w[k + 1] in cal.hours() or w[k + 1] == "الاولي"):
        return None  # «الجمعة السادسة من الاحتجاجات»
    weekday = cal.weekdays()[word]
    if part == "night" or w[k + 1] in ("-", "–", "/"):
        through = _through(c, i, k, weekday, part)
        if through is not None:
            return through
    follow = w[k + 1]
    shift = lex.shift(follow)
    past = k + 2
    if follow in ("قبل", "بعد") and lex.shift(w[k + 2]) == (-1 if follow == "قبل" else 1):
        value = weekday_on(c.anchor, weekday, -1 if follow == "قبل" else 2)
        if c.anchor is not None and value.value is not None:
            days = (c.anchor.weekday() - weekday) % 7 or 7
            value = day_at(c.anchor, -days - 7 if follow == "قبل" else 14 - (days if days < 7 else 0))
        return Reading(k + 3, value, part)
    if follow == "من" and w[k + 2] in ("الاسبوع", "هذا"):
        return None if w[k + 2] == "هذا" and w[k + 3] != "الاسبوع" else Reading(k + 4, UNRESOLVED, part)
    if shift:
        value = weekday_on(c.anchor, weekday, -1 if shift < 0 else 2)
        dated = _date_beside(c, past, weekday)
        if dated is not None and dated.value.basis != "unresolved":
            return Reading(dated.past, dated.value, part)
        return Reading(past, value, part)
    dated = _date_beside(c, k + 1, weekday)
    if dated is not None:
        return Reading(dated.past, dated.value, part)
    is_today = c.anchor is not None and c.anchor.weekday() == weekday
    tense = c.tense(i, is_today=is_today)
    if tense == 0 and bare and before in lex.fixtures and not is_today:
        return Reading(k + 1, UNRESOLVED, part)  # «مباراة الأربعاء»: the last one or the next
    ahead = tense > 0 or before in lex.awaited or (tense == 0 and before in ("حتي", "وحتي"))
    return Reading(past if shift == 0 else k + 1, weekday_on(c.anchor, weekday, 1 if ahead else 0), part)


def _is_surname(c: Context, i: int, word: str) -> bool:
    """«محمد الجمعة»: behind a first name that no title and no other name stands before."""
    w = c.w
    return word in _SURNAMES and w[i - 1] in c.lex.first_names and w[i - 2] not in _TITLES


def _through(c: Context, i: int, k: int, weekday: int, part: str | None) -> Reading | None:
    """«ليل السبت الأحد»، «السبت - الأحد»: the second must be the day after the first."""
    w = c.w
    j = k + 1 + (w[k + 1] in ("-", "–", "/"))
    if cal.weekdays().get(w[j]) != (weekday + 1) % 7:
        return None
    first, shift = weekday_on(c.anchor, weekday, int(c.looks_ahead(i))), c.lex.shift(w[j + 1])
    if shift:
        first = weekday_on(c.anchor, weekday, -1 if shift < 0 else 2)
    return Reading(j + 1 + (shift is not None), _with_next(first), part, kind="range")


def _with_next(first: Value) -> Value:
    """A day and the one after it."""
    if first.value is None:
        return UNRESOLVED
    return between(first, day_at(date.fromisoformat(first.value), 1))


def _date_beside(c: Context, k: int, weekday: int | None) -> Reading | None:
    """A date behind a day's name, perhaps after a comma, a bracket or «الموافق»."""
    w = c.w
    opened = w[k] == "("
    if w[k] in ("،", "(", "الموافق", "-", "–"):
        k += 1
    if w[k] in ("الموافق", "ل", "الموافقه"):
        k += 1
        k += w[k] == "ل"
    if not (is_number(w[k]) or w[k] in cal.ordinals() or w[k] in ("الحادي", "العشرين", "الثلاثين")):
        return None
    dated = read_written(c, k, weekday)
    if dated is None or dated.kind != "date":
        return None
    return replace(dated, past=dated.past + 1) if opened and w[dated.past] == ")" else dated


def _tonight(c: Context, i: int) -> Reading | None:
    shift = c.lex.shift(c.w[i + 1])
    if shift is None and c.w[i + 1].startswith("ال"):
        return None  # «الليلة الكارثية»
    if c.w[i - 1] in ("هذه", "تلك", "ل", "كل", "في") and shift is None and c.w[i - 1] != "هذه":
        return None
    return Reading(i + 1 + (shift is not None), day_at(c.anchor, shift or 0), "night")


def _this_part(c: Context, k: int) -> Reading | None:
    """«هذا الصباح»."""
    part = cal.parts_today().get(c.w[k + 1])
    return Reading(k + 2, day_at(c.anchor, 0), part) if part else None


def read_earlier(c: Context, i: int, cut: int) -> Reading | None:
    """«وقت سابق اليوم السبت»، «في وقت متأخر من مساء أمس»: the day it is of."""
    w = c.w
    k = i + (w[i][cut:] == "في")
    if not w[k].endswith("وقت") or len(w[k]) > 3 + cut or w[k + 1] not in _EARLIER:
        return None
    k += 3 if w[k + 2] == "من" else 2
    word = w[k]
    # «في وقت سابق الخميس» too: the weekday is the expression's head
    is_day = word in _NAMED or word in cal.parts() or word in cal.weekdays() or word in ("يوم", "بعد")
    return read_day(c, k, 0) if is_day else None
