"""The dry run of a backfill: what it says of lakes in every state, and that what it said is what then happened."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from marsad import pipeline
from marsad.context import Context
from marsad.errors import NoArchiveRoute, UnknownSource, UsageError
from marsad.operate.backfills import show_plan
from marsad.operate.plan import plan, plan_day, usual_page_count
from marsad.operate.plan_notes import notes, plan_lines
from marsad.operate.plan_record import Plan
from marsad.partition import Partition, days_between
from marsad.publish.manifest import manifest_path
from marsad.scrape.record import CAPTURES, SIGHTINGS, Sighting

DAYS = [date(2026, 3, day) for day in (2, 3, 4)]
DAY = DAYS[1]
NEXT = date(2026, 3, 5)
Make = Callable[..., Context]

FEED_ONLY = """name: khabar
title: خبر
homepage: http://wakala.example
timezone: Asia/Beirut
is_enabled: true
discover:
  - {route}
politeness: {{delay_s: 2, daily_budget: {budget}}}
"""


@pytest.fixture
def make_own(make_context: Make, tmp_path: Path) -> Callable[..., Context]:
    """A context with one source of one's own, ``khabar``."""

    def make(route: str, *, budget: int = 100, **options: Any) -> Context:
        folder = tmp_path / "sources"
        folder.mkdir(exist_ok=True)
        (folder / "khabar.yaml").write_text(FEED_ONLY.format(route=route, budget=budget), "utf-8")
        return make_context(tmp_path / "lake", sources=(folder,), **options)

    return make


def files(root: Path) -> Counter[str]:
    return Counter(str(p) for p in root.rglob("*") if p.is_file())


def asked(sites: Any) -> int:
    return sum(sites.request_log.values())


def test_a_plan_asks_nobody_and_writes_nothing(make_context: Make, tmp_path: Path, sample_sites: Any) -> None:
    ctx = make_context(tmp_path)
    pipeline.run_partition(Partition("wakala", DAY), ctx)
    before, requests = files(tmp_path), asked(sample_sites)
    made = plan(ctx.sources, [*DAYS, NEXT], ctx)
    assert (files(tmp_path), asked(sample_sites)) == (before, requests)
    assert len(made.days) == len(ctx.sources) * 4


def test_what_it_said_is_what_then_happened(make_context: Make, tmp_path: Path, sample_sites: Any) -> None:
    """Fetch, then fetch what failed, then replay: each planned, then run, and the requests counted."""
    # a page of the agency answers 503 once: one attempt alone leaves it as a passing failure
    partition = Partition("wakala", DAY)
    first = plan_day(partition, make_context(tmp_path))
    assert (first.action, first.is_published, first.outcomes) == ("fetch", False, {})
    assert [r.reach for r in first.routes] == ["newest", "dated"]
    assert first.request_count_min == 3  # robots.txt, feed, sitemap

    sample_sites.request_log.clear()
    pipeline.run_partition(partition, make_context(tmp_path, fetch_attempts=1))
    assert asked(sample_sites) >= first.request_count_min
    second = plan_day(partition, make_context(tmp_path))
    assert second.action == "replay+fetch"
    assert second.passing_failure_count >= 1
    assert "failed for a passing reason" in second.why
    assert second.is_published
    assert second.request_count_min == 1 + second.passing_failure_count + sum(r.is_asked for r in second.routes)

    requests = asked(sample_sites)
    pipeline.run_partition(partition, make_context(tmp_path))
    assert asked(sample_sites) - requests == second.request_count_min
    third = plan_day(partition, make_context(tmp_path))
    assert (third.action, third.request_count_min, third.seconds_min) == ("replay", 0, 0.0)
    assert third.passing_failure_count == 0

    requests = asked(sample_sites)
    pipeline.run_partition(partition, make_context(tmp_path))
    assert asked(sample_sites) == requests


def test_a_scrape_that_was_killed_is_gone_on_with(make_context: Make, tmp_path: Path, sample_sites: Any) -> None:
    ctx = make_context(tmp_path)
    partition = Partition("mujammi", DAY)
    pipeline.run("scrape", partition, ctx)
    ctx.lake.delete(ctx.lake.dataset_path("raw", CAPTURES, partition))
    found = plan_day(partition, ctx)
    assert found.action == "replay+fetch"
    assert "captures are not complete" in found.why
    assert not found.is_published
    requests = asked(sample_sites)
    pipeline.run("scrape", partition, ctx)
    assert asked(sample_sites) - requests == found.request_count_min == 0  # all that was listed had its row


