"""Archive pages: an HTML page with the links of a day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag

from marsad.errors import UnreadableListing
from marsad.scrape.discover import Listing
from marsad.scrape.urls import absolute

MAX_LINKS = 5_000
MAX_PAGE_BYTES = 5_000_000
_STORY_PATH = re.compile(r"\d{3,}|[^/]+-[^/]+-[^/]+-")
"""Without a ``link_pattern``: an address with a number or a long slug is a story's, not a section's."""


def read_archive(body: bytes, address: str, link_pattern: str | None) -> Iterator[Listing]:
    """The story links of a page, in its order, each once, on the page's own host.

    Raises:
        UnreadableListing: too large, or it has no link at all.
    """
    if not body:
        return
    if len(body) > MAX_PAGE_BYTES:
        raise UnreadableListing(f"{address}: an archive page of {len(body)} bytes, more than {MAX_PAGE_BYTES}")
    pattern = re.compile(link_pattern) if link_pattern else _STORY_PATH
    soup = BeautifulSoup(body, "lxml")
    anchors = [a for a in soup.find_all("a", href=True, limit=MAX_LINKS) if isinstance(a, Tag)]
    if not anchors:
        raise UnreadableListing(f"{address}: is no page of links")
    host = urlsplit(address).hostname
    seen = {address}
    for anchor in anchors:
        url = absolute(str(anchor["href"]), address)
        if url is None or url in seen or urlsplit(url).hostname != host:
            continue
        if not pattern.search(url if link_pattern else unquote(urlsplit(url).path)):
            continue
        seen.add(url)
        yield Listing(url, None, anchor.get_text(" ", strip=True) or None)
