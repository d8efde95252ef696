"""The labelled corpus, cut into words as Marsad cuts them; and the score by whole names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from marsad.extract.tokens import Tokens

Name = tuple[int, int, str]
TYPES = {"PERS": "PER"}


@dataclass(frozen=True)
class Sentence:
    """One sentence: Marsad's words with labels, and which of the corpus's own words each is part of."""

    words: list[str]
    labels: list[str]
    owners: list[int]
    originals: list[str]

    def names(self, labels: Sequence[str] | None = None) -> set[Name]:
        """Names as (first, past, type) in the corpus's words; of these labels, or the corpus's."""
        return {
            (self.owners[a], self.owners[b - 1] + 1, kind)
            for a, b, kind in spans(self.labels if labels is None else labels)
        }


def read(path: Path) -> list[Sentence]:
    """Sentences of a CoNLL file of two columns, word and label, in order."""
    found: list[Sentence] = []
    rows: list[tuple[str, str]] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        parts = line.split()
        if len(parts) == 2:
            rows.append((parts[0], parts[1]))
        elif rows:
            found.append(_sentence(rows))
            rows = []
    return found


def _sentence(rows: list[tuple[str, str]]) -> Sentence:
    words: list[str] = []
    labels: list[str] = []
    owners: list[int] = []
    for owner, (text, label) in enumerate(rows):
        for long, short in TYPES.items():
            label = label.replace(long, short)
        parts = [w for w in Tokens(text).word if w != "\n"]
        letters = [k for k, part in enumerate(parts) if part[0].isalnum()]
        for k, part in enumerate(parts):
            own = label
            if label != "O" and letters:
                # signs around a name are no part of it; a name in one word begins once
                own = "O" if not letters[0] <= k <= letters[-1] else label if k == letters[0] else "I" + label[1:]
            words.append(part)
            labels.append(own)
            owners.append(owner)
    return Sentence(words, labels, owners, [text for text, _ in rows])


def spans(labels: Sequence[str]) -> list[Name]:
    """Runs of one type: B-X I-X …; an I without its B begins a name too."""
    found: list[Name] = []
    i = 0
    while i < len(labels):
        if labels[i] == "O":
            i += 1
            continue
        kind = labels[i][2:]
        k = i + 1
        while k < len(labels) and labels[k] == f"I-{kind}":
            k += 1
        found.append((i, k, kind))
        i = k
    return found


def score(pairs: Iterable[tuple[set[Name], set[Name]]]) -> dict[str, tuple[float, float, float]]:
    """Precision, recall and F1 by type and over all (micro), of (gold, found) sets a sentence: span and type equal."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for gold, found in pairs:
        for name in gold | found:
            for kind in (name[2], "all", *(("PER+LOC+ORG",) if name[2] != "MISC" else ())):
                counts[kind][0] += name in gold and name in found
                counts[kind][1] += name in found
                counts[kind][2] += name in gold
    return {
        kind: (hits / max(found, 1), hits / max(gold, 1), 2 * hits / max(found + gold, 1))
        for kind, (hits, found, gold) in sorted(counts.items())
    }
