"""Time and memory of grouping many articles: generated ones, of a vocabulary with the frequencies of a language."""

from __future__ import annotations

import random
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from marsad.curate.identity import NOTHING, Before
from marsad.curate.pieces import piece
from marsad.curate.stories import tell

DAY = date(2026, 3, 4)
BEGIN = datetime(2026, 3, 3, tzinfo=UTC)
SOURCES = 60
LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


def generate(count: int) -> list[tuple[dict[str, Any], list[tuple[str, str]]]]:
    """Rows and names of so many articles of two days: a third alone, the rest of events of two to twenty."""
    rng = random.Random(20260303)
    vocabulary = ["".join(rng.choices(LETTERS, k=rng.randint(3, 8))) for _ in range(60_000)]
    weights, total = [], 0.0
    for rank in range(len(vocabulary)):
        total += 1 / (rank + 10)
        weights.append(total)
    made: list[tuple[dict[str, Any], list[tuple[str, str]]]] = []
    while len(made) < count:
        size = 1 if rng.random() < 0.7 else rng.randint(2, 20)
        own = rng.sample(vocabulary, 40)
        names = [("LOC", rng.choice(vocabulary[:300])), ("PER", " ".join(rng.sample(vocabulary, 2)))]
        begin = BEGIN + timedelta(minutes=rng.randrange(36 * 60))
        for _ in range(min(size, count - len(made))):
            words = [
                rng.choice(own) if rng.random() < 0.3 else rng.choices(vocabulary, cum_weights=weights)[0]
                for _ in range(200)
            ]
            at = begin + timedelta(minutes=rng.randrange(12 * 60))
            row = {
                "article_id": f"a{len(made):06}", "source": f"s{rng.randrange(SOURCES)}", "date": at.date(),
                "title": " ".join(rng.sample(own, 6)), "body": " ".join(words), "published_at": at,
                "published_basis": "json_ld", "is_live_blog": False,
            }  # fmt: skip
            made.append((row, names))
    return made


def held(what: str) -> int:
    """A figure of this process's memory, in KB."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(each.split()[1]) for each in lines if each.startswith(f"{what}:"))


def measure(count: int) -> str:
    """A sentence with the figures."""
    made = generate(count)
    Path("/proc/self/clear_refs").write_text("5", "utf-8")  # the most it has held counts from here
    before, start = held("VmRSS"), time.process_time()
    pieces = [piece(row, names, []) for row, names in made]
    terms = time.process_time() - start
    told = tell(DAY, pieces, Before(NOTHING, NOTHING))
    seconds, mb = time.process_time() - start, (held("VmHWM") - before) / 1024
    return (
        f"{count:,} generated articles of 48 hours: {seconds:.1f} s of CPU ({terms:.1f} s of them for base forms), "
        f"{mb:.0f} MB above the texts, {len(told.stories):,} stories."
    )
