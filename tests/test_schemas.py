"""Schemas of published datasets grow and do nothing else; old readers read new files, and new readers old ones."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest

import example_rows as ex
from marsad.dataset import Dataset
from marsad.lake import Lake
from marsad.operate.verify import known_datasets, schema_gaps

FOLDER = Path(__file__).parent / "schemas"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("marsad_test_schemas", FOLDER / "write.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


written = _load()
DATASETS = list(known_datasets().values())
PATHS = sorted(FOLDER.glob("*.json"))


def breaks(old: pa.Schema, new: pa.Schema) -> list[str]:
    """What a reader of the old schema cannot read of the new."""
    found = []
    for field in old:
        if field.name not in new.names:
            found.append(f"{field.name} is gone")
        elif new.field(field.name).type != field.type:
            found.append(f"{field.name} is of another type")
        elif new.field(field.name).nullable and not field.nullable:
            found.append(f"{field.name} may be null now")
    found += [f"{f.name} is new and may not be null" for f in new if f.name not in old.names and not f.nullable]
    return found


@pytest.mark.parametrize("dataset", DATASETS, ids=str)
def test_every_version_is_written_down(dataset: Dataset) -> None:
    path = written.path_of(dataset)
    assert path.exists(), f"python tests/schemas/write.py writes {path.name}"
    plain = json.loads(path.read_text("utf-8"))
    assert plain["key"] == list(dataset.key)
    today = pa.schema([f.remove_metadata() for f in dataset.schema])
    assert written.schema_at(path) == today, (
        f"{dataset} has changed: raise its version and run `python tests/schemas/write.py`"
    )


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_no_version_takes_anything_from_its_readers(path: Path) -> None:
    """Not gone, not renamed, not of another type, not null where it never was; new columns may be null."""
    dataset = known_datasets()[json.loads(path.read_text("utf-8"))["dataset"]]
    assert breaks(written.schema_at(path), dataset.schema) == []


def test_the_contract_bites() -> None:
    text = pa.field("a", pa.string(), nullable=False)
    old = pa.schema([text])
    assert breaks(old, pa.schema([pa.field("b", pa.string(), nullable=True)])) == ["a is gone"]
    assert breaks(old, pa.schema([pa.field("a", pa.int64(), nullable=False)])) == ["a is of another type"]
    assert breaks(old, pa.schema([text.with_nullable(True)])) == ["a may be null now"]
    assert breaks(old, pa.schema([text, pa.field("c", pa.string(), nullable=False)])) == [
        "c is new and may not be null"
    ]
    assert breaks(old, pa.schema([text, pa.field("c", pa.string())])) == []


def grown(dataset: Dataset) -> Dataset:
    """The dataset as a later version will be: with two columns more."""
    later = Dataset(dataset.name, dataset.record, dataset.key, dataset.suite, dataset.version + 1)
    fields = [*dataset.schema, pa.field("x_new", pa.string()), pa.field("x_list", pa.list_(pa.int64()))]
    later.__dict__["schema"] = pa.schema(fields)
    return later


def rows_of(dataset: Dataset) -> pa.Table:
    """Three sound rows."""
    make = ex.MAKERS[dataset.name][1]
    return dataset.table([make(n) for n in (1, 2, 3)])


@pytest.mark.parametrize("dataset", DATASETS, ids=str)
def test_an_old_reader_still_reads(dataset: Dataset, tmp_path: Path) -> None:
    """A file of tomorrow's schema, read by pyarrow with the schema of today, by DuckDB, by pandas, by Marsad."""
    later = grown(dataset)
    table = rows_of(dataset)
    more = table.append_column(later.schema.field("x_new"), pa.array(["جديد"] * 3))
    more = more.append_column(later.schema.field("x_list"), pa.array([[1]] * 3, pa.list_(pa.int64())))
    lake = Lake(tmp_path)
    path = lake.write_rows_at(later, "file.parquet", more).path
    file = tmp_path / path
    old = pa.schema([f.remove_metadata() for f in dataset.schema])
    assert pads.dataset(file, schema=old).to_table().to_pylist() == table.to_pylist()
    names = ", ".join(f'"{n}"' for n in dataset.schema.names)
    assert duckdb.sql(f"SELECT {names} FROM read_parquet('{file}')").arrow().read_all().num_rows == 3  # noqa: S608
    assert list(pd.read_parquet(file, columns=dataset.schema.names).columns) == dataset.schema.names
    assert lake.read_table_at(dataset, path).to_pylist() == table.to_pylist()
    # old and new files side by side, as in a folder of many days
    (tmp_path / "old").mkdir()
    pq.write_table(table, tmp_path / "old" / "1.parquet")
    pq.write_table(more, tmp_path / "old" / "2.parquet")
    both = duckdb.sql(f"SELECT * FROM read_parquet('{tmp_path}/old/*.parquet', union_by_name => true)")  # noqa: S608
    assert len(both.fetchall()) == 6
    assert "x_new" in both.columns


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_todays_reader_reads_files_of_every_version(path: Path, tmp_path: Path) -> None:
    dataset = known_datasets()[json.loads(path.read_text("utf-8"))["dataset"]]
    old = written.schema_at(path)
    table = rows_of(dataset).select(old.names).cast(old)
    pq.write_table(table, tmp_path / "old.parquet")
    assert schema_gaps(pq.read_schema(tmp_path / "old.parquet"), dataset.schema) == []
    read = Lake(tmp_path).read_table_at(dataset, "old.parquet")
    assert read.select(old.names).to_pylist() == table.to_pylist()


def test_a_column_may_be_added_to_a_file_of_before(tmp_path: Path) -> None:
    dataset = known_datasets()["links"]
    Lake(tmp_path).write_rows_at(dataset, "old.parquet", rows_of(dataset))
    read = Lake(tmp_path).read_table_at(grown(dataset), "old.parquet")
    assert read["x_new"].to_pylist() == [None] * 3
