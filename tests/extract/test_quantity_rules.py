"""Numbers of something: values, bounds, units, kinds."""

from __future__ import annotations

import pytest

from marsad.extract.article import read_article
from marsad.extract.numerals import digits_value, read_number
from marsad.extract.record import Quantity
from marsad.extract.tokens import Tokens


def read(body: str) -> tuple[Quantity, ...]:
    return read_article(body, title=None, anchor=None).quantities


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ثلاثة وعشرون", 23),
        ("ألفان وخمسمئة", 2500),
        ("مليونا", 2_000_000),
        ("3,5 ملايين", 3_500_000),
        ("٤٠", 40),
        ("مليارين وخمس مئة مليون", 2_500_000_000),
        ("38 ألف", 38_000),
        ("أحد عشر", 11),
        ("اثني عشر ألفا", 12_000),
        ("مئة وعشرون ألفا", 120_000),
        ("ثلاثمئة وخمسة وعشرون ألفا وأربعمئة", 325_400),
        ("نصف مليون", 500_000),
        ("مليون ونصف", 1_500_000),
        ("3 ملايين و200 ألف", 3_200_000),
        ("مئتي ألف", 200_000),
        ("خمسة", 5),
    ],
)
def test_numbers_in_words_and_digits(text: str, value: float) -> None:
    number = read_number(Tokens(text), 0)
    assert number is not None
    assert (number.value, number.past) == (value, len(Tokens(text)))


def test_two_numbers_joined_by_and_are_two() -> None:
    number = read_number(Tokens("خمسة وستة"), 0)
    assert number is not None
    assert number.value == 5


@pytest.mark.parametrize(
    ("text", "value"),
    [("3,5", 3.5), ("3٫5", 3.5), ("3,500", 3500), ("3٬500", 3500), ("3.500", 3500), ("0.500", 0.5), ("1,250,000.75", 1250000.75),
     ("192.168.1.1", None), ("9" * 40, None)],
)  # fmt: skip
def test_separators(text: str, value: float | None) -> None:
    assert digits_value(text) == value


@pytest.mark.parametrize(
    ("body", "text", "value", "unit", "kind"),
    [
        ("سقط قتيلان في الحادث", "قتيلان", 2, "قتيلان", "killed"),
        ("وهاجم 4 رجال المتجر", "4 رجال", 4, "رجال", "people"),
        ("تم اعتقال 11 شخصا", "11 شخصا", 11, "شخصا", "arrested"),
        ("وأوقف الإرهابيين الأربعة", "الإرهابيين الأربعة", 4, "الإرهابيين", "arrested"),
        ("وإصابة 15 مدنيا بجروح", "15 مدنيا", 15, "مدنيا", "injured"),
        ("نقل 15 جريحا", "15 جريحا", 15, "جريحا", "injured"),
        ("بلغ العدد 20 قتيلا وجريحا", "20 قتيلا وجريحا", 20, "قتيلا وجريحا", "killed_or_injured"),
        ("وصول ألفين وخمسمئة نازح", "ألفين وخمسمئة نازح", 2500, "نازح", "displaced"),
        ("لا يزال سبعة مفقودين", "سبعة مفقودين", 7, "مفقودين", "missing"),
        ("بقيمة مليوني دولار", "مليوني دولار", 2_000_000, "USD", "money"),
        ("بقيمة 500 ليرة لبنانية", "500 ليرة لبنانية", 500, "LBP", "money"),
        ("بقيمة 500 ليرة", "500 ليرة", 500, None, "money"),
        ("بنسبة 40 في المئة", "40 في المئة", 40, "%", "percent"),
        ("بنسبة 3.5%", "3.5%", 3.5, "%", "percent"),
        ("بـ2.5 مليار يورو", "2.5 مليار يورو", 2_500_000_000, "EUR", "money"),
        ("في الدول الخمس", "الدول الخمس", 5, "الدول", "other"),
        ("يضم ثلاث سفن", "ثلاث سفن", 3, "سفن", "other"),
    ],
)
def test_values_units_and_kinds(body: str, text: str, value: float, unit: str, kind: str) -> None:
    (found,) = read(body)
    assert (found.text, found.value, found.unit, found.kind) == (text, value, unit, kind)
    assert body[found.start : found.end] == text


@pytest.mark.parametrize(
    ("body", "text", "value", "low", "high"),
    [
        ("مقتل وجرح المئات.", "مقتل وجرح المئات", None, 100, None),
        ("نزوح عشرات الآلاف.", "عشرات الآلاف", None, 10_000, None),
        ("نحو 40 سيارة", "نحو 40 سيارة", 40, None, None),
        ("أكثر من 100 سيارة", "أكثر من 100 سيارة", 100, 100, None),
        ("أقل من 100 سيارة", "أقل من 100 سيارة", 100, None, 100),
        ("ما لا يقل عن ثلاثة وعشرين عاملا", "ما لا يقل عن ثلاثة وعشرين عاملا", 23, 23, None),
        ("بين 20 و30 عاملا", "بين 20 و30 عاملا", None, 20, 30),
        ("من 10 إلى 15 مليار دولار", "من 10 إلى 15 مليار دولار", None, 10e9, 15e9),
    ],
)
def test_bounds(body: str, text: str, value: float | None, low: float | None, high: float | None) -> None:
    (found,) = read(body)
    assert (found.text, found.value, found.low, found.high) == (text, value, low, high)
    assert found.is_approximate == (not body.startswith(("بين", "من")))


def test_the_verb_reaches_no_further_than_its_clause() -> None:
    found = read("تم اعتقال 11 شخصا، بينهم 4 إرهابيين. وقتل 5 وأصيب 12 آخرون.")
    assert [q.kind for q in found] == ["arrested", "people", "killed", "injured"]


def test_two_verbs_of_two_numbers_do_not_join() -> None:
    found = read("لقي سبعة أشخاص مصرعهم وأصيب 15 آخرون")
    assert [q.kind for q in found] == ["killed", "injured"]


def test_a_bare_scale_takes_the_currency_before_it() -> None:
    found = read("يبلغ 55 مليار دولار سنويا، لكن الهدف 100 مليار.")
    assert [(q.value, q.unit, q.kind) for q in found] == [(55e9, "USD", "money"), (100e9, "USD", "money")]


@pytest.mark.parametrize(
    "body",
    ["كوفيد-19", "فاز الفريق 2-1", "بالذكرى الـ 80 لقيام", "أحد المسؤولين", "الساعة 9:59", "المادة 5 من القانون", "في 22 آذار 2024",
     "شبكات 5G", "المرة الأولى", "ثلاثة أيام", "192.168.1.1"],
)  # fmt: skip
def test_what_counts_nothing(body: str) -> None:
    assert [q.text for q in read(body)] == []
