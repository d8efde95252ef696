"""What a suite is made of: checks, and the expectations that Great Expectations lacks.

Importing this imports Great Expectations, which costs seconds: only suite modules may,
and those are loaded by name when a gate opens (see :class:`marsad.dataset.Dataset`).

Each custom expectation is a metric (a yes or no for every row, computed on the pandas
frame) and an expectation that names it; both register themselves with Great Expectations
when the class is made.
"""

from __future__ import annotations

import itertools
import re
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pandas as pd

from marsad.dataset import Dataset
from marsad.gx import (
    ColumnMapExpectation,
    ColumnMapMetricProvider,
    ColumnPairMapExpectation,
    ColumnPairMapMetricProvider,
    Expectation,
    MulticolumnMapExpectation,
    MulticolumnMapMetricProvider,
    PandasExecutionEngine,
    column_condition_partial,
    column_pair_condition_partial,
    gxe,
    multicolumn_condition_partial,
)

Level = Literal["critical", "row", "warning"]

MAX_SHARE = 0.5
"""Above this share of rows a row check fails the gate, unless the check says otherwise."""


@dataclass(frozen=True)
class Check:
    """One expectation, how much it weighs, and what a failure of it is called."""

    expectation: Expectation
    level: Level
    """critical fails the partition; row sends the row to quarantine; warning is reported."""
    reason: str
    """Short and machine-readable: the reason in quarantine, and the check's name in reports."""
    max_share: float = MAX_SHARE
    """Level row: with more than this share of the rows failing, the gate fails."""
    tolerated: int = 0
    """Level row: so many rows never fail the gate, however few there are in all."""
    show: tuple[str, ...] = ()
    """Columns of the row to show as evidence, besides those the expectation looks at."""


def schema_checks(dataset: Dataset) -> list[Check]:
    """What the record itself says, as checks: key unique, values of their set, rows of their partition.

    Columns, types and nulls need none: a file that cannot be cast to the schema, or has a null where
    none may be, does not open (see :meth:`marsad.dataset.Dataset.conform`), and each
    expectation costs some ten milliseconds.
    """
    checks: list[Check] = []
    if len(dataset.key) == 1:
        unique: Expectation = gxe.ExpectColumnValuesToBeUnique(column=dataset.key[0])
    else:
        unique = gxe.ExpectCompoundColumnsToBeUnique(column_list=list(dataset.key))
    checks.append(Check(unique, "critical", "key_not_unique"))
    for name, hint in typing.get_type_hints(dataset.record).items():
        values = literal_values(hint)
        if values:
            in_set = gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(values))
            checks.append(Check(in_set, "critical", f"{name}_unknown"))
    own = gxe.ExpectColumnPairValuesToBeEqual(
        column_A="row_partition", column_B="partition", description="rows must be of the partition they lie in"
    )
    return [*checks, Check(own, "critical", "of_another_partition", show=dataset.key)]


def article_checks() -> list[Check]:
    """Every row of an article's parts has its article. (Those of quarantined articles never come here.)"""
    known = gxe.ExpectColumnValuesToNotBeNull(
        column="article_body", description="every row's article must be among the articles of the partition"
    )
    return [Check(known, "critical", "article_unknown", show=("article_id",))]


def literal_values(hint: Any) -> tuple[str, ...]:
    """The values of a ``Literal`` type hint, or of one that may also be None; else none."""
    if typing.get_origin(hint) is Literal:
        return typing.get_args(hint)
    for part in typing.get_args(hint):
        if typing.get_origin(part) is Literal:
            return typing.get_args(part)
    return ()


def _answers(values: Sequence[bool], index: pd.Index) -> pd.Series[bool]:
    """Yes or no for every row; stays boolean when there are no rows."""
    return pd.Series(list(values), index=index, dtype=bool)


# Arabic letters

_LETTER = re.compile(r"[^\W\d_]")
_ARABIC_LETTER = re.compile(r"[\u0620-\u064a\u066e-\u06d3\u06fa-\u06fc\u0750-\u077f\u08a0-\u08c7]")


def arabic_share(text: str) -> float:
    """The share of Arabic-script letters among the letters of a text; 0 where it has none."""
    letters = len(_LETTER.findall(text))
    return len(_ARABIC_LETTER.findall(text)) / letters if letters else 0.0


class _ArabicShare(ColumnMapMetricProvider):
    condition_metric_name = "column_values.marsad_arabic_share"
    condition_value_keys = ("min_share",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series[Any], min_share: float, **kwargs: Any) -> pd.Series[bool]:
        return _answers([arabic_share(str(v)) >= min_share for v in column], column.index)


class ExpectColumnValuesToBeMostlyArabic(ColumnMapExpectation):
    """Of a text's letters at least ``min_share`` are of the Arabic script."""

    min_share: float = 0.5
    description: str | None = "letters must be mostly of the Arabic script"

    map_metric: ClassVar[str] = "column_values.marsad_arabic_share"
    success_keys: ClassVar[tuple[str, ...]] = ("min_share", "mostly")


# a body and its paragraphs

PARAGRAPH_BREAK = "\n\n"


class _BodyJoinsParagraphs(ColumnPairMapMetricProvider):
    condition_metric_name = "column_pair_values.marsad_body_joins_paragraphs"
    condition_domain_keys = (
        "batch_id",
        "table",
        "column_A",
        "column_B",
        "row_condition",
        "condition_parser",
        "ignore_row_if",
    )
    condition_value_keys = ()

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: pd.Series[Any], column_B: pd.Series[Any], **kwargs: Any) -> pd.Series[bool]:
        pairs = zip(column_A, column_B, strict=True)
        return _answers([body == PARAGRAPH_BREAK.join(parts) for body, parts in pairs], column_A.index)


