"""What a story is about: its ten most telling phrases.

A phrase of one to four words weighs by how often it stands in the text, how early it comes,
whether the title has it, and its length (the statistics of YAKE, Campos et al. 2020, without its
upper-case features, which Arabic has not); a word that stands in every story (رئيس, شركة) counts less.
Words are compared without clitics and article. A name is one phrase: no part of it is another.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

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


Key = tuple[str, ...]


def find_keyphrases(tokens: Tokens, title: str | None, named: Sequence[Found] = ()) -> list[tuple[str, float]]:
    """Phrases as they stand in the text with their scores, the most telling first, at most ten.

    Args:
        tokens: the text.
        title: its headline, whose words weigh more.
        named: the names in the text, which are not cut.
    """
    headed = frozenset(_key(w) for w in Tokens(title or "").word if is_word(w) and w not in _STOP)
    known = frozenset(tokens.word)
    counts, firsts = _count(tokens, known, named, headed)
    carried: dict[str, int] = {}
    for key, count in counts.items():
        if count > 1 and len(key) > 1:
            for word in key:
                carried[word] = max(carried.get(word, 0), count)
    total = max(len(tokens), 1)
    scored: list[tuple[float, int, Key]] = []
    for key, count in counts.items():
        size, first = len(key), firsts[key]
        if size == 1 and 2 * carried.get(key[0], 0) >= max(count, 4):
            continue  # «الشمسية» is said in «الطاقة الشمسية»: the phrase says it better
        # what stands once says little, unless the title has it, or it is a noun with its complement near the top
        if count == 1:
            telling = size in (2, 3) and 4 * first <= total and tokens.word[first + size - 1].startswith("ال")
            if not telling and not all(w in headed for w in key):
                continue
        in_title = sum(w in headed for w in key) / size
        early = 1 / (1 + math.log1p(20 * first / total))
        length = (0.6, 1.0, 1.1, 1.0)[size - 1]
        # a single word weighs by how rare it is in the news
        weight = 0.7 + 0.3 * commonness(tokens.word[first]) if size == 1 else 1.0
        scored.append((round(math.log1p(count) * (0.5 + early) * length * (1 + in_title) * weight, 4), first, key))
    scored.sort(key=lambda s: (-s[0], s[1], s[2]))
    return _distinct(tokens, known, scored)


def _count(
    tokens: Tokens, known: frozenset[str], named: Sequence[Found], headed: frozenset[str]
) -> tuple[dict[Key, int], dict[Key, int]]:
    """How often each run of one to four words stands in the text, and the token where it first does.

    Left out, behind the first quarter: runs with a word that stands there only, unless the title has it. They stand
    once, and what stands once counts near the top or in the title alone.
    """
    inner = {i for one in named for i in range(one.first + 1, one.past)}
    outer = {i for one in named for i in range(one.first, one.past - 1)}
    runs = _runs(tokens)
    keyed = [[_key(w[_clitic(w, known) :]) for w in tokens.word[first:past]] for first, past in runs]
    often = Counter(chain.from_iterable(keyed))
    lone = {key for key, count in often.items() if count == 1 and key not in headed}
    top = max(len(tokens), 1) / 4
    counts: dict[Key, int] = {}
    firsts: dict[Key, int] = {}
    for (first, past), listed in zip(runs, keyed, strict=True):
        words = tokens.word[first:past]
        keys = tuple(listed)
        for at, word in enumerate(words):
            begin = first + at
            if begin in inner or word.startswith("لل"):
                continue  # للطاقة النووية: half of a phrase
            is_early = begin <= top
            for end in range(at + 1, min(at + _MAX_WORDS, past - first) + 1):
                if not is_early and keys[end - 1] in lone:
                    break
                last = words[end - 1]
                if end - at > 1 and last[0] == "و" and not last.startswith("وال"):
                    break
                if first + end - 1 in outer:
                    continue  # it would end within a name
                key = keys[at:end]
                count = counts.get(key)
                if count is None:
                    if end - at == 1 and len(key[0]) < 3:
                        continue
                    firsts[key] = begin
                    count = 0
                counts[key] = count + 1
    return counts, firsts


def _runs(tokens: Tokens) -> list[tuple[int, int]]:
    """Stretches of words between signs, stop words, verbs of saying and words of time."""
    found: list[tuple[int, int]] = []
    first = -1
    for i, word in enumerate([*tokens.word, "\n"]):
        kind = _kind(word)
        if first < 0:
            # Arabic sentences open with their verb
            if kind and (word.startswith(("ال", "وال")) or not _opens_sentence(tokens, i)):
                first = i
        elif kind == _JOINED:
            found.append((first, i))
            first = i
        elif not kind:
            found.append((first, i))
            first = -1
    return found


_JOINED = 2


@lru_cache(maxsize=1 << 16)
def _kind(word: str) -> int:
    """0 for a word that no keyphrase holds, 2 for one with و before it, which begins a new run, else 1."""
    if (
        not is_word(word) or len(word) < 2 or word in _STOP or cue_at(word) is not None
        or word in cal.weekdays() or bare(word) in cal.units() or _is_verb(word)
    ):  # fmt: skip
        return 0
    return _JOINED if word[0] == "و" and _key(word) != word and not word.startswith("وال") else 1


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


@lru_cache(maxsize=1 << 16)
def _key(word: str) -> str:
    """A word without what changes from place to place."""
    return bare(word)


def _distinct(tokens: Tokens, known: frozenset[str], scored: list[tuple[float, int, Key]]) -> list[tuple[str, float]]:
    """The best as they stand in the text, each saying something the better ones did not."""
    chosen: list[tuple[Key, str, float]] = []
    for score, first, key in scored:
        if len(chosen) == LIMIT:
            break
        if any(_within(key, other) or _within(other, key) for other, _, _ in chosen):
            continue
        start = tokens.inside(first, _clitic(tokens.word[first], known))
        surface = tokens.body[start : tokens.end[first + len(key) - 1]]
        if surface in {s for _, s, _ in chosen} or not words("calendar", "past").isdisjoint(key):
            continue
        chosen.append((key, surface, score))
    return [(surface, score) for _, surface, score in chosen]


def _within(small: tuple[str, ...], large: tuple[str, ...]) -> bool:
    size = len(small)
    if size == 1:
        return small[0] in large
    return any(large[i : i + size] == small for i in range(len(large) - size + 1))
