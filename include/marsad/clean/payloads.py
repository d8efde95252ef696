"""The data that frameworks leave in a page's scripts for the browser to start from.

Next.js (both routers), Nuxt 2 and 3, Apollo's cache, Arc's Fusion, Angular's transfer state
and anything that assigns an object. All of it is data; nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from marsad.clean.flight import flight_chunks, flight_rows
from marsad.clean.jsliteral import Budget, NotLiteral, read_json, read_literal
from marsad.clean.nuxt import is_flat, read_function, revive

MAX_SIZE = 5_000_000
"""Characters of scripts that are read of one page."""
_SMALLEST = 150
_MOST_ATTEMPTS = 12


class Script(NamedTuple):
    """A script of a page: its id, and what it holds."""

    id: str
    text: str


def state_scripts(page: str) -> list[Script]:
    """The scripts of a page of HTML that may hold a story, in order.

    Looked for with plain searches, in time linear in the page; JSON-LD has a reader of its own.
    """
    found: list[Script] = []
    size = position = 0
    while (start := _OPEN.search(page, position)) is not None:
        opened = page.find(">", start.end())
        end = _CLOSE.search(page, opened) if opened >= 0 else None
        if end is None:
            break
        position = closed = end.start()
        text = page[opened + 1 : closed]
        tag = page[start.end() : min(opened, start.end() + 2000)]
        if len(text) < _SMALLEST or "ld+json" in tag or not _may_hold_story(text):
            continue
        size += len(text)
        if size > MAX_SIZE:
            break
        found.append(Script(name[1] if (name := _ID.search(tag)) else "", text))
    return found


_OPEN, _CLOSE = re.compile(r"<script\b", re.I), re.compile("</script", re.I)
_ID = re.compile(r"""\bid\s*=\s*["']?([\w.-]{1,80})""", re.I)
_SIGNS = ("title", "headline", "__next_f", "__NUXT")


def _may_hold_story(text: str) -> bool:
    return any(sign in text for sign in _SIGNS)


def read_states(scripts: Sequence[Script]) -> Iterator[tuple[str, Any]]:
    """The values that scripts hold, each with a name for where it was found."""
    flight: list[str] = []
    budget = Budget()
    for script in scripts:
        text = script.text.strip().removeprefix("<!--").removesuffix("-->").strip()
        with suppress(NotLiteral):
            if "__next_f" in text:
                flight += flight_chunks(text, budget)
                continue
            if text[:1] in ("{", "[", '"'):
                yield _bare(script.id, text)
                continue
        yield from _assigned(text, budget)
    if flight:
        yield from flight_rows("".join(flight))


def _bare(name: str, text: str) -> tuple[str, Any]:
    if text.startswith("{&q;"):  # Angular's own escapes
        for coded, char in (("&q;", '"'), ("&s;", "'"), ("&l;", "<"), ("&g;", ">"), ("&a;", "&")):
            text = text.replace(coded, char)
    value = read_json(text)
    if isinstance(value, list) and ("NUXT" in name or is_flat(value)):
        value = revive(value)
    return name or "script", value


_ASSIGNED = re.compile(
    r"""(?<![\w$])(?P<name>[\w$]{1,60})(?:["']\])?\s{0,5}[:=]\s{0,5}"""
    r"(?P<value>\(*(?:function\b|\([\w$, ]{0,20000}\)\s*=>)|\{|\[|JSON\.parse\()"
)


def _assigned(text: str, budget: Budget) -> Iterator[tuple[str, Any]]:
    """What a script assigns: ``window.__INITIAL_STATE__ = {…}``, ``Fusion.globalContent={…}``."""
    position = failed = 0
    while failed < _MOST_ATTEMPTS:
        found = _ASSIGNED.search(text, position)
        if found is None:
            return
        name, start = found["name"], found.start("value")
        try:
            if text[start] in "{[" or text.startswith("JSON", start):
                value, position = read_literal(text, start, budget=budget)
            elif "NUXT" in name or "STATE" in name.upper():
                value, position = read_function(text, start, budget)
            else:
                position = found.end()
                continue
        except NotLiteral:
            failed += 1
            position = found.end()
            continue
        if isinstance(value, (dict, list)) and value:
            yield name, value
