"""Text as it is stored, and text as it is compared: two different things, never mixed.

Stored text is what a careful reader would copy: NFC, one kind of space, nothing
invisible. Compared text (``fold``) forgets what Arabic spelling varies in.
"""

from __future__ import annotations

import re
import unicodedata

# Bidi controls, soft hyphen, zero-width space, word joiner and BOM steer a renderer; no reader sees them.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
# ZWNJ and ZWJ carry meaning between letters (Persian, هـ‍, emoji) and none beside a space or at an end.
_IDLE_JOINER = re.compile("(?<![^\\s])[\u200c\u200d]+|[\u200c\u200d]+(?![^\\s])")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
# One no-break space between two words is the writer's own and stays; any other run is one space.
_SPACE = re.compile(r"\s{2,}|[^\S \u00a0]")
_PRESENTATION = re.compile("[\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdf9\ufdfc\ufe70-\ufefc]+")
_PLAIN = re.compile(
    "[\u0020-\u007e\u00ab\u00bb\u060c\u061b\u061f\u00a0\u0621-\u063a\u0641-\u064a\u0660-\u0669\u2013\u2014\u2018-\u201d\u2022\u2026]*"
)


def tidy(text: str) -> str:
    """Text for storage: NFC, runs of white space one space, invisible characters gone.

    Arabic presentation forms (glyphs of old typesetting systems) become the letters they
    show; honorific ligatures such as ﷺ stay, since no letters stand for them.
    """
    text = _SPACE.sub(" ", text.strip())
    if _PLAIN.fullmatch(text):
        return text  # most Arabic text: nothing can be wrong with it
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    text = _IDLE_JOINER.sub("", text)
    text = _PRESENTATION.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640"
"""Tashkeel, Quranic marks and tatweel, as the inside of a character class."""

_MARKS = re.compile(f"[{MARKS}]+")
_FOLD = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك",
        **{chr(0x660 + i): str(i) for i in range(10)}, **{chr(0x6F0 + i): str(i) for i in range(10)},
    }
)  # fmt: skip
_NOT_WORD = re.compile(r"[^\w]+|_+")


def fold(text: str) -> str:
    """Letters and digits alone, for comparing: no marks, one alef, ya for alef maqsura, lower case."""
    text = _MARKS.sub("", text).translate(_FOLD).lower()
    return _NOT_WORD.sub(" ", text).strip()


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return fold(text).split()


def word_set(text: str) -> frozenset[str]:
    """The words of a string, as a set: for vocabularies that read better as a line."""
    return frozenset(text.split())


def count_words(text: str) -> int:
    """Words as a reader counts them: runs between spaces that hold a letter or a digit."""
    return sum(1 for w in text.split() if any(c.isalnum() for c in w))


_LETTER = {
    **dict.fromkeys("اأإآٱ", "[اأإآٱ]"), **dict.fromkeys("يىئی", "[يىئی]"), **dict.fromkeys("هة", "[هة]"),
    **dict.fromkeys("وؤ", "[وؤ]"), **dict.fromkeys("كک", "[كک]"),
}  # fmt: skip


def pattern_of(phrase: str) -> str:
    """A regular expression for a phrase in whatever spelling: marks, tatweel, alef and ya as they come."""
    parts = []
    for word in phrase.split():
        letters = (_LETTER.get(c, re.escape(c)) for c in _MARKS.sub("", word))
        parts.append("".join(f"{letter}[{MARKS}]*" for letter in letters))
    return r"\s+".join(parts)


_END = re.compile("[.!؟?…。][\\s\"'”’»)\\]]*$")
_FULL_STOP = re.compile("[.!…][\\s\"'”’»)\\]]*$")
_INNER_STOP = re.compile('(?<=[^\\W\\d_]{2})["”»)]?[.؛]\\s+(?=[^\\W\\d_])')


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does."""
    return bool(_END.search(text[-8:]))


def is_headline_like(text: str, longest: int = 200) -> bool:
    """Whether a text has the form of a headline: short, one clause, no full stop (a question may be one)."""
    return 8 <= len(text) <= longest and not _FULL_STOP.search(text[-8:]) and not _INNER_STOP.search(text)
