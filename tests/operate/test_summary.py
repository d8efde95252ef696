"""The report of a day, from the lake alone: it adds up, says why, and keeps Arabic in order."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from marsad import pipeline
from marsad.context import Context
from marsad.errors import SourceUnreachable
from marsad.operate.summary import render, summarise
from marsad.partition import Partition

DAY = date(2026, 3, 3)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake")


@pytest.fixture
def ctx(make_context: Callable[..., Context], lake: Path) -> Context:
    """A lake in which two sources ran, one is down, and two never ran."""
    ctx = make_context(lake)
    if not list(lake.iterdir()):
        for name in ("wakala", "mudawwana"):
            pipeline.run_partition(Partition(name, DAY), ctx)
        with pytest.raises(SourceUnreachable):
            pipeline.run_partition(Partition("mutaattil", DAY), ctx)
        pipeline.curate(DAY, ctx)
    return ctx


def printed(ctx: Context, width: int = 80, notes: dict[Partition, str] | None = None) -> str:
    out = io.StringIO()
    render(summarise([DAY], ctx, notes), Console(file=out, width=width))
    return out.getvalue()


def test_every_enabled_source_has_a_row_and_counts_add_up(ctx: Context) -> None:
    found = {p.partition.source: p for p in summarise([DAY], ctx).partitions}
    assert set(found) == {"wakala", "mujammi", "qadim", "mudawwana", "mutaattil"}
    wakala = found["wakala"]
    assert wakala.is_published
    assert wakala.discovered == sum(wakala.outcomes.values()) > wakala.outcomes["captured"] > 0
    assert wakala.gates_passed == wakala.gates_run == 12
    assert found["mudawwana"].quarantined["weekday_contradicts_date"] == 1
    assert not found["mutaattil"].is_published
    assert not found["qadim"].is_published


def test_what_is_missing_says_why(ctx: Context) -> None:
    text = printed(ctx, 200, {Partition("qadim", DAY): "failed at scrape: it rained"})
    assert "qadim 2026-03-03: not published: failed at scrape: it rained" in text
    assert "mutaattil 2026-03-03: not published: nothing captured" in text
    assert "robots_denied" in text
    assert "weekday_contradicts_date" in text


def test_no_number_is_cut_off_on_a_narrow_terminal(ctx: Context) -> None:
    text = printed(ctx, 80)
    assert "…" not in text.partition("split:")[0]
    for heading in ("URLs", "captured", "stories", "split", "quotes", "dropped", "gates"):
        assert heading in text


def test_right_to_left_text_is_set_apart(ctx: Context) -> None:
    text = printed(ctx)
    rows = summarise([DAY], ctx).samples
    assert 1 <= len(rows) <= 3
    for row in rows:
        assert f"\u2068{row['title']}\u2069" in text


def test_a_day_nobody_ran_is_told_without_an_error(make_context: Callable[..., Context], tmp_path: Path) -> None:
    summary = summarise([DAY], make_context(tmp_path))
    assert len(summary.partitions) == 5
    assert not any(p.is_published or p.outcomes for p in summary.partitions)
    assert list(summary.samples) == []
