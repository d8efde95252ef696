"""Numbers as Arabic news writes them: digits of three scripts, words, duals, and «المئات».

Words follow the grammar of the classical numerals: units stand before tens («ثلاثة وعشرون»), a unit
before مئة or ألف multiplies it («خمس مئة»، «ثلاثة آلاف»), و joins the groups («ألفان وخمسمئة»).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from marsad.extract.tokens import Tokens, fold, is_number


@dataclass(frozen=True, slots=True)
class Number:
    """A number at tokens ``[first, past)``; ``start`` leaves out a conjunction or preposition."""

    first: int
    past: int
    start: int
    value: float | None
    low: float | None = None
    is_vague: bool = False
    is_words: bool = False
    ends_in_scale: bool = False


_UNITS = {
    1: "واحد واحدة", 2: "اثنان اثنين اثنتان اثنتين إثنان إثنين", 3: "ثلاثة ثلاث", 4: "أربعة أربع", 5: "خمسة خمس",
    6: "ستة ست", 7: "سبعة سبع", 8: "ثمانية ثماني ثمان", 9: "تسعة تسع", 10: "عشرة عشر",
    20: "عشرون عشرين", 30: "ثلاثون ثلاثين", 40: "أربعون أربعين", 50: "خمسون خمسين", 60: "ستون ستين",
    70: "سبعون سبعين", 80: "ثمانون ثمانين", 90: "تسعون تسعين",
}  # fmt: skip
_TEEN_UNITS = {
    1: "أحد إحدى", 2: "اثنا اثني اثنتا اثنتي", 3: "ثلاثة ثلاث", 4: "أربعة أربع", 5: "خمسة خمس", 6: "ستة ست",
    7: "سبعة سبع", 8: "ثمانية ثماني", 9: "تسعة تسع",
}  # fmt: skip
_HUNDRED = "مئة مائة مئه مية"
_SCALES = {
    1_000: ("ألف ألفا آلاف", "ألفان ألفين ألفا ألفي"),
    1_000_000: ("مليون مليونا ملايين", "مليونان مليونين مليونا مليوني"),
    1_000_000_000: ("مليار مليارا مليارات بليون بلايين", "ملياران مليارين مليارا ملياري"),
    1_000_000_000_000: ("تريليون تريليونا تريليونات", "تريليونان تريليونين تريليوني"),
}
_VAGUE = {
    "عشرات": 10.0, "العشرات": 10.0, "مئات": 100.0, "المئات": 100.0, "مائات": 100.0,
    "ألوف": 1e3, "آلاف": 1e3, "الآلاف": 1e3,
    "ملايين": 1e6, "الملايين": 1e6, "مليارات": 1e9, "المليارات": 1e9,
}  # fmt: skip


@cache
def _units() -> dict[str, int]:
    return {fold(w): n for n, forms in _UNITS.items() for w in forms.split()}


@cache
def _teens() -> dict[str, int]:
    return {fold(w): n for n, forms in _TEEN_UNITS.items() for w in forms.split()}


@cache
def _hundreds() -> dict[str, int]:
    found = {fold(w): 100 for w in _HUNDRED.split()}
    found |= {fold(w): 200 for w in ["مئتان", "مئتين", "مائتان", "مائتين", "مئتا", "مئتي", "مائتا", "مائتي"]}
    for n, stem in ((3, "ثلاث"), (4, "أربع"), (5, "خمس"), (6, "ست"), (7, "سبع"), (8, "ثمان"), (8, "ثماني"), (9, "تسع")):
        for ending in ("مئة", "مائة"):
            found[fold(stem + ending)] = n * 100
    return found


@cache
def _scales() -> dict[str, tuple[int, bool]]:
    """A scale word: its size, and whether it is a dual. «مليونا» is dual before a noun, else accusative."""
    found: dict[str, tuple[int, bool]] = {}
    for size, (plain, dual) in _SCALES.items():
        found |= {fold(w): (size, False) for w in plain.split()}
        found |= {fold(w): (size, True) for w in dual.split()}
    return found


@cache
def _vague() -> dict[str, float]:
    return {fold(w): low for w, low in _VAGUE.items()}


def definite_value(word: str) -> int | None:
    """The value of a number word with the article, three to ten: «الأربعة» (not the ordinal «الرابعة»)."""
    if not word.startswith("ال"):
        return None
    value = _units().get(word[2:])
    return value if value is not None and 2 <= value <= 10 else None


def digits_value(text: str) -> float | None:
    """The value of digits with separators, or None where they are no number (a date, an address).

    «3,5» and «3٫5» are decimals; «3,500» and «3٬500» are thousands; so is «3.500», which the
    Maghreb writes, unless the whole part is 0.
    """
    plain = fold(text).replace("٫", ".").replace("٬", ",")
    parts = plain.replace(",", ".").split(".")
    if len(parts) == 1:
        return float(plain) if len(plain) <= 15 else None
    grouped = all(len(p) == 3 for p in parts[1:]) and 1 <= len(parts[0]) <= 3 and parts[0].strip("0") != ""
    if len(parts) == 2 and not grouped:
        return float(f"{parts[0]}.{parts[1]}") if len(plain) <= 15 else None
    if not grouped:
        whole = plain.rsplit(".", 1)
        if len(whole) == 2 and "," in whole[0] and "." not in whole[0] and len(plain) <= 20:
            return float(whole[0].replace(",", "") + "." + whole[1])  # 1,250,000.75
        return None
    return float("".join(parts)) if len(plain) <= 20 else None


def read_number(tokens: Tokens, i: int, *, strip: bool = True) -> Number | None:
    """The number that begins at token ``i``, or None.

    Args:
        strip: allow a conjunction or preposition on the first word («بثلاثة»، «وخمسة»).
    """
    word = tokens.at(i)
    if is_number(word):
        return _digits(tokens, i)
    for cut, stem in ((0, word), *(((1, word[1:]),) if strip and len(word) > 3 and word[0] in "وبلفك" else ())):
        if stem in _vague() and ((stem != "الاف" and stem != "ملايين") or cut == 0):
            low, past = _vague()[stem], i + 1
            scale = tokens.at(past).removeprefix("ال")
            if scale in _scales() and not _scales()[scale][1]:
                low, past = low * _scales()[scale][0], past + 1
            return Number(i, past, tokens.inside(i, cut), None, low, is_vague=True, is_words=True)
        if stem in ("نصف", "ربع"):
            size = _scales().get(tokens.at(i + 1).removeprefix("ال"))
            if size is not None and not size[1]:
                value = size[0] * (0.5 if stem == "نصف" else 0.25)
                return Number(i, i + 2, tokens.inside(i, cut), value, is_words=True, ends_in_scale=True)
        if stem in _units() or stem in _hundreds() or stem in _scales() or stem in _teens():
            return _words(tokens, i, cut, stem)
    return None


def _digits(tokens: Tokens, i: int) -> Number | None:
    value = digits_value(tokens.at(i))
    if value is None:
        return None
    past, scaled = i + 1, False
    follow = _scales().get(tokens.at(past))
    # «38 ألفا»، «3,5 ملايين»: a scale after digits multiplies; «2.500 مليون» then was a decimal
    while follow is not None and not (follow[1] and tokens.at(past).endswith(("ان", "ين"))):
        if not scaled and "." in tokens.at(i) and follow[0] >= 1_000_000:
            value = (
                float(fold(tokens.at(i)).replace(",", "").replace("٬", "")) if tokens.at(i).count(".") == 1 else value
            )
        value *= follow[0]
        past, scaled = past + 1, True
        follow = _scales().get(tokens.at(past))
    if scaled and tokens.at(past) == "و" and is_number(tokens.at(past + 1)):
        rest = _digits(tokens, past + 1)  # 3 ملايين و200 ألف
        if rest is not None and rest.value is not None and rest.value < value:
            return Number(i, rest.past, tokens.start[i], value + rest.value, ends_in_scale=rest.ends_in_scale)
    if scaled and tokens.at(past) == "ونصف":
        step = _scales()[tokens.at(past - 1)][0]
        return Number(i, past + 1, tokens.start[i], value + step / 2, ends_in_scale=True)
    return Number(i, past, tokens.start[i], value, ends_in_scale=scaled)


def _words(tokens: Tokens, i: int, cut: int, stem: str) -> Number | None:
    total, group, k = 0.0, 0.0, i
    word, scaled, used = stem, False, 0
    smallest = float("inf")
    while True:
        following = tokens.at(k + 1)
        if word in _teens() and following in ("عشر", "عشره") and _teens()[word] < 10 and group % 100 == 0:
            group += 10 + _teens()[word]
            k += 1
        elif word in _units():
            group += _units()[word]
        elif word in _hundreds():
            n = _hundreds()[word]
            group = group * 100 if n == 100 and 3 <= group <= 9 else group + n
        elif word in _scales():
            size, dual = _scales()[word]
            if size >= smallest:
                break
            alone = group == 0
            # مليونا دولار is two million; 20 مليونا is twenty
            factor = 2 if dual and alone else (group or 1)
            if alone and not dual and word in _vague() and not used:
                return None
            total += factor * size
            group, smallest, scaled = 0.0, size, True
        else:
            break
        used += 1
        k += 1
        word = tokens.at(k)
        if word in _scales() and group:
            continue
        if word in _hundreds() and 3 <= group <= 9 and _hundreds()[word] == 100:
            continue
        if word in ("ونصف", "وربع") and scaled and group == 0:
            total += smallest * (0.5 if word == "ونصف" else 0.25)
            k += 1
            break
        if word[:1] == "و" and len(word) > 3:
            joined = word[1:]
            small = (
                joined in _units()
                and (group % 10 == 0 or _units()[joined] >= 20)
                and not _clash(group, _units()[joined])
            )
            if (
                small
                or (joined in _hundreds() and group == 0 and scaled)
                or (joined in _scales() and scaled and group == 0)
            ):
                word = joined
                continue
            if joined in _teens() and tokens.at(k + 1) in ("عشر", "عشره") and group % 100 == 0:
                word = joined
                continue
        scaled = scaled and group == 0
        break
    if not used:
        return None
    return Number(i, k, tokens.inside(i, cut), total + group, is_words=True, ends_in_scale=scaled)


def _clash(group: float, following: int) -> bool:
    """Whether a joined unit cannot belong to the same number: «خمسة وستة», «عشرون وثلاثة» are two."""
    last = group % 100
    if last == 0:
        return False
    return not (last < 10 and following >= 20)
