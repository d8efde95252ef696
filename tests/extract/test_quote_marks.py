"""Which marks belong together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.extract.quotes import MARKS, Marked, pair_marks


def texts(body: str) -> list[str]:
    return [body[m.start : m.end] for m in pair_marks(body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("قال: «نعم»", ["نعم"]),
        ("قال: “نعم”", ["نعم"]),
        ('قال: "نعم"', ["نعم"]),
        ("‹نعم›", ["نعم"]),
        ("قال: ”نعم“", ["نعم"]),
        ("قال: »نعم« ثم", ["نعم"]),
        ("قال: „نعم“ ثم", ["نعم"]),
        ("قال: “نعم“ ثم", ["نعم"]),
        ('قال: “نعم" ثم', ["نعم"]),
        ('"أ" ثم "ب"', ["أ", "ب"]),
        ('"قال "ب" ثم" ج', ['قال "ب" ثم']),
        ('في ""كيدال" ثم', ["كيدال"]),
        ('قال " نعم " ثم', [" نعم "]),
        ('و"لكن لا" ثم', ["لكن لا"]),
        ('بـ"التاريخي" ثم', ["التاريخي"]),
        ('ل"رويترز" أن', ["رويترز"]),
        ('قال:"نعم"', ["نعم"]),
        ('"بلا نهاية', []),
        ('بلا بداية"', []),
        ('"بلا نهاية\n\nثم "نعم"', ["نعم"]),
        ("«أ «ب» ج»", ["أ «ب» ج"]),
        ('«مفتوح ثم "نعم" وانتهى', ["نعم"]),
        ('""', []),
    ],
)
def test_pairs(body: str, expected: list[str]) -> None:
    assert texts(body) == expected


def test_what_stands_within_is_kept_apart() -> None:
    (outer,) = pair_marks('"قال "ب" ثم"')
    assert [(m.start, m.end) for m in outer.inner] == [(6, 7)]


@given(st.text(alphabet=sorted(MARKS) + list("ابو ،.:\n"), max_size=60))
@settings(max_examples=150, deadline=None)
def test_pairs_never_cross_a_line_or_each_other(body: str) -> None:
    def check(marks: list[Marked], first: int, last: int) -> None:
        at = first
        for m in marks:
            assert at <= m.start <= m.end <= last
            assert "\n" not in body[m.start : m.end]
            check(m.inner, m.start, m.end)
            at = m.end

    check(pair_marks(body), 0, len(body))
