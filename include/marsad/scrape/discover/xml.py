"""XML as sites serve it: broken, in the wrong encoding, sometimes hostile."""

from __future__ import annotations

import re
import warnings
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from bs4.element import Tag

from marsad.errors import UnreadableListing

MAX_XML_BYTES = 60_000_000  # sitemaps.org allows 50 MB uncompressed
MAX_TAGS = 2_000_000
"""Some 0.5 KB each once parsed. A full sitemap of 50,000 addresses with news tags has 0.9 million."""

MAX_NAMESPACES = 2_000
MAX_DEPTH = 200
"""More namespaces than these inside one another take the parser quadratic time."""

_TAG = re.compile(r"<(/?)[A-Za-z_][^<>]*>")
_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s{0,5}=\s{0,5}[\"']([A-Za-z0-9._-]{1,40})[\"']")
_DECLARATION = re.compile(r"\A<\?xml[^>]*>")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")


def parse_xml(body: bytes, address: str, roots: tuple[str, ...]) -> Tag:
    """The root element, if it is one of those expected.

    Raises:
        UnreadableListing: empty, too large, another root, or it declares entities (nothing honest in
            a feed does, and expanding them is a known attack).
    """
    # decoded here and not by the parser, so that what is looked at is what is parsed: an entity
    # can hide from a search of the bytes behind an encoding
    text = _DECLARATION.sub("", _decode(_plain(body, address)).lstrip("\ufeff \t\r\n\0"), count=1)
    if "<!ENTITY" in text:
        raise UnreadableListing(f"{address}: declares XML entities; it is not read")
    if text.count("<") > MAX_TAGS:
        raise UnreadableListing(f"{address}: more than {MAX_TAGS} tags; it is not read")
    if text.count("xmlns") > MAX_NAMESPACES and _depth(text) > MAX_DEPTH:
        raise UnreadableListing(f"{address}: elements more than {MAX_DEPTH} deep; it is not read")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(_CONTROLS.sub("", text), "xml")
    for root in soup.find_all(True, recursive=False):
        if isinstance(root, Tag) and root.name.rpartition(":")[2].lower() in roots:
            return root
    start = " ".join(text[:60].split()) or "nothing"
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


def _decode(body: bytes) -> str:
    """The text: by byte order mark, by the zero bytes beside the first ``<``, as declared, else UTF-8.

    A declared encoding that does not exist, is no encoding of text, or does not fit is no reason to give up.
    """
    if body[:3] == b"\xef\xbb\xbf":
        return body[3:].decode("utf-8", "replace")
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16", "replace")
    head = body[:200].lstrip()
    if head[:1] == b"<" and head[1:2] == b"\0":
        return body.decode("utf-16-le", "replace")
    if head[:2] == b"\0<":
        return body.decode("utf-16-be", "replace")
    declared = _ENCODING.search(body[:200])
    names = [declared[1].decode("ascii")] if declared else []
    for name in ["utf-8", *names] if not names or names[0].lower().startswith("utf") else [*names, "utf-8"]:
        try:
            return body.decode(name)
        except (LookupError, UnicodeError):
            continue
    return body.decode("utf-8", "replace")


def _depth(text: str) -> int:
    """How deep elements lie in one another, at most; what is in CDATA is none."""
    deepest = depth = position = 0
    while position < len(text):
        start = text.find("<![CDATA[", position)
        stop = start if start >= 0 else len(text)
        for tag in _TAG.finditer(text, position, stop):
            depth += -1 if tag[1] else 0 if tag[0].endswith("/>") else 1
            deepest = max(deepest, depth)
        end = text.find("]]>", stop)
        position = end if start >= 0 and end >= 0 else len(text)
    return deepest


def child_text(tag: Tag, *names: str) -> str | None:
    """The text of the first child with one of these local names."""
    for name in names:
        for child in tag.find_all(True, recursive=False):
            if isinstance(child, Tag) and child.name.rpartition(":")[2] == name:
                text = child.get_text(" ", strip=True)
                if text:
                    return text
    return None


@dataclass(frozen=True, slots=True)
class Moment:
    """When a listing says something was: an instant, or only a day."""

    instant: datetime | None = None
    day: date | None = None


def read_moment(text: str | None, zone: ZoneInfo) -> Moment:
    """When, from RFC 822 or ISO 8601; a time that names no zone is the source's own.

    Returns:
        The instant, in UTC; of a date alone (``2026-03-03``) the day; nothing where it is neither.
    """
    text = (text or "").strip()[:64].translate(_DIGITS)
    if not text:
        return Moment()
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= 10:
            return Moment(day=moment.date())
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError, IndexError):
            return Moment()
        if moment.tzinfo is None and text.endswith("-0000"):
            moment = moment.replace(tzinfo=UTC)
    try:
        return Moment((moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC))
    except (OverflowError, ValueError):
        return Moment()
