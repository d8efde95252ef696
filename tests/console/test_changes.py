"""Versions side by side: both texts are all there, and what is marked is what differs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marsad.console import changes
from marsad.console.changes import compare

WORDS = st.sampled_from(["قال", "الوزير", "إن", "المياه", "ستصل", "غدا", "إلى", "القرى،", "و12", "مدرسة."])
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), max_size=8)


@given(TEXTS, TEXTS)
def test_both_sides_are_the_texts(old: list[str], new: list[str]) -> None:
    rows = compare(old, new)
    assert ["".join(w.text for w in row.old) for row in rows if row.old is not None] == old
    assert ["".join(w.text for w in row.new) for row in rows if row.new is not None] == new
    # what is unmarked is the same on both sides
    left = "".join(w.text for row in rows for w in row.old or () if not w.is_changed)
    right = "".join(w.text for row in rows for w in row.new or () if not w.is_changed)
    assert left == right
    assert (old == new) is all(row.is_same for row in rows)


def test_a_changed_word_is_marked_alone() -> None:
    (row,) = compare(["ارتفع عدد الجرحى إلى 12 جريحا"], ["ارتفع عدد الجرحى إلى 15 جريحا"])
    assert [w.text for w in row.old or () if w.is_changed] == ["12"]
    assert [w.text for w in row.new or () if w.is_changed] == ["15"]


def test_a_paragraph_of_other_words_is_one_gone_and_one_new() -> None:
    rows = compare(["أمطرت السماء مساء"], ["افتتح معرض الكتاب"])
    assert [(row.old is None, row.new is None) for row in rows] == [(False, True), (True, False)]


def test_long_texts_are_compared_in_bounded_pieces() -> None:
    long = [f"فقرة {n}" for n in range(changes.MOST_PARAGRAPHS + 50)]
    rows = compare(long, [*long[:-1], "خاتمة"])
    assert len(rows) <= changes.MOST_PARAGRAPHS + 1
    huge = " ".join(f"كلمة{n}" for n in range(changes.MOST_WORDS))
    (row,) = compare([huge], [huge + " وزيادة"])
    assert row.old is not None
    assert row.old[0].is_changed
