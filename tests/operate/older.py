"""A lake and a warehouse as Marsad left them before lakes had layouts: the bytes and the SQL of that code."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curate.test_stories import DAY, FIRE, OTHER_FIRE, publish
from marsad.clean.record import ARTICLES
from marsad.curate.record import DUPLICATES
from marsad.lake import Lake, parquet_bytes
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import manifest_path
from marsad.warehouse.address import parse_address
from marsad.warehouse.engine import open_engine

DAYS = [DAY + timedelta(days=n) for n in range(2)]
DUPLICATES_1 = pa.schema([f for f in DUPLICATES.schema if f.nullable is False or f.name == "original_id"])
"""``duplicates`` of version 1: eight columns."""

TABLES = {
    "articles": "article_id VARCHAR, version BIGINT, parent_id VARCHAR, role VARCHAR, source VARCHAR, date DATE, "
    "url VARCHAR, canonical_url VARCHAR, title VARCHAR, lead VARCHAR, body VARCHAR, paragraphs VARCHAR[], "
    "authors VARCHAR[], published_at TIMESTAMPTZ, published_basis VARCHAR, modified_at TIMESTAMPTZ, section VARCHAR, "
    "keywords VARCHAR[], attributions VARCHAR[], dateline VARCHAR, language VARCHAR, "
    "images STRUCT(url VARCHAR, caption VARCHAR)[], word_count BIGINT, content_sha256 VARCHAR, "
    "extraction_method VARCHAR, is_live_blog BOOLEAN, is_paywalled BOOLEAN, capture_sha256 VARCHAR, "
    "is_gallery BOOLEAN, is_breaking BOOLEAN, layout_missed VARCHAR[]",
    "article_versions": "article_id VARCHAR, version BIGINT, title VARCHAR, lead VARCHAR, body VARCHAR, "
    "published_at TIMESTAMPTZ, modified_at TIMESTAMPTZ, captured_at TIMESTAMPTZ, content_sha256 VARCHAR, "
    "capture_sha256 VARCHAR, source VARCHAR, date DATE",
    "links": "article_id VARCHAR, kind VARCHAR, title VARCHAR, url VARCHAR, position BIGINT, source VARCHAR, date DATE",
    "cuts": "article_id VARCHAR, rule VARCHAR, text VARCHAR, position BIGINT, source VARCHAR, date DATE",
    "mentions": 'article_id VARCHAR, "start" BIGINT, "end" BIGINT, text VARCHAR, type VARCHAR, name VARCHAR, '
    "country VARCHAR, method VARCHAR, source VARCHAR, date DATE",
    "quotations": 'article_id VARCHAR, "start" BIGINT, "end" BIGINT, text VARCHAR, kind VARCHAR, cue VARCHAR, '
    "cue_lemma VARCHAR, speaker VARCHAR, speaker_start BIGINT, speaker_end BIGINT, speaker_method VARCHAR, "
    "reported_by VARCHAR, confidence DOUBLE, speaker_name VARCHAR, source VARCHAR, date DATE",
    "timexes": 'article_id VARCHAR, "start" BIGINT, "end" BIGINT, text VARCHAR, kind VARCHAR, value VARCHAR, '
    "part_of_day VARCHAR, basis VARCHAR, source VARCHAR, date DATE",
    "quantities": 'article_id VARCHAR, "start" BIGINT, "end" BIGINT, text VARCHAR, value DOUBLE, low DOUBLE, '
    "high DOUBLE, is_approximate BOOLEAN, unit VARCHAR, kind VARCHAR, source VARCHAR, date DATE",
    "keyphrases": "article_id VARCHAR, phrase VARCHAR, score DOUBLE, method VARCHAR, source VARCHAR, date DATE",
    "duplicates": "date DATE, article_id VARCHAR, source VARCHAR, group_id VARCHAR, original_id VARCHAR, "
    "relation VARCHAR, similarity DOUBLE, basis VARCHAR",
    "_loads": "source VARCHAR, date DATE, manifest_sha256 VARCHAR, row_count BIGINT, PRIMARY KEY (source, date)",
}
KEYS = {
    "articles": "date, source, article_id",
    "article_versions": "date, source, article_id, version",
    "links": "date, source, article_id, kind, position",
    "cuts": "date, source, article_id, position",
    "mentions": 'date, source, article_id, "start", "end", type',
    "quotations": 'date, source, article_id, "start", "end", kind',
    "timexes": 'date, source, article_id, "start", "end"',
    "quantities": 'date, source, article_id, "start", "end"',
    "keyphrases": "date, source, article_id, phrase",
    "duplicates": "date, article_id",
}
"""PostgreSQL had them from its first table on; DuckDB has none."""
VIEWS = {
    "daily_counts": "SELECT date, source, count(*) AS article_count, count(*) FILTER (WHERE role = 'embedded') AS "
    "embedded_count, CAST(sum(word_count) AS BIGINT) AS word_count FROM {s}articles GROUP BY date, source",
    "copies": "SELECT d.date, d.source, o.source AS original_source, count(*) AS copy_count, "
    "avg(d.similarity) AS mean_similarity FROM {s}duplicates d JOIN {s}articles o ON o.article_id = d.original_id "
    "WHERE d.relation = 'wire_copy' GROUP BY d.date, d.source, o.source",
}
_POSTGRES = (
    ("STRUCT(url VARCHAR, caption VARCHAR)[]", "jsonb"), ("VARCHAR", "text"), ("DOUBLE", "double precision"),
)  # fmt: skip


def make_lake(lake: Lake) -> None:
    """Two days of three sources, curated, without stories."""
    for n, day in enumerate(DAYS):
        told = (FIRE[1][0], f"{FIRE[1][1]} ويتابع الفوج عمله لليوم رقم {n + 1}.")
        publish(lake, "sahil", day, (f"a{n}", FIRE[0], 6), (f"x{n}", OTHER_FIRE, 7))
        publish(lake, "barq", day, (f"b{n}", told, 8))
        publish(lake, "mada", day, (f"c{n}", OTHER_FIRE, 9))
        for source in ("sahil", "barq", "mada"):
            _forget_format(lake, Partition(source, day))
        make_curated(lake, day, [f"x{n}", f"c{n}"])


def make_curated(lake: Lake, day: date, same: list[str]) -> None:
    """A curated day of then: duplicates alone."""
    partition = Partition(ALL_SOURCES, day)
    rows = [
        {
            "date": day, "article_id": i, "source": "sahil" if i[0] == "x" else "mada", "group_id": min(same),
            "original_id": None, "relation": "exact", "similarity": 1.0, "basis": f"same words as {max(same)}",
        }
        for i in sorted(same)
    ]  # fmt: skip
    path, data = (
        lake.dataset_path("published", DUPLICATES, partition),
        parquet_bytes(pa.Table.from_pylist(rows, schema=DUPLICATES_1)),
    )
    lake.write_bytes(path, data)
    file = {
        "dataset": "duplicates", "path": path, "row_count": len(rows), "byte_count": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip
    manifest = {
        "source": ALL_SOURCES, "date": day.isoformat(), "code_version": "0.1.0", "schema_versions": {"duplicates": 1},
        "files": [file], "outcomes": {}, "quarantined": {}, "gates": [],
    }  # fmt: skip
    lake.write_json(manifest_path(partition), manifest)


def _forget_format(lake: Lake, partition: Partition) -> None:
    """The manifest as it was written then."""
    plain = lake.read_json(manifest_path(partition))
    del plain["format"]
    lake.write_json(manifest_path(partition), plain)


def make_warehouse(address: str, lake: Lake) -> None:
    """What is published, loaded as then: no stories, no search, `_loads` of four columns."""
    to = parse_address(address)
    with closing(open_engine(to)) as opened:
        engine: Any = opened
        is_postgres = to.engine == "postgresql"
        schema = f'"{to.schema}".' if is_postgres else ""
        run = engine.run if is_postgres else engine._connection.execute
        if is_postgres:
            run(f'CREATE SCHEMA "{to.schema}"')
        for name, columns in TABLES.items():
            if is_postgres:
                for duck, postgres in _POSTGRES:
                    columns = columns.replace(duck, postgres)
                columns += f", PRIMARY KEY ({KEYS[name]})" if name in KEYS else ""
            run(f"CREATE TABLE {schema}{name} ({columns})")
        for name, sql in VIEWS.items():
            run(f"CREATE VIEW {schema}{name} AS {sql.format(s=schema)}")
        for path in lake.list("published/_manifests", "**/*.json"):
            data = lake.read_bytes(path)
            said = json.loads(data)
            for file in said["files"]:
                rows = pq.read_table(lake.path(file["path"]), partitioning=None)
                if is_postgres and file["dataset"] == "articles":
                    engine.ingest("articles", engine.carried(ARTICLES, rows))
                elif is_postgres:
                    engine.ingest(file["dataset"], rows)
                else:
                    engine._connection.register("incoming", rows)
                    names = ", ".join(rows.column_names)
                    run(f"INSERT INTO {file['dataset']} ({names}) SELECT {names} FROM incoming")  # noqa: S608
            total = sum(file["row_count"] for file in said["files"])
            digest = hashlib.sha256(data).hexdigest()
            run(
                f"INSERT INTO {schema}_loads VALUES ('{said['source']}', DATE '{said['date']}', '{digest}', {total})"  # noqa: S608
            )
        if is_postgres:
            engine.commit()


def contents(lake: Lake, *folders: str) -> dict[str, bytes]:
    """The files of some folders of a lake, with their bytes."""
    return {path: lake.read_bytes(path) for folder in folders for path in lake.walk(folder)}


__all__ = ["DAYS", "contents", "make_curated", "make_lake", "make_warehouse"]