def test_a_day_no_route_reaches_is_said_to_be_skipped_and_is(make_own: Callable[..., Context]) -> None:
    ctx = make_own("feed: http://wakala.example/rss.xml")
    day = date(2026, 1, 5)
    found = plan_day(Partition("khabar", day), ctx)
    assert found.action == "skip"
    assert found.why.startswith("no archive route: feed lists the newest only")
    assert found.request_count_min == 2
    with pytest.raises(NoArchiveRoute):
        pipeline.run("scrape", Partition("khabar", day), ctx)
    assert plan_day(Partition("khabar", day), ctx).action == "skip"


def test_a_source_without_routes_is_skipped_for_sure(make_own: Callable[..., Context]) -> None:
    ctx = make_own("feed: http://wakala.example/rss.xml")
    source = ctx.sources["khabar"].model_copy(update={"discover": ()})
    bare = Context(ctx.settings, ctx.lake, {"khabar": source})
    found = plan_day(Partition("khabar", DAY), bare)
    assert (found.action, found.request_count_min) == ("skip", 0)
    with pytest.raises(NoArchiveRoute):
        pipeline.run("scrape", Partition("khabar", DAY), bare)


@pytest.mark.parametrize(
    ("route", "reach", "action"),
    [
        ("feed: http://wakala.example/rss.xml", "newest", "skip"),
        ("section: http://wakala.example/all", "newest", "skip"),
        ("section: http://wakala.example/all\n    next: http://wakala.example/all?p={{page}}", "further", "fetch"),
        ("sitemap: http://wakala.example/sitemap.xml", "further", "fetch"),
        ("archive: http://wakala.example/{{year}}/{{month}}/{{day}}", "dated", "fetch"),
        ("cdx: https://web.archive.example/cdx?url=wakala.example", "dated", "fetch"),
        ("ccnews: https://ccnews.example/{{year}}/{{month:02}}/warc.paths.gz", "dated", "fetch"),
    ],
)
def test_how_far_back_each_kind_of_route_reaches(
    make_own: Callable[..., Context], route: str, reach: str, action: str
) -> None:
    ctx = make_own(route.replace("{{", "{").replace("}}", "}"))
    found = plan_day(Partition("khabar", date(2026, 1, 5)), ctx)
    assert ([r.reach for r in found.routes], found.action) == ([reach], action)


def test_the_feed_of_today_is_of_today(make_own: Callable[..., Context]) -> None:
    ctx = make_own("feed: http://wakala.example/rss.xml")
    noon = datetime(2026, 3, 4, 10, tzinfo=UTC)
    now = Context(ctx.settings, ctx.lake, ctx.sources, now=lambda: noon)
    assert [plan_day(Partition("khabar", day), now).action for day in DAYS] == ["skip", "fetch", "fetch"]
    assert plan_day(Partition("khabar", NEXT), now).action == "refuse"


def test_what_polls_kept_is_fetched_though_no_route_names_the_day(
    make_own: Callable[..., Context], sample_sites: Any
) -> None:
    ctx = make_own("feed: http://wakala.example/rss.xml")
    partition, seen_at = Partition("khabar", date(2026, 1, 5)), datetime(2026, 1, 5, 9, tzinfo=UTC)
    urls = [f"http://wakala.example/news/never-{n}" for n in range(3)]
    rows = [
        Sighting("khabar", partition.date, u, "feed: x", seen_at, seen_at) for u in [*urls, urls[0] + "?utm_source=a"]
    ]
    ctx.lake.write_table("raw", SIGHTINGS, partition, SIGHTINGS.table(rows), part="seen-2026-01-05-poll.parquet")
    found = plan_day(partition, ctx)
    assert (found.action, found.sighting_count) == ("fetch", 4)
    assert found.request_count_min == 5  # robots.txt, the feed, three pages; the fourth is a twin of one
    requests = asked(sample_sites)
    pipeline.run("scrape", partition, ctx)
    assert asked(sample_sites) - requests == found.request_count_min


@pytest.mark.parametrize(("day", "why"), [(date(2199, 1, 1), "has not begun"), (NEXT, "closed on 2026-03-04")])
def test_what_can_have_no_partition_is_refused_by_the_plan_and_the_run(
    make_context: Make, tmp_path: Path, sample_sites: Any, day: date, why: str
) -> None:
    ctx = make_context(tmp_path)
    requests = asked(sample_sites)
    found = plan_day(Partition("wakala", day), ctx)
    assert found.action == "refuse"
    assert why in found.why
    with pytest.raises(UsageError, match=why):
        pipeline.run("scrape", Partition("wakala", day), ctx)
    assert asked(sample_sites) == requests


