"""What a plan is made of: a route for a day, a day, what a source's days cost, and all of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from marsad.partition import Partition

Action = Literal["replay", "replay+fetch", "fetch", "skip", "refuse"]
"""replay: the captures are complete and nothing is left to ask. replay+fetch: there are captures, and something is
asked besides. fetch: there are none yet. skip: no route reaches the day. refuse: it can have no partition."""

Reach = Literal["dated", "further", "newest", "disk"]
"""How far back a route reaches: dated asks for the day itself; further may list old days (an undated sitemap, pages
behind pages); newest shows the last items only; disk is a folder."""


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """One route of a source, for one day."""

    route: str
    reach: Reach
    state: str
    """new (never asked for the day), or as it was left: done, open, failed, later."""
    is_asked: bool
    """Whether the run will ask it."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What a run of one source and day would do."""

    source: str
    date: date
    action: Action
    why: str
    outcomes: Mapping[str, int]
    """Captures in the lake, by what became of them."""
    passing_failure_count: int
    """Captures that failed for a reason that may pass."""
    sighting_count: int
    """Addresses that were seen for the day and have no capture yet."""
    routes: Sequence[RoutePlan]
    request_count_min: int
    """Requests, robots.txt with them, where every one is answered at once; pages a listing will name come on top."""
    seconds_min: float
    """By the delay between two requests to a host."""
    is_published: bool
    code_version: str | None
    """Of the published partition."""
    changes: Sequence[str]
    """What about the code or the schemas is not as it was when the day was published."""
    run: str | None = None
    """The state of a run of the day that is under way."""

    @property
    def is_run(self) -> bool:
        """Whether a run would publish the day."""
        return self.action not in ("skip", "refuse")

    @property
    def partition(self) -> Partition:
        """The partition it is about."""
        return Partition(self.source, self.date)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a source's days take together, against what it may be asked in a day."""

    source: str
    request_count_min: int
    seconds_min: float
    daily_budget: int
    usual_page_count: int | None
    """Pages of one of its days, the median of the days published last; none where none is."""
    request_count_usual: int
    """``request_count_min``, and the usual pages for each day whose listing is still to be read."""

    @property
    def budget_days(self) -> int:
        """Days that the daily budget spreads the usual requests over."""
        return math.ceil(self.request_count_usual / self.daily_budget)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan of several sources and days."""

    days: Sequence[DayPlan]
    costs: Sequence[Cost]
    runs_unknown: str | None = None
    """Why it is not known which runs are under way; none where it is."""

    @property
    def is_whole(self) -> bool:
        """Whether every day would be published."""
        return all(day.is_run for day in self.days)

    def counts(self) -> dict[str, int]:
        """How many days have each action."""
        return dict(sorted(Counter(day.action for day in self.days).items()))

    def as_dict(self, limit: int | None = None) -> dict[str, Any]:
        """As plain JSON; of more days than ``limit`` the first, with how many were left off."""
        days = list(self.days if limit is None else self.days[:limit])
        return {
            "counts": self.counts(),
            "is_whole": self.is_whole,
            "runs_unknown": self.runs_unknown,
            "days": [{**asdict(day), "date": day.date.isoformat()} for day in days],
            "left_off": len(self.days) - len(days),
            "costs": [{**asdict(cost), "budget_days": cost.budget_days} for cost in self.costs],
        }
