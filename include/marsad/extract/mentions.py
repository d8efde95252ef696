"""Names in the text: people, places, organisations, facilities, events, nationalities.

Two readings are joined: the rules' (:mod:`marsad.extract.name_rules`), which are sure of what they take,
and a recogniser's (:mod:`marsad.extract.recogniser`), which knows names that no list holds. Where they
disagree, the longer or the surer one stands; where neither is sure, there is no name. Then every name
gets its fullest form within the story (:mod:`marsad.extract.canonical`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cache

from marsad.extract.canonical import name_fully
from marsad.extract.data import bare_words, names, nationalities, words
from marsad.extract.features import lexicon, towns
from marsad.extract.head_rules import LINKS, Found
from marsad.extract.name_rules import names_by_rule
from marsad.extract.recogniser import Recogniser, Span, recogniser
from marsad.extract.reports import cue_forms
from marsad.extract.speakers import STOPS, is_title, people
from marsad.extract.tokens import Tokens, bare, is_word, stems

_LEAST = {"PER": 0.6, "LOC": 0.55, "ORG": 0.6}
"""The probability below which a name that only the model sees is left out."""
_SURE = 0.85
_CERTAIN = 0.9
_LEAST_AROUND = 0.75
_MAX_WORDS = 8
_NAMES = frozenset("gsfw")


def find_mentions(tokens: Tokens, reader: Recogniser | None = None) -> list[Found]:
    """The names of a text, in order, none within another.

    Args:
        tokens: the text.
        reader: what finds names besides the rules; the shipped model where not given.
    """
    reader = reader or recogniser()
    spans = [s for s in reader.spans(tokens) if s.type in _LEAST]
    ruled = names_by_rule(tokens)
    by_model = [one for s in spans if (one := _read(tokens, s, reader.name)) is not None]
    if reader.name != "rules":
        seen: dict[int, str] = {}
        for s in spans:
            for i in range(s.first, s.past):
                seen[i] = s.type
        ruled = [one for one in ruled if _holds(tokens, one, seen)]
    return name_fully(tokens, _join(ruled, by_model, tokens))


def _holds(tokens: Tokens, one: Found, seen: dict[int, str]) -> bool:
    """Whether a rule's name stands against the model's reading of the same words."""
    if one.type == "LOC" and one.past == one.first + 1 and not _is_seat(tokens, one.first):
        return False
    if any(seen.get(i) == one.type for i in range(one.first, one.past)):
        return True
    held = tokens.word[one.first : one.past]
    if one.type == "PER" and one.method == "title":
        return any(_is_name_word(w) for w in held)
    if one.type == "PER" and one.method == "given_name":
        # most given names are words too: «سيف مصلت», «يزيد قليلا»
        return len(held) > 1 and all(w in people() or w in LINKS for w in held)
    return True


def _is_seat(tokens: Tokens, i: int) -> bool:
    """Whether a word that is a place's name and a common word stands as the place: «في جنين», not «صورة جنين»."""
    word = tokens.word[i]
    before = tokens.at(i - 1)
    if any(stem == "المغرب" for _, stem in stems(word)):
        return bare(before) not in bare_words("gazetteer", "before_sunset")
    towns = words("gazetteer", "word_places")
    if not any(stem in towns for _, stem in stems(word)):
        return True
    return any(stem in words("gazetteer", "seats") for _, stem in stems(before)) or (
        word[0] == "ب" and word not in towns
    )


@cache
def _is_name_word(word: str) -> bool:
    """Whether any list has a word as part of a person's name."""
    if word in people():
        return True
    entry = lexicon().words.get(word)
    return entry is not None and any(flag[0] in _NAMES for flag in entry[0])


@cache
def _is_common_name(word: str) -> bool:
    """Whether many people are called so."""
    entry = lexicon().words.get(word)
    return (
        word in people() or word in LINKS or (entry is not None and any(f[0] in "gs" and f[1] > "2" for f in entry[0]))
    )


def _read(tokens: Tokens, span: Span, method: str) -> Found | None:
    """A span as a name: its signs, titles and what is written onto it taken off; None where it can be none."""
    first, past = span.first, span.past
    while first < past and not is_word(tokens.word[first]):
        first += 1
    while past > first and not is_word(tokens.word[past - 1]):
        past -= 1
    if span.type == "PER":
        adjectives = words("gazetteer", "title_adjectives")
        while first < past and (
            is_title(tokens.word[first]) or (past - first > 1 and tokens.word[first] in adjectives)
        ):
            first += 1
        while past > first and (tokens.word[past - 1] in LINKS and tokens.word[past - 1] != "ابن"):
            past -= 1
    held = tokens.word[first:past]
    if not held or past - first > _MAX_WORDS or "\n" in held or not _may_be(held, span, past - first):
        return None
    if span.type == "LOC" and past == first + 1 and not _is_seat(tokens, first):
        return None
    cut = _written_on(tokens, first)
    start = tokens.inside(first, cut) if cut else tokens.start[first]
    end = tokens.end[past - 1]
    if end - start < 2:
        return None
    name, country = tokens.body[start:end], None
    if span.type == "LOC":
        key = (held[0][cut:] if not held[0].startswith("لل") or cut != 1 else held[0][2:], *held[1:])
        known = next((e for e in names().starting(key[0]) if e[0] == key and e[2] == "LOC"), None)
        if known is not None:
            name, country = known[1] if cut == 2 else name, known[3]
        else:
            country = towns().get(" ".join(key))
    return Found(first, past, start, end, span.type, name, country, method, span.confidence)  # type: ignore[arg-type]


