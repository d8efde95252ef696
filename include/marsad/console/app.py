"""The app: its pages, its files, its headers, and what is shown where something goes wrong."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from marsad.console.access import Access
from marsad.console.cache import Cache
from marsad.console.deps import Console, NotLoggedIn
from marsad.console.headers import StrictHeaders
from marsad.context import Context, open_context
from marsad.errors import (
    AirflowUnusable,
    InvalidDate,
    LaterError,
    MarsadError,
    MissingPartition,
    UnknownSource,
    UsageError,
)
from marsad.redact import mask

CONTEXT_S = 15.0
"""For how long settings and source files are not read again."""
CACHED = 20_000
"""Pieces of the lake that are remembered: for a heat map, one for each partition of its sources and days."""

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[MarsadError], int], ...] = (
    (UnknownSource, 404),
    (MissingPartition, 404),
    (InvalidDate, 400),
    (UsageError, 400),
    (AirflowUnusable, 502),
    (LaterError, 503),
)


class Contexts:
    """The context that requests share, opened anew when it has grown old."""

    def __init__(self, make: Callable[[], Context]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._context: Context | None = None
        self._made_at = 0.0

    def get(self) -> Context:
        """The context; settings and sources in it are of the last seconds.

        Raises:
            UsageError: a setting or a source file does not fit.
            LakeUnusable: the lake cannot be opened.
        """
        with self._lock:
            if self._context is None or time.monotonic() - self._made_at > CONTEXT_S:
                self._context, self._made_at = self._make(), time.monotonic()
            return self._context


class _Files(StaticFiles):
    """Our own files, which a browser may keep for a while."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer


def make_app(access: Access, context: Callable[[], Context] = open_context) -> FastAPI:
    """The console as an app, to be mounted anywhere.

    Args:
        access: who asks, and what they may.
        context: opens settings, sources and lake.
    """
    from marsad.console.views import ROUTERS

    app = FastAPI(title="Marsad", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.access, app.state.contexts, app.state.cache = access, Contexts(context), Cache(CACHED)
    app.mount("/static", _Files(directory=Path(__file__).parent / "static"), name="static")
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(StrictHeaders)
    app.add_exception_handler(NotLoggedIn, _to_login)
    app.add_exception_handler(MarsadError, _on_marsad_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_wrong_request)
    return app


async def _to_login(request: Request, error: Exception) -> Response:
    if request.method == "GET":
        return RedirectResponse(request.app.state.access.login_url(request), status_code=303)
    return PlainTextResponse("not logged in\n", status_code=401)


async def _on_marsad_error(request: Request, error: Exception) -> Response:
    code = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    if code >= 500:
        log.warning("%s: %s", request.scope["path"], error)
    return await _error_page(request, code, mask(str(error)))


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return await _error_page(request, error.status_code, str(error.detail))


async def _on_wrong_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    said = "; ".join(f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in error.errors())
    return await _error_page(request, 400, said)


async def _error_page(request: Request, code: int, said: str) -> Response:
    state = request.app.state
    user = await state.access.user(request)
    if user is None:
        return PlainTextResponse("not logged in\n", status_code=401)
    try:
        ctx = state.contexts.get()
    except MarsadError:  # a page needs a context; that there is none is what is to be said
        return PlainTextResponse(f"{said}\n", status_code=code)
    console = Console(request, state.access, ctx, user, state.cache)
    return console.page("error.html", status_code=code, code=code, said=said)
