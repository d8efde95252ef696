"""The simple ways to group articles, to compare with: tf-idf cosine over folded words, single link."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

from benchmarks.stories.labelled import Labelled
from benchmarks.stories.measures import Scores, scores
from marsad.curate.shingles import words

NOON = time(12)


def cosines(articles: Sequence[Labelled]) -> dict[tuple[int, int], float]:
    """Of headline and text, every pair."""
    counts = [Counter(words(f"{one.title} {one.body}")) for one in articles]
    frequency = Counter(word for each in counts for word in each)
    made = []
    for each in counts:
        weights = {w: (1 + math.log(n)) * math.log(len(counts) / frequency[w]) for w, n in each.items()}
        length = math.sqrt(sum(v * v for v in weights.values())) or 1.0
        made.append({w: v / length for w, v in weights.items()})
    return {
        (a, b): sum(v * made[b].get(w, 0.0) for w, v in made[a].items())
        for a, b in itertools.combinations(range(len(made)), 2)
    }


def single_link(count: int, pairs: Mapping[tuple[int, int], float], threshold: float) -> list[int]:
    """For each of so many the group it is in."""
    parent = list(range(count))

    def root(x: int) -> int:
        while parent[x] != x:
            x = parent[x]
        return x

    for (one, other), cosine in pairs.items():
        if cosine >= threshold:
            parent[root(other)] = root(one)
    return [root(n) for n in range(count)]


def best_single_link(articles: Sequence[Labelled], events: Mapping[str, str], within_hours: int | None) -> Scores:
    """The score at the threshold that is best for these very articles.

    Args:
        within_hours: pairs farther apart are not linked; articles without an hour stand at noon.
    """
    pairs = cosines(articles)
    if within_hours is not None:
        at = [one.published_at or datetime.combine(one.date, NOON, UTC) for one in articles]
        hours = [each.timestamp() / 3600 for each in at]
        pairs = {pair: c for pair, c in pairs.items() if abs(hours[pair[0]] - hours[pair[1]]) <= within_hours}
    found = []
    for step in range(1, 60):
        home = single_link(len(articles), pairs, step / 100)
        groups = {one.article_id: str(home[n]) for n, one in enumerate(articles)}
        found.append(scores(events, groups))
    return max(found, key=lambda s: s.f1)
