"""`sources enable`: the decision is written into the source's own file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from marsad.errors import InvalidSource, UnknownSource, UsageError
from marsad.onboard.switch import disable, enable, file_of
from marsad.sources import read_source

FILE = """# the feed is UTF-16 and does not say so
name: my_site
title: موقعي
homepage: https://my-site.example
is_enabled: false  # until its terms are read
discover:
  - feed: https://my-site.example/rss.xml
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "my_site.yaml"
    file.write_text(FILE, encoding="utf-8")
    return file


def test_enabling_writes_who_read_the_terms_and_keeps_the_rest(path: Path) -> None:
    source = enable(path, by="سلمى: محررة", on=date(2026, 3, 3), note="reuse with credit # article 4")
    assert source.is_enabled
    assert source.terms is not None
    assert (source.terms.by, source.terms.read_on) == ("سلمى: محررة", date(2026, 3, 3))
    assert source.terms.note == "reuse with credit # article 4"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# the feed is UTF-16 and does not say so\n")
    assert "# until its terms are read" in text
    assert [p.name for p in path.parent.iterdir()] == ["my_site.yaml"]


def test_enabling_again_replaces_the_terms_and_disabling_keeps_them(path: Path) -> None:
    enable(path, by="سلمى", on=date(2026, 3, 3))
    enable(path, by="رامي", on=date(2026, 4, 4))
    text = path.read_text(encoding="utf-8")
    assert text.count("terms:") == 1
    assert disable(path).terms == read_source(path).terms
    assert not read_source(path).is_enabled


def test_a_file_without_the_key_gets_it(path: Path) -> None:
    path.write_text(FILE.replace("is_enabled: false  # until its terms are read\n", "").rstrip("\n"), encoding="utf-8")
    assert enable(path, by="سلمى", on=date(2026, 3, 3)).is_enabled


def test_what_cannot_be_enabled_is_refused_and_untouched(path: Path) -> None:
    with pytest.raises(UsageError, match="--by"):
        enable(path, by=" ", on=date(2026, 3, 3))
    path.write_text(FILE + "closed_on: 2025-01-01\n", encoding="utf-8")
    with pytest.raises(UsageError, match="closed on 2025-01-01"):
        enable(path, by="سلمى", on=date(2026, 3, 3))
    path.write_text(FILE + "no_such_key: 1\n", encoding="utf-8")
    with pytest.raises(InvalidSource, match="no_such_key"):
        enable(path, by="سلمى", on=date(2026, 3, 3))
    assert path.read_text(encoding="utf-8") == FILE + "no_such_key: 1\n"


def test_an_unknown_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownSource, match="'nobody'"):
        file_of("nobody", [tmp_path])
