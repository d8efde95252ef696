"""What the curate room writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from marsad.dataset import Dataset, column


@dataclass(frozen=True)
class Duplicate:
    """A story that says the same as others of its group."""

    date: date = column("The day of the curated partition.")
    article_id: str = column("The story.")
    source: str = column("The story's source.")
    group_id: str = column("Stable id of the group: its smallest article_id.")
    original_id: str | None = column("The story the others repeat; null where times and credits do not say.")
    relation: Literal["exact", "near", "wire_copy"] = column("exact text, near text, or a credited copy.")
    similarity: float = column("Jaccard similarity of word shingles to the group's nearest other member.")
    basis: str = column("What the relation and the original rest on.")
    containment: float | None = column(
        "How much of the shorter of the two lies in the other, 0 to 1.", since=2, default=None
    )


DUPLICATES = Dataset("duplicates", Duplicate, ("article_id",), version=2, suite="marsad.curate.suite:duplicates")
