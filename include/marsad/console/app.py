"""The app: its pages, its files, its headers, and what is shown where something goes wrong."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from marsad.console.access import Access
from marsad.console.cache import Cache
from marsad.console.deps import Console, NotLoggedIn
from marsad.console.headers import StrictHeaders
from marsad.context import Context
from marsad.errors import (
    AirflowUnusable,
    InvalidDate,
    LaterError,
    MarsadError,
    MissingPartition,
    UnknownSource,
    UsageError,
)
from marsad.lake import Lake
from marsad.layout import refuse_newer
from marsad.redact import mask
from marsad.settings import load_settings
from marsad.sources import scan_sources

LOOK_EVERY_S = 5.0
"""For how long it is not asked whether a source file has changed."""
CACHED = 20_000
"""Pieces of the lake that are remembered, each of some two kilobytes: a heat map takes one for each partition."""

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[MarsadError], int], ...] = (
    (UnknownSource, 404),
    (MissingPartition, 404),
    (InvalidDate, 400),
    (UsageError, 400),
    (AirflowUnusable, 502),
    (LaterError, 503),
)


def open_console_context() -> Context:
    """The context of the pages. A source file that cannot be read takes no other away; Airflow shows it as an error.

    Raises:
        UsageError: a setting does not fit.
        LakeUnusable: the lake cannot be opened, or only a newer Marsad understands it.
    """
    settings = load_settings()
    lake = Lake(settings.lake, settings.lake_options)
    refuse_newer(lake)
    sources, errors = scan_sources(settings.sources)
    for error in errors:
        log.warning("%s", error)
    return Context(settings=settings, lake=lake, sources=sources)


class Contexts:
    """The context that requests share; opened anew when a source file has changed."""

    def __init__(self, make: Callable[[], Context]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._context: Context | None = None
        self._stamp: object = None
        self._looked_at = 0.0

    def get(self) -> Context:
        """The context; the sources in it are as their files were some seconds ago at most.

        Raises:
            UsageError: a setting does not fit.
            LakeUnusable: the lake cannot be opened.
        """
        with self._lock:
            if self._context is not None and time.monotonic() - self._looked_at < LOOK_EVERY_S:
                return self._context
            self._looked_at = time.monotonic()
            if self._context is None or _stamp(self._context) != self._stamp:
                self._context = self._make()
                self._stamp = _stamp(self._context)
            return self._context


def _stamp(ctx: Context) -> object:
    """What changes when a source file is written, made or removed."""
    files = (path for folder in ctx.settings.sources for path in sorted(folder.glob("*.yaml")))
    found = []
    for path in files:
        with contextlib.suppress(OSError):  # gone meanwhile: the next look sees it
            found.append((path, path.stat().st_mtime_ns, path.stat().st_size))
    return tuple(found)


class _Files(StaticFiles):
    """Our own files, which a browser may keep for a while."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer


def make_app(access: Access, context: Callable[[], Context] = open_console_context) -> FastAPI:
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
        ctx = await run_in_threadpool(state.contexts.get)
    except MarsadError:  # a page needs a context; that there is none is what is to be said
        return PlainTextResponse(f"{said}\n", status_code=code)
    console = Console(request, state.access, ctx, user, state.cache)
    return console.page("error.html", status_code=code, code=code, said=said)
