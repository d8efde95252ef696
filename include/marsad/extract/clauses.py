"""Reported clauses: what stands behind «قال فلان إن …», and where it ends.

Arabic news reports in clauses more often than in marks. A clause opens at أن/إن and ends with its
sentence, or earlier: where another verb or participle of saying goes on («…، مشيرا إلى أن …»،
«… وأضاف»), where the one who relays it is named («…، بحسب الوكالة»), or where the writer
explains («…، في إشارة إلى …»). A clause part of which stands in marks is mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marsad.extract.data import words
from marsad.extract.items import SENTENCE_ENDS, Item
from marsad.extract.reports import Report, according, that_words
from marsad.extract.tokens import is_word

MIN_WORDS = 3
"""Words the shortest reported clause has; what is shorter was cut off from its verb."""
MAX_WORDS = 150
"""Words of the longest; what goes on without a full stop beyond that is no clause."""

_CONNECTORS = frozenset({"و", "وقد", "فقد", "كما", "فيما", "بينما", "حيث", "اذ", "ثم", "قد", "ولكن", "لكن"})


@dataclass(frozen=True, slots=True)
class Clause:
    """Items ``[first, past)`` of a paragraph that a report opens."""

    report: Report
    first: int
    past: int


def reported_clauses(items: list[Item], reports: Sequence[tuple[int, Report]], past: int) -> list[Clause]:
    """The clauses of one sentence.

    Args:
        items: the paragraph.
        reports: each report of the sentence with the item of its cue, in order.
        past: the item behind the sentence.

    Each report reads at most ``MAX_WORDS`` items, so that time is linear in the length of the sentence.
    """
    starts = [at for at, report in reports if _ends_clause(items, at, report)]
    found: list[Clause] = []
    for at, report in reports:
        opener = report.opener
        if opener is None or opener >= past or items[opener].word not in that_words():
            continue
        first = opener + 1
        end = next((s for s in starts if s > at and s > opener), past)
        if end - first > MAX_WORDS:
            continue
        end = _trimmed(items, first, _cut(items, first, end))
        length = sum(item.count if item.marked is not None else is_word(item.word) for item in items[first:end])
        if length >= MIN_WORDS:
            found.append(Clause(report, first, end))
    return found


def _ends_clause(items: Sequence[Item], at: int, report: Report) -> bool:
    """Whether a report goes on beside the clause before it rather than within it."""
    if report.cue.form == "participle":
        return True
    before = items[at - 1].word if at else "،"
    return items[at].start != report.cue_start or before in ("،", "؛") or before in _CONNECTORS


def _cut(items: list[Item], first: int, past: int) -> int:
    """Where a clause ends before ``past``: at an attribution, or where the writer explains it."""
    for k in range(first + 1, past):
        if items[k - 1].word not in ("،", ",", "؛"):
            continue
        if items[k].word in words("cues", "explains") or (
            items[k].word == "في" and items[k + 1 : k + 2] and items[k + 1].word in words("cues", "explains")
        ):
            return k
        if according(items, k, past) is not None:
            return k
    return past


def _trimmed(items: Sequence[Item], first: int, past: int) -> int:
    """Without signs and connectors at the end."""
    while past > first:
        item = items[past - 1]
        is_sign = item.word in SENTENCE_ENDS or item.word in "،,؛;:-–—"
        if item.marked is not None or not (is_sign or item.word in _CONNECTORS):
            break
        past -= 1
    return past
