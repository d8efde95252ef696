"""A search word as a regular expression over texts as they are stored: every spelling that search takes for the word.

Search compares words folded and bare (:mod:`marsad.warehouse.fold`). To fold every text of a lake at every question
would cost seconds; an expression that knows the spellings runs over the stored texts at the speed of a plain scan. It
may let a few through that the comparison itself refuses, and who searches compares again; it never refuses one that
compares equal, but for words within a single code point (ﷺ), which nobody can search for by a part.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from marsad.curate.shingles import fold
from marsad.warehouse.fold import search_words

MAX_WORDS = 8
MAX_LETTERS = 40
"""Of one word that is searched for; no Arabic word is longer."""

_LOOKED_AT = (
    (0x00, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0x1D00, 0x2FFF), (0x3000, 0x303F), (0xA640, 0xA6FF),
    (0xE000, 0xE000), (0xFB00, 0xFFFD),
)  # fmt: skip
"""Code points beyond these fold to themselves, or stand in no text of ours."""
_APART = ((0xE000, 0xF8FF), (0x1F000, 0x1FAFF))


@dataclass(frozen=True)
class _Letters:
    """What code points fold to."""

    spelt: dict[str, str]
    """For a folded letter all that fold to it."""
    marks: str
    """Those that fold to nothing."""
    apart: str
    """Those that part words."""


@functools.cache
def _letters() -> _Letters:
    spelt: dict[str, list[str]] = {}
    marks, apart = [], []
    for first, last in _LOOKED_AT:
        for c in map(chr, range(first, last + 1)):
            folded = fold(c)
            if not folded:
                marks.append(c)
            elif not search_words(c):
                apart.append(c)
            elif len(folded) == 1:
                spelt.setdefault(folded, []).append(c)
    return _Letters({k: "".join(v) for k, v in spelt.items()}, "".join(marks), "".join(apart))


@dataclass(frozen=True, slots=True)
class WordForm:
    """One word of a question."""

    word: str
    """Folded and bare."""
    core: str
    """An expression for RE2 that finds its letters anywhere: cheap, and fails fast."""
    whole: str
    """One for RE2 that finds it as a word."""
    pattern: str
    """The same for Python's ``re``; group 1 is the word as it stands, with what is joined before it."""


def forms_of(question: str) -> tuple[WordForm, ...]:
    """The words of a question, each once, at most ``MAX_WORDS``."""
    words = list(dict.fromkeys(search_words(question).split()))
    return tuple(_form(word[:MAX_LETTERS]) for word in words[:MAX_WORDS])


def has_all(forms: Iterable[WordForm], *texts: str | None) -> bool:
    """Whether all words stand in texts, as search compares them: the last word on what is found."""
    wanted = {form.word for form in forms}
    if not wanted:
        return True
    return wanted <= {word for text in texts for word in search_words(text).split()}


def _form(word: str) -> WordForm:
    re2, python = ("\\x{{{:x}}}".format), (lambda point: f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}")
    core, whole = _expressions(word, re2)
    # what follows is only looked at, so that two words with one space between are both found
    _, pattern = _expressions(word, python, ahead="?=")
    return WordForm(word, core, whole, pattern)


def _expressions(word: str, escape: Callable[[int], str], ahead: str = "?:") -> tuple[str, str]:
    """An expression of a word's letters, and one of the word between separators."""
    known = _letters()
    mark = f"{_class(known.marks, escape)}*"

    def letters(text: str) -> str:
        return "".join(_class(known.spelt.get(c, "") + c, escape) + mark for c in text)

    def any_of(text: str) -> str:
        return _class("".join(known.spelt.get(c, "") + c for c in text), escape) + mark

    before = f"(?:(?:{any_of('وف')})?(?:{any_of('بك')})?{letters('ال')}|(?:{any_of('وف')})?{letters('لل')})*"
    body = letters(word)
    joined = f"{before}{body}"
    if word in ("الله", "الان", "التي", "الذي"):
        joined = f"(?:{any_of('وفبكت')})?{body}|{joined}"
    if word == "الله":
        body = letters("لله")  # which stands in all of them
        joined = f"(?:{any_of('وف')})?{letters('لله')}|{joined}"
    apart = _class(known.apart, escape, _APART)
    return body, f"(?:^|{apart}){mark}({joined})({ahead}{apart}|$)"


def _class(letters: Collection[str], escape: Callable[[int], str], more: Iterable[tuple[int, int]] = ()) -> str:
    """A bracket expression of letters, as ranges of code points."""
    ranges: list[list[int]] = []
    for point in sorted(set(map(ord, letters))):
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    spans = [*map(tuple, ranges), *more]
    return "[" + "".join(escape(a) if a == b else f"{escape(a)}-{escape(b)}" for a, b in spans) + "]"
