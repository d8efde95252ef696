"""`sources check`: what works now, route by route."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime, timedelta

from hostile_site import HostileSite, page, source
from marsad.scrape.check import check


def test_each_route_says_how_it_is(site: HostileSite) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    item = f"<item><link>/1</link><pubDate>{email.utils.format_datetime(yesterday)}</pubDate></item>"
    site.put("/feed.xml", f"<rss><channel>{item}</channel></rss>".encode(), kind="text/xml")
    site.put("/html.xml", page())
    site.put("/down.xml", status=503)
    routes = [{"feed": f"http://site.example/{n}.xml"} for n in ("feed", "html", "down")]
    dated = {"sitemap": "http://site.example/{year}.xml"}
    good, html, down, empty = check(source(*routes, dated), site.settings())
    assert (good.is_ok, good.count, good.error) == (True, 1, None)
    assert good.newest == yesterday.replace(microsecond=0).isoformat()
    assert (html.is_ok, html.count) == (False, 0)
    assert "is not XML" in str(html.error)
    assert "503" in str(down.error)
    assert (empty.is_ok, empty.error) == (False, "lists nothing")
    assert good.route == "feed: http://site.example/feed.xml"
