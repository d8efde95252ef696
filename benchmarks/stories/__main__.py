"""Stories: how well articles are grouped by event, beside simpler ways, and how fast.

    python -m benchmarks.stories [--articles 10000] [--faults] [--readme README.md]

The labelled articles (labelled.py) are published day by day into a lake, with what the shipped recogniser finds in
them, and each day is curated as the pipeline does. ``dev`` is what thresholds were set with, ``heldout`` was written
before and looked at only for the score. An article's group is the story of its last row; one without is alone.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.readme import put
from benchmarks.stories import days, peers, speed
from benchmarks.stories.labelled import read
from benchmarks.stories.measures import Scores, scores
from marsad.lake import Lake

PARTS = {"dev": "to tune with", "heldout": "held out"}


def line(articles: str, way: str, s: Scores) -> str:
    """A row of the table."""
    figures = (s.precision, s.recall, s.f1, s.b_precision, s.b_recall, s.b_f1)
    return f"| {articles} | {way} | " + " | ".join(f"{f:.3f}" for f in figures) + " |"


def part(name: str, has_faults: bool) -> list[str]:
    """The rows of one part."""
    articles = read(name)
    events = {one.article_id: one.event for one in articles}
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(folder)
        published = days.publish(articles, lake)
        story_of, copy_of = days.curate(published, lake)
    ours = days.everyone(articles, story_of)
    if has_faults:
        by_group: dict[str, list[str]] = defaultdict(list)
        by_event: dict[str, list[str]] = defaultdict(list)
        for one in articles:
            by_group[ours[one.article_id]].append(f"{one.article_id} {one.event}")
            by_event[one.event].append(f"{one.article_id} {ours[one.article_id]}")
        for kind, found in (("fused", by_group), ("parted", by_event)):
            for members in found.values():
                if len({m.split(" ", 1)[1] for m in members}) > 1:
                    print(f"{name} {kind}: {', '.join(members)}")
    told = f"{len(articles)} articles, {len(set(events.values()))} events, {PARTS[name]}"
    return [
        line(told, "Marsad", scores(events, ours)),
        line(told, "groups of duplicates alone", scores(events, days.everyone(articles, copy_of))),
        line(told, "tf-idf, single link, its best threshold", peers.best_single_link(articles, events, None)),
        line(told, "the same, pairs within 48 hours", peers.best_single_link(articles, events, 48)),
    ]


def main() -> None:
    """Measure and print; write the table into the README where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000, help="generated ones, for the time; 0 leaves it out")
    parser.add_argument("--faults", action="store_true", help="list what was fused and what was parted")
    parser.add_argument("--readme", type=Path)
    options = parser.parse_args()
    lines = [
        "| articles | grouped by | precision | recall | F1 | B³ precision | B³ recall | B³ F1 |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    start = time.perf_counter()
    for name in PARTS:
        lines += part(name, options.faults)
    print(f"{time.perf_counter() - start:.1f} s with extraction and peers")
    text = "\n".join(lines)
    if options.articles:
        text += f"\n\n{speed.measure(options.articles)}"
    print(text)
    if options.readme:
        put(options.readme, "stories", text)


if __name__ == "__main__":
    main()
