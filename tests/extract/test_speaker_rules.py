"""Who speaks: the sentence for each rule that finds a speaker, or that leaves one out."""

from __future__ import annotations

from datetime import date

import pytest

from marsad.extract.article import read_quotations
from marsad.extract.mentions import find_mentions
from marsad.extract.recogniser import RulesOnly
from marsad.extract.record import Quotation
from marsad.extract.tokens import Tokens

WORDS = "لن نغلق الطريق قبل الصباح"


def direct(body: str) -> list[Quotation]:
    tokens = Tokens(body)
    rows = read_quotations(tokens, find_mentions(tokens, RulesOnly()), article_id="", source="", date=date(2026, 3, 3))
    for q in rows:
        assert body[q.start : q.end] == q.text
        assert q.speaker is None or body[q.speaker_start : q.speaker_end] == q.speaker
    return [q for q in rows if q.kind == "direct"]


@pytest.mark.parametrize(
    ("body", "speaker"),
    [
        pytest.param(f"وقال قائد اللواء الثالث جبال، سامي حداد، إن «{WORDS}».", "سامي حداد", id="name between commas"),
        pytest.param(f"وقال مدير أمن المحافظة، اللواء سامي حداد، إن «{WORDS}».", "سامي حداد", id="a rank before it"),
        pytest.param(f"ونقلت وكالة الساحل عن أمين النقابة، سامي حداد، قوله: «{WORDS}».", "سامي حداد", id="relayed"),
        pytest.param(f"وقال سامي حداد المتحدث باسم البلدية: «{WORDS}».", "سامي حداد", id="title behind the name"),
        pytest.param(f"وقال رجل الأعمال سامي حداد مؤسس الشركة: «{WORDS}».", "سامي حداد", id="title, name, title"),
        pytest.param(f"وقال إرنستو الطبيب السابق للفريق: «{WORDS}».", "إرنستو", id="one name and a title"),
        pytest.param(f"وقال المتحدث باسم البلدية لوكالة الساحل: «{WORDS}».", "المتحدث باسم البلدية", id="audience"),
        pytest.param(f"وقالت متحدثة باسم الوزارة: «{WORDS}».", "متحدثة باسم الوزارة", id="a title, no participle"),
        pytest.param(f"وقال المسؤول طالبا إغفال اسمه: «{WORDS}».", "المسؤول", id="an accusative describes"),
        pytest.param(f"وقال مسافر اسمه سامي: «{WORDS}».", "سامي", id="called"),
        pytest.param(f"وقال السناتور مايك لي: «{WORDS}».", "مايك لي", id="لي in a name"),
        pytest.param(f"واختتمت اللجنة أعمالها: «{WORDS}».", "اللجنة", id="an object with her pronoun"),
        pytest.param(f"شكر الوزير نظيره التركي، وقال: «{WORDS}».", "الوزير", id="the counterpart is another"),
        pytest.param(f"وأفاد بيان صادر عن وزارة الصحة بأن «{WORDS}».", "وزارة الصحة", id="who issued it"),
        pytest.param(f"وهو ما رفضه حزب «الأرز» الذي قال إن «{WORDS}».", "حزب «الأرز»", id="relative clause"),
        pytest.param(
            f"وكان المتحدث باسم الوزارة، سامي حداد، أعلن أن «{WORDS}».", "سامي حداد", id="subject with commas"
        ),
        pytest.param(f"وحذرت باريس من أن «{WORDS}».", "باريس", id="a capital speaks in the feminine"),
    ],
)
def test_where_a_speaker_ends(body: str, speaker: str) -> None:
    (found,) = direct(body)
    assert (found.speaker, found.speaker_method) in [(speaker, "explicit"), (speaker, "carried")]


