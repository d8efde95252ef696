"""CC-NEWS by date: the day's WARC files of Common Crawl's news crawl, sifted for a site's pages as they stream by.

CC-NEWS has no index of pages: each month has a list of files
(``crawl-data/CC-NEWS/2026/03/warc.paths.gz``), named by the moment they were begun, a gigabyte each, some twenty
a day (`commoncrawl.org/blog/news-dataset-available <https://commoncrawl.org/blog/news-dataset-available>`_).
A day's files are those begun on it, and the last one begun before it. Whoever wants several sources sifts for all
of them in one pass first (``marsad ccnews``); a run then finds them in the lake.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from marsad.errors import SourceUnreachable, UnreadableListing
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.discover import Getter, Listing, fetch_listing
from marsad.scrape.fetch import Fetcher
from marsad.scrape.sift import Kept, Progress, Wanted, sift
from marsad.scrape.warc import read_body
from marsad.sources import Route, Source

log = logging.getLogger(__name__)

MAX_LIST_BYTES = 20_000_000
MAX_FILES = 200
"""Of one day; there are some twenty."""
_STAMP = re.compile(r"-(\d{14})-\d+\.warc(?:\.gz)?$")


@dataclass(frozen=True, slots=True)
class DayFiles:
    """The files that may hold a day's captures; ``is_whole`` where one begun after the day is listed too."""

    addresses: tuple[str, ...]
    is_whole: bool


def files_of(fetch: Getter, route: Route, source: Source, day: date) -> DayFiles:
    """The addresses of the files with a day's captures.

    Raises:
        SourceUnreachable, UnreadableListing: a list of files; one that is not there is that of a month to come.
    """
    start, past = (moment.astimezone(UTC) for moment in source.day_bounds(day))
    # the file that was being written at midnight may stand in the list of the month before
    lists = dict.fromkeys(route.address_on(d) for d in (start.date() - timedelta(days=1), start.date(), past.date()))
    begun: dict[str, datetime] = {}
    for address in lists:
        page = fetch_listing(fetch, address, may_be_absent=True, max_bytes=MAX_LIST_BYTES)
        for line in _lines(page.body, address) if page else ():
            stamp = _STAMP.search(line)
            if stamp is None:
                raise UnreadableListing(f"{address}: is no list of WARC files; it has {line[:80]!r}")
            moment = datetime.strptime(stamp[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            begun[urljoin(address, line if "://" in line else f"/{line.lstrip('/')}")] = moment
    ordered = sorted(begun, key=lambda a: (begun[a], a))
    within = [a for a in ordered if start <= begun[a] < past]
    before = [a for a in ordered if begun[a] < start][-1:]
    if len(within) > MAX_FILES:
        raise UnreadableListing(f"{route.address}: lists {len(within)} files for {day}, more than {MAX_FILES}")
    return DayFiles((*before, *within), any(begun[a] >= past for a in ordered))


def read_ccnews(
    fetch: Fetcher, route: Route, source: Source, day: date, lake: Lake, progress: Progress | None = None
) -> Iterator[Listing]:
    """The pages of a site that were captured on a day; they are in the lake when this ends.

    Raises:
        SourceUnreachable, UnreadableListing: a file or a list of files; what the others hold was given.
    """
    wanted = Wanted(source, Partition(source.name, day), route.link_pattern)
    failed = gather(fetch, route, [wanted], lake, progress)
    for page in read_kept(Partition(source.name, day), lake).values():
        yield Listing(page.url, listed_on=day)
    if failed is not None:
        raise failed


def gather(
    fetch: Fetcher, route: Route, wanted: Sequence[Wanted], lake: Lake, progress: Progress | None = None
) -> SourceUnreachable | UnreadableListing | None:
    """Sift a day's files for all who want some of them: one pass for all, of a day in one time zone each.

    Returns:
        What failed, the worst thing that may pass first; None where the day is whole.
    """
    failed: list[SourceUnreachable | UnreadableListing] = []
    takers: dict[str, list[Wanted]] = {}
    listed: dict[tuple[date, ZoneInfo], DayFiles] = {}
    for each in wanted:
        day = each.partition.date
        key = (day, each.source.zone)
        try:
            if key not in listed:
                listed[key] = files_of(fetch, route, each.source, day)
        except (SourceUnreachable, UnreadableListing) as error:
            failed.append(error)
            continue
        for address in listed[key].addresses:
            takers.setdefault(address, []).append(each)
    for (day, _), files in listed.items():
        if not files.is_whole:
            failed.append(
                SourceUnreachable(f"{route.address}: lists no file begun after {day}, so more may come; run it again")
            )
    for address, them in takers.items():
        try:
            sift(address, them, fetch, lake, progress=progress)
        except (SourceUnreachable, UnreadableListing) as error:
            log.warning("%s", error)
            failed.append(error)
    return min(failed, key=lambda e: not isinstance(e, SourceUnreachable), default=None)


def read_kept(partition: Partition, lake: Lake) -> Mapping[str, Kept]:
    """The pages that were kept for a source's day, by address, in the order of their files."""
    found: dict[str, Kept] = {}
    for path in lake.list(f"raw/ccnews/{partition.path}", "*.json"):
        for url, moment, warc_file, offset in lake.read_json(path)["pages"]:
            found.setdefault(url, Kept(url, datetime.fromisoformat(moment), warc_file, offset))
    return found


class KeptStore:
    """The pages that were kept for a source's day, to be read like those of a folder."""

    def __init__(self, partition: Partition, lake: Lake) -> None:
        self._lake = lake
        self._day = partition.date
        self._pages = read_kept(partition, lake)

    def listings(self, zone: ZoneInfo) -> Iterator[Listing]:
        """One listing a page."""
        return (Listing(url, listed_on=self._day) for url in self._pages)

    def read(self, url: str, limit: int) -> bytes | None:
        """The bytes of a page; None where it is larger than the limit."""
        page = self._pages[url]
        body = read_body(self._lake, page.warc_file, page.warc_offset) if page.warc_file else None
        return body if body is not None and len(body) <= limit else None

    def close(self) -> None:
        """Nothing is held open."""

    def __contains__(self, url: str) -> bool:
        return url in self._pages


def _lines(body: bytes, address: str) -> Iterable[str]:
    """The lines of a list, gzipped or not."""
    if body[:2] == b"\x1f\x8b":
        try:
            unpacked = zlib.decompressobj(wbits=31)
            body = unpacked.decompress(body, MAX_LIST_BYTES)
        except zlib.error as error:
            raise UnreadableListing(f"{address}: a broken gzip file: {error}") from None
        if unpacked.unconsumed_tail:
            raise UnreadableListing(f"{address}: more than {MAX_LIST_BYTES} bytes once decompressed")
    return filter(None, (line.strip() for line in body.decode("ascii", "replace").splitlines()))
