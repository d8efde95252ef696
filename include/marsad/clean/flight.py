"""Data that refers to itself: React's wire format (Next.js' app router) and Apollo's cache."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from marsad.clean.jsliteral import Budget, NotLiteral, read_json, read_literal

_CHUNK = re.compile(r"__next_f\s*(?:=[^;()]{0,40})?\)?\s*\.push\(")
_ROW = re.compile(r"([0-9a-f]{1,8}):([A-Z]{0,2})")
_TEXT_ROW = re.compile(r"([0-9a-f]{1,8}):T([0-9a-f]{1,7}),")
_REFERENCE = re.compile(r"\$[L@]?([0-9a-f]{1,8})$")


def flight_chunks(text: str, budget: Budget) -> list[str]:
    """The pieces of the stream that one script pushes; raises ``NotLiteral``."""
    chunks: list[str] = []
    for found in _CHUNK.finditer(text):
        value, _ = read_literal(text, found.end(), budget=budget)
        if isinstance(value, list) and len(value) > 1 and value[0] == 1 and isinstance(value[1], str):
            chunks.append(value[1])
    return chunks


def flight_rows(stream: str) -> Iterator[tuple[str, Any]]:
    """The rows of React's wire format (Next.js' app router), with their references to each other resolved."""
    data = stream.encode("utf-8", "surrogatepass")
    rows: dict[str, Any] = {}
    position = 0
    while position < len(data):
        head = data[position : position + 20].decode("latin-1")
        if (found := _TEXT_ROW.match(head)) is not None:  # counted in bytes, and may hold lines
            start = position + found.end()
            position = start + int(found[2], 16)
            rows[found[1]] = data[start:position].decode("utf-8", "replace")
            continue
        line_end = data.find(b"\n", position)
        line_end = len(data) if line_end < 0 else line_end
        if (found := _ROW.match(head)) is not None and not found[2]:
            with suppress(NotLiteral):
                rows[found[1]] = read_json(data[position + found.end() : line_end].decode("utf-8", "replace"))
        position = line_end + 1
    _resolve(list(rows.values()), rows)
    yield from ((f"__next_f.{key}", value) for key, value in rows.items() if isinstance(value, (dict, list)))
    yield "__next_f.elements", {"__html": elements_html(list(rows.values()))}


_TEXT_TAGS = frozenset(("p", "h2", "h3", "h4", "li", "blockquote"))
_MOST_ELEMENTS = 50_000


class _Closing(str):
    """A closing tag, to be written when all that is before it on the stack has been."""

    __slots__ = ()


def elements_html(roots: list[Any]) -> str:
    """The text elements of a tree of React elements as HTML: those of its longest ``article``, if it has one."""
    articles: list[list[str]] = [[]]  # the first is all that is in none
    seen: set[int] = set()
    stack: list[tuple[Any, int, list[str] | None]] = [(root, 0, None) for root in reversed(roots)]
    while stack and len(seen) < _MOST_ELEMENTS:
        item, article, line = stack.pop()
        if isinstance(item, _Closing) and line is not None:
            line.append(item)
        elif line is not None and type(item) in (str, int) and not str(item).startswith("$"):
            line.append(html.escape(str(item), quote=False))
        if not isinstance(item, list) or id(item) in seen:
            continue
        seen.add(id(item))
        if not (len(item) == 4 and item[0] == "$" and isinstance(item[3], dict)):
            stack.extend((inner, article, line) for inner in reversed(item))
            continue
        tag, properties = item[1], item[3]
        if tag == "article":
            articles.append([])
            article = len(articles) - 1
        markup = properties.get("dangerouslySetInnerHTML")
        inside = properties.get("children")
        if isinstance(markup, dict) and isinstance(markup.get("__html"), str):
            articles[article].append(markup["__html"])
        elif tag in _TEXT_TAGS and line is None:
            line = articles[article]
            line.append(f"<{tag}>")
            stack.append((_Closing(f"</{tag}>"), article, line))
        stack.append((inside, article, line))
    found = max(articles[1:] or articles, key=lambda lines: sum(map(len, lines)))
    return "".join(found)


def _resolve(stack: list[Any], rows: dict[str, Any]) -> None:
    """Put rows where others refer to them, in place; every container is visited once."""
    seen: set[int] = set()

    def meant(value: Any) -> Any:
        if isinstance(value, str) and value[:1] == "$":
            found = _REFERENCE.match(value)
            if found is not None and found[1] in rows:
                return rows[found[1]]
            return None if value == "$undefined" else value[2:] if value.startswith("$D") else value.removeprefix("$")
        return value

    while stack:
        item = stack.pop()
        if not isinstance(item, (dict, list)) or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, dict):
            for key, value in item.items():
                item[key] = meant(value)
            stack.extend(item.values())
        else:
            is_element = len(item) == 4 and item[0] == "$"
            item[is_element:] = [meant(v) for v in item[is_element:]]
            stack.extend(item)


def resolve_cache(cache: dict[str, Any]) -> None:
    """Put the objects of an Apollo cache where others refer to them by id, in place."""
    stack: list[Any] = list(cache.values())
    seen: set[int] = set()
    while stack:
        item = stack.pop()
        if not isinstance(item, (dict, list)) or id(item) in seen:
            continue
        seen.add(id(item))
        for key, value in list(item.items() if isinstance(item, dict) else enumerate(item)):
            if isinstance(value, dict):
                reference = value.get("__ref") or (value.get("id") if value.get("type") == "id" else None)
                if isinstance(reference, str) and reference in cache:
                    item[key] = cache[reference]
            stack.append(item[key])
