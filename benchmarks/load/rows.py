"""Published partitions of synthetic sources: Arabic-like texts of a language's word frequencies, cheap to make."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from marsad.clean.record import ARTICLES
from marsad.curate.record import DUPLICATES
from marsad.dataset import Dataset
from marsad.extract.record import MENTIONS, QUANTITIES, QUOTATIONS
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, PublishedFile, manifest_path

FIRST = date(2026, 1, 1)


@cache
def vocabulary() -> tuple[Any, Any]:
    """Words and paragraphs of 20 to 80 of them."""
    rng = np.random.default_rng(20260303)
    letters = np.array(list("ابتثجحخدذرزسشصضطظعغفقكلمنهويةى"))
    words = np.array(["".join(rng.choice(letters, rng.integers(2, 8))) for _ in range(30_000)])
    weights = 1 / (np.arange(len(words)) + 10.0)
    weights /= weights.sum()
    drawn = rng.choice(words, size=(6000, 80), p=weights)
    lengths = rng.integers(20, 80, size=6000)
    return words, np.array([" ".join(row[:n]) for row, n in zip(drawn, lengths, strict=True)], dtype=object)


def partition_tables(source: int, day: int, articles: int) -> dict[Dataset, pa.Table]:
    """A source's day: stories of four paragraphs, eight names, two quotations and a number each."""
    rng = np.random.default_rng((source, day))
    words, paragraphs = vocabulary()
    name, today = f"synthetic_{source:02}", FIRST + timedelta(days=day)
    picked = rng.choice(paragraphs, size=(articles, 4))
    ids = [hashlib.sha256(f"{name} {today} {n}".encode()).hexdigest()[:32] for n in range(articles)]
    begin = datetime(today.year, today.month, today.day, tzinfo=UTC)
    rows = {
        "article_id": ids,
        "version": [1] * articles,
        "role": ["main"] * articles,
        "url": [f"http://{name}.example/{i}" for i in ids],
        "title": [" ".join(rng.choice(words[:3000], 8)) for _ in range(articles)],
        "body": ["\n\n".join(row) for row in picked],
        "paragraphs": [list(row) for row in picked],
        "authors": [[] for _ in range(articles)],
        "keywords": [list(rng.choice(words[:500], 3)) for _ in range(articles)],
        "attributions": [[] for _ in range(articles)],
        "images": [[{"url": f"http://{name}.example/{i}.jpg", "caption": None}] for i in ids],
        "published_at": [begin + timedelta(seconds=int(s)) for s in rng.integers(0, 86_400, articles)],
        "published_basis": ["json_ld"] * articles,
        "language": ["ar"] * articles,
        "word_count": [sum(p.count(" ") + 1 for p in row) for row in picked],
        "content_sha256": ids,
        "extraction_method": ["container"] * articles,
        "capture_sha256": ids,
    }
    return {
        ARTICLES: _table(ARTICLES, rows, articles, name, today),
        MENTIONS: _spans(MENTIONS, ids, 8, name, today, rng, {"type": "PER", "method": "crf"}, "name", words[:400]),
        QUOTATIONS: _spans(
            QUOTATIONS, ids, 2, name, today, rng, {"kind": "direct", "confidence": 0.9}, "speaker", words[:400]
        ),
        QUANTITIES: _spans(QUANTITIES, ids, 1, name, today, rng, {"kind": "killed", "value": 3.0}, "unit", words[:9]),
    }


def _spans(
    dataset: Dataset, ids: list[str], each: int, source: str, day: date, rng: Any, same: dict[str, Any], named: str,
    names: Any,
) -> pa.Table:  # fmt: skip
    count = len(ids) * each
    rows: dict[str, Any] = {
        "article_id": [i for i in ids for _ in range(each)],
        "start": [n * 20 for _ in ids for n in range(each)],
        "end": [n * 20 + 9 for _ in ids for n in range(each)],
        "text": list(rng.choice(names, count)),
        named: list(rng.choice(names, count)),
        **{key: [value] * count for key, value in same.items()},
    }
    return _table(dataset, rows, count, source, day)


def _table(dataset: Dataset, rows: dict[str, Any], count: int, source: str, day: date) -> pa.Table:
    """The columns that are given; of the others null, or false, or nothing."""
    columns = []
    for f in dataset.schema:
        if f.name in ("source", "date"):
            columns.append(pa.array([source if f.name == "source" else day] * count, f.type))
        elif f.name in rows:
            columns.append(pa.array(rows[f.name], f.type))
        elif f.nullable:
            columns.append(pa.nulls(count, f.type))
        else:
            columns.append(pa.array([False if pa.types.is_boolean(f.type) else []] * count, f.type))
    return pa.table(columns, schema=dataset.schema)


def publish(lake: Lake, partition: Partition, tables: dict[Dataset, pa.Table]) -> Manifest:
    """Files and a manifest as publish writes them, without the gates before it."""
    written = [(d, lake.write_table("published", d, partition, t)) for d, t in tables.items()]
    manifest = Manifest(
        source=partition.source,
        date=partition.date,
        code_version="benchmark",
        schema_versions={d.name: d.version for d in tables},
        files=tuple(
            PublishedFile(dataset=d.name, path=w.path, row_count=w.row_count, byte_count=w.byte_count, sha256=w.sha256)
            for d, w in written
        ),
        outcomes={},
        quarantined={},
        gates=(),
    )
    lake.write_bytes(manifest_path(partition), manifest.to_bytes())
    return manifest


def duplicates(day: int, sources: int, articles: int) -> pa.Table:
    """Every tenth story of each source is a copy of the first source's."""
    today = FIRST + timedelta(days=day)

    def key(source: int, n: int) -> str:
        return hashlib.sha256(f"synthetic_{source:02} {today} {n}".encode()).hexdigest()[:32]

    rows = [
        {
            "date": today, "article_id": key(s, n), "source": f"synthetic_{s:02}", "group_id": key(0, n),
            "original_id": key(0, n), "relation": "wire_copy", "similarity": 0.9,
            "basis": "credits", "containment": None,
        }
        for s in range(1, sources)
        for n in range(0, articles, 10)
    ]  # fmt: skip
    return DUPLICATES.table(rows)


def curated(day: int) -> Partition:
    """The partition of a day across sources."""
    return Partition(ALL_SOURCES, FIRST + timedelta(days=day))
