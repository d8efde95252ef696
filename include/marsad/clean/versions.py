"""Versions: what a story said before it was corrected.

A page that was captured again with another text leaves its older captures in the archive. They are read like
the newest one, so that versions follow from the captures alone: whoever replays a day gets the same history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pyarrow as pa

from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, Article, ArticleVersion
from marsad.clean.stage import Cleaned
from marsad.dataset import Batch, rows_of
from marsad.scrape.record import CAPTURES, Capture


def number_versions(
    cleaned: Cleaned, older: Sequence[Sequence[Capture]], read: Callable[[pa.Table], Cleaned]
) -> tuple[Batch, Batch]:
    """Count the versions of a partition's articles.

    Args:
        cleaned: what the newest captures gave.
        older: the captures that newer ones have replaced, for each address the oldest first.
        read: cleans captures for the same partition.

    Returns:
        The articles with their ``version``, and the texts that stood before. A text that came twice in a row
        is one version; one that comes back after another is a new one.
    """
    if not older:
        return cleaned.articles, Batch.of(ARTICLE_VERSIONS, ())
    before: dict[str, list[tuple[Article, Capture]]] = {}
    for generation in range(max(len(captures) for captures in older)):
        captures = [c[generation] for c in older if len(c) > generation]
        by_url = {c.url: c for c in captures}
        found = read(CAPTURES.table(captures))
        for article in rows_of(found.articles.table, Article):
            before.setdefault(article.article_id, []).append((article, by_url[article.url]))
    numbered: list[Article] = []
    history: list[ArticleVersion] = []
    for article in rows_of(cleaned.articles.table, Article):
        texts = _distinct(before.get(article.article_id, ()), article)
        numbered.append(replace(article, version=len(texts) + 1))
        history += (_version(old, capture, number) for number, (old, capture) in enumerate(texts, 1))
    articles = Batch(ARTICLES, _table(numbered), cleaned.articles.rejects)
    return articles, Batch.of(ARTICLE_VERSIONS, history)


def _table(articles: Sequence[Article]) -> pa.Table:
    return ARTICLES.table(articles)


def _distinct(texts: Sequence[tuple[Article, Capture]], newest: Article) -> list[tuple[Article, Capture]]:
    """The older texts, each that differs from the next one."""
    if not texts:
        return []
    kept: list[tuple[Article, Capture]] = []
    following = [article.content_sha256 for article, _ in texts[1:]] + [newest.content_sha256]
    for (article, capture), after in zip(texts, following, strict=True):
        if article.content_sha256 != after:
            kept.append((article, capture))
    return kept


def _version(article: Article, capture: Capture, number: int) -> ArticleVersion:
    return ArticleVersion(
        article_id=article.article_id,
        version=number,
        title=article.title,
        lead=article.lead,
        body=article.body,
        published_at=article.published_at,
        modified_at=article.modified_at,
        captured_at=capture.fetched_at,
        content_sha256=article.content_sha256,
        capture_sha256=article.capture_sha256,
        source=article.source,
        date=article.date,
    )
