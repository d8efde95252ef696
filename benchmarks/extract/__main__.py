"""How well and how fast the extract room reads: what ``make bench`` runs.

    python -m benchmarks.extract [--set own|PATH]... [--part all|dev|held-out] [--misses] [--readme README.md]

PATH is a corpus in a form that ``readers.py`` knows. Without ``--set``: our own stories, all of them.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.extract import keyphrases, speed
from benchmarks.extract.gold import all_stories
from benchmarks.extract.measures import Counts, add
from benchmarks.extract.readers import NoCorpus, read
from benchmarks.extract.stories import Story
from marsad.extract.article import read_article

START, END = "<!-- bench:extract -->", "<!-- /bench:extract -->"
_JUDGED = [
    "speaker",
    "no wrong speaker",
    "cue",
    "reporter",
    "value",
    "part of day",
    "approximate",
    "canonical",
    "country",
]


def measure(stories: Iterable[Story]) -> Counts:
    """Read every story and judge what was found."""
    counts: Counts = {}
    for story in stories:
        add(story, read_article(story.body, title=story.title, anchor=story.day), counts)
    return counts


def markdown(counts: Counts) -> str:
    """The table: one line a kind, in a fixed order."""
    rows = ["| kind | marked | found | P | R | F1 | of the right ones |", "|---|--:|--:|--:|--:|--:|---|"]
    for name in sorted(counts):
        total = counts[name]
        values = [f"{value} {_figure(share)}" for value in _JUDGED if (share := total.share(value)) is not None]
        figures = [_figure(figure) for figure in (total.precision, total.recall, total.f1)]
        if name.endswith(" listed"):  # such a list is of names without places: only recall can be told
            figures = ["", figures[1], ""]
        found = "" if name.endswith(" listed") else total.found
        rows.append(f"| {name} | {total.wanted} | {found} | {' | '.join(figures)} | {', '.join(values)} |")
    return "\n".join(rows)


def _figure(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")


def faults(counts: Counts) -> str:
    """Everything that went wrong, by kind. Kinds that only repeat another's are left out."""
    lines = []
    for name in sorted(counts):
        if counts[name].faults and not re.search(r"exact|span only|names: ", name):
            lines += ["", f"## {name}", *(f"- {fault}" for fault in sorted(counts[name].faults))]
    return "\n".join(lines)


def replace_between(text: str, table: str) -> str:
    """A text with ``table`` between the two markers.

    Raises:
        ValueError: the markers are not there, each once, in order.
    """
    parts = re.split(f"({re.escape(START)}|{re.escape(END)})", text)
    if parts[1::2] != [START, END]:
        raise ValueError(f"{START} and {END} must stand there, once each")
    return f"{parts[0]}{START}\n{table.strip()}\n{END}{parts[4]}"


def part_of(stories: Iterable[Story], part: str) -> list[Story]:
    """All stories, those that rules may be made with (dev), or those they may not (held-out)."""
    return [story for story in stories if part == "all" or story.is_held_out == (part == "held-out")]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", dest="sets", metavar="own|PATH", help="may be repeated")
    parser.add_argument("--part", choices=("all", "dev", "held-out"), default="all", help="of our own stories")
    parser.add_argument("--misses", action="store_true", help="list what was missed, extra or of another value")
    parser.add_argument("--speed", action="store_true", help="also articles a second and memory")
    parser.add_argument("--readme", type=Path, help="rewrite the table between the markers of this file")
    options = parser.parse_args()
    out: list[str] = []
    for name in options.sets or ["own"]:
        if name != "own" and keyphrases.is_corpus(Path(name)):
            found = keyphrases.measure(Path(name))
            out.append(f"`{Path(name).name}`: {found.documents} documents.\n\n{keyphrases.markdown(found)}")
            continue
        try:
            stories = part_of(all_stories(), options.part) if name == "own" else read(Path(name))
        except (NoCorpus, OSError) as error:
            sys.exit(str(error))
        counts = measure(stories)
        title = f"own, {options.part}" if name == "own" else f"`{Path(name).name}`"
        out.append(f"{title}: {len(stories)} stories.\n\n{markdown(counts)}")
        if options.misses:
            print(f"# {title}{faults(counts)}\n")
    if options.speed:
        out.append(f"The whole stage, one process, CPU time:\n\n{speed.markdown(speed.measure())}")
    print("\n\n".join(out))
    if options.readme:
        text = options.readme.read_text(encoding="utf-8")
        options.readme.write_text(replace_between(text, "\n\n".join(out)), encoding="utf-8")


if __name__ == "__main__":
    main()
