"""Stretches of time and distances: «الشهر الماضي»، «قبل ثلاثة أيام»، «عام ونصف»، «الأيام الثلاثة المقبلة»."""

from __future__ import annotations

from marsad.extract import calendar as cal
from marsad.extract.context import Context
from marsad.extract.dates import read_month
from marsad.extract.durations import about, amount_at, as_duration
from marsad.extract.numerals import definite_value
from marsad.extract.resolve import UNRESOLVED, Reading, Value, last_units, relative, span
from marsad.extract.tokens import is_number, is_word
from marsad.extract.years import read_century, read_decade, read_season, read_year


def read_edge(c: Context, i: int) -> Reading | None:
    """«نهاية الشهر الجاري»، «مطلع مارس»: the value is that of the whole month or year."""
    w = c.w
    k = i + 1
    word = w[k]
    if word in c.lex.year_words:
        inner = read_year(c, k, 0) or read_span(c, k, 0)
        if (
            inner is None
            and word in ("العام", "السنه")
            and w[i - 1] in ("منذ", "ومنذ")
            and not w[k + 1].startswith("ال")
        ):
            return Reading(k + 1, span(c.anchor, "Y", 0))  # «منذ مطلع العام»
        if inner is None and word in ("العام", "السنه") and not is_word(w[k + 1]):
            # «نهاية العام»: this one's, where the clause looks ahead; else of the year that is told of
            ahead = w[i - 1] in ("بحلول", "حتي", "قبل", "مع") or c.looks_ahead(i)
            return Reading(k + 1, span(c.anchor, "Y", 0) if ahead else UNRESOLVED)
        return inner
    if word == "الاسبوع":
        inner = read_span(c, k, 0)
        # the days of a weekend are not the same everywhere
        return inner or Reading(k + 1, UNRESOLVED)
    if word in cal.decades():
        return read_decade(c, k, 0)
    if word == "القرن":
        return read_century(c, k)
    if word in cal.seasons() or word.removeprefix("ال") in cal.seasons():
        return read_season(c, k, 0)
    if word == "الشهر" and w[i - 1] in ("منذ", "ومنذ") and c.lex.shift(w[k + 1]) is None:
        return Reading(k + 1, span(c.anchor, "Mo", 0))  # «منذ مطلع الشهر»
    if word in ("الشهر", "هذا", "هذه", "العقد"):
        return read_span(c, k, 0)
    if w[i] == "اخر" and word not in ("شهر",):
        return None
    return read_month(c, k, 0)


def read_span(c: Context, i: int, cut: int) -> Reading | None:
    """«الشهر الماضي»، «هذا العام»، «اليومين الماضيين»، «الأيام الثلاثة المقبلة»، «الساعات الـ24 الماضية»."""
    w = c.w
    word = w[i][cut:]
    if word in ("هذا", "هذه"):
        unit = cal.units().get(w[i + 1][2:]) if w[i + 1].startswith("ال") else None
        if unit is None or unit[1] != 1 or unit[0] not in ("W", "Mo", "Y"):
            return read_this_season(c, i)
        return Reading(i + 2, span(c.anchor, unit[0], 0))
    if word.startswith("لل"):
        word = "ال" + word[2:]
    if not word.startswith("ال"):
        return None
    unit = cal.units().get(word[2:])
    if unit is None:
        return None
    code, count = unit
    k, amount = i + 1, float(count) if count else None
    if not count:
        amount, k = _definite_amount(c, k)
        if w[k] == "القليله":
            k += 1
    elif (count == 1 and w[k] == "قبل" and c.lex.shift(w[k + 1]) == -1) or (
        w[k] == "بعد" and c.lex.shift(w[k + 1]) == 1
    ):
        return Reading(k + 2, span(c.anchor, code, -2 if w[k] == "قبل" else 2)) if code in ("W", "Mo", "Y") else None
    shift = c.lex.shift(w[k])
    if shift is None or (shift == 0 and w[i - 1] in c.lex.not_year_before):
        return None
    if count == 1:
        if code not in ("W", "Mo", "Y", "Dec", "C") or w[k] == "الاخيره":
            return None
        return Reading(k + 1, span(c.anchor, code, shift), kind="range" if code in ("Dec", "C") else "date")
    if amount is None:
        return None  # «الأيام الماضية»: how many is not said
    if shift == 0:
        return None
    value = UNRESOLVED if code in ("M", "S") else last_units(c.anchor, code, amount, is_future=shift > 0)
    return Reading(k + 1, value, kind="range")


