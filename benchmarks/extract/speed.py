"""How fast the whole stage reads, and what memory it takes: in a process of its own, CPU time, warm.

    python -m benchmarks.extract.speed [PATH]

PATH is any corpus that ``readers.py`` knows; without it, our own stories, joined to articles.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks.extract.readers import read
from benchmarks.extract.stories import own_stories

LENGTHS = (1500, 2500)
"""Characters of an article, about: of the mean and of the longer ones in the news (9,000 of ANT: 1,416 in the mean)."""
_ARTICLES = 200


@dataclass(frozen=True)
class Speed:
    """Articles of about ``characters`` a second of one core's CPU time, median pass; peak memory of the process."""

    articles: int
    characters: int
    per_second: float
    megabytes: float
    """The peak resident set over the bare interpreter's, the imports and the data files included."""
    first_second: float
    """CPU seconds of the first article: what is loaded once."""


def articles(path: Path | None, length: int = LENGTHS[-1]) -> list[str]:
    """Bodies of about so many characters, 200 of them, the same every time: stories one behind the other."""
    bodies = [story.body for story in (read(path) if path else own_stories())]
    out: list[str] = []
    at = 0
    while len(out) < _ARTICLES:
        body = ""
        while len(body) < length - 400:
            body += ("\n\n" if body else "") + bodies[at % len(bodies)]
            at += 1
        out.append(body[: 2 * length])
    return out


def measure(path: Path | None = None) -> list[Speed]:
    """Run a worker for each length and read its answer."""
    measured: list[Speed] = []
    for length in LENGTHS:
        command = [sys.executable, "-m", "benchmarks.extract.speed", "--worker", str(length)]
        command += [str(path)] if path else []
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        measured.append(Speed(**json.loads(done.stdout)))
    return measured


def _peak() -> float:
    """Megabytes this process has held at most. Not getrusage: a child inherits its parent's peak there."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _work(path: Path | None, length: int, passes: int = 5) -> Speed:
    bodies = articles(path, length)
    bare = _peak()
    began = time.process_time()
    from marsad.extract.article import read_article  # what the stage imports is part of what it takes

    day = date(2026, 3, 3)
    read_article(bodies[0], title=None, anchor=day)
    first = time.process_time() - began
    times = []
    for number in range(passes + 1):
        began = time.process_time()
        for body in bodies:
            read_article(body, title=None, anchor=day)
        if number:  # the first pass warms it up
            times.append(time.process_time() - began)
    characters = round(sum(map(len, bodies)) / len(bodies))
    return Speed(len(bodies), characters, len(bodies) / median(times), _peak() - bare, first)


def markdown(speeds: list[Speed]) -> str:
    """The table."""
    rows = [
        f"| {one.articles} | {one.characters} | {one.per_second:.0f} | {one.megabytes:.0f} | {one.first_second:.1f} |"
        for one in speeds
    ]
    head = "| articles | characters each | articles/s/core | MB | first article, s |\n|--:|--:|--:|--:|--:|\n"
    return head + "\n".join(rows)


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] == ["--worker"]:
        print(json.dumps(asdict(_work(Path(given[2]) if given[2:] else None, int(given[1])))))
    else:
        print(markdown(measure(Path(given[0]) if given else None)))
