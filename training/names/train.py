"""Train the recogniser of names that is shipped with the package.

    python -m training.names.train --corpus FILE.conll --texts FILE.jsonl.gz --packages SITE_PACKAGES --out FOLDER

``--corpus`` is a CoNLL file of words and labels (ANERcorp). ``--texts`` are lines of JSON with ``title``
and ``text``, for the vectors of words. ``--packages`` is a site-packages folder with the packages of
training/names/requirements.txt. With ``--hold-out 5/6`` the last sixth of the sentences is left out of
everything labelled, and scored. One core, no chance: the same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # sums in another order are other sums

import pycrfsuite  # noqa: E402

from marsad.extract import features  # noqa: E402
from marsad.extract.crf import CrfRecogniser, Model  # noqa: E402
from marsad.extract.tokens import Tokens, stems  # noqa: E402
from training.names import clusters, lexicon  # noqa: E402
from training.names.corpus import Sentence, read, score  # noqa: E402
from training.names.export import pass_arrays, write_arrays  # noqa: E402

STEP = 1 / 64
DIMENSIONS = 60
FOLDS = 4
"""The second pass is trained on what models that have not seen a sentence make of it."""
BLOCK = 24
"""Sentences that count as one document: the corpus does not say where its articles end."""
PARAMETERS = {"c1": 0.1, "c2": 0.1, "max_iterations": 120, "feature.possible_transitions": False}

Row = dict[str, float]


def build_lexicon(packages: Path, texts: Path, sentences: list[Sentence], out: Path) -> tuple[list[str], Any]:
    """Write the lexicon; returns the words with a vector and their vectors."""
    listed = lexicon.Lexicon(packages)
    unlabelled: list[list[str]] = []
    with gzip.open(texts, "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            unlabelled.append(Tokens(f"{article['title']}\n{article['text']}").word)
    unlabelled.append([w for s in sentences for w in [*s.words, "\n"]])
    counts = Counter(clusters.plain(w) for text in unlabelled for w in text)
    vocabulary = sorted((w for w, n in counts.items() if n >= clusters.LEAST), key=lambda w: (-counts[w], w))
    vectors = clusters.vectors(unlabelled, vocabulary)
    grains = {letter: clusters.clusters(vectors, count) for letter, count in clusters.GRAINS.items()}
    cluster_of = {
        word: " ".join(f"{letter}{numbers[i]}" for letter, numbers in grains.items())
        for i, word in enumerate(vocabulary)
        if word.isalpha()
    }
    rows = [
        f"{word}\t{' '.join(sorted(listed.flags.get(word, ())))}\t{cluster_of.get(word, '')}\n"
        for word in sorted(set(listed.flags) | set(cluster_of))
    ]
    rows += [f"{phrase}\t{kind}\n" for phrase, kind in sorted(listed.phrases.items())]
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as file:
        file.write("".join(rows).encode())
    (out / "lexicon.tsv.gz").write_bytes(packed.getvalue())
    reduced = clusters.reduce(vectors, DIMENSIONS, STEP)
    kept = [i for i, word in enumerate(vocabulary) if word.isalpha()]
    return [vocabulary[i] for i in kept], reduced[kept]


class Rows:
    """CRFsuite's rows of sentences."""

    def __init__(self, lex: features.Lexicon, words: list[str], vectors: Any) -> None:
        self.lex = lex
        self.vector_of = {word: vectors[i].tolist() for i, word in enumerate(words)}
        self._seen: dict[str, tuple[Any, list[int] | None]] = {}

    def of(self, words: list[str], extra: list[list[str]] | None = None) -> list[Row]:
        """One row a word, as :mod:`marsad.extract.crf` sums them; ``extra`` are the attributes of the document."""
        known = [self._look(word) for word in words]
        placed = features.place_attributes(words, self.lex)
        rows: list[Row] = []
        for i in range(len(words)):
            row: Row = {}
            for offset, part in ((0, 0), (-1, 1), (1, 1), (-2, 2), (2, 2)):
                if 0 <= i + offset < len(words):
                    attributes, vector = known[i + offset]
                    row.update((f"{offset}:{name}", 1.0) for name in attributes[part])
                    if vector is not None and abs(offset) < 2:
                        row.update((f"v{offset}:{k}", value * STEP) for k, value in enumerate(vector) if value)
                elif abs(offset) == 1:
                    row[f"{offset}:end"] = 1.0
            left = known[i - 1][0][3] if i else "END"
            right = known[i + 1][0][3] if i + 1 < len(words) else "END"
            own = known[i][0][3]
            row[f"0:L|{left}|{own}"] = 1.0
            row[f"0:R|{own}|{right}"] = 1.0
            row.update((f"0:{name}", 1.0) for name in placed.get(i, ()))
            row.update((f"0:{name}", 1.0) for name in (extra[i] if extra else ()))
            rows.append(row)
        return rows

    def _look(self, word: str) -> tuple[Any, list[int] | None]:
        found = self._seen.get(word)
        if found is None:
            vector = next((self.vector_of[s] for _, s in stems(word) if s in self.vector_of), None)
            attributes = features.attributes(word, self.lex)
            found = self._seen[word] = (attributes, vector if word[0].isalpha() else None)
        return found


