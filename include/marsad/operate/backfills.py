"""``marsad backfill``: what a range would do, the range itself, and the backfills that Airflow has."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from marsad.errors import UsageError
from marsad.operate.plan_record import Plan
from marsad.partition import parse_days
from marsad.terminal import escape

out = Console()
err = Console(stderr=True)
_COLOURS = {"replay": "green", "replay+fetch": "cyan", "fetch": "cyan", "skip": "yellow", "refuse": "red"}


def backfill(
    source: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="A source's name; may be given again for more.")
    ] = None,
    all_enabled: Annotated[bool, typer.Option("--all-enabled", help="All sources that are enabled.")] = False,
    from_: Annotated[str | None, typer.Option("--from", help="The first day, YYYY-MM-DD.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="The last day, YYYY-MM-DD.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what each day would do, and do nothing: no site is asked.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --dry-run or --list: JSON.")] = False,
    reprocess: Annotated[
        Literal["none", "failed", "completed"],
        typer.Option("--reprocess", help="Days with a finished run: none, those that failed, or all are run again."),
    ] = "completed",
    max_active: Annotated[
        int, typer.Option("--max-active", min=1, help="Runs of one source at once; late stories want one.")
    ] = 1,
    backwards: Annotated[bool, typer.Option("--backwards", help="The last day first.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Begin, and do not wait for the end.")] = False,
    list_: Annotated[
        bool, typer.Option("--list", help="The backfills that Airflow has, of --source or of all.")
    ] = False,
    cancel: Annotated[int | None, typer.Option("--cancel", help="End the backfill of this number.")] = None,
    airflow: Annotated[
        str, typer.Option("--airflow", envvar="MARSAD_AIRFLOW_URL", help="Where Airflow answers.")
    ] = "http://127.0.0.1:8080",
) -> None:
    """Run past days through Airflow: one run a day, each replayed from captures where there are any.

    Exit code: 0 every day succeeded (--dry-run: every day would be run), 1 a day failed or was refused (--dry-run:
    one would be skipped or refused), 2 wrong words, 130 Ctrl-C, which leaves the backfill running.
    """
    from marsad.operate import backfill as work

    if cancel is not None:
        ended = work.cancel(cancel, airflow)
        out.print(f"backfill {ended.id} of {ended.dag_id} is ended; runs under way go on to their end", highlight=False)
        return
    from marsad.pipeline import open_context

    ctx = open_context()
    if list_:
        names = list(source or ()) or [n for n, s in ctx.sources.items() if s.is_enabled]
        _show_list(work.backfills_of([ctx.facts(n).name for n in names], airflow), as_json)
        return
    if bool(source) == all_enabled:
        raise UsageError("say which sources: --source NAME (again for more), or --all-enabled")
    if from_ is None or to is None:
        raise UsageError("say which days: --from YYYY-MM-DD --to YYYY-MM-DD")
    if as_json and not dry_run:
        raise UsageError("--json goes with --dry-run or --list")
    days = parse_days(from_, to)
    names = list(dict.fromkeys(source or [n for n, s in ctx.sources.items() if s.is_enabled]))
    if not names:
        raise UsageError("no source is enabled; `marsad sources enable NAME`, or --source NAME")
    for name in names:
        ctx.facts(name)
    if dry_run:
        _dry_run(names, days, ctx, airflow, as_json)
        return
    ranges, refused = _ranges(names, days, ctx)
    for name, first, last, why in refused:
        err.print(f"[red]refused[/] {name} {first}{f' to {last}' if last != first else ''}: {escape(why)}")
    if not ranges:
        raise UsageError(f"nothing to run: {refused[0][0]}: {refused[0][3]}")
    options = work.Options(max_active, reprocess, backwards, not no_wait)
    failed = work.backfill_all(ranges, base_url=airflow, console=out, options=options)
    if failed or refused:
        raise typer.Exit(1)


def _ranges(
    names: list[str], days: list[date], ctx: Any
) -> tuple[dict[str, tuple[date, date]], list[tuple[str, date, date, str]]]:
    """The days of each source that can have a partition, and those that cannot, with why."""
    from marsad.operate.plan import plan_refusals

    ranges: dict[str, tuple[date, date]] = {}
    refused: list[tuple[str, date, date, str]] = []
    for name in names:
        refusals = plan_refusals(name, days, ctx)
        good = [day for day in days if day not in refusals]
        if good:
            ranges[name] = (good[0], good[-1])
        for day, why in refusals.items():
            if refused and refused[-1][0] == name and refused[-1][3] == why and refused[-1][2] == _before(day):
                refused[-1] = (name, refused[-1][1], day, why)
            else:
                refused.append((name, day, day, why))
    return ranges, refused


def _before(day: date) -> date:
    return day - timedelta(days=1)


def _dry_run(names: list[str], days: list[date], ctx: Any, airflow: str, as_json: bool) -> None:
    from marsad.operate.backfill import runs_under_way
    from marsad.operate.plan import plan

    runs, unknown = runs_under_way(names, airflow)
    made = plan(names, days, ctx, runs=runs, runs_unknown=unknown)
    if as_json:
        typer.echo(json.dumps(made.as_dict(), ensure_ascii=False, indent=1))
    else:
        show_plan(made, out)
    if not made.is_whole:
        raise typer.Exit(1)


def show_plan(made: Plan, console: Console) -> None:
    """A plan as a table, and below it what it takes."""
    from marsad.operate.plan_notes import notes

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("source", "date", "action", "captures", "published", "requests", "why"):
        table.add_column(heading, justify="right" if heading == "requests" else "left", overflow="fold")
    for day in made.days:
        why = day.why + (f"; [yellow]a run is {day.run}: a backfill leaves the day alone[/]" if day.run else "")
        published = day.code_version or "no"
        table.add_row(
            day.source,
            day.date.isoformat(),
            f"[{_COLOURS[day.action]}]{day.action}[/]",
            ", ".join(f"{n} {outcome}" for outcome, n in day.outcomes.items()) or "none",
            f"[yellow]{published} *[/]" if day.changes else published,
            f"≥ {day.request_count_min}" if day.request_count_min else "0",
            why,
        )
    console.print(table)
    console.print()
    console.print("; ".join(f"{action}: {n}" for action, n in made.counts().items()), highlight=False)
    for line in notes(made):
        console.print(escape(line), highlight=False, soft_wrap=True)


def _show_list(found: list[Any], as_json: bool) -> None:
    if as_json:
        for b in found:
            typer.echo(json.dumps({k: str(v) if isinstance(v, date) else v for k, v in vars(b).items()}))
        return
    if not found:
        out.print("Airflow has no backfill of these sources")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("id", "dag", "from", "to", "reprocess", "at once", "state"):
        table.add_column(heading)
    for b in found:
        ended = f"ended {b.completed_at:%Y-%m-%d %H:%M} UTC" if b.completed_at else ""
        state = ended or ("paused" if b.is_paused else "under way")
        table.add_row(str(b.id), b.dag_id, str(b.first), str(b.last), b.reprocess, str(b.max_active_runs), state)
    out.print(table)
