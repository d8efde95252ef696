"""Readers that fail as real ones do: named by the tests instead of the real one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from marsad.clean.stage import Read, read_capture
from marsad.scrape.record import Capture
from marsad.sources import Source


def poisoned(source: Source, capture: Capture, body_of: Callable[[Capture], bytes]) -> Read:
    """The real reader, but for pages whose address says what they do to the process."""
    if "/kill" in capture.url:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "/hang" in capture.url:
        while True:
            pass
    if "/eat" in capture.url:
        hoard = [bytearray(50_000_000) for _ in range(100)]
        return Read(capture, None, "ate", str(len(hoard)))
    if "/raise" in capture.url:
        raise RecursionError("too deep")
    return read_capture(source, capture, body_of)


def unlucky(source: Source, capture: Capture, body_of: Callable[[Capture], bytes]) -> Read:
    """Dies once at each capture that a file in ``BULK_UNLUCKY`` names, as if somebody had killed the process."""
    folder = os.environ.get("BULK_UNLUCKY")
    mark = Path(folder, capture.url.rsplit("/", 1)[1]) if folder else None
    if mark is not None and mark.exists():
        mark.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return read_capture(source, capture, body_of)
