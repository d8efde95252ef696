"""Quarantine: what was dropped and why, a row with its evidence and its page, and the day run again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from marsad.console.article import article_path
from marsad.console.deps import Ask
from marsad.console.dropped import PAGE, Wanted, overview, page, rows_of_partition, story_of_row
from marsad.console.xray import has_page
from marsad.operate.quarantined import page_of, staged_row
from marsad.partition import parse_date
from marsad.stages import STAGE_NAMES, audited

router = APIRouter()
STAGES = (*STAGE_NAMES[:-1], "gate")
MOST = 1_000_000
_LONG = 4000
"""Characters of one value that are shown of a row."""


@router.get("/quarantine")
def browse(
    console: Ask,
    day: str = "",
    source: str = "",
    dataset: str = "",
    stage: str = "",
    reason: str = "",
    offset: Annotated[int, Query(ge=0, le=MOST)] = 0,
) -> HTMLResponse:
    """The rows of a day, counted and listed."""
    wanted = Wanted(
        parse_date(day) if day else console.today(),
        console.source(source).name if source else "",
        dataset,
        stage,
        reason,
    )
    lake, cache = console.ctx.lake, console.cache
    found = overview(wanted.day, console.readable, lake, cache)
    return console.page(
        "quarantine.html",
        wanted=wanted,
        found=found,
        page=page(wanted, found, offset, lake, cache),
        size=PAGE,
        sources=sorted({*found.by_source, *([wanted.source] if wanted.source else [])}),
        datasets=[d.name for d in audited()],
        stages=STAGES,
        may_trigger=bool(wanted.source) and console.may_trigger(wanted.source),
        before=wanted.day - timedelta(days=1),
        after=wanted.day + timedelta(days=1) if wanted.day < console.today() else None,
        today=console.today(),
    )


@router.get("/quarantine/{source}/{day}")
def show(console: Ask, source: str, day: str, dataset: str, key: str, reason: str = "") -> HTMLResponse:
    """One row: why it was dropped, the row itself, the page it comes from, and its story where that is published."""
    partition, lake = console.partition(source, day), console.ctx.lake
    rows = [
        row
        for row in rows_of_partition(partition, lake, console.cache)
        if row.dataset == dataset and row.row_key == key and reason in ("", row.reason)
    ]
    if not rows:
        raise HTTPException(404, console.words("quarantine.gone"))
    values, capture = staged_row(rows[0], lake) or {}, page_of(rows[0], lake)
    shown = {
        name: text if len(text) <= _LONG else text[: _LONG - 1] + "…"
        for name, text in ((name, _text(value)) for name, value in values.items())
        if text
    }
    return console.page(
        "row.html",
        partition=partition,
        rows=rows,
        row=rows[0],
        values=shown,
        capture=capture,
        has_xray=capture is not None and has_page(lake, partition, capture.url),
        story_id=story_of_row(rows[0], values, lake),
        path=article_path,
        may_trigger=console.may_trigger(source),
    )


def _text(value: object) -> str:
    if value is None or value == "" or value == []:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)
