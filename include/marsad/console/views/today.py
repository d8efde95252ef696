"""Today, or any day: the sources by the days, what came of each, and how much."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, RedirectResponse

from marsad.console.deps import Ask, Console
from marsad.console.heat import TROUBLE, heat_map
from marsad.partition import parse_date

router = APIRouter()
SPANS = (7, 14, 28, 60)
SPAN = 14
FIRST = date(2000, 1, 1)


@router.get("/")
def today(
    console: Ask,
    day: str = "",
    days: Annotated[int, Query(ge=1, le=SPANS[-1])] = SPAN,
    only: str = "",
) -> HTMLResponse:
    """The heat map that ends on a day; today, where none is said."""
    last = parse_date(day) if day else console.today()
    return _page(console, max(last, FIRST), days, only == "trouble")


@router.get("/day/{day}")
def of_day(console: Ask, day: str) -> RedirectResponse:
    """The same by a path, for links from elsewhere."""
    return console.go("/", day=parse_date(day).isoformat())


def _page(console: Console, last: date, days: int, only_trouble: bool) -> HTMLResponse:
    found = heat_map(console.ctx, console.cache, console.readable, last, days)
    rows = [row for row in found.rows if row.is_troubled or not only_trouble]
    return console.page(
        "today.html",
        map=found,
        rows=rows,
        last=last,
        days=days,
        spans=SPANS,
        only_trouble=only_trouble,
        trouble=TROUBLE,
        before=last - timedelta(days=1),
        after=last + timedelta(days=1) if last < console.today() else None,
        today=console.today(),
    )
