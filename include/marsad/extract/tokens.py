"""Words of a text as rules compare them, each with its place in the text as written.

Arabic spells the same word in many ways (أ إ آ ا, ة ه, ى ي, with tashkeel or tatweel) and
writes one-letter words onto the next (و ف ب ل ك, ال). Rules match the folded word; what they
report is always a slice of the original, so every token keeps its offsets and a folded
prefix can be turned back into an offset (:meth:`Tokens.inside`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
_IS_MARK = re.compile(f"[{_MARKS}\u0640]")
_STRIP = re.compile(f"[{_MARKS}\u0640]+")
# Letters with their marks, a number with its separators, a run of line ends, or one other sign.
# Letter and mark classes are disjoint, so the pattern never backtracks over a word.
_TOKEN = re.compile(rf"[^\W\d_]+(?:[{_MARKS}]+[^\W\d_]+)*[{_MARKS}]*|\d+(?:[.,٫٬]\d+)*|[\n\r\u2028\u2029]+|[^\s\w]|_")
_FOLD = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        "ى": "ي",
        "ی": "ي",
        "ة": "ه",
        "ک": "ك",
        **{chr(0x660 + i): str(i) for i in range(10)},
        **{chr(0x6F0 + i): str(i) for i in range(10)},
    }
)

BREAK = "\n"
"""The folded form of a paragraph's end."""

CONJUNCTIONS = "وف"
PREPOSITIONS = "بلك"


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """One word (or phrase) for comparing: no tashkeel or tatweel, one alef, ة as ه, ى as ي, ASCII digits."""
    return _STRIP.sub("", word).translate(_FOLD)


class _Folded(dict[str, str]):
    """Tokens as written and folded: as fast as a dict for those seen before. Emptied when full."""

    def __missing__(self, token: str) -> str:
        if len(self) >= 1 << 16:
            self.clear()
        folded = self[token] = BREAK if token[0] in "\n\r\u2028\u2029" else fold(token) or token
        return folded


_FOLDED = _Folded()


@lru_cache(maxsize=1 << 16)
def stems(word: str) -> tuple[tuple[int, str], ...]:
    """What a folded word may be without the one-letter words before it.

    Returns:
        Pairs (letters cut off, what is left), the whole word first. «للوزير» is ل + الوزير:
        two letters are cut, and the article comes back in what is left.
    """
    found = [(0, word)]
    cut = 0
    if len(word) > 2 and word[0] in CONJUNCTIONS:
        found.append((1, word[1:]))
        cut = 1
    for at in {0, cut}:
        rest = word[at:]
        if len(rest) > 3 and rest.startswith("لل"):
            found.append((at + 2, "ال" + rest[2:]))
        elif len(rest) > 2 and rest[0] in PREPOSITIONS:
            found.append((at + 1, rest[1:]))
    return tuple(sorted(found))


@lru_cache(maxsize=1 << 16)
def bare(word: str) -> str:
    """A folded word without conjunction, preposition and article, for lists of head words."""
    if len(word) > 4 and word[0] in CONJUNCTIONS and word.startswith(("ال", "لل", "بال"), 1):
        word = word[1:]  # not of وكالة: what follows the و must be an article
    if len(word) > 4 and word.startswith("لل"):
        return word[2:]
    if len(word) > 4 and word[0] in PREPOSITIONS and word.startswith("ال", 1):
        word = word[1:]
    return word[2:] if len(word) > 3 and word.startswith("ال") else word


def is_word(word: str) -> bool:
    """Whether a folded token is made of letters."""
    return word[:1].isalpha()


def is_number(word: str) -> bool:
    """Whether a folded token is made of digits."""
    return word[:1].isdecimal()


class Tokens:
    """The tokens of a text as parallel lists; ``word[i]`` is folded, ``start[i]:end[i]`` its place."""

    __slots__ = ("body", "end", "start", "word")

    def __init__(self, body: str) -> None:
        self.body = body
        matches = list(_TOKEN.finditer(body))
        self.word: list[str] = [_FOLDED[m[0]] for m in matches]
        self.start: list[int] = [m.start() for m in matches]
        self.end: list[int] = [m.end() for m in matches]

    def __len__(self) -> int:
        return len(self.word)

    def at(self, i: int) -> str:
        """The folded token, or a paragraph's end outside the text."""
        return self.word[i] if 0 <= i < len(self.word) else BREAK

    def text(self, first: int, last: int) -> str:
        """The text from token ``first`` through token ``last``."""
        return self.body[self.start[first] : self.end[last]]

    def inside(self, i: int, letters: int) -> int:
        """The offset in the text after so many folded letters of token ``i``."""
        at = self.start[i]
        if not letters:
            return at
        end = self.end[i]
        while letters and at < end:
            if not _IS_MARK.match(self.body[at]):
                letters -= 1
            at += 1
        while at < end - 1 and _IS_MARK.match(self.body[at]):
            at += 1
        return min(at, end - 1)

    def touches(self, i: int) -> bool:
        """Whether token ``i`` follows the one before it without a space."""
        return 0 < i < len(self.word) and self.start[i] == self.end[i - 1]

    def paragraphs(self) -> Iterator[tuple[int, int]]:
        """Token ranges ``[first, past)`` of the paragraphs, empty ones left out."""
        first = 0
        for i, word in enumerate(self.word):
            if word == BREAK:
                if i > first:
                    yield first, i
                first = i + 1
        if len(self.word) > first:
            yield first, len(self.word)
