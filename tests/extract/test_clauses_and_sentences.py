"""Reported clauses and where they end; sentences and where quotations keep them whole."""

from __future__ import annotations

import time
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.extract.article import read_quotations
from marsad.extract.items import sentences
from marsad.extract.record import Quotation
from marsad.extract.tokens import Tokens


def read(body: str) -> list[Quotation]:
    return list(read_quotations(Tokens(body), (), article_id="", source="", date=date(2026, 3, 3)))


@pytest.mark.parametrize(
    ("body", "clause", "speaker"),
    [
        ("قال سامي حداد إن الطريق مغلق منذ أمس.", "الطريق مغلق منذ أمس", "سامي حداد"),
        ("قال سامي حداد إنه سيغلق الطريق غدا.", "سيغلق الطريق غدا", "سامي حداد"),
        ("أكدت الوزارة أن الطريق مغلق غدا، مشيرة إلى أن العمل مستمر.", "الطريق مغلق غدا", "الوزارة"),
        ("أكد الوزير أن الطريق مغلق غدا، وقال: «لن نفتحه».", "الطريق مغلق غدا", "الوزير"),
        ("أكد الوزير أن الطريق مغلق غدا، بحسب وكالة الساحل.", "الطريق مغلق غدا", "الوزير"),
        ("أكد الوزير أن الطريق مغلق غدا، في إشارة إلى الجسر.", "الطريق مغلق غدا", "الوزير"),
    ],
)
def test_where_a_reported_clause_begins_and_ends(body: str, clause: str, speaker: str) -> None:
    found = next(q for q in read(body) if q.kind == "indirect")
    assert (found.text, found.speaker) == (clause, speaker)


def test_a_clause_partly_in_marks_is_mixed_and_its_words_are_direct() -> None:
    found = read("وأضاف الوزير أن المجلس «طلب الهدوء من كل الأطراف هناك».")
    assert [(q.kind, q.text) for q in found] == [
        ("mixed", "المجلس «طلب الهدوء من كل الأطراف هناك»"),
        ("direct", "طلب الهدوء من كل الأطراف هناك"),
    ]


def test_a_clause_wholly_in_marks_is_direct_alone() -> None:
    assert [q.kind for q in read("وأضاف الوزير أن «المجلس طلب الهدوء من كل الأطراف».")] == ["direct"]


@pytest.mark.parametrize("body", ["يذكر أن المدينة استقبلت ألف زائر.", "ويعتقد أن المدينة قديمة جدا.", "قال الوزير."])
def test_what_nobody_says_is_no_quotation(body: str) -> None:
    assert read(body) == []


def test_what_goes_on_without_a_stop_is_no_clause() -> None:
    assert read("قال الوزير إن " + "الطريق مغلق " * 200) == []


def split(body: str) -> list[str]:
    return [body[a:b] for a, b in sentences(Tokens(body))]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("الطريق مغلق. الجسر مفتوح.", ["الطريق مغلق.", "الجسر مفتوح."]),
        ("هل عاد؟ نعم! عاد.", ["هل عاد؟", "نعم!", "عاد."]),
        ("قال: «لن نعود. لن نغلق الطريق». ثم خرج.", ["قال: «لن نعود. لن نغلق الطريق».", "ثم خرج."]),
        ('قال: "لن نعود إلى هناك أبدا." وأضاف آخر.', ['قال: "لن نعود إلى هناك أبدا."', "وأضاف آخر."]),
        ("قال د. سامي إن الطريق مغلق.", ["قال د. سامي إن الطريق مغلق."]),
        ("قناة بي.بي.سي عربية.", ["قناة بي.بي.سي عربية."]),
        ("بلغ 3.5 ملايين. انتهى", ["بلغ 3.5 ملايين.", "انتهى"]),
        ("انتظر... ثم عاد.", ["انتظر...", "ثم عاد."]),
        ("سطر\n\nسطر آخر", ["سطر", "سطر آخر"]),
        ("", []),
    ],
)
def test_sentences_respect_quotations(body: str, expected: list[str]) -> None:
    assert split(body) == expected


PIECES = st.lists(
    st.sampled_from(
        ["قال", "وقال", "إن", "أن", "إنه", "الوزير", "سامي", "حداد", "«", "»", '"', "،", ".", "؟", "\n\n", ":", "بحسب",
         "مشيرا", "إلى", "على", "حد", "قوله", "الذي", "عن", "اتهم", "نقلت", "وهو", "لكنه", "الطريق", "مغلق", "في", "د"]
    ),
    max_size=60,
).map(" ".join)  # fmt: skip


@given(PIECES)
@settings(max_examples=200, deadline=None)
def test_rows_stand_in_the_text_and_only_nest(body: str) -> None:
    rows = read(body)
    for q in rows:
        assert body[q.start : q.end] == q.text != ""
        assert "\n" not in q.text
        assert q.speaker is None or body[q.speaker_start : q.speaker_end] == q.speaker
        assert q.confidence <= 0.5 or q.speaker is not None
    direct = [q for q in rows if q.kind == "direct"]
    assert all(a.end <= b.start for a, b in pairwise(direct))
    for a in direct:
        for b in rows:
            assert b.end <= a.start or a.end <= b.start or (b.start <= a.start and a.end <= b.end) or b is a


@given(PIECES)
@settings(max_examples=100, deadline=None)
def test_sentences_cover_every_word_once(body: str) -> None:
    found = sentences(Tokens(body))
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    held = "".join(body[a:b] for a, b in found)
    assert [c for c in held if c.isalpha()] == [c for c in body if c.isalpha()]


@pytest.mark.parametrize(
    "piece",
    ["قال إن ", "قال الوزير أن «", "، بحسب الوزير ", "الذي قال ", "رئيس هذه اللجنة ", "وهو يقول إن الوزير ", "بالقول ",
     "د. ", "نظيره ", "اتهم الوزير "],
)  # fmt: skip
def test_a_megabyte_of_one_line_is_read_in_bounded_time(piece: str) -> None:
    body = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    began = time.process_time()
    rows = read(body)
    assert time.process_time() - began < 30, "a megabyte takes a few seconds; a quadratic rule takes hours"
    assert sum(q.end - q.start for q in rows) <= 200 * len(body)
