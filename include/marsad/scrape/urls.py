"""Addresses: made absolute, cleaned of what only tracks, and told apart."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

MAX_URL_CHARS = 4096
_TRACKING = re.compile(r"(utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|ref_src|_ga|at_\w+|ito)", re.I)
_LONE_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")
_ESCAPE = re.compile("%[0-9a-fA-F]{2}")
_ARCHIVED = re.compile(r"https?://[^/]+/web/\d{14}(?:[a-z]{2}_)?/(https?:/.+)", re.I | re.S)
_AMP_PATH = re.compile(r"\A/amp/", re.I)
_AMP_END = re.compile(r"(?:/amp/?|\.amp(?=\.html?\Z)|\.amp)\Z|\.amp(?=\.html?\Z)", re.I)
_SAFE = "/:@!$&'()*+,;=-._~%"


def absolute(href: str, base: str) -> str | None:
    """A link as found on a page, made absolute and without its fragment; None where it is none.

    Only http and https without credentials count.
    """
    # line breaks inside addresses are common in feeds; a space is part of one, and gets encoded
    href = "".join(line.strip() for line in re.split(r"[\r\n\t]", href)) if len(href) <= MAX_URL_CHARS else ""
    if not href or len(href) > MAX_URL_CHARS:
        return None
    try:
        parts = urlsplit(urljoin(base, href))
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        return None
    default = {"http": 80, "https": 443}[parts.scheme]
    host = parts.hostname.rstrip(".")
    if len(host) > 253 or not all(0 < len(label) < 64 for label in host.split(".")):
        return None
    host = f"[{host}]" if ":" in host else host
    netloc = host if port in (None, default) else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, _encode(parts.path) or "/", quote(parts.query, safe=_SAFE + "?"), ""))


def canonical(url: str) -> str:
    """The form by which two spellings of one address are the same: no tracking parameters,
    Arabic percent-encoded one way, parameters in their order. What is no web address is its own form."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme not in ("http", "https"):
        return url
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(k)]
    path = _encode(parts.path) or "/"
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, urlencode(kept), ""))


def original(url: str) -> str:
    """The address of the page itself, where a web archive's address of its bytes is given."""
    found = _ARCHIVED.match(url)
    if found is None:
        return url
    inner = re.sub(r"\A(https?:)/+", r"\1//", found[1], flags=re.I)  # some servers fold the two slashes into one
    return absolute(inner, inner) or url


def twin_key(url: str) -> str:
    """The form by which two addresses are of one page: besides :func:`canonical`, that of its AMP and mobile twins,
    of http and https, and of a web archive's copy. It is for comparing, and need not exist itself.

    ``amp`` counts as the first or last part of a path, as an ending, and as a parameter; ``m``, ``mobile``, ``amp``
    and ``www`` as the first part of a host with at least two others. Numbers and slugs are never touched: two
    stories keep two keys.
    """
    try:
        own = original(url)
        parts = urlsplit(canonical(absolute(own, own) or own))
        if parts.scheme not in ("http", "https"):
            return url
    except ValueError:
        return url
    host = parts.netloc
    first, _, rest = host.partition(".")
    if first in ("www", "m", "mobile", "amp") and "." in rest:
        host = rest
    path = _AMP_PATH.sub("/", _AMP_END.sub("", parts.path)) or "/"
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _is_amp(k, v)]
    return urlunsplit(("http", host, path.rstrip("/") or "/", urlencode(kept), ""))


def _is_amp(name: str, value: str) -> bool:
    return name.lower() in ("amp", "_amp") or (name.lower() == "outputtype" and value.lower().startswith("amp"))


def _encode(path: str) -> str:
    """Percent-encode a path once, however it came: Arabic raw or encoded, in either case of hex."""
    path = _LONE_PERCENT.sub("%25", path)
    try:
        plain = unquote(path, errors="strict")
    except UnicodeDecodeError:
        plain = "%"  # legacy bytes: leave them as they are
    if "%" in plain or any(c in plain for c in "?#") or plain.count("/") != path.count("/"):
        # decoding would change its meaning
        return _ESCAPE.sub(lambda escape: escape[0].upper(), quote(path, safe=_SAFE))
    return quote(plain, safe=_SAFE.replace("%", ""))
