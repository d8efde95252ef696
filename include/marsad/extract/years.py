"""Years and their parts: «عام 2019»، «2019-2021»، «خريف 2021»، «الربع الأول من 2024»، «ثمانينات القرن الماضي»."""

from __future__ import annotations

from marsad.extract import calendar as cal
from marsad.extract.context import Context
from marsad.extract.counted import noun_of
from marsad.extract.currencies import money_words
from marsad.extract.dates import month_at, year_behind
from marsad.extract.hijri import hijri_year
from marsad.extract.numerals import definite_value, read_number, scale_of
from marsad.extract.resolve import UNRESOLVED, Reading, Value, explicit, half_of_month, month_of, months_of, span
from marsad.extract.tokens import is_number, is_word

_HIJRI_MARKS = frozenset({"ه", "هجري", "هجريه", "للهجره"})
_AFTER_YEAR = frozenset(
    {"و", "في", "من", "علي", "الي", "ان", "حتي", "كان", "بعد", "عندما", "بعدما", "وقد", "قبل", "حين", "لكن", "بسبب",
     "اثر", "عن", "مع", "وحتي", "او", "بين", "هو", "هي", "كانت", "وهو", "وهي", "حيث", "خلال", "ب"}
)  # fmt: skip
_FIRST, _LAST = 1900, 2100
"""Bare numbers in these bounds can be years."""


def read_year(c: Context, i: int, cut: int) -> Reading | None:
    """«عام 2003»، «2002م»، «منذ 2011»، «عامي 2019 و2020»، «1445هـ»، «2019-2021»."""
    w, lex = c.w, c.lex
    named = not is_number(w[i])
    stem = w[i][cut:]
    if named and w[i - 1] in lex.not_year_before:
        return None
    k = i + named
    k += named and w[k] == "،" and c.tokens.touches(k + 1)  # «عام ،2008», as some pages set it
    digits = w[k]
    if not (digits.isdecimal() and (len(digits) == 4 or (named and len(digits) == 3))):
        return _worded_year(c, k) if named and stem not in ("السنه", "الاعوام") else None
    year, past = int(digits), k + 1
    mark = w[past]
    if mark in _HIJRI_MARKS:
        return Reading(past + 1, hijri_year(year) if year >= 1000 else UNRESOLVED, kind="range")
    if mark == "م" and (c.tokens.touches(past) or named):
        return Reading(past + 1, explicit(f"{year:04}"))
    if not 1000 <= year <= _LAST:
        return None
    until = _until(c, past, year)
    if until is not None:
        if named or _may_be_years(c, i, until[1]):
            return Reading(until[1], explicit(f"{year:04}/{until[0]:04}"), kind="range")
        return None
    if stem in lex.year_pairs and w[past] == "و" and w[past + 1].isdecimal() and len(w[past + 1]) == 4:
        last = int(w[past + 1])
        value = explicit(f"{year:04}/{last:04}") if year < last <= _LAST else UNRESOLVED
        return Reading(past + 2, value, kind="range")
    if named:
        return Reading(past, explicit(f"{year:04}"))
    return Reading(past, explicit(f"{year:04}")) if _is_bare_year(c, i, year) else None


def _until(c: Context, k: int, year: int) -> tuple[int, int] | None:
    """The end of «2019-2021», «2018/2019», «2018/19», and the token behind."""
    w, t = c.w, c.tokens
    if w[k] not in ("-", "–", "/", "—") or not w[k + 1].isdecimal() or not t.touches(k):
        return None
    if w[k + 2] in ("-", "/", "–") and t.touches(k + 2):
        return None
    last = w[k + 1]
    if len(last) == 2 and w[k] == "/":
        last = str(year)[:2] + last
    return (int(last), k + 2) if len(last) == 4 and year < int(last) <= min(year + 200, _LAST) else None


def _may_be_years(c: Context, i: int, past: int) -> bool:
    before = c.w[i - 1]
    if before in "\n،(" or (before == "." and not c.tokens.touches(i)):
        return not is_word(c.w[past])
    return before in c.lex.before_year | {"(", "للفتره", "الفتره", "لموسم", "الموسم", "للموسم"} or c.w[past] == ")"


