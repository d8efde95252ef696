"""``marsad bulk``: months and years of captures, or WARC files, on all cores or a cluster."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from marsad.errors import UsageError
from marsad.terminal import escape

if TYPE_CHECKING:
    from marsad.bulk.run import Plan
    from marsad.context import Context

bulk_app = typer.Typer(help="Read months and years of captures, or WARC files, on many cores.", no_args_is_help=True)
out = Console()
err = Console(stderr=True)

NameOption = Annotated[
    str | None, typer.Option("--name", help="The run's name, and with --warc the source of pages of unknown sites.")
]
PAGES_A_SECOND = 26.0
"""Read, cleaned and extracted, a second and core: measured, see docs/guide/bulk.md. For the estimate alone."""
WARC_BYTES_A_SECOND = 30_000_000.0
"""Of a compressed WARC unpacked, a second and core: assumed, a quarter of what sifting by address does."""


@bulk_app.command("run")
def run(
    first: Annotated[str | None, typer.Option("--from", help="The first day of captures, YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day; the first where not given.")] = None,
    source: Annotated[list[str] | None, typer.Option("--source", "-s", help="Only these sources.")] = None,
    warc: Annotated[
        list[str] | None,
        typer.Option("--warc", help="WARC files instead: a path, a glob in quotes, a URL, or @FILE with one a line."),
    ] = None,
    name: NameOption = None,
    known_only: Annotated[
        bool, typer.Option("--known-only", help="With --warc: only pages of sites that have a source.")
    ] = False,
    to_lake: Annotated[
        str | None, typer.Option("--out", help="With --warc: the lake to write to; MARSAD_LAKE where not given.")
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="local or ray.")] = "local",
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; all cores where not given.")
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", help="Of a Ray cluster; else one is started here.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what there is to do, and how long it takes.")
    ] = False,
) -> None:
    """Clean, extract, gate and publish many days. The same words again go on where it stopped."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from marsad.bulk.engines import Engine
    from marsad.bulk.run import run_bulk

    if engine not in ("local", "ray"):
        raise UsageError(f"--engine {engine!r}: give local or ray")
    if address and engine != "ray":
        raise UsageError("--address goes with --engine ray")
    ctx = _context(to_lake, warc)
    plan = _plan(ctx, first, last, source or [], warc or [], name, known_only)
    if dry_run:
        _estimate(plan, ctx, workers)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    began = time.monotonic()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        shards = bars.add_task("shards", total=len(plan.shards))
        pages = bars.add_task("captures", total=_captures(plan))

        def told(step: str, done: int, total: int) -> None:
            rate = done / max(time.monotonic() - began, 0.001)
            if step == "read":
                bars.update(pages, description=f"captures {rate:,.0f}/s", completed=done)
            else:
                bars.update(shards, description=step, completed=done, total=total)

        report = run_bulk(plan, ctx, Engine(engine, workers, address), told=told)  # type: ignore[arg-type]
    for what, why in report.failed.items():
        err.print(f"[red]failed[/] {escape(what)}: {escape(why)}", soft_wrap=True)
    said = ", ".join(f"{fate} {count}" for fate, count in report.outcomes.items())
    out.print(
        f"bulk {plan.run}: {report.shards} shards, {report.read_now} read now, {report.published} partitions published"
        + (f"; {sum(report.outcomes.values())} captures: {said}" if said else ""),
        soft_wrap=True,
        highlight=False,
    )
    if report.failed:
        raise typer.Exit(1)


