"""``marsad lake``: what lies in the lake, whether it is whole, who writes it, and what may go."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from marsad.errors import UsageError
from marsad.partition import Partition, parse_date, parse_days
from marsad.terminal import escape

lake_app = typer.Typer(
    help="What lies in the lake: whether it is whole, who writes it, what may go.", no_args_is_help=True
)
out = Console()
err = Console(stderr=True)

FirstDay = Annotated[str | None, typer.Option("--date", "-d", help="Only this day, or from it on with --to.")]
LastDay = Annotated[str | None, typer.Option("--to", help="The last day, for several.")]
OneSource = Annotated[str | None, typer.Option("--source", "-s", help="Only this source; `all` for what is curated.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]

Deep = Annotated[
    bool, typer.Option("--deep", help="Read the bytes of every capture, not of a few, and open every Parquet file.")
]


def _days(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    if last and not first:
        raise UsageError("--to wants --date, the first day")
    if not first:
        return None, None
    days = parse_days(first, last)
    return days[0], days[-1]


def _say(text: object) -> None:
    out.print(escape(str(text)), soft_wrap=True, highlight=False)


@lake_app.command("verify")
def verify(
    date_: FirstDay = None,
    to: LastDay = None,
    source: OneSource = None,
    deep: Deep = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a finding, a line each.")] = False,
) -> None:
    """Hold every published file against its manifest: there, the same bytes, the same rows, a known schema.

    Also named: files without a manifest, publishes that were cut off, temporary files, captures that cannot be read.
    Exit code: 0 all is as it should be, 1 something is not.
    """
    from marsad.operate.verify import Seen
    from marsad.operate.verify import verify as work
    from marsad.pipeline import open_context

    ctx, (first, last) = open_context(), _days(date_, to)
    seen, kinds = Seen(), Counter[str]()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        bar = bars.add_task("verify", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bars.update(bar, description=f"verify {what}", completed=done, total=total)

        for finding in work(
            ctx.lake, first=first, last=last, source=source, now=ctx.now(), deep=deep, seen=seen, progress=progress
        ):
            kinds[finding.kind] += 1
            if as_json:
                place = finding.partition
                plain = {
                    "kind": finding.kind,
                    "path": finding.path,
                    "said": finding.said,
                    "source": place.source if place else None,
                    "date": place.date.isoformat() if place else None,
                }
                typer.echo(json.dumps(plain, ensure_ascii=False, sort_keys=True))
            else:
                out.print(f"[red]{finding.kind}[/] {escape(str(finding))}", soft_wrap=True, highlight=False)
    if not as_json:
        looked = (
            f"{seen.partitions} partitions, {seen.files} files, {seen.bytes / 1e6:.1f} MB, {seen.rows} rows, "
            f"{seen.captures} captures read"
        )
        faults = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        _say(f"{looked}: {faults + '; `marsad lake repair` mends what can be mended' if faults else 'all whole'}")
    if kinds:
        raise typer.Exit(1)


@lake_app.command("repair")
def repair(
    date_: FirstDay = None, to: LastDay = None, source: OneSource = None, dry_run: Dry = False, deep: Deep = False
) -> None:
    """Finish what was cut off, publish again from core what is damaged, and move strays to lost+found.

    Exit code: 0 all is mended, 1 something needs a person, or another command; it is said.
    """
    from marsad.operate.repair import repair as work
    from marsad.pipeline import open_context

    first, last = _days(date_, to)
    left = done = 0
    for mended in work(open_context(), first=first, last=last, source=source, dry_run=dry_run, deep=deep):
        done += 1
        left += not mended.is_mended
        mark = "" if mended.is_mended else "[red]not mended[/] "
        out.print(f"{mark}{escape(str(mended))}", soft_wrap=True, highlight=False)
    if not done:
        _say("nothing to mend")
    if left:
        raise typer.Exit(1)


@lake_app.command("claims")
def claims(
    everything: Annotated[bool, typer.Option("--all", help="Also claims that hold nothing any more.")] = False,
) -> None:
    """Who is writing which partition, since when and until when."""
    from marsad.claims import all_claims
    from marsad.pipeline import open_context

    ctx = open_context()
    shown = 0
    for claim in all_claims(ctx.lake):
        void = claim.why_void(ctx.now())
        if void is None or everything:
            shown += 1
            _say(f"{claim.partition}: {claim}{f' ({void})' if void else ''}")
    if not shown:
        _say("nobody writes a partition")


@lake_app.command("release")
def release(
    source: Annotated[str, typer.Option("--source", "-s", help="The source, or `all` for what is curated.")],
    date_: Annotated[str, typer.Option("--date", "-d", help="The day, YYYY-MM-DD.")],
) -> None:
    """End the claim on a partition. A writer that still lives finds out, and writes nothing more."""
    import getpass

    from marsad.claims import take_away
    from marsad.pipeline import open_context

    ctx, partition = open_context(), Partition(source, parse_date(date_))
    ended = take_away(ctx.lake, partition, by=f"marsad lake release by {getpass.getuser()}", now=ctx.now())
    _say(f"{partition}: the claim of {ended} is ended" if ended else f"{partition}: nobody had claimed it")


@lake_app.command("retain")
def retain(dry_run: Dry = False) -> None:
    """Remove what is older than `MARSAD_RETENTION` keeps it; a record stays in reports/retention/."""
    from marsad.operate.retention import retain as work
    from marsad.pipeline import open_context

    ctx = open_context()
    if not ctx.settings.retention:
        _say("MARSAD_RETENTION names nothing: everything is kept")
        return
    files = size = skipped = 0
    for cleared in work(ctx, dry_run=dry_run):
        files, size, skipped = files + cleared.files, size + cleared.bytes, skipped + bool(cleared.skipped)
        _say(cleared)
    left = f"; {skipped} left for the next time" if skipped else ""
    _say(f"{files} files, {size / 1e6:.1f} MB {'would go' if dry_run else 'went'}{left}")


@lake_app.command("compact")
def compact(
    month: Annotated[
        str | None, typer.Option("--month", help="YYYY-MM; every month that is over and not fresh where not given.")
    ] = None,
) -> None:
    """Write each month of published partitions once more, as one file a dataset, for readers of long spans."""
    from marsad.operate.compaction import compact as work
    from marsad.pipeline import open_context

    done = 0
    for report in work(open_context(), months=[month] if month else None):
        done += 1
        _say(report)
    if not done:
        _say("every month that is over is compacted, and fresh")


@lake_app.command("files")
def files(
    dataset: Annotated[str, typer.Option("--dataset", help="The dataset, such as articles.")],
    first: Annotated[str, typer.Option("--from", help="The first day, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="The last day, YYYY-MM-DD.")],
    sql: Annotated[bool, typer.Option("--sql", help="A SELECT for DuckDB that reads each row exactly once.")] = False,
) -> None:
    """The fewest files that hold a span of days exactly once: fresh months, and single partitions for the rest."""
    from marsad.operate.compaction import files_of
    from marsad.pipeline import open_context

    lake = open_context().lake
    plan = files_of(lake, dataset, parse_date(first), parse_date(last))
    if sql:
        typer.echo(plan.sql(str(lake.root) if not lake.is_local else lake.root.path))
        return
    for entry in plan.months:
        typer.echo(json.dumps({"path": entry.path, "partitions": [f"{s}|{d}" for s, d in entry.partitions]}))
    for path in plan.loose:
        typer.echo(json.dumps({"path": path}))
