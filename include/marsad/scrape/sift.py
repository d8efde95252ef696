"""Sift: of a large WARC on the web keep the pages somebody wants, in one pass for all who want some.

    raw/ccnews/date=…/source=…/<file>.json               how far the file was read, and what was kept of it
    raw/ccnews/date=…/source=…/<file>-<offset>.warc.gz   the pages kept

A record of a WARC is a gzip member of its own, so reading can begin at any of them: every so often what was kept is
written, then where to go on. A pass that is killed is gone on with from there, and ends with the same files.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from marsad.errors import MarsadError, UnreadableListing
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.discover.archive import matches
from marsad.scrape.download import Download
from marsad.scrape.fetch import Fetcher
from marsad.scrape.headers import media_type
from marsad.scrape.urls import absolute
from marsad.scrape.warc import Payload, write_segment
from marsad.sources import Source

log = logging.getLogger(__name__)

FLUSH_BYTES = 16_000_000
"""Of pages kept, after which they are written."""
CHECKPOINT_BYTES = 128_000_000
"""Of the file, after which it is noted how far it was read, whether anything was kept or not."""
_PAGES = ("text/html", "application/xhtml+xml")
_HTTP = StatusAndHeadersParser(["HTTP/1.0", "HTTP/1.1", "HTTP/2"], verify=False)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A page that was kept, and where it lies; without a file it was larger than a page may be."""

    url: str
    captured_at: datetime
    warc_file: str | None = None
    warc_offset: int = 0


@dataclass(frozen=True)
class Wanted:
    """The pages of one source's day: by host, or by a pattern where one is given."""

    source: Source
    partition: Partition
    link_pattern: str | None = None
    _host: str = field(init=False, default="")
    _bounds: tuple[datetime, datetime] = field(init=False, default=(datetime.min, datetime.max))

    def __post_init__(self) -> None:
        host = (urlsplit(self.source.homepage).hostname or "").lower().removeprefix("www.")
        object.__setattr__(self, "_host", host)
        object.__setattr__(self, "_bounds", self.source.day_bounds(self.partition.date))

    def wants(self, url: str, host: str, moment: datetime) -> bool:
        """Whether a page of an address, captured at a moment, is one."""
        if not self._bounds[0] <= moment < self._bounds[1]:
            return False
        if self.link_pattern is not None:
            return matches(url, self.link_pattern)
        return host == self._host or host.endswith("." + self._host)

    @property
    def rule(self) -> str:
        """What was sifted by: pages kept by another are not these."""
        return self.link_pattern or self._host

    @property
    def folder(self) -> str:
        """Where its pages are kept."""
        return f"raw/ccnews/{self.partition.path}"


class Sieve:
    """What is kept of one file for one source's day, and how far the file was read."""

    def __init__(self, wanted: Wanted, address: str, lake: Lake) -> None:
        self.wanted = wanted
        self.address = address
        self._lake = lake
        name = address.rsplit("/", 1)[-1].removesuffix(".gz").removesuffix(".warc")
        self._stem = f"{wanted.folder}/{re.sub(r'[^A-Za-z0-9._-]', '_', name)}"
        self.offset, self.is_done = 0, False
        self.pages: list[Kept] = []
        path = f"{self._stem}.json"
        if lake.exists(path):
            noted = lake.read_json(path)
            if (noted["address"], noted["rule"]) == (address, wanted.rule):
                self.offset, self.is_done = noted["offset"], noted["is_done"]
                self.pages = [Kept(u, datetime.fromisoformat(m), f, o) for u, m, f, o in noted["pages"]]
        self._known = {page.url for page in self.pages}
        self._pending: list[Payload] = []
        self._pending_bytes = 0

    def is_new(self, url: str) -> bool:
        """Whether a page was not kept before: of several captures the first stands."""
        return url not in self._known

    def keep(self, payload: Payload, limit: int) -> None:
        """Keep a page; of one larger than the limit only its address."""
        self._known.add(payload.url)
        if len(payload.body) > limit:
            self.pages.append(Kept(payload.url, payload.fetched_at))
            return
        self._pending.append(payload)
        self._pending_bytes += len(payload.body)

    def reach(self, offset: int, *, is_done: bool = False) -> None:
        """Say that all records before an offset were seen; writes where it is time to.

        An offset is one of this file's records, so that the pieces are the same however often it was killed.
        """
        if not is_done and self._pending_bytes < FLUSH_BYTES and offset - self.offset < CHECKPOINT_BYTES:
            return
        if self._pending:
            path = f"{self._stem}-{self.offset:012}.warc.gz"
            stored = write_segment(self._lake, path, self._pending)
            self.pages += [
                Kept(p.url, p.fetched_at, s.warc_file, s.warc_offset)
                for p, s in zip(self._pending, stored, strict=True)
            ]
        self.offset, self.is_done = offset, is_done
        self._pending, self._pending_bytes = [], 0
        note = {
            "address": self.address,
            "rule": self.wanted.rule,
            "offset": offset,
            "is_done": is_done,
            "pages": [[p.url, p.captured_at.isoformat(), p.warc_file, p.warc_offset] for p in self.pages],
        }
        self._lake.write_json(f"{self._stem}.json", note)


