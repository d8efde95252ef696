"""Today, or any day: the sources by the days, what came of each, and how much."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse

from marsad.console.deps import Ask, Console
from marsad.console.heat import Row, heat_map
from marsad.partition import parse_date

router = APIRouter()
SPANS = (7, 14, 28, 60)
SPAN = 14
FIRST = date(2000, 1, 1)
_MARKS = {
    "blocked": "✕", "silent": "○", "late": "!", "unfinished": "◔", "no_route": "⊘", "unreadable": "?", "waiting": "·",
}  # fmt: skip
"""Signs of what is not published; colour alone would not say it to all."""


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


def _cells(row: Row, console: Console) -> Markup:
    """The cells of a row. Written here, each part escaped: a map may have six thousand, and a template is slower."""
    words, name = console.words, row.source.name
    at = escape(console.url(f"/partition/{name}/"))
    found = []
    for cell in row.cells:
        said, text = words(f"status.{cell.status}"), _MARKS.get(cell.status, "\u00a0")
        if cell.status == "published":
            text = f"{cell.stories:,}"
            said = f"{said}: {words('today.n_stories', count=cell.stories)}"
        if cell.checks:
            said += f" ({', '.join(cell.checks)})"
        if cell.has_override:
            said, text = f"{said} · {words('today.by_decision')}", f"{text}*"
        day = cell.day.isoformat()
        # a status is a literal of ours, a day is digits, and a text a number or a mark
        found.append(
            f'<td class="{cell.status} heat{cell.heat}">'
            f'<a href="{at}{day}" aria-label="{escape(f"{name} {day}: {said}")}">{text}</a></td>'
        )
    return Markup("".join(found))  # noqa: S704  its parts are escaped above


def _page(console: Console, last: date, days: int, only_trouble: bool) -> HTMLResponse:
    found = heat_map(console.ctx, console.cache, console.readable, last, days)
    rows = [row for row in found.rows if row.is_troubled or not only_trouble]
    return console.page(
        "today.html",
        map=found,
        rows=[(row, _cells(row, console)) for row in rows],
        marks=_MARKS,
        last=last,
        days=days,
        spans=SPANS,
        only_trouble=only_trouble,
        before=last - timedelta(days=1),
        after=last + timedelta(days=1) if last < console.today() else None,
        today=console.today(),
    )
