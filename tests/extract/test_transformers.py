"""The recogniser `transformers`: with a tiny model made here, of random weights, read from a folder."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from marsad.errors import UsageError
from marsad.extract.mentions import find_mentions
from marsad.extract.recogniser import recogniser
from marsad.extract.tokens import Tokens
from marsad.extract.transformer import TransformerRecogniser

STORY = "وصل سامي قصاب إلى بلدة الشوح.\n\nوقالت ليلى حداد لوكالة «نبأ» إن الطريق إلى الشوح مفتوح منذ الصباح."
LABELS = ["O", "B-PERS", "I-PERS", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-MISC"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder of some 30 kB: BERT of one layer, a vocabulary of letters."""
    pytest.importorskip("torch", reason="needs requirements-transformers.txt")
    transformers: Any = pytest.importorskip("transformers", reason="needs requirements-transformers.txt")
    import torch

    folder = tmp_path_factory.mktemp("tiny")
    letters = sorted(set(STORY) - set(" \n"))
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    tokenizer = transformers.BertTokenizerFast(vocab={w: i for i, w in enumerate(vocabulary)}, do_lower_case=False)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=24, id2label=dict(enumerate(LABELS)), label2id={n: i for i, n in enumerate(LABELS)},
    )  # fmt: skip
    transformers.BertForTokenClassification(config).save_pretrained(folder)
    return folder


def test_it_reads_a_local_model_in_windows(tiny: Path) -> None:
    tokens = Tokens(STORY)
    reader = TransformerRecogniser(str(tiny))
    spans = reader.spans(tokens)
    assert spans, "random weights label something"
    assert spans == TransformerRecogniser(str(tiny)).spans(tokens)
    past = 0
    for span in spans:
        assert past <= span.first < span.past <= len(tokens)
        assert "\n" not in tokens.word[span.first : span.past]
        assert span.type in ("PER", "LOC", "ORG", "MISC")
        assert 0 <= span.confidence <= 1
        past = span.past


def test_a_sentence_longer_than_the_model_is_read_to_its_end(tiny: Path) -> None:
    tokens = Tokens("سامي قصاب " * 60)
    reader = TransformerRecogniser(str(tiny))
    windows = list(reader._windows(tokens))
    assert [word for _, words in windows for word in words] == ["سامي", "قصاب"] * 60
    assert all(sum(map(len, words)) <= 22 for _, words in windows)
    assert [first for first, _ in windows] == sorted({first for first, _ in windows})
    reader.spans(tokens)


def test_mentions_take_its_names(tiny: Path) -> None:
    for mention in find_mentions(Tokens(STORY), recogniser("transformers", str(tiny))):
        assert STORY[mention.start : mention.end].strip()


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    with pytest.raises(UsageError, match="nowhere"):
        TransformerRecogniser(str(tmp_path / "nowhere"))


def test_missing_packages_are_named_with_the_file_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def missing(name: str) -> Any:
        if name in ("torch", "transformers"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(UsageError, match=r"needs torch: pip install -r requirements-transformers\.txt"):
        TransformerRecogniser("some/model")
