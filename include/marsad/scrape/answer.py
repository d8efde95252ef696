"""What came of one request: its answer read as far as it is wanted, within bounds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.response import BrotliDecoder, GzipDecoder, GzipDecoderState, ZstdDecoder

from marsad.scrape.headers import HEAD_BYTES, foreign_encoding, media_type, retry_after, sniff
from marsad.scrape.record import Outcome

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 * 1024
_PRIVATE = frozenset({"cookie", "authorization", "proxy-authorization"})
"""Headers that are not kept: an archive is handed on."""
_MEDIA = ("image/", "audio/", "video/", "font/")
"""Types that are believed unseen; of others the first bytes are read: pages are sent as downloads, too."""


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
    sent: tuple[tuple[str, str], ...] = ()
    """The request's headers, as sent, without what is nobody's business."""
    opt_outs: tuple[str, ...] = ()
    """What the site reserves against mining and training (:mod:`marsad.scrape.reservations`)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is worth reading of an answer; ``types`` None means whatever it is."""

    types: frozenset[str] | None
    max_bytes: int
    is_cut: bool = False
    """Read no more than ``max_bytes``, rather than calling the body too large."""
    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What makes the request conditional (RFC 9110, 13.1); empty where nothing is known of the page.

        What an earlier answer gave goes back to its server; what would not pass as a header is left out.
        """
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value and value.isprintable() and value.isascii()}


def read_answer(url: str, response: requests.Response, wanted: Wanted, now: datetime) -> Fetched:
    """The outcome that an answer's status, headers and body make; redirects are for the caller to follow."""
    status, headers = response.status_code, response.headers
    declared, charset = media_type(headers.get("Content-Type"))
    sent = tuple((k, str(v)) for k, v in response.request.headers.items() if k.lower() not in _PRIVATE)
    found = Fetched(url, "captured", None, status, headers, content_type=declared, charset=charset, sent=sent)
    if status == 304 and wanted.headers:
        return replace(found, outcome="unchanged")
    if status in REDIRECTS:
        return replace(found, outcome="http_error", error=f"HTTP {status} without a usable Location")
    if not 200 <= status < 300:
        outcome: Outcome = "not_found" if status == 404 else "gone" if status == 410 else "http_error"
        wait = retry_after(headers.get("Retry-After"), now)
        return replace(found, outcome=outcome, error=f"HTTP {status}", retry_after_s=wait)
    encoding = foreign_encoding(headers.get("Content-Encoding"))
    if encoding:
        return replace(found, outcome="unsupported_type", error=f"compressed as {encoding}, which is not read")
    if wanted.types is not None and declared is not None and declared.startswith(_MEDIA):
        return replace(found, outcome="unsupported_type", error=f"{declared} is not a page")
    length, limit = headers.get("Content-Length", ""), wanted.max_bytes
    if not wanted.is_cut and length.isdigit() and int(length[:18]) > limit:
        if wanted.types is not None and declared is not None and declared not in wanted.types:
            return _unsupported(found, declared)
        return replace(found, outcome="too_large", error=f"{length[:18]} bytes, more than {limit}")
    return _read_body(found, response, wanted)


def _read_body(found: Fetched, response: requests.Response, wanted: Wanted) -> Fetched:
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
    is_lie = found.content_type not in (None, kind)
    said = f"sent as {found.content_type}, but is {kind}" if is_lie else f"{kind} is not a page"
    return replace(found, outcome="unsupported_type", content_type=kind, error=said)


def _is_cut_short(response: requests.Response) -> bool:
    """Whether a compressed body that no length bounds stopped in its middle; urllib3 does not say."""
    decoder = getattr(response.raw, "_decoder", None)
    stream: Any = getattr(decoder, "_obj", None)
    if isinstance(decoder, GzipDecoder):
        return decoder._state == GzipDecoderState.FIRST_MEMBER and not decoder._obj.eof
    if isinstance(decoder, BrotliDecoder):
        return not stream.is_finished()
    return isinstance(decoder, ZstdDecoder) and not stream.eof
