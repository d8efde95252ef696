"""Duplicates: what counts as the same, whose it is, and that Arabic is not thrown away on the way."""

from __future__ import annotations

import dataclasses
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.clean.record import ARTICLES, Article
from marsad.curate.minhash import candidate_pairs, signature
from marsad.curate.shingles import fingerprint, fold, jaccard, shingles, words
from marsad.curate.stage import curate
from marsad.errors import MissingPartition
from marsad.lake import Lake
from marsad.partition import Partition

DAY = date(2026, 3, 3)
STORY = (
    "أعلنت وزارة المياه أن ضخ المياه من محطة التحلية الجديدة بدأ صباح اليوم بعد تأخير دام شهرين كاملين "
    "وقالت الوزارة في بيان إن المحطة ستزود ثلاثمئة ألف نسمة بالماء العذب قبل نهاية الصيف المقبل "
    "وأوضح مدير المشروع أن الكلفة بلغت اثني عشر مليون دولار وأن التشغيل التجريبي استمر أسبوعين"
)
OTHER = (
    "أبقى المصرف المركزي سعر الفائدة دون تغيير في اجتماعه للمرة الثالثة على التوالي وقال الحاكم إن التضخم "
    "يتراجع لكنه لم يبلغ بعد المستوى الذي يسمح بالخفض ورأى محللون أن القرار كان متوقعا في الأسواق كلها"
)
BASE = Article(
    "", 1, None, "main", "", DAY, "u", None, "عنوان", None, "", (), (), None, None, None, None, (), (), None, "ar", (),
    1, "0", "text", False, False, "0",
)  # fmt: skip


def put(lake: Lake, source: str, day: date, *stories: tuple[str, str, tuple[str, ...]]) -> None:
    rows = [
        dataclasses.replace(BASE, article_id=i, source=source, date=day, body=b, paragraphs=(b,), attributions=a)
        for i, b, a in stories
    ]
    lake.write_table("published", ARTICLES, Partition(source, day), ARTICLES.table(rows))


def found(lake: Lake, **options: object) -> dict[str, dict[str, object]]:
    return {r["article_id"]: r for r in curate(DAY, lake, **options).table.to_pylist()}  # type: ignore[arg-type]


def test_exact_near_and_other(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    edited = STORY.replace("صباح اليوم", "منذ الفجر").replace("كاملين", "تقريبا")
    put(lake, "a", DAY, ("a1", STORY, ()), ("a2", OTHER, ()))
    put(lake, "b", DAY, ("b1", STORY + ".", ()), ("b2", edited, ()))
    rows = found(lake)
    assert {i: r["relation"] for i, r in rows.items()} == {"a1": "exact", "b1": "exact", "b2": "near"}
    assert {r["group_id"] for r in rows.values()} == {"a1"}
    assert all(r["original_id"] is None for r in rows.values())  # nobody credits anybody


def test_a_credit_names_the_original(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, "wakala", DAY, ("a1", STORY, ()))
    put(lake, "jarida", DAY, ("b1", STORY + " خاتمة من المحرر", ("وكالة الساحل",)))
    rows = found(lake, titles={"wakala": "وكالة السّاحل", "jarida": "الجريدة"})
    assert (rows["b1"]["relation"], rows["b1"]["original_id"]) == ("wire_copy", "a1")
    assert rows["a1"]["original_id"] == "a1"
    assert "credits" in str(rows["b1"]["basis"])


def test_a_credit_that_fits_two_stories_names_none(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, "wakala", DAY, ("a1", STORY, ()), ("a2", STORY + " تحديث", ()))
    put(lake, "jarida", DAY, ("b1", STORY, ("وكالة الساحل",)))
    assert found(lake, titles={"wakala": "وكالة الساحل"})["b1"]["original_id"] is None


def test_the_window_reaches_back_and_no_further(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, "a", DAY - timedelta(days=14), ("old", STORY, ()))
    put(lake, "a", DAY - timedelta(days=15), ("older", OTHER, ()))
    put(lake, "b", DAY, ("b1", STORY, ()), ("b2", OTHER, ()))
    rows = found(lake)
    assert set(rows) == {"b1"}  # only the day's own stories get rows, and b2's twin is too old
    assert rows["b1"]["group_id"] == "b1"


def test_bulletins_that_agree_by_chance_are_no_copies(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    line = "عاجل زلزال بقوة خمس درجات يضرب شرق البلاد"
    put(lake, "a", DAY, ("a1", line, ()), ("a2", line + " ولا خسائر", ()))
    assert found(lake) == {}


def test_a_day_without_anything_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingPartition, match="nothing is published for 2026-03-03"):
        curate(DAY, Lake(tmp_path))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("الأمن", "الامن"),
        ("إلى", "الي"),
        ("مدرسة", "مدرسه"),
        ("مُحَمَّد", "محمد"),
        ("جمـــيل", "جميل"),
        ("١٢٣", "123"),
        ("۴۵", "45"),
        ("مسؤول", "مسوول"),
        ("لِقاءٌ", "لقاء"),
    ],
)
def test_variants_without_meaning_fold_together(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("كتب", "كتاب"), ("علم", "عالم"), ("سار", "صار"), ("قال", "كال")])
def test_words_that_differ_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_arabic_letters_are_not_dropped() -> None:
    assert len(words(STORY)) > 40
    assert fingerprint(words(STORY)) != fingerprint(words(OTHER))
    assert jaccard(shingles(words(STORY)), shingles(words(OTHER))) == 0


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    a, b = shingles(words(one)), shingles(words(other))
    assert jaccard(a, b) == jaccard(b, a)
    assert 0 <= jaccard(a, b) <= 1
    assert jaccard(a, a) == (1.0 if len(a) else 0.0)


def test_planted_copies_are_found() -> None:
    """Of 400 pairs with a true Jaccard of .5 and more, at least .97 collide."""
    rng = random.Random(7)
    vocabulary = words(STORY + " " + OTHER) + [f"كلمة{n}" for n in range(600)]
    texts, planted = [], []
    for n in range(400):
        base = [rng.choice(vocabulary) for _ in range(130)]
        copy = [rng.choice(vocabulary) if rng.random() < rng.uniform(0, 0.1) else w for w in base]
        texts += [base, copy]
        if jaccard(shingles(base), shingles(copy)) >= 0.5:
            planted.append((2 * n, 2 * n + 1))
    pairs = set(candidate_pairs([signature(shingles(t)) for t in texts]))
    assert len(planted) > 300
    assert sum(p in pairs for p in planted) / len(planted) >= 0.97
