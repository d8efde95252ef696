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
MAX_TAGS = 300_000
_NUMBER = re.compile(r"\d{3,}")


def read_archive(body: bytes, address: str, link_pattern: str | None) -> Iterator[Listing]:
    """The story links of a page, in its order, each once, on the page's own host.

    Raises:
        UnreadableListing: too large, or it has no link at all.
    """
    if len(body) > MAX_PAGE_BYTES:
        raise UnreadableListing(f"{address}: an archive page of {len(body)} bytes, more than {MAX_PAGE_BYTES}")
    if body.count(b"<") > MAX_TAGS:
        raise UnreadableListing(f"{address}: an archive page of more than {MAX_TAGS} tags; it is not read")
    pattern = re.compile(link_pattern) if link_pattern else None
    soup = BeautifulSoup(body, "lxml")
    anchors = [a for a in soup.find_all("a", href=True, limit=MAX_LINKS) if isinstance(a, Tag)]
    if not anchors:
        raise UnreadableListing(f"{address}: is no page of links")
    base = soup.find("base", href=True)
    start = absolute(str(base["href"]), address) if isinstance(base, Tag) else None
    host = _site(address)
    seen = {address}
    for anchor in anchors:
        url = absolute(str(anchor["href"]), start or address)
        if url is None or url in seen or _site(url) != host:
            continue
        # patterns are written against addresses as people read them, Arabic unescaped, or as sent
        wanted = pattern.search(url) or pattern.search(unquote(url)) if pattern else _is_story(url)
        if not wanted:
            continue
        seen.add(url)
        yield Listing(url, None, anchor.get_text(" ", strip=True) or None)


def _site(url: str) -> str:
    """The host, for which www. makes no difference."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _is_story(url: str) -> bool:
    """Without a ``link_pattern``: an address with a number or a long slug is a story's, not a section's."""
    path = unquote(urlsplit(url).path)
    return bool(_NUMBER.search(path)) or any(part.count("-") >= 3 for part in path.split("/"))
