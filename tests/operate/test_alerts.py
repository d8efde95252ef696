"""Alerts, sent to a real webhook and a real mail server on the loopback address."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import example_rows as ex
from marsad.__main__ import app
from marsad.errors import UsageError
from marsad.gate import gate_stage
from marsad.gate.override import decide
from marsad.lake import Lake
from marsad.operate.alerts import AlertFailed, Channel, alert_of, channel_of, deliver
from marsad.settings import Settings
from marsad.validate.record import VERDICTS

NOW = datetime(2026, 3, 4, 1, tzinfo=UTC)
WARNING: dict[str, Any] = {
    "level": "warning", "is_success": False, "observed": "8 قصص", "expected": "17 to 50",
    "evidence": "http://sahifa.example/1\nhttp://sahifa.example/2", "since": ex.DAY, "todo": "open the listing",
}  # fmt: skip


class Hook:
    """A webhook that keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str | None, dict[str, Any]]] = []
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((self.path, self.headers.get("Authorization"), json.loads(body)))
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


class Mails(socketserver.StreamRequestHandler):
    """As much of SMTP as a sender needs."""

    got: list[bytes] = []  # noqa: RUF012  one mailbox for all connections

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    body += part
                self.got.append(body)
            if word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def hook() -> Iterator[Hook]:
    found = Hook()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A day that was published with one warning."""
    return day(Lake(tmp_path / "lake"), tmp_path)


def day(lake: Lake, folder: Path, **other: Any) -> Lake:
    ex.write_rows(lake, "staged", VERDICTS, [ex.verdict(), ex.verdict("volume_as_usual", **{**WARNING, **other})])
    settings = Settings(sources=(ex.sources_folder(folder),), data_docs=False)
    gate_stage((VERDICTS,), ex.PARTITION, lake, settings=settings)
    return lake


def test_a_warning_says_what_since_when_where_and_what_to_do(lake: Lake, hook: Hook) -> None:
    alert = alert_of(ex.PARTITION, lake, NOW)
    assert alert is not None
    deliver(alert, Channel("ours", "webhook", url=f"http://127.0.0.1:{hook.port}/x", token="secret"))
    ((path, token, body),) = hook.got
    assert (path, token) == ("/x", "Bearer secret")
    assert body["text"].splitlines()[0] == "marsad: sahifa 2026-03-03: published with warnings"
    assert "! volume_as_usual: \u20688 قصص; expected 17 to 50\u2069" in body["text"]
    assert "    do: open the listing" in body["text"]
    assert body["alarms"][0]["evidence"][0] == "http://sahifa.example/1"


def test_slack_gets_the_text_alone(lake: Lake, hook: Hook) -> None:
    alert = alert_of(ex.PARTITION, lake, NOW, failure="scrape failed: sahifa cannot be reached")
    assert alert is not None
    channel = channel_of(
        "s", "slackwebhook", host=f"http://127.0.0.1:{hook.port}/services", port=None, login="", password="T1/B2/x",
        schema="", extra={},
    )  # fmt: skip
    deliver(alert, channel)
    ((path, _, body),) = hook.got
    assert path == "/services/T1/B2/x"
    assert set(body) == {"text"}
    assert "stopped\nscrape failed: sahifa cannot be reached" in body["text"]
    assert "T1" not in repr(channel)


def test_a_mail_arrives_with_its_arabic(lake: Lake) -> None:
    Mails.got.clear()
    with socketserver.TCPServer(("127.0.0.1", 0), Mails) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        channel = channel_of(
            "m", "smtp", host="127.0.0.1", port=server.server_address[1], login="", password="", schema="",
            extra={"from_email": "marsad@x.example", "to": "a@x.example, b@x.example", "disable_tls": "true"},
        )  # fmt: skip
        alert = alert_of(ex.PARTITION, lake, NOW)
        assert alert is not None
        deliver(alert, channel)
        server.shutdown()
    (raw,) = Mails.got
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["To"] == "a@x.example, b@x.example"
    assert "8 قصص" in mail.get_content()


def test_a_channel_that_fails_is_named_without_its_secret(lake: Lake, hook: Hook) -> None:
    alert = alert_of(ex.PARTITION, lake, NOW)
    assert alert is not None
    hook.status = 500
    channel = Channel("ours", "slack", url=f"http://127.0.0.1:{hook.port}/secret")
    with pytest.raises(AlertFailed, match=r"^alert channel ours: HTTPError, HTTP 500$"):
        deliver(alert, channel)
    with pytest.raises(AlertFailed, match=r"^alert channel ours: ConnectionError$"):
        deliver(alert, replace(channel, url="http://127.0.0.1:9/secret"))


@pytest.mark.parametrize(("days", "is_told"), [(0, True), (1, False), (6, False), (7, True), (14, True)])
def test_what_goes_on_is_told_every_week(tmp_path: Path, days: int, is_told: bool) -> None:
    lake = day(Lake(tmp_path / "lake"), tmp_path, since=ex.DAY - timedelta(days=days))
    alert = alert_of(ex.PARTITION, lake, NOW)
    assert (alert is not None) is is_told
    if alert and days:
        assert f"since {ex.DAY - timedelta(days=days)}" in alert.text


def test_a_sound_day_tells_nobody(tmp_path: Path) -> None:
    lake = day(Lake(tmp_path / "lake"), tmp_path, is_success=True, since=None, todo=None)
    assert alert_of(ex.PARTITION, lake, NOW) is None


def test_a_silence_keeps_quiet_until_its_end_and_not_a_failure(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARSAD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("MARSAD_SOURCES", str(ex.sources_folder(tmp_path)))
    words = ["gates", "silence", "-s", ex.NAME, "--check", "volume_as_usual", "--by", "سلمى", "--days", "2"]
    said = CliRunner().invoke(app, [*words, "--why", "نصف المحررين في إجازة"])
    assert said.exit_code == 0, said.output
    now = datetime.now(UTC)
    assert alert_of(ex.PARTITION, lake, now) is None
    assert alert_of(ex.PARTITION, lake, now + timedelta(days=3)) is not None
    assert alert_of(ex.PARTITION, lake, now, failure="publish failed") is not None
    assert "silence" in CliRunner().invoke(app, ["gates", "overrides"]).output


def test_a_silence_of_nothing_is_refused(lake: Lake) -> None:
    with pytest.raises(UsageError, match="there is no alarm 'nonsense'"):
        decide(
            lake, source=ex.NAME, first=ex.DAY, last=ex.DAY, check="nonsense", by="x", why="ten letters", days=1, now=NOW,
            passable=["volume_as_usual"], kind="silence",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "host", "extra"), [("postgres", "x", {}), ("smtp", "x", {}), ("smtp", "", {"to": "a@x"}), ("http", "", {})]
)
def test_a_connection_that_is_no_channel_is_refused(kind: str, host: str, extra: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="connection c: "):
        channel_of("c", kind, host=host, port=None, login="", password="", schema="", extra=extra)
