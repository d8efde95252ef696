"""The extract stage: from a partition's articles to the five datasets of findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date

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
        reader: what finds names besides the rules; the shipped model where not given.

    Relative dates count from the article's day, which is in the source's time zone. Where no
    page or listing gave that day (``first_seen``, or no basis), they are left unresolved.
    """
    mentions: list[Mention] = []
    quotations: list[Quotation] = []
    timexes: list[Timex] = []
    quantities: list[Quantity] = []
    keyphrases: list[Keyphrase] = []
    columns = articles.select(["article_id", "title", "body", "date", "published_basis"])
    for row in columns.to_pylist():
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
        mentions += found.mentions
        quotations += found.quotations
        timexes += found.timexes
        quantities += found.quantities
        keyphrases += found.keyphrases
    return Extracted(
        Batch.of(MENTIONS, mentions),
        Batch.of(QUOTATIONS, quotations),
        Batch.of(TIMEXES, timexes),
        Batch.of(QUANTITIES, quantities),
        Batch.of(KEYPHRASES, keyphrases),
    )
