"""A day as it is written out, in one calendar or in both: «12 رمضان 1445هـ الموافق 22 مارس 2024»."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from marsad.extract.context import Context
from marsad.extract.dates import read_month_day, read_numeric
from marsad.extract.resolve import UNRESOLVED, Reading
from marsad.extract.tokens import is_number

_SAME_DAY = frozenset({"الموافق", "موافق", "الموافقه", "والموافق"})
_CALENDARS_APART = 2
"""Days by which a Hijri date may differ from the Gregorian one beside it: some countries go by the moon they see."""


def read_written(c: Context, i: int, weekday: int | None = None) -> Reading | None:
    """The written day that begins at ``i``; the Gregorian one counts where both are given and agree."""
    first = _one(c, i, weekday)
    if first is None or first.kind != "date":
        return first
    w, k = c.w, first.past
    k += w[k] in ("،", "(")
    if w[k] not in _SAME_DAY:
        return first
    k += 1
    while w[k] in ("ل", "يوم", "ـ"):
        k += 1
    second = _one(c, k, weekday)
    if second is None or second.kind != "date":
        return first
    is_hijri = [_is_hijri(c, a, b) for a, b in ((i, first.past), (k, second.past))]
    if is_hijri[0] == is_hijri[1]:
        return first
    past = second.past + (c.w[first.past] == "(" and c.w[second.past] == ")")
    hijri, civil = (first, second) if is_hijri[0] else (second, first)
    # without the civil day (a weekday contradicts it, no publication day) nothing is put in its place
    days = _apart(hijri, civil)
    value = civil.value if days is None or days <= _CALENDARS_APART else UNRESOLVED
    return replace(civil, past=past, value=value)


def _one(c: Context, i: int, weekday: int | None) -> Reading | None:
    dated = read_month_day(c, i, weekday=weekday)
    return read_numeric(c, i, weekday=weekday) if dated is None and is_number(c.w[i]) else dated


def _is_hijri(c: Context, first: int, past: int) -> bool:
    """Whether the year of a written day is one of the Hijra."""
    words = c.w[first:past]
    if words[-1] in ("ه", "هجري", "هجريه", "للهجره"):
        return True
    return any(word.isdecimal() and len(word) == 4 and 1300 <= int(word) <= 1600 for word in words)


def _apart(hijri: Reading, civil: Reading) -> int | None:
    if hijri.value.value is None or civil.value.value is None:
        return None
    return abs((date.fromisoformat(hijri.value.value) - date.fromisoformat(civil.value.value)).days)
