"""The console in Airflow's UI: its pages, which the plugin beside mounts below ``/marsad/console``, and the ways to it.

Who asks and what they may is Airflow's to say: its auth manager knows the user, a source's pages are for who may read
its DAG, and actions go through Airflow's API with the user's own token.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import defaultdict
from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from marsad.console.access import User
    from marsad.operate.client import Client


class AirflowAccess:
    """Airflow's own answers to who asks and what they may."""

    @property
    def secret(self) -> bytes:
        """Made of the key that all API servers of one Airflow share."""
        return hashlib.sha256(b"marsad console " + conf.get_mandatory_value("api", "secret_key").encode()).digest()

    @property
    def origin(self) -> str | None:
        """Where browsers reach the server, as Airflow's configuration says."""
        parts = urlsplit(conf.get("api", "base_url", fallback="") or "")
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None

    async def user(self, request: Request) -> User | None:
        """Who asks, by the bearer token or the UI's cookie."""
        from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
        from fastapi import HTTPException

        from marsad.console.access import User

        try:
            found = await get_user(request, None, await bearer_scheme(request))
        except HTTPException:
            return None
        return User(found.get_name(), found)

    def login_url(self, request: Request) -> str:
        """Airflow's login, which leads back."""
        from airflow.api_fastapi.app import get_auth_manager

        return str(get_auth_manager().get_url_login(next_url=str(request.url)))

    def readable(self, user: User, sources: Collection[str]) -> frozenset[str]:
        """Those of some sources whose DAG the user may read."""
        from airflow.api_fastapi.app import get_auth_manager

        from marsad.console.access import dag_of

        by_team: dict[str | None, dict[str, str]] = defaultdict(dict)
        teams = _teams([dag_of(s) for s in sources])
        for source in sources:
            by_team[teams.get(dag_of(source))][dag_of(source)] = source
        found: set[str] = set()
        for team, dags in by_team.items():
            allowed = get_auth_manager().filter_authorized_dag_ids(
                dag_ids=set(dags), user=user.handle, method="GET", team_name=team
            )
            found |= {dags[dag_id] for dag_id in allowed}
        return frozenset(found)

    def may_trigger(self, user: User, dag_id: str) -> bool:
        """Whether the user may start runs of a DAG, as Airflow's own API asks it."""
        from airflow.api_fastapi.app import get_auth_manager
        from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails

        details = DagDetails(id=dag_id, team_name=_teams([dag_id]).get(dag_id))
        return bool(
            get_auth_manager().is_authorized_dag(
                method="POST", access_entity=DagAccessEntity.RUN, details=details, user=user.handle
            )
        )

    def client(self, request: Request) -> Client:
        """Airflow's API where this server itself answers, with the token of who asks."""
        from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN

        from marsad.operate.client import Client

        kind, _, bearer = request.headers.get("authorization", "").partition(" ")
        token = bearer if kind.lower() == "bearer" else request.cookies.get(COOKIE_NAME_JWT_TOKEN, "")
        return Client(_own_address(request), token=token)


def _own_address(request: Request) -> str:
    """The address of this very server: the socket that the request came in by, whatever stands before it."""
    base = conf.get("api", "base_url", fallback="") or ""
    server = request.scope.get("server")
    if server is None or server[1] is None or conf.get("api", "ssl_cert", fallback=""):
        return base.rstrip("/")
    host = f"[{server[0]}]" if ":" in server[0] else server[0]
    return f"http://{host}:{server[1]}{urlsplit(base).path.rstrip('/')}"


def _teams(dag_ids: list[str]) -> dict[str, str | None]:
    if not conf.getboolean("core", "multi_team", fallback=False):
        return {}
    from airflow.models.dag import DagModel

    return dict(DagModel.get_dag_id_to_team_name_mapping(dag_ids))


class Console:
    """The app, made when it is first asked for: every process of Airflow imports its plugins, one serves pages."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._lock = threading.Lock()

    def _get(self) -> ASGIApp:
        with self._lock:
            if self._app is None:
                from marsad.console.app import make_app

                self._app = make_app(AirflowAccess())
            return self._app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # in a thread: the imports take seconds, and Airflow's own requests shall not wait for them
        app = self._app or await asyncio.to_thread(self._get)
        await app(scope, receive, send)


console = Console()
_ROOT = urlsplit(conf.get("api", "base_url", fallback="") or "").path.rstrip("/")
_AT = f"{_ROOT}/marsad/console"


def _view(name: str, route: str, path: str, destination: str) -> dict[str, Any]:
    return {
        "name": name,
        "href": f"{_AT}{path}",
        "url_route": route,
        "destination": destination,
        "icon": f"{_AT}/static/icon.svg",
    }


class MarsadConsole(AirflowPlugin):
    """What leads to the console: in the navigation, on a DAG and on a run of it."""

    name = "marsad_console"
    external_views = [  # noqa: RUF012
        {**_view("Marsad", "marsad", "/", "nav"), "nav_top_level": True},
        _view("Marsad", "marsad_source", "/dag/{DAG_ID}", "dag"),
        _view("Marsad", "marsad_day", "/run/{DAG_ID}/{RUN_ID}", "dag_run"),
    ]
