"""Routes: what is listed, under which day it is filed, and what is refused as no listing."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile_site import HostileSite, answer, source
from marsad.errors import SourceUnreachable, UnreadableListing
from marsad.scrape.discover import discover
from marsad.scrape.discover.archive import read_archive
from marsad.scrape.discover.feed import read_feed
from marsad.scrape.discover.xml import parse_xml, read_moment
from marsad.scrape.fetch import Fetcher
from marsad.scrape.record import Sighting
from marsad.sources import Route, Source

DAY = date(2026, 3, 3)
NOW = datetime(2026, 3, 4, 0, 5, tzinfo=UTC)  # 02:05 in Beirut: the day has just ended
LONG_AFTER = datetime(2026, 11, 20, tzinfo=UTC)
BASE = "http://site.example"
Make = Callable[..., Fetcher]
BEIRUT = source().zone


def seen(source: Source, fetch: Fetcher, now: datetime = NOW) -> list[Sighting]:
    return list(discover(source.discover[0], source, DAY, fetch, lambda: now))


def item(url: str, date_: str = "", title: str = "خبر") -> str:
    return f"<item><title>{title}</title><link>{url}</link>{date_}</item>"


def rss(*items: str, encoding: str = "utf-8") -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>ق</title>{"".join(items)}</channel></rss>'


FEEDS = {
    "RSS 2.0": rss(item("/1", "<pubDate>Tue, 03 Mar 2026 10:00:00 +0200</pubDate>")).encode(),
    "RSS 0.91": b'<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.example/rss.dtd">'
    + '<rss version="0.91"><channel><item><title>خبر</title><link>http://site.example/1</link>'
    "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate></item></channel></rss>".encode(),
    "RSS 1.0": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel/><item rdf:about="http://site.example/1">'
        "<title>خبر</title><link>http://site.example/1</link><dc:date>2026-03-03T10:00:00+02:00</dc:date></item></rdf:RDF>"
    ).encode(),
    "Atom": (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>خبر</title>'
        '<link rel="self" href="/self"/><link rel="alternate" href="http://site.example/1"/>'
        "<published>2026-03-03T08:00:00Z</published><updated>2026-03-05T08:00:00Z</updated></entry></feed>"
    ).encode(),
    "Atom with base-less relative link": (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>خبر</title><link href="1"/>'
        "<published>2026-03-03T08:00:00Z</published></entry></feed>"
    ).encode(),
    "the address in guid alone": rss(
        "<item><title>خبر</title><guid>http://site.example/1</guid><pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate></item>"
    ).encode(),
    "UTF-16 that says UTF-8": rss(item("/1", "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>")).encode("utf-16"),
    "UTF-16-LE without a mark": rss(item("/1", "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>")).encode("utf-16-le"),
    "UTF-16-BE without a mark": rss(item("/1", "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>")).encode("utf-16-be"),
    "windows-1256, declared": rss(
        item("/1", "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>"), encoding="windows-1256"
    ).encode("windows-1256"),
    "an encoding that does not exist": rss(
        item("/1", "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>"), encoding="utf-9"
    ).encode(),
    "blank lines before the declaration": b"\n\n  " + rss(item("/1", "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>")).encode(),
    "an unescaped ampersand, an unknown entity, a control character": rss(
        item("/1", "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate><description>أ & ب &nbsp; \x0b</description>")
    ).encode(),
    "cut short": rss(item("/1", "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>") + "<item><title>ناقص").encode()[:-30],
    "gzip as a file": gzip.compress(rss(item("/1", "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>")).encode()),
    "a local time without its zone": rss(item("/1", "<pubDate>2026-03-03 10:00:00</pubDate>")).encode(),
    "Arabic digits": rss(item("/1", "<pubDate>٢٠٢٦-٠٣-٠٣T١٠:٠٠:٠٠+02:00</pubDate>")).encode(),
    "CDATA": rss(item("<![CDATA[ http://site.example/1 ]]>", "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>", "<![CDATA[خبر]]>")).encode(),
}  # fmt: skip


@pytest.mark.parametrize("kind", FEEDS)
def test_feeds_as_they_are_served(site: HostileSite, fetcher: Make, kind: str) -> None:
    site.put("/feed.xml", FEEDS[kind], kind="application/rss+xml")
    found = seen(source(), fetcher())
    assert [(s.url, s.title, s.date) for s in found] == [(f"{BASE}/1", "خبر", DAY)]
    assert found[0].listed_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert found[0].discovered_by == f"feed: {BASE}/feed.xml"


BOMB = '<!DOCTYPE rss [<!ENTITY a "لول"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
NO_FEEDS = {
    "HTML": (b"<!doctype html><html><body><h1>x</h1></body></html>", "is not XML with rss or feed or rdf"),
    "empty": (b"", "begins with 'nothing'"),
    "text": ("لا توجد خلاصة".encode(), "لا توجد خلاصة"),
    "JSON": (b'{"items": []}', "is not XML"),
    "an entity bomb": ((BOMB + rss(item("/1", title="&b;"))).encode(), "declares XML entities"),
    "an entity bomb in UTF-16": ((BOMB + rss(item("/1", title="&b;"))).encode("utf-16"), "declares XML entities"),
    "an entity bomb in UTF-7": (
        b'<?xml version="1.0" encoding="utf-7"?>' + (BOMB + "<rss/>").encode("utf-7").replace(b"<", b"+ADw-"), "is not XML",
    ),
    "an external entity": (
        b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>',
        "declares XML entities",
    ),
    "an entity far down": (b"<!--" + b"x" * 200_000 + b"-->" + BOMB.encode() + b"<rss/>", "declares XML entities"),
    "broken gzip": (b"\x1f\x8b\x08\x00nothing", "broken gzip"),
    "a gzip bomb": (gzip.compress(bytes(80_000_000)), "once decompressed"),
    "millions of tags": (gzip.compress(b"<rss>" + b"<a/>" * 2_100_000), "tags; it is not read"),
    "a codec that is no encoding": (b'<?xml version="1.0" encoding="zlib"?><html/>', "is not XML"),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_FEEDS)
def test_what_is_no_feed_is_refused_with_what_it_is(site: HostileSite, fetcher: Make, kind: str) -> None:
    body, said = NO_FEEDS[kind]
    site.put("/feed.xml", body, kind="application/rss+xml")
    with pytest.raises(UnreadableListing, match=said) as caught:
        seen(source(), fetcher())
    assert "feed.xml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.timed
@pytest.mark.parametrize(
    "body",
    [
        "<rss>" + "<a>" * 100_000,
        "<rss><channel>" + "<item>" * 50_000,
        "<?xml" * 200_000,
        "<rss " + "a='b' " * 100_000 + "/>",
        "<rss>" + "&#x41;" * 200_000 + "</rss>",
        "<rss>" + "<![CDATA[" * 50_000,
        "<rss xmlns:a='b'>" + "<a:b xmlns:c='d'>" * 20_000,
        "<rss xmlns:a='b'>" + "<a:b xmlns:c='d'>" * 20_000 + "</a:b>" * 20_000,
        "<rss>" + "<a:b xmlns:a='b'/>" * 20_000,
    ],
    ids=["deep", "items in items", "declarations", "attributes", "references", "cdata", "namespaces", "closed", "flat"],
)
def test_hostile_markup_takes_linear_time(body: str) -> None:
    began = time.monotonic()
    with pytest.raises(UnreadableListing) if not body.startswith("<rss") else _nothing():
        list(read_feed(body.encode(), f"{BASE}/feed.xml", BEIRUT))
    assert time.monotonic() - began < 5


class _nothing:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *args: Any) -> bool:
        return args[0] is UnreadableListing


@given(st.binary(max_size=300) | st.text(alphabet="<>/!?rsfed[]& \n\"'=;xmlCDATAitemخ", max_size=300).map(str.encode))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_bytes_break_the_reading_of_listings(body: bytes) -> None:
    for read in (
        lambda: list(read_feed(body, f"{BASE}/feed.xml", BEIRUT)),
        lambda: list(read_archive(body, f"{BASE}/a", None)),
        lambda: parse_xml(body, BASE, ("urlset",)),
    ):
        try:
            read()
        except UnreadableListing as error:
            assert BASE in str(error)  # noqa: PT017


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_moments(text: str) -> None:
    read_moment(text, BEIRUT)


@pytest.mark.parametrize(
    ("text", "instant", "day"),
    [
        ("Tue, 03 Mar 2026 23:30:00 +0000", datetime(2026, 3, 3, 23, 30, tzinfo=UTC), None),
        ("Tue, 03 Mar 2026 23:30:00 EST", datetime(2026, 3, 4, 4, 30, tzinfo=UTC), None),
        ("Tue, 03 Mar 2026 23:30:00 -0000", datetime(2026, 3, 3, 23, 30, tzinfo=UTC), None),
        ("2026-03-03T23:30:00.123Z", datetime(2026, 3, 3, 23, 30, 0, 123000, tzinfo=UTC), None),
        ("2026-03-03 23:30", datetime(2026, 3, 3, 21, 30, tzinfo=UTC), None),
        ("2026-03-03", None, date(2026, 3, 3)),
        ("03/03/2026", None, None),
        ("أمس", None, None),
        ("9999-12-31T23:59:59-12:00", None, None),
        ("0001-01-01T00:00:00+12:00", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_moments(text: str | None, instant: datetime | None, day: date | None) -> None:
    found = read_moment(text, BEIRUT)
    assert (found.instant, found.day) == (instant, day)


def test_a_feed_s_items_are_filed_under_their_listed_day_at_the_source(site: HostileSite, fetcher: Make) -> None:
    items = [
        item("/yesterday", "<pubDate>Mon, 02 Mar 2026 21:59:00 GMT</pubDate>"),
        item("/first-minute", "<pubDate>Mon, 02 Mar 2026 22:00:00 GMT</pubDate>"),  # 00:00 on the 3rd in Beirut
        item("/from-the-future", "<pubDate>Fri, 06 Mar 2026 22:00:00 GMT</pubDate>"),
        item("/day-alone", "<pubDate>2026-03-01</pubDate>"),
        item("/no-date"),
    ]
    site.put("/feed.xml", rss(*items).encode(), kind="text/xml")
    days = {s.url.rpartition("/")[2]: (s.date.day, s.listed_at is not None) for s in seen(source(), fetcher())}
    assert days == {
        "yesterday": (2, True), "first-minute": (3, True), "from-the-future": (3, False), "day-alone": (1, False),
        "no-date": (3, False),
    }  # fmt: skip
    # what a feed shows today without a date says nothing of a day last year
    late = {s.url.rpartition("/")[2]: s.date for s in seen(source(), fetcher(), LONG_AFTER)}
    assert late["no-date"] == date(2026, 11, 20)
    assert late["yesterday"] == date(2026, 3, 2)


def sitemap(*urls: tuple[str, str]) -> bytes:
    rows = "".join(f"<url><loc>{u}</loc>{'<lastmod>' + m + '</lastmod>' if m else ''}</url>" for u, m in urls)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()


def index(*urls: tuple[str, str]) -> bytes:
    rows = "".join(f"<sitemap><loc>{u}</loc>{'<lastmod>' + m + '</lastmod>' if m else ''}</sitemap>" for u, m in urls)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'.encode()


DATED = source({"sitemap": "http://site.example/sitemap/{year}/{month:02}/{day:02}.xml"})
PLAIN = source({"sitemap": "http://site.example/sitemap.xml"})


def test_what_a_dated_sitemap_lists_belongs_to_its_day(site: HostileSite, fetcher: Make) -> None:
    site.put("/sitemap/2026/03/03.xml", sitemap(("/1", "2026-03-09"), ("/2", "2026-03-01T00:00:00Z"), ("/3", "")))
    found = seen(DATED, fetcher(), LONG_AFTER)
    assert [(s.url, s.date) for s in found] == [(f"{BASE}/{n}", DAY) for n in (1, 2, 3)]
    assert found[0].discovered_by == f"sitemap: {BASE}/sitemap/2026/03/03.xml"


@pytest.mark.parametrize("status", [404, 410])
def test_a_dated_address_that_is_not_there_lists_nothing(site: HostileSite, fetcher: Make, status: int) -> None:
    site.put("/sitemap/2026/03/03.xml", status=status)
    assert seen(DATED, fetcher()) == []
    site.put("/sitemap.xml", status=status)
    with pytest.raises(UnreadableListing, match=str(status)):
        seen(PLAIN, fetcher())


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, SourceUnreachable), (503, SourceUnreachable), (429, SourceUnreachable), (403, UnreadableListing)],
)
def test_later_and_never_are_told_apart(site: HostileSite, fetcher: Make, status: int, kind: type[Exception]) -> None:
    site.put("/sitemap/2026/03/03.xml", status=status)
    with pytest.raises(kind, match=f"03.xml.*{status}"):
        seen(DATED, fetcher())


def test_a_news_sitemap_gives_titles_and_instants(site: HostileSite, fetcher: Make) -> None:
    body = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        "<url><loc>http://site.example/1</loc><lastmod>2026-03-09T00:00:00Z</lastmod><news:news><news:publication>"
        "<news:name>موقع</news:name></news:publication><news:publication_date>2026-03-03T08:00:00+02:00</news:publication_date>"
        "<news:title>عنوان الخبر</news:title></news:news></url></urlset>"
    )
    site.put("/sitemap.xml", body.encode(), kind="application/xml")
    (found,) = seen(PLAIN, fetcher())
    assert (found.title, found.listed_at, found.date) == ("عنوان الخبر", datetime(2026, 3, 3, 6, tzinfo=UTC), DAY)


def test_an_index_is_followed_where_it_can_hold_the_day(site: HostileSite, fetcher: Make) -> None:
    site.put(
        "/sitemap.xml",
        index(
            ("/old.xml", "2026-03-01"),
            ("/same.xml", "2026-03-03"),
            ("/new.xml.gz", "2026-03-09T00:00:00Z"),
            ("/unknown.xml", ""),
        ),
    )
    site.put("/same.xml", sitemap(("/1", "2026-03-03T09:00:00+02:00")))
    site.put("/new.xml.gz", gzip.compress(sitemap(("/2", "2026-03-03"))), kind="application/x-gzip")
    site.put("/unknown.xml", index(("/deep.xml", ""), ("/sitemap.xml", "")))
    site.put("/deep.xml", sitemap(("/3", "2026-03-02")))
    found = seen(PLAIN, fetcher(), LONG_AFTER)
    assert {(s.url, s.date.day) for s in found} == {(f"{BASE}/1", 3), (f"{BASE}/2", 3), (f"{BASE}/3", 2)}
    assert "/old.xml" not in site.paths()
    assert len(site.paths()) == len(set(site.paths()))


def test_one_failing_child_does_not_hide_the_others(site: HostileSite, fetcher: Make) -> None:
    site.put("/sitemap.xml", index(("/bad.xml", ""), ("/down.xml", ""), ("/good.xml", "")))
    site.put("/bad.xml", b"<html/>")
    site.put("/down.xml", status=503)
    site.put("/good.xml", sitemap(("/1", "")))
    found: Iterator[Sighting] = discover(PLAIN.discover[0], PLAIN, DAY, fetcher(), lambda: NOW)
    got = []
    with pytest.raises(SourceUnreachable, match=r"down\.xml"):
        got.extend(found)
    # a list takes what came before the failure
    assert [s.url for s in got] == [f"{BASE}/1"]


def test_an_endless_index_ends(site: HostileSite, fetcher: Make) -> None:
    count = 0

    def act(handler: Any) -> None:
        nonlocal count
        count += 1
        answer(index(*((f"/s{count}-{n}.xml", "") for n in range(30))))(handler)

    site.acts["*"] = act
    site.put("/robots.txt", status=404)
    assert seen(PLAIN, fetcher()) == []
    assert len(site.paths()) <= 51


ARCHIVE = source({"archive": "http://site.example/archive?d={year}{month:02}{day:02}", "link_pattern": r"/خبر/\d+"})


def test_an_archive_page_lists_the_links_of_its_own_site(site: HostileSite, fetcher: Make) -> None:
    body = """<html><head><base href="http://site.example/sub/"></head><body>
        <a href="/خبر/1">الأول</a> <a href="http://www.site.example/%D8%AE%D8%A8%D8%B1/2">الثاني</a>
        <a href="/خبر/1#c">تعليقات</a> <a href="http://other.example/خبر/3">غيره</a> <a href="/about">عنا</a>
        <a href="javascript:x">x</a> <a>بلا</a> <a href="../خبر/4"> الرابع <b>هنا</b></a></body></html>"""
    site.put("/archive?d=20260303", body.encode("windows-1256"), kind="text/html; charset=windows-1256")
    body_1256 = body.replace("<head>", '<head><meta charset="windows-1256">').encode("windows-1256")
    site.put("/archive?d=20260303", body_1256, kind="text/html; charset=windows-1256")
    found = seen(ARCHIVE, fetcher(), LONG_AFTER)
    path = "%D8%AE%D8%A8%D8%B1"
    assert [(s.url, s.title) for s in found] == [
        (f"{BASE}/{path}/1", "الأول"), (f"http://www.site.example/{path}/2", "الثاني"), (f"{BASE}/{path}/4", "الرابع هنا"),
    ]  # fmt: skip
    assert {s.date for s in found} == {DAY}


def test_without_a_pattern_numbers_and_slugs_are_stories(site: HostileSite) -> None:
    body = (
        '<a href="/story/12345">1</a><a href="/a-b-c-d">2</a><a href="/sport">3</a><a href="/خبر-مهم-جدا-اليوم">4</a>'
    )
    urls = [x.title for x in read_archive(body.encode(), f"{BASE}/day", None)]
    assert urls == ["1", "2", "4"]


@pytest.mark.timed
def test_links_made_to_be_slow_to_match_are_not(site: HostileSite) -> None:
    body = "".join(f'<a href="/{"a-" * 2}{"b" * 3000}{n:02}">x</a>' for n in range(400))
    began = time.monotonic()
    list(read_archive(body.encode(), f"{BASE}/day", None))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no page of links"),
        ("<p>لا روابط</p>".encode(), "no page of links"),
        (b"<a href=x>" * 300_001, "tags; it is not read"),
        (b"x" * 5_000_001, "more than 5000000"),
    ],
)
def test_what_is_no_archive_page_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(UnreadableListing, match=said):
        list(read_archive(body, f"{BASE}/archive", None))


def test_relative_links_are_read_from_where_a_redirect_led(site: HostileSite, fetcher: Make) -> None:
    site.put("/feed.xml", status=301, Location="/rss/all.xml")
    site.put("/rss/all.xml", rss(item("1")).encode(), kind="text/xml")
    assert [s.url for s in seen(source(), fetcher())] == [f"{BASE}/rss/1"]


def test_a_dated_route_is_one_whose_address_holds_the_day() -> None:
    assert Route(kind="archive", address="http://x.example/{year}").is_dated
    assert not Route(kind="feed", address="http://x.example/feed").is_dated
