"""The dates that a story's lines print, and what each line says its date is of."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from marsad.clean.context import Context
from marsad.clean.cues import vocabulary
from marsad.clean.dates import PrintedDate, find_printed_date
from marsad.clean.labels import SILENT, Line
from marsad.clean.text import pattern_of, word_set

SpeaksOf = Literal["published", "modified", ""]


@dataclass(frozen=True, slots=True)
class Printed:
    """A date that a line of the story prints."""

    speaks_of: SpeaksOf
    day: PrintedDate
    line: Line


@lru_cache(maxsize=1)
def _speaks() -> re.Pattern[str]:
    def either(kind: str) -> str:
        return "|".join(pattern_of(p) for p in sorted(vocabulary()[kind], key=lambda p: (-len(p), p)))

    return re.compile(
        rf"(?<!\w)(?:(?P<modified>{either('modified')})|(?P<published>{either('published')}))(?!\w)", re.I
    )


_YEAR = re.compile(r"[12١٢۱۲][\d٠-٩۰-۹]{3}")
_CLOCK_LINE = re.compile(r"^\W*(?:الساعة\s*)?[\d٠-٩]{1,2}\s?[:.]\s?[\d٠-٩]{2}(?!\d).{0,25}$", re.S)


def printed_dates(page: Context) -> Iterator[Printed]:
    """The dates of the lines that may date the story, each with what its line says of it."""
    for position, line in enumerate(page.head_lines):
        text = line.text
        if len(text) > 200 or _YEAR.search(text) is None or not may_date(page, line):
            continue
        said: SpeaksOf = ""
        if position and _is_label(page.head_lines[position - 1], line):
            said = _said(page.head_lines[position - 1].text)
        for speaks_of, part in _parts(text):
            day = find_printed_date(part)
            if day is None:
                continue
            said = speaks_of or said
            if day.clock is None:
                day = _with_clock(day, part, page.head_lines[position + 1 : position + 2])
            if said or may_date_unsaid(page, line):
                yield Printed(said, day, line)


def _parts(text: str) -> Iterator[tuple[SpeaksOf, str]]:
    """A line cut before each word that says what a date is of: «نشر: 3 مارس 2026 | آخر تحديث: 4 مارس 2026»."""
    words = list(_speaks().finditer(text))[:6]
    starts = [w.start() for w in words] + [len(text)]
    head = text[: starts[0]]
    if words and _YEAR.search(head) and not any(_YEAR.search(text[a:b]) for a, b in itertools.pairwise(starts)):
        yield _said(text), text  # «3 مارس 2026، آخر تحديث 14:00»
        return
    yield "", head
    for word, end in zip(words, starts[1:], strict=True):
        # a colon may stand right at the day
        yield ("modified" if word["modified"] else "published"), text[word.end() : end].lstrip(" :：-–—|")


def _is_label(label: Line, line: Line) -> bool:
    """Whether a line may be «نشر في» over a date."""
    return (
        label.block.index == line.block.index - 1 and len(label.text) <= 30 and _speaks().search(label.text) is not None
    )


def _said(text: str) -> SpeaksOf:
    """What a text says of a date: the first word for it."""
    found = _speaks().search(text)
    return "" if found is None else "modified" if found["modified"] else "published"


def _with_clock(day: PrintedDate, text: str, following: Sequence[Line]) -> PrintedDate:
    """A date whose hour stands on the next line."""
    if following and _CLOCK_LINE.match(following[0].text[:60]):
        return find_printed_date(f"{text} {following[0].text}") or day
    return day


_OF_SITE = re.compile(r"©|حقوق|(?:ال|لل)موقع(?!\w)|copyright|rights reserved", re.I)


def may_date(page: Context, line: Line) -> bool:
    """Whether a line is the story's: by the headline, in the text or soon after it, not in a box of others."""
    index = line.block.index
    if line.block.kind == "caption" or _OF_SITE.search(line.text):
        return False
    if 0 <= page.first < index < page.last and (line.block.kind == "quote" or line.block.links):
        return False  # a post of somebody else's
    if line.role in ("related", "tags") or (line.role in SILENT and line.role != "aside"):
        return False
    if line.role == "aside" and not (page.first >= 0 and index < page.first):
        return False
    return page.last < 0 or index <= page.last + 15


def may_date_unsaid(page: Context, line: Line) -> bool:
    """Whether a date without a word of what it is may be the story's: by the headline or at its foot.

    In the middle of the text it belongs to what the text tells; far above the headline, to the site.
    """
    index = line.block.index
    if page.first < 0:
        return True
    if index >= page.first_prose():
        between = page.document.blocks[page.last + 1 : index]
        is_foot = page.last < index <= page.last + 3
        return is_foot and not any(b.links or b.is_prose or b.kind == "heading" for b in between)
    return not (0 <= index < _head_of(page) and (line.label == "prose" or _is_of_site(page, line)))


def stands_above(page: Context, line: Line) -> bool:
    """Whether a line stands above the headline."""
    return 0 <= line.block.index < _head_of(page)


def _head_of(page: Context) -> int:
    return page.title_index if page.title_index >= 0 else page.first


_SITE_BOXES = word_set("top topbar header head masthead today now clock site navbar nav bar ticker logo weather banner")
_STORY_BOXES = word_set("post entry article story news content single detail details item node meta byline")


def _is_of_site(page: Context, line: Line) -> bool:
    """Whether a line above the headline is today's date, printed by the site on every page.

    It is where only the page itself holds both, or where it stands in a box named after the page's top.
    """
    head = _head_of(page)
    own = line.block.container
    for box in page.document.ancestors(own):
        if box.start <= head < box.end:
            return box.tag in ("html", "body", "tbody", "table") and box.index != own
        if box.tag in ("nav", "footer"):
            return True
        if not box.names.isdisjoint(_SITE_BOXES) and box.names.isdisjoint(_STORY_BOXES):
            return True
    return False
