"""Cues: the verbs and particles that say someone spoke, and the report each one opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from marsad.extract.data import read, words
from marsad.extract.items import Item
from marsad.extract.phrases import Phrase, read_phrase
from marsad.extract.record import SpeakerMethod
from marsad.extract.speakers import is_title
from marsad.extract.tokens import fold

Gender = Literal["m", "f", "p"]
Form = Literal["verb", "participle", "noun", "particle"]


@dataclass(frozen=True, slots=True)
class Cue:
    """One form of a cue, as the lists have it."""

    lemma: str
    type: str
    form: Form
    gender: Gender | None
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A cue in the text with who speaks by it."""

    cue: Cue
    cue_start: int
    cue_end: int
    after: int
    """The first item behind the cue and its subject."""
    speaker: Phrase | None
    method: SpeakerMethod | None
    reporter: Phrase | None = None
    gender: Gender | None = None
    inner: Phrase | None = None
    """Who the reported clause is about: «أفادت الرئاسة بأن الرئيس …» may go on with his words."""
    is_sure: bool = True
    opener: int | None = None
    """The item that hands over to the words: a colon, أن/إن or a mark."""


@cache
def cues() -> dict[str, Cue]:
    """Every folded form of a cue verb."""
    found: dict[str, Cue] = {}

    def add(form: str, cue: Cue) -> None:
        if not is_title(fold(form)):  # متحدثة is who speaks, not that she does
            found.setdefault(fold(form), cue)

    for verb in read("cues")["verbs"]:
        lemma, kind, strict = verb["lemma"], verb["type"], verb.get("strict", False)
        past, present, participle = verb["past"], verb.get("present"), verb["participle"]
        plural = past if past.endswith("وا") else past.removesuffix("ى") + "وا"
        add(past, Cue(lemma, kind, "verb", "m", strict))
        add(verb.get("past_f", past.removesuffix("ى") + "ت"), Cue(lemma, kind, "verb", "f", strict))
        add(plural, Cue(lemma, kind, "verb", "p", strict))
        if present is not None:
            add(present, Cue(lemma, kind, "verb", "m", strict))
            add("ت" + present[1:], Cue(lemma, kind, "verb", "f", strict))
            add(present.removesuffix("ي") + "ون", Cue(lemma, kind, "verb", "p", strict))
        add(participle + "ا", Cue(lemma, kind, "participle", "m", strict))
        add(participle + "ة", Cue(lemma, kind, "participle", "f", strict))
        add(participle + "ين", Cue(lemma, kind, "participle", "p", strict))
    for form, gender in read("cues")["nouns"].items():
        add(form, Cue("قال", "say", "noun", gender))
    return found


@cache
def cue_forms() -> frozenset[str]:
    """The folded forms alone."""
    return frozenset(cues())


@lru_cache(maxsize=1 << 15)
def cue_at(word: str) -> tuple[Cue, int] | None:
    """The cue a folded word is, and how many letters of conjunction stand before it."""
    known = cues()
    found = known.get(word)
    if found is not None:
        return found, 0
    if len(word) > 2 and word[0] in "وف":
        found = known.get(word[1:])
        if found is not None:
            return found, 1
    return None


@cache
def _suffixed() -> dict[str, Cue]:
    """«نقله»، «اتهمتها»، «ذكرته»: a verb with its object's pronoun, which cannot be cut off blindly."""
    found: dict[str, Cue] = {}
    for form, cue in cues().items():
        if cue.form == "verb":
            stem = form[:-1] + "ا" if form.endswith("ي") and len(form) > 3 else form
            for suffix in ("ه", "ها", "هم"):
                if stem + suffix not in cues():
                    found[stem + suffix] = cue
    return found


def object_cue(word: str) -> Cue | None:
    """The cue a folded verb with an object's pronoun is: «ما نقله الموقع»، «فقد اتهمتها الوكالة»."""
    found = _suffixed().get(word)
    if found is None and word[:1] in ("و", "ف"):
        return _suffixed().get(word[1:])
    return found


@lru_cache(maxsize=1 << 15)
def may_report(word: str) -> bool:
    """Whether a folded word can open a report at all; most words cannot, and nothing more is asked of them."""
    return (
        cue_at(word) is not None
        or object_cue(word) is not None
        or word in words("cues", "according")
        or word in words("cues", "as_said")
        or word in words("cues", "documents")
    )


