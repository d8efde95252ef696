"""Stories: what is one event and what only sounds like one, and ids that stay."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.clean.record import ARTICLES, Article
from marsad.curate.grouping import group
from marsad.curate.identity import NOTHING, Before, Rows, name_stories
from marsad.curate.likeness import alike, vectors
from marsad.curate.linkage import link
from marsad.curate.pieces import SPAN, Piece, may_be_one, piece
from marsad.curate.record import STORIES, STORY_MEMBERS
from marsad.curate.stories import Told, find_stories, tell
from marsad.curate.terms import base_form, terms_of
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, PublishedFile, manifest_path

DAY = date(2026, 3, 3)
MORNING = datetime(2026, 3, 3, 6, tzinfo=UTC)
EMPTY = Before(NOTHING, NOTHING)

FIRE = [
    ("حريق يلتهم سوق الحميدية القديم", "اندلع حريق كبير فجر اليوم في سوق الحميدية القديم وأتى على عشرين محلا لبيع الأقمشة "
     "قبل أن تسيطر فرق الإطفاء على النيران، ولم يصب أحد بأذى وفق قائد الفوج عماد الحمصي."),
    ("عشرون محلا تحترق في الحميدية", "احترق عشرون محلا للأقمشة في سوق الحميدية مع الفجر. وقال قائد فوج الإطفاء عماد الحمصي "
     "إن النيران بدأت في مستودع مغلق وإن رجاله أخمدوها خلال ساعتين من دون إصابات."),
    ("تجار الحميدية يحصون خسائرهم بعد الحريق", "أحصى تجار سوق الحميدية خسائرهم غداة الحريق الذي التهم محلات الأقمشة، "
     "وطالبوا المحافظة بتعويضات. وأكد عماد الحمصي أن فوج الإطفاء سلم تقريره عن سبب النيران."),
]  # fmt: skip
OTHER_FIRE = (
    "حريق في معمل إسفنج بصفاقس",
    "شب حريق في معمل للإسفنج بالمنطقة الصناعية في صفاقس وغطى الدخان أحياء المدينة الشمالية. وقال الناطق باسم الحماية المدنية "
    "أنيس البكوش إن عشرين شاحنة شاركت في إخماد النيران ولم يصب العمال بأذى.",
)
RATE = (
    "المركزي يثبت سعر الفائدة",
    "أبقى المصرف المركزي سعر الفائدة دون تغيير للمرة الثالثة على التوالي، وقال الحاكم إن التضخم يتراجع ببطء ولم يبلغ بعد المستوى "
    "الذي يسمح بالخفض، ورأى محللون أن القرار كان متوقعا في الأسواق.",
)
NAMES = {
    "الحميدية": ("LOC", "سوق الحميدية"), "عماد الحمصي": ("PER", "عماد الحمصي"), "صفاقس": ("LOC", "صفاقس"),
    "أنيس البكوش": ("PER", "أنيس البكوش"), "عمان": ("LOC", "عمان"),
}  # fmt: skip


def make(
    article_id: str, source: str, text: tuple[str, str], at: datetime | None = MORNING, *, day: date = DAY, **row: Any
) -> Piece:
    title, body = text
    plain = {
        "article_id": article_id, "source": source, "date": at.date() if at else day, "title": title, "body": body,
        "published_at": at, "published_basis": "json_ld", "is_live_blog": False, **row,
    }  # fmt: skip
    return piece(plain, [name for spelled, name in NAMES.items() if spelled in body], [])


def told(*pieces: Piece, day: date = DAY, **options: Any) -> Told:
    return tell(day, sorted(pieces, key=lambda p: p.article_id), EMPTY, **options)


def members(found: Told) -> list[list[str]]:
    groups = defaultdict(list)
    for row in found.members.table.to_pylist():
        groups[row["story_id"]].append(row["article_id"])
    return sorted(groups.values())


# words


@pytest.mark.parametrize(
    ("one", "other"), [("قتلى", "القتيل"), ("والأسعار", "سعر"), ("حرائق", "حريق"), ("للوزراء", "وزير"), ("٢٥", "25")]
)
def test_forms_of_a_word_are_one_word(one: str, other: str) -> None:
    # broken plurals change the word within: no cutting of ends finds them
    assert base_form(one) == base_form(other)


def test_a_name_that_no_dictionary_has_loses_what_is_written_onto_it() -> None:
    assert base_form("والرواشدة") == base_form("الرواشدة")


def test_words_of_saying_and_days_are_no_terms() -> None:
    terms = terms_of("عاجل", "قال وأعلن يوم الثلاثاء في إلى عن", [], [])
    assert not terms.words


def test_what_all_articles_name_is_no_evidence() -> None:
    texts = [("عنوان", f"التقى الرئيس سالم العمري في عمان {word}") for word in ("لاعبين", "مزارعين", "أطباء", "نوابا")]
    named = [make(f"a{n}", "s", text) for n, text in enumerate(texts)]
    only_here = [make("b1", "s", FIRE[0]), make("b2", "t", FIRE[1])]
    made = vectors([p.terms for p in (*named, *only_here)])
    assert alike(made[4], made[5]) > 0.3
    assert members(told(*[dataclasses.replace(p, source=f"s{n}") for n, p in enumerate(named)], *only_here)) == [
        ["b1", "b2"]
    ]


# what is one story


def test_several_sources_on_one_event_are_a_story() -> None:
    found = told(
        make("a1", "sahil", FIRE[0]),
        make("b1", "barq", FIRE[1], MORNING + timedelta(hours=2)),
        make("c1", "mada", FIRE[2], MORNING + timedelta(hours=9)),
        make("d1", "sahil", OTHER_FIRE),
        make("e1", "barq", RATE),
    )
    assert members(found) == [["a1", "b1", "c1"]]
    (story,) = found.stories.table.to_pylist()
    assert story["title"] in {title for title, _ in FIRE}
    assert (story["article_count"], story["source_count"], story["sources"]) == (3, 3, ["barq", "mada", "sahil"])
    assert (story["first_seen_at"], story["last_seen_at"]) == (MORNING, MORNING + timedelta(hours=9))
    assert story["places"] == ["سوق الحميدية"]
    assert story["people"] == ["عماد الحمصي"]
    evidence = [row["evidence"] for row in found.members.table.to_pylist()]
    assert all("الحمصي" in text or "الحميدية" in text for text in evidence)


def test_one_source_alone_has_no_story() -> None:
    assert members(told(make("a1", "sahil", FIRE[0]), make("a2", "sahil", FIRE[1]))) == []


def test_the_same_event_more_than_48_hours_later_is_another_story() -> None:
    late = MORNING + SPAN + timedelta(minutes=1)
    pair = (make("a1", "sahil", FIRE[0], MORNING), make("b1", "barq", FIRE[1], late))
    assert members(told(*pair, day=late.date())) == []
    in_time = make("b1", "barq", FIRE[1], MORNING + SPAN)
    assert members(told(pair[0], in_time, day=in_time.date)) == [["a1", "b1"]]


def test_the_bound_is_of_the_whole_story_and_not_of_neighbours() -> None:
    hours = (0, 30, 60)
    pieces = [make(f"a{n}", f"s{n}", FIRE[n], MORNING + timedelta(hours=h)) for n, h in enumerate(hours)]
    found = told(*pieces, day=pieces[-1].date)
    assert all(len(group_) == 2 for group_ in members(found))


def test_a_day_without_an_hour_is_any_hour_of_it() -> None:
    zone = ZoneInfo("Asia/Beirut")
    midnight = datetime(2026, 3, 3, tzinfo=zone)
    row = {
        "article_id": "a", "source": "s", "date": DAY, "title": "عنوان", "body": RATE[1], "published_at": midnight,
        "published_basis": "meta", "is_live_blog": False,
    }  # fmt: skip
    dayly = piece(row, [], [], zone)
    assert not dayly.has_hour
    assert dayly.latest - dayly.earliest == timedelta(days=1)
    assert piece(row, [], [], UTC).has_hour  # 22:00 in London is an hour like others
    # surely within 48 hours of the next day's evening, and its hour is nobody's first
    found = told(
        make("a1", "sahil", FIRE[0], None), make("b1", "barq", FIRE[1], MORNING + timedelta(hours=40)),
        day=DAY + timedelta(days=1),
    )  # fmt: skip
    (story,) = found.stories.table.to_pylist()
    assert story["first_seen_at"] == MORNING + timedelta(hours=40)
    assert story["first_date"] == DAY


def test_who_is_dated_by_sight_follows_and_begins_nothing() -> None:
    seen = make("b1", "barq", FIRE[1], published_basis="first_seen")
    assert members(told(seen, make("c1", "mada", FIRE[2], published_basis="first_seen"))) == []
    found = told(make("a1", "sahil", FIRE[0]), seen)
    assert members(found) == [["a1", "b1"]]
    assert found.stories.table["representative_id"].to_pylist() == ["a1"]
    assert {r["article_id"]: r["basis"] for r in found.members.table.to_pylist()}["b1"] == "attached"


def test_a_live_page_of_two_events_does_not_make_one_of_them() -> None:
    both = ("تغطية مباشرة", " ".join((FIRE[0][1], OTHER_FIRE[1])))
    second = ("دخان فوق صفاقس", OTHER_FIRE[1].replace("شب", "نشب").replace("شاركت في إخماد", "أخمدت"))
    found = told(
        make("a1", "sahil", FIRE[0]),
        make("b1", "barq", FIRE[1]),
        make("c1", "sahil", OTHER_FIRE),
        make("d1", "mada", second),
        make("e1", "rasid", both, is_live_blog=True),
    )
    groups = [set(g) - {"e1"} for g in members(found)]
    assert groups == [{"a1", "b1"}, {"c1", "d1"}]


def report(day: int, price: int) -> tuple[str, str]:
    return (
        f"أسعار الذهب في مصر اليوم {['الاثنين', 'الثلاثاء', 'الأربعاء'][day]}",
        f"سجل سعر غرام الذهب عيار 21 في محال الصاغة في مصر {price} جنيها للبيع من دون المصنعية، وبلغ عيار 18 نحو {price - 700} "
        f"جنيها وعيار 24 نحو {price + 700} جنيها، ووصل سعر الجنيه الذهب إلى {price * 8} جنيها وفق شعبة الذهب.",
    )


def test_a_daily_report_is_of_its_day_alone() -> None:
    pieces = [
        make(f"{source}{n}", source, report(n, 5000 + 37 * n), MORNING + timedelta(days=n))
        for n in range(2)
        for source in ("sabah", "barq")
    ]
    copies = [[p.article_id for p in pieces]]  # their words are near duplicates of one another
    found = group(sorted(pieces, key=lambda p: p.article_id), copies=copies)
    names = [p.article_id for p in sorted(pieces, key=lambda p: p.article_id)]
    assert sorted([names[n] for n in g] for g in found.groups) == [["barq0", "sabah0"], ["barq1", "sabah1"]]


def test_copies_are_one_story_by_definition() -> None:
    pieces = [make("a1", "sahil", FIRE[0]), make("b1", "barq", OTHER_FIRE)]
    assert members(told(*pieces)) == []
    found = told(*pieces, copies=[["a1", "b1", "of another day"]])
    assert members(found) == [["a1", "b1"]]
    assert {r["evidence"] for r in found.members.table.to_pylist()} == {
        "says the same as a1",
        "says the same as b1",
    }


def test_a_chain_does_not_hold() -> None:
    # each like the next and no other: 0-1-2-3-4-5
    pairs = {(n, n + 1): 0.5 for n in range(5)}
    assert link(6, pairs, 0.2, lambda _: True) == [[0, 1], [2, 3], [4, 5]]
    assert link(6, pairs, 0.1, lambda _: True) == [[0, 1, 2, 3], [4, 5]]
    assert link(6, pairs, 0.1, lambda members: len(members) < 3) == [[0, 1], [2, 3], [4, 5]]


# properties

TEXTS = [*FIRE, OTHER_FIRE, RATE, report(0, 5000), report(1, 5037)]


@st.composite
def some_pieces(draw: st.DrawFn) -> list[Piece]:
    count = draw(st.integers(2, 12))
    found = []
    for n in range(count):
        hours = draw(st.integers(0, 71))
        at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours, minutes=draw(st.integers(0, 59)))
        has_hour = draw(st.integers(0, 4)) > 0
        text = draw(st.sampled_from(TEXTS))
        basis = draw(st.sampled_from(["json_ld", "json_ld", "json_ld", "first_seen"]))
        source = draw(st.sampled_from("abcd"))
        found.append(
            make(f"x{n:02}", source, text, at if has_hour else None, day=at.date(), published_basis=basis)
        )  # fmt: skip
    return found


@settings(max_examples=30, deadline=None)
@given(some_pieces(), st.randoms(use_true_random=False))
def test_every_article_is_in_one_group_and_groups_keep_their_bounds(pieces: list[Piece], shuffle: Any) -> None:
    found = group(pieces, copies=[[p.article_id for p in pieces if p.source == "a"]])
    assert sorted(n for g in found.groups for n in g) == list(range(len(pieces)))
    for g in found.groups:
        some = [pieces[n] for n in g]
        assert may_be_one(some, frozenset())
        hours = [p.published_at for p in some if p.has_hour and p.published_at]
        assert not hours or max(hours) - min(hours) <= SPAN
        assert len({p.date for p in some}) <= 3
    # in whatever order they come
    mixed = list(pieces)
    shuffle.shuffle(mixed)
    assert told(*mixed).members.table == told(*pieces).members.table


IDS = st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=6), min_size=1, max_size=8)


def disjoint(groups: Sequence[Sequence[int]]) -> list[list[str]]:
    seen: set[int] = set()
    found = []
    for g in groups:
        own = sorted(set(g) - seen)
        seen |= set(own)
        if own:
            found.append([f"a{n:02}" for n in own])
    return found


def rows_of(groups: Sequence[Sequence[str]], ids: Sequence[Any]) -> Rows:
    pairs = [(a, i.story_id) for g, i in zip(groups, ids, strict=True) for a in g]
    age: dict[str, tuple[date, str]] = {}
    for a, story in pairs:
        age[story] = min(age.get(story, (DAY, a)), (DAY, a))
    return Rows(dict(pairs), age, {i.story_id: frozenset(i.merged_from) for i in ids})


@settings(max_examples=100, deadline=None)
@given(IDS, IDS, IDS)
def test_naming_again_changes_nothing(first: Any, second: Any, third: Any) -> None:
    # whatever the days before said, and whatever the day itself said when it was curated before
    a, b, c = disjoint(first), disjoint(second), disjoint(third)
    yesterday = rows_of(a, name_stories(a, EMPTY))
    earlier = rows_of(b, name_stories(b, Before(yesterday, NOTHING)))
    once = name_stories(c, Before(yesterday, earlier))
    assert len({i.story_id for i in once}) == len(once)
    assert name_stories(c, Before(yesterday, rows_of(c, once))) == once


@settings(max_examples=100, deadline=None)
@given(IDS, st.lists(st.integers(0, 7), max_size=20))
def test_ids_stay_while_stories_only_grow(groups: Any, joining: list[int]) -> None:
    before = disjoint(groups)
    ids = name_stories(before, EMPTY)
    grown = [list(g) for g in before]
    for n, where in enumerate(joining):
        # ids of what joins stand before and behind those that were there
        grown[where % len(grown)].append(f"{'A' if n % 2 else 'z'}{n}")
    assert name_stories([sorted(g) for g in grown], Before(NOTHING, rows_of(before, ids))) == ids
    assert name_stories([sorted(g) for g in grown], Before(rows_of(before, ids), NOTHING)) == ids


def test_a_merge_goes_by_the_oldest_and_says_so() -> None:
    apart = [["b"], ["a", "c"]]
    ids = name_stories(apart, EMPTY)
    ages = {ids[0].story_id: (DAY, "06:00 b"), ids[1].story_id: (DAY, "07:00 a")}
    rows = dataclasses.replace(rows_of(apart, ids), age=ages)
    (merged,) = name_stories([["a", "b", "c"]], Before(rows, NOTHING))
    assert (merged.story_id, merged.merged_from) == (ids[0].story_id, (ids[1].story_id,))


def test_a_split_leaves_the_id_with_the_greater_part() -> None:
    (whole,) = name_stories([["a", "b", "c"]], EMPTY)
    parts = name_stories([["a"], ["b", "c"]], Before(NOTHING, rows_of([["a", "b", "c"]], [whole])))
    assert parts[1].story_id == whole.story_id
    assert parts[0].story_id != whole.story_id  # though a is the article that the id was made of


# days


BASE = Article(
    "", 1, None, "main", "", DAY, "u", None, "عنوان", None, "", (), (), None, "json_ld", None, None, (), (), None, "ar",
    (), 1, "0", "text", False, False, "0",
)  # fmt: skip


def publish(lake: Lake, source: str, day: date, *articles: tuple[str, tuple[str, str], int]) -> None:
    """Articles of a source's day: id, text, hour."""
    rows = [
        dataclasses.replace(
            BASE, article_id=i, source=source, date=day, title=text[0], body=text[1], paragraphs=(text[1],),
            published_at=datetime(day.year, day.month, day.day, hour, 1, tzinfo=UTC),
        )
        for i, text, hour in articles
    ]  # fmt: skip
    partition = Partition(source, day)
    written = lake.write_table("published", ARTICLES, partition, ARTICLES.table(rows))
    manifest = Manifest(
        source=source, date=day, code_version="test", schema_versions={"articles": 1},
        files=(PublishedFile(dataset=ARTICLES.name, **dataclasses.asdict(written)),), outcomes={}, quarantined={},
        gates=(),
    )  # fmt: skip
    lake.write_bytes(manifest_path(partition), manifest.to_bytes())


