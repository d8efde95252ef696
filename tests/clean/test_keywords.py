"""Keyword lines, separated or not."""

from __future__ import annotations

import pytest

from marsad.clean.blocks import Anchor
from marsad.clean.keywords import read_keywords

BODY = [
    "افتتح وزير الثقافة معرض الكتاب في قصر المؤتمرات، وحضر الافتتاح كتاب من المغرب العربي.",
    "وشهد المعرض توقيع رواية «ليل المدينة» للكاتبة هدى بركات، وقال الوزير إن الثقافة أولوية.",
]


@pytest.mark.parametrize(
    ("line", "keywords"),
    [
        ("معرض الكتاب، وزير الثقافة، هدى بركات", ["معرض الكتاب", "وزير الثقافة", "هدى بركات"]),
        ("معرض الكتاب | وزير الثقافة", ["معرض الكتاب", "وزير الثقافة"]),
        ("#معرض_الكتاب #هدى_بركات", ["معرض الكتاب", "هدى بركات"]),
        (
            "معرض الكتاب وزير الثقافة هدى بركات المغرب العربي",
            ["معرض الكتاب", "وزير الثقافة", "هدى بركات", "المغرب العربي"],
        ),
        ("هدى بركات ليل المدينة", ["هدى بركات", "ليل المدينة"]),
        ("معرض الكتاب", ["معرض الكتاب"]),
        ("معرض الكتاب (الدورة الثلاثون)، (وزير الثقافة)", ["معرض الكتاب (الدورة الثلاثون)", "وزير الثقافة"]),
    ],
)
def test_keywords_of_a_line(line: str, keywords: list[str]) -> None:
    assert read_keywords(line, [], BODY) == keywords


def test_links_say_where_each_keyword_ends() -> None:
    links = [Anchor("معرض الكتاب", "/t/1"), Anchor("وزير", "/t/2")]
    assert read_keywords("معرض الكتاب وزير", links, BODY) == ["معرض الكتاب", "وزير"]


def test_a_particle_on_the_first_word_does_not_hide_a_phrase() -> None:
    body = ["وأدان المجلس الهجوم، داعيا لمؤتمر السلام الدائم في المنطقة، كما شكر سامي الخطيب."]
    assert read_keywords("مؤتمر السلام الدائم سامي الخطيب", [], body) == ["مؤتمر السلام الدائم", "سامي الخطيب"]


def test_words_that_meet_across_a_clause_are_no_phrase() -> None:
    body = ["افتتحت بلدية الناصرة معرضا دائما للفنون، وزار الملك سلمان المعرض، وأعلنت هيئة الثقافة برنامجه."]
    line = "الناصرة معرض هيئة الثقافة الملك سلمان"
    assert read_keywords(line, [], [body[0].replace("معرضا", "معرض")]) == [
        "الناصرة", "معرض", "هيئة الثقافة", "الملك سلمان",
    ]  # fmt: skip
