"""Addresses on a page, made absolute, and the one the page calls its own."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from marsad.clean.context import Context

_NO_PAGES = ("javascript:", "mailto:", "tel:", "data:", "#", "whatsapp:", "about:", "sms:", "viber:", "tg:")


def absolute(page: Context, href: str | None) -> str | None:
    """An address made absolute, or None for what is no address of a page."""
    if not href:
        return None
    href = href.strip()
    if href.lower().startswith(_NO_PAGES):
        return None
    if href.startswith(("https://", "http://")) and len(href) > 8:
        return href
    base = page.document.head.base or page.url or page.document.head.canonical or ""
    try:
        full = urljoin(base, href)
        scheme = urlsplit(full).scheme
    except ValueError:
        return None
    return full if scheme in ("http", "https", "") and full else None


def canonical_url(page: Context) -> str | None:
    """The address the page calls canonical, made absolute.

    One that names only the site's root is no claim, unless the page's own address is told apart
    by its query alone; nor is one of a list that the page's own address lies below.
    """
    head = page.document.head
    for claim in (head.canonical, *page.metas("og:url")[:1], page.data.url if page.data else None):
        full = absolute(page, claim)
        if full is None:
            continue
        parts = urlsplit(full)
        if parts.netloc and (parts.path.strip("/") or parts.query) and not _is_above(full, page.url):
            return full
    return None


def _is_above(claim: str, url: str | None) -> bool:
    """Whether a claim is the address of a section that holds the page: its path is a part of the page's."""
    if not url:
        return False
    try:
        one, other = urlsplit(claim), urlsplit(url)
    except ValueError:
        return False
    short, long = one.path.strip("/"), other.path.strip("/")
    if one.query or not short or short == long:
        return not one.query and bool(other.query) and short == long and short.endswith((".php", ".asp", ".aspx"))
    return long.startswith(short + "/") and not any(c.isdigit() for c in short) and len(short) <= 0.5 * len(long)
