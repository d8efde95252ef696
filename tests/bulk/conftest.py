"""Lakes of one source for bulk runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bulk_pages import SOURCE
from marsad.context import Context, open_context
from marsad.settings import Settings

TESTS = Path(__file__).parents[1]


@pytest.fixture
def bulk_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Context]:
    """A factory of contexts over lakes of one source, told to child processes by the environment, as real ones are."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "jarida.yaml").write_text(SOURCE, "utf-8")
    # child processes find the readers of bulk_faults
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]))
    monkeypatch.setenv("MARSAD_SOURCES", str(folder))

    def make(name: str) -> Context:
        return open_context(Settings(lake=str(tmp_path / name), sources=(folder,), data_docs=False))

    return make
