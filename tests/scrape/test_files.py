"""Pages on disk: folders and archives, with and without an index, and nothing outside them."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hostile_site import FAST, source
from marsad.errors import InvalidDate, UnreadableListing, UsageError
from marsad.lake import Lake
from marsad.scrape.discover.files import FileStore
from marsad.scrape.fetch import Fetcher
from marsad.scrape.stage import scrape
from marsad.scrape.warc import read_body
from marsad.settings import Settings
from marsad.sources import Route

DAY = date(2026, 3, 3)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
PAGES = {
    "a.html": "<p>خبر أول</p>".encode(),
    "sub/خبر.txt": "خبر ثان".encode(),
    "c.HTM": b"<p>3",
    "picture.png": b"\x89PNG",
    "no-suffix": b"x",
}


def folder(root: Path) -> Path:
    for name, body in PAGES.items():
        path = root / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return root / "pages"


def zipped(root: Path) -> Path:
    path = root / "pages.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in PAGES.items():
            archive.writestr(name, body)
    return path


def tarred(root: Path) -> Path:
    path = root / "pages.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, body in PAGES.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return path


def store(path: Path, index: Path | None = None) -> FileStore:
    return FileStore(Route(kind="files", address=str(path), index=str(index) if index else None))


MAKERS = [folder, zipped, tarred]
URLS = {"file:a.html", "file:sub/%D8%AE%D8%A8%D8%B1.txt", "file:c.HTM"}


@pytest.mark.parametrize("make", MAKERS)
def test_pages_are_found_wherever_they_lie(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    pages = store(make(tmp_path))
    assert {x.url for x in pages.listings(source().zone)} == URLS
    assert pages.read("file:sub/%D8%AE%D8%A8%D8%B1.txt", 100) == "خبر ثان".encode()
    assert pages.read("file:a.html", 5) is None
    pages.close()


@pytest.mark.parametrize("make", MAKERS)
def test_they_take_the_same_path_as_pages_of_the_web(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    files = source({"files": str(path)})
    lake = Lake(tmp_path / "lake")
    settings = Settings(**{**FAST, "max_page_bytes": 16})
    for _ in range(2):
        with Fetcher(settings, files) as fetch:
            batch = scrape(files, DAY, fetch, lake, now=lambda: NOW)
        rows = {r["url"]: r for r in batch.table.to_pylist()}
        assert set(rows) == URLS
        assert {r["date"] for r in rows.values()} == {DAY}
        assert rows["file:a.html"]["outcome"] == "too_large"
        for url in URLS - {"file:a.html"}:
            row = rows[url]
            assert row["outcome"] == "captured"
            assert (
                read_body(lake, row["warc_file"], row["warc_offset"])
                == PAGES[{"file:c.HTM": "c.HTM"}.get(url, "sub/خبر.txt")]
            )
    assert len(lake.list("raw/warc", "**/*.warc.gz")) == 1


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_index_gives_addresses_and_days(tmp_path: Path, kind: str) -> None:
    rows = [
        {"file": "a.html", "url": "http://site.example/خبر/1", "date": "2026-03-03"},
        {"file": "c.HTM", "url": "", "date": "2026-03-01T10:00:00"},
        {"file": "absent.html", "url": "http://site.example/2", "date": ""},
    ]
    index = tmp_path / f"index.{kind}"
    text = "file,url,date\n" + "".join(f"{r['file']},{r['url']},{r['date']}\n" for r in rows)
    index.write_text(text if kind == "csv" else json.dumps(rows, ensure_ascii=False), "utf-8-sig")
    lake = Lake(tmp_path / "lake")
    files = source({"files": str(folder(tmp_path)), "index": str(index)})
    with Fetcher(Settings(**FAST), files) as fetch:
        batch = scrape(files, DAY, fetch, lake, now=lambda: NOW)
    rows_by_url = {r["url"]: r for r in batch.table.to_pylist()}
    # what the index dates to another day is that day's; what it does not date is the day asked for
    assert set(rows_by_url) == {"http://site.example/خبر/1", "file:sub/%D8%AE%D8%A8%D8%B1.txt"}
    assert rows_by_url["http://site.example/خبر/1"]["listed_at"] == datetime(2026, 3, 2, 22, tzinfo=UTC)
    with Fetcher(Settings(**FAST), files) as fetch:
        other = scrape(files, date(2026, 3, 1), fetch, lake, now=lambda: NOW)
    assert "file:c.HTM" in other.table["url"].to_pylist()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("index.csv", "name,url\na.html,x\n", "there is no key 'file'"),
        ("index.json", "{", "must be a CSV or JSON"),
        ("index.json", '{"a.html": 1}', "must be a CSV or JSON"),
        ("index.json", "[1, 2]", "must be a CSV or JSON"),
        ("index.csv", 'file,url\n"' + "x" * 200_000, "must be a CSV or JSON"),
        ("index.csv", None, "No such file"),
    ],
)
def test_an_index_that_is_none(tmp_path: Path, name: str, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=said):
        store(folder(tmp_path), tmp_path / name)


def test_an_index_with_a_day_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("file,url,date\na.html,,٣ آذار\n")
    with pytest.raises(InvalidDate):
        store(folder(tmp_path), tmp_path / "index.csv")


def test_an_address_that_is_none_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("file,url\na.html,javascript:alert(1)\nc.HTM,not an address\n")
    assert {x.url for x in store(folder(tmp_path), tmp_path / "index.csv").listings(source().zone)} == URLS


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("<p>سر")
    pages = folder(tmp_path)
    (pages / "link.html").symlink_to(tmp_path / "secret.html")
    (pages / "up").symlink_to(tmp_path)
    assert {x.url for x in store(pages).listings(source().zone)} == URLS


def test_members_that_point_out_of_an_archive_reach_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("<p>سر")
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("link.html")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret.html")
        archive.addfile(link)
        up = tarfile.TarInfo("../../up.html")
        up.size = 2
        archive.addfile(up, io.BytesIO(b"<p"))
    pages = store(path)
    (listing,) = pages.listings(source().zone)
    assert pages.read(listing.url, 10) == b"<p"
    pages.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evil.tar", "secret.html"]


def test_a_bomb_in_an_archive_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.html", bytes(50_000_000))
    pages = store(path)
    assert pages.read("file:a.html", 1000) is None
    pages.close()


@pytest.mark.parametrize(
    ("name", "body"), [("broken.zip", b"PK\x03\x04 no"), ("x.pdf", b"%PDF"), ("cut.tar.gz", b"\x1f\x8b\x08")]
)
def test_what_is_no_archive(tmp_path: Path, name: str, body: bytes) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(UsageError, match=re.escape(name)):
        store(tmp_path / name)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder or archive"):
        store(tmp_path / "absent")
    with pytest.raises(UsageError, match="no pages there"):
        store(tmp_path)


def test_an_archive_that_breaks_while_read(tmp_path: Path) -> None:
    path = zipped(tmp_path)
    pages = store(path)
    data = bytearray(path.read_bytes())
    at = data.find(b"a.html") + len("a.html")
    data[at : at + 8] = b"\xff" * 8
    path.write_bytes(data)
    with pytest.raises(UnreadableListing, match=r"cannot read a\.html"):
        pages.read("file:a.html", 100)
    pages.close()


def test_one_page_alone(tmp_path: Path) -> None:
    pages = store(folder(tmp_path) / "a.html")
    assert [x.url for x in pages.listings(source().zone)] == ["file:a.html"]


@pytest.mark.timed
def test_many_pages_of_an_archive_are_read_in_one_pass(tmp_path: Path) -> None:
    path = tmp_path / "many.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for n in range(3000, 0, -1):
            info = tarfile.TarInfo(f"{n}.html")
            info.size = 2000
            archive.addfile(info, io.BytesIO(b"<p>" + bytes(1997)))
    began = time.monotonic()
    pages = store(path)
    for listing in pages.listings(source().zone):
        pages.read(listing.url, 10_000)
    pages.close()
    assert time.monotonic() - began < 5


def test_pages_may_be_gzipped_and_bombs_are_too_large(tmp_path: Path) -> None:
    (tmp_path / "a.html.gz").write_bytes(gzip.compress("خبر".encode()))
    (tmp_path / "bomb.txt.gz").write_bytes(gzip.compress(bytes(50_000_000)))
    (tmp_path / "none.html.gz").write_bytes(b"<p>")
    pages = store(tmp_path)
    assert pages.read("file:a.html.gz", 100) == "خبر".encode()
    assert pages.read("file:bomb.txt.gz", 100_000) is None
    with pytest.raises(UnreadableListing, match=r"cannot read none\.html\.gz"):
        pages.read("file:none.html.gz", 100)