def _may_be(held: list[str], span: Span, size: int) -> bool:
    """Whether words can be a name of the type: no verb of saying, no nationality alone, sure enough."""
    if span.confidence < _LEAST[span.type]:
        return False
    first = held[0]
    last = held[-1]
    if last in STOPS or (size == 1 and (first in STOPS or first in cue_forms() or first in nationalities())):
        return False
    if size == 1 and first in words("gazetteer", "not_alone"):
        return False
    is_listed = span.type == "ORG" and any(
        first in words("organisations", key) for key in ("ambiguous", "with_head")
    )  # الجزيرة
    if size == 1 and not is_listed and (bare(first) in _common() or any(s in nationalities() for _, s in stems(first))):
        return False
    if span.type == "PER":
        if any(w in cue_forms() and not _is_name_word(w) for w in held) or any(w in nationalities() for w in held[:1]):
            return False
        listed = any(_is_name_word(stem) for w in held for _, stem in stems(w))
        return span.confidence >= (_LEAST["PER"] if listed else _SURE)
    return not any(w in cue_forms() for w in held)


@cache
def _common() -> frozenset[str]:
    """Bare nouns that are no name alone: الحكومة، المدينة، الرئيس."""
    return frozenset().union(
        *(
            bare_words("gazetteer", key)
            for key in (
                "org_heads",
                "fac_heads",
                "event_heads",
                "place_heads",
                "titles",
                "complement_titles",
                "title_adjectives",
            )
        )
    )


def _written_on(tokens: Tokens, i: int) -> int:
    """How many letters before the name are conjunction and preposition: 1 in «لأنقرة», 0 in «واشنطن»."""
    word = tokens.word[i]
    if _is_listed(word):
        return 0
    if word.startswith("لل") and _is_listed(word[1:]):
        return 1  # «لليبيا»
    for cut, stem in stems(word):
        if cut and len(stem) > 2 and (_is_listed(stem) or bare(stem) in bare_words("gazetteer", "org_heads")):
            # «للأمم»: the article's alef is not written, so the name begins behind both letters
            return cut
    return 1 if word[0] == "و" and len(word) > 4 and lexicon().words.get(word) is None else 0


@cache
def _is_listed(word: str) -> bool:
    """Whether a list has a word as (the beginning of) a name."""
    entry = lexicon().words.get(word)
    return bool(entry and entry[0]) or bool(names().starting(word)) or word in people()


def _join(ruled: list[Found], by_model: list[Found], tokens: Tokens) -> list[Found]:
    """Both readings in order, one name a place."""
    chosen: list[Found] = []
    rest = list(ruled)  # in order, none within another
    for one in by_model:
        low = bisect_right(rest, one.first, key=_past_of)
        high = bisect_left(rest, one.past, lo=low, key=_first_of)
        beside = rest[low:high]
        if all(_beats(one, r, tokens) for r in beside):
            del rest[low:high]
            if beside and len(beside) == 1 and beside[0].type == one.type and _same(one, beside[0]):
                one = beside[0]  # the same name: the rule says more of it
            chosen.append(one)
    return sorted([*chosen, *rest], key=lambda f: (f.start, f.end))


def _first_of(one: Found) -> int:
    return one.first


def _past_of(one: Found) -> int:
    return one.past


def _same(one: Found, other: Found) -> bool:
    return one.first == other.first and one.past == other.past


def _beats(one: Found, rule: Found, tokens: Tokens) -> bool:
    """Whether the model's name stands instead of a rule's that shares words with it."""
    if _same(one, rule):
        club = one.type == "ORG" and rule.type == "LOC" and one.confidence >= _CERTAIN  # «فاز برشلونة على …»
        return one.type == rule.type or club or (rule.method == "head_word" and rule.type == "LOC")
    holds = one.first <= rule.first and one.past >= rule.past
    within = one.first >= rule.first and one.past <= rule.past
    if rule.type in ("FAC", "EVENT"):
        return False
    if rule.type == "MISC":
        return holds and one.past - one.first > 1 and one.type != "LOC"
    if one.type == rule.type == "PER":
        extra = [
            w for k, w in enumerate(tokens.word[rule.first : rule.past], rule.first) if not one.first <= k < one.past
        ]
        return holds or (within and not any(_is_common_name(w) for w in extra))
    if one.type == rule.type:
        # the rule goes on over defined words, the model knows where a name ends
        shorter = one.type == "ORG" and one.first == rule.first and within and one.confidence >= _SURE
        return holds or (shorter and not tokens.word[one.past].endswith(("ي", "يه", "ين")))
    if not holds or rule.type != "LOC" or one.type == "LOC":
        return False
    # «دينامو كييف»: a place within a longer name
    return one.confidence >= _LEAST_AROUND or (one.type == "ORG" and _opens(tokens.word[one.first]))


def _opens(word: str) -> bool:
    """Whether a word is a head that makes an organisation of the place behind it: بنك قطر."""
    return bare(word) in bare_words("gazetteer", "org_heads")
