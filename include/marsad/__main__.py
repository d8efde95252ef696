"""The command line: ``marsad --help``.

Exit codes: 0 done, 1 the run failed, 2 the words on the line were off. A person never
sees a traceback for something Marsad foresaw; ``MARSAD_DEBUG=1`` shows it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from marsad import __version__
from marsad.bulk.commands import bulk_app
from marsad.errors import MarsadError, NoArchiveRoute, UsageError
from marsad.onboard.commands import sources_app
from marsad.operate.backfills import backfill
from marsad.operate.gates import gates_app
from marsad.operate.gather import ccnews
from marsad.operate.iceberg_commands import iceberg_app
from marsad.operate.lake_commands import lake_app
from marsad.operate.quarantined import quarantine_app
from marsad.operate.reprocess import diff, replay
from marsad.operate.schemas import schema
from marsad.operate.shown_health import health, metrics
from marsad.operate.shown_settings import settings
from marsad.operate.shown_upgrade import upgrade
from marsad.operate.warehouse import load, search
from marsad.partition import Partition, parse_date, parse_days
from marsad.terminal import escape

app = typer.Typer(
    name="marsad",
    help="Arabic news sites in, a clean and checked dataset out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(sources_app, name="sources")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(gates_app, name="gates")
app.add_typer(bulk_app, name="bulk")
app.add_typer(lake_app, name="lake")
app.add_typer(iceberg_app, name="iceberg")
app.command()(settings)
app.command()(upgrade)
app.command()(health)
app.command()(metrics)
app.command()(replay)
app.command()(diff)
app.command()(backfill)
app.command()(schema)
app.command()(ccnews)
app.command()(load)
app.command()(search)

out = Console()
err = Console(stderr=True)

SourceOption = Annotated[str, typer.Option("--source", "-s", help="A source's name; `marsad sources list` shows them.")]
DateOption = Annotated[str, typer.Option("--date", "-d", help="A day, YYYY-MM-DD.")]


@app.command()
def run(
    source: SourceOption,
    date_: DateOption,
    to: Annotated[str | None, typer.Option("--to", help="The last day, for several.")] = None,
    stage: Annotated[
        str | None,
        typer.Option("--stage", help="Only this stage and its gate: scrape, clean, extract, validate, publish."),
    ] = None,
    path: Annotated[str | None, typer.Option("--path", help="Source `files`: the folder or archive of pages.")] = None,
    index: Annotated[
        str | None, typer.Option("--index", help="Source `files`: a CSV or JSON of file, url, date.")
    ] = None,
) -> None:
    """Run a source's partition from scrape to publish, without Airflow."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from marsad.pipeline import get_stage, open_context, run_partition
    from marsad.settings import load_settings

    days = parse_days(date_, to)
    settings = load_settings()
    if path or index:
        if source != "files":
            raise UsageError(f"--path and --index go with --source files, not with {source!r}")
        settings = settings.model_copy(update={"files_path": path or settings.files_path, "files_index": index})
    if stage:
        get_stage(stage)
    ctx = open_context(settings)
    ctx.source(source)  # a wrong name fails before anything is shown
    failed = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        bar = bars.add_task("starting", total=None)

        def progress(name: str, done: int, total: int) -> None:
            bars.update(bar, description=f"{source} {name}", completed=done, total=total)

        for day in days:
            partition = Partition(source, day)
            try:
                reports = run_partition(
                    partition,
                    open_context(settings, progress=progress),
                    first=stage or "scrape",
                    last=stage or "publish",
                )
            except NoArchiveRoute as error:
                err.print(f"[yellow]skipped[/] {escape(str(partition))}: {escape(str(error))}")
                continue
            except UsageError:
                raise
            except MarsadError as error:
                failed += 1
                err.print(f"[red]failed[/] {escape(str(partition))}: {escape(str(error))}", soft_wrap=True)
                continue
            for r in reports:
                counts = ", ".join(f"{k} {v}" for k, v in r.counts.items() if v) or "nothing"
                out.print(
                    f"{r.source} {r.date} [bold]{r.stage:<8}[/] {escape(counts)}", soft_wrap=True, highlight=False
                )
    if failed:
        raise typer.Exit(1)


