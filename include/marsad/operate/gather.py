"""``marsad ccnews``: sift Common Crawl's news files of some days for all sources at once."""

from __future__ import annotations

import logging
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from marsad.errors import UsageError
from marsad.partition import Partition, parse_days
from marsad.sources import Politeness, Route, Source
from marsad.terminal import escape

out = Console()
err = Console(stderr=True)
log = logging.getLogger(__name__)

DAILY_BUDGET = 3_000
"""Requests a day to Common Crawl: a month of files, and what breaks off."""


def ccnews(
    date_: Annotated[str, typer.Option("--date", "-d", help="The day, or the first of several, YYYY-MM-DD.")],
    to: Annotated[str | None, typer.Option("--to", help="The last day, for several.")] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="Only these; all that have a ccnews route otherwise.")
    ] = None,
) -> None:
    """Keep what CC-NEWS has of your sources on some days, in one pass; then run or backfill them.

    Some twenty files of a gigabyte are read for a day, as a stream; only the pages wanted are kept. Stop it whenever
    you like: it goes on where it was.
    """
    from marsad.pipeline import open_context
    from marsad.scrape.discover.ccnews import gather, read_kept
    from marsad.scrape.fetch import Fetcher
    from marsad.scrape.sift import Wanted

    days = parse_days(date_, to)
    ctx = open_context()
    chosen = [ctx.source(name) for name in source or ()] or list(ctx.sources.values())
    by_address: dict[str, list[tuple[Source, Route]]] = {}
    for one in chosen:
        routes = [route for route in one.discover if route.kind == "ccnews"]
        if source and not routes:
            raise UsageError(f"source {one.name} has no ccnews route; add one to its YAML")
        for route in routes:
            by_address.setdefault(route.address, []).append((one, route))
    if not by_address:
        raise UsageError("no source has a ccnews route; see docs/guide/sources.md")
    failed = False
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("MB"))
    with Progress(*columns, TimeRemainingColumn(), console=err, transient=True, disable=not err.is_terminal) as bars:
        bar = bars.add_task("asking which files there are", total=None)

        def progress(name: str, done: int, total: int) -> None:
            bars.update(bar, description=name, completed=done, total=total)

        for address, pairs in by_address.items():
            wanted = [
                Wanted(each, Partition(each.name, day), route.link_pattern) for day in days for each, route in pairs
            ]
            with Fetcher(ctx.settings, _library(address), clock=ctx.now) as fetch:
                problem = gather(fetch, pairs[0][1], wanted, ctx.lake, progress)
            if problem is not None:
                failed = True
                err.print(f"[red]not whole:[/] {escape(str(problem))}", soft_wrap=True, highlight=False)
    names = dict.fromkeys(one.name for pairs in by_address.values() for one, _ in pairs)
    for day in days:
        for name in names:
            count = len(read_kept(Partition(name, day), ctx.lake))
            out.print(f"{name} {day}: {count} pages kept", highlight=False)
    if failed:
        raise typer.Exit(1)


def _library(address: str) -> Source:
    """Common Crawl as what is asked politely: a source of its own, with a budget of its own."""
    host = urlsplit(address).netloc
    return Source(
        name="ccnews", title=host, homepage=f"https://{host}", politeness=Politeness(daily_budget=DAILY_BUDGET)
    )
