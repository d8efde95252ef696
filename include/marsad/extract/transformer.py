"""Names by a fine-tuned transformer (CAMeLBERT, AraBERT and the like), for machines that have one.

The packages are not the project's own requirement: ``pip install -r requirements-transformers.txt``. The model
is a folder, or a name that ``transformers`` finds in its cache or on a hub it reaches (``HF_HUB_OFFLINE=1`` keeps
it from asking). Any token-classification model with labels such as ``B-PERS``, ``I-LOC`` will do.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from marsad.errors import UsageError
from marsad.extract.recogniser import Span, sentence_ranges
from marsad.extract.tokens import Tokens

_TYPES = {"PERS": "PER", "PERSON": "PER", "PER": "PER", "LOC": "LOC", "LOCATION": "LOC", "GPE": "LOC", "ORG": "ORG"}
_BATCH = 16
_LONGEST = 512
"""Subwords a window may hold where the model says nothing else (BERT's)."""


class TransformerRecogniser:
    """A token-classification model read with ``transformers``, on the processor."""

    name = "transformers"

    def __init__(self, model: str) -> None:
        """Load a model.

        Args:
            model: a folder, or a name on the hub.

        Raises:
            UsageError: a package is missing, or the model cannot be read.
        """
        try:
            self._torch: Any = importlib.import_module("torch")
            library: Any = importlib.import_module("transformers")
        except ImportError as error:
            raise UsageError(
                f"the recogniser «transformers» needs {error.name}: pip install -r requirements-transformers.txt"
            ) from None
        try:
            self._tokenizer = library.AutoTokenizer.from_pretrained(model, trust_remote_code=False)
            # a model's own code is not run; its weights are read as numbers (torch >= 2.6), never as a pickle
            loaded = library.AutoModelForTokenClassification.from_pretrained(model, trust_remote_code=False)
            self._model = loaded.eval()
        except (OSError, ValueError) as error:
            first = (str(error).splitlines() or [type(error).__name__])[0]
            raise UsageError(
                f"the model {model!r} cannot be read: {first} (give a folder, or a name on a hub this machine reaches)"
            ) from None
        if not self._tokenizer.is_fast:
            raise UsageError(f"the model {model!r} has no fast tokenizer, without which words cannot be told apart")
        config = self._model.config
        self._labels = [str(config.id2label[i]) for i in range(config.num_labels)]
        reach = getattr(config, "max_position_embeddings", None) or _LONGEST
        # RoBERTa's positions begin behind the padding's
        offset = 2 if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert") else 0
        self._reach = max(8, min(self._tokenizer.model_max_length, reach - offset, _LONGEST))

    def spans(self, tokens: Tokens) -> list[Span]:
        """The names of a text, in order. A window is a sentence, or as much of it as the model takes."""
        windows = list(self._windows(tokens))
        found: list[Span] = []
        for first in range(0, len(windows), _BATCH):
            batch = windows[first : first + _BATCH]
            for (begin, _), labels in zip(batch, self._label(batch), strict=True):
                found += _spans(begin, labels)
        return found

    def _windows(self, tokens: Tokens) -> Iterator[tuple[int, list[str]]]:
        """First token and words of each window."""
        room = self._reach - self._tokenizer.num_special_tokens_to_add()
        for first, past in sentence_ranges(tokens.word):
            words = [tokens.body[tokens.start[i] : tokens.end[i]] for i in range(first, past)]
            sizes = [len(part) for part in self._tokenizer(words, add_special_tokens=False)["input_ids"]]
            begin, used = 0, 0
            for i, size in enumerate(sizes):
                if used + size > room and i > begin:
                    yield first + begin, words[begin:i]
                    begin, used = i, 0
                used += size
            yield first + begin, words[begin:]

    def _label(self, batch: list[tuple[int, list[str]]]) -> Iterator[list[tuple[str, float]]]:
        """A label and its probability for each word: those of its first subword."""
        read = self._tokenizer(
            [words for _, words in batch],
            is_split_into_words=True,
            truncation=True,
            max_length=self._reach,
            padding=True,
            return_tensors="pt",
        )
        with self._torch.inference_mode():
            share, best = self._model(**read).logits.softmax(dim=-1).max(dim=-1)
        for row, (_, words) in enumerate(batch):
            labels = [("O", 1.0)] * len(words)
            done = -1
            for at, word in enumerate(read.word_ids(row)):
                if word is not None and word != done:
                    labels[word] = (self._labels[int(best[row, at])], float(share[row, at]))
                    done = word
            yield labels


def _spans(begin: int, labels: list[tuple[str, float]]) -> Iterator[Span]:
    """Runs of one type; ``begin`` is the token of the first label."""
    open_at, kind, sure = -1, "", 1.0
    for i, (label, share) in enumerate([*labels, ("O", 1.0)]):
        mark, _, name = label.rpartition("-")
        type_ = "" if label == "O" else _TYPES.get(name.upper(), "MISC")
        if open_at >= 0 and (type_ != kind or mark == "B"):
            yield Span(begin + open_at, begin + i, kind, sure)
            open_at = -1
        if type_ and open_at < 0:
            open_at, kind, sure = i, type_, share
        elif type_:
            sure = min(sure, share)
