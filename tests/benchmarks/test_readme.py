"""A benchmark's table stands between its marks in the README, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.readme import put


def test_a_table_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("قبل\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nبعد\n", "utf-8")
    for _ in range(2):
        put(readme, "x", "| new |\n")
        assert readme.read_text("utf-8") == "قبل\n<!-- bench:x -->\n\n| new |\n\n<!-- /bench:x -->\nبعد\n"


@pytest.mark.parametrize("text", ["", "<!-- bench:x -->", "<!-- /bench:x --><!-- bench:x -->", "<!-- bench:x -->" * 2])
def test_a_readme_without_its_marks_is_refused_and_left(tmp_path: Path, text: str) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(text, "utf-8")
    with pytest.raises(SystemExit, match="bench:x"):
        put(readme, "x", "new")
    assert readme.read_text("utf-8") == text
