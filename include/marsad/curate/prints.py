"""Texts as fixed arrays of numbers: what is stored of a story so that later days need not read it again.

A text's words (folded as in :mod:`marsad.curate.shingles`) are hashed, three words in a row make a shingle, and of
all shingles the smallest under each of ``PERMUTATIONS`` permutations is kept (MinHash). All texts of a batch are done
at once, in arrays: character by character in Python it would take ten times as long.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from marsad.curate.shingles import SHINGLE_WORDS, fold, is_plain

BANDS = 32
ROWS = 3
PERMUTATIONS = BANDS * ROWS
"""With 32 bands of 3 rows a pair of Jaccard .5 is found with probability 1 - (1 - .5**3)**32 = .986, one of .6 with
.9996; what collides is then verified."""

_BATCH = 256
"""Texts at once: some 50,000 shingles, whose arrays stay in the cache."""
_U64, _U32 = np.uint64, np.uint32
_BMP = 0x10000
_GONE = _BMP - 1  # a noncharacter of Unicode: no text holds it
_PRIVATE = 0xE000
_RARE = re.compile("[\ue000-\uf8ff\U00010000-\U0010ffff]")
"""Characters that the tables have no room for, and those that stand for them there."""
_EMPTY = np.iinfo(np.uint32).max


@dataclass(frozen=True, eq=False)
class Prints:
    """What is kept of n texts."""

    fingerprints: NDArray[np.uint64]
    """n × 2: equal for texts of the same words in the same order, and (but for 1 in 2**100) for no others."""
    word_counts: NDArray[np.int32]
    signatures: NDArray[np.uint32]
    """n × PERMUTATIONS; all ones for a text without words."""

    def __len__(self) -> int:
        return len(self.word_counts)

    @staticmethod
    def join(parts: Sequence[Prints]) -> Prints:
        """Those of all, in order."""
        if not parts:
            return Prints(np.empty((0, 2), _U64), np.empty(0, np.int32), np.empty((0, PERMUTATIONS), _U32))
        return Prints(
            np.concatenate([p.fingerprints for p in parts]),
            np.concatenate([p.word_counts for p in parts]),
            np.concatenate([p.signatures for p in parts]),
        )


def prints(texts: Sequence[str]) -> Prints:
    """The prints of texts, the same on every machine."""
    return Prints.join([_prints(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)])


def shingle_sets(texts: Sequence[str]) -> Iterator[NDArray[np.uint64]]:
    """Each text's distinct shingles, sorted."""
    for start in range(0, len(texts), _BATCH):
        found, offsets = _shingles(*_words(texts[start : start + _BATCH]))
        for begin, end in itertools.pairwise(offsets.tolist()):
            yield np.unique(found[begin:end])


def _prints(texts: Sequence[str]) -> Prints:
    hashes, counts = _words(texts)
    found, offsets = _shingles(hashes, counts)
    return Prints(_fingerprints(hashes, counts), counts.astype(np.int32), _signatures(found, offsets))


