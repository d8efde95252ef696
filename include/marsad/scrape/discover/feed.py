"""Feeds: RSS 0.9x, 1.0 (RDF), 2.0 and Atom."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from bs4.element import Tag

from marsad.scrape.discover import Listing
from marsad.scrape.discover.xml import child_text, parse_xml, read_moment
from marsad.scrape.urls import absolute

MAX_ITEMS = 5_000


def read_feed(body: bytes, address: str, zone: ZoneInfo) -> Iterator[Listing]:
    """The items of a feed that have a usable address.

    Raises:
        UnreadableListing: it is no feed.
    """
    root = parse_xml(body, address, ("rss", "feed", "rdf"))
    for item in root.find_all(["item", "entry"], limit=MAX_ITEMS):
        if not isinstance(item, Tag):
            continue
        url = absolute(_link(item), address)
        if url is None:
            continue
        listed = child_text(item, "pubDate", "published", "date", "issued", "updated")
        moment = read_moment(listed, zone)
        yield Listing(url, moment.instant, _title(item), moment.day)


def _title(item: Tag) -> str | None:
    """The headline, without the publisher's name that Google News puts behind it and into ``<source>``."""
    title, publisher = child_text(item, "title"), child_text(item, "source")
    if title and publisher:
        return title.removesuffix(f" - {publisher}").strip() or title
    return title


def _link(item: Tag) -> str:
    """RSS: the text of <link>, or a guid that is an address. Atom: the href of the alternate link."""
    guid = ""
    for child in item.find_all(True, recursive=False):
        if not isinstance(child, Tag):
            continue
        if child.name == "link":
            href = str(child.get("href") or "")
            if href and str(child.get("rel") or "alternate") == "alternate":
                return href
            if not href and child.get_text(strip=True):
                return child.get_text(strip=True)
        elif child.name == "guid" and str(child.get("isPermaLink") or "true") != "false":
            guid = child.get_text(strip=True)
    return guid if guid.startswith(("http://", "https://")) else ""
