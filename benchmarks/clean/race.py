"""All readers over the same pages in one run: what they read, how fast, and with how much memory.

Every reader has a process of its own. The first pass over the pages is for what it reads and warms it up; the
timed passes follow in turns (one of each reader, then again), so that a busy moment of the machine meets all.
Time is the process's CPU time; the median pass counts. Memory is the peak resident set over what the bare
interpreter had before the reader was imported. A worker holds one page at a time.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.clean.folders import GoldPage
from benchmarks.clean.readers import READERS

_HERE = Path(__file__).parent
_PEERS_PYTHON = _HERE.parents[1] / ".venv-bench" / "bin" / "python"


@dataclass
class Result:
    """What one reader did: ``readings`` in the order of the pages."""

    name: str
    version: str
    python: str
    readings: list[dict[str, Any]] = field(repr=False)
    pages_per_second: float = 0.0
    memory: int = 0
    """Bytes."""


class _Worker:
    def __init__(self, name: str, python: Path) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [str(python), str(_HERE / "worker.py"), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            # some peers walk sets: the same pages must give the same text
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        self.hello = self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return dict(json.loads(line)) if line else {"missing": "its process ended"}

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        self.process.communicate()


def language_of(page: GoldPage) -> str:
    """``ar`` where the gold's text or title is mostly in Arabic letters, else ``en``."""
    text = (page.body or " ".join(page.titles))[:400]
    return "ar" if sum("\u0600" <= c <= "\u06ff" for c in text) > len(text) / 3 else "en"


def race(
    pages: Sequence[GoldPage],
    names: Sequence[str] = tuple(READERS),
    repeat: int = 5,
    peers_python: Path = _PEERS_PYTHON,
) -> list[Result]:
    """Let the readers read the pages; those that are not installed are left out, with a line on stderr."""
    with tempfile.TemporaryDirectory() as folder:
        order = []
        for number, page in enumerate(pages):
            path = Path(folder) / str(number)
            path.write_bytes(page.content)
            order.append({"path": str(path), "url": page.url, "language": language_of(page)})
        return _run(order, names, repeat, peers_python)


def _run(order: list[dict[str, Any]], names: Sequence[str], repeat: int, peers_python: Path) -> list[Result]:
    workers, results = [], {}
    for name in names:
        python = Path(sys.executable) if name == "marsad" else peers_python
        if not python.exists():
            print(f"{name}: left out, no {python} (benchmarks/clean/install_peers.sh makes it)", file=sys.stderr)
            continue
        worker = _Worker(name, python)
        if "missing" in worker.hello:
            print(f"{name}: left out, {worker.hello['missing']}", file=sys.stderr)
            worker.close()
            continue
        workers.append(worker)
    try:
        for worker in workers:
            worker.ask(do="pages", pages=order)
            readings = worker.ask(do="read").get("readings") or [{"text": ""} for _ in order]
            failed = [r["error"] for r in readings if "error" in r]
            if failed:  # else a missing part of a peer would pass for a poor result
                print(f"{worker.name}: failed on {len(failed)} of {len(order)} pages: {failed[0]}", file=sys.stderr)
            results[worker.name] = Result(worker.name, worker.hello["version"], worker.hello["python"], readings)
        seconds: dict[str, list[float]] = {w.name: [] for w in workers}
        for _ in range(repeat):
            for worker in workers:
                took = worker.ask(do="time")
                seconds[worker.name].append(took.get("seconds", float("inf")))
                results[worker.name].memory = took.get("memory", 0)
        for name, values in seconds.items():
            if values:
                results[name].pages_per_second = len(order) / max(1e-9, statistics.median(values))
    finally:
        for worker in workers:
            worker.close()
    return list(results.values())
