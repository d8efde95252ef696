"""Duplicates: what counts as the same, whose it is, and that Arabic is not thrown away on the way."""

from __future__ import annotations

import dataclasses
import hashlib
import random
import unicodedata
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.clean.record import ARTICLES, Article
from marsad.curate import window
from marsad.curate.minhash import candidate_pairs, estimate
from marsad.curate.prints import prints, shingle_sets
from marsad.curate.shingles import fingerprint, fold, overlap, words
from marsad.curate.stage import find_copies
from marsad.errors import MissingPartition
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.publish.manifest import Manifest, PublishedFile, manifest_path

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


def jaccard(one: str, other: str) -> float:
    a, b = shingle_sets([one, other])
    return overlap(a, b)[0]


def put(
    lake: Lake, source: str, day: date, *stories: tuple[str, str, tuple[str, ...]], at: datetime | None = None
) -> None:
    base = dataclasses.replace(BASE, source=source, date=day, published_at=at)
    rows = [dataclasses.replace(base, article_id=i, body=b, paragraphs=(b,), attributions=a) for i, b, a in stories]
    partition = Partition(source, day)
    written = lake.write_table("published", ARTICLES, partition, ARTICLES.table(rows))
    file = PublishedFile(dataset=ARTICLES.name, **dataclasses.asdict(written))
    manifest = Manifest(
        source=source, date=day, code_version="test", schema_versions={"articles": 1}, files=(file,), outcomes={},
        quarantined={}, gates=(),
    )  # fmt: skip
    lake.write_bytes(manifest_path(partition), manifest.to_bytes())


def found(lake: Lake, **options: object) -> dict[str, dict[str, object]]:
    return {r["article_id"]: r for r in find_copies(DAY, lake, **options).batch.table.to_pylist()}  # type: ignore[arg-type]


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
    rows = found(lake, names={"wakala": ["وكالة السّاحل"], "jarida": ["الجريدة"]})
    assert (rows["b1"]["relation"], rows["b1"]["original_id"]) == ("wire_copy", "a1")
    assert rows["a1"]["original_id"] == "a1"
    assert "credits" in str(rows["b1"]["basis"])


def test_a_credit_that_fits_two_stories_names_none(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, "wakala", DAY, ("a1", STORY, ()), ("a2", STORY + " تحديث", ()))
    put(lake, "jarida", DAY, ("b1", STORY, ("وكالة الساحل",)))
    assert found(lake, names={"wakala": ["وكالة الساحل"]})["b1"]["original_id"] is None


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
        find_copies(DAY, Lake(tmp_path))


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
    assert jaccard(STORY, OTHER) == 0


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert jaccard(one, other) == jaccard(other, one)
    assert 0 <= jaccard(one, other) <= 1
    assert jaccard(one, one) == (1.0 if words(one) else 0.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=6))
def test_prints_of_many_are_those_of_each(texts: list[str]) -> None:
    together = prints(texts)
    for n, text in enumerate(texts):
        alone = prints([text])
        assert together.word_counts[n] == alone.word_counts[0] == len(words(text))
        assert (together.signatures[n] == alone.signatures[0]).all()
        assert (together.fingerprints[n] == alone.fingerprints[0]).all()
    for one, a in zip(texts, together.fingerprints.tolist(), strict=True):
        for other, b in zip(texts, together.fingerprints.tolist(), strict=True):
            assert (words(one) == words(other)) == (a == b)


def test_a_signature_tells_the_similarity() -> None:
    rng = random.Random(5)
    vocabulary = [f"كلمة{n}" for n in range(400)]
    texts = []
    for n in range(200):
        base = [rng.choice(vocabulary) for _ in range(150)]
        texts += [" ".join(base), " ".join(rng.choice(vocabulary) if rng.random() < n / 1500 else w for w in base)]
    pairs = np.arange(400).reshape(200, 2)
    told = estimate(prints(texts).signatures, pairs)
    true = np.array([jaccard(texts[a], texts[b]) for a, b in pairs.tolist()])
    assert abs(float((told - true).mean())) < 0.01
    assert float((told - true).std()) < 0.055


def test_prints_are_the_same_on_every_machine() -> None:
    made = prints([STORY])
    assert hashlib.sha256(made.signatures.astype("<u4").tobytes()).hexdigest()[:16] == "5e1f3bbb515b8454"


