"""Wayback CDX: what a web archive captured of a site on a day, for days that no other route reaches.

The server is asked for the pages captured on the day (`pywb and Internet Archive's CDX interface
<https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server>`_); a sighting is the address of
the archived bytes (``…/web/20210304101500id_/http://site.example/story``), unchanged by the archive.
Of a page captured several times the first is taken. Captured is not published: clean decides each story's day
by its page, and files it there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from marsad.errors import UnreadableListing
from marsad.scrape.discover import Getter, Listing, fetch_listing
from marsad.scrape.discover.archive import is_wanted
from marsad.scrape.discover.json_listing import JSON_LISTING_TYPES, read_json
from marsad.scrape.urls import absolute, twin_key
from marsad.sources import Route, Source

log = logging.getLogger(__name__)

ROWS = 5_000
"""Captures a request."""
_STAMP = re.compile(r"\d{14}")


def read_cdx(fetch: Getter, route: Route, source: Source, day: date) -> Iterator[Listing]:
    """The archived addresses of a site's pages that were captured on a day, each page once.

    Raises:
        SourceUnreachable, UnreadableListing: the server, or one of its pages; those before it were read.
    """
    start, past = source.day_bounds(day)
    until = past.astimezone(UTC) - timedelta(seconds=1)
    wanted = {
        "output": "json",
        "fl": "timestamp,original",
        "from": f"{start.astimezone(UTC):%Y%m%d%H%M%S}",
        "to": f"{until:%Y%m%d%H%M%S}",
        "limit": str(ROWS),
        "showResumeKey": "true",
    }
    filters = ["statuscode:200", "mimetype:text/html"]
    server = urlsplit(route.address_on(day))
    given = parse_qsl(server.query, keep_blank_values=True)
    seen: set[str] = set()
    resume: str | None = None
    for _ in range(route.max_pages):
        query = [*given, *wanted.items(), *(("filter", f) for f in filters)]
        query += [("resumeKey", resume)] if resume else []
        address = urlunsplit((server.scheme, server.netloc, server.path, urlencode(query), ""))
        page = fetch_listing(fetch, address, types=JSON_LISTING_TYPES)
        if page is None or not page.body.strip():
            return
        rows, resume = _rows(read_json(page.body, address), address)
        for stamp, original in rows:
            url = absolute(f"{server.scheme}://{server.netloc}/web/{stamp}id_/{original}", address)
            if url is None or not is_wanted(original, route.link_pattern) or (key := twin_key(original)) in seen:
                continue
            seen.add(key)
            yield Listing(url)
        if not resume:
            return
    log.warning("%s: has more captures of %s; max_pages says how far it is read", route.address, day)


def _rows(found: object, address: str) -> tuple[list[tuple[str, str]], str | None]:
    """The (timestamp, original) pairs of an answer, and the key to go on with: behind them, after an empty row."""
    if not isinstance(found, list) or not all(isinstance(row, list) for row in found):
        raise UnreadableListing(f"{address}: is not the JSON of a CDX server")
    resume: str | None = None
    if len(found) >= 2 and found[-2] == [] and len(found[-1]) == 1:
        resume, found = str(found[-1][0]), found[:-2]
    pairs = [(str(row[0]), str(row[1])) for row in found if len(row) == 2]
    return [pair for pair in pairs if _STAMP.fullmatch(pair[0])], resume
