"""Metrics: declared once, few labels, taken by a real collector, and never at the cost of a task."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from collector import collector
from marsad.errors import GateFailed, NoArchiveRoute, SourceUnreachable
from marsad.metrics import BY_NAME, ENDPOINTS, INSTRUMENTS, Meter, Point, collector_of, point, prometheus_text, send
from marsad.settings import Settings

ROOT = Path(__file__).parent.parent
SAMPLES = (
    point("marsad.captures", 12, source="wakala", outcome="captured"),
    point("marsad.captures", 3, source="wakala", outcome="not_found"),
    point("marsad.stage.duration", 2.5, source="wakala", stage="scrape", result="done"),
    point("marsad.source.lag", 3600, source="wakala"),
)


@pytest.fixture(autouse=True)
def no_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENDPOINTS:
        monkeypatch.delenv(name, raising=False)


def test_a_collector_gets_numbers_units_labels_and_who_speaks() -> None:
    with collector() as heard:
        assert send(SAMPLES, Settings(otlp_endpoint=f"{heard.url}/"))
    assert heard.total("marsad.captures", source="wakala") == 15
    assert heard.total("marsad.captures", outcome="not_found") == 3
    assert heard.total("marsad.stage.duration", stage="scrape") == 1  # a histogram's count
    by_name = {s.name: s for s in heard.samples}
    assert by_name["marsad.source.lag"].value == 3600
    assert (by_name["marsad.source.lag"].unit, by_name["marsad.captures"].unit) == ("s", "{captures}")
    # a process that is gone cannot be asked again: it tells changes, and gauges as they are
    temporalities = {name: s.temporality for name, s in by_name.items()}
    assert temporalities == {"marsad.captures": 1, "marsad.stage.duration": 1, "marsad.source.lag": 0}
    assert heard.resources[0]["service.name"] == "marsad"


@pytest.mark.timed
@pytest.mark.parametrize("how", [{"silent_s": 30.0}, {"drips": True}, {"status": 503}, {"status": 400}])
def test_a_collector_that_is_no_good_costs_a_moment_and_nothing_else(
    how: dict[str, float], caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(otlp_timeout_s=1.0)
    send(SAMPLES, settings)  # the imports are not what is timed
    with collector(**how) as heard:  # type: ignore[arg-type]
        settings = Settings(otlp_endpoint=heard.url, otlp_timeout_s=1.0)
        began = time.monotonic()
        assert send(SAMPLES, settings) is False
        assert time.monotonic() - began < 4.0
    assert heard.posts >= 1
    assert [r.message for r in caplog.records if "did not take them" in r.message]


def test_nobody_listening_is_no_error() -> None:
    with collector() as heard:
        url = heard.url
    assert send(SAMPLES, Settings(otlp_endpoint=url, otlp_timeout_s=1.0)) is False


def test_work_is_timed_and_its_end_counted_however_it_ends() -> None:
    with collector() as heard:
        settings = Settings(otlp_endpoint=heard.url)
        with Meter(settings).working("clean", "wakala"):
            pass
        for error in (GateFailed("x"), SourceUnreachable("x"), NoArchiveRoute("x"), ZeroDivisionError("x")):
            with pytest.raises(type(error)), Meter(settings).working("clean", "wakala"):
                raise error
    for result in ("done", "never", "later", "skipped", "error"):
        assert heard.total("marsad.stage.duration", result=result) == 1


def test_off_costs_no_import_and_no_thread() -> None:
    script = (
        "import sys, threading, json\n"
        "from marsad.metrics import Meter\nfrom marsad.settings import Settings\n"
        "meter = Meter(Settings())\n"
        "with meter.working('clean', 'wakala'):\n    meter.add('marsad.captures', 1, source='a', outcome='b')\n"
        "print(json.dumps([meter.points, threading.active_count(), [m for m in sys.modules if 'opentelemetry' in m]]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == [[], 1, []]


def test_the_collector_is_ours_or_else_opentelemetrys_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert collector_of(Settings()) is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4318/")
    assert collector_of(Settings()) == "http://otel:4318/v1/metrics"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://otel:4318/own/path")
    assert collector_of(Settings()) == "http://otel:4318/own/path"
    assert collector_of(Settings(otlp_endpoint="http://ours:4318")) == "http://ours:4318/v1/metrics"


def test_labels_are_those_declared_and_their_values_plain_names() -> None:
    with pytest.raises(ValueError, match="has the labels source, outcome"):
        point("marsad.captures", 1, source="wakala")
    with pytest.raises(KeyError):
        point("marsad.nonesuch", 1)
    odd = point("marsad.captures", 1, source='x",y="1', outcome="قال\n# HELP forged")
    assert odd.labels == (("source", "other"), ("outcome", "other"))


def test_prometheus_reads_the_text() -> None:
    text = prometheus_text(SAMPLES)
    assert "# TYPE marsad_captures_total counter\n" in text
    assert 'marsad_captures_total{source="wakala",outcome="captured"} 12\n' in text
    assert 'marsad_source_lag_seconds{source="wakala"} 3600\n' in text
    line = re.compile(r'^(#.*|[a-z_]+(\{[a-z_]+="[a-z0-9_]+"(,[a-z_]+="[a-z0-9_]+")*\})? [0-9.e+-]+)$')
    assert all(line.match(x) for x in text.splitlines())


def test_names_and_labels_are_few_and_of_one_form() -> None:
    assert len(BY_NAME) == len(INSTRUMENTS)
    assert len({i.prometheus for i in INSTRUMENTS}) == len(INSTRUMENTS)
    for i in INSTRUMENTS:
        assert re.fullmatch(r"marsad(\.[a-z_]+)+", i.name)
        assert len(i.labels) <= 3
        assert not set(i.labels) & {"url", "date", "article_id", "run", "route"}  # endless


def _metrics_in(text: str) -> set[str]:
    return set(re.findall(r"\bmarsad_[a-z_]+", text))


def test_the_dashboard_and_the_alerts_ask_for_metrics_that_exist() -> None:
    known = {i.prometheus for i in INSTRUMENTS}
    known |= {
        f"{i.prometheus}_{part}" for i in INSTRUMENTS if i.kind == "histogram" for part in ("bucket", "sum", "count")
    }
    board = json.loads((ROOT / "deploy" / "grafana" / "marsad.json").read_text("utf-8"))
    asked = [t["expr"] for panel in board["panels"] for t in panel.get("targets", [])]
    assert len(asked) > 10
    for expression in asked:
        assert _metrics_in(expression), expression
        assert _metrics_in(expression) <= known, expression
    assert len({p["id"] for p in board["panels"]}) == len(board["panels"])
    alerts = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text("utf-8"))
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    for rule in rules:
        assert _metrics_in(rule["expr"]) <= known, rule
        assert {"summary", "todo"} <= set(rule["annotations"])
        labels = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule)))
        assert labels <= {
            label
            for name in _metrics_in(rule["expr"])
            for i in INSTRUMENTS
            if i.prometheus == name
            for label in i.labels
        }
    guide = (ROOT / "docs" / "guide" / "observe.md").read_text("utf-8")
    assert all(f"`{rule['alert']}`" in guide for rule in rules)
    assert all(f"`{i.prometheus}`" in guide for i in INSTRUMENTS)


def test_the_sample_collector_reads_what_we_send_and_listens_on_loopback() -> None:
    conf = yaml.safe_load((ROOT / "deploy" / "otel" / "collector.yaml").read_text("utf-8"))
    assert conf["receivers"]["otlp"]["protocols"]["http"]["endpoint"].startswith("127.0.0.1:")
    pipeline = conf["service"]["pipelines"]["metrics"]
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) <= set(conf[kind])
    assert "deltatocumulative" in pipeline["processors"]  # Prometheus cannot add up changes


def test_a_measurement_is_hashable_and_final() -> None:
    assert len({Point("marsad.lake.up", 1.0), Point("marsad.lake.up", 1.0)}) == 1
