"""Polls: what feeds list is noted in time, cheaply, and the daily run has it when they have forgotten."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from hostile_site import HostileSite, answer, page, source
from marsad.dataset import rows_of
from marsad.errors import UsageError
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.fetch import Fetcher
from marsad.scrape.frontier import read_filed
from marsad.scrape.poll import POLLS, Poll, next_due, poll
from marsad.scrape.polls import poll_sources
from marsad.scrape.stage import scrape
from marsad.sources import Source

DAY = date(2026, 3, 3)
MORNING = datetime(2026, 3, 3, 6, tzinfo=UTC)
OVER = datetime(2026, 3, 3, 22, 5, tzinfo=UTC)
FEED = {"feed": "http://site.example/feed.xml"}
OTHER = {"feed": "http://site.example/other.xml"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def feed(*paths: str, at: datetime = MORNING) -> bytes:
    items = "".join(
        f"<item><title>خبر</title><link>http://site.example{p}</link><pubDate>{format_datetime(at)}</pubDate></item>"
        for p in paths
    )
    return f"<rss version='2.0'><channel>{items}</channel></rss>".encode()


def conditional(body: bytes, etag: str, sent: list[str | None]) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answers 304 to who knows the ETag."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        sent.append(handler.headers.get("If-None-Match"))
        if handler.headers.get("If-None-Match") == etag:
            handler.send_response(304)
            handler.send_header("ETag", etag)
            handler.end_headers()
            return
        handler.send_response(200)
        handler.send_header("Content-Type", "application/rss+xml")
        handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return act


Go = Callable[..., list[Poll]]


@pytest.fixture
def go(site: HostileSite, lake: Lake) -> Go:
    def run(source: Source, now: datetime = MORNING, **options: Any) -> list[Poll]:
        with Fetcher(site.settings(), source, clock=lambda: now, sleep=lambda s: None) as fetch:
            return poll(source, fetch, lake, now=lambda: now, **options)

    return run


def urls(lake: Lake, day: date = DAY) -> list[str]:
    return sorted(s.url.rpartition("/")[2] for s in read_filed(Partition("site", day), lake))


def test_what_a_feed_forgets_by_evening_is_in_the_daily_run(site: HostileSite, lake: Lake, go: Go) -> None:
    site.acts |= {f"/{n}": answer(page(f"خبر {n}")) for n in (1, 2, 3)}
    site.acts["/feed.xml"] = answer(feed("/1", "/2"))
    facts = source(discover=[FEED])
    assert [(r.outcome, r.listed_count, r.new_count) for r in go(facts)] == [("listed", 2, 2)]
    site.acts["/feed.xml"] = answer(feed("/3", at=MORNING + timedelta(hours=9)))
    with Fetcher(site.settings(), facts, clock=lambda: OVER, sleep=lambda s: None) as fetch:
        batch = scrape(facts, DAY, fetch, lake, now=lambda: OVER)
    rows = batch.table.select(["url", "outcome", "discovered_at"]).to_pylist()
    assert [(r["url"][-1], r["outcome"]) for r in rows] == [("1", "captured"), ("2", "captured"), ("3", "captured")]
    assert [r["discovered_at"] for r in rows] == [MORNING, MORNING, OVER]  # who saw it first


def test_a_listing_is_filed_under_its_own_day(site: HostileSite, lake: Lake, go: Go) -> None:
    site.acts["/feed.xml"] = answer(feed("/1", at=MORNING - timedelta(days=1)))
    go(source(discover=[FEED]))
    assert urls(lake) == []
    assert urls(lake, DAY - timedelta(days=1)) == ["1"]


def test_nothing_is_asked_before_it_is_due(site: HostileSite, lake: Lake, go: Go) -> None:
    site.acts["/feed.xml"] = answer(feed("/1"))
    facts = source(discover=[FEED])
    first = go(facts)[0]
    assert first.due_at == MORNING + timedelta(minutes=30)
    assert next_due(facts, lake, MORNING) == first.due_at
    assert go(facts, MORNING + timedelta(minutes=29)) == []
    assert [r.new_count for r in go(facts, MORNING + timedelta(minutes=30))] == [0]
    assert len(go(facts, MORNING + timedelta(minutes=31), is_forced=True)) == 1


def test_the_last_answers_validators_are_sent_and_a_304_is_no_failure(site: HostileSite, lake: Lake, go: Go) -> None:
    sent: list[str | None] = []
    site.acts["/feed.xml"] = conditional(feed("/1"), '"v1"', sent)
    facts = source(discover=[FEED])
    outcomes = [go(facts, MORNING + timedelta(hours=n))[0] for n in range(3)]
    assert sent == [None, '"v1"', '"v1"']
    assert [r.outcome for r in outcomes] == ["listed", "unchanged", "unchanged"]
    assert [r.interval_s for r in outcomes] == [1800, 2700, 4050]
    assert urls(lake) == ["1"]


def test_a_route_that_fails_hides_no_other_and_is_tried_again(site: HostileSite, lake: Lake, go: Go) -> None:
    site.acts["/other.xml"] = answer(feed("/1"))
    site.acts["/feed.xml"] = answer(b"down", 500)
    facts = source(discover=[FEED, OTHER])
    bad, good = go(facts)
    assert (bad.outcome, bad.failure_count, good.outcome, good.new_count) == ("failed", 1, "listed", 1)
    assert bad.error is not None
    assert "feed.xml" in bad.error
    assert bad.due_at == MORNING + timedelta(minutes=5)
    again = go(facts, MORNING + timedelta(minutes=5))
    assert [(r.outcome, r.failure_count, r.interval_s) for r in again] == [("failed", 2, 600)]
    site.acts["/feed.xml"] = answer(feed("/2"))
    back = go(facts, MORNING + timedelta(minutes=15))
    assert [(r.outcome, r.new_count, r.failure_count) for r in back] == [("listed", 1, 0)]
    assert urls(lake) == ["1", "2"]


def test_every_poll_is_on_record(site: HostileSite, lake: Lake, go: Go) -> None:
    site.acts["/feed.xml"] = answer(feed("/1"))
    facts = source(discover=[FEED])
    for n in range(4):
        go(facts, MORNING + timedelta(hours=3 * n))
    rows = rows_of(lake.read_table("raw", POLLS, Partition("site", DAY)), Poll)
    assert [r.polled_at for r in rows] == [MORNING + timedelta(hours=3 * n) for n in range(4)]
    assert [r.new_count for r in rows] == [1, 0, 0, 0]


def test_an_item_that_stays_on_a_page_without_dates_is_new_only_once(site: HostileSite, lake: Lake, go: Go) -> None:
    site.acts["/feed.xml"] = answer(b"<rss><channel><item><link>http://site.example/1</link></item></channel></rss>")
    facts = source(discover=[FEED])
    assert [go(facts, MORNING + timedelta(days=n))[0].new_count for n in range(3)] == [1, 0, 0]


def test_two_processes_do_not_poll_a_source_at_once(site: HostileSite, lake: Lake, go: Go) -> None:
    site.acts["/feed.xml"] = answer(feed("/1"))
    facts = source(discover=[FEED])
    state = site.settings().state
    state.mkdir(parents=True, exist_ok=True)
    with (state / "poll-site.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert go(facts) == []
    assert site.log == []
    assert len(go(facts)) == 1


def test_a_state_that_cannot_be_read_costs_requests_and_no_news(site: HostileSite, lake: Lake, go: Go) -> None:
    site.acts["/feed.xml"] = answer(feed("/1"))
    facts = source(discover=[FEED])
    lake.write_bytes("raw/polls/state/site.json", b'{"feed: x": {"due_at": 3}}')
    assert [r.new_count for r in go(facts)] == [1]


def test_a_source_of_past_days_alone_cannot_be_polled(lake: Lake, go: Go) -> None:
    with pytest.raises(UsageError, match="no route to poll"):
        go(source(discover=[{"sitemap": "http://site.example/{year}.xml"}]))


def test_sources_are_polled_side_by_side_and_one_fails_alone(site: HostileSite, lake: Lake) -> None:
    site.acts["/feed.xml"] = answer(feed("/1"))
    named = [source(name=f"s{n}", discover=[{"feed": f"http://s{n}.example/feed.xml"}]) for n in range(6)]
    named.append(source(name="dead", discover=[{"feed": "http://dead.example/none.xml"}]))
    settings = site.settings(*(f"s{n}.example" for n in range(6)), "dead.example")
    reports = poll_sources(named, settings, lake, now=lambda: MORNING)
    assert [r.source for r in reports] == [s.name for s in named]
    assert [r.polls[0].outcome for r in reports] == ["listed"] * 6 + ["failed"]
    assert all(r.due_at is not None and r.due_at > MORNING for r in reports)
    later = poll_sources(named, settings, lake, now=lambda: MORNING + timedelta(minutes=1))
    assert all(r.polls == () for r in later)


def test_the_bounds_of_a_source_must_be_in_order() -> None:
    with pytest.raises(ValueError, match="fastest_min 60 is more than slowest_min 10"):
        source(poll={"fastest_min": 60, "slowest_min": 10})
