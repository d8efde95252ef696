"""What the recogniser sees of a word: a list of attributes, and the classes its neighbours are paired by.

An attribute depends on one word only (and the lexicon), so that its weights can be summed once a
word and kept (:mod:`marsad.extract.crf`); only pairs of classes and matched phrases depend on the
place in the text. The same functions make the training data.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from marsad.extract.data import bare_words, nationalities, organisation_names, place_names, words
from marsad.extract.reports import cue_forms
from marsad.extract.speakers import STOPS
from marsad.extract.tokens import bare, fold, stems

FOLDER = Path(__file__).parent / "models" / "names"
OFFSETS = (-2, -1, 0, 1, 2)
_KEPT = 1 << 16
_QUOTES = frozenset('"«»“”')

Entry = tuple[tuple[str, ...], tuple[str, ...]]


_Value = TypeVar("_Value")


class _Kept(dict[str, _Value]):
    """What a function says of words, kept: as fast as a dict for words seen before. Emptied when full."""

    def __init__(self, of: Callable[[str], _Value]) -> None:
        super().__init__()
        self._of = of

    def __missing__(self, word: str) -> _Value:
        if len(self) > _KEPT:
            self.clear()
        found = self[word] = self._of(word)
        return found


class Lexicon:
    """Words with their flags and clusters; phrases with their type."""

    __slots__ = ("openings", "phrases", "stem", "words")

    def __init__(self, lines: Iterator[str]) -> None:
        """Read ``word<TAB>flags<TAB>clusters`` and ``phrase<TAB>type`` lines (a phrase has spaces)."""
        self.words: dict[str, Entry] = {}
        self.phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.openings = _Kept(self._openings)
        """Phrases that may begin with a word: (1 if something is written onto it, folded words, type). None for
        a word that neither begins one nor is a quotation mark."""
        self.stem = _Kept(self._stem)
        """A word without what is written onto it, as far as the lexicon tells; nothing for numbers and signs."""
        shared: dict[tuple[str, str], Entry] = {}
        for line in lines:
            word, flags, *rest = line.rstrip("\n").split("\t")
            if " " in word:
                parts = tuple(word.split())
                self.phrases.setdefault(parts[0], []).append((parts, flags))
                continue
            key = (flags, rest[0] if rest else "")
            entry = shared.get(key)
            if entry is None:
                entry = shared[key] = (tuple(flags.split()), tuple(key[1].split()))
            self.words[word] = entry
        for kind, flag, listed in (("kLOC", "l", place_names()), ("kORG", "o", organisation_names())):
            for name in sorted(listed):
                parts = tuple(fold(name).split())
                if len(parts) > 1:
                    self.phrases.setdefault(parts[0], []).append((parts, kind))
                else:
                    have, clusters = self.words.get(parts[0], ((), ()))
                    self.words[parts[0]] = ((*have, flag), clusters)
        for entries in self.phrases.values():
            entries.sort(key=lambda e: (-len(e[0]), e[1] not in ("kLOC", "kORG"), e))

    def _openings(self, word: str) -> list[tuple[int, tuple[str, ...], str]] | None:
        found = [(min(cut, 1), parts, kind) for cut, stem in stems(word) for parts, kind in self.phrases.get(stem, ())]
        return found if found or word in _QUOTES else None

    def _stem(self, word: str) -> str:
        return word[self.look(word)[0] :] if word[0].isalpha() else ""

    def look(self, word: str) -> tuple[int, Entry | None]:
        """A word's entry, or that of the word without what is written onto it; and how many letters that is."""
        entry = self.words.get(word)
        if entry is not None and (entry[1] or len(word) < 4):
            return 0, entry
        best: tuple[int, Entry | None] = (0, entry)
        if entry is None:
            for cut, stem in stems(word):
                if cut and len(stem) > 2 and (entry := self.words.get(stem)) is not None:
                    return cut, entry
        return best


