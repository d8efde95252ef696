"""What finds names in a text, whichever way: one interface, chosen by name.

``crf`` (the default) is shipped with the package and needs nothing else. ``transformers`` reads a
token-classification model of the Hugging Face kind (CAMeLBERT, AraBERT …) for machines that have
one, see :mod:`marsad.extract.transformer`. ``rules`` is the gazetteer and head words alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, Protocol

from marsad.extract.tokens import Tokens

RecogniserName = Literal["crf", "transformers", "rules"]
DEFAULT_MODEL = "CAMeL-Lab/bert-base-arabic-camelbert-msa-ner"

_MAX_SENTENCE = 120
_FULL_STOPS = frozenset(".؟!")


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens ``[first, past)`` that make a name of a type, and how sure the model is (0 to 1)."""

    first: int
    past: int
    type: str
    confidence: float


class Recogniser(Protocol):
    """Finds names in a text."""

    @property
    def name(self) -> str:
        """How mentions it found are marked in the column ``method``."""

    def spans(self, tokens: Tokens) -> list[Span]:
        """The names of a text, in order, none within another."""


def sentence_ranges(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Token ranges ``[first, past)`` of sentences as the model was trained on: to a full stop or a line's end."""
    first = 0
    for i, word in enumerate(words):
        if word == "\n":
            if i > first:
                yield first, i
            first = i + 1
        elif word in _FULL_STOPS or i + 1 - first >= _MAX_SENTENCE:
            yield first, i + 1
            first = i + 1
    if len(words) > first:
        yield first, len(words)


class RulesOnly:
    """No model: what the rules find is all."""

    name = "rules"

    def spans(self, tokens: Tokens) -> list[Span]:
        """Nothing."""
        return []


@cache
def recogniser(name: RecogniserName = "crf", model: str | None = None) -> Recogniser:
    """A recogniser, made once a process.

    Args:
        name: ``crf``, ``transformers`` or ``rules``.
        model: for ``transformers``, a folder or a name on the hub; CAMeLBERT's where not given.

    Raises:
        UsageError: the packages of ``transformers`` are not installed, or the model cannot be read.
    """
    if name == "crf":
        from marsad.extract.crf import crf

        shipped: Recogniser = crf()
        return shipped
    if name == "transformers":
        from marsad.extract.transformer import TransformerRecogniser

        return TransformerRecogniser(model or DEFAULT_MODEL)
    return RulesOnly()
