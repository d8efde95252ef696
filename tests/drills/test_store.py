"""An object store that fails half of its writes: tried again as Airflow does, a day ends with the bytes of a sound one."""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from drills.conftest import DAY, Days, published
from marsad import pipeline
from marsad.context import Context
from marsad.errors import LakeUnreachable, LakeUnusable, LaterError
from marsad.lake import Lake
from marsad.operate.verify import verify
from store_server import Bucket

SEED = 20260303
TRIES = 60
SLOW = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


class Flaky:
    """A proxy before a store: half of the writes fail, and every fiftieth of all else.

    The kinds: an internal error, an overload, a connection cut before the store was asked, one cut after it did what
    it was asked, and an answer cut in its midst.
    """

    def __init__(self, target: tuple[str, int], bucket: str) -> None:
        self.bucket = bucket
        self.is_on, self.others, self.counts = True, 0.02, Counter[str]()
        self._row = Counter[str]()
        self._random, self._lock = random.Random(SEED), threading.Lock()
        flaky = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def log_message(self, format: str, *args: Any) -> None:
                pass

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fault = flaky.fault(self.command, self.path)
                if fault in ("500", "503"):
                    said = b"" if self.command == "HEAD" else SLOW if fault == "503" else b""
                    self.send_response(int(fault))
                    self.send_header("Content-Length", str(len(said)))
                    self.end_headers()
                    self.wfile.write(said)
                    return None
                if fault == "unasked":
                    return self._cut()
                link = http.client.HTTPConnection(*target, timeout=30)
                link.request(self.command, self.path, body, {k: v for k, v in self.headers.items() if k != "Expect"})
                answer = link.getresponse()
                data = answer.read()
                link.close()
                if fault == "unsaid":
                    return self._cut()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                size = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(data))
                self.send_header("Content-Length", size or "0")
                self.end_headers()
                if fault == "half":
                    self.wfile.write(data[: len(data) // 2])
                    return self._cut()
                self.wfile.write(data)
                return None

            def _cut(self) -> None:
                self.close_connection = True
                self.wfile.flush()
                # a reset, not an end: what was not sent is thrown away
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve

            def finish(self) -> None:
                with contextlib.suppress(OSError):
                    super().finish()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def fault(self, method: str, path: str) -> str | None:
        """What goes wrong with the next request; None: nothing."""
        with self._lock:
            self.counts[method] += 1
            if not self.is_on or self._random.random() >= (0.5 if method == "PUT" else self.others):
                self._row[path] = 0
                return None
            if self._row[path] >= 3:  # or the client's five tries would be used up again and again
                self._row[path] = 0
                return None
            self._row[path] += 1
            kinds = ["500", *["503"] * 18, *["unasked"] * 12, *["unsaid"] * 9]
            found = self._random.choice([*kinds, *["half"] * 12] if method == "GET" else kinds)
            self.counts[f"{method} failed"] += 1
            self.counts[found] += 1
            return found


@pytest.fixture
def flaky(bucket: Bucket) -> Iterator[Flaky]:
    address = urlsplit(bucket.options["endpoint_url"])
    found = Flaky((str(address.hostname), int(address.port or 0)), bucket.url)
    yield found
    found.server.shutdown()
    found.server.server_close()


def options_of(flaky: Flaky) -> dict[str, Any]:
    host, port = flaky.server.server_address[:2]
    # the client tries again as it always does, but for errors that it would wait seconds after
    retries = {"retries": {"mode": "standard", "total_max_attempts": 1}}
    return {"endpoint_url": f"http://{host!s}:{port}", "key": "test", "secret": "test", "config_kwargs": retries}


def as_airflow(work: Callable[[Context], object], make: Callable[[], Context], told: Counter[str]) -> None:
    """Try a task again while it fails with what may pass; anything else fails the test."""
    for _ in range(TRIES):
        try:
            work(replace(make(), owner="news_qadim/run"))
            return
        except LaterError as error:
            told[type(error).__name__] += 1
    raise AssertionError(f"seed {SEED}: {TRIES} tries were not enough: {told}")


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_a_store_that_fails_half_of_its_writes(flaky: Flaky, days: Days) -> None:
    told: Counter[str] = Counter()

    def make() -> Context:
        return days.context(f"{flaky.bucket}/drill", lake_options=options_of(flaky))

    for stage in pipeline.STAGE_NAMES:
        as_airflow(lambda ctx, s=stage: pipeline.run(s, DAY, ctx), make, told)  # type: ignore[misc]
        as_airflow(lambda ctx, s=stage: pipeline.run_gate(s, DAY, ctx), make, told)  # type: ignore[misc]
    flaky.is_on = False
    assert 0.3 < flaky.counts["PUT failed"] / flaky.counts["PUT"] < 0.7, flaky.counts
    assert told["LakeUnreachable"] >= 1, (told, flaky.counts)
    assert set(told) <= {"LakeUnreachable"}, told
    lake = make().lake
    whole = {path: data for path, data in published(days.before).items() if DAY.path in path or "03-03" in path}
    assert published(lake) == whole
    assert list(verify(lake, now=make().now(), deep=True)) == []


def test_what_a_store_gives_no_answer_for_is_not_taken_for_missing(flaky: Flaky) -> None:
    """A file that is left out of a listing would be lost without a word."""
    lake = Lake(f"{flaky.bucket}/listed", options_of(flaky))
    flaky.is_on = False
    for n in range(4):
        lake.write_bytes(f"a/b/{n}.json", b"{}")
    flaky.is_on, flaky.others = True, 0.3
    wanted = [f"a/b/{n}.json" for n in range(4)]
    told = 0
    for _ in range(12):
        for ask, answer in (
            (lambda: lake.list("a/b"), wanted),
            (lambda: lake.list("a", "**/*.json"), wanted),
            (lambda: lake.list("a", "*/*.json"), wanted),
            (lambda: lake.names("a/b"), [f"{n}.json" for n in range(4)]),
            (lambda: sorted(lake.walk("a")), wanted),
            (lambda: lake.exists("a/b/3.json"), True),
            (lambda: lake.read_bytes("a/b/2.json"), b"{}"),
        ):
            try:
                assert ask() == answer  # type: ignore[no-untyped-call]
            except LakeUnreachable:
                told += 1
    assert told > 5


def test_what_was_not_removed_is_said(flaky: Flaky) -> None:
    lake = Lake(f"{flaky.bucket}/removed", options_of(flaky))
    flaky.others = 0.3
    for n in range(20):
        flaky.is_on = False
        lake.write_bytes(f"d/{n}", b"1")
        flaky.is_on = True
        try:
            lake.delete(f"d/{n}")
        except LakeUnreachable:
            continue
        flaky.is_on = False
        assert not lake.exists(f"d/{n}")


def test_what_trying_again_cannot_mend_is_never(flaky: Flaky) -> None:
    flaky.is_on = False
    with pytest.raises(LakeUnusable, match="cannot write a"):
        Lake("s3://no-such-bucket-here/x", options_of(flaky)).write_bytes("a", b"1")
