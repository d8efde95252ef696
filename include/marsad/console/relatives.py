"""Who else tells a story: the group of copies it is in, and the event of several sources that it tells of.

Both are read from the curated days around the story's own, so that a page costs some small files, not the lake.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow.compute as pc

from marsad.clean.record import ARTICLES, Article
from marsad.curate.inputs import WINDOW_DAYS
from marsad.curate.pieces import DAYS
from marsad.curate.record import DUPLICATES, STORIES, STORY_MEMBERS
from marsad.dataset import Dataset
from marsad.errors import MissingPartition
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition

MOST = 30
"""Articles that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Other:
    """An article beside the one shown."""

    source: str
    date: date | None
    """None where its day is not known: then there is no page to link to."""
    article_id: str
    title: str | None = None
    published_at: datetime | None = None
    relation: str | None = None
    similarity: float | None = None
    basis: str = ""
    minutes_after: int | None = None


@dataclass(frozen=True)
class Copies:
    """The group of copies that an article is in."""

    relation: str | None
    """Of the article itself: exact, near, wire_copy; None where only later ones are copies of it."""
    basis: str
    origin: str | None
    original_id: str | None
    kept_share: float | None
    new_share: float | None
    others: Sequence[Other]
    unnamed_count: int
    """Members beyond ``MOST``."""
    hidden_count: int
    """Members of sources that the reader may not see."""


@dataclass(frozen=True)
class Told:
    """The event that an article tells of, with the other articles that do."""

    story_id: str
    title: str | None
    day: date
    """The curated day that says so."""
    source_count: int
    article_count: int
    places: Sequence[str]
    people: Sequence[str]
    organisations: Sequence[str]
    keywords: Sequence[str]
    basis: str
    evidence: str
    others: Sequence[Other]
    unnamed_count: int
    hidden_count: int


def copies_of(lake: Lake, article: Article, readable: Collection[str]) -> Copies | None:
    """The group of an article; None where nobody says the same."""
    rows: list[dict[str, Any]] = []
    own: dict[str, Any] | None = None
    days = [article.date + timedelta(days=n) for n in range(-WINDOW_DAYS, WINDOW_DAYS + 1)]
    tables = {day: table for day in days if (table := _day(lake, DUPLICATES, day)) is not None}
    if article.date in tables:
        table = tables[article.date]
        mine = table.filter(pc.equal(table["article_id"], article.article_id)).to_pylist()
        own = mine[0] if mine else None
    group = own["group_id"] if own else article.article_id
    originals = [article.article_id, *([own["original_id"]] if own and own["original_id"] else [])]
    for table in tables.values():
        is_ours = pc.or_kleene(
            pc.equal(table["group_id"], group),
            pc.or_kleene(
                pc.equal(table["original_id"], article.article_id), pc.is_in(table["article_id"], _texts(originals))
            ),
        )
        rows += table.filter(is_ours).to_pylist()
    others = {
        r["article_id"]: Other(
            r["source"], r["date"], r["article_id"], relation=r["relation"], similarity=r["similarity"],
            basis=r["basis"], minutes_after=r["minutes_after"],
        )
        for r in rows
        if r["article_id"] != article.article_id
    }  # fmt: skip
    original, origin = (own["original_id"], own["origin"]) if own else (None, None)
    if original and origin and original != article.article_id and original not in others and origin in readable:
        # an original that stood alone on its own day has no row of its own
        day = _day_of(lake, origin, original, [article.date - timedelta(days=n) for n in range(WINDOW_DAYS + 1)])
        others[original] = Other(origin, day, original)
    if own is None and not others:
        return None
    named, unnamed, hidden = _named(lake, others.values(), readable)
    return Copies(
        relation=own["relation"] if own else None,
        basis=own["basis"] if own else "",
        origin=origin,
        original_id=original,
        kept_share=own["kept_share"] if own else None,
        new_share=own["new_share"] if own else None,
        others=named,
        unnamed_count=unnamed,
        hidden_count=hidden,
    )


