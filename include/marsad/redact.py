"""What must not be shown: passwords and tokens in texts, and characters that move a terminal or turn a line round.

Whatever is told to a person or a log passes through here first: an error of a driver repeats the address it was
given, password and all, and a headline may hold anything its author, or whoever owns the site now, put in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

MASK = "***"
MAX_LINE = 4000
"""Characters of one log line; more is cut, and says so. Bodies of pages do not belong into logs."""

_NAMES = (
    r"(?:password|passwd|pwd|passphrase|secret(?:[_-]?access)?(?:[_-]?key)?|token|access[_-]?token|api[_-]?key|"
    r"apikey|auth|authorization|credential|credentials|private[_-]?key|sas|sig|signature|session[_-]?id)"
)
# user:password@ of an address; the user's name says which account fails, and stays
_USERINFO = re.compile(r"(?P<start>\b[a-z][a-z0-9+.-]*://[^\s/:@?#]*):(?P<password>[^\s/?#]*)@", re.I)
_QUERY = re.compile(rf"(?P<start>[?&;](?:[\w.-]*[_.-])?{_NAMES}=)[^&;\s\"'<>]+", re.I)
_HEADER = re.compile(
    r"(?P<start>\b(?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?)(?:(?P<scheme>basic|bearer|digest|token)\s+)?[^\s'\",]+",
    re.I,
)
_BEARER = re.compile(r"(?P<start>\bbearer\s+)[a-z0-9._~+/=-]{8,}", re.I)
_COOKIE = re.compile(r"(?P<start>\b(?:set-)?cookie['\"]?\s*[:=]\s*['\"]?)[^\n'\"]+", re.I)
_PAIR = re.compile(rf"(?P<start>['\"]?\b(?:\w+_)?{_NAMES}['\"]?\s*[:=]\s*['\"]?)(?!\*\*\*)[^\s'\",;&}}\]]+", re.I)
_SECRET_NAME = re.compile(
    r"password|passwd|secret|token|api_?key|credential|private_?key|(?:^|_)(?:key|auth|sas|sig)(?:_|$)", re.I
)

# C0 and C1 controls but the tab; embeddings, overrides and isolates; line and paragraph separators. The marks
# U+200E and U+200F stay: Arabic text has them by right, and they turn nothing but themselves
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069]")
_ISOLATES = "\u2068\u2069"


def mask(text: str) -> str:
    """A text without the secrets that can be told by their form: in addresses, headers, cookies and pairs."""
    text = _USERINFO.sub(rf"\g<start>:{MASK}@", text)
    text = _QUERY.sub(rf"\g<start>{MASK}", text)
    text = _HEADER.sub(lambda m: f"{m['start']}{m['scheme'] + ' ' if m['scheme'] else ''}{MASK}", text)
    text = _BEARER.sub(rf"\g<start>{MASK}", text)
    text = _COOKIE.sub(rf"\g<start>{MASK}", text)
    return _PAIR.sub(rf"\g<start>{MASK}", text)


_ADDRESS_USERINFO = re.compile(r"(?<=://)([^:/?#]*):(.*)@(?=[^@]*$)", re.S)
_ADDRESS_SECRETS = ("credentials_json", "password", "private_key", "token", "passphrase", "sslpassword")
_ADDRESS_PARAMETER = re.compile(rf"(?i)\b([\w.]*(?:{'|'.join(_ADDRESS_SECRETS)})[\w.]*=)[^&\s]+")


def mask_uri(text: str) -> str:
    """A text that is one address, without its password, whatever characters that holds.

    >>> mask_uri("postgresql://reader:a/b@c@db/news")
    'postgresql://reader:***@db/news'
    """
    return _ADDRESS_PARAMETER.sub(rf"\1{MASK}", _ADDRESS_USERINFO.sub(rf"\1:{MASK}@", text))


def masked(value: Any, *, is_secret: bool = False) -> Any:
    """A value as it may be shown: secrets by name and by form are masked, at any depth.

    Args:
        is_secret: all of it is; of a mapping the keys stay, for they say what was given.
    """
    if isinstance(value, Mapping):
        return {str(k): masked(v, is_secret=is_secret or bool(_SECRET_NAME.search(str(k)))) for k, v in value.items()}
    if value is None or value in ("", (), []):
        return value
    if is_secret:
        return MASK
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Sequence):
        return [masked(v) for v in value]
    return value


def secrets_in(value: Any, *, is_secret: bool = False) -> list[str]:
    """The secret texts in a value: passwords in addresses, and what stands under the name of a secret.

    Args:
        is_secret: a text is one; of a mapping only what has a secret's name, for an endpoint is none.
    """
    if isinstance(value, Mapping):
        return [t for k, v in value.items() for t in secrets_in(v, is_secret=bool(_SECRET_NAME.search(str(k))))]
    if isinstance(value, str):
        return [value] if is_secret and value else [m["password"] for m in _USERINFO.finditer(value)]
    if isinstance(value, Sequence):
        return [t for v in value for t in secrets_in(v, is_secret=is_secret)]
    return []


def visible(text: str, *, keep_lines: bool = False) -> str:
    r"""A text in which no character acts: controls and direction marks are written out, as ``\x1b`` or ``\u202e``.

    The isolates U+2068 and U+2069, which Marsad itself puts around Arabic in an English line, stay where they are
    in pairs.

    Args:
        keep_lines: line breaks stay; else each becomes ``\n``, so that one message is one line.
    """
    is_paired = text.count(_ISOLATES[0]) == text.count(_ISOLATES[1])

    def shown(match: re.Match[str]) -> str:
        char = match[0]
        if (char == "\n" and keep_lines) or (char in _ISOLATES and is_paired):
            return char
        if char in "\n\r":
            return "\\n" if char == "\n" else "\\r"
        return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"

    return _CONTROL.sub(shown, text)


def safe(text: str, *, keep_lines: bool = False) -> str:
    """A text fit for a log or a terminal: no secrets, no acting characters, not endless."""
    shown = visible(mask(text), keep_lines=keep_lines)
    if len(shown) > MAX_LINE:
        shown = f"{shown[:MAX_LINE]}… ({len(shown) - MAX_LINE} more characters)"
    return shown
