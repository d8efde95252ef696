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

from marsad.clean.text import fold, pattern_of

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


@lru_cache(maxsize=8)
def _first_words(kinds: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(p).split()[0] for kind in kinds for p in vocabulary()[kind])


_KINDS: tuple[CueKind, ...] = (
    "read_more", "related", "lists", "keywords", "source", "keywords_bare", "modified", "published", "byline",
)  # fmt: skip
_FIRST = re.compile(r"\w+")


def find_cue(text: str, kinds: tuple[CueKind, ...] = _KINDS) -> Cue | None:
    """The cue a line opens with, if any; the first kind of ``kinds`` wins."""
    head = fold(text[:60])
    first = _FIRST.search(head)
    if first is None or first[0] not in _first_words(kinds):
        return None
    for kind in kinds:
        found = _at_start(kind).match(text)
        if found:
            separator = found["sep"]
            colon = any(c in separator for c in ":：-–—|…»>") or text[: found.start("cue")].strip() in ("[", "(")
            return Cue(kind, found[0].strip(), text[found.end() :].strip(), colon)
    return None


def opens_with(text: str, kind: str) -> bool:
    """Whether a line opens with a phrase of a list."""
    return _at_start(kind).match(text) is not None


def is_line_of(text: str, kind: str) -> bool:
    """Whether a whole line, folded, is a phrase of a list."""
    return fold(text) in folded(kind)


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
    if len(text) > 70:
        return ()
    found = _CREDIT_LINE.match(text)
    return agencies_in(found["names"]) if found else ()


def credit_at_end(text: str) -> tuple[str, ...]:
    """The agencies credited in brackets at the end of a paragraph; they stay in its text."""
    found = _CREDIT_TAIL.search(text[-60:])
    return agencies_in(found["names"]) if found else ()
