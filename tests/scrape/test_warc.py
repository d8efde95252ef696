"""WARC: what goes in comes out, the same bytes for the same input, readable by others."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from marsad.errors import LakeUnusable, MissingPartition
from marsad.lake import Lake
from marsad.scrape.warc import Payload, read_body, write_segment

AT = datetime(2026, 3, 4, 0, 5, 1, 250_000, tzinfo=UTC)
PATH = "raw/warc/date=2026-03-03/source=site/segment-0001.warc.gz"


@pytest.fixture(params=["disk", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    return Lake(tmp_path if request.param == "disk" else f"memory://warc-{tmp_path.name}-{id(request)}")


def payload(body: bytes, url: str = "http://site.example/%D8%AE", **facts: object) -> Payload:
    values = {"status": 200, "headers": [("Content-Type", "text/html; charset=utf-8")], **facts}
    return Payload(url, body, AT, **values)  # type: ignore[arg-type]


def test_bodies_come_back_by_offset(lake: Lake) -> None:
    bodies = ["خبر".encode(), b"", b"\0\r\n\r\nWARC/1.0\r\n", "قديم".encode("windows-1256"), bytes(200_000)]
    offsets = write_segment(lake, PATH, [payload(b, f"http://site.example/{n}") for n, b in enumerate(bodies)])
    for body, offset in reversed(list(zip(bodies, offsets, strict=True))):
        assert read_body(lake, PATH, offset) == body


def test_the_same_answers_make_the_same_file(lake: Lake) -> None:
    def write() -> bytes:
        write_segment(lake, PATH, [payload(b"<p>1"), payload(b"<p>2", status=None, headers=[], url="file:a.html")])
        return lake.read_bytes(PATH)

    assert write() == write()


def test_transfer_headers_that_no_longer_hold_are_renamed(lake: Lake) -> None:
    headers = [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Length", "9"), ("ETag", '"1"')]
    (offset,) = write_segment(lake, PATH, [payload(b"plain", headers=headers)])
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
    first, second = write_segment(lake, PATH, [payload(body, headers=headers), payload(b"next")])
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
    (offset,) = write_segment(lake, PATH, [payload(b"x" * 500)])
    for wrong in (offset + 3, 10**9):
        with pytest.raises(LakeUnusable, match=f"no WARC record at {wrong}"):
            read_body(lake, PATH, wrong)
    lake.write_bytes(PATH, lake.read_bytes(PATH)[: offset + 20])
    with pytest.raises(LakeUnusable, match="no WARC record"):
        read_body(lake, PATH, offset)