@app.command()
def poll(
    source: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="Only these; all enabled sources where not given.")
    ] = None,
    now: Annotated[bool, typer.Option("--now", help="Ask all routes, due or not.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until stopped, asking each route when it is due.")
    ] = False,
) -> None:
    """Ask feeds and front pages that are due what is new, and note it for the daily run."""
    import time

    from rich.table import Table

    from marsad.pipeline import open_context
    from marsad.pipeline import poll as work

    ctx = open_context()
    names = list(source or ())
    while True:
        reports = work(ctx, names, is_forced=now)
        now = False
        rows = [row for r in reports for row in r.polls]
        if rows:
            table = Table(box=None, header_style="bold")
            for heading in ("source", "route", "listed", "new", "next", "outcome"):
                table.add_column(heading, justify="right" if heading in ("listed", "new") else "left", overflow="fold")
            for row in rows:
                due = f"{row.due_at:%m-%d %H:%M} UTC" if row.due_at else ""
                said = f"[red]failed[/]: {escape(row.error or '')}" if row.outcome == "failed" else row.outcome
                table.add_row(row.source, escape(row.route), str(row.listed_count), str(row.new_count), due, said)
            out.print(table)
        for r in reports:
            if r.error:
                err.print(f"[red]failed[/] {escape(r.source)}: {escape(r.error)}", soft_wrap=True)
        due_at = min((r.due_at for r in reports if r.due_at), default=None)
        if not watch or due_at is None:
            break
        if not rows:
            out.print(f"nothing is due; next at {due_at:%Y-%m-%d %H:%M} UTC", highlight=False)
        time.sleep(max(1.0, (due_at - ctx.now()).total_seconds()))
    if not reports:
        out.print("no source is enabled that could be polled; `marsad sources enable`, or --source NAME")
    elif not rows and due_at is not None:
        out.print(f"nothing is due; next at {due_at:%Y-%m-%d %H:%M} UTC; --now asks all the same", highlight=False)
    if any(r.error for r in reports) or (rows and all(row.outcome == "failed" for row in rows)):
        raise typer.Exit(1)


@app.command()
def revisit(
    source: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="Only these; all enabled sources where not given.")
    ] = None,
) -> None:
    """Look again at stories of the last days that are due; publish days with a corrected one anew."""
    from collections import Counter

    from marsad.operate.corrections import correct
    from marsad.pipeline import open_context

    failed = done = 0
    for one in correct(open_context(), list(source or ())):
        done += 1
        counts = Counter("changed" if v.is_changed else v.outcome for v in one.visits)
        said = ", ".join(f"{k} {v}" for k, v in sorted(counts.items())) or "nothing new"
        again = "; published again" if one.is_rewritten else ""
        out.print(f"{escape(str(one.partition))}: {said}{again}", soft_wrap=True, highlight=False)
        if one.error:
            failed += 1
            err.print(f"[red]failed[/] {escape(str(one.partition))}: {escape(one.error)}", soft_wrap=True)
    if not done:
        out.print("nothing is due")
    if failed:
        raise typer.Exit(1)


@app.command()
def parse(
    pages: Annotated[list[str], typer.Argument(help="HTML or text files, folders of them, or - for standard input.")],
    url: Annotated[str | None, typer.Option("--url", help="The page's address.")] = None,
    date_: Annotated[
        str | None, typer.Option("--date", "-d", help="Publication day, where the page gives none, YYYY-MM-DD.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", "-s", help="The source it is from.")] = None,
    no_extract: Annotated[bool, typer.Option("--no-extract", help="Stop after clean.")] = False,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Write one JSON file a page into this folder.", file_okay=False)
    ] = None,
    index: Annotated[Path | None, typer.Option("--index", help="A CSV or JSON of file, url, date.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="List each block of one page with its label, its fate and why.")
    ] = False,
) -> None:
    """Show what Marsad makes of a page, as JSON."""
    from marsad.parse import PageFile, explain_page, find_pages, parse_page
    from marsad.settings import load_settings
    from marsad.sources import get_source, load_sources

    day = parse_date(date_) if date_ else None
    site = get_source(load_sources(load_settings().sources), source) if source else None
    several = len(pages) > 1 or any(Path(p).is_dir() for p in pages)
    if several and out_dir is None:
        raise UsageError("several pages need --out FOLDER; one page is printed")
    if explain:
        if several or out_dir is not None:
            raise UsageError("--explain lists one page on the terminal; leave out --out and the other pages")
        file = None if pages[0] == "-" else next(find_pages([Path(pages[0])], index))
        content = sys.stdin.buffer.read() if file is None else _read(file.path)
        for text in explain_page(content, url=url or (file.url if file else None), source=site):
            sys.stdout.buffer.write(text.encode() + b"\n")
        return
    if "-" in pages:
        if several:
            raise UsageError("- (standard input) is one page; it cannot stand beside others")
        found = parse_page(sys.stdin.buffer.read(), url=url, day=day, source=site, with_extract=not no_extract)
        _emit(found, None)
        return
    files: list[PageFile] = list(find_pages([Path(p) for p in pages], index))
    if url and len(files) > 1:
        raise UsageError("--url names one page; give several their addresses with --index")
    failed = 0
    for file in files:
        try:
            found = parse_page(
                file.path.read_bytes(),
                url=url or file.url,
                day=file.date or day,
                source=site,
                with_extract=not no_extract,
            )
        except MarsadError as error:
            failed += 1
            err.print(f"[red]failed[/] {escape(str(file.path))}: {escape(str(error))}", soft_wrap=True)
            continue
        except OSError as error:
            raise UsageError(f"{file.path}: {error.strerror}") from None
        _emit(found, _target(out_dir, file.path, files) if out_dir else None)
    if failed:
        raise typer.Exit(1)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def _target(folder: Path, page: Path, files: list[Any]) -> Path:
    """Where a page's JSON goes; pages of one name in several folders keep apart."""
    parts = [f.path.parent for f in files]
    common = Path(os.path.commonpath(parts)) if parts else page.parent
    return (folder / page.relative_to(common)).with_suffix(".json")


