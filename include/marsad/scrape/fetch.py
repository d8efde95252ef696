"""Fetch one URL politely and safely; every end it can have is an outcome, never an exception."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from urllib.parse import urlsplit

import filetype
import requests
from requests.structures import CaseInsensitiveDict
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from marsad.scrape.connect import BlockedAddress, GuardedAdapter
from marsad.scrape.record import LATER_OUTCOMES, Outcome
from marsad.scrape.robots import Robots, read_robots
from marsad.scrape.urls import absolute
from marsad.settings import Settings
from marsad.sources import Source

PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
LISTING_TYPES = PAGE_TYPES | {
    "application/xml", "text/xml", "application/rss+xml", "application/atom+xml", "application/rdf+xml",
    "application/gzip", "application/x-gzip", "application/octet-stream",
}  # fmt: skip
_CHUNK = 64 * 1024


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

    def get(self, url: str, *, types: frozenset[str] = PAGE_TYPES) -> Fetched:
        """Fetch a URL, following redirects and trying again where that may help.

        Args:
            url: http or https.
            types: media types worth reading; others end as ``unsupported_type``.
        """

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
            return self._follow(url, types)

        retrying = Retrying(
            stop=stop_after_attempt(self.settings.fetch_attempts),
            wait=wait,
            retry=retry_if_result(again),
            sleep=self._sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        found: Fetched = retrying(once)
        return replace(found, url=url, attempt_count=attempts, fetched_at=self._clock())

    def _follow(self, url: str, types: frozenset[str]) -> Fetched:
        """One attempt, through its redirects; each hop is checked like the first."""
        here = absolute(url, url)
        if here is None:
            return Fetched(url, "blocked_address", error=f"{url[:200]}: not an http(s) address without credentials")
        for _ in range(self.settings.max_redirects + 1):
            robots = self._robots_of(here)
            if robots.unavailable:
                return Fetched(url, robots.outcome, final_url=here, error=robots.unavailable)  # type: ignore[arg-type]
            if not robots.allows(here, self.settings.user_agent):
                return Fetched(url, "robots_denied", final_url=here, error="robots.txt does not allow it")
            found = self._request(here, types, robots)
            location = found.headers.get("Location")
            if found.http_status not in (301, 302, 303, 307, 308) or not location:
                return replace(found, final_url=here)
            # requests decodes headers as Latin-1; sites write UTF-8
            target = absolute(location.encode("latin-1", "replace").decode("utf-8", "replace"), here)
            if target is None:
                return replace(
                    found, final_url=here, outcome="blocked_address", error=f"redirects to {location[:200]!r}"
                )
            here = target
        limit = self.settings.max_redirects
        return Fetched(url, "too_many_redirects", final_url=here, error=f"more than {limit} redirects")

    def _robots_of(self, url: str) -> Robots:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._robots.get(origin)
        if known is not None and known.unavailable is None:
            return known
        found = self._request(f"{origin}/robots.txt", LISTING_TYPES, Robots())
        for _ in range(self.settings.max_redirects):
            location = found.headers.get("Location")
            if found.http_status not in (301, 302, 303, 307, 308) or not location:
                break
            target = absolute(location, f"{origin}/robots.txt")
            if target is None:
                break
            found = self._request(target, LISTING_TYPES, Robots())
        status = 404 if found.outcome in ("too_large", "unsupported_type") else found.http_status
        self._robots[origin] = read_robots(status, found.body, found.error, found.outcome)
        return self._robots[origin]

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

    def _request(self, url: str, types: frozenset[str], robots: Robots) -> Fetched:
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
                found = self._read(url, response, types)
        except requests.exceptions.Timeout as error:
            found = Fetched(url, "timeout", error=_short(error))
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            found = _failed(url, error)
        finally:
            watchdog.cancel()
        if time.monotonic() - began >= limit and found.outcome in ("captured", "connection_error"):
            return Fetched(url, "timeout", error=f"not finished after {limit:g} s")
        return found

    def _read(self, url: str, response: requests.Response, types: frozenset[str]) -> Fetched:
        status, headers = response.status_code, response.headers
        content_type, charset = _media_type(headers.get("Content-Type"))
        found = Fetched(url, "captured", None, status, headers, content_type=content_type, charset=charset)
        if status in (301, 302, 303, 307, 308):
            return replace(found, outcome="http_error", error=f"HTTP {status} without a usable Location")
        if not 200 <= status < 300:
            outcome: Outcome = "not_found" if status == 404 else "gone" if status == 410 else "http_error"
            wait = _retry_after(headers.get("Retry-After"), self._clock())
            return replace(found, outcome=outcome, error=f"HTTP {status}", retry_after_s=wait)
        if content_type is not None and content_type not in types:
            return replace(found, outcome="unsupported_type", error=f"{content_type} is not a page")
        limit = self.settings.max_page_bytes
        declared = headers.get("Content-Length", "")
        if declared.isdigit() and int(declared) > limit:
            return replace(found, outcome="too_large", error=f"{declared} bytes, more than {limit}")
        chunks, size = [], 0
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                return replace(found, outcome="too_large", error=f"more than {limit} bytes once decompressed")
        body = b"".join(chunks)
        if content_type is None:
            guess = filetype.guess(body[:512])
            sniffed = guess.mime if guess else "text/html" if b"<" in body[:1024] else "text/plain"
            if sniffed not in types:
                return replace(found, outcome="unsupported_type", content_type=sniffed, error=f"{sniffed}: no page")
            found = replace(found, content_type=sniffed)
        return replace(found, body=body)


def _failed(url: str, error: Exception) -> Fetched:
    """The outcome of an exception, by what is at the bottom of its chain."""
    seen: BaseException | None = error
    for _ in range(8):
        if isinstance(seen, BlockedAddress):
            return Fetched(url, "blocked_address", error=str(seen))
        if isinstance(seen, ReadTimeoutError | TimeoutError):
            return Fetched(url, "timeout", error=_short(error))
        reason = getattr(seen, "reason", None)
        inner = [a for a in getattr(seen, "args", ()) if isinstance(a, BaseException)]
        deeper = reason if isinstance(reason, BaseException) else inner[0] if inner else None
        if seen is None or deeper is None or deeper is seen:
            seen = seen.__cause__ or seen.__context__ if seen else None
        else:
            seen = deeper
        if seen is None:
            break
    return Fetched(url, "connection_error", error=_short(error))


def _short(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if isinstance(error, ProtocolError) or "Max retries" in text:
        text = text.rsplit("(Caused by", 1)[-1].strip(" )(")
    return f"{type(error).__name__}: {text}"[:300]


def _media_type(header: str | None) -> tuple[str | None, str | None]:
    """The media type and the charset of a Content-Type header."""
    if not header:
        return None, None
    kind, _, rest = header.partition(";")
    charset = None
    for part in rest.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip(" \"'").lower() or None
    return kind.strip().lower() or None, charset


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
