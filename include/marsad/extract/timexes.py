"""Expressions of time, and what they come to against the publication day.

One pass over the words. A table says which readers may begin at a word (most words have none); the
first that answers is taken, and reading goes on behind its expression. Relative expressions («أمس»،
«قبل ثلاثة أيام») need the publication day: without it their value stays null. Where a weekday is named
beside a date that falls on another, the value is null and the basis ``contradicts_weekday``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from marsad.extract import calendar as cal
from marsad.extract.clock import read_clock
from marsad.extract.context import Context, lexicon
from marsad.extract.dates import read_first_of, read_month
from marsad.extract.days import TODAY, TOMORROW, YESTERDAY, read_day, read_earlier
from marsad.extract.durations import read_about, read_duration
from marsad.extract.intervals import read_interval
from marsad.extract.numerals import NUMBER_WORDS, definite_value
from marsad.extract.record import TimexKind
from marsad.extract.resolve import Reading
from marsad.extract.spans import (
    read_counted_span,
    read_distance,
    read_edge,
    read_span,
)
from marsad.extract.tokens import Tokens
from marsad.extract.written import read_written
from marsad.extract.years import (
    read_century,
    read_decade,
    read_first_months,
    read_part_of_year,
    read_season,
    read_year,
)

Reader = Callable[[Context, int, int], "Reading | None"]
"""Reads at token ``i``, the first ``cut`` letters of which are conjunction and preposition."""
_CLITICS = frozenset("وفبل")
_KNOWN_WORDS = 1 << 16


@dataclass(frozen=True, slots=True)
class Found:
    """An expression of time before it becomes a row; ``first``/``past`` are tokens."""

    first: int
    past: int
    start: int
    end: int
    kind: TimexKind
    value: str | None
    part: str | None
    basis: str


def find_timexes(tokens: Tokens, anchor: date | None) -> list[Found]:
    """The expressions of time of a text, in order, none within another. Linear in the length of the text."""
    c = Context(tokens, anchor)
    found: list[Found] = []
    behind = 0
    for i, starts in [(i, starts) for i, word in enumerate(tokens.word) if (starts := _starts(word))]:
        if i < behind:
            continue
        for cut, reader in starts:
            day = reader(c, i, cut)
            if day is not None:
                start = tokens.inside(i, cut) if cut else tokens.start[i]
                end = tokens.end[day.past - 1]
                found.append(Found(i, day.past, start, end, day.kind, day.value.value, day.part, day.value.basis))
                behind = day.past
                break
    return found


@lru_cache(maxsize=_KNOWN_WORDS)
def _starts(word: str) -> tuple[tuple[int, Reader], ...]:
    """The readers that may begin at a folded word, each with the letters to leave out."""
    if word[0].isdecimal():
        return tuple((0, reader) for reader in _NUMERIC)
    table = _table()
    found = [(0, reader) for reader in table.get(word, ())]
    if word[0] in _CLITICS and (len(word) > 3 or word == "وفي"):
        found += [(1, reader) for reader in table.get(word[1:], ()) if reader in _WITH_CLITICS]
        if word[0] in "وف" and len(word) > 4 and word[1] in "بل":
            found += [(2, reader) for reader in table.get(word[2:], ()) if reader in _WITH_CLITICS]
    return tuple(found)


def _hourly(c: Context, i: int, cut: int) -> Reading | None:
    return read_clock(c, i, c.w[i]) if not cut else None


def _dated(c: Context, i: int, cut: int) -> Reading | None:
    return read_written(c, i) if not cut else None


def _first_of(c: Context, i: int, cut: int) -> Reading | None:
    return read_first_of(c, i)


def _edge(c: Context, i: int, cut: int) -> Reading | None:
    return read_edge(c, i)


def _about(c: Context, i: int, cut: int) -> Reading | None:
    return read_about(c, i)


def _counted(c: Context, i: int, cut: int) -> Reading | None:
    return read_counted_span(c, i)


def _century(c: Context, i: int, cut: int) -> Reading | None:
    return read_century(c, i)


def _opening(c: Context, i: int, cut: int) -> Reading | None:
    return read_first_months(c, i)


def _spread(c: Context, i: int, cut: int) -> Reading | None:
    """«من» and «بين» open a stretch of dates or of durations."""
    first = c.w[i + 1][0]
    return (read_interval(c, i, cut) or read_duration(c, i, cut)) if first not in '\n،.«"' else None


_NUMERIC: tuple[Reader, ...] = (_dated, _hourly, read_year, read_duration)
_WITH_CLITICS: frozenset[Reader] = frozenset(
    {read_day, read_month, read_year, read_span, read_distance, read_duration, read_decade, read_season, _edge, _spread,
     _about, read_part_of_year, read_earlier, _century}
)  # fmt: skip


@cache
def _table() -> dict[str, tuple[Reader, ...]]:
    """Readers by the folded word that they begin at, in the order in which they are asked."""
    lex = lexicon()
    listed: dict[str, list[Reader]] = {}

    def at(reader: Reader, *forms: str) -> None:
        for form in forms:
            readers = listed.setdefault(form, [])
            if reader not in readers:
                readers.append(reader)

    at(read_earlier, "وقت", "في")
    at(_edge, *lex.edges)
    at(_first_of, "اول")
    at(_about, *(phrase[0] for phrase in cal.phrases("bounds")), *lex.about)
    at(read_day, TODAY, *YESTERDAY, *TOMORROW, "اول", "بعد", "قبل", "منتصف", "يوم", "نهار", "الليله", "هذا", "هذه")
    at(read_day, "يومي", "ليلتي", "ايام", "ليالي", *cal.weekdays(), *cal.parts())
    at(read_distance, "قبل", "منذ", "بعد")
    at(read_year, *lex.year_words, *lex.year_pairs)
    at(_spread, "من", "بين")
    at(_hourly, "الساعه", *cal.hours(), "الحاديه")
    at(_dated, *cal.ordinals(), "الحادي", "الواحد", "العشرين", "العشرون", "الثلاثين", "الثلاثون")
    at(_opening, "الاشهر", "الشهور")
    at(read_span, "هذا", "هذه", *("ال" + unit for unit in cal.units()), *("لل" + unit for unit in cal.units()))
    at(read_decade, *cal.decades())
    at(_century, "القرن")
    at(read_part_of_year, "الربع", "النصف")
    at(read_season, *cal.seasons(), *("ال" + season for season in cal.seasons()))
    at(read_month, "شهر", "شهري", *cal.month_starts())
    at(_counted, "ال", "اخر")
    at(_counted, *("ال" + w for w in NUMBER_WORDS if definite_value("ال" + w) is not None))
    at(read_duration, *(w for w, (_, count) in cal.units().items() if count), *NUMBER_WORDS, "نصف", "ربع")
    return {form: tuple(readers) for form, readers in listed.items()}
