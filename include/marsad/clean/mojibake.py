"""Text that was decoded with the wrong code page, then saved: «Ø§Ù„Ù…» for «الم».

The damage is regular, so it can be undone where it is unmistakable: the characters go back
to the bytes they were, and those bytes must be strict UTF-8 (or, for windows-1256 read as
windows-1252, plausible Arabic words). Sound text never passes that test: two letters of it
in a row would have to be a lead byte and a trail byte by accident. Pages are often damaged
in part only, so what is not damaged is left alone, stretch by stretch.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_MOST = 2
"""How many times over a text may have been encoded."""


def _c1(error: UnicodeError) -> tuple[bytes, int]:
    """Browsers read the five bytes that windows-1252 leaves open as C1 controls, and so do their databases."""
    if isinstance(error, UnicodeEncodeError):
        lost = error.object[error.start : error.end]
        if all("\x80" <= c <= "\x9f" for c in lost):
            return lost.encode("latin-1"), error.end
    raise error


codecs.register_error("marsad.c1", _c1)


class _Damage(NamedTuple):
    """One way of damage: UTF-8 bytes read as a code page."""

    code_page: str
    signs: tuple[str, ...]
    """One of these is in every damaged text: ا and ل as they look then."""
    run: re.Pattern[str]
    """As many damaged letters in a row as never stand there by accident."""
    beside: re.Pattern[str]
    """What is damaged too, where a run stands in the same stretch of text."""


def _damage(code_page: str, fewest: int, beside: int) -> _Damage:
    def shown(first: int, last: int) -> str:
        raw = bytes(range(first, last + 1))
        text = raw.decode(code_page, "ignore") + raw.decode("latin-1") * (code_page == "cp1252")
        return "[" + "".join(map(re.escape, dict.fromkeys(text))) + "]"

    trail, lead, latin, three, four = (
        shown(*x) for x in ((0x80, 0xBF), (0xD8, 0xDB), (0xC2, 0xC3), (0xE2, 0xEF), (0xF0, 0xF0))
    )
    pair = f"{lead}{trail}"
    other = f"{latin}{trail}|[{three[1]}{three[-2]}]{trail}{trail}|{four}{trail}{trail}{trail}"
    signs = tuple("ال"[i].encode().decode(code_page) for i in range(2))
    runs = (f"(?:{other})*(?:{pair}){{{n},}}(?:{pair}|{other})*" for n in (fewest, beside))
    return _Damage(code_page, signs, re.compile(next(runs)), re.compile(f"{next(runs)}|(?:{other})+"))


# in windows-1256 lead bytes are letters and trail bytes Arabic marks: «ع،» is sound, three such in a row are not
_DAMAGES = (_damage("cp1252", 2, 1), _damage("cp1256", 3, 2))
_STRETCH = re.compile(r"[^<>\n]+")
_QUOTE = re.compile("\u00e2\u20ac[\u0153\u009d\u02dc\u2122\u201c\u201d\u00a6\u0093\u0094\u0098\u0099]")
_ARABIC = re.compile("[\u0621-\u064a]")
_TWICE = ("\u00c3\u02dc", "\u00c3\u2122", "\u00c3\u0098", "\u00c3\u0099")
"""Ø and Ù, the lead bytes of Arabic, misread once more."""


def _undo(text: str, code_page: str) -> str | None:
    """The text as it was, if all of it was damaged in this way."""
    try:
        return text.encode(code_page, "marsad.c1").decode("utf-8")
    except UnicodeError:
        return None


# ف is D9 81, and windows-1252 has nothing at 81: many readers put a question mark on black there
_LOST = re.compile("\u00d9(?:[\ufffd?]|(?=[\u00d8\u00d9 -/:-@]|$))")
_KEPT = re.compile("\u00d9[^\u00d8\u00d9 \ufffd]")
_VOWELS = re.compile("\u00d9[\u017d\u2018\u2019]")


def _restore(part: str) -> str:
    """A damaged stretch with its ف again. Only vowel signs are lost in the same way: not where there are any."""
    lost = len(_LOST.findall(part))
    if not lost or lost > len(_KEPT.findall(part)) or len(_VOWELS.findall(part)) > 2:
        return part
    return _LOST.sub("\u00d9\u0081", part)


def _undo_runs(text: str, damage: _Damage) -> str:
    def sound(found: re.Match[str]) -> str:
        undone = _undo(found[0], damage.code_page)
        return undone if undone is not None else found[0]

    return damage.beside.sub(sound, text)


def _undo_parts(text: str, damage: _Damage) -> str:
    def sound(stretch: re.Match[str]) -> str:
        part = stretch[0]
        if part.isascii() or damage.run.search(part) is None:
            return part
        if damage.code_page == "cp1252":
            part = _restore(part)
        undone = _undo(part, damage.code_page)
        return undone if undone is not None else _undo_runs(part, damage)

    return _STRETCH.sub(sound, text)


_WESTERN_WORD = re.compile(
    "(?<![A-Za-z\u00c0-\u00ff])[\u00c0-\u00ff\u0152\u0153\u0160\u0161\u0178\u0192\u0081\u008d-\u0090\u009d]{2,}(?![A-Za-z])"
)


def _undo_western(text: str) -> str:
    """windows-1256 read as windows-1252: «ÇáÎÈÑ» for «الخبر», in stretches that hold such words and no mixed ones."""

    def sound(stretch: re.Match[str]) -> str:
        part = stretch[0]
        if "\u00c7\u00e1" not in part or _ARABIC.search(part):
            return part
        words = _WESTERN_WORD.findall(part)
        high = len(re.findall("[\u00c0-\u00ff]", part))
        if not words or sum(map(len, words)) < 0.7 * high:
            return part
        try:
            return part.encode("cp1252", "marsad.c1").decode("cp1256")
        except UnicodeError:
            return part

    return _STRETCH.sub(sound, text)


def repair(text: str) -> tuple[str, str]:
    """A text without the damage of wrong decodings, and what was undone.

    Returns:
        The text, and what was undone: the code pages it had been misread in, each after a
        ``+`` (``+cp1252``; empty where nothing was damaged). Text that is sound is returned
        as it is, after a search for three characters.
    """
    undone = ""
    # every code page shows ا, D8 A7 in UTF-8, with §: Ø§, ط§, Ã˜Â§
    for _ in range(_MOST if "\u00a7" in text else 0):
        before = text
        if any(sign in text for sign in _TWICE):
            text = _STRETCH.sub(lambda m: _undo(m[0], "cp1252") or m[0], text)
            undone += "+cp1252" * (text != before)
        for damage in _DAMAGES:
            if any(sign in text for sign in damage.signs) and damage.run.search(text):
                whole = _undo(text, damage.code_page)
                fixed = whole if whole is not None else _undo_parts(text, damage)
                if fixed != text:
                    text, undone = fixed, f"{undone}+{damage.code_page}"
        if text == before:
            break
    if "\u00e2" in text and "\u00e2\u20ac" in text:  # quotation marks and dashes alone
        fixed = _QUOTE.sub(lambda m: _undo(m[0], "cp1252") or m[0], text)
        if fixed != text:
            text, undone = fixed, undone or "+cp1252"
    if "\u00c7" in text and text.count("\u00c7\u00e1") > 2:
        fixed = _undo_western(text)
        if fixed != text:
            text, undone = fixed, undone + "+cp1256+cp1252"
    return text, undone
