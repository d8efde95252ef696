"""Our own metrics: what they are called, and how a process that lives for one task sends them.

A stage, a gate or a load counts what it did in a :class:`Meter` and sends it once, at its end, as OTLP over HTTP,
as changes (delta temporality): a process that is gone cannot be asked again. Nothing is imported and nothing is
counted where no collector is named. A collector that is down, slow or silent costs a task at most
``otlp_timeout_s`` and a log line, never its success.

Numbers that are states and no events (lag, alarms) are read from the lake by :mod:`marsad.operate.watch`.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from marsad.redact import mask
from marsad.settings import Settings

log = logging.getLogger(__name__)

Kind = Literal["counter", "histogram", "gauge"]
ENDPOINTS = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SECONDS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
"""Bounds of the buckets of durations."""
_LABEL = re.compile(r"[a-z0-9_]{1,64}")
OTHER = "other"
"""What a label's value becomes that is not a plain name: labels must stay few."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One metric."""

    name: str
    kind: Kind
    unit: str
    """As UCUM has it: s, By, or {rows}."""
    what: str
    labels: tuple[str, ...] = ()

    @property
    def prometheus(self) -> str:
        """Its name in Prometheus, as collectors translate it."""
        unit = {"s": "_seconds", "By": "_bytes"}.get(self.unit, "")
        return f"{self.name.replace('.', '_')}{unit}{'_total' if self.kind == 'counter' else ''}"


_C: Kind = "counter"
_G: Kind = "gauge"
INSTRUMENTS: tuple[Instrument, ...] = (
    Instrument(
        "marsad.stage.duration",
        "histogram",
        "s",
        "How long a stage, gate or load took; by how it ended: done, never, later, skipped, error.",
        ("source", "stage", "result"),
    ),
    Instrument("marsad.captures", _C, "{captures}", "Addresses asked for, by outcome.", ("source", "outcome")),
    Instrument("marsad.captures.size", _C, "By", "Bytes of the pages fetched, decompressed.", ("source",)),
    Instrument("marsad.gate.results", _C, "{gates}", "Gates: passed, overridden, failed.",
               ("source", "dataset", "result")),
    Instrument("marsad.rows.quarantined", _C, "{rows}", "Rows a stage or its gate put into quarantine.",
               ("source", "dataset", "reason")),
    Instrument("marsad.rows.published", _C, "{rows}", "Rows written into published partitions.",
               ("source", "dataset")),
    Instrument("marsad.published.size", _C, "By", "Bytes written into published partitions.", ("source", "dataset")),
    Instrument("marsad.rows.loaded", _C, "{rows}", "Rows loaded into the warehouse.", ("source",)),
    # states, read from the lake
    Instrument("marsad.lake.up", _G, "{lake}", "1 where the lake can be written and read."),
    Instrument("marsad.warehouse.up", _G, "{warehouse}", "1 where the warehouse answers, or is yet to be made."),
    Instrument("marsad.sources.enabled", _G, "{sources}", "Sources that are switched on."),
    Instrument("marsad.source.lag", _G, "s", "Since the end of the last published day.", ("source",)),
    Instrument("marsad.source.newest_story.age", _G, "s", "Age of the newest published story.", ("source",)),
    Instrument("marsad.source.late", _G, "{source}", "1 where the day that should be published is not.", ("source",)),
    Instrument("marsad.source.routes.due", _G, "{routes}", "Listings that are due to be asked.", ("source",)),
    Instrument("marsad.source.routes.failing", _G, "{routes}", "Listings that failed when last asked.", ("source",)),
    Instrument("marsad.source.poll.age", _G, "s", "Since a listing of the source was last asked.", ("source",)),
    Instrument("marsad.alarms.open", _G, "{alarms}", "Alarms of the last audited day.", ("source", "blocking")),
    Instrument("marsad.partitions.blocked", _G, "{partitions}", "Days of the last week that a gate holds back.",
               ("source",)),
    Instrument("marsad.partitions.missing", _G, "{partitions}", "Days of the last week that are not published.",
               ("source",)),
    Instrument("marsad.partition.captures", _G, "{captures}", "Outcomes of the last published day.",
               ("source", "outcome")),
    Instrument("marsad.partition.rows", _G, "{rows}", "Rows of the last published day.", ("source", "dataset")),
    Instrument("marsad.partition.quarantined", _G, "{rows}", "Quarantine of the last published day.",
               ("source", "reason")),
    Instrument("marsad.decisions.active", _G, "{decisions}", "Overrides and silences that hold now.", ("kind",)),
)  # fmt: skip
BY_NAME: Mapping[str, Instrument] = {i.name: i for i in INSTRUMENTS}


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


def point(name: str, value: float, **labels: str) -> Point:
    """A measurement of a declared metric; a label's value that is not a plain name becomes ``other``.

    Raises:
        KeyError: no such metric.
        ValueError: other labels than it has.
    """
    wanted = BY_NAME[name].labels
    if set(labels) != set(wanted):
        raise ValueError(f"{name} has the labels {', '.join(wanted) or 'none'}, not {', '.join(labels) or 'none'}")
    values = ((label, labels[label].lower()) for label in wanted)
    return Point(name, value, tuple((label, v if _LABEL.fullmatch(v) else OTHER) for label, v in values))


