"""A large file on the web, read from front to back as it comes: never held, and gone on with where it broke off."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable

import requests
from urllib3.exceptions import HTTPError

from marsad.errors import SourceUnreachable, UnreadableListing
from marsad.scrape.connect import failure
from marsad.scrape.fetch import Fetcher

MAX_BYTES = 8 * 1024**3
"""Of one file; CC-NEWS makes them a gigabyte long."""
WINDOW_S = 60.0
LEAST_BYTES_A_SECOND = 16_384
"""What must come on average over each window: slower than this, a day of files would take weeks."""
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class Download(io.RawIOBase):
    """The bytes of an address from an offset on; use it as a context manager.

    A connection that breaks is made again with a Range request at the byte it broke at, as often as a fetch is
    tried without a byte having come. Not seekable: warcio counts the bytes it has read.

    Args:
        fetch: whose turns, budget, robots.txt rules and guarded connections are used.
        address: http or https.
        start: the byte to begin at.

    Raises:
        SourceUnreachable: from ``read``: no answer, a busy or slow server, a spent budget; a later run goes on.
        UnreadableListing: from ``read``: the address is refused or missing, or another file than at first.
    """

    def __init__(
        self, fetch: Fetcher, address: str, *, start: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.address = address
        self.position = start
        self.total: int | None = None
        """The file's length, once its server has said it."""
        self._fetch = fetch
        self._clock = clock
        self._response: requests.Response | None = None
        self._etag: str | None = None
        self._idle_tries = 0
        self._window: tuple[float, int] = (clock(), start)

    def readable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Hang up."""
        self._hang_up()
        super().close()

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes, as they come; none at the file's end."""
        while True:
            if self.total is not None and self.position >= self.total:
                return b""
            try:
                response = self._response or self._connect()
                chunk = bytes(response.raw.read1(size if size > 0 else 65_536, decode_content=False))
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                outcome, why = failure(error)
                if outcome == "blocked_address":
                    raise UnreadableListing(f"{self.address}: {why}") from None
                self._broke(why)
                continue
            if chunk:
                self._idle_tries = 0
                self.position += len(chunk)
                self._check_pace()
                return chunk
            if self.total is None or self.position >= self.total:
                self._hang_up()
                self.total = self.position
                return b""
            self._broke(f"it ended after {self.position} of {self.total} bytes")

    def _connect(self) -> requests.Response:
        response = self._response = self._fetch.open(self.address, start=self.position)
        etag = response.headers.get("ETag")
        if self._etag is not None and etag is not None and etag != self._etag:
            raise UnreadableListing(f"{self.address}: has become another file while it was read")
        self._etag = etag or self._etag
        first, total = 0, response.headers.get("Content-Length", "")
        if response.status_code == 206:
            given = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
            if given is None:
                raise UnreadableListing(f"{self.address}: answers a part without saying which")
            first, total = int(given[1]), given[2]
        if first > self.position:
            raise UnreadableListing(f"{self.address}: answers from byte {first}, not {self.position}")
        self.total = int(total) if total.isdigit() and len(total) < 18 else None
        if self.total is not None and self.total > MAX_BYTES:
            raise UnreadableListing(f"{self.address}: {self.total} bytes, more than {MAX_BYTES}")
        _skip(response, self.position - first)
        return response

    def _broke(self, why: str) -> None:
        self._hang_up()
        self._idle_tries += 1
        if self._idle_tries >= self._fetch.settings.fetch_attempts:
            raise SourceUnreachable(f"{self.address}: broke off at byte {self.position}: {why}; a later run goes on")

    def _check_pace(self) -> None:
        if self.position > MAX_BYTES:
            raise UnreadableListing(f"{self.address}: more than {MAX_BYTES} bytes")
        began, at = self._window
        seconds = self._clock() - began
        if seconds < WINDOW_S:
            return
        if self.position - at < LEAST_BYTES_A_SECOND * seconds:
            self._hang_up()
            pace = (self.position - at) / seconds
            raise SourceUnreachable(f"{self.address}: gives {pace:.0f} bytes a second; a later run goes on")
        self._window = (self._clock(), self.position)

    def _hang_up(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None


def _skip(response: requests.Response, count: int) -> None:
    """Pass over what was read before, where a server knows no ranges."""
    while count > 0:
        chunk = response.raw.read1(min(count, 65_536), decode_content=False)
        if not chunk:
            raise OSError("it ended before the place where it broke off")
        count -= len(chunk)