@cache
def lexicon() -> Lexicon:
    """The lexicon that is shipped with the model."""
    with gzip.open(FOLDER / "lexicon.tsv.gz", "rt", encoding="utf-8") as lines:
        return Lexicon(iter(lines))


@cache
def towns() -> dict[str, str]:
    """Folded names of towns that are in one country only, and that country (GeoNames)."""
    with gzip.open(FOLDER / "towns.tsv.gz", "rt", encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split("\t") for line in lines)


@cache
def _lists() -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
    """Word lists of the rules: (name, forms as they stand, forms without the article)."""
    empty: frozenset[str] = frozenset()
    whole = [(key, words("gazetteer", key), empty) for key in (
        "titles", "complement_titles", "title_adjectives", "title_links", "given_names", "surnames")]  # fmt: skip
    heads = [(key, empty, bare_words("gazetteer", key)) for key in (
        "org_heads", "fac_heads", "event_heads", "place_heads", "title_heads")]  # fmt: skip
    others = [("nationality", frozenset(nationalities()), empty), ("stop", STOPS, empty), ("cue", cue_forms(), empty)]
    return (*whole, *heads, *others)


@cache
def _in_lists() -> tuple[dict[str, frozenset[int]], dict[str, frozenset[int]]]:
    """For each form, and for each form without the article, the numbers of the lists that hold it."""
    standing: dict[str, frozenset[int]] = {}
    headed: dict[str, frozenset[int]] = {}
    for number, (_, forms, heads) in enumerate(_lists()):
        for listed, into in ((forms, standing), (heads, headed)):
            for form in listed:
                into[form] = into.get(form, frozenset()) | {number}
    return standing, headed


def classes(word: str) -> list[str]:
    """The rules' lists that hold a word."""
    standing, headed = _in_lists()
    found = set(headed.get(bare(word), ()))
    for _, stem in stems(word):
        found.update(standing.get(stem, ()))
    return [_lists()[number][0] for number in sorted(found)]


def shape(word: str) -> str:
    """Letters, digits, Latin or sign."""
    first = word[0]
    if first.isdecimal():
        return f"num{min(len(word), 5)}"
    if not first.isalpha():
        return "sign"
    return "latin" if first.isascii() else ("one" if len(word) == 1 else "word")


def attributes(word: str, lex: Lexicon) -> tuple[list[str], list[str], list[str], str]:
    """What is seen of a word from its own place, from beside it, and from two away; and its class for pairs."""
    kind = shape(word)
    if kind.startswith("num"):
        return [kind], ["num"], ["num"], "num"
    if kind == "sign":
        return [f"w={word}"], [f"w={word}"], [f"w={word}"], word
    lists = classes(word)
    cut, entry = lex.look(word)
    flags, clusters = entry or ((), ())
    stem = word[cut:]
    core = bare(word)
    far = [f"w={word}", *(f"l={c}" for c in lists), *(f"c={c}" for c in clusters[:2]), *(f"g={f}" for f in flags)]
    near = [*far, *(f"c={c}" for c in clusters[2:]), f"b={core}"]
    near += [f"s2={word[-2:]}", f"s3={word[-3:]}", f"p2={word[:2]}"]
    if not clusters:
        near.append("unseen")
    if word.startswith("ال"):
        near.append("al")
    full = [
        *near, f"len={min(len(word), 9)}", kind,
        *(f"p{n}={word[:n]}" for n in (1, 3, 4) if len(word) > n),
        *(f"s{n}={word[-n:]}" for n in (1, 4) if len(word) > n),
        f"bp2={core[:2]}", f"bp3={core[:3]}",
    ]  # fmt: skip
    if cut:
        full.append(f"cut={word[:cut]}")
        full.append(f"b={stem}")
    full.append("fl=" + "".join(flags))
    pair = _pair_class(lists, flags, clusters, word)
    return full, near, far, pair


