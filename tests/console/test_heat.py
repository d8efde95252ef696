"""The heat map: every status there is, volumes, trends, and what it must not show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import example_rows as ex
from marsad.console.cache import Cache
from marsad.console.heat import HeatMap, heat_map
from marsad.context import Context
from marsad.errors import GateFailed
from marsad.gate import gate_stage
from marsad.gate.override import decide
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.publish.manifest import GateSummary, Manifest, PublishedFile, manifest_path
from marsad.scrape.record import CAPTURES
from marsad.settings import Settings
from marsad.sources import Route, Source, Terms
from marsad.validate.record import VERDICTS

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
TODAY = NOW.date()


def source(name: str, **other: Any) -> Source:
    facts: dict[str, Any] = {"title": f"صحيفة {name}", "homepage": "http://x.example", "is_enabled": True}
    feed = (Route(kind="feed", address="http://x.example/rss"),)
    return Source(**{"name": name, **facts, "discover": feed, **other})


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Context]:
    def context(*sources: Source) -> Context:
        settings = Settings(lake=str(tmp_path / "lake"), late_after_h=6)
        found = {s.name: s for s in sources}
        return Context(settings=settings, lake=Lake(settings.lake), sources=found, now=lambda: NOW)

    return context


def publish(lake: Lake, name: str, day: date, stories: int, override: str | None = None) -> None:
    """A manifest, as publishing leaves it."""
    file = PublishedFile(dataset="articles", path="x", row_count=stories, byte_count=1, sha256="0")
    gate = GateSummary(
        dataset="articles", suite="s", is_success=override is None, row_count=stories, accepted_count=stories,
        quarantined_count=0, warnings=(), override=override,
    )  # fmt: skip
    manifest = Manifest(
        source=name, date=day, code_version="0", schema_versions={}, files=(file,), outcomes={"captured": stories},
        quarantined={"no_story": 1}, gates=(gate,),
    )  # fmt: skip
    lake.write_bytes(manifest_path(Partition(name, day)), manifest.to_bytes())


def statuses(found: HeatMap, name: str) -> dict[int, str]:
    (row,) = [r for r in found.rows if r.source.name == name]
    return {cell.day.day: cell.status for cell in row.cells}


def scrape(ctx: Context, name: str, day: date, **capture: Any) -> None:
    """Captures as a scrape leaves them, and what their gate says of it."""
    rows = [ex.capture(n, source=name, date=day, **capture) for n in (1, 2)] if capture else []
    partition = Partition(name, day)
    ex.write_rows(ctx.lake, "raw", CAPTURES, rows, partition)
    ex.write_rows(ctx.lake, "staged", CAPTURES, rows, partition)
    gate_stage((CAPTURES,), partition, ctx.lake, settings=ctx.settings)


def judge(ctx: Context, name: str, day: date, *unmet: str) -> None:
    """Captures, and what the validate gate says where critical rules are not met."""
    scrape(ctx, name, day, outcome="not_found", http_status=404)
    partition = Partition(name, day)
    rows = [
        ex.verdict(rule, source=name, date=day, level="critical", is_success=False, todo="افتح الصفحة", since=day)
        for rule in unmet
    ]
    ex.write_rows(ctx.lake, "staged", VERDICTS, rows, partition)
    gate_stage((VERDICTS,), partition, ctx.lake, settings=ctx.settings)


def test_a_day_is_what_the_lake_says_of_it(make: Callable[..., Context]) -> None:
    dated = (Route(kind="sitemap", address="http://x.example/{year}/{month}"),)
    ctx = make(
        source("jarida"),
        source("arshif", discover=dated),
        source("mughlaq", closed_on=date(2026, 3, 16)),
        source("muattal", is_enabled=False),
        source("jadid", terms=Terms(read_on=date(2026, 3, 18), by="layla")),
    )
    for name in ("jarida", "arshif", "mughlaq"):
        publish(ctx.lake, name, date(2026, 3, 14), 10)
    ctx.lake.write_bytes(manifest_path(Partition("jarida", date(2026, 3, 15))), b"{")
    scrape(ctx, "jarida", date(2026, 3, 16), outcome="captured")
    with pytest.raises(GateFailed):
        judge(ctx, "jarida", date(2026, 3, 17), "something_captured", "something_found")
    with pytest.raises(GateFailed):
        scrape(ctx, "arshif", date(2026, 3, 17), outcome="captured", attempt_count=-1)
    found = heat_map(ctx, Cache(1000), list(ctx.sources), TODAY, 8)
    assert found.days[0] == date(2026, 3, 13)
    assert statuses(found, "jarida") == {
        13: "none", 14: "published", 15: "unreadable", 16: "unfinished", 17: "silent", 18: "no_route", 19: "late",
        20: "waiting",
    }  # fmt: skip
    assert statuses(found, "arshif")[17] == "blocked"
    assert statuses(found, "arshif")[18] == "late"  # its archive reaches back
    assert statuses(found, "mughlaq")[15] == "no_route"
    assert statuses(found, "mughlaq")[17] == "none"
    assert statuses(found, "jadid") == {
        **dict.fromkeys(range(13, 18), "none"),
        18: "no_route",
        19: "late",
        20: "waiting",
    }
    assert "muattal" not in {r.source.name for r in found.rows}
    (blocked,) = [c for r in found.rows for c in r.cells if c.status == "blocked"]
    assert blocked.checks == ("attempt_count_negative",)
    total = found.totals[1]
    assert (total.day.day, total.published, total.expected, total.stories) == (14, 3, 3, 30)
    assert sum(found.statuses.values()) == 8 * len(found.rows)


def test_a_source_that_is_off_shows_what_it_left(make: Callable[..., Context]) -> None:
    ctx = make(source("muattal", is_enabled=False))
    publish(ctx.lake, "muattal", date(2026, 3, 18), 4)
    found = heat_map(ctx, Cache(1000), ["muattal"], TODAY, 3)
    assert statuses(found, "muattal") == {18: "published", 19: "off", 20: "off"}


def test_colours_follow_the_source_s_own_days_and_the_trend_its_weeks(make: Callable[..., Context]) -> None:
    ctx = make(source("kabira"), source("saghira"))
    for back in range(14):
        day = TODAY - timedelta(days=back)
        publish(ctx.lake, "kabira", day, 200 if back < 7 else 100)
        publish(ctx.lake, "saghira", day, 0 if back == 0 else 6, "passed by layla" if back == 0 else None)
    found = heat_map(ctx, Cache(1000), list(ctx.sources), TODAY, 14)
    large, small = found.rows
    assert large.trend == pytest.approx(1.0)
    assert small.trend == pytest.approx(6 * 6 / 7 / 6 - 1)
    assert small.cells[-1].heat == 0
    assert small.cells[-1].has_override
    assert {c.heat for c in small.cells[:-1]} == {2}
    assert large.cells[-1].heat > large.cells[0].heat
    few = heat_map(ctx, Cache(1000), ["kabira"], TODAY, 5)
    assert few.rows[0].trend is None  # no week before


def test_who_may_not_read_a_source_does_not_see_it_counted(make: Callable[..., Context]) -> None:
    ctx = make(source("jarida"), source("sirriya"))
    publish(ctx.lake, "jarida", TODAY, 3)
    publish(ctx.lake, "sirriya", TODAY, 50)
    publish(ctx.lake, "all", TODAY, 7)
    found = heat_map(ctx, Cache(1000), ["jarida"], TODAY, 2)
    assert [r.source.name for r in found.rows] == ["jarida"]
    assert (found.totals[-1].stories, found.numbers.outcomes, found.numbers.across) == (3, {"captured": 3}, {})
    assert heat_map(ctx, Cache(1000), list(ctx.sources), TODAY, 2).numbers.across == {"articles": 7}


def test_what_changes_in_the_lake_shows_at_once(make: Callable[..., Context]) -> None:
    ctx, cache = make(source("jarida")), Cache(1000)
    for stories in (3, 4, 5):
        publish(ctx.lake, "jarida", TODAY, stories)
        assert heat_map(ctx, cache, ["jarida"], TODAY, 2).totals[-1].stories == stories
    ctx.lake.delete(manifest_path(Partition("jarida", TODAY)))
    assert heat_map(ctx, cache, ["jarida"], TODAY, 2).totals[-1].stories == 0


def test_a_day_that_a_decision_lets_pass_is_not_blocked(make: Callable[..., Context]) -> None:
    ctx = make(source("jarida"))
    day = date(2026, 3, 19)
    with pytest.raises(GateFailed):
        judge(ctx, "jarida", day, "something_found")
    assert statuses(heat_map(ctx, Cache(9), ["jarida"], TODAY, 2), "jarida")[19] == "silent"
    decide(
        ctx.lake, source="jarida", first=day, last=day, check="something_found", by="layla",
        why="عطلة رسمية، لا أخبار", days=3, now=datetime.now(UTC),
    )  # fmt: skip
    judge(ctx, "jarida", day, "something_found")
    assert statuses(heat_map(ctx, Cache(9), ["jarida"], TODAY, 2), "jarida")[19] == "unfinished"


def test_the_page_shows_it(browse: Callable[..., Any], make: Callable[..., Context]) -> None:
    ctx = make(source("jarida", title="<script>alert(1)</script>"), source("sirriya"))
    publish(ctx.lake, "jarida", TODAY, 1234)
    publish(ctx.lake, "jarida", date(2026, 3, 17), 1200)
    shown = browse(ctx).get("/").text
    assert 'href="/partition/jarida/2026-03-20"' in shown
    assert "1,234" in shown
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "jarida 2026-03-18: missed, no route reaches back" in shown
    assert " style=" not in shown
    assert "onclick" not in shown
    ar = browse(ctx).get("/?lang=ar&day=2026-03-20&days=7").text
    assert "jarida 2026-03-20: منشور: عدد الأخبار 1234" in ar
    assert browse(ctx).get("/?only=trouble&day=2026-03-10&days=1").text.count("<td") == 0


@pytest.mark.parametrize("query", ["day=2026-02-30", "day=../x", "days=0", "days=9999", "days=x"])
def test_what_cannot_be_read_is_said_cleanly(browse: Callable[..., Any], empty: Context, query: str) -> None:
    answer = browse(empty).get(f"/?{query}")
    assert answer.status_code == 400
    assert "Traceback" not in answer.text


def test_the_page_of_a_day_leads_to_the_map(browse: Callable[..., Any], empty: Context) -> None:
    answer = browse(empty).get("/day/2026-03-03", follow_redirects=False)
    assert answer.headers["location"] == "/?day=2026-03-03"
