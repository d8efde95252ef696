"""The stories the pages are built of: our own, read from ``stories.txt``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

KINDS = {"## ": "heading", "* ": "item", "> ": "quote"}


class Line(NamedTuple):
    """A line of a page: ``kind`` says how it is marked up, ``href`` is set where all of it is a link."""

    kind: str
    text: str
    href: str | None = None


@dataclass(frozen=True)
class Story:
    """One story; ``day`` is ISO 8601."""

    name: str
    day: str
    place: str
    agency: str
    keywords: tuple[str, ...]
    title: str
    lines: tuple[Line, ...]


@cache
def stories() -> tuple[Story, ...]:
    """All stories, in the order of the file."""
    text = Path(__file__).with_name("stories.txt").read_text(encoding="utf-8")
    return tuple(_story(part) for part in text.split("\n== ")[1:])


def _story(part: str) -> Story:
    head, title, *rest = (line for line in part.splitlines() if line.strip())
    name, day, place, agency, keywords = (cell.strip() for cell in head.split("|"))
    lines = []
    for line in rest:
        mark = next((m for m in KINDS if line.startswith(m)), "")
        lines.append(Line(KINDS.get(mark, "paragraph"), line.removeprefix(mark)))
    return Story(name, day, place, agency, tuple(keywords.split("، ")), title, tuple(lines))
