"""A console over a lake of the sample sites, with users whose rights a test says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

import example_rows as ex
from marsad import pipeline, samples
from marsad.console.access import User
from marsad.console.app import make_app
from marsad.context import Context, open_context
from marsad.operate.client import Backfill, Run
from marsad.partition import Partition
from marsad.samples.server import SampleSites
from marsad.settings import Settings

SAMPLE_SOURCES = Path(samples.__file__).parent / "sources"


@dataclass
class Airflow:
    """What was asked of Airflow's API; it answers as Airflow does. The real one is asked in tests/integration."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    found: Any = None

    def __enter__(self) -> Airflow:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def newest_runs(self, dag_id: str, partition_key: str, count: int) -> list[Run]:
        return [r for r in self.runs if (r.dag_id, r.partition_key) == (dag_id, partition_key)][:count]

    def run_of(self, dag_id: str, run_id: str) -> Run:
        return next(r for r in self.runs if (r.dag_id, r.run_id) == (dag_id, run_id))

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str]:
        return {"scrape": "success", "gate_scrape": "running"}

    def xcom(self, dag_id: str, run_id: str, task_id: str) -> Any:
        return self.found

    def failure(self, dag_id: str, run_id: str, task_id: str) -> str:
        return "AirflowFailException: no route answers"

    def trigger(self, dag_id: str, partition_key: str | None, conf: Any = None) -> Run:
        self.asked.append(("trigger", dag_id, partition_key, dict(conf or {})))
        made = Run(dag_id, f"manual__{len(self.asked)}", "queued", partition_key)
        self.runs.insert(0, made)
        return made

    def start_backfill(self, dag_id: str, start: Any, end: Any, **options: Any) -> tuple[Backfill | None, list[Run]]:
        self.asked.append(("backfill", dag_id, start.isoformat(), end.isoformat(), options))
        return None, [Run(dag_id, "backfill__1", "queued", start.isoformat())]


@dataclass
class FakeAccess:
    """Rights by name: who reads which sources, and who may start what."""

    reads: dict[str, Collection[str] | None] = field(default_factory=lambda: {"layla": None, "viewer": None})
    triggers: dict[str, Collection[str] | None] = field(default_factory=lambda: {"layla": None, "viewer": ()})
    airflow: Airflow = field(default_factory=Airflow)
    secret: bytes = b"a key for tests"
    origin: str | None = None

    async def user(self, request: Request) -> User | None:
        name = request.headers.get("x-user")
        return User(name) if name in self.reads else None

    def login_url(self, request: Request) -> str:
        return f"/auth/login?next={request.url.path}"

    def readable(self, user: User, sources: Collection[str]) -> frozenset[str]:
        own = self.reads[user.name]
        return frozenset(sources if own is None else set(sources) & set(own))

    def may_trigger(self, user: User, dag_id: str) -> bool:
        own = self.triggers.get(user.name, ())
        return own is None or dag_id in own

    def client(self, request: Request) -> Any:
        return self.airflow


class Browser(TestClient):
    """A browser of one user: it says where a form comes from, and finds the token in the page."""

    def form(self, page: str, path: str, **fields: Any) -> Any:
        """Open a page, and send a form: of that page, or of another address with its token."""
        shown = self.get(page)
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', shown.text)
        assert found, f"{page} has no form"
        return self.post(
            path,
            data={"form_token": found[1], **fields},
            headers={"sec-fetch-site": "same-origin"},
            follow_redirects=False,
        )


@pytest.fixture
def access() -> FakeAccess:
    return FakeAccess()


@pytest.fixture
def browse(access: FakeAccess) -> Iterator[Callable[..., Browser]]:
    """``browse(ctx, user="layla")``: a browser on the console over a context."""
    opened: list[Browser] = []

    def make(ctx: Context, user: str | None = "layla", **headers: str) -> Browser:
        given = {"accept-language": "en", **({"x-user": user} if user else {}), **headers}
        browser = Browser(make_app(access, lambda: ctx), base_url="http://console.test", headers=given)
        opened.append(browser)
        return browser

    yield make
    for browser in opened:
        browser.close()


@pytest.fixture
def empty(make_context: Callable[..., Context], tmp_path: Path) -> Context:
    """A context over a lake with nothing in it."""
    return make_context(tmp_path / "lake")


NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
"""The clock of these pages: the two days of the sample sites are over."""


@pytest.fixture(scope="session")
def news_lake(tmp_path_factory: pytest.TempPathFactory, sample_sites: SampleSites) -> Path:
    """A lake with two days of one sample site and one of another, run for real; not to be changed."""
    root = tmp_path_factory.mktemp("news")
    ctx = context_over(root / "lake", root, sample_sites.connect_to)
    for name, day in (("wakala", 3), ("wakala", 4), ("mudawwana", 3)):
        pipeline.run_partition(Partition(name, date(2026, 3, day)), ctx)
    return root


@pytest.fixture
def news(news_lake: Path) -> Context:
    """A context over it."""
    return context_over(news_lake / "lake", news_lake, {})


def context_over(lake: Path, root: Path, connect_to: Any) -> Context:
    """A context over the sample sources and the example one, on the day after."""
    settings = Settings(
        lake=str(lake),
        sources=(SAMPLE_SOURCES, ex.sources_folder(root)),
        connect_to=connect_to,
        delay_scale=0,
        data_docs=False,
        warehouse=f"duckdb:///{root}/warehouse.duckdb",
        state=root / "state",
    )
    return replace(open_context(settings), now=lambda: NOW)
