"""Fetch one URL politely and safely; every end it can have is an outcome, never an exception."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from urllib.parse import urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt
from urllib3.exceptions import HTTPError, LocationValueError

from marsad.errors import SourceUnreachable, UnreadableListing
from marsad.scrape.answer import REDIRECTS, Fetched, Wanted, read_answer
from marsad.scrape.connect import GuardedAdapter, failure, shortly
from marsad.scrape.headers import PAGE_TYPES
from marsad.scrape.record import LATER_OUTCOMES
from marsad.scrape.reservations import of_answer
from marsad.scrape.robots import MAX_ROBOTS_BYTES, Robots, read_robots
from marsad.scrape.turns import Turns
from marsad.scrape.urls import absolute
from marsad.settings import Settings
from marsad.sources import Source

BUSY = frozenset({429, 503})
"""Statuses by which a host says that it has too much to do."""
MAX_COOKIES = 50
_MAX_WAITS = 1000
SILENCE_LIMIT = 5
"""URLs in a row to which a host gave no answer, after which it is left alone for the rest of the run:
a host that is down must not cost its connect timeout times its URLs."""


_ROBOTS = Wanted(None, MAX_ROBOTS_BYTES, is_cut=True)


class Fetcher:
    """Requests to one source's hosts: robots.txt, delay, budget, limits and retries.

    Use it as a context manager. It is for one thread.
    """

    def __init__(
        self,
        settings: Settings,
        source: Source,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        turns: Turns | None = None,
    ) -> None:
        self.settings = settings
        self.source = source
        self._clock = clock
        self._sleep = sleep
        self._sessions: dict[str, tuple[requests.Session, GuardedAdapter]] = {}
        self._robots: dict[str, Robots] = {}
        self._robots_attempts: dict[str, int] = {}
        self._silences: dict[str, int] = {}
        self._refused: dict[str, str] = {}
        self._turns = turns
        self._owns_turns = turns is None
        self.request_count = 0

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        for session, _ in self._sessions.values():
            session.close()
        self._sessions.clear()
        if self._turns is not None and self._owns_turns:
            self._turns.close()
            self._turns = None

    def sibling(self, sleep: Callable[[float], None] | None = None) -> Fetcher:
        """A fetcher for another thread, with the same source, turns and budget; close it before this one."""
        return Fetcher(self.settings, self.source, clock=self._clock, sleep=sleep or self._sleep, turns=self._shared())

    @property
    def is_real(self) -> bool:
        """Whether it really sleeps, rather than somebody's clock."""
        return self._sleep is time.sleep

    def get(
        self,
        url: str,
        *,
        types: frozenset[str] = PAGE_TYPES,
        max_bytes: int | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Fetched:
        """Fetch a URL, following redirects and trying again where that may help.

        Args:
            url: http or https.
            types: media types worth reading; others end as ``unsupported_type``.
            max_bytes: of the decompressed body; more is ``too_large``. Default: the setting.
            etag: what an earlier answer gave; with it, or with the next, an answer may be ``unchanged``.
            last_modified: likewise.
        """
        wanted = Wanted(types, max_bytes or self.settings.max_page_bytes, etag=etag, last_modified=last_modified)
        if absolute(url, url) is None:
            why = f"{url[:200]}: not an http(s) address without credentials"
            return Fetched(url, "blocked_address", error=why, fetched_at=self._clock())
        host = urlsplit(url).netloc.lower()
        if self._silences.get(host, 0) >= SILENCE_LIMIT:
            why = f"{host} gave no answer {SILENCE_LIMIT} times in a row; left for a later run"
            return Fetched(url, "connection_error", error=why, fetched_at=self._clock())
        if host in self._refused:
            return Fetched(url, "http_error", error=self._refused[host], fetched_at=self._clock())

        def wait(state: RetryCallState) -> float:
            last: Fetched | None = state.outcome.result() if state.outcome else None
            backoff = self.settings.retry_base_s * float(2 ** (state.attempt_number - 1))
            return max(backoff, last.retry_after_s or 0.0) if last else backoff

        def again(found: Fetched) -> bool:
            if found.outcome == "budget_exhausted" or found.outcome not in LATER_OUTCOMES or host in self._refused:
                return False
            if found.http_status is not None and found.http_status < 500 and found.http_status != 429:
                return False
            return (found.retry_after_s or 0.0) <= self.settings.max_retry_after_s

        attempts = 0

        def once() -> Fetched:
            nonlocal attempts
            attempts += 1
            return self._follow(url, wanted)

        retrying = Retrying(
            stop=stop_after_attempt(self.settings.fetch_attempts),
            wait=wait,
            retry=retry_if_result(again),
            sleep=self._sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        found: Fetched = retrying(once)
        is_silent = found.outcome in ("connection_error", "timeout") and found.http_status is None
        self._silences[host] = self._silences.get(host, 0) + 1 if is_silent else 0
        # the last one was not made
        attempts -= found.outcome == "budget_exhausted" or (host in self._refused and found.http_status is None)
        return replace(found, url=url, attempt_count=attempts, fetched_at=self._clock())

    def _follow(self, url: str, wanted: Wanted) -> Fetched:
        """One attempt, through its redirects; each hop is checked like the first."""
        here = absolute(url, url) or url
        for _ in range(self.settings.max_redirects + 1):
            robots = self._robots_of(here)
            if robots.unavailable:
                wait = float("inf") if self._robots_given_up(here) else None
                return Fetched(url, robots.outcome, final_url=here, error=robots.unavailable, retry_after_s=wait)
            if not robots.allows(here, self.settings.user_agent):
                return Fetched(url, "robots_denied", final_url=here, error="robots.txt does not allow it")
            found = self._request(here, wanted, robots)
            if found.http_status not in REDIRECTS or not found.headers.get("Location"):
                reserved = (*robots.opt_outs, *of_answer(found.headers, found.body))
                return replace(found, final_url=here, opt_outs=reserved)
            target = _target(found, here)
            if target is None:
                where = found.headers["Location"][:200]
                return replace(found, final_url=here, outcome="blocked_address", error=f"redirects to {where!r}")
            here = target
        limit = self.settings.max_redirects
        return Fetched(url, "too_many_redirects", final_url=here, error=f"more than {limit} redirects")

    def _robots_of(self, url: str) -> Robots:
        """The rules of a URL's host, asked for once a run; an outage is asked about a few times more."""
        origin = _origin(url)
        known = self._robots.get(origin)
        if known is not None and (known.unavailable is None or self._robots_given_up(url)):
            return known
        self._robots_attempts[origin] = self._robots_attempts.get(origin, 0) + 1
        here = f"{origin}/robots.txt"
        found = self._request(here, _ROBOTS, Robots())
        for _ in range(self.settings.max_redirects):
            target = _target(found, here)
            if target is None:
                break
            here = target
            found = self._request(here, _ROBOTS, Robots())
        self._robots[origin] = read_robots(
            found.http_status, found.body, found.error, found.outcome, user_agent=self.settings.user_agent
        )
        return self._robots[origin]

    def _robots_given_up(self, url: str) -> bool:
        return self._robots_attempts.get(_origin(url), 0) >= self.settings.fetch_attempts

    def _session(self, host: str) -> tuple[requests.Session, GuardedAdapter]:
        if host not in self._sessions:
            session, adapter = requests.Session(), GuardedAdapter(self.settings.connect_to)
            session.trust_env = False  # no proxies, netrc or certificates from the environment
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            session.headers.update(
                {
                    "User-Agent": self.settings.user_agent,
                    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
                    "Accept-Language": f"{self.source.language},en;q=0.3",
                    "Accept-Encoding": "gzip, deflate, br, zstd",
                }
            )
            self._sessions[host] = (session, adapter)
        return self._sessions[host]

    def _wait_for_turn(self, host: str, delay: float) -> str | None:
        """Wait until it is our turn at a host; why it is not to be asked in this run, where that is so."""
        turns = self._shared()
        left = turns.left_alone_for(host)
        if left > self.settings.max_retry_after_s:
            return f"{host} asked to be left alone for {left:.0f} s more; a later run asks it again"
        if (wait := turns.book(host, delay)) > 0:
            self._sleep(wait)
        return None

    def _take_turn(self, host: str, delay: float) -> None:
        """Begin: called when the connection stands and nothing is sent yet, so that the host sees the delay."""
        for _ in range(_MAX_WAITS):
            if (wait := self._shared().begin(host, delay)) <= 0:
                break
            self._sleep(wait)

    def _learn(self, host: str, found: Fetched, seconds: float, delay: float) -> None:
        """Tell all processes how a host answered."""
        is_busy = found.http_status in BUSY
        if is_busy:
            self._shared().put_off(host, max(found.retry_after_s or 0.0, self.settings.retry_base_s))
        is_silent = found.outcome in ("timeout", "connection_error") and found.http_status is None
        self._shared().learn(host, seconds, delay, is_refused=is_busy or is_silent)

    def _shared(self) -> Turns:
        """The bookings of all processes, opened with the first request: pages on disk need none."""
        if self._turns is None:
            self._turns = Turns(self.settings.state, clock=lambda: self._clock().timestamp())
        return self._turns

    def open(self, url: str, *, start: int = 0) -> requests.Response:
        """A large file from a byte on, to be read as it comes; whoever reads it bounds and closes it.

        It is asked for once, as politely as any page, without following redirects.

        Raises:
            SourceUnreachable: not now: no answer, a busy server, the day's budget is spent.
            UnreadableListing: not at all: a refused or missing address.
            RequestException: the connection failed, or broke.
        """
        if absolute(url, url) is None:
            raise UnreadableListing(f"{url[:200]}: not an http(s) address without credentials")
        robots = self._robots_of(url)
        if robots.unavailable:
            raise SourceUnreachable(f"{url}: {robots.unavailable}")
        if not robots.allows(url, self.settings.user_agent):
            raise UnreadableListing(f"{url}: robots.txt does not allow it")
        refused, delay = self._admit(url, robots)
        if refused is not None:
            raise SourceUnreachable(f"{url}: {refused.error}")
        host = urlsplit(url).netloc
        session, _ = self._session(host)
        began = time.monotonic()
        response = session.get(
            url,
            stream=True,
            allow_redirects=False,
            timeout=(self.settings.connect_timeout_s, self.settings.read_timeout_s),
            headers={"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})},
        )
        if response.status_code in (200, 206):
            return response
        with response:
            found = read_answer(url, response, Wanted(None, 0, is_cut=True), self._clock())
        if delay > 0:
            self._learn(host, found, time.monotonic() - began, delay)
        if response.status_code in BUSY or response.status_code >= 500:
            raise SourceUnreachable(f"{url}: {found.error}")
        raise UnreadableListing(f"{url}: {found.error}")

    def _admit(self, url: str, robots: Robots) -> tuple[Fetched | None, float]:
        """Spend one of the budget and wait for a turn; why not, where it may not be asked; and the delay."""
        budget = self.source.politeness.daily_budget
        if not self._shared().spend(self.source.name, self.source.day_of(self._clock()), budget):
            why = f"the day's budget of {budget} requests is used up"
            return Fetched(url, "budget_exhausted", error=why), 0.0
        host = urlsplit(url).netloc
        asked = max(self.source.politeness.delay_s, robots.delay(self.settings.user_agent))
        delay = asked * self.settings.delay_scale
        if delay > 0 and (why_not := self._wait_for_turn(host, delay)) is not None:
            self._refused[host] = why_not
            return Fetched(url, "http_error", error=why_not), delay
        self.request_count += 1
        _, adapter = self._session(host)
        adapter.before_request = partial(self._take_turn, host, delay) if delay > 0 else None
        return None, delay

    def _request(self, url: str, wanted: Wanted, robots: Robots) -> Fetched:
        """One request, without redirects or retries."""
        refused, delay = self._admit(url, robots)
        if refused is not None:
            return refused
        host = urlsplit(url).netloc
        session, adapter = self._session(host)
        limit = self.settings.total_timeout_s
        began = time.monotonic()
        # a server that drips a byte now and then defeats read timeouts: the watchdog ends it
        watchdog = threading.Timer(limit, adapter.hang_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            with session.get(
                url,
                stream=True,
                allow_redirects=False,
                timeout=(self.settings.connect_timeout_s, self.settings.read_timeout_s),
                headers=wanted.headers,
            ) as response:
                found = read_answer(url, response, wanted, self._clock())
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, LocationValueError) as error:
            found = Fetched(url, "blocked_address", error=shortly(error))
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            outcome, why = failure(error)
            found = Fetched(url, outcome, error=why)
        finally:
            watchdog.cancel()
        if len(session.cookies) > MAX_COOKIES:
            session.cookies.clear()  # a site may set a hundred with each page, and all would be sent back
        seconds = time.monotonic() - began
        if seconds >= limit and found.outcome in ("captured", "connection_error"):
            found = Fetched(url, "timeout", error=f"not finished after {limit:g} s")
        if delay > 0:
            self._learn(host, found, seconds, delay)
        return found


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _target(found: Fetched, here: str) -> str | None:
    """Where an answer redirects to; None where it does not, or to nowhere we may go."""
    location = found.headers.get("Location")
    if found.http_status not in REDIRECTS or not location:
        return None
    # requests decodes headers as Latin-1; sites write UTF-8
    return absolute(location.encode("latin-1", "replace").decode("utf-8", "replace"), here)
