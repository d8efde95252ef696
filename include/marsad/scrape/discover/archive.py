"""Archive and section pages: an HTML page with the links of a day, or of a subject."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup
from bs4.element import Tag
from soupsieve import SelectorSyntaxError

from marsad.errors import UnreadableListing
from marsad.scrape.discover import Listing
from marsad.scrape.discover.xml import Moment, read_moment
from marsad.scrape.urls import absolute

MAX_LINKS = 5_000
MAX_PAGE_BYTES = 5_000_000
MAX_TAGS = 300_000
_AROUND = 4
"""How far around a link its time may stand: a card is a few boxes deep."""
_NUMBER = re.compile(r"\d{3,}")


def read_archive(
    body: bytes, address: str, link_pattern: str | None, zone: ZoneInfo | None = None
) -> Iterator[Listing]:
    """The story links of a page, in its order, each once, on the page's own host.

    Args:
        zone: of times without one. With it, a machine-readable time (``<time datetime>``) that stands beside one
            story alone says when that story was listed; a time that could be of two is nobody's.

    Raises:
        UnreadableListing: too large, or it has no link at all.
    """
    soup = _parse(body, address)
    anchors = [a for a in soup.find_all("a", href=True, limit=MAX_LINKS) if isinstance(a, Tag)]
    if not anchors:
        raise UnreadableListing(f"{address}: is no page of links")
    base = soup.find("base", href=True)
    start = absolute(str(base["href"]), address) if isinstance(base, Tag) else None
    host = _site(address)
    by_url: dict[str, list[Tag]] = {}
    for anchor in anchors:
        url = absolute(str(anchor["href"]), start or address)
        if url is None or url == address or _site(url) != host or not is_wanted(url, link_pattern):
            continue
        by_url.setdefault(url, []).append(anchor)
    times = _times(soup, by_url, zone) if zone else {}
    for url, links in by_url.items():
        moment = times.get(url, Moment())
        titles = (a.get_text(" ", strip=True) for a in links)
        yield Listing(url, moment.instant, next((t for t in titles if t), None), moment.day)


def is_wanted(url: str, link_pattern: str | None) -> bool:
    """Whether an address is a story's: by the pattern, or by its looks where there is none."""
    return _is_story(url) if link_pattern is None else matches(url, link_pattern)


def matches(url: str, link_pattern: str | None) -> bool:
    """Whether an address fits a pattern, as every one does where there is none.

    Patterns are written against addresses as people read them, Arabic unescaped, or as sent.
    """
    if link_pattern is None:
        return True
    pattern = re.compile(link_pattern)
    return bool(pattern.search(url) or pattern.search(unquote(url)))


def next_link(body: bytes, address: str, selector: str) -> str | None:
    """The address that the first element a CSS selector finds links to, itself or within; on the page's own host.

    Raises:
        UnreadableListing: the selector is none, or the page is not to be read.
    """
    try:
        found: object = _parse(body, address).select_one(selector)
    except SelectorSyntaxError as error:
        said = str(error).splitlines()[0]
        raise UnreadableListing(f"{address}: next {selector!r} is neither CSS nor has it {{page}}: {said}") from None
    if isinstance(found, Tag) and not found.get("href"):
        found = found.find("a", href=True)
    url = absolute(str(found["href"]), address) if isinstance(found, Tag) else None
    return url if url is not None and _site(url) == _site(address) else None


def _times(soup: BeautifulSoup, by_url: dict[str, list[Tag]], zone: ZoneInfo) -> dict[str, Moment]:
    """When each story was listed: the one time in the nearest box around its link that holds a time, where that
    box holds no other story's link."""
    held: dict[int, list[Tag]] = {}
    for time in soup.find_all("time", datetime=True, limit=MAX_LINKS):
        for around in _boxes(time) if isinstance(time, Tag) else ():
            held.setdefault(id(around), []).append(time)
    stories: dict[int, set[str]] = {}
    for url, anchors in by_url.items():
        for anchor in anchors:
            for around in _boxes(anchor):
                stories.setdefault(id(around), set()).add(url)
    found: dict[str, Moment] = {}
    for url, anchors in by_url.items():
        for anchor in anchors:
            box = next((b for b in _boxes(anchor) if id(b) in held), None)
            if box is not None and stories[id(box)] == {url} and len(held[id(box)]) == 1:
                found.setdefault(url, read_moment(str(held[id(box)][0]["datetime"]), zone))
    return found


def _boxes(tag: Tag) -> list[Tag]:
    """A tag and the few around it, the nearest first."""
    return [tag, *itertools.islice(tag.parents, _AROUND)]


def _parse(body: bytes, address: str) -> BeautifulSoup:
    if len(body) > MAX_PAGE_BYTES:
        raise UnreadableListing(f"{address}: an archive page of {len(body)} bytes, more than {MAX_PAGE_BYTES}")
    if body.count(b"<") > MAX_TAGS:
        raise UnreadableListing(f"{address}: an archive page of more than {MAX_TAGS} tags; it is not read")
    return BeautifulSoup(body, "lxml")


def _site(url: str) -> str:
    """The host, for which www. makes no difference."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _is_story(url: str) -> bool:
    """Without a ``link_pattern``: an address with a number or a long slug is a story's, not a section's."""
    path = unquote(urlsplit(url).path)
    return bool(_NUMBER.search(path)) or any(part.count("-") >= 3 for part in path.split("/"))
