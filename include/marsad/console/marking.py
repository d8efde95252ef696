"""Spans of a text as pieces: where names, quotations, dates and quantities overlap, each piece knows all that cover it.

HTML elements nest and spans need not: a quotation may begin within a date. So a text is cut at every border of a span,
and the pieces follow one another, none within another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

MarkKind = Literal["quotation", "speaker", "mention", "timex", "quantity"]

MAX_MARKS = 4_000
"""Of one text: a piece lists all marks that cover it, so that their number bounds the page."""
_BREAK = "\n\n"
"""Between paragraphs, as in ``articles.body``."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A span and what is said of it. Offsets count code points."""

    kind: MarkKind
    start: int
    end: int
    number: int
    """Its place in the list of its kind, from 1; a speaker has that of the quotation."""
    text: str
    """What the span is said to be."""
    note: str = ""
    """What the reader is told of it."""
    value: str = ""
    """A word that it is coloured by, such as the type of a name."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text with the same marks throughout."""

    text: str
    marks: tuple[Mark, ...] = ()
    """Those that cover it, the widest first."""
    starts: tuple[Mark, ...] = ()
    """Those of them that begin with it in this text: a place to link to."""

    @property
    def classes(self) -> str:
        """Class names: a mark's kind, and its kind with its value."""
        found: dict[str, None] = {}
        for mark in self.marks:
            found[f"m-{mark.kind}"] = None
            if mark.value.isascii() and mark.value.isalnum():
                found[f"m-{mark.kind}-{mark.value.lower()}"] = None
        return " ".join(found)

    @property
    def note(self) -> str:
        """All that is said of it, the narrowest first."""
        return " · ".join(dict.fromkeys(mark.note for mark in reversed(self.marks) if mark.note))


@dataclass(frozen=True, slots=True)
class Marked:
    """A text as paragraphs of pieces, and the marks that do not fit it."""

    paragraphs: tuple[tuple[Piece, ...], ...]
    misplaced: tuple[Mark, ...] = field(default=())
    """Marks whose text does not stand where they say: the story and its findings are of two publications."""
    left_out_count: int = 0
    """Marks beyond ``MAX_MARKS``."""


def mark_text(body: str, marks: Iterable[Mark]) -> Marked:
    """Cut a text into pieces at the borders of its marks.

    The pieces of a paragraph joined are the paragraph, and the paragraphs joined by a blank line are the text.
    """
    fitting: list[Mark] = []
    misplaced: list[Mark] = []
    for mark in marks:
        fits = 0 <= mark.start < mark.end <= len(body) and body[mark.start : mark.end] == mark.text
        (fitting if fits else misplaced).append(mark)
    fitting.sort(key=lambda m: (m.start, -m.end, m.kind, m.number))
    kept, left_out = fitting[:MAX_MARKS], max(0, len(fitting) - MAX_MARKS)
    paragraphs = []
    begin = following = 0
    running: list[Mark] = []
    for text in body.split(_BREAK):
        end = begin + len(text)
        running = [m for m in running if m.end > begin]
        while following < len(kept) and kept[following].start < end:
            running.append(kept[following])
            following += 1
        paragraphs.append(_pieces(text, begin, running))
        begin = end + len(_BREAK)
    return Marked(tuple(paragraphs), tuple(misplaced), left_out)


def _pieces(text: str, begin: int, marks: Sequence[Mark]) -> tuple[Piece, ...]:
    """The pieces of a paragraph that begins at an offset of the body; the marks are sorted by their start."""
    end = begin + len(text)
    borders = {begin, end}
    for mark in marks:
        borders |= {min(end, max(begin, mark.start)), max(begin, min(end, mark.end))}
    at = sorted(borders)
    found: list[Piece] = []
    open_marks: list[Mark] = []
    following = 0
    for start, stop in pairwise(at):
        open_marks = [m for m in open_marks if m.end > start]
        while following < len(marks) and marks[following].start <= start:
            open_marks.append(marks[following])
            following += 1
        wide = sorted(open_marks, key=lambda m: (m.start - m.end, m.start, m.kind, m.number))
        starts = tuple(m for m in wide if m.start == start)
        found.append(Piece(text[start - begin : stop - begin], tuple(wide), starts))
    return tuple(found)
