"""A collector of metrics (OTLP over HTTP) and lineage (OpenLineage): a real server that decodes what it is sent."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)


@dataclass(frozen=True)
class Sample:
    """One number as it came over the wire."""

    name: str
    labels: dict[str, str]
    value: float
    unit: str
    temporality: int
    """1 delta, 2 cumulative, 0 a gauge."""


@dataclass
class Collector:
    """What came."""

    url: str = ""
    samples: list[Sample] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    resources: list[dict[str, str]] = field(default_factory=list)
    posts: int = 0

    def total(self, name: str, **labels: str) -> float:
        """The sum of a metric over the samples that have these labels."""
        return sum(s.value for s in self.samples if s.name == name and labels.items() <= s.labels.items())


def _read(request: ExportMetricsServiceRequest, into: Collector) -> None:
    for resource in request.resource_metrics:
        into.resources.append({a.key: a.value.string_value for a in resource.resource.attributes})
        for metric in (m for scope in resource.scope_metrics for m in scope.metrics):
            kind = metric.WhichOneof("data")
            data = getattr(metric, str(kind))
            for p in data.data_points:
                labels = {a.key: a.value.string_value for a in p.attributes}
                value = p.count if kind == "histogram" else p.as_double or float(p.as_int)
                temporality = 0 if kind == "gauge" else data.aggregation_temporality
                into.samples.append(Sample(metric.name, labels, value, metric.unit, temporality))


@contextmanager
def collector(*, status: int = 200, silent_s: float = 0.0, drips: bool = False) -> Iterator[Collector]:
    """Serve one; ``silent_s`` makes it answer late, ``drips`` a byte at a time, ``status`` refuse."""
    found = Collector()
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            found.posts += 1
            if silent_s:
                stop.wait(silent_s)
            if drips:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not stop.wait(0.2):
                    try:
                        self.wfile.write(b"X-Drip: 1\r\n")
                    except OSError:
                        return
            if self.path.endswith("/v1/metrics"):
                if status == 200:
                    _read(ExportMetricsServiceRequest.FromString(body), found)
                answer = ExportMetricsServiceResponse().SerializeToString()
            else:
                found.events.append(json.loads(body))
                answer = b"{}"
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                return

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up is one of ours that has waited enough."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield found
    finally:
        stop.set()
        server.shutdown()
        server.server_close()


def wait_for(what: Any, seconds: float = 60) -> bool:
    """Wait until a function answers true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return False
