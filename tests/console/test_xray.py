"""The X-ray's page: captures of the lake and pages brought along, hostile ones too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import example_rows as rows
from hostile_texts import TEXTS, faults_of, frames_of
from marsad.clean.explain import SAID
from marsad.clean.record import LATE_CAPTURES, LateCapture
from marsad.console.harmless import POLICY, STYLE_HASH
from marsad.console.words import words
from marsad.context import Context
from marsad.late import file_late
from marsad.partition import Partition
from marsad.scrape.record import CAPTURES
from marsad.scrape.warc import Payload, write_segment

HERE = Partition("wakala", rows.DAY)
PAGES = Path(__file__).parents[1] / "clean" / "golden"
WHERE = f"/xray?source=wakala&day={rows.DAY}"


def capture(ctx: Context, pages: dict[str, bytes], partition: Partition = HERE, **other: Any) -> None:
    """Pages as the scrape stage keeps them."""
    at = datetime(2026, 3, 3, 9, tzinfo=UTC)
    path = f"raw/warc/{partition.path}/a.warc.gz"
    given = [Payload(url, body, at, 200, [("Content-Type", "text/html")]) for url, body in pages.items()]
    stored = write_segment(ctx.lake, path, given)
    kept = [
        rows.capture(
            source=partition.source, date=partition.date, url=p.url, final_url=p.url, warc_file=s.warc_file,
            warc_offset=s.warc_offset, sha256=hashlib.sha256(p.body).hexdigest(), byte_count=len(p.body), charset=None,
            **other,
        )
        for p, s in zip(given, stored, strict=True)
    ]  # fmt: skip
    ctx.lake.write_table("raw", CAPTURES, partition, CAPTURES.table(kept))


def page(name: str) -> bytes:
    return (PAGES / f"{name}.html").read_bytes()


def test_a_capture_under_x_ray(empty: Context, browse: Callable[..., Any]) -> None:
    capture(
        empty,
        {"http://wakala.example/1": page("split_two_articles"), "http://wakala.example/2": page("read_more_linked")},
    )
    browser = browse(empty)
    listed = browser.get(WHERE).text
    assert "Captures (2)" in listed
    assert "url=http%3A%2F%2Fwakala.example%2F1" in listed
    found = browser.get(WHERE, params={"source": "wakala", "day": str(rows.DAY), "url": "http://wakala.example/1"})
    assert found.status_code == 200
    assert faults_of(found.text) == []
    assert STYLE_HASH in found.headers["content-security-policy"]
    assert found.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self' 'sha256-")
    (frame,) = frames_of(found.text)
    assert POLICY.replace("'", "&#x27;") in frame
    assert 'class="block as-embedded"' in frame
    assert re.search(r'<li class="as-main">.*?running text', found.text, re.S)
    for shown in (browser.get(f"{WHERE}&lang=ar"), browser.get(f"{WHERE}&lang=ar&url=http://wakala.example/1")):
        assert "التُقط <code" in shown.text
    assert "حُفظت نصًا · نص متصل: " in shown.text
    assert "running text" not in shown.text


def test_the_console_gives_the_readers_reasons_in_its_languages() -> None:
    known = words("en").texts
    assert {key.removeprefix("xray.why."): known[key] for key in known if key.startswith("xray.why.")} == dict(SAID)


def test_a_capture_of_another_day_that_the_day_has_read(empty: Context, browse: Callable[..., Any]) -> None:
    before = Partition("wakala", rows.DAY.replace(day=2))
    capture(empty, {"http://wakala.example/9": page("split_two_articles")}, before)
    file_late(
        LATE_CAPTURES.table([LateCapture("wakala", rows.DAY, "http://wakala.example/9", before.date)]),
        before,
        empty.lake,
    )
    assert 'srcdoc="' in browse(empty).get(f"{WHERE}&url=http://wakala.example/9").text


def test_what_was_not_captured_says_so(empty: Context, browse: Callable[..., Any]) -> None:
    browser = browse(empty)
    assert "Nothing was captured" in browser.get(WHERE).text
    assert browser.get(f"{WHERE}&url=http://wakala.example/none").status_code == 404
    gone = rows.capture(
        source="wakala", url="http://wakala.example/3", outcome="timeout", warc_file=None, error="<b>no answer"
    )
    empty.lake.write_table("raw", CAPTURES, HERE, CAPTURES.table([gone]))
    shown = browser.get(f"{WHERE}&url=http://wakala.example/3").text
    assert "There are no bytes" in shown
    assert "&lt;b&gt;no answer" in shown
    assert "<iframe" not in shown
    capture(empty, {"http://wakala.example/4": b"%PDF-1.7 \x00"})
    assert browser.get(f"{WHERE}&url=http://wakala.example/4").status_code == 422


def test_the_list_is_paged_and_filtered(empty: Context, browse: Callable[..., Any]) -> None:
    many = [rows.capture(n, source="wakala", url=f"http://wakala.example/{n:03}") for n in range(120)]
    empty.lake.write_table("raw", CAPTURES, HERE, CAPTURES.table(many))
    browser = browse(empty)
    first = browser.get(WHERE).text
    assert "Captures (120)" in first
    assert first.count("<tr><td") == 50
    assert browser.get(f"{WHERE}&offset=100").text.count("<tr><td") == 20
    assert browser.get(f"{WHERE}&offset=-5").status_code == 200
    assert "Captures (10)" in browser.get(f"{WHERE}&words=example/11").text


@pytest.mark.parametrize("path", [
    "/xray?source=../etc&day=2026-03-03", "/xray?source=wakala&day=../../x&url=a", "/xray?source=nobody&day=2026-03-03&url=a",
])  # fmt: skip
def test_addresses_that_name_nothing(empty: Context, browse: Callable[..., Any], path: str) -> None:
    assert browse(empty).get(path).status_code in (400, 404)


def test_who_may_not_read_a_source_sees_none_of_its_captures(
    empty: Context, browse: Callable[..., Any], access: Any
) -> None:
    capture(empty, {"http://wakala.example/1": page("split_two_articles")})
    access.reads["omar"] = ("qadim",)
    assert browse(empty, "omar").get(WHERE).status_code == 404
    assert browse(empty, "omar").get(f"{WHERE}&url=http://wakala.example/1").status_code == 404
    assert "wakala" not in browse(empty, "omar").get("/xray").text


def send(browser: Any, content: bytes, name: str = "page.html", **fields: str) -> Any:
    shown = browser.get("/xray").text
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', shown)
    assert token
    return browser.post(
        "/xray",
        data={"form_token": token[1], "source": "", "url": "", **fields},
        files={"page": (name, content, "text/html")},
        headers={"sec-fetch-site": "same-origin"},
    )


def test_a_page_that_is_brought_along(empty: Context, browse: Callable[..., Any]) -> None:
    answer = send(browse(empty), page("read_more_linked"), '<img src=x onerror="alert(1)">.html', source="wakala")
    assert answer.status_code == 200
    assert faults_of(answer.text) == []
    assert 'class="as-read-more"' in answer.text
    assert empty.lake.walk("") == {}  # nothing of it is kept


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_pages(empty: Context, browse: Callable[..., Any], text: str) -> None:
    prose = "وأعلنت الهيئة أن الأمطار الأخيرة رفعت منسوب السدود إلى أعلى مستوى تبلغه منذ خمسة أعوام."
    content = f'<html><title>{text}</title><h1>{text}</h1><p>{prose} {text}</p><p>{prose}</p><a href="{text}">{text}</a>'.encode()
    answer = send(browse(empty), content, url=text)
    assert answer.status_code == 200
    assert faults_of(answer.text) == []
    for frame in frames_of(answer.text):
        assert faults_of(frame) == []
        assert "<script" not in frame


def test_an_upload_has_its_limit_and_must_be_genuine(empty: Context, browse: Callable[..., Any]) -> None:
    browser = browse(empty)
    limit = empty.settings.max_page_bytes
    assert send(browser, b"x" * (limit + 100_000)).status_code == 413
    assert send(browser, b"").status_code == 400
    assert send(browser, b"\x00\x01\x02\xff" * 100).status_code == 422
    assert send(browser, page("split_two_articles"), source="nobody").status_code == 404
    shut = {"sec-fetch-site": "same-origin"}
    assert browser.post("/xray", data={"page": "x"}, headers=shut).status_code == 415
    broken = {**shut, "content-type": "multipart/form-data"}
    assert browser.post("/xray", content=b"x", headers=broken).status_code == 400
    file = {"page": ("a.html", page("split_two_articles"), "text/html")}
    assert browser.post("/xray", files=file, headers=shut).status_code == 403
    assert browser.post("/xray", files=file, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_body_that_does_not_say_its_size_is_cut_off(empty: Context, browse: Callable[..., Any]) -> None:
    sent = []

    def pieces() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="page"; filename="a"\r\n\r\n'
        for _ in range(2_000):
            sent.append(1)
            yield b"x" * 65_536

    headers = {"content-type": "multipart/form-data; boundary=b", "sec-fetch-site": "same-origin"}
    assert browse(empty).post("/xray", content=pieces(), headers=headers).status_code == 413
