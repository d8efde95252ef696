"""Fetch one URL politely and safely; every end it can have is an outcome, never an exception."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt
from urllib3.exceptions import HTTPError, LocationValueError
from urllib3.response import GzipDecoder, GzipDecoderState

from marsad.scrape.connect import GuardedAdapter, failure, shortly
from marsad.scrape.headers import (
    HEAD_BYTES,
    PAGE_TYPES,
    foreign_encoding,
    media_type,
    retry_after,
    sniff,
)
from marsad.scrape.record import LATER_OUTCOMES, Outcome
from marsad.scrape.robots import MAX_ROBOTS_BYTES, Robots, read_robots
from marsad.scrape.urls import absolute
from marsad.settings import Settings
from marsad.sources import Source

_CHUNK = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

SILENCE_LIMIT = 5
"""URLs in a row to which a host gave no answer, after which it is left alone for the rest of the run:
a host that is down must not cost its connect timeout times its URLs."""


@dataclass(frozen=True)
class Fetched:
    """What became of one URL."""

    url: str
    outcome: Outcome
    final_url: str | None = None
    http_status: int | None = None
    headers: CaseInsensitiveDict[str] = field(default_factory=CaseInsensitiveDict)
    body: bytes = b""
    content_type: str | None = None
    charset: str | None = None
    error: str | None = None
    attempt_count: int = 0
    fetched_at: datetime | None = None
    retry_after_s: float | None = None
    """Seconds the server asks us to wait; infinite where only a later run may ask again."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is worth reading of an answer; ``types`` None means whatever it is."""

    types: frozenset[str] | None
    max_bytes: int
    is_cut: bool = False
    """Read no more than ``max_bytes``, rather than calling the body too large."""


