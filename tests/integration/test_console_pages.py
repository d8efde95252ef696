"""The console's pages for readers, through a running Airflow: search, article and X-ray, and their files."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import requests

import example_rows as ex
from browser import Tab
from integration.console_world import DAY, NEIGHBOUR, USERS, World, check_page
from integration.test_airflow import until, wait
from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, Article
from marsad.console.article import article_path
from marsad.console.export import EXPORT_COLUMNS
from marsad.dataset import rows_of
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import read_manifest

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]
HERE = Partition("wakala", date.fromisoformat(DAY))
WORDS = "محطة التحلية"
"""They stand in one story of wakala's, and in the neighbour's copy of it."""
GOLDEN = Path(__file__).parents[1] / "clean" / "golden"
OWN = GOLDEN / "split_two_articles.html"
"""A page that is brought along: a story within a story."""


@pytest.fixture(scope="module")
def story(world: World) -> Article:
    """The story of these pages, published by Airflow and curated; it has been told otherwise before."""
    if read_manifest(world.lake, HERE) is None:  # else test_console has run the day
        wait(world.client, world.client.trigger("news_wakala", DAY))
    until(lambda: read_manifest(world.lake, Partition(ALL_SOURCES, HERE.date)) is not None)
    rows = rows_of(world.lake.read_table("published", ARTICLES, HERE), Article)
    at, found = next((n, row) for n, row in enumerate(rows) if WORDS in (row.title or ""))
    rows[at] = replace(found, version=2)
    before = ex.article_version(
        article_id=found.article_id, source=HERE.source, date=HERE.date, title=found.title,
        body=found.body.replace(WORDS, "المحطة"),
    )  # fmt: skip
    ex.write_rows(world.lake, "published", ARTICLES, rows, HERE)
    ex.write_rows(world.lake, "published", ARTICLE_VERSIONS, [before], HERE)
    return rows[at]


def paths_of(story: Article) -> dict[str, str]:
    """The pages, each with all that it can show."""
    return {
        "search": f"/search?words={WORDS}&speaker=سامي الخطيب",
        "article": article_path(story.source, story.date, story.article_id),
        "captures": f"/xray?source=wakala&day={DAY}",
        "xray": f"/xray?source=wakala&day={DAY}&url={story.url}",
    }


def test_every_role_reads_stories_and_nobody_without_a_login(world: World, story: Article) -> None:
    files = {form: f"/search/export/{form}?words={WORDS}" for form in ("csv", "parquet")}
    for path in {**paths_of(story), **files}.values():
        for headers in ({}, {"Authorization": "Bearer no"}):
            answer = requests.get(world.console + path, headers=headers, timeout=60, allow_redirects=False)
            assert (answer.status_code, answer.text) == (303, "")
            assert "/auth/login" in answer.headers["location"]
    assert world.send(world.session(None), "/xray", "/xray", file=OWN.read_bytes()).status_code == 401
    for user in USERS:
        reader = world.session(user)
        for path in {**paths_of(story), **files}.values():
            answer = reader.get(world.console + path, timeout=60)
            assert answer.status_code == 200, (user, path, answer.text)
        assert len(pq.read_table(io.BytesIO(answer.content))) == 2
        seen = world.send(reader, "/xray", "/xray", file=OWN.read_bytes(), source="wakala")
        assert (seen.status_code, user in seen.text) == (200, True)
        assert 'class="as-embedded"' in seen.text
        file = {"page": OWN.read_bytes()}
        origin = {"Origin": world.airflow.url}
        assert reader.post(f"{world.console}/xray", files=file, headers=origin, timeout=60).status_code == 403


SHOWN = """[...document.querySelectorAll('.story span')]
    .filter(s => getComputedStyle(s).outlineStyle === 'solid' && s.textContent)
    .filter(s => s.getBoundingClientRect().top >= 0 && s.getBoundingClientRect().bottom <= innerHeight)
    .map(s => s.textContent)"""
"""The places in the text that a link has led to, and that are in sight."""


def test_a_story_is_found_opened_and_read_by_keyboard_alone(world: World, tab: Tab, story: Article) -> None:
    tab.go(f"{world.console}/search?lang=en")
    # the first key shows a way past the navigation
    tab.press("Tab")
    assert tab.js("document.activeElement.matches('.skip') && document.activeElement.getBoundingClientRect().left >= 0")
    tab.press("Enter")
    tab.press("Tab")
    assert tab.js("document.activeElement.name") == "words"
    tab.write(WORDS)
    tab.tab_to("e.name === 'speaker'")
    tab.write("الخطيب")
    tab.tab_to("e.name === 'source'")
    tab.press("ArrowDown")
    assert tab.js("document.activeElement.value") == NEIGHBOUR
    tab.press("ArrowUp")
    tab.follow("e.tagName === 'BUTTON'")
    assert tab.js("document.querySelectorAll('.hits > li').length") == 2
    assert tab.js("[...document.querySelectorAll('.hits mark')].some(m => m.textContent === 'التحلية')")
    assert tab.js("document.querySelectorAll('.hits q').length") >= 2
    tab.follow(f"e.closest('.hits') && e.href.includes('/article/wakala/{DAY}/{story.article_id}')")
    assert tab.js("document.querySelector('h1').textContent.trim()") == story.title
    ground = "getComputedStyle(document.querySelector('.story .m-quotation')).backgroundColor"
    marked = tab.js(ground)
    tab.tab_to("e.id === 'show-quotation'")
    tab.press(" ")
    assert tab.js(ground) == "rgba(0, 0, 0, 0)" != marked
    tab.press(" ")
    assert tab.js(ground) == marked
    tab.tab_to("(e.hash || '').startsWith('#quotation-')")
    found = tab.js("document.activeElement.textContent")
    tab.press("Enter")
    tab.until(lambda: tab.js(SHOWN))
    assert tab.js(SHOWN)[0] in found
    assert tab.js("['versions', 'copies', 'event'].every(id => document.getElementById(id))")
    tab.follow("e.tagName === 'BUTTON'")
    assert tab.url().endswith("?old=1&new=2#versions")
    assert tab.js("document.querySelector('.versions del').textContent.trim()") == "المحطة"
    assert tab.faults == []


def test_what_is_found_is_kept_as_files_by_keyboard_alone(
    world: World, tab: Tab, story: Article, tmp_path: Path
) -> None:
    tab.go(f"{world.console}/search?words={WORDS}&source=wakala&lang=en")
    tab.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    for form in ("csv", "parquet"):
        tab.tab_to(f"(e.href || '').includes('/search/export/{form}?')")
        tab.press("Enter")
        tab.until(lambda form=form: (tmp_path / f"marsad-search.{form}").exists())
    (kept,) = pq.read_table(tmp_path / "marsad-search.parquet").to_pylist()
    assert list(kept) == list(EXPORT_COLUMNS)
    assert (kept["article_id"], kept["version"], kept["body"]) == (story.article_id, 2, story.body)
    with (tmp_path / "marsad-search.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert list(row) == list(EXPORT_COLUMNS)
    assert (row["title"], row["body"]) == (story.title, story.body)
    assert tab.faults == []


def test_pages_are_put_under_x_ray_by_keyboard_alone(world: World, tab: Tab, story: Article) -> None:
    tab.go(f"{world.console}{paths_of(story)['article']}?lang=en")
    tab.follow("(e.href || '').includes('/xray?source=')")
    assert story.title in tab.js("document.querySelector('.beside iframe').srcdoc")
    assert tab.js("[...new Set([...document.querySelectorAll('.blocks > li')].map(li => li.className))].length") >= 4
    # the page and the list beside it are scrolled by keys, and neither holds the focus
    tab.tab_to("e.tagName === 'IFRAME'")
    before = tab.picture(world.pictures / "top.png")
    for _ in range(20):
        tab.press("ArrowDown")
    tab.until(lambda: tab.picture(world.pictures / "scrolled.png") != before)
    tab.tab_to("e.matches('.blocks')", 1)
    tab.press("ArrowDown")
    tab.until(lambda: tab.js("document.activeElement.scrollTop > 0"))
    # without an address the form lists what was captured
    tab.tab_to("e.name === 'url' && e.form.method === 'get'")
    tab.press("Backspace")
    tab.follow("e.tagName === 'BUTTON'")
    assert "Captures (" in tab.text()
    tab.tab_to("e.name === 'words'")
    tab.write(story.url[-4:])
    before = tab.loads
    tab.press("Enter")
    tab.wait_for_load(before)
    assert "Captures (1)" in tab.text()
    tab.follow("e.closest('table')")
    assert story.title in tab.js("document.querySelector('.beside iframe').srcdoc")
    assert tab.faults == []


def bring(tab: Tab) -> None:
    """Put a page of one's own under X-ray, by keyboard alone."""
    tab.tab_to("e.type === 'file'")
    tab.give_file(OWN)
    tab.tab_to("e.name === 'source' && e.form.method === 'post'")
    tab.press("ArrowDown")
    assert tab.js("document.activeElement.value") == NEIGHBOUR
    tab.follow("e.tagName === 'BUTTON'")
    assert OWN.name in tab.text()
    assert tab.js("document.querySelectorAll('.blocks > .as-embedded').length") > 0


def test_pages_for_readers_are_whole_in_both_languages_and_both_lights(world: World, tab: Tab, story: Article) -> None:
    tab.asked.clear()
    for name, path in {**paths_of(story), "upload": "/xray"}.items():
        for language in ("en", "ar"):
            tab.go(f"{world.console}{path}{'&' if '?' in path else '?'}lang={language}")
            if name == "upload":
                bring(tab)
            for dark in (False, True):
                check_page(world, tab, name, language, dark=dark)
    tab.look(dark=False)
    tab.go(f"{world.console}/search?lang=en")
    assert {url for url in tab.asked if not url.startswith((world.airflow.url, "data:", "about:"))} == set()
