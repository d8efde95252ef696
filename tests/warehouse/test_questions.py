"""The analyst's page: every SQL block runs, in both engines, over the sample sites' stories, with the same answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from example_rows import DAY, MAKERS, NAME, article, article_id, quantity
from marsad.clean.record import ARTICLES
from marsad.curate.record import DUPLICATES
from marsad.errors import UsageError
from marsad.extract.record import MENTIONS, QUANTITIES, QUOTATIONS
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.samples.golden import golden
from marsad.warehouse import load
from marsad.warehouse.check import check
from marsad.warehouse.search import search
from postgres_server import new_schema
from warehouse_lake import publish, query

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "questions.md"
BLOCKS = [sql.strip().rstrip(";") for sql in re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.S)]


def stories() -> list[Any]:
    """What a careful reader finds on the sample sites, as articles of one day."""
    found = []
    for site in ("wakala", "mujammi", "qadim", "mudawwana"):
        for page in golden(site):
            found += [(s.title, s.paragraphs) for s in page.stories if s.paragraphs]
    return [article(n, title=title, paragraphs=paragraphs) for n, (title, paragraphs) in enumerate(found, 1)]


@pytest.fixture
def partitions(lake: Lake) -> list[Any]:
    rows = stories()
    makers = {d: MAKERS[d.name][1] for d in (MENTIONS, QUOTATIONS)}
    found: dict[Any, list[Any]] = {d: [make(n) for n in range(1, 6)] for d, make in makers.items()}
    tolls = [quantity(n, kind="killed", value=float(n), unit=None) for n in (1, 2)]
    copies = [MAKERS["duplicates"][1](n, relation="wire_copy") for n in (1, 2)]
    source = publish(lake, Partition(NAME, DAY), {ARTICLES: rows, **found, QUANTITIES: tolls})
    return [source, publish(lake, Partition(ALL_SOURCES, DAY), {DUPLICATES: copies})]


def test_every_question_has_the_same_answer_in_both_engines(
    lake: Lake, duck: str, postgres: Any, partitions: list[Any]
) -> None:
    server = new_schema(postgres)
    for manifest in partitions:
        load(manifest, lake, duck)
        load(manifest, lake, server)
    assert len(BLOCKS) >= 5
    for sql in BLOCKS:
        one, other = ([tuple(map(plain, row)) for row in query(w, sql)] for w in (duck, server))
        assert one == other, sql
        assert one, f"no sample answers {sql}"


def plain(value: Any) -> Any:
    """Sums of counts are decimals in one engine."""
    return float(value) if hasattr(value, "is_integer") or hasattr(value, "as_tuple") else value


def test_search_finds_a_word_in_every_form_and_ranks_the_headline_first(lake: Lake, warehouse: str) -> None:
    rows = [
        article(1, title="زيارة إلى الساحل", paragraphs=("قال وزير المياه كلاما",)),
        article(2, title="الوزير في المدينة", paragraphs=("لا شيء هنا",)),
        article(3, title="خبر آخر", paragraphs=("وزيرة البيئة",)),
    ]
    load(publish(lake, Partition(NAME, DAY), {ARTICLES: rows}), lake, warehouse)
    assert [hit.article_id for hit in search("والوزير", warehouse)] == [article_id(2), article_id(1)]
    assert [hit.article_id for hit in search("للوزير المياه", warehouse)] == [article_id(1)]
    assert search("وزير", warehouse, source="elsewhere") == []
    assert len(search("وزير", warehouse, source=NAME, first=DAY, last=DAY, limit=1)) == 1
    assert search("' OR 1=1 --", warehouse) == []
    with pytest.raises(UsageError, match="no word"):
        search("«،»", warehouse)


def test_check_names_what_differs(lake: Lake, warehouse: str, partitions: list[Any]) -> None:
    here = [m.partition for m in partitions]
    for manifest in partitions:
        load(manifest, lake, warehouse)
    assert check(lake, warehouse, here) == []
    assert [d.is_kept for d in check(lake, warehouse, here[:1])] == [True]
    other = publish(lake, Partition("jarida", DAY), {ARTICLES: []})
    publish(lake, here[0], {ARTICLES: []})
    said = [str(d) for d in check(lake, warehouse, [*here, other.partition])]
    assert said == [
        f"{here[0]}: was published again since it was loaded",
        "jarida 2026-03-03: is published and not loaded",
    ]
