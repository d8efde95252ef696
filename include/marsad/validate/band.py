"""The usual range of a measure, learned from a source's own past days.

Robust on purpose: the middle is a median and the spread a median of distances (MAD, times 1.4826 to compare with a
standard deviation), so that last week's outage is no part of what is usual. Counts and lengths are compared as
logarithms: half is as far from usual as twice. News has weeks: counts are compared with the same weekday where there
are four of them. A spread is never less than what chance alone makes of so few rows, nor than a floor: a source
that was the same for a month may still have a quiet day.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from marsad.sources.health import COUNTS, HOURS, LEVELS, Health
from marsad.validate.profile import Measure

DAYS = 56
"""How far back is looked."""
LEAST_DAYS = 7
"""Accepted days in the past without which nothing is usual yet."""
SAME_WEEKDAYS = 4
RECENT_DAYS = 28
_MAD = 1.4826
_TIMES = 3.5
"""Spreads from the middle: with fewer, a quiet Friday in every second month would be an alarm."""

Past = Mapping[date, Mapping[str, Measure]]


@dataclass(frozen=True, slots=True)
class Band:
    """What is usual of a measure."""

    usual: float
    low: float
    high: float
    days: int
    """Past days it was learned from; 0 where the source's file says it."""

    def __str__(self) -> str:
        return f"{_short(self.usual)} is usual, {_short(self.low)} to {_short(self.high)} not alarming"


def band(name: str, today: Measure, day: date, past: Past, health: Health) -> Band | None:
    """The usual range of a measure for a day.

    Args:
        name: the measure.
        today: what was measured; its count says how sure a share of it is.
        past: the profiles of days before, accepted ones only.
        health: what the source's file says.

    Returns:
        None where there are too few days to tell.
    """
    given = health.bounds.get(name)
    if given is not None:
        low = -math.inf if given[0] is None else given[0]
        high = math.inf if given[1] is None else given[1]
        return Band(usual=today.value if low <= today.value <= high else low, low=low, high=high, days=0)
    values = _values(name, day, past)
    if values is None:
        return None
    times = _TIMES * health.tolerance
    if name in COUNTS:
        return _in_logarithms(values, times, lambda middle: math.hypot(0.15, 1 / math.sqrt(1 + middle)))
    if name in LEVELS:
        return _in_logarithms(values, times, lambda _: math.hypot(0.08, 0.6 / math.sqrt(max(today.count, 1))))
    middle = median(values)
    if name in HOURS:
        # a source of eight stories a day has hours without one; the last of eighty comes when it always does
        counts = _values("stories", day, past, weekdays=2)
        gap = 24 / max(median(counts) if counts else today.count, 1)
        reach = max(times * _spread(values, middle), 4.0 * health.tolerance, times * gap)
        return Band(middle, middle - reach, middle + reach, len(values))
    # what chance makes of a share in so few stories; one that was always 0 or 1 may still be met by one exception
    likely = min(max(middle, 0.05), 0.95)
    chance = math.sqrt(likely * (1 - likely) / max(today.count, 1))
    reach = max(times * max(_spread(values, middle), 0.02), 3 * chance * health.tolerance, 0.15)
    return Band(middle, middle - reach, middle + reach, len(values))


def _values(name: str, day: date, past: Past, weekdays: int = SAME_WEEKDAYS) -> list[float] | None:
    """The values to compare with: of the same weekday for counts, where there are enough; 0 for a way of reading
    that a day did not use."""
    days = sorted(d for d in past if 0 < (day - d).days <= DAYS)
    if len(days) < LEAST_DAYS:
        return None
    absent = 0.0 if name.startswith("method:") else None
    known = {d: past[d][name].value if name in past[d] else absent for d in days}
    values = {d: value for d, value in known.items() if value is not None}
    if name in COUNTS:
        same = [values[d] for d in values if d.weekday() == day.weekday()]
        if len(same) >= weekdays:
            return same
    recent = [value for d, value in values.items() if day - d <= timedelta(days=RECENT_DAYS)]
    return recent if len(recent) >= LEAST_DAYS else None


def _in_logarithms(values: Sequence[float], times: float, floor: Callable[[float], float]) -> Band:
    logs = [math.log1p(value) for value in values]
    middle = median(logs)
    reach = times * max(_spread(logs, middle), floor(math.expm1(middle)))
    low, high = math.expm1(middle - reach), math.expm1(middle + reach)
    return Band(math.expm1(middle), max(low, 0.0), high, len(values))


def _spread(values: Iterable[float], middle: float) -> float:
    return _MAD * median(abs(value - middle) for value in values)


def _short(value: float) -> str:
    if math.isinf(value):
        return "any"
    return f"{value:.2f}" if abs(value) < 3 else f"{value:.0f}"
