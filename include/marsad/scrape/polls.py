"""Many sources polled side by side: a slow or failing one keeps nobody waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from marsad.errors import MarsadError, UsageError
from marsad.lake import Lake
from marsad.logs import carried, within
from marsad.scrape.fetch import Fetcher
from marsad.scrape.poll import Poll, next_due, poll
from marsad.scrape.turns import Turns
from marsad.settings import Settings
from marsad.sources import Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PollReport:
    """What became of one source."""

    source: str
    polls: tuple[Poll, ...] = ()
    due_at: datetime | None = None
    """When one of its routes is due next."""
    error: str | None = None


def poll_sources(
    sources: Sequence[Source],
    settings: Settings,
    lake: Lake,
    *,
    now: Callable[[], datetime],
    is_forced: bool = False,
) -> list[PollReport]:
    """Poll sources, ``max_hosts_at_once`` at a time; the reports are in the order given.

    Raises:
        UsageError: a source has no route that can be polled.
    """
    due: list[Source] = []
    reports = {source.name: PollReport(source.name, due_at=next_due(source, lake, now())) for source in sources}
    for source in sources:
        at = reports[source.name].due_at
        if at is None:
            raise UsageError(f"source {source.name} has no route to poll: its routes are all of past days")
        if is_forced or at <= now():
            due.append(source)
    if not due:
        return list(reports.values())

    def work(source: Source, turns: Turns) -> PollReport:
        with within(source=source.name, stage="poll"):
            try:
                with Fetcher(settings, source, clock=now, turns=turns) as fetch:
                    rows = poll(source, fetch, lake, now=now, is_forced=is_forced)
                return PollReport(source.name, tuple(rows), next_due(source, lake, now()))
            except MarsadError as error:
                log.error("%s: %s", source.name, error)
                return PollReport(source.name, error=str(error), due_at=reports[source.name].due_at)

    workers = min(settings.max_hosts_at_once, len(due))
    with closing(Turns(settings.state, clock=lambda: now().timestamp())) as turns, ThreadPoolExecutor(workers) as pool:
        for report in pool.map(carried(partial(work, turns=turns)), due):
            reports[report.source] = report
    return list(reports.values())
