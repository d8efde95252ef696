"""Every rule of the quotations with the sentence that needs it, and the sentence that would break it."""

from __future__ import annotations

from datetime import date

import pytest

from marsad.extract.article import read_quotations
from marsad.extract.record import Quotation
from marsad.extract.tokens import Tokens


def read(body: str) -> tuple[Quotation, ...]:
    """The direct quotations; without the names of the text, so that no model decides a test of these."""
    return tuple(q for q in read_all(body) if q.kind == "direct")


def read_all(body: str) -> tuple[Quotation, ...]:
    return read_quotations(Tokens(body), (), article_id="", source="", date=date(2026, 3, 3))


def only(body: str) -> Quotation:
    (found,) = read(body)
    assert body[found.start : found.end] == found.text
    if found.speaker is not None:
        assert found.speaker_start is not None
        assert body[found.speaker_start : found.speaker_end] == found.speaker
    return found


WORDS = "لن نغلق الطريق قبل الصباح"


@pytest.mark.parametrize(
    ("body", "speaker", "cue"),
    [
        (f"قال رئيس البلدية مروان حداد: «{WORDS}».", "مروان حداد", "قال"),
        (f"وقالت الوزارة في بيان: “{WORDS}”.", "الوزارة", "قالت"),
        (f'وأضافت منظمة الصحة العالمية أن "{WORDS}".', "منظمة الصحة العالمية", "أضافت"),
        (f"وأكد الرئيس السنغالي «{WORDS}».", "الرئيس السنغالي", "أكد"),
        (f"وأكد الرئيس التركي: «{WORDS}».", "الرئيس التركي", "أكد"),
        (f"وأكد الرئيس التركي رجب طيب أردوغان: «{WORDS}».", "رجب طيب أردوغان", "أكد"),
        (f"وصرّح الوزير الأول بأن «{WORDS}».", "الوزير الأول", "صرّح"),
        (f"وقال الرئيس الأسد: «{WORDS}».", "الأسد", "قال"),
        (f"وقال وزير الخارجية والمغتربين اللبناني يوسف رجي إن «{WORDS}».", "يوسف رجي", "قال"),
        (f"وأوضح المتحدث باسم وزارة الدفاع أحمد سالم: «{WORDS}».", "أحمد سالم", "أوضح"),
        (f"وقال رئيس نقابة عمال البناء كمال صقر: «{WORDS}».", "كمال صقر", "قال"),
        (f"وأوضح الخبير الزراعي قاسم العبيدي: «{WORDS}».", "قاسم العبيدي", "أوضح"),
        (f"وقالت الناشرة إيمان السالمي: «{WORDS}».", "إيمان السالمي", "قالت"),
        (f"وقال لاعب النصر المغربي: «{WORDS}».", "لاعب النصر المغربي", "قال"),
        (f"قال محمد علي الحسيني: «{WORDS}».", "محمد علي الحسيني", "قال"),
        (f"وقالت دانا وايت: «{WORDS}».", "دانا وايت", "قالت"),
        (f"وقال مدير المستشفى، سامر حداد، إن «{WORDS}».", "سامر حداد", "قال"),
        (f"وقالت الطبيبة أمل نصار، منسقة الحملة: «{WORDS}».", "أمل نصار", "قالت"),
        (f"تقول الباحثة في علم المناخ سميرة حداد: «{WORDS}».", "سميرة حداد", "تقول"),
        (f"وقال المسؤول الذي طلب عدم كشف اسمه: «{WORDS}».", "المسؤول", "قال"),
        (f"وقالت وكالة «الساحل» إن «{WORDS}».", "وكالة «الساحل»", "قالت"),
        (f"وقال بوتين، اليوم السبت، إن «{WORDS}».", "بوتين", "قال"),
        (f"بدوره، قال له أيضا عمر الخطيب: «{WORDS}».", "عمر الخطيب", "قال"),
        (f"الرئيس الروسي قال إن «{WORDS}».", "الرئيس الروسي", "قال"),
        (f"وكانت هيئة الطيران المدني قد أفادت بأن «{WORDS}».", "هيئة الطيران المدني", "أفادت"),
        (f"وجاء في البيان الختامي: «{WORDS}».", "البيان الختامي", "جاء"),
        (f"وختم النائب عادل شرف قائلا: «{WORDS}».", "عادل شرف", "قائلا"),
        (f"ورد الوزير يوسف حمدان: «{WORDS}».", "يوسف حمدان", "رد"),
    ],
)
def test_the_speaker_named_behind_the_cue(body: str, speaker: str, cue: str) -> None:
    found = only(body)
    assert (found.speaker, found.cue, found.text) == (speaker, cue, WORDS)


