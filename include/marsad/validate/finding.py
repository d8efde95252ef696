"""What a rule says: whether it holds, what was seen, what should have been, and where to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["critical", "warning"]

MIN_STORIES = 5
"""Below this many stories a share says nothing; rules on shares hold then."""
SHOWN = 10
"""Keys and addresses shown as evidence, at most."""


@dataclass(frozen=True)
class Finding:
    """What a rule found."""

    level: Level
    is_success: bool
    observed: str
    expected: str
    evidence: tuple[str, ...] = ()
