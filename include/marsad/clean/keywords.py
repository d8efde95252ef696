"""Keywords from a line that lists them, however it separates them.

With separators or links the line says where each ends. Without any, the page's own text
is the evidence: a phrase that stands in the story as it stands in the line is one keyword,
and the split with the fewest pieces wins (maximal matching).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from marsad.clean.blocks import Anchor
from marsad.clean.text import fold, tidy, word_set

_SEPARATORS = re.compile(r"\s*[,،;؛|•·/\n\t]\s*|\s+[-–—]\s+|\s{0,3}#")
_LONGEST = 7
_TEXTS, _TEXT_LENGTH = 200, 2000
_BARE = "~"
"""Marks phrases kept without their words' articles."""
_MOST = 60
_BREAK = re.compile(r"[.!?؟؛،,:()\[\]\n]+")
_PREFIXES = ("وبال", "وال", "بال", "كال", "فال", "ولل", "لل", "و", "ف", "ب", "ل", "ك")


def _variants(word: str) -> tuple[str, ...]:
    """A folded word, and without the particles Arabic writes onto the next word."""
    found = [word]
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= 3:
            stem = word[len(prefix) :]
            found.append("ال" + stem if prefix.endswith(("ال", "لل")) else stem)
            if prefix == "ل" and stem.startswith("ل"):
                found.append("ا" + stem)
    return tuple(dict.fromkeys(found))


def _stem(word: str) -> str:
    """A folded word without its article and what is written onto it: للغاز and الغاز are both غاز."""
    for prefix in ("وال", "بال", "كال", "فال", "ولل", "لل", "ال"):
        if word.startswith(prefix) and len(word) - len(prefix) >= 2:
            return word[len(prefix) :]
    return word


@lru_cache(maxsize=4)
def phrases_of(texts: tuple[str, ...]) -> frozenset[str]:
    """Every phrase of up to seven words in some texts, folded, never across punctuation.

    The first word of a phrase also counts without its particle (لهجوم holds هجوم), and every
    phrase of several words once more without articles.
    """
    found: set[str] = set()
    for text in texts[:_TEXTS]:
        for part in _BREAK.split(text[:_TEXT_LENGTH]):
            tokens = fold(part).split()
            for start, first in enumerate(tokens):
                rest = tokens[start + 1 : start + _LONGEST]
                for form in _variants(first):
                    phrase = form
                    found.add(phrase)
                    for word in rest:
                        phrase = f"{phrase} {word}"
                        found.add(phrase)
                phrase = _BARE + _stem(first)
                for word in rest:
                    phrase = f"{phrase} {_stem(word)}"
                    found.add(phrase)
    return frozenset(found)


_PARTICLES = word_set("في من علي الي عن مع بين بعد قبل ضد حول خلال عبر بن ابن بنت ابو ابي ام ال لا غير دون منذ حتي نحو")
_TITLES = word_set(
    "الرييس الملك الملكه الشيخ الامير الاميره السيد السيده الوزير الدكتور الدكتوره البابا البطريرك الامام اللواء "
    "العميد الفريق الجنرال العقيد القديس الحاج الاستاذ الفنان الفنانه النجم المدرب اللاعب المهندس القاضي السلطان "
    "الخليفه"
)


def _is_torn(tokens: Sequence[str]) -> bool:
    """Whether a run of words is no phrase though a text has it: a definite noun and then an indefinite one.

    «افتتحت الشارقة محمية» holds «الشارقة محمية»; a title before a name («الملك سلمان») is a phrase.
    """
    for word, following in itertools.pairwise(tokens):
        if word.startswith("ال") and len(word) > 4 and word not in _TITLES and following not in _PARTICLES:
            is_definite = (
                following.startswith(("ال", "لل", "بال", "و")) or not following.isalpha() or following.isascii()
            )
            if not is_definite:
                return True
    return False


def _is_joined(word: str) -> bool:
    """Whether a word hangs on the one before by its conjunction («التجارة والصناعة»): no keyword begins with it."""
    return word.startswith("وال") and len(word) > 5


def segment(line: str, texts: Sequence[str]) -> list[str]:
    """Split a line of keywords that has no separators, by what the texts hold.

    A piece the texts hold costs one; a word they do not hold costs a little more, and joins
    an unknown neighbour for less than it would cost alone, so that a foreign name of two
    words stays together. The cheapest split wins; among equals, longer pieces first.
    """
    raw = line.split()[:_MOST]
    tokens = [fold(w) for w in raw]
    known = phrases_of(tuple(texts))
    count = len(raw)
    best: list[tuple[float, int]] = [(0.0, 0)] * (count + 1)
    for end in range(1, count + 1):
        options: list[tuple[float, int]] = []
        for start in range(max(0, end - _LONGEST), end):
            phrase = " ".join(t for t in tokens[start:end] if t)
            size = end - start
            if phrase in known:
                cost = 1.0 + 1.1 * _is_torn(tokens[start:end])
            elif size > 1 and _BARE + " ".join(_stem(t) for t in tokens[start:end]) in known:
                cost = 1.1 + 1.1 * _is_torn(tokens[start:end])
            elif size > 1 and _is_joined(tokens[end - 1]) and " ".join(tokens[start : end - 1]) in known:
                cost = 1.3
            elif all(t not in known for t in tokens[start:end]) and size <= 3:
                cost = 1.2 + 0.3 * (size - 1)
            else:
                continue
            options.append((best[start][0] + cost, start))
        options = [o for o in options if o[1] == 0 or not _is_joined(tokens[o[1]])] or options
        if not options:
            options.append((best[end - 1][0] + 1.2, end - 1))
        best[end] = min(options)
    pieces: list[str] = []
    end = count
    while end > 0:
        start = best[end][1]
        pieces.append(" ".join(raw[start:end]))
        end = start
    return pieces[::-1]


def clean_keyword(text: str) -> str:
    """One keyword as it is stored: no hash, underscores as spaces, no trailing punctuation."""
    text = text.replace("_", " ").strip(" #.،,:؛;|-–—«»\"'[]")
    if text.count("(") != text.count(")") or text[:1] == "(":
        text = text.strip(" ()")
    return tidy(text)


def unique(items: Iterable[str]) -> list[str]:
    """Keywords without repetitions (compared folded), in order, without what cannot be one."""
    seen: set[str] = set()
    kept: list[str] = []
    for item in items:
        keyword = clean_keyword(item)
        key = fold(keyword)
        if key and key not in seen and len(keyword) <= 100:
            seen.add(key)
            kept.append(keyword)
    return kept[:_MOST]


def read_keywords(line: str, links: Sequence[Anchor], texts: Sequence[str]) -> list[str]:
    """The keywords of a line, without its label.

    Args:
        line: the text after «كلمات دلالية:» and the like.
        links: the links of the line.
        texts: title, body and whatever else of the page shows which words belong together.
    """
    if links and sum(len(a.text) for a in links) >= 0.6 * len(line):
        return unique(a.text for a in links)
    if line.count("#") >= 2 or line.startswith("#"):
        return unique(p for p in re.split(r"[\s,،|]*#", line) if p)
    parts = [p for p in _SEPARATORS.split(line) if p and p.strip()]
    if len(parts) > 1:
        return unique(parts)
    return unique(segment(line, texts)) if len(line.split()) > 3 or _holds_split(line, texts) else unique([line])


def _holds_split(line: str, texts: Sequence[str]) -> bool:
    """Whether a short line is several keywords: it is not a phrase of the texts, its pieces are."""
    return fold(line) not in phrases_of(tuple(texts))
