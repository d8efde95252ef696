"""Printed and machine-written dates."""

from __future__ import annotations

import time as time_of
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


@pytest.mark.parametrize("text", ["الاثنين 4 مارس 2026", "4 مارس 2026، الخميس", "الجمعة 24/03/2026"])
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


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12 رمضان 1445هـ - 22 مارس 2024", date(2024, 3, 22)),
        ("الجمعة 12 رمضان 1445 هـ الموافق 22 مارس 2024 م", date(2024, 3, 22)),
        ("الجمعة ١٢ رمضان ١٤٤٥هـ - الموافق ٢٢ مارس ٢٠٢٤م", date(2024, 3, 22)),
        ("22 مارس 2024 - 12 رمضان 1445", date(2024, 3, 22)),
        ("1445/9/12 هـ الموافق 2024/3/22 م", date(2024, 3, 22)),
        ("12-09-1445 هـ | 22-03-2024", date(2024, 3, 22)),
        ("الأحد 18 ذي الحجة 1446 / 15 يونيو 2025", date(2025, 6, 15)),
        ("الأحد، 18 من ذي الحجّة 1446 هـ، الموافق لـ 15 حزيران/يونيو 2025 م", date(2025, 6, 15)),
        ("12 رمضان 1445هـ - 3/4/2024", date(2024, 4, 3)),
    ],
)
def test_both_calendars_make_one_date(text: str, day: date) -> None:
    found = find_printed_date(text)
    assert found is not None
    assert (found.day, found.calendar, found.start) == (day, "both", 0)
    assert found.end == len(text)
    assert found.is_contradicted == ("3/4/2024" in text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12 رمضان 1445هـ", date(2024, 3, 22)),
        ("١ محرم ١٤٤٦ هـ", date(2024, 7, 7)),
        ("غرة 1 ربيع الآخر 1446", date(2024, 10, 4)),
        ("5 جمادى الآخرة 1445 هجرية - 14:35", date(2023, 12, 18)),
        ("1445/09/12هـ", date(2024, 3, 22)),
        # where the moon was seen a day later, the weekday says so
        ("السبت 12 رمضان 1445", date(2024, 3, 23)),
    ],
)
def test_a_hijri_date_alone_is_converted_and_marked(text: str, day: date) -> None:
    found = find_printed_date(text)
    assert found is not None
    assert (found.day, found.calendar, found.contradiction) == (day, "hijri", None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12 رمضان 1445 هـ الموافق 25 مارس 2024", "hijri_contradicts_date"),
        ("الاثنين 12 رمضان 1445 هـ الموافق 22 مارس 2024", "weekday_contradicts_date"),
        ("الثلاثاء 12 رمضان 1445", "weekday_contradicts_date"),
        ("13 رمضان 1445 هـ الموافق 22 مارس 2024", None),
    ],
)
def test_calendars_check_each_other(text: str, reason: str | None) -> None:
    found = find_printed_date(text)
    assert found is not None
    assert found.contradiction == reason