def test_the_explicit_method_and_the_lemma() -> None:
    found = only(f"وقالت سلمى عثمان: «{WORDS}».")
    assert (found.speaker_method, found.cue_lemma, found.reported_by) == ("explicit", "قال", None)
    assert found.confidence > 0.9


@pytest.mark.parametrize(
    ("body", "speaker", "cue"),
    [
        (f"«{WORDS}»، قال مدير المرفأ سامر حداد.", "سامر حداد", "قال"),
        (f"«{WORDS}»، بحسب وزارة الصحة.", "وزارة الصحة", "بحسب"),
        (f"«{WORDS}»، وفقا لوزارة الصحة.", "وزارة الصحة", "وفقا"),
        (f"«{WORDS}»، كما قالت سلمى عثمان.", "سلمى عثمان", "قالت"),
        (f"وبحسب المرصد الزلزالي، فإن الهزة «{WORDS}».", "المرصد الزلزالي", "بحسب"),
        (f"سلمى عثمان: «{WORDS}».", "سلمى عثمان", None),
    ],
)
def test_the_speaker_named_after_the_words_or_before_a_colon(body: str, speaker: str, cue: str | None) -> None:
    found = only(body)
    assert found.speaker == speaker
    assert found.cue is None if cue is None else found.cue is not None and found.cue.endswith(cue)


CARRIED = [
    (f"قال عمر الخطيب إن الطريق مغلق.\n\nوتابع: «{WORDS}».", "عمر الخطيب"),
    (f"قال عمر الخطيب: «الطريق مغلق منذ الأمس». وأضاف: «{WORDS}».", "عمر الخطيب"),
    (f"أكدت الوزارة أن الطريق مغلق، مشددة على أن «{WORDS}».", "الوزارة"),
    (f"أعرب الرئيس عن أسفه للضحايا، مؤكدا «{WORDS}».", "الرئيس"),
    (f"استقبل الرئيس جوزيف عون السفير الفرنسي في القصر، مشيرا إلى أن «{WORDS}».", "جوزيف عون"),
    (f"قال عمر الخطيب إن الطريق مغلق. وأردف قائلا: «{WORDS}».", "عمر الخطيب"),
]


@pytest.mark.parametrize(("body", "speaker"), CARRIED)
def test_the_speaker_carried_over(body: str, speaker: str) -> None:
    found = read(body)[-1]
    assert (found.text, found.speaker, found.speaker_method) == (WORDS, speaker, "carried")
    assert found.confidence < 0.95


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"قال عمر الخطيب إن الطريق مغلق.\n\nوأضافت: «{WORDS}».", id="the verb is feminine, he is not"),
        pytest.param(f"وأضاف: «{WORDS}».", id="nobody was named"),
        pytest.param(
            f"قال عمر الخطيب إن الطريق مغلق. من جهته أخذ صاحب المطعم الكلمة. وقال: «{WORDS}».",
            id="another took the word",
        ),
        pytest.param(
            "قال عمر الخطيب إن الطريق مغلق." + "\n\nهطل المطر على المدينة طوال الليل." * 4 + f"\n\nوأضاف: «{WORDS}».",
            id="named too far back",
        ),
        pytest.param(f"واختتم حديثه بالقول: «{WORDS}».", id="an object is no subject"),
        pytest.param(f"واقترح توسيع الاتفاق وقال: «{WORDS}».", id="a verbal noun is no subject"),
    ],
)
def test_no_speaker_rather_than_a_wrong_one(body: str) -> None:
    found = read(body)[-1]
    assert found.text == WORDS
    assert (found.speaker, found.speaker_start, found.speaker_method) == (None, None, None)
    assert found.confidence <= 0.5