def _is_bare_year(c: Context, i: int, year: int) -> bool:
    """Whether a number without «عام» is a year, by the word before it and what follows."""
    w, lex = c.w, c.lex
    before, follow = w[i - 1], w[i + 1]
    if before == "العالم" and w[i - 2].endswith(("كاس", "بطوله")):
        before = "موسم"  # كأس العالم 2018
    if not _FIRST <= year <= _LAST or follow in ("%", "٪", "/", ":", "-") or before not in lex.before_year:
        return False
    if follow == "و" and is_number(w[i + 2]):
        follow = "."  # «في 2013 و2016»: two years
    if not is_word(follow) or follow in _AFTER_YEAR or before in lex.only_year:
        return True
    if year % 100 == 0 or before in ("بين", "قبل", "بعد", "حتي"):
        return follow[0] == "و" or follow.startswith("ال")
    # «في 2004 وجه الرئيس»: a year, unless it is people, money or time that is counted
    return (
        noun_of(follow) is None and follow not in cal.units() and not scale_of(follow) and follow not in money_words()
    )


def _worded_year(c: Context, k: int) -> Reading | None:
    """«عام ألفين وأحد عشر»."""
    if c.w[k] not in ("الف", "الفين", "الفان"):
        return None
    number = read_number(c.tokens, k, strip=False)
    if number is None or number.value is None or not 1000 <= number.value <= _LAST:
        return None
    return Reading(number.past, explicit(f"{int(number.value):04}"))


def _year_value(c: Context, k: int) -> tuple[Value, int] | None:
    """A year behind «من»: «2024»، «عام 2024»، «العام الجاري»، «هذا العام»."""
    w, lex = c.w, c.lex
    if w[k] in ("هذا", "هذه") and w[k + 1] in ("العام", "السنه"):
        return span(c.anchor, "Y", 0), k + 2
    if w[k] in lex.year_words:
        shift = lex.shift(w[k + 1])
        if shift is not None:
            return span(c.anchor, "Y", shift), k + 2
        if w[k + 1] == "المالي":
            return None
        k += 1
    if w[k].isdecimal() and len(w[k]) == 4 and 1000 <= int(w[k]) <= _LAST:
        return explicit(w[k]), k + 1 + (w[k + 1] == "م")
    return None


def read_part_of_year(c: Context, i: int, cut: int) -> Reading | None:
    """«الربع الأول من 2024»، «النصف الثاني من العام الجاري»، «النصف الأول من مايو»، «الربع الماضي»."""
    w = c.w
    is_half = w[i][cut:] == "النصف"
    if is_half:
        half = _half_month(c, i)
        if half is not None:
            return half
    shift = c.lex.shift(w[i + 1])
    if shift is not None and not is_half and c.anchor is not None:
        return Reading(i + 2, _quarter(c, shift), kind="range")
    number = cal.ordinals().get(w[i + 1]) or {"الاخير": 2 if is_half else 4}.get(w[i + 1])
    if number is None or number > (2 if is_half else 4):
        return None
    k = i + 2 + (w[i + 2] == "من")
    year = _year_value(c, k)
    if year is None or (k == i + 2 and not is_number(w[k]) and w[k] not in c.lex.year_words):
        return None
    size = 6 if is_half else 3
    return Reading(year[1], months_of(year[0], size * (number - 1) + 1, size * number), kind="range")


def _half_month(c: Context, i: int) -> Reading | None:
    """«النصف الثاني من يوليو»."""
    w = c.w
    if w[i + 2] != "من":
        return None
    k = i + 3 + (w[i + 3] == "شهر")
    month = month_at(c, k)
    if month is None or month[2] or w[i + 1] not in ("الاول", "الثاني"):
        return None
    year, direction, past = year_behind(c, month[1], is_hijri=False)
    value = month_of(year, month[0], c.anchor, direction) if year != 0 else UNRESOLVED
    return Reading(past, half_of_month(value, 1 if w[i + 1] == "الاول" else 2), kind="range")


