"""What an answer's headers and first bytes say: its type, its encoding, how long to wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import filetype

PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
LISTING_TYPES = PAGE_TYPES | {
    "application/xml", "text/xml", "application/rss+xml", "application/atom+xml", "application/rdf+xml",
    "application/x-rss+xml", "text/rss+xml", "application/rss", "text/rss", "application/atom",
    "application/gzip", "application/x-gzip", "application/octet-stream",
}  # fmt: skip
HEAD_BYTES = 1024
"""How much is looked at to tell a type by its content."""

_VAGUE = frozenset(
    {"application/octet-stream", "binary/octet-stream", "application/force-download", "application/x-download",
     "application/unknown", "unknown/unknown", "*/*"}
)  # fmt: skip
"""Types that say nothing: old servers send them for pages, and mean no download."""

_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b", re.I | re.S)

_DECODED = frozenset({"", "identity", "gzip", "x-gzip", "deflate", "br", "zstd"})


def media_type(header: str | None) -> tuple[str | None, str | None]:
    """The media type and the charset of a Content-Type header; None for a type that says nothing."""
    if not header:
        return None, None
    kind, _, rest = header.partition(";")
    charset = None
    for part in rest.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip(" \"'").lower() or None
    kind = kind.strip().lower()
    return (None if "/" not in kind or kind in _VAGUE else kind), charset


def sniff(declared: str | None, head: bytes) -> str:
    """The media type by the first bytes, where none was declared, or where they prove it wrong.

    A declared type stands unless the bytes are plainly binary (text may begin with ``BM`` and be no bitmap),
    or plainly a page.
    """
    guess = filetype.guess(head)
    if guess is not None and (declared is None or b"\0" in head or guess.mime == "application/pdf"):
        return str(guess.mime)
    if declared is not None:
        return "text/html" if declared not in LISTING_TYPES and _PAGE.match(head) else declared
    return "text/html" if b"<" in head else "text/plain"


def foreign_encoding(header: str | None) -> str | None:
    """The content encoding that we cannot undo, of those an answer names; it was not asked for."""
    for name in (header or "").lower().split(","):
        if name.strip() not in _DECODED:
            return name.strip()
    return None


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