def curate(lake: Lake, day: date, *, stop_after_stories: bool = False) -> list[dict[str, Any]]:
    found = find_stories(day, lake)
    partition = Partition(ALL_SOURCES, day)
    lake.write_table("published", STORIES, partition, found.stories.table)
    if not stop_after_stories:
        lake.write_table("published", STORY_MEMBERS, partition, found.members.table)
    rows: list[dict[str, Any]] = found.stories.table.to_pylist()
    return rows


NEXT = DAY + timedelta(days=1)


def test_the_next_day_goes_on_with_the_story(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish(lake, "sahil", DAY, ("a1", FIRE[0], 6))
    publish(lake, "barq", DAY, ("b1", FIRE[1], 8))
    (first,) = curate(lake, DAY)
    publish(lake, "mada", NEXT, ("c1", FIRE[2], 9))
    (second,) = curate(lake, NEXT)
    assert second["story_id"] == first["story_id"]
    assert (second["article_count"], second["new_article_count"], second["first_date"]) == (3, 1, DAY)
    rows = lake.read_table("published", STORY_MEMBERS, Partition(ALL_SOURCES, NEXT)).to_pylist()
    assert {r["article_id"]: r["basis"] for r in rows} == {"a1": "carried", "b1": "carried", "c1": "likeness"}


def test_a_late_source_leaves_the_id(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish(lake, "barq", DAY, ("b1", FIRE[1], 8))
    publish(lake, "mada", DAY, ("c1", FIRE[2], 9))
    (before,) = curate(lake, DAY)
    publish(lake, "sahil", DAY, ("a1", FIRE[0], 6))  # published before them all, and first by id
    (after,) = curate(lake, DAY)
    assert after["story_id"] == before["story_id"]
    assert (after["article_count"], after["first_seen_at"].hour) == (3, 6)


def test_what_was_alone_yesterday_begins_todays_story(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish(lake, "sahil", DAY, ("a1", FIRE[0], 6))
    assert curate(lake, DAY) == []
    publish(lake, "barq", NEXT, ("b1", FIRE[1], 8))
    (story,) = curate(lake, NEXT)
    assert (story["article_count"], story["first_date"], story["last_date"]) == (2, DAY, NEXT)


def test_a_story_that_goes_on_for_a_week_is_several_of_48_hours(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    spans: dict[str, list[tuple[date, datetime]]] = defaultdict(list)
    for n in range(6):
        day = DAY + timedelta(days=n)
        for source, text in zip(("sahil", "barq"), (FIRE[0], FIRE[1]), strict=True):
            # a word of its own, so that the days are no copies
            told_today = (text[0], f"{text[1]} {'أ' * (n + 2)}ص")
            publish(lake, source, day, (f"{source}{n}", told_today, 10))
        curate(lake, day)
        for row in lake.read_table("published", STORY_MEMBERS, Partition(ALL_SOURCES, day)).to_pylist():
            spans[row["story_id"]].append((row["article_date"], row["published_at"]))
    assert len(spans) >= 2
    for found in spans.values():
        assert max(at for _, at in found) - min(at for _, at in found) <= SPAN


def test_curating_again_and_after_a_kill_gives_the_same_bytes(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    publish(lake, "sahil", DAY, ("a1", FIRE[0], 6), ("a2", OTHER_FIRE, 7))
    publish(lake, "barq", DAY, ("b1", FIRE[1], 8))
    curate(lake, DAY)
    publish(lake, "mada", DAY, ("c1", FIRE[2], 9))
    curate(lake, DAY, stop_after_stories=True)  # the file of members is still the old one
    curate(lake, DAY)
    paths = [lake.dataset_path("published", d, Partition(ALL_SOURCES, DAY)) for d in (STORIES, STORY_MEMBERS)]
    after_a_kill = [lake.read_bytes(path) for path in paths]
    curate(lake, DAY)
    assert [lake.read_bytes(path) for path in paths] == after_a_kill
