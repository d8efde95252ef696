"""The place that opens a story, and the agencies named beside it.

«بيروت – …», «لندن: «…»», «القاهرة (رويترز) - …», «واشنطن/ وكالات», «غزة ـ من فلان»: a place, what
may stand beside it (a country, a day, a credit in brackets), and a mark that ends it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from marsad.clean.cues import agencies_in, folded
from marsad.clean.text import fold

_LONGEST = 120
_OPENING = re.compile(r"[\s«\"(*•]*(?:[^\W\d_]{2,15}\s+من\s+(?=\S))?")  # «إيلاف من لندن»
_WORDS = re.compile(r"[^\W\d_ـ]+(?:\s[^\W\d_ـ]+){0,3}")
_BESIDE = re.compile(
    r"(?:\s?[،,]\s?[^\W\d_]+(?:\s[^\W\d_]+)?(?=\s*[(\[:：\-–—ـ/|]))?"  # the country
    r"\s*\)?\s*[،,]?\s*(?:في\s+)?(?:\d[^:：()«»\-–—]{2,25})?"  # the day
    r"\s*(?P<credit>[(\[][^()\[\]]{2,40}[)\]])?"
    r"(?P<gap>\s*)(?P<mark>[:：]|[-–—ـ]+|/|\||$)?"
)
_AFTER = re.compile(r"\s*(?P<names>[^:：«»\n]{2,30}?)\s*(?:[:：/]|\s[-–—ـ]+\s?|[-–—]{2}|[-–—]\s|$)")
_CREDITED = re.compile(
    r"[\s«\"]*(?P<place>[^\W\d_][^\d:.«»()\[\]\n]{1,40}?)\s*(?P<credit>[(\[][^()\[\]]{2,40}[)\]])\s*[:：\-–—ـ/]"
)


def find_dateline(paragraphs: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The place that opens a text, and the agencies credited beside it; the text keeps both.

    A place of the vocabulary needs a mark after it; any other place needs an agency in brackets.
    """
    if not paragraphs:
        return None, ()
    text = paragraphs[0][:_LONGEST]
    for start in dict.fromkeys((0, _skipped(text))):
        place, end = _place_at(text, start)
        if place is not None and (found := _credit_after(text, end)) is not None:
            return place, found
    credited = _CREDITED.match(text)
    if credited is not None and len(credited["place"].split()) <= 4:
        names = agencies_in(credited["credit"].strip("()[] "))
        if names:
            return re.split(r"\s*[،,/]\s*", credited["place"].strip())[0], names
    return None, ()


def _skipped(text: str) -> int:
    opening = _OPENING.match(text)
    return opening.end() if opening is not None else 0


def _place_at(text: str, start: int) -> tuple[str | None, int]:
    """The longest place of the vocabulary at a position, and where it ends."""
    start += len(text[start:]) - len(text[start:].lstrip(' «"('))
    found = _WORDS.match(text, start)
    if found is None:
        return None, start
    words = found[0].split()
    for count in range(len(words), 0, -1):
        place = " ".join(words[:count])
        if fold(place) in folded("places"):
            return place, start + len(place)
    return None, start


def _credit_after(text: str, end: int) -> tuple[str, ...] | None:
    """The agencies after a place; None where nothing marks it as a dateline."""
    found = _BESIDE.match(text, end)
    if found is None or (found["credit"] is None and found["mark"] is None):
        return None
    credit = agencies_in((found["credit"] or "").strip("()[] "))
    mark, rest = found["mark"], text[found.end() :]
    if mark is None:
        return credit or None  # «واشنطن (رويترز) قال …»: only an agency makes it one
    if not credit and (after := _AFTER.match(rest)) is not None:
        credit = agencies_in(after["names"].strip("()[] ./-–—ـ"))
    is_tight = mark in "-–—" and not found["gap"] and not rest[:1].isspace()
    if is_tight and not credit and not rest.startswith("«"):
        return None  # «بيروت-دمشق» is a road
    return credit
