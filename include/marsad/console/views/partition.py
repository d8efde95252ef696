"""A partition: its steps, its gates, its manifest, its runs, and what may be done about it."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse

from marsad.console.access import dag_of
from marsad.console.deps import Ask, Console, Form, text_of
from marsad.console.runs import (
    OVERRIDE_DAG,
    REPROCESS,
    Decision,
    backfill,
    override,
    run_day,
    runs_of,
)
from marsad.console.steps import read_steps
from marsad.errors import UsageError
from marsad.gate.override import LONGEST_DAYS, SHORTEST_REASON
from marsad.partition import Partition, parse_date

router = APIRouter()


@router.get("/partition/{source}/{day}")
def show(console: Ask, source: str, day: str) -> HTMLResponse:
    """One source on one day."""
    return _page(console, console.partition(source, day))


@router.get("/partition/{source}/{day}/runs")
def runs(console: Ask, source: str, day: str, started: str = "") -> HTMLResponse:
    """The day's runs, as Airflow remembers them."""
    partition = console.partition(source, day)
    with console.client() as client:
        found = runs_of(client, partition)
    return console.page(
        "runs.html", partition=partition, runs=found, started=started, may_trigger=console.may_trigger(source)
    )


@router.post("/partition/{source}/{day}/run")
def run(console: Ask, form: Form, source: str, day: str) -> RedirectResponse:
    """Run the day again."""
    partition = console.partition(source, day)
    console.refuse_unless(console.may_trigger(source))
    with console.client() as client:
        made = run_day(client, partition)
    return console.go(f"/partition/{source}/{partition.date}/runs", started=made.run_id)


@router.post("/partition/{source}/{day}/backfill")
def fill(console: Ask, form: Form, source: str, day: str) -> RedirectResponse:
    """Run several days."""
    partition = console.partition(source, day)
    console.refuse_unless(console.may_trigger(source))
    first, last = parse_date(text_of(form, "first")), parse_date(text_of(form, "last"))
    with console.client() as client:
        made = backfill(client, source, first, last, text_of(form, "reprocess"))
    return console.go(f"/partition/{source}/{partition.date}/runs", started=f"{len(made)} × {dag_of(source)}")


@router.post("/partition/{source}/{day}/override")
def decide(console: Ask, form: Form, source: str, day: str) -> RedirectResponse:
    """Let a check fail, by a decision that is on record."""
    partition = console.partition(source, day)
    console.refuse_unless(_may_decide(console, partition))
    last = text_of(form, "last")
    days = text_of(form, "days")
    if not days.isascii() or not days.isdigit():
        raise UsageError(f"a decision holds 1 to {LONGEST_DAYS} days, not {days!r}")
    decision = Decision(
        source=source,
        first=partition.date,
        last=parse_date(last) if last else partition.date,
        check=text_of(form, "check"),
        why=text_of(form, "why"),
        days=int(days),
    )
    with console.client() as client:
        override(client, decision)
    return console.go(f"/partition/{source}/{partition.date}", decided=decision.check)


@router.get("/run/{dag_id}/{run_id:path}")
def of_run(console: Ask, dag_id: str, run_id: str) -> RedirectResponse:
    """The partition of a DAG run: what Airflow's page of a run leads to."""
    source = dag_id.removeprefix("news_")
    if source == dag_id or source not in console.ctx.sources:
        return console.go("/")
    with console.client() as client:
        key = client.run_of(dag_id, run_id).partition_key
    return console.go(f"/partition/{console.source(source).name}/{parse_date(key)}" if key else f"/source/{source}")


def _may_decide(console: Console, partition: Partition) -> bool:
    return console.may_trigger(partition.source) and console.may_run(OVERRIDE_DAG)


def _page(console: Console, partition: Partition) -> HTMLResponse:
    source = console.source(partition.source)
    steps = read_steps(partition, console.ctx.lake, console.cache)
    today = source.day_of(console.ctx.now())
    return console.page(
        "partition.html",
        source=source,
        partition=partition,
        steps=steps,
        manifest_text=steps.manifest.to_bytes().decode() if steps.manifest else "",
        may_trigger=console.may_trigger(partition.source),
        may_decide=_may_decide(console, partition),
        reprocess=REPROCESS,
        longest=LONGEST_DAYS,
        shortest=SHORTEST_REASON,
        decided=console.request.query_params.get("decided", ""),
        now=console.ctx.now(),
        before=partition.date - timedelta(days=1),
        after=partition.date + timedelta(days=1) if partition.date < today else None,
    )
