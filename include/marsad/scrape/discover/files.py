"""Files: pages already on disk, in a folder, a zip or a tar, with an optional index of addresses and days."""

from __future__ import annotations

import csv
import io
import json
import logging
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

from marsad.errors import UnreadableListing, UsageError
from marsad.partition import parse_date
from marsad.scrape.discover import Listing
from marsad.scrape.discover.warcs import WarcStore, warc_files
from marsad.scrape.urls import absolute
from marsad.sources import Route

log = logging.getLogger(__name__)

SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".txt"})
"""What a page's name ends in; a .gz may follow."""

MAX_FILES = 1_000_000


class Store(Protocol):
    """Pages that lie on disk, by address."""

    def listings(self, zone: ZoneInfo) -> Iterator[Listing]:
        """One listing a page."""

    def read(self, url: str, limit: int) -> bytes | None:
        """The bytes of a page; None where it is larger than the limit."""

    def close(self) -> None:
        """Close what is open."""

    def __contains__(self, url: str) -> bool: ...


def open_store(route: Route) -> Store:
    """The pages of a ``files`` route: of WARC files where there are any, else of a folder, zip or tar.

    Raises:
        UsageError: what it names is not there, not readable, or holds no page.
    """
    path = Path(route.address)
    found = warc_files(path) if path.exists() else []
    if found and route.index:
        raise UsageError(f"{path}: WARC files name the address and day of each page themselves; leave out the index")
    return WarcStore(route, found) if found else FileStore(route)


class FileStore:
    """The pages of a ``files`` route; reads nothing outside its folder or archive.

    Raises:
        UsageError: the folder, archive or index is not there or not readable.
    """

    def __init__(self, route: Route) -> None:
        self.path = Path(route.address)
        if not self.path.exists():
            raise UsageError(f"{self.path}: no such folder or archive of pages")
        index = Path(route.index) if route.index else None
        self._zip: zipfile.ZipFile | None = None
        self._tar: tarfile.TarFile | None = None
        self._index = read_index(index) if index else {}
        self._members = self._find()
        if not self._members:
            raise UsageError(f"{route.address}: no pages there; files must end in {', '.join(sorted(SUFFIXES))}")

    def listings(self, zone: ZoneInfo) -> Iterator[Listing]:
        """One listing a page, in the order of their names; an index's day is its midnight at the source."""
        for url, name in self._members.items():
            listed = self._index.get(name, {}).get("date") or None
            instant = None
            if listed:
                day = parse_date(str(listed)[:10])
                instant = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
            yield Listing(url, instant, self._index.get(name, {}).get("title") or None)

    def read(self, url: str, limit: int) -> bytes | None:
        """The bytes of a page; None where it is larger than the limit.

        Raises:
            UnreadableListing: the archive is broken.
        """
        name = self._members[url]
        try:
            # an archive is opened once: to open it is to read its whole directory
            if self._zip is not None:
                with self._zip.open(name) as member:
                    body = member.read(limit + 1)
            elif self._tar is not None:
                handle = self._tar.extractfile(name)
                body = handle.read(limit + 1) if handle else b""
            else:
                with (self.path / name).open("rb") as file:
                    body = file.read(limit + 1)
        except (OSError, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, KeyError, RuntimeError) as error:
            raise UnreadableListing(f"{self.path}: cannot read {name}: {error}") from None
        if name.lower().endswith(".gz") and len(body) <= limit:
            body = self._gunzip(name, body, limit)
        return body if len(body) <= limit else None

    def _gunzip(self, name: str, body: bytes, limit: int) -> bytes:
        """The page in a .html.gz, up to one byte more than the limit."""
        try:
            return zlib.decompressobj(wbits=31).decompress(body, limit + 1)
        except zlib.error as error:
            raise UnreadableListing(f"{self.path}: cannot read {name}: {error}") from None

    def close(self) -> None:
        """Close the archive."""
        for archive in (self._zip, self._tar):
            if archive is not None:
                archive.close()

    def __contains__(self, url: str) -> bool:
        return url in self._members

    def _find(self) -> dict[str, str]:
        try:
            if self.path.is_dir():
                root = self.path.resolve()
                names = [
                    p.relative_to(self.path).as_posix()
                    for p in sorted(self.path.rglob("*"))
                    # a link out of the folder is not ours to read
                    if p.is_file() and p.resolve().is_relative_to(root)
                ]
            elif zipfile.is_zipfile(self.path):
                self._zip = zipfile.ZipFile(self.path)
                names = sorted(i.filename for i in self._zip.infolist() if not i.is_dir())
            elif tarfile.is_tarfile(self.path):
                self._tar = tarfile.open(self.path)  # noqa: SIM115  closed by close()
                # in the order of the archive: a compressed one cannot be read backwards
                names = [m.name for m in self._tar.getmembers() if m.isfile()]
            else:
                names = [self.path.name]
                self.path = self.path.parent
        except (OSError, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
            raise UsageError(f"{self.path}: cannot be read: {error}") from None
        pages = [n for n in names if PurePosixPath(n.lower().removesuffix(".gz")).suffix in SUFFIXES]
        if len(pages) > MAX_FILES:
            raise UsageError(f"{self.path}: {len(pages)} pages, more than {MAX_FILES}; split it")
        found: dict[str, str] = {}
        for name in pages:
            listed = str(self._index.get(name, {}).get("url") or "").strip()
            url = listed if absolute(listed, listed) else f"file:{quote(name)}"
            if found.setdefault(url, name) != name:
                log.warning("%s: %s and %s have one address, %s; the first is read", self.path, found[url], name, url)
        return found


def read_index(index: Path) -> dict[str, dict[str, Any]]:
    """The rows of an index by file: a CSV or JSON list of file, url, date.

    Raises:
        UsageError: it cannot be read, has no ``file`` column, or a date that is none.
    """
    try:
        text = index.read_text(encoding="utf-8-sig")
        rows = json.loads(text) if index.suffix == ".json" else list(csv.DictReader(io.StringIO(text)))
        found = {str(row["file"]): dict(row) for row in rows}
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        reason = f"there is no key {error}" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"index {index}: {reason}; it must be a CSV or JSON of file, url, date in UTF-8") from None
    for row in found.values():
        if row.get("date"):
            parse_date(str(row["date"])[:10])
    return found
