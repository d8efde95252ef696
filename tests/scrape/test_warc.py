"""WARC: what goes in comes out, the same bytes for the same input, readable by others."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from marsad.errors import LakeUnusable, MissingPartition
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.cdxj import index_path, lookup, read_index, surt, write_index
from marsad.scrape.warc import IDENTICAL, Payload, read_body, write_segment

AT = datetime(2026, 3, 4, 0, 5, 1, 250_000, tzinfo=UTC)
PATH = "raw/warc/date=2026-03-03/source=site/segment-0001.warc.gz"


@pytest.fixture(params=["disk", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    return Lake(tmp_path if request.param == "disk" else f"memory://warc-{tmp_path.name}-{id(request)}")


def payload(body: bytes, url: str = "http://site.example/%D8%AE", **facts: object) -> Payload:
    values = {"status": 200, "headers": [("Content-Type", "text/html; charset=utf-8")], **facts}
    return Payload(url, body, AT, **values)  # type: ignore[arg-type]


def _offsets(lake: Lake, path: str, payloads: list[Payload]) -> list[int]:
    return [stored.warc_offset for stored in write_segment(lake, path, payloads)]


def test_bodies_come_back_by_offset(lake: Lake) -> None:
    bodies = ["خبر".encode(), b"", b"\0\r\n\r\nWARC/1.0\r\n", "قديم".encode("windows-1256"), bytes(200_000)]
    entries = write_segment(lake, PATH, [payload(b, f"http://site.example/{n}") for n, b in enumerate(bodies)])
    offsets = [e.warc_offset for e in entries]
    for body, offset in reversed(list(zip(bodies, offsets, strict=True))):
        assert read_body(lake, PATH, offset) == body


def test_the_same_answers_make_the_same_file(lake: Lake) -> None:
    def write() -> bytes:
        write_segment(lake, PATH, [payload(b"<p>1"), payload(b"<p>2", status=None, headers=[], url="file:a.html")])
        return lake.read_bytes(PATH)

    assert write() == write()


def test_transfer_headers_that_no_longer_hold_are_renamed(lake: Lake) -> None:
    headers = [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Length", "9"), ("ETag", '"1"')]
    (offset,) = _offsets(lake, PATH, [payload(b"plain", headers=headers)])
    assert read_body(lake, PATH, offset) == b"plain"
    records = list(_records(lake))
    assert [r[0] for r in records] == ["warcinfo", "response"]
    http = dict(records[1][1])
    assert http["Content-Length"] == "5"
    assert http["X-Archive-Orig-Content-Encoding"] == "gzip"
    assert http["ETag"] == '"1"'


def _records(lake: Lake) -> list[tuple[str, list[tuple[str, str]]]]:
    found = []
    for record in ArchiveIterator(io.BytesIO(lake.read_bytes(PATH)), check_digests="raise"):
        found.append((record.rec_type, record.http_headers.headers if record.http_headers else []))
        record.content_stream().read()
    return found


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=12), st.text(max_size=30)).filter(lambda h: h[0].strip()), max_size=4
    ),
    st.binary(max_size=200),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_header_breaks_a_record(tmp_path: Path, headers: list[tuple[str, str]], body: bytes) -> None:
    lake = Lake(tmp_path)
    first, second = _offsets(lake, PATH, [payload(body, headers=headers), payload(b"next")])
    assert read_body(lake, PATH, first) == body
    assert read_body(lake, PATH, second) == b"next"


def test_other_readers_read_it(tmp_path: Path) -> None:
    fastwarc = pytest.importorskip("fastwarc")
    lake = Lake(tmp_path)
    write_segment(lake, PATH, [payload("خبر".encode()), payload(b"file", status=None, headers=[], url="file:a.html")])
    with (tmp_path / PATH).open("rb") as file:
        found = [(r.record_type.name, r.reader.read()) for r in fastwarc.ArchiveIterator(file)]
    assert found[1:] == [("response", "خبر".encode()), ("resource", b"file")]


def test_what_is_not_there_is_said(lake: Lake) -> None:
    with pytest.raises(MissingPartition, match="segment-0001"):
        read_body(lake, PATH, 0)
    (offset,) = _offsets(lake, PATH, [payload(b"x" * 500)])
    for wrong in (offset + 3, 10**9):
        with pytest.raises(LakeUnusable, match=f"no WARC record at {wrong}"):
            read_body(lake, PATH, wrong)
    lake.write_bytes(PATH, lake.read_bytes(PATH)[: offset + 20])
    with pytest.raises(LakeUnusable, match="no WARC record"):
        read_body(lake, PATH, offset)


def _read_all(lake: Lake, path: str = PATH) -> list[tuple[str, dict[str, str], bytes]]:
    records = ArchiveIterator(io.BytesIO(lake.read_bytes(path)), check_digests="raise")
    return [(r.rec_type, dict(r.rec_headers.headers), r.content_stream().read()) for r in records]


def test_a_capture_is_a_response_its_request_and_what_is_known_of_it(lake: Lake) -> None:
    asked = [("User-Agent", "Marsad/0.1"), ("X-Odd", "a\r\nInjected: yes"), ("bad name", "x")]
    notes = (("via", "feed: http://site.example/rss.xml"), ("title", "خبر\nInjected: yes"))
    _offsets(lake, PATH, [payload(b"<p>", url="http://site.example/a?b=1", request_headers=asked, notes=notes)])
    records = _read_all(lake)
    assert [kind for kind, _, _ in records] == ["warcinfo", "response", "request", "metadata"]
    own = records[1][1]["WARC-Record-ID"]
    assert {headers["WARC-Concurrent-To"] for _, headers, _ in records[2:]} == {own}
    assert len({headers["WARC-Record-ID"] for _, headers, _ in records}) == 4
    sent = next(
        bytes(r.raw_stream.read())
        for r in ArchiveIterator(io.BytesIO(lake.read_bytes(PATH)), no_record_parse=True)
        if r.rec_type == "request"
    )
    assert sent == (
        b"GET /a?b=1 HTTP/1.1\r\nHost: site.example\r\nUser-Agent: Marsad/0.1\r\nX-Odd: a  Injected: yes\r\n\r\n"
    )
    said = "via: feed: http://site.example/rss.xml\r\ntitle: خبر Injected: yes\r\n"
    assert records[3][2].decode() == said


def test_equal_bodies_are_stored_once_and_all_read_back(lake: Lake) -> None:
    noise = random.Random(1).randbytes(50_000)
    stored = write_segment(lake, PATH, [payload(noise, f"http://site.example/{n}") for n in range(5)])
    assert len(lake.read_bytes(PATH)) < 60_000
    assert [s.warc_offset for s in stored] == [stored[0].warc_offset] * 5
    assert all(read_body(lake, s.warc_file, s.warc_offset) == noise for s in stored)
    assert [s.entry.mime for s in stored] == ["text/html", *["warc/revisit"] * 4]
    kinds = _read_all(lake)
    assert [k for k, _, _ in kinds] == ["warcinfo", "response", *["revisit"] * 4]
    revisit = kinds[2][1]
    assert revisit["WARC-Profile"] == IDENTICAL
    assert revisit["WARC-Refers-To-Target-URI"] == "http://site.example/0"
    assert revisit["WARC-Refers-To-Date"] == "2026-03-04T00:05:01Z"
    assert revisit["WARC-Payload-Digest"] == kinds[1][1]["WARC-Payload-Digest"] == stored[0].entry.digest


def test_empty_bodies_are_no_reason_for_a_revisit(lake: Lake) -> None:
    stored = write_segment(lake, PATH, [payload(b"", f"http://site.example/{n}") for n in range(2)])
    assert [s.entry.mime for s in stored] == ["text/html"] * 2


def test_the_index_finds_each_record(lake: Lake) -> None:
    partition = Partition("site", date(2026, 3, 3))
    bodies = {f"http://www.site.example/News/{n}?b=2&a=1": f"خبر {n}".encode() for n in range(4)}
    stored = write_segment(lake, PATH, [payload(body, url) for url, body in bodies.items()])
    path = index_path(partition, "segment-0001")
    write_index(lake, path, [s.entry for s in stored])
    assert list(read_index(lake, partition)) == sorted(
        (replace(s.entry, captured_at=s.entry.captured_at.replace(microsecond=0)) for s in stored), key=lambda e: e.url
    )
    for url, body in bodies.items():
        (entry,) = lookup(lake, partition, url.replace("www.", "").lower())
        assert read_body(lake, entry.filename, entry.offset) == body
        raw = lake.read_bytes(entry.filename)[entry.offset : entry.offset + entry.length]
        assert next(iter(ArchiveIterator(io.BytesIO(raw)))).content_stream().read() == body  # a range request does
    lines = lake.read_bytes(path).decode().splitlines()
    assert lines == sorted(lines)
    assert lines[0].startswith("example,site)/news/0?a=1&b=2 20260304000501 {")
    lake.write_bytes(path, b"junk\n")
    with pytest.raises(LakeUnusable, match="line 1: is no CDXJ"):
        list(read_index(lake, partition))


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.Site.example:80/A/b/", "example,site)/a/b"),
        ("https://m.site.example:8443", "example,site,m:8443)/"),
        ("http://site.example/خبر عاجل", "example,site)/خبر%20عاجل"),
        ("file:a b.html", "file:a%20b.html"),
        ("http://[::1]:80/x", "::1)/x"),
        ("http://[bad/x", "http://[bad/x"),
    ],
)
def test_surt(url: str, key: str) -> None:
    assert surt(url) == key


@given(st.text(max_size=80))
def test_a_key_is_one_word(text: str) -> None:
    assert " " not in surt(f"http://{text}")
    assert "\n" not in surt(text)
