"""The split benchmark: its pages are many, the same every time and hold their gold; its score finds each fault."""

from __future__ import annotations

import html
import re

import pytest
from benchmarks.clean.folders import load
from benchmarks.clean.measures import plain
from benchmarks.clean.split.build import pages, write
from benchmarks.clean.split.layouts import LAYOUTS
from benchmarks.clean.split.score import score_page, summarise
from benchmarks.clean.split.stories import stories
from benchmarks.clean.split.traps import TRAPS

FIRST = ["نزل المطر على السهل كله طوال الليل.", "ففرح المزارعون به بعد جفاف طويل."]
SECOND = ["وصلت السفينة إلى المرفأ قبل الفجر بساعة.", "وعلى متنها ألف طن من القمح المستورد."]


def gold(*, date: str | None = "2026-01-02") -> dict:
    main = {"title": "مطر على السهل", "paragraphs": FIRST, "date": date, "keywords": ["مطر"], "attributions": ["واس"]}
    other = {"title": "سفينة في المرفأ", "paragraphs": SECOND, "date": None, "keywords": [], "attributions": []}
    return {"stories": [main, other], "not_text": ["المصدر: واس"], "trap": [FIRST[1]]}


def reading(main: list[str], *others: list[str], date: str | None = "2026-01-02T00:00:00+00:00") -> dict:
    rest = [{"title": "سفينة في المرفأ", "paragraphs": p, "date": None} for p in others]
    first = {"paragraphs": main, "date": date, "keywords": ["مطر"], "attributions": ["واس"]}
    return {**first, "text": "\n".join(main), "stories": [first, *rest]}


def test_there_are_enough_of_everything():
    built = list(pages())
    assert len(built) >= 90
    assert len({p.name for p in built}) == len(built)
    assert len(stories()) >= 24
    assert all(4 <= len([x for x in s.lines if x.kind != "item"]) <= 9 for s in stories())
    assert len(LAYOUTS) + 1 >= 9
    assert len(TRAPS) >= 25


def test_pages_are_the_same_every_time():
    assert [p.content for p in pages()] == [p.content for p in pages()]


def test_every_gold_line_is_on_its_page():
    for page in pages():
        text = plain(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))
        for story in page.stories:
            for line in [story["title"], *story["paragraphs"], *story["read_more"], *story["related"]]:
                assert plain(line) in text, page.name


def test_written_pages_load_as_they_were_built(tmp_path):
    write(tmp_path)
    built = sorted(pages(), key=lambda p: p.name)
    assert [(p.name, p.content, p.body) for p in sorted(load(tmp_path), key=lambda p: p.name)] == [
        (p.name, p.content, p.body) for p in built
    ]


def test_a_perfect_reading_has_no_fault():
    score = score_page(gold(), reading(FIRST, SECOND))
    assert not score.faults
    assert (score.f1, score.is_fused, score.separated, score.date, score.keywords) == (1.0, False, (1, 1), True, True)


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (reading(FIRST + SECOND), "fused 2 of 2"),
        (reading([*FIRST, "المصدر: واس"], SECOND), "leaked"),
        (reading(FIRST[:1], SECOND), "cut of the trap"),
        (reading(FIRST), "not apart"),
        (reading(FIRST, SECOND, SECOND), "too many"),
        (reading(FIRST, SECOND, date=None), "date None"),
    ],
)
def test_every_fault_is_named(found, fault):
    assert any(fault in f for f in score_page(gold(), found).faults)


def test_a_day_for_a_page_without_one_is_wrong():
    assert not score_page(gold(date=None), reading(FIRST, SECOND)).date
    assert score_page(gold(date=None), reading(FIRST, SECOND, date=None)).date


def test_a_reader_of_one_text_is_judged_on_it_alone():
    score = score_page(gold(), {"text": "\n".join(["مطر على السهل", *FIRST])})
    assert (score.f1, score.is_fused, score.separated, score.date) == (1.0, False, None, None)
    assert "separated" not in summarise([score])
