"""The extract stage: from a partition's articles to the five datasets of findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from typing import Any

import pyarrow as pa

from marsad.dataset import Batch
from marsad.extract.article import read_article
from marsad.extract.recogniser import Recogniser
from marsad.extract.record import (
    KEYPHRASES,
    MENTIONS,
    QUANTITIES,
    QUOTATIONS,
    TIMEXES,
    Keyphrase,
    Mention,
    Quantity,
    Quotation,
    Timex,
)


@dataclass(frozen=True)
class Extracted:
    """What the stage hands on."""

    mentions: Batch
    quotations: Batch
    timexes: Batch
    quantities: Batch
    keyphrases: Batch


def extract(source_name: str, date: Date, articles: pa.Table, reader: Recogniser | None = None) -> Extracted:
    """Extract from every article of a partition.

    Args:
        source_name: the partition's source.
        date: the partition's day.
        articles: rows of the ARTICLES dataset (article_id, title, body, date, published_basis are read).
        reader: what finds names besides the rules; the shipped model where not given.

    Relative dates count from the article's day, which is in the source's time zone. Where no
    page or listing gave that day (``first_seen``, or no basis), they are left unresolved.
    """
    columns = articles.select(["article_id", "title", "body", "date", "published_basis"])
    found = find(source_name, date, columns.to_pylist(), reader)
    return Extracted(
        Batch.of(MENTIONS, found.mentions),
        Batch.of(QUOTATIONS, found.quotations),
        Batch.of(TIMEXES, found.timexes),
        Batch.of(QUANTITIES, found.quantities),
        Batch.of(KEYPHRASES, found.keyphrases),
    )


@dataclass(frozen=True, slots=True)
class Findings:
    """The rows of the five datasets, as records."""

    mentions: list[Mention] = field(default_factory=list)
    quotations: list[Quotation] = field(default_factory=list)
    timexes: list[Timex] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    keyphrases: list[Keyphrase] = field(default_factory=list)


def find(
    source_name: str, date: Date, articles: Iterable[Mapping[str, Any]], reader: Recogniser | None = None
) -> Findings:
    """Extract from articles, each alone; see :func:`extract`."""
    rows = Findings()
    for row in articles:
        is_dated = row["published_basis"] not in (None, "first_seen")
        found = read_article(
            row["body"],
            title=row["title"],
            anchor=row["date"] if is_dated else None,
            article_id=row["article_id"],
            source=source_name,
            date=date,
            reader=reader,
        )
        rows.mentions.extend(found.mentions)
        rows.quotations.extend(found.quotations)
        rows.timexes.extend(found.timexes)
        rows.quantities.extend(found.quantities)
        rows.keyphrases.extend(found.keyphrases)
    return rows
