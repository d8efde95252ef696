"""What is loaded: the datasets of a source's partition, those of a curated one, and what is derived from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, CUTS, LINKS
from marsad.curate.record import CURATED
from marsad.dataset import Dataset, column
from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES
from marsad.partition import ALL_SOURCES, Partition

SOURCE_DATASETS: tuple[Dataset, ...] = (
    ARTICLES,
    ARTICLE_VERSIONS,
    LINKS,
    CUTS,
    MENTIONS,
    QUOTATIONS,
    TIMEXES,
    QUANTITIES,
    KEYPHRASES,
)
"""What a manifest of one source and day may name. A dataset is added by its one line."""

CURATED_DATASETS: tuple[Dataset, ...] = CURATED
"""What a manifest of all sources and one day may name."""


@dataclass(frozen=True)
class ArticleSearch:
    """A story's words as search compares them: folded, without article and what is joined to it."""

    article_id: str = column("The story.")
    title: str = column("Words of the headline, folded (marsad_fold), one space between.")
    lead: str = column("Words of the standfirst.")
    body: str = column("Words of the body, up to 250,000 characters.")
    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")


@dataclass(frozen=True)
class Loaded:
    """A partition that is in the warehouse."""

    source: str = column("The source, or all for what was curated.")
    date: date = column("The day.")
    manifest_sha256: str = column("SHA-256 of the manifest that was loaded.")
    row_count: int = column("Rows of all its files.")
    code_version: str | None = column("The Marsad that published it.", default=None)
    loaded_at: datetime | None = column("When it was loaded.", default=None)
    first_loaded_at: datetime | None = column("When a partition of this source and day was first loaded.", default=None)


ARTICLE_SEARCH = Dataset("article_search", ArticleSearch, ("article_id",), suite=None)
LOADS = Dataset("_loads", Loaded, ("source", "date"), suite=None)

DERIVED: tuple[Dataset, ...] = (ARTICLE_SEARCH,)
"""Written with a source's partition, and in no manifest."""

TABLES: tuple[Dataset, ...] = (*SOURCE_DATASETS, *DERIVED, *CURATED_DATASETS)
"""All tables of rows, in the order in which they are replaced."""

BY_NAME = {d.name: d for d in (*SOURCE_DATASETS, *CURATED_DATASETS)}
"""What a manifest may name."""


def is_curated(dataset: Dataset) -> bool:
    """Whether its partitions are days of all sources."""
    return dataset in CURATED_DATASETS


def tables_of(partition: Partition) -> tuple[Dataset, ...]:
    """The tables that a load of the partition replaces."""
    return CURATED_DATASETS if partition.source == ALL_SOURCES else (*SOURCE_DATASETS, *DERIVED)


def key_of(dataset: Dataset) -> tuple[str, ...]:
    """What no two rows of its table share. The day comes first: loads and questions go by it."""
    own = tuple(k for k in dataset.key if k not in ("date", "source"))
    return ("date", *own) if is_curated(dataset) else ("date", "source", *own)
