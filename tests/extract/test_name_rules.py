"""Places that are also words, countries, canonical forms, joined readings; the offsets of every name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.extract.data import nationalities
from marsad.extract.head_rules import Found
from marsad.extract.mentions import find_mentions
from marsad.extract.recogniser import RulesOnly, Span
from marsad.extract.tokens import Tokens, fold


def read(body: str) -> list[Found]:
    return find_mentions(Tokens(body))


def by_rule(body: str) -> list[tuple[str, str, str | None]]:
    return [(body[m.start : m.end], m.type, m.country) for m in find_mentions(Tokens(body), RulesOnly())]


class Says:
    """A recogniser that says what it is told: (first, past, type, confidence)."""

    name = "told"

    def __init__(self, *spans: tuple[int, int, str, float]) -> None:
        self._spans = [Span(*span) for span in spans]

    def spans(self, tokens: Tokens) -> list[Span]:
        return self._spans


@pytest.mark.parametrize(
    ("body", "text", "country"),
    [
        ("عبر القارب نهر الأردن ليلا", "نهر الأردن", None),
        ("سفن في خليج عمان", "خليج عمان", None),
        ("إلى العاصمة الأردنية عمان", "عمان", "JO"),
        ("إلى العاصمة العمانية", None, None),
        ("وصل إلى عمان", "عمان", None),
        ("أقيمت في تونس", "تونس", "TN"),
        ("سافر إلى المغرب", "المغرب", "MA"),
        ("بعد صلاة المغرب", None, None),
        ("قبيل المغرب بساعة", None, None),
        ("في جمهورية مالي", "مالي", "ML"),
        ("دعم مالي كبير", None, None),
        ("سكان مدينة جدة", "جدة", "SA"),
        ("جدة الطفل بكت", None, None),
        ("صورة جنين في الشهر السادس", None, None),
        ("عدد من المواطنين السود", None, None),
        ("هبت الرياح من جهة الغرب", None, None),
    ],
)
def test_places_that_are_also_words(body: str, text: str | None, country: str | None) -> None:
    places = [(body[m.start : m.end], m.country) for m in read(body) if m.type == "LOC"]
    assert places == ([] if text is None else [(text, country)])


@pytest.mark.parametrize(
    ("word", "country"),
    [("سوري", "SY"), ("السوري", "SY"), ("السورية", "SY"), ("السوريون", "SY"), ("السوريين", "SY"), ("سوريتان", "SY"),
     ("الأردنية", "JO"), ("الأتراك", "TR"), ("الروس", "RU"), ("المغاربة", "MA"), ("العمانيون", "OM"), ("اليهود", None)],
)  # fmt: skip
def test_nationalities_have_their_country(word: str, country: str | None) -> None:
    assert nationalities()[fold(word)] == country


def test_a_tournament_is_an_event_not_the_country_in_its_name() -> None:
    assert by_rule("فازت في نهائي كوبا أمريكا") == [("كوبا أمريكا", "EVENT", None)]


def test_an_abbreviation_goes_by_the_name_before_it() -> None:
    body = "منظمة الدول المصدرة للنفط (أوبك) اجتمعت. وقررت أوبك خفض الإنتاج."
    found = [(body[m.start : m.end], m.name) for m in read(body) if m.type == "ORG"]
    assert ("أوبك", "منظمة الدول المصدرة للنفط") in found[1:]


def test_two_people_of_one_family_keep_their_own_names() -> None:
    body = "قال الوزير سامي قصاب إن المشروع جيد. وقالت الدكتورة ليلى قصاب إنه ضار. وانصرف قصاب."
    names = {m.name for m in find_mentions(Tokens(body), RulesOnly())}
    assert {"سامي قصاب", "ليلى قصاب"} <= names
    assert [m.name for m in find_mentions(Tokens(body), RulesOnly())][-1] != "قصاب"


def test_a_name_that_only_an_unsure_model_sees_is_left_out() -> None:
    tokens = Tokens("زار برنهوف كفرتون صباحا")
    assert find_mentions(tokens, Says((1, 2, "PER", 0.7), (2, 3, "LOC", 0.3))) == []
    (person,) = find_mentions(tokens, Says((1, 2, "PER", 0.95)))
    assert (person.type, person.method) == ("PER", "told")


def test_titles_and_what_is_written_onto_a_name_are_no_part_of_it() -> None:
    body = "وصل الرئيس مانويل برنهوف ولبيروت عاد"
    found = find_mentions(Tokens(body), Says((1, 4, "PER", 0.99), (4, 5, "LOC", 0.99)))
    assert [body[m.start : m.end] for m in found] == ["مانويل برنهوف", "بيروت"]
    assert found[1].country == "LB"


def test_a_bank_holds_the_country_in_its_name() -> None:
    body = "أعلن مصرف قطر المركزي الخبر"
    found = find_mentions(Tokens(body), Says((1, 4, "ORG", 0.9)))
    assert [(body[m.start : m.end], m.type) for m in found] == [("مصرف قطر المركزي", "ORG")]


def test_a_club_is_no_town_where_the_model_is_certain() -> None:
    body = "فاز دينامو كييف على برشلونة"
    found = find_mentions(Tokens(body), Says((1, 3, "ORG", 0.8), (4, 5, "ORG", 0.95)))
    assert [(body[m.start : m.end], m.type) for m in found] == [("دينامو كييف", "ORG"), ("برشلونة", "ORG")]
    unsure = find_mentions(Tokens(body), Says((4, 5, "ORG", 0.7)))
    assert [(body[m.start : m.end], m.type) for m in unsure] == [("كييف", "LOC"), ("برشلونة", "LOC")]


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet='ابتسموني والفرح«»()".،\n12 aZ\u0640\u064b', max_size=160))
def test_names_stand_at_their_offsets_apart_from_each_other(text: str) -> None:
    found = read(text)
    assert found == read(text)
    past = 0
    for one in found:
        assert past <= one.start < one.end <= len(text)
        assert "\n" not in text[one.start : one.end]
        past = one.end


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "الرئيس",
                "بوتين",
                "محمد",
                "بن",
                "في",
                "دمشق",
                "وزارة",
                "الداخلية",
                "السورية",
                "«",
                "»",
                "(",
                ")",
                ".",
                "\n\n",
                "قال",
                "نهر",
                "الأردن",
                "وعمان",
                "لأنقرة",
                "مطار",
                "حزب",
                "الله",
                "كريم",
                "هجوم",
                "برشلونة",
                "3",
            ]
        ),
        max_size=40,
    )
)
def test_any_order_of_telling_words_keeps_the_offsets(words: list[str]) -> None:
    test_names_stand_at_their_offsets_apart_from_each_other.hypothesis.inner_test(" ".join(words))  # type: ignore[attr-defined]


def test_an_adjective_that_is_the_ministers_makes_no_body_of_state() -> None:
    assert by_rule("قال وزير الداخلية الأسترالي إن") == [("الأسترالي", "MISC", "AU")]
    assert by_rule("أعلنت الداخلية الأسترالية أن") == [("الداخلية الأسترالية", "ORG", None)]
    assert by_rule("جهاز الاستخبارات المغربي") == [("المغربي", "MISC", "MA")]


@pytest.mark.parametrize(
    "body",
    [
        "إذ لدينا اتفاق جديد",
        "كان سيف مصلت على الرقاب",
        "يزيد قليلا على المليون",
        "مشى على شريف الطريق",
        "في نيسان المقبل",
    ],
)
def test_words_that_are_also_given_names_make_no_person(body: str) -> None:
    assert [body[m.start : m.end] for m in read(body) if m.type in ("PER", "ORG")] == []
