"""The README's tables: each stands between two marks, and its benchmark writes it anew."""

from __future__ import annotations

from pathlib import Path


def put(readme: Path, name: str, table: str) -> None:
    """Put a table between ``<!-- bench:NAME -->`` and its end mark; says so.

    Raises:
        SystemExit: the marks do not stand there, once each.
    """
    start, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    text = readme.read_text("utf-8")
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise SystemExit(f"{readme}: has no {start} … {end}, once each")
    head, _, rest = text.partition(start)
    readme.write_text(f"{head}{start}\n\n{table.strip()}\n\n{end}{rest.partition(end)[2]}", "utf-8")
    print(f"{readme}: the table of {name} is new")
