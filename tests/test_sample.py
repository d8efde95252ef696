"""The published sample in docs/: whole, true to the schemas, and what the code makes today."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from marsad import pipeline
from marsad.context import Context
from marsad.dictionary import datasets, groups, plain
from marsad.dictionary.json_schema import json_schema
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, manifest_path, read_manifest, verify

SAMPLE = Path(__file__).parent.parent / "docs" / "sample"
DAY = date(2026, 3, 3)
LAKE = Lake(SAMPLE)
PARTITIONS = pipeline.published_partitions(DAY, LAKE)
Make = Callable[..., Context]


def manifest_of(partition: Partition, lake: Lake) -> Manifest:
    found = read_manifest(lake, partition)
    assert found is not None
    return found


def test_it_holds_every_source_and_every_dataset_that_is_published() -> None:
    assert [p.source for p in PARTITIONS] == ["mudawwana", "mujammi", "qadim", "wakala", ALL_SOURCES]
    shown = {f.dataset for p in PARTITIONS for f in manifest_of(p, LAKE).files}
    published, curated, _ = groups().values()
    assert shown == {d.name for d in (*published, *curated)}, "make sample"


def test_it_is_small_and_holds_nothing_that_no_manifest_names() -> None:
    named = {f.path for p in PARTITIONS for f in manifest_of(p, LAKE).files} | {manifest_path(p) for p in PARTITIONS}
    there = {str(p.relative_to(SAMPLE)) for p in (SAMPLE / "published").rglob("*") if p.is_file()}
    assert there == named
    assert sum((SAMPLE / path).stat().st_size for path in there) < 500_000


@pytest.mark.parametrize("partition", PARTITIONS, ids=str)
def test_its_rows_are_what_the_schemas_say(partition: Partition) -> None:
    manifest = manifest_of(partition, LAKE)
    verify(manifest, LAKE)
    for file in manifest.files:
        dataset = datasets()[file.dataset]
        check = Draft202012Validator(json_schema(dataset), format_checker=FormatChecker(("date", "date-time")))
        rows = LAKE.read_table_at(dataset, file.path, sha256=file.sha256).to_pylist()
        assert len(rows) == file.row_count
        for row in rows:
            assert [e.message for e in check.iter_errors(plain(row))] == []


def assert_same(partition: Partition, lake: Lake) -> None:
    """The same tables and facts; where one version of pyarrow wrote both, the same bytes."""
    here, there = manifest_of(partition, lake), manifest_of(partition, LAKE)
    for mine, shown in zip(here.files, there.files, strict=True):
        dataset = datasets()[shown.dataset]
        assert lake.read_table_at(dataset, mine.path).equals(LAKE.read_table_at(dataset, shown.path)), shown.path
        writers = {pq.ParquetFile(root / shown.path).metadata.created_by for root in (Path(str(lake)), SAMPLE)}
        if len(writers) == 1:
            assert mine == shown, f"{shown.path}: make sample"
    assert _facts(here) == _facts(there), "make sample"


def _facts(manifest: Manifest) -> dict[str, Any]:
    found = manifest.model_dump(mode="json")
    for file in found["files"]:
        del file["byte_count"], file["sha256"]
    return found


def test_a_source_made_again_is_the_same(make_context: Make, tmp_path: Path) -> None:
    now = datetime(2026, 3, 6, 6, tzinfo=UTC)
    ctx = replace(make_context(tmp_path), now=lambda: now)
    partition = Partition("mujammi", DAY)
    pipeline.run_partition(partition, ctx)
    assert_same(partition, ctx.lake)


def test_the_curated_day_made_again_is_the_same(make_context: Make, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE / "published", tmp_path / "published")
    curated = Partition(ALL_SOURCES, DAY)
    ctx = make_context(tmp_path)
    for file in manifest_of(curated, LAKE).files:
        ctx.lake.delete(file.path)
    ctx.lake.delete(manifest_path(curated))
    pipeline.curate(DAY, ctx)
    assert_same(curated, ctx.lake)
