"""What happened to those counted, by the words around the number.

The nearest verb before it in the clause decides («اعتقال 11 شخصا»); without one, a plural verb behind the
noun («12 شخصا قتلوا»). An infection is no injury, and what was only attempted did not happen.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from marsad.extract.data import read, words
from marsad.extract.record import QuantityKind
from marsad.extract.tokens import fold, is_number

_CLAUSE_ENDS = frozenset('.؛:؟!()\n;«»"“”')
_BEHIND_ENDS = frozenset(".،؛:؟!()\n;,")
_REACH = 12
"""Words before a number in which its verb is looked for."""
_BEHIND = 4
"""Words behind the noun in which a plural verb is looked for."""
_INFECTION = 9
"""Words behind the counted in which their disease is looked for."""
_TOTAL = 7
_EPIDEMIC = 3
"""Words for a disease that make a text one about it."""


@cache
def _by_word(section: str) -> dict[str, QuantityKind]:
    return {fold(w): cast(QuantityKind, kind) for kind, listed in read("quantities")[section].items() for w in listed}


@cache
def _events() -> dict[str, QuantityKind]:
    """Verbs and verbal nouns before the number; what is of no kind is «people»."""
    found = _by_word("events")
    return {fold(w): "people" for w in read("quantities")["other_events"]} | found  # type: ignore[return-value]


@cache
def _lists() -> tuple[frozenset[str], ...]:
    return tuple(words("quantities", key) for key in ("breaks", "attempts", "homes", "diseases"))


def event_of(word: str) -> tuple[QuantityKind, int] | None:
    """The kind that a folded word before a number says, and the letters of conjunction and preposition before it."""
    events = _events()
    kind = events.get(word)
    if kind is not None:
        return kind, 0
    if len(word) > 3 and word[0] in "وفبل":
        kind = events.get(word[1:])
        if kind is not None:
            return kind, 1
        if word[0] in "وف" and word[1] in "بل":
            kind = events.get(word[2:])
            if kind is not None:
                return kind, 2
    return None


def kind_before(w: list[str], i: int) -> tuple[QuantityKind, int]:
    """What happened to the people counted at ``i``: the kind («people» where nothing is said), and the verb's token."""
    breaks, attempts, homes, _ = _lists()
    commas = 0
    for k in range(i - 1, max(i - _REACH, 0) - 1, -1):
        word = w[k]
        if word in "،,":
            commas += 1
            # «قتل، الأحد، 5 أشخاص»: a pair of commas is an aside
            if commas > 2:
                break
            continue
        if word in _CLAUSE_ENDS or word in breaks or (k < i - 1 and is_number(word)):
            break
        found = event_of(word)
        if found is None:
            continue
        kind, cut = found
        if w[k - 1] in attempts:
            return "people", -1
        if commas == 1:
            break  # «أصيب المدير، 5 أشخاص …»: of another clause
        near = None if w[k - 1].endswith(("هم", "ها")) else event_of(w[k - 1])
        if word[0] == "و" and cut and near is not None and {kind, near[0]} == {"killed", "injured"}:
            return "killed_or_injured", k - 1
        if kind == "displaced" and word.endswith(("اجلاء", "اجلت", "اجلي")) and not homes.intersection(w[i : i + 8]):
            return "people", k
        return kind, k
    return "people", -1


def kind_behind(w: list[str], past: int) -> QuantityKind | None:
    """What a plural verb behind the counted says: «12 شخصا على الأقل قتلوا»."""
    after = _by_word("events_after")
    for k in range(past, past + _BEHIND):
        word = w[k]
        if word in _BEHIND_ENDS or is_number(word):
            return None
        kind = after.get(word)
        if kind is not None:
            return kind
    return None


def counted_before(w: list[str], i: int) -> str | None:
    """The counted that stand before their number: «بلغ عدد القتلى 56»، «ارتفعت حصيلة الضحايا إلى 12»."""
    for k in range(i - 1, max(i - _TOTAL, 0) - 1, -1):
        word = w[k]
        if word in _CLAUSE_ENDS or word == "،" or is_number(word):
            return None
        if word.endswith(("عدد", "حصيله", "اعداد", "اجمالي", "مجموع")) and len(word) < 7:
            return w[k + 1]
    return None


def is_epidemic(words_of_text: list[str]) -> bool:
    """Whether a text is about a disease: then «300 إصابة» and «مصابا» are infections."""
    diseases, seen = _lists()[3], 0
    for word in words_of_text:
        if word in diseases or (word[0] in "بلو" and word[1:] in diseases):
            seen += 1
            if seen == _EPIDEMIC:
                return True
    return False


def is_infection(w: list[str], first: int, past: int) -> bool:
    """Whether it is a disease that hit them: «إصابة 15 شخصا بفيروس كورونا»، «300 إصابة جديدة»."""
    diseases = _lists()[3]
    if w[past] in words("quantities", "new_cases"):
        return True
    for k in range(past, past + _INFECTION):
        word = w[k]
        if word in ".؛\n" or event_of(word) is not None:
            break
        if word in diseases or (word[0] in "بال" and (word[1:] in diseases or "ال" + word[2:] in diseases)):
            return True
    return False


def kind_of(w: list[str], first: int, past: int) -> QuantityKind:
    """What happened to the people at tokens ``[first, past)``."""
    kind, _ = kind_before(w, first)
    if kind in ("injured", "killed_or_injured") and is_infection(w, first, past):
        return "people"
    return kind if kind != "people" else kind_behind(w, past) or "people"