@bulk_app.command("status")
def status(
    name: Annotated[str, typer.Option("--name", help="The run's name.")],
    to_lake: Annotated[str | None, typer.Option("--out", help="The lake; MARSAD_LAKE where not given.")] = None,
    fate: Annotated[str | None, typer.Option("--fate", help="List the captures with this outcome.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many are listed.")] = 20,
) -> None:
    """Show how far a run is, and what became of its captures."""
    from marsad.bulk.record import FATES
    from marsad.bulk.run import outcomes_of

    ctx = _context(to_lake, None)
    if fate is not None:
        if fate not in FATES:
            raise UsageError(f"--fate {fate!r}: there are {', '.join(FATES)}")
        rows = [r for r in outcomes_of(name, ctx).to_pylist() if r["fate"] == fate]
        for row in rows[:limit]:
            where = f"{row['warc_file']} at {row['warc_offset']}" if row["warc_file"] else "no bytes"
            said = (
                f"{row['date']} {row['source']} {row['url']}  {row['reason'] or ''}  {row['evidence'] or ''}  {where}"
            )
            out.print(escape(said), soft_wrap=True, highlight=False)
        out.print(f"{len(rows)} captures {fate}", highlight=False)
        return
    counts: Counter[str] = Counter()
    manifests = ctx.lake.list(f"bulk/{name}/shards", "*/manifest.json")
    for path in manifests:
        counts.update(ctx.lake.read_json(path)["outcomes"])
    collected = ctx.lake.list(f"bulk/{name}/collected", "**/*.json")
    if not manifests:
        raise UsageError(f"lake {ctx.lake}: no bulk run {name!r} has read anything; runs are named with --name")
    out.print(f"{len(manifests)} shards read, {len(collected)} partitions published", highlight=False)
    path = f"bulk/{name}/report.json"
    final: dict[str, int] = ctx.lake.read_json(path)["outcomes"] if ctx.lake.exists(path) else dict(counts)
    for key, count in sorted(final.items()):
        out.print(f"  {key:<14} {count:>10,}", highlight=False)


def _context(to_lake: str | None, warc: list[str] | None) -> Context:
    from marsad.context import open_context
    from marsad.settings import load_settings

    settings = load_settings()
    return open_context(settings.model_copy(update={"lake": to_lake}) if to_lake else settings)


def _plan(
    ctx: Context,
    first: str | None,
    last: str | None,
    sources: list[str],
    warc: list[str],
    name: str | None,
    known: bool,
) -> Plan:
    from marsad.bulk.run import name_of, plan_captures, plan_warcs
    from marsad.partition import parse_days

    if bool(warc) == bool(first):
        raise UsageError("say what to read: --from DAY (and --to DAY), or --warc FILES")
    if warc:
        if not name:
            raise UsageError("--warc needs --name: the run's, and the source's of pages whose site is not known")
        if sources or last:
            raise UsageError("--source and --to go with --from, not with --warc")
        return plan_warcs(ctx, name, warc, known_only=known)
    if known:
        raise UsageError("--known-only goes with --warc")
    days = parse_days(first or "", last)
    return plan_captures(ctx, name or name_of(days[0], days[-1], sources), days[0], days[-1], sources)


def _captures(plan: Plan) -> int | None:
    return sum(s.past - s.first for s in plan.shards) if plan.kind == "captures" else None


def _estimate(plan: Plan, ctx: Context, workers: int | None) -> None:
    """Say what is left, and for how long by measured figures."""
    import os

    from marsad.bulk.run import is_done

    left = [s for s in plan.shards if not is_done(s, plan.run, ctx)]
    size = sum(s.past - s.first for s in left)
    cores = workers or os.cpu_count() or 1
    if plan.kind == "captures":
        hours = size / PAGES_A_SECOND / 3600
        what = f"{size:,} captures"
    else:
        hours = size / WARC_BYTES_A_SECOND / 3600
        what = (
            f"{size / 1e9:,.1f} GB of WARC, without what their Arabic pages take ({PAGES_A_SECOND:g} a second and core)"
        )
    said = f"bulk {plan.run}: {len(left)} of {len(plan.shards)} shards to read: {what}"
    out.print(
        f"{said}; about {hours:,.2f} core-hours, {hours / cores:,.2f} h on {cores} cores",
        soft_wrap=True,
        highlight=False,
    )
