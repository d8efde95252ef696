"""What every test may use: the sample sites served on 127.0.0.1, and a context over a lake of one's own."""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from marsad.context import Context, open_context
from marsad.samples.server import SampleSites, serve
from marsad.settings import Settings
from shares import SHARES, share_of
from store_server import Bucket, serve_bucket

SAMPLE_SOURCES = Path(__file__).parent.parent / "include" / "marsad" / "samples" / "sources"


# each has an Airflow of its own (the console's two share one), which fills a core or two: of those that are always
# run one at a time, and of the slow ones
REAL_AIRFLOWS = {
    "integration/test_airflow.py": "airflow",
    "integration/test_console.py": "airflow",
    "integration/test_console_pages.py": "airflow",
    "integration/test_cluster.py": "slow airflow",
    "integration/test_observe.py": "slow airflow",
    "drills/test_scheduler.py": "slow airflow",
}


SHARE = pytest.StashKey[tuple[str, ...] | None]()
"""The files of slow tests that were asked for; None for all."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which slow tests, and where the console's pictures are kept; else they go with the test's folder."""
    parser.addoption("--share", metavar="NUMBER", help="of the slow tests only a share, by a hexadecimal number")
    parser.addoption("--pictures", type=Path, metavar="FOLDER", help="keep the README's pictures of the console here")


# what pytest makes of the tests' asserts is kept for its next process, which needs 13 s of CPU to make it anew
sys.dont_write_bytecode = False
# modules and tests stay until the end: what walks them to find garbage, every few thousand objects, finds none
gc.set_threshold(50_000, 20, 20)


def pytest_configure(config: pytest.Config) -> None:
    """Look up the share of the slow tests."""
    number = config.getoption("--share")
    try:
        config.stash[SHARE] = share_of(number) if number else None
    except ValueError:
        raise pytest.UsageError(f"--share {number}: give a number, 0 to {len(SHARES) - 1}, or a commit's") from None


def pytest_collection_finish() -> None:
    """Leave out of every later walk what is there before the first test."""
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let it end as any other process."""
    gc.unfreeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and take of the slow ones the share that was asked for."""
    slow = {item: _file(item.nodeid) for item in items if item.get_closest_marker("slow")}
    if stray := set(slow.values()) - {*itertools.chain(*SHARES)}:
        raise pytest.UsageError(f"slow tests in no share (tests/shares.py): {', '.join(sorted(stray))}")
    if (share := config.stash[SHARE]) is not None:
        left_out = [item for item, file in slow.items() if file not in share]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    # whole files: what a test leaves under way is known to those that stand after it in its file
    long = {slow[item] for item in items if item in slow}
    items.sort(key=lambda item: (item.get_closest_marker("airflow") is None, _file(item.nodeid) not in long))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which of the slow tests were among them."""
    if share := config.stash[SHARE]:
        terminalreporter.write_line(f"of the tests that take minutes: {', '.join(share)}")


def _file(node: str) -> str:
    return node.split("::", 1)[0].removeprefix("tests/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Side by side a file's tests stay together, for its fixtures' sake, and the real Airflows in one process."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = _file(nodeid)
            return REAL_AIRFLOWS.get(file, file)

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
