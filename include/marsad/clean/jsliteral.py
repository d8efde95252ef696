"""JavaScript literals as data: what scripts assign, read and never run.

JSON where it is JSON; else object literals as bundlers and serialisers write them: keys
without quotes, single quotes, trailing commas, ``!0``, ``void 0``, ``new Date(…)``,
``JSON.parse("…")`` and names that stand for values. One pass over the tokens with a stack
of its own, so neither depth nor length costs more than its share.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

MAX_DEPTH = 400
MOST_TOKENS = 500_000
"""Tokens that are read of one page's scripts, about a second's work; JSON costs none."""

_TOKEN = re.compile(
    r"(?:[\s\ufeff]|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+"
    r"(?:(?P<string>\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|`(?:[^`\\$]|\\.)*+`)"
    r"|(?P<number>[+-]?(?:0[xX][0-9a-fA-F]{1,16}|(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})(?:[eE][+-]?\d{1,3})?))"
    r"|(?P<name>[A-Za-z_$\u0080-\uffff][\w$]{0,200})"
    r"|(?P<mark>[{}\[\]():,;.=!]))",
    re.S,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|(\r\n|.))", re.S)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r": "", "\r\n": ""}
_WORDS: Mapping[str, Any] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": None,
    "NaN": None,
    "Infinity": None,
}
_decoder = json.JSONDecoder(strict=False)


class Budget:
    """The tokens that may still be read."""

    __slots__ = ("left",)

    def __init__(self, tokens: int = MOST_TOKENS) -> None:
        self.left = tokens


class NotLiteral(ValueError):
    """The script holds no literal here, or one too deep or too long to be a page's data."""


