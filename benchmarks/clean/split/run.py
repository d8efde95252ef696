"""The split benchmark: Marsad and its peers on generated pages that hold several stories, traps and cues.

    python -m benchmarks.clean.split.run [FOLDER] [--pages] [--json FILE] [--markdown FILE] [--only NAME]
                                         [--show PAGE]

Without FOLDER the pages are those of ``build.py``. FOLDER may hold others in the same form.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.clean.folders import GoldPage, load
from benchmarks.clean.race import race
from benchmarks.clean.readers import READERS
from benchmarks.clean.split.build import pages as built_pages
from benchmarks.clean.split.score import score_page, summarise

_COLUMNS = {
    "fused": "fused",
    "leaking": "leaking",
    "traps_cut": "traps cut",
    "separated": "separated",
    "dates_right": "dates right",
    "dates_left_empty": "left empty",
    "keywords": "keywords",
    "attributions": "credits",
}


def measure(pages: Sequence[GoldPage], names: Sequence[str]) -> dict[str, Any]:
    """A summary a reader, and its score page by page under ``rows``."""
    found = {}
    for result in race(pages, names, repeat=0):
        # peers read HTML only: plain text is no fault of theirs
        judged = [
            (p, score_page(p.facts, r))
            for p, r in zip(pages, result.readings, strict=True)
            if "stories" in r or b"<" in p.content[:2000]
        ]
        scores = [s for _, s in judged]
        rows = [{"page": p.name, **asdict(s)} for p, s in judged]
        found[result.name] = {"version": result.version, **summarise(scores), "rows": rows}
    return {"pages": len(pages), "seconds": sum(len(p.facts["stories"]) - 1 for p in pages), "readers": found}


def markdown(report: dict[str, Any]) -> str:
    """The table; a reader that returns one text has no cells for what only stories have."""
    heads = ["reader", "paragraph F1", *_COLUMNS.values()]
    lines = ["| " + " | ".join(heads) + " |", "|" + "|".join(["---", *["--:"] * (len(heads) - 1)]) + "|"]
    for name, r in report["readers"].items():
        cells = ["{}/{}".format(*r[c]) if c in r else "" for c in _COLUMNS]
        lines.append("| " + " | ".join([f"{name} {r['version']}", f"{r['f1']:.3f}".lstrip("0"), *cells]) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure; see the module's text for the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--pages", action="store_true", help="also every page that has a fault, with the faults")
    parser.add_argument("--json", type=Path, help="write everything there")
    parser.add_argument("--markdown", type=Path, help="write the table there")
    parser.add_argument("--only", action="append", choices=list(READERS), help="these readers only")
    parser.add_argument("--show", metavar="PAGE", help="print one page and end")
    options = parser.parse_args()
    pages = load(options.folder) if options.folder else list(built_pages())
    if options.show:
        page = next((p for p in pages if p.name == options.show), None)
        if page is None:
            sys.exit(f"no page {options.show}")
        sys.stdout.buffer.write(page.content)
        return
    report = measure(pages, options.only or tuple(READERS))
    table = f"### split: {report['pages']} pages\n\n{markdown(report)}\n"
    print(table)
    for name, r in report["readers"].items() if options.pages else ():
        for row in r["rows"]:
            for fault in row["faults"]:
                print(f"{name}: {row['page']}: {fault}")
    if options.markdown:
        options.markdown.write_text(table, encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
