"""A lake, and a warehouse of each engine that runs here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from marsad.lake import Lake
from postgres_server import new_schema, serve_postgres


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """One server for the whole run."""
    with serve_postgres() as server:
        yield server


@pytest.fixture
def duck(tmp_path: Path) -> str:
    return f"duckdb:///{tmp_path / 'w.duckdb'}"


@pytest.fixture(params=["duckdb", "postgresql"])
def warehouse(request: pytest.FixtureRequest) -> str:
    """An address, of each engine in turn."""
    if request.param == "duckdb":
        return str(request.getfixturevalue("duck"))
    return new_schema(request.getfixturevalue("postgres"))
