"""The past: a web archive's index, and WARC and WET files."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from hostile_site import HostileSite, answer, page, source
from marsad.errors import UnreadableListing, UsageError
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.discover import discover
from marsad.scrape.discover.files import open_store
from marsad.scrape.fetch import Fetcher
from marsad.scrape.record import Capture
from marsad.scrape.stage import scrape
from marsad.scrape.warc import Payload, write_segment
from marsad.sources import Route

DAY = date(2026, 3, 3)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
CDX = {"cdx": "http://archive.example/cdx?url=site.example/*", "link_pattern": r"/news/\d+"}
Make = Callable[..., Fetcher]


def rows(*pairs: tuple[str, str], resume: str | None = None) -> bytes:
    found: list[list[str]] = [["timestamp", "original"], *map(list, pairs)]
    return json.dumps(found + ([[], [resume]] if resume else [])).encode()


def cdx_server(site: HostileSite, *answers: bytes) -> list[dict[str, list[str]]]:
    """Answers one after the other; the queries that were asked."""
    asked: list[dict[str, list[str]]] = []
    left = list(answers)

    def act(handler: Any) -> None:
        if not handler.path.startswith("/cdx"):
            answer(page("قديم") if "/web/" in handler.path else b"", 200 if "/web/" in handler.path else 404)(handler)
            return
        asked.append(parse_qs(urlsplit(handler.path).query))
        answer(left.pop(0) if left else b"", kind="application/json")(handler)

    site.acts["*"] = act
    return asked


def test_the_captures_of_a_day_are_listed_each_page_once(site: HostileSite, fetcher: Make) -> None:
    asked = cdx_server(
        site,
        rows(
            ("20260303080000", "http://site.example/news/1"),
            ("20260303090000", "http://www.site.example:80/news/1?utm_source=x"),
            ("20260303090000", "https://site.example/about"),
            ("x", "https://site.example/news/9"),
            resume="k 1",
        ),
        rows(("20260303100000", "https://site.example/news/2/amp"), ("20260303100001", "https://site.example/news/3")),
    )
    facts = source(CDX)
    found = list(discover(facts.discover[0], facts, DAY, fetcher("archive.example"), lambda: NOW))
    assert [s.url for s in found] == [
        "http://archive.example/web/20260303080000id_/http://site.example/news/1",
        "http://archive.example/web/20260303100000id_/https://site.example/news/2/amp",
        "http://archive.example/web/20260303100001id_/https://site.example/news/3",
    ]
    assert {s.date for s in found} == {DAY}
    assert all(s.listed_at is None for s in found)  # captured is not published
    assert asked[0]["from"] == ["20260302220000"]  # the day in Beirut
    assert asked[0]["to"] == ["20260303215959"]
    assert asked[0]["filter"] == ["statuscode:200", "mimetype:text/html"]
    assert asked[0]["url"] == ["site.example/*"]
    assert asked[1]["resumeKey"] == ["k 1"]


def test_archived_bytes_are_fetched_and_the_page_keeps_its_own_address(site: HostileSite, tmp_path: Path) -> None:
    cdx_server(site, rows(("20260303080000", "http://site.example/news/1")))
    facts, lake = source(CDX), Lake(tmp_path)
    with Fetcher(site.settings("archive.example"), facts, clock=lambda: NOW, sleep=lambda s: None) as fetch:
        batch = scrape(facts, DAY, fetch, lake, now=lambda: NOW)
    capture = Capture(**batch.table.to_pylist()[0])
    assert capture.outcome == "captured"
    assert capture.url == "http://archive.example/web/20260303080000id_/http://site.example/news/1"
    assert capture.page_url == "http://site.example/news/1"


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"error": 1}', b"[1, 2]"])
def test_what_is_no_answer_of_a_cdx_server_is_said(site: HostileSite, fetcher: Make, body: bytes) -> None:
    cdx_server(site, body)
    facts = source(CDX)
    with pytest.raises(UnreadableListing):
        list(discover(facts.discover[0], facts, DAY, fetcher("archive.example"), lambda: NOW))


def test_an_empty_answer_means_that_nothing_was_captured(site: HostileSite, fetcher: Make) -> None:
    cdx_server(site, b"\n")
    facts = source(CDX)
    assert list(discover(facts.discover[0], facts, DAY, fetcher("archive.example"), lambda: NOW)) == []


def write_warc(path: Path, *records: tuple[str, str, bytes, dict[str, str]]) -> Path:
    """Records of (type, address, body, headers); ``Status`` is a response's."""
    sink = io.BytesIO()
    writer = WARCWriter(sink, gzip=path.suffix == ".gz")
    for kind, url, body, headers in records:
        http = None
        if kind == "response":
            fields = [("Content-Type", headers.get("Content-Type", "text/html; charset=utf-8"))]
            http = StatusAndHeaders(headers.get("Status", "200 OK"), fields, protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                url,
                kind,
                payload=io.BytesIO(body),
                length=len(body),
                http_headers=http,
                warc_content_type="" if http else headers.get("Content-Type", "text/html"),
                warc_headers_dict={"WARC-Date": headers.get("Date", "2026-03-03T08:00:00Z")},
            )
        )
    path.write_bytes(sink.getvalue())
    return path