@pytest.mark.parametrize(
    ("body", "speaker", "reporter"),
    [
        (
            f"أفادت رئاسة الحكومة بأن الوزير نبيل حمدان أشار إلى تقدم المحادثات. مشددا على أن «{WORDS}».",
            "نبيل حمدان",
            "رئاسة الحكومة",
        ),
        (f"ونقلت وكالة الساحل عن الوزير نبيل حمدان قوله: «{WORDS}».", "نبيل حمدان", "وكالة الساحل"),
        (f"قال نبيل حمدان إن «{WORDS}». كما ذكرت الرئاسة اللبنانية.", "نبيل حمدان", "الرئاسة اللبنانية"),
        (f"وقالت سلمى عثمان: «{WORDS}»، بحسب ما نقلت وكالة الساحل.", "سلمى عثمان", "وكالة الساحل"),
    ],
)
def test_who_relays_the_words(body: str, speaker: str, reporter: str) -> None:
    found = read(body)[-1]
    assert (found.text, found.speaker, found.reported_by) == (WORDS, speaker, reporter)


@pytest.mark.parametrize(
    "body",
    [
        "وقع الهجوم في مركز «ساحة الورد» التجاري.",
        "قال الوزير إن تنظيم «داعش» خسر المدينة.",
        "قال المصدر إن صحيفة «أخبار الساحل الجديد» توقفت.",
        "وأعلنت حركة «فجر الجبل» أن الطريق مغلق.",
        "قال «حزب المستقبل» إن الطريق مغلق.",
        "فاز فيلم «ليل المدينة الطويل جدا» بالجائزة.",
        "ذكر الكاتب أسماء كثيرة في كتابه «رحلة إلى الشمال» الأخير.",
        "ما يسمى «صفقة البلدات الأربع» لم يتم.",
        "وصف الخطوة بأنها جاءت في إطار «المصالحة» بين الطرفين.",
        "تحدث الجميع عن «أزمة» في المدينة.",
    ],
)
def test_names_titles_and_scare_quotes_are_no_quotations(body: str) -> None:
    assert read(body) == ()


def test_a_clause_in_marks_inside_a_reported_clause_is_the_speakers() -> None:
    found = only("وأضاف الكرملين أن الوزير «طلب الهدوء من كل الأطراف هناك».")
    assert (found.speaker, found.text) == ("الكرملين", "طلب الهدوء من كل الأطراف هناك")


def test_a_definite_noun_before_the_marks_makes_no_name_of_a_clause() -> None:
    found = only("اعتبر النائب عادل شرف أن القانون «يوزع الصلاحيات ولا يوزع المال».")
    assert found.speaker == "عادل شرف"


def test_the_same_mark_within_itself() -> None:
    body = 'وقال الوزير: "إن تنظيم "داعش" انتهى في هذه المنطقة، ولن يعود".'
    assert only(body).text == 'إن تنظيم "داعش" انتهى في هذه المنطقة، ولن يعود'


def test_a_mark_without_a_partner_never_runs_over_a_paragraph() -> None:
    body = f'وقال الوزير: "لن نعود إلى الوراء أبدا.\n\nوقالت سلمى عثمان: "{WORDS}".'
    (found,) = read(body)
    assert found.text == WORDS


def test_short_words_after_a_colon_are_words() -> None:
    assert only("وقال الوزير: «نعم».").text == "نعم"


def test_tashkeel_and_tatweel_do_not_hide_a_cue() -> None:
    assert only(f"وقَالَ عمـــر الخطيب: «{WORDS}».").speaker == "عمـــر الخطيب"


@pytest.mark.parametrize(
    ("body", "cue", "speaker"),
    [
        ("وكتب الوزير ناشرا صورة من الموقع إن الطريق سيفتح غدا أمام الشاحنات.", "كتب", "الوزير"),
        ("ورأت عضو الجمعية ناشرة رسالتها أن الاستقالة لا تعيد شيئا إلى أصحابه.", "رأت", "عضو الجمعية"),
    ],
)
def test_words_that_two_verbs_govern_are_one_quotation(body: str, cue: str, speaker: str) -> None:
    (one,) = read_all(body)
    assert (one.cue, one.speaker) == (cue, speaker)