class ExpectColumnPairBodyToJoinParagraphs(ColumnPairMapExpectation):
    """``column_A`` is the texts of the list ``column_B``, joined by a blank line."""

    ignore_row_if: Literal["both_values_are_missing", "either_value_is_missing", "neither"] = "neither"
    description: str | None = "the body must be its paragraphs joined by a blank line"

    map_metric: ClassVar[str] = "column_pair_values.marsad_body_joins_paragraphs"
    domain_keys: ClassVar[tuple[str, ...]] = (*ColumnPairMapExpectation.domain_keys, "ignore_row_if")
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)


# two texts that must not be the same

_NOT_LETTERS = re.compile(r"[\W_ـ]+")


class _TextsDiffer(ColumnPairMapMetricProvider):
    condition_metric_name = "column_pair_values.marsad_texts_differ"
    condition_domain_keys = _BodyJoinsParagraphs.condition_domain_keys
    condition_value_keys = ()

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: pd.Series[Any], column_B: pd.Series[Any], **kwargs: Any) -> pd.Series[bool]:
        def plain(text: Any) -> str:
            return _NOT_LETTERS.sub("", str(text)).casefold()

        pairs = zip(column_A, column_B, strict=True)
        return _answers([plain(a) != plain(b) for a, b in pairs], column_A.index)


class ExpectColumnPairTextsToDiffer(ColumnPairMapExpectation):
    """The two texts differ in more than case, spaces and marks; a missing one passes."""

    ignore_row_if: Literal["both_values_are_missing", "either_value_is_missing", "neither"] = "either_value_is_missing"
    description: str | None = None

    map_metric: ClassVar[str] = "column_pair_values.marsad_texts_differ"
    domain_keys: ClassVar[tuple[str, ...]] = (*ColumnPairMapExpectation.domain_keys, "ignore_row_if")
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)


# a text that stands within another

_COLUMN_LIST_KEYS = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")


class _TextOccurs(ColumnPairMapMetricProvider):
    condition_metric_name = "column_pair_values.marsad_text_occurs"
    condition_domain_keys = _BodyJoinsParagraphs.condition_domain_keys
    condition_value_keys = ()

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: pd.Series[Any], column_B: pd.Series[Any], **kwargs: Any) -> pd.Series[bool]:
        pairs = zip(column_A, column_B, strict=True)
        return _answers([str(part) in str(whole) for part, whole in pairs], column_A.index)


class ExpectColumnPairTextToOccur(ColumnPairMapExpectation):
    """``column_A`` stands somewhere in ``column_B``; a missing one passes."""

    ignore_row_if: Literal["both_values_are_missing", "either_value_is_missing", "neither"] = "either_value_is_missing"
    description: str | None = None

    map_metric: ClassVar[str] = "column_pair_values.marsad_text_occurs"
    domain_keys: ClassVar[tuple[str, ...]] = (*ColumnPairMapExpectation.domain_keys, "ignore_row_if")
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)


class _StandsAtOffsets(MulticolumnMapMetricProvider):
    condition_metric_name = "multicolumn_values.marsad_stands_at_offsets"
    condition_domain_keys = _COLUMN_LIST_KEYS
    condition_value_keys = ()

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: pd.DataFrame, **kwargs: Any) -> pd.Series[bool]:
        rows = column_list.itertuples(index=False, name=None)
        return _answers([_stands_at(*row) for row in rows], column_list.index)


def _stands_at(text: Any, start: Any, end: Any, body: Any) -> bool:
    if any(pd.isna(v) for v in (text, start, end, body)):
        return False
    # a negative start would slice from the end, and find something
    return bool(0 <= start < end <= len(body) and body[int(start) : int(end)] == text)


class ExpectMulticolumnTextToStandAtOffsets(MulticolumnMapExpectation):
    """``column_list`` is (text, start, end, body), and ``body[start:end] == text`` by code points.

    A row of which any of the four is missing fails; choose rows with ``row_condition``.
    """

    ignore_row_if: Literal["all_values_are_missing", "any_value_is_missing", "never"] = "never"
    description: str | None = "body[start:end] must be the text, counted in code points"

    map_metric: ClassVar[str] = "multicolumn_values.marsad_stands_at_offsets"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)


# numbers in order


class _InOrder(MulticolumnMapMetricProvider):
    condition_metric_name = "multicolumn_values.marsad_in_order"
    condition_domain_keys = _COLUMN_LIST_KEYS
    condition_value_keys = ()

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: pd.DataFrame, **kwargs: Any) -> pd.Series[bool]:
        rows = column_list.itertuples(index=False, name=None)
        return _answers([_ordered([v for v in row if not pd.isna(v)]) for row in rows], column_list.index)


def _ordered(values: Sequence[Any]) -> bool:
    return all(a <= b for a, b in itertools.pairwise(values))


class ExpectMulticolumnValuesToBeInOrder(MulticolumnMapExpectation):
    """From left to right no value is smaller than the one before; missing ones are passed over."""

    ignore_row_if: Literal["all_values_are_missing", "any_value_is_missing", "never"] = "all_values_are_missing"
    description: str | None = None

    map_metric: ClassVar[str] = "multicolumn_values.marsad_in_order"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)
