"""Sitemaps, news sitemaps, and indexes of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from bs4.element import Tag

from marsad.scrape.discover import Listing, listing_body
from marsad.scrape.discover.xml import child_text, parse_xml, read_instant
from marsad.scrape.fetch import Fetcher
from marsad.scrape.urls import absolute
from marsad.sources import Source

MAX_CHILDREN = 50
"""Sitemaps of an index that are read: those changed since the day, newest first."""


def read_sitemaps(fetch: Fetcher, address: str, source: Source, day: date, *, may_be_absent: bool) -> Iterator[Listing]:
    """The addresses of a sitemap, or of the sitemaps of an index that can hold the day.

    Raises:
        SourceUnreachable, UnreadableListing: as the first sitemap does; a child that fails fails the route.
    """
    body = listing_body(fetch, address, may_be_absent=may_be_absent)
    if not body:
        return
    root = parse_xml(body, address, ("urlset", "sitemapindex"))
    if root.name.rpartition(":")[2] == "urlset":
        yield from _urls(root, address)
        return
    since, _ = source.day_bounds(day)
    children: list[tuple[datetime, str]] = []
    for child in root.find_all("sitemap"):
        if not isinstance(child, Tag):
            continue
        url = absolute(child_text(child, "loc") or "", address)
        changed = _changed(child_text(child, "lastmod"))
        if url and (changed is None or changed >= since):
            children.append((changed or datetime.max.replace(tzinfo=UTC), url))
    for _, url in sorted(children, reverse=True)[:MAX_CHILDREN]:
        inner = parse_xml(listing_body(fetch, url, may_be_absent=may_be_absent), url, ("urlset", "sitemapindex"))
        yield from _urls(inner, url)


def _urls(root: Tag, address: str) -> Iterator[Listing]:
    for entry in root.find_all("url"):
        if not isinstance(entry, Tag):
            continue
        url = absolute(child_text(entry, "loc") or "", address)
        if url is None:
            continue
        news = next((t for t in entry.find_all(True, recursive=False) if t.name.rpartition(":")[2] == "news"), None)
        published = child_text(news, "publication_date") if isinstance(news, Tag) else None
        title = child_text(news, "title") if isinstance(news, Tag) else None
        yield Listing(url, read_instant(published or child_text(entry, "lastmod")), title)


def _changed(text: str | None) -> datetime | None:
    """The last instant that a ``lastmod`` may mean: of a day alone, its end in the last zone of the world."""
    instant = read_instant(text)
    if instant is None and text:
        try:
            start = datetime.fromisoformat(text.strip()[:10]).replace(tzinfo=UTC)
        except ValueError:
            return None
        return start + timedelta(hours=36)
    return instant
