"""The data dictionary: every column has all it needs, and real rows are what its schemas say."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from example_rows import MAKERS
from marsad.dataset import Dataset, column, schema_of
from marsad.dictionary import columns, datasets, examples_of, get_dataset, plain
from marsad.dictionary.json_schema import json_schema
from marsad.dictionary.sql import create_table
from marsad.errors import UsageError

SCHEMAS = Path(__file__).parent.parent / "docs" / "reference" / "schemas"
DATASETS = list(datasets().values())


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json_schema(datasets()[name]), format_checker=FormatChecker(("date", "date-time")))


def faults(dataset: Dataset, row: Any) -> list[str]:
    return [e.message for e in validator(dataset.name).iter_errors(row)]


@pytest.mark.parametrize("dataset", DATASETS, ids=str)
class TestEveryDataset:
    def test_each_column_has_a_meaning_an_example_and_a_version(self, dataset: Dataset) -> None:
        for c in columns(dataset):
            assert c.doc.endswith("."), c.name
            assert c.example not in (None, [], ""), c.name
            assert 1 <= c.since <= dataset.version, c.name

    def test_its_examples_are_values_of_its_columns(self, dataset: Dataset) -> None:
        row = {c.name: c.example for c in columns(dataset)}
        assert faults(dataset, row) == []

    def test_its_schema_is_one(self, dataset: Dataset) -> None:
        schema = json_schema(dataset)
        Draft202012Validator.check_schema(schema)
        assert list(schema["properties"]) == schema["required"] == dataset.schema.names
        for f in dataset.schema:
            kinds = schema["properties"][f.name]["type"]
            assert ("null" in kinds if isinstance(kinds, list) else False) == f.nullable, f.name

    def test_its_schema_refuses_what_the_dataset_refuses(self, dataset: Dataset) -> None:
        row = {c.name: c.example for c in columns(dataset)}
        for f in dataset.schema:
            assert bool(faults(dataset, {**row, f.name: None})) != f.nullable, f.name
            assert faults(dataset, {k: v for k, v in row.items() if k != f.name}), f.name
            assert faults(dataset, {**row, f.name: object}), f.name
        assert faults(dataset, {**row, "nonesuch": 1})

    def test_its_files_say_the_same(self, dataset: Dataset) -> None:
        there = pa.ipc.read_schema(pa.BufferReader((SCHEMAS / f"{dataset.name}.arrow").read_bytes()))
        assert there.equals(dataset.schema, check_metadata=True)
        assert json.loads((SCHEMAS / f"{dataset.name}.schema.json").read_text("utf-8")) == json_schema(dataset)

    def test_its_table_can_be_made(self, dataset: Dataset) -> None:
        with duckdb.connect() as connection:
            connection.execute(create_table(dataset))
            found = connection.execute("select column_name, is_nullable, comment from duckdb_columns()").fetchall()
        mine = [(f.name, f.nullable, f.metadata[b"doc"].decode()) for f in dataset.schema]
        assert [row for row in found if row[2] is not None] == mine


def test_sound_rows_are_valid() -> None:
    assert len(MAKERS) > 10
    for dataset, make in MAKERS.values():
        (row,) = dataset.table([make()]).to_pylist()
        assert faults(dataset, plain(row)) == []


def test_wrong_values_are_not() -> None:
    row = {c.name: c.example for c in columns(get_dataset("articles"))}
    assert faults(get_dataset("articles"), {**row, "role": "third"})
    assert faults(get_dataset("articles"), {**row, "date": "3/3/2026"})
    assert faults(get_dataset("articles"), {**row, "images": [{"url": 1, "caption": None}]})
    assert faults(get_dataset("articles"), {**row, "published_basis": "guess"})
    assert not faults(get_dataset("articles"), {**row, "published_basis": None})


def test_since_and_examples_stay_out_of_what_is_published() -> None:
    """A better example must not change the bytes of any file."""

    @dataclasses.dataclass
    class One:
        name: str = column("A name.")

    @dataclasses.dataclass
    class Other:
        name: str = column("A name.", since=3, example="سارة")

    for record in (One, Other):
        record.__annotations__ = {"name": str}
    assert schema_of(One).equals(schema_of(Other), check_metadata=True)


def test_columns_that_came_later_say_so() -> None:
    since = {(d.name, c.name): c.since for d in DATASETS for c in columns(d) if c.since > 1}
    assert since["duplicates", "containment"] == 2


def test_an_unknown_dataset_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match="articles, "):
        get_dataset("nonesuch")


def test_examples_come_from_the_row_that_says_most() -> None:
    dataset = get_dataset("late_captures")
    rows = [
        {"source": "b", "date": date(2026, 3, 3), "url": "http://b.example/" + "x" * 200, "captured_on": None},
        {"source": "a", "date": date(2026, 3, 3), "url": "http://a.example", "captured_on": date(2026, 3, 4)},
    ]
    assert examples_of(dataset, rows) == examples_of(dataset, rows[::-1])
    assert examples_of(dataset, rows)["captured_on"] == "2026-03-04"
    assert examples_of(dataset, rows[:1])["url"].endswith("x…")
    assert examples_of(dataset, []) == {}
    assert plain(datetime(2026, 3, 3, 5, tzinfo=UTC)) == "2026-03-03T05:00:00Z"
