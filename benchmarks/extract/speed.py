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

_LENGTH = 2500
"""Characters of an article, about."""
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


def articles(path: Path | None) -> list[str]:
    """Bodies of about 2,500 characters, 200 of them, the same every time: stories one behind the other."""
    bodies = [story.body for story in (read(path) if path else own_stories())]
    out: list[str] = []
    at = 0
    while len(out) < _ARTICLES:
        body = ""
        while len(body) < _LENGTH - 400:
            body += ("\n\n" if body else "") + bodies[at % len(bodies)]
            at += 1
        out.append(body[: 2 * _LENGTH])
    return out


def measure(path: Path | None = None) -> Speed:
    """Run the worker and read its answer."""
    command = [sys.executable, "-m", "benchmarks.extract.speed", "--worker", *([str(path)] if path else [])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Speed(**json.loads(done.stdout))


def _peak() -> float:
    """Megabytes this process has held at most. Not getrusage: a child inherits its parent's peak there."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _work(path: Path | None, passes: int = 5) -> Speed:
    bodies = articles(path)
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


def markdown(speed: Speed) -> str:
    """The table."""
    return (
        "| articles | characters each | articles/s/core | MB | first article, s |\n|--:|--:|--:|--:|--:|\n"
        f"| {speed.articles} | {speed.characters} | {speed.per_second:.0f} | {speed.megabytes:.0f} | "
        f"{speed.first_second:.1f} |"
    )


if __name__ == "__main__":
    given = [Path(word) for word in sys.argv[1:] if word != "--worker"]
    chosen = given[0] if given else None
    if "--worker" in sys.argv:
        print(json.dumps(asdict(_work(chosen))))
    else:
        print(markdown(measure(chosen)))
