"""What every test may use: the sample sites served on 127.0.0.1, and a context over a lake of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from marsad.context import Context, open_context
from marsad.samples.server import SampleSites, serve
from marsad.settings import Settings
from store_server import Bucket, serve_bucket

SAMPLE_SOURCES = Path(__file__).parent.parent / "include" / "marsad" / "samples" / "sources"


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side a file's tests stay together, and real Airflows run one after another, from the start."""
    items.sort(key=lambda item: item.get_closest_marker("airflow") is None)
    for item in items:
        group = "airflow" if item.get_closest_marker("airflow") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


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
