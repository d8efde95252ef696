"""Amounts of time: «ثلاثة أيام»، «عام ونصف»، «سنتين وثلاثة أشهر»، «أكثر من 42 دقيقة»."""

from __future__ import annotations

from marsad.extract import calendar as cal
from marsad.extract.context import Context
from marsad.extract.numerals import definite_value, read_number, scale_of
from marsad.extract.resolve import UNRESOLVED, Reading, Value, duration, relative
from marsad.extract.tokens import is_number, is_word

Amount = tuple[list[tuple[str, float]], int]
"""Counts of units in falling order, and the token behind."""
_AFTER_UNIT = frozenset({"من", "علي", "كامل", "كامله", "في", "او", "فقط", "واحد", "واحده", "بعد", "و", "الي", "تقريبا"})
_JOINERS = frozenset({"الي", "-", "–", "او"})
_OFFICES = frozenset({"العام", "عام"})


def about(c: Context, k: int) -> tuple[int, bool]:
    """Behind «نحو» or «أكثر من»: the token, and whether it was a bound."""
    if c.w[k] in c.lex.about:
        return k + 1, False
    for phrase in cal.phrases("bounds"):
        if c.begins(k, phrase):
            return k + len(phrase), True
    return k, False


def as_duration(parts: list[tuple[str, float]]) -> Value:
    value = duration(parts)
    return Value(value, "explicit") if value else UNRESOLVED


def amount_at(c: Context, k: int, cut: int = 0) -> Amount | None:
    """Counts and units of time at ``k``: «ثلاثة أيام»، «عام ونصف»، «سنتين وثلاثة أشهر»; and the token behind."""
    one = _single(c, k, cut)
    if one is None:
        return None
    unit, count, past = one
    w = c.w
    if w[past] in ("ونصف", "والنصف"):
        past += 1 + (w[past + 1].removeprefix("ال") in cal.units())
        return [(unit, count + 0.5)], past
    if w[past] == "وربع":
        return [(unit, count + 0.25)], past + 1
    parts = [(unit, count)]
    order = ("Y", "Mo", "W", "D", "H", "M", "S")
    while len(parts) < 4 and w[past][0] == "و" and parts[-1][0] in order:
        joined = w[past] == "و"
        rest = _single(c, past + joined, 0 if joined else 1)
        if rest is None or rest[0] not in order or order.index(rest[0]) <= order.index(parts[-1][0]):
            break
        parts.append((rest[0], rest[1]))
        past = rest[2]
    return parts, past


def _single(c: Context, k: int, cut: int) -> tuple[str, float, int] | None:
    w = c.w
    word = w[k][cut:]
    unit = cal.units().get(word)
    if unit is not None and unit[1] is not None:
        if unit[0] == "Y" and ((w[k + 1].isdecimal() and len(w[k + 1]) >= 3) or w[k + 1] in ("الف", "الفين")):
            return None  # «منذ عام 1948»
        if unit[1] == 1 and w[k + 1] in ("واحد", "واحده", "واحدا"):
            return unit[0], 1.0, k + 2
        return unit[0], float(unit[1]), k + 1
    if word in ("نصف", "ربع"):
        unit = cal.units().get(w[k + 1].removeprefix("ال"))
        if unit is None or unit[1] != 1:
            return None
        return unit[0], 0.5 if word == "نصف" else 0.25, k + 2
    number = read_number(c.tokens, k, strip=cut > 0)
    if number is None or number.value is None or (cut and number.start == c.tokens.start[k]):
        return None
    past = number.past
    unit = cal.units().get(w[past])
    if unit is not None and unit[0] == "Y" and w[past + 1].isdecimal() and len(w[past + 1]) == 4:
        return None  # «926 ألفا عام 2022»
    if unit is not None and w[past] in ("يوم", "عقد") and (w[past + 1] in cal.weekdays() or w[past + 1][0] == "ا"):
        return None  # «فاز 1 يوم السبت»
    if (
        unit is None
        or unit[1] == 2
        or (unit[0] in ("M", "S") and number.value > 1e6)
        or number.value > 1e11
        or w[past + 1] == "ضوئيه"
    ):
        return None
    return unit[0], number.value, past + 1


