"""Compaction: a span of days is read exactly once, whatever was published again, taken away or cut off meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import example_rows as ex
from marsad.clean.record import LINKS
from marsad.context import Context
from marsad.errors import MissingPartition, UsageError
from marsad.gate import GateReport
from marsad.lake import Lake
from marsad.operate.compaction import compact, files_of
from marsad.partition import Partition
from marsad.publish.manifest import manifest_path
from marsad.publish.stage import publish
from marsad.settings import Settings

NOW = datetime(2026, 5, 2, tzinfo=UTC)


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    return Context(Settings(), Lake(tmp_path), {}, now=lambda: NOW)


def put(ctx: Context, source: str, day: date, numbers: Sequence[int]) -> None:
    """Publish links of a day."""
    partition = Partition(source, day)
    rows = [replace(ex.link(n), source=source, date=day) for n in numbers]
    ex.write_rows(ctx.lake, "core", LINKS, rows, partition)
    report = GateReport(source, day, "links", "", True, len(rows), len(rows), 0, ())
    publish(partition, ctx.lake, datasets=(LINKS,), reports=[report], outcomes={}, quarantined={})


def read(ctx: Context, first: date, last: date) -> list[tuple[str, date, str]]:
    """What a reader gets by the plan."""
    sql = files_of(ctx.lake, "links", first, last).sql(ctx.lake.root.path)
    return sorted(duckdb.sql(f"SELECT source, date, article_id FROM ({sql})").fetchall())  # noqa: S608


def truth(ctx: Context, first: date, last: date) -> list[tuple[str, date, str]]:
    """What is published."""
    found = []
    for path in ctx.lake.list("published/_manifests", "date=*/source=*.json"):
        source, day = path.rsplit("source=", 1)[1][:-5], date.fromisoformat(path.split("date=")[1][:10])
        if first <= day <= last:
            rows = ctx.lake.read_table("published", LINKS, Partition(source, day)).to_pylist()
            found += [(r["source"], r["date"], r["article_id"]) for r in rows]
    return sorted(found)


SPAN = date(2026, 3, 1), date(2026, 4, 30)


def days(ctx: Context) -> None:
    for n in range(6):
        for source in ("alif", "ba"):
            put(ctx, source, date(2026, 3, 28) + timedelta(days=n), range(1, 3 + n % 2))


def test_a_month_is_one_file_and_reads_the_same(ctx: Context) -> None:
    days(ctx)
    before = read(ctx, *SPAN)
    assert before == truth(ctx, *SPAN)
    assert [(c.month, c.partitions, c.files) for c in compact(ctx)] == [("2026-03", 8, 1), ("2026-04", 4, 1)]
    plan = files_of(ctx.lake, "links", *SPAN)
    assert (len(plan.months), plan.loose) == (2, ())
    assert read(ctx, *SPAN) == before
    assert list(compact(ctx)) == []
    month = ctx.lake.read_table_at(LINKS, "compacted/links/month=2026-03/part-0.parquet")
    assert month.num_rows == 20
    data = ctx.lake.read_bytes("compacted/links/month=2026-03/part-0.parquet")
    list(compact(ctx, months=["2026-03"]))
    assert ctx.lake.read_bytes("compacted/links/month=2026-03/part-0.parquet") == data
    # a span within a month, and the month that is not over
    assert read(ctx, date(2026, 3, 29), date(2026, 3, 29)) == truth(ctx, date(2026, 3, 29), date(2026, 3, 29))
    put(ctx, "alif", date(2026, 5, 1), [1])
    assert list(compact(ctx)) == []


def test_what_was_published_again_or_is_gone_is_not_read_from_the_month(ctx: Context) -> None:
    days(ctx)
    list(compact(ctx))
    put(ctx, "alif", date(2026, 3, 28), [5, 6, 7])
    put(ctx, "ta", date(2026, 3, 28), [1])
    ctx.lake.delete(manifest_path(Partition("ba", date(2026, 3, 29))))
    plan = files_of(ctx.lake, "links", *SPAN)
    assert len(plan.loose) == 2
    assert read(ctx, *SPAN) == truth(ctx, *SPAN)
    assert [c.month for c in compact(ctx)] == ["2026-03"]
    assert files_of(ctx.lake, "links", *SPAN).loose == ()
    assert read(ctx, *SPAN) == truth(ctx, *SPAN)


def test_killed_while_it_writes_readers_use_the_partitions(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    days(ctx)
    list(compact(ctx))
    put(ctx, "alif", date(2026, 3, 28), [5])

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "digest", die)
        with pytest.raises(Killed):
            list(compact(ctx, months=["2026-03"]))
    assert read(ctx, *SPAN) == truth(ctx, *SPAN)
    list(compact(ctx))
    assert read(ctx, *SPAN) == truth(ctx, *SPAN)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "compact", "remove"]), st.sampled_from(["alif", "ba"]), st.integers(1, 3)),
        max_size=10,
    )
)
def test_each_row_is_read_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, int]]
) -> None:
    ctx = Context(Settings(), Lake(tmp_path_factory.mktemp("lake")), {}, now=lambda: NOW)
    for what, source, number in steps:
        day = date(2026, 3, number)
        if what == "put":
            put(ctx, source, day, range(1, number + len(steps)))
        elif what == "compact":
            list(compact(ctx))
        else:
            ctx.lake.delete(manifest_path(Partition(source, day)))
        if expected := truth(ctx, *SPAN):
            assert read(ctx, *SPAN) == expected


def test_wrong_words_are_said(ctx: Context) -> None:
    with pytest.raises(UsageError, match="is no month"):
        list(compact(ctx, months=["2026-13"]))
    with pytest.raises(UsageError, match="nothing is published in 2020-01"):
        list(compact(ctx, months=["2020-01"]))
    with pytest.raises(UsageError, match="is no published dataset"):
        files_of(ctx.lake, "nothing", *SPAN)
    with pytest.raises(MissingPartition, match="nothing of links"):
        files_of(ctx.lake, "links", *SPAN).sql("x")
