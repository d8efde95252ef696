"""Names by a linear-chain conditional random field (Lafferty, McCallum and Pereira 2001), read with numpy.

The weights are trained with CRFsuite (``training/names``) and read here without it: what a word says
of its own label and of its neighbours' depends on the word alone, so it is summed once and kept,
which tags an article several times as fast as handing CRFsuite its attributes as strings.

An article is labelled twice. The second pass sees, for each word, what the first made of it elsewhere
in the article: a surname is known where nothing around shows it (the two-stage scheme of Krishnan
and Manning 2006).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marsad.extract.features import FOLDER, OFFSETS, Lexicon, attributes, document_attributes, lexicon, place_attributes
from marsad.extract.lattice import decode, stretches
from marsad.extract.recogniser import Span, sentence_ranges
from marsad.extract.tokens import Tokens, stems

Floats = NDArray[np.float32]
_KEPT = 80_000
"""Words kept with their sums (some 40 MB when full); the store is emptied then."""
_HERE = OFFSETS.index(0)
_END = 0
"""The row of a sentence's end."""


class Model:
    """The file of weights: for each pass, sparse rows by attribute; the vectors of common words."""

    def __init__(self, path: Path = FOLDER / "crf.npz") -> None:
        with np.load(path, allow_pickle=False) as file:
            arrays: dict[str, NDArray[Any]] = {name: file[name] for name in file.files}
        self.labels = _lines(arrays["labels"])
        self.outside = self.labels.index("O")
        self.passes = sum(name.startswith("rows") for name in arrays)
        listed = [_lines(arrays[f"attributes{number}"]) for number in range(self.passes)]
        self.row = {name: i for i, name in enumerate(sorted(set().union(*listed)))}
        """Rows of :attr:`weights` by attribute."""
        count = len(self.labels)
        self.nothing = len(self.row)
        """The row of no attribute, all zeros."""
        self.weights: Floats = np.zeros((self.nothing + 1, len(OFFSETS), self.passes, count), dtype=np.float32)
        """Attributes by the offset they are seen from, passes and labels."""
        dense: Floats = np.zeros((arrays["vectors"].shape[1], 3, self.passes, count), dtype=np.float32)
        for number, names in enumerate(listed):
            own = np.array([self.row[name] for name in names], dtype=np.int64)
            rows = arrays[f"rows{number}"].astype(np.int64)
            offset, label = np.divmod(rows[:, 1], count)
            self.weights[own[rows[:, 0]], offset, number, label] = arrays[f"values{number}"]
            dense[:, :, number] = arrays[f"dense{number}"].reshape(-1, 3, count)
        self.transitions: list[Floats] = [arrays[f"transitions{n}"] for n in range(self.passes)]
        vectors = arrays["vectors"].astype(np.float32)
        self.spread: Floats = np.tensordot(vectors, dense, axes=1)
        """What the vector of a common word says, by offset (-1, 0, 1), passes and labels; the last row: no word."""
        self.spread = np.concatenate([self.spread, np.zeros_like(self.spread[:1])])
        self.vector_of = {word: i for i, word in enumerate(_lines(arrays["vector_words"]))}


def _lines(array: NDArray[Any]) -> list[str]:
    return array.tobytes().decode().split("\n")


