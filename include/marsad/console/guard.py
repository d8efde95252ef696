"""Against forged requests: an action is taken only where its form came from a page of ours, shown to the same user.

Twice: the browser must say that the form stands on this server (`Sec-Fetch-Site`, or `Origin`), and the form must
carry a token that fits a cookie of this browser and the user who is logged in. Nothing is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping

from starlette.requests import Request

from marsad.console.access import User

COOKIE = "marsad_console"
FIELD = "form_token"
_NONCE = re.compile(r"[A-Za-z0-9_-]{43}")


def nonce_of(request: Request) -> str | None:
    """What the browser's cookie holds, where it holds what we gave it."""
    found = request.cookies.get(COOKIE, "")
    return found if _NONCE.fullmatch(found) else None


def new_nonce() -> str:
    """A value for the cookie of a browser that has none."""
    return secrets.token_urlsafe(32)


def token(secret: bytes, nonce: str, user: User) -> str:
    """The token of a form, for one browser and one user."""
    return hmac.new(secret, f"marsad console\n{nonce}\n{user.name}".encode(), hashlib.sha256).hexdigest()


def is_genuine(
    request: Request, form: Mapping[str, object], secret: bytes, user: User, origin: str | None = None
) -> bool:
    """Whether an action comes from a form of ours that was shown to this user in this browser.

    Args:
        origin: where browsers reach the server, if it is not as the request's host says.
    """
    return _is_same_origin(request, origin) and _fits(request, form, secret, user)


def _is_same_origin(request: Request, origin: str | None) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    said = request.headers.get("origin")
    host = request.headers.get("host", "")
    return said is not None and said in {f"http://{host}", f"https://{host}", origin}


def _fits(request: Request, form: Mapping[str, object], secret: bytes, user: User) -> bool:
    nonce, given = nonce_of(request), form.get(FIELD)
    if nonce is None or not isinstance(given, str):
        return False
    return hmac.compare_digest(token(secret, nonce, user).encode(), given.encode())
