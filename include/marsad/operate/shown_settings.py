"""``marsad settings``: what the environment says, as Marsad understands it."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from marsad.errors import UsageError
from marsad.settings import moved_variables, scan_settings, show_settings, unknown_variables
from marsad.terminal import escape


def settings(
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Print nothing but what is wrong: wrong values, old names, names of no setting."),
    ] = False,
) -> None:
    """Every setting, its value and where that came from; secrets are masked."""
    read, errors = scan_settings()
    unknown, moved = unknown_variables(), moved_variables()
    if check:
        problems = [*(str(e) for e in errors), *moved, *unknown]
        if problems:
            raise UsageError("; ".join(problems))
        return
    rows = show_settings(read)
    if as_json:
        found = {row.variable: {"value": row.value, "origin": row.origin} for row in rows}
        shown = {"settings": found, "wrong": [str(e) for e in errors], "moved": moved, "unknown": unknown}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        table = Table(box=None, header_style="bold", show_edge=False)
        for heading in ("variable", "value", "from"):
            table.add_column(heading, overflow="fold", no_wrap=heading == "from")
        for row in rows:
            value = row.value if isinstance(row.value, str) else json.dumps(row.value, ensure_ascii=False)
            is_set = row.origin != "default"
            said = "" if row.value is None else escape(value)
            table.add_row(row.variable, f"[bold]{said}[/]" if is_set and said else said, row.origin)
        Console().print(table)
        err = Console(stderr=True)
        for line in (*moved, *unknown):
            err.print(f"[yellow]marsad:[/] {escape(line)}", soft_wrap=True, highlight=False)
    if errors:
        raise UsageError("; ".join(str(e) for e in errors))