def _emit(found: dict[str, Any], target: Path | None) -> None:
    text = json.dumps(found, ensure_ascii=False, indent=1, default=_plain) + "\n"
    if target is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--out {target.parent}: {error.strerror}") from None


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


@app.command()
def curate(
    date_: DateOption,
    to: Annotated[str | None, typer.Option("--to", help="The last day, for several.")] = None,
    stale: Annotated[
        bool, typer.Option("--stale", help="Only days that were curated from other files than there are now.")
    ] = False,
) -> None:
    """Find days' duplicates and stories across sources, and publish them."""
    from marsad.pipeline import curate as work
    from marsad.pipeline import open_context, recurate

    ctx, days = open_context(), parse_days(date_, to)
    done = 0
    for report in recurate(days, ctx) if stale else (work(day, ctx) for day in days):
        done += 1
        out.print(f"{report.date} " + ", ".join(f"{k} {v}" for k, v in report.counts.items()), highlight=False)
    if not done:
        out.print("nothing is stale: what was curated is of the files that there are")


@app.command()
def report(
    date_: DateOption,
    to: Annotated[str | None, typer.Option("--to", help="The last day, for several.")] = None,
    html: Annotated[bool, typer.Option("--html", help="Write the page of each source and day anew.")] = False,
) -> None:
    """What became of a day: discovered, captured, stories, quarantined, gates, published."""
    from marsad.operate.summary import render, summarise
    from marsad.pipeline import open_context

    ctx = open_context()
    summary = summarise(parse_days(date_, to), ctx)
    render(summary, out)
    if html:
        from marsad.report.page import write_page

        for found in summary.partitions:
            path = write_page(found.partition, ctx.facts(found.partition.source).title, ctx.lake)
            out.print(escape(str(ctx.lake.path(path))), soft_wrap=True, highlight=False)


def _version(value: bool) -> None:
    if value:
        out.print(f"marsad {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Arabic news sites in, a clean and checked dataset out."""
    from marsad.logs import configure
    from marsad.settings import moved_variables, scan_settings, unknown_variables

    settings, _ = scan_settings()  # what is wrong is said by the command that needs it
    configure(settings.log_format, settings.log_level)
    if context.invoked_subcommand != "settings":
        for line in (*moved_variables(), *unknown_variables()):
            err.print(f"[yellow]marsad:[/] {escape(line)}", soft_wrap=True, highlight=False)


def main() -> None:
    """Entry point: every foreseen error becomes one line and an exit code."""
    # what is imported and read stays, and a collector that walks it every few thousand objects takes a tenth of a run
    gc.set_threshold(50_000, 20, 20)
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except UsageError as error:
        _fail(error, 2)
    except MarsadError as error:
        _fail(error, 1)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        err.print("stopped")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        if error.__class__.__module__.startswith(("click", "typer")) and hasattr(error, "format_message"):
            _fail(error, 2, error.format_message())
        raise


def _fail(error: Exception, code: int, message: str | None = None) -> None:
    if _is_debugging():
        raise error
    err.print(f"[bold red]marsad:[/] {escape(message or str(error))}", soft_wrap=True, highlight=False)
    sys.exit(code)


def _is_debugging() -> bool:
    from marsad.settings import scan_settings

    return scan_settings()[0].debug


if __name__ == "__main__":
    main()
