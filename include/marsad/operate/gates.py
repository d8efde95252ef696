"""``marsad gates``: what the gates said of a day, and the decisions that pass them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from marsad.errors import UsageError
from marsad.partition import parse_date
from marsad.terminal import escape

if TYPE_CHECKING:
    from marsad.context import Context
    from marsad.gate.override import Override

gates_app = typer.Typer(help="What the gates said, and the decisions that pass them.", no_args_is_help=True)
out = Console()

DayOption = Annotated[str, typer.Option("--date", "-d", help="A day, YYYY-MM-DD.")]
SourceOption = Annotated[str, typer.Option("--source", "-s", help="The source.")]


def passable_checks() -> list[str]:
    """The row checks of all suites: above their share they block, and a decision may pass them."""
    from marsad.gate.audit import load_suite
    from marsad.stages import audited

    return sorted({check.reason for d in audited() for check in load_suite(d) if check.level == "row"})


def all_checks() -> list[str]:
    """The names of all checks of all suites."""
    from marsad.gate.audit import load_suite
    from marsad.stages import audited

    return sorted({check.reason for d in audited() for check in load_suite(d)})


def record(ctx: Context, *, source: str, first: date, last: date, check: str, by: str, why: str, days: int) -> Override:
    """Record a decision; what the command line and the DAG ``override`` call.

    Raises:
        UnknownSource, UsageError: see :func:`marsad.gate.override.decide`.
    """
    from marsad.gate.override import PASSABLE_RULES, decide

    ctx.facts(source)
    others: Sequence[str] = () if check in PASSABLE_RULES else passable_checks()
    return decide(
        ctx.lake,
        source=source,
        first=first,
        last=last,
        check=check,
        by=by,
        why=why,
        days=days,
        now=ctx.now(),
        passable=others,
    )


@gates_app.command("show")
def show(
    date_: DayOption,
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only this source.")] = None,
) -> None:
    """Every check and rule that was not met on a day: what was seen, since when, and what to do."""
    from marsad.pipeline import open_context
    from marsad.report.alarms import alarms_of

    ctx = open_context()
    found = alarms_of(parse_date(date_), ctx.lake, source)
    if not found:
        out.print("every check that was asked is met")
        return
    for alarm in found:
        mark = "[red]blocks[/]" if alarm.is_blocking else "[yellow]warns[/]"
        out.print(f"{mark} {alarm.partition} {alarm.dataset}: [bold]{escape(alarm.check)}[/]", highlight=False)
        out.print(f"    {escape(alarm.observed)}", soft_wrap=True, highlight=False)
        if alarm.since is not None and alarm.since != alarm.partition.date:
            out.print(f"    since {alarm.since}", highlight=False)
        if alarm.todo:
            out.print(f"    do: {escape(alarm.todo)}", soft_wrap=True, highlight=False)
        if alarm.override:
            out.print(f"    passed: {escape(alarm.override)}", soft_wrap=True, highlight=False)


@gates_app.command("override")
def override(
    source: SourceOption,
    date_: DayOption,
    check: Annotated[str, typer.Option("--check", help="The check or rule, as `marsad gates show` names it.")],
    by: Annotated[str, typer.Option("--by", help="Who decides.")],
    why: Annotated[str, typer.Option("--why", help="Why; it goes into the manifest.")],
    to: Annotated[str | None, typer.Option("--to", help="The last day it is for, where it is for several.")] = None,
    days: Annotated[int, typer.Option("--days", help="For how long it holds; then the gate blocks again.")] = 3,
) -> None:
    """Let a check of a source's days fail, by a decision that is on record and ends; then run the days again."""
    from marsad.pipeline import open_context

    first = parse_date(date_)
    last = parse_date(to) if to else first
    made = record(open_context(), source=source, first=first, last=last, check=check, by=by, why=why, days=days)
    out.print(f"{made.override_id}: {escape(str(made))}", soft_wrap=True, highlight=False)
    again = f"marsad replay --source {source} --date {first}" + (f" --to {last}" if last != first else "")
    out.print(f"now run it again: `{again}`, or clear the gate's task in Airflow", soft_wrap=True, highlight=False)


@gates_app.command("silence")
def silence(
    source: SourceOption,
    check: Annotated[str, typer.Option("--check", help="The alarm, as `marsad gates show` names it.")],
    by: Annotated[str, typer.Option("--by", help="Who decides.")],
    why: Annotated[str, typer.Option("--why", help="Why nobody need be told.")],
    days: Annotated[int, typer.Option("--days", help="For how long.")] = 7,
) -> None:
    """Keep an alarm of a source from being told for a while; it stays in reports, and blocks where it blocks."""
    from marsad.gate.override import decide
    from marsad.pipeline import open_context
    from marsad.validate.advice import ADVICE

    ctx = open_context()
    ctx.facts(source)
    names = list(ADVICE) if check in ADVICE else [*ADVICE, *all_checks()]
    made = decide(
        ctx.lake, source=source, first=date.min, last=date.max, check=check, by=by, why=why, days=days, now=ctx.now(),
        passable=names, kind="silence",
    )  # fmt: skip
    out.print(
        f"{escape(source)}: {escape(check)} is not told until {made.expires_at:%Y-%m-%d %H:%M} UTC", highlight=False
    )


@gates_app.command("overrides")
def overrides(
    all_: Annotated[bool, typer.Option("--all", help="Also those that have ended or were withdrawn.")] = False,
) -> None:
    """The decisions that hold, silences too."""
    from marsad.gate.override import read_decisions
    from marsad.pipeline import open_context

    ctx = open_context()
    known = (*read_decisions(ctx.lake, "override"), *read_decisions(ctx.lake, "silence"))
    found = [o for o in known if all_ or o.is_active(ctx.now())]
    if not found:
        out.print("no decision holds" if not all_ else "nothing was ever decided")
        return
    for o in found:
        days = str(o.first) if o.first == o.last else f"{o.first} to {o.last}"
        days = "silence" if o.kind == "silence" else days
        gone = f", withdrawn {o.withdrawn_at:%Y-%m-%d}" if o.withdrawn_at else ""
        out.print(escape(f"{o.source} {days}: {o}{gone}"), soft_wrap=True, highlight=False)


@gates_app.command("withdraw")
def withdraw_(
    override_id: Annotated[str, typer.Argument(help="The decision's id.")],
    by: Annotated[str, typer.Option("--by", help="Who takes it back.")],
) -> None:
    """Take a decision back before its end."""
    from marsad.gate.override import withdraw
    from marsad.pipeline import open_context

    if not by.strip():
        raise UsageError("say who takes it back: --by NAME")
    ctx = open_context()
    taken = withdraw(ctx.lake, override_id, by=by, now=ctx.now())
    out.print(f"{taken.override_id} is withdrawn: {taken.check} blocks {taken.source} again", highlight=False)
