"""The contract every stage speaks, and that each declared dataset keeps it."""

from __future__ import annotations

import dataclasses
import importlib
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from marsad.clean.record import ARTICLES, LATE_CAPTURES, Article, Image
from marsad.curate.record import CURATED
from marsad.dataset import QUARANTINE, Batch, Dataset, column, rows_of, schema_of
from marsad.errors import InvalidDate, UsageError
from marsad.partition import ALL_SOURCES, Partition, parse_date
from marsad.scrape.record import CAPTURES, OUTCOMES, SIGHTINGS, Capture
from marsad.stages import STAGES
from marsad.validate.record import VERDICTS

DATASETS = [d for stage in STAGES for d in stage.writes()] + [*CURATED, QUARANTINE, SIGHTINGS, LATE_CAPTURES]


@pytest.mark.parametrize("dataset", DATASETS, ids=str)
class TestEveryDataset:
    def test_each_column_is_documented(self, dataset: Dataset) -> None:
        for field in dataset.schema:
            assert (field.metadata or {})[b"doc"].endswith(b"."), field.name

    def test_its_key_is_of_its_columns_and_never_null(self, dataset: Dataset) -> None:
        for name in dataset.key:
            assert not dataset.schema.field(name).nullable

    def test_its_suite_is_there(self, dataset: Dataset) -> None:
        if dataset.suite is None:
            return
        module, _, function = dataset.suite.partition(":")
        assert callable(getattr(importlib.import_module(module), function))

    def test_an_empty_table_conforms(self, dataset: Dataset) -> None:
        assert dataset.conform(dataset.empty()).num_rows == 0

    def test_names_follow_the_convention(self, dataset: Dataset) -> None:
        for field in dataset.schema:
            if pa.types.is_timestamp(field.type):
                assert field.name.endswith("_at")
            if pa.types.is_boolean(field.type):
                assert field.name.startswith("is_")


def article(**changes: object) -> Article:
    base = Article(
        "a1", 1, None, "main", "s", date(2026, 3, 3), "u", None, "عنوان", None, "نص", ("نص",), (), None, None, None,
        None, (), (), None, "ar", (Image("http://x/i.jpg", None),), 1, "0", "text", False, False, "0",
    )  # fmt: skip
    return dataclasses.replace(base, **changes)


def test_records_come_back_as_they_were() -> None:
    rows = [article(), article(article_id="a0", published_at=datetime(2026, 3, 3, 5, tzinfo=UTC), keywords=("أ", "ب"))]
    assert rows_of(ARTICLES.table(rows), Article) == sorted(rows, key=lambda a: a.article_id)


def test_a_null_where_none_may_be_is_refused() -> None:
    with pytest.raises(ValueError, match="column body must not be null"):
        ARTICLES.table([article(body=None)])


def test_a_missing_column_is_refused() -> None:
    table = ARTICLES.table([article()]).drop_columns(["url"])
    with pytest.raises(ValueError, match="column url is missing"):
        ARTICLES.conform(table)


def test_row_keys_name_rows() -> None:
    assert CAPTURES.row_key({"url": "http://x"}) == "http://x"
    assert VERDICTS.row_key({"rule": "r"}) == "r"


def test_a_batch_counts_its_rows() -> None:
    assert len(Batch.of(CAPTURES, [Capture("s", date(2026, 3, 3), "u")])) == 1


def test_outcomes_are_the_fourteen_of_the_design() -> None:
    assert len(OUTCOMES) == len(set(OUTCOMES)) == 14


def test_schemas_come_from_type_hints() -> None:
    @dataclasses.dataclass
    class Row:
        name: str = column("A name.")
        tags: tuple[str, ...] = column("Tags.")
        at: datetime | None = column("When.")

    # hints of a local class under postponed evaluation still resolve
    Row.__annotations__ = {"name": str, "tags": tuple[str, ...], "at": datetime | None}
    schema = schema_of(Row)
    assert [f.nullable for f in schema] == [False, False, True]
    assert schema.field("tags").type.value_type == pa.string()


@pytest.mark.parametrize(
    "text", ["", "2026-3-4", "2026-02-30", "04-03-2026", "2026-03-04T00:00", "٢٠٢٦-٠٣-٠٤", "اليوم"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidDate, match="write it as YYYY-MM-DD"):
        parse_date(text)


def test_days_to_come_can_be_refused() -> None:
    assert parse_date("2026-03-04", today=date(2026, 3, 4)) == date(2026, 3, 4)
    with pytest.raises(InvalidDate, match="in the future"):
        parse_date("2026-03-05", today=date(2026, 3, 4))


@pytest.mark.parametrize("name", ["", "A", "../x", "a b", "مرصد", "a/b"])
def test_a_partition_needs_a_plain_name(name: str) -> None:
    with pytest.raises(UsageError):
        Partition(name, date(2026, 3, 3))


def test_partition_folders() -> None:
    assert Partition("a", date(2026, 3, 3)).path == "date=2026-03-03/source=a"
    assert Partition(ALL_SOURCES, date(2026, 3, 3)).path == "date=2026-03-03"
