"""What every test may use: the sample sites served on 127.0.0.1, and a context over a lake of one's own."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from marsad.context import Context, open_context
from marsad.samples.server import SampleSites, serve
from marsad.settings import Settings
from store_server import Bucket, serve_bucket

SAMPLE_SOURCES = Path(__file__).parent.parent / "include" / "marsad" / "samples" / "sources"


# each has an Airflow of its own (the console's two share one), which fills a core or two: side by side, one at a time
REAL_AIRFLOWS = (
    "tests/integration/test_airflow.py",
    "tests/integration/test_cluster.py",
    "tests/integration/test_console.py",
    "tests/integration/test_console_pages.py",
    "tests/integration/test_observe.py",
    "tests/drills/test_scheduler.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the pictures of the console are kept; elsewhere they are looked at, and go with the test's folder."""
    parser.addoption("--pictures", type=Path, metavar="FOLDER", help="keep the README's pictures of the console here")


# what pytest makes of the tests' asserts is kept for its next process, which needs 13 s of CPU to make it anew
sys.dont_write_bytecode = False
# modules and tests stay until the end: what walks them to find garbage, every few thousand objects, finds none
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """Leave out of every later walk what is there before the first test."""
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let it end as any other process."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: item.get_closest_marker("airflow") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Side by side a file's tests stay together, for its fixtures' sake, and the real Airflows in one process."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return "airflow" if file in REAL_AIRFLOWS else file

    return ByFile(config, log)


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state folder for each test: budgets of one must not be spent by another."""
    monkeypatch.setenv("MARSAD_STATE", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(scope="session")
def sample_sites() -> Iterator[SampleSites]:
    """The sample sites, served for the whole session."""
    with serve() as sites:
        yield sites


@pytest.fixture(scope="session")
def bucket() -> Iterator[Bucket]:
    """An S3-like store, served for the whole session; take a folder of your own in it."""
    with serve_bucket() as found:
        yield found


@pytest.fixture
def make_context(sample_sites: SampleSites) -> Callable[..., Context]:
    """A factory of contexts over the sample sources: ``make_context(lake_folder, **settings)``."""

    def make(lake: Path | str, **options: Any) -> Context:
        values: dict[str, Any] = {
            "lake": str(lake),
            "sources": (SAMPLE_SOURCES,),
            "connect_to": sample_sites.connect_to,
            "delay_scale": 0,
            "retry_base_s": 0.01,
            "data_docs": False,
            "warehouse": f"duckdb:///{lake}/warehouse.duckdb",
        }
        return open_context(Settings(**{**values, **options}))

    return make
