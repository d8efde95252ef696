"""`sources check`: what works now, route by route, and how the reader does."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime, timedelta

from hostile_site import HostileSite, page, source
from marsad.onboard.trial import try_source

STORY = (
    "<html lang=ar><head><title>افتتاح جسر جديد على النهر | موقع</title></head><body><article>"
    "<h1>افتتاح جسر جديد على النهر</h1><time datetime='2026-03-03T10:00:00Z'>3 آذار</time>"
    "<p>افتتحت البلدية صباح اليوم جسرا جديدا للمشاة يربط ضفتي النهر قرب السوق القديمة بعد عام من العمل.</p>"
    "<p>وقال رئيس البلدية إن المشروع نفذ بأيدي عمال المدينة، وإنه سيختصر الطريق على مئات التلاميذ كل صباح.</p>"
    "</article></body></html>"
)


def feed(*links: str) -> bytes:
    moment = email.utils.format_datetime(datetime.now(UTC) - timedelta(days=1))
    items = "".join(f"<item><link>{x}</link><pubDate>{moment}</pubDate></item>" for x in links)
    return f"<rss><channel>{items}</channel></rss>".encode()


def test_each_route_says_how_it_is(site: HostileSite) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    site.put("/feed.xml", feed("/1"), kind="text/xml")
    site.put("/html.xml", page())
    site.put("/down.xml", status=503)
    routes = [{"feed": f"http://site.example/{n}.xml"} for n in ("feed", "html", "down")]
    dated = {"sitemap": "http://site.example/{year}.xml"}
    trial = try_source(source(*routes, dated), site.settings(), samples=0)
    good, html, down, empty = trial.routes
    assert (good.is_ok, good.count, good.dated, good.error) == (True, 1, 1, None)
    assert good.newest == yesterday.replace(microsecond=0)
    assert (html.is_ok, html.count) == (False, 0)
    assert "is not XML" in str(html.error)
    assert "503" in str(down.error)
    assert (empty.is_ok, empty.error) == (False, "lists nothing")
    assert good.route == "feed: http://site.example/feed.xml"
    assert not trial.is_ok
    assert trial.stories == ()


def test_sample_stories_are_fetched_and_read(site: HostileSite) -> None:
    site.put("/feed.xml", feed("/story", "/menu", "/gone"), kind="text/xml")
    site.put("/story", STORY.encode())
    site.put("/menu", b"<html><body><ul><li><a href=/a>x</a></li></ul></body></html>")
    site.put("/gone", status=410)
    trial = try_source(source({"feed": "http://site.example/feed.xml"}), site.settings())
    told = {s.url.rsplit("/", 1)[1]: s for s in trial.stories}
    assert told["story"].is_ok
    assert told["story"].title == "افتتاح جسر جديد على النهر"
    assert told["story"].published_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert (told["story"].paragraphs, told["story"].extraction_method) == (2, "container")
    assert told["menu"].problem == "no story was found on the page"
    assert "gone" in str(told["gone"].problem)
    assert not trial.is_ok


def test_a_source_that_works_is_well(site: HostileSite) -> None:
    site.put("/feed.xml", feed("/story"), kind="text/xml")
    site.put("/story", STORY.encode())
    assert try_source(source({"feed": "http://site.example/feed.xml"}), site.settings()).is_ok


def test_what_robots_txt_forbids_is_said(site: HostileSite) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /story\n", kind="text/plain")
    site.put("/feed.xml", feed("/story"), kind="text/xml")
    (story,) = try_source(source({"feed": "http://site.example/feed.xml"}), site.settings()).stories
    assert not story.is_ok
    assert "robots" in str(story.problem)
