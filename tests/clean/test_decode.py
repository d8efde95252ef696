"""Bytes to text: marks, claims, and Arabic letters as the evidence."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.clean.decode import MAX_BYTES, decode
from marsad.clean.mojibake import repair
from marsad.errors import UnreadablePage

TEXT = (
    "<html><body><p>قالت وزارة الزراعة إن موسم القمح هذا العام أفضل من سابقه، وإن المخازن امتلأت قبل "
    "نهاية يونيو، وأكدت أنها ستشتري المحصول كله من المزارعين بسعر مجز.</p></body></html>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1256", "iso8859-6", "utf-16", "utf-16-le", "utf-16-be"])
def test_arabic_is_read_in_every_encoding_without_a_word_about_it(encoding: str) -> None:
    assert decode(TEXT.encode(encoding))[0].removeprefix("\ufeff") == TEXT


@pytest.mark.parametrize("claim", ["utf-8", "iso-8859-1", "windows-1252", "no-such-charset", "idna", "rot13"])
def test_a_wrong_claim_does_not_mislead(claim: str) -> None:
    assert decode(TEXT.encode("cp1256"), charset=claim)[0] == TEXT


def test_the_meta_tag_counts_as_a_claim() -> None:
    html = "<meta http-equiv=Content-Type content='text/html; charset=windows-1256'><p>خبر قصير</p>"
    assert decode(html.encode("cp1256")) == (html, "cp1256")


def _misread(text: str, code_page: str) -> str:
    """What a reader with the wrong code page makes of UTF-8; open places are C1 controls, as in browsers."""
    return "".join(bytes([b]).decode(code_page, "ignore") or chr(b) for b in text.encode())


RICH = "قال المتحدث باسم «الوزارة» إن الأسعار — في شهر مارس — ارتفعت ١٢٪، فهل هذا “مقبول”؟ لا تعليق على الموضوع…"


@pytest.mark.parametrize("code_page", ["cp1252", "latin-1", "cp1256"])
@pytest.mark.parametrize("frame", ["{0}", "<p>{0}</p>\n<p>" + RICH + "</p>", "<p>" + RICH + " {0} " + RICH + "</p>"])
def test_double_encoding_is_undone_in_a_page_or_in_the_part_that_has_it(code_page: str, frame: str) -> None:
    text, encoding = decode(frame.format(_misread(RICH, code_page)).encode())
    assert text == frame.format(RICH)
    assert encoding == ("utf-8+cp1256" if code_page == "cp1256" else "utf-8+cp1252")


@pytest.mark.parametrize("lost", ["\ufffd", "?", ""])
def test_the_one_letter_that_windows_1252_loses_is_given_back(lost: str) -> None:
    text = "وفي الصيف فتح السوق، وأضاف: وقف الجميع لطيفا في الصف."
    assert decode(_misread(text, "cp1252").replace("\x81", lost).encode())[0] == text


def test_no_letter_is_guessed_where_vowels_are_written() -> None:
    text = "وَفِي الصَّيْفِ فَتَحَ السُّوقُ أَبْوَابَهُ"
    damaged = _misread(text, "cp1252").replace("\x81", "\ufffd").replace("\x90", "\ufffd").replace("\x8f", "\ufffd")
    assert "فُ" not in decode(damaged.encode())[0]
    assert "\ufffd" in decode(damaged.encode())[0]


def test_encoding_three_times_over_is_undone() -> None:
    text, encoding = decode(_misread(_misread(RICH, "cp1252"), "cp1252").encode())
    assert (text, encoding) == (RICH, "utf-8+cp1252+cp1252")


def test_arabic_saved_as_western_letters_is_undone() -> None:
    damaged = TEXT.encode("cp1256").decode("cp1252")
    assert decode(damaged.encode()) == (TEXT, "utf-8+cp1256+cp1252")


def test_quotation_marks_alone_are_undone() -> None:
    damaged = RICH.replace("“", _misread("“", "cp1252")).replace("”", _misread("”", "cp1252"))
    assert decode(damaged.encode())[0] == RICH


@pytest.mark.parametrize(
    "text",
    [
        RICH,
        "المادة § 5 من القانون، والموضوع؟ «الوضع»، ع؛ ط… الشرط؟ نعم",
        "Øystein Ålesund (Ø§, § 7) og Ærø: smørrebrød",
        "São João: NÃO À GUERRA! Ã©",
        "Çanakkale, Çá, Çukurova",
        "ÀÉÎÕÜ áéíóú",
        "ط§",
        "پاکستان میں اردو کے حروف ٹ، ڈ اور ڑ؛ طے ہے§ کہ",
    ],
)
def test_sound_text_is_never_touched(text: str) -> None:
    assert decode(text.encode()) == (text, "utf-8")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ابتعطظغ أإة،؛؟«»…“”§ØÙÛÃÂâ€ab <>\n", min_size=1).filter(str.strip))
def test_repair_is_stable(text: str) -> None:
    fixed, _ = repair(text)
    assert repair(fixed)[0] == fixed


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x600, max_codepoint=0x6FF), min_size=4))
def test_arabic_is_never_repaired(text: str) -> None:
    assert repair(text) == (text, "")


@pytest.mark.timed
@pytest.mark.parametrize(
    "bait", ["Ø§" * 50_000 + "Ø " * 100_000, "ط§ط§ط" * 60_000, "â€" * 200_000, "Ø§Ø§" + "Ã" * 300_000]
)
def test_bait_for_the_repair_costs_little(bait: str) -> None:
    start = time.process_time()
    repair(bait)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf16_of_odd_length_loses_the_half_character_only(encoding: str) -> None:
    assert decode(TEXT.encode(encoding) + b"<")[0] == TEXT


def test_a_meta_tag_in_a_comment_declares_nothing() -> None:
    html = "<!-- <meta charset='iso-8859-6'> --><meta charset='windows-1256'><p>خبر</p>"
    assert decode(html.encode("cp1256")) == (html, "cp1256")


def test_a_right_meta_tag_beats_a_wrong_header() -> None:
    html = "<meta charset=windows-1256><p>خبر قصير</p>"
    assert decode(html.encode("cp1256"), content_type="text/html; charset=ISO-8859-1") == (html, "cp1256")


def test_letters_far_behind_a_long_ascii_head_decide() -> None:
    html = "<script>" + "var a=1;" * 20_000 + "</script>" + TEXT
    assert decode(html.encode("iso8859-6"), charset="windows-1252") == (html, "iso8859-6")


@pytest.mark.parametrize("form", ["&#{0};", "&#x{0:x};", "&amp;#{0};", "&#x{0:04X};"])
def test_a_text_all_in_numeric_references_is_read(form: str) -> None:
    coded = "".join(form.format(ord(c)) if "\u0621" <= c <= "\u064a" else c for c in TEXT)
    assert decode(coded.encode())[0] == TEXT


def test_a_few_numeric_references_stay_as_written() -> None:
    assert decode(b"<p>&#1575;&#1604; &amp;#1575;</p>")[0] == "<p>&#1575;&#1604; &amp;#1575;</p>"


def test_a_few_broken_bytes_stay_visible() -> None:
    content = TEXT.encode().replace("موسم".encode(), "موسم".encode()[:-1])
    text, encoding = decode(content)
    assert encoding == "utf-8"
    assert "\ufffd" in text
    assert text.replace("موس\ufffd", "موسم") == TEXT


def test_an_include_in_another_encoding_is_read_in_its_own() -> None:
    content = TEXT.encode() + "<div>مواقيت الصلاة في المدن الكبرى اليوم</div>".encode("cp1256") * 3
    text, encoding = decode(content)
    assert encoding == "utf-8/cp1256"
    assert text == TEXT + "<div>مواقيت الصلاة في المدن الكبرى اليوم</div>" * 3


def test_the_code_page_of_dos() -> None:
    html = "<p>قالت وزارة الزراعة إن موسم القمح هذا العام أفضل من سابقه وإن المخازن امتلأت قبل نهاية يونيو</p>"
    assert decode(html.encode("cp720")) == (html, "cp720")


def test_glyphs_of_dos_are_read() -> None:
    glyphs = "ﻗﺎﻟﺖ ﻭﺯﺍﺭﺓ ﺍﻟﺰﺭﺍﻋﺔ ﺍﻥ ﻣﻮﺳﻢ ﺍﻟﻘﻤﺢ ﻫﺬﺍ ﺍﻟﻌﺎﻡ ﺃﻓﻀﻞ"
    text, encoding = decode(glyphs.encode("cp864", "ignore"), charset="cp864")
    assert encoding == "cp864"
    assert "ﻭﺯﺍﺭ" in text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Новости дня: президент заявил о переговорах", "cp1251"),
        ("今日のニュース：大統領が発表した", "shift_jis"),
        ("Ελληνικά νέα της ημέρας", "iso8859-7"),
    ],
)
def test_other_scripts_are_left_to_a_detector_or_their_declaration(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), charset=encoding)[0] == text


def test_a_cut_off_tail_is_still_utf8() -> None:
    text, encoding = decode(TEXT.encode()[:-30] + "ع".encode()[:1])
    assert encoding == "utf-8"
    assert "وزارة الزراعة" in text


def test_what_the_server_declares_wins_where_letters_do_not_decide() -> None:
    assert decode("Gödel".encode("latin-1"), content_type="text/html; charset=ISO-8859-1")[0] == "Gödel"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\0 ", "empty"),
        (b"%PDF-1.7 ...", "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "binary"),
        (bytes(range(1, 32)) * 40, "binary"),
        (b"x" * (MAX_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadablePage) as caught:
        decode(content)
    assert caught.value.reason == reason
