"""What is DuckDB's own: a file, one writer, lists and structs as they are."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from marsad.clean.record import ARTICLES, CUTS, Cut
from marsad.errors import MarsadError, NeverError, WarehouseBusy
from marsad.lake import Lake
from marsad.warehouse import load
from marsad.warehouse.registry import TABLES
from marsad.warehouse.views import VIEWS
from warehouse_lake import DAY, HERE, STORY, publish, query

CUT = Cut("a1", "read_more", "نص", 0, "wakala", DAY)


def test_a_partition_is_loaded_with_its_lists_and_structs(lake: Lake, duck: str) -> None:
    report = load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, duck)
    assert (report.row_count, report.is_unchanged) == (1, False)
    row = query(duck, "SELECT title, keywords, images[1].caption, date FROM articles")
    assert row == [("عنوان", ["مياه", "ساحل"], "صورة", DAY)]
    comments = query(duck, "SELECT comment FROM duckdb_columns() WHERE column_name = 'dateline'")
    assert "بيروت" in comments[0][0]
    assert query(duck, "SELECT article_count FROM daily_counts") == [(1,)]


def test_twice_is_once(lake: Lake, duck: str) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    load(manifest, lake, duck)
    before = Path(duck.removeprefix("duckdb:///")).read_bytes()
    assert load(manifest, lake, duck).is_unchanged
    assert Path(duck.removeprefix("duckdb:///")).read_bytes() == before
    assert query(duck, "SELECT count(*) FROM articles") == [(1,)]


def test_a_column_gained_later_is_added(lake: Lake, duck: str) -> None:
    path = duck.removeprefix("duckdb:///")
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE cuts (article_id VARCHAR, rule VARCHAR, source VARCHAR, date DATE)")
        connection.execute("INSERT INTO cuts VALUES ('old', 'r', 'wakala', '2026-01-01')")
    load(publish(lake, HERE, {CUTS: [Cut("a1", "r", "نص", 0, "wakala", DAY)]}), lake, duck)
    assert query(duck, "SELECT article_id, text FROM cuts ORDER BY date") == [("old", None), ("a1", "نص")]


def test_a_warehouse_in_use_is_a_later_error(lake: Lake, duck: str, tmp_path: Path) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    code = f"import duckdb, sys; c = duckdb.connect({str(tmp_path / 'w.duckdb')!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(WarehouseBusy, match="another process"):
            load(manifest, lake, duck)
        assert other.stdin is not None
        other.stdin.close()
        other.wait(timeout=30)
    assert load(manifest, lake, duck).row_count == 1


@pytest.mark.parametrize("where", ["folder", "file/below", "text"])
def test_a_file_that_cannot_be_a_warehouse_is_named(lake: Lake, tmp_path: Path, where: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "text").write_text("this is no database " * 1000)
    with pytest.raises((NeverError, MarsadError), match="warehouse"):
        load(publish(lake, HERE, {ARTICLES: []}), lake, f"duckdb:///{tmp_path / where}")


def test_every_type_comes_back_as_it_was_published(lake: Lake, duck: str) -> None:
    rows = [STORY, dataclasses.replace(STORY, article_id="a2", keywords=(), images=(), lead="مقدمة", body="س'ط\"ر\n")]
    load(publish(lake, HERE, {ARTICLES: rows}), lake, duck)
    with duckdb.connect(duck.removeprefix("duckdb:///"), read_only=True) as connection:
        table = connection.sql("FROM articles").to_arrow_table()
    assert ARTICLES.conform(table).to_pylist() == ARTICLES.table(rows).to_pylist()


def test_what_fails_half_way_changes_nothing(lake: Lake, duck: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY], CUTS: []}), lake, duck)
    with duckdb.connect(duck.removeprefix("duckdb:///")) as connection:
        connection.execute("ALTER TABLE cuts ALTER COLUMN text TYPE INTEGER")  # somebody's own idea
    manifest = publish(lake, HERE, {ARTICLES: [dataclasses.replace(STORY, title="آخر")], CUTS: [CUT]})
    with pytest.raises(NeverError, match=r"warehouse .*w\.duckdb"):
        load(manifest, lake, duck)
    assert query(duck, "SELECT title FROM articles") == [("عنوان",)]
    assert query(duck, "SELECT row_count FROM _loads") == [(1,)]


def test_every_table_column_and_view_says_what_it_is(lake: Lake, duck: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, duck)
    tables = query(duck, "SELECT table_name, comment FROM duckdb_tables() WHERE table_name[1] <> '_'")
    assert {name for name, _ in tables} == {d.name for d in TABLES}
    assert all(comment for _, comment in tables)
    columns = query(
        duck,
        "SELECT duckdb_columns.comment FROM duckdb_columns() JOIN duckdb_tables() USING (table_name) WHERE table_name[1] <> '_'",
    )
    assert all(comment for (comment,) in columns)
    views = dict(query(duck, "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"))
    assert views == {v.name: v.doc for v in VIEWS}


def test_a_killed_load_leaves_the_warehouse_as_it_was(lake: Lake, duck: str, tmp_path: Path) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, duck)
    many = [dataclasses.replace(STORY, article_id=f"a{n}", title="جديد") for n in range(2000)]
    manifest = publish(lake, HERE, {ARTICLES: many})
    code = (
        "import os, sys; from marsad.lake import Lake; from marsad.partition import Partition; "
        "import marsad.warehouse as w, marsad.warehouse.duckdb as d; from marsad.publish.manifest import read_manifest; "
        "replace = d.DuckDB._replace\n"
        "def die(self, load, dataset, table):\n"
        "    replace(self, load, dataset, table)\n"
        "    if dataset.name == 'articles': os._exit(9)\n"
        "d.DuckDB._replace = die\n"
        f"lake = Lake({str(lake)!r}); from datetime import date\n"
        f"w.load(read_manifest(lake, Partition('wakala', date(2026, 3, 3))), lake, {duck!r})"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 9
    assert query(duck, "SELECT count(*), min(title) FROM articles") == [(1, "عنوان")]
    assert not load(manifest, lake, duck).is_unchanged
    assert query(duck, "SELECT count(*) FROM articles WHERE title = 'جديد'") == [(2000,)]


def test_texts_with_nul_come_back(lake: Lake, duck: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [dataclasses.replace(STORY, body="ا\0ب")]}), lake, duck)
    assert query(duck, "SELECT body FROM articles") == [("ا\0ب",)]


def test_a_warehouse_of_the_first_version_is_taken_over(lake: Lake, duck: str) -> None:
    with duckdb.connect(duck.removeprefix("duckdb:///")) as connection:
        connection.execute(
            "CREATE TABLE _loads (source VARCHAR, date DATE, manifest_sha256 VARCHAR, row_count BIGINT, "
            "PRIMARY KEY (source, date))"
        )
        connection.execute("INSERT INTO _loads VALUES ('wakala', '2026-03-03', 'old', 1), ('x', '2026-03-03', 'o', 1)")
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, duck)
    found = query(duck, "SELECT source, manifest_sha256 = 'old', code_version FROM _loads ORDER BY 1")
    assert found == [("wakala", False, "test"), ("x", False, None)]
