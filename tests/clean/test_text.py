"""Text as stored, as searched, as compared."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.clean.text import fold, search_form, search_offsets, tidy

TRICKY = st.text(
    alphabet="ابهـلمةى أإآ\u064b\u064e\u0651\u0653\u0654\u0670 \u00a0\u202f\u2007\n\t\u200b\u200c\u200d\u200f\u00ad\ufeff"
    '\ufb50\ufdf2\ufdfa\ufe70\ufe71\ufe77\ufc5e\ufcf2\ufefb\ufffd\u0000\u0085١2a"«»é\u0301Å',
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("خبر\u00a0مهم\u202fجدا\u2007اليوم", "خبر مهم جدا اليوم"),
        ("  خبر \n\t مهم  ", "خبر مهم"),
        ("\u00a0\u00a0", ""),
        ("مـــهم جـــدا", "مهم جدا"),
        ("إقـرأ أيضـاً", "إقرأ أيضاً"),
        ("مـَـهـُـمّ", "مَهُمّ"),
        ("12 رمضان 1445هـ", "12 رمضان 1445هـ"),
        ("1445هـالموافق 22 مارس", "1445هـالموافق 22 مارس"),
        ("1445 هـ - 2024", "1445 هـ - 2024"),
        ('بـ"الجيش" وبـ«الحل» وبـ(الهيئة)', 'بـ"الجيش" وبـ«الحل» وبـ(الهيئة)'),
        ("الـ15 والـ١٥ ولـCNN", "الـ15 والـ١٥ ولـCNN"),
        ("بـالأمس هـذا", "بالأمس هذا"),
        ("قال ـ وهو يبتسم ـ نعم", "قال ـ وهو يبتسم ـ نعم"),
        ("ﻗﺎﻝ ﻭﺯﻳﺮ", "قال وزير"),
        ("ﻻ إله إلا ﷲ", "لا إله إلا الله"),
        ("محمد ﷺ", "محمد ﷺ"),
        ("كتاب\ufe76ا", "كتاب\u064eا"),
        ("\u202bنص\u202c \u200fعربي\u200f", "نص عربي"),
        ("كل\u00adمة\u200b وا\ufeffحدة", "كلمة واحدة"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("كلمة\u200c أخرى\u200d", "كلمة أخرى"),
        ("حرف\ufffd مكسور", "حرف\ufffd مكسور"),
        ("اٌ\u0653", "\u0622\u064c"),
        ("مدّة ثُمَّ", "مدّة ثُمَّ"),
        ("caf\u0065\u0301 naïve", "café naïve"),
        ("أولا\u2028ثانيا\x85ثالثا", "أولا ثانيا ثالثا"),
    ],
)
def test_stored_text_is_what_a_reader_would_copy(text: str, stored: str) -> None:
    assert tidy(text) == unicodedata.normalize("NFC", stored)


@settings(max_examples=500, deadline=None)
@given(TRICKY)
def test_tidy_is_idempotent_and_leaves_nothing_invisible(text: str) -> None:
    stored = tidy(text)
    assert tidy(stored) == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert not set(stored) & set("\u00a0\u202f\u2007\n\t\u200b\u200f\u00ad\ufeff\0\x85")
    assert "  " not in stored
    assert stored == stored.strip()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_tidied_once_and_for_all(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_what_passes_unseen_needs_nothing(text: str) -> None:
    """The quick way and the long way agree: a character that is mended makes both go the long one."""
    assert tidy(text) == tidy(text + " \u200f")


@settings(max_examples=300, deadline=None)
@given(TRICKY)
def test_tidy_loses_and_invents_no_word(text: str) -> None:
    letters = [c for c in unicodedata.normalize("NFKD", text.replace("\ufdfa", "")) if c.isalpha() and c != "\u0640"]
    kept = [c for c in unicodedata.normalize("NFKD", tidy(text).replace("\ufdfa", "")) if c.isalpha() and c != "\u0640"]
    assert kept == letters


@pytest.mark.timed
@pytest.mark.parametrize(
    "bait", ["ـ" * 200_000, "ب" + "ـ" * 200_000, "بـَ" * 100_000, "\u200c" * 200_000, " \n" * 200_000]
)
def test_bait_is_tidied_in_linear_time(bait: str) -> None:
    start = time.process_time()
    tidy(bait)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("أعلنت «الهيئةُ» إنّ ١٢٪ من المُدن…", "اعلنت «الهيئه» ان 12٪ من المدن…"),
        ("مُســتشفى، رقم ۴؛ CNN", "مستشفي، رقم 4؛ cnn"),
        ("سُئل المسؤول", "سئل المسؤول"),
    ],
)
def test_the_search_form_folds_spelling_and_keeps_punctuation(text: str, form: str) -> None:
    assert search_form(text) == form


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="أإاىيةهبم\u064b\u0651ـ ،١٢۳12ABİßé", max_size=40))
def test_offsets_lead_from_the_search_form_back_to_the_text(text: str) -> None:
    form, offsets = search_form(text), search_offsets(text)
    assert len(offsets) == len(form) + 1
    assert search_form(form) == form
    for i, char in enumerate(form):
        assert search_form(text[offsets[i] : offsets[i + 1]]) == char
    assert fold(form) == fold(text)
