"""Readers that fail as real ones do: named by the tests instead of the real one."""

from __future__ import annotations

import contextlib
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


def faulty(source: Source, capture: Capture, body_of: Callable[[Capture], bytes]) -> Read:
    """As :func:`poisoned`; and it dies once at each capture whose number lies in ``marks`` of the lake, as if somebody
    had killed the process."""
    lake = Path(capture.discovered_by.removeprefix("warc ")).parents[1]
    number = capture.url.rsplit("/", 1)[1]
    for mark in lake.glob(f"*/marks/{number}"):
        with contextlib.suppress(FileNotFoundError):
            mark.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
    return poisoned(source, capture, body_of)
