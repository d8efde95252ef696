"""A paragraph as the reader of quotations sees it: words, signs, and each marked text as one item.

Sentences end at items, so that no full stop within someone's words ends the sentence around them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from marsad.extract.quotes import MARKS, Marked, pair_marks
from marsad.extract.tokens import Tokens, is_word

SENTENCE_ENDS = frozenset(".؟?!…")


@dataclass(slots=True)
class Item:
    """A word, a sign, or a whole marked text (``word`` is then empty)."""

    word: str
    start: int
    end: int
    token: int
    marked: Marked | None = None
    count: int = 0
    """Words of a marked text."""
    is_ya: bool = False
    """Whether the word as written ends in ي: علي, not على."""


def items_of(tokens: Tokens, first: int, past: int, marked: Sequence[Marked]) -> list[Item]:
    """A paragraph's tokens as items; ``marked`` are its outermost marked texts, in order."""
    found: list[Item] = []
    queue = iter(marked)
    current = next(queue, None)
    i = first
    while i < past:
        start = tokens.start[i]
        if current is not None and start >= current.start - 1:
            opened = i
            count = 0
            while i < past and tokens.start[i] <= current.end:
                # «بي.إف.إم» is one word
                count += is_word(tokens.word[i]) and not (count and tokens.touches(i) and tokens.word[i - 1] == ".")
                i += 1
            found.append(Item("", current.start, current.end, opened, current, count))
            current = next(queue, None)
            continue
        word = tokens.word[i]
        if word not in MARKS:
            ends_in_ya = word == "علي" and tokens.body[tokens.end[i] - 1] == "ي"
            found.append(Item(word, start, tokens.end[i], i, is_ya=ends_in_ya))
        i += 1
    return found


def sentence_bounds(tokens: Tokens, items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """The sentences of a paragraph as item ranges ``[first, past)``.

    A stop ends one unless it stands in an abbreviation («د. سامر»، «بي.بي.سي»). Words in marks
    that close with a stop of their own end the sentence around them too, where a new one follows:
    قال: "لن نعود." وأضاف الوزير …
    """
    first = 0
    for i, item in enumerate(items):
        following = items[i + 1] if i + 1 < len(items) else None
        if following is None:
            yield first, i + 1
            return
        if item.marked is not None:
            ends = _closes_itself(tokens.body, item) and following.word[:1] in ("و", "ف") and item.count > 3
        else:
            ends = item.word in SENTENCE_ENDS and not _abbreviates(items, i) and following.word not in SENTENCE_ENDS
        if ends:
            yield first, i + 1
            first = i + 1


def _closes_itself(body: str, item: Item) -> bool:
    return body[item.start : item.end].rstrip()[-1:] in SENTENCE_ENDS


def _abbreviates(items: Sequence[Item], i: int) -> bool:
    """Whether a stop belongs to the word before it."""
    if i == 0 or items[i].word != ".":
        return False
    before, after = items[i - 1], items[i + 1]
    if len(before.word) == 1 and before.word.isalpha():
        return True
    return before.end == items[i].start and items[i].end == after.start and 0 < len(before.word) <= 3


def sentences(tokens: Tokens) -> list[tuple[int, int]]:
    """The sentences of a text as offsets ``[start, end)``, in order; none reaches over a paragraph's end.

    Linear in the length of the text. Marks around a sentence belong to it.
    """
    marked = pair_marks(tokens.body)
    found: list[tuple[int, int]] = []
    at = 0
    for first, past in tokens.paragraphs():
        until = at
        while until < len(marked) and marked[until].start <= tokens.end[past - 1]:
            until += 1
        items = items_of(tokens, first, past, marked[at:until])
        at = until
        for begin, end in sentence_bounds(tokens, items):
            one, last = items[begin], items[end - 1]
            found.append((one.start - (one.marked is not None), last.end + (last.marked is not None)))
    return found
