"""XML as sites serve it: broken, in the wrong encoding, sometimes hostile."""

from __future__ import annotations

import re
import warnings
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from bs4.element import Tag

from marsad.errors import UnreadableListing

MAX_XML_BYTES = 60_000_000  # sitemaps.org allows 50 MB uncompressed
_ENTITY = re.compile(rb"<!ENTITY", re.I)


def parse_xml(body: bytes, address: str, roots: tuple[str, ...]) -> Tag:
    """The root element, if it is one of those expected.

    Raises:
        UnreadableListing: empty, another root, or it declares entities (nothing honest in a
            feed does, and expanding them is a known attack).
    """
    body = _plain(body, address)
    if _ENTITY.search(body[:100_000]):
        raise UnreadableListing(f"{address}: declares XML entities; it is not read")
    text: bytes | str = body
    encoding = _undeclared_utf16(body)
    if encoding:
        text = re.sub(r"^\s*<\?xml[^>]*\?>", "", body.decode(encoding, "replace").lstrip("\ufeff"))
    else:
        text = body.lstrip()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(text, "xml")
    for root in soup.find_all(True, recursive=False):
        if isinstance(root, Tag) and root.name.rpartition(":")[2].lower() in roots:
            return root
    start = body[:60].decode("utf-8", "replace").strip() or "nothing"
    raise UnreadableListing(f"{address}: is not XML with {' or '.join(roots)} at its root; it begins with {start!r}")


def _plain(body: bytes, address: str) -> bytes:
    """Gunzip a .xml.gz, within bounds."""
    if body[:2] != b"\x1f\x8b":
        return body
    inflate = zlib.decompressobj(wbits=31)
    try:
        plain = inflate.decompress(body, MAX_XML_BYTES)
    except zlib.error as error:
        raise UnreadableListing(f"{address}: broken gzip: {error}") from None
    if inflate.unconsumed_tail:
        raise UnreadableListing(f"{address}: more than {MAX_XML_BYTES} bytes once decompressed")
    return plain


def _undeclared_utf16(body: bytes) -> str | None:
    """UTF-16 by its mark, or by the zero byte beside the first ``<``."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if body[:4] == b"<\x00?\x00" or body[:4] == b"<\x00r\x00":
        return "utf-16-le"
    if body[:4] == b"\x00<\x00?" or body[:4] == b"\x00<\x00r":
        return "utf-16-be"
    return None


def child_text(tag: Tag, *names: str) -> str | None:
    """The text of the first child with one of these local names."""
    for name in names:
        for child in tag.find_all(True, recursive=False):
            if isinstance(child, Tag) and child.name.rpartition(":")[2] == name:
                text = child.get_text(" ", strip=True)
                if text:
                    return text
    return None


def read_instant(text: str | None) -> datetime | None:
    """An instant from RFC 822 or ISO 8601; None where it is neither, or has no zone.

    A day alone (``2026-03-03``) is no instant: None.
    """
    if not text:
        return None
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if len(text) <= 10:
            return None
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError, IndexError):
            return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else None
    except OverflowError:
        return None
