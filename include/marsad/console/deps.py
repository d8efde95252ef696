"""What a page has at hand: the context, who asks, their language, and a way to make the page."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, HTTPException
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from marsad.console import guard
from marsad.console.access import Access, User, dag_of
from marsad.console.cache import Cache
from marsad.console.words import Words, language_of, words
from marsad.context import Context
from marsad.errors import UnknownSource
from marsad.operate.client import Client
from marsad.partition import Partition, parse_date
from marsad.sources import Source


class NotLoggedIn(Exception):
    """Nobody is logged in."""


@functools.cache
def templates() -> Environment:
    """The templates of the pages; everything put into them is escaped."""
    found = Environment(
        loader=PackageLoader("marsad.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["count"] = lambda number: f"{number:,}"
    found.filters["share"] = lambda share: f"{share:.0%}"
    return found


class Console:
    """One request of one user."""

    def __init__(self, request: Request, access: Access, ctx: Context, user: User, cache: Cache) -> None:
        self.request, self.access, self.ctx, self.user, self.cache = request, access, ctx, user, cache
        self.words: Words = words(language_of(request))
        self._nonce = guard.nonce_of(request)
        self._new_nonce: str | None = None

    # what may be seen and done

    @functools.cached_property
    def readable(self) -> frozenset[str]:
        """The sources that the user may read."""
        return self.access.readable(self.user, list(self.ctx.sources))

    def source(self, name: str) -> Source:
        """A source named in an address.

        Raises:
            UnknownSource: there is none, or the user may not read it: who may not see it does not learn which.
        """
        if name not in self.ctx.sources or name not in self.readable:
            raise UnknownSource(self.words("error.no_source", name=name))
        return self.ctx.sources[name]

    def partition(self, source: str, day: str) -> Partition:
        """A partition named in an address.

        Raises:
            UnknownSource: see :meth:`source`.
            InvalidDate: the day is not one.
        """
        return Partition(self.source(source).name, parse_date(day))

    def today(self) -> date:
        """The day of the clock, in UTC."""
        return self.ctx.now().date()

    def may_trigger(self, source: str) -> bool:
        """Whether the user may start runs of a source."""
        return self.access.may_trigger(self.user, dag_of(source))

    def may_run(self, dag_id: str) -> bool:
        """Whether the user may start runs of a DAG, such as ``override``."""
        return self.access.may_trigger(self.user, dag_id)

    def refuse_unless(self, is_allowed: bool) -> None:
        """Raise a clean 403 where something is not allowed."""
        if not is_allowed:
            raise HTTPException(403, self.words("error.forbidden"))

    def client(self) -> Client:
        """Airflow's API, by the user's own token."""
        return self.access.client(self.request)

    # pages

    def url(self, path: str = "/", **query: object) -> str:
        """The address of a page or file of the console; values that are None are left out."""
        said = {k: str(v) for k, v in query.items() if v is not None}
        return f"{self.request.scope.get('root_path', '')}{quote(path)}" + (f"?{urlencode(said)}" if said else "")

    def here(self, **query: object) -> str:
        """The address of this page, some of its query changed; None takes a part out."""
        said: dict[str, object] = {**dict(self.request.query_params), **query}
        path = self.request.scope["path"].removeprefix(self.request.scope.get("root_path", ""))
        return self.url(path, **said)

    @property
    def form_token(self) -> str:
        """The token of this page's forms."""
        if self._nonce is None:
            self._nonce = self._new_nonce = guard.new_nonce()
        return guard.token(self.access.secret, self._nonce, self.user)

    def page(self, template: str, *, status_code: int = 200, **values: Any) -> HTMLResponse:
        """A page made of a template."""
        from marsad.console.views import NAVIGATION

        text = (
            templates()
            .get_template(template)
            .render(console=self, w=self.words, url=self.url, navigation=NAVIGATION, **values)
        )
        answer = HTMLResponse(text, status_code=status_code, headers={"Content-Language": self.words.language})
        self.set_cookies(answer)
        return answer

    def set_cookies(self, answer: HTMLResponse) -> None:
        """Remember the language that was chosen, and the browser that was given a form."""
        path = self.request.scope.get("root_path", "") or "/"
        common: dict[str, Any] = {"path": path, "httponly": True, "secure": self.request.url.scheme == "https"}
        if self._new_nonce is not None:
            answer.set_cookie(guard.COOKIE, self._new_nonce, samesite="strict", **common)
        if self.request.query_params.get("lang") == self.words.language:
            from marsad.console.words import COOKIE

            answer.set_cookie(COOKIE, self.words.language, samesite="lax", max_age=365 * 86400, **common)

    def go(self, path: str, **query: object) -> RedirectResponse:
        """After an action: the page to look at next."""
        return RedirectResponse(self.url(path, **query), status_code=303)


async def get_console(request: Request) -> Console:
    """The console of a request; a page that takes it is for users who are logged in.

    Raises:
        NotLoggedIn: nobody is.
    """
    state = request.app.state
    user = await state.access.user(request)
    if user is None:
        raise NotLoggedIn
    # in a thread: source files may have to be read again, and others' requests must not wait for that
    ctx = await run_in_threadpool(state.contexts.get)
    return Console(request, state.access, ctx, user, state.cache)


Ask = Annotated[Console, Depends(get_console)]
"""The console of a request, as a parameter of a page."""


async def read_form(request: Request, console: Ask) -> FormData:
    """The form of an action, after it is known to be genuine.

    Raises:
        HTTPException: 403, the form is forged, or older than the login.
    """
    form = await request.form(max_files=1, max_fields=50)
    access = console.access
    if not guard.is_genuine(request, form, access.secret, console.user, access.origin):
        raise HTTPException(403, console.words("error.forged"))
    return form


Form = Annotated[FormData, Depends(read_form)]
"""The form of an action, as a parameter of it."""


def text_of(form: Mapping[str, object], name: str) -> str:
    """A field of a form, trimmed; empty where it is missing or a file."""
    found = form.get(name, "")
    return found.strip() if isinstance(found, str) else ""
