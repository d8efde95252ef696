"""What the validate room writes: one verdict a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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


VERDICTS = Dataset("verdicts", Verdict, ("rule",), suite="marsad.validate.suite:verdicts")
