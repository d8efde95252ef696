"""CC-NEWS by date: lists of files, sifting them as they stream, breaking off and going on."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from hostile_site import HostileSite, answer, in_turn, page, raw, source
from marsad.__main__ import app
from marsad.errors import InvalidSource, SourceUnreachable, UnreadableListing
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape import download, sift
from marsad.scrape.discover import Listing
from marsad.scrape.discover.ccnews import files_of, read_ccnews, read_kept
from marsad.scrape.download import Download
from marsad.scrape.fetch import Fetcher
from marsad.scrape.record import Capture
from marsad.scrape.stage import scrape
from marsad.sources import read_source

DAY = date(2026, 3, 3)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LIST = "/crawl-data/CC-NEWS/2026/03/warc.paths.gz"
ROUTE = {"ccnews": "http://crawl.example/crawl-data/CC-NEWS/{year}/{month:02}/warc.paths.gz"}
HOSTS = ("crawl.example", "site.example")
Make = Callable[..., Fetcher]
Page = tuple[str, str, bytes]


def warc(*pages: Page, status: str = "200 OK", kind: str = "text/html") -> bytes:
    """A WARC of responses, each a gzip member; noise makes it long."""
    sink = io.BytesIO()
    writer = WARCWriter(sink, gzip=True)
    writer.write_record(writer.create_warcinfo_record("x", {"software": "test"}))
    for url, moment, body in pages:
        http = StatusAndHeaders(status, [("Content-Type", kind), ("Content-Length", str(len(body)))], "HTTP/1.1")
        record = writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict={"WARC-Date": moment},
        )
        writer.write_record(record)
    return sink.getvalue()


def ranged(body: bytes, *, cut_at: int | None = None, etag: str | None = '"a"') -> Any:
    """An act that knows ranges; ``cut_at``: it hangs up after so many bytes."""

    def act(handler: Any) -> None:
        asked = handler.headers.get("Range")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        handler.send_response(206 if asked else 200)
        handler.send_header("Content-Type", "application/octet-stream")
        if asked:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if etag:
            handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(body) - start))
        handler.end_headers()
        handler.wfile.write(body[start : start + cut_at] if cut_at else body[start:])
        handler.close_connection = True

    return act


def path_of(stamp: str, number: int = 1) -> str:
    return f"/crawl-data/CC-NEWS/2026/03/CC-NEWS-{stamp}-{number:05}.warc.gz"


def crawl(site: HostileSite, files: dict[str, Any]) -> None:
    """Serve files, and the list of them."""
    listed = "".join(f"{path.lstrip('/')}\n" for path in files)
    site.put(LIST, gzip.compress(listed.encode()), kind="binary/octet-stream")
    for path, act in files.items():
        site.acts[path] = act if callable(act) else ranged(act)


MORNING = (
    ("http://site.example/news/1", "2026-03-03T08:00:00Z", page("أول")),
    ("https://www.other.example/news/1", "2026-03-03T08:00:00Z", page("غريب")),
    ("https://m.site.example/news/2", "2026-03-03T09:00:00Z", page("ثان")),
    ("http://site.example/news/1", "2026-03-03T09:30:00Z", page("أول، معدّلًا")),
    ("http://notsite.example/news/1", "2026-03-03T09:30:00Z", page("غريب")),
)
NIGHT = (
    ("http://site.example/news/3", "2026-03-03T21:59:59Z", page("ثالث")),
    ("http://site.example/news/4", "2026-03-03T22:00:00Z", page("اليوم التالي في بيروت")),
)
AFTER = path_of("20260304003000", 4)


def three_files() -> dict[str, Any]:
    return {
        path_of("20260302213000"): warc(
            ("http://site.example/news/0", "2026-03-02T22:10:00Z", page("بعد منتصف الليل"))
        ),
        path_of("20260303070000", 2): warc(*MORNING),
        path_of("20260303200000", 3): warc(*NIGHT),
        AFTER: answer(b"", 500),
    }


def test_the_files_of_a_day_are_those_begun_on_it_and_the_one_before(site: HostileSite, fetcher: Make) -> None:
    crawl(site, {path_of(f"2026030{d}{h:02}0000", h): b"" for d in (2, 3, 4) for h in (1, 21, 23)})
    facts = source(ROUTE)
    found = files_of(fetcher(*HOSTS), facts.discover[0], facts, DAY)
    stamps = [a.rsplit("-", 2)[1] for a in found.addresses]
    # a day in Beirut is from 22:00 to 22:00
    assert stamps == ["20260302210000", "20260302230000", "20260303010000", "20260303210000"]
    assert found.is_whole
    assert found.addresses[0].startswith("http://crawl.example/crawl-data/CC-NEWS/2026/03/CC-NEWS-")


def test_the_first_of_a_month_looks_into_the_month_before(site: HostileSite, fetcher: Make) -> None:
    crawl(site, {path_of("20260301010000"): b""})
    site.put(
        "/crawl-data/CC-NEWS/2026/02/warc.paths.gz",
        b"crawl-data/CC-NEWS/2026/02/CC-NEWS-20260228213000-00009.warc.gz\n",
    )
    facts = source(ROUTE)
    found = files_of(fetcher(*HOSTS), facts.discover[0], facts, date(2026, 3, 1))
    assert [a.rsplit("/", 1)[1] for a in found.addresses] == [
        "CC-NEWS-20260228213000-00009.warc.gz",
        "CC-NEWS-20260301010000-00001.warc.gz",
    ]
    assert not found.is_whole


@pytest.mark.parametrize("body", [b"<html>busy</html>", gzip.compress(b"a.txt\n", mtime=0), b"\x1f\x8bnoise"])
def test_what_is_no_list_of_files_is_said(site: HostileSite, fetcher: Make, body: bytes) -> None:
    site.put(LIST, body, kind="application/octet-stream")
    facts = source(ROUTE)
    with pytest.raises(UnreadableListing, match=r"warc\.paths"):
        files_of(fetcher(*HOSTS), facts.discover[0], facts, DAY)


def test_a_day_is_scraped_from_the_files_and_the_site_is_not_asked(site: HostileSite, tmp_path: Path) -> None:
    crawl(site, three_files())
    facts, lake = source(ROUTE), Lake(tmp_path)
    with Fetcher(site.settings(*HOSTS), facts, clock=lambda: NOW, sleep=lambda s: None) as fetch:
        batch = scrape(facts, DAY, fetch, lake, now=lambda: NOW)
    rows = [Capture(**r) for r in batch.table.to_pylist()]
    assert [(r.url, r.outcome) for r in rows] == [
        ("http://site.example/news/0", "captured"),
        ("http://site.example/news/1", "captured"),
        ("http://site.example/news/3", "captured"),
        ("https://m.site.example/news/2", "captured"),
    ]
    assert rows[1].sha256 == hashlib.sha256(page("أول")).hexdigest()  # the first capture stands
    assert {host for host, _, _ in site.log} == {"crawl.example"}
    before = len(site.log)
    with Fetcher(site.settings(*HOSTS), facts, clock=lambda: NOW, sleep=lambda s: None) as fetch:
        assert scrape(facts, DAY, fetch, lake, now=lambda: NOW).table.equals(batch.table)
    assert len(site.log) == before


def test_a_pattern_says_which_pages_and_another_pattern_sifts_anew(
    site: HostileSite, fetcher: Make, tmp_path: Path
) -> None:
    crawl(site, three_files())
    lake = Lake(tmp_path)
    for pattern, count in ((r"/news/3$", 1), (r"^https?://[^/]*\.example/news/1", 3)):
        facts = source({**ROUTE, "link_pattern": pattern})
        found = list(read_ccnews(fetcher(*HOSTS), facts.discover[0], facts, DAY, lake))
        assert len(found) == count, pattern


def test_a_day_of_which_more_may_come_is_asked_again_later(site: HostileSite, tmp_path: Path) -> None:
    files = three_files()
    del files[AFTER]
    crawl(site, files)
    facts, lake = source(ROUTE), Lake(tmp_path)
    with Fetcher(site.settings(*HOSTS), facts, clock=lambda: NOW, sleep=lambda s: None) as fetch:
        with pytest.raises(SourceUnreachable, match="more may come"):
            scrape(facts, DAY, fetch, lake, now=lambda: NOW)
        crawl(site, {**files, AFTER: answer(b"", 500)})
        assert len(scrape(facts, DAY, fetch, lake, now=lambda: NOW)) == 4
    assert site.paths().count(path_of("20260303070000", 2)) == 1  # read once


def big_file(count: int = 60) -> tuple[list[Page], bytes]:
    pages = [
        (
            f"http://site.example/news/{n}",
            "2026-03-03T08:00:00Z",
            page(f"خبر {n}", hashlib.sha512(b"%d" % n).hexdigest() * 30),
        )
        for n in range(count)
    ]
    return pages, warc(*pages)


def kept(lake: Lake) -> dict[str, bytes]:
    return {path: lake.read_bytes(path) for path in lake.list("raw/ccnews", "**/*") if "/." not in path}


def test_a_file_that_breaks_off_is_gone_on_with_at_its_byte(site: HostileSite, fetcher: Make, tmp_path: Path) -> None:
    pages, body = big_file()
    address = "http://crawl.example" + path_of("20260303070000")
    site.acts[path_of("20260303070000")] = ranged(body, cut_at=len(body) // 3)
    wanted = sift.Wanted(source(ROUTE), Partition("site", DAY))
    (sieve,) = sift.sift(address, [wanted], fetcher(*HOSTS, fetch_attempts=3), Lake(tmp_path))
    assert [p.url for p in sieve.pages] == [url for url, _, _ in pages]
    assert site.paths().count(path_of("20260303070000")) >= 3


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_killed_at_any_point_and_run_again_the_same_is_kept(
    site: HostileSite, fetcher: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows_ranges: bool
) -> None:
    monkeypatch.setattr(sift, "FLUSH_BYTES", 20_000)
    monkeypatch.setattr(sift, "CHECKPOINT_BYTES", 5_000)
    pages, body = big_file()
    path = path_of("20260303070000")
    site.acts[path] = ranged(body) if knows_ranges else answer(body, kind="application/octet-stream")
    address, wanted = "http://crawl.example" + path, sift.Wanted(source(ROUTE), Partition("site", DAY))
    whole = Lake(tmp_path / "whole")
    sift.sift(address, [wanted], fetcher(*HOSTS), whole)
    expected = kept(whole)
    assert len(expected) > 5
    assert len(read_kept(wanted.partition, whole)) == len(pages)

    class Killed(BaseException):
        pass

    writes = 0

    class Dying(Lake):
        def write_bytes(self, relative: str, data: bytes) -> None:
            nonlocal writes
            writes += 1
            if writes % 3 == 0:
                raise Killed
            super().write_bytes(relative, data)

    lake, kills = Dying(tmp_path / "killed"), 0
    while True:
        try:
            sift.sift(address, [wanted], fetcher(*HOSTS), lake)
        except Killed:
            kills += 1
            continue
        break
    assert kills >= 5
    assert kept(lake) == expected


def test_one_pass_serves_several_sources_and_days(
    site: HostileSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(site, {**three_files(), path_of("20260305003000", 5): answer(b"", 500), AFTER: warc()})
    folder = tmp_path / "sources"
    folder.mkdir()
    for name, host in (("mawqi", "site.example"), ("akhar", "other.example")):
        (folder / f"{name}.yaml").write_text(
            f"name: {name}\ntitle: موقع\nhomepage: http://www.{host}\ntimezone: Asia/Beirut\n"
            f"discover:\n  - ccnews: {ROUTE['ccnews']}\n",
            "utf-8",
        )
    settings = site.settings(*HOSTS)
    monkeypatch.setenv("MARSAD_SOURCES", str(folder))
    monkeypatch.setenv("MARSAD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("MARSAD_CONNECT_TO", ",".join(f"{h}={t}" for h, t in settings.connect_to.items()))
    monkeypatch.setenv("MARSAD_DELAY_SCALE", "0")
    result = CliRunner().invoke(app, ["ccnews", "-d", "2026-03-03", "--to", "2026-03-04"])
    assert result.exit_code == 0, result.output
    for line in ("mawqi 2026-03-03: 4", "akhar 2026-03-03: 1", "mawqi 2026-03-04: 1", "akhar 2026-03-04: 0"):
        assert line in result.output
    asked = site.paths()
    assert all(asked.count(p) == 1 for p in asked if p.endswith(".warc.gz"))


def test_a_page_larger_than_a_page_may_be_is_recorded_as_such(site: HostileSite, tmp_path: Path) -> None:
    large = ("http://site.example/news/9", "2026-03-03T08:00:00Z", page("كبير", "نص " * 200_000))
    crawl(site, {path_of("20260303070000"): warc(large, *MORNING), AFTER: b""})
    facts = source(ROUTE)
    with Fetcher(site.settings(*HOSTS), facts, clock=lambda: NOW, sleep=lambda s: None) as fetch:
        rows = scrape(facts, DAY, fetch, Lake(tmp_path), now=lambda: NOW).table.to_pylist()
    assert {r["url"]: r["outcome"] for r in rows}["http://site.example/news/9"] == "too_large"


@pytest.mark.parametrize(
    ("act", "error", "said"),
    [
        (answer(b"", 404), UnreadableListing, "404"),
        (answer(b"", 503), SourceUnreachable, "503"),
        (answer(b"", 302, Location="http://127.0.0.1/"), UnreadableListing, "302"),
        (answer(b"<html>no archive</html>" * 9, kind="text/html"), UnreadableListing, "WARC"),
        (answer(warc(*MORNING)[:-20] + b"\xff" * 400), UnreadableListing, "WARC"),
        (in_turn(ranged(big_file()[1], cut_at=9000), ranged(big_file()[1], etag='"b"')), UnreadableListing, "another file"),
        (in_turn(ranged(big_file()[1], cut_at=9000), answer(b"x", 206)), UnreadableListing, "without saying which"),
        (in_turn(ranged(big_file()[1], cut_at=9000), answer(b"x")), SourceUnreachable, "broke off"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), UnreadableListing, "more than"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_said_and_keeps_the_others(
    site: HostileSite, fetcher: Make, tmp_path: Path, act: Any, error: type[Exception], said: str
) -> None:
    crawl(site, {path_of("20260303010000"): act, path_of("20260303070000", 2): warc(*MORNING), AFTER: b""})
    facts = source(ROUTE)
    found: list[Listing] = []
    with pytest.raises(error, match=said):
        found.extend(read_ccnews(fetcher(*HOSTS, fetch_attempts=2), facts.discover[0], facts, DAY, Lake(tmp_path)))
    assert {"http://site.example/news/1", "https://m.site.example/news/2"} <= {listing.url for listing in found}


def read_all(file: Download, size: int) -> None:
    while file.read(size):
        pass


def test_a_file_that_drips_is_left(site: HostileSite, fetcher: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    _, body = big_file()
    site.acts["/slow"] = ranged(body)
    seconds = iter(range(0, 100_000, 40))
    with (
        Download(fetcher(*HOSTS), "http://crawl.example/slow", clock=lambda: float(next(seconds))) as file,
        pytest.raises(SourceUnreachable, match="bytes a second"),
    ):
        read_all(file, 100)


def test_a_private_address_is_not_read(site: HostileSite, fetcher: Make) -> None:
    with (
        Download(fetcher("crawl.example"), "http://localhost/x.warc.gz") as file,
        pytest.raises((UnreadableListing, SourceUnreachable), match="not a public address"),
    ):
        file.read(10)


def test_more_than_a_file_may_have_is_not_read(
    site: HostileSite, fetcher: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MAX_BYTES", 50_000)

    def endless(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        for _ in range(100):
            handler.wfile.write(b"x" * 10_000)

    site.acts["/endless"] = endless
    with (
        Download(fetcher(*HOSTS), "http://crawl.example/endless") as file,
        pytest.raises(UnreadableListing, match="more than 50000"),
    ):
        read_all(file, 10_000)


def test_a_route_without_a_month_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("name: x\ntitle: x\nhomepage: http://x.example\ndiscover:\n  - ccnews: http://c.example/list.gz\n")
    with pytest.raises(InvalidSource, match="list of a month's files"):
        read_source(path)


def test_a_source_without_the_route_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MARSAD_LAKE", str(tmp_path))
    result = CliRunner().invoke(app, ["ccnews", "-d", "2026-03-03", "-s", "aljazeera"])
    assert result.exit_code != 0
    assert "has no ccnews route" in str(result.exception)