@pytest.mark.parametrize(
    "text",
    [
        "12 رمضان 2024", "12 مارس 1445هـ", "31 رمضان 1445هـ", "منذ ساعتين", "قبل 3 ساعات", "قبل ٣ ساعات",
        "اليوم 14:35", "أمس الساعة 2:30 م", "22 مارس", "الجمعة 22 مارس - 14:35", "هاتف 2024-555-1234", "رقم 3-7/2026",
        "من 3 إلى 7 مارس 2026", "3-7 مارس 2026", "بين 3 و7 مارس 2026", "28 فبراير - 3 مارس 2026",
        "3 مارس 2026 - 5 مارس 2026", "من 1/3/2026 إلى 5/3/2026", "من الأحد 1 مارس 2026 حتى الخميس 5 مارس 2026",
        "حتى 3 مارس 2026", "موسم 2024/2025", "2024-2025", "1445 هـ", "22/3/24", "22 مارس 24", "الخميس 22/3/24",
        "الجمعة 22 مارس 45 دقيقة", "3.11.2", "127.0.0.2024", "12:30:2024", "5/2024", "19/20/2024",
    ],
)  # fmt: skip
def test_what_places_no_single_day_is_none(text: str) -> None:
    assert find_printed_date(text) is None


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("22 مارس 2024 الساعة 14:35 بتوقيت مكة المكرمة", "2024-03-22T11:35"),
        ("22 مارس 2024 - 14:35 بتوقيت غرينتش", "2024-03-22T14:35"),
        ("22 مارس 2024، الساعة 14:35 (بتوقيت جرينتش)", "2024-03-22T14:35"),
        ("22 آب 2024 الساعة 14:35 بتوقيت القدس المحتلة", "2024-08-22T11:35"),
        ("22 كانون الثاني 2024 الساعة 14:35 بتوقيت القدس", "2024-01-22T12:35"),
        ("22 مارس 2024 14:35 GMT+3", "2024-03-22T11:35"),
        ("2024-03-22T14:35:10+04:00", "2024-03-22T10:35:10"),
        # «عمان» may be Amman or Oman: the source's zone it is
        ("22 مارس 2024 14:35 بتوقيت عمان", "2024-03-22T12:35"),
        ("22 مارس 2024 الساعة 2 ظهراً بالتوقيت المحلي", "2024-03-22T12:00"),
        ("22 مارس 2024 | 2:35 مساءً", "2024-03-22T12:35"),
        ("22 مارس 2024 02:35 م", "2024-03-22T12:35"),
        ("22/3/2024 م 02:35 ص", "2024-03-22T00:35"),
        ("22 مارس 2024 - PM 02:35", "2024-03-22T12:35"),
        ("22 مارس 2024 02:35 PM", "2024-03-22T12:35"),
        ("22 مارس 2024 الساعة 02:35 مساءًبقلم: هند", "2024-03-22T12:35"),
        ("22 مارس 2024، 11:30 ليلاً", "2024-03-22T21:30"),
        ("22 مارس 2024، 12:30 بعد الظهر", "2024-03-22T10:30"),
        ("22 مارس 2024، ٤:١٥ عصرًا", "2024-03-22T14:15"),
        ("14:35 - 22 مارس 2024", "2024-03-22T12:35"),
        ("02:35 م | الجمعة 22 مارس 2024", "2024-03-22T12:35"),
        ("22 مارس 2024 14h35", "2024-03-22T12:35"),
        ("22 مارس 2024، 12 تعليقا، 15:20", "2024-03-21T22:00"),
        ("22 مارس 2024 الساعة 25:10", "2024-03-21T22:00"),
    ],
)
def test_hours_and_their_zones(text: str, instant: str) -> None:
    found = find_printed_date(text)
    assert found is not None
    assert instant_of(found, BEIRUT) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("السبت 3/4/2021", date(2021, 4, 3)),
        ("الخميس 3/4/2021", date(2021, 3, 4)),
        ("03/22/2024", date(2024, 3, 22)),
        ("3/4/2024", date(2024, 4, 3)),
        ("الجمعة 22/3/24", date(2024, 3, 22)),
        ("الجمعة 22 مارس 24", date(2024, 3, 22)),
        ("22-03-24، الجمعة", date(2024, 3, 22)),
        ("22.03.2024", date(2024, 3, 22)),
        ("22 من شهر مارس من عام 2024", date(2024, 3, 22)),
        ("22 آذار/ مارس 2024", date(2024, 3, 22)),
        ("22 آذار (مارس) 2024", date(2024, 3, 22)),
        ("22-مارس-2024", date(2024, 3, 22)),
        ("مارس 22, 2024", date(2024, 3, 22)),
        ("Friday, March 22nd, 2024", date(2024, 3, 22)),
        ("vendredi 22 mars 2024", date(2024, 3, 22)),
        ("2024 مارس 22", date(2024, 3, 22)),
        ("١٥ كانون أوّل ٢٠٢٣", date(2023, 12, 15)),
        ("22 دجنبر 2023", date(2023, 12, 22)),
        ("6 ماي 2024", date(2024, 5, 6)),
        ("9 جوان 2024", date(2024, 6, 9)),
        ("7 كانون الأول/ديسمبر 2014: الخبر", date(2014, 12, 7)),
        ("Nov. 20, 2019Updated: Nov. 21, 2019 1:35 a.m.", date(2019, 11, 20)),
        ("من 3 إلى 7 مارس 2026. نشر في 9 مارس 2026", date(2026, 3, 9)),
    ],
)
def test_orders_and_short_years(text: str, day: date) -> None:
    found = find_printed_date(text)
    assert found is not None
    assert found.day == day
    assert not found.is_contradicted


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789٣٤/-. :،()ـمص هـمارس رمضان الجمعة الموافق إلى", max_size=60))
def test_any_line_gives_a_date_within_it_or_none(text: str) -> None:
    found = find_printed_date(text)
    if found is not None:
        assert 0 <= found.start < found.end <= len(text)
        assert 1990 <= found.day.year <= 2100


@pytest.mark.timed
@pytest.mark.parametrize(
    "bait", ["3 مارس " * 400, "12 " * 700, "2024/3/" * 300, "الجمعة " * 300 + "2024", "22 مارس 2024 - " * 150]
)
def test_hostile_lines_cost_little(bait: str) -> None:
    find_printed_date(bait)
    start = time_of.process_time()
    find_printed_date(bait)
    assert time_of.process_time() - start < 0.1


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
