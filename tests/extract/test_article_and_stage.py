"""What holds for everything extracted, whatever the text; and the stage over a table."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from marsad.clean.record import ARTICLES, Article
from marsad.extract.article import Findings, read_article
from marsad.extract.stage import extract

DAY = date(2026, 3, 3)
_PIECES = st.sampled_from(
    [
        "قال",
        "وقال",
        "وأضاف:",
        "أن",
        "إن",
        "بأن",
        "أنه",
        "الرئيس",
        "الروسي",
        "فلاديمير",
        "بوتين",
        "الأسد",
        "«لن",
        "نعود»",
        '"نعم"',
        "«",
        "»",
        '"',
        "“",
        "”",
        "‹",
        "›",
        "،",
        ".",
        ":",
        "؟",
        "\n",
        "\n\n",
        "في",
        "عن",
        "من",
        "مليون",
        "ألف",
        "ثلاثة",
        "وعشرون",
        "قتيلا",
        "أمس",
        "الجمعة",
        "اليوم",
        "22",
        "آذار/مارس",
        "2024",
        "٢٢/٣/٢٠٢٤",
        "1445هـ",
        "رمضان",
        "بين",
        "20",
        "و30",
        "و",
        "إلى",
        "نحو",
        "%",
        "المئات",
        "وزارة",
        "مشددا",
        "على",
        "كما",
        "ذكرت",
        "نقلت",
        "قوله",
        "بحسب",
        "وفقا",
        "ل",
        "للوزير",
        "ً",
        "ـ",
        "\u200f",
        "\u200c",
        "3.5",
        "3,500",
        "9:59",
        "-",
        "/",
        "(",
        ")",
        "الساعة",
        "منذ",
        "قبل",
        "أيام",
        "صباح",
        "موسكو",
        "هيئة",
        "الأمن",
        "G20",
        "́",
        "İ",
        "ß",
        "🙂",
    ]
)
TEXTS = st.lists(st.one_of(_PIECES, st.text(max_size=3)), max_size=40).map(" ".join) | st.lists(
    _PIECES, max_size=25
).map("".join)


def check(body: str, found: Findings) -> None:
    direct = [q for q in found.quotations if q.kind == "direct"]
    for rows in (found.mentions, direct, found.timexes, found.quantities):
        last = 0
        for row in rows:
            assert 0 <= row.start < row.end <= len(body)
            assert body[row.start : row.end] == row.text
            assert row.start >= last, "rows of one kind never overlap"
            last = row.end
    for q in found.quotations:
        assert body[q.start : q.end] == q.text.strip()
        assert "\n" not in q.text
        assert (q.speaker is None) == (q.speaker_name is None)
        assert 0 < q.confidence <= 1
        assert (q.speaker is None) == (q.speaker_start is None) == (q.speaker_end is None) == (q.speaker_method is None)
        if q.speaker is not None:
            assert body[q.speaker_start : q.speaker_end] == q.speaker
            assert q.speaker.strip()
        assert q.cue is None or q.cue in body
        assert q.reported_by is None or q.reported_by in body
    for k in found.keyphrases:
        assert k.phrase in body
    assert len(found.keyphrases) <= 10


@given(TEXTS)
@settings(max_examples=250, deadline=None)
@example("")
@example("\n\n")
@example('" ')
@example("قال")
@example("مليون%مليون")
def test_offsets_hold_and_nothing_raises(body: str) -> None:
    check(body, read_article(body, title="عنوان", anchor=DAY))


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_without_a_day_no_value_rests_on_one(body: str) -> None:
    for t in read_article(body, title=None, anchor=None).timexes:
        assert t.basis in ("explicit", "unresolved", "contradicts_weekday")
        assert t.value is not None or t.basis != "explicit"


@pytest.mark.parametrize(
    "piece",
    ['"', "«", "» «", "قال إن ", "بحسب ", "وقال: «نعم» ", "مليون و", "خمسة و", "الرئيس ", "22 آذار ", "منذ ", "و" * 50 + " ", "\u064b", "1.", "كلمة ",
     "قال الرئيس السوري بشار الأسد إن «الطريق مغلق منذ أمس الجمعة» وأضاف: "],
)  # fmt: skip
def test_hostile_repetition_stays_linear(piece: str) -> None:
    body = (piece * (50_000 // len(piece) + 1))[:50_000]
    began = time.perf_counter()
    check(body, read_article(body, title=None, anchor=DAY))
    assert time.perf_counter() - began < 8, "50,000 characters are well under a second alone; 8 allows a busy machine"


def _article(**changes: object) -> Article:
    body = "قال الوزير سامي قصاب أمس: «لن نغلق الطريق قبل الصباح».\n\nوأصيب 4 عمال في موسكو."
    plain = Article(
        article_id="a1", version=1, parent_id=None, role="main", source="wakala", date=DAY, url="http://wakala.example/1",
        canonical_url=None, title="الطريق", lead=None, body=body, paragraphs=tuple(body.split("\n\n")), authors=(),
        published_at=datetime(2026, 3, 3, 9, tzinfo=UTC), published_basis="json_ld", modified_at=None, section=None,
        keywords=(), attributions=(), dateline=None, language="ar", images=(), word_count=14, content_sha256="0",
        extraction_method="json_ld", is_live_blog=False, is_paywalled=False, capture_sha256="0",
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_the_stage_fills_five_datasets() -> None:
    found = extract("wakala", DAY, ARTICLES.table([asdict(_article())]))
    assert [len(b) for b in (found.mentions, found.quotations, found.timexes, found.quantities)] == [2, 1, 1, 1]
    assert len(found.keyphrases) > 0
    for batch in (found.mentions, found.quotations, found.timexes, found.quantities, found.keyphrases):
        assert set(batch.table["article_id"].to_pylist()) == {"a1"}
        assert set(batch.table["source"].to_pylist()) == {"wakala"}
        assert set(batch.table["date"].to_pylist()) == {DAY}
        assert batch.rejects == ()
    assert found.timexes.table["value"].to_pylist() == ["2026-03-02"]
    assert found.quotations.table["speaker"].to_pylist() == ["سامي قصاب"]


@pytest.mark.parametrize("basis", ["first_seen", None])
def test_a_day_that_nobody_gave_is_no_anchor(basis: str | None) -> None:
    found = extract("wakala", DAY, ARTICLES.table([asdict(_article(published_basis=basis))]))
    assert found.timexes.table["value"].to_pylist() == [None]
    assert found.timexes.table["basis"].to_pylist() == ["unresolved"]


def test_no_articles_make_empty_datasets() -> None:
    found = extract("wakala", DAY, ARTICLES.empty())
    assert [len(b) for b in (found.mentions, found.quotations, found.timexes, found.quantities, found.keyphrases)] == [
        0
    ] * 5


def test_same_articles_same_rows() -> None:
    table = ARTICLES.table([asdict(_article()), asdict(_article(article_id="a2", title=None))])
    once, again = extract("wakala", DAY, table), extract("wakala", DAY, table)
    assert once.keyphrases.table.equals(again.keyphrases.table)
    assert once.mentions.table.equals(again.mentions.table)
