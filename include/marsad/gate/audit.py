"""Run one suite over one frame, and read Great Expectations' answers.

Everything here is in memory: an ephemeral context, no project folder, no network.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marsad.dataset import Dataset
from marsad.errors import SuiteBroken
from marsad.gate.frame import ROW

if TYPE_CHECKING:
    import pandas as pd

    from marsad.expectations import Check

SHOWN_ROWS = 3
SHOWN_CHARACTERS = 120

# row positions alone: values are shown from the frame, cut short
_RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [ROW],
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True, eq=False)
class Answer:
    """What one check found."""

    check: Check
    is_success: bool
    rows: tuple[int, ...]
    """Positions of the rows that are not as expected; empty for a check on the whole table."""
    row_count: int
    observed: str

    @property
    def is_blocking(self) -> bool:
        """Whether it fails the gate."""
        if self.is_success or self.check.level == "warning":
            return False
        bearable = max(self.check.tolerated, self.check.max_share * self.row_count)
        return self.check.level == "critical" or len(self.rows) > bearable

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the expectation looks at."""
        return _columns(self.check.expectation)


@dataclass(frozen=True, eq=False)
class Audit:
    """The answers to a suite, and Great Expectations' own result for its page."""

    answers: tuple[Answer, ...]
    result: Any


def load_suite(dataset: Dataset) -> list[Check]:
    """Import a dataset's suite, and with it Great Expectations.

    Raises:
        SuiteBroken: the dataset names none, or it cannot be imported.
    """
    if dataset.suite is None:
        raise SuiteBroken(f"dataset {dataset.name} has no suite: nothing can audit it")
    module, _, function = dataset.suite.partition(":")
    try:
        suite: Callable[[], list[Check]] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise SuiteBroken(f"suite {dataset.suite} of dataset {dataset.name} cannot be loaded: {error}") from error
    return suite()


@functools.cache
def open_pandas_source() -> Any:
    """A batch definition of Great Expectations for frames in memory, that prints nothing; made once a process."""
    from great_expectations import get_context

    context = get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("marsad").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("partition")


def audit(dataset: Dataset, checks: Sequence[Check], frame: pd.DataFrame, pandas_source: Any) -> Audit:
    """Ask every check about every row.

    Raises:
        SuiteBroken: an expectation raised instead of answering.
    """
    from great_expectations import ExpectationSuite
    from great_expectations.validator.v1_validator import Validator

    # of no rows every row is as expected: only what is asked of the table need be asked
    asked = {n: check for n, check in enumerate(checks) if len(frame) or not _is_of_rows(check)}
    numbered = [_number(check.expectation, position) for position, check in asked.items()]
    try:
        with _configured_once(), _named_once(), _filtered_once(), _unhashed():
            # what `batch.validate` makes for itself; through it every frame would be hashed twice, a tenth of a gate
            validator = Validator(pandas_source, _RESULT_FORMAT, {"dataframe": frame})
            result = validator.validate_expectation_suite(ExpectationSuite(name=dataset.name, expectations=numbered))
    except Exception as error:  # what it does not catch of its own comes in many kinds
        raise SuiteBroken(f"suite {dataset.suite} cannot be asked: {short(str(error))}") from error
    by_position = {r.expectation_config.meta["position"]: r for r in result.results}
    answers = [
        _read(dataset, check, by_position[n], frame) if n in asked else Answer(check, True, (), 0, "0 rows as expected")
        for n, check in enumerate(checks)
    ]
    return Audit(tuple(answers), result)


@contextlib.contextmanager
def _configured_once() -> Iterator[None]:
    """Keep what Great Expectations makes of an expectation while it is asked.

    It builds an expectation's configuration anew some hundred times for each answer, a third of a gate's time. Nothing
    changes an expectation meanwhile. Where a later version has no such property, all is as it was.
    """
    from great_expectations.expectations.expectation import Expectation

    made = vars(Expectation).get("configuration")
    if not isinstance(made, property) or made.fget is None:
        yield
        return
    build: Callable[[Any], Any] = made.fget
    known: dict[int, tuple[Any, Any]] = {}

    def configuration(expectation: Any) -> Any:
        found = known.get(id(expectation))
        if found is None:
            # the expectation is kept too: its id must stay its own
            found = known[id(expectation)] = (expectation, build(expectation))
        return found[1]

    Expectation.configuration = property(configuration)
    try:
        yield
    finally:
        Expectation.configuration = made


@contextlib.contextmanager
def _named_once() -> Iterator[None]:
    """Keep the names that Great Expectations makes of a metric's arguments, by what they say.

    It writes the same few arguments as JSON and hashes that some thousand times for each dataset, a quarter of a
    gate's time. What is not plain is named anew each time. Where a later version has no such method, all is as it was.
    """
    from great_expectations.core.id_dict import IDDict

    made = vars(IDDict).get("to_id")
    if made is None:
        yield
        return
    known: dict[Any, Any] = {}

    def to_id(arguments: Any, id_keys: Any = None, id_ignore_keys: Any = None) -> Any:
        try:
            key = type(arguments), _frozen([id_keys, id_ignore_keys]), _frozen(arguments)
        except TypeError:
            return made(arguments, id_keys, id_ignore_keys)
        if key not in known:
            known[key] = made(arguments, id_keys, id_ignore_keys)
        return known[key]

    IDDict.to_id = to_id
    try:
        yield
    finally:
        IDDict.to_id = made


