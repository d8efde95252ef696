"""A published story as its page shows it: the text with its findings, what it said before, who else tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pyarrow.compute as pc

from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, CUTS, LINKS, Article, ArticleVersion, Cut, Link
from marsad.console.changes import Row, compare
from marsad.console.marking import Mark, Marked, mark_text
from marsad.console.relatives import Copies, Told, copies_of, story_of
from marsad.console.words import Words
from marsad.dataset import Dataset, rows_of
from marsad.errors import MissingPartition
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
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.publish.manifest import read_manifest

T = TypeVar("T")

_ID = re.compile(r"[0-9a-zA-Z_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the story, in whatever forms it stands there."""

    type: str
    name: str
    country: str | None
    count: int
    first: int
    """The number of its first mention, to link to."""


@dataclass(frozen=True, slots=True)
class Relative:
    """A story on the same page of the site."""

    article_id: str
    title: str | None
    role: str


@dataclass(frozen=True)
class ArticlePage:
    """What the page shows."""

    article: Article
    text: Marked
    quotations: Sequence[Quotation]
    names: Sequence[Name]
    timexes: Sequence[Timex]
    quantities: Sequence[Quantity]
    keyphrases: Sequence[Keyphrase]
    links: Sequence[Link]
    cuts: Sequence[Cut]
    versions: Sequence[ArticleVersion]
    """Those before the one published now, the first first."""
    family: Sequence[Relative]
    copies: Copies | None
    story: Told | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side."""

    old: int
    new: int
    rows: Sequence[Row]


def read_article(
    lake: Lake, partition: Partition, article_id: str, words: Words, *, readable: Iterable[str]
) -> ArticlePage:
    """A story and all that is published of it.

    Args:
        words: the language in which findings are told.
        readable: the sources whose stories may be shown beside it.

    Raises:
        MissingPartition: the partition is not published, or has no such story.
    """
    manifest = read_manifest(lake, partition)
    if manifest is None:
        raise MissingPartition(words("article.not_published", partition=partition))
    there = {f.dataset for f in manifest.files}

    def rows(dataset: Dataset, record: type[T]) -> list[T]:
        return _rows(lake, partition, dataset, record, article_id) if dataset.name in there else []

    found = rows(ARTICLES, Article) if _ID.fullmatch(article_id) else []
    if not found:
        raise MissingPartition(words("article.none", partition=partition))
    article = found[0]
    quotations = sorted(rows(QUOTATIONS, Quotation), key=lambda q: q.start)
    mentions = sorted(rows(MENTIONS, Mention), key=lambda m: (m.start, m.end))
    timexes = sorted(rows(TIMEXES, Timex), key=lambda t: t.start)
    quantities = sorted(rows(QUANTITIES, Quantity), key=lambda q: q.start)
    shown = frozenset(readable)
    return ArticlePage(
        article=article,
        text=mark_text(article.body, marks_of(quotations, mentions, timexes, quantities, words)),
        quotations=quotations,
        names=names_of(mentions),
        timexes=timexes,
        quantities=quantities,
        keyphrases=sorted(rows(KEYPHRASES, Keyphrase), key=lambda k: (-k.score, k.phrase)),
        links=sorted(rows(LINKS, Link), key=lambda x: (x.kind, x.position)),
        cuts=sorted(rows(CUTS, Cut), key=lambda x: x.position),
        versions=sorted(rows(ARTICLE_VERSIONS, ArticleVersion), key=lambda v: v.version),
        family=_family(lake, partition, article),
        copies=copies_of(lake, article, shown),
        story=story_of(lake, article, shown),
    )


def _rows(lake: Lake, partition: Partition, dataset: Dataset, record: type[T], article_id: str) -> list[T]:
    path = lake.dataset_path("published", dataset, partition)
    table = lake.read_table_at(dataset, path, columns=dataset.schema.names)
    return rows_of(table.filter(pc.equal(table["article_id"], article_id)), record)


def _family(lake: Lake, partition: Partition, article: Article) -> list[Relative]:
    """The other stories of the same page of the site that are of the same day."""
    path = lake.dataset_path("published", ARTICLES, partition)
    table = lake.read_table_at(ARTICLES, path, columns=["article_id", "parent_id", "role", "title"])
    head = article.parent_id or article.article_id
    is_kin = pc.or_kleene(pc.equal(table["article_id"], head), pc.equal(table["parent_id"], head))
    rows = table.filter(is_kin).to_pylist()
    return [Relative(r["article_id"], r["title"], r["role"]) for r in rows if r["article_id"] != article.article_id]


def marks_of(
    quotations: Sequence[Quotation],
    mentions: Sequence[Mention],
    timexes: Sequence[Timex],
    quantities: Sequence[Quantity],
    words: Words,
) -> list[Mark]:
    """What was found in a text as marks; the numbers are those of the lists below it, from 1."""
    found: list[Mark] = []
    for n, q in enumerate(quotations, 1):
        said_by = q.speaker_name or q.speaker or words("article.nobody")
        found.append(Mark("quotation", q.start, q.end, n, q.text, words("article.says", name=said_by), q.kind))
        if q.speaker is not None and q.speaker_start is not None and q.speaker_end is not None:
            note = words("article.speaker_of", number=n)
            found.append(Mark("speaker", q.speaker_start, q.speaker_end, n, q.speaker, note))
    for n, m in enumerate(mentions, 1):
        note = words.name("article.type", m.type) + (f": {m.name}" if m.name != m.text else "")
        note += f" ({m.country})" if m.country else ""
        found.append(Mark("mention", m.start, m.end, n, m.text, note, m.type))
    for n, t in enumerate(timexes, 1):
        found.append(Mark("timex", t.start, t.end, n, t.text, f"{words('article.time')}: {t.value or '؟'}", t.kind))
    for n, x in enumerate(quantities, 1):
        note = f"{words.name('article.quantity', x.kind)}: {amount(x)}"
        found.append(Mark("quantity", x.start, x.end, n, x.text, note, x.kind))
    return found


def amount(quantity: Quantity) -> str:
    """A quantity in figures: ``≈ 250,000 USD``, ``40–60``."""
    low, high = quantity.low, quantity.high
    if quantity.value is not None:
        said = f"{quantity.value:,.12g}"
    elif low is not None and high is not None:
        said = f"{low:,.12g}–{high:,.12g}"
    elif low is not None or high is not None:
        said = f"≥ {low:,.12g}" if low is not None else f"≤ {high:,.12g}"
    else:
        said = "؟"
    return f"{'≈ ' if quantity.is_approximate else ''}{said}{f' {quantity.unit}' if quantity.unit else ''}"


def names_of(mentions: Sequence[Mention]) -> list[Name]:
    """Each name once, the most mentioned first."""
    count: dict[tuple[str, str], int] = {}
    first: dict[tuple[str, str], int] = {}
    country: dict[tuple[str, str], str | None] = {}
    for n, m in enumerate(mentions, 1):
        key = (m.type, m.name)
        count[key] = count.get(key, 0) + 1
        first.setdefault(key, n)
        country[key] = country.get(key) or m.country
    ordered = sorted(count, key=lambda key: (-count[key], first[key]))
    return [Name(*key, country[key], count[key], first[key]) for key in ordered]


def compare_versions(page: ArticlePage, old: int | None, new: int | None) -> Comparison | None:
    """Two versions side by side; without numbers, the one published now and the one before it.

    Returns:
        None where there are not two.
    """
    texts = texts_of(page)
    if len(texts) < 2:
        return None
    numbers = sorted(texts)
    right = new if new is not None and new in texts else numbers[-1]
    left = (
        old
        if old is not None and old in texts and old != right
        else max([n for n in numbers if n < right] or [numbers[-1]])
    )
    return Comparison(left, right, compare(texts[left], texts[right]))


def texts_of(page: ArticlePage) -> Mapping[int, list[str]]:
    """Headline, standfirst and paragraphs of each version, by number."""
    found = {v.version: _lines(v.title, v.lead, v.body) for v in page.versions}
    found[page.article.version] = _lines(page.article.title, page.article.lead, page.article.body)
    return found


def _lines(title: str | None, lead: str | None, body: str) -> list[str]:
    return [text for text in (title, lead, *body.split("\n\n")) if text]


def safe_address(url: str | None) -> str | None:
    """An address that a link may lead to: of the web, and nothing hidden in it; else None.

    >>> safe_address("https://a.example/x"), safe_address("javascript:alert(1)"), safe_address("//evil.example")
    ('https://a.example/x', None, None)
    """
    if not url or len(url) > 4_000 or any(c.isspace() or not c.isprintable() for c in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def article_path(source: str, day: date | str, article_id: str) -> str:
    """Where the console shows a story."""
    return f"/article/{source}/{day}/{article_id}"


def plain(value: Any) -> str:
    """A value of a table as text; empty for none."""
    return "" if value is None else str(value)