_ROBOTS = _Wanted(None, MAX_ROBOTS_BYTES, is_cut=True)


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
    ) -> None:
        self.settings = settings
        self.source = source
        self._clock = clock
        self._sleep = sleep
        self._sessions: dict[str, tuple[requests.Session, GuardedAdapter]] = {}
        self._robots: dict[str, Robots] = {}
        self._robots_attempts: dict[str, int] = {}
        self._silences: dict[str, int] = {}
        self._last_request: dict[str, float] = {}
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

    def get(self, url: str, *, types: frozenset[str] = PAGE_TYPES, max_bytes: int | None = None) -> Fetched:
        """Fetch a URL, following redirects and trying again where that may help.

        Args:
            url: http or https.
            types: media types worth reading; others end as ``unsupported_type``.
            max_bytes: of the decompressed body; more is ``too_large``. Default: the setting.
        """
        wanted = _Wanted(types, max_bytes or self.settings.max_page_bytes)
        if absolute(url, url) is None:
            why = f"{url[:200]}: not an http(s) address without credentials"
            return Fetched(url, "blocked_address", error=why, fetched_at=self._clock())
        host = urlsplit(url).netloc.lower()
        if self._silences.get(host, 0) >= SILENCE_LIMIT:
            why = f"{host} gave no answer {SILENCE_LIMIT} times in a row; left for a later run"
            return Fetched(url, "connection_error", error=why, fetched_at=self._clock())

        def wait(state: RetryCallState) -> float:
            last: Fetched | None = state.outcome.result() if state.outcome else None
            backoff = self.settings.retry_base_s * float(2 ** (state.attempt_number - 1))
            return max(backoff, last.retry_after_s or 0.0) if last else backoff

        def again(found: Fetched) -> bool:
            if found.outcome == "budget_exhausted" or found.outcome not in LATER_OUTCOMES:
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
        attempts -= found.outcome == "budget_exhausted"  # that one was not made
        return replace(found, url=url, attempt_count=attempts, fetched_at=self._clock())

    def _follow(self, url: str, wanted: _Wanted) -> Fetched:
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
            if found.http_status not in _REDIRECTS or not found.headers.get("Location"):
                return replace(found, final_url=here)
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
                    "Accept-Encoding": "gzip, deflate",
                }
            )
            self._sessions[host] = (session, adapter)
        return self._sessions[host]

    def _wait_for_turn(self, host: str, robots: Robots) -> None:
        delay = max(self.source.politeness.delay_s, robots.delay(self.settings.user_agent)) * self.settings.delay_scale
        since = time.monotonic() - self._last_request.get(host, float("-inf"))
        if since < delay:
            self._sleep(delay - since)
        self._last_request[host] = time.monotonic()

    def _request(self, url: str, wanted: _Wanted, robots: Robots) -> Fetched:
        """One request, without redirects or retries."""
        if self.request_count >= self.source.politeness.daily_budget:
            budget = self.source.politeness.daily_budget
            return Fetched(url, "budget_exhausted", error=f"the day's budget of {budget} requests is used up")
        self.request_count += 1
        host = urlsplit(url).netloc
        self._wait_for_turn(host, robots)
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
            ) as response:
                found = self._read(url, response, wanted)
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, LocationValueError) as error:
            found = Fetched(url, "blocked_address", error=shortly(error))
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            outcome, why = failure(error)
            found = Fetched(url, outcome, error=why)
        finally:
            watchdog.cancel()
        if time.monotonic() - began >= limit and found.outcome in ("captured", "connection_error"):
            return Fetched(url, "timeout", error=f"not finished after {limit:g} s")
        return found

    def _read(self, url: str, response: requests.Response, wanted: _Wanted) -> Fetched:
        status, headers = response.status_code, response.headers
        declared, charset = media_type(headers.get("Content-Type"))
        found = Fetched(url, "captured", None, status, headers, content_type=declared, charset=charset)
        if status in _REDIRECTS:
            return replace(found, outcome="http_error", error=f"HTTP {status} without a usable Location")
        if not 200 <= status < 300:
            outcome: Outcome = "not_found" if status == 404 else "gone" if status == 410 else "http_error"
            wait = retry_after(headers.get("Retry-After"), self._clock())
            return replace(found, outcome=outcome, error=f"HTTP {status}", retry_after_s=wait)
        encoding = foreign_encoding(headers.get("Content-Encoding"))
        if encoding:
            return replace(found, outcome="unsupported_type", error=f"compressed as {encoding}, which is not read")
        if wanted.types is not None and declared is not None and declared not in wanted.types:
            return replace(found, outcome="unsupported_type", error=f"{declared} is not a page")
        length, limit = headers.get("Content-Length", ""), wanted.max_bytes
        if not wanted.is_cut and length.isdigit() and int(length[:18]) > limit:
            return replace(found, outcome="too_large", error=f"{length[:18]} bytes, more than {limit}")
        return self._read_body(found, response, wanted)

    def _read_body(self, found: Fetched, response: requests.Response, wanted: _Wanted) -> Fetched:
        """The body, as far as it is wanted: its type is told by its first bytes before the rest is read."""
        body, kind = bytearray(), None
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if kind is None and len(body) >= HEAD_BYTES:
                kind = sniff(found.content_type, bytes(body[:HEAD_BYTES]))
                if wanted.types is not None and kind not in wanted.types:
                    return _unsupported(found, kind)
            if len(body) > wanted.max_bytes:
                if wanted.is_cut:
                    break
                error = f"more than {wanted.max_bytes} bytes once decompressed"
                return replace(found, outcome="too_large", error=error)
        if body and not wanted.is_cut and _is_cut_short(response):
            return replace(found, outcome="connection_error", error="the compressed body ends before its end")
        kind = kind or sniff(found.content_type, bytes(body[:HEAD_BYTES]))
        if wanted.types is not None and kind not in wanted.types:
            return _unsupported(found, kind)
        return replace(found, body=bytes(body), content_type=kind)


def _unsupported(found: Fetched, kind: str) -> Fetched:
    said = f"sent as {found.content_type}, but is {kind}" if found.content_type else f"{kind} is not a page"
    return replace(found, outcome="unsupported_type", content_type=kind, error=said)


def _is_cut_short(response: requests.Response) -> bool:
    """Whether a gzip body that no length bounds stopped in its middle; urllib3 does not say."""
    decoder = getattr(response.raw, "_decoder", None)
    if not isinstance(decoder, GzipDecoder) or decoder._state != GzipDecoderState.FIRST_MEMBER:
        return False
    return not decoder._obj.eof


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _target(found: Fetched, here: str) -> str | None:
    """Where an answer redirects to; None where it does not, or to nowhere we may go."""
    location = found.headers.get("Location")
    if found.http_status not in _REDIRECTS or not location:
        return None
    # requests decodes headers as Latin-1; sites write UTF-8
    return absolute(location.encode("latin-1", "replace").decode("utf-8", "replace"), here)
