"""The recogniser of names: decoding against brute force, the numpy reading against CRFsuite's own, its speed."""

from __future__ import annotations

import itertools
import math
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.extract import features
from marsad.extract.crf import CrfRecogniser, Model, crf
from marsad.extract.lattice import decode, stretches
from marsad.extract.recogniser import recogniser, sentence_ranges
from marsad.extract.tokens import Tokens

STORY = (
    "أعلنت وزارة الزراعة اللبنانية أن الوزير عباس الحاج حسن سيزور دمشق يوم الاثنين.\n\n"
    "وقال نادر مسعود، مدير شركة «بيادر» في صيدا، إن المحصول وفير. وأضاف مسعود أن الشركة توظف 300 عامل."
)


def brute_force(scores: np.ndarray, transitions: np.ndarray) -> np.ndarray:
    size, count = scores.shape
    total = np.zeros((size, count))
    for labels in itertools.product(range(count), repeat=size):
        score = sum(scores[i, k] for i, k in enumerate(labels))
        score += sum(transitions[a, b] for a, b in itertools.pairwise(labels))
        for i, k in enumerate(labels):
            total[i, k] += math.exp(score)
    return total / total.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(5))
def test_labels_and_marginals_are_those_of_all_paths(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = (3 * random.normal(size=(8, 3))).astype(np.float32)
    transitions = random.normal(size=(3, 3)).astype(np.float32)
    labels, certain = decode(scores, transitions, [(0, 8)], 0)
    marginals = brute_force(scores, transitions)
    assert labels.tolist() == marginals.argmax(axis=1).tolist()
    assert np.allclose(certain, marginals.max(axis=1), atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_sentences_of_unlike_length_are_decoded_as_if_alone(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = (2 * random.normal(size=(30, 4))).astype(np.float32)
    transitions = random.normal(size=(4, 4)).astype(np.float32)
    ranges = [(0, 3), (3, 4), (4, 13), (13, 30)]
    together, _ = decode(scores, transitions, ranges, 0)
    for first, past in ranges:
        alone, _ = decode(scores[first:past], transitions, [(0, past - first)], 0)
        assert together[first:past].tolist() == alone.tolist()


def test_words_surely_outside_part_a_sentence() -> None:
    scores = np.zeros((7, 3), dtype=np.float32)
    scores[[0, 3, 4, 6], 0] = 50
    ends = np.array([False, False, False, False, False, True, True])
    assert stretches(scores, ends, 0) == [(0, 4), (4, 6)]


def test_numpy_reads_the_weights_as_crfsuite_does(tmp_path: Path) -> None:
    """A model trained here: the same labels from CRFsuite and from its weights as exported."""
    import pycrfsuite
    from training.names.corpus import Sentence
    from training.names.export import pass_arrays, write_arrays
    from training.names.train import DIMENSIONS, STEP, Rows

    lines = ["قال سامي قصاب في صيدا", "وصل نادر مسعود إلى دمشق", "زار الوزير عباس حسن بيروت", "المحصول وفير هذا العام"]
    tags = ["O B-PER I-PER O B-LOC", "O B-PER I-PER O B-LOC", "O O B-PER I-PER B-LOC", "O O O O"]
    sentences = [
        Sentence(Tokens(line).word, tag.split(), list(range(len(tag.split()))), line.split())
        for line, tag in zip(lines, tags, strict=True)
    ]
    words = sorted({w for s in sentences for w in s.words})[:8]
    vectors = np.random.default_rng(1).integers(-60, 60, size=(len(words), DIMENSIONS)).astype(np.int8)
    lex = features.lexicon()
    rows = Rows(lex, words, vectors)
    trainer = pycrfsuite.Trainer(verbose=False)
    for s in sentences:
        trainer.append(rows.of(s.words), s.labels)
    trainer.set_params({"c1": 0.01, "c2": 0.01, "max_iterations": 60})
    trainer.train(str(tmp_path / "model"))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(tmp_path / "model"))
    labels = sorted({label for s in sentences for label in s.labels})
    arrays = {"vectors": vectors, **pass_arrays(tagger.info(), labels, 0, DIMENSIONS, STEP)}
    write_arrays(tmp_path / "crf.npz", arrays, labels=labels, vector_words=words)
    ours = CrfRecogniser(Model(tmp_path / "crf.npz"), lex)
    for s in [*sentences, sentences[0]]:
        assert ours.labels(s.words) == tagger.tag(rows.of(s.words)) == s.labels


def test_the_shipped_model_finds_names_no_list_holds() -> None:
    tokens = Tokens(STORY)
    found = {(tokens.text(s.first, s.past - 1), s.type) for s in crf().spans(tokens)}
    assert ("نادر مسعود", "PER") in found
    assert ("دمشق", "LOC") in found


def test_the_files_are_small_and_carry_their_licence() -> None:
    sizes = {path.name: path.stat().st_size for path in features.FOLDER.iterdir()}
    assert sum(sizes.values()) <= 10_000_000
    assert "ShareAlike 4.0" in (features.FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert "ANERcorp" in (features.FOLDER / "NOTICE").read_text(encoding="utf-8")


def test_sentences_end_at_stops_lines_and_a_length() -> None:
    words = Tokens("أ ب.\n\nج د؟ " + "ه " * 150).word
    ranges = list(sentence_ranges(words))
    assert [words[a:b] for a, b in ranges[:3]] == [["ا", "ب", "."], ["ج", "د", "؟"], ["ه"] * 120]
    assert ranges[-1][1] == len(words)


def test_an_unknown_model_reads_nothing() -> None:
    assert recogniser("rules").spans(Tokens(STORY)) == []


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ابتسموني والفرح«».،\n12 aZ\u0640\u064b", max_size=200))
def test_spans_are_in_order_within_lines_and_the_same_twice(text: str) -> None:
    tokens = Tokens(text)
    spans = crf().spans(tokens)
    assert spans == crf().spans(tokens)
    past = 0
    for span in spans:
        assert past <= span.first < span.past <= len(tokens)
        assert "\n" not in tokens.word[span.first : span.past]
        past = span.past


def test_a_megabyte_of_one_line_is_read_in_linear_time() -> None:
    crf().spans(Tokens(STORY))
    took = []
    for size in (250_000, 1_000_000):
        tokens = Tokens((STORY.replace("\n", " ").replace(".", " ") * (size // len(STORY) + 1))[:size])
        began = time.process_time()
        crf().spans(tokens)
        took.append(time.process_time() - began)
    assert took[1] < 8 * took[0] + 1