def _escape(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return _PLAIN.get(found[4], found[4])


def unquote_string(token: str) -> str:
    """The text of a string literal, quotes included in the token."""
    inner = token[1:-1]
    if "\\" not in inner:
        return inner
    text = _ESCAPE.sub(_escape, inner)
    # two escapes of one character beyond the basic plane
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if "\\u" in inner else text


def read_json(text: str) -> Any:
    """JSON in a string; raises ``NotLiteral``."""
    try:
        return _decoder.decode(text.strip())
    except (ValueError, RecursionError) as error:
        raise NotLiteral(str(error)) from None


def read_literal(
    text: str, start: int = 0, names: Mapping[str, Any] | None = None, budget: Budget | None = None
) -> tuple[Any, int]:
    """The literal that begins at a place in a script, and where it ends.

    Args:
        text: the script.
        start: where the literal begins.
        names: values of names, as a function's parameters have them. Other names are None.
        budget: the tokens left for this and other literals of the page.

    Raises:
        NotLiteral: there is none, it nests deeper than ``MAX_DEPTH``, or the budget is used up.
    """
    if names is None:
        try:
            return _decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            pass
    try:
        return _Reader(text, start, names or {}, budget or Budget()).read()
    except RecursionError:
        raise NotLiteral("too deep") from None


def read_arguments(text: str, start: int, budget: Budget | None = None) -> tuple[list[Any], int]:
    """The values between the brackets of a call that begins at a place in a script; raises ``NotLiteral``."""
    reader = _Reader(text, start, {}, budget or Budget())
    if reader.token()["mark"] != "(":
        raise NotLiteral(f"no arguments at {start}")
    try:
        found, end = reader.read([_Frame(")", _ALL)])
    except RecursionError:
        raise NotLiteral("too deep") from None
    return list(found), end


_ALL = "all arguments"
_IN_BLOCK = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|`(?:[^`\\]|\\.)*+`|[{}]", re.S)


def end_of_block(text: str, start: int) -> int:
    """Where the next ``{`` block of a script ends; raises ``NotLiteral`` also where what is in it nests too deep."""
    depth = 0
    for found in _IN_BLOCK.finditer(text, start):
        if found[0] == "{":
            depth += 1
            if depth > MAX_DEPTH + 1:  # the block itself, and no literal in it may be deeper
                raise NotLiteral("too deep")
        elif found[0] == "}":
            depth -= 1
            if depth <= 0:
                return found.end()
    raise NotLiteral("a block without an end")


class _Frame:
    """An open bracket: what is in it so far."""

    __slots__ = ("call", "close", "items", "key", "keyed")

    def __init__(self, close: str, call: str = "") -> None:
        self.close = close
        self.call = call
        self.items: list[Any] = []
        self.keyed: dict[str, Any] = {}
        self.key: str | None = None

    def put(self, value: Any) -> None:
        if self.close != "}":
            self.items.append(value)
        elif self.key is not None:
            self.keyed[self.key] = value
            self.key = None

    def value(self) -> Any:
        if self.close == "}":
            return self.keyed
        if self.close == "]":
            return self.items
        return _called(self.call, self.items)


def _called(name: str, arguments: list[Any]) -> Any:
    """What a call or a bracketed expression is worth, where that is data."""
    first = arguments[0] if arguments else None
    if name == "JSON.parse" and isinstance(first, str):
        return read_json(first)
    if name in ("decodeURIComponent", "unescape", "decodeURI") and isinstance(first, str):
        return unquote(first)
    if name == _ALL:
        return arguments
    if name in ("", "Date", "Map", "Set", "Object", "Object.freeze", "String", "Number", "URL"):
        return arguments[-1] if name == "" and arguments else first
    return None


class _Reader:
    def __init__(self, text: str, start: int, names: Mapping[str, Any], budget: Budget) -> None:
        self.text, self.at, self.names, self.budget = text, start, names, budget

    def token(self) -> re.Match[str]:
        found = _TOKEN.match(self.text, self.at)
        self.budget.left -= 1
        if found is None or self.budget.left < 0:
            raise NotLiteral(f"no literal at {self.at}")
        self.at = found.end()
        return found

    def peek(self, mark: str) -> bool:
        found = _TOKEN.match(self.text, self.at)
        return found is not None and found["mark"] == mark

    def name(self, first: str) -> str:
        """A name with its members: JSON.parse."""
        parts = [first]
        while self.peek(".") and len(parts) < 6:
            self.token()
            parts.append(self.token()["name"] or "")
        return ".".join(parts)

    def read(self, opened: Sequence[_Frame] = ()) -> tuple[Any, int]:
        frames = list(opened)
        match, text, budget = _TOKEN.match, self.text, self.budget
        while True:
            frame = frames[-1] if frames else None
            # as ``token`` does: a call for each of half a million would cost as much as the match itself
            found = match(text, self.at)
            budget.left -= 1
            if found is None or budget.left < 0:
                raise NotLiteral(f"no literal at {self.at}")
            self.at = found.end()
            mark = found["mark"]
            if frame is not None and mark == frame.close:
                frames.pop()
                value = frame.value()
            elif frame is not None and mark == ",":
                continue
            elif frame is not None and frame.close == "}" and frame.key is None:
                frame.key = self.key(found)
                continue
            elif mark in ("{", "[", "("):
                frames.append(_Frame({"{": "}", "[": "]", "(": ")"}[mark]))
                if len(frames) > MAX_DEPTH:
                    raise NotLiteral("too deep")
                continue
            else:
                name = self.scalar(found)
                if isinstance(name, _Call):
                    frames.append(_Frame(")", name.name))
                    if len(frames) > MAX_DEPTH:
                        raise NotLiteral("too deep")
                    continue
                value = name
            if not frames:
                return value, self.at
            frames[-1].put(value)

    def key(self, found: re.Match[str]) -> str:
        if found["string"]:
            key = unquote_string(found["string"])
        elif found["name"] or found["number"]:
            key = found["name"] or found["number"]
        else:
            raise NotLiteral(f"no key at {self.at}")
        if self.token()["mark"] != ":":
            raise NotLiteral(f"no value at {self.at}")
        return key

    def scalar(self, found: re.Match[str]) -> Any:
        kind = found.lastgroup
        if kind == "string":
            return unquote_string(found["string"])
        if kind == "number":
            number = found["number"]
            if number.isdecimal() and number[0] != "0":
                return int(number)
            try:
                return int(number, 0) if number.lstrip("+-").isdigit() or "x" in number.lower() else float(number)
            except ValueError:
                return float(number)
        if found["mark"] == "!":
            value = self.scalar(self.token())
            return None if isinstance(value, _Call) else not value
        name = found["name"]
        if not name:
            raise NotLiteral(f"no value at {self.at}")
        if name in ("new", "void"):
            value = self.scalar(self.token())
            return value if name == "new" else None
        if name in _WORDS:
            return _WORDS[name]
        if name == "function":
            self.at = end_of_block(self.text, self.at)
            return None
        name = self.name(name)
        if name not in self.names and self.peek("("):
            self.token()
            return _Call(name)
        return self.names.get(name)


class _Call:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name
