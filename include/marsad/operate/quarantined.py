"""``marsad quarantine``: the rows that were dropped, each with its page; and what becomes of them with today's code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from marsad.errors import MarsadError, MissingPartition, UsageError
from marsad.partition import Partition, parse_date, parse_days
from marsad.terminal import escape

if TYPE_CHECKING:
    from marsad.context import Context
    from marsad.dataset import Quarantined
    from marsad.lake import Lake

quarantine_app = typer.Typer(help="The rows that were dropped, and why.", no_args_is_help=True)
out = Console()
err = Console(stderr=True)

DayOption = Annotated[str, typer.Option("--date", "-d", help="A day, YYYY-MM-DD.")]
OneSource = Annotated[str | None, typer.Option("--source", "-s", help="Only this source.")]
_LONG = 300


@dataclass(frozen=True)
class Page:
    """The capture that a dropped row comes from."""

    url: str
    warc_file: str | None
    warc_offset: int | None


def page_of(row: Quarantined, lake: Lake) -> Page | None:
    """The capture to replay a dropped row from; None where it comes from no page (a verdict)."""
    from marsad.clean.record import ARTICLES
    from marsad.scrape.record import CAPTURES

    partition = Partition(row.source, row.date)
    # a story is keyed by its page's address (#place where there are several), or by its id; a part begins with that
    key = row.row_key.partition("|")[0]
    url = key.partition("#")[0] if ":" in key else None
    if url is None and lake.has_table("staged", ARTICLES, partition):
        known = {a["article_id"]: a["url"] for a in lake.read_table("staged", ARTICLES, partition).to_pylist()}
        url = known.get(key)
    if url is None:
        return None
    captures = lake.read_table("raw", CAPTURES, partition).to_pylist() if _has_captures(lake, partition) else []
    for capture in captures:
        if capture["url"] == url:
            return Page(url, capture["warc_file"], capture["warc_offset"])
    return Page(url, None, None)


def _has_captures(lake: Lake, partition: Partition) -> bool:
    from marsad.scrape.record import CAPTURES

    return lake.has_table("raw", CAPTURES, partition)


def staged_row(row: Quarantined, lake: Lake) -> Mapping[str, Any] | None:
    """The row as the stage wrote it; None where the stage itself dropped it."""
    from marsad.stages import audited

    partition = Partition(row.source, row.date)
    for dataset in audited():
        if dataset.name == row.dataset and lake.has_table("staged", dataset, partition):
            for found in lake.read_table("staged", dataset, partition).to_pylist():
                if dataset.row_key(found) == row.row_key:
                    return dict(found)
    return None


@quarantine_app.command("list")
def list_(date_: DayOption, source: OneSource = None) -> None:
    """The dropped rows of a day: where, why, and what was seen."""
    from rich.table import Table

    from marsad.pipeline import open_context
    from marsad.quarantine import all_quarantined

    rows = all_quarantined(parse_date(date_), open_context().lake, source)
    table = Table(box=None, header_style="bold")
    for heading in ("source", "dataset", "row", "stage", "reason", "evidence"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(row.source, row.dataset, escape(row.row_key), row.stage, row.reason, escape(_rtl(row.evidence)))
    out.print(table if rows else "nothing is in quarantine")


@quarantine_app.command("show")
def show(
    key: Annotated[str, typer.Argument(help="The row, as `marsad quarantine list` names it, or the beginning of it.")],
    date_: DayOption,
    source: OneSource = None,
) -> None:
    """One dropped row: why, the row itself, its page, and how to look at that."""
    from marsad.pipeline import open_context
    from marsad.quarantine import all_quarantined

    ctx, day = open_context(), parse_date(date_)
    found = [r for r in all_quarantined(day, ctx.lake, source) if r.row_key.startswith(key)]
    if not found:
        raise UsageError(f"no row {key!r} is in quarantine on {day}; `marsad quarantine list --date {day}` names them")
    for row in found:
        out.print(f"[bold]{escape(row.dataset)} {escape(row.row_key)}[/]", soft_wrap=True, highlight=False)
        out.print(f"  {row.source} {row.date}, dropped by {row.stage}: {row.reason}", highlight=False)
        out.print(f"  seen: {escape(_rtl(row.evidence))}", soft_wrap=True, highlight=False)
        page = page_of(row, ctx.lake)
        if page is not None:
            out.print(f"  page: {escape(page.url)}", soft_wrap=True, highlight=False)
            if page.warc_file:
                out.print(f"  capture: {page.warc_file} at {page.warc_offset}", soft_wrap=True, highlight=False)
        for name, value in (staged_row(row, ctx.lake) or {}).items():
            text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)
            cut = text if len(text) <= _LONG else text[: _LONG - 1] + "…"
            if value not in (None, "", []):
                out.print(f"    {name}: {escape(_rtl(cut))}", soft_wrap=True, highlight=False)


@quarantine_app.command("replay")
def replay(
    date_: DayOption,
    source: OneSource = None,
    to: Annotated[str | None, typer.Option("--to", help="The last day, for several.")] = None,
) -> None:
    """Run the days with dropped rows again from their captures: what passes now is published and leaves quarantine."""
    from marsad.pipeline import open_context, run_partition

    days = parse_days(date_, to)
    ctx = open_context()
    partitions = [p for day in days for p in _with_rows(day, ctx, source)]
    if not partitions:
        out.print("nothing is in quarantine")
        return
    failed = 0
    for partition in partitions:
        before = _rows(partition, ctx)
        try:
            run_partition(partition, ctx, first="clean")
        except MissingPartition as error:
            failed += 1
            err.print(f"[red]failed[/] {escape(str(partition))}: no captures to replay: {escape(str(error))}")
            continue
        except MarsadError as error:
            failed += 1
            err.print(f"[red]failed[/] {escape(str(partition))}: {escape(str(error))}", soft_wrap=True)
            continue
        after = _rows(partition, ctx)
        left, new = before - after, after - before
        parts = [f"{len(left)} left quarantine", f"{len(after & before)} stay"]
        parts += [f"{len(new)} are new in it"] if new else []
        reasons = ", ".join(f"{count} {reason}" for reason, count in Counter(r for _, _, r in after).most_common(5))
        out.print(
            f"{escape(str(partition))}: {', '.join(parts)}" + (f" ({reasons})" if reasons else ""),
            soft_wrap=True,
            highlight=False,
        )
    if failed:
        raise typer.Exit(1)


@quarantine_app.command("prune")
def prune(
    older_than: Annotated[int, typer.Option("--older-than", help="Days: what was dropped of days before that goes.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and leave it.")] = False,
) -> None:
    """Delete old quarantine files; the captures stay, so that the days can be run again."""
    from marsad.pipeline import open_context

    if older_than < 1:
        raise UsageError("--older-than wants a number of days, 1 at least")
    ctx = open_context()
    until = ctx.now().date() - timedelta(days=older_than)
    gone = [path for path in ctx.lake.list("quarantine", "*/date=*/**/*.parquet") if _day_of(path) < until]
    for path in gone if not dry_run else ():
        ctx.lake.delete(path)
    out.print(f"{len(gone)} files of days before {until} {'would go' if dry_run else 'are gone'}", highlight=False)


def _day_of(path: str) -> date:
    return date.fromisoformat(path.split("/date=")[1].split("/")[0])


def _with_rows(day: date, ctx: Context, source: str | None) -> list[Partition]:
    from marsad.partition import ALL_SOURCES
    from marsad.quarantine import all_quarantined

    names = sorted({row.source for row in all_quarantined(day, ctx.lake, source)} - {ALL_SOURCES})
    return [Partition(name, day) for name in names]


def _rows(partition: Partition, ctx: Context) -> set[tuple[str, str, str]]:
    from marsad.quarantine import all_quarantined

    found = all_quarantined(partition.date, ctx.lake, partition.source)
    return {(r.dataset, r.row_key, r.reason) for r in found}


def _rtl(text: str) -> str:
    """Isolate a text that may run right to left, so that the line around it keeps its order."""
    return f"\u2068{text}\u2069"
