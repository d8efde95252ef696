"""Pages with gold, from the forms of folder that are about.

* ``*.html`` (or ``.html.gz``, ``.txt``) with ``gold/<name>.json``: ``body``, and ``title`` (a list of
  accepted ones), ``date``, ``author``, ``url`` where known; or ``stories``: a page of several
  stories, in the form that ``split/build.py`` writes;
* ``ground-truth.json`` beside ``html/*.html.gz``: scrapinghub's benchmark;
* ``<country>/<Publisher>.json`` with ``<Publisher>_<day>.html.gz`` and ``meta.info``: the test
  resources of fundus. A gold is a parser's version; which page it read is told by its text.
"""

from __future__ import annotations

import gzip
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class GoldPage:
    """A page and what a careful reader finds on it; None where the gold does not say."""

    name: str
    content: bytes = field(repr=False)
    url: str | None = None
    body: str | None = field(default=None, repr=False)
    titles: tuple[str, ...] = ()
    date: str | None = None
    authors: tuple[str, ...] = ()
    stories: tuple[Mapping[str, Any], ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)


def load(folder: Path) -> list[GoldPage]:
    """The pages of a folder in any of the forms, by name.

    Raises:
        ValueError: it holds no page with gold.
    """
    if (folder / "ground-truth.json").exists():
        pages = _scrapinghub(folder)
    elif (folder / "gold").is_dir():
        pages = _with_gold(folder)
    else:
        pages = [p for info in sorted(folder.rglob("meta.info")) for p in _publishers(info.parent)]
    if not pages:
        raise ValueError(f"no page with gold in {folder}")
    return pages


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _several(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(v) for v in value if v)


def _scrapinghub(folder: Path) -> list[GoldPage]:
    truth = _json(folder / "ground-truth.json")
    return [
        GoldPage(name, _content(folder / "html" / f"{name}.html.gz"), entry.get("url"), entry["articleBody"])
        for name, entry in sorted(truth.items())
    ]


def _with_gold(folder: Path) -> list[GoldPage]:
    pages = []
    for path in sorted([*folder.glob("*.html"), *folder.glob("*.html.gz"), *folder.glob("*.txt")]):
        name = path.name.split(".")[0]
        gold_path = folder / "gold" / f"{name}.json"
        if not gold_path.exists():
            continue
        gold = _json(gold_path)
        stories = tuple(gold.get("stories") or ())
        main = stories[0] if stories else gold
        body = "\n".join(main["paragraphs"]) if stories else gold.get("body")
        pages.append(
            GoldPage(
                name,
                _content(path),
                gold.get("url"),
                body,
                _several(main.get("title")),
                main.get("date"),
                _several(main.get("author")),
                stories,
                gold,
            )
        )
    return pages


def _publishers(folder: Path) -> list[GoldPage]:
    info = _json(folder / "meta.info")
    pages = []
    for gold_path in sorted(folder.glob("*.json")):
        versions = list(_json(gold_path).values())
        paths = [p for p in sorted(folder.glob(f"{gold_path.stem}_[0-9]*.html.gz")) if p.name in info]
        for path in paths:
            content = _content(path)
            gold = _version_of(content, versions)
            if gold is None:
                continue
            pages.append(
                GoldPage(
                    f"{folder.name}-{path.name.split('.')[0]}",
                    content,
                    info[path.name]["url"],
                    None,
                    _several(gold.get("title")),
                    gold.get("publishing_date"),
                    _several(gold.get("authors")),
                )
            )
    return pages


def _version_of(content: bytes, versions: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The version most of whose words stand on the page; None where none does."""
    text = " ".join(html.unescape(content.decode("utf-8", "replace")).split())

    def share(gold: Mapping[str, Any]) -> float:
        sections = (gold.get("body") or {}).get("sections") or ()
        pieces = [" ".join(p.split())[:40] for s in sections for p in s.get("paragraphs", ())]
        pieces += [" ".join(str(gold.get("title") or "").split())]
        pieces = [p for p in pieces if p]
        return sum(p in text for p in pieces) / max(1, len(pieces))

    best = max(versions, key=share, default=None)
    return best if best is not None and share(best) > 0.1 else None
