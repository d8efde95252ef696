"""The data dictionary: every dataset, and each column's type, meaning, example and first version.

All of it comes from the records themselves; examples come from the published sample (``docs/sample``), with those
written by hand where the sample has none. ``marsad schema`` prints it, ``docs/reference`` is written from it.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from marsad.dataset import Dataset
from marsad.errors import UsageError

EXAMPLES = Path(__file__).with_name("examples.json")
"""Written by ``scripts/write_sample.py``."""
LONGEST = 80
"""Characters of a text, beyond which an example is cut."""
MOST_ITEMS = 2
"""Items of a list in an example."""

_ROWS_LIKE = {"article_versions": "articles"}
"""Nothing is corrected in the sample: what a version says is told by the story as it stands."""


@dataclass(frozen=True, slots=True)
class Column:
    """What the dictionary says of one column."""

    name: str
    type: str
    """The Arrow type, as people write it."""
    hint: Any
    """The type hint it comes from."""
    is_nullable: bool
    doc: str
    since: int
    example: Any
    """As plain JSON; None where nobody has one."""


@cache
def groups() -> Mapping[str, tuple[Dataset, ...]]:
    """Every dataset, by where it is kept."""
    from marsad.clean.record import LATE_CAPTURES
    from marsad.curate.record import CURATED
    from marsad.dataset import QUARANTINE
    from marsad.gate import GATE_REPORTS
    from marsad.scrape.poll import POLLS
    from marsad.scrape.record import CAPTURES, SIGHTINGS
    from marsad.scrape.revisits import VISITS
    from marsad.stages import published_datasets
    from marsad.validate.record import PROFILES, VERDICTS

    lake = (CAPTURES, SIGHTINGS, POLLS, VISITS, LATE_CAPTURES, VERDICTS, PROFILES, QUARANTINE, GATE_REPORTS)
    return {
        "Published": published_datasets(),
        "Curated, across sources (published without a `source=` folder)": CURATED,
        "Within the lake": lake,
    }


def datasets() -> dict[str, Dataset]:
    """Every dataset, by name."""
    return {d.name: d for members in groups().values() for d in members}


def get_dataset(name: str) -> Dataset:
    """A dataset by name.

    Raises:
        UsageError: there is none; lists them.
    """
    found = datasets()
    if name not in found:
        raise UsageError(f"unknown dataset {name!r}; the datasets are {', '.join(found)}")
    return found[name]


def summary(dataset: Dataset) -> str:
    """What one row of a dataset is, in a sentence."""
    return (dataset.record.__doc__ or "").strip().splitlines()[0]


def columns(dataset: Dataset) -> list[Column]:
    """The columns of a dataset, in order."""
    hints = typing.get_type_hints(dataset.record)
    found = []
    for f in dataclasses.fields(dataset.record):
        given = f.metadata.get("example")
        derived = _derived().get(_ROWS_LIKE.get(dataset.name, dataset.name), {}).get(f.name)
        field = dataset.schema.field(f.name)
        found.append(
            Column(
                name=f.name,
                type=type_name(field.type),
                hint=hints[f.name],
                is_nullable=field.nullable,
                doc=f.metadata.get("doc", ""),
                since=f.metadata.get("since", 1),
                example=derived if given is None else plain(given),
            )
        )
    return found


def type_name(kind: Any) -> str:
    """An Arrow type in a table's cell."""
    text = str(kind).replace(" not null", "").replace("item: ", "")
    if len(text) < 60:
        return text
    return "list<struct>" if text.startswith("list") else "struct"


@cache
def _derived() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = json.loads(EXAMPLES.read_text("utf-8")) if EXAMPLES.exists() else {}
    return found


def plain(value: Any) -> Any:
    """A value of a row as plain JSON: days and instants in ISO 8601, instants in UTC with Z."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def examples_of(dataset: Dataset, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """An example of each column from real rows: of the row that says most, and else of the first that says something.

    Rows are taken in the order of their key, so the same rows give the same examples.
    """
    ordered = sorted(rows, key=dataset.row_key)
    best = max(ordered, key=lambda row: sum(map(_says, row.values())), default={})
    found = {}
    for name in dataset.schema.names:
        values = (row[name] for row in [best, *ordered] if row and _says(row[name]))
        value = next(values, None)
        if value is not None:
            found[name] = _short(plain(value))
    return found


def _says(value: Any) -> bool:
    return value is not None and value not in ([], "")


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return " ".join(value[:LONGEST].split()) + "…"
    if isinstance(value, Mapping):
        return {k: _short(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_short(v) for v in value[:MOST_ITEMS]]
    return value
