"""Files: pages already on disk, in a folder, a zip or a tar, with an optional index of addresses and days."""

from __future__ import annotations

import csv
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from marsad.errors import UnreadableListing, UsageError
from marsad.partition import parse_date
from marsad.scrape.discover import Listing
from marsad.sources import Route

SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".txt"})
MAX_FILES = 1_000_000


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
        self._index = self._read_index(index) if index else {}
        self._members = self._find()
        if not self._members:
            raise UsageError(f"{self.path}: no pages there; files must end in {', '.join(sorted(SUFFIXES))}")

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
            if self.path.is_dir():
                with (self.path / name).open("rb") as file:
                    body = file.read(limit + 1)
            elif zipfile.is_zipfile(self.path):
                with zipfile.ZipFile(self.path) as archive, archive.open(name) as member:
                    body = member.read(limit + 1)
            else:
                with tarfile.open(self.path) as tar:
                    handle = tar.extractfile(name)
                    body = handle.read(limit + 1) if handle else b""
        except (OSError, zipfile.BadZipFile, tarfile.TarError, KeyError, RuntimeError) as error:
            raise UnreadableListing(f"{self.path}: cannot read {name}: {error}") from None
        return body if len(body) <= limit else None

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
                with zipfile.ZipFile(self.path) as archive:
                    names = [i.filename for i in archive.infolist() if not i.is_dir()]
            elif tarfile.is_tarfile(self.path):
                with tarfile.open(self.path) as tar:
                    names = [m.name for m in tar.getmembers() if m.isfile()]
            else:
                names = [self.path.name] if self.path.suffix.lower() in SUFFIXES else []
                self.path = self.path.parent
        except (OSError, zipfile.BadZipFile, tarfile.TarError) as error:
            raise UsageError(f"{self.path}: cannot be read: {error}") from None
        pages = sorted(n for n in names if PurePosixPath(n).suffix.lower() in SUFFIXES)[:MAX_FILES]
        found: dict[str, str] = {}
        for name in pages:
            url = str(self._index.get(name, {}).get("url") or "") or f"file:{quote(name)}"
            found.setdefault(url, name)
        return found

    def _read_index(self, index: Path) -> dict[str, dict[str, Any]]:
        try:
            text = index.read_text(encoding="utf-8-sig")
            rows = json.loads(text) if index.suffix == ".json" else list(csv.DictReader(io.StringIO(text)))
            found = {str(row["file"]): dict(row) for row in rows}
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = f"there is no key {error}" if isinstance(error, KeyError) else str(error)
            raise UsageError(f"index {index}: {reason}; it must be a CSV or JSON of file, url, date in UTF-8") from None
        for row in found.values():
            if row.get("date"):
                parse_date(str(row["date"])[:10])
        return found
