"""CSV that a spreadsheet opens as what it says, and never runs.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` is a formula to a spreadsheet, and a title may begin so. Every such
cell gets an apostrophe before it. A spreadsheet may also be set to another separator than the comma, and then takes
quotation marks within a line for text: so what follows a separator, a quotation mark or a line's end within a cell is
guarded in the same way.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

BOM = "\ufeff"
"""Without it, spreadsheets read UTF-8 as the code page of the machine."""

_FORMULA = "=+\\-@＝＋－＠﹢﹣﹦﹫−\\t\\r"
_UNSEEN = "\\s\"'\\0-\\x1f\\u00a0\\u00ad\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff"
"""What a spreadsheet may pass over before it looks at a cell's first character."""
_DANGEROUS = re.compile(f'(^|[,;|\\t\\n\\r\\v\\f\\x85\\u2028\\u2029"])(?=[{_UNSEEN}]*[{_FORMULA}])')


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula, whatever its separator.

    >>> guarded('=HYPERLINK("http://evil.example")'), guarded("-٥ درجات"), guarded("سعر: 5")
    ('\\'=HYPERLINK("http://evil.example")', "'-٥ درجات", 'سعر: 5')
    """
    return _DANGEROUS.sub(r"\1'", text)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)  # a number is no formula, also with its sign
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return guarded(" | ".join("" if v is None else str(v) for v in value))
    return guarded(str(value))


def lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A CSV file in pieces: RFC 4180, UTF-8 with a mark, every cell quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow([guarded(name) for name in header])
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        if buffer.tell() > 64 * 1024:
            yield buffer.getvalue().encode("utf-8", "replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8", "replace")