def read_duration(c: Context, i: int, cut: int) -> Reading | None:
    """«ثلاثة أيام»، «42 دقيقة»، «يومين»; a bare singular only behind a word that holds time: «لمدة شهر»."""
    w = c.w
    word = w[i][cut:]
    unit = cal.units().get(word)
    if (
        unit is not None
        and unit[1] == 1
        and w[i + 1] not in ("واحد", "واحده", "واحدا", "ونصف", "وربع")
        and (
            w[i - 1] not in c.lex.lasting
            or (w[i - 1] in ("خلال", "وخلال", "طوال", "مدي") and is_word(w[i + 1]) and w[i + 1] not in _AFTER_UNIT)
            or (is_word(w[i + 1]) and w[i + 1].startswith("ال"))
            or (word in _OFFICES and is_number(w[i + 1]))
        )
    ):
        return None
    if unit is not None and (
        unit[1] is None or (w[i - 1] in ("كل", "بشكل", "راي", "مدير", "امين", "نحو") and unit[1] == 1)
    ):
        return None
    if word in ("نصف", "ربع") and w[i + 1].startswith("ال"):
        return None
    between = _range(c, i, cut)
    if between is not None:
        return between
    amount = amount_at(c, i, cut)
    if amount is None or w[i - 1] == "كل" or (w[i - 1] == "الي" and w[i - 3] == "كل"):
        return None
    parts, past = amount
    if w[past] in c.lex.gone:
        return Reading(past + 1, relative(c.anchor, parts[0][0], -parts[0][1]) if len(parts) == 1 else UNRESOLVED)
    return Reading(past, as_duration(parts), kind="duration")


def read_about(c: Context, i: int) -> Reading | None:
    """«أكثر من ثلاثة أيام»، «نحو عشر سنوات»."""
    k, _ = about(c, i)
    if k == i:
        return None
    unit = cal.units().get(c.w[k])
    if unit is not None and unit[1] == 1 and not (c.w[k + 1] in ("واحد", "ونصف") or i + 1 < k):
        return None
    if c.w[k] == "ال" or (c.w[k][0] == "ا" and definite_value(c.w[k]) is not None):
        return None
    amount = amount_at(c, k)
    if amount is None and (is_number(c.w[k]) or is_word(c.w[k])):
        return _range(c, k, 0)
    return Reading(amount[1], as_duration(amount[0]), kind="duration") if amount else None


def _range(c: Context, i: int, cut: int) -> Reading | None:
    """«3-5 سنوات»، «بين 11 و16 عاما»، «من ثلاثة إلى خمسة أيام»: how long, is not one value."""
    w = c.w
    if w[i - 1] == "كل":
        return None
    k = i + (w[i][cut:] in ("بين", "من"))
    if k == i and w[i].isdecimal() and w[i + 1] not in _JOINERS and scale_of(w[i + 1]) is None:
        return None
    first = read_number(c.tokens, k, strip=False)
    if first is None or first.value is None:
        return None
    joiner = w[first.past]
    if k > i and w[i][cut:] == "بين":
        j = first.past + 1 if joiner == "و" else first.past if joiner[0] == "و" else 0
    else:
        j = first.past + 1 if joiner in _JOINERS else 0
    second = read_number(c.tokens, j) if j else None
    if second is None or second.value is None or w[second.past] not in cal.units():
        return None
    follow = w[second.past + 1]
    if (is_number(follow) and len(follow) == 4) or follow in cal.weekdays():
        return None  # «3-1 عام 2003»، «1 - 1 يوم السبت»
    return Reading(second.past + 1, UNRESOLVED, kind="duration")
