"""Stories marked beside their text rather than in it: shorter to write, names as a list.

``stories/*.yaml`` holds lists of stories: ``id``, ``day``, ``body`` (paragraphs by blank lines), and

- ``quotes``: direct quotations, ``[words, speaker as written, full name or null, who relays it]``; ``?`` before words
  that may be read as none
- ``told``: reported clauses, ``[words, speaker]``
- ``times``: ``[words, ISO value]``; ``"*"`` where any reading is right, a third item where the words differ
- ``amounts``: ``[words, value or null, kind, currency or %]``; ``"?"`` where several states share the currency
- ``names``: ``[full name, type, country]``, once a story, without their places
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from benchmarks.extract.stories import KINDS, NAMES, Malformed, Mark, Story, own_stories


def _places(body: str, texts: Iterable[str]) -> list[tuple[int, int]]:
    """Where each text stands: the same text again is its next place."""
    after: dict[str, int] = {}
    found = []
    for text in texts:
        start = body.find(text, after.get(text, 0))
        if start < 0:
            raise ValueError(f"not in the text: {text}")
        after[text] = start + len(text)
        found.append((start, start + len(text)))
    return found


def _timex(value: str) -> tuple[str, str]:
    kind = "range" if "/" in value else "duration" if value[0] == "P" else "time" if "T" in value else "date"
    return kind, value


def _quotations(body: str, entry: dict[str, Any]) -> list[Mark]:
    marks = []
    for kind, rows in (("direct", entry.get("quotes", [])), ("indirect", entry.get("told", []))):
        for (start, end), row in zip(_places(body, (r[0].removeprefix("?") for r in rows)), rows, strict=True):
            speaker, name, relay = [*row[1:], None, None, None][:3]
            for said in (speaker, relay):
                if said and said not in body:
                    raise ValueError(f"not in the text: {said}")
            speakers = tuple(dict.fromkeys(s for s in (speaker, name) if s))
            values = {"speakers": speakers, "reporters": (relay,) if relay else ()}
            marks.append(Mark(start, end, kind, values, row[0].startswith("?")))
    return sorted(marks, key=lambda mark: (mark.start, mark.end))


def _timexes(body: str, rows: list[list[Any]]) -> list[Mark]:
    marks = []
    for (start, end), row in zip(_places(body, (r[2] if len(r) > 2 else r[0] for r in rows)), rows, strict=True):
        is_free = row[1] == "*"
        kind, value = ("date", None) if row[1] in (None, "*") else _timex(row[1])
        marks.append(Mark(start, end, kind, {"value": value, "contradicts": False}, is_free))
    return marks


def _quantities(body: str, rows: list[list[Any]]) -> list[Mark]:
    marks = []
    for (start, end), row in zip(_places(body, (r[4] if len(r) > 4 else r[0] for r in rows)), rows, strict=True):
        if row[2] not in KINDS:
            raise ValueError(f"not a kind of quantity: {row[2]} ({row[0]})")
        unit = row[3] if len(row) > 3 and row[3] not in ("?", "%") else None
        value = float(row[1]) if row[1] is not None else None
        marks.append(Mark(start, end, row[2], {"value": value} | ({"currency": unit} if unit else {})))
    return marks


def read_yaml(path: Path) -> list[Story]:
    """The stories of one file.

    Raises:
        Malformed: names the file and the story.
    """
    stories = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        body = "\n\n".join(" ".join(p.split()) for p in entry["body"].strip().split("\n\n"))
        try:
            names = [(n[0], n[1]) for n in entry.get("names", [])]
            for name, kind in names:
                if kind not in NAMES.values() or name not in body:
                    raise ValueError(f"no such name or type: {name} {kind}")
            day = entry["day"] if isinstance(entry["day"], date) else date.fromisoformat(entry["day"])
            stories.append(
                Story(
                    entry["id"],
                    body,
                    day,
                    quotations=tuple(_quotations(body, entry)),
                    timexes=tuple(_timexes(body, entry.get("times", []))),
                    quantities=tuple(_quantities(body, entry.get("amounts", []))),
                    names=frozenset(names),
                )
            )
        except (ValueError, KeyError) as error:
            raise Malformed(f"{path.name}: {entry.get('id')}: {error}") from None
    return stories


def all_stories() -> list[Story]:
    """Our own stories of both forms."""
    beside = sorted((Path(__file__).parent / "stories").glob("*.yaml"))
    return [*own_stories(), *(story for path in beside for story in read_yaml(path))]
