"""One reader of dates in a process of its own: phrases in as JSON on stdin, values and seconds out.

    python benchmarks/extract/dates_worker.py dateparser|marsad

dateparser is asked in its own best way: Arabic named, the publication day as the relative base; ``parse`` for a
phrase that is nothing but a date, ``search_dates`` for a sentence. The first pass warms the reader up (dateparser
compiles its Arabic on the first call); the timed passes follow, in CPU time of this process.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

Read = Callable[[str, date], "list[str | None]"]


def marsad_reader() -> tuple[str, Read, Read]:
    """Marsad's: the expressions of time of the text, whatever it is."""
    from marsad.extract.timexes import find_timexes
    from marsad.extract.tokens import Tokens

    def read(text: str, anchor: date) -> list[str | None]:
        return [found.value for found in find_timexes(Tokens(text), anchor)]

    return "this", read, read


def dateparser_reader() -> tuple[str, Read, Read]:
    """dateparser's: moments, of which the days are compared as far as the phrase goes."""
    dateparser = importlib.import_module("dateparser")
    search = importlib.import_module("dateparser.search")

    def settings(anchor: date) -> dict[str, Any]:
        base = datetime(anchor.year, anchor.month, anchor.day, 12)
        return {"RELATIVE_BASE": base, "DATE_ORDER": "DMY"}

    def read_phrase(text: str, anchor: date) -> list[str | None]:
        found = dateparser.parse(text, languages=["ar"], settings=settings(anchor))
        return [found.date().isoformat()] if found else []

    def read_text(text: str, anchor: date) -> list[str | None]:
        found = search.search_dates(text, languages=["ar"], settings=settings(anchor)) or []
        return [when.date().isoformat() for _, when in found]

    return str(dateparser.__version__), read_phrase, read_text


def main() -> None:
    """Read the order from stdin, answer on stdout."""
    order: dict[str, Any] = json.load(sys.stdin)
    anchor = date.fromisoformat(order["anchor"])
    try:
        version, *readers = marsad_reader() if sys.argv[1] == "marsad" else dateparser_reader()
    except ImportError as error:
        json.dump({"missing": str(error)}, sys.stdout)
        return
    read: Read = readers[order["is_text"]]
    began = time.process_time()
    values = [read(phrase, anchor) for phrase in order["phrases"]]
    first, passes = time.process_time() - began, []
    for _ in range(order["repeat"]):
        began = time.process_time()
        for phrase in order["phrases"]:
            read(phrase, anchor)
        passes.append(time.process_time() - began)
    json.dump({"version": version, "values": values, "first": first, "passes": passes}, sys.stdout)


if __name__ == "__main__":
    main()
