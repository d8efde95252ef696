"""A source tried now: its routes, its robots.txt, a few of its stories, and how the reader did. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from marsad.clean.page import Story, read_page
from marsad.errors import MarsadError, UnreadablePage
from marsad.scrape.answer import Fetched
from marsad.scrape.discover import discover, route_name
from marsad.scrape.discover.ccnews import files_of
from marsad.scrape.fetch import Fetcher
from marsad.scrape.record import Sighting
from marsad.settings import Settings
from marsad.sources import Route, Source

SAMPLES = 3
"""Stories that are fetched and read."""
_SHORT = 150
"""Characters of text under which a story was hardly read."""


@dataclass(frozen=True, slots=True)
class RouteTrial:
    """What one route answered."""

    route: str
    is_ok: bool
    count: int = 0
    dated: int = 0
    """How many of them it gives a date."""
    newest: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class StoryTrial:
    """One story: what came of fetching and reading it."""

    url: str
    is_ok: bool
    problem: str | None = None
    title: str | None = None
    characters: int = 0
    paragraphs: int = 0
    published_at: datetime | None = None
    published_basis: str | None = None
    extraction_method: str | None = None
    stories: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """A source, tried."""

    source: str
    routes: tuple[RouteTrial, ...]
    stories: tuple[StoryTrial, ...]
    opt_outs: tuple[str, ...] = ()
    """What the site reserves against mining and training, as far as its samples show."""

    @property
    def is_ok(self) -> bool:
        """Whether every route lists something and every sample was read."""
        return bool(self.routes) and all(r.is_ok for r in self.routes) and all(s.is_ok for s in self.stories)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON; instants in ISO form."""
        found: dict[str, Any] = json.loads(json.dumps({**asdict(self), "is_ok": self.is_ok}, default=_instant))
        return found


def _instant(value: datetime) -> str:
    return value.isoformat(timespec="seconds")


def try_source(source: Source, settings: Settings, *, samples: int = SAMPLES) -> Trial:
    """Ask every route of a source for yesterday, then fetch and read its newest stories.

    A dated route that has nothing for the day answers with 0 URLs, and that is no success.

    Args:
        source: the source.
        settings: how to fetch.
        samples: how many stories to read; 0 asks the routes only.
    """
    now = datetime.now(UTC)
    day = source.day_of(now) - timedelta(days=1)
    routes: list[RouteTrial] = []
    seen: dict[str, Sighting] = {}
    with Fetcher(settings, source) as fetch:
        for route in source.discover:
            name = route_name(route, day)
            try:
                if route.kind == "ccnews":
                    routes.append(_try_ccnews(name, route, source, day, fetch))
                    continue
                found = list(discover(route, source, day, fetch, lambda: now))
            except MarsadError as error:
                routes.append(RouteTrial(name, False, error=str(error)))
                continue
            listed = [s.listed_at for s in found if s.listed_at]
            why = None if found else "lists nothing"
            routes.append(RouteTrial(name, bool(found), len(found), len(listed), max(listed, default=None), why))
            for sighting in found:
                seen.setdefault(sighting.url, sighting)
        stories: list[StoryTrial] = []
        reserved: list[str] = []
        for sighting in _newest(seen.values(), samples):
            found_page = fetch.get(sighting.url)
            reserved += found_page.opt_outs
            stories.append(_read(sighting, found_page, source, day))
    return Trial(source.name, tuple(routes), tuple(stories), tuple(dict.fromkeys(reserved)))


def _try_ccnews(name: str, route: Route, source: Source, day: date, fetch: Fetcher) -> RouteTrial:
    """Whether the files of a week ago are listed: reading a day of them takes half an hour."""
    files = files_of(fetch, route, source, day - timedelta(days=7))
    why = None if files.addresses else "lists no files of a week ago"
    return RouteTrial(name, bool(files.addresses), len(files.addresses), error=why)


def _newest(seen: Iterable[Sighting], count: int) -> list[Sighting]:
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(seen, key=lambda s: (s.listed_at or oldest, s.url), reverse=True)[:count]


def _read(sighting: Sighting, found: Fetched, source: Source, day: date) -> StoryTrial:
    """Read one story that was fetched."""
    if found.outcome != "captured":
        return StoryTrial(sighting.url, False, f"{found.outcome.replace('_', ' ')}: {found.error}")
    try:
        page = read_page(
            found.body,
            url=found.final_url or sighting.url,
            content_type=found.content_type,
            charset=found.charset,
            source=source,
            captured_on=day + timedelta(days=1),
        )
    except UnreadablePage as error:
        return StoryTrial(sighting.url, False, str(error))
    story = page.stories[0]
    size = len(story.body)
    return StoryTrial(
        sighting.url,
        page.has_story and _problem(story) is None,
        _problem(story) if page.has_story else "no story was found on the page",
        story.title,
        size,
        len(story.paragraphs),
        story.published_at,
        story.published_basis,
        story.extraction_method,
        len(page.stories),
    )


def _problem(story: Story) -> str | None:
    """What an operator should look at."""
    if not story.title:
        return "no title was found"
    if len(story.body) < _SHORT and not story.is_breaking:
        return f"only {len(story.body)} characters of text"
    if story.published_at is None:
        return "the page gives no date"
    return None