def test_the_pages_of_a_warc_are_read_each_once_under_their_own_day(tmp_path: Path) -> None:
    path = write_warc(
        tmp_path / "CC-NEWS-1.warc.gz",
        ("response", "http://site.example/news/1", page("أول"), {}),
        ("response", "http://site.example/news/1", page("ثان"), {}),
        ("response", "http://site.example/gone", b"", {"Status": "404 Not Found"}),
        ("response", "http://site.example/x.png", b"\x89PNG", {"Content-Type": "image/png"}),
        ("response", "http://other.example/news/5", page("غريب"), {}),
        ("response", "http://site.example/خبر/2", page("عربي"), {"Date": "2026-03-03T23:30:00Z"}),
        ("request", "http://site.example/news/1", b"GET / HTTP/1.1\r\n\r\n", {"Content-Type": "application/http"}),
    )
    route = Route(kind="files", address=str(path), link_pattern=r"^http://site\.example/")
    store = open_store(route)
    found = {x.url: x.listed_on for x in store.listings(source().zone)}
    assert found == {
        "http://site.example/news/1": date(2026, 3, 3),
        "http://site.example/%D8%AE%D8%A8%D8%B1/2": date(2026, 3, 4),  # past midnight in Beirut
    }
    assert store.read("http://site.example/news/1", 10_000) == page("أول")
    assert store.read("http://site.example/news/1", 10) is None
    assert "http://other.example/news/5" not in store


def test_a_wet_and_our_own_segments_are_read(tmp_path: Path) -> None:
    write_warc(
        tmp_path / "a.warc.wet.gz",
        ("conversion", "http://site.example/1", "نص الخبر".encode(), {"Content-Type": "text/plain"}),
    )
    lake = Lake(tmp_path / "lake")
    moment = datetime(2026, 3, 3, 8, tzinfo=UTC)
    write_segment(
        lake, "s.warc.gz", [Payload("http://site.example/2", page(), moment, 200, [("Content-Type", "text/html")])]
    )
    for path, url, body in (
        (tmp_path / "a.warc.wet.gz", "http://site.example/1", "نص الخبر".encode()),
        (tmp_path / "lake" / "s.warc.gz", "http://site.example/2", page()),
    ):
        assert open_store(Route(kind="files", address=str(path))).read(url, 10_000) == body


def test_a_folder_of_warcs_is_a_source_of_the_day(tmp_path: Path, site: HostileSite) -> None:
    folder = tmp_path / "warcs"
    folder.mkdir()
    write_warc(folder / "1.warc", ("response", "http://site.example/news/1", page("أول"), {}))
    write_warc(
        folder / "2.warc.gz", ("response", "http://site.example/news/2", page("ثان"), {"Date": "2026-03-04T08:00:00Z"})
    )
    facts, lake = source({"files": str(folder)}), Lake(tmp_path / "lake")
    with Fetcher(site.settings(), facts, clock=lambda: NOW, sleep=lambda s: None) as fetch:
        batch = scrape(facts, DAY, fetch, lake, now=lambda: NOW)
    assert [(r["url"], r["outcome"]) for r in batch.table.to_pylist()] == [("http://site.example/news/1", "captured")]
    assert lake.list(f"raw/sightings/{Partition('site', date(2026, 3, 4)).path}")
    assert site.log == []


@pytest.mark.parametrize("damage", ["cut", "noise", "zip bomb"])
def test_a_broken_warc_is_said(tmp_path: Path, damage: str) -> None:
    path = write_warc(tmp_path / "x.warc.gz", ("response", "http://site.example/1", page() * 50, {}))
    whole = path.read_bytes()
    path.write_bytes(
        {"cut": whole[: len(whole) // 2], "noise": b"\0" * 500, "zip bomb": whole[:10] + b"\xff" * 400}[damage]
    )

    def read() -> None:
        store = open_store(Route(kind="files", address=str(path)))
        store.read("http://site.example/1", 10_000_000)

    with pytest.raises((UsageError, UnreadableListing), match=r"x\.warc\.gz|hold no pages"):
        read()


def test_an_index_beside_warcs_is_refused(tmp_path: Path) -> None:
    path = write_warc(tmp_path / "x.warc", ("response", "http://site.example/1", page(), {}))
    with pytest.raises(UsageError, match="leave out the index"):
        open_store(Route(kind="files", address=str(path), index="x.csv"))
