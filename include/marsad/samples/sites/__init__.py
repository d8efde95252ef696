"""The sample sites: each module makes its pages from its stories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

MONTHS = {
    "gregorian": ("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو"),
    "syriac": ("كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران"),
}
WEEKDAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@dataclass(frozen=True)
class Answer:
    """What a path of a site answers."""

    body: bytes = b""
    content_type: str | None = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    first_status: int | None = None
    """With it, the first request of the server's life gets this status and ``Retry-After: 0``."""


def page(text: str) -> Answer:
    """An HTML page in UTF-8."""
    return Answer(text.encode())


def xml(text: str) -> Answer:
    """An XML document in UTF-8."""
    return Answer(('<?xml version="1.0" encoding="UTF-8"?>\n' + text).encode(), "application/xml")


def robots(*disallowed: str) -> Answer:
    """A robots.txt."""
    rules = "".join(f"Disallow: {path}\n" for path in disallowed) or "Disallow:\n"
    return Answer(f"User-agent: *\n{rules}".encode(), "text/plain")


def sitemap(entries: list[tuple[str, str]]) -> Answer:
    """A sitemap of (address, lastmod)."""
    urls = "".join(f"<url><loc>{escape(u)}</loc><lastmod>{m}</lastmod></url>" for u, m in entries)
    return xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>')


def rss(title: str, home: str, items: list[tuple[str, str, str]]) -> Answer:
    """An RSS 2.0 feed of (title, address, RFC 822 date)."""
    inner = "".join(
        f"<item><title>{escape(t)}</title><link>{escape(u)}</link><guid>{escape(u)}</guid><pubDate>{d}</pubDate></item>"
        for t, u, d in items
    )
    return xml(f'<rss version="2.0"><channel><title>{title}</title><link>{home}</link>{inner}</channel></rss>')
