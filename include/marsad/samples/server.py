"""Serve the sample sites on the loopback address, a port each.

Their hosts end in ``.example``, which no resolver knows; ``connect_to`` says where each really is,
for ``MARSAD_CONNECT_TO``. So addresses, and with them published bytes, do not depend on ports.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import signal
import socket
import threading
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from marsad.samples.sites import Answer, mudawwana, mujammi, qadim, wakala

SITES = {
    "wakala.example": wakala.answers,
    "mujammi.example": mujammi.answers,
    "qadim.example": qadim.answers,
    "mudawwana.example": mudawwana.answers,
}
DOWN = "mutaattil.example"
LAST_MODIFIED = "Thu, 05 Mar 2026 00:00:00 GMT"


class SampleSites:
    """The running sites. Use it as a context manager, or call ``stop``."""

    def __init__(self, ports: Mapping[str, int] | None = None, host: str = "127.0.0.1") -> None:
        wanted = ports or {}
        self.request_log: Counter[tuple[str, str]] = Counter()
        """How often each (host, path) was asked for."""
        self.connect_to: dict[str, str] = {}
        self._servers: list[ThreadingHTTPServer] = []
        for name, answers in SITES.items():
            handler = _handler(name, answers(), self.request_log)
            server = ThreadingHTTPServer((host, wanted.get(name, 0)), handler)
            server.daemon_threads = True
            self.connect_to[name] = f"{host}:{server.server_address[1]}"
            self._servers.append(server)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        # the site that is down: a port that is taken, so that nobody else answers, but not listened on
        self._silent = socket.socket()
        self._silent.bind((host, wanted.get(DOWN, 0)))
        self.connect_to[DOWN] = f"{host}:{self._silent.getsockname()[1]}"

    @property
    def connect_to_env(self) -> str:
        """The mapping as MARSAD_CONNECT_TO takes it."""
        return ",".join(f"{host}={target}" for host, target in self.connect_to.items())

    def stop(self) -> None:
        """Stop serving; the ports are free again."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers.clear()
        self._silent.close()

    def __enter__(self) -> SampleSites:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(ports: Mapping[str, int] | None = None, host: str = "127.0.0.1") -> SampleSites:
    """Start the sites; ports by host name, free ones where none is given."""
    return SampleSites(ports, host)


def _handler(name: str, answers: Mapping[str, Answer], log: Counter[tuple[str, str]]) -> type[BaseHTTPRequestHandler]:
    guard = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body are two writes: without this each answer waits 40 ms
        timeout = 30

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            with guard:
                log[(name, self.path)] += 1
                is_first = log[(name, self.path)] == 1
            answer = answers.get(path, Answer("<h1>لا توجد صفحة</h1>".encode(), status=404))
            if answer.first_status and is_first:
                answer = Answer(b"", "text/plain", answer.first_status, {"Retry-After": "0"})
            self._send(answer)

        do_HEAD = do_GET

        def _send(self, answer: Answer) -> None:
            body, status, headers = answer.body, answer.status, dict(answer.headers)
            if status == 200:
                headers |= {"ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"', "Last-Modified": LAST_MODIFIED}
                if self.headers.get("If-None-Match") == headers["ETag"]:
                    body, status = b"", 304
            if body and "gzip" in (self.headers.get("Accept-Encoding") or ""):
                body = gzip.compress(body, mtime=0)
                headers["Content-Encoding"] = "gzip"
            self.send_response(status)
            if answer.content_type and status != 304:
                self.send_header("Content-Type", answer.content_type)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            # what is captured must not differ by the second it was sent
            return LAST_MODIFIED

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the log is kept in ``request_log``."""

    return Handler


def main() -> None:
    """Serve until SIGTERM or Ctrl-C; writes the mapping for those who are to connect."""
    parser = argparse.ArgumentParser(description="Serve the sample sites on 127.0.0.1.")
    parser.add_argument("--ports-file", type=Path, required=True, help="write connect_to here, as JSON")
    options = parser.parse_args()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    with serve() as sites:
        options.ports_file.write_text(json.dumps(sites.connect_to))
        stopped.wait()


if __name__ == "__main__":
    main()
