"""The stage: every URL accounted for once, killed anywhere, asked again only for what may have changed."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hostile_site import HostileSite, answer, page, raw, source
from marsad.dataset import Batch
from marsad.errors import NoArchiveRoute, SourceUnreachable, UnreadableListing
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.samples.golden import golden
from marsad.samples.server import SampleSites
from marsad.scrape.cdxj import read_index
from marsad.scrape.fetch import Fetcher
from marsad.scrape.record import CAPTURES, LATER_OUTCOMES, SIGHTINGS
from marsad.scrape.stage import scrape
from marsad.scrape.warc import read_body
from marsad.settings import Settings
from marsad.sources import Source, load_sources
from store_server import Bucket

DAY = date(2026, 3, 3)
OVER = datetime(2026, 3, 3, 22, 5, tzinfo=UTC)  # 00:05 on the 4th in Beirut
AT_NOON = datetime(2026, 3, 3, 10, tzinfo=UTC)
BASE = "http://site.example"
DATED = {"sitemap": "http://site.example/{year}-{month:02}-{day:02}.xml"}
FEED = {"feed": "http://site.example/feed.xml"}


@pytest.fixture(params=["disk", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake" if request.param == "disk" else f"memory://scrape-{tmp_path.name}")


Run = Callable[..., Batch]


@pytest.fixture
def run(site: HostileSite) -> Run:
    def go(source: Source, lake: Lake, day: date = DAY, now: datetime = OVER, **options: Any) -> Batch:
        progress = options.pop("progress", None)
        with Fetcher(site.settings(**options), source, clock=lambda: now, sleep=lambda s: None) as fetch:
            return scrape(source, day, fetch, lake, now=lambda: now, progress=progress)

    return go


def sitemap(*paths: str) -> bytes:
    rows = "".join(f"<url><loc>{BASE}{p.replace('&', '&amp;')}</loc></url>" for p in paths)
    return f"<urlset>{rows}</urlset>".encode()


def feed(*items: tuple[str, str]) -> bytes:
    rows = "".join(f"<item><link>{BASE}{p}</link><pubDate>{d}</pubDate></item>" for p, d in items)
    return f"<rss><channel>{rows}</channel></rss>".encode()


def outcomes(batch: Batch) -> dict[str, str]:
    return {r["url"].removeprefix(BASE): r["outcome"] for r in batch.table.to_pylist()}


def test_a_day_of_every_kind_of_page(site: HostileSite, run: Run, lake: Lake) -> None:
    site.put(
        "/2026-03-03.xml",
        sitemap("/1", "/404", "/410", "/403", "/png", "/deny/1", "/loop", "/big", "/metadata", "/dead"),
    )
    site.put("/robots.txt", b"User-agent: *\nDisallow: /deny/", kind="text/plain")
    site.put("/1", page("واحد"))
    site.put("/410", status=410)
    site.put("/403", status=403)
    site.put("/png", b"\x89PNG\r\n\x1a\n" + bytes(99), kind="image/png")
    site.put("/loop", status=302, Location="/loop")
    site.put("/big", b"x" * 400_000)
    site.put("/metadata", status=302, Location="http://169.254.169.254/")
    site.acts["/dead"] = raw()
    steps: list[tuple[str, int, int]] = []
    batch = run(source(DATED), lake, progress=lambda *step: steps.append(step))
    assert outcomes(batch) == {
        "/1": "captured", "/404": "not_found", "/410": "gone", "/403": "http_error", "/png": "unsupported_type",
        "/deny/1": "robots_denied", "/loop": "too_many_redirects", "/big": "too_large", "/metadata": "blocked_address",
        "/dead": "connection_error",
    }  # fmt: skip
    assert steps == [("scrape", n, 10) for n in range(1, 11)]
    rows = {r["url"].removeprefix(BASE): r for r in batch.table.to_pylist()}
    one = rows["/1"]
    body = read_body(lake, one["warc_file"], one["warc_offset"])
    assert body == page("واحد")
    assert one["sha256"] == hashlib.sha256(body).hexdigest()
    assert one["byte_count"] == len(body)
    assert one["discovered_by"] == f"sitemap: {BASE}/2026-03-03.xml"
    assert all(r["warc_file"] is None for r in rows.values() if r["outcome"] != "captured")
    assert all(r["error"] for r in rows.values() if r["outcome"] != "captured")
    assert lake.read_table("raw", CAPTURES, Partition("site", DAY)).equals(batch.table)


def test_again_asks_only_for_what_may_be_better_now(site: HostileSite, run: Run, lake: Lake) -> None:
    site.put("/2026-03-03.xml", sitemap("/1", "/absent", "/busy"))
    site.put("/1", page())
    site.put("/busy", status=503)
    run(source(DATED), lake)
    site.log.clear()
    site.put("/busy", page())
    assert outcomes(run(source(DATED), lake)) == {"/1": "captured", "/absent": "not_found", "/busy": "captured"}
    assert site.paths() == ["/busy"]
    site.log.clear()
    assert len(run(source(DATED), lake)) == 3
    assert site.log == []


def test_a_day_that_goes_on_is_looked_at_again(site: HostileSite, run: Run, lake: Lake) -> None:
    site.acts["*"] = answer(page())
    site.put("/2026-03-03.xml", sitemap("/1"))
    assert len(run(source(DATED), lake, now=AT_NOON)) == 1
    site.put("/2026-03-03.xml", sitemap("/1", "/2"))
    assert len(run(source(DATED), lake, now=OVER)) == 2
    assert Counter(site.paths())["/1"] == 1
    site.log.clear()
    run(source(DATED), lake, now=OVER + timedelta(days=9))
    assert site.log == []


def test_what_a_feed_forgets_is_known_still(site: HostileSite, run: Run, lake: Lake) -> None:
    tuesday = "Tue, 03 Mar 2026 10:00:00 GMT"
    site.put("/feed.xml", feed(("/1", tuesday), ("/2", tuesday)), kind="text/xml")
    site.put("/1", page())
    site.put("/2", status=503)
    first = {r["url"]: r for r in run(source(FEED), lake).table.to_pylist()}
    site.put("/feed.xml", feed(), kind="text/xml")
    site.put("/2", page())
    later = run(source(FEED), lake, now=OVER + timedelta(hours=3))
    assert outcomes(later) == {"/1": "captured", "/2": "captured"}
    two = next(r for r in later.table.to_pylist() if r["url"] == f"{BASE}/2")
    assert two["discovered_at"] == first[f"{BASE}/2"]["discovered_at"] == OVER


def test_what_is_seen_of_other_days_is_filed_for_them_and_stays(site: HostileSite, run: Run, lake: Lake) -> None:
    site.acts["*"] = answer(page())
    yesterday, today, long_ago = (f"{d} 2026 10:00:00 GMT" for d in ("Mon, 02 Mar", "Tue, 03 Mar", "Sun, 01 Feb"))
    site.put("/feed.xml", feed(("/old", yesterday), ("/new", today), ("/ancient", long_ago)), kind="text/xml")
    assert outcomes(run(source(FEED, DATED), lake)) == {"/new": "captured"} | {}
    site.put("/feed.xml", feed(), kind="text/xml")
    run(source(FEED, DATED), lake)
    filed = lake.list("raw/sightings", "**/*.parquet")
    assert filed == [
        "raw/sightings/date=2026-03-02/source=site/seen-2026-03-03.parquet",
        "raw/sightings/date=2026-03-03/source=site/seen-2026-03-03.parquet",
    ]
    assert lake.read_table_at(SIGHTINGS, filed[0])["url"].to_pylist() == [f"{BASE}/old"]
    site.put("/2026-03-02.xml", sitemap("/archived"))
    assert outcomes(run(source(FEED, DATED), lake, day=date(2026, 3, 2))) == {
        "/old": "captured",
        "/archived": "captured",
    }


def test_a_sighting_filed_after_the_day_was_complete_is_fetched(site: HostileSite, run: Run, lake: Lake) -> None:
    site.acts["*"] = answer(page())
    monday = "Mon, 02 Mar 2026 10:00:00 GMT"
    site.put("/2026-03-02.xml", sitemap("/1"))
    site.put("/feed.xml", feed(("/1", monday)), kind="text/xml")
    before = run(source(FEED, DATED), lake, day=date(2026, 3, 2))
    site.put("/feed.xml", feed(("/1", monday), ("/late", monday)), kind="text/xml")
    site.put("/2026-03-03.xml", sitemap("/2"))
    run(source(FEED, DATED), lake)
    site.log.clear()
    after = run(source(FEED, DATED), lake, day=date(2026, 3, 2))
    assert set(outcomes(after)) - set(outcomes(before)) == {"/late"}
    assert site.paths() == ["/late"]


def test_tracking_twins_have_a_row_each_and_one_fetch(site: HostileSite, run: Run, lake: Lake) -> None:
    site.acts["*"] = answer(page())
    twins = ["/%D8%AE?id=1", "/خ?id=1&utm_source=x", "/%d8%ae?fbclid=9&id=1", "/%D8%AE?id=2"]
    site.put("/2026-03-03.xml", sitemap(*twins))
    site.put("/robots.txt", status=404)
    batch = run(source(DATED), lake)
    rows = {r["url"].removeprefix(BASE): r for r in batch.table.to_pylist()}
    assert Counter(r["outcome"] for r in rows.values()) == {"captured": 2, "duplicate": 2}
    assert rows["/%D8%AE?id=1"]["outcome"] == "captured"
    assert all(
        r["error"] == f"the same address as {BASE}/%D8%AE?id=1" for r in rows.values() if r["outcome"] == "duplicate"
    )
    assert len(site.paths()) == 3


def test_the_first_route_is_named_and_a_later_one_adds_its_instant(site: HostileSite, run: Run, lake: Lake) -> None:
    site.acts["*"] = answer(page())
    site.put("/2026-03-03.xml", sitemap("/1"))
    site.put("/feed.xml", feed(("/1", "Tue, 03 Mar 2026 10:00:00 GMT")), kind="text/xml")
    (row,) = run(source(DATED, FEED), lake).table.to_pylist()
    assert row["discovered_by"].startswith("sitemap")
    assert row["listed_at"] == datetime(2026, 3, 3, 10, tzinfo=UTC)


def test_a_page_of_links_does_not_have_its_stories_fetched_every_day(site: HostileSite, run: Run, lake: Lake) -> None:
    front = source({"archive": "http://site.example/latest", "link_pattern": "/story/"})
    site.acts["*"] = answer(page())
    site.put("/latest", b'<a href="/story/1">1</a>')
    assert set(outcomes(run(front, lake))) == {"/story/1"}
    site.put("/latest", b'<a href="/story/2">2</a><a href="/story/1">1</a>')
    next_day = run(front, lake, day=date(2026, 3, 4), now=OVER + timedelta(days=1))
    assert set(outcomes(next_day)) == {"/story/2"}


# when discovery fails


def test_a_source_that_is_down_commits_nothing(site: HostileSite, run: Run, lake: Lake) -> None:
    site.put("/2026-03-03.xml", status=503)
    site.put("/feed.xml", status=500)
    with pytest.raises(
        SourceUnreachable, match=r"source site cannot be reached: .*2026-03-03\.xml.*503.*feed\.xml.*500"
    ):
        run(source(DATED, FEED), lake)
    assert lake.list("raw/captures", "**/*.parquet") == []
    assert lake.list("raw", "**/*.warc.gz") == []


def test_one_route_down_is_warned_of_and_asked_again(
    site: HostileSite, run: Run, lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    site.acts["*"] = answer(page())
    site.put("/2026-03-03.xml", status=503)
    site.put("/feed.xml", feed(("/1", "Tue, 03 Mar 2026 10:00:00 GMT")), kind="text/xml")
    with caplog.at_level(logging.WARNING):
        assert outcomes(run(source(DATED, FEED), lake)) == {"/1": "captured"}
    assert "2026-03-03.xml" in caplog.text
    site.put("/2026-03-03.xml", sitemap("/1", "/2"))
    site.log.clear()
    assert outcomes(run(source(DATED, FEED), lake)) == {"/1": "captured", "/2": "captured"}
    assert site.paths() == ["/2026-03-03.xml", "/2"]


def test_a_route_that_is_no_listing_does_not_keep_a_day_open(site: HostileSite, run: Run, lake: Lake) -> None:
    site.acts["*"] = answer(page())
    site.put("/2026-03-03.xml", sitemap("/1"))
    run(source(DATED, FEED), lake)
    site.log.clear()
    assert outcomes(run(source(DATED, FEED), lake)) == {"/1": "captured"}
    assert site.log == []


def test_no_listing_at_all_is_never_an_empty_success(site: HostileSite, run: Run, lake: Lake) -> None:
    site.put("/feed.xml", page())
    for _ in range(2):
        with pytest.raises(UnreadableListing, match=r"source site: no route gave a listing: .*feed\.xml"):
            run(source(FEED), lake)


def test_a_day_no_route_can_know_has_no_archive_route(site: HostileSite, run: Run, lake: Lake) -> None:
    site.put("/feed.xml", feed(("/1", "Mon, 02 Nov 2026 10:00:00 GMT")), kind="text/xml")
    for _ in range(2):
        with pytest.raises(NoArchiveRoute, match="no archive route for 2026-03-03"):
            run(source(FEED), lake, now=datetime(2026, 11, 3, tzinfo=UTC))
    assert lake.list("raw/captures", "**/*.parquet") == []


def test_a_dated_route_that_lists_nothing_is_an_empty_day(site: HostileSite, run: Run, lake: Lake) -> None:
    site.put("/feed.xml", feed(), kind="text/xml")
    assert len(run(source(DATED, FEED), lake)) == 0
    site.log.clear()
    assert len(run(source(DATED, FEED), lake)) == 0
    assert site.log == []


def test_pages_that_hang_do_not_use_up_every_run(site: HostileSite, run: Run, lake: Lake) -> None:
    """A silent stretch ends a run; what was not tried is tried first in the next."""
    dead = [f"/dead{n}" for n in range(6)]
    site.put("/2026-03-03.xml", sitemap(*dead, "/x", "/y"))
    for path in dead:
        site.acts[path] = raw()
    site.put("/x", page())
    site.put("/y", page())
    first = outcomes(run(source(DATED), lake))
    assert first["/x"] == "connection_error"
    second = outcomes(run(source(DATED), lake))
    assert second["/x"] == second["/y"] == "captured"
    assert Counter(second.values()) == {"captured": 2, "connection_error": 6}


def test_the_budget_leaves_the_rest_for_the_next_day(site: HostileSite, run: Run, lake: Lake) -> None:
    site.acts["*"] = answer(page())
    site.put("/robots.txt", status=404)
    site.put("/2026-03-03.xml", sitemap(*(f"/{n}" for n in range(6))))
    frugal = source(DATED, politeness={"daily_budget": 5})
    assert Counter(outcomes(run(frugal, lake)).values()) == {"captured": 3, "budget_exhausted": 3}
    assert Counter(outcomes(run(frugal, lake)).values()) == {"captured": 3, "budget_exhausted": 3}
    assert Counter(outcomes(run(frugal, lake, now=OVER + timedelta(days=1))).values()) == {"captured": 6}
    assert max(Counter(p for p in site.paths() if p != "/2026-03-03.xml").values()) == 1


# killed


class Killed(BaseException):
    """The process is gone: nothing may catch it."""


class MortalLake(Lake):
    """A lake whose process dies before its nth write."""

    left = 0

    def write_bytes(self, relative: str, data: bytes) -> None:
        if self.left == 0:
            raise Killed(relative)
        self.left -= 1
        super().write_bytes(relative, data)


def test_killed_before_every_write_and_run_again_nothing_is_lost_or_fetched_twice(
    site: HostileSite, run: Run, tmp_path: Path
) -> None:
    paths = [f"/{n}" for n in range(45)]
    site.acts["*"] = lambda handler: answer(page(handler.path))(handler)
    site.put("/robots.txt", status=404)
    site.put("/2026-03-03.xml", sitemap(*paths, "/3?utm_source=x", "/absent"))
    site.put("/absent", status=404)
    whole = run(source(DATED), Lake(tmp_path / "whole"))
    root, writes, deaths = tmp_path / "mortal", 0, 0
    site.log.clear()
    while True:
        lake = MortalLake(root)
        lake.left = writes
        try:
            batch = run(source(DATED), lake)
            break
        except Killed:
            deaths += 1
            writes = writes + 1 if deaths % 2 else writes
    assert deaths >= 4
    assert batch.table.equals(whole.table)
    assert lake.read_table("raw", CAPTURES, Partition("site", DAY)).equals(whole.table)
    for row in batch.table.to_pylist():
        if row["outcome"] == "captured":
            assert read_body(lake, row["warc_file"], row["warc_offset"]) == page(row["url"].removeprefix(BASE))
    # a page is fetched again only if its segment had not been written yet
    assert sum(Counter(site.paths()).values()) <= (deaths + 1) * (len(paths) + 2)
    used = {r["warc_file"] for r in batch.table.to_pylist()} - {None}
    assert set(lake.list("raw/warc", "**/*.warc.gz")) == used


# the sample sites


SAMPLES = Path(__file__).parents[2] / "include" / "marsad" / "samples" / "sources"


@pytest.mark.parametrize("name", ["wakala", "mujammi", "qadim", "mudawwana"])
def test_sample_sites_give_exactly_the_golden_outcomes_and_are_asked_once(
    sample_sites: SampleSites, lake: Lake, name: str
) -> None:
    one = load_sources([SAMPLES])[name]
    settings = Settings(connect_to=sample_sites.connect_to, delay_scale=0, retry_base_s=0.01)

    def go(day: date) -> dict[str, str]:
        with Fetcher(settings, one) as fetch:
            batch = scrape(one, day, fetch, lake, now=lambda: datetime.now(UTC))
        return {r["url"]: r["outcome"] for r in batch.table.to_pylist()}

    pages = golden(name)
    days = sorted({p.listed_on for p in pages})
    for day in days:
        assert go(day) == {p.url: p.outcome for p in pages if p.listed_on == day}
    assert not LATER_OUTCOMES & {p.outcome for p in pages}
    asked = sum(sample_sites.request_log.values())
    for day in days:
        assert go(day) == {p.url: p.outcome for p in pages if p.listed_on == day}
    assert sum(sample_sites.request_log.values()) == asked


def test_the_sample_site_that_is_down(sample_sites: SampleSites, tmp_path: Path) -> None:
    one = load_sources([SAMPLES])["mutaattil"]
    settings = Settings(connect_to=sample_sites.connect_to, delay_scale=0, retry_base_s=0.01)
    with (
        pytest.raises(SourceUnreachable, match=r"source mutaattil cannot be reached: http://mutaattil.*refused"),
        Fetcher(settings, one) as fetch,
    ):
        scrape(one, DAY, fetch, Lake(tmp_path), now=lambda: OVER)


def test_the_same_on_an_object_store(site: HostileSite, run: Run, tmp_path: Path, bucket: Bucket) -> None:
    site.acts["*"] = answer(page())
    site.put("/2026-03-03.xml", sitemap("/1", "/2", "/absent"))
    site.put("/absent", status=404)
    disk, store = Lake(tmp_path), Lake(f"{bucket.url}/scraped", bucket.options)
    first = run(source(DATED), store)
    assert first.table.equals(run(source(DATED), disk).table)
    site.log.clear()
    assert run(source(DATED), store).table.equals(first.table)
    assert site.log == []
    row = next(r for r in first.table.to_pylist() if r["outcome"] == "captured")
    assert read_body(store, row["warc_file"], row["warc_offset"]) == page()


def test_a_page_that_is_the_same_on_the_next_day_is_not_stored_again(site: HostileSite, run: Run, lake: Lake) -> None:
    site.put("/same", page("ثابت", "نص لا يتغير. " * 2000))
    site.put("/2026-03-03.xml", sitemap("/same"))
    site.put("/2026-03-04.xml", sitemap("/same"))
    first = run(source(DATED), lake).table.to_pylist()[0]
    later = datetime(2026, 3, 5, 0, 5, tzinfo=UTC)
    second = run(source(DATED), lake, day=date(2026, 3, 4), now=later).table.to_pylist()[0]
    assert (second["warc_file"], second["warc_offset"]) == (first["warc_file"], first["warc_offset"])
    assert second["outcome"] == "captured"
    assert len(lake.list("raw/warc/date=2026-03-04", "**/*.warc.gz")) == 1  # the revisit, for who reads WARC
    (entry,) = read_index(lake, Partition("site", date(2026, 3, 4)))
    assert entry.mime == "warc/revisit"
