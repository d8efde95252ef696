"""Numbers as Arabic news writes them: digits of three scripts, words, duals, and «المئات».

Words follow the grammar of the numerals: units stand before tens («ثلاثة وعشرون»), a unit before مئة
or ألف multiplies it («خمس مئة»، «ثلاثة آلاف»), و joins the groups from the largest to the smallest
(«ألفان وخمسمئة»). What does not follow it is not joined: «خمسة وستة» are two numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from marsad.extract.digits import digits_value
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


def _table(forms: dict[int, str]) -> dict[str, int]:
    return {fold(w): n for n, listed in forms.items() for w in listed.split()}


_UNITS = _table({
    1: "واحد واحدة واحدا أحد إحدى", 2: "اثنان اثنين اثنتان اثنتين إثنان إثنين إثنتان إثنتين", 3: "ثلاثة ثلاث ثلاثا",
    4: "أربعة أربع أربعا", 5: "خمسة خمس خمسا", 6: "ستة ست ستا", 7: "سبعة سبع سبعا", 8: "ثمانية ثماني ثمان ثمانيا",
    9: "تسعة تسع تسعا", 10: "عشرة عشر عشرا",
})  # fmt: skip
_TENS = _table({
    20: "عشرون عشرين", 30: "ثلاثون ثلاثين", 40: "أربعون أربعين", 50: "خمسون خمسين", 60: "ستون ستين",
    70: "سبعون سبعين", 80: "ثمانون ثمانين", 90: "تسعون تسعين",
})  # fmt: skip
_TEEN_UNITS = _table({
    1: "أحد إحدى", 2: "اثنا اثني اثنتا اثنتي إثنا إثني", 3: "ثلاثة ثلاث", 4: "أربعة أربع", 5: "خمسة خمس", 6: "ستة ست",
    7: "سبعة سبع", 8: "ثمانية ثماني ثمان", 9: "تسعة تسع",
})  # fmt: skip
_TEEN_TAILS = frozenset({"عشر", "عشره"})
_HUNDRED = frozenset(fold(w) for w in ["مئة", "مائة", "مئه", "مية", "ميه"])
_HUNDREDS = dict.fromkeys(_HUNDRED, 100) | {
    fold(w): 200 for w in ["مئتان", "مئتين", "مائتان", "مائتين", "مئتا", "مئتي", "مائتا", "مائتي", "ميتين"]
}
for _n, _stem in ((3, "ثلاث"), (4, "أربع"), (5, "خمس"), (6, "ست"), (7, "سبع"), (8, "ثمان"), (8, "ثماني"), (9, "تسع")):
    for _ending in ("مئة", "مائة", "مية"):
        _HUNDREDS[fold(_stem + _ending)] = _n * 100
_PLAIN_SCALES = _table({
    1_000: "ألف ألفا آلاف", 1_000_000: "مليون مليونا ملايين", 10**9: "مليار مليارا مليارات بليون بليونا بلايين",
    10**12: "تريليون تريليونا تريليونات ترليون",
})  # fmt: skip
_DUAL_SCALES = _table({
    1_000: "ألفان ألفين ألفا ألفي", 1_000_000: "مليونان مليونين مليونا مليوني",
    10**9: "ملياران مليارين مليارا ملياري", 10**12: "تريليونان تريليونين تريليوني",
})  # fmt: skip
_SCALES = {**_PLAIN_SCALES, **_DUAL_SCALES}
_ONLY_DUAL = frozenset(w for w in _DUAL_SCALES if w.endswith(("ان", "ين")))
"""Never behind a number: «20 مليونا» is twenty million, «20 مليونين» is nothing."""
_VAGUE = {
    fold(w): low
    for low, listed in {
        10.0: "عشرات العشرات", 100.0: "مئات المئات مائات المائات", 1e3: "ألوف الألوف آلاف الآلاف",
        1e6: "ملايين الملايين", 1e9: "مليارات المليارات",
    }.items()
    for w in listed.split()
}  # fmt: skip
_MOST_SCALES = 3
_SOME = frozenset({"بضع", "بضعه", "عده"})
_FRACTIONS = {"نصف": 0.5, "ربع": 0.25, "ثلث": 1 / 3}
_ZERO = fold("صفر")

NUMBER_WORDS = frozenset({*_UNITS, *_TENS, *_TEEN_UNITS, *_HUNDREDS, *_SCALES, *_VAGUE, *_SOME, *_FRACTIONS, _ZERO})
"""Every folded word that a number may begin with, without conjunction or preposition."""
_DEFINITE = {"ال" + w: n for w, n in _UNITS.items() if 2 <= n <= 10} | {
    "ال" + w: n for w, n in (*_TENS.items(), *_HUNDREDS.items())
}


def definite_value(word: str) -> int | None:
    """The value of a number word with the article: «الأربعة» (not the ordinal «الرابعة»)."""
    return _DEFINITE.get(word)


def scale_of(word: str) -> int | None:
    """What a folded word multiplies a number before it by: «ألف»، «ملايين»."""
    return None if word in _ONLY_DUAL else _SCALES.get(word)


def read_number(tokens: Tokens, i: int, *, strip: bool = True, point: str | None = None) -> Number | None:
    """The number that begins at token ``i``, or None.

    Args:
        strip: allow a conjunction or preposition on the first word («بثلاثة»، «وخمسة»).
        point: as for :func:`digits_value`.
    """
    word = tokens.at(i)
    if is_number(word):
        return _digits(tokens, i, point)
    if word in NUMBER_WORDS:
        return _worded(tokens, i, 0, word)
    if strip and len(word) > 3 and word[0] in "وبلف":
        if word[1:] in NUMBER_WORDS:
            return _worded(tokens, i, 1, word[1:])
        if word[0] in "وف" and word[1] in "بل" and word[2:] in NUMBER_WORDS and len(word) > 4:
            return _worded(tokens, i, 2, word[2:])
        if word.startswith("لل") and "ال" + word[2:] in _VAGUE:  # «للمئات»
            return _worded(tokens, i, 0, "ال" + word[2:])
    return None


def _worded(tokens: Tokens, i: int, cut: int, stem: str) -> Number | None:
    start = tokens.inside(i, cut) if cut else tokens.start[i]
    if stem in _SOME:
        k = i + 1  # بضعة آلاف, عدة مئات
        if tokens.at(k) in _VAGUE:
            return _vague(tokens, i, k, start, tokens.at(k))
        return None
    if stem in _FRACTIONS:
        size = _PLAIN_SCALES.get(tokens.at(i + 1).removeprefix("ال"))
        if size is None:
            return None
        return Number(i, i + 2, start, size * _FRACTIONS[stem], is_words=True, ends_in_scale=True)
    if stem in _VAGUE:
        return _vague(tokens, i, i, start, stem)
    if stem == _ZERO:
        return Number(i, i + 1, start, 0.0, is_words=True)
    return _words(tokens, i, start, stem)


def _vague(tokens: Tokens, i: int, k: int, start: int, stem: str) -> Number:
    """«مئات»، «عشرات الآلاف»: no value, a lower bound."""
    low, past = _VAGUE[stem], k + 1
    behind = tokens.at(past)
    scale = _PLAIN_SCALES.get(behind) or _PLAIN_SCALES.get(behind.removeprefix("ال"))
    if (scale is not None and scale > low) or (
        scale is not None and stem.removeprefix("ال") in ("عشرات", "مئات", "الاف")
    ):
        low, past = low * scale, past + 1
    return Number(i, past, start, None, low, is_vague=True, is_words=True)


def _digits(tokens: Tokens, i: int, point: str | None) -> Number | None:
    one = _scaled(tokens, i, point)
    if one is None:
        return None
    value, past, size = one
    is_scaled = size > 0
    while size:  # «3 ملايين و200 ألف»: each is smaller than the one before, so they are few
        rest = _rest(tokens, past, size, point)
        if rest is None:
            break
        value, past, size = value + rest[0], rest[1], rest[2]
        if not size:
            return Number(i, past, tokens.start[i], value)
    if is_scaled:
        value, past = _and_a_half(tokens, past, value, size)
    return Number(i, past, tokens.start[i], value, ends_in_scale=is_scaled)


def _scaled(tokens: Tokens, i: int, point: str | None) -> tuple[float, int, int] | None:
    """Digits with the scales behind them: the value, the token behind, the last scale (0 where there is none)."""
    text = tokens.at(i)
    value = digits_value(text, point)
    if value is None:
        return None
    past, size = i + 1, 0
    follow = scale_of(tokens.at(past))
    # «38 ألفا»، «3,5 ملايين»: a scale after digits multiplies; «2.500 مليون» then was a decimal
    while follow is not None and past - i <= _MOST_SCALES:
        if not size and follow >= 1_000_000 and text.count(".") == 1 and "," not in text and "٫" not in text:
            value = float(text.replace("٬", ""))
        value, size, past = value * follow, follow, past + 1
        follow = scale_of(tokens.at(past))
    return value, past, size


def _rest(tokens: Tokens, k: int, size: int, point: str | None) -> tuple[float, int, int] | None:
    """«و200 ألف» behind a scale: what is added, the token behind, its scale."""
    if tokens.at(k) != "و" or not is_number(tokens.at(k + 1)):
        return None
    rest = _scaled(tokens, k + 1, point)
    if rest is None or rest[0] >= size or not (rest[2] or size == 1000):
        return None
    return rest


def _and_a_half(tokens: Tokens, past: int, value: float, size: int) -> tuple[float, int]:
    """«مليون ونصف»، «مليونين ونصف المليون»."""
    share = {"ونصف": 0.5, "وربع": 0.25}.get(tokens.at(past))
    if share is None:
        return value, past
    past += 1
    if _PLAIN_SCALES.get(tokens.at(past).removeprefix("ال")) == size:
        past += 1
    return value + share * size, past


def _small(tokens: Tokens, k: int, word: str) -> tuple[int, int] | None:
    """A number below a hundred at ``k``: its value and the token behind."""
    follow = tokens.at(k + 1)
    if word in _TEEN_UNITS and follow in _TEEN_TAILS:
        return 10 + _TEEN_UNITS[word], k + 2
    if word in _TENS:
        return _TENS[word], k + 1
    value = _UNITS.get(word)
    if value is None:
        return None
    if value < 10 and follow[:1] == "و" and follow[1:] in _TENS:
        return value + _TENS[follow[1:]], k + 2
    # «أحد المسؤولين»: one of them, no number
    return None if word in ("احد", "احدي") else (value, k + 1)


def _group(tokens: Tokens, k: int, word: str) -> tuple[int, int] | None:
    """A number below a thousand at ``k``."""
    if word in _HUNDREDS:
        value, past = _HUNDREDS[word], k + 1
    else:
        small = _small(tokens, k, word)
        if small is None:
            return None
        value, past = small
        if not (3 <= value <= 9 and past == k + 1 and tokens.at(past) in _HUNDRED):
            return small
        value, past = value * 100, past + 1
    follow = tokens.at(past)
    if follow[:1] == "و" and len(follow) > 2:
        rest = _small(tokens, past, follow[1:])
        if rest is not None:
            return value + rest[0], rest[1]
    return value, past


def _words(tokens: Tokens, i: int, start: int, stem: str) -> Number | None:
    total, smallest, k, word, scaled = 0, 10**15, i, stem, False
    size = 0
    while True:
        group = _group(tokens, k, word)
        if group is not None:
            value, past = group
            scale = scale_of(tokens.at(past)) if tokens.at(past) not in ("الفي", "مليوني", "ملياري") else None
            if scale is not None and scale < smallest:
                # «خمسة آلاف ألف» is not said
                total, smallest, k, scaled, size = total + value * scale, scale, past + 1, True, scale
            elif scale is None or scale >= smallest:
                if value >= smallest:
                    break
                total, k, scaled = total + value, past, False
                return Number(i, k, start, float(total), is_words=True)
        else:
            known = _SCALES.get(word)
            if known is None or known >= smallest:
                break
            # «مليونا دولار» is two million, «مليونا و200 ألف» and «مليونا ونصف» one and more
            is_one = word.endswith("ا") and tokens.at(k + 1)[:1] == "و"
            total += known * (2 if word in _DUAL_SCALES and not is_one else 1)
            smallest, k, scaled, size = known, k + 1, True, known
        follow = tokens.at(k)
        if follow in ("ونصف", "وربع"):
            amount, k = _and_a_half(tokens, k, float(total), size)
            return Number(i, k, start, amount, is_words=True, ends_in_scale=True)
        if follow == "و" and is_number(tokens.at(k + 1)):
            rest = _digits(tokens, k + 1, None)  # مليون و200 ألف
            if (
                rest is not None
                and rest.value is not None
                and rest.value < size
                and (rest.ends_in_scale or size == 1000)
            ):
                return Number(i, rest.past, start, total + rest.value, is_words=True, ends_in_scale=rest.ends_in_scale)
            break
        if follow[:1] != "و" or len(follow) < 3 or follow[1:] not in NUMBER_WORDS or follow[1:] in _VAGUE:
            break
        word = follow[1:]
        # a smaller group may follow; else it is another number
        ahead = _group(tokens, k, word)
        if ahead is None and _SCALES.get(word, smallest) >= smallest:
            break
        if ahead is not None and (scale_of(tokens.at(ahead[1])) or 1) >= smallest:
            break
    return Number(i, k, start, float(total), is_words=True, ends_in_scale=scaled) if k > i else None
