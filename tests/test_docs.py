"""The docs are held to the code: generated pages fresh, links whole, commands real."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def test_reference_pages_are_what_the_code_says() -> None:
    words = [sys.executable, str(ROOT / "scripts" / "write_reference.py"), "--check"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def test_make_targets_in_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = set(re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text("utf-8")))
    assert {"run", "test", "up", "help"} <= named
    assert named <= targets


def test_make_help_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in re.findall(r"^\.PHONY: (.*)$", text, re.M)[0].split():
        assert f"make {target}" in shown


def test_no_placeholder_is_left() -> None:
    for page in PAGES:
        assert "@@" not in page.read_text("utf-8"), page