def test_files_without_a_folder_are_refused_and_with_one_need_no_request(make_context: Make, tmp_path: Path) -> None:
    shipped = Path(pipeline.__file__).parent / "sources"
    found = plan_day(Partition("files", DAY), make_context(tmp_path / "lake", sources=(shipped,)))
    assert found.action == "refuse"
    assert "MARSAD_FILES_PATH" in found.why
    ctx = make_context(tmp_path / "lake", sources=(shipped,), files_path=str(tmp_path))
    found = plan_day(Partition("files", DAY), ctx)
    assert (found.action, found.request_count_min, found.routes[0].reach) == ("fetch", 0, "disk")


def test_other_code_is_said_with_what_shows_the_change(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    partition = Partition("mujammi", DAY)
    pipeline.run_partition(partition, ctx)
    assert plan_day(partition, ctx).changes == ()
    manifest = ctx.lake.read_json(manifest_path(partition))
    manifest["code_version"] = "0.0.9"
    manifest["schema_versions"] = {**manifest["schema_versions"], "articles": 0}
    del manifest["schema_versions"]["keyphrases"]
    ctx.lake.write_json(manifest_path(partition), manifest)
    made = plan(["mujammi"], [DAY], ctx)
    (found,) = made.days
    assert found.code_version == "0.0.9"
    assert [c.partition(",")[0] for c in found.changes] == [
        "code 0.0.9",
        "schema of articles 0",
        "dataset keyphrases is new",
    ]
    assert any("marsad diff --source mujammi --date 2026-03-03 --to 2026-03-03" in line for line in notes(made))


def test_what_takes_more_than_the_days_budget_says_so(make_own: Callable[..., Context]) -> None:
    ctx = make_own("archive: http://wakala.example/{year}/{month}/{day}", budget=5, delay_scale=1)
    made = plan(["khabar"], days_between(date(2026, 1, 1), date(2026, 1, 10)), ctx)
    (cost,) = made.costs
    assert (cost.request_count_min, cost.seconds_min, cost.budget_days) == (20, 20.0, 4)
    assert any("of 5 a day: more than one day's budget" in line for line in notes(made))
    roomy = plan(["khabar"], [DAY], make_own("archive: http://wakala.example/{year}/{month}/{day}", budget=600))
    assert not any("more than one day" in line for line in notes(roomy))


def test_a_usual_day_is_the_median_of_those_published(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    assert usual_page_count("qadim", ctx.lake) is None
    pipeline.run_partition(Partition("qadim", DAY), ctx)
    pages = usual_page_count("qadim", ctx.lake)
    made = plan(["qadim"], DAYS, ctx)
    assert pages
    assert made.costs[0].request_count_usual == made.costs[0].request_count_min + 2 * pages
    assert made.counts() == {"fetch": 2, "replay": 1}


def test_a_run_under_way_is_said(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    made = plan(["wakala"], DAYS, ctx, runs={Partition("wakala", DAY): "running"}, runs_unknown="nobody answers")
    assert [d.run for d in made.days] == [None, "running", None]
    shown = _shown(made)
    assert "a run is running" in shown
    assert "not known: nobody answers" in shown


def _shown(made: Plan) -> str:
    console = Console(width=220, file=io.StringIO(), record=True)
    show_plan(made, console)
    return console.export_text()


def test_as_json_it_is_bounded_and_whole_where_it_can_be(make_context: Make, tmp_path: Path) -> None:
    ctx = make_context(tmp_path)
    made = plan(["wakala", "qadim"], [*DAYS, NEXT], ctx)
    assert not made.is_whole
    found = json.loads(json.dumps(made.as_dict(limit=5)))
    assert (len(found["days"]), found["left_off"]) == (5, 3)
    assert found["counts"] == {"fetch": 6, "refuse": 2}
    assert found["days"][0]["date"] == "2026-03-02"
    assert json.loads(json.dumps(made.as_dict()))["left_off"] == 0


def test_for_a_log_it_is_a_line_a_day(make_context: Make, tmp_path: Path) -> None:
    lines = plan_lines(plan(["qadim"], [*DAYS, NEXT], make_context(tmp_path)))
    assert lines[0] == "qadim 2026-03-02 fetch: archive (no captures; not published, at least 2 requests)"
    assert lines[4] == "fetch: 3; refuse: 1"


def test_wrong_names_and_ranges_are_refused(make_context: Make, tmp_path: Path) -> None:
    with pytest.raises(UnknownSource):
        plan(["nonesuch"], DAYS, make_context(tmp_path))
    with pytest.raises(UsageError, match="is before"):
        days_between(DAYS[1], DAYS[0])
