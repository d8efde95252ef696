"""Rules across days: each proven by a day that breaks it after two sound weeks, and bands by what they must bear."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from benchmarks.health.failures import FAILURES
from benchmarks.health.run import simulate
from benchmarks.health.site import SITES
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import example_rows as ex
from marsad.clean.record import ARTICLES
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.record import CAPTURES
from marsad.sources import Source
from marsad.sources.health import MEASURES, Health
from marsad.validate.advice import ADVICE
from marsad.validate.band import LEAST_DAYS, band
from marsad.validate.health import HEALTH_RULES
from marsad.validate.profile import Measure
from marsad.validate.record import PROFILES, VERDICTS, Profile, Verdict
from marsad.validate.rules import RULES
from marsad.validate.stage import validate
from validate.test_validate import NUMBERS, STORIES, articles, both, distinct, reject

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "alarms.md"
DAYS = 14


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A sound day after two sound weeks."""
    lake = Lake(tmp_path)
    ex.write_day(lake, stories=STORIES, articles=articles(), **{d.name: [] for d in ex.FINDINGS})
    remember(lake)
    return lake


def remember(lake: Lake, **usual: float) -> None:
    """Two weeks like today, but for some measures."""
    today = validate(ex.SOURCE, ex.PARTITION, lake).profiles.table.to_pylist()
    values = {row["measure"]: row["value"] for row in today} | usual
    for back in range(1, DAYS + 1):
        day = ex.DAY - timedelta(days=back)
        rows = [Profile(ex.NAME, day, name, value, STORIES) for name, value in values.items()]
        lake.write_table("core", PROFILES, Partition(ex.NAME, day), PROFILES.table(rows))


def verdicts(lake: Lake, source: Source = ex.SOURCE) -> dict[str, Verdict]:
    rows = validate(source, ex.PARTITION, lake).verdicts.table.to_pylist()
    return {row["rule"]: Verdict(**row) for row in rows}


def usually(**values: float) -> Callable[[Lake], None]:
    return lambda lake: remember(lake, **values)


def outcomes(outcome: str, status: int | None) -> Callable[[Lake], None]:
    failed = {"outcome": outcome, "http_status": status, "warc_file": None, "sha256": None}
    return lambda lake: both(
        lake, CAPTURES, [ex.capture(n) for n in NUMBERS] + [ex.capture(n, **failed) for n in range(20, 26)]
    )


def changed(**other: Any) -> Callable[[Lake], None]:
    return lambda lake: both(lake, ARTICLES, [distinct(n, **other) for n in NUMBERS])


def pages_without_a_story(lake: Lake) -> None:
    both(lake, CAPTURES, [ex.capture(n) for n in (*NUMBERS, 7, 8, 9)])


def half_quarantined(lake: Lake) -> None:
    reject(lake, ARTICLES, *[(ex.url(n), "no_text") for n in range(50, 56)])


def the_week_before_again(lake: Lake) -> None:
    before = Partition(ex.NAME, ex.DAY - timedelta(days=2))
    rows = [replace(a, date=before.date, url=a.url + "/x") for a in articles()]
    lake.write_table("core", ARTICLES, before, ARTICLES.table(rows))


def one_text(lake: Lake) -> None:
    both(lake, ARTICLES, [ex.article(n) for n in NUMBERS])


def a_third_one_text(lake: Lake) -> None:
    both(lake, ARTICLES, [ex.article(1), ex.article(2), *(distinct(n) for n in NUMBERS if n > 2)])


BROKEN: list[tuple[Callable[[Lake], None], str, str]] = [
    (usually(urls=60), "listing_as_long_as_usual", "warning"),
    (usually(stories=60), "volume_as_usual", "warning"),
    (usually(newest_story=23.5, stories=60), "day_goes_on_to_its_end", "warning"),
    (usually(words=900), "stories_as_long_as_usual", "warning"),
    (usually(mentions=40), "names_and_quotations_as_usual", "warning"),
    (usually(led=1), "layout_as_before", "warning"),
    (outcomes("http_error", 403), "site_lets_us_in", "warning"),
    (outcomes("robots_denied", None), "site_lets_us_in", "warning"),
    (outcomes("http_error", 503), "site_answers", "warning"),
    (outcomes("timeout", None), "site_answers", "warning"),
    (outcomes("not_found", 404), "addresses_lead_somewhere", "warning"),
    (pages_without_a_story, "pages_give_stories", "warning"),
    (half_quarantined, "quarantine_as_usual", "warning"),
    (one_text, "stories_differ", "critical"),
    (a_third_one_text, "stories_differ", "warning"),
    (the_week_before_again, "stories_are_new", "warning"),
    (changed(extraction_method="text"), "layout_as_before", "warning"),
    (changed(authors=(), keywords=()), "layout_as_before", "warning"),
    (changed(is_paywalled=True), "walls_as_usual", "warning"),
    (changed(language="en"), "language_as_usual", "warning"),
    (changed(published_basis="first_seen"), "dates_as_usual", "warning"),
]


def test_a_day_like_the_others_raises_no_alarm(lake: Lake) -> None:
    assert [v.rule for v in verdicts(lake).values() if not v.is_success] == []


