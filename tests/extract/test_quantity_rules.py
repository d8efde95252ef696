"""Numbers of something: values, bounds, units, kinds."""

from __future__ import annotations

from datetime import date

import pytest

from marsad.extract.quantities import find_quantities
from marsad.extract.record import Quantity
from marsad.extract.timexes import find_timexes
from marsad.extract.tokens import Tokens


def read(body: str) -> tuple[Quantity, ...]:
    tokens = Tokens(body)
    taken = [(t.first, t.past) for t in find_timexes(tokens, None)]
    return tuple(
        Quantity(article_id="", start=f.start, end=f.end, text=body[f.start : f.end], value=f.value, low=f.low, high=f.high,
                 is_approximate=f.is_approximate, unit=f.unit, kind=f.kind, source="", date=date.min)
        for f in find_quantities(tokens, taken)
    )  # fmt: skip


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
        # what happened, before and behind
        ("أسفر عن سقوط 3 شهداء", "3 شهداء", 3, "شهداء", "killed"),
        ("أودى بحياة 130 شخصا", "130 شخصا", 130, "شخصا", "killed"),
        ("حصد أرواح 3176 مصابا", "3176 مصابا", 3176, "مصابا", "killed"),
        ("إن 12 شخصا قتلوا", "12 شخصا", 12, "شخصا", "killed"),
        ("إن سبعة أشخاص أصيبوا بحروق", "سبعة أشخاص", 7, "أشخاص", "injured"),
        ("تبحث الفرق عن خمسة أشخاص مفقودين", "خمسة أشخاص", 5, "أشخاص", "missing"),
        ("لقيت 6 فتيات حتفهن", "6 فتيات", 6, "فتيات", "killed"),
        ("أدت إلى تشريد ألفي عائلة", "ألفي عائلة", 2000, "عائلة", "displaced"),
        ("إجلاء 300 شخص من منازلهم", "300 شخص", 300, "شخص", "displaced"),
        ("إجلاء 300 شخص بمروحية", "300 شخص", 300, "شخص", "people"),
        ("قتل، أمس الأول، 5 جنود", "5 جنود", 5, "جنود", "killed"),
        ("محاولة قتل 3 أشخاص", "3 أشخاص", 3, "أشخاص", "people"),
        ("إنقاذ 33 عاملا", "33 عاملا", 33, "عاملا", "people"),
        ("مقتل شخص واحد", "شخص واحد", 1, "شخص", "killed"),
        ("قتل شخصان", "شخصان", 2, "شخصان", "killed"),
        ("إن شخصا واحدا توفي", "شخصا واحدا", 1, "شخصا", "killed"),
        ("اعتقل 15 فلسطينيا", "15 فلسطينيا", 15, "فلسطينيا", "arrested"),
        ("ويشارك 40 إعلاميا", "40 إعلاميا", 40, "إعلاميا", "people"),
        ("اختار خمسة مرشحين", "خمسة مرشحين", 5, "مرشحين", "people"),
        ("مقتل ثلاثة من عناصر الأمن", "ثلاثة من عناصر", 3, "عناصر", "killed"),
        # infections are no injuries
        ("إصابة 15 شخصا بالكوليرا", "15 شخصا", 15, "شخصا", "people"),
        ("سجلت 300 إصابة جديدة", "300 إصابة", 300, "إصابة", "other"),
        ("إصابة 15 شخصا بفيروس كورونا", "15 شخصا", 15, "شخصا", "people"),
        # numbers in and behind nouns
        ("أجلي الركاب الـ150", "الركاب الـ150", 150, "الركاب", "people"),
        ("في الدول الـ28", "الدول الـ28", 28, "الدول", "other"),
        ("مع الدول الكبرى الست", "الدول الكبرى الست", 6, "الدول", "other"),
        ("الدول العربية الأربع", "الدول العربية الأربع", 4, "الدول", "other"),
        ("زار أشقائه الأربعة", "أشقائه الأربعة", 4, "أشقائه", "other"),
        ("عقبة العشرة بالمئة", "العشرة بالمئة", 10, "%", "percent"),
        ("أكثر (62) استشارة"[5:], "(62) استشارة", 62, "استشارة", "other"),
        ("بلغ عدد القتلى 56", "56", 56, None, "killed"),
        ("سيطر على 15 آلية", "15 آلية", 15, "آلية", "other"),
        ("تلقت الوزارة 93316 طلب لجوء", "93316 طلب", 93316, "طلب", "other"),
        ("على بعد 60 كم", "60 كم", 60, "كم", "other"),
        ("نقل إلى100راكب", "100راكب", 100, "راكب", "people"),
        # money
        ("بقيمة 20 مليون جنيه مصري", "20 مليون جنيه مصري", 20e6, "EGP", "money"),
        ("بقيمة 5 آلاف دينار كويتي", "5 آلاف دينار كويتي", 5000, "KWD", "money"),
        ("بقيمة 100 دولار كندي", "100 دولار كندي", 100, "CAD", "money"),
        ("بقيمة 100 جنيه إسترليني", "100 جنيه إسترليني", 100, "GBP", "money"),
        ("بقيمة $20 مليونا", "$20 مليونا", 20e6, "USD", "money"),
        ("بقيمة 20$ فقط", "20$", 20, "USD", "money"),
        ("بقيمة 500 ليرة في تركيا", "500 ليرة", 500, "TRY", "money"),
        ("بقيمة 500 ليرة بين تركيا وسوريا", "500 ليرة", 500, None, "money"),
        ("بنسبة %40", "%40", 40, "%", "percent"),
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
        ("بين 3 و5 ملايين لاجئ", "بين 3 و5 ملايين لاجئ", None, 3e6, 5e6),
        ("بين 5% و10% منها", "بين 5% و10%", None, 5, 10),
        ("تظاهر الآلاف في المدينة", "الآلاف", None, 1000, None),
        ("سقوط عشرات القتلى والجرحى", "عشرات القتلى والجرحى", None, 10, None),
        ("وصل آلاف من المهاجرين", "آلاف من المهاجرين", None, 1000, None),
        ("مقتل 12 شخصا على الأقل", "12 شخصا", 12, 12, None),
        ("أكثر من مئات المصابين", "أكثر من مئات المصابين", None, 100, None),
        ("زهاء 3 ملايين حاج", "زهاء 3 ملايين حاج", 3e6, None, None),
        ("بنحو 40 كيلومترا", "نحو 40 كيلومترا", 40, None, None),
    ],
)
def test_bounds(body: str, text: str, value: float | None, low: float | None, high: float | None) -> None:
    (found,) = read(body)
    assert (found.text, found.value, found.low, found.high) == (text, value, low, high)
    assert found.is_approximate == (not body.startswith(("بين", "من 10")))


