"""How well and how fast the clean room reads a folder of pages with gold.

    python benchmarks/clean_accuracy.py PATH [--peers] [--repeat N]

PATH holds pages (``*.html`` or ``*.html.gz``) and their gold: ``gold/<name>.json`` with
``body`` (and ``title``, ``date``, ``author``, ``url`` where known), or one
``ground-truth.json`` beside ``html/`` in scrapinghub's form (``articleBody``). The measure
is scrapinghub's: precision, recall and F1 of 4-gram shingles of the body's words.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from marsad.clean.page import read_page
from marsad.clean.text import fold

_TOKEN = re.compile(r"\w+")


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """The 4-grams of a text's words; the whole text where it has fewer."""
    tokens = _TOKEN.findall(text or "")
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[i : i + size]) for i in range(max(1, len(tokens) - size + 1)))


def score(gold: str, found: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of one page."""
    want, have = shingles(gold), shingles(found)
    both = sum((want & have).values())
    precision = both / sum(have.values()) if have else float(not want)
    recall = both / sum(want.values()) if want else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if both else float(not want and not have)


def pages_of(folder: Path) -> list[tuple[str, bytes, dict[str, Any]]]:
    """Name, bytes and gold of every page."""
    truth = folder / "ground-truth.json"
    if truth.exists():
        entries = json.loads(truth.read_text(encoding="utf-8"))
        gold = {k: {"body": v["articleBody"], "url": v.get("url")} for k, v in entries.items()}
        base = folder / "html"
    else:
        gold = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in (folder / "gold").glob("*.json")}
        base = folder
    found = []
    for path in sorted(base.glob("*.html*")):
        name = path.name.split(".html")[0]
        if name in gold:
            raw = path.read_bytes()
            found.append((name, gzip.decompress(raw) if path.suffix == ".gz" else raw, gold[name]))
    return found


def _trafilatura() -> Callable[[bytes], str] | None:
    try:
        import trafilatura
    except ImportError:
        return None
    return lambda raw: trafilatura.extract(raw, include_comments=False, favor_precision=True) or ""


def main() -> None:
    """Print a line a page, and the averages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--peers", action="store_true", help="also measure trafilatura, if it is installed")
    parser.add_argument("--repeat", type=int, default=1, help="read every page so many times for the speed")
    options = parser.parse_args()
    pages = pages_of(options.path)
    totals = [0.0, 0.0, 0.0]
    right = Counter[str]()
    known = Counter[str]()
    for name, raw, gold in pages:
        page = read_page(raw, url=gold.get("url"))
        main_story = page.stories[0]
        values = score(gold["body"], "\n".join(main_story.paragraphs))
        totals = [t + v for t, v in zip(totals, values, strict=True)]
        facts = {
            "title": any(fold(t) == fold(main_story.title or "") for t in gold.get("title") or ()),
            "date": str(main_story.published_at or "")[:10] == (gold.get("date") or "")[:10],
            "author": set(gold.get("author") or ()) == set(main_story.authors),
        }
        for key, value in facts.items():
            if gold.get(key):
                known[key] += 1
                right[key] += value
        missed = [k for k, v in facts.items() if gold.get(k) and not v]
        print(f"{name[:24]:24} P {values[0]:.3f} R {values[1]:.3f} F1 {values[2]:.3f}  {' '.join(missed)}")
    count = max(1, len(pages))
    print(f"{'average':24} P {totals[0] / count:.3f} R {totals[1] / count:.3f} F1 {totals[2] / count:.3f}")
    print("right:", ", ".join(f"{k} {right[k]}/{known[k]}" for k in sorted(known)) or "body only")
    readers: dict[str, Callable[[bytes], object]] = {"marsad": read_page}
    peer = _trafilatura() if options.peers else None
    if peer is not None:
        readers["trafilatura"] = peer
    for reader, read in readers.items():
        started = time.perf_counter()
        for _ in range(options.repeat):
            for _, raw, _ in pages:
                read(raw)
        seconds = time.perf_counter() - started
        print(f"{reader}: {options.repeat * len(pages) / seconds:.0f} pages/s")


if __name__ == "__main__":
    main()