def sift(
    address: str, wanted: Sequence[Wanted], fetch: Fetcher, lake: Lake, *, progress: Progress | None = None
) -> list[Sieve]:
    """Read a WARC file from the web once, and keep what is wanted of it; what was read before is not read again.

    Args:
        progress: told the file's name, megabytes read and in all.

    Raises:
        SourceUnreachable: it broke off; what was kept is noted.
        UnreadableListing: it is not there, or no WARC.
    """
    sieves = [Sieve(each, address, lake) for each in wanted]
    waiting = [sieve for sieve in sieves if not sieve.is_done]
    if not waiting:
        return sieves
    start = min(sieve.offset for sieve in waiting)
    name = address.rsplit("/", 1)[-1]
    limit = fetch.settings.max_page_bytes
    with Download(fetch, address, start=start) as file:
        for offset, record in _records(file, start, address):
            if progress and file.total:
                progress(name, file.position // 1_000_000, file.total // 1_000_000)
            for sieve in waiting:
                if offset > sieve.offset:
                    sieve.reach(offset)
            found = _address(record)
            if found is None:
                continue
            url, host, moment = found
            takers = [s for s in waiting if offset >= s.offset and s.wanted.wants(url, host, moment) and s.is_new(url)]
            payload = _page(record, url, moment, limit) if takers else None
            if payload is not None:
                for sieve in takers:
                    sieve.keep(payload, limit)
        end = file.position
    for sieve in waiting:
        sieve.reach(end, is_done=True)
    log.info("%s: kept %d pages", name, sum(len(s.pages) for s in sieves))
    return sieves


def _records(file: Download, start: int, address: str) -> Iterator[tuple[int, ArcWarcRecord]]:
    """The response records of a WARC, with the offset of each."""
    try:
        # headers of HTTP are parsed for the few that are wanted only
        records = ArchiveIterator(file, no_record_parse=True)
        for record in records:
            if record.format != "warc":
                raise ValueError("it is no WARC")
            # not get_record_offset(), which reads the record to its end
            yield start + records.offset, record
    except MarsadError:
        raise
    except Exception as error:  # warcio and zlib raise several kinds on a broken file
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UnreadableListing(f"{address}: cannot be read as WARC near byte {file.position}: {why}") from None


def _address(record: ArcWarcRecord) -> tuple[str, str, datetime] | None:
    """A response's address, host and moment."""
    if record.rec_type != "response":
        return None
    given = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    try:
        moment = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
        host = (urlsplit(given).hostname or "").lower()
    except ValueError:
        return None
    return (given, host, moment if moment.tzinfo else moment.replace(tzinfo=UTC)) if host else None


def _page(record: ArcWarcRecord, given: str, moment: datetime, limit: int) -> Payload | None:
    """The page in a response record, up to one byte more than the limit; None where it is none."""
    url = absolute(given, given)
    try:
        headers = _HTTP.parse(record.raw_stream)
    except (EOFError, StatusAndHeadersParserException):
        return None
    record.http_headers = headers
    kind = media_type(headers.get_header("Content-Type"))[0] or "text/html"
    if url is None or headers.get_statuscode() != "200" or kind not in _PAGES:
        return None
    body = bytes(record.content_stream().read(limit + 1))
    return Payload(url, body, moment, 200, [(str(k), str(v)) for k, v in headers.headers])
