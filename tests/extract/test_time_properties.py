"""What must hold of any text: offsets, values that parse, no guess without a publication day, bounded time."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from marsad.extract.data import read as read_list
from marsad.extract.quantities import find_quantities
from marsad.extract.timexes import Found, find_timexes
from marsad.extract.tokens import Tokens

DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
NEWS_DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))
SEVEN_DAYS = ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"]


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [s for k, v in value.items() for s in [*_strings(k), *_strings(v)]]
    if isinstance(value, list):
        return [s for v in value for s in _strings(v)]
    return [value] if isinstance(value, str) else []


@cache
def _vocabulary() -> list[str]:
    """Every word of the lists, with the signs and numbers that rules look at."""
    listed = _strings(read_list("calendar")) + _strings(read_list("quantities"))
    signs = [
        "،",
        ".",
        "(",
        ")",
        "/",
        "-",
        ":",
        "%",
        "$",
        "\n",
        '"',
        "«",
        "و",
        "ال",
        "ـ",
        "من",
        "إلى",
        "بين",
        "في",
        "يوم",
        "و5",
    ]
    numbers = ["1", "3", "12", "31", "45", "2024", "1445", "1445هـ", "22/3/2024", "14:30", "3,5", "١٢", "999999", "2018/19",
               "ثلاثة", "وعشرون", "ألف", "مليونا", "مئة", "عشر", "الثلاثة", "والعشرين", "نصف", "آلاف"]  # fmt: skip
    return sorted({w for w in listed if w.strip()} | set(signs) | set(numbers))


TEXTS = st.lists(st.sampled_from(_vocabulary()), max_size=30).map(" ".join) | st.text(max_size=60)
_DAY = r"\d{4}-\d\d-\d\d"
_POINT = rf"(?:{_DAY}|\d{{4}}-\d\d|\d{{4}}|\d{{4}}-W\d\d)"
_DURATION = r"P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?"
_TIME = r"T(?:[01]\d|2[0-3]):[0-5]\d(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?"


def _check_point(value: str) -> None:
    if re.fullmatch(_DAY, value):
        date.fromisoformat(value)
    elif re.fullmatch(r"\d{4}-\d\d", value):
        date.fromisoformat(f"{value}-01")
    elif re.fullmatch(r"\d{4}-W\d\d", value):
        date.fromisoformat(f"{value}-1")
    else:
        assert re.fullmatch(r"\d{4}", value), value


def check(body: str, anchor: date | None) -> list[Found]:
    """What holds of every reading; the expressions of time, for more."""
    tokens = Tokens(body)
    found = find_timexes(tokens, anchor)
    at = 0
    for t in found:
        assert at <= t.start < t.end <= len(body)
        at = t.end
        assert body[t.start : t.end].strip() == body[t.start : t.end]
        assert (t.value is None) == (t.basis in ("unresolved", "contradicts_weekday"))
        assert t.kind in ("date", "time", "duration", "range")
        if t.value is None:
            continue
        if t.kind == "range":
            first, _, last = t.value.partition("/")
            assert len(first) == len(last)
            assert first <= last
            _check_point(first)
            _check_point(last)
        elif t.kind == "duration":
            assert re.fullmatch(_DURATION, t.value), t.value
        elif t.kind == "time":
            assert re.fullmatch(_TIME, t.value), t.value
        else:
            _check_point(t.value)
    at = 0
    for q in find_quantities(tokens, [(t.first, t.past) for t in found]):
        assert at <= q.start < q.end <= len(body)
        at = q.end
        assert body[q.start : q.end].strip() == body[q.start : q.end]
        assert not any(t.start < q.end and q.start < t.end for t in found)
        bounds = [b for b in (q.low, q.value, q.high) if b is not None]
        assert bounds
        assert bounds == sorted(bounds)
        assert all(0 <= b <= 1e15 for b in bounds)
        assert q.kind != "money" or q.unit is None or re.fullmatch("[A-Z]{3}", q.unit)
        assert (q.unit == "%") == (q.kind == "percent")
    return found


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.none() | DAYS)
@example("تشرين الأول الثلاثة", None)
def test_offsets_values_and_bounds_hold_for_any_text(body: str, anchor: date | None) -> None:
    check(body, anchor)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_without_a_publication_day_no_value_is_counted_from_one(body: str) -> None:
    assert all(t.basis != "published" for t in check(body, None))


@given(TEXTS, DAYS)
def test_the_same_text_reads_the_same(body: str, anchor: date) -> None:
    assert check(body, anchor) == check(body, anchor)


@given(NEWS_DAYS, st.integers(min_value=3, max_value=10))
def test_days_ago(anchor: date, days: int) -> None:
    (found,) = check(f"وقع الحادث قبل {days} أيام", anchor)
    assert found.value == (anchor - timedelta(days=days)).isoformat()


@given(NEWS_DAYS, st.sampled_from(SEVEN_DAYS))
def test_a_bare_weekday_is_within_the_week_up_to_the_publication_day(anchor: date, name: str) -> None:
    (found,) = check(f"وقع الحادث {name} في بغداد", anchor)
    assert found.value is not None
    day = date.fromisoformat(found.value)
    assert day.weekday() == SEVEN_DAYS.index(name)
    assert 0 <= (anchor - day).days <= 6


@given(NEWS_DAYS, st.sampled_from(SEVEN_DAYS), st.sampled_from([("الماضي", -1), ("المقبل", 1)]))
def test_the_last_and_the_next_are_never_today(anchor: date, name: str, side: tuple[str, int]) -> None:
    (found,) = check(f"الموعد {name} {side[0]}", anchor)
    assert found.value is not None
    assert 1 <= side[1] * (date.fromisoformat(found.value) - anchor).days <= 7


@given(
    NEWS_DAYS, st.sampled_from(SEVEN_DAYS), st.sampled_from([("أمس", -1), ("اليوم", 0), ("غدا", 1), ("أول أمس", -2)])
)
def test_a_weekday_beside_a_day_agrees_or_is_flagged(anchor: date, name: str, word: tuple[str, int]) -> None:
    (found,) = check(f"{word[0]} {name}", anchor)
    day = anchor + timedelta(days=word[1])
    if day.weekday() == SEVEN_DAYS.index(name):
        assert (found.value, found.basis) == (day.isoformat(), "published")
    else:
        assert (found.value, found.basis) == (None, "contradicts_weekday")


@given(NEWS_DAYS, NEWS_DAYS, st.sampled_from(SEVEN_DAYS))
def test_a_weekday_beside_a_written_date_agrees_or_is_flagged(anchor: date, day: date, name: str) -> None:
    (found,) = check(f"{name} {day.day}/{day.month}/{day.year}", anchor)
    agrees = day.weekday() == SEVEN_DAYS.index(name)
    assert (found.value, found.basis) == ((day.isoformat(), "explicit") if agrees else (None, "contradicts_weekday"))


@pytest.mark.parametrize(
    "piece",
    ["1-", "1 ", "10 و", "1 مليون و", "ثلاثة و", "من 1 إلى ", "بين 5 و", "السبت - ", "أمس ", "بعد شهر و", "1.", "9", "(", "قتل ",
     "الـ5 ", "$", "5% ", "كانون ", "الأول ", "الساعة 5 و", "أكثر من ", "ألف ألف ", "ـ", "القرن 9", "دينار ", "3,500 "],
)  # fmt: skip
def test_a_hostile_line_takes_time_in_proportion(piece: str) -> None:
    def cost(size: int) -> float:
        tokens = Tokens((piece * (size // len(piece) + 1))[:size])
        began = time.process_time()
        found = find_timexes(tokens, date(2024, 3, 5))
        find_quantities(tokens, [(t.first, t.past) for t in found])
        return time.process_time() - began

    # six times the length; 36 would be the square. The better of two, a collection of garbage falling into either
    most = 18 * max(min(cost(20_000), cost(20_000)), 0.02)
    assert cost(120_000) < most or cost(120_000) < most


@pytest.mark.parametrize(
    "body", ["القرن " + "9" * 10_000, "5-" + "9" * 9_000, "بعد " + "9" * 9_000 + " سنة", "9" * 9_000 + "/1/2024", "الدول الـ" + "9" * 500]
)  # fmt: skip
def test_numbers_beyond_reason_do_no_harm(body: str) -> None:
    check(body, date(2024, 3, 5))
