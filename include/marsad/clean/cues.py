"""The cue vocabulary (``cues.yaml``) as patterns, and what a line looks like to them.

Patterns forgive spelling (``text.pattern_of``) and nothing else. They are compiled once a
process, on first use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import yaml

from marsad.clean.text import MARKS, fold, pattern_of

CueKind = Literal[
    "read_more", "related", "lists", "source", "keywords", "keywords_bare", "byline", "published", "modified"
]

_LEAD_IN = r"^[\s\[(«\"'*•●▪◄►»>|\-–—]*"
_SEPARATOR = r"[\s:：\-–—|/\\.…»>\])]*"


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue found at the start of a line."""

    kind: CueKind
    text: str
    """The cue as it stands, with what separates it from the rest."""
    rest: str
    """What follows on the same line, possibly nothing."""
    has_colon: bool
    """A colon, dash or the like stands between."""


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, tuple[str, ...]]:
    """The lists of ``cues.yaml`` by name."""
    data = yaml.load(files("marsad.clean").joinpath("cues.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    lists = {}
    for name, value in data.items():
        items = re.split(r"\s*،\s*", value) if isinstance(value, str) else [str(v) for v in value]
        lists[name] = tuple(dict.fromkeys(" ".join(i.split()) for i in items))
    return lists


@lru_cache(maxsize=32)
def _at_start(kind: str) -> re.Pattern[str]:
    # longest first: an alternation takes the first that fits
    phrases = sorted(vocabulary()[kind], key=lambda p: (-len(p), p))
    either = "|".join(pattern_of(p) for p in phrases)
    return re.compile(rf"{_LEAD_IN}(?P<cue>{either})(?![\w{MARKS}])(?P<sep>{_SEPARATOR})", re.I)


@lru_cache(maxsize=32)
def folded(kind: str) -> frozenset[str]:
    """A list of the vocabulary, folded, for whole-line comparison."""
    return frozenset(fold(p) for p in vocabulary()[kind])


_KINDS: tuple[CueKind, ...] = (
    "read_more", "related", "lists", "keywords", "source", "keywords_bare", "modified", "published", "byline",
)  # fmt: skip
_FIRST = re.compile(rf"[^\W\d_](?:\w|[{MARKS}])*")
_NO_OPENERS = frozenset(
    {"common", "places", "disclaims", "disclaimers", "channels", "paid", "goes_on", "waw_words", "not_names"}
)


@lru_cache(maxsize=1)
def _openers() -> dict[str, frozenset[str]]:
    """The lists of the vocabulary that have a phrase with a given first word."""
    found: dict[str, set[str]] = {}
    for kind, phrases in vocabulary().items():
        for phrase in phrases if kind not in _NO_OPENERS else ():
            first = _FIRST.search(phrase)
            if first is not None:
                found.setdefault(fold(first[0]), set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in found.items()}


_NONE: frozenset[str] = frozenset()
_NUMBER = re.compile(r"[\d()\[\]:]+")
_WHERE = re.compile(r"(?:في|على|عبر|ضمن)\s[^:،.«»]{2,25}[:：]\s*")
"""«اقرأ أيضا في الشروق: …»: where to read it is not part of the headline."""


@lru_cache(maxsize=16384)
def _opened_by(word: str) -> frozenset[str]:
    return _openers().get(fold(word), _NONE)


def kinds_opened(text: str) -> frozenset[str]:
    """The lists whose phrases a line may open with, by its first word alone: for nearly all lines, none."""
    first = _FIRST.search(text, 0, 60)
    return _opened_by(first[0]) if first is not None else _NONE


def find_cue(text: str, kinds: tuple[CueKind, ...] = _KINDS) -> Cue | None:
    """The cue a line opens with, if any; the first kind of ``kinds`` wins."""
    opened = kinds_opened(text)
    if not opened:
        return None
    for kind in kinds:
        if kind in opened and (found := _at_start(kind).match(text)):
            separator = found["sep"]
            bracketed = text[: found.start("cue")].strip() in ("[", "(")
            rest = text[found.end() :].strip()
            if bracketed:
                rest = rest.rstrip(")] ")
            colon = any(c in separator for c in ":：-–—|/…»>") or bracketed
            if kind == "read_more" and (where := _WHERE.match(rest)):
                rest, colon = rest[where.end() :], True
            return Cue(kind, found[0].strip(), rest, colon)
    return None


def opens_with(text: str, kind: str) -> bool:
    """Whether a line opens with a phrase of a list."""
    return kind in kinds_opened(text) and _at_start(kind).match(text) is not None


def holds(text: str, kind: str) -> bool:
    """Whether a text holds a phrase of a list anywhere; folded, so for rare use."""
    inside = f" {fold(text)} "
    return any(f" {phrase} " in inside or f" و{phrase} " in inside for phrase in folded(kind))


def heads_comments(text: str) -> bool:
    """Whether a line is nothing but the heading of a page's comments, with their number or without."""
    return len(text) <= 40 and is_line_of(_NUMBER.sub(" ", text).strip(), "comments")


def is_line_of(text: str, kind: str) -> bool:
    """Whether a whole line, folded, is a phrase of a list."""
    return kind in kinds_opened(text) and fold(text) in folded(kind)


@lru_cache(maxsize=1)
def _agency_names() -> frozenset[str]:
    return frozenset(fold(a) for a in vocabulary()["agencies"])


_CREDIT_LINE = re.compile(r"^[\s\-–—*/.]*[(\[«]?\s*(?P<names>[^()\[\]«»]{2,60}?)\s*[)\]»]?[\s\-–—*/.]*$")
_CREDIT_TAIL = re.compile(r"[(\[]\s*(?P<names>[^()\[\]]{2,40}?)\s*[)\]][\s.\-–—]*$")
_BRACKETED = re.compile(r"[\s\-–—*/.]*[(\[]\s*([^()\[\]«»\d:؟!]{2,34}?)\s*[)\]][\s.\-–—*/]*")
_BETWEEN = re.compile(r"\s*(?:[،,/|+؛;]|\s[-–—]\s|\s(?:و|and)\s+)\s*")


def agencies_in(names: str) -> tuple[str, ...]:
    """The agencies a credit names, as printed; empty unless every part is one."""
    parts = [p.strip(" .") for p in _BETWEEN.split(names) if p.strip(" .")]
    if parts and all(is_agency(p) for p in parts):
        return tuple(parts)
    return ()


def is_agency(name: str) -> bool:
    """Whether a name is an agency's, or its initials: one of those we know, or «وكالة الأنباء …»."""
    folded_name = fold(name)
    if folded_name in _agency_names() or folded_name.removeprefix("و") in _agency_names():
        return True
    return folded_name.startswith(("وكاله الانباء ", "وكاله انباء ")) and len(folded_name.split()) <= 5


_BESIDE = re.compile(r"\s*[/|\-–—]\s*")
_INITIALS = re.compile(r"[^\W\d_](?:[.\s]{0,2}[^\W\d_]){0,3}\.?")


def credit_line(text: str) -> tuple[str, ...]:
    """The agencies of a line that is nothing but a credit: «(أ ف ب)», «رويترز، أ ب», «بغداد/ وكالات», «ع.س/ رويترز»."""
    if len(text) <= 70 and "agencies" in kinds_opened(text):
        found = _CREDIT_LINE.match(text)
        if found and (names := agencies_in(found["names"])):
            return names
    if len(text) <= 45 and (_BESIDE.search(text) is not None):
        parts = [p.strip("() .") for p in _BESIDE.split(text)]
        agencies = tuple(p for p in parts if is_agency(p))
        others = [p for p in parts if p not in agencies]
        if agencies and len(parts) <= 3 and all(_stands_beside(p) for p in others):
            return agencies
    return ()


def bracketed_name(text: str) -> str | None:
    """The name in brackets that is all of a line, «(الوطنية)»: at a story's end whoever sent it, known here or not."""
    found = _BRACKETED.fullmatch(text) if len(text) <= 40 else None
    if found is None or len(found[1].split()) > 4 or not found[1][0].isalpha() or holds(found[1], "not_names"):
        return None
    return found[1].strip()


def _stands_beside(part: str) -> bool:
    """Whether a part of a credit is a place, the desk's initials, or the one word of the site's name."""
    return fold(part) in folded("places") or _INITIALS.fullmatch(part) is not None or len(part.split()) == 1


def credit_at_end(text: str) -> tuple[str, ...]:
    """The agencies credited in brackets at the end of a paragraph; they stay in its text."""
    found = _CREDIT_TAIL.search(text[-60:])
    return agencies_in(found["names"]) if found else ()
