"""``marsad load`` and ``marsad search``."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from marsad.errors import MarsadError, MissingPartition, UsageError
from marsad.partition import parse_date, parse_days
from marsad.settings import Settings, load_settings
from marsad.terminal import escape

out = Console()
err = Console(stderr=True)

_WAREHOUSE = typer.Option(
    "--warehouse", help="duckdb:///PATH, postgresql://…; else MARSAD_WAREHOUSE. Keep passwords in the environment."
)


def _settings(warehouse: str | None) -> Settings:
    settings = load_settings()
    return settings.model_copy(update={"warehouse": warehouse}) if warehouse else settings


def load(
    date_: Annotated[str | None, typer.Option("--date", "-d", help="A day, YYYY-MM-DD; with --to the first.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="The last day, for several.")] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="Only these; `all` for what was curated.")
    ] = None,
    warehouse: Annotated[str | None, _WAREHOUSE] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Load nothing: name where the warehouse differs from the lake.")
    ] = False,
) -> None:
    """Load published partitions into the warehouse; twice changes nothing. Without --date, with --check: all days."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from marsad import pipeline
    from marsad.warehouse import parse_address

    ctx = pipeline.open_context(_settings(warehouse))
    address = parse_address(ctx.settings.warehouse)  # a wrong one is said before anything else
    if date_ is None and not check:
        raise UsageError("which day? give --date YYYY-MM-DD, and --to for several")
    partitions = pipeline.published_days(_days(date_, to), ctx.lake, source or ())
    if check:
        from marsad.warehouse.check import check as compare

        found = compare(ctx.lake, address, partitions)
        for one in found:
            out.print(f"{'[dim]kept[/]' if one.is_kept else '[red]differs[/]'} {escape(str(one))}", soft_wrap=True)
        wrong = sum(not one.is_kept for one in found)
        said = f"{len(partitions)} partitions held against {address}: {wrong} differences"
        out.print(said, highlight=False, markup=False, soft_wrap=True)
        if wrong:
            raise typer.Exit(1)
        return
    if not partitions:
        what = f" of {', '.join(source)}" if source else ""
        raise MissingPartition(f"nothing{what} is published for {date_} in {ctx.lake}; run a source for that day first")
    failed = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        bar = bars.add_task("loading", total=len(partitions))
        for partition in partitions:
            bars.update(bar, description=f"loading {partition}")
            try:
                out.print(str(pipeline.load(partition, ctx)), soft_wrap=True, highlight=False, markup=False)
            except UsageError:
                raise
            except MarsadError as error:  # one that is broken keeps none of the others out
                failed += 1
                err.print(f"[red]failed[/] {escape(str(partition))}: {escape(str(error))}", soft_wrap=True)
            bars.advance(bar)
    if failed:
        raise typer.Exit(1)


def search(
    query: Annotated[str, typer.Argument(help="Words; stories that have all of them are shown.")],
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only this source.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="The first day, YYYY-MM-DD.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="The last day.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 20,
    warehouse: Annotated[str | None, _WAREHOUSE] = None,
) -> None:
    """Search the loaded stories: alef, ya, ta marbuta, vowel signs and the article make no difference."""
    from marsad.warehouse.search import search as work

    hits = work(
        query,
        _settings(warehouse).warehouse,
        source=source,
        first=parse_date(from_) if from_ else None,
        last=parse_date(to) if to else None,
        limit=limit,
    )
    for hit in hits:
        title = _isolated(hit.title or "")
        out.print(f"{hit.date} {hit.source} {title}\n    {hit.url}", soft_wrap=True, highlight=False, markup=False)
    if not hits:
        out.print(f"no story has all words of {_isolated(query)}", highlight=False, markup=False)
        raise typer.Exit(1)


def _days(first: str | None, last: str | None) -> list[date] | None:
    if first is None:
        if last is not None:
            raise UsageError("--to needs --date, the first day")
        return None
    return parse_days(first, last)


def _isolated(text: str) -> str:
    """A text that may run right to left, so that the line around it keeps its order."""
    return f"\u2068{' '.join(text.split())[:200]}\u2069"
