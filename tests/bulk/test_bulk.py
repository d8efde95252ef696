"""Bulk runs end with the bytes of the in-process pipeline, and with one outcome for every capture."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bulk_pages import AT, filled, story, write_day, write_warc
from marsad.bulk.engines import Engine
from marsad.bulk.run import Plan, outcomes_of, plan_captures, plan_warcs, run_bulk
from marsad.bulk.sandbox import Limits
from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES
from marsad.context import Context
from marsad.errors import UsageError
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.pipeline import run_gate, run_partition

DAYS = (date(2026, 3, 3), date(2026, 3, 4))
Make = Callable[[str], Context]


def digests(lake: Lake, folder: str) -> dict[str, str]:
    root = Path(str(lake.root)) / folder
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*") if p.is_file()
    }


def planned(ctx: Context) -> Plan:
    return plan_captures(ctx, "spring", DAYS[0], DAYS[1])


def check_accounts(plan: Plan, ctx: Context, captures: int) -> Counter[str]:
    """Every capture once, with one outcome."""
    rows = outcomes_of(plan.run, ctx).to_pylist()
    assert len(rows) == captures
    assert len({row["capture_id"] for row in rows}) == captures
    return Counter(row["fate"] for row in rows)


@pytest.mark.slow
def test_a_run_equals_the_pipeline_byte_for_byte(bulk_context: Make) -> None:
    whole, bulk = bulk_context("whole"), bulk_context("bulk")
    filled(whole)
    filled(bulk)
    for day in DAYS:
        run_partition(Partition("jarida", day), whole, first="clean")
    plan = planned(bulk)
    report = run_bulk(plan, bulk, Engine("local", 2))
    assert report.failed == {}
    for folder in ("published", "core", "quarantine", "staged"):
        assert digests(bulk.lake, folder) == digests(whole.lake, folder), folder
    assert digests(bulk.lake, "published")
    versions = bulk.lake.read_table("published", ARTICLE_VERSIONS, Partition("jarida", DAYS[0]))
    assert versions.num_rows == 1
    urls = bulk.lake.read_table("published", ARTICLES, Partition("jarida", DAYS[1]))["url"].to_pylist()
    assert "https://jarida.example/2026-03-05/late" in urls
    # each day: ten captures and one that was replaced
    fates = check_accounts(plan, bulk, 22)
    assert fates == {"cleaned": 12, "late": 2, "rejected": 4, "unreadable": 2, "not_captured": 2}
    assert report.collected == [Partition("jarida", day) for day in DAYS]
    # and again: nothing is read twice, nothing changes
    before = digests(bulk.lake, "bulk")
    assert run_bulk(plan, bulk, Engine("local", 1)).read_now == 0
    assert digests(bulk.lake, "bulk") == before


@pytest.mark.slow
def test_a_poisoned_page_costs_only_itself(bulk_context: Make) -> None:
    ctx = bulk_context("poisoned")
    pages = [(f"https://jarida.example/{n}", story(n, AT)) for n in range(8)]
    for at, name in ((7, "eat"), (5, "hang"), (3, "kill"), (2, "raise"), (0, "kill")):
        pages.insert(at, (f"https://jarida.example/{name}{at}", story(at + 20, AT)))
    plan = plan_warcs(ctx, "spring", [write_warc(ctx.lake, "in/a.warc.gz", pages)])
    limits = Limits(cpu_s=3, memory_mb=900)
    report = run_bulk(plan, ctx, Engine("local", 1), limits=limits, reader="bulk_faults:poisoned")
    assert report.failed == {}
    assert report.outcomes == {"cleaned": 8, "crashed": 2, "failed": 1, "out_of_memory": 1, "too_slow": 1}
    check_accounts(plan, ctx, 13)
    rejects = {r["reason"] for r in ctx.lake.read_table_at(_quarantine(), _quarantine_path()).to_pylist()}
    assert rejects == {"crashed", "failed", "out_of_memory", "too_slow"}


@pytest.mark.slow
def test_pages_of_unknown_sites_and_pages_that_are_none(bulk_context: Make) -> None:
    ctx = bulk_context("corpus")
    english = (
        b"<html><head><title>News</title></head><body><p>" + b"The council met today. " * 40 + b"</p></body></html>"
    )
    pages = [
        ("https://unknown.example/1", story(1, AT)),
        ("https://www.jarida.example/2", story(2, AT)),
        ("https://english.example/3", english),
        ("https://unknown.example/1?again", story(1, AT, canonical="https://unknown.example/1")),
    ]
    warc = write_warc(ctx.lake, "in/a.warc.gz", pages)
    plan = plan_warcs(ctx, "spring", [warc])
    report = run_bulk(plan, ctx, Engine("local", 1))
    assert report.failed == {}
    assert report.outcomes == {"cleaned": 2, "not_arabic": 1, "rejected": 1}
    assert sorted(p.partition("/")[2] for p in digests(ctx.lake, "published/articles")) == [
        "source=jarida/part-0.parquet", "source=spring/part-0.parquet"
    ]  # fmt: skip
    known = run_bulk(plan_warcs(ctx, "known", [warc], known_only=True), ctx, Engine("local", 1))
    assert known.outcomes == {"cleaned": 1, "other_host": 3}


def test_a_broken_file_is_named_and_nothing_is_published(bulk_context: Make) -> None:
    ctx = bulk_context("broken")
    warc = Path(write_warc(ctx.lake, "in/a.warc.gz", [(f"https://jarida.example/{n}", story(n, AT)) for n in range(4)]))
    warc.write_bytes(warc.read_bytes()[:-300])
    report = run_bulk(plan_warcs(ctx, "spring", [str(warc)]), ctx, Engine("local", 1))
    (why,) = report.failed.values()
    assert str(warc) in why
    assert "broken after byte" in why
    assert report.outcomes == {}
    assert not digests(ctx.lake, "published")


@pytest.mark.slow
def test_a_day_that_another_writes_is_named_and_the_others_are_published(bulk_context: Make) -> None:
    ctx = bulk_context("busy")
    for day in DAYS:
        at = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
        write_day(ctx.lake, day, [(f"https://jarida.example/{day}/{n}", story(n, at)) for n in range(2)])
        run_gate("scrape", Partition("jarida", day), ctx)
    with bulk_context("busy").claims.hold(Partition("jarida", DAYS[0])):
        report = run_bulk(planned(ctx), ctx, Engine("local", 1))
    assert list(report.failed) == ["jarida 2026-03-03"]
    assert "is being written by" in report.failed["jarida 2026-03-03"]
    assert report.collected == [Partition("jarida", DAYS[1])]


def test_names_and_files_that_cannot_be(bulk_context: Make) -> None:
    ctx = bulk_context("words")
    with pytest.raises(UsageError, match="is a source"):
        plan_warcs(ctx, "jarida", [write_warc(ctx.lake, "a.warc.gz", [("https://x.example/", b"x")])])
    with pytest.raises(UsageError, match="no such file"):
        plan_warcs(ctx, "spring", ["/nowhere/*.warc.gz"])


def _quarantine() -> object:
    from marsad.dataset import QUARANTINE

    return QUARANTINE


def _quarantine_path() -> str:
    return "quarantine/articles/date=2026-03-03/source=jarida/stage.parquet"