def collector_of(settings: Settings) -> str | None:
    """The address that OTLP metrics are posted to; None where nobody named one."""
    if settings.otlp_endpoint:
        return f"{settings.otlp_endpoint.rstrip('/')}/v1/metrics"
    if full := os.environ.get(ENDPOINTS[0]):
        return full
    base = os.environ.get(ENDPOINTS[1])
    return f"{base.rstrip('/')}/v1/metrics" if base else None


class Meter:
    """Counts what one task did, and sends it once. Where no collector is named it does nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.is_on = collector_of(settings) is not None
        self.points: list[Point] = []

    def add(self, name: str, value: float, **labels: str) -> None:
        """Count, observe or set; see :func:`point`."""
        if self.is_on:
            self.points.append(point(name, value, **labels))

    @contextlib.contextmanager
    def working(self, stage: str, source: str) -> Iterator[None]:
        """Time the work in the block, count how it ends, and send everything."""
        if not self.is_on:
            yield
            return
        began, result = time.monotonic(), "done"
        try:
            yield
        except BaseException as error:
            result = _result_of(error)
            raise
        finally:
            self.add("marsad.stage.duration", time.monotonic() - began, stage=stage, source=source, result=result)
            self.send()

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Work on metrics alone: what goes wrong in the block is told, and fails nothing."""
        try:
            yield
        except Exception as error:
            log.warning("metrics of this step are not counted: %s: %s", type(error).__name__, error)

    def send(self) -> bool:
        """Send what was counted; whether a collector took it."""
        points, self.points = self.points, []
        return send(points, self._settings) if self.is_on and points else False


def send(points: Iterable[Point], settings: Settings) -> bool:
    """Send measurements to the collector, within ``otlp_timeout_s``; whether it took them."""
    address = collector_of(settings)
    if address is None:
        return False
    try:
        # here and not in the thread: what an import costs is no fault of the collector's, and must not look like one
        import opentelemetry.exporter.otlp.proto.http.metric_exporter
        import opentelemetry.sdk.metrics.export  # noqa: F401
    except ImportError as error:
        log.warning("metrics: cannot be sent: %s", error)
        return False
    taken: list[bool] = []
    # requests' timeouts are per read: a collector that drips would hold the task, so the task does not wait for it
    worker = threading.Thread(target=lambda: taken.append(_export(points, address, settings)), daemon=True)
    worker.start()
    worker.join(settings.otlp_timeout_s)
    if taken == [True]:
        return True
    log.warning("metrics: the collector at %s did not take them; they are lost, and nothing else is", mask(address))
    return False


def _export(points: Iterable[Point], address: str, settings: Settings) -> bool:
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
        from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource

        from marsad import __version__

        for name in ("opentelemetry.exporter.otlp.proto.http.metric_exporter", "opentelemetry.sdk.metrics"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # one line of ours says it all
        delta: dict[type, AggregationTemporality] = {
            Counter: AggregationTemporality.DELTA,
            Histogram: AggregationTemporality.DELTA,
        }
        exporter = OTLPMetricExporter(address, timeout=settings.otlp_timeout_s, preferred_temporality=delta)
        answers: list[Any] = []
        ask = exporter.export

        def export(*args: Any, **kwargs: Any) -> Any:
            answers.append(ask(*args, **kwargs))
            return answers[-1]

        exporter.export = export  # type: ignore[method-assign]  # the reader keeps the answer to itself
        reader = PeriodicExportingMetricReader(exporter, export_interval_millis=math.inf)
        resource = Resource.create({"service.name": "marsad", "service.version": __version__})
        provider = MeterProvider([reader], resource, shutdown_on_exit=False)
        _record(points, provider.get_meter("marsad", __version__))
        provider.force_flush(int(settings.otlp_timeout_s * 1000))
        exporter.shutdown()
        return bool(answers) and all(a.name == "SUCCESS" for a in answers)
    except Exception as error:
        log.warning("metrics: %s: %s", type(error).__name__, mask(str(error)))
        return False


def _record(points: Iterable[Point], meter: Any) -> None:
    made: dict[str, Any] = {}
    for p in points:
        i = BY_NAME[p.name]
        if p.name not in made:
            if i.kind == "counter":
                made[p.name] = meter.create_counter(i.name, i.unit, i.what).add
            elif i.kind == "histogram":
                made[p.name] = meter.create_histogram(
                    i.name, i.unit, i.what, explicit_bucket_boundaries_advisory=SECONDS
                ).record
            else:
                made[p.name] = meter.create_gauge(i.name, i.unit, i.what).set
        made[p.name](p.value, dict(p.labels))


def prometheus_text(points: Iterable[Point]) -> str:
    """Measurements in Prometheus' text format, sorted, with help and type."""
    by_name: dict[str, list[Point]] = {}
    for p in points:
        by_name.setdefault(p.name, []).append(p)
    lines = []
    for i in INSTRUMENTS:
        if i.name not in by_name:
            continue
        lines += [f"# HELP {i.prometheus} {i.what}", f"# TYPE {i.prometheus} {i.kind}"]
        for p in sorted(by_name[i.name], key=lambda p: p.labels):
            labels = ",".join(f'{k}="{v}"' for k, v in p.labels)
            lines.append(f"{i.prometheus}{{{labels}}} {p.value:.15g}" if labels else f"{i.prometheus} {p.value:.15g}")
    return "\n".join(lines) + "\n"


def _result_of(error: BaseException) -> str:
    from marsad.errors import LaterError, MarsadError, NoArchiveRoute

    if isinstance(error, NoArchiveRoute):
        return "skipped"
    if isinstance(error, LaterError):
        return "later"
    return "never" if isinstance(error, MarsadError) else "error"
