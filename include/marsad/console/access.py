"""Who asks, and what they may see and do: what the console needs of the Airflow it runs in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request

from marsad.operate.client import Client


@dataclass(frozen=True)
class User:
    """Who is logged in."""

    name: str
    """As Airflow names them."""
    handle: Any = None
    """What the Access itself knows them by."""


def dag_of(source: str) -> str:
    """The DAG whose rights are those of a source."""
    return f"news_{source}"


class Access(Protocol):
    """Airflow's answers. A source's rights are those on its DAG: to read it, and to start runs of it."""

    @property
    def secret(self) -> bytes:
        """The key that tokens against forged requests are signed with; the same in every process of the server."""
        ...

    @property
    def origin(self) -> str | None:
        """Where browsers reach the server, such as ``https://airflow.example``; None where nobody said."""
        ...

    async def user(self, request: Request) -> User | None:
        """Who asks; None where nobody is logged in."""
        ...

    def login_url(self, request: Request) -> str:
        """Where to log in; it leads back to what was asked for."""
        ...

    def readable(self, user: User, sources: Collection[str]) -> frozenset[str]:
        """Those of some sources whose DAG the user may read."""
        ...

    def may_trigger(self, user: User, dag_id: str) -> bool:
        """Whether the user may start runs of a DAG."""
        ...

    def client(self, request: Request) -> Client:
        """A client of Airflow's API that acts for who asks, by their own token."""
        ...
