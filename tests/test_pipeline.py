"""A day through the pipeline, on the sample sites: what comes out, again, late, and after being killed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from marsad import pipeline
from marsad.clean.record import ARTICLES, LATE_CAPTURES
from marsad.context import Context
from marsad.errors import GateFailed, MissingPartition, SourceUnreachable, UnknownSource, UsageError
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.publish.manifest import read_manifest, verify
from marsad.quarantine import all_quarantined
from marsad.scrape.record import CAPTURES

DAY = date(2026, 3, 3)
NEXT = date(2026, 3, 4)
Make = Callable[..., Context]


def published(root: Path) -> dict[str, str]:
    """The published files below a lake, by path, as digests."""
    base = root / "published"
    return {
        str(p.relative_to(base)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(base.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    return lambda: tmp_path_factory.mktemp("lake")


def test_run_again_touches_no_site_and_changes_no_byte(make_context: Make, tmp_path: Path, sample_sites: Any) -> None:
    ctx = make_context(tmp_path)
    partition = Partition("wakala", DAY)
    pipeline.run_partition(partition, ctx)
    first = published(tmp_path)
    asked = sum(sample_sites.request_log.values())
    pipeline.run_partition(partition, make_context(tmp_path))
    assert published(tmp_path) == first
    assert sum(sample_sites.request_log.values()) == asked
    manifest = read_manifest(ctx.lake, partition)
    assert manifest is not None
    verify(manifest, ctx.lake)


def test_two_lakes_hold_the_same_bytes(make_context: Make, fresh: Callable[[], Path]) -> None:
    one, two = fresh(), fresh()
    for root in (one, two):
        pipeline.run_partition(Partition("mujammi", DAY), make_context(root))
    assert published(one) == published(two)


def test_a_later_stage_reads_only_what_a_gate_accepted(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    partition = Partition("mudawwana", DAY)
    pipeline.run("scrape", partition, ctx)
    with pytest.raises(MissingPartition):
        pipeline.run("clean", partition, ctx)
    pipeline.run_gate("scrape", partition, ctx)
    assert pipeline.run("clean", partition, ctx).counts["articles"] > 0


def test_a_late_story_rewrites_the_day_it_belongs_to(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    pipeline.run_partition(Partition("qadim", DAY), ctx)
    before = set(ctx.lake.read_table("core", ARTICLES, Partition("qadim", DAY))["url"].to_pylist())
    reports = pipeline.run_partition(Partition("qadim", NEXT), ctx)
    after = set(ctx.lake.read_table("core", ARTICLES, Partition("qadim", DAY))["url"].to_pylist())
    assert {r.date for r in reports} == {"2026-03-03", "2026-03-04"}
    assert len(after - before) == 1
    assert after - before == set(ctx.lake.read_table("core", LATE_CAPTURES, Partition("qadim", DAY))["url"].to_pylist())
    assert pipeline.late_partitions(Partition("qadim", NEXT), ctx) == []
    # and a story is published once, on its own day
    late = next(iter(after - before))
    assert late not in ctx.lake.read_table("core", ARTICLES, Partition("qadim", NEXT))["url"].to_pylist()


def test_the_order_of_the_days_does_not_change_what_is_published(make_context: Make, fresh: Callable[[], Path]) -> None:
    forward, backward = fresh(), fresh()
    for root, days in ((forward, (DAY, NEXT)), (backward, (NEXT, DAY))):
        for day in days:
            pipeline.run_partition(Partition("qadim", day), make_context(root))
    assert published(forward) == published(backward)


def test_a_late_story_of_a_day_never_run_waits_for_it(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    pipeline.run_partition(Partition("qadim", NEXT), ctx)
    assert read_manifest(ctx.lake, Partition("qadim", DAY)) is None


def test_a_source_that_is_down_is_a_later_error_and_leaves_nothing_half_done(
    make_context: Make, tmp_path: Path
) -> None:
    with pytest.raises(SourceUnreachable, match="mutaattil"):
        pipeline.run_partition(Partition("mutaattil", DAY), make_context(tmp_path))
    assert published(tmp_path) == {}


def test_every_url_has_one_outcome_and_every_captured_one_an_end(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    for name in ("wakala", "mujammi", "qadim", "mudawwana"):
        partition = Partition(name, DAY)
        pipeline.run_partition(partition, ctx)
        captures = ctx.lake.read_table("core", CAPTURES, partition).to_pylist()
        urls = [c["url"] for c in captures]
        assert len(urls) == len(set(urls))
        captured = {c["url"] for c in captures if c["outcome"] == "captured"}
        articles = set(ctx.lake.read_table("core", ARTICLES, partition)["url"].to_pylist())
        dropped = " ".join(r.row_key + r.evidence for r in all_quarantined(DAY, ctx.lake, name))
        assert articles <= captured
        for url in captured - articles:
            assert url in dropped, url


@pytest.mark.parametrize("stage", ["scrape", "clean", "extract", "validate", "publish"])
def test_an_unknown_source_is_refused_by_every_stage(make_context: Make, tmp_path: Path, stage: str) -> None:
    with pytest.raises((UnknownSource, MissingPartition)):
        pipeline.run(stage, Partition("nonesuch", DAY), make_context(tmp_path))


def test_a_day_that_has_not_begun_is_refused(make_context: Make, tmp_path: Path) -> None:
    tomorrow = date.today() + timedelta(days=2)
    with pytest.raises(UsageError, match="has not begun"):
        pipeline.run("scrape", Partition("wakala", tomorrow), make_context(tmp_path))


def test_curate_and_load_over_all_sources(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    for name in ("wakala", "mujammi"):
        pipeline.run_partition(Partition(name, DAY), ctx)
    report = pipeline.curate(DAY, ctx)
    assert report.counts["groups"] >= 3  # the aggregator carries the agency's stories
    assert report.counts["stories"] >= 3
    before = published(tmp_path)
    assert pipeline.curate(DAY, ctx).counts == report.counts
    assert published(tmp_path) == before
    assert list(pipeline.recurate([DAY], ctx)) == []
    assert pipeline.is_curated(DAY, ctx)
    assert pipeline.sources_under_way(DAY, ctx) == []
    with ctx.claims.hold(Partition("wakala", DAY)):
        assert pipeline.sources_under_way(DAY, ctx) == ["wakala"]
    pipeline.run_partition(Partition("mudawwana", DAY), ctx)  # a late source
    assert not pipeline.is_curated(DAY, ctx)
    (again,) = pipeline.recurate([DAY], ctx)
    assert again.counts["duplicates"] >= report.counts["duplicates"]
    assert list(pipeline.recurate([DAY], ctx)) == []
    loaded = pipeline.load_date(DAY, ctx)
    assert {r.source for r in loaded} == {"mudawwana", "wakala", "mujammi", "all"}


def test_gates_stop_a_source_of_menus(
    make_context: Make, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("menus")
    for n in range(6):
        items = "".join(f'<li><a href="/{i}">القسم {i}</a></li>' for i in range(40))
        (folder / f"{n}.html").write_text(f"<html><body><ul>{items}</ul><p>صفحة {n}</p></body></html>", "utf-8")
    sources = Path(__file__).parent.parent / "include" / "marsad" / "sources"
    ctx = make_context(tmp_path, sources=(sources,), files_path=str(folder))
    with pytest.raises(GateFailed):
        pipeline.run_partition(Partition("files", DAY), ctx)
    assert published(tmp_path) == {}
    assert len(all_quarantined(DAY, ctx.lake, "files")) >= 6


class Killed(BaseException):
    """The process is gone: nothing may catch it."""


class MortalLake(Lake):
    """A lake whose process dies before its nth write."""

    left = 0

    def write_bytes(self, relative: str, data: bytes) -> None:
        if self.left == 0:
            raise Killed(relative)
        self.left -= 1
        super().write_bytes(relative, data)


def with_mortal_lake(ctx: Context, writes: int) -> Context:
    from dataclasses import replace

    lake = MortalLake(ctx.settings.lake)
    lake.left = writes
    return replace(ctx, lake=lake)


@pytest.mark.slow
def test_killed_before_any_write_and_run_again_the_bytes_are_the_same(
    make_context: Make, fresh: Callable[[], Path]
) -> None:
    """Dies before the 1st write, then (run again) the 4th, the 7th … until it comes through."""
    partition = Partition("mudawwana", DAY)
    whole = fresh()
    pipeline.run_partition(partition, make_context(whole))
    expected = published(whole)
    root, writes, deaths = fresh(), 0, 0
    while True:
        try:
            pipeline.run_partition(partition, with_mortal_lake(make_context(root), writes))
            break
        except Killed:
            deaths += 1
            writes += 3
            complete = (root / "published/_manifests").rglob("*.json")
            assert not any(complete), "a manifest before the last file"
    assert deaths > 8
    assert published(root) == expected