def test_the_verb_reaches_no_further_than_its_clause() -> None:
    found = read("تم اعتقال 11 شخصا، بينهم 4 إرهابيين. وقتل 5 وأصيب 12 آخرون.")
    assert [q.kind for q in found] == ["arrested", "people", "killed", "injured"]


def test_two_verbs_of_two_numbers_do_not_join() -> None:
    found = read("لقي سبعة أشخاص مصرعهم وأصيب 15 آخرون")
    assert [q.kind for q in found] == ["killed", "injured"]


def test_a_bare_scale_takes_the_currency_before_it() -> None:
    found = read("يبلغ 55 مليار دولار سنويا، لكن الهدف 100 مليار.")
    assert [(q.value, q.unit, q.kind) for q in found] == [(55e9, "USD", "money"), (100e9, "USD", "money")]


def test_the_sign_that_a_text_uses_for_decimals_tells_what_three_digits_behind_it_are() -> None:
    assert [q.value for q in read("ارتفع 3.5 نقطة إلى 4.125 نقطة")] == [3.5, 4.125]
    assert [q.value for q in read("باع 3.500 سيارة")] == [3500]
    assert [q.value for q in read("باع 3,500 سيارة بسعر 2.75 دولار")] == [3500, 2.75]


def test_the_wounded_of_an_epidemic_are_infected() -> None:
    found = read("قال إن وباء كورونا يتفشى. وسجلت البلاد 866 إصابة بالفيروس، والفيروس خطر.")
    assert [(q.text, q.kind) for q in found] == [("866 إصابة", "other")]


