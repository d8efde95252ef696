"""Today, or any day: the sources by the days, what came of each, and how much."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from marsad.console.deps import Ask

router = APIRouter()


@router.get("/")
def today(console: Ask) -> HTMLResponse:
    """The heat map that ends today."""
    return console.page("today.html", day=console.today())
