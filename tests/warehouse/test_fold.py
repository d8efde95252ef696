"""Words as search compares them: the Arabic that makes it hard, and three engines that say the same."""

from __future__ import annotations

import unicodedata
from contextlib import closing
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.warehouse.address import parse_address
from marsad.warehouse.fold import duckdb_macro, postgres_function, search_words
from marsad.warehouse.postgresql import PostgreSQL
from postgres_server import new_schema

MEET = [
    ("والوزير", "وزير"), ("للوزير", "الوزير"), ("وبالوزير", "وزير"), ("كالوزير", "وزير"), ("فللوزير", "وزير"),
    ("الحج", "حج"), ("الألعاب", "ألعاب"), ("المانيا", "ألمانيا"), ("وألمانيا", "وألمانيا"), ("والله", "الله"), ("ﷲ", "الله"), ("لله", "الله"),
    ("مُحَمَّد", "محمد"), ("الـــوزير", "وزير"), ("مدرسة", "مدرسه"), ("مستشفى", "مستشفي"), ("١٢", "12"), ("ﻻعب", "لاعب"),
]  # fmt: skip
APART = [
    ("والي", "الي"), ("بالي", "لي"), ("الو", "و"), ("ألف", "ف"), ("الآن", "أن"), ("التي", "تي"), ("الذي", "ذي"),
    ("وزير", "زير"), ("فقال", "قال"), ("والد", "د"), ("بالون", "ون"), ("الله", "له"), ("اللغة", "غة"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), MEET)
def test_words_that_meet(one: str, other: str) -> None:
    assert search_words(one) == search_words(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_words_that_stay_apart(one: str, other: str) -> None:
    assert search_words(one) != search_words(other)


def test_the_price_is_known() -> None:
    """الدين (the religion) and والدين (parents) cannot be told apart without a dictionary."""
    assert search_words("والدين") == search_words("الدين")


@settings(deadline=None)
@given(st.text(alphabet="والبكفلتيأإآةىهن ًّ،«»x1", max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert search_words(search_words(text)) == search_words(text)


@pytest.fixture(scope="module")
def macro() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(duckdb_macro())
    return connection


def letters() -> list[str]:
    """Every character of Arabic, Latin, punctuation, presentation and full-width forms, each within a word."""
    ranges = ((1, 0x180), (0x600, 0x700), (0x2000, 0x2070), (0xFB50, 0xFE00), (0xFE70, 0xFF00), (0xFF01, 0xFF5F))
    points = [chr(c) for a, b in ranges for c in range(a, b)]
    return [f"ab{c}cd" for c in points if unicodedata.category(c) not in ("Cn", "Cs")]


def test_duckdb_says_the_same(macro: duckdb.DuckDBPyConnection) -> None:
    texts = [*letters(), *(w for pair in MEET + APART for w in pair)]
    found = macro.execute("SELECT t, marsad_fold(t) FROM (SELECT unnest(?) AS t)", [texts]).fetchall()
    assert {t: f for t, f in found if f != search_words(t)} == {}


@settings(deadline=None)
@given(st.text(alphabet="والبكفلتيأإآةىهن ـًّ،«»'\"\\x1", max_size=40))
def test_duckdb_says_the_same_of_any_text(macro: duckdb.DuckDBPyConnection, text: str) -> None:
    assert macro.execute("SELECT marsad_fold(?)", [text]).fetchall() == [(search_words(text),)]


def test_postgresql_says_the_same(postgres: Any) -> None:
    with closing(PostgreSQL(parse_address(new_schema(postgres)))) as engine:
        engine.run(postgres_function().replace("marsad_fold", "pg_temp.marsad_fold", 1))
        texts = [*letters(), "", "وال" + "ال" * 3 + "كتاب", "قال «الوزير» إنّ الأمـــر، والله! 'x' \\1"]
        texts += [w for pair in MEET + APART for w in pair]
        for text in texts:
            assert engine.ask("SELECT pg_temp.marsad_fold(?)", [text]) == [(search_words(text),)], ascii(text)
