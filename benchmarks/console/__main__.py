"""`python -m benchmarks.console [--sources N] [--days N] [--stories N] [--lake FOLDER]`: how long the pages take.

Each page is asked for over HTTP as the app answers it, over a generated lake, several times with other stories and
other words; the 95th percentile is said beside the median, and the memory of the process at the end.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.testclient import TestClient

from benchmarks.console.beside import GATED_DAYS, write_beside
from benchmarks.console.lake import COMMON, LAST, PLACES, RARE, SPEAKERS, source_files, vocabulary, write_lake
from marsad.clean.page import read_closely
from marsad.console.access import User
from marsad.console.app import make_app
from marsad.console.words import words as texts
from marsad.console.xray import look
from marsad.context import open_context
from marsad.settings import Settings

GOAL_S = 0.3


class Everyone:
    """An access that lets everyone read everything: what Airflow's own answers cost is measured elsewhere."""

    secret = b"benchmark"
    origin = None

    async def user(self, request: Request) -> User | None:
        return User("reader")

    def login_url(self, request: Request) -> str:
        return "/"

    def readable(self, user: User, sources: Collection[str]) -> frozenset[str]:
        return frozenset(sources)

    def may_trigger(self, user: User, dag_id: str) -> bool:
        return False

    def client(self, request: Request) -> Any:
        raise NotImplementedError


def measured(name: str, ask: Callable[[int], Any], times: int) -> None:
    """Print the median and the 95th percentile of some questions; the first, which imports and reads, is said apart."""
    began = time.perf_counter()
    ask(0)
    first, spent = time.perf_counter() - began, []
    for n in range(1, times + 1):
        began = time.perf_counter()
        ask(n)
        spent.append(time.perf_counter() - began)
    high = sorted(spent)[max(0, round(0.95 * len(spent)) - 1)]
    mark = "" if high < GOAL_S else f"   over {GOAL_S * 1000:.0f} ms"
    figures = (("median", statistics.median(spent)), ("p95", high), ("first", first))
    print(f"{name:<44}" + "".join(f" {what} {seconds * 1000:6.0f} ms  " for what, seconds in figures) + mark)


Measure = tuple[str, Callable[[int], Any], int]


def pages_of(browser: TestClient, sources: int, days: int, stories: int) -> Sequence[Measure]:
    """What is measured: a name, a question by number, and how often."""
    words = vocabulary()
    pick = random.Random(5)

    def get(path: str, **query: Any) -> None:
        answer = browser.get(path, params=query)
        assert answer.status_code == 200, answer.text

    def article(n: int) -> None:
        day, source = LAST - timedelta(days=pick.randrange(days)), f"s{pick.randrange(sources):03}"
        get(f"/article/{source}/{day}/{day:%Y%m%d}{source}{pick.randrange(stories):08}")

    def xray(n: int) -> None:
        # the text of a story as a page of three hundred paragraphs
        body = "".join(f"<p>{' '.join(pick.choices(words[:5000], k=40))}.</p>" for _ in range(300))
        content = f"<html><body><article><h1>عنوان الخبر</h1>{body}</article></body></html>".encode()
        look(read_closely(content), content, texts("en"), charset=None, content_type=None)

    def partition(n: int) -> None:
        get(f"/partition/s{pick.randrange(sources):03}/{LAST - timedelta(days=pick.randrange(min(days, GATED_DAYS)))}")

    first = str(LAST - timedelta(days=days))
    return (
        ("map of 14 days", lambda n: get("/", day=str(LAST - timedelta(days=n % 3))), 20),
        ("map of 60 days", lambda n: get("/", day=str(LAST - timedelta(days=n % 3)), days=60), 20),
        ("partition", partition, 40),
        ("source", lambda n: get(f"/source/s{n % sources:03}"), 40),
        ("quarantine of a day", lambda n: get("/quarantine", day=str(LAST - timedelta(days=n))), 20),
        ("article", article, 40),
        ("X-ray of a page of 300 paragraphs", xray, 20),
        ("search: a common word", lambda n: get("/search", words=COMMON), 20),
        ("search: words of all frequencies", lambda n: get("/search", words=words[pick.randrange(20_000)]), 40),
        ("search: two words", lambda n: get("/search", words=f"{words[n]} {words[n + 40]}"), 20),
        ("search: a word that is nowhere", lambda n: get("/search", words="ظظظظ"), 20),
        ("search: a speaker", lambda n: get("/search", speaker=SPEAKERS[n % 6]), 20),
        ("search: a place and a word", lambda n: get("/search", place=PLACES[n % 6][0], words=COMMON), 20),
        ("search: a source's rare word, all days", lambda n: get("/search", words=RARE, source="s001", first=first), 9),
        ("search on: a rare word, all days", lambda n: get("/search", words=RARE, first=first, patient=1), 3),
        ("export: 10,000 stories as CSV", lambda n: get("/search/export/csv", words=COMMON, first=first), 1),
        ("export: 10,000 stories as Parquet", lambda n: get("/search/export/parquet", words=COMMON, first=first), 1),
    )  # fmt: skip


def main() -> None:
    """Measure, and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sources", type=int, default=100)
    words.add_argument("--days", type=int, default=36)
    words.add_argument("--stories", type=int, default=28, help="of a source and day")
    words.add_argument("--lake", type=Path, help="kept, and used again where it is there already")
    given = words.parse_args()
    with ExitStack() as stack:
        folder = given.lake or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lake = folder / "lake"
        if not lake.exists():
            write_lake(lake, sources=given.sources, days=given.days, stories=given.stories)
        if not (lake / "reports").exists():
            write_beside(lake, sources=given.sources, days=given.days, stories=given.stories)
        sources = source_files(folder / "sources", given.sources)
        # the morning after the last day
        now = datetime.combine(LAST + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=8)
        ctx = replace(open_context(Settings(lake=str(lake), sources=(sources,))), now=lambda: now)
        browser = stack.enter_context(TestClient(make_app(Everyone(), lambda: ctx)))
        print(
            f"{given.sources * given.days * given.stories:,} stories of {given.sources} sources and {given.days} days"
        )
        for name, ask, times in pages_of(browser, given.sources, given.days, given.stories):
            measured(name, ask, times)
    print(f"memory of the process at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
