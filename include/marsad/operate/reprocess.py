"""``marsad replay`` and ``marsad diff``: past days with the code as it is now, without the web."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from marsad.errors import MarsadError, MissingPartition, UsageError
from marsad.partition import Partition, parse_days
from marsad.terminal import escape

out = Console()
err = Console(stderr=True)

SourceOption = Annotated[
    str | None, typer.Option("--source", "-s", help="Only this source; all that have captures where not given.")
]
DateOption = Annotated[str, typer.Option("--date", "-d", help="The day, or the first of several, YYYY-MM-DD.")]
ToOption = Annotated[str | None, typer.Option("--to", help="The last day, for several.")]
_LONG = 70


def replay(source: SourceOption = None, date_: DateOption = "", to: ToOption = None) -> None:
    """Run days again from their captures: clean to publish, with the code as it is now, without the web.

    What was published stays until the new rows have passed every gate.
    """
    from marsad.pipeline import open_context, run_partition

    ctx = open_context()
    partitions = _partitions(source, date_, to, ctx)
    failed = 0

    def one(partition: Partition) -> None:
        nonlocal failed
        try:
            reports = run_partition(partition, ctx, first="clean")
        except MarsadError as error:
            failed += 1
            err.print(f"[red]failed[/] {escape(str(partition))}: {escape(str(error))}", soft_wrap=True)
            return
        own = [r for r in reports if r.date == partition.date.isoformat()]
        counts = ", ".join(f"{k} {v}" for k, v in own[-1].counts.items() if v) or "nothing"
        late = sorted({r.date for r in reports} - {partition.date.isoformat()})
        also = f"; rewritten for late stories: {', '.join(late)}" if late else ""
        out.print(f"{escape(str(partition))} published: {counts}{also}", soft_wrap=True, highlight=False)

    _each(partitions, "replay", one)
    if failed:
        raise typer.Exit(1)


def diff(
    source: SourceOption = None,
    date_: DateOption = "",
    to: ToOption = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Examples shown of each dataset.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a partition, a line each.")] = False,
) -> None:
    """Show what the code as it is now would change in published days, before anything is published.

    Exit code: 0 nothing would change, 1 something would, or could not be published, 2 wrong words.
    """
    from marsad.operate.diff import PartitionDiff
    from marsad.operate.diff import diff as work
    from marsad.pipeline import open_context

    ctx = open_context()
    found: list[PartitionDiff] = []

    def one(partition: Partition) -> None:
        result = work(partition, ctx)
        found.append(result)
        if as_json:
            typer.echo(json.dumps(_as_json(result, limit), ensure_ascii=False, default=_plain, sort_keys=True))
        else:
            _show(result, limit)

    _each(_partitions(source, date_, to, ctx), "diff", one)
    if any(not result.is_empty for result in found):
        raise typer.Exit(1)


def _partitions(source: str | None, first: str, last: str | None, ctx: Any) -> list[Partition]:
    from marsad.operate.diff import with_captures
    from marsad.sources import get_source

    if not first:
        raise UsageError("say which day with --date YYYY-MM-DD")
    days = parse_days(first, last)
    if source is not None:
        get_source(ctx.sources, source)
    found = [p for day in days for p in with_captures(day, ctx.lake, source)]
    if not found:
        of = f" of {source}" if source else ""
        raise MissingPartition(
            f"there are no captures{of} from {days[0]} to {days[-1]} in {ctx.lake}; "
            "`marsad run` makes them, from the web"
        )
    return found


def _each(partitions: list[Partition], verb: str, work: Callable[[Partition], None]) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        bar = bars.add_task(verb, total=len(partitions))
        for partition in partitions:
            bars.update(bar, description=f"{verb} {partition}")
            work(partition)
            bars.advance(bar)


def _show(result: Any, limit: int) -> None:
    name = escape(str(result.partition))
    if result.error:
        out.print(f"[bold red]{name}[/] would not be published: {escape(result.error)}", soft_wrap=True)
        return
    if result.is_empty:
        out.print(f"{name}: nothing would change", highlight=False)
        return
    out.print(f"[bold]{name}[/]{'' if result.is_published else ' (not published yet)'}", highlight=False)
    for table in result.tables:
        if table.is_empty:
            continue
        columns = ", ".join(f"{column} {count}" for column, count in table.by_column().items())
        out.print(
            f"  {table.dataset}: [green]+{len(table.added)}[/] [red]-{len(table.removed)}[/] "
            f"~{len(table.changed)} ={table.same_count}{'  (' + columns + ')' if columns else ''}",
            soft_wrap=True,
            highlight=False,
        )
        for sign, rows in (("[green]+[/]", table.added), ("[red]-[/]", table.removed)):
            for row in rows[:limit]:
                out.print(f"    {sign} {escape(_row(row))}", soft_wrap=True, highlight=False)
        for change in table.changed[:limit]:
            for column, (old, new) in change.columns.items():
                said = f"{change.key} {column}: {_value(old, new)} → {_value(new, old)}"
                out.print(f"    ~ {escape(said)}", soft_wrap=True, highlight=False)


def _row(row: Mapping[str, Any]) -> str:
    """A row in one line: its first text that a person would read."""
    text = next((str(row[k]) for k in ("title", "text", "phrase", "url") if row.get(k)), "")
    where = "/".join(str(row[k]) for k in ("article_id", "start") if row.get(k) is not None)
    return f"{where} {_isolated(text)}"


def _value(value: Any, beside: Any) -> str:
    """A value, of a long text the part around the first difference, so that the change can be seen."""
    if not isinstance(value, str):
        return str(value)
    if len(value) <= _LONG:
        return _isolated(value)
    at = 0
    if isinstance(beside, str):
        pairs = enumerate(zip(value, beside, strict=False))
        at = next((i for i, (a, b) in pairs if a != b), min(len(value), len(beside)))
    start = max(0, at - _LONG // 3)
    return _isolated(f"{'…' if start else ''}{value[start : start + _LONG]}{'…' if start + _LONG < len(value) else ''}")


def _isolated(text: str) -> str:
    """A text that may run right to left, so that the line around it keeps its order."""
    return f"\u2068{' '.join(text.split())[:200]}\u2069"


def _as_json(result: Any, limit: int) -> dict[str, Any]:
    return {
        "source": result.partition.source,
        "date": result.partition.date,
        "is_published": result.is_published,
        "error": result.error,
        "datasets": {
            table.dataset: {
                "added": len(table.added),
                "removed": len(table.removed),
                "changed": len(table.changed),
                "same": table.same_count,
                "columns": table.by_column(),
                "examples": {
                    "added": list(table.added[:limit]),
                    "removed": list(table.removed[:limit]),
                    "changed": [{"key": c.key, "columns": dict(c.columns)} for c in table.changed[:limit]],
                },
            }
            for table in result.tables
        },
    }


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
