"""The pandas frame a suite sees: the dataset's rows, and beside them what they must agree with.

An expectation looks at one frame. What lies elsewhere (the body a quotation was found in,
the hour a page was captured) is therefore put beside each row, as a helper column:

    row                     the row's position: how an answer finds its way back to it
    partition               the partition it lies in, as text
    row_partition           the partition its own source and date name; across sources the date alone
    article_body            datasets of an article's parts: the accepted article's body, else null
    article_text            the same, with title and lead before it
    site_title              articles: the source's own title, where the source is known
    published_day           articles: the day of published_at in the source's time zone
    url_day_before, url_day_after   articles: the days around the one their address carries, if it does
    captured_at             articles: when the page was fetched, where its capture is of this day
    captured_next_day       articles: 24 hours later, the farthest ahead a page may be dated
    listed_sources          stories: how many sources their list has
    first_seen_48h_later, first_date_2_days_later   stories: the latest that their last article may be of
    members, member_sources, new_members    story_members: how many of the row's story are here, in all,
                            by source, and of the day itself
    representatives, one    story_members: how many of them are its representative, and 1
    story_…                 story_members: what the row's story says of itself, null where there is none
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.types as pat

from marsad.clean.instants import day_in_url
from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, CUTS, LINKS
from marsad.curate.record import STORIES, STORY_MEMBERS
from marsad.dataset import Dataset
from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES
from marsad.partition import ALL_SOURCES, Partition
from marsad.sources import Source

PARTS_OF_ARTICLES = frozenset(
    d.name for d in (ARTICLE_VERSIONS, LINKS, CUTS, MENTIONS, QUOTATIONS, TIMEXES, QUANTITIES, KEYPHRASES)
)
"""Datasets whose rows belong to an article, and go where it goes."""

ROW = "row"
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Around:
    """What the rows of a partition must agree with."""

    partition: Partition
    source: Source | None
    """None for partitions across sources, and for sources that nobody defines."""
    articles: pa.Table
    """The accepted articles."""
    captured_at: Mapping[str, datetime]
    """When each page of the day was fetched, by its URL."""
    stories: pa.Table | None = None
    """The accepted stories, for their members."""


def frame_of(dataset: Dataset, table: pa.Table, around: Around) -> pd.DataFrame:
    """The rows as pandas, with the helper columns of their dataset.

    Texts, dates, lists and whole numbers that may be null are kept as the Python objects they
    are (pandas would make 3 out of None and 2 into 3.0 and NaN); instants become datetime64, UTC.
    """
    columns: dict[str, Any] = {ROW: range(table.num_rows)}
    for field in table.schema:
        columns[field.name] = _series(table[field.name], field)
    columns |= _partition_columns(table, around.partition)
    if dataset.name in PARTS_OF_ARTICLES:
        columns |= _article_columns(table, around.articles)
    if dataset.name == ARTICLES.name:
        columns |= _publication_columns(table, around)
    if dataset.name == STORIES.name:
        columns |= _bounds_columns(table)
    if dataset.name == STORY_MEMBERS.name:
        columns |= _story_columns(table, STORIES.empty() if around.stories is None else around.stories)
    return pd.DataFrame(columns)


def _series(column: pa.ChunkedArray, field: pa.Field) -> pd.Series[Any]:
    if pat.is_timestamp(field.type):
        return _instants(column.to_pylist())
    if pat.is_floating(field.type) or (
        not field.nullable and (pat.is_integer(field.type) or pat.is_boolean(field.type))
    ):
        return pd.Series(column.to_pandas())
    return _objects(column.to_pylist())


def _objects(values: Sequence[Any]) -> pd.Series[Any]:
    return pd.Series(list(values), dtype=object)


def _instants(values: Sequence[datetime | None]) -> pd.Series[Any]:
    return pd.Series(pd.to_datetime(pd.Series(list(values), dtype=object), utc=True))


def _partition_columns(table: pa.Table, partition: Partition) -> dict[str, pd.Series[Any]]:
    dates = table["date"].to_pylist()
    if partition.source == ALL_SOURCES:
        return {
            "partition": _objects([str(partition.date)] * table.num_rows),
            "row_partition": _objects([str(day) for day in dates]),
        }
    sources = table["source"].to_pylist()
    return {
        "partition": _objects([f"{partition.source} {partition.date}"] * table.num_rows),
        "row_partition": _objects([f"{source} {day}" for source, day in zip(sources, dates, strict=True)]),
    }


def _article_columns(table: pa.Table, articles: pa.Table) -> dict[str, pd.Series[Any]]:
    bodies, texts = {}, {}
    names = ("article_id", "title", "lead", "body")
    for article_id, title, lead, body in zip(*(articles[n].to_pylist() for n in names), strict=True):
        bodies[article_id] = body
        texts[article_id] = "\n".join(part for part in (title, lead, body) if part)
    ids = table["article_id"].to_pylist()
    return {
        "article_body": _objects([bodies.get(i) for i in ids]),
        "article_text": _objects([texts.get(i) for i in ids]),
    }


def _publication_columns(table: pa.Table, around: Around) -> dict[str, pd.Series[Any]]:
    source = around.source
    published = table["published_at"].to_pylist()
    urls = table["url"].to_pylist()
    captured = [around.captured_at.get(url) for url in urls]
    url_days = [day_in_url(url) for url in urls]
    return {
        "site_title": _objects([source.title if source else None] * table.num_rows),
        "published_day": _objects([source.day_of(at) if source and at else None for at in published]),
        "url_day_before": _objects([day - _AHEAD if day else None for day in url_days]),
        "url_day_after": _objects([day + _AHEAD if day else None for day in url_days]),
        "captured_at": _instants(captured),
        "captured_next_day": _instants([at + _AHEAD if at else None for at in captured]),
    }


def _bounds_columns(table: pa.Table) -> dict[str, pd.Series[Any]]:
    first = table["first_seen_at"].to_pylist()
    return {
        "listed_sources": _objects([len(set(names)) for names in table["sources"].to_pylist()]),
        "first_seen_48h_later": _instants([at + 2 * _AHEAD if at else None for at in first]),
        "first_date_2_days_later": _objects([day + 2 * _AHEAD for day in table["first_date"].to_pylist()]),
    }


def _story_columns(table: pa.Table, stories: pa.Table) -> dict[str, pd.Series[Any]]:
    told = {row["story_id"]: row for row in stories.to_pylist()}
    rows = table.select(["story_id", "article_id", "source", "article_date", "date"]).to_pylist()
    ids = [row["story_id"] for row in rows]
    members = Counter(ids)
    sources = Counter(story for story, _ in {(row["story_id"], row["source"]) for row in rows})
    new = Counter(row["story_id"] for row in rows if row["article_date"] == row["date"])
    best = {row["story_id"]: row["representative_id"] for row in told.values()}
    representatives = Counter(row["story_id"] for row in rows if best.get(row["story_id"]) == row["article_id"])
    said = ("representative_id", "article_count", "source_count", "new_article_count", "first_date")
    return {
        "members": _objects([members[i] for i in ids]),
        "member_sources": _objects([sources[i] for i in ids]),
        "new_members": _objects([new[i] for i in ids]),
        "representatives": _objects([representatives[i] for i in ids]),
        "one": _objects([1] * len(ids)),
        **{f"story_{name}": _objects([told[i][name] if i in told else None for i in ids]) for name in said},
    }
