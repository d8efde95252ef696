"""Days and months as they are written out: «22 آذار/مارس 2024»، «12 رمضان 1445هـ»، «10 و11 أبريل الجاري».

Each reader looks at one place of the text and answers with what begins there, or None.
"""

from __future__ import annotations

import re

from marsad.extract import calendar as cal
from marsad.extract.context import Context
from marsad.extract.hijri import hijri_day, hijri_month
from marsad.extract.resolve import UNRESOLVED, Reading, Value, between, day_of, month_of

_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_HIJRI_MARKS = frozenset({"ه", "هجري", "هجريه", "للهجره"})
_AS_USUAL, _LOOKS_AHEAD, _NEXT, _PRESENT, _LAST, _LOOKS_BACK, _FAR_BACK = 0, 1, 2, 3, -1, -2, -3
_OPEN = frozenset({_AS_USUAL, _LOOKS_AHEAD, _LOOKS_BACK, _FAR_BACK})
_LONGEST_LIST = 8
_SAFAR = 2
_NUMBERED = frozenset({"الاسبوع", "النصف", "الربع", "الثلث", "الاسبوعين", "العقد", "الشهر"})
_SAME = frozenset({"نفسه", "ذاته", "نفسها", "ذاتها", "عينه"})


def read_numeric(c: Context, i: int, weekday: int | None = None) -> Reading | None:
    """22/3/2024, 2024-03-22, 22.03.2024, and 22/3 behind a weekday; the day stands first unless it cannot."""
    t, w = c.tokens, c.w
    word = w[i]
    if "." in word:
        dotted = _DOTTED.fullmatch(word)
        if dotted is None:
            return None
        d, m, y, past = int(dotted[1]), int(dotted[2]), int(dotted[3]), i + 1
    else:
        sign = w[i + 1]
        if sign not in ("/", "-") or not w[i + 2].isdecimal() or not word.isdecimal():
            return None
        if not (t.touches(i + 1) and t.touches(i + 2)) and sign == "-":
            return None
        if w[i + 3] != sign or not w[i + 4].isdecimal():
            if sign == "/" and (weekday is not None or w[i - 1] in ("بتاريخ", "يوم")) and w[i + 3] != "/":
                return _short(c, i, weekday)
            return None
        listed = [word, w[i + 2], w[i + 4]]
        if any(len(x) > 4 for x in listed):
            return None
        a, b, e = (int(x) for x in listed)
        d, m, y = (e, b, a) if len(listed[0]) == 4 else (a, b, e)
        if len(listed[0]) != 4 and len(listed[2]) != 4:
            # 22/3/24: the century is not written
            return Reading(i + 5, UNRESOLVED) if w[i - 1] in ("بتاريخ", "يوم") else None
        past = i + 5
    if m > 12 >= d:
        d, m = m, d
    is_hijri = w[past] in _HIJRI_MARKS or 1300 <= y <= 1500
    if w[past] in ("ه", "م", "هجري", "هجريه"):
        past += 1
    value = hijri_day(y, m, d, weekday) if is_hijri else day_of(y, m, d, None, _AS_USUAL, weekday)
    return Reading(past, value)


def _short(c: Context, i: int, weekday: int | None) -> Reading | None:
    d, m = int(c.w[i][:3]), int(c.w[i + 2][:3])
    return Reading(i + 3, day_of(None, m, d, c.anchor, _AS_USUAL, weekday)) if 1 <= m <= 12 and 1 <= d <= 31 else None


def month_at(c: Context, k: int, cut: int = 0) -> tuple[int, int, bool] | None:
    """A month's name at ``k``, behind ``cut`` letters: its number, the token behind it, and whether it is Hijri."""
    w = c.w
    first = w[k][cut:]
    if first not in cal.month_starts():
        return None  # nearly every word: the tables need not be asked
    for table, is_hijri in ((cal.months(), False), (cal.hijri_months(), True)):
        for size in (2, 1):
            number = table.get((first, *w[k + 1 : k + size]))
            if number is None:
                continue
            past = k + size
            # آذار/مارس, يوليو (تموز), كانون الثاني - يناير, مارس آذار: both names of one month
            if not is_hijri:
                sign = w[past] in ("/", "(", "-", "–")
                other = next((n for n in (2, 1) if table.get(tuple(w[past + sign : past + sign + n])) == number), 0)
                if other:
                    closes = w[past] == "(" and w[past + 1 + other] == ")"
                    past += sign + other + closes
            return number, past, is_hijri
    return None


def _ordinal_day(c: Context, i: int) -> tuple[int, int] | None:
    """«الثاني عشر من» as a day's number, and the token behind it."""
    w = c.w
    value = cal.ordinals().get(w[i]) or {"الحادي": 1, "الواحد": 1}.get(w[i])
    if value is None:
        value = {"العشرين": 20, "العشرون": 20, "الثلاثين": 30, "الثلاثون": 30}.get(w[i])
        return (value, i + 1) if value else None
    tail = {"عشر": 10, "والعشرين": 20, "والعشرون": 20, "والثلاثين": 30, "والثلاثون": 30}.get(w[i + 1])
    return (tail + value, i + 2) if tail else (value, i + 1)


