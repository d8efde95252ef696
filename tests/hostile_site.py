"""A site that does what it is told, however rude: a real server on the loopback address.

Its host names end in ``.example``; ``settings()`` maps them to its port.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from marsad.settings import Settings
from marsad.sources import Source

HTML = "text/html; charset=utf-8"
Act = Callable[[BaseHTTPRequestHandler], None]

FAST: dict[str, Any] = {
    # a machine that has other work may take seconds to answer; who tests a timeout says IMPATIENT
    "connect_timeout_s": 5.0,
    "read_timeout_s": 5.0,
    "total_timeout_s": 15.0,
    "max_page_bytes": 300_000,
    "fetch_attempts": 1,
    "retry_base_s": 0.0,
    "delay_scale": 0.0,
    "user_agent": "Marsad/0.1 (+https://marsad.example/contact)",
}
IMPATIENT: dict[str, Any] = {"connect_timeout_s": 2.0, "read_timeout_s": 0.5, "total_timeout_s": 1.5}
"""Settings under which who stalls or drips is soon left."""


def page(title: str = "عنوان", body: str = "فقرة أولى من الخبر.") -> bytes:
    """A small page."""
    return f"<!doctype html><html lang=ar><head><title>{title}</title></head><body><p>{body}</p></body></html>".encode()


class HostileSite:
    """Answers by path, the same for every host name; use it as a context manager."""

    def __init__(self) -> None:
        self.acts: dict[str, Act] = {}
        self.log: list[tuple[str, str, float]] = []
        """(host, path, monotonic time) of every request."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            timeout = 5

            def do_GET(self) -> None:
                site.log.append((self.headers.get("Host", ""), self.path, time.monotonic()))
                act = site.acts.get(self.path) or site.acts.get("*") or answer(b"", 404)
                act(self)

            def date_time_string(self, timestamp: float | None = None) -> str:
                # a fixed Date header: WARC records of one page must not differ by the second of their fetch
                return "Thu, 05 Mar 2026 00:00:00 GMT"

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that hangs up on us is what we are here for."""

        self.folder = tempfile.TemporaryDirectory(prefix="marsad-state-")
        self.server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def settings(self, *hosts: str, **options: Any) -> Settings:
        """Fast and small settings that reach this server by these names (``site.example`` if none)."""
        return Settings(
            **{
                **FAST,
                "state": Path(self.folder.name),
                "connect_to": dict.fromkeys(hosts or ("site.example",), self.target),
                **options,
            }
        )

    def put(self, path: str, body: bytes = b"", status: int = 200, kind: str | None = HTML, **headers: str) -> None:
        """Answer a path with a body; ``Retry_After="1"`` is a header."""
        self.acts[path] = answer(body, status, kind, **headers)

    def paths(self, *, robots: bool = False) -> list[str]:
        """What was asked for, in order."""
        return [p for _, p, _ in self.log if robots or p != "/robots.txt"]

    def __enter__(self) -> HostileSite:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()
        self._thread.join(2)


def answer(body: bytes = b"", status: int = 200, kind: str | None = HTML, **headers: str) -> Act:
    """An act that answers properly."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if kind is not None:
            handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return act


def raw(*chunks: bytes, every_s: float = 0.0, forever: bool = False) -> Act:
    """An act that writes bytes as they are, then hangs up; ``forever`` repeats the last."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        for chunk in chunks:
            handler.wfile.write(chunk)
            time.sleep(every_s)
        until = time.monotonic() + 20
        while forever and time.monotonic() < until:
            handler.wfile.write(chunks[-1])
            time.sleep(every_s)

    return act


def in_turn(*acts: Act) -> Act:
    """An act that does another thing each time; the last one from then on."""
    left = list(acts)

    def act(handler: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return act


def source(*routes: dict[str, Any], **facts: Any) -> Source:
    """A source on site.example."""
    values: dict[str, Any] = {
        "name": "site",
        "title": "موقع",
        "homepage": "http://site.example/",
        "timezone": "Asia/Beirut",
        "discover": routes or ({"feed": "http://site.example/feed.xml"},),
        **facts,
    }
    return Source.model_validate(values)
