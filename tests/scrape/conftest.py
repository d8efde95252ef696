"""Fixtures of the scrape tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hostile_site import HostileSite, source
from marsad.scrape.fetch import Fetcher


class SleeplessClock:
    """A clock that who sleeps puts forward, instead of sleeping."""

    def __init__(self, sleeps: list[float]) -> None:
        self.sleeps = sleeps
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.ahead += timedelta(seconds=seconds)


@pytest.fixture
def site() -> Iterator[HostileSite]:
    """A site of one's own."""
    with HostileSite() as hostile:
        yield hostile


@pytest.fixture
def fetcher(site: HostileSite) -> Iterator[Callable[..., Fetcher]]:
    """A factory of fetchers to the site: ``fetcher(**settings)``; they do not sleep but note it."""
    made: list[Fetcher] = []

    def make(*hosts: str, sleeps: list[float] | None = None, politeness: Any = None, **options: Any) -> Fetcher:
        facts = {"politeness": politeness} if politeness else {}
        clock = SleeplessClock(sleeps if sleeps is not None else [])
        made.append(Fetcher(site.settings(*hosts, **options), source(**facts), clock=clock.now, sleep=clock.sleep))
        return made[-1]

    yield make
    for fetch in made:
        fetch.close()
