"""A copied lake holds whole partitions or none, whatever happens to the first one meanwhile."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from marsad.errors import LakeUnusable, UsageError
from marsad.lake import Lake
from marsad.operate.copy_lake import copy_lake, main

MANIFEST = "published/_manifests/date=2026-03-03/source=wakala.json"
ARTICLES = "published/articles/date=2026-03-03/source=wakala/part-0.parquet"
LINKS = "published/links/date=2026-03-03/source=wakala/part-0.parquet"
WARC = "raw/captures/date=2026-03-03/source=wakala/0.warc.gz"


def publish(lake: Lake, text: str) -> None:
    """A partition of two files, its manifest last."""
    files = {ARTICLES: f"articles {text}".encode(), LINKS: f"links {text}".encode()}
    for path, data in files.items():
        lake.write_bytes(path, data)
    said = [{"path": path, "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()]
    lake.write_json(MANIFEST, {"files": said})


def everything(lake: Lake) -> dict[str, bytes]:
    return {path: lake.read_bytes(path) for path in lake.list("", "**/*")}


def check(lake: Lake) -> None:
    """What the manifest names is there, with the bytes it names."""
    for file in lake.read_json(MANIFEST)["files"]:
        assert hashlib.sha256(lake.read_bytes(file["path"])).hexdigest() == file["sha256"]


class Watched(Lake):
    """A lake in which something happens before a file is read or written for the first time."""

    def __init__(self, root: Path, path: str, happens: Callable[[], None], *, times: int = 1, on: str = "read") -> None:
        super().__init__(root)
        self._path, self._happens, self._left, self._on = path, happens, times, on

    def _come(self, path: str, on: str) -> None:
        if path == self._path and on == self._on and self._left:
            self._left -= 1
            self._happens()

    def read_bytes(self, relative: str) -> bytes:
        self._come(relative, "read")
        return super().read_bytes(relative)

    def write_bytes(self, relative: str, data: bytes) -> None:
        self._come(relative, "write")
        super().write_bytes(relative, data)


@pytest.fixture
def source(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "source")
    publish(lake, "first")
    lake.write_bytes(WARC, b"captures")
    lake.write_bytes("quarantine/articles/date=2026-03-03/source=wakala/part-0.parquet", b"rows")
    return lake


def test_a_copy_is_what_the_first_is_and_the_second_time_copies_nothing(source: Lake, tmp_path: Path) -> None:
    for path in source.list("", "**/*"):  # of an hour ago
        os.utime(str(source.path(path)), (1, 1))
    target = Lake(tmp_path / "target")
    assert copy_lake(source, target).copied == 5
    assert everything(target) == everything(source)
    again = copy_lake(source, target)
    assert (again.copied, again.unchanged, again.removed) == (0, 5, 0)


def test_what_is_gone_from_the_first_goes_and_what_changed_is_copied(source: Lake, tmp_path: Path) -> None:
    target = Lake(tmp_path / "target")
    copy_lake(source, target)
    source.delete(WARC)
    publish(source, "again")
    assert copy_lake(source, target).removed == 1
    assert everything(target) == everything(source)


def test_bytes_that_rotted_in_the_copy_are_copied_anew(source: Lake, tmp_path: Path) -> None:
    target = Lake(tmp_path / "target")
    copy_lake(source, target)
    good = target.read_bytes(ARTICLES)
    target.write_bytes(ARTICLES, bytes(reversed(good)))
    copy_lake(source, target)
    assert target.read_bytes(ARTICLES) == good


def test_a_partition_published_anew_between_two_reads_is_copied_whole(source: Lake, tmp_path: Path) -> None:
    watched = Watched(tmp_path / "source", LINKS, lambda: publish(source, "meanwhile"))
    target = Lake(tmp_path / "target")
    copy_lake(watched, target)
    check(target)
    assert target.read_bytes(ARTICLES) == b"articles meanwhile"


def test_what_is_captured_while_it_copies_is_not_taken_for_gone(source: Lake, tmp_path: Path) -> None:
    target = Lake(tmp_path / "target")
    copy_lake(source, target)
    new = "published/articles/date=2026-03-03/source=wakala/part-1.parquet"

    def more() -> None:
        source.write_bytes(new, b"more")
        named = [*json.loads(source.read_bytes(MANIFEST))["files"]]
        named.append({"path": new, "sha256": hashlib.sha256(b"more").hexdigest()})
        source.write_json(MANIFEST, {"files": named})

    copy_lake(Watched(tmp_path / "source", MANIFEST, more), target)
    check(target)
    assert target.read_bytes(new) == b"more"


@pytest.mark.parametrize("killed_at", [ARTICLES, LINKS, MANIFEST, WARC])
def test_a_copy_killed_at_any_file_has_no_half_partition_and_is_gone_on_with(
    source: Lake, tmp_path: Path, killed_at: str
) -> None:
    copy_lake(source, Lake(tmp_path / "target"))
    publish(source, "second")
    source.write_bytes(WARC, b"more captures")

    def die() -> None:
        raise KeyboardInterrupt

    target = Watched(tmp_path / "target", killed_at, die, on="write")
    with pytest.raises(KeyboardInterrupt):
        copy_lake(source, target)
    if target.exists(MANIFEST):
        check(target)
    copy_lake(source, target)
    assert everything(target) == everything(source)


def test_captures_come_after_what_was_made_of_them(source: Lake, tmp_path: Path) -> None:
    """Or a restored lake could hold a published day and lack its captures: a run would publish less."""

    segment = WARC.replace("0.warc", "1.warc")

    def late() -> None:
        source.write_bytes(segment, b"a late capture")
        publish(source, "late")

    copy_lake(Watched(tmp_path / "source", MANIFEST, late), target := Lake(tmp_path / "target"))
    assert target.read_bytes(ARTICLES) == b"articles late"
    assert target.read_bytes(segment) == b"a late capture"


def test_a_manifest_that_names_what_is_not_there_is_said(source: Lake, tmp_path: Path) -> None:
    source.delete(LINKS)
    with pytest.raises(LakeUnusable, match=r"source=wakala\.json names files that are not there"):
        copy_lake(source, Lake(tmp_path / "target"))
    source.write_bytes(MANIFEST, b"{}")
    with pytest.raises(LakeUnusable, match="a manifest cannot be read"):
        copy_lake(source, Lake(tmp_path / "target"))


def test_an_empty_lake_does_not_empty_its_copy(source: Lake, tmp_path: Path) -> None:
    target = Lake(tmp_path / "target")
    copy_lake(source, target)
    before = everything(target)
    for empty in ("nowhere", "target"):
        with pytest.raises(UsageError):
            copy_lake(Lake(tmp_path / empty), target)
    assert everything(target) == before


def test_it_can_be_called(source: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "source"), str(tmp_path / "target")]) == 0
    assert "5 files copied" in capsys.readouterr().out
    assert main([str(tmp_path / "nowhere"), str(tmp_path / "target")]) == 2
    assert "is empty" in capsys.readouterr().err
