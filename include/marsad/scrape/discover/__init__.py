"""Discover: the URLs a source lists for a day. One small module a kind of route, one interface.

A route gives *listings*: an address with what the listing says of it. Which day a listing is
filed under is decided here, in one place:

- a dated route was asked for the day, so what it lists belongs to the day, whatever ``lastmod`` says
  (a page edited later still stands in its own day's sitemap; clean decides by the page itself);
- else the listed instant decides, unless it lies in the future (some feeds run hours ahead);
- else nobody knows, and it is filed under the day it was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from marsad.errors import SourceUnreachable, UnreadableListing
from marsad.scrape.fetch import LISTING_TYPES, Fetched, Fetcher
from marsad.scrape.record import LATER_OUTCOMES, Sighting
from marsad.sources import Route, Source


@dataclass(frozen=True, slots=True)
class Listing:
    """An address as a route shows it."""

    url: str
    listed_at: datetime | None = None
    title: str | None = None


def route_name(route: Route, day: date) -> str:
    """How ``discovered_by`` names a route: its kind and address."""
    return f"{route.kind}: {route.address_on(day)}"


def discover(
    route: Route, source: Source, day: date, fetch: Fetcher, now: Callable[[], datetime]
) -> Iterator[Sighting]:
    """The sightings of one route.

    Raises:
        SourceUnreachable: it does not answer now.
        UnreadableListing: it answers with something else than it should.
    """
    from marsad.scrape.discover import archive, feed, files, sitemap

    address = route.address_on(day)
    listings: Iterator[Listing]
    if route.kind == "files":
        listings = files.FileStore(route).listings(source.zone)
    elif route.kind == "feed":
        listings = feed.read_feed(listing_body(fetch, address), address)
    elif route.kind == "archive":
        body = listing_body(fetch, address, may_be_absent=route.is_dated)
        listings = archive.read_archive(body, address, route.link_pattern)
    else:
        listings = sitemap.read_sitemaps(fetch, address, source, day, may_be_absent=route.is_dated)
    seen_at = now()
    name = route_name(route, day)
    for item in listings:
        listed_at = item.listed_at if item.listed_at is None or item.listed_at <= seen_at else None
        if route.kind == "files":
            filed = source.day_of(listed_at) if listed_at else day
        elif route.is_dated:
            filed = day
        else:
            filed = source.day_of(listed_at or seen_at)
        yield Sighting(source.name, filed, item.url, name, seen_at, listed_at, item.title)


def listing_body(fetch: Fetcher, address: str, *, may_be_absent: bool = False) -> bytes:
    """The bytes of a listing; empty where a dated one is not there: nothing was listed that day.

    Raises:
        SourceUnreachable, UnreadableListing: see :func:`discover`.
    """
    found: Fetched = fetch.get(address, types=LISTING_TYPES)
    if found.outcome == "captured":
        return found.body
    if may_be_absent and found.outcome in ("not_found", "gone"):
        return b""
    message = f"{address}: {found.outcome}: {found.error}"
    later = found.http_status is None or found.http_status >= 500 or found.http_status == 429
    if found.outcome in LATER_OUTCOMES and later:
        raise SourceUnreachable(message)
    raise UnreadableListing(message)