@pytest.mark.parametrize(
    ("body", "text", "unit", "kind"),
    [
        ("صعد الخام دولارين للبرميل", "دولارين", "USD", "money"),
        ("تصادم حافلتين على الطريق", "حافلتين", "حافلتين", "other"),
        ("أطلقوا صاروخين على المدينة", "صاروخين", "صاروخين", "other"),
        ("عرض فيلمان عربيان", "فيلمان", "فيلمان", "other"),
        ("مقتل مدنيين اثنين", "مدنيين اثنين", "مدنيين", "killed"),
        ("إنقاذ صيادين اثنين", "صيادين اثنين", "صيادين", "people"),
    ],
)
def test_duals(body: str, text: str, unit: str, kind: str) -> None:
    (found,) = read(body)
    assert (found.text, found.value, found.unit, found.kind) == (text, 2, unit, kind)


def test_what_is_said_of_households_and_halves() -> None:
    assert [q.kind for q in read("يعيش منها 15 ألف عائلة")] == ["other"]
    assert [q.value for q in read("يعيشون بخمسة دولارات ونصف يوميا")] == [5.5]
    assert [(q.text, q.kind) for q in read("نجح 2400 طالب وطالبة")] == [("2400 طالب وطالبة", "people")]
    assert [q.kind for q in read("بنت ألف مدرسة في 20 محافظة")] == ["other", "other"]


@pytest.mark.parametrize(
    ("body", "unit"),
    [
        ("أنفقوا 500 دينار في عمان", "JOD"),
        ("أنفقوا 500 ريال في عمان", "OMR"),
        ("أنفقوا 500 دينار بين عمان وبغداد", None),
        ("أنفقوا 500 درهم في مراكش", "MAD"),
        ("أنفقوا 500 دينار", None),
    ],
)
def test_a_shared_currency_needs_one_state_of_those_that_have_it(body: str, unit: str | None) -> None:
    assert [(q.kind, q.unit) for q in read(body)] == [("money", unit)]


def test_the_ounce_is_money_in_mauritania_only() -> None:
    assert [(q.kind, q.unit) for q in read("غرامة قدرها 200 ألف أوقية في موريتانيا")] == [("money", "MRU")]
    assert [q.kind for q in read("استخرجوا 200 ألف أوقية من الذهب")] == ["other"]


def test_a_dual_behind_the_killed_is_a_number_of_its_own() -> None:
    found = read("هناك 11 قتيلا وجريحين")
    assert [(q.text, q.value, q.kind) for q in found] == [("11 قتيلا", 11, "killed"), ("جريحين", 2, "injured")]


def test_masses_are_people_unless_something_else_is_named() -> None:
    assert [q.kind for q in read("تظاهر الآلاف في المدينة")] == ["people"]
    assert [q.kind for q in read("يوفر الآلاف من فرص العمل")] == ["other"]


def test_verbs_stand_with_numbers_that_have_no_noun() -> None:
    found = read("وقتل خمسة وأصيب سبعة، بينهم 3 في حالة خطرة، وأعيد اثنان منهم")
    assert [(q.text, q.kind) for q in found] == [
        ("خمسة", "killed"),
        ("سبعة", "injured"),
        ("3", "people"),
        ("اثنان", "people"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "كوفيد-19",
        "فاز الفريق 2-1",
        "تعادلا 1 - 1 وفاز",
        "بالذكرى الـ 80 لقيام",
        "في الذكرى السبعين للنكبة",
        "أحد المسؤولين",
        "الساعة 9:59",
        "المادة 5 من القانون",
        "القرار 2401 الصادر",
        "طائرة بوينغ 737 التابعة للشركة",
        "في 22 آذار 2024",
        "شبكات 5G",
        "المرة الأولى",
        "المرتبة الـ12 عالميا",
        "جاء 31 عالميا",
        "ثلاثة أيام",
        "البالغ 33 عاما",
        "192.168.1.1",
        "هاتف 0112345678",
        "للتواصل 920012345",
        'فيلم "120 نبضة" المرشح',
        "حركة خمس نجوم",
        "فاقت السبعمئة مليون دولار",
        "مونديال 2018",
        "منذ 2011",
        "بين الاثنين",
        "قال البلجيكي الاثنين",
        "مرتين متتاليتين",
        "تدفقت الحمم واقعتين جنوبا",
        "لبنان وباكستان",
        "قال بوتين إن فلسطين",
        "أعلنت حركة طالبان",
        "كمية تفوق الحاجة",
        "قوى 14 آذار",
        "مدينة 6 أكتوبر",
        "رؤية 2030",
        "مجموعة السبع",
        "في الدقيقة 64",
    ],
)
def test_what_counts_nothing(body: str) -> None:
    assert [q.text for q in read(body)] == []