_PLAIN = frozenset({str, int, float, bool, type(None)})


def _frozen(value: Any) -> Any:
    """Plain values as what can be compared and hashed; 1, 1.0 and true are three values.

    Raises:
        TypeError: there is something in it that is not plain.
    """
    kind = type(value)
    if kind in _PLAIN:
        return kind, value
    if kind is list or kind is tuple:
        return kind, tuple(map(_frozen, value))
    if isinstance(value, dict):
        return dict, tuple((key, _frozen(part)) for key, part in value.items())
    raise TypeError(f"{kind} is not plain")


@contextlib.contextmanager
def _filtered_once() -> Iterator[None]:
    """Keep the rows that a condition leaves of a frame while it is asked about.

    An expectation on some rows alone is several metrics, each of which has pandas parse and ask the same condition
    again. Nothing changes the frame meanwhile. Where a later version has no such method, all is as it was.
    """
    from great_expectations.execution_engine import PandasExecutionEngine

    made = vars(PandasExecutionEngine).get("_apply_row_condition_filter")
    if made is None:
        yield
        return
    known: dict[tuple[int, str, str], tuple[Any, Any]] = {}

    def apply(engine: Any, data: pd.DataFrame, row_condition: Any, domain_kwargs: dict[str, Any]) -> pd.DataFrame:
        is_named = isinstance(row_condition, (str, dict))
        asked = repr(row_condition) if is_named else engine.condition_to_filter_clause(row_condition)
        key = id(data), asked, str(domain_kwargs.get("condition_parser"))
        found = known.get(key)
        if found is None:
            # the frame is kept too: its id must stay its own
            found = known[key] = (data, made(engine, data, row_condition, domain_kwargs))
        kept: pd.DataFrame = found[1]
        return kept

    PandasExecutionEngine._apply_row_condition_filter = apply
    try:
        yield
    finally:
        PandasExecutionEngine._apply_row_condition_filter = made


@contextlib.contextmanager
def _unhashed() -> Iterator[None]:
    """Let a frame's fingerprint be empty.

    Great Expectations hashes every cell for a marker of the batch that nobody reads here: a sixth of a gate's time.
    Where a later version has no such function, all is as it was.
    """
    from great_expectations.execution_engine import pandas_execution_engine

    made = vars(pandas_execution_engine).get("hash_pandas_dataframe")
    if made is None:
        yield
        return
    pandas_execution_engine.hash_pandas_dataframe = lambda frame: ""
    try:
        yield
    finally:
        pandas_execution_engine.hash_pandas_dataframe = made


def _is_of_rows(check: Check) -> bool:
    """Whether an expectation answers row by row."""
    from great_expectations.expectations.expectation import (
        ColumnMapExpectation,
        ColumnPairMapExpectation,
        MulticolumnMapExpectation,
    )

    return isinstance(check.expectation, ColumnMapExpectation | ColumnPairMapExpectation | MulticolumnMapExpectation)


def _number(expectation: Any, position: int) -> Any:
    """A copy that carries its place in the suite: results come back in an order of their own."""
    return expectation.copy(update={"meta": {"position": position}})


def _read(dataset: Dataset, check: Check, result: Any, frame: pd.DataFrame) -> Answer:
    raised = _exception(result.exception_info)
    if raised:
        name = check.expectation.expectation_type
        columns = ", ".join(_columns(check.expectation)) or "the table"
        raise SuiteBroken(f"suite {dataset.suite}: {name} on {columns} raised instead of answering: {short(raised)}")
    rows = _rows(result.result)
    if result.success:
        observed = f"{len(frame)} rows as expected"
    elif rows:
        examples = "; ".join(evidence(check, frame, row) for row in rows[:SHOWN_ROWS])
        observed = f"{len(rows)} of {len(frame)} rows, for example {examples}"
    else:
        observed = short(result.result.get("observed_value"))
    return Answer(check, bool(result.success), rows, len(frame), observed)


def _exception(info: Any) -> str | None:
    """The message of an exception; it comes as one record, or as one for each metric that raised."""
    if not isinstance(info, Mapping):
        return None
    if "raised_exception" in info:
        return str(info.get("exception_message")) if info["raised_exception"] else None
    messages = [_exception(part) for part in info.values()]
    return next((m for m in messages if m), None)


def _rows(result: Mapping[str, Any]) -> tuple[int, ...]:
    found = result.get("unexpected_index_list") or ()
    return tuple(sorted(int(row) for entry in found for row in entry[ROW]))


def _columns(expectation: Any) -> tuple[str, ...]:
    pair = (getattr(expectation, "column_A", None), getattr(expectation, "column_B", None))
    single = getattr(expectation, "column", None)
    return tuple(c for c in (single, *pair, *(getattr(expectation, "column_list", None) or ())) if c)


def evidence(check: Check, frame: pd.DataFrame, row: int) -> str:
    """What a row holds in the columns a check looks at, cut short."""
    names = dict.fromkeys((*_columns(check.expectation), *check.show))
    return ", ".join(f"{name}={short(frame[name].iloc[row])}" for name in names)


def short(value: Any) -> str:
    """A value on one line, at most SHOWN_CHARACTERS long."""
    text = " ".join(str(value).split()) if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
