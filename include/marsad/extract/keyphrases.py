"""What a story is about: its ten most telling phrases.

A phrase of one to four words weighs by how often it stands in the text, how early it comes,
whether the title has it, and its length (the statistics of YAKE, Campos et al. 2020, without its
upper-case features, which Arabic has not); a word that stands in every story (رئيس, شركة) counts less.
Words are compared without clitics and article. A name is one phrase: no part of it is another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from marsad.extract import calendar as cal
from marsad.extract.data import words
from marsad.extract.features import commonness
from marsad.extract.head_rules import Found
from marsad.extract.reports import cue_at
from marsad.extract.speakers import STOPS
from marsad.extract.tokens import Tokens, bare, is_word

METHOD = "position_frequency"
LIMIT = 10
_MAX_WORDS = 4
_STOP = STOPS | words("grammar", "keyphrase_stops")


@dataclass(slots=True)
class _Candidate:
    words: tuple[str, ...]
    first: int
    surface: str
    weight: float
    """A single word's, by how rare it is in the news: 1 for rare ones, .7 for the commonest."""
    is_idafa: bool
    """Whether its last word has the article: مكافحة الإرهاب."""
    count: int = 0


def find_keyphrases(tokens: Tokens, title: str | None, named: Sequence[Found] = ()) -> list[tuple[str, float]]:
    """Phrases as they stand in the text with their scores, the most telling first, at most ten.

    Args:
        tokens: the text.
        title: its headline, whose words weigh more.
        named: the names in the text, which are not cut.
    """
    inner = {i for one in named for i in range(one.first + 1, one.past)}
    outer = {i for one in named for i in range(one.first, one.past - 1)}
    headed = frozenset(_key(w) for w in Tokens(title or "").word if is_word(w) and w not in _STOP)
    known = frozenset(tokens.word)
    found: dict[tuple[str, ...], _Candidate] = {}
    for first, past in _runs(tokens):
        keys = tuple(_key(w[_clitic(w, known) :]) for w in tokens.word[first:past])
        for begin in range(first, past):
            if tokens.word[begin].startswith("لل"):
                continue  # للطاقة النووية: half of a phrase
            if begin in inner:
                continue
            for size in range(1, min(_MAX_WORDS, past - begin) + 1):
                if begin + size - 1 in outer:
                    continue  # it would end within a name
                if (
                    size > 1
                    and tokens.word[begin + size - 1][0] == "و"
                    and not tokens.word[begin + size - 1].startswith("وال")
                ):
                    break
                key = keys[begin - first : begin - first + size]
                if size == 1 and len(key[0]) < 3:
                    continue
                one = found.get(key)
                if one is None:
                    start = tokens.inside(begin, _clitic(tokens.word[begin], known))
                    text = tokens.body[start : tokens.end[begin + size - 1]]
                    last = tokens.word[begin + size - 1]
                    weight = 0.7 + 0.3 * commonness(last) if size == 1 else 1.0
                    one = found[key] = _Candidate(key, begin, text, weight, last.startswith("ال"))
                one.count += 1
    carried: dict[str, int] = {}
    for one in found.values():
        if len(one.words) > 1 and one.count > 1:
            for word in one.words:
                carried[word] = max(carried.get(word, 0), one.count)
    total = max(len(tokens), 1)
    scored = []
    for one in found.values():
        size = len(one.words)
        if size == 1 and 2 * carried.get(one.words[0], 0) >= max(one.count, 4):
            continue  # «الشمسية» is said in «الطاقة الشمسية»: the phrase says it better
        # what stands once says little, unless the title has it, or it is a noun with its complement near the top
        telling = size in (2, 3) and one.is_idafa and one.first <= total / 4
        if one.count == 1 and not telling and not all(w in headed for w in one.words):
            continue
        in_title = sum(w in headed for w in one.words) / size
        early = 1 / (1 + math.log1p(20 * one.first / total))
        length = (0.6, 1.0, 1.1, 1.0)[size - 1]
        score = math.log1p(one.count) * (0.5 + early) * length * (1 + in_title) * one.weight
        scored.append((round(score, 4), one.first, one.words, one.surface))
    scored.sort(key=lambda s: (-s[0], s[1], s[2]))
    return _distinct(scored)


def _runs(tokens: Tokens) -> list[tuple[int, int]]:
    """Stretches of words between signs, stop words, verbs of saying and words of time."""
    found: list[tuple[int, int]] = []
    first = -1
    for i in range(len(tokens) + 1):
        word = tokens.at(i) if i < len(tokens) else "\n"
        good = (
            is_word(word) and len(word) > 1 and word not in _STOP and cue_at(word) is None
            and word not in cal.weekdays() and bare(word) not in cal.units() and not _is_verb(word)
        )  # fmt: skip
        if good and first >= 0 and word[0] == "و" and _key(word) != word and not word.startswith("وال"):
            found.append((first, i))
            first = i
        elif good and first < 0:
            if _opens_sentence(tokens, i) and not word.startswith(("ال", "وال")):
                continue  # Arabic sentences open with their verb
            first = i
        elif not good and first >= 0:
            found.append((first, i))
            first = -1
    return found


def _opens_sentence(tokens: Tokens, i: int) -> bool:
    return i == 0 or tokens.word[i - 1] in "\n.؟!:"


def _is_verb(word: str) -> bool:
    """A rough guess: present and future forms, which no keyphrase holds."""
    stem = word[1:] if word[0] in "وف" and len(word) > 4 else word
    return len(stem) > 3 and (
        (stem[0] == "ي" and not stem.endswith(("ه", "ا", "ن")))
        or (stem[:2] in ("سي", "ست") and len(stem) > 5 and stem[2] not in "اوي")
    )


def _clitic(word: str, known: frozenset[str]) -> int:
    """Letters of conjunction and preposition before a word with the article, or of a و before a word of the text."""
    if word.startswith(("وال", "فال", "بال", "كال")) and len(word) > 5:
        return 1
    return int(word[0] == "و" and len(word) > 3 and word[1:] in known)


def _key(word: str) -> str:
    """A word without what changes from place to place."""
    return bare(word)


def _distinct(scored: list[tuple[float, int, tuple[str, ...], str]]) -> list[tuple[str, float]]:
    """The best, each saying something the better ones did not."""
    chosen: list[tuple[tuple[str, ...], str, float]] = []
    for score, _, key, surface in scored:
        if len(chosen) == LIMIT:
            break
        taken = any(_within(key, other) or _within(other, key) for other, _, _ in chosen)
        if taken or surface in {s for _, s, _ in chosen} or not words("calendar", "past").isdisjoint(key):
            continue
        chosen.append((key, surface, score))
    return [(surface, score) for _, surface, score in chosen]


def _within(small: tuple[str, ...], large: tuple[str, ...]) -> bool:
    size = len(small)
    return any(large[i : i + size] == small for i in range(len(large) - size + 1))
