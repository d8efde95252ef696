"""The scrape stage beside Scrapy, on the same local hosts, with the same politeness, in one go.

    python -m benchmarks.scrape [--peers PYTHON] [--rounds N] [--readme README.md]

Every round runs both, one after the other. Pages a second are of the crawl, from the first request's making to
the last answer's writing down; memory is the peak resident set of the process. Then four processes of Marsad ask
the same hosts at once: what counts is the shortest time between two requests that a host saw.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.readme import put

HERE = Path(__file__).parent
CASES = ((1, 40, 0.25), (20, 20, 0.5), (100, 10, 1.0), (100, 20, 0.2))
"""Hosts, pages of each, seconds between two requests to one."""


@dataclass(frozen=True)
class Run:
    """One crawl: pages, pages a second, CPU seconds, peak memory; and what the server saw."""

    pages: int
    per_second: float
    cpu_s: float
    megabytes: float
    shortest_gap_s: float


def crawl(commands: list[list[str]]) -> Run:
    """Run crawlers at once against a server of their own; PORT in a command stands for its port."""
    server = subprocess.Popen(
        [sys.executable, str(HERE / "server.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    workers = [
        subprocess.Popen([port if part == "PORT" else part for part in command], stdout=subprocess.PIPE, text=True)
        for command in commands
    ]
    found: list[dict[str, Any]] = []
    for worker in workers:
        text, _ = worker.communicate(timeout=600)
        if worker.returncode:
            raise SystemExit(f"{worker.args}: failed")
        found.append(json.loads(text.splitlines()[-1]))
    seen = json.loads(server.communicate(timeout=30)[0])
    pages = sum(f["pages"] for f in found)
    return Run(
        pages,
        pages / max(f["seconds"] for f in found),
        sum(f["cpu_s"] for f in found),
        max(f["megabytes"] for f in found),
        seen["shortest_gap_s"],
    )


def marsad(case: tuple[int, int, float], root: Path, workers: int = 1) -> Run:
    """Marsad over a case's hosts; with several workers, each with its share of the pages."""
    hosts, pages, delay = case
    share = pages // workers
    return crawl(
        [
            [sys.executable, "-m", "benchmarks.scrape.marsad_worker", "PORT", str(hosts), str(share), str(delay),
             str(root), str(number)]
            for number in range(workers)
        ]
    )  # fmt: skip


def scrapy(case: tuple[int, int, float], root: Path, python: str) -> Run:
    """Scrapy over the same."""
    hosts, pages, delay = case
    worker = str(HERE / "scrapy_worker.py")
    return crawl([[python, worker, "PORT", str(hosts), str(pages), str(delay), str(root / "pages")]])


def _row(case: tuple[int, int, float], name: str, runs: list[Run], beside: list[Run] | None) -> str:
    speed, memory = median(r.per_second for r in runs), median(r.megabytes for r in runs)
    ratio = f"{speed / median(r.per_second for r in beside):.2f}" if beside else ""
    gap = min(r.shortest_gap_s for r in runs)
    cpu = median(1000 * r.cpu_s / max(r.pages, 1) for r in runs)
    hosts, _, delay = case
    return f"| {hosts} | {delay:g} s | {name} | {speed:.1f} | {ratio} | {cpu:.1f} ms | {memory:.0f} | {gap:.3f} s |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scrape", description=__doc__.split("\n")[0])
    parser.add_argument("--peers", default=str(Path(".venv-bench-scrape/bin/python")), help="a Python with Scrapy")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--readme", type=Path, help="rewrite the table between the markers of this file")
    options = parser.parse_args()
    has_peer = Path(options.peers).exists()
    if not has_peer:
        print(f"{options.peers}: no such Python; Marsad is measured alone", file=sys.stderr)
    lines = [
        "| hosts | delay | crawler | pages/s | × Scrapy | CPU a page | MB | shortest gap at a host |",
        "|--:|--:|---|--:|--:|--:|--:|--:|",
    ]
    for case in CASES:
        ours: list[Run] = []
        theirs: list[Run] = []
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory() as folder:
                ours.append(marsad(case, Path(folder)))
                if has_peer:
                    theirs.append(scrapy(case, Path(folder), options.peers))
        lines.append(_row(case, "Marsad", ours, theirs or None))
        if theirs:
            lines.append(_row(case, "Scrapy", theirs, None))
        print("\n".join(lines[-2 if theirs else -1 :]), flush=True)
    for case in ((1, 40, 0.25), (20, 20, 0.5)):
        with tempfile.TemporaryDirectory() as folder:
            lines.append(_row(case, "Marsad, 4 processes", [marsad(case, Path(folder), workers=4)], None))
        print(lines[-1], flush=True)
    if options.readme:
        put(options.readme, "scrape", "\n".join(lines))


if __name__ == "__main__":
    main()
