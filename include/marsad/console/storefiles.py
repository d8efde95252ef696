"""A lake in an object store as DuckDB reads it: each file whole, by one request, and nothing but the lake.

Of a store's own file system DuckDB asks the size and time of a file a dozen times before it has read it, each a
request. And of what goes wrong it keeps the text alone; here the error itself is kept.
"""

from __future__ import annotations

import io
import threading
from datetime import UTC, datetime
from typing import Any, BinaryIO

from cachetools import FIFOCache
from fsspec import AbstractFileSystem

from marsad.errors import MarsadError
from marsad.lake import Lake

ROOM = 32_000_000
"""Bytes of files that are kept for the question under way, which opens each more than once."""


class StoreFiles(AbstractFileSystem):  # type: ignore[misc]
    """The files of a lake, for reading."""

    cachable = False

    def __init__(self, lake: Lake) -> None:
        super().__init__()
        self.protocol = lake.root.protocol
        self._lake, self._prefix = lake, f"{lake}/"
        self._lock = threading.Lock()
        # one that is larger than the room takes all of it
        self._kept: FIFOCache[str, bytes] = FIFOCache(ROOM, getsizeof=lambda data: min(len(data), ROOM))
        self._sizes: dict[str, int] = {}
        self.trouble: MarsadError | None = None
        """What went wrong first since :meth:`forget`."""

    def forget(self) -> None:
        """Begin anew: what one question has read may be published again before the next."""
        with self._lock:
            self._kept.clear()
            self._sizes.clear()
            self.trouble = None

    def open(self, path: str, mode: str = "rb", **options: Any) -> BinaryIO:
        """A file, as it is now."""
        if mode != "rb" or not path.startswith(self._prefix):
            raise PermissionError(path)
        return io.BytesIO(self._bytes(path))

    def size(self, path: str) -> int:
        """The bytes of a file."""
        return self._sizes[path] if path in self._sizes else len(self._bytes(path))

    def glob(self, path: str, **options: Any) -> list[str]:
        """The file of that very name; that it is not there is seen when it is opened."""
        return [path]

    def modified(self, path: str) -> datetime:
        """The same time always: DuckDB asks, but is told to keep nothing of a file."""
        return datetime(2000, 1, 1, tzinfo=UTC)

    def unstrip_protocol(self, name: str) -> str:
        """Names are addresses already."""
        return name

    def _bytes(self, path: str) -> bytes:
        with self._lock:
            found = self._kept.get(path)
        if found is not None:
            return found
        try:
            data = self._lake.read_bytes(path.removeprefix(self._prefix))
        except MarsadError as error:
            self.trouble = self.trouble or error
            raise
        with self._lock:
            self._kept[path], self._sizes[path] = data, len(data)
        return data
