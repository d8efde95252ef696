"""Marsad and its peers on the same pages: text, title, date, authors, speed, memory.

python -m benchmarks.clean.accuracy FOLDER... [--pages] [--json FILE] [--markdown FILE] [--repeat N] [--only NAME]
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.clean.folders import GoldPage, load
from benchmarks.clean.measures import is_authors, is_day, is_title, text_score
from benchmarks.clean.race import Result, race
from benchmarks.clean.readers import READERS

FACTS = ("title", "date", "author")


def judge(page: GoldPage, reading: dict[str, Any]) -> dict[str, Any]:
    """One page's scores: ``text`` (P, R, F1) and the facts that the gold has, each right or not."""
    row: dict[str, Any] = {"page": page.name}
    if page.body is not None:
        row["text"] = text_score(page.body, reading.get("text") or "")
    if page.titles:
        row["title"] = is_title(reading.get("title"), page.titles)
    if page.date:
        row["date"] = is_day(reading.get("date"), page.date)
    if page.authors:
        row["author"] = is_authors(reading.get("authors") or (), page.authors)
    if "error" in reading:
        row["error"] = reading["error"]
    return row


def summarise(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Averages over pages; a fact's score is (right, pages that have it)."""
    texts = [r["text"] for r in rows if "text" in r]
    found: dict[str, Any] = {"pages": len(rows)}
    if texts:
        found |= {k: statistics.fmean(t[i] for t in texts) for i, k in enumerate(("precision", "recall"))}
        # scrapinghub's: of the averages, not the average
        found["f1"] = 2 * found["precision"] * found["recall"] / ((found["precision"] + found["recall"]) or 1.0)
        found["min_f1"] = min(t[2] for t in texts)
    for fact in FACTS:
        values = [r[fact] for r in rows if fact in r]
        if values:
            found[fact] = (sum(values), len(values))
    return found


def measure(folder: Path, names: Sequence[str], repeat: int) -> dict[str, Any]:
    """One folder: a summary a reader, with its rows under ``rows``."""
    pages = load(folder)
    results = race(pages, names, repeat)
    base = next((r.pages_per_second for r in results if r.name == "trafilatura"), None)
    return {
        "folder": folder.name,
        "pages": len(pages),
        "readers": {r.name: _of(r, pages, base) for r in results},
    }


def _of(result: Result, pages: Sequence[GoldPage], base: float | None) -> dict[str, Any]:
    rows = [judge(p, r) for p, r in zip(pages, result.readings, strict=True)]
    return {
        "version": result.version,
        "python": result.python,
        **summarise(rows),
        "pages_per_second": result.pages_per_second,
        "to_trafilatura": result.pages_per_second / base if base else None,
        "memory": result.memory,
        "rows": rows,
    }


def markdown(report: dict[str, Any]) -> str:
    """The table of one folder."""
    readers = report["readers"]
    has_text = any("f1" in r for r in readers.values())
    facts = [f for f in FACTS if any(f in r for r in readers.values())]
    heads = ["reader", *(["P", "R", "F1", "lowest"] if has_text else []), *facts, "pages/s", "× trafilatura", "MB"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "|".join(["---", *["--:"] * (len(heads) - 1)]) + "|"]
    for name, r in readers.items():
        cells = [f"{name} {r['version']}"]
        if has_text:
            cells += [f"{r[k]:.3f}".lstrip("0") for k in ("precision", "recall", "f1", "min_f1")]
        cells += ["{}/{}".format(*r[f]) if f in r else "" for f in facts]
        ratio = r["to_trafilatura"]
        cells += [f"{r['pages_per_second']:.0f}", f"{ratio:.1f}" if ratio else "", f"{r['memory'] / 1e6:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure folders; see the module's text for the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--pages", action="store_true", help="also a line a page")
    parser.add_argument("--json", type=Path, help="write everything there")
    parser.add_argument("--markdown", type=Path, help="write the tables there")
    parser.add_argument("--repeat", type=int, default=5, help="timed passes over the pages")
    parser.add_argument("--only", action="append", choices=list(READERS), help="these readers only")
    options = parser.parse_args()
    reports = [measure(f, options.only or tuple(READERS), options.repeat) for f in options.folders]
    tables = []
    for report in reports:
        tables.append(f"### {report['folder']}: {report['pages']} pages\n\n{markdown(report)}\n")
        print(tables[-1])
        for name, r in report["readers"].items() if options.pages else ():
            for row in r["rows"]:
                text = "P {:.3f} R {:.3f} F1 {:.3f}".format(*row["text"]) if "text" in row else ""
                missed = [f for f in FACTS if row.get(f) is False]
                print(f"{name:24} {row['page'][:40]:40} {text} {' '.join(missed)} {row.get('error', '')}".rstrip())
    if options.markdown:
        options.markdown.write_text("\n".join(tables), encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(reports, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