class CrfRecogniser:
    """The recogniser that is shipped with the package."""

    name = "crf"

    def __init__(self, model: Model, lex: Lexicon) -> None:
        self._model, self._lex = model, lex
        self._forget()

    def spans(self, tokens: Tokens) -> list[Span]:
        """The names of a text, in order; linear in its length."""
        labels, certain = self._tag(tokens.word)
        return list(_spans(labels, certain, list(sentence_ranges(tokens.word))))

    def labels(self, words: Sequence[str]) -> list[str]:
        """The label of each word of one document, as the corpus writes them; line ends part sentences."""
        return self._tag(words)[0]

    def _tag(self, words: Sequence[str]) -> tuple[list[str], dict[int, float]]:
        """Labels, and the marginal probability of each that is a name's."""
        sentences = list(sentence_ranges(words))
        labels = ["O"] * len(words)
        certain: dict[int, float] = {}
        if not sentences:
            return labels, certain
        at = [i for first, past in sentences for i in range(first, past)]
        where = dict(zip(at, range(len(at)), strict=True))
        ends = np.zeros(len(at), dtype=np.bool_)
        ends[[where[past - 1] for _, past in sentences]] = True
        scores = self._scores(words, sentences)
        self._place(scores, words, sentences, where)
        outside = self._model.outside
        for number in range(self._model.passes):
            local = scores[:, number]
            if number:
                self._elsewhere(local, words, labels, where, number)
            ranges = stretches(local, ends, outside)
            codes, sure = decode(local, self._model.transitions[number], ranges, outside)
            labels = ["O"] * len(words)
            for k in np.flatnonzero(codes != outside).tolist():
                labels[at[k]] = self._model.labels[codes[k]]
                certain[at[k]] = float(sure[k])
        return labels, certain

    def _scores(self, words: Sequence[str], sentences: list[tuple[int, int]]) -> Floats:
        """What the words say, without transitions: words by passes and labels."""
        if len(self._known) + len(words) >= _KEPT:
            self._forget()
        known = self._known
        self._learn([word for word in dict.fromkeys(words) if word not in known])
        codes = [_END, _END]
        real: list[int] = []
        for first, past in sentences:
            begin = len(codes)
            codes += [known[w] for w in words[first:past]]
            real += range(begin, len(codes))
            codes += (_END, _END)
        table = self._sums[codes]
        size = len(codes)
        total = table[:, _HERE].copy()
        for k, offset in enumerate(OFFSETS):
            if offset < 0:
                total[-offset:] += table[: size + offset, k]
            elif offset:
                total[: size - offset] += table[offset:, k]
        kinds = np.array([self._class[code] for code in codes])
        keys: list[int] = (kinds[:-1] << 16 | kinds[1:]).tolist()
        pairs = self._pairs
        beside = [pairs[key] if key in pairs else self._pair(key) for key in keys]
        both = self._pair_sums[beside]
        total[1:] += both[:, 0]
        total[:-1] += both[:, 1]
        found: Floats = total[real]
        return found

    def _place(
        self, scores: Floats, words: Sequence[str], sentences: list[tuple[int, int]], where: dict[int, int]
    ) -> None:
        """Add what depends on the place: phrases, marks, ends."""
        row = self._model.row
        at: list[int] = []
        rows: list[int] = []
        for first, past in sentences:
            for i, names in place_attributes(words[first:past], self._lex).items():
                for name in names:
                    if name in row:
                        at.append(where[first + i])
                        rows.append(row[name])
        if at:
            np.add.at(scores, at, self._model.weights[rows, _HERE])

    def _elsewhere(
        self, local: Floats, words: Sequence[str], labels: list[str], where: dict[int, int], number: int
    ) -> None:
        """Add what the pass before made of the other places of each word, for it and its neighbours."""
        row = self._model.row
        at: list[int] = []
        rows: list[int] = []
        for name, places in document_attributes(words, labels, self._lex).items():
            for prefix, step in (("", 0), ("-1", 1), ("+1", -1)):
                found = row.get(prefix + name)
                if found is not None:
                    there = [where[i + step] for i in places if i + step in where]
                    at += there
                    rows += [found] * len(there)
        if at:
            np.add.at(local, at, self._model.weights[rows, _HERE, number])

    # what is kept of the words seen

    def _forget(self) -> None:
        model = self._model
        shape = (len(OFFSETS), model.passes, len(model.labels))
        self._known: dict[str, int] = {"\n": _END}
        self._sums: Floats = np.zeros((2048, *shape), dtype=np.float32)
        self._class = [0]
        self._classes: dict[str, int] = {"END": 0}
        self._class_names = ["END"]
        self._pairs: dict[int, int] = {}
        self._pair_sums: Floats = np.zeros((2048, 2, *shape[1:]), dtype=np.float32)
        end = model.row.get("end")
        if end is not None:
            self._sums[_END] = model.weights[end]

    def _learn(self, new: Sequence[str]) -> None:
        """Sum up words seen for the first time, all of an article's at once."""
        if not new:
            return
        start = len(self._known)
        past = start + len(new)
        while past > len(self._sums):
            self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)])
        row, nothing = self._model.row, self._model.nothing
        # far ⊂ near ⊂ full: what is in the shorter list is summed for all its offsets at once
        groups: tuple[list[int], ...] = ([], [], [])
        begins: tuple[list[int], ...] = ([], [], [])
        vectors: list[int] = []
        for code, word in enumerate(new, start):
            self._known[word] = code
            full, near, far, kind = attributes(word, self._lex)
            for rows, at, names in zip(groups, begins, (far, near[len(far) :], full[len(near) :]), strict=True):
                at.append(len(rows))
                rows += [row[name] for name in names if name in row]
                rows.append(nothing)  # a sum over no row is not zero for numpy
            vectors.append(self._vector(word))
            if kind not in self._classes:
                self._classes[kind] = len(self._class_names)
                self._class_names.append(kind)
            self._class.append(self._classes[kind])
        own = self._sums[start:past]
        for side, (rows, at) in enumerate(zip(groups, begins, strict=True)):
            own[:, side : 5 - side] += np.add.reduceat(self._model.weights[rows, side : 5 - side], at, axis=0)
        own[:, 1:4] += self._model.spread[vectors]

    def _vector(self, word: str) -> int:
        """The row of a word's vector, or of what is left of it without conjunction and preposition; -1 for none."""
        for _, stem in stems(word) if word[0].isalpha() else ():
            index = self._model.vector_of.get(stem)
            if index is not None:
                return index
        return -1

    def _pair(self, key: int) -> int:
        """The row of what two neighbouring classes say: of the right word's label, and of the left one's."""
        found = self._pairs[key] = len(self._pairs)
        if found >= len(self._pair_sums):
            self._pair_sums = np.concatenate([self._pair_sums, np.zeros_like(self._pair_sums)])
        names = self._class_names
        for side, letter in enumerate("LR"):
            row = self._model.row.get(f"{letter}|{names[key >> 16]}|{names[key & 0xFFFF]}")
            if row is not None:
                self._pair_sums[found, side] = self._model.weights[row, _HERE]
        return found


def _spans(labels: list[str], certain: dict[int, float], sentences: list[tuple[int, int]]) -> Iterator[Span]:
    for first, past in sentences:
        i = first
        while i < past:
            if labels[i] == "O":
                i += 1
                continue
            kind = labels[i][2:]
            k = i + 1
            while k < past and labels[k] == f"I-{kind}":
                k += 1
            yield Span(i, k, kind, min(certain[n] for n in range(i, k)))
            i = k


@cache
def crf() -> CrfRecogniser:
    """The recogniser with the model that is shipped, read once a process."""
    return CrfRecogniser(Model(), lexicon())
