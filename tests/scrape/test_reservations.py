"""What sites reserve against mining and training goes with their pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_site import HostileSite, page, source
from marsad.lake import Lake
from marsad.scrape.fetch import Fetcher
from marsad.scrape.reservations import of_answer, of_robots
from marsad.scrape.stage import scrape

NOW = datetime(2026, 3, 3, 22, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("User-agent: GPTBot\nDisallow: /", ("robots: GPTBot",)),
        ("user-agent: ccbot # x\nUser-Agent: gptbot\nDisallow: /*\nAllow: /x", ("robots: GPTBot", "robots: CCBot")),
        ("User-agent: GPTBot\nDisallow: /private", ()),
        ("User-agent: GPTBot\nDisallow:", ()),
        ("User-agent: GPTBot\nDisallow: /\nAllow: /", ()),
        ("User-agent: GPTBot\nCrawl-delay: 1\nUser-agent: *\nDisallow: /", ()),
        ("User-agent: *\nDisallow: /", ()),  # shut to all, to us too: that is robots_denied
        ("User-agent: *\nContent-Signal: search=yes, ai-train=no, ai-input = NO", ("content-signal: ai-train=no", "content-signal: ai-input=no")),
        ("Content-Signal: ai-train=yes", ()),
        ("<html>GPTBot</html>", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_robots(text: str, found: tuple[str, ...]) -> None:
    assert of_robots(text) == found


@pytest.mark.parametrize(
    ("headers", "body", "found"),
    [
        ({"TDM-Reservation": "1"}, b"", ("header: tdm-reservation=1",)),
        ({"tdm-reservation": "0"}, b"", ()),
        ({"X-Robots-Tag": "noindex, NoAI, noimageai"}, b"", ("header: noai", "header: noimageai")),
        ({}, b"<head><META content='1' name=tdm-reservation></head>", ("meta: tdm-reservation=1",)),
        ({}, b'<meta name="robots" content="index, noai">' * 2, ("meta: noai",)),
        ({}, "<p>كتب على الصفحة noai</p>".encode(), ()),
        ({}, b"<meta name=robots>", ()),
        ({}, b" " * 200_000 + b"<meta name=robots content=noai>", ()),
    ],
)
def test_answers(headers: dict[str, str], body: bytes, found: tuple[str, ...]) -> None:
    assert of_answer(headers, body) == found


@given(st.binary(max_size=400), st.text(max_size=400))
def test_nothing_breaks_it(body: bytes, text: str) -> None:
    of_answer({"X-Robots-Tag": text}, b"<meta " + body + b">")
    of_robots(text)


@pytest.mark.timed
@pytest.mark.parametrize("body", [b"<meta " * 20_000, b"<meta name=" + b"a=" * 50_000, b"<meta \"'" * 15_000])
def test_it_takes_no_time(body: bytes) -> None:
    began = time.process_time()
    of_answer({}, body)
    of_robots("User-agent: GPTBot\n" * 20_000)
    assert time.process_time() - began < 2


def test_it_stands_in_the_captures_row(site: HostileSite, tmp_path: Path, fetcher: Callable[..., Fetcher]) -> None:
    site.put("/robots.txt", b"User-agent: CCBot\nDisallow: /", kind="text/plain")
    site.put("/2026-03-03.xml", b"<urlset><url><loc>http://site.example/1</loc></url></urlset>", kind="application/xml")
    site.put("/1", page(), **{"tdm-reservation": "1"})
    facts = source({"sitemap": "http://site.example/{year}-{month:02}-{day:02}.xml"})
    with Fetcher(site.settings(), facts, clock=lambda: NOW, sleep=lambda s: None) as fetch:
        batch = scrape(facts, date(2026, 3, 3), fetch, Lake(tmp_path), now=lambda: NOW)
    assert batch.table["opt_outs"].to_pylist() == ["robots: CCBot; header: tdm-reservation=1"]
