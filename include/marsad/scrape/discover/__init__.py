"""Discover: the URLs a source lists for a day. One small module a kind of route, one interface.

A route gives *listings*: an address with what the listing says of it. Which day a listing is
filed under is decided here, in one place:

- a dated route was asked for the day, so what it lists belongs to the day, whatever ``lastmod`` says
  (a page edited later still stands in its own day's sitemap; clean decides by the page itself);
- else the listed instant decides, unless it lies in the future (some feeds run hours ahead);
- else nobody knows: it is filed under the day asked for, if that is today or has just ended, else
  under the day it was seen (what a front page shows today tells nothing of a day last year).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from marsad.errors import SourceUnreachable, UnreadableListing
from marsad.lake import Lake
from marsad.scrape.answer import Fetched
from marsad.scrape.headers import LISTING_TYPES
from marsad.scrape.record import LATER_OUTCOMES, Sighting
from marsad.sources import Route, Source


class Getter(Protocol):
    """What listings are fetched with."""

    def get(self, url: str, *, types: frozenset[str], max_bytes: int | None = None) -> Fetched:
        """One address."""


@dataclass(frozen=True, slots=True)
class Listing:
    """An address as a route shows it."""

    url: str
    listed_at: datetime | None = None
    title: str | None = None
    listed_on: date | None = None
    """The day, where the listing gives no more than that."""


def route_name(route: Route, day: date) -> str:
    """How ``discovered_by`` names a route: its kind and address."""
    return f"{route.kind}: {route.address_on(day)}"


def discover(
    route: Route,
    source: Source,
    day: date,
    fetch: Getter,
    now: Callable[[], datetime],
    *,
    lake: Lake | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Iterator[Sighting]:
    """The sightings of one route.

    Args:
        lake: where a ``ccnews`` route keeps the pages it finds; the others need none.
        progress: told how far a long reading is.

    Raises:
        SourceUnreachable: it does not answer now.
        UnreadableListing: it answers with something else than it should.
    """
    from marsad.scrape.discover import cdx, feed, files, pages, sitemap

    address = route.address_on(day)
    listings: Iterator[Listing]
    if route.kind == "files":
        store = files.open_store(route)
        listings = store.listings(source.zone)
        store.close()  # its list of pages is read; the pages are not
    elif route.kind == "sitemap":
        listings = sitemap.read_sitemaps(fetch, address, source, day, may_be_absent=route.is_dated)
    elif route.kind == "cdx":
        listings = cdx.read_cdx(fetch, route, source, day)
    elif route.kind == "ccnews":
        listings = _ccnews(route, source, day, fetch, lake, progress)
    elif route.kind == "feed":
        page = fetch_listing(fetch, address, may_be_absent=route.is_dated)
        listings = feed.read_feed(page.body, page.address, source.zone) if page else iter(())
    else:
        listings = pages.read_pages(fetch, route, source, day)
    seen_at = now()
    name = route_name(route, day)
    for item in listings:
        listed_at = item.listed_at if item.listed_at is None or item.listed_at <= seen_at else None
        known_day = source.day_of(listed_at) if listed_at else item.listed_on
        if known_day is not None and known_day > source.day_of(seen_at):
            known_day = None
        if route.kind == "files":
            filed = known_day or day
        elif route.is_dated:
            filed = day
        else:
            today = source.day_of(seen_at)
            filed = known_day or (day if today - day <= timedelta(days=1) else today)
        yield Sighting(source.name, filed, item.url, name, seen_at, listed_at, item.title)


def _ccnews(
    route: Route,
    source: Source,
    day: date,
    fetch: Getter,
    lake: Lake | None,
    progress: Callable[[str, int, int], None] | None,
) -> Iterator[Listing]:
    from marsad.scrape.discover.ccnews import read_ccnews
    from marsad.scrape.fetch import Fetcher

    if lake is None or not isinstance(fetch, Fetcher):
        raise NotImplementedError("a ccnews route streams files: it needs a lake and a fetcher")
    return read_ccnews(fetch, route, source, day, lake, progress)


@dataclass(frozen=True, slots=True)
class ListingPage:
    """What a listing's address gave: the bytes, and the address they came from in the end."""

    address: str
    body: bytes


def fetch_listing(
    fetch: Getter,
    address: str,
    *,
    may_be_absent: bool = False,
    is_further: bool = False,
    max_bytes: int | None = None,
    types: frozenset[str] = LISTING_TYPES,
) -> ListingPage | None:
    """A listing; None where a dated one is not there (nothing was listed that day), and where it has not changed.

    Args:
        is_further: a page behind the first: it may be missing too, and 400 is how WordPress says so.

    Raises:
        SourceUnreachable, UnreadableListing: see :func:`discover`.
    """
    found: Fetched = fetch.get(address, types=types, max_bytes=max_bytes)
    if found.outcome == "captured":
        return ListingPage(found.final_url or address, found.body)
    if found.outcome == "unchanged":  # the getter knew an earlier answer
        return None
    if is_further and found.http_status in (400, 404, 410):
        return None
    if may_be_absent and found.outcome in ("not_found", "gone"):
        return None
    message = f"{address}: {found.outcome}: {found.error}"
    later = found.http_status is None or found.http_status >= 500 or found.http_status == 429
    if found.outcome in LATER_OUTCOMES and later:
        raise SourceUnreachable(message)
    raise UnreadableListing(message)
