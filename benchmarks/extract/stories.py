"""Stories with what a careful reader marked in them, and the form they are written in.

A file holds stories one after another. A story opens with a line ``=== id | day | country | register`` and goes on
to the next; each line of it is a paragraph. What a reader marks is written round the words, and marks may nest::

    وقال {P فلاديمير بوتين:بوتين} {T 2026-03-02:أمس} إن "{D قال; بوتين=فلاديمير بوتين:السلام ممكن}".

``{TAG attributes:words}``; the README beside this file says what each tag holds. Offsets are made here, never by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

NAMES = {"P": "PER", "L": "LOC", "O": "ORG", "F": "FAC", "E": "EVENT", "N": "MISC"}
QUOTATIONS = {"D": "direct", "I": "indirect", "M": "mixed"}
KINDS = frozenset(
    [
        "killed",
        "injured",
        "killed_or_injured",
        "arrested",
        "displaced",
        "missing",
        "people",
        "money",
        "percent",
        "other",
    ]
)
_OPEN = re.compile(r"\{([PLOFENDIMTQ])(\?)?(?: ((?:[^:{}]|(?<=T\d\d):(?=\d\d))*))?:")
_NUMBER = r"\d+(?:\.\d+)?(?:e\d+)?"
_AMOUNT = re.compile(rf"(~)?(?:({_NUMBER})([+-])?|({_NUMBER})?\.\.({_NUMBER})?)$")
_DAY = r"\d{4}(?:-(?:\d\d(?:-\d\d)?|W\d\d))?(?:T\d\d:\d\d)?"
_VALUE = re.compile(rf"(?:{_DAY}(?:/{_DAY})?|P(?=.)(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?|T\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?)$")


class Malformed(ValueError):
    """A story that cannot be read; the message names the story and the line."""


@dataclass(frozen=True)
class Mark:
    """One thing a reader marked; ``values`` holds what the kind is judged by."""

    start: int
    end: int
    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    is_optional: bool = False
    """Either reading is right: neither finding it nor passing it over is counted."""


@dataclass(frozen=True)
class Story:
    """A text and its marks, by layer: mentions, quotations, timexes, quantities."""

    id: str
    body: str
    day: date | None
    mentions: tuple[Mark, ...] | None = None
    quotations: tuple[Mark, ...] | None = None
    timexes: tuple[Mark, ...] | None = None
    quantities: tuple[Mark, ...] | None = None
    title: str | None = None
    names: frozenset[tuple[str, str]] | None = None
    """Where a reader listed names without their places: (name, type)."""
    country: str | None = None
    register: str | None = None

    @property
    def is_held_out(self) -> bool:
        """One in three of those marked in their text, by a hash of its id: rules are never made with these in view."""
        return self.register is not None and int(sha256(self.id.encode()).hexdigest(), 16) % 3 == 0


def _mention(tag: str, words: str, text: str) -> dict[str, Any]:
    found = re.fullmatch(r"(?:([A-Z]{2})\b ?)?(.*)", words)
    assert found
    return {"name": found[2].strip() or text, "country": found[1]}


def _quotation(words: str) -> dict[str, Any]:
    parts = [part.strip() for part in words.split(";")]
    if len(parts) not in (2, 3):
        raise ValueError("a quotation has a cue, a speaker and perhaps a reporter: {D قال; بوتين:…}")
    cue, speaker, reporter = (None if part in ("", "-") else part for part in (*parts, "")[:3])
    return {"cue": cue, "speakers": _forms(speaker), "reporters": _forms(reporter)}


def _forms(words: str | None) -> tuple[str, ...]:
    """The forms of a name that are right; «-» among them: none given is right as well."""
    return tuple(name.strip() for name in words.split("=")) if words else ()


def _timex(words: str) -> tuple[str, dict[str, Any]]:
    value, *part = words.split()
    if value in ("-", "!", "-duration", "-range", "-time"):
        kind = value[1:] or "date"
        return kind, {"value": None, "part": part[0] if part else None, "contradicts": value == "!"}
    if not _VALUE.match(value):
        raise ValueError(f"not a value of a timex: {value}")
    kind = "range" if "/" in value else "duration" if value[0] == "P" else "time" if "T" in value else "date"
    return kind, {"value": value, "part": part[0] if part else None, "contradicts": False}


def _quantity(words: str) -> tuple[str, dict[str, Any]]:
    amount, kind, *unit = words.split()
    found = _AMOUNT.match(amount)
    if not found or kind not in KINDS or (kind == "money") != bool(unit):
        raise ValueError(f"not a quantity: {words} (amount, kind, and the currency or - of money)")
    approximate, number, side, low, high = found.groups()
    value = float(number) if number else None
    lower = float(low) if low else value if side == "+" else None
    upper = float(high) if high else value if side == "-" else None
    is_range = bool(low and high) and not approximate
    return kind, {
        "value": value,
        "low": lower,
        "high": upper,
        "approximate": bool(approximate or side) or (value is None and not is_range),
        "currency": unit[0] if unit and unit[0] != "-" else None,
    }


def _mark(tag: str, words: str, start: int, end: int, text: str, is_optional: bool) -> Mark:
    if tag in NAMES:
        return Mark(start, end, NAMES[tag], _mention(tag, words, text), is_optional)
    if tag in QUOTATIONS:
        return Mark(start, end, QUOTATIONS[tag], _quotation(words), is_optional)
    kind, values = _timex(words) if tag == "T" else _quantity(words)
    return Mark(start, end, kind, values, is_optional)


def parse(marked: str) -> tuple[str, dict[str, list[Mark]]]:
    """The plain text, and its marks by layer.

    Raises:
        ValueError: a mark that is not closed, not known, empty, or whose values cannot be read.
    """
    body = ""
    layers: dict[str, list[Mark]] = {"mentions": [], "quotations": [], "timexes": [], "quantities": []}
    stack: list[tuple[str, bool, str, int]] = []
    at = 0
    while at < len(marked):
        char = marked[at]
        if char == "{":
            found = _OPEN.match(marked, at)
            if not found:
                raise ValueError(f"no mark: {marked[at : at + 40]}")
            stack.append((found[1], bool(found[2]), (found[3] or "").strip(), len(body)))
            at = found.end()
            continue
        if char == "}":
            if not stack:
                raise ValueError(f"nothing to close: {marked[max(0, at - 40) : at + 1]}")
            tag, is_optional, words, start = stack.pop()
            text = body[start:]
            if not text or text != text.strip():
                raise ValueError(f"an empty mark, or one with space at its edge: {text!r}")
            try:
                mark = _mark(tag, words, start, len(body), text, is_optional)
            except ValueError as error:
                raise ValueError(f"{error} ({text[:40]})") from None
            layer = "mentions" if tag in NAMES else "quotations" if tag in QUOTATIONS else "timexes"
            layers["quantities" if tag == "Q" else layer].append(mark)
        else:
            body += char
        at += 1
    if stack:
        raise ValueError(f"not closed: {stack[-1][0]} {stack[-1][2]}")
    return body, {name: sorted(marks, key=lambda mark: (mark.start, mark.end)) for name, marks in layers.items()}


def _check(body: str, layers: dict[str, list[Mark]]) -> None:
    """Whoever is said to speak must stand in the text, and so must the cue."""
    for mark in layers["quotations"]:
        values = mark.values
        for name in (values["cue"], *values["speakers"][:1], *values["reporters"][:1]):
            if name and name not in body:
                raise ValueError(f"not in the text: {name}")
    for mark in layers["mentions"]:
        name = mark.values["name"]
        if mark.kind == "PER" and name not in body:
            raise ValueError(f"a name that the story does not give: {name}")


def read_file(path: Path) -> Iterator[Story]:
    """The stories of one file.

    Raises:
        Malformed: names the file, the line and the story.
    """
    lines = [*path.read_text(encoding="utf-8").splitlines(), "==="]
    head: list[str] = []
    paragraphs: list[str] = []
    seen: set[str] = set()
    opened = 0
    for number, line in enumerate(lines, 1):
        if not line.startswith("==="):
            if line.strip():
                try:
                    parse(line.strip())
                except ValueError as error:
                    raise Malformed(f"{path.name}:{number}: {head[0] if head else 'no story'}: {error}") from None
                paragraphs.append(line.strip())
            continue
        if head:
            try:
                body, layers = parse("\n\n".join(paragraphs))
                _check(body, layers)
                if head[0] in seen:
                    raise ValueError("an id for two stories")
                seen.add(head[0])
                day = date.fromisoformat(head[1]) if head[1] != "-" else None
                yield Story(
                    head[0],
                    body,
                    day,
                    mentions=tuple(layers["mentions"]),
                    quotations=tuple(layers["quotations"]),
                    timexes=tuple(layers["timexes"]),
                    quantities=tuple(layers["quantities"]),
                    country=head[2],
                    register=head[3],
                )
            except ValueError as error:
                raise Malformed(f"{path.name}:{opened}: {head[0]}: {error}") from None
        elif paragraphs:
            raise Malformed(f"{path.name}:{number}: text before the first story")
        head, paragraphs, opened = [part.strip() for part in line[3:].split("|")], [], number
        if line != "===" and len(head) != 4:
            raise Malformed(f"{path.name}:{number}: a story opens with === id | day | country | register")


def own_stories() -> list[Story]:
    """The stories marked in their text, in the order of their files."""
    return [story for path in sorted((Path(__file__).parent / "stories").glob("*.txt")) for story in read_file(path)]
