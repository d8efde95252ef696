"""Listings with several pages, and JSON: what is listed, and where reading stops."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_site import HostileSite, answer, source
from marsad.errors import SourceUnreachable, UnreadableListing
from marsad.scrape.discover import discover
from marsad.scrape.discover.archive import read_archive
from marsad.scrape.discover.json_listing import at_path, read_json_listing
from marsad.scrape.fetch import Fetcher
from marsad.scrape.record import Sighting
from marsad.sources import Route

DAY = date(2026, 3, 3)
NOW = datetime(2026, 3, 3, 20, tzinfo=UTC)
BASE = "http://site.example"
JSON = "application/json; charset=utf-8"
ZONE = source().zone
Make = Callable[..., Fetcher]


def seen(fetch: Fetcher, **route: Any) -> list[Sighting]:
    facts = source(route)
    return list(discover(facts.discover[0], facts, DAY, fetch, lambda: NOW))


def names(sightings: list[Sighting]) -> list[str]:
    return [s.url.removeprefix(BASE) for s in sightings]


def links(*paths: str, after: str = "") -> bytes:
    return (
        "<html><body>" + "".join(f"<p><a href='{p}'>خبر</a></p>" for p in paths) + after + "</body></html>"
    ).encode()


def test_pages_are_read_by_number_until_one_brings_nothing_new(site: HostileSite, fetcher: Make) -> None:
    site.put("/s", links("/101", "/102"))
    site.put("/s?page=2", links("/102", "/103"))
    site.put("/s?page=3", links("/103"))
    site.put("/s?page=4", links("/104"))
    found = seen(fetcher(), section=f"{BASE}/s", next=BASE + "/s?page={page}")
    assert names(found) == ["/101", "/102", "/103"]
    assert "/s?page=4" not in site.paths()


def test_pages_are_read_by_the_link_that_a_selector_finds(site: HostileSite, fetcher: Make) -> None:
    site.put("/s", links("/101", after="<li class=next><a href='/s/2'>التالي</a></li>"))
    site.put("/s/2", links("/102", after="<li class=next><a href='/s'>التالي</a></li>"))  # and round again
    assert names(seen(fetcher(), section=f"{BASE}/s", next="li.next")) == ["/101", "/102"]
    assert site.paths() == ["/s", "/s/2"]


def test_a_next_page_on_another_host_is_not_followed(site: HostileSite, fetcher: Make) -> None:
    site.put("/s", links("/101", after="<a rel=next href='http://other.example/s'>التالي</a>"))
    assert names(seen(fetcher("site.example", "other.example"), section=f"{BASE}/s", next="[rel=next]")) == ["/101"]


def test_a_calendar_without_end_costs_max_pages(site: HostileSite, fetcher: Make) -> None:
    def forever(handler: Any) -> None:
        number = int(handler.path.rpartition("/")[2] or 0)
        answer(links(f"/{1000 + number}", after=f"<a class=n href='/cal/{number + 1}'>التالي</a>"))(handler)

    site.acts["*"] = forever
    site.put("/robots.txt", b"", 404)
    found = seen(fetcher(), section=f"{BASE}/cal/0", next="a.n", max_pages=7)
    assert len(found) == 7
    assert len(site.paths()) == 7


def test_reading_stops_where_all_is_older_than_the_day(site: HostileSite, fetcher: Make) -> None:
    def story(number: int, day: str) -> str:
        return f"<article><h2><a href='/{number}'>خبر</a></h2><time datetime='{day}T10:00:00+02:00'>ت</time></article>"

    for number, days in enumerate((["2026-03-03", "2026-03-02"], ["2026-02-20", "2026-02-19"], ["2026-01-01"]), 1):
        body = "".join(story(number * 100 + n, day) for n, day in enumerate(days))
        site.put("/s" if number == 1 else f"/s?page={number}", body.encode())
    found = seen(fetcher(), section=f"{BASE}/s", next=BASE + "/s?page={page}")
    assert [(s.url[-3:], s.date.isoformat()) for s in found] == [
        ("100", "2026-03-03"),
        ("101", "2026-03-02"),
        ("200", "2026-02-20"),
        ("201", "2026-02-19"),
    ]
    assert len(site.paths()) == 2


def test_what_stood_before_a_page_that_fails_is_kept(site: HostileSite, fetcher: Make) -> None:
    site.put("/s", links("/101"))
    site.put("/s?page=2", b"down", 503)
    facts = source({"section": f"{BASE}/s", "next": BASE + "/s?page={page}"})
    found: list[Sighting] = []
    with pytest.raises(SourceUnreachable):
        found += discover(facts.discover[0], facts, DAY, fetcher(), lambda: NOW)
    assert names(found) == ["/101"]


@pytest.mark.parametrize("status", [404, 410])
def test_the_page_behind_the_last_may_be_missing(site: HostileSite, fetcher: Make, status: int) -> None:
    site.put("/s", links("/101"))
    site.put("/s?page=2", b"", status)
    assert names(seen(fetcher(), section=f"{BASE}/s", next=BASE + "/s?page={page}")) == ["/101"]


def test_a_time_that_may_be_of_two_stories_is_nobodys() -> None:
    body = """<div><a href='/101'>أ</a><a href='/102'>ب</a><time datetime='2026-03-03T10:00Z'>ت</time></div>
    <div><div><a href='/103'><img></a><a href='/103'>ج</a></div><span><time datetime='2026-03-03T11:00Z'>ت</time></span></div>
    <div><a href='/104'>د</a><time datetime='2026-03-03T10:00Z'>ت</time><time datetime='2026-03-04T10:00Z'>ت</time></div>
    <div><a href='/105'>ه</a><time datetime='أمس'>ت</time></div>"""
    found = {x.url[-3:]: x for x in read_archive(body.encode(), f"{BASE}/s", None, ZONE)}
    assert {k: v.listed_at for k, v in found.items() if v.listed_at} == {"103": datetime(2026, 3, 3, 11, tzinfo=UTC)}
    assert found["103"].title == "ج"


def test_a_selector_that_is_none_is_said(site: HostileSite, fetcher: Make) -> None:
    site.put("/s", links("/101"))
    with pytest.raises(UnreadableListing, match="neither CSS"):
        seen(fetcher(), section=f"{BASE}/s", next="a[[")


WORDPRESS = [
    {
        "link": f"{BASE}/101",
        "date_gmt": "2026-03-03T08:00:00",
        "title": {"rendered": "خبر &#8220;عاجل&#8221; <b>الآن</b>"},
    },
    {"link": "/102", "date_gmt": "2026-03-03T23:30:00", "title": {"rendered": "آخر"}},
    {"link": None, "date_gmt": "2026-03-03T08:00:00"},
    "junk",
]
FIELDS = {"items": "", "url": "link", "title": "title.rendered", "date": "date_gmt", "timezone": "UTC"}


def test_wordpress(site: HostileSite, fetcher: Make) -> None:
    site.put("/wp?after=2026-03-03", json.dumps(WORDPRESS[:1]).encode(), kind=JSON)
    site.put("/wp?after=2026-03-03&page=2", json.dumps(WORDPRESS[1:]).encode(), kind=JSON)
    site.put("/wp?after=2026-03-03&page=3", b'{"code": "rest_post_invalid_page_number"}', 400, kind=JSON)
    address = BASE + "/wp?after={year}-{month:02}-{day:02}"
    # 400 is what WordPress answers behind its last page
    found = seen(fetcher(), json=address, next=address + "&page={page}", fields=FIELDS)
    assert [(s.url[-3:], s.title) for s in found] == [("101", "خبر “عاجل” الآن"), ("102", "آخر")]
    assert found[0].listed_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert {s.date for s in found} == {DAY}  # a dated route was asked for the day


def test_json_feed_needs_no_fields_and_goes_on_by_a_path(site: HostileSite, fetcher: Make) -> None:
    first = {
        "items": [{"url": "/101", "title": "خبر", "date_published": "2026-03-03T10:00:00+03:00"}],
        "more": f"{BASE}/f2",
    }
    site.put("/f", json.dumps(first).encode(), kind="application/feed+json")
    site.put("/f2", json.dumps({"items": [{"url": "/102"}]}).encode("utf-16"), kind=JSON)
    assert names(seen(fetcher(), json=f"{BASE}/f", next="more")) == ["/101", "/102"]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (1772524800, datetime(2026, 3, 3, 8, tzinfo=UTC)),
        (1772524800000, datetime(2026, 3, 3, 8, tzinfo=UTC)),
        ("2026-03-03T10:00:00", datetime(2026, 3, 3, 8, tzinfo=UTC)),  # the source's zone, Beirut
        (True, None),
        (1e300, None),
        ("أمس", None),
        (None, None),
        ([], None),
    ],
)
def test_dates_in_json(value: Any, wanted: datetime | None) -> None:
    body = json.dumps({"items": [{"url": "/1", "date_published": value}]}).encode()
    route = source({"json": f"{BASE}/f"}).discover[0]
    assert [x.listed_at for x in read_json_listing(body, f"{BASE}/f", route, ZONE)] == [wanted]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "is not JSON"),
        (b"", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"posts": []}', "has no list at 'items'"),
        (b'{"items": 3}', "has no list at 'items'"),
        (b" " * 10_000_001, "more than"),
    ],
)
def test_what_is_no_json_listing_is_said(body: bytes, said: str) -> None:
    route = source({"json": f"{BASE}/f"}).discover[0]
    with pytest.raises(UnreadableListing, match=said):
        list(read_json_listing(body, f"{BASE}/f", route, ZONE))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["items", "url", "title", "0"]), inner),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_no_json_breaks_the_reader(value: Any) -> None:
    route = Route(kind="json", address=f"{BASE}/f")
    try:
        found = list(read_json_listing(json.dumps(value).encode(), f"{BASE}/f", route, ZONE))
    except UnreadableListing:
        return
    assert all(x.url.startswith("http") for x in found)


@given(JSON_VALUES, st.lists(st.sampled_from(["items", "0", "url", "99999999999", "-1", "٣"]), max_size=4))
def test_a_path_leads_somewhere_or_to_nothing(value: Any, path: list[str]) -> None:
    at_path(value, ".".join(path))


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ({"feed": "http://s.example/f", "next": "a"}, "next is for archive, section, json; a feed has none"),
        ({"archive": "http://s.example/f", "index": "x.csv"}, "index is for files"),
        ({"section": "http://s.example/f", "fields": {}}, "fields is for json"),
        ({"section": "http://s.example/f", "link_pattern": "("}, "no regular expression"),
        ({"section": "http://s.example/f", "next": "http://s.example/{page}{x}"}, "cannot be filled in"),
        ({"section": "http://s.example/f", "max_pages": 1000}, "less than or equal to 200"),
        ({"json": "http://s.example/f", "fields": {"link": "x"}}, "fields.link"),
        ({"json": "http://s.example/f", "fields": {"timezone": "Mars/Base"}}, "unknown time zone"),
    ],
)
def test_an_option_that_does_nothing_is_an_error(route: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        source(route)
