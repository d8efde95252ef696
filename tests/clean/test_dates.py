"""Printed and machine-written dates."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from marsad.clean.dates import day_in_url, find_printed_date, instant_of, read_instant

BEIRUT = ZoneInfo("Asia/Beirut")


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("نشر في: الأربعاء 3 تموز 2024 - 14:35", date(2024, 7, 3), time(14, 35)),
        ("الأحد، ٢٢ كانون الثاني/يناير ٢٠٢٣ - ٠٣:١٥ مساءً", date(2023, 1, 22), time(15, 15)),
        ("الثلاثاء 3 مارس 2026", date(2026, 3, 3), None),
        ("الأحد 5 جانفي 2025", date(2025, 1, 5), None),
        ("الثلاثاء 12 غشت 2025 - 09:05", date(2025, 8, 12), time(9, 5)),
        ("30 تشرين الأول 2025", date(2025, 10, 30), None),
        ("18 شتنبر 2025", date(2025, 9, 18), None),
        ("7 أوت 2025", date(2025, 8, 7), None),
        ("24 يوليوز 2025", date(2025, 7, 24), None),
        ("2026/3/4", date(2026, 3, 4), None),
        ("04-03-2026 12:30 م", date(2026, 3, 4), time(12, 30)),
        ("04-03-2026 12:30 ص", date(2026, 3, 4), time(0, 30)),
        ("March 3, 2026", date(2026, 3, 3), None),
        ("14:20 | الثلاثاء 3 مارس 2026", date(2026, 3, 3), time(14, 20)),
    ],
)
def test_printed_dates_of_every_country(text: str, day: date, clock: time | None) -> None:
    found = find_printed_date(text)
    assert found is not None
    assert (found.day, found.clock) == (day, clock)
    assert not found.is_contradicted


@pytest.mark.parametrize(
    "text", ["", "الثالث من مارس", "31 فبراير 2026", "عام 2026", "55 مليار", "3 مارس", "99/99/2026"]
)
def test_what_is_no_full_date_is_none(text: str) -> None:
    assert find_printed_date(text) is None


@pytest.mark.parametrize("text", ["الاثنين 4 مارس 2026", "4 مارس 2026، الخميس", "الجمعة 04/03/2026"])
def test_a_weekday_that_is_not_the_dates_contradicts_it(text: str) -> None:
    found = find_printed_date(text)
    assert found is not None
    assert found.is_contradicted


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2020-06-03T03:01+0400", "2020-06-02T23:01:00+00:00"),
        ("2020-11-09T18:34:47Z", "2020-11-09T18:34:47+00:00"),
        ("2026-03-03T10:00:00", "2026-03-03T08:00:00+00:00"),
        ("2026-03-03", "2026-03-02T22:00:00+00:00"),
        ("Tue, 03 Mar 2026 10:00:00 +0200", "2026-03-03T08:00:00+00:00"),
        ("٣ مارس ٢٠٢٦ ١٠:٠٠", "2026-03-03T08:00:00+00:00"),
    ],
)
def test_machine_dates_in_utc_with_naive_ones_in_the_sources_zone(value: str, instant: str) -> None:
    found = read_instant(value, BEIRUT)
    assert found is not None
    assert found.isoformat() == instant


@pytest.mark.parametrize("value", ["", "now", "2026-13-40", "0001-01-01", "9999-12-31", "2026-03-03T99:99", "1" * 80])
def test_machine_nonsense_is_none(value: str) -> None:
    assert read_instant(value, BEIRUT) is None or value.startswith("2026-03-03")


def test_a_printed_day_without_hour_is_midnight_at_the_source() -> None:
    found = find_printed_date("3 آذار 2026")
    assert found is not None
    assert instant_of(found, BEIRUT).isoformat() == "2026-03-02T22:00:00+00:00"


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/story/2026/3/4/عنوان/123", date(2026, 3, 4)),
        ("https://a.example/news/2026-03-04-1.3874", date(2026, 3, 4)),
        ("https://a.example/2026/world/3/4/x.html", date(2026, 3, 4)),
        ("https://a.example/20260304/x", date(2026, 3, 4)),
        ("https://a.example/2020/11/2338761/", None),
        ("https://a.example/id/99887766", None),
    ],
)
def test_days_in_addresses(url: str, day: date | None) -> None:
    assert day_in_url(url) == day
