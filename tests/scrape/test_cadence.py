"""When a listing is asked again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.scrape.cadence import TARGET_SHARE, next_interval, retry_interval
from marsad.sources import Polling

BOUNDS = st.tuples(st.floats(0.1, 1000), st.floats(0.1, 1000)).map(
    lambda pair: Polling(fastest_min=min(pair), slowest_min=max(pair))
)
SECONDS = st.floats(0, 1e7)


@given(SECONDS, st.integers(0, 5000), st.integers(0, 5000), BOUNDS)
def test_the_bounds_hold_whatever_was_listed(interval: float, listed: int, new: int, polling: Polling) -> None:
    assert polling.fastest_min * 60 <= next_interval(interval, listed, new, polling) <= polling.slowest_min * 60


@given(SECONDS, st.integers(1, 5000), st.data(), BOUNDS)
def test_more_news_never_means_a_later_look(
    interval: float, listed: int, data: st.DataObject, polling: Polling
) -> None:
    few, many = sorted(data.draw(st.tuples(st.integers(0, listed), st.integers(0, listed))))
    assert next_interval(interval, listed, many, polling) <= next_interval(interval, listed, few, polling)


@given(st.integers(1, 10_000), BOUNDS)
def test_a_failing_route_is_tried_ever_more_seldom_and_never_given_up(failures: int, polling: Polling) -> None:
    wait = retry_interval(failures, polling)
    assert wait <= retry_interval(failures + 1, polling) <= polling.slowest_min * 60
    assert wait >= polling.fastest_min * 60


@pytest.mark.parametrize("per_hour", [2, 12, 60])
def test_it_settles_where_about_a_quarter_of_the_listing_is_new(per_hour: int) -> None:
    """A feed of 40 items at a steady pace: the interval finds the time in which ten appear, within the bounds."""
    polling, interval = Polling(), 1800.0
    for _ in range(40):
        interval = next_interval(interval, 40, min(40, round(interval / 3600 * per_hour)), polling)
    wanted = min(max(40 * TARGET_SHARE / per_hour * 3600, 300), 360 * 60)
    assert 0.6 * wanted <= interval <= 1.6 * wanted


def test_a_feed_that_loses_items_is_asked_twice_as_often_at_once() -> None:
    assert next_interval(3600, 30, 30, Polling()) == 1800
