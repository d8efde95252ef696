"""The measures of the benchmarks, on cases worked out by hand. They need no peer."""

from __future__ import annotations

import pytest
from benchmarks.clean.measures import is_authors, is_day, is_title, plain, shingles, text_score


def test_shingles_of_a_text_of_six_words_are_three():
    assert sum(shingles("a b c d e f").values()) == 3


def test_shingles_of_a_short_text_are_the_text():
    assert shingles("a b") == {("a", "b"): 1}


@pytest.mark.parametrize(
    ("gold", "found", "score"),
    [
        ("a b c d e", "a b c d e", (1.0, 1.0, 1.0)),
        ("a b c d e", "", (0.0, 0.0, 0.0)),
        ("", "", (1.0, 1.0, 1.0)),
        ("a b c d e", "a b c d", (1.0, 0.5, pytest.approx(2 / 3))),
    ],
)
def test_text_score(gold, found, score):
    assert text_score(gold, found) == score


def test_plain_levels_spelling_not_words():
    assert plain("إقـــرأ  أيضًا") == plain("اقرأ أيضا")
    assert plain("كتاب") != plain("كاتب")


def test_a_title_is_any_of_those_accepted():
    assert is_title("عنوان أول", ["عنوان آخر", "عنوان اول"])
    assert not is_title(None, ["عنوان"])


def test_a_day_is_compared_in_the_zone_of_the_gold():
    assert is_day("2026-02-01T22:30:00+00:00", "2026-02-02 00:30:00+02:00")
    assert is_day("2026-02-01T23:01:00+00:00", "2026-02-02")
    assert not is_day("2026-02-01T00:00:00+00:00", "2026-02-02")
    assert not is_day("2026-02-01", "2026-02-02")
    assert not is_day(None, "2026-02-02")


def test_authors_are_compared_as_a_set():
    assert is_authors(["ب", "أ"], ["أ", "ب"])
    assert not is_authors([], ["أ"])
