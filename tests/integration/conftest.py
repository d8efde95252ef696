"""One Airflow and one browser for all tests of the console: starting them takes longer than most of what they show."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from browser import CHROMIUM, Tab
from integration.console_world import World, log_in, start_world

_OPEN = ExitStack()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, sample_sites: Any) -> Iterator[World]:
    """The Airflow and what is in its lake; tests build on what the ones before them did."""
    with _OPEN:
        yield _OPEN.enter_context(start_world(tmp_path_factory.mktemp("console"), sample_sites))


@pytest.fixture(scope="session")
def tab(world: World, tmp_path_factory: pytest.TempPathFactory) -> Tab:
    """The browser, in which layla has logged in."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    return _OPEN.enter_context(log_in(world, tmp_path_factory.mktemp("chromium")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    """End both after the last test of the console: the next file may bring an Airflow of its own."""
    done = yield
    if nextitem is None or not nextitem.path.name.startswith("test_console"):
        _OPEN.close()
    return done