def _quarter(c: Context, shift: int) -> Value:
    """The quarter before, of or after the anchor's."""
    if c.anchor is None:
        return UNRESOLVED
    year, quarter = divmod(c.anchor.year * 4 + (c.anchor.month - 1) // 3 + shift, 4)
    return months_of(Value(f"{year:04}", "published"), 3 * quarter + 1, 3 * quarter + 3)


def read_first_months(c: Context, i: int) -> Reading | None:
    """«الأشهر الستة الأولى من العام الجاري»."""
    w = c.w
    count = definite_value(w[i + 1])
    if count is None and w[i + 1].isdecimal() and len(w[i + 1]) <= 2:
        count = int(w[i + 1])
    if count is None or w[i + 2] not in ("الاولي", "الاول") or w[i + 3] != "من" or not 1 <= count <= 12:
        return None
    year = _year_value(c, i + 4)
    return Reading(year[1], months_of(year[0], 1, count), kind="range") if year else None


def read_season(c: Context, i: int, cut: int) -> Reading | None:
    """«خريف 2021»، «صيف العام الماضي»، «الصيف المقبل», in the north's months; winter lies in two years."""
    w = c.w
    stem = w[i][cut:]
    first, last = cal.seasons()[stem.removeprefix("ال")]
    if stem.startswith("ال"):
        shift = c.lex.shift(w[i + 1])
        if shift is None:
            return None
        if c.anchor is None or not first:
            return Reading(i + 2, UNRESOLVED, kind="range")
        month = c.anchor.month
        year = c.anchor.year + (-(month <= last) if shift < 0 else (month >= first) if shift > 0 else 0)
        return Reading(i + 2, months_of(Value(f"{year:04}", "published"), first, last), kind="range")
    found = _year_value(c, i + 1)
    if found is None:
        return None
    return Reading(found[1], months_of(found[0], first, last) if first else UNRESOLVED, kind="range")


def read_decade(c: Context, i: int, cut: int) -> Reading | None:
    """«الستينيات»، «ثمانينات القرن الماضي»، «مطلع التسعينيات»; of ages («في الأربعينيات من عمره») not."""
    w = c.w
    stem = w[i][cut:]
    tens, k = cal.decades()[stem], i + 1
    if (w[k] == "من" and w[k + 1] in c.lex.ages_after) or w[k] in c.lex.ages_after:
        return None
    century = 1900
    j = k + (w[k] == "من")
    if w[j] in ("القرن", "هذا"):
        number = _century(c, j + 1)
        if w[j] == "القرن" and (w[j + 1] in c.lex.past or number is not None):
            century, k = (1900, j + 2) if number is None else (100 * (number[0] - 1), number[1])
    elif not stem.startswith("ال"):
        return None
    return Reading(k, explicit(f"{century + tens}/{century + tens + 9}"), kind="range")


def _century(c: Context, k: int) -> tuple[int, int] | None:
    """The number of a century behind القرن, and the token behind."""
    w = c.w
    if w[k].isdecimal() and len(w[k]) <= 2 and 1 <= int(w[k]) <= 21:
        return int(w[k]), k + 1
    value = cal.ordinals().get(w[k]) or {"الحادي": 1, "العشرين": 20, "العشرون": 20}.get(w[k])
    if value is None:
        return None
    tail = {"عشر": 10, "والعشرين": 20, "والعشرون": 20}.get(w[k + 1])
    return (value + tail, k + 2) if tail else (value, k + 1)


def read_century(c: Context, i: int) -> Reading | None:
    """«القرن الماضي»، «القرن التاسع عشر»: null, for a century's bounds are a matter of taste."""
    if c.lex.shift(c.w[i + 1]) is not None:
        return Reading(i + 2, UNRESOLVED, kind="range")
    found = _century(c, i + 1)
    return Reading(found[1], UNRESOLVED, kind="range") if found else None
