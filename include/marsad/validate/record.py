"""What the validate room writes: one verdict a rule, and the day in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from datetime import date as Day
from typing import Literal

from marsad.dataset import Dataset, column


@dataclass(frozen=True)
class Verdict:
    """What one rule found about one partition."""

    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")
    rule: str = column("The rule's name.")
    level: Literal["critical", "warning"] = column("critical fails the partition, warning is reported.")
    is_success: bool = column("Whether the rule holds.")
    observed: str = column("What was seen.")
    expected: str = column("What should have been.")
    evidence: str = column("Where to look: keys or URLs, at most ten.")
    since: Day | None = column(
        "The first of the days in a row on which the rule has not held.", example="2026-03-01", default=None
    )
    todo: str | None = column(
        "The one thing to do; null where the rule holds.",
        example="open the listing in a browser; where it has moved, change the route in the source's YAML",
        default=None,
    )


@dataclass(frozen=True)
class Profile:
    """One number of a source's day: what later days are compared with."""

    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")
    measure: str = column("What was measured: one of marsad.sources.health.MEASURES, or method:<name>.")
    value: float = column("The number: a count, a median, an hour, or a share from 0 to 1.")
    count: int = column("Of how many rows it tells.")
    low: float | None = column(
        "Below this it is not usual; null where there is no history yet.", example=41.0, default=None
    )
    high: float | None = column(
        "Above this it is not usual; null where there is no history yet.", example=163.0, default=None
    )


VERDICTS = Dataset("verdicts", Verdict, ("rule",), suite="marsad.validate.suite:verdicts")
PROFILES = Dataset("profiles", Profile, ("measure",), suite="marsad.validate.suite:profiles")
