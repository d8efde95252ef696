"""Partition, source and quarantine over a lake made from the sample sites: what they show, and their actions."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import example_rows as ex
from console.conftest import context_over
from marsad.clean.record import ARTICLES
from marsad.console.cache import Cache
from marsad.console.dropped import PAGE, Wanted, overview, page
from marsad.console.health import source_health
from marsad.console.steps import Sum, read_steps
from marsad.context import Context
from marsad.dataset import QUARANTINE, Quarantined
from marsad.errors import GateFailed
from marsad.extract.record import QUOTATIONS
from marsad.gate import gate_stage
from marsad.operate.client import Run
from marsad.partition import Partition
from marsad.publish.manifest import read_manifest
from marsad.quarantine import all_quarantined, quarantine_path
from marsad.scrape.record import CAPTURES

DAY = date(2026, 3, 3)
WAKALA = Partition("wakala", DAY)
MUDAWWANA = Partition("mudawwana", DAY)
"""One of its pages names a weekday that its date is not."""
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>\u202eخبر'


@pytest.fixture
def own(news_lake: Path, tmp_path: Path) -> Context:
    """A copy of the lake, to be changed."""
    shutil.copytree(news_lake / "lake", tmp_path / "lake")
    return context_over(tmp_path / "lake", tmp_path, {})


def block(ctx: Context, day: date = date(2026, 3, 5), **capture: Any) -> Partition:
    """A day of the example source that its gate stops, with a hostile row."""
    partition = Partition(ex.NAME, day)
    rows = [ex.capture(1, date=day), ex.capture(2, date=day, url=f"javascript:{HOSTILE}", attempt_count=-1, **capture)]
    ex.write_rows(ctx.lake, "raw", CAPTURES, rows, partition)
    ex.write_rows(ctx.lake, "staged", CAPTURES, rows, partition)
    with pytest.raises(GateFailed):
        gate_stage((CAPTURES,), partition, ctx.lake, settings=ctx.settings)
    return partition


def links_of(text: str) -> set[str]:
    """The addresses that a page links to."""
    return {unescape(x) for x in re.findall(r'href="([^"]+)"', text)}


# the partition


def test_the_counts_of_a_real_day_add_up(news: Context) -> None:
    for day in (3, 4):
        steps = read_steps(Partition("wakala", date(2026, 3, day)), news.lake, Cache(99))
        assert steps.manifest is not None
        assert steps.addresses is not None
        assert steps.pages is not None
        assert steps.stories is not None
        assert steps.addresses.parts == steps.manifest.outcomes
        assert (steps.addresses.rest, steps.pages.rest, steps.stories.rest) == (0, 0, 0)
        assert sum(steps.routes.values()) == steps.addresses.whole
        assert steps.pages.parts["story"] > 0
        assert all(gate.adds_up and gate.is_passed and gate.is_published_as_accepted for gate in steps.gates)
        assert sum(g.published is not None for g in steps.gates) == len(steps.manifest.files)
        dropped = all_quarantined(date(2026, 3, day), news.lake, "wakala")
        assert {(f.dataset, f.reason): f.count for f in steps.failing} == Counter(
            (r.dataset, r.reason) for r in dropped
        )
        assert not steps.is_blocked


def test_a_partition_leads_to_its_stories_and_its_captures(browse: Callable[..., Any], news: Context) -> None:
    browser = browse(news)
    stories, captures = "/search?source=wakala&first=2026-03-03&last=2026-03-03", "/xray?source=wakala&day=2026-03-03"
    led = links_of(browser.get("/partition/wakala/2026-03-03").text)
    assert {stories, captures} <= led
    published = news.lake.read_table("published", ARTICLES, WAKALA)["article_id"].to_pylist()
    found = {link for link in links_of(browser.get(stories).text) if link.startswith("/article/")}
    assert found == {f"/article/wakala/2026-03-03/{story_id}" for story_id in published}
    raw = news.lake.read_table("raw", CAPTURES, WAKALA)
    assert f"Captures ({raw.num_rows})" in browser.get(captures).text
    nothing = links_of(browser.get("/partition/wakala/2026-02-01").text)
    assert not any(link.startswith(("/search?", "/xray?")) for link in nothing)


def test_a_count_that_does_not_add_up_shows(own: Context) -> None:
    before = read_steps(MUDAWWANA, own.lake, Cache(99)).pages
    assert before is not None
    lost = before.whole - before.parts["story"] - before.parts.get("other_day", 0)
    path = f"quarantine/articles/{MUDAWWANA.path}/stage.parquet"
    own.lake.write_rows_at(QUARANTINE, path, QUARANTINE.empty())
    after = read_steps(MUDAWWANA, own.lake, Cache(99)).pages
    assert after is not None
    assert after.rest == lost > 0
    rows = own.lake.read_table("raw", CAPTURES, MUDAWWANA)
    own.lake.write_table("raw", CAPTURES, MUDAWWANA, rows.slice(1))
    steps = read_steps(MUDAWWANA, own.lake, Cache(99))
    assert steps.addresses is not None
    assert steps.manifest is not None
    assert steps.addresses.whole == sum(steps.manifest.outcomes.values()) - 1


def test_a_sum_says_what_is_missing() -> None:
    assert Sum(5, {"a": 2, "b": 2}).rest == 1


def test_the_page_of_a_published_day(browse: Callable[..., Any], news: Context) -> None:
    shown = browse(news).get("/partition/wakala/2026-03-03").text
    manifest = read_manifest(news.lake, WAKALA)
    assert manifest is not None
    assert "Published; every gate let it pass" in shown
    assert "Not accounted for" not in shown
    assert all(file.sha256 in shown for file in manifest.files)
    assert manifest.to_bytes().decode() in unescape(shown)
    assert 'name="check"' not in shown  # nothing blocks: there is nothing to decide
    assert " style=" not in shown


def test_the_page_of_a_day_that_is_not_there(browse: Callable[..., Any], news: Context) -> None:
    browser = browse(news)
    assert "holds nothing of this day" in browser.get("/partition/wakala/2025-01-01").text
    assert browser.get("/partition/nobody/2026-03-03").status_code == 404
    assert browser.get("/partition/wakala/2026-13-03").status_code == 400
    assert browser.get("/partition/..%2f..%2fetc/2026-03-03").status_code in (400, 404)
    assert browser.get("/partition/wakala/2026-03-03'--").status_code == 400


def test_a_blocked_day_says_which_check_and_what_may_be_done(browse: Callable[..., Any], own: Context) -> None:
    partition = block(own)
    steps = read_steps(partition, own.lake, Cache(99))
    assert steps.is_blocked
    assert steps.blocking_checks == ("attempt_count_negative",)
    browser = browse(own)
    shown = browser.get(f"/partition/{ex.NAME}/2026-03-05").text
    assert "A gate stopped it" in shown
    assert "<option>attempt_count_negative</option>" in shown
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert 'href="javascript' not in shown


def test_who_may_only_read_sees_no_action_and_can_take_none(
    browse: Callable[..., Any], own: Context, access: Any
) -> None:
    partition = block(own)
    at = f"/partition/{partition.source}/{partition.date}"
    viewer = browse(own, "viewer")
    for path in (at, "/source/wakala", f"/quarantine?day={partition.date}&source={partition.source}"):
        assert '<form method="post"' not in viewer.get(path).text, path
    # with a token all the same: nothing is asked of Airflow
    access.triggers["viewer"] = None
    token = re.search(r'name="form_token" value="(\w+)"', viewer.get(at).text)
    access.triggers["viewer"] = ()
    assert token
    sent = {"form_token": token[1], "first": "2026-03-03", "last": "2026-03-03", "reprocess": "failed"}
    for path in (
        f"{at}/run",
        f"{at}/backfill",
        f"{at}/override",
        "/source/wakala/check",
    ):
        answer = viewer.post(path, data=sent, headers={"sec-fetch-site": "same-origin"})
        assert answer.status_code == 403, path
        assert "permission" in answer.text
    assert access.airflow.asked == []


def test_an_override_takes_rights_on_both_dags(browse: Callable[..., Any], own: Context, access: Any) -> None:
    partition = block(own)
    at = f"/partition/{partition.source}/{partition.date}"
    access.triggers["layla"] = [f"news_{partition.source}"]
    assert 'name="check"' not in browse(own).get(at).text
    assert browse(own).form(at, f"{at}/override", check="attempt_count_negative").status_code == 403
    access.triggers["layla"] = ["override", "news_wakala"]
    assert browse(own).form("/partition/wakala/2026-03-03", f"{at}/override", check="x").status_code == 403
    assert access.airflow.asked == []


def test_who_may_not_read_a_source_finds_none(browse: Callable[..., Any], news: Context, access: Any) -> None:
    access.reads["omar"] = ["mudawwana"]
    omar = browse(news, "omar")
    paths = (
        "/partition/wakala/2026-03-03",
        "/partition/wakala/2026-03-03/runs",
        "/source/wakala",
        "/quarantine?day=2026-03-03&source=wakala",
        "/quarantine/wakala/2026-03-03?dataset=articles&key=x",
    )
    for path in paths:
        answer = omar.get(path)
        unknown = omar.get(path.replace("wakala", "nobody"))
        assert (answer.status_code, unknown.status_code) == (404, 404)
        assert answer.text.replace("wakala", "nobody") == unknown.text  # not even that there is one
    for path in ("/?day=2026-03-03", "/quarantine?day=2026-03-03"):
        shown = omar.get(path).text
        assert "mudawwana" in shown
        assert "wakala" not in shown
        assert "وكالة" not in shown


# actions


def test_actions_ask_airflow(browse: Callable[..., Any], own: Context, access: Any) -> None:
    partition = block(own)
    at, browser = f"/partition/{partition.source}/{partition.date}", browse(own)
    asked = access.airflow.asked
    answer = browser.form(at, f"{at}/run")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{at}/runs?started=manual__1")
    assert asked.pop() == ("trigger", "news_sahifa", "2026-03-05", {})
    answer = browser.form(at, f"{at}/backfill", first="2026-03-01", last="2026-03-03", reprocess="completed")
    assert answer.status_code == 303
    assert asked.pop() == ("backfill", "news_sahifa", "2026-03-01", "2026-03-03", {"reprocess": "completed"})
    why = "عطل في الموقع، والصفحات سليمة"
    answer = browser.form(at, f"{at}/override", check="attempt_count_negative", why=why, days="4", last="2026-03-06")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{at}?decided=attempt_count_negative")
    conf = {
        "source": "sahifa", "first": "2026-03-05", "last": "2026-03-06", "check": "attempt_count_negative", "why": why,
        "days": 4,
    }  # fmt: skip
    assert asked.pop() == ("trigger", "override", None, conf)
    answer = browser.form("/quarantine?day=2026-03-03&source=mudawwana", "/partition/mudawwana/2026-03-03/run")
    assert answer.headers["location"].startswith("/partition/mudawwana/2026-03-03/runs?started=")
    assert asked.pop() == ("trigger", "news_mudawwana", "2026-03-03", {})
    answer = browser.form("/source/wakala", "/source/wakala/check")
    assert answer.headers["location"] == "/source/wakala/check/manual__1"
    assert asked.pop() == ("trigger", "check", None, {"source": "wakala"})


@pytest.mark.parametrize(
    ("action", "fields", "said"),
    [
        ("backfill", {"first": "2026-03-09", "last": "2026-03-01", "reprocess": "failed"}, "before the first"),
        ("backfill", {"first": "2016-03-09", "last": "2026-03-01", "reprocess": "failed"}, "more than 366 days"),
        ("backfill", {"first": "x", "last": "2026-03-01", "reprocess": "failed"}, "is not a date"),
        ("backfill", {"first": "2026-03-01", "last": "2026-03-01", "reprocess": "all"}, "reprocess is one of"),
        ("override", {"check": "x", "why": "short", "days": "3"}, "say why"),
        ("override", {"check": "x", "why": "a reason that is long", "days": "31"}, "1 to 30 days"),
        ("override", {"check": "x", "why": "a reason that is long", "days": "³"}, "1 to 30 days"),
        ("override", {"check": "", "why": "a reason that is long", "days": "3"}, "name the check"),
        ("override", {"check": "x", "why": "a reason that is long", "days": "3", "last": "2026-03-01"}, "before"),
    ],
)
def test_a_form_that_is_filled_in_wrongly_is_refused(
    browse: Callable[..., Any], news: Context, access: Any, action: str, fields: dict[str, str], said: str
) -> None:
    at = "/partition/wakala/2026-03-03"
    answer = browse(news).form(at, f"{at}/{action}", **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert access.airflow.asked == []


def test_a_forged_form_does_nothing(browse: Callable[..., Any], news: Context, access: Any) -> None:
    at, browser = "/partition/wakala/2026-03-03", browse(news)
    token = re.search(r'name="form_token" value="(\w+)"', browser.get(at).text)
    assert token
    good = {"form_token": token[1]}
    for headers, data in (
        ({}, good),
        ({"origin": "https://evil.example"}, good),
        ({"sec-fetch-site": "cross-site"}, good),
        ({"sec-fetch-site": "same-origin"}, {}),
        ({"sec-fetch-site": "same-origin"}, {"form_token": "0" * 64}),
    ):
        answer = browser.post(f"{at}/run", data=data, headers=headers)
        assert answer.status_code == 403
    assert browse(news, None).post(f"{at}/run", data=good).status_code == 401
    assert browser.get(f"{at}/run").status_code == 405
    assert access.airflow.asked == []


def test_runs_are_shown_with_their_tasks(browse: Callable[..., Any], news: Context, access: Any) -> None:
    access.airflow.runs = [
        Run("news_wakala", "manual__2026-03-05T09:00:00+00:00", "running", "2026-03-03"),
        Run("news_wakala", "other", "failed", "2026-03-04"),
    ]
    shown = browse(news).get("/partition/wakala/2026-03-03/runs").text
    assert "manual__2026-03-05T09:00:00+00:00" in shown
    assert "gate_scrape" in shown
    assert "other" not in shown
    answer = browse(news).get("/run/news_wakala/manual__2026-03-05T09:00:00+00:00", follow_redirects=False)
    assert answer.headers["location"] == "/partition/wakala/2026-03-03"
    assert browse(news).get("/run/curate/x", follow_redirects=False).headers["location"] == "/"


# the source


def test_a_source_s_health_is_what_the_lake_says(news: Context) -> None:
    found = source_health("wakala", news, Cache(1000))
    three, four = (read_manifest(news.lake, Partition("wakala", date(2026, 3, d))) for d in (3, 4))
    assert three is not None
    assert four is not None
    assert found.outcomes == Counter(three.outcomes) + Counter(four.outcomes)
    assert found.mix_days == 2
    assert (found.last_day, found.due_day, found.is_late) == (date(2026, 3, 4), date(2026, 3, 3), False)
    assert found.newest_story is not None
    assert found.last_attempt is not None
    assert sum(found.methods.values()) > 0
    fills = {f.measure: f for f in found.fills}
    assert 0 < fills["titled"].value <= 1
    assert set(found.history) == {date(2026, 3, 3), date(2026, 3, 4)}
    assert len(found.days) == 60
    assert found.yaml.startswith("name: wakala")
    assert [r.name for r in found.routes] == ["feed: http://wakala.example/rss.xml"]
    assert found.routes[0].due_at is None  # never polled


def test_the_page_of_a_source(browse: Callable[..., Any], news: Context) -> None:
    shown = browse(news).get("/source/wakala").text
    assert shown.count("<svg") >= 5
    assert "politeness: {delay_s: 0.05, daily_budget: 500}" in shown
    assert "never asked" in shown
    assert " style=" not in shown
    ar = browse(news).get("/source/wakala?lang=ar").text
    assert "الأسماء في الخبر" in ar
    assert "names found a story" not in ar
    assert browse(news).get("/source/mujammi").status_code == 200  # nothing of it is in the lake
    assert browse(news).get("/dag/news_wakala", follow_redirects=False).headers["location"] == "/source/wakala"
    assert browse(news).get("/dag/curate", follow_redirects=False).headers["location"] == "/"


def test_a_check_is_shown_when_it_is_done(browse: Callable[..., Any], news: Context, access: Any) -> None:
    browser, airflow = browse(news), access.airflow
    browser.form("/source/wakala", "/source/wakala/check")
    at = "/source/wakala/check/manual__1"
    assert "queued" in browser.get(at).text
    airflow.runs = [Run("check", "manual__1", "failed", None)]
    assert "no route answers" in browser.get(at).text
    airflow.runs = [Run("check", "manual__1", "success", None)]
    route = {"route": "feed http://x", "is_ok": False, "count": 0, "dated": 0, "newest": None, "error": HOSTILE}
    story = {
        "url": "http://x/1", "is_ok": True, "problem": None, "title": "عنوان", "characters": 900, "paragraphs": 4,
        "published_at": None, "published_basis": None, "extraction_method": "container", "stories": 1,
    }  # fmt: skip
    airflow.found = {
        "source": "wakala",
        "is_ok": False,
        "routes": [route],
        "stories": [story],
        "opt_outs": ["robots: x"],
    }
    shown = browser.get(at).text
    assert "عنوان" in shown
    assert "<script>alert" not in shown
    assert browser.get("/source/mudawwana/check/manual__1").status_code == 404
    assert browser.get("/source/wakala/check/a%0ab").status_code == 404


# quarantine


def test_quarantine_is_counted_and_filtered(news: Context) -> None:
    everything = all_quarantined(DAY, news.lake)
    assert everything
    found = overview(DAY, ["wakala", "mudawwana"], news.lake, Cache(100))
    assert found.reasons == Counter(r.reason for r in everything)
    shown = page(Wanted(DAY), found, 0, news.lake, Cache(100)).rows
    assert Counter(shown) == Counter(everything)
    reason = everything[0].reason
    some = page(Wanted(DAY, reason=reason), found, 0, news.lake, Cache(100)).rows
    assert Counter(some) == Counter(r for r in everything if r.reason == reason)
    assert page(Wanted(DAY, dataset="links", reason=reason), found, 0, news.lake, Cache(100)).rows == ()


def test_many_rows_are_paged(own: Context, browse: Callable[..., Any]) -> None:
    rows = [
        Quarantined("articles", f"http://sahifa.example/{n:04}", "clean", "no_story", f"رقم {n}", ex.NAME, DAY)
        for n in range(2 * PAGE + 7)
    ]
    own.lake.write_rows_at(QUARANTINE, f"quarantine/articles/{ex.PARTITION.path}/stage.parquet", QUARANTINE.table(rows))
    ex.write_rows(own.lake, "raw", CAPTURES, [ex.capture(1)])
    found = overview(DAY, [ex.NAME], own.lake, Cache(100))
    assert found.reasons == {"no_story": 2 * PAGE + 7}
    seen: list[str] = []
    for offset in (0, PAGE, 2 * PAGE):
        got = page(Wanted(DAY), found, offset, own.lake, Cache(100))
        seen += [r.row_key for r in got.rows]
        assert got.has_more is (offset < 2 * PAGE)
    assert seen == [r.row_key for r in rows]
    shown = browse(own).get(f"/quarantine?day=2026-03-03&source={ex.NAME}&offset={PAGE}").text
    assert "0050" in shown
    assert "0049" not in shown
    assert "offset=100" in shown


def test_a_row_is_shown_with_what_it_was(browse: Callable[..., Any], own: Context, news: Context) -> None:
    browser = browse(news)
    shown = browser.get("/quarantine?day=2026-03-03&source=mudawwana").text
    links = [unescape(x) for x in re.findall(r'href="(/quarantine/mudawwana/2026-03-03\?[^"]+)"', shown)]
    assert links
    for link in links:
        answer = browser.get(link)
        assert answer.status_code == 200
        assert "The page it comes from" in answer.text
    assert browser.get("/quarantine/wakala/2026-03-03?dataset=articles&key=nothing").status_code == 404
    assert browser.get("/quarantine/wakala/2026-03-03").status_code == 400
    block(own)
    assert browse(own).get("/quarantine?day=2026-03-05&dataset=%22%3E%3Cscript%3E").text.count("<script>") == 0


def test_a_row_leads_to_its_page_under_x_ray_and_to_its_story(browse: Callable[..., Any], own: Context) -> None:
    story = own.lake.read_table("published", ARTICLES, WAKALA).to_pylist()[0]
    here = {"source": WAKALA.source, "date": DAY, "stage": "gate", "reason": "made_up", "evidence": "-"}
    keys = {
        "page": (ARTICLES, story["url"]),
        "gone": (ARTICLES, "http://wakala.example/never-captured"),
        "part": (QUOTATIONS, f"{story['article_id']}|1|2|direct"),
        "lost": (QUOTATIONS, f"{'0' * 32}|1|2|direct"),
    }
    for dataset in (ARTICLES, QUOTATIONS):
        rows = [Quarantined(dataset=d.name, row_key=key, **here) for d, key in keys.values() if d is dataset]
        own.lake.write_rows_at(QUARANTINE, quarantine_path(dataset, WAKALA, "gate"), QUARANTINE.table(rows))
    browser, led = browse(own), {}
    for name, (dataset, key) in keys.items():
        shown = browser.get("/quarantine/wakala/2026-03-03", params={"dataset": dataset.name, "key": key})
        assert shown.status_code == 200
        led[name] = {x for x in links_of(shown.text) if x.startswith(("/xray?", "/article/"))}
    (page_link,) = led["page"]
    assert 'srcdoc="' in browser.get(page_link).text
    article = f"/article/wakala/2026-03-03/{story['article_id']}"
    assert article in led["part"]
    assert browser.get(article).status_code == 200
    assert page_link in led["part"]
    assert led["gone"] == led["lost"] == set()
