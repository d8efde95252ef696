"""robots.txt: obeyed as RFC 9309 has it, and never a way to harm us."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest

from hostile_site import IMPATIENT, HostileSite, answer, in_turn, page, raw
from marsad.scrape.fetch import Fetcher
from marsad.scrape.robots import product_token, read_robots

URL = "http://site.example/story"
Make = Callable[..., Fetcher]
DENY = b"User-agent: *\nDisallow: /"


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (answer(DENY, kind="text/plain"), "robots_denied"),
        (answer(DENY, kind="text/html"), "robots_denied"),
        (answer(DENY, kind="image/png"), "robots_denied"),
        (answer(b"\xef\xbb\xbf" + DENY, kind=None), "robots_denied"),
        (answer(b"User-agent: *\nDisallow: /private", kind="text/plain"), "captured"),
        (answer(b"User-agent: marsad\nDisallow: /story\n\nUser-agent: *\nAllow: /"), "robots_denied"),
        (answer(b"User-agent: *\nDisallow: /\n\nUser-agent: Marsad\nAllow: /story"), "captured"),
        # words of our contact address are not our name
        (answer(b"User-agent: contact\nUser-agent: example\nDisallow: /"), "captured"),
        (answer(b"User-agent: a\nUser-agent: *\nDisallow: /story"), "robots_denied"),
        (answer(page()), "captured"),
        (answer(bytes(range(256)) * 40), "captured"),
        (answer(b""), "captured"),
        (answer(DENY, 404), "captured"),
        (answer(DENY, 403), "captured"),
        (answer(DENY, 429), "http_error"),
        (answer(DENY, 500), "http_error"),
        (answer(DENY, 503), "http_error"),
        (raw(), "connection_error"),
        (raw(b"", every_s=2), "timeout"),
        (answer(status=301, Location="/robots2.txt"), "robots_denied"),
        (answer(status=301, Location="/robots.txt"), "captured"),
        (answer(status=302, Location="http://169.254.169.254/robots.txt"), "blocked_address"),
        # half a megabyte counts, whatever follows
        (answer(DENY + b"\n#" + b"x" * 5_000_000), "robots_denied"),
        (raw(b"HTTP/1.1 200 OK\r\n\r\n" + DENY + b"\n", b"#" * 65536, forever=True), "robots_denied"),
    ],
)
def test_what_robots_txt_says_or_fails_to_say(site: HostileSite, fetcher: Make, act: object, outcome: str) -> None:
    site.acts["/robots.txt"] = act  # type: ignore[assignment]
    site.put("/robots2.txt", DENY)
    site.put("/story", page())
    found = fetcher(**(IMPATIENT if outcome == "timeout" else {})).get(URL)
    assert found.outcome == outcome, found
    assert ("/story" in site.paths()) == (outcome == "captured")


def test_it_is_asked_for_once_a_run(site: HostileSite, fetcher: Make) -> None:
    site.acts["*"] = answer(page())
    fetch = fetcher()
    for n in range(3):
        fetch.get(f"http://site.example/{n}")
    assert [p for p in site.paths(robots=True) if p == "/robots.txt"] == ["/robots.txt"]


def test_an_outage_that_passes_is_no_outage(site: HostileSite, fetcher: Make) -> None:
    site.acts["/robots.txt"] = in_turn(answer(b"", 503), answer(b"", 404))
    site.put("/story", page())
    found = fetcher(fetch_attempts=3).get(URL)
    assert (found.outcome, found.attempt_count) == ("captured", 2)


def test_an_outage_is_not_asked_about_for_every_page(site: HostileSite, fetcher: Make) -> None:
    site.put("/robots.txt", status=503)
    sleeps: list[float] = []
    fetch = fetcher(fetch_attempts=3, retry_base_s=1.0, sleeps=sleeps)
    found = [fetch.get(f"http://site.example/{n}") for n in range(20)]
    assert {f.outcome for f in found} == {"http_error"}
    assert len(site.log) == 3
    assert len(sleeps) == 2


@pytest.mark.timed
def test_names_times_rules_do_not_fill_the_memory() -> None:
    names = "".join(f"User-agent: robot{i}\n" for i in range(12_000))
    rules = "".join(f"Disallow: /{i}\n" for i in range(20_000))
    tracemalloc.start()
    began = time.monotonic()
    robots = read_robots(200, (names + "User-agent: *\n" + rules).encode(), None, "captured", user_agent="Marsad/0.1")
    allowed = robots.allows("http://site.example/xyz", "Marsad/0.1")
    took, peak = time.monotonic() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert allowed
    assert not robots.allows("http://site.example/777", "Marsad/0.1")
    assert took < 5
    assert peak < 100_000_000


@pytest.mark.timed
def test_stars_do_not_explode() -> None:
    rules = "User-agent: *\n" + ("Disallow: /" + "*a" * 60 + "b\n") * 1000
    robots = read_robots(200, rules.encode(), None, "captured")
    began = time.monotonic()
    assert robots.allows("http://site.example/" + "a" * 2000, "Marsad/0.1")
    assert time.monotonic() - began < 2


def test_a_crawl_delay_of_a_day_is_a_mistake() -> None:
    robots = read_robots(200, b"User-agent: *\nCrawl-delay: 86400", None, "captured")
    assert robots.delay("Marsad/0.1") == 30
    assert read_robots(200, b"User-agent: *\nCrawl-delay: nan", None, "captured").delay("Marsad") == 0


@pytest.mark.parametrize(
    ("agent", "token"), [("Marsad/0.1 (+https://x.example)", "Marsad"), ("Bot", "Bot"), (" my-bot (x)", "my-bot")]
)
def test_the_product_token(agent: str, token: str) -> None:
    assert product_token(agent) == token
