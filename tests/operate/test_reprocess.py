"""Replay and diff: the past with the code as it is now, without the web, and nothing changed unasked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from marsad import pipeline
from marsad.clean.record import ARTICLES
from marsad.context import Context
from marsad.errors import MissingPartition
from marsad.extract.record import MENTIONS
from marsad.lake import Lake
from marsad.operate.diff import compare, diff, with_captures
from marsad.operate.reprocess import _value
from marsad.overlay import Overlay
from marsad.partition import Partition

DAY = date(2026, 3, 3)
PARTITION = Partition("wakala", DAY)
Make = Callable[..., Context]


def files(root: Path) -> dict[str, str]:
    """Every file of a lake as a digest."""
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def with_rules_alone(ctx: Context) -> Context:
    """A context whose names are found by rules alone: the next version of somebody's code."""
    return replace(ctx, settings=ctx.settings.model_copy(update={"recogniser": "rules"}))


def test_the_same_code_changes_nothing(make_context: Make, tmp_path: Path, sample_sites: Any) -> None:
    ctx = make_context(tmp_path)
    pipeline.run_partition(PARTITION, ctx)
    before, asked = files(tmp_path), sum(sample_sites.request_log.values())
    found = diff(PARTITION, ctx)
    assert found.is_empty
    assert found.is_published
    assert files(tmp_path) == before
    assert sum(sample_sites.request_log.values()) == asked


def test_other_code_shows_what_it_would_change_and_changes_nothing(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    pipeline.run_partition(PARTITION, ctx)
    before = files(tmp_path)
    found = diff(PARTITION, with_rules_alone(ctx))
    assert files(tmp_path) == before
    changed = {t.dataset: t for t in found.tables if not t.is_empty}
    assert "mentions" in changed
    assert "articles" not in changed
    mentions = changed["mentions"]
    assert mentions.removed
    published = ctx.lake.read_table("published", MENTIONS, PARTITION)
    assert len(mentions.removed) + len(mentions.changed) + mentions.same_count == published.num_rows
    # and that is what comes
    pipeline.rewrite(PARTITION, with_rules_alone(ctx))
    now = ctx.lake.read_table("published", MENTIONS, PARTITION)
    assert now.num_rows == published.num_rows + len(mentions.added) - len(mentions.removed)
    assert diff(PARTITION, with_rules_alone(ctx)).is_empty


def test_a_day_that_a_gate_would_block_says_so(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    pipeline.run_partition(PARTITION, ctx)
    for path in ctx.lake.list(f"raw/warc/{PARTITION.path}"):
        ctx.lake.write_bytes(path, b"lost")
    found = diff(PARTITION, ctx)
    assert not found.is_empty
    assert found.error is not None
    assert "no WARC record" in found.error


def test_what_was_never_captured_cannot_be_tried(make_context: Make, tmp_path: Path) -> None:
    with pytest.raises(MissingPartition, match="`marsad run` makes them"):
        diff(PARTITION, make_context(tmp_path))
    assert with_captures(DAY, Lake(tmp_path)) == []


def test_rows_are_compared_by_their_key() -> None:
    def rows(*stories: tuple[str, str]) -> Any:
        blank = {f.name: [] if str(f.type).startswith("list") else None for f in ARTICLES.schema}
        required = {
            "version": 1,
            "role": "main",
            "source": "s",
            "date": DAY,
            "url": "u",
            "body": "ن",
            "is_live_blog": False,
        }
        out = []
        for key, title in stories:
            row = {**blank, **required, "article_id": key, "title": title}
            for f in ARTICLES.schema:
                if not f.nullable and row[f.name] is None:
                    row[f.name] = False if str(f.type) == "bool" else 0 if "int" in str(f.type) else "x"
            out.append(row)
        return ARTICLES.table(out)

    found = compare(ARTICLES, rows(("a", "أ"), ("b", "ب"), ("c", "ج")), rows(("b", "ب"), ("c", "جديد"), ("d", "د")))
    assert [r["article_id"] for r in found.added] == ["d"]
    assert [r["article_id"] for r in found.removed] == ["a"]
    assert [dict(c.columns) for c in found.changed] == [{"title": ("ج", "جديد")}]
    assert found.same_count == 1
    assert found.by_column() == {"title": 1}


def test_long_texts_show_where_they_differ() -> None:
    old, new = "كلمة " * 60 + "قديمة " + "كلمة " * 60, "كلمة " * 60 + "جديدة " + "كلمة " * 60
    assert "قديمة" in _value(old, new)
    assert len(_value(old, new)) < 90


def test_a_sheet_over_a_lake_takes_all_that_is_written(tmp_path: Path) -> None:
    base = Lake(tmp_path / "base")
    base.write_bytes("a/1", b"one")
    base.write_bytes("a/2", b"two")
    sheet = Overlay(base, tmp_path / "sheet")
    sheet.write_bytes("a/2", b"TWO")
    sheet.write_bytes("a/3", b"three")
    sheet.delete("a/1")
    assert (sheet.read_bytes("a/2"), sheet.exists("a/1"), sheet.exists("a/3")) == (b"TWO", False, True)
    assert sheet.list("a") == ["a/2", "a/3"]
    with pytest.raises(MissingPartition):
        sheet.read_bytes("a/1")
    with pytest.raises(MissingPartition):
        sheet.open("a/1")
    with sheet.open("a/2") as file:
        assert file.read() == b"TWO"
    sheet.write_bytes("a/1", b"again")
    assert sheet.read_bytes("a/1") == b"again"
    assert (base.read_bytes("a/1"), base.list("a")) == (b"one", ["a/1", "a/2"])


@pytest.fixture
def cli(make_context: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """The command line in this process, on a lake with a day of one source."""
    from marsad.__main__ import app

    ctx = make_context(tmp_path)
    pipeline.run_partition(PARTITION, ctx)
    for name in ("lake", "delay_scale", "warehouse"):
        monkeypatch.setenv(f"MARSAD_{name.upper()}", str(getattr(ctx.settings, name)))
    monkeypatch.setenv("MARSAD_SOURCES", str(ctx.settings.sources[0]))

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, list(words))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout

    return run


def test_replay_and_diff_on_the_command_line(
    cli: Callable[..., tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_sites: Any
) -> None:
    asked = sum(sample_sites.request_log.values())
    first = files(tmp_path / "published")
    assert cli("diff", "--date", "2026-03-03") == (0, "wakala 2026-03-03: nothing would change\n")
    monkeypatch.setenv("MARSAD_RECOGNISER", "rules")
    code, shown = cli("diff", "--date", "2026-03-03", "--source", "wakala", "--json", "--limit", "1")
    said = json.loads(shown)
    assert code == 1
    assert said["datasets"]["mentions"]["removed"] > 0
    assert len(said["datasets"]["mentions"]["examples"]["removed"]) == 1
    code, shown = cli("diff", "--date", "2026-03-03", "--limit", "1")
    assert code == 1
    assert "mentions: +" in shown
    assert files(tmp_path / "published") == first
    code, shown = cli("replay", "--date", "2026-03-02", "--to", "2026-03-03")
    assert (code, shown.startswith("wakala 2026-03-03 published: articles ")) == (0, True)
    assert files(tmp_path / "published") != first
    monkeypatch.delenv("MARSAD_RECOGNISER")
    assert cli("replay", "--date", "2026-03-03")[0] == 0
    assert files(tmp_path / "published") == first
    assert sum(sample_sites.request_log.values()) == asked
    with pytest.raises(MissingPartition, match="no captures of wakala from 2026-03-02"):
        cli("replay", "--date", "2026-03-02", "--source", "wakala")