def document_rows(sentences: list[Sentence], labels: list[list[str]], lex: features.Lexicon) -> list[list[list[str]]]:
    """The attributes of the document for each sentence's words; a document is a block of sentences."""
    found: list[list[list[str]]] = []
    for first in range(0, len(sentences), BLOCK):
        block = sentences[first : first + BLOCK]
        words = [w for s in block for w in [*s.words, "\n"]]
        flat = [t for tags in labels[first : first + BLOCK] for t in [*tags, "O"]]
        extra: list[list[str]] = [[] for _ in words]
        for name, places in features.document_attributes(words, flat, lex).items():
            for i in places:
                extra[i].append(name)
                if i:
                    extra[i - 1].append(f"+1{name}")
                if i + 1 < len(words):
                    extra[i + 1].append(f"-1{name}")
        at = 0
        for sentence in block:
            found.append(extra[at : at + len(sentence.words)])
            at += len(sentence.words) + 1
    return found


def fit(rows: Rows, sentences: list[Sentence], extra: list[Any] | None, path: Path) -> pycrfsuite.Tagger:
    """Train one CRF and open it."""
    trainer = pycrfsuite.Trainer(verbose=False)
    for i, sentence in enumerate(sentences):
        trainer.append(rows.of(sentence.words, extra[i] if extra else None), sentence.labels)
    trainer.select("lbfgs")
    trainer.set_params(PARAMETERS)
    trainer.train(str(path))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(path))
    return tagger


def train(sentences: list[Sentence], rows: Rows, folder: Path) -> list[pycrfsuite.Tagger]:
    """Both passes."""
    unseen: list[list[str]] = []
    for fold in range(FOLDS):
        first, past = len(sentences) * fold // FOLDS, len(sentences) * (fold + 1) // FOLDS
        tagger = fit(rows, sentences[:first] + sentences[past:], None, folder / f"fold{fold}")
        unseen += [tagger.tag(rows.of(s.words)) for s in sentences[first:past]]
    one = fit(rows, sentences, None, folder / "pass0")
    two = fit(rows, sentences, document_rows(sentences, unseen, rows.lex), folder / "pass1")
    return [one, two]


def evaluate(folder: Path, sentences: list[Sentence]) -> dict[str, tuple[float, float, float]]:
    """Score the files of a folder as the package reads them, blocks of sentences as documents."""
    with gzip.open(folder / "lexicon.tsv.gz", "rt", encoding="utf-8") as lines:
        lex = features.Lexicon(iter(lines))
    recogniser = CrfRecogniser(Model(folder / "crf.npz"), lex)
    pairs = []
    for first in range(0, len(sentences), BLOCK):
        block = sentences[first : first + BLOCK]
        labels = recogniser.labels([w for s in block for w in [*s.words, "\n"]])
        at = 0
        for sentence in block:
            pairs.append((sentence.names(), sentence.names(labels[at : at + len(sentence.words)])))
            at += len(sentence.words) + 1
    return score(pairs)


def main() -> None:
    """Train, write, and say what was reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--corpus", "--texts", "--packages", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--hold-out", default="", metavar="K/N", help="leave part K (from 0) of N out, and score it")
    options = parser.parse_args()
    began = time.process_time()
    options.out.mkdir(parents=True, exist_ok=True)
    sentences = read(options.corpus)
    held: list[Sentence] = []
    words, vectors = build_lexicon(options.packages, options.texts, sentences, options.out)
    if options.hold_out:
        part, parts = map(int, options.hold_out.split("/"))
        first, past = len(sentences) * part // parts, len(sentences) * (part + 1) // parts
        held, sentences = sentences[first:past], sentences[:first] + sentences[past:]
    with gzip.open(options.out / "lexicon.tsv.gz", "rt", encoding="utf-8") as lines:
        rows = Rows(features.Lexicon(iter(lines)), words, vectors)
    with tempfile.TemporaryDirectory() as scratch:
        taggers = train(sentences, rows, Path(scratch))
        labels = sorted({label for s in sentences for label in s.labels})
        arrays: dict[str, Any] = {"vectors": vectors}
        for number, tagger in enumerate(taggers):
            arrays |= pass_arrays(tagger.info(), labels, number, DIMENSIONS, STEP)
    write_arrays(options.out / "crf.npz", arrays, labels=labels, vector_words=words)
    print(f"trained in {time.process_time() - began:.0f} s of CPU time")
    for kind, (precision, recall, f1) in (evaluate(options.out, held) if held else {}).items():
        print(f"{kind:<14}P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}")


if __name__ == "__main__":
    main()
