"""A search word as an expression: it finds every text that the comparison finds, in RE2 as in Python."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.console.snippets import highlighted, passage
from marsad.console.wordforms import MAX_WORDS, forms_of, has_all
from marsad.warehouse.fold import search_words

WORDS = [
    "وزير",
    "والوزير",
    "للوزير",
    "الوزراء",
    "الله",
    "والله",
    "لله",
    "ولله",
    "الان",
    "والآن",
    "التي",
    "بالتي",
    "مدرسة",
    "مدرسه",
    "إلى",
    "الي",
    "على",
    "فأس",
    "يؤمن",
    "أمس",
    "١٢",
    "12",
    "café",
    "الحج",
    "لل",
    "ال",
]
LETTERS = st.text("اأإآىيئوؤهةلبكفنرزسمتء\u064b\u0651\u0640 \u200f.،«»-_/ABé١2\n", max_size=25)


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def matches(engine: duckdb.DuckDBPyConnection, text: str, expression: str) -> bool:
    found = engine.execute("SELECT regexp_matches($1::VARCHAR, $2::VARCHAR)", [text, expression]).fetchone()
    assert found is not None
    return bool(found[0])


@settings(deadline=None)  # as in CI: a busy machine is slow
@given(
    st.lists(st.one_of(st.sampled_from(WORDS), LETTERS), max_size=6).map(" ".join),
    st.one_of(st.sampled_from(WORDS), LETTERS),
)
def test_what_compares_equal_is_found(engine: duckdb.DuckDBPyConnection, text: str, question: str) -> None:
    known = set(search_words(text).split())
    for form in forms_of(question):
        if form.word in known:
            assert re.search(form.pattern, text), (form.word, text)
            assert matches(engine, text, form.whole), (form.word, text)
            assert matches(engine, text, form.core), (form.word, text)
        elif re.search(form.pattern, text):
            # what it lets through besides is near: the word stands there with something joined before it
            assert any(form.word in word for word in search_words(text).replace(" ", "")) or form.word in search_words(
                text
            ).replace(" ", "")
        assert bool(re.search(form.pattern, text)) is matches(engine, text, form.whole)


@given(LETTERS.flatmap(lambda text: st.tuples(st.just(text), st.sampled_from(text.split() or ["ا"]))))
def test_each_word_of_a_text_finds_the_text(case: tuple[str, str]) -> None:
    text, word = case
    forms = forms_of(word)
    if set(search_words(word).split()) <= set(search_words(text).split()):
        assert has_all(forms, text)
        assert all(re.search(form.pattern, text) for form in forms)


def test_a_question_is_bounded() -> None:
    assert forms_of("") == forms_of("؟ . «»") == ()
    assert len(forms_of(" ".join(f"كلمة{n}" for n in range(50)))) == MAX_WORDS
    assert len(forms_of("ا" * 5000)) == 1
    assert [f.word for f in forms_of("الوزير وزير")] == ["وزير"]


@given(LETTERS, st.sampled_from(WORDS))
def test_highlighting_changes_no_letter(text: str, word: str) -> None:
    assert "".join(run for run, _ in highlighted(text, forms_of(word))) == text


def test_words_are_marked_as_they_stand() -> None:
    runs = highlighted("وأكد الوزير الوزير أن للوزيرة رأيا، وزارة", forms_of("وزير"))
    assert [text for text, is_word in runs if is_word] == ["الوزير", "الوزير"]
    far = "كلمة " * 100 + "والمدرسةُ مفتوحة " + "كلمة " * 100
    shown = passage(far, forms_of("مدرسه"))
    assert [t for t, is_word in shown if is_word] == ["والمدرسةُ"]
    assert shown[0][0].startswith("… كلمة")
    assert shown[-1][0].endswith(" …")
