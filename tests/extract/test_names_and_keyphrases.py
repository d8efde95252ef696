"""Names with their fullest form and country; keyphrases."""

from __future__ import annotations

import pytest

from marsad.extract.article import read_article
from marsad.extract.record import Mention

STORY = (
    "أعلنت وزارة الطاقة الأردنية إنشاء محطة العقبة للطاقة الشمسية في العقبة. وقال الرئيس الروسي فلاديمير بوتين إن "
    "المشروع مهم لسوريا.\n\nوأضاف بوتين أن مشروع الطاقة الشمسية يبدأ في الصيف. وتزود محطة الطاقة الشمسية موسكو ودمشق."
)


def read(body: str) -> tuple[Mention, ...]:
    return read_article(body, title=None, anchor=None).mentions


@pytest.mark.parametrize(
    ("body", "text", "kind", "name", "country"),
    [
        ("وصل إلى موسكو", "موسكو", "LOC", "موسكو", "RU"),
        ("وصل لأنقرة", "أنقرة", "LOC", "أنقرة", "TR"),
        ("في سورية", "سورية", "LOC", "سورية", "SY"),
        ("في الولايات المتحدة الأميركية", "الولايات المتحدة الأميركية", "LOC", "الولايات المتحدة الأميركية", "US"),
        ("في عمان", "عمان", "LOC", "عمان", None),
        ("في عمّان", "عمّان", "LOC", "عمّان", "JO"),
        ("في عُمان", "عُمان", "LOC", "عُمان", "OM"),
        ("قالت شركة مايكروسوفت", "مايكروسوفت", "ORG", "مايكروسوفت", None),
        ("أعلن الجيش اللبناني", "الجيش اللبناني", "ORG", "الجيش اللبناني", None),
        ("في مستشفى الملك فهد", "مستشفى الملك فهد", "FAC", "مستشفى الملك فهد", None),
        (
            "افتتاح معرض القاهرة الدولي للكتاب",
            "معرض القاهرة الدولي للكتاب",
            "EVENT",
            "معرض القاهرة الدولي للكتاب",
            None,
        ),
        ("في مدينة كسلا", "كسلا", "LOC", "كسلا", "SD"),
        ("قالت لجنة الخبراء الخبر", "لجنة الخبراء", "ORG", "لجنة الخبراء", None),
        ("في تونس", "تونس", "LOC", "تونس", "TN"),
        ("في مقاطعة نيفسكي", "نيفسكي", "LOC", "نيفسكي", None),
        ("الشعب السوري", "السوري", "MISC", "السوري", "SY"),
        ("والسوريون", "السوريون", "MISC", "السوريون", "SY"),
        ("أعلن الكرملين", "الكرملين", "ORG", "الكرملين", None),
        ("بيان للكرملين", "كرملين", "ORG", "الكرملين", None),
        ("هيئة الطيران المدني", "هيئة الطيران المدني", "ORG", "هيئة الطيران المدني", None),
        ("منظمة شنغهاي للتعاون", "منظمة شنغهاي للتعاون", "ORG", "منظمة شنغهاي للتعاون", None),
        ("مركز «ساحة الورد» التجاري", "ساحة الورد", "FAC", "ساحة الورد", None),
        ("مطار دمشق الدولي", "مطار دمشق الدولي", "FAC", "مطار دمشق الدولي", None),
        ("الرئيس بشار الأسد", "بشار الأسد", "PER", "بشار الأسد", None),
        ("هجوم «كروكوس»", "كروكوس", "EVENT", "كروكوس", None),
    ],
)
def test_names(body: str, text: str, kind: str, name: str, country: str | None) -> None:
    (found,) = read(body)
    assert (found.text, found.type, found.name, found.country) == (text, kind, name, country)
    assert body[found.start : found.end] == text


@pytest.mark.parametrize(
    "body",
    [
        "رئيس مالي جديد",
        "الأب الروحي لكليهما واحد",
        "محطة وقود",
        "عاد على الطريق",
        "حركة السيارات",
        "المتحدث باسم الإدارة",
    ],
)
def test_common_words_are_no_names(body: str) -> None:
    assert read(body) == ()


def test_people_are_named_by_their_fullest_form() -> None:
    people = [(m.text, m.name) for m in read(STORY) if m.type == "PER"]
    assert people == [("فلاديمير بوتين", "فلاديمير بوتين"), ("بوتين", "فلاديمير بوتين")]


def test_a_surname_is_found_once_the_story_gave_it_in_full() -> None:
    found = read("قال الوزير سامي قصاب إن الطريق مغلق. وغادر قصاب المكان.")
    assert [(m.text, m.name, m.method) for m in found][-1] == ("قصاب", "سامي قصاب", "surname")


def test_keyphrases_are_what_the_story_is_about() -> None:
    found = read_article(STORY, title="محطة للطاقة الشمسية في العقبة", anchor=None).keyphrases
    assert 0 < len(found) <= 10
    assert any("الطاقة الشمسية" in k.phrase for k in found)
    assert [k.score for k in found] == sorted((k.score for k in found), reverse=True)
    assert all(k.phrase in STORY for k in found)
    assert len({k.phrase for k in found}) == len(found)


def test_keyphrases_begin_and_end_with_no_stop_word() -> None:
    for k in read_article(STORY, title=None, anchor=None).keyphrases:
        assert k.phrase.split()[0] not in ("في", "من", "وقال", "وأضاف")
        assert k.phrase.split()[-1] not in ("في", "من", "إن", "أن")