@pytest.mark.parametrize(
    ("body", "speaker"),
    [
        pytest.param(f"وخلال اللقاء رحب سامي حداد، عضو المجلس، بالضيوف، قائلا: «{WORDS}».", "سامي حداد", id="act"),
        pytest.param(f"استقبل الوزير سامي حداد السفير. وقال: «{WORDS}».", "سامي حداد", id="who acted before"),
        pytest.param(f"هدد المتحدث باسم الجيش، إذ زعم أن «{WORDS}».", "المتحدث باسم الجيش", id="within the sentence"),
        pytest.param(f"قال سامي حداد إن الطريق مغلق. لكنه قال: «{WORDS}».", "سامي حداد", id="لكنه"),
        pytest.param(f"قال سامي حداد إن الطريق مغلق. ومضى يقول: «{WORDS}».", "سامي حداد", id="ومضى يقول"),
        pytest.param(f"قال سامي حداد إن الطريق مغلق. «{WORDS}»، على حد قوله.", "سامي حداد", id="على حد قوله"),
        pytest.param(f"قال سامي حداد إن الطريق مغلق. وردا على سؤال قال: «{WORDS}».", "سامي حداد", id="a topic"),
        pytest.param(
            f"قال سامي حداد إن الطريق مغلق، وتتوقع الوزارة أن يفتح. وأكد أن «{WORDS}».", "سامي حداد", id="by gender"
        ),
        pytest.param(f"وبرر المتحدث القرار بالقول: «{WORDS}».", "المتحدث", id="an object is no name"),
    ],
)
def test_who_goes_on_speaking(body: str, speaker: str) -> None:
    found = direct(body)[-1]
    assert (found.text, found.speaker) == (WORDS, speaker)
    assert found.speaker_method in ("carried", "pronoun")


def test_words_of_ones_own_are_told_by_the_pronoun() -> None:
    found = direct(f"قال سامي حداد إن الطريق مغلق. «{WORDS}»، على حد تعبيره.")[-1]
    assert (found.speaker_method, found.cue) == ("pronoun", "تعبيره")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"واتهمت الزوج بأنه «{WORDS}».", id="a feminine verb takes no man for its subject"),
        pytest.param(f"وناشد مواطنيه أن «{WORDS}».", id="an accusative plural"),
        pytest.param(f"وكتب تحته: «{WORDS}».", id="a preposition with a pronoun"),
        pytest.param(f"هدد بانسحاب فريقه، مؤكدا أن «{WORDS}».", id="ب and a verbal noun"),
        pytest.param(f"قال سامي حداد إن الطريق مغلق. تقول له: «{WORDS}»، على حد قولها.", id="her words are not his"),
    ],
)
def test_who_is_no_speaker(body: str) -> None:
    assert direct(body)[-1].speaker is None


@pytest.mark.parametrize(
    ("body", "speaker", "reporter"),
    [
        (f"وأكد سامي حداد، بحسب ما نقله موقع البلدية، أن «{WORDS}».", "سامي حداد", "موقع البلدية"),
        (f"وقال سامي حداد إن «{WORDS}»، وفق ما ذكرت وكالة الساحل.", "سامي حداد", "وكالة الساحل"),
    ],
)
def test_an_aside_names_who_relays(body: str, speaker: str, reporter: str) -> None:
    (found,) = direct(body)
    assert (found.speaker, found.reported_by) == (speaker, reporter)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param(
            f"التقى الرئيس الروسي فلاديمير بوتين الوفد. وقال بوتين: «{WORDS}».", "فلاديمير بوتين", id="surname"
        ),
        pytest.param(
            f"وصل الرئيس التركي رجب طيب أردوغان. وقال الرئيس التركي: «{WORDS}».", "رجب طيب أردوغان", id="title"
        ),
        pytest.param(
            f"بحث الرئيس الروسي فلاديمير بوتين ونظيره التركي رجب طيب أردوغان الملف. وقال الرئيس التركي: «{WORDS}».",
            "رجب طيب أردوغان",
            id="the counterpart's office",
        ),
        pytest.param(
            f"حضر الوزير سامي حداد والوزير كمال صقر. وقال الوزير: «{WORDS}».", "الوزير", id="two bear the title"
        ),
        pytest.param(f"حضر الوزير سامي حداد. وقال مسؤول: «{WORDS}».", "مسؤول", id="anyone"),
        pytest.param(f"وقال الرئيس التركي: «{WORDS}».", "الرئيس التركي", id="the story does not say"),
    ],
)
def test_who_that_is_by_the_story(body: str, name: str) -> None:
    assert direct(body)[-1].speaker_name == name


@pytest.mark.parametrize(
    "body",
    [
        "حذر مركز الدراسات «المدينة الجديدة»، من ارتفاع البحر.",
        "وقال خبير لـ«أخبار الساحل العربية» إن الطريق مغلق.",
        "وقال الوزير في برنامج «صباح الخير يا بلد»: الطريق مغلق.",
        "اقتربت السفينة الأميركية «يو إس إس ديكا» وقال الوزير إن السفينة «يو إس إس ديكا» بعيدة.",
        "ويعتبر أكبر مركز في المدينة وفيه «غرف كثيرة جدا للضيوف».",
        "يذكر أن المدينة «الأجمل في الشمال كله» استقبلت السياح.",
    ],
)
def test_names_beside_reports_are_no_words(body: str) -> None:
    assert [q.text for q in direct(body)] == []
