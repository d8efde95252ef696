"""Every page of the sample sites, read as the careful reader who wrote them does."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from marsad.clean.page import Page, read_page
from marsad.samples.golden import GoldenPage, golden
from marsad.samples.server import SITES
from marsad.sources import load_sources

SOURCES = load_sources([Path(__file__).parent.parent.parent / "include" / "marsad" / "samples" / "sources"])
PAGES = [(site, page) for site in ("wakala", "mujammi", "qadim", "mudawwana") for page in golden(site)]
READABLE = [
    pytest.param(s, p, id=urlsplit(p.url).netloc + urlsplit(p.url).path) for s, p in PAGES if p.outcome == "captured"
]
UNSUPPORTED = ("/story/301", "/story/401")
"""Their unseparated keywords hold phrases that stand nowhere in the story: no reader can tell where one ends."""
ANSWERS = {host: answers() for host, answers in SITES.items()}


def read(site: str, gold: GoldenPage) -> Page:
    address = urlsplit(gold.url)
    host = address.hostname or ""
    answer = ANSWERS[host][address.path]
    if location := answer.headers.get("Location"):
        answer = ANSWERS[host][urlsplit(location).path]
    return read_page(answer.body, url=gold.url, content_type=answer.content_type, source=SOURCES[site])


@pytest.mark.parametrize(("site", "gold"), READABLE)
def test_stories_are_found_whole_and_apart(site: str, gold: GoldenPage) -> None:
    page = read(site, gold)
    if gold.reject:
        problem = page.stories[0].problem
        assert problem is not None
        assert problem.reason == gold.reject
        return
    assert [s.role for s in page.stories] == [s.role for s in gold.stories]
    for story, want in zip(page.stories, gold.stories, strict=True):
        assert story.title == want.title
        if want.paragraphs is not None:
            assert story.paragraphs == want.paragraphs
        if gold.url.endswith(UNSUPPORTED):
            assert " ".join(story.keywords) == " ".join(want.keywords)
        else:
            assert story.keywords == want.keywords
        assert (story.attributions, story.authors) == (want.attributions, want.authors)
        day = SOURCES[site].day_of(story.published_at) if story.published_at else None
        assert day == want.day
    assert (page.stories[0].is_live_blog, page.stories[0].is_paywalled) == (gold.is_live_blog, gold.is_paywalled)


@pytest.mark.parametrize(("site", "gold"), [p for p in READABLE if p.values[1].stories])
def test_headlines_of_other_stories_are_links(site: str, gold: GoldenPage) -> None:
    links = [x for s in read(site, gold).stories for x in s.links]
    assert tuple(x.title for x in links if x.kind == "read_more") == gold.read_more
    assert tuple(x.title for x in links if x.kind == "related") == gold.related
    assert all(x.url is None or x.url.startswith("http://") for x in links)
