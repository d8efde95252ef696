"""Everything at once, and the README's table: what ``make bench`` runs.

    python -m benchmarks.clean [--corpus FOLDER]... [--readme README.md] [--json FILE]

FOLDER is one corpus (a form that ``folders.py`` knows) or holds several of them.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from pathlib import Path
from typing import Any

from benchmarks.clean import accuracy
from benchmarks.clean.readers import READERS
from benchmarks.clean.split import run as split
from benchmarks.clean.split.build import pages
from benchmarks.readme import put


def corpora_in(folder: Path) -> list[Path]:
    """The folder itself if it is a corpus, else those of its folders that are."""
    if _is_corpus(folder):
        return [folder]
    found = sorted(f for f in folder.iterdir() if f.is_dir() and _is_corpus(f)) if folder.is_dir() else []
    return found or ([folder] if folder.is_dir() and any(folder.glob("*/meta.info")) else [])


def _is_corpus(folder: Path) -> bool:
    if (folder / "ground-truth.json").exists() or (folder / "gold").is_dir() or (folder / "meta.info").exists():
        return True
    return any(folder.glob("*/meta.info"))


def tables(split_report: dict[str, Any], reports: list[dict[str, Any]]) -> str:
    """The README's tables."""
    out = [
        f"Split: {split_report['pages']} generated pages with {split_report['seconds']} second stories.",
        "",
        split.markdown(split_report),
    ]
    for report in reports:
        out += ["", f"`{report['folder']}`: {report['pages']} pages.", "", accuracy.markdown(report)]
    return "\n".join(out)


def main() -> None:
    """Run all and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, action="append", default=[], help="pages with gold; may be repeated")
    parser.add_argument("--readme", type=Path, help="rewrite the table between the markers of this file")
    parser.add_argument("--json", type=Path, help="write everything there")
    parser.add_argument("--repeat", type=int, default=5, help="timed passes over the pages")
    options = parser.parse_args()
    folders = []
    for folder in options.corpus:
        found = corpora_in(folder)
        if not found:
            sys.exit(f"{folder}: no pages with gold there (benchmarks/README.md says what forms are read)")
        folders += found
    report = split.measure(list(pages()), tuple(READERS))
    print(f"split: {report['pages']} pages\n\n{split.markdown(report)}\n", flush=True)
    reports = []
    for folder in folders:
        reports.append(accuracy.measure(folder, tuple(READERS), options.repeat))
        print(f"{folder.name}: {reports[-1]['pages']} pages\n\n{accuracy.markdown(reports[-1])}\n", flush=True)
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}")
    if not folders:
        print("No corpus given: text, titles, dates, speed and memory were not measured. make bench CORPUS=FOLDER")
    if options.json:
        everything = {"split": report, "corpora": reports}
        options.json.write_text(json.dumps(everything, ensure_ascii=False, indent=1), encoding="utf-8")
    if options.readme and not folders:
        print(f"{options.readme} is left as it was: its table needs a corpus")
    elif options.readme:
        put(options.readme, "clean", tables(report, reports))


if __name__ == "__main__":
    main()
