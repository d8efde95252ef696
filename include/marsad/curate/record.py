"""What the curate room writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
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


Day = date
"""For fields that stand after one named ``date`` in their class."""

StoryBasis = Literal["carried", "copy", "likeness", "attached"]


@dataclass(frozen=True)
class Story:
    """One event as several sources tell it, as it stands at the end of a day on which one of them wrote of it."""

    date: date = column("The day of the curated partition: at least one article of the story is of this day.")
    story_id: str = column("Stable id; the same on every day of the story.")
    title: str | None = column("Headline of the representative, as printed.")
    representative_id: str = column("The article that is most like all others of the story.")
    article_count: int = column("Articles of the story up to and including this day.")
    new_article_count: int = column("Those of this day.")
    source_count: int = column("Sources among them, two at least.")
    sources: tuple[str, ...] = column("Their names, sorted.")
    first_date: Day = column("Day of the earliest article.")
    last_date: Day = column("Day of the latest article: this day.")
    first_seen_at: datetime | None = column(
        "Hour of the earliest article whose page or listing gives an hour; null where none does."
    )
    last_seen_at: datetime | None = column("Hour of the latest such article, 48 hours after the first at most.")
    similarity: float = column("Mean similarity of its articles to one another, 0 to 1.")
    places: tuple[str, ...] = column("Places that two articles or more name, the most named first.")
    people: tuple[str, ...] = column("People that two articles or more name, likewise.")
    organisations: tuple[str, ...] = column("Organisations that two articles or more name, likewise.")
    keywords: tuple[str, ...] = column("Words that tell it from the other stories of these days, as printed.")
    merged_from: tuple[str, ...] = column(
        "Ids of stories that turned out to be this one; no later row has them.", example=["4f2a91c07be35d18"]
    )


@dataclass(frozen=True)
class StoryMember:
    """An article of a story; a day has a row for each article of each of its stories, earlier days' too."""

    date: date = column("The day of the curated partition, as in stories.")
    story_id: str = column("The story, as in stories of the same date.")
    article_id: str = column("The article; in one story of a date at most.")
    source: str = column("Its source.")
    article_date: Day = column("Its own day: with source and article_id it is found in articles.")
    published_at: datetime | None = column("Its hour of publication, as in articles.")
    similarity: float = column("Mean similarity to the story's other articles, 0 to 1.")
    basis: StoryBasis = column(
        "Why it is here: carried (was in this story in an earlier date's rows), copy (a duplicate of another member), "
        "likeness (words, names and figures), attached (a live page, a line, or a day unknown: put to the nearest)."
    )
    evidence: str = column("What that rests on, for people to read.")


DUPLICATES = Dataset("duplicates", Duplicate, ("article_id",), version=2, suite="marsad.curate.suite:duplicates")
STORIES = Dataset("stories", Story, ("date", "story_id"), suite="marsad.curate.suite:stories")
STORY_MEMBERS = Dataset("story_members", StoryMember, ("date", "article_id"), suite="marsad.curate.suite:story_members")
CURATED = (DUPLICATES, STORIES, STORY_MEMBERS)
"""What a curated day is published with, in this order."""
