"""Check a source's routes now: do they answer, and with how much?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from marsad.errors import MarsadError
from marsad.scrape.discover import discover, route_name
from marsad.scrape.fetch import Fetcher
from marsad.settings import Settings
from marsad.sources import Source


@dataclass(frozen=True, slots=True)
class RouteReport:
    """What one route answered."""

    route: str
    is_ok: bool
    count: int = 0
    newest: str | None = None
    error: str | None = None


def check(source: Source, settings: Settings) -> list[RouteReport]:
    """Ask every route of a source for yesterday; nothing is written.

    A dated route that has nothing for the day answers with 0 URLs, and that is no success.
    """
    now = datetime.now(UTC)
    day = source.day_of(now) - timedelta(days=1)
    reports = []
    with Fetcher(settings, source) as fetch:
        for route in source.discover:
            name = route_name(route, day)
            try:
                seen = list(discover(route, source, day, fetch, lambda: now))
            except MarsadError as error:
                reports.append(RouteReport(name, False, error=str(error)))
                continue
            newest = max((s.listed_at for s in seen if s.listed_at), default=None)
            shown = newest.isoformat() if newest else None
            reports.append(RouteReport(name, bool(seen), len(seen), shown, None if seen else "lists nothing"))
    return reports