@cache
def _acts() -> dict[str, Gender]:
    found: dict[str, Gender] = {}
    for form in words("cues", "acts"):
        found[form] = "f" if form.endswith(("ت", "ته", "تها")) and form not in ("بحث", "حث") else "m"
    return found


@lru_cache(maxsize=1 << 15)
def doer_gender(word: str) -> Gender | None:
    """Of a verb that shows who acts, the gender it gives its subject; None for any other word."""
    known = _acts()
    return known.get(word) or (known.get(word[1:]) if word[:1] in ("و", "ف") else None)


def is_transitive(cue: Cue) -> bool:
    """Whether the noun right behind the verb may be its object."""
    return fold(cue.lemma) in words("cues", "transitive")


def goes_on(cue: Cue) -> bool:
    """Whether the verb goes on with the words of the one who spoke last: أضاف، تابع."""
    return fold(cue.lemma) in words("cues", "continuing")


def that_words() -> frozenset[str]:
    """أن، إن and their forms, folded."""
    return words("cues", "that")


def opens_at(items: Sequence[Item], cue: Cue, first: int, past: int) -> int | None:
    """The item that hands over to the words: a colon, أن/إن, a mark; None where none is near.

    Without one the verb is no cue: «ذكر أسماءهم» names, it does not report.
    """
    reach = 8 if cue.is_strict else 14
    for i in range(first, min(past, first + reach)):
        item = items[i]
        if item.marked is not None or item.word == ":" or item.word in that_words():
            return i
        if cue.type == "express" and item.word in ("عن", "الي"):
            return i
        if cue.type == "describe" and item.word.startswith("ب"):
            return i
        if cue.type == "relay" and item.word in ("عن", "عنه", "عنها", "عنهم"):
            return i
        found = cue_at(item.word)
        is_noun = found is not None and found[0].is_strict and not found[1]  # «عدم كشف اسمه»
        if found is not None and not is_noun and items[i - 1].word not in ("الذي", "التي", "الذين", "ما"):
            # «رد بوتين قائلا»: a participle goes on with the same report, another verb ends it
            return i if found[0].form != "verb" and not found[1] else None
    return None


def according(items: list[Item], i: int, past: int) -> tuple[Cue, Phrase] | None:
    """«بحسب فلان»، «وفقا لفلان»، «كما قال فلان»، «وفق ما ذكرت الوكالة» at item ``i``."""
    word = items[i].word
    is_said = word in words("cues", "as_said")
    if not (is_said or word in words("cues", "according")):
        return None
    k = i + 1
    if k < past and items[k].word in ("ما", "لما"):
        k += 1
        is_said = True
    if is_said and k < past:
        found = cue_at(items[k].word)
        verb = found[0] if found is not None and found[1] == 0 else object_cue(items[k].word)
        if verb is not None and verb.form == "verb" and not is_transitive(verb):
            phrase = read_phrase(items, k + 1, past, cue_forms())
            return (verb, phrase) if phrase else None
        if word in words("cues", "as_said"):
            return None
    # «وفقا للوزارة»، «وفقا لوزير»: the preposition is part of the cue, not of the name
    phrase = read_after_preposition(items, k, past)
    return (Cue(fold_lemma(word), "according", "particle", None), phrase) if phrase else None


def fold_lemma(word: str) -> str:
    """A particle without its conjunction."""
    return word[1:] if word.startswith("و") and word[1:] in words("cues", "according") else word


def read_after_preposition(items: list[Item], i: int, past: int) -> Phrase | None:
    """A phrase whose first word may carry ل or ب; the offsets leave that letter out."""
    if i >= past:
        return None
    item = items[i]
    if len(item.word) > 3 and item.word[0] == "ل" and item.marked is None:
        cut = 2 if item.word.startswith("لل") else 1
        rest = ("ال" if cut == 2 else "") + item.word[cut:]
        items[i] = Item(rest, item.start + cut, item.end, item.token)
        try:
            return read_phrase(items, i, past, cue_forms())
        finally:
            items[i] = item
    return read_phrase(items, i, past, cue_forms())
