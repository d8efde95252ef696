"""Source files: read strictly, refused by file, line and key."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from marsad.errors import InvalidSource, UnknownSource, UsageError
from marsad.settings import Settings, load_settings
from marsad.sources import get_source, load_sources, read_source, scan_sources

GOOD = """\
name: mine
title: موقعي
homepage: https://mine.example
timezone: Asia/Beirut
discover:
  - feed: https://mine.example/rss
  - sitemap: https://mine.example/{year}/{month:02}/{day:02}.xml
layouts:
  - valid_until: 2025-12-31
    body: div.old
  - body: div.new
"""


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_good_file_reads_with_its_defaults(tmp_path: Path) -> None:
    source = read_source(write(tmp_path, GOOD))
    assert (source.is_enabled, source.politeness.delay_s, source.language) == (False, 2.0, "ar")
    feed, sitemap = source.discover
    assert (feed.kind, feed.is_dated, sitemap.is_dated) == ("feed", False, True)
    assert sitemap.address_on(date(2026, 3, 4)) == "https://mine.example/2026/03/04.xml"


def test_days_are_counted_at_the_source(tmp_path: Path) -> None:
    source = read_source(write(tmp_path, GOOD))
    assert source.day_of(datetime(2026, 3, 3, 22, 30, tzinfo=UTC)) == date(2026, 3, 4)
    start, end = source.day_bounds(date(2026, 3, 29))  # the night Beirut puts its clocks forward
    assert (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() == 23 * 3600


def test_the_day_picks_the_layout(tmp_path: Path) -> None:
    source = read_source(write(tmp_path, GOOD))
    assert source.layout_on(date(2025, 6, 1)).body == "div.old"  # type: ignore[union-attr]
    assert source.layout_on(date(2026, 1, 1)).body == "div.new"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "colour: red\n", ":12: key colour: unknown key"),
        (GOOD.replace("title: موقعي\n", ""), "key title: Field required"),
        (GOOD.replace("Asia/Beirut", "Asia/Nowhere"), ":4: key timezone: unknown time zone 'Asia/Nowhere'"),
        (GOOD.replace("name: mine", "name: Mine"), ":1: key name"),
        (GOOD.replace("name: mine", "name: other"), ":1: key name: is 'other', but the file is mine.yaml"),
        (GOOD.replace("feed:", "fed:"), ":5: key discover: each route needs exactly one of"),
        (GOOD.replace("{day:02}", "{dya}"), "cannot be filled in"),
        (GOOD.replace("title: موقعي", "title: [a"), "not valid YAML"),
        ("- a\n- b\n", "a source is a mapping"),
        ("", "a source is a mapping"),
        (GOOD + "politeness: {delay_s: -1}\n", ":12: key politeness.delay_s"),
        (GOOD + "is_enabled: maybe\n", ":12: key is_enabled"),
    ],
)
def test_a_bad_file_is_named_by_file_line_and_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidSource) as error:
        read_source(write(tmp_path, text))
    assert str(tmp_path / "mine.yaml") in str(error.value)
    assert says in str(error.value)


def test_the_reserved_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSource, match="reserved"):
        read_source(write(tmp_path, GOOD.replace("mine", "all"), "all.yaml"))


def test_one_name_in_two_folders_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, GOOD)
    with pytest.raises(InvalidSource, match="defined twice"):
        load_sources([tmp_path / "a", tmp_path / "b"])


def test_one_bad_file_does_not_take_the_others_away(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, "name: [", "bad.yaml")
    sources, errors = scan_sources([tmp_path])
    assert list(sources) == ["mine"]
    assert len(errors) == 1


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSource, match="no such folder"):
        load_sources([tmp_path / "absent"])


def test_an_unknown_name_suggests_near_ones(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(UnknownSource, match="did you mean mine"):
        get_source(load_sources([tmp_path]), "mien")


def test_the_sources_that_ship_are_sound_and_off() -> None:
    sources = load_sources(Settings().sources)
    assert len(sources) >= 8
    assert not any(s.is_enabled for s in sources.values())
    assert all(s.discover and s.homepage.startswith("https://") for s in sources.values())


def test_settings_read_lists_and_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARSAD_SOURCES", f"/a{os.pathsep}/b")
    monkeypatch.setenv("MARSAD_CONNECT_TO", "a.example=127.0.0.1:1, b.example=127.0.0.1:2")
    monkeypatch.setenv("MARSAD_LAKE_OPTIONS", '{"endpoint_url": "http://x"}')
    settings = load_settings()
    assert settings.sources == (Path("/a"), Path("/b"))
    assert settings.connect_to == {"a.example": "127.0.0.1:1", "b.example": "127.0.0.1:2"}
    assert settings.lake_options == {"endpoint_url": "http://x"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MARSAD_MAX_REDIRECTS", "-1"),
        ("MARSAD_READ_TIMEOUT_S", "soon"),
        ("MARSAD_LAKE_OPTIONS", "{"),
        ("MARSAD_CONNECT_TO", "x"),
    ],
)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=name):
        load_settings()
