"""How well and how fast the extract room reads: what ``make bench`` runs.

    python -m benchmarks.extract [--set own|PATH]... [--part all|dev|held-out] [--misses] [--speed] [--readme README.md]

PATH is a corpus in a form that ``readers.py`` or ``keyphrases.py`` knows. Without ``--set``: our own stories.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.extract import keyphrases, speed
from benchmarks.extract.gold import all_stories
from benchmarks.extract.measures import Counts, add
from benchmarks.extract.readers import NoCorpus, read
from benchmarks.extract.stories import Malformed, Story
from benchmarks.extract.tables import faults, markdown, summary
from benchmarks.readme import put
from marsad.extract.article import read_article


def measure(stories: Iterable[Story]) -> Counts:
    """Read every story and judge what was found."""
    counts: Counts = {}
    for story in stories:
        add(story, read_article(story.body, title=story.title, anchor=story.day), counts)
    return counts


def part_of(stories: Iterable[Story], part: str) -> list[Story]:
    """All stories, those that rules may be made with (dev), or those they may not (held-out)."""
    return [story for story in stories if part == "all" or story.is_held_out == (part == "held-out")]


def own(part: str, is_short: bool, has_misses: bool) -> str:
    """The figures of our own stories; the short form has those held out beside them all."""
    stories = all_stories()
    if is_short:
        held = part_of(stories, "held-out")
        parts = {f"all {len(stories)} stories": measure(stories), f"{len(held)} held-out": measure(held)}
        return summary(parts)
    chosen = part_of(stories, part)
    counts = measure(chosen)
    misses = f"\n{faults(counts)}" if has_misses else ""
    return f"own, {part}: {len(chosen)} stories.\n\n{markdown(counts)}{misses}"


def corpus(path: Path, has_misses: bool) -> str:
    """The figures of a corpus given.

    Raises:
        NoCorpus: there is none that is known.
        Malformed: a story in our own form that cannot be read.
    """
    if keyphrases.is_corpus(path):
        found = keyphrases.measure(path)
        return f"`{path.name}`: {found.documents} documents.\n\n{keyphrases.markdown(found)}"
    stories = read(path)
    counts = measure(stories)
    misses = f"\n{faults(counts)}" if has_misses else ""
    return f"`{path.name}`: {len(stories)} stories.\n\n{markdown(counts)}{misses}"


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
    try:
        for name in options.sets or ["own"]:
            is_own = name == "own"
            out.append(
                own(options.part, options.readme is not None, options.misses)
                if is_own
                else corpus(Path(name), options.misses)
            )
    except (NoCorpus, Malformed, OSError) as error:
        sys.exit(str(error))
    if options.speed:
        out.append(f"The whole stage, one process, CPU time:\n\n{speed.markdown(speed.measure())}")
    print("\n\n".join(out))
    if options.readme:
        put(options.readme, "extract", "\n\n".join(out))


if __name__ == "__main__":
    main()
