"""Corpora of others, in their own forms, as stories: what each marks, and nothing it does not.

* a ``.json`` file (or a folder of them) with ``articles`` (``role``, ``paragraphs``, ``published_date``, ``title``) and
  what a reader found in them: ``quotations``, ``temporal_expressions``, ``quantities``, ``entities``;
* a folder of ``.tml``: TIMEX3 marks in running text;
* a ``.conll`` file (or a folder of them): a token and its B-/I-/O label a line, a blank line behind a sentence;
* a folder with ``documents`` and ``keyphrases``: see ``keyphrases.py``.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.extract.stories import Mark, Story, read_file

_TIMEX = re.compile(r"<TIMEX3\b([^>]*)>(.*?)</TIMEX3>", re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_REFERENCE = re.compile(r"_REF|UNDEF|X")
_TML_DAY = date(2015, 12, 24)
"""The corpus carries no publication day; its «اليوم» is this one throughout."""
_PART = re.compile(r"T(NI|MO|EV|AF|DT)$")
_DECADE = re.compile(r"\d{3}$")
"""TIMEX3 writes the sixties as 196; as an interval they are 1960/1969."""
_TYPES = {"PERS": "PER", "PER": "PER", "LOC": "LOC", "ORG": "ORG", "MISC": "MISC", "FAC": "FAC", "EVENT": "EVENT"}
_SENTENCES = 12
"""A story of a corpus that keeps no stories apart: about as many sentences as a news article has."""


class NoCorpus(ValueError):
    """Nothing there that these readers know."""


def read(path: Path) -> list[Story]:
    """The stories of a file or folder.

    Raises:
        NoCorpus: the path holds none of the forms.
        Malformed: a story in the form of our own that cannot be read.
    """
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    by_form = {form: [file for file in files if file.suffix == form] for form in (".json", ".tml", ".conll", ".txt")}
    stories: list[Story] = []
    for file in by_form[".json"]:
        stories += _read_json(file)
    for file in by_form[".tml"]:
        stories.append(_read_tml(file))
    for file in by_form[".conll"]:
        stories += _read_conll(file)
    for file in by_form[".txt"]:
        if file.read_text(encoding="utf-8").lstrip().startswith("==="):
            stories += read_file(file)
    if not stories:
        raise NoCorpus(f"{path}: no .json, .tml, .conll, nor stories in our own form")
    return stories


def _places(body: str, wanted: Iterable[tuple[str, str, dict[str, Any]]]) -> tuple[Mark, ...]:
    """Marks of texts that come without offsets: each at its next place, so that two of the same are two."""
    after: dict[str, int] = {}
    marks = []
    for text, kind, values in wanted:
        start = body.find(text, after.get(text, 0))
        if start < 0:
            raise NoCorpus(f"not in the text of its article: {text[:60]}")
        after[text] = start + len(text)
        marks.append(Mark(start, start + len(text), kind, values))
    return tuple(sorted(marks, key=lambda mark: (mark.start, mark.end)))


def _read_json(path: Path) -> Iterator[Story]:
    gold = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(gold, dict) or not isinstance(gold.get("articles"), list):
        return
    for article in gold["articles"]:
        role, body = article["role"], "\n\n".join(article["paragraphs"])

        def mine(kind: str, role: str = role) -> list[dict[str, Any]] | None:
            return [one for one in gold[kind] if one.get("article", role) == role] if kind in gold else None

        quotations, timexes, quantities = (mine(k) for k in ("quotations", "temporal_expressions", "quantities"))
        entities = gold["entities"].get(role, {}) if "entities" in gold else None
        day = article.get("published_date")
        yield Story(
            f"{path.stem}/{role}",
            body,
            date.fromisoformat(day) if day else None,
            title=article.get("title"),
            quotations=None if quotations is None else _places(body, map(_quotation, quotations)),
            timexes=None if timexes is None else _places(body, map(_timex, timexes)),
            quantities=None if quantities is None else _places(body, map(_quantity, quantities)),
            names=None if entities is None else frozenset((n, kind) for kind, names in entities.items() for n in names),
        )


def _quotation(row: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    speakers = (row["speaker"],) if row.get("speaker") else ()
    reporters = (row["reported_by"],) if row.get("reported_by") else ()
    values = {"cue": row.get("cue"), "speakers": speakers, "reporters": reporters}
    return row["quotation"], row.get("kind", "direct"), values


def _timex(row: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return row["text"], row.get("kind", "date"), {"value": row["value"], "part": row.get("part_of_day")}


def _quantity(row: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return row["text"], row["kind"], {"value": row["value"], "currency": row.get("unit")}


def _read_tml(path: Path) -> Story:
    """Marks without a calendar value (الآن, مؤخرا) and sets (كل يوم) are optional: no value is claimed for them."""
    text = path.read_text(encoding="utf-8-sig")
    text = text.split("<TimeML>", 1)[-1].rsplit("</TimeML>", 1)[0]
    body, marks, at = "", [], 0
    for found in _TIMEX.finditer(text):
        body += html.unescape(text[at : found.start()])
        words, attributes = html.unescape(found[2]), dict(_ATTRIBUTE.findall(found[1]))
        value = attributes.get("value", "")
        is_optional = attributes.get("type") == "SET" or bool(_REFERENCE.search(value))
        value = _DECADE.sub(r"\g<0>0/\g<0>9", _PART.sub("", value))
        values = {"value": value or None}
        marks.append(Mark(len(body), len(body) + len(words), "date", values, is_optional))
        body += words
        at = found.end()
    return Story(path.stem, body + html.unescape(text[at:]), _TML_DAY, timexes=tuple(marks))


def _read_conll(path: Path) -> Iterator[Story]:
    blocks = re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip())
    for first in range(0, len(blocks), _SENTENCES):
        body, marks = "", []
        for block in blocks[first : first + _SENTENCES]:
            body += "\n\n" if body else ""
            opened: tuple[int, str] | None = None
            end = len(body)
            for line in block.splitlines():
                token, _, label = line.strip().rpartition(" ")
                if not token:
                    continue
                kind = label[2:]
                if opened and not (label.startswith("I-") and kind == opened[1]):
                    marks.append(Mark(opened[0], end, _TYPES.get(opened[1], opened[1])))
                    opened = None
                body += "" if not body or body.endswith("\n\n") else " "
                if label != "O" and opened is None:
                    opened = (len(body), kind)
                body += token
                end = len(body)
            if opened:
                marks.append(Mark(opened[0], end, _TYPES.get(opened[1], opened[1])))
        yield Story(f"{path.stem}/{first}", body, None, mentions=tuple(marks))
