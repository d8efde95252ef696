"""A source: its health, its drift over sixty days, its YAML, and a check of it now."""

from __future__ import annotations

import json
import re

from fastapi import APIRouter
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from marsad.console.deps import Ask, Console, Form
from marsad.console.health import MIX_DAYS, POLLED_DAYS, source_health
from marsad.console.runs import CHECK_DAG, check
from marsad.report.page import DAYS, addresses, plots
from marsad.sources.health import MEASURES

router = APIRouter()
_RUN = re.compile(r"[\w.:+~-]{1,250}")


@router.get("/source/{name}")
def show(console: Ask, name: str) -> HTMLResponse:
    """One source."""
    console.source(name)
    found = source_health(name, console.ctx, console.cache)
    # our own SVG: every text in it is escaped where it is made
    drawn = addresses(found.history, found.days, lambda text: console.words.name("plot", text))
    drawn += "".join(
        plots(
            found.history,
            found.days,
            lambda measure: console.words.name("measure", measure),
            console.words("source.no_value"),
        )
    )
    return console.page(
        "source.html",
        source=found.source,
        health=found,
        drawn=Markup(drawn),  # noqa: S704
        plot_days=DAYS,
        mix_days=MIX_DAYS,
        polled_days=POLLED_DAYS,
        measures=MEASURES,
        may_check=_may_check(console, name),
        now=console.ctx.now(),
    )


@router.get("/dag/{dag_id}")
def of_dag(console: Ask, dag_id: str) -> RedirectResponse:
    """The source of a DAG: what Airflow's page of a DAG leads to."""
    name = dag_id.removeprefix("news_")
    is_source = name != dag_id and name in console.ctx.sources and name in console.readable
    return console.go(f"/source/{name}" if is_source else "/")


@router.post("/source/{name}/check")
def check_now(console: Ask, form: Form, name: str) -> RedirectResponse:
    """Try a source now."""
    console.source(name)
    console.refuse_unless(_may_check(console, name))
    with console.client() as client:
        made = check(client, name)
    return console.go(f"/source/{name}/check/{made.run_id}")


@router.get("/source/{name}/check/{run_id}")
def checked(console: Ask, name: str, run_id: str) -> HTMLResponse:
    """What a check found, or that it is still under way."""
    source = console.source(name)
    if not _RUN.fullmatch(run_id):
        raise HTTPException(404, console.words("error.no_run"))
    with console.client() as client:
        run = client.run_of(CHECK_DAG, run_id)
        found = client.xcom(CHECK_DAG, run_id, "try_source") if run.state == "success" else None
        failure = client.failure(CHECK_DAG, run_id, "try_source") if run.state == "failed" else ""
    if found is not None and found.get("source") != name:  # another source's check, by whoever asks for it here
        raise HTTPException(404, console.words("error.no_run"))
    return console.page(
        "check.html",
        source=source,
        run=run,
        found=found,
        failure=failure,
        raw=json.dumps(found, ensure_ascii=False, indent=1) if found else "",
    )


def _may_check(console: Console, name: str) -> bool:
    return console.may_trigger(name) and console.may_run(CHECK_DAG)