def _words(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """A hash of each word of each text, in order, and how many words each text has."""
    letters_of, mixes = _tables()
    plain = [text if is_plain(text) else _RARE.sub(_in_plane, fold(text)) for text in texts]
    joined = "\n".join(plain)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    letters = letters_of[codes]
    text_of = np.repeat(np.arange(len(texts), dtype=np.int32), [len(t) + 1 for t in plain])[: len(codes)]
    if (gone := letters == _GONE).any():
        letters, text_of = letters[~gone], text_of[~gone]
    is_letter = letters != 0
    starts = is_letter.copy()
    starts[1:] &= ~is_letter[:-1]
    starts = starts[is_letter]
    letters, text_of = letters[is_letter], text_of[is_letter]
    first = np.flatnonzero(starts)
    if not len(first):
        return np.empty(0, _U64), np.zeros(len(texts), np.int64)
    lengths = np.diff(first, append=len(letters))
    place = np.arange(len(letters)) - np.repeat(first, lengths)
    hashes = _mix(np.add.reduceat(mixes[letters] * _powers(int(lengths.max()))[place], first))
    return hashes, np.bincount(text_of[first], minlength=len(texts))


def _in_plane(found: re.Match[str]) -> str:
    """A letter of the other planes as two private characters; a private character parts words."""
    code = ord(found[0])
    if not found[0].isalnum():
        return " "
    return chr(_PRIVATE + (code >> 10)) + chr(_PRIVATE + 0x800 + (code & 0x3FF))


def _shingles(hashes: NDArray[np.uint64], counts: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """All texts' shingles one after another, and where each text's begin; the last number is where all end."""
    ends = np.cumsum(counts)
    runs = np.where(counts >= SHINGLE_WORDS, counts - SHINGLE_WORDS + 1, (counts > 0).astype(np.int64))
    offsets = np.concatenate(([0], np.cumsum(runs)))
    begin = np.repeat(ends - counts, runs) + (np.arange(offsets[-1]) - np.repeat(offsets[:-1], runs))
    size = np.repeat(np.minimum(counts, SHINGLE_WORDS), runs)
    mixed = size.astype(np.uint64)
    for offset in range(SHINGLE_WORDS):
        # not a sum: the order of the words counts; a text shorter than a shingle is one of what it has
        word = hashes[np.minimum(begin + offset, max(len(hashes) - 1, 0))]
        mixed = np.where(offset < size, (mixed ^ word) * _U64(0x9E3779B97F4A7C15), mixed)
        mixed = mixed ^ (mixed >> _U64(29))
    return mixed, offsets


def _fingerprints(hashes: NDArray[np.uint64], counts: NDArray[np.int64]) -> NDArray[np.uint64]:
    found = np.zeros((len(counts), 2), _U64)
    if not len(hashes):
        return found
    begins = np.cumsum(counts) - counts
    place = np.arange(len(hashes)) - np.repeat(begins, counts)
    has = counts > 0
    powers = _powers(int(counts.max()))
    for half, seed in enumerate((_U64(0xA24BAED4963EE407), _U64(0x9FB21C651E98DF25))):
        each = _mix(hashes ^ seed) * powers[place]
        found[has, half] = _mix(np.add.reduceat(each, begins[has]) + counts[has].astype(np.uint64))
    return found


def _signatures(found: NDArray[np.uint64], offsets: NDArray[np.int64]) -> NDArray[np.uint32]:
    signatures = np.full((len(offsets) - 1, PERMUTATIONS), _EMPTY, _U32)
    has = np.flatnonzero(np.diff(offsets))
    if not len(has):
        return signatures
    begins = offsets[has]
    # multiply and add modulo 2**32 on values that are mixed well: the wrap-around is the point
    values = (_mix(found) >> _U64(32)).astype(_U32)
    hashed = np.empty_like(values)
    multiply, add = _constants()
    for n in range(PERMUTATIONS):
        np.multiply(values, multiply[n], out=hashed)
        np.add(hashed, add[n], out=hashed)
        signatures[has, n] = np.minimum.reduceat(hashed, begins)
    return signatures


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64's finaliser (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014)."""
    values = (values ^ (values >> _U64(30))) * _U64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> _U64(27))) * _U64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = values ^ (values >> _U64(31))
    return mixed


def _splitmix(count: int, seed: int) -> NDArray[np.uint64]:
    steps = np.arange(1, count + 1, dtype=np.uint64) * _U64(0x9E3779B97F4A7C15) + _U64(seed)
    return _mix(steps)


@functools.cache
def _constants() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Odd multipliers and offsets: the same on every machine and numpy version."""
    both = (_splitmix(2 * PERMUTATIONS, 0x9E3779B97F4A7C15) >> _U64(32)).astype(_U32)
    return both[:PERMUTATIONS] | _U32(1), both[PERMUTATIONS:]


@functools.lru_cache(maxsize=4)
def _powers_of(size: int) -> NDArray[np.uint64]:
    return np.cumprod(np.full(size, 0xD1342543DE82EF95, _U64), dtype=np.uint64)


def _powers(count: int) -> NDArray[np.uint64]:
    """At least so many odd powers: the place of a letter in its word, and of a word in its text."""
    return _powers_of(max(1024, 1 << (count - 1).bit_length()))


@functools.cache
def _tables() -> tuple[NDArray[np.uint16], NDArray[np.uint64]]:
    """For each character the letter it folds to, 0 for what parts words, ``_GONE`` for marks; and a number for each."""
    letters = np.zeros(_BMP, np.uint16)
    for code in range(_BMP - 2):
        folded = fold(chr(code)) if is_plain(chr(code)) else chr(code)
        if not folded:
            letters[code] = _GONE
        elif folded.isalnum() or _PRIVATE <= code < _PRIVATE + 0x1000:
            letters[code] = ord(folded[0])
    return letters, _splitmix(_BMP, 0x632BE59BD9B4E019)
