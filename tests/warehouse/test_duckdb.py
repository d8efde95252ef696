"""Loading a published partition into DuckDB: all of it or nothing, twice is once, and reading it back."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from marsad.clean.record import ARTICLES, CUTS, Article, Cut, Image
from marsad.curate.record import DUPLICATES, Duplicate
from marsad.dataset import Dataset
from marsad.errors import LakeUnusable, MarsadError, MissingPartition, NeverError, UsageError, WarehouseBusy
from marsad.extract.record import QUANTITIES, QUOTATIONS, Quantity, Quotation
from marsad.lake import Lake, parquet_bytes
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, PublishedFile, manifest_path
from marsad.warehouse import load
from marsad.warehouse.duckdb import DATASETS
from marsad.warehouse.views import VIEWS

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


@pytest.mark.parametrize(
    "address", ["", "x.duckdb", "duckdb:///", "duckdb:/// ", "duckdb:///:memory:", "duckdb://w", "postgresql://h/d"]
)
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


CUT = Cut("a1", "read_more", "نص", 0, "wakala", DAY)


def test_instants_come_back_to_python_in_utc(lake: Lake, warehouse: str) -> None:
    at = datetime(2026, 3, 3, 21, 30, tzinfo=UTC)
    load(publish(lake, HERE, {ARTICLES: [dataclasses.replace(STORY, published_at=at)]}), lake, warehouse)
    ((found,),) = query(warehouse, "SELECT published_at FROM articles")
    assert found == at


def test_every_type_comes_back_as_it_was_published(lake: Lake, warehouse: str) -> None:
    rows = [STORY, dataclasses.replace(STORY, article_id="a2", keywords=(), images=(), lead="مقدمة", body="س'ط\"ر\n")]
    load(publish(lake, HERE, {ARTICLES: rows}), lake, warehouse)
    with duckdb.connect(warehouse.removeprefix("duckdb:///"), read_only=True) as connection:
        table = connection.sql("FROM articles").to_arrow_table()
    assert ARTICLES.conform(table).to_pylist() == ARTICLES.table(rows).to_pylist()


def test_a_dataset_that_is_no_longer_published_leaves(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY], CUTS: [CUT]}), lake, warehouse)
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    assert query(warehouse, "SELECT count(*) FROM cuts") == [(0,)]


def test_a_source_does_not_take_its_duplicates_along(lake: Lake, warehouse: str) -> None:
    both = [Duplicate(DAY, i, s, "a1", None, "exact", 1.0, "same words") for i, s in (("a1", "wakala"), ("b1", "y"))]
    load(publish(lake, Partition(ALL_SOURCES, DAY), {DUPLICATES: both}), lake, warehouse)
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    assert query(warehouse, "SELECT count(*) FROM duplicates") == [(2,)]
    assert query(warehouse, "SELECT count(*) FROM articles") == [(1,)]


def test_what_fails_half_way_changes_nothing(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY], CUTS: []}), lake, warehouse)
    with duckdb.connect(warehouse.removeprefix("duckdb:///")) as connection:
        connection.execute("ALTER TABLE cuts ALTER COLUMN text TYPE INTEGER")  # somebody's own idea
    manifest = publish(lake, HERE, {ARTICLES: [dataclasses.replace(STORY, title="آخر")], CUTS: [CUT]})
    with pytest.raises(NeverError, match=r"warehouse .*w\.duckdb"):
        load(manifest, lake, warehouse)
    assert query(warehouse, "SELECT title FROM articles") == [("عنوان",)]
    assert query(warehouse, "SELECT row_count FROM _loads") == [(1,)]


@pytest.mark.parametrize("wrong", [{"source": "jarida"}, {"date": date(2026, 3, 4)}])
def test_rows_of_another_partition_are_refused(lake: Lake, warehouse: str, wrong: dict[str, Any]) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY, dataclasses.replace(STORY, article_id="a2", **wrong)]})
    with pytest.raises(NeverError, match="another day or source"):
        load(manifest, lake, warehouse)


def test_a_count_that_is_not_the_manifests_is_refused(lake: Lake, warehouse: str) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    lying = manifest.model_copy(update={"files": (manifest.files[0].model_copy(update={"row_count": 7}),)})
    with pytest.raises(LakeUnusable, match="has 1 rows, its manifest says 7"):
        load(lying, lake, warehouse)


def test_a_missing_file_is_named(lake: Lake, warehouse: str) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    lake.delete(manifest.files[0].path)
    with pytest.raises(MissingPartition, match="articles"):
        load(manifest, lake, warehouse)


@pytest.mark.parametrize("change", [{"schema_versions": {"articles": 99}}, {"files": "unknown"}])
def test_what_a_newer_marsad_published_asks_for_an_upgrade(lake: Lake, warehouse: str, change: dict[str, Any]) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    if change.get("files"):
        change = {"files": (manifest.files[0].model_copy(update={"dataset": "horoscopes"}),)}
    with pytest.raises(NeverError, match="upgrade"):
        load(manifest.model_copy(update=change), lake, warehouse)


def test_a_file_from_before_a_column_was_added_still_loads(lake: Lake, warehouse: str) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    path = manifest.files[0].path
    data = parquet_bytes(ARTICLES.table([STORY]).drop_columns(["dateline"]))
    lake.write_bytes(path, data)
    file = manifest.files[0].model_copy(update={"sha256": hashlib.sha256(data).hexdigest(), "byte_count": len(data)})
    load(manifest.model_copy(update={"files": (file,)}), lake, warehouse)
    assert query(warehouse, "SELECT dateline, title FROM articles") == [(None, "عنوان")]


def test_every_table_column_and_view_says_what_it_is(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    tables = query(warehouse, "SELECT table_name, comment FROM duckdb_tables() WHERE table_name[1] <> '_'")
    assert {name for name, _ in tables} == set(DATASETS)
    assert all(comment for _, comment in tables)
    columns = query(
        warehouse,
        "SELECT duckdb_columns.comment FROM duckdb_columns() JOIN duckdb_tables() USING (table_name) WHERE table_name[1] <> '_'",
    )
    assert all(comment for (comment,) in columns)
    views = dict(query(warehouse, "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"))
    assert views == {name: doc for name, (doc, _) in VIEWS.items()}


def test_the_views_answer(lake: Lake, warehouse: str) -> None:
    copy = dataclasses.replace(STORY, source="jarida", article_id="b1")
    said = Quotation(
        "a1", 0, 2, "نص", "direct", "قال", "قال", "الوزير", None, None, "explicit", None, 0.9, "wakala", DAY
    )
    killed = Quantity("a1", 0, 2, "نص", 3.0, None, None, False, "قتلى", "killed", "wakala", DAY)
    money = dataclasses.replace(killed, start=1, kind="money")
    row = Duplicate(DAY, "b1", "jarida", "a1", "a1", "wire_copy", 1.0, "credits")
    load(publish(lake, HERE, {ARTICLES: [STORY], QUOTATIONS: [said], QUANTITIES: [killed, money]}), lake, warehouse)
    load(publish(lake, Partition("jarida", DAY), {ARTICLES: [copy]}), lake, warehouse)
    load(publish(lake, Partition(ALL_SOURCES, DAY), {DUPLICATES: [row]}), lake, warehouse)
    assert query(warehouse, "FROM daily_counts") == [(DAY, "jarida", 1, 0, 2), (DAY, "wakala", 1, 0, 2)]
    assert query(warehouse, "FROM speakers") == [(DAY, "الوزير", 1, 1, 1)]
    assert query(warehouse, "FROM copies") == [(DAY, "jarida", "wakala", 1, 1.0)]
    assert query(warehouse, "SELECT kind, value, title FROM casualties") == [("killed", 3.0, "عنوان")]


def test_a_killed_load_leaves_the_warehouse_as_it_was(lake: Lake, warehouse: str, tmp_path: Path) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    many = [dataclasses.replace(STORY, article_id=f"a{n}", title="جديد") for n in range(2000)]
    manifest = publish(lake, HERE, {ARTICLES: many})
    code = (
        "import os, sys; from marsad.lake import Lake; from marsad.partition import Partition; "
        "import marsad.warehouse.duckdb as w; from marsad.publish.manifest import read_manifest; "
        "replace = w._replace\n"
        "def die(connection, dataset, *rest):\n"
        "    replace(connection, dataset, *rest)\n"
        "    if dataset.name == 'articles': os._exit(9)\n"
        "w._replace = die\n"
        f"lake = Lake({str(lake)!r}); from datetime import date\n"
        f"w.load(read_manifest(lake, Partition('wakala', date(2026, 3, 3))), lake, {warehouse!r})"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 9
    assert query(warehouse, "SELECT count(*), min(title) FROM articles") == [(1, "عنوان")]
    assert not load(manifest, lake, warehouse).is_unchanged
    assert query(warehouse, "SELECT count(*) FROM articles WHERE title = 'جديد'") == [(2000,)]