def _pair_class(lists: Sequence[str], flags: Sequence[str], clusters: Sequence[str], word: str) -> str:
    person = "".join(f for f in flags if f[0] in "gs" and f[1:] > "1") or "".join(f for f in flags if f in "fwcol")
    town = "p" if any(f[0] == "p" for f in flags) else ""
    article = "al" if word.startswith("ال") else ""
    return f"{lists[0] if lists else ''}+{person}{town}{article}{clusters[0] if clusters else '?'}"


def place_attributes(sentence: Sequence[str], lex: Lexicon) -> dict[int, list[str]]:
    """What depends on a word's place in its sentence, by its index: phrases, marks around it, the sentence's ends."""
    found: dict[int, list[str]] = {}
    open_mark = -1
    until = 0
    opened = lex.openings
    size = len(sentence)
    for i, openings in [(i, begun) for i, word in enumerate(sentence) if (begun := opened[word]) is not None]:
        if not openings:
            if open_mark >= 0:
                for k in range(open_mark + 1, i) if i - open_mark < 7 else ():
                    found.setdefault(k, []).append("qB" if k == open_mark + 1 else "qI")
                open_mark = -1
            else:
                open_mark = i
            continue
        for cut, parts, kind in openings if i >= until else ():
            past = i + len(parts)
            if past <= size and sentence[i + 1] == parts[1] and tuple(sentence[i + 1 : past]) == parts[1:]:
                until = past
                for k in range(i, past):
                    found.setdefault(k, []).append(f"m={kind}{'B' if k == i else 'I'}{cut}")
                break
    if sentence:
        found.setdefault(0, []).append("first")
        found.setdefault(len(sentence) - 1, []).append("last")
    return found


def document_attributes(words: Sequence[str], labels: Sequence[str], lex: Lexicon) -> dict[str, list[int]]:
    """What a first reading made of the other places of each word: attributes, and the tokens that have them.

    Args:
        words: the folded tokens of one document.
        labels: their labels in the first reading.
        lex: the lexicon, for words with something written onto them.
    """
    stem = lex.stem
    stemmed = [stem[word] if len(word) > 2 else "" for word in words]
    often = Counter(stemmed)
    places: dict[str, list[int]] = {name: [] for name, count in often.items() if count > 1 and name}
    for i, name in enumerate(stemmed):
        if name in places:
            places[name].append(i)
    found: dict[str, list[int]] = {}
    for where in places.values():
        size = len(where) - 1
        if all(labels[i] == "O" for i in where):
            found.setdefault("D=O2" if size > 2 else "D=O1", []).extend(where)
            continue
        total = Counter([labels[i] for i in where])
        for i in where:
            for name in _elsewhere(total, labels[i], size):
                found.setdefault(name, []).append(i)
    return found


def _elsewhere(total: Counter[str], own: str, size: int) -> list[str]:
    names: list[str] = []
    types: Counter[str] = Counter()
    for label, count in total.items():
        others = count - (label == own)
        if label != "O" and others:
            share = others / size
            names.append(f"D={label}{1 if share < 0.4 else 2 if share < 0.99 else 3}")
            types[label[2:]] += others
    if types:
        most = max(types.values())
        names.append("DT=" + min(t for t, n in types.items() if n == most))
    else:
        names.append("D=O2" if size > 2 else "D=O1")
    return names


_RARE = 4000
"""A word's rank by frequency in the news from which on it tells as much as any other."""


@cache
def _ranks() -> dict[str, int]:
    """Words by how often the news has them, the commonest first."""
    with np.load(FOLDER / "crf.npz", allow_pickle=False) as file:
        ranked = bytes(file["vector_words"]).decode().split("\n")
    found: dict[str, int] = {}
    for rank, word in enumerate(ranked[:_RARE]):
        found.setdefault(bare(word), rank)
    return found


def commonness(word: str) -> float:
    """How much a word tells of a story, from .1 for the commonest of the news to 1 for those seldom in it."""
    rank = _ranks().get(bare(word))
    return 1.0 if rank is None else max(0.1, (rank / _RARE) ** 0.5)
