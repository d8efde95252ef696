"""CSV that no spreadsheet takes for formulas, whatever its separator."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from hostile_texts import TEXTS
from marsad.console.spreadsheet import BOM, guarded, lines

DANGEROUS = "=+-@\t\r＝＋－＠"
CELLS = st.text("=+-@＝ \t\r\n,;|\"'aب1\u200f\ufeff\u00a0", max_size=30)


@given(CELLS)
def test_no_part_of_a_cell_begins_a_formula(text: str) -> None:
    safe = guarded(text)
    # as any spreadsheet may part it: by comma, semicolon, tab or bar, and by lines, quotation marks taken for text
    for part in re.split('[,;|\\t\\r\\n"]', safe):
        bare = part.strip(" \u00a0\u200f\ufeff")
        assert not bare.startswith(tuple(DANGEROUS)), (text, safe)
    assert safe.replace("'", "") == text.replace("'", "")  # nothing else is changed


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5))
def test_a_file_reads_back_cell_by_cell(rows: list[list[str]]) -> None:
    data = b"".join(lines(["الأول", "=2"], rows)).decode()
    assert data.startswith(BOM)
    read = list(csv.reader(io.StringIO(data.removeprefix(BOM), newline="")))
    assert read == [["الأول", "'=2"], *([guarded(cell) for cell in row] for row in rows)]


def test_values_of_other_types() -> None:
    row = [None, -3, True, date(2026, 3, 3), datetime(2026, 3, 3, 8, tzinfo=UTC), ["=1", "ب"], -0.5]
    data = b"".join(lines(["x"] * 7, [row])).decode()
    assert data.splitlines()[1] == '"","-3","true","2026-03-03","2026-03-03T08:00:00+00:00","\'=1 | ب","-0.5"'


def test_hostile_texts() -> None:
    for text in TEXTS:
        assert not guarded(text).startswith(("=", "+", "-", "@"))
