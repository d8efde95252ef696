"""Text as it is stored, and text as it is compared: two different things, never mixed.

Stored text is what a careful reader would copy: NFC, one kind of space, nothing
invisible. Compared text (``fold``) forgets what Arabic spelling varies in.
"""

from __future__ import annotations

import re
import unicodedata

MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640"
"""Tashkeel, Quranic marks and tatweel, as the inside of a character class."""

# What most text is made of, and nothing in it to mend: of the marks only fathatan (أيضاً), so that no two can
# stand in the wrong order; no space but the plain one; no tatweel.
_ODD = re.compile(
    "[^ -~\u00a1-\u00ac\u00ae-\u024f\u060c\u061b\u061f\u0621-\u063a\u0641-\u064b\u0660-\u066d\u0671-\u06d3"
    "\u06f0-\u06f9\u2010-\u2016\u2018-\u2022\u2026\u2030-\u203a\u20a0-\u20bf\u2122]"
)
_MILD = frozenset("\t\n\r\u00a0\u202f\u2009\u0640\u0670\ufffd" + "".join(map(chr, range(0x64C, 0x653))))
"""What is mended by joining words, by the rule for tatweel and by NFC alone."""
# Bidi controls, soft hyphen, zero-width space, word joiner and BOM steer a renderer; no reader sees them.
_INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc]+"
)
# ZWNJ and ZWJ carry meaning between letters (Persian, هـ‍, emoji) and none beside a space or at an end.
_IDLE_JOINER = re.compile("(?<![^\\s])[\u200c\u200d]+|[\u200c\u200d]+(?![^\\s\u200c\u200d])")
_PRESENTATION = re.compile("[\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdf9\ufdfc\ufe70-\ufefc]+")
_LETTERS = "\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06fa-\u06ff"
# Tatweel with a letter on both sides, and the marks it may carry; not that of «1445هـ» with no space after it.
_KASHIDA = re.compile(
    f"(?<=[{_LETTERS}])(?<![0-9\u0660-\u0669]ه)(?<![0-9\u0660-\u0669] ه)"
    f"[\u064b-\u065f\u0670]*+\u0640[\u0640\u064b-\u065f\u0670]*+(?=[{_LETTERS}])"
)


def _glyphs(found: re.Match[str]) -> str:
    # a mark's own glyph stands on a space or a tatweel, which is not of the text
    return unicodedata.normalize("NFKC", found[0]).replace(" ", "").replace("\u0640", "")


def tidy(text: str) -> str:
    """Text for storage: NFC, every run of white space one plain space, nothing invisible.

    No-break spaces are spaces. Arabic presentation forms (glyphs of old typesetting systems)
    become the letters they show; honorific ligatures such as ﷺ stay, since no letters stand
    for them. Tatweel between two letters only stretches a word and goes («مـــهم»); where
    something else follows it says something and stays («1445هـ», «بـ"الحل"», «الـ15»,
    «لـCNN»). Characters that replace broken bytes stay visible. Idempotent.
    """
    text = text.strip()
    # most text: nothing can be wrong with it
    if text.isprintable() if text.isascii() else _ODD.search(text) is None:
        return text if "  " not in text else " ".join(text.split())
    odd = set(_ODD.findall(text))
    if not odd <= _MILD:
        text = _INVISIBLE.sub("", text)
        if "\u200c" in odd or "\u200d" in odd:
            text = _IDLE_JOINER.sub("", text)
        text = _PRESENTATION.sub(_glyphs, text)
    if "\u0640" in odd:
        text = _KASHIDA.sub(lambda m: m[0].replace("\u0640", ""), text)
    return " ".join(unicodedata.normalize("NFC", text).split())


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


_SEARCH = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك",
        **{chr(0x660 + i): str(i) for i in range(10)}, **{chr(0x6F0 + i): str(i) for i in range(10)},
    }
)  # fmt: skip


def _lower(text: str) -> str:
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def search_form(text: str) -> str:
    """Stored text as a search index holds it and a query is brought to: spelling folded, punctuation kept.

    No tashkeel and tatweel; one alef, ي for ى, ه for ة, digits 0-9, lower case: what Lucene's
    Arabic normalisation does (a hamza on waw or ya tells words apart and stays), after Unicode's
    decimal digits. Sentences, quotations and numbers remain what they were, unlike in ``fold``,
    which keeps words alone and is for comparing. Never stored: ``search_offsets`` leads back.
    """
    return _lower(_MARKS.sub("", text).translate(_SEARCH))


def search_offsets(text: str) -> list[int]:
    """For each character of ``search_form(text)``, where it stands in the text; and the text's length last.

    A hit at ``start:end`` of the search form is ``text[offsets[start]:offsets[end]]``, marks included.
    """
    if _MARKS.search(text) is None:
        return list(range(len(text) + 1))
    offsets: list[int] = []
    position = 0
    for run in _MARKS.finditer(text):
        offsets.extend(range(position, run.start()))
        position = run.end()
    offsets.extend(range(position, len(text) + 1))
    return offsets


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
_FULL_STOP = re.compile("(?<![.])[.][\\s\"'”’»)\\]]*$")
_INNER_STOP = re.compile('(?<=[^\\W\\d_]{2})["”»)]?[.؛]\\s+(?=[^\\W\\d_])')


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does."""
    return bool(_END.search(text[-8:]))


def is_headline_like(text: str, longest: int = 200) -> bool:
    """Whether a text has the form of a headline: short, one clause, no full stop.

    It may be a question, a cry or left open («؟», «!», «..»): headlines are.
    """
    return 8 <= len(text) <= longest and not _FULL_STOP.search(text[-8:]) and not _INNER_STOP.search(text)
