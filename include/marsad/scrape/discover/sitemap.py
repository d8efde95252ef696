"""Sitemaps, news sitemaps, and indexes of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from bs4.element import Tag

from marsad.errors import SourceUnreachable, UnreadableListing
from marsad.scrape.discover import Getter, Listing, fetch_listing
from marsad.scrape.discover.xml import child_text, parse_xml, read_moment
from marsad.scrape.urls import absolute
from marsad.sources import Source

log = logging.getLogger(__name__)

MAX_URLS = 100_000
MAX_CHILDREN = 50
"""Sitemaps of an index that are read: those changed since the day, newest first."""


MAX_DEPTH = 3
"""Indexes may list indexes; sitemaps.org forbids it, sites do it."""

MAX_SITEMAP_BYTES = 52_428_800
"""What sitemaps.org allows uncompressed; more than a page may have."""

_NEVER = datetime.max.replace(tzinfo=UTC)


def read_sitemaps(fetch: Getter, address: str, source: Source, day: date, *, may_be_absent: bool) -> Iterator[Listing]:
    """The addresses of a sitemap, or of the sitemaps of an index that can hold the day.

    Raises:
        SourceUnreachable, UnreadableListing: it, or one of an index's sitemaps; the others were read.
    """
    since, _ = source.day_bounds(day)
    waiting, seen = [(address, 1)], {address}
    failed: SourceUnreachable | UnreadableListing | None = None
    while waiting:
        url, depth = waiting.pop(0)
        try:
            page = fetch_listing(fetch, url, may_be_absent=may_be_absent, max_bytes=MAX_SITEMAP_BYTES)
            root = parse_xml(page.body, url, ("urlset", "sitemapindex")) if page else None
        except (SourceUnreachable, UnreadableListing) as error:
            # what passes is worth trying again: it is what must be said
            failed = error if failed is None or isinstance(error, SourceUnreachable) else failed
            continue
        if page is None or root is None:
            continue
        if root.name.rpartition(":")[2].lower() == "urlset":
            yield from _urls(root, page.address, source)
        elif depth < MAX_DEPTH:
            children = [u for u in _children(root, page.address, since, source) if u not in seen]
            room = MAX_CHILDREN + 1 - len(seen)
            if len(children) > room:
                log.warning("%s: lists %d sitemaps; the newest %d are read", url, len(children), room)
            seen.update(children[:room])
            waiting += [(child, depth + 1) for child in children[:room]]
    if failed is not None:
        raise failed


def _children(root: Tag, address: str, since: datetime, source: Source) -> list[str]:
    """The sitemaps of an index that were changed since an instant, newest first, unknown ones before."""
    found: dict[str, datetime] = {}
    for child in root.find_all(_is("sitemap")):
        if isinstance(child, Tag) and (url := absolute(child_text(child, "loc") or "", address)):
            moment = read_moment(child_text(child, "lastmod"), source.zone)
            # of a day alone: its end, in the last zone of the world
            end = datetime.combine(moment.day, time(), UTC) + timedelta(hours=36) if moment.day else None
            changed = moment.instant or end or _NEVER
            if changed >= since:
                found.setdefault(url, changed)
    return sorted(found, key=lambda u: (found[u], u), reverse=True)


def _urls(root: Tag, address: str, source: Source) -> Iterator[Listing]:
    for entry in root.find_all(_is("url"), limit=MAX_URLS):
        if not isinstance(entry, Tag):
            continue
        url = absolute(child_text(entry, "loc") or "", address)
        if url is None:
            continue
        news = next((t for t in entry.find_all(_is("news"), recursive=False) if isinstance(t, Tag)), None)
        published = child_text(news, "publication_date") if news else None
        title = child_text(news, "title") if news else None
        moment = read_moment(published or child_text(entry, "lastmod"), source.zone)
        yield Listing(url, moment.instant, title, moment.day)


def _is(name: str) -> Callable[[Tag], bool]:
    """Whether a tag has a local name, whatever its prefix."""
    return lambda tag: tag.name.rpartition(":")[2] == name