def test_kept_prints_are_used_and_made_anew_when_the_story_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, asked = Lake(tmp_path), []
    monkeypatch.setattr(window, "prints", lambda texts: (asked.append(len(texts)), prints(texts))[1])
    put(lake, "a", DAY, ("a1", STORY, ()), ("a2", OTHER, ()))
    put(lake, "b", DAY, ("b1", STORY, ()))
    first = find_copies(DAY, lake).batch.table
    assert asked == [2, 1]
    assert find_copies(DAY, lake).batch.table.equals(first)
    assert asked == [2, 1]
    put(lake, "b", DAY, ("b1", OTHER, ()))
    assert set(found(lake)) == {"a2", "b1"}
    assert asked == [2, 1, 1]
    (torn,) = lake.list("core/prints", "**/source=a/*.parquet")
    lake.write_bytes(torn, b"PAR1")
    assert set(found(lake)) == {"a2", "b1"}
    assert asked == [2, 1, 1, 2]


def test_a_copy_inside_a_longer_story_is_known_by_its_credit(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    more = " ".join(f"فقرة{n} من عند المحرر عن أمر آخر تماما {n}" for n in range(12))
    put(lake, "wakala", DAY, ("a1", STORY, ()), at=datetime(2026, 3, 3, 8, 5, tzinfo=UTC))
    put(lake, "jarida", DAY, ("b1", f"{STORY} {more}", ("وكالة الساحل",)), at=datetime(2026, 3, 3, 9, 10, tzinfo=UTC))
    put(lake, "sahifa", DAY, ("c1", f"{STORY} {more[::-1]}", ()))
    rows = found(lake, names=NAMES)
    assert set(rows) == {"a1", "b1"}
    assert rows["b1"]["relation"] == "wire_copy"
    assert float(str(rows["b1"]["similarity"])) < 0.5
    assert float(str(rows["b1"]["containment"])) > 0.95
    assert rows["b1"]["basis"] == (
        "credits the source of a1, printed 65 minutes after it, keeps 1.00 of it, 0.53 of its own is new"
    )
    assert (rows["b1"]["origin"], rows["b1"]["minutes_after"], rows["b1"]["kept_share"]) == ("wakala", 65, 1.0)


def test_planted_copies_are_found() -> None:
    """Of 400 pairs with a true Jaccard of .5 and more, at least .97 collide."""
    rng = random.Random(7)
    vocabulary = words(STORY + " " + OTHER) + [f"كلمة{n}" for n in range(600)]
    texts, planted = [], []
    for n in range(400):
        base = [rng.choice(vocabulary) for _ in range(130)]
        copy = [rng.choice(vocabulary) if rng.random() < rng.uniform(0, 0.1) else w for w in base]
        texts += [" ".join(base), " ".join(copy)]
        if jaccard(*texts[-2:]) >= 0.5:
            planted.append((2 * n, 2 * n + 1))
    pairs = set(map(tuple, candidate_pairs(prints(texts).signatures).tolist()))
    assert len(planted) > 300
    assert sum(p in pairs for p in planted) / len(planted) >= 0.97


def put_at(lake: Lake, source: str, hour: int | None, credit: str, article_id: str, body: str = STORY) -> None:
    """One story of one source, with its hour and its credit."""
    at = None if hour is None else datetime(2026, 3, 3, hour, tzinfo=UTC)
    put(lake, source, DAY, (article_id, body, (credit,) if credit else ()), at=at)


NAMES = {
    "wakala": ["وكالة الساحل", "الساحل للأنباء"],
    "jarida": ["الجريدة"],
    "sahifa": ["صحيفة البلد"],
    "awsat": ["الشرق الأوسط"],
}


@pytest.mark.parametrize(
    ("credit", "is_copy"),
    [
        ("وكالة الساحل", True),
        ("وكاله الساحل", True),
        ("وكالة الساحل + وكالات", True),
        ("وكالات - وكالة الساحل", True),
        ("الجريدة/وكالة الساحل", True),
        ("وكالات", False),
        ("وكالة الساحل الغربي", False),  # another agency, whose name begins alike
        ("الساحل", False),
        ("", False),
    ],
)
def test_a_credit_is_known_by_the_whole_name(tmp_path: Path, credit: str, is_copy: bool) -> None:
    lake = Lake(tmp_path)
    put_at(lake, "wakala", None, "", "a1")
    put_at(lake, "jarida", None, credit, "b1", STORY + " خاتمة")
    row = found(lake, names=NAMES)["b1"]
    assert (row["relation"], row["original_id"]) == (("wire_copy", "a1") if is_copy else ("near", None))


@pytest.mark.parametrize(
    ("credits", "origins"),
    [
        (("رويترز", "رويترز"), ("رويترز", "رويترز")),
        (("أ.ف.ب", "وكالة الصحافة الفرنسية"), ("فرانس برس", "فرانس برس")),
        (("أ ف ب", "AFP"), ("فرانس برس", "فرانس برس")),
        (("واس", ""), ("واس", None)),
        (("رويترز", "أ ب"), ("رويترز", "أسوشيتد برس")),
        (("رويترز + أ ب", "وكالات"), (None, None)),  # which of two, nobody says
        (("الساحل للأنباء", ""), ("wakala", None)),  # a source of ours whose story is not here
    ],
)
def test_a_copy_of_an_agencys_story_has_an_origin_and_no_original(
    tmp_path: Path, credits: tuple[str, str], origins: tuple[str | None, str | None]
) -> None:
    lake = Lake(tmp_path)
    put_at(lake, "jarida", 9, credits[0], "b1")
    put_at(lake, "sahifa", 8, credits[1], "c1")
    rows = found(lake, names=NAMES)
    assert (rows["b1"]["origin"], rows["c1"]["origin"]) == origins
    assert {r["original_id"] for r in rows.values()} == {None}
    relations = tuple("wire_copy" if origin else "exact" for origin in origins)
    assert (rows["b1"]["relation"], rows["c1"]["relation"]) == relations
    if credits == ("رويترز", "رويترز"):
        assert rows["b1"]["basis"] == "credits رويترز, as does c1; its story is not here"


def test_an_agency_among_our_sources_is_known_by_any_of_its_names(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put_at(lake, "anadolu", 8, "AA", "a1")  # who credits itself copies nobody
    put_at(lake, "jarida", 9, "وكالة أنباء الأناضول", "b1", STORY + " خاتمة قصيرة من المحرر")
    rows = found(lake, names={"anadolu": ["وكالة الأناضول"], "jarida": ["الجريدة"]})
    assert (rows["b1"]["original_id"], rows["b1"]["origin"]) == ("a1", "anadolu")
    assert (rows["a1"]["relation"], rows["a1"]["original_id"], rows["a1"]["origin"]) == ("near", "a1", None)
    assert float(str(rows["b1"]["kept_share"])) == 1.0
    assert 0 < float(str(rows["b1"]["new_share"])) < 0.2


def test_an_agency_whose_name_holds_a_papers_name_is_not_the_paper(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put_at(lake, "awsat", None, "", "a1")
    put_at(lake, "jarida", None, "وكالة أنباء الشرق الأوسط", "b1")
    assert found(lake, names=NAMES)["b1"]["original_id"] is None


@pytest.mark.parametrize(
    ("first", "second", "original"),
    [
        ((3, 8, 5), (3, 9, 10), "a1"),
        ((3, 8, 5), (3, 8, 5), "a1"),
        ((3, 9, 10), (3, 8, 5), None),
        (None, (3, 8, 5), "a1"),
        ((3, 9, 5), None, "a1"),
        ((3, 9, 5), (2, 21, 0), "a1"),  # midnight in Riyadh: the copy gives its day alone
        ((3, 22, 5), (2, 21, 0), None),  # and that day was over
    ],
)
def test_hours_may_speak_against_a_credit(
    tmp_path: Path, first: tuple[int, int, int] | None, second: tuple[int, int, int] | None, original: str | None
) -> None:
    lake = Lake(tmp_path)
    for source, article_id, credit, hour in (
        ("wakala", "a1", (), first),
        ("jarida", "b1", ("وكالة الساحل",), second),
    ):
        at = hour and datetime(2026, 3, *hour, tzinfo=UTC)
        put(lake, source, DAY, (article_id, STORY, credit), at=at)
    assert found(lake, names=NAMES)["b1"]["original_id"] == original


def test_sources_that_credit_each_other_name_no_original(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put_at(lake, "wakala", None, "الجريدة", "a1")
    put_at(lake, "jarida", None, "وكالة الساحل", "b1")
    assert {r["original_id"] for r in found(lake, names=NAMES).values()} == {None}


def test_a_copy_of_a_copy_goes_back_to_the_first(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put_at(lake, "wakala", 7, "", "c1")
    put_at(lake, "jarida", 8, "وكالة الساحل", "b1")
    put_at(lake, "sahifa", 9, "الجريدة", "a1")
    rows = found(lake, names=NAMES)
    assert {i: (r["relation"], r["original_id"], r["group_id"]) for i, r in rows.items()} == {
        "a1": ("wire_copy", "c1", "a1"),
        "b1": ("wire_copy", "c1", "a1"),
        "c1": ("exact", "c1", "a1"),
    }


def test_a_partition_without_its_manifest_is_not_there_yet(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, "a", DAY, ("a1", STORY, ()))
    put(lake, "b", DAY, ("b1", STORY, ()))
    lake.delete(manifest_path(Partition("b", DAY)))
    assert found(lake) == {}
    lake.delete(manifest_path(Partition("a", DAY)))
    with pytest.raises(MissingPartition):
        find_copies(DAY, lake)


def test_a_day_with_no_stories_has_no_duplicates(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, "a", DAY)
    assert found(lake) == {}


def test_a_story_is_no_copy_of_itself_on_another_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, "a", DAY - timedelta(days=1), ("a1", STORY, ()))
    put(lake, "a", DAY, ("a1", STORY + " تصحيح", ()))
    assert found(lake) == {}


def test_the_same_lake_gives_the_same_rows_whoever_published_first(tmp_path: Path) -> None:
    tables = []
    for order in (("a", "b", "c"), ("c", "b", "a")):
        lake = Lake(tmp_path / "".join(order))
        for source in order:
            put(lake, source, DAY, (f"{source}1", STORY + f" {source}", ()), (f"{source}2", OTHER, ()))
        tables.append(find_copies(DAY, lake).batch.table)
    assert tables[0].equals(tables[1])
    assert tables[0].num_rows == 6


def test_it_curates_a_store(tmp_path: Path) -> None:
    lake = Lake(f"memory://curate-{tmp_path.name}")
    put(lake, "a", DAY, ("a1", STORY, ()))
    put(lake, "b", DAY, ("b1", STORY, ()))
    assert set(found(lake)) == {"a1", "b1"}


def test_pages_of_one_template_do_not_take_forever(tmp_path: Path) -> None:
    """A thousand bulletins that differ in one word: all pairs collide, and all are one group."""
    lake = Lake(tmp_path)
    put(lake, "a", DAY, *((f"a{n:04}", f"{STORY} {n}", ()) for n in range(1000)))
    rows = found(lake)
    assert len(rows) == 1000
    assert {r["group_id"] for r in rows.values()} == {"a0000"}


@pytest.mark.parametrize(
    "text", ["ﷲ أكبر", "ﻻ بأس", "café ١٢", "الـﻌربية", "۱۲٪", "𝟗 أيام", "\u064bا\u0655", "x\u0301"]
)
def test_ligatures_and_marks_of_any_script_fold(text: str) -> None:
    assert not any(unicodedata.combining(c) for c in fold(text))
    assert fold(fold(text)) == fold(text)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x6FF) | st.sampled_from("«»…–ﷲﻻ"), max_size=60))
def test_the_fast_fold_gives_the_words_of_the_slow_one(text: str) -> None:
    # a ligature at the end sends the whole text the slow way; it stands apart and adds its own words
    assert words(text) == words(text + " ﷲ")[: -len(words("ﷲ"))]


def test_words_in_another_order_are_another_text() -> None:
    one, other = words(STORY), words(STORY)[::-1]
    assert jaccard(" ".join(one), " ".join(other)) < 0.05
    assert fingerprint(one) != fingerprint(other)


def test_planted_copies_are_told_from_the_rest(tmp_path: Path) -> None:
    """Over whole stories: recall at least .97 of pairs with Jaccard .5 and more, and nothing below is called near."""
    rng = random.Random(11)
    vocabulary = [f"{w}{n}" for n in range(40) for w in words(STORY)]
    lake, bodies, planted = Lake(tmp_path), {}, set()
    for n in range(400):
        base = [rng.choice(vocabulary) for _ in range(rng.randint(60, 300))]
        share = rng.uniform(0, 0.2)
        copy = [rng.choice(vocabulary) if rng.random() < share else w for w in base]
        bodies[f"a{n:03}"], bodies[f"b{n:03}"] = base, copy
        if jaccard(" ".join(base), " ".join(copy)) >= 0.5:
            planted.add(n)
    for source in "ab":
        put(lake, source, DAY, *((i, " ".join(b), ()) for i, b in bodies.items() if i[0] == source))
    rows = found(lake)
    groups = {int(i[1:]) for i in rows}
    assert len(planted) > 200
    assert len(groups & planted) / len(planted) >= 0.97
    assert groups <= planted
