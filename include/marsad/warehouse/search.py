"""Search the stories of a warehouse: all words of the query, in whatever form they stand."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date

from marsad.errors import UsageError
from marsad.warehouse.address import Address, parse_address
from marsad.warehouse.engine import open_engine
from marsad.warehouse.fold import search_words


@dataclass(frozen=True, slots=True)
class Hit:
    """A story that has all words."""

    date: date
    source: str
    title: str | None
    url: str
    article_id: str
    rank: float
    """Comparable within one answer of one engine."""


def search(
    query: str,
    warehouse: str | Address,
    *,
    source: str | None = None,
    first: date | None = None,
    last: date | None = None,
    limit: int = 20,
) -> list[Hit]:
    """The stories that have all words of a query, the best first, then the newest.

    Raises:
        UsageError: the query has no word, or the engine has no search of ours.
        WarehouseBusy: the warehouse cannot be had now.
        NeverError: nothing was ever loaded, or it cannot be had so.
    """
    if not search_words(query):
        raise UsageError(f"{query!r} has no word to search for")
    address = warehouse if isinstance(warehouse, Address) else parse_address(warehouse)
    if address.engine not in ("duckdb", "postgresql"):
        raise UsageError(f"warehouse {address} has no search_articles; search in its own way, in table article_search")
    at = f'"{address.schema}".' if address.schema else ""
    wanted: list[tuple[str, str | date | None]] = [
        ("s.source = ?", source),
        ("s.date >= ?", first),
        ("s.date <= ?", last),
    ]
    asked = [(sql, value) for sql, value in wanted if value is not None]
    where = " AND ".join(sql for sql, _ in asked) or "true"
    sql = (
        "SELECT s.date, s.source, a.title, a.url, s.article_id, s.rank "  # noqa: S608  the values are bound
        f"FROM {at}search_articles(?) s JOIN {at}articles a "
        f"ON a.date = s.date AND a.source = s.source AND a.article_id = s.article_id WHERE {where} "
        f"ORDER BY s.rank DESC, s.date DESC, s.article_id LIMIT {int(limit)}"
    )
    with closing(open_engine(address, is_reading=True)) as engine:
        return [Hit(*row) for row in engine.ask(sql, [query, *(value for _, value in asked)])]
