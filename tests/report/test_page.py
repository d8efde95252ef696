"""The daily page: what it says, what it must not do, and what a real browser makes of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import example_rows as ex
from marsad import pipeline
from marsad.__main__ import app
from marsad.clean.record import ARTICLES
from marsad.context import Context
from marsad.gate import gate, gate_stage
from marsad.gate.report import docs_path
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.report.page import page_path, render, write_page
from marsad.report.plot import Point, line
from marsad.scrape.record import CAPTURES
from marsad.settings import Settings
from marsad.validate.record import PROFILES, VERDICTS, Profile

HOSTILE = '</td><script>fetch("http://127.0.0.1:{port}/x")</script><img src="http://127.0.0.1:{port}/y">خبر'


def fill(lake: Lake, folder: Path, port: int = 1, days: int = 60) -> None:
    """Sixty days, the last of them with alarms whose evidence is hostile."""
    for back in range(days):
        day = ex.DAY - timedelta(days=back)
        rows = [
            Profile(ex.NAME, day, name, value * (0.3 if back == 0 else 1), 40, value * 0.6, value * 1.4)
            for name, value in (("urls", 50.0), ("captured", 45.0), ("stories", 40.0), ("words", 180.0), ("led", 0.8))
        ]
        lake.write_table("staged", PROFILES, Partition(ex.NAME, day), PROFILES.table(rows))
    bad = {"observed": HOSTILE.format(port=port), "evidence": HOSTILE.format(port=port), "is_success": False}
    unmet = [
        ex.verdict("volume_as_usual", level="warning", since=date(2026, 3, 1), todo="افتح القائمة", **bad),
        ex.verdict("days_are_known", level="warning", **bad),
    ]
    ex.write_rows(lake, "staged", VERDICTS, unmet)
    ex.write_rows(lake, "raw", CAPTURES, [ex.capture(1), ex.capture(2, outcome="timeout")])
    settings = Settings(sources=(ex.sources_folder(folder),), data_docs=False)
    gate_stage((VERDICTS,), ex.PARTITION, lake, settings=settings)


class Refs(HTMLParser):
    """Every tag, and every attribute by which a page loads something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [f"{tag} {k}" for k, _ in attrs if k in ("src", "href", "srcset", "data", "action", "onload")]


def test_a_page_says_it_all_and_loads_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    fill(lake, tmp_path)
    page = render(ex.PARTITION, "صحيفة <b>الساحل</b>", lake)
    for text in (
        "volume_as_usual",
        "since 2026-03-01",
        "افتح القائمة",
        "1 timeout",
        "صحيفة &lt;b&gt;",
        "with warnings",
    ):
        assert text in page, text
    refs = Refs()
    refs.feed(page)
    assert refs.loads == []
    assert not refs.tags & {"script", "img", "link", "iframe", "object", "embed", "form", "a"}
    assert "url(" not in page
    assert "@import" not in page
    assert page.count("<svg") == 4  # addresses, stories, words, standfirsts
    assert 'class="off"' in page
    assert render(ex.PARTITION, "صحيفة <b>الساحل</b>", lake) == page


def test_a_day_without_a_past_has_a_page_too(tmp_path: Path) -> None:
    assert "Every check and rule is met" in render(ex.PARTITION, "x", Lake(tmp_path))


def test_the_gate_writes_the_page_and_the_command_says_where(
    make_context: Callable[..., Context], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = tmp_path / "lake"
    ctx = make_context(lake)
    ctx = replace(ctx, settings=ctx.settings.model_copy(update={"data_docs": True}))
    partition = Partition("wakala", date(2026, 3, 3))
    pipeline.run_partition(partition, ctx)
    written = ctx.lake.read_bytes(page_path(partition))
    assert "وكالة الساحل".encode() in written
    monkeypatch.setenv("MARSAD_LAKE", str(lake))
    monkeypatch.setenv("MARSAD_SOURCES", ",".join(map(str, ctx.settings.sources)))
    said = CliRunner().invoke(app, ["report", "-d", "2026-03-03", "--html"])
    assert said.exit_code == 0, said.output
    assert page_path(partition) in said.output.replace("\n", "")
    assert ctx.lake.read_bytes(page_path(partition)) == written


def test_a_plot_has_gaps_where_days_are_missing() -> None:
    days = [ex.DAY - timedelta(days=n) for n in (4, 3, 2, 1, 0)]
    svg = line("x", [Point(d, 1.0) for d in days if d != days[2]], days)
    assert len(re.findall("<polyline", svg)) == 2


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on this machine")
@pytest.mark.parametrize(("kind", "shows"), [("daily", "volume_as_usual"), ("data_docs", "spy.gif")])
def test_a_real_browser_opens_it_offline_and_asks_for_nothing(tmp_path: Path, kind: str, shows: str) -> None:
    """Chromium renders it; a server that the page's hostile evidence names is never asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        lake = Lake(tmp_path / "lake")
        fill(lake, tmp_path, port=server.server_address[1])
        page = write_page(ex.PARTITION, "صحيفة الساحل", lake)
        if kind == "data_docs":
            body = f'<img src="http://127.0.0.1:{server.server_address[1]}/spy.gif"><script src="/spy.js"></script>'
            ex.write_rows(lake, "staged", ARTICLES, [ex.article(1), ex.article(2, paragraphs=(body,))])
            gate(ARTICLES, ex.PARTITION, lake, settings=Settings(sources=(ex.sources_folder(tmp_path),)))
            page = docs_path(ARTICLES, ex.PARTITION)
        path = lake.path(page)
        netlog = tmp_path / "net.json"
        words = [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}", f"--log-net-log={netlog}", "--window-size=1200,1600",
            f"--screenshot={tmp_path / 'page.png'}", "--dump-dom", f"file://{path}",
        ]  # fmt: skip
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        server.shutdown()
    assert done.returncode == 0, done.stderr[-2000:]
    assert shows in done.stdout
    assert (tmp_path / "page.png").stat().st_size > 10_000
    assert asked == []
    log: dict[str, Any] = json.loads(netlog.read_text("utf-8"))
    urls = {e["params"]["url"] for e in log["events"] if "url" in (e.get("params") or {})}
    assert [u for u in urls if u.startswith(("http:", "https:")) and "127.0.0.1" in u] == []


if __name__ == "__main__":  # a page to look at: python tests/report/test_page.py FOLDER
    fill(Lake(sys.argv[1]), Path(sys.argv[1]))
    print(Lake(sys.argv[1]).path(write_page(ex.PARTITION, "صحيفة الساحل", Lake(sys.argv[1]))))
