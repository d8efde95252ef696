"""The counts as Markdown: all of them, the few for the README, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping

from benchmarks.extract.measures import Count, Counts

_JUDGED = (
    "speaker", "no wrong speaker", "cue", "reporter", "value", "part of day", "approximate", "canonical", "country",
)  # fmt: skip
_SHOWN = {
    "quotations, direct": "direct quotations",
    "quotations, indirect": "indirect and mixed quotations",
    "timexes": "times",
    "quantities": "numbers, with value and kind",
    "names": "names, with type",
    "names: PER": "people",
    "names: LOC": "places",
    "names: ORG": "organisations",
    "names: FAC": "facilities",
    "names: EVENT": "events",
    "names: MISC": "nationalities, titles of works",
}
_SHOWN_VALUES = ("speaker", "no wrong speaker", "reporter", "value", "canonical", "country")


def markdown(counts: Counts) -> str:
    """One line a kind, in a fixed order."""
    rows = ["| kind | marked | found | P | R | F1 | of the right ones |", "|---|--:|--:|--:|--:|--:|---|"]
    for name in sorted(counts):
        total = counts[name]
        figures = [figure(share) for share in (total.precision, total.recall, total.f1)]
        found = str(total.found)
        if name.endswith(" listed"):  # some of what is there is marked, or only its names: recall can be told
            figures, found = ["", figures[1], ""], ""
        rows.append(f"| {name} | {total.wanted} | {found} | {' | '.join(figures)} | {_values(total, _JUDGED)} |")
    return "\n".join(rows)


def summary(parts: Mapping[str, Counts]) -> str:
    """What the README shows: the same kinds of several parts of the stories, side by side."""
    rows = [
        "| |" + "".join(f" {part}: marked | F1 | of the right ones |" for part in parts),
        "|---|" + "--:|--:|---|" * len(parts),
    ]
    for name, title in _SHOWN.items():
        row = f"| {title} |"
        for counts in parts.values():
            total = counts.get(name, Count())
            row += f" {total.wanted} | {figure(total.f1)} | {_values(total, _SHOWN_VALUES)} |"
        rows.append(row)
    return "\n".join(rows)


def _values(total: Count, names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {figure(share)}" for name in names if (share := total.share(name)) is not None)


def figure(share: float) -> str:
    """Three digits, as the other tables have them."""
    return f"{share:.3f}".removeprefix("0")


def faults(counts: Counts) -> str:
    """Everything that went wrong, by kind. Kinds that only repeat another's are left out."""
    lines = []
    for name in sorted(counts):
        if counts[name].faults and not re.search(r"exact|span only|names: ", name):
            lines += ["", f"## {name}", *(f"- {fault}" for fault in sorted(counts[name].faults))]
    return "\n".join(lines)
