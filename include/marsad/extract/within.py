"""Numbers within and behind the noun: «قتيلان»، «الإرهابيين الأربعة»، «الركاب الـ150»، «شخص واحد»."""

from __future__ import annotations

from functools import lru_cache

from marsad.extract import calendar as cal
from marsad.extract.counted import Found, Noun, noun_of, nouns, read_percent
from marsad.extract.currencies import money_words, read_currency
from marsad.extract.data import words
from marsad.extract.events import event_of, kind_of
from marsad.extract.numerals import definite_value
from marsad.extract.record import QuantityKind
from marsad.extract.tokens import Tokens

TWO = frozenset({"اثنين", "اثنان", "اثنتين", "اثنتان"})
ONE = frozenset({"واحد", "واحده", "واحدا"})


@lru_cache(maxsize=1 << 14)
def dual_of(word: str) -> Noun | None:
    """What a folded word says that says two itself: «قتيلان»، «دولارين»، «حافلتين»; None for any other."""
    if len(word) < 5 or not word.endswith(("ان", "ين")) or word.startswith("ال"):
        return None
    noun = nouns().get(word)
    if noun is not None:
        return noun if noun.is_dual and noun_of(word) is not None else None
    if word in money_words():
        return Noun("money", is_dual=True)
    if word[:-2] in words("quantities", "thing_duals"):
        return Noun("other", is_dual=True)
    if word[0] in "وبلكفيا" or word in words("quantities", "not_dual_endings") or word in cal.units():
        return None
    if word.endswith(("يتين", "يتان")) and word[:-3] not in words("quantities", "dual_nouns_y"):
        return None  # «رئاسيتين»: an adjective
    is_feminine = (word.endswith("تين") and len(word) > 5) or (word.endswith("تان") and len(word) > 6)
    return Noun("other", is_dual=True) if is_feminine else None


def read_dual(tokens: Tokens, w: list[str], i: int) -> Found | None:
    """«قتيلان», «شخصين», «دولارين», «صيادين اثنين»: the noun itself says two."""
    t, word = tokens, w[i]
    cut = 0 if dual_of(word) is not None else 1
    noun = dual_of(word[cut:])
    if noun is None or (
        not cut and len(w[i - 1]) > 4 and w[i - 1].endswith(("ان", "ين")) and w[i - 1] not in cal.weekdays()
    ):
        return None  # «فيلمان عربيان»: an adjective
    past = i + 1 + (w[i + 1] in TWO)
    start = t.inside(i, cut)
    kind, unit = noun.kind, t.body[start : t.end[i]]
    if kind == "people":
        kind = kind_of(w, i, past)
    elif kind == "money":
        found = read_currency(w, i) if not cut else None
        if found is None or found[0] is None:
            return None
        unit, past = found[0], found[2]
    return Found(i, past, start, t.end[past - 1], 2.0, None, None, False, unit, kind)


def read_two(tokens: Tokens, w: list[str], i: int, behind: int) -> Found | None:
    """«مدنيين اثنين»: the number behind a form that is plural as well as dual."""
    word = w[i - 1]
    noun = noun_of(word)
    if noun is None or i - 1 < behind or not noun.is_plural or word.startswith("ال") or not word.endswith(("ين", "ات")):
        return None
    kind = noun.kind if noun.kind != "people" else kind_of(w, i - 1, i + 1)
    return Found(
        i - 1, i + 1, tokens.start[i - 1], tokens.end[i], 2.0, None, None, False, tokens.text(i - 1, i - 1), kind
    )


def read_definite(tokens: Tokens, w: list[str], i: int, behind: int) -> Found | None:
    """«الإرهابيين الأربعة», «الدول الكبرى الست», «أشقائه الأربعة»: the number behind its noun."""
    t = tokens
    value = definite_value(w[i])
    percent = read_percent(w, i + 1)
    if percent is not None and value is not None:  # عتبة العشرة بالمئة
        return Found(i, percent, t.start[i], t.end[percent - 1], float(value), None, None, False, "%", "percent")
    first = i - 1
    if value is None or first < behind or not _is_definite(w[first]):
        return None
    near = noun_of(w[first])
    if (
        (near is None or not near.is_plural)
        and first > behind
        and _is_definite(w[first - 1])
        and w[first].startswith("ال")
    ):
        first -= 1  # an adjective between them
    word = w[first]
    noun = "ال" + word[2:] if word.startswith("لل") else word[word.index("ال") :] if "ال" in word[:3] else word
    known = noun_of(noun)
    if noun.removeprefix("ال") in cal.units() or definite_value(noun) is not None or noun in cal.weekdays():
        return None
    if value > 10 and (known is None or not known.is_plural):
        return None  # «الذكرى السبعين»: an ordinal has the same form
    past = i + 1
    tens = definite_value(w[past][1:]) if w[past].startswith("وال") else None
    if tens is not None and value < 10 and tens >= 20:
        value, past = value + tens, past + 1  # «الركاب الخمسة والعشرين»
    cut = 0 if word.startswith("لل") else len(word) - len(noun)
    start, end = t.inside(first, cut), t.end[past - 1]
    kind: QuantityKind = "other" if known is None else known.kind
    if kind == "people":
        kind = kind_of(w, first, past)
    return Found(first, past, start, end, float(value), None, None, False, t.body[start : t.end[first]], kind)


def read_listed(tokens: Tokens, w: list[str], i: int, behind: int) -> Found | None:
    """«الركاب الـ150», «الدول الـ28»: counted, not ranked, for the noun is a plural."""
    t, cut = tokens, int(w[i - 2].startswith(("وال", "فال")))
    word = w[i - 2][cut:]
    noun = noun_of(word)
    if i - 2 < behind or not word.startswith("ال") or not w[i].isdecimal() or len(w[i]) > 9:
        return None
    if word not in words("quantities", "listed_plurals") and (noun is None or not noun.is_plural):
        return None
    kind: QuantityKind = "other" if noun is None else noun.kind
    if kind == "people":
        kind = kind_of(w, i - 2, i + 1)
    start = t.inside(i - 2, cut)
    unit = t.body[start : t.end[i - 2]]
    return Found(i - 2, i + 1, start, t.end[i], float(w[i]), None, None, False, unit, kind)


def read_one(tokens: Tokens, w: list[str], i: int, behind: int) -> Found | None:
    """«شخص واحد»: of people only, for «يوم واحد» and «صف واحد» say more than a number."""
    noun = noun_of(w[i - 1])
    if noun is None or i - 1 < behind or noun.is_dual or noun.is_plural or w[i - 1].startswith("ال"):
        return None
    kind = noun.kind if noun.kind != "people" else kind_of(w, i - 1, i + 1)
    behind_it = event_of(w[i + 1])
    if kind == "people" and behind_it is not None:
        kind = behind_it[0]  # «شخصا واحدا توفي»
    if kind == "people" and not w[i - 1].startswith("شخص"):
        return None  # «بقلب رجل واحد»
    unit = tokens.text(i - 1, i - 1)
    return Found(i - 1, i + 1, tokens.start[i - 1], tokens.end[i], 1.0, None, None, False, unit, kind)


def _is_definite(word: str) -> bool:
    """Whether a folded word has the article, or a pronoun behind it: «أشقائه»."""
    if word.startswith(("ال", "وال", "بال", "لل", "فال")):
        return True
    return len(word) > 5 and word.endswith(("ئه", "ئها", "ئهم", "اته", "اتها", "ائه", "ائها", "اده", "ادها"))
