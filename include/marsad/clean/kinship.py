"""Whether a text goes on or another begins: the words that headlines and texts share.

Structure proposes where a story may begin; words may only confirm or refuse. With stemmed
content words, a headline is another story's where the text after it holds more of the
headline than of the open story's own title, and the next paragraphs more of it than the
last ones: ``after(headline) - after(title) + 0.8 * (next two - last three)`` exceeds a limit. At
.22, fitted on 6,000 cases made of real Arabic articles, pairs within one section, half of them with
the nearest headline there is, it is right in .968, a story taken for another's in .025. Where
nothing but a rule or a heading stands between two texts, they must differ as well: the
limits below let .08 of the halves of one article pass for two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from marsad.clean.cues import folded, vocabulary
from marsad.clean.text import fold

SAME_SUBJECT = 0.34
"""Share of a title's words in a text from which the text is on the title's subject."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much must speak for another story."""

    speaks_of: float
    """What the headline rule must exceed."""
    alike: float
    """Words shared, as a share of the smaller text, from which two texts are on one subject."""


LIMITS = Limits(0.22, 0.16)
ARABIC_LIMITS = Limits(0.08, 0.22)
"""Where the conjunction tells most continuations (``goes_on``), less is asked of the words."""

_PREFIXES = ("وال", "بال", "كال", "فال", "ولل", "لل", "ال", "و", "ف", "ب", "ل", "ك")
_SUFFIXES = ("اتها", "تها", "ات", "ون", "ين", "ان", "ها", "هم", "يه", "ته", "ه", "ي", "ا")


@lru_cache(maxsize=32768)
def stem(word: str) -> str:
    """A folded word without one prefix and one suffix of those that Arabic writes onto it (a light stemmer)."""
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= 3:
            word = word[len(prefix) :]
            break
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(stem(word) for phrase in vocabulary()["common"] for word in fold(phrase).split())


def goes_on(paragraph: str) -> bool:
    """Whether a paragraph goes on with what stands before it, so that no story begins with it.

    A conjunction opens .81 of the later paragraphs of Arabic news and hardly a first one (of 8,044
    stories 29 in a thousand begin with و, nearly all of these with a word whose own letter it is).
    """
    said = fold(paragraph[:60]).split()[:4]
    if not said:
        return False
    first = said[0]
    if first[0] == "و" and len(first) > 2:
        return first not in folded("waw_words")
    opening = " ".join(said)
    return any(opening == p or opening.startswith(p + " ") for p in folded("goes_on"))


def stems_of(texts: Iterable[str]) -> frozenset[str]:
    """The content words of some texts, stemmed."""
    common = _common()
    found = {stem(word) for text in texts for word in fold(text).split() if len(word) > 2 and not word.isdigit()}
    return frozenset(found - common)


def share(part: frozenset[str], whole: frozenset[str]) -> float:
    """How many of some words are among others, 0 to 1; 0 where there are none."""
    return len(part & whole) / len(part) if part else 0.0


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How many words two texts share, as a share of the smaller one."""
    return len(one & other) / max(1, min(len(one), len(other)))
