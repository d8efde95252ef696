"""The docs are held to the code: generated pages fresh, links whole, commands real."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from marsad.__main__ import app

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


# commands

GUIDE = [
    ROOT / "README.md",
    *sorted((ROOT / "docs" / "guide").glob("*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]
COMMAND = typer.main.get_command(app)
_COMMAND = re.compile(r"(?:^|&& |\$\(|\bexec (?:-T )?[\w-]+ | -- )(?:[A-Z_]+=\S+ )*marsad (.*)")
_END = re.compile(r"\s+#|\s{2,}|\s[|<>]|\s&&|\)\"?$|;")


def code_of(page: Path) -> list[str]:
    """The lines of code blocks, indented or fenced; those that go on at their end as one."""
    lines, is_fenced = [], False
    for line in page.read_text("utf-8").splitlines():
        if line.lstrip().startswith("```"):
            is_fenced = not is_fenced
        elif is_fenced or line.startswith("    "):
            text = line.strip().removeprefix("$ ")
            if lines and lines[-1].endswith("\\"):
                lines[-1] = f"{lines[-1][:-1].rstrip()} {text}"
            else:
                lines.append(text)
    return lines


def commands_in(line: str) -> list[list[str]]:
    """The words of a ``marsad`` command in a line, without what is optional and with it."""
    found = _COMMAND.search(line)
    if found is None:
        return []
    # columns of several blanks explain; options may be lined up by them
    text = re.sub(r"\s{2,}(?=-)", " ", re.sub(r"^(\w+)\s{2,}", r"\1 ", found[1]))
    text = _END.split(text, maxsplit=1)[0]
    return [shlex.split(re.sub(r"\[[^]]*\]", "", text)), shlex.split(re.sub(r"[\[\]]", "", text))]


def refuse(words: list[str], *, is_whole: bool) -> str | None:
    """What the command line says against words; nothing is run.

    Args:
        is_whole: nothing that a command needs may be missing.
    """
    command: Any = COMMAND
    context, name, rest = None, "marsad", [w for w in words if w not in ("…", "...")]
    is_whole = is_whole and len(rest) == len(words)
    try:
        while True:
            context = command.make_context(name, list(rest), parent=context)
            if not hasattr(command, "resolve_command"):
                return None
            rest = [*context._protected_args, *context.args]
            if not rest:
                return None
            name, command, rest = command.resolve_command(context, rest)
    except typer.Exit:  # --help
        return None
    except Exception as error:
        said = str(getattr(error, "message", None) or error) or type(error).__name__
        missing = type(error).__name__ in ("MissingParameter", "NoArgsIsHelpError") or "requires an argument" in said
        return None if missing and not is_whole else said or type(error).__name__


@pytest.mark.parametrize("page", GUIDE, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_in_the_guide_exist(page: Path) -> None:
    wrong = [
        f"marsad {' '.join(words)}: {said}"
        for line in code_of(page)
        for words in commands_in(line)
        if (said := refuse(words, is_whole=True))
    ]
    spoken = re.findall(r"(?<!`)`marsad ([^`]+)`(?!`)", page.read_text("utf-8"))
    wrong += [
        f"`marsad {text}`: {said}"
        for text in spoken
        if (said := refuse(shlex.split(re.sub(r"[\[\]]|(?<=\w)\|[\w|]+", "", text)), is_whole=False))
    ]
    assert wrong == []


def test_commands_are_found_where_they_stand() -> None:
    found = [words for page in GUIDE for line in code_of(page) for words in commands_in(line)]
    assert len(found) > 100
    assert ["lake", "claims"] in found  # explained after blanks
    assert any(words[:2] == ["gates", "override"] and "--days" in words for words in found)  # goes on in the next line


def test_a_command_that_is_none_is_found() -> None:
    (plain, full) = commands_in("docker compose exec worker-compute marsad lake verify [--shallow]   # all of it")
    assert refuse(plain, is_whole=True) is None
    assert "--shallow" in str(refuse(full, is_whole=True))
    assert refuse(["lake", "mend"], is_whole=False)
    assert refuse(["load", "--date"], is_whole=True)
    assert refuse(["lake", "release"], is_whole=True)
    assert refuse(["lake", "release"], is_whole=False) is None
    assert commands_in("kubectl create namespace marsad && kubectl get pods") == []
