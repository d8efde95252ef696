"""What a search finds as a file: Parquet with the texts as they are, CSV for spreadsheets with its cells guarded."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import IO, Any, Literal, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from marsad.clean.record import ARTICLES
from marsad.console.search import EXPORT_COLUMNS, Question, ask
from marsad.console.spreadsheet import lines
from marsad.lake import Lake

Form = Literal["csv", "parquet"]
FORMS: tuple[Form, ...] = get_args(Form)
MEDIA: dict[str, str] = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}

MAX_ROWS = 10_000
MAX_SECONDS = 60.0
_AT_ONCE = 1_000
"""Rows in memory at a time."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was written."""

    file: IO[bytes]
    """At its beginning; it has no name, and is gone when it is closed, or the process ends."""
    size: int
    """Bytes."""
    row_count: int
    is_whole: bool
    """Whether all that fits is in it."""
    back_to: date | None
    """The oldest day in it, or looked at."""

    def file_name(self, form: Form) -> str:
        """What it is called where it is saved: that a part is missing must be seen by who only has the file."""
        part = "" if self.is_whole else f"-first-{self.row_count}-back-to-{self.back_to}"
        return f"marsad-search{part}.{form}"


def write_export(
    lake: Lake,
    question: Question,
    form: Form,
    *,
    max_rows: int = MAX_ROWS,
    max_seconds: float = MAX_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Export:
    """Write what a question finds to a temporary file, a few rows in memory at a time.

    Raises:
        MarsadError: see :func:`marsad.console.search.ask`.
    """
    state = _State()
    pages = _pages(lake, question, state, max_rows, max_seconds, clock)
    file = tempfile.TemporaryFile(prefix="marsad-export-")  # noqa: SIM115  it outlives this function
    try:
        if form == "csv":
            cells = ([row[name] for name in EXPORT_COLUMNS] for rows in pages for row in rows)
            for piece in lines(EXPORT_COLUMNS, cells):
                file.write(piece)
        else:
            schema = pa.schema([ARTICLES.schema.field(name) for name in EXPORT_COLUMNS])
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                for rows in pages:
                    plain = [{name: row[name] for name in EXPORT_COLUMNS} for row in rows]
                    writer.write_table(pa.Table.from_pylist(plain, schema=schema))
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Export(file, size, state.row_count, state.is_whole, state.back_to)


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces; it is closed at its end, or when nobody wants more."""
    with file:
        while piece := file.read(256 * 1024):
            yield piece


@dataclass(slots=True)
class _State:
    row_count: int = 0
    is_whole: bool = False
    back_to: date | None = None


def _pages(
    lake: Lake, question: Question, state: _State, max_rows: int, max_seconds: float, clock: Callable[[], float]
) -> Iterator[list[dict[str, Any]]]:
    began = clock()
    while state.row_count < max_rows and clock() - began < max_seconds:
        size = min(_AT_ONCE, max_rows - state.row_count)
        left = max_seconds - (clock() - began)
        answer = ask(lake, question, size=size, seconds=left, columns=EXPORT_COLUMNS)
        state.row_count += len(answer.rows)
        state.back_to = answer.looked_back_to or state.back_to
        yield list(answer.rows)
        if answer.next is None:
            state.is_whole = True
            return
        question = replace(question, after=answer.next)
