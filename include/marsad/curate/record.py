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
    relation: Literal["exact", "near", "wire_copy"] = column(
        "exact text, near text, or a copy that credits where it is from."
    )
    similarity: float = column("Jaccard similarity of word shingles to the group's nearest other member.")
    basis: str = column("What the relation and the original rest on, in words.")
    containment: float | None = column(
        "How much of the shorter of the two lies in the other, 0 to 1.", since=2, default=None
    )
    origin: str | None = column(
        "Whom a wire copy credits: a source's name, or an agency's that is none of ours (رويترز); "
        "its story may be unknown to us.",
        since=2,
        default=None,
    )
    minutes_after: int | None = column(
        "Minutes from the original's publication to the copy's; null where either gives no hour.", since=2, default=None
    )
    kept_share: float | None = column(
        "How much of the original's shingles stand in the copy, 0 to 1.", since=2, default=None
    )
    new_share: float | None = column(
        "How much of the copy's shingles are not the original's, 0 to 1.", since=2, default=None
    )


DUPLICATES = Dataset("duplicates", Duplicate, ("article_id",), version=2, suite="marsad.curate.suite:duplicates")