def year_behind(c: Context, k: int, *, is_hijri: bool) -> tuple[int | None, int, int]:
    """A year, or الماضي/المقبل/الجاري, behind a month: (year, direction, token behind)."""
    w, lex = c.w, c.lex
    direction = {-1: _LAST, 1: _NEXT, 0: _PRESENT, None: None}[lex.shift(w[k])]
    if direction is not None:
        return None, direction, k + 1
    j = k + (w[k] == "من")
    if w[j] in ("العام", "السنه") and w[j + 1] in _SAME:
        return 0, _AS_USUAL, j + 2  # «يوليو من العام نفسه»: of a year that is told of
    j = k
    if w[j] in ("،", "من", "/", "-") and (w[j + 1] in lex.year_words or w[j + 1] == "هذا" or len(w[j + 1]) == 4):
        j += 1
    if is_hijri and w[j] == "هذا" and w[j + 1] == "العام":
        return None, _PRESENT, j + 2
    if w[j] == "هذا" and w[j + 1] == "العام" and c.anchor:
        return c.anchor.year, _AS_USUAL, j + 2
    if w[j] in lex.year_words:
        shift = lex.shift(w[j + 1])
        if shift is not None:
            return (c.anchor.year + shift, _AS_USUAL, j + 2) if c.anchor else (0, _AS_USUAL, j + 2)
        j += 1
    word = w[j]
    if word.isdecimal() and len(word) == 4 and (1300 <= int(word) <= 1600 if is_hijri else 1000 <= int(word) <= 2200):
        past = j + 1
        if w[past] in ("م", "ه", "هجري", "هجريه"):
            past += 1
        return int(word), _AS_USUAL, past
    return None, _AS_USUAL, k


def _by_tense(c: Context, i: int, past: int) -> int:
    """The direction that the clause's verb gives to a month without a year."""
    follow = c.w[past + 1] if c.w[past] in ("حين", "عندما", "بعدما", "حيث", "لما") else c.w[past]
    if follow in c.lex.past_signs or any(word in c.lex.past_signs for word in c.w[max(i - 3, 0) : i]):
        return _LOOKS_BACK
    return {1: _LOOKS_AHEAD, -1: _FAR_BACK, 0: _AS_USUAL}[c.tense(i)]


def _month_behind(c: Context, k: int, *, linked: bool, i: int) -> tuple[int, int | None, int, int, bool] | None:
    """The month of a day's number: (month, year, direction, token behind, is Hijri)."""
    w, anchor = c.w, c.anchor
    month = month_at(c, k)
    if month is not None:
        year, direction, past = year_behind(c, month[1], is_hijri=month[2])
        if year is None and direction == _AS_USUAL:
            direction = _by_tense(c, i, past)
        return month[0], year, direction, past, month[2]
    # «15 من الشهر الجاري»، «في 15 الجاري»
    named = w[k] == "الشهر"
    shift = c.lex.shift(w[k + named])
    if shift is None or not ((named and linked) or (shift == 0 and w[k] in ("الجاري", "الحالي"))):
        return None
    if anchor is None:
        return 1, 0, _AS_USUAL, k + named + 1, False
    year, month_number = divmod(anchor.year * 12 + anchor.month - 1 + shift, 12)
    return month_number + 1, year, _PRESENT, k + named + 1, False


def read_month_day(c: Context, i: int, weekday: int | None = None) -> Reading | None:
    """«22 آذار/مارس 2024»، «12 أبريل الجاري»، «الأول من مايو»، «12 رمضان 1445هـ», and days in a list."""
    w = c.w
    word = w[i]
    if w[i - 1] in _NUMBERED:
        return None  # «الأسبوع الأول من أبريل»
    by_digits = word.isdecimal() and len(word) <= 2
    if by_digits:
        number, k = int(word), i + 1
    else:
        ordinal = _ordinal_day(c, i)
        if ordinal is None:
            return None
        number, k = ordinal
    until, listed = 0, 0
    if by_digits and w[k] in ("-", "–", "/", "و", "،", "الي"):
        is_list = w[k] in ("و", "،")
        while w[k] in ("و", "،") and _is_day(w[k + 1]) and listed < _LONGEST_LIST:
            k, listed = k + 2, k  # 10 و11 أبريل: the month is of all
        if not is_list:
            if not _is_day(w[k + 1]):
                return None
            until, k = int(w[k + 1]), k + 2  # 3-5 مارس
    linked = w[k] in ("من", "شهر", "ل")
    while w[k] in ("من", "شهر", "ل"):
        k += 1
    found = _month_behind(c, k, linked=linked, i=i)
    if found is None or (not by_digits and not linked) or not 1 <= number <= 31:
        return None  # تشرين الثاني is read as a month, «الثاني تشرين» is nothing
    month, year, direction, past, is_hijri = found
    if is_hijri and month == _SAFAR and year is None and direction in _OPEN and not linked:
        return None  # «3 صفر»: a score
    before = w[i - 1].removeprefix("ل").removeprefix("و").removeprefix("ب")
    if before in c.lex.month_names_after and year is None and direction in _OPEN:
        return None
    if listed:
        past = i + 1
    if before in c.lex.month_events_after and year is None and direction in _OPEN and not weekday:
        return Reading(past, UNRESOLVED)
    first = _value(c, is_hijri, year, month, number, direction, weekday)
    if not until:
        return Reading(past, first)
    return Reading(past, between(first, _value(c, is_hijri, year, month, until, direction, None)), kind="range")


