"""Numbers that count nothing: names («كوفيد-19»), ordinals («الـ80»), scores («2-1»), telephones, versions."""

from __future__ import annotations

from marsad.extract.counted import noun_of
from marsad.extract.currencies import money_words
from marsad.extract.data import words
from marsad.extract.numerals import Number, definite_value, scale_of
from marsad.extract.tokens import Tokens, is_number, is_word

# Words that some pages write onto the number that follows
_GLUED = frozenset(
    {"ب", "ل", "و", "ف", "ك", "ال", "الي", "من", "في", "علي", "نحو", "بين", "عن", "حوالي", "بعد", "اكثر", "مقتل", "قتل"}
)
_NAMED = frozenset({"حركه", "حزب", "فرقه", "مسلسل", "فيلم"})
_LONGEST = 7
"""Digits without a separator beyond which a number is an account or a telephone."""


def is_label(tokens: Tokens, w: list[str], i: int, number: Number) -> bool:
    """Whether the number at token ``i`` is a name, an ordinal, a score or a time."""
    before, behind = w[i - 1], w[number.past]
    glued = tokens.touches(i)
    digits = is_number(w[i])
    if before in words("quantities", "labels") and noun_of(behind) is None:
        return True
    if digits:
        if (len(w[i]) > _LONGEST and w[i].isdecimal()) or (len(w[i]) > 1 and w[i][0] == "0" and w[i].isdecimal()):
            return True
        if glued and before in "-–—:/._#@+*×" and (tokens.touches(i - 1) or before not in "-–—"):
            return True
        if behind in "-–:/×*" and tokens.touches(number.past) and is_number(w[number.past + 1]):
            return behind not in "-–" or _is_score(tokens, w, i, number.past)
        if behind in "-–" and is_number(w[number.past + 1]) and _is_score(tokens, w, i, number.past):
            return True
        if before in "-–" and is_number(w[i - 2]):
            return True  # «1 - 1»: the second half of a score
        if before == "ال":
            noun = noun_of(behind)
            return not (noun is not None and not noun.is_plural)
        if glued and is_word(before):
            return before not in _GLUED and not _is_counting(behind)
        return is_word(behind) and behind.isascii() and tokens.touches(number.past)  # 5G
    if before in _NAMED or (before == ")" and is_number(w[i - 2])):
        return True  # «حركة خمس نجوم»; «(409) ألف طن»
    if scale_of(w[i]) is not None and is_number(before):
        return True
    if scale_of(w[i]) is not None and before.startswith("ال") and definite_value(before) is not None:
        return True  # «السبعمئة مليون»: the greater part stands before
    if number.is_vague or number.ends_in_scale:
        return False
    # «أحد المسؤولين», «ست» (lady): one word alone is a number only before what it counts
    return number.value in (0.0, 1.0) or before in ("الساعه", "رقم")


def _is_counting(word: str) -> bool:
    """Whether a word can only stand behind a count: «قيمته100 مليون دولار»."""
    return scale_of(word) is not None or word in money_words() or word in "%٪" or noun_of(word) is not None


def _is_score(tokens: Tokens, w: list[str], i: int, sign: int) -> bool:
    """«2-1»: small numbers with a hyphen and no noun behind; «20-30 شخصا» is a range."""
    second = w[sign + 1]
    if not (w[i].isdecimal() and second.isdecimal() and len(second) <= _LONGEST):
        return False
    if int(w[i]) >= int(second) or (int(second) > 9 and len(second) > 3):
        return True
    follow = w[sign + 2]
    return not is_word(follow) and follow not in "%٪"
