"""Two texts side by side: which paragraphs and words stand in both, and which in one.

Paragraphs are compared first, then the words of those that stand across from each other, so that the cost stays that
of short comparisons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

MOST_PARAGRAPHS = 1_500
"""Of a text; what follows is compared as one paragraph: the comparison is quadratic at worst."""
MOST_WORDS = 1_200
"""Of both paragraphs together; longer ones are shown as replaced whole."""
LIKE = 0.35
"""Share of words in common from which two paragraphs are shown as one that was changed."""

_WORD = re.compile(r"\s+|[^\s\w]|\w+")


@dataclass(frozen=True, slots=True)
class Word:
    """A run of a paragraph."""

    text: str
    is_changed: bool = False
    """It does not stand on the other side."""


@dataclass(frozen=True, slots=True)
class Row:
    """Two paragraphs that stand across from each other; None where one side has none."""

    old: tuple[Word, ...] | None
    new: tuple[Word, ...] | None

    @property
    def is_same(self) -> bool:
        """Whether nothing was changed."""
        return self.old == self.new


def compare(old: Sequence[str], new: Sequence[str]) -> list[Row]:
    """Two texts, as paragraphs, in rows. The old sides joined are the old text, the new sides the new."""
    old, new = _bounded(old), _bounded(new)
    rows: list[Row] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            rows += (Row((Word(text),), (Word(text),)) for text in old[i:j])
        elif kind == "replace":
            rows += _replaced(old[i:j], new[k:m])
        else:
            rows += (Row((Word(text, True),), None) for text in old[i:j])
            rows += (Row(None, (Word(text, True),)) for text in new[k:m])
    return rows


def _bounded(paragraphs: Sequence[str]) -> list[str]:
    if len(paragraphs) <= MOST_PARAGRAPHS:
        return list(paragraphs)
    head, rest = paragraphs[: MOST_PARAGRAPHS - 1], paragraphs[MOST_PARAGRAPHS - 1 :]
    return [*head, "\n\n".join(rest)]


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """Paragraphs that were changed, in pairs; a pair that shares too little is one removed and one added."""
    for before, after in zip_longest(old, new):
        if before is None or after is None:
            yield Row(
                None if before is None else (Word(before, True),), None if after is None else (Word(after, True),)
            )
            continue
        pair = _words(before, after)
        if pair is not None:
            yield pair
        else:
            yield Row((Word(before, True),), None)
            yield Row(None, (Word(after, True),))


def _words(before: str, after: str) -> Row | None:
    """Two paragraphs word by word; None where they share too little, or are too long to be compared."""
    one, other = _WORD.findall(before), _WORD.findall(after)
    if len(one) + len(other) > MOST_WORDS:
        return Row((Word(before, True),), (Word(after, True),))
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    shared = sum(not text.isspace() for i, _, size in matcher.get_matching_blocks() for text in one[i : i + size])
    if 2 * shared < LIKE * sum(not text.isspace() for text in (*one, *other)):
        return None
    left: list[Word] = []
    right: list[Word] = []
    for kind, i, j, k, m in matcher.get_opcodes():
        is_changed = kind != "equal"
        if i < j:
            left.append(Word("".join(one[i:j]), is_changed))
        if k < m:
            right.append(Word("".join(other[k:m]), is_changed))
    return Row(tuple(left), tuple(right))