def _is_day(word: str) -> bool:
    return word.isdecimal() and len(word) <= 2 and 1 <= int(word) <= 31


def _value(
    c: Context, is_hijri: bool, year: int | None, month: int, day: int, direction: int, weekday: int | None
) -> Value:
    if year == 0:  # «من الشهر الجاري» of an unknown day
        return UNRESOLVED
    if is_hijri:
        return hijri_day(year, month, day, weekday, c.anchor, direction)
    return day_of(year, month, day, c.anchor, direction, weekday)


def read_month(c: Context, i: int, cut: int) -> Reading | None:
    """A month alone: «آذار الماضي»، «في مارس 2024»، «شهر رمضان»، «شهري يناير وفبراير»."""
    t, w, lex = c.tokens, c.w, c.lex
    stem = w[i][cut:]
    named = stem in ("شهر", "شهري")
    month = month_at(c, i + named, 0 if named else cut)
    if month is None or (w[i - 1] == "دي" and not named):  # دي مايو: a name
        return None
    if w[i - 1].isdecimal() and w[i - 2] in lex.month_names_after:
        return None  # «قوى 14 آذار»
    m, past, is_hijri = month
    year, direction, after = year_behind(c, past, is_hijri=is_hijri)
    if year == 0:
        return Reading(after, UNRESOLVED)
    if stem == "شهري" and w[after][:1] == "و":
        return _two_months(c, m, after)
    if not (named or year is not None or direction != _AS_USUAL or past - i > 1 + is_hijri):
        name, before = stem if past == i + 1 else w[past - 1], w[i - 1]
        if is_hijri:
            if cut or name != "رمضان" or before not in lex.before_month | {"قبل", "بعد", "وفي"}:
                return None
        elif name in lex.strict_months or (cut and name in lex.ambiguous_months):
            return None
        elif name in lex.ambiguous_months:
            surface = t.body[t.start[past - 1] : t.end[past - 1]]
            # أب: a father; آب: the month
            if before not in lex.before_month or (name == "اب" and "آ" not in surface and "ٱ" not in surface):
                return None
        elif w[past] == "كلينيك":
            return None
    if is_hijri:
        return Reading(after, hijri_month(year, m, c.anchor, direction), kind="range")
    if year is None and direction == _AS_USUAL:
        direction = _by_tense(c, i, after)
    return Reading(after, month_of(year, m, c.anchor, direction))


def _two_months(c: Context, first: int, k: int) -> Reading | None:
    """«شهري يناير وفبراير»: one stretch where they follow each other."""
    w = c.w
    j = k + 1 if w[k] == "و" else k
    second = cal.months().get((w[k][1:],)) if j == k else None
    past = k + 1
    if second is None and j > k:
        found = month_at(c, j)
        if found is not None:
            second, past = found[0], found[1]
    if second is None:
        return None
    year, direction, past = year_behind(c, past, is_hijri=False)
    last = month_of(year, second, c.anchor, direction)
    if second != first + 1 or last.value is None:
        return Reading(past, UNRESOLVED, kind="range")
    return Reading(past, between(Value(f"{last.value[:4]}-{first:02}", last.basis), last), kind="range")


def same_year(c: Context, first: Reading, last: Reading, k: int) -> Value:
    """The beginning of an interval whose end alone has a year: «من 5 مارس إلى 10 أبريل 2019»."""
    a, b = first.value.value, last.value.value
    if a is None or b is None or len(a) != len(b) or len(a) < 7 or last.value.basis != "explicit":
        return first.value
    if first.value.basis == "explicit":
        return first.value
    year = int(b[:4]) - (a[5:] > b[5:])
    month, day = int(a[5:7]), int(a[8:]) if len(a) > 7 else 0
    return day_of(year, month, day, None, 0, None) if day else month_of(year, month, None, 0)


def read_first_of(c: Context, i: int) -> Reading | None:
    """«أول مايو»: its first day."""
    month = month_at(c, i + 1)
    if month is None or month[2]:
        return None
    year, direction, past = year_behind(c, month[1], is_hijri=False)
    return Reading(past, day_of(year, month[0], 1, c.anchor, direction, None) if year != 0 else UNRESOLVED)