@pytest.mark.parametrize(("broken", "rule", "level"), BROKEN, ids=[f"{n}-{r}" for n, (_, r, _) in enumerate(BROKEN)])
def test_each_rule_finds_the_day_that_breaks_it(
    broken: Callable[[Lake], None], rule: str, level: str, lake: Lake
) -> None:
    broken(lake)
    found = verdicts(lake)[rule]
    assert (found.is_success, found.level) == (False, level)
    assert found.evidence
    assert found.since == ex.DAY
    assert found.todo


def test_a_flood_is_one_and_a_big_day_is_none(lake: Lake) -> None:
    both(lake, CAPTURES, [ex.capture(n) for n in range(1, 13)])
    assert verdicts(lake)["no_flood"].is_success
    both(lake, CAPTURES, [ex.capture(n) for n in range(1, 81)])
    assert not verdicts(lake)["no_flood"].is_success


def test_every_rule_across_days_is_broken_here() -> None:
    assert {rule for _, rule, _ in BROKEN} | {"no_flood"} == {rule.__name__ for rule in HEALTH_RULES}


def test_every_rule_says_what_to_do_and_stands_in_the_guide() -> None:
    names = {rule.__name__ for rule in RULES}
    assert set(ADVICE) == names
    guide = GUIDE.read_text("utf-8")
    assert [name for name in names if f"`{name}`" not in guide] == []
    assert [name for name in MEASURES if f"`{name}`" not in guide] == []


def test_an_alarm_says_since_when(lake: Lake) -> None:
    for back, holds in ((1, False), (2, False), (3, True), (4, False)):
        before = Partition(ex.NAME, ex.DAY - timedelta(days=back))
        row = ex.verdict("walls_as_usual", level="warning", is_success=holds, date=before.date)
        lake.write_table("staged", VERDICTS, before, VERDICTS.table([row]))
    changed(is_paywalled=True)(lake)
    assert verdicts(lake)["walls_as_usual"].since == ex.DAY - timedelta(days=2)


def test_without_history_nothing_is_unusual_but_zero(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    ex.write_day(lake, stories=STORIES, articles=articles(), **{d.name: [] for d in ex.FINDINGS})
    changed(is_paywalled=True, language="en")(lake)
    found = verdicts(lake)
    assert found["walls_as_usual"].is_success
    assert "0 days so far" in found["walls_as_usual"].expected
    both(lake, CAPTURES, [])
    assert not verdicts(lake)["something_discovered"].is_success


def test_a_source_may_say_better_what_is_usual(lake: Lake) -> None:
    def source(**health: Any) -> Source:
        return ex.SOURCE.model_copy(update={"health": Health(**health)})

    remember(lake, urls=60)
    assert verdicts(lake, source(bounds={"urls": (1, None)}))["listing_as_long_as_usual"].is_success
    assert verdicts(lake, source(tolerance=10))["listing_as_long_as_usual"].is_success
    remember(lake)
    found = verdicts(lake, source(bounds={"urls": (10, None)}))["listing_as_long_as_usual"]
    assert not found.is_success
    assert "the source's file" in found.expected


@pytest.mark.parametrize("bounds", [{"urlz": (1, 2)}, {"urls": (3, 2)}])
def test_bounds_of_nothing_are_refused(bounds: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"no measure|more than"):
        Health(bounds=dict(bounds))


# bands

DAY = date(2026, 3, 3)
COUNT = st.floats(0, 2000)


def past(values: list[float], name: str = "urls") -> dict[date, dict[str, Measure]]:
    return {DAY - timedelta(days=n): {name: Measure(v, 30)} for n, v in enumerate(values, 1)}


@given(st.sampled_from(sorted(MEASURES)), st.floats(0, 1), st.integers(LEAST_DAYS, 60))
def test_what_always_was_is_usual(name: str, value: float, days: int) -> None:
    usual = band(name, Measure(value, 30), DAY, past([value] * days, name), Health())
    assert usual is not None
    assert usual.low <= value <= usual.high


@given(st.lists(COUNT, min_size=20, max_size=56), st.integers(1, 9), COUNT)
def test_a_few_days_of_outage_do_not_make_outages_usual(values: list[float], count: int, odd: float) -> None:
    """Fewer than half of the days cannot move the middle beyond the others."""
    days = [50 + v % 3 for v in values]
    for n in range(min(count, (len(days) - 1) // 4)):
        days[n] = odd
    usual = band("urls", Measure(50, 50), DAY, past(days), Health(bounds={}))
    assert usual is not None
    assert 49 <= usual.usual <= 53.5 or len(days) > 28


def test_weekdays_are_compared_with_their_own() -> None:
    days = {DAY - timedelta(days=n): {"urls": Measure(100 if n % 7 else 10, 100)} for n in range(1, 50)}
    tuesday = band("urls", Measure(10, 10), DAY, days, Health())
    monday = band("urls", Measure(10, 10), DAY - timedelta(days=1), days, Health())
    assert tuesday is not None
    assert monday is not None
    assert tuesday.low < 10 < tuesday.high
    assert monday.low > 10


def test_six_days_tell_nothing() -> None:
    assert band("urls", Measure(1, 1), DAY, past([90.0] * (LEAST_DAYS - 1)), Health()) is None


# the labelled set, on one site (benchmarks/health has four)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_injected_failures_are_caught_the_same_day(tmp_path: Path) -> None:
    (site,) = [s for s in SITES if s.name == "wasat"]
    caught, alarms = simulate([site], 35, tmp_path)
    assert len(caught) == len(FAILURES) >= 12
    assert [(c.failure, c.said) for c in caught if not c.is_right] == []
    assert len(alarms) <= 1, alarms
