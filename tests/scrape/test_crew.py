"""Many hosts at once, each one page at a time."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hostile_site import HostileSite, answer, page, source
from marsad.lake import Lake
from marsad.scrape.answer import Fetched
from marsad.scrape.crew import fetch_all
from marsad.scrape.fetch import Fetcher
from marsad.scrape.stage import scrape

DAY = date(2026, 3, 3)
OVER = datetime(2026, 3, 3, 22, 5, tzinfo=UTC)
DATED = {"sitemap": "http://site.example/{year}-{month:02}-{day:02}.xml"}
HOSTS = [f"h{n}.example" for n in range(6)]


def get(url: str, fetch: Fetcher) -> Fetched:
    return fetch.get(url)


def test_hosts_are_asked_side_by_side_and_none_of_them_twice_at_once(site: HostileSite) -> None:
    busy: Counter[str] = Counter()
    most: Counter[str] = Counter()
    lock = threading.Lock()

    def slow(handler: object) -> None:
        host = str(handler.headers.get("Host"))  # type: ignore[attr-defined]
        with lock:
            busy[host] += 1
            busy["all"] += 1
            for name in (host, "all"):
                most[name] = max(most[name], busy[name])
        time.sleep(0.03)
        with lock:
            busy[host] -= 1
            busy["all"] -= 1
        answer(page())(handler)  # type: ignore[arg-type]

    site.acts["*"] = slow
    urls = [f"http://{host}/{n}" for n in range(5) for host in HOSTS] + ["http://[not-a-host/"]
    with Fetcher(site.settings(*HOSTS), source()) as fetch:
        found = list(fetch_all(urls, fetch, get, url_of=lambda u: u, workers=4))
    assert sorted(f.url for f in found) == sorted(urls)
    assert Counter(f.outcome for f in found) == {"captured": 30, "blocked_address": 1}
    assert {most[h] for h in HOSTS} == {1}
    assert 2 <= most["all"] <= 4
    for host in HOSTS:  # in the order given
        paths = [p for h, p, _ in site.log if h == host and p != "/robots.txt"]
        assert paths == [f"/{n}" for n in range(5)]


@pytest.mark.timed
def test_the_delay_and_the_budget_are_those_of_all_workers(site: HostileSite) -> None:
    site.acts["*"] = answer(page())
    urls = [f"http://{host}/{n}" for n in range(3) for host in HOSTS[:3]]
    polite = source(politeness={"delay_s": 0.15, "daily_budget": 10})
    with Fetcher(site.settings(*HOSTS, delay_scale=1.0), polite) as fetch:
        found = list(fetch_all(urls, fetch, get, url_of=lambda u: u, workers=3))
    assert len(site.log) == 10
    assert Counter(f.outcome for f in found)["captured"] == 7  # three of the ten were for robots.txt
    for host in HOSTS[:3]:
        times = [t for h, _, t in site.log if h == host]
        # a busy machine may note a request some milliseconds late
        assert all(b - a >= 0.13 for a, b in itertools.pairwise(times))


@pytest.mark.timed
def test_who_stops_taking_stops_the_asking_even_of_those_that_sleep(site: HostileSite) -> None:
    site.acts["*"] = answer(page())
    site.put("/robots.txt", status=404)
    urls = ["http://[not-a-host/", *(f"http://{host}/{n}" for n in range(50) for host in HOSTS)]
    with Fetcher(site.settings(*HOSTS, delay_scale=1.0), source(politeness={"delay_s": 30})) as fetch:
        # the first request to each host is for robots.txt; the next is half a minute away
        began = time.monotonic()
        with closing(fetch_all(urls, fetch, get, url_of=lambda u: u, workers=7)) as asking:
            assert next(asking).outcome == "blocked_address"
        assert time.monotonic() - began < 5
    assert len(site.log) <= len(HOSTS)
    assert not [t for t in threading.enumerate() if t.name.startswith("fetch-")]


def test_what_a_worker_raises_is_raised_where_answers_are_taken(site: HostileSite) -> None:
    def broken(url: str, fetch: Fetcher) -> str:
        if url.endswith("h3.example/1"):
            raise RuntimeError("disk full")
        return url

    urls = [f"http://{host}/{n}" for n in range(3) for host in HOSTS]
    with (
        Fetcher(site.settings(*HOSTS), source()) as fetch,
        pytest.raises(RuntimeError, match="disk full"),
    ):
        list(fetch_all(urls, fetch, broken, url_of=lambda u: u, workers=3))
    assert not [t for t in threading.enumerate() if t.name.startswith("fetch-")]


def test_a_day_on_many_hosts_is_the_same_however_many_are_asked_at_once(site: HostileSite, tmp_path: Path) -> None:
    site.acts["*"] = answer(page())
    rows = "".join(f"<url><loc>http://{host}/{n}</loc></url>" for host in HOSTS for n in range(4))
    site.put("/2026-03-03.xml", f"<urlset>{rows}</urlset>".encode())
    site.put("/robots.txt", status=404)
    tables = []
    for workers in (1, 3, 32):
        settings = site.settings("site.example", *HOSTS, max_hosts_at_once=workers)
        with Fetcher(settings, source(DATED), clock=lambda: OVER) as fetch:
            batch = scrape(source(DATED), DAY, fetch, Lake(tmp_path / str(workers)), now=lambda: OVER)
        assert Counter(r["outcome"] for r in batch.table.to_pylist()) == {"captured": 24}
        tables.append(batch.table.drop_columns(["warc_file", "warc_offset"]))
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])
