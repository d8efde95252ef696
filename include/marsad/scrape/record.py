"""What the scrape room writes: one row for every URL discovered, whatever became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from marsad.dataset import Dataset, column
from marsad.scrape.urls import original

Outcome = Literal[
    "captured", "unchanged", "robots_denied", "not_found", "gone", "http_error", "timeout", "connection_error",
    "too_large", "too_many_redirects", "blocked_address", "unsupported_type", "budget_exhausted", "duplicate",
]  # fmt: skip
OUTCOMES: tuple[str, ...] = get_args(Outcome)

LATER_OUTCOMES = frozenset({"http_error", "timeout", "connection_error", "budget_exhausted"})
"""Outcomes a later run may better; the others are final and are not asked for again."""


@dataclass(frozen=True)
class Sighting:
    """A URL as a discovery route showed it."""

    source: str = column("The source's name.")
    date: date = column("The day it is filed under: its listed day at the source, else the day it was looked for.")
    url: str = column("The address, as listed, made absolute, without its fragment.")
    discovered_by: str = column("The route that showed it first: its kind and address.")
    discovered_at: datetime = column("When it was first seen.")
    listed_at: datetime | None = column("The instant the listing gives, if it does.", default=None)
    title: str | None = column("The headline the listing gives, if it does.", default=None)


@dataclass(frozen=True)
class Capture:
    """One URL of one source and day, and what became of it."""

    source: str = column("The source's name.")
    date: date = column("The day of the partition it was looked for in.")
    url: str = column("The address as discovered.")
    final_url: str | None = column("The address after redirects.", default=None)
    discovered_by: str = column("The route that showed it first: its kind and address.", default="")
    discovered_at: datetime | None = column("When it was first seen.", default=None)
    listed_at: datetime | None = column("The instant the listing gives, if it does.", default=None)
    outcome: Outcome = column("What became of it; exactly one of the outcomes.", default="captured")
    http_status: int | None = column("The last HTTP status.", default=None)
    content_type: str | None = column("The media type: as sent, or as sniffed where none was sent.", default=None)
    charset: str | None = column("The character encoding the server declared.", default=None)
    byte_count: int | None = column("Bytes of the body, decompressed.", default=None)
    sha256: str | None = column("SHA-256 of the body, decompressed, in hex.", default=None)
    warc_file: str | None = column("The WARC file with the bytes, relative to the lake.", default=None)
    warc_offset: int | None = column("Byte offset of the response record in that file.", default=None)
    fetched_at: datetime | None = column("When the last answer came.", default=None)
    etag: str | None = column("The ETag header.", default=None)
    last_modified: str | None = column("The Last-Modified header, as sent.", default=None)
    attempt_count: int = column("Requests made for it.", default=0)
    error: str | None = column("What went wrong, for a person.", default=None)
    opt_outs: str | None = column(
        "What the site reserves against text and data mining and training, as found in robots.txt, headers and meta, "
        "such as `robots: GPTBot; header: tdm-reservation=1`; null where nothing was found, which is no permission.",
        example="robots: GPTBot; header: tdm-reservation=1",
        default=None,
    )

    @property
    def page_url(self) -> str:
        """The address of the page itself: after redirects, and the original's where a web archive's copy was read."""
        return original(self.final_url or self.url)


SIGHTINGS = Dataset("sightings", Sighting, ("url",), suite=None)
CAPTURES = Dataset("captures", Capture, ("url",), suite="marsad.scrape.suite:captures")
