"""How well the extract room reads, against what readers marked.

    python benchmarks/extract_accuracy.py PATH...  [--errors]

Each PATH is either a JSON file with ``articles`` (``role``, ``paragraphs``, ``published_date``) and
what a reader finds in them (``quotations``, ``not_quotations``, ``temporal_expressions``,
``quantities``, ``entities``), or a folder of ``*.tml`` files with TIMEX3 marks. For each kind:
precision and recall of the texts, and of the values among the texts found.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from marsad.extract.article import read_article

_TIMEX = re.compile(r"<TIMEX3\b([^>]*)>(.*?)</TIMEX3>", re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_REFERENCE = re.compile(r"_REF|UNDEF|X")
_TML_DAY = date(2015, 12, 24)
"""The corpus carries no publication day; its «اليوم» is this one throughout."""


@dataclass
class Score:
    """Counts of one kind, and what went wrong."""

    wanted: int = 0
    found: int = 0
    hits: int = 0
    values: int = 0
    errors: list[str] = field(default_factory=list)

    def line(self, name: str) -> str:
        """One row of the table."""
        precision = self.hits / self.found if self.found else 0.0
        recall = self.hits / self.wanted if self.wanted else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        right = self.values / self.hits if self.hits else 0.0
        return f"{name:<28}{self.wanted:>7}{self.found:>7}{precision:>9.3f}{recall:>8.3f}{f1:>7.3f}{right:>9.3f}"

    def compare(self, wanted: Iterable[tuple[Any, Any]], found: Iterable[tuple[Any, Any]]) -> None:
        """Match (key, value) pairs by key, once each, then count equal values."""
        rest = list(found)
        self.found += len(rest)
        for key, value in wanted:
            self.wanted += 1
            index = next((i for i, (k, _) in enumerate(rest) if k == key), None)
            if index is None:
                self.errors.append(f"missed  {key}")
                continue
            _, have = rest.pop(index)
            self.hits += 1
            if have == value:
                self.values += 1
            else:
                self.errors.append(f"value   {key}: wanted {value}, found {have}")
        self.errors += [f"extra   {key}: {value}" for key, value in rest]


def read_stories(path: Path, scores: dict[str, Score]) -> None:
    """Score one JSON file."""
    gold = json.loads(path.read_text(encoding="utf-8"))
    taken: set[str] = set()
    for story in gold["articles"]:
        role, body = story["role"], "\n\n".join(story["paragraphs"])
        day = story.get("published_date")
        found = read_article(body, title=story.get("title"), anchor=date.fromisoformat(day) if day else None)

        def mine(kind: str, role: str = role) -> list[dict[str, Any]]:
            return [x for x in gold.get(kind, []) if x["article"] == role]

        scores["quotations: speaker"].compare(
            [(q["quotation"], q["speaker"]) for q in mine("quotations")],
            [(q.text, q.speaker) for q in found.quotations if q.kind == "direct"],
        )
        scores["quotations: cue, reporter"].compare(
            [(q["quotation"], (q["cue"], q.get("reported_by"))) for q in mine("quotations")],
            [(q.text, (q.cue, q.reported_by)) for q in found.quotations if q.kind == "direct"],
        )
        scores["timexes: value, part of day"].compare(
            [(t["text"], (t["value"], t.get("part_of_day"))) for t in mine("temporal_expressions")],
            [(t.text, (t.value, t.part_of_day)) for t in found.timexes],
        )
        scores["quantities: value, kind"].compare(
            [(q["text"], (q["value"], q["kind"])) for q in mine("quantities")],
            [(q.text, (q.value, q.kind)) for q in found.quantities],
        )
        names = {(m.name, m.type) for m in found.mentions if m.type != "MISC"}
        entities = gold.get("entities", {}).get(role, {})
        scores["names: type"].compare([(n, kind) for kind, ns in entities.items() for n in ns], sorted(names))
        taken |= {q.text for q in found.quotations}
    for text in gold.get("not_quotations", []):
        if text in taken:
            scores["quotations: speaker"].errors.append(f"no quotation, yet taken: {text}")


def read_tml(path: Path, exact: Score, overlap: Score) -> None:
    """Score one TimeML file; marks without a calendar value (الآن, مؤخرا) and sets (كل يوم) are left out."""
    text = path.read_text(encoding="utf-8-sig")
    text = text.split("<TimeML>", 1)[-1].rsplit("</TimeML>", 1)[0]
    body, marks, ignored, at = "", [], [], 0
    for match in _TIMEX.finditer(text):
        body += html.unescape(text[at : match.start()])
        words = html.unescape(match[2])
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        value, start = attributes.get("value", ""), len(body)
        body += words
        span = (start, len(body))
        if attributes.get("type") == "SET" or _REFERENCE.search(value):
            ignored.append(span)
        else:
            marks.append((span, value))
        at = match.end()
    body += html.unescape(text[at:])
    found = [
        ((t.start, t.end), t.value)
        for t in read_article(body, title=None, anchor=_TML_DAY).timexes
        if not any(t.start < b and a < t.end for a, b in ignored)
    ]

    def plain(value: str | None) -> str:
        return re.sub(r"T(NI|MO|EV|AF|DT)$", "", value or "")

    exact.compare([(body[a:b], plain(v)) for (a, b), v in marks], [(body[a:b], plain(v)) for (a, b), v in found])
    # the nearest reading of one expression may hold more words than a reader marked: اليوم / صباح اليوم
    overlap.compare(
        [(next((s for s, _ in found if s[0] < b and a < s[1]), (a, b)), plain(v)) for (a, b), v in marks],
        [(s, plain(v)) for s, v in found],
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--errors", action="store_true", help="list what was missed, extra or of another value")
    options = parser.parse_args()
    print(f"{'':<28}{'gold':>7}{'found':>7}{'precision':>10}{'recall':>7}{'F1':>7}{'value':>9}")
    for path in options.paths:
        began = time.perf_counter()
        scores: dict[str, Score] = {}
        if path.is_dir():
            scores = {"timexes, exact words": Score(), "timexes, overlapping": Score()}
            for file in sorted(path.glob("*.tml")):
                read_tml(file, *scores.values())
        else:
            names = ("quotations: speaker", "quotations: cue, reporter", "timexes: value, part of day")
            scores = {name: Score() for name in (*names, "quantities: value, kind", "names: type")}
            read_stories(path, scores)
        print(f"{path} ({time.perf_counter() - began:.2f} s)")
        for name, score in scores.items():
            print(score.line(name))
            for error in score.errors if options.errors else ():
                print(f"    {error}")


if __name__ == "__main__":
    main()
