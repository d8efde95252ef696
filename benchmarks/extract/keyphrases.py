"""Keyphrases against those that readers gave: a folder with ``documents`` and ``keyphrases`` of the same names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from marsad.extract.article import read_article

_LETTERS = re.compile(r"[\u064b-\u0652\u0640]")
_LEVEL = str.maketrans("أإآىة", "اااىه".replace("ى", "ي"))
_TOP = 10


@dataclass(frozen=True)
class Found:
    """Averages over documents of the first ten phrases, equal to a reader's after spelling is levelled."""

    documents: int
    precision: float
    recall: float
    f1: float


def level(phrase: str) -> str:
    """A phrase without tashkeel, tatweel, the forms of alef, and the article of its words."""
    words = _LETTERS.sub("", phrase).translate(_LEVEL).split()
    return " ".join(word.removeprefix("ال") for word in words)


def score(found: list[str], wanted: list[str]) -> tuple[float, float]:
    """Precision and recall of the first ten."""
    have, want = {level(one) for one in found[:_TOP]}, {level(one) for one in wanted}
    hits = len(have & want)
    return (hits / len(have) if have else 0.0, hits / len(want) if want else 0.0)


def _folders(path: Path) -> tuple[Path, Path]:
    documents, phrases = path / "documents", path / "keyphrases"
    return (
        documents / "raw" if (documents / "raw").is_dir() else documents,
        next((f for f in sorted(phrases.iterdir()) if f.is_dir()), phrases) if phrases.is_dir() else phrases,
    )


def _wanted(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Names of documents with their phrases: a file for each, or one list of ``name : phrase,phrase`` lines."""
    lists = sorted(folder.glob("pure*")) or sorted(folder.iterdir())
    for file in lists:
        lines = [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        if any(" : " in line for line in lines):
            for line in lines:
                name, _, phrases = line.partition(" : ")
                yield name.strip(), [phrase.strip() for phrase in phrases.split(",") if phrase.strip()]
        else:
            yield file.stem, lines


def is_corpus(path: Path) -> bool:
    """Whether this folder has both."""
    return all(folder.is_dir() for folder in (path / "documents", path / "keyphrases"))


def measure(path: Path) -> Found:
    """Judge every document that has keyphrases."""
    documents, phrases = _folders(path)
    wanted_by_name = dict(_wanted(phrases))
    scores = []
    for file in sorted(documents.iterdir()):
        wanted = wanted_by_name.get(file.stem)
        if not wanted:
            continue
        body = file.read_text(encoding="utf-8-sig", errors="replace")
        found = read_article(body, title=None, anchor=None).keyphrases
        scores.append(score([one.phrase for one in found], wanted))
    count = max(1, len(scores))
    precision, recall = (sum(one[i] for one in scores) / count for i in (0, 1))
    total = precision + recall
    return Found(len(scores), precision, recall, 2 * precision * recall / total if total else 0.0)


def markdown(found: Found) -> str:
    """The table."""
    figures = " | ".join(f"{figure:.3f}".removeprefix("0") for figure in (found.precision, found.recall, found.f1))
    return f"| kind | P@10 | R@10 | F1@10 |\n|---|--:|--:|--:|\n| keyphrases | {figures} |"
