"""Nuxt's data: a function's return value in Nuxt 2, a flat list of references in Nuxt 3 (both by devalue)."""

from __future__ import annotations

import re
from typing import Any

from marsad.clean.jsliteral import Budget, NotLiteral, end_of_block, read_arguments, read_literal

_HEADER = re.compile(r"\(*\s*(?:function\s*[\w$]*\s*)?\((?P<names>[\w$,\s]{0,40000}?)\)\s*(?:=>\s*)?\{")
_MEMBER = re.compile(r"""\.([\w$]{1,100})|\[(?:(\d{1,7})|"([^"\\]{1,200})"|'([^'\\]{1,200})')\]""")
_STATEMENT = re.compile(r"[\s;,]*(?:return\s*|(?P<name>[A-Za-z_$][\w$]{0,60})(?=[.\[=]))")


def read_function(text: str, start: int, budget: Budget) -> tuple[Any, int]:
    """What ``(function(a,b){a.x=1;return {…b…}}(…,…))`` returns: the form of Nuxt 2 (devalue). Not run: read.

    Raises:
        NotLiteral: the function does more than assign members and return a literal.
    """
    header = _HEADER.match(text, start)
    if header is None:
        raise NotLiteral("no function of this form")
    end = end_of_block(text, header.end() - 1)
    called = re.compile(r"[)\s]*").match(text, end)
    values, last = read_arguments(text, called.end() if called else end, budget)
    names = dict(zip((n.strip() for n in header["names"].split(",")), values, strict=False))
    at = header.end()
    while at < end:
        statement = _STATEMENT.match(text, at)
        if statement is None:
            raise NotLiteral(f"a statement at {at}")
        at = statement.end()
        if statement["name"] is None:
            value, _ = read_literal(text, at, names, budget)
            return value, last
        at = _assign(text, at, names, names.get(statement["name"]), statement["name"], budget)
    raise NotLiteral("nothing is returned")


def _assign(text: str, at: int, names: dict[str, Any], target: Any, name: str, budget: Budget) -> int:
    """One statement ``name.member=value`` of such a function; where it ends."""
    path: list[str | int] = []
    while (member := _MEMBER.match(text, at)) is not None and len(path) < 10:
        path.append(int(member[2]) if member[2] else member[1] or member[3] or member[4])
        at = member.end()
    if text[at : at + 1] != "=":
        raise NotLiteral(f"no assignment at {at}")
    value, at = read_literal(text, at + 1, names, budget)
    if not path:
        names[name] = value
        return at
    for step in path[:-1]:
        target = _member(target, step)
    step = path[-1]
    if isinstance(target, dict):
        target[str(step)] = value
    elif isinstance(target, list) and isinstance(step, int) and step <= len(target):
        target[step : step + 1] = [value]
    return at


def _member(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(step))
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def is_flat(values: list[Any]) -> bool:
    first = values[0] if values else None
    if not isinstance(first, (dict, list)) or not first or len(values) < 3:
        return False
    inner = first.values() if isinstance(first, dict) else first[1:]
    return all(type(v) is int and v < len(values) for v in inner)


_SAME = ("Reactive", "ShallowReactive", "Ref", "ShallowRef", "EmptyRef", "EmptyShallowRef", "NuxtError", "Date", "Set")


def revive(values: list[Any]) -> Any:
    """The object behind a flat list whose members point to each other by index (devalue, as Nuxt 3 writes it)."""
    made: list[Any] = [{} if isinstance(v, dict) else [] if isinstance(v, list) else v for v in values]

    def at(index: Any) -> Any:
        for _ in range(8):  # wrappers around wrappers
            if type(index) is not int or not 0 <= index < len(values):
                return None
            raw = values[index]
            if not (isinstance(raw, list) and len(raw) == 2 and isinstance(raw[0], str)):
                return made[index]
            if raw[0] not in _SAME:
                return None
            if type(raw[1]) is not int:
                return raw[1]  # a date
            index = raw[1]
        return None

    for raw, target in zip(values, made, strict=True):
        if isinstance(raw, dict):
            for key, index in raw.items():
                target[key] = at(index)
        elif isinstance(raw, list) and not (raw and isinstance(raw[0], str)):
            target.extend(map(at, raw))
    return at(0)
