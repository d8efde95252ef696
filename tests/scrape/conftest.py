"""Fixtures of the scrape tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hostile_site import HostileSite, source
from marsad.scrape.fetch import Fetcher


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
        noted = sleeps if sleeps is not None else []
        made.append(Fetcher(site.settings(*hosts, **options), source(**facts), sleep=noted.append))
        return made[-1]

    yield make
    for fetch in made:
        fetch.close()
