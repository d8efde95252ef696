"""How well groups agree with events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scores:
    """Precision, recall and F1, over pairs of articles and by article (B-cubed; Bagga and Baldwin 1998)."""

    precision: float
    recall: float
    f1: float
    b_precision: float
    b_recall: float
    b_f1: float


def scores(events: Mapping[str, str], groups: Mapping[str, str]) -> Scores:
    """Compare what groups articles are in with the events they tell of; both by article id."""
    cells = Counter((events[a], groups[a]) for a in events)
    by_event, by_group = Counter(events.values()), Counter(groups[a] for a in events)
    right = sum(n * (n - 1) for n in cells.values())
    named = sum(n * (n - 1) for n in by_group.values())
    wanted = sum(n * (n - 1) for n in by_event.values())
    precision, recall = right / named if named else 1.0, right / wanted if wanted else 1.0
    total = len(events)
    b_precision = sum(n * n / by_group[g] for (_, g), n in cells.items()) / total
    b_recall = sum(n * n / by_event[e] for (e, _), n in cells.items()) / total
    return Scores(precision, recall, _f1(precision, recall), b_precision, b_recall, _f1(b_precision, b_recall))


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
