"""Loading a published partition into DuckDB: all of it or nothing, twice is once, and reading it back."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from marsad.clean.record import ARTICLES, CUTS, Article, Cut, Image
from marsad.curate.record import DUPLICATES, Duplicate
from marsad.dataset import Dataset
from marsad.errors import LakeUnusable, MarsadError, NeverError, UsageError, WarehouseBusy
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, PublishedFile, manifest_path
from marsad.warehouse import load

DAY = date(2026, 3, 3)
HERE = Partition("wakala", DAY)
STORY = Article(
    "a1", 1, None, "main", "wakala", DAY, "http://wakala.example/1", None, "عنوان", None, "نص الخبر", ("نص الخبر",), (),
    None, "first_seen", None, None, ("مياه", "ساحل"), (), None, "ar", (Image("http://x/1.jpg", "صورة"),), 2, "0", "text",
    False, False, "0",
)  # fmt: skip


def publish(lake: Lake, partition: Partition, rows: dict[Dataset, list[Any]]) -> Manifest:
    """Write files and a manifest as publish does, without its gates."""
    files = []
    for dataset, records in rows.items():
        written = lake.write_table("published", dataset, partition, dataset.table(records))
        files.append(
            PublishedFile(
                dataset=dataset.name,
                path=written.path,
                row_count=written.row_count,
                byte_count=written.byte_count,
                sha256=written.sha256,
            )
        )
    manifest = Manifest(
        source=partition.source,
        date=partition.date,
        code_version="test",
        schema_versions={d.name: d.version for d in rows},
        files=tuple(files),
        outcomes={},
        quarantined={},
        gates=(),
    )
    lake.write_bytes(manifest_path(partition), manifest.to_bytes())
    return manifest


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def warehouse(tmp_path: Path) -> str:
    return f"duckdb:///{tmp_path / 'w.duckdb'}"


def query(warehouse: str, sql: str) -> list[Any]:
    with duckdb.connect(warehouse.removeprefix("duckdb:///"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_partition_is_loaded_with_its_lists_and_structs(lake: Lake, warehouse: str) -> None:
    report = load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    assert (report.row_count, report.is_unchanged) == (1, False)
    row = query(warehouse, "SELECT title, keywords, images[1].caption, date FROM articles")
    assert row == [("عنوان", ["مياه", "ساحل"], "صورة", DAY)]
    comments = query(warehouse, "SELECT comment FROM duckdb_columns() WHERE column_name = 'dateline'")
    assert "بيروت" in comments[0][0]
    assert query(warehouse, "SELECT article_count FROM daily_counts") == [(1,)]


def test_twice_is_once(lake: Lake, warehouse: str) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    load(manifest, lake, warehouse)
    before = Path(warehouse.removeprefix("duckdb:///")).read_bytes()
    assert load(manifest, lake, warehouse).is_unchanged
    assert Path(warehouse.removeprefix("duckdb:///")).read_bytes() == before
    assert query(warehouse, "SELECT count(*) FROM articles") == [(1,)]


def test_a_rewritten_partition_replaces_its_own_rows_only(lake: Lake, warehouse: str) -> None:
    elsewhere = dataclasses.replace(STORY, source="jarida", article_id="b1")
    load(publish(lake, Partition("jarida", DAY), {ARTICLES: [elsewhere]}), lake, warehouse)
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    changed = [dataclasses.replace(STORY, title="عنوان مصحح"), dataclasses.replace(STORY, article_id="a2")]
    load(publish(lake, HERE, {ARTICLES: changed}), lake, warehouse)
    rows = query(warehouse, "SELECT article_id, title FROM articles ORDER BY 1")
    assert rows == [("a1", "عنوان مصحح"), ("a2", "عنوان"), ("b1", "عنوان")]


def test_what_is_across_sources_is_replaced_by_day(lake: Lake, warehouse: str) -> None:
    both = [Duplicate(DAY, i, s, "a1", None, "exact", 1.0, "same words") for i, s in (("a1", "x"), ("b1", "y"))]
    load(publish(lake, Partition(ALL_SOURCES, DAY), {DUPLICATES: both}), lake, warehouse)
    load(publish(lake, Partition(ALL_SOURCES, DAY), {DUPLICATES: []}), lake, warehouse)
    assert query(warehouse, "SELECT count(*) FROM duplicates") == [(0,)]


def test_a_file_that_is_not_the_manifests_changes_nothing(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY], CUTS: []}), lake, warehouse)
    manifest = publish(lake, HERE, {ARTICLES: [], CUTS: [Cut("a1", "r", "t", 0, "wakala", DAY)]})
    lake.write_table("published", CUTS, HERE, CUTS.empty())
    with pytest.raises(LakeUnusable, match="not the file its manifest names"):
        load(manifest, lake, warehouse)
    assert query(warehouse, "SELECT count(*) FROM articles") == [(1,)]


def test_a_column_gained_later_is_added(lake: Lake, warehouse: str) -> None:
    path = warehouse.removeprefix("duckdb:///")
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE cuts (article_id VARCHAR, rule VARCHAR, source VARCHAR, date DATE)")
        connection.execute("INSERT INTO cuts VALUES ('old', 'r', 'wakala', '2026-01-01')")
    load(publish(lake, HERE, {CUTS: [Cut("a1", "r", "نص", 0, "wakala", DAY)]}), lake, warehouse)
    assert query(warehouse, "SELECT article_id, text FROM cuts ORDER BY date") == [("old", None), ("a1", "نص")]


def test_a_warehouse_in_use_is_a_later_error(lake: Lake, warehouse: str, tmp_path: Path) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    code = f"import duckdb, sys; c = duckdb.connect({str(tmp_path / 'w.duckdb')!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(WarehouseBusy, match="another process"):
            load(manifest, lake, warehouse)
        assert other.stdin is not None
        other.stdin.close()
        other.wait(timeout=30)
    assert load(manifest, lake, warehouse).row_count == 1


@pytest.mark.parametrize("address", ["", "x.duckdb", "duckdb:///", "postgresql://h/d"])
def test_an_address_of_another_kind_is_refused(lake: Lake, address: str) -> None:
    with pytest.raises(UsageError, match="duckdb:///PATH"):
        load(publish(lake, HERE, {ARTICLES: []}), lake, address)


@pytest.mark.parametrize("where", ["folder", "file/below", "text"])
def test_a_file_that_cannot_be_a_warehouse_is_named(lake: Lake, tmp_path: Path, where: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "text").write_text("this is no database " * 1000)
    with pytest.raises((NeverError, MarsadError), match="warehouse"):
        load(publish(lake, HERE, {ARTICLES: []}), lake, f"duckdb:///{tmp_path / where}")


def test_it_loads_from_a_store(warehouse: str) -> None:
    lake = Lake("memory://warehouse-test")
    assert load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse).row_count == 1
