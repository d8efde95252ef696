"""JSON listings: WordPress' REST interface, JSON Feed, and the interfaces behind "load more" buttons."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup

from marsad.errors import UnreadableListing
from marsad.scrape.discover import Listing
from marsad.scrape.discover.archive import matches
from marsad.scrape.discover.xml import Moment, read_moment
from marsad.scrape.headers import LISTING_TYPES
from marsad.scrape.urls import absolute
from marsad.sources import Route

JSON_LISTING_TYPES = LISTING_TYPES | {
    "application/json", "text/json", "application/feed+json", "application/ld+json", "application/problem+json",
    "application/javascript", "text/javascript", "text/x-cdx", "application/x-ndjson",
}  # fmt: skip
MAX_JSON_BYTES = 10_000_000
MAX_ITEMS = 5_000
_MILLISECONDS = 1e11
"""A number of seconds since 1970 as large as this would be of the year 5138: it counts milliseconds."""


def read_json(body: bytes, address: str) -> Any:
    """A JSON document.

    Raises:
        UnreadableListing: too large, too deep, or none.
    """
    if len(body) > MAX_JSON_BYTES:
        raise UnreadableListing(f"{address}: {len(body)} bytes of JSON, more than {MAX_JSON_BYTES}")
    try:
        return json.loads(body)  # finds out UTF-8, UTF-16 and UTF-32 by itself
    except (ValueError, RecursionError) as error:
        why = "too deep" if isinstance(error, RecursionError) else str(error)
        start = " ".join(body[:60].decode("utf-8", "replace").split()) or "nothing"
        raise UnreadableListing(f"{address}: is not JSON ({why}); it begins with {start!r}") from None


def read_json_listing(body: bytes, address: str, route: Route, zone: ZoneInfo) -> Iterator[Listing]:
    """The items of a JSON document that have a usable address, by the route's ``fields``.

    Raises:
        UnreadableListing: it is no JSON, or has no list where ``fields.items`` says.
    """
    fields = route.fields
    found = at_path(read_json(body, address), fields.items)
    items = list(found.values()) if isinstance(found, dict) else found
    if not isinstance(items, list):
        where = f"at {fields.items!r}" if fields.items else "at its root"
        raise UnreadableListing(f"{address}: has no list {where}; see `fields: {{items: …}}` of the route")
    listed_in = ZoneInfo(fields.timezone) if fields.timezone else zone
    for item in items[:MAX_ITEMS]:
        url = at_path(item, fields.url)
        url = absolute(url, address) if isinstance(url, str) else None
        if url is None or not matches(url, route.link_pattern):
            continue
        moment = _moment(at_path(item, fields.date) if fields.date else None, listed_in)
        title = at_path(item, fields.title) if fields.title else None
        yield Listing(url, moment.instant, _plain(title) if isinstance(title, str) else None, moment.day)


def next_address(body: bytes, address: str, path: str) -> str | None:
    """The address of the next page that a document gives at a path."""
    found = at_path(read_json(body, address), path)
    return absolute(found, address) if isinstance(found, str) else None


def at_path(value: Any, path: str) -> Any:
    """What lies at a dotted path (``data.posts.0.link``) in a document; None where nothing does."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(value):
            value = value[int(step[:9])]
        else:
            return None
    return value


def _moment(value: Any, zone: ZoneInfo) -> Moment:
    """When, from a text, or a number of seconds or milliseconds since 1970."""
    if isinstance(value, str):
        return read_moment(value, zone)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Moment()
    try:
        return Moment(datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS else value, UTC))
    except (OverflowError, ValueError, OSError):
        return Moment()


def _plain(title: str) -> str | None:
    """A headline without the HTML that interfaces leave in it."""
    title = title[:2000]
    text = BeautifulSoup(title, "lxml").get_text(" ") if "<" in title else html.unescape(title)
    return " ".join(text.split()) or None
