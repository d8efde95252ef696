"""Engines that cannot run here: their SQL letter by letter, and their real drivers as far as they go without a network."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import adbc_driver_manager.dbapi as dbapi
import pytest

from marsad.clean.record import ARTICLES, CUTS
from marsad.errors import NeverError, WarehouseBusy
from marsad.warehouse.address import parse_address
from marsad.warehouse.bigquery import BigQuery, BigQueryDialect, driver_options, json_chunks
from marsad.warehouse.clickhouse import ClickHouse, ClickHouseDialect
from marsad.warehouse.engine import Load, open_engine
from marsad.warehouse.registry import TABLES
from marsad.warehouse.snowflake import Snowflake, SnowflakeDialect
from warehouse_lake import HERE, STORY

AT = datetime(2026, 3, 4, 1, tzinfo=UTC)
LOAD = Load(HERE, "f00d", 2, "1.0", AT, lambda: True)


class Recorded:
    """A connection that writes down what it is asked to do; it answers counts as it is told."""

    def __init__(self, count: int) -> None:
        self.said: list[str] = []
        self.ingested: list[tuple[str, Any]] = []
        self.count = count

    def cursor(self) -> Recorded:
        return self

    def __enter__(self) -> Recorded:
        return self

    def __exit__(self, *exc: object) -> None: ...

    def execute(self, sql: str, values: Any = None) -> None:
        self.said.append(sql if values is None else f"{sql} <- {len(values)}")

    def fetchall(self) -> list[tuple[Any, ...]]:
        return [(self.count,)] if "count(*)" in self.said[-1] else []

    def adbc_ingest(self, table: str, rows: Any, **_: Any) -> None:
        self.ingested.append((table, rows))


def opened(kind: Any, address: str, connection: Recorded) -> Any:
    class Here(kind):  # type: ignore[misc]
        def connect(self) -> Any:
            return connection

    return Here(parse_address(address))


def test_snowflake_stages_first_and_moves_in_one_transaction() -> None:
    connection = Recorded(1)
    engine = opened(Snowflake, "snowflake://u:geheim@acc/db/NEWS?warehouse=w", connection)
    assert engine.replace(LOAD, {ARTICLES: ARTICLES.table([STORY])}) == "loaded"
    said = connection.said
    begin, commit = said.index("BEGIN TRANSACTION"), len(said) - 1
    assert said[commit] == "COMMIT"
    within = said[begin + 1 : commit]
    # what ends a transaction there (DDL, and the stage that ingestion makes) is outside of it
    assert not [sql for sql in within if sql.startswith(("CREATE", "DROP", "ALTER"))]
    assert [table for table, _ in connection.ingested] == ["_STAGED_ARTICLES"]
    ((_, rows),) = connection.ingested
    assert json.loads(rows["IMAGES"][0].as_py()) == [{"url": "http://x/1.jpg", "caption": "صورة"}]
    assert 'DELETE FROM "NEWS"."ARTICLES" WHERE "DATE" = DATE \'2026-03-03\' AND "SOURCE" = \'wakala\'' in within
    moved = next(sql for sql in within if sql.startswith('INSERT INTO "NEWS"."ARTICLES"'))
    assert 'PARSE_JSON("IMAGES")::ARRAY' in moved
    assert moved.endswith('FROM "_STAGED_ARTICLES"')


def test_snowflakes_record_keeps_the_first_hour() -> None:
    connection = Recorded(0)
    sql = opened(Snowflake, "snowflake://u:p@acc/db/NEWS", connection).record_sql(LOAD)
    assert sql.startswith('MERGE INTO "NEWS"."_LOADS" t USING (SELECT 1 AS one) s ON t."SOURCE" = \'wakala\'')
    assert '"FIRST_LOADED_AT"' not in sql.partition("WHEN NOT MATCHED")[0]


def test_a_wrong_count_rolls_snowflake_back() -> None:
    connection = Recorded(7)
    engine = opened(Snowflake, "snowflake://u:p@acc/db/NEWS", connection)
    with pytest.raises(NeverError, match="another day or source"):
        engine.replace(LOAD, {ARTICLES: ARTICLES.table([STORY])})
    assert connection.said[-1] == "ROLLBACK"
    assert "COMMIT" not in connection.said


def test_bigquery_is_one_script_of_dml() -> None:
    connection = Recorded(1)
    engine = opened(BigQuery, "bigquery://project/news?location=EU", connection)
    engine.replace(LOAD, {ARTICLES: ARTICLES.table([STORY]), CUTS: CUTS.empty()})
    (script,) = [sql for sql in connection.said if sql.startswith("BEGIN TRANSACTION")]
    lines = script.split(";\n")
    assert lines[0] == "BEGIN TRANSACTION"
    assert lines[-1] == "COMMIT TRANSACTION;"
    # a transaction takes no DDL of permanent tables
    assert all(line.startswith(("MERGE", "DELETE", "INSERT", "SELECT")) for line in lines[1:-1])
    assert lines[2] == "DELETE FROM `news`.`articles` WHERE `date` = DATE '2026-03-03' AND `source` = 'wakala'"
    assert lines[4].startswith("SELECT IF(count(*) = 1, count(*), ERROR('wakala 2026-03-03: 1 rows of articles")
    dropped = [sql for sql in connection.said if sql.startswith("DROP TABLE")]
    assert len(dropped) == 2
    staged = [sql for sql in connection.said if sql.startswith("INSERT INTO `news`.`_staged")]
    assert len(staged) == 1  # one chunk of rows, one bound text
    assert "FROM UNNEST(JSON_QUERY_ARRAY(?)) AS r <- 1" in staged[0]


def test_bigquery_rows_go_in_chunks_that_its_requests_take() -> None:
    table = (
        ARTICLES.table([STORY, *({**STORY.__dict__, "article_id": f"b{n}", "images": []} for n in range(9))])
        if hasattr(STORY, "__dict__")
        else ARTICLES.table([STORY])
    )
    chunks = list(json_chunks(table, limit=2000))
    assert all(len(chunk.encode()) <= 2100 for chunk in chunks) or len(chunks) == table.num_rows
    rows = [row for chunk in chunks for row in json.loads(chunk)]
    assert [row["article_id"] for row in rows] == table["article_id"].to_pylist()
    assert rows[0]["date"] == "2026-03-03"
    assert list(json_chunks(table.slice(0, 0))) == []


def test_bigquery_reads_every_type_out_of_json() -> None:
    d = BigQueryDialect("news")
    by_name = {f.name: d.from_json(f) for f in ARTICLES.schema}
    assert by_name["title"] == "JSON_VALUE(r, '$.title')"
    assert by_name["date"] == "CAST(JSON_VALUE(r, '$.date') AS DATE)"
    assert by_name["published_at"] == "CAST(JSON_VALUE(r, '$.published_at') AS TIMESTAMP)"
    assert by_name["keywords"] == "JSON_VALUE_ARRAY(r, '$.keywords')"
    assert by_name["images"].startswith("ARRAY(SELECT AS STRUCT JSON_VALUE(i, '$.url') AS `url`")
    assert d.literal("it's \\ here") == "'it\\'s \\\\ here'"


@pytest.mark.parametrize(
    "dialect", [SnowflakeDialect("NEWS"), BigQueryDialect("news"), ClickHouseDialect("news")], ids=lambda d: d.name
)
def test_each_has_a_table_for_every_dataset_and_gains_columns(dialect: Any) -> None:
    fresh = dialect.prepare({}, is_stale=False)
    for dataset in TABLES:
        assert any(sql.startswith(f"CREATE TABLE IF NOT EXISTS {dialect.table(dataset.name)} ") for sql in fresh)
    there = {d.name: {f.name for f in d.schema} for d in TABLES} | {
        "_loads": {f.name for f in __import__("marsad.warehouse.registry", fromlist=["x"]).LOADS.schema}
    }
    assert dialect.prepare(there, is_stale=False) == []
    there["cuts"].discard("text")
    assert any(
        sql.startswith(f"ALTER TABLE {dialect.table('cuts')} ADD COLUMN")
        for sql in dialect.prepare(there, is_stale=False)
    )


def test_clickhouse_replaces_a_partition_at_once() -> None:
    d = ClickHouseDialect("news")
    engine = object.__new__(ClickHouse)
    engine.dialect = d
    assert engine.move(HERE, ARTICLES, "_s", is_empty=False) == (
        "ALTER TABLE `news`.`articles` REPLACE PARTITION (toDate32('2026-03-03'), 'wakala') FROM `news`.`_s`"
    )
    assert engine.move(HERE, CUTS, "_s", is_empty=True).endswith("DROP PARTITION (toDate32('2026-03-03'), 'wakala')")
    (sql,) = d.create(ARTICLES)
    assert "Array(Tuple(`url` String, `caption` Nullable(String)))" in sql
    assert "PARTITION BY (date, source) ORDER BY (`date`, `source`, `article_id`)" in sql


def test_the_real_bigquery_driver_takes_our_options_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import adbc_driver_bigquery

    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    key = parse_address("bigquery://p/d?location=EU&credentials_json={}")
    adbc_driver_bigquery.connect(driver_options(key)).close()
    with pytest.raises(NeverError, match="mend the key"):
        open_engine("bigquery://p/d?credentials_json={}")


def test_the_real_snowflake_driver_takes_our_address_and_a_dead_server_is_a_later_error() -> None:
    address = "snowflake://u:geheim@127.0.0.1:1/db/NEWS?account=acc&protocol=http&loginTimeout=1"
    with pytest.raises((WarehouseBusy, NeverError)) as told:
        open_engine(address)
    assert isinstance(told.value, WarehouseBusy)
    assert "geheim" not in str(told.value)


def test_a_clickhouse_that_does_not_answer_is_a_later_error() -> None:
    with pytest.raises(WarehouseBusy) as told:
        open_engine("clickhouse://u:geheim@127.0.0.1:1/news")
    assert "geheim" not in str(told.value)


def test_drivers_errors_are_ours() -> None:
    engine = opened(Snowflake, "snowflake://u:geheim@acc/db/NEWS", Recorded(0))
    for words, kind in (("390100: Incorrect username or password", NeverError), ("i/o timeout", WarehouseBusy)):
        assert isinstance(engine.told(dbapi.OperationalError(words, status_code=10)), kind)
