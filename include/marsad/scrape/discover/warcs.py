"""WARC and WET files: pages that a crawler kept (Common Crawl's CC-NEWS, wget, Heritrix, our own lake).

A WARC is looked through once for the addresses of its pages; a page is read back at its record's offset.
A listing's day is that of the capture, so that a month of CC-NEWS is run day by day.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from marsad.errors import UnreadableListing, UsageError
from marsad.scrape.discover import Listing
from marsad.scrape.discover.archive import matches
from marsad.scrape.urls import absolute
from marsad.sources import Route

log = logging.getLogger(__name__)

SUFFIXES = (".warc", ".warc.gz", ".wet", ".wet.gz")
MAX_RECORDS = 5_000_000
_PAGES = ("text/html", "application/xhtml+xml", "text/plain")


@dataclass(frozen=True, slots=True)
class _Place:
    file: Path
    offset: int
    captured_at: datetime | None


def warc_files(path: Path) -> list[Path]:
    """The WARC and WET files at a path: itself, or those of a folder."""
    if path.is_file():
        return [path] if path.name.lower().endswith(SUFFIXES) else []
    root = path.resolve()
    found = (p for p in sorted(path.rglob("*")) if p.name.lower().endswith(SUFFIXES))
    return [p for p in found if p.is_file() and p.resolve().is_relative_to(root)]


class WarcStore:
    """The pages of some WARC or WET files: answered 200 and HTML, or text taken from it, each address once.

    Raises:
        UsageError: a file is no WARC, or they hold no page.
    """

    def __init__(self, route: Route, files: list[Path]) -> None:
        self.path = Path(route.address)
        self._places: dict[str, _Place] = {}
        for file in files:
            for url, place in _pages(file):
                if matches(url, route.link_pattern):
                    self._places.setdefault(url, place)
                if len(self._places) > MAX_RECORDS:
                    raise UsageError(f"{self.path}: more than {MAX_RECORDS} pages; split it")
        if not self._places:
            wanted = f" that match {route.link_pattern!r}" if route.link_pattern else ""
            raise UsageError(f"{self.path}: its {len(files)} WARC files hold no pages{wanted}")

    def listings(self, zone: ZoneInfo) -> Iterator[Listing]:
        """One listing a page, in the order of the records, under the day of its capture at the source."""
        for url, place in self._places.items():
            day = place.captured_at.astimezone(zone).date() if place.captured_at else None
            yield Listing(url, listed_on=day)

    def read(self, url: str, limit: int) -> bytes | None:
        """The bytes of a page; None where it is larger than the limit.

        Raises:
            UnreadableListing: the record is broken.
        """
        place = self._places[url]
        try:
            with place.file.open("rb") as file:
                file.seek(place.offset)
                record = next(iter(ArchiveIterator(file)))
                body = bytes(record.content_stream().read(limit + 1))
        except Exception as error:  # warcio and zlib raise several kinds on a broken file
            why = str(error) or type(error).__name__
            raise UnreadableListing(f"{place.file}: cannot read the record at {place.offset}: {why}") from None
        return body if len(body) <= limit else None

    def close(self) -> None:
        """Nothing is held open."""

    def __contains__(self, url: str) -> bool:
        return url in self._places


def _pages(path: Path) -> Iterator[tuple[str, _Place]]:
    try:
        with path.open("rb") as file:
            records = ArchiveIterator(file)
            for record in records:
                if record.format != "warc":
                    raise ValueError("it is no WARC")
                if not _is_page(record):
                    continue
                url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
                address = absolute(url, url)
                if address is not None:
                    yield address, _Place(path, records.get_record_offset(), _moment(record))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    except Exception as error:  # warcio and zlib raise several kinds on a broken file
        raise UsageError(f"{path}: cannot be read as WARC: {str(error) or type(error).__name__}") from None


def _is_page(record: ArcWarcRecord) -> bool:
    kind = record.rec_type
    if kind == "response":
        headers = record.http_headers
        if headers is None or headers.get_statuscode() != "200":
            return False
        declared = headers.get_header("Content-Type") or "text/html"
    elif kind in ("resource", "conversion"):
        declared = record.rec_headers.get_header("Content-Type") or ""
    else:
        return False
    return str(declared).partition(";")[0].strip().lower() in _PAGES


def _moment(record: ArcWarcRecord) -> datetime | None:
    try:
        moment = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
