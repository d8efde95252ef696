"""Texts as sets of word shingles, the way copies of Arabic news can be compared.

Default word tokenisers drop Arabic letters, and then every text is like every other. Here a word is
a run of Unicode letters and digits, after folding what editors change without meaning: alef and
hamza forms, ya and alef maqsura, ta marbuta, tashkeel, tatweel, Arabic-Indic digits.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

SHINGLE_WORDS = 3
"""Three words: a changed word costs three shingles, so a story with a tenth of its words edited
still shares more than half; two would find stories of one genre alike."""

_FOLD = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ـ": None,
        **{chr(0x660 + n): str(n) for n in range(10)},
        **{chr(0x6F0 + n): str(n) for n in range(10)},
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The text with its meaningless variants folded and its marks removed."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.translate(_FOLD)) if not unicodedata.combining(c))
    return plain.translate(_FOLD).lower()


def words(text: str) -> list[str]:
    """The words of a folded text, in order."""
    return _WORD.findall(fold(text))


def fingerprint(tokens: list[str]) -> str:
    """Equal for texts with the same words in the same order."""
    return hashlib.sha256(" ".join(tokens).encode()).hexdigest()


def shingles(tokens: list[str]) -> NDArray[np.uint64]:
    """The distinct shingles as sorted 64-bit hashes; a text shorter than one is one shingle."""
    if not tokens:
        return np.empty(0, dtype=np.uint64)
    size = min(SHINGLE_WORDS, len(tokens))
    runs = {" ".join(tokens[i : i + size]) for i in range(len(tokens) - size + 1)}
    digests = b"".join(hashlib.blake2b(r.encode(), digest_size=8).digest() for r in runs)
    return np.sort(np.frombuffer(digests, dtype="<u8"))


def jaccard(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    """Shared shingles over all shingles, 0 to 1."""
    if not len(one) or not len(other):
        return 0.0
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)