def story_of(lake: Lake, article: Article, readable: Collection[str]) -> Told | None:
    """The event of an article, as the latest day that knows the article tells it; None where it is told alone."""
    for ahead in range(DAYS, -1, -1):
        day = article.date + timedelta(days=ahead)
        members = _day(lake, STORY_MEMBERS, day)
        if members is None:
            continue
        mine = members.filter(pc.equal(members["article_id"], article.article_id)).to_pylist()
        if not mine:
            continue
        story_id = mine[0]["story_id"]
        table = _day(lake, STORIES, day)
        told = [] if table is None else table.filter(pc.equal(table["story_id"], story_id)).to_pylist()
        if not told:
            continue
        others = [
            Other(
                r["source"], r["article_date"], r["article_id"], published_at=r["published_at"],
                similarity=r["similarity"], basis=r["evidence"],
            )
            for r in members.filter(pc.equal(members["story_id"], story_id)).to_pylist()
            if r["article_id"] != article.article_id
        ]  # fmt: skip
        named, unnamed, hidden = _named(lake, others, readable)
        return Told(
            story_id=story_id,
            day=day,
            source_count=told[0]["source_count"],
            article_count=told[0]["article_count"],
            # told from all articles together: not for who may not see all of them
            title=None if hidden else told[0]["title"],
            places=() if hidden else told[0]["places"],
            people=() if hidden else told[0]["people"],
            organisations=() if hidden else told[0]["organisations"],
            keywords=() if hidden else told[0]["keywords"],
            basis=mine[0]["basis"],
            evidence=mine[0]["evidence"],
            others=named,
            unnamed_count=unnamed,
            hidden_count=hidden,
        )
    return None


def _texts(values: Iterable[str]) -> Any:
    import pyarrow as pa

    return pa.array(list(values), pa.string())


def _day(lake: Lake, dataset: Dataset, day: date) -> Any:
    """A curated day's table; None where there is none."""
    path = lake.dataset_path("published", dataset, Partition(ALL_SOURCES, day))
    try:
        return lake.read_table_at(dataset, path, columns=dataset.schema.names)
    except MissingPartition:
        return None


def _day_of(lake: Lake, source: str, article_id: str, days: Iterable[date]) -> date | None:
    """The day of an article of a source, the nearest that has it."""
    for day in days:
        path = lake.dataset_path("published", ARTICLES, Partition(source, day))
        try:
            if article_id in lake.read_column(path, "article_id"):
                return day
        except MissingPartition:
            continue
    return None


def _named(lake: Lake, others: Iterable[Other], readable: Collection[str]) -> tuple[list[Other], int, int]:
    """Those that may be shown with their headlines, how many are beyond ``MOST``, and how many may not be shown."""
    everything = list(others)
    seen = sorted(
        (o for o in everything if o.source in readable),
        key=lambda o: (o.date or date.max, o.published_at is None, o.published_at, o.source, o.article_id),
    )
    shown = seen[:MOST]
    wanted: dict[Partition, list[str]] = {}
    for o in shown:
        if o.date is not None:
            wanted.setdefault(Partition(o.source, o.date), []).append(o.article_id)
    known: dict[str, dict[str, Any]] = {}
    for partition, ids in wanted.items():
        path = lake.dataset_path("published", ARTICLES, partition)
        try:
            table = lake.read_table_at(ARTICLES, path, columns=["article_id", "title", "published_at"])
        except MissingPartition:
            continue
        known |= {r["article_id"]: r for r in table.filter(pc.is_in(table["article_id"], _texts(ids))).to_pylist()}
    named = [
        replace(o, title=known[o.article_id]["title"], published_at=known[o.article_id]["published_at"])
        if o.article_id in known
        else replace(o, date=None)
        for o in shown
    ]
    return named, len(seen) - len(shown), len(everything) - len(seen)
