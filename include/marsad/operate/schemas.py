"""``marsad schema``: the data dictionary on the terminal, and for programs."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marsad.errors import UsageError

out = Console()


def schema(
    dataset: Annotated[str | None, typer.Argument(help="A dataset; all of them where not given.")] = None,
    format_: Annotated[
        Literal["text", "json", "arrow", "sql"],
        typer.Option(
            "--format", help="text; json: JSON Schema; arrow: an Arrow IPC schema (binary); sql: tables for DuckDB."
        ),
    ] = "text",
) -> None:
    """Print what a dataset holds: columns, types, meaning, examples, since which version."""
    from marsad.dictionary import datasets, get_dataset

    chosen = [get_dataset(dataset)] if dataset else list(datasets().values())
    if format_ == "text":
        if dataset is None:
            _list(chosen)
        else:
            _show(chosen[0])
    elif format_ == "json":
        from marsad.dictionary.json_schema import json_schema

        found: Any = json_schema(chosen[0]) if dataset else {d.name: json_schema(d) for d in chosen}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    elif format_ == "sql":
        from marsad.dictionary.sql import create_table

        typer.echo("\n".join(create_table(d) for d in chosen), nl=False)
    else:
        if dataset is None:
            raise UsageError("--format arrow is of one dataset; name it")
        if sys.stdout.isatty():
            raise UsageError(f"--format arrow is binary: marsad schema {dataset} --format arrow > {dataset}.arrow")
        sys.stdout.buffer.write(chosen[0].schema.serialize().to_pybytes())
        sys.stdout.buffer.flush()


def _list(found: list[Any]) -> None:
    from marsad.dictionary import summary

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("dataset", "version", "key", "a row is"):
        table.add_column(heading, overflow="fold")
    for d in found:
        table.add_row(d.name, str(d.version), ", ".join(d.key), escape(summary(d)))
    out.print(table)


def _show(dataset: Any) -> None:
    from marsad.dictionary import columns, summary

    out.print(f"[bold]{dataset.name}[/] {escape(summary(dataset))}", highlight=False)
    out.print(f"key: {', '.join(dataset.key)}; schema version {dataset.version}", highlight=False)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("column", "type", "null", "since", "meaning", "example"):
        table.add_column(heading, overflow="fold")
    for c in columns(dataset):
        shown = "" if c.example is None else json.dumps(c.example, ensure_ascii=False)
        null = "yes" if c.is_nullable else ""
        table.add_row(c.name, escape(c.type), null, str(c.since), escape(c.doc), escape(shown))
    out.print(table)
