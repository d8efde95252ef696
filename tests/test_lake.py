"""The lake on a disk, in memory and on an S3-like store: the same verbs, the same bytes, never half a file."""

from __future__ import annotations

import threading
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.clean.record import CUTS, Cut
from marsad.dataset import QUARANTINE
from marsad.errors import LakeUnreachable, LakeUnusable, MissingPartition
from marsad.lake import Lake, parquet_bytes
from marsad.partition import Partition
from store_server import Bucket

DAY = date(2026, 3, 3)
HERE = Partition("wakala", DAY)


def cut(n: int, text: str = "المصدر: وكالة الساحل") -> Cut:
    return Cut(f"a{n}", "source_line", text, 0, "wakala", DAY)


@pytest.fixture(params=["disk", "memory", "s3"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    if request.param == "disk":
        return Lake(tmp_path / "lake")
    if request.param == "memory":
        return Lake(f"memory://{tmp_path.name}")
    bucket = request.getfixturevalue("bucket")
    return Lake(f"{bucket.url}/{tmp_path.name}", bucket.options)


def test_some_columns_are_read_alone_in_the_order_of_the_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    table = CUTS.table([cut(1), cut(2)])
    lake.write_bytes("old.parquet", parquet_bytes(table.drop_columns(["date"])))
    written = lake.write_table("core", CUTS, HERE, table)
    found = lake.read_table_at(CUTS, written.path, columns=["rule", "article_id"])
    assert found.equals(table.select([n for n in CUTS.schema.names if n in ("rule", "article_id")]))
    with pytest.raises(LakeUnusable, match="date"):
        lake.read_table_at(CUTS, "old.parquet", columns=["date"])
    with pytest.raises(LakeUnusable, match="nonesuch"):
        lake.read_table_at(CUTS, written.path, columns=["nonesuch"])


def test_a_table_comes_back_as_it_was_written(lake: Lake) -> None:
    table = CUTS.table([cut(2), cut(1)])
    written = lake.write_table("core", CUTS, HERE, table)
    assert written.path == "core/cuts/date=2026-03-03/source=wakala/part-0.parquet"
    assert (written.row_count, written.byte_count) == (2, len(lake.read_bytes(written.path)))
    assert lake.read_table("core", CUTS, HERE).equals(table)
    assert lake.has_table("core", CUTS, HERE)
    assert not lake.has_table("staged", CUTS, HERE)


def test_listing_is_sorted_relative_and_knows_only_files(lake: Lake) -> None:
    for day in (4, 3):
        for name in ("b", "a"):
            lake.write_table("core", CUTS, Partition(name, date(2026, 3, day)), CUTS.empty())
    assert lake.list("core/cuts/date=2026-03-03", "source=*/*.parquet") == [
        "core/cuts/date=2026-03-03/source=a/part-0.parquet",
        "core/cuts/date=2026-03-03/source=b/part-0.parquet",
    ]
    assert len(lake.list("core", "*/date=*/**/*.parquet")) == 4
    assert lake.list("nowhere") == []


def test_delete_and_what_is_missing(lake: Lake) -> None:
    lake.write_bytes("x/y.bin", b"1")
    lake.delete("x/y.bin")
    lake.delete("x/y.bin")
    assert not lake.exists("x/y.bin")
    with pytest.raises(MissingPartition, match=r"x/y\.bin"):
        lake.read_bytes("x/y.bin")
    with pytest.raises(MissingPartition, match="part-0"):
        lake.read_table("core", CUTS, HERE)


def test_json_keeps_arabic_readable(lake: Lake) -> None:
    lake.write_json("m.json", {"b": "مرصد", "a": 1})
    assert "مرصد".encode() in lake.read_bytes("m.json")
    assert lake.read_json("m.json") == {"a": 1, "b": "مرصد"}


def test_a_file_of_another_shape_is_named(lake: Lake) -> None:
    lake.write_bytes(lake.dataset_path("core", CUTS, HERE), b"not parquet")
    with pytest.raises(LakeUnusable, match="is not a cuts file"):
        lake.read_table("core", CUTS, HERE)
    lake.write_rows_at(QUARANTINE, lake.dataset_path("core", CUTS, HERE), QUARANTINE.empty())
    with pytest.raises(LakeUnusable, match="is not a cuts file"):
        lake.read_table("core", CUTS, HERE)


def test_a_folder_s_mark_changes_with_what_lies_in_it(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lake.folder_stamp("a/b") == ""
    lake.write_bytes("a/b/one", b"1")
    marks = [lake.folder_stamp("a/b")]
    lake.write_bytes("a/b/one", b"2")  # of the same size
    marks.append(lake.folder_stamp("a/b"))
    lake.write_bytes("a/b/two", b"2")
    marks.append(lake.folder_stamp("a/b"))
    lake.delete("a/b/two")
    marks.append(lake.folder_stamp("a/b"))
    assert len(set(marks[:3])) == 3
    assert marks[3] != marks[2]
    later = time.time_ns() + 10_000_000_000  # clocks are coarse: only a while later is a mark to be trusted
    monkeypatch.setattr("marsad.store.time.time_ns", lambda: later)
    assert lake.folder_stamp("a/b") == lake.folder_stamp("a/b") != ""
    lake.write_bytes("a/other", b"1")
    assert lake.folder_stamp("a/b") == lake.folder_stamp("a/b")


def test_bytes_are_the_same_on_every_store(tmp_path: Path, bucket: Bucket) -> None:
    table = CUTS.table([cut(n) for n in range(50)])
    store = Lake(f"{bucket.url}/same-{tmp_path.name}", bucket.options)
    stores = [Lake(tmp_path), Lake(f"memory://same-{tmp_path.name}"), store]
    digests = {lake.write_table("core", CUTS, HERE, table).sha256 for lake in stores}
    assert len(digests) == 1


def test_open_seeks(lake: Lake) -> None:
    lake.write_bytes("f", b"0123456789")
    with lake.open("f") as file:
        file.seek(4)
        assert file.read(3) == b"456"


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    old, new = b"a" * 2_000_000, b"b" * 2_000_000
    lake.write_bytes("f", old)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            lake.write_bytes("f", new)
            lake.write_bytes("f", old)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(100):
            assert lake.read_bytes("f") in (old, new)
    finally:
        stop.set()
        writer.join()
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("where", ["file/below", "/proc/nonesuch"])
def test_a_lake_that_cannot_be_written_is_named(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("x")
    lake = Lake(tmp_path / where)
    with pytest.raises(LakeUnusable, match="cannot write"):
        lake.check_writable()


def test_a_store_that_refuses_is_named(bucket: Bucket) -> None:
    with pytest.raises(LakeUnusable, match="no-such-bucket"):
        Lake("s3://no-such-bucket/x", bucket.options).check_writable()


def test_what_another_process_wrote_is_seen_at_once(bucket: Bucket, tmp_path: Path) -> None:
    here = Lake(f"{bucket.url}/two-{tmp_path.name}", bucket.options)
    there = Lake(str(here), {**bucket.options, "key": "elsewhere"})  # a file system of its own, as elsewhere
    assert here.root.fs is not there.root.fs
    here.write_bytes("d/x", b"1")
    assert (here.list("d"), here.read_bytes("d/x"), here.exists("d/y")) == (["d/x"], b"1", False)
    there.write_bytes("d/x", b"longer than before")
    there.write_bytes("d/y", b"2")
    assert (here.list("d"), here.read_bytes("d/x"), here.exists("d/y")) == (["d/x", "d/y"], b"longer than before", True)
    there.delete("d/x")
    assert (here.list("d"), here.exists("d/x")) == (["d/y"], False)
    with pytest.raises(MissingPartition, match="d/x is not there"):
        here.read_bytes("d/x")


@pytest.mark.parametrize("verb", ["read_bytes", "open", "exists", "list", "delete"])
def test_a_store_that_does_not_answer_is_named(verb: str, bucket: Bucket) -> None:
    deaf = {"endpoint_url": "http://127.0.0.1:1", "config_kwargs": {"retries": {"max_attempts": 1}}}
    nobody = Lake("s3://marsad/x", {**bucket.options, **deaf})
    with pytest.raises(LakeUnreachable, match="lake s3://marsad/x: cannot"):
        getattr(nobody, verb)("d")


@pytest.mark.parametrize("prefix", ["file://", ""])
def test_a_folder_may_be_given_as_an_address(tmp_path: Path, prefix: str) -> None:
    lake = Lake(f"{prefix}{tmp_path}/lake")
    lake.write_bytes("a/b", b"1")
    assert (tmp_path / "lake" / "a" / "b").read_bytes() == b"1"
    assert lake.list("a") == ["a/b"]


def test_options_that_do_not_fit_are_refused() -> None:
    with pytest.raises(LakeUnusable, match="lake"):
        Lake("s3://marsad/x", {"endpoint_url": "http://127.0.0.1:1", "colour": "red"}).exists("f")


def test_an_unknown_kind_of_store_is_named() -> None:
    with pytest.raises(LakeUnusable, match="nonesuch"):
        Lake("nonesuch://x")


def test_the_working_directory_does_not_move_the_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lake = Lake("here")
    monkeypatch.chdir("/")
    lake.write_bytes("f", b"1")
    assert (tmp_path / "here" / "f").read_bytes() == b"1"


def test_a_file_address_is_a_folder(tmp_path: Path) -> None:
    Lake(f"file://{tmp_path}/lake").write_bytes("f", b"1")
    assert (tmp_path / "lake" / "f").read_bytes() == b"1"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.text(max_size=40)), max_size=20))
def test_equal_rows_are_equal_bytes_in_any_order(rows: list[tuple[int, str]]) -> None:
    unique = {n: cut(n, text.replace("\x00", "").encode("utf-8", "ignore").decode()) for n, text in rows}
    one = parquet_bytes(CUTS.table(unique.values()))
    other = parquet_bytes(CUTS.table(list(unique.values())[::-1]))
    assert one == other