def read_this_season(c: Context, i: int) -> Reading | None:
    """«هذا الصيف»: the one the publication day lies in, else not resolved."""
    season = cal.seasons().get(c.w[i + 1][2:]) if c.w[i + 1].startswith("ال") else None
    if season is None or c.w[i] != "هذا":
        return None
    first, last = season
    if c.anchor is None or not first <= c.anchor.month <= last:
        return Reading(i + 2, UNRESOLVED, kind="range")
    year = c.anchor.year
    return Reading(i + 2, Value(f"{year:04}-{first:02}/{year:04}-{last:02}", "published"), kind="range")


def _definite_amount(c: Context, k: int) -> tuple[float | None, int]:
    """«الثلاثة», «الـ24», «الأربع والعشرين» behind a plural unit: the amount and the token behind."""
    w = c.w
    value = definite_value(w[k])
    if value is not None:
        if value < 10 and w[k + 1].startswith("وال"):
            tens = definite_value(w[k + 1][1:])
            if tens is not None and tens >= 20:
                return float(tens + value), k + 2
        return float(value), k + 1
    if w[k] == "ال" and w[k + 1].isdecimal() and len(w[k + 1]) <= 4:
        return float(w[k + 1]), k + 2
    if w[k].isdecimal() and len(w[k]) <= 4:
        return float(w[k]), k + 1
    return None, k


def read_counted_span(c: Context, i: int) -> Reading | None:
    """«الـ24 ساعة الماضية»، «آخر 24 ساعة»، «الثلاثة أيام الماضية»."""
    w = c.w
    if w[i] == "اخر":
        amount = amount_at(c, i + 1)
        if amount is None or len(amount[0]) != 1:
            return None
        unit, count = amount[0][0]
        return Reading(
            amount[1], last_units(c.anchor, unit, count) if unit not in ("M", "S") else UNRESOLVED, kind="range"
        )
    value, k = _definite_amount(c, i)
    unit_found = cal.units().get(w[k])
    shift = c.lex.shift(w[k + 1])
    if value is None or unit_found is None or not shift:
        return None
    unit = unit_found[0]
    return Reading(
        k + 2,
        UNRESOLVED if unit in ("M", "S") else last_units(c.anchor, unit, value, is_future=shift > 0),
        kind="range",
    )


def read_distance(c: Context, i: int, cut: int) -> Reading | None:
    """«قبل ثلاثة أيام»، «منذ أسبوعين»، «بعد شهر»، «منذ أكثر من سبع سنوات»."""
    w = c.w
    word = w[i][cut:]
    k, is_bound = about(c, i + 1)
    amount = amount_at(c, k)
    if amount is None:
        return None  # «قبل أيام»: when, is not said
    parts, past = amount
    unit, count = parts[0]
    if w[past - 1] == "عقد" and past == k + 1 and is_word(w[past]) and w[past] not in ("من", "علي", "كامل"):
        return None  # «بعد عقد اجتماع»
    if w[past] in ("من", "علي") and word != "منذ":
        # «بعد شهر من الهجوم» hangs on the attack
        return Reading(past, as_duration(parts), kind="duration")
    if w[past] == "فقط" or unit in ("H", "M", "S") or is_bound or len(parts) > 1:
        if word == "منذ" and (is_bound or len(parts) > 1) and unit not in ("H", "M", "S"):
            return Reading(past, as_duration(parts), kind="duration")
        if unit in ("H", "M", "S"):
            return Reading(past, UNRESOLVED, kind="time")
        if is_bound or len(parts) > 1:
            return Reading(past, UNRESOLVED)
    if word == "بعد" and not _is_told_ahead(c, i):
        return Reading(past, UNRESOLVED)  # «وبعد يومين عاد»: counted from the day that is told of
    return Reading(past, relative(c.anchor, unit, count if word == "بعد" else -count))


def _is_told_ahead(c: Context, i: int) -> bool:
    """Whether «بعد أسبوعين» counts from today: the clause looks ahead, or is in the present tense."""
    if c.looks_ahead(i):
        return True
    for k in range(i - 1, max(i - 12, -1), -1):
        word = c.w[k]
        if not is_word(word) and not is_number(word):
            break
        if word in c.lex.past_signs:
            return False
    return i == 0
