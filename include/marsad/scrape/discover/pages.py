"""Listings that go on from page to page: sections, dated archives, JSON interfaces.

A site can make pages without end (a calendar that links to next month for ever, a "next" that leads
back). So reading stops at the first page that brings no new address, at one that was read before, where
every story of a page is older than the day asked for, and after ``max_pages`` in any case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from marsad.errors import UnreadableListing
from marsad.scrape.discover import Getter, Listing, ListingPage, fetch_listing
from marsad.scrape.discover.archive import next_link, read_archive
from marsad.scrape.discover.json_listing import JSON_LISTING_TYPES, next_address, read_json_listing
from marsad.scrape.headers import LISTING_TYPES
from marsad.scrape.urls import absolute
from marsad.sources import Route, Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What tells one kind of page from another: its media types, its reader, and where its next page is."""

    types: frozenset[str]
    read: Callable[[ListingPage, Route, Source], Iterator[Listing]]
    following: Callable[[ListingPage, str], str | None]


_HTML = _Kind(
    LISTING_TYPES,
    lambda page, route, source: read_archive(page.body, page.address, route.link_pattern, source.zone),
    lambda page, selector: next_link(page.body, page.address, selector),
)
_JSON = _Kind(
    JSON_LISTING_TYPES,
    lambda page, route, source: read_json_listing(page.body, page.address, route, source.zone),
    lambda page, path: next_address(page.body, page.address, path),
)


def read_pages(fetch: Getter, route: Route, source: Source, day: date) -> Iterator[Listing]:
    """The listings of a route's first page and, where it says how to go on, of those behind it.

    Raises:
        SourceUnreachable, UnreadableListing: a page; the ones before it were read.
    """
    kind = _JSON if route.kind == "json" else _HTML
    address: str | None = route.address_on(day)
    asked: set[str] = set()
    seen: set[str] = set()
    for number in range(1, route.max_pages + 1):
        if address is None or address in asked:
            return
        asked.add(address)
        page = fetch_listing(fetch, address, may_be_absent=route.is_dated, is_further=number > 1, types=kind.types)
        if page is None:
            return
        fresh: list[Listing] = []
        try:
            for item in kind.read(page, route, source):
                if item.url not in seen:
                    seen.add(item.url)
                    fresh.append(item)
        except UnreadableListing:
            if number == 1:
                raise
            return  # behind the last page many a site shows an empty one
        yield from fresh
        if not fresh or not route.next or all(_is_before(item, day, source) for item in fresh):
            return
        if "{page" in route.next:
            address = absolute(route.next_on(day, number + 1), page.address)
        else:
            address = kind.following(page, route.next)
    if address is not None and address not in asked and route.next:
        log.warning("%s: goes on behind page %d; max_pages says how far it is read", route.address, route.max_pages)


def _is_before(item: Listing, day: date, source: Source) -> bool:
    """Whether a story is surely of an earlier day; a day's grace, for pages are not always in order."""
    known = source.day_of(item.listed_at) if item.listed_at else item.listed_on
    return known is not None and known < day - timedelta(days=1)
