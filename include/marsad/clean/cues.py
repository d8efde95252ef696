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
_SEPARATOR = r"[\s:：\-–—|.…»>\])]*"


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
    return re.compile(rf"{_LEAD_IN}(?P<cue>{either})(?!\w)(?P<sep>{_SEPARATOR})", re.I)


@lru_cache(maxsize=32)
def folded(kind: str) -> frozenset[str]:
    """A list of the vocabulary, folded, for whole-line comparison."""
    return frozenset(fold(p) for p in vocabulary()[kind])


_KINDS: tuple[CueKind, ...] = (
    "read_more", "related", "lists", "keywords", "source", "keywords_bare", "modified", "published", "byline",
)  # fmt: skip
_FIRST = re.compile(rf"[^\W_](?:\w|[{MARKS}])*")


@lru_cache(maxsize=1)
def _openers() -> dict[str, frozenset[str]]:
    """The lists of the vocabulary that have a phrase with a given first word."""
    found: dict[str, set[str]] = {}
    for kind, phrases in vocabulary().items():
        for phrase in phrases:
            first = _FIRST.search(phrase)
            if first is not None:
                found.setdefault(fold(first[0]), set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in found.items()}


_NONE: frozenset[str] = frozenset()


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
            colon = any(c in separator for c in ":：-–—|…»>") or text[: found.start("cue")].strip() in ("[", "(")
            return Cue(kind, found[0].strip(), text[found.end() :].strip(), colon)
    return None


def opens_with(text: str, kind: str) -> bool:
    """Whether a line opens with a phrase of a list."""
    return kind in kinds_opened(text) and _at_start(kind).match(text) is not None


def holds(text: str, kind: str) -> bool:
    """Whether a text holds a phrase of a list anywhere; folded, so for rare use."""
    inside = f" {fold(text)} "
    return any(f" {phrase} " in inside for phrase in folded(kind))


def is_line_of(text: str, kind: str) -> bool:
    """Whether a whole line, folded, is a phrase of a list."""
    return kind in kinds_opened(text) and fold(text) in folded(kind)


@lru_cache(maxsize=1)
def _agency_names() -> frozenset[str]:
    return frozenset(fold(a) for a in vocabulary()["agencies"])


_CREDIT_LINE = re.compile(r"^[\s\-–—*/.]*[(\[«]?\s*(?P<names>[^()\[\]«»]{2,60}?)\s*[)\]»]?[\s\-–—*/.]*$")
_CREDIT_TAIL = re.compile(r"[(\[]\s*(?P<names>[^()\[\]]{2,40}?)\s*[)\]][\s.\-–—]*$")
_BETWEEN = re.compile(r"\s*(?:[،,/|+؛;]|\s[-–—]\s|\s(?:و|and)\s+)\s*")


def agencies_in(names: str) -> tuple[str, ...]:
    """The agencies a credit names, as printed; empty unless every part is one."""
    parts = [p.strip(" .") for p in _BETWEEN.split(names) if p.strip(" .")]
    if parts and all(is_agency(p) for p in parts):
        return tuple(parts)
    return ()


def is_agency(name: str) -> bool:
    """Whether a name is an agency's, or its initials."""
    folded_name = fold(name)
    return folded_name in _agency_names() or folded_name.removeprefix("و") in _agency_names()


def credit_line(text: str) -> tuple[str, ...]:
    """The agencies of a line that is nothing but a credit, such as «(أ ف ب)» or «رويترز، أ ب»."""
    if len(text) > 70 or "agencies" not in kinds_opened(text):
        return ()
    found = _CREDIT_LINE.match(text)
    return agencies_in(found["names"]) if found else ()


def credit_at_end(text: str) -> tuple[str, ...]:
    """The agencies credited in brackets at the end of a paragraph; they stay in its text."""
    found = _CREDIT_TAIL.search(text[-60:])
    return agencies_in(found["names"]) if found else ()
