"""How often a listing is asked again: by how much of it was new, between bounds.

A feed shows its newest N items. If a poll finds few of them new, it came too early; if it finds nearly
all of them new, others have scrolled out unseen. So the time between polls is scaled until about a
quarter of the listing is new each time: there are then three quarters of it to spare for a busy hour.
Within a step the time at most halves, and grows by half at most: news comes in bursts, and to be late
costs stories, while to be early costs a request that a 304 answers. (The aim is that of the adaptive
schedulers of crawlers, e.g. Cho and Garcia-Molina 2003, with the window of a feed instead of a rate.)
"""

from __future__ import annotations

from marsad.sources import Polling

TARGET_SHARE = 0.25
"""The share of a listing that a poll should find new."""
_FASTER = 0.5
_SLOWER = 1.5


def next_interval(interval_s: float, listed: int, new: int, polling: Polling) -> float:
    """Seconds until a listing is asked again, after a poll that it answered.

    More new items never make the next poll later.

    Args:
        interval_s: the seconds before this poll.
        listed: items it showed; 0 also where it said that nothing has changed.
        new: those among them never seen before.
        polling: the bounds.
    """
    is_quiet = new <= 0 or listed <= 0
    factor = _SLOWER if is_quiet else min(max(TARGET_SHARE * listed / new, _FASTER), _SLOWER)
    return _within(interval_s * factor, polling)


def retry_interval(failures: int, polling: Polling) -> float:
    """Seconds until a listing that failed so many times in a row is tried again: soon, then ever more seldom.

    It is never given up: a site that comes back must be found.
    """
    return _within(polling.fastest_min * 60 * 2.0 ** min(max(failures, 1) - 1, 20), polling)


def _within(seconds: float, polling: Polling) -> float:
    return min(max(seconds, polling.fastest_min * 60), polling.slowest_min * 60)
