"""Where the words of a question stand in a text: the text in runs, and the passage to show of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from marsad.console.wordforms import WordForm

Run = tuple[str, bool]
"""A run of text, and whether it is a word of the question."""

BEFORE, LENGTH = 90, 300
"""Characters of a passage: before its first word, and in all."""
_LOOKED_AT = 100_000


def highlighted(text: str | None, forms: Sequence[WordForm]) -> list[Run]:
    """A text in runs. Joined they are the text."""
    text = text or ""
    runs: list[Run] = []
    at = 0
    for start, end in _places(text, forms):
        if start > at:
            runs.append((text[at:start], False))
        if end > max(at, start):
            runs.append((text[max(at, start) : end], True))
        at = max(at, end)
    if at < len(text):
        runs.append((text[at:], False))
    return runs


def passage(text: str, forms: Sequence[WordForm]) -> list[Run]:
    """A passage of a text around the first word of a question in it; its beginning where there is none."""
    places = _places(text, forms)
    begin = max(0, places[0][0] - BEFORE) if places else 0
    if begin:
        space = text.find(" ", begin, places[0][0])
        begin = space + 1 if space >= 0 else begin
    end = min(len(text), begin + LENGTH)
    cut = " ".join(text[begin:end].split())
    return highlighted(f"{'… ' if begin else ''}{cut}{' …' if end < len(text) else ''}", forms)


def _places(text: str, forms: Sequence[WordForm]) -> list[tuple[int, int]]:
    looked_at = text[:_LOOKED_AT]
    return sorted(m.span(1) for form in forms for m in re.finditer(form.pattern, looked_at))
