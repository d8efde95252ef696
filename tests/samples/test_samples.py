"""The sample sites are sound input: every listed page answers as its golden record says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from marsad.curate.shingles import fingerprint, words
from marsad.samples.golden import golden
from marsad.samples.sites import WEEKDAYS
from marsad.samples.sites.qadim import printed_date
from marsad.samples.stories import DAYS, load_stories

SITES = ("wakala", "mujammi", "qadim", "mudawwana")
STATUS = {"captured": 200, "robots_denied": 200, "duplicate": 200, "not_found": 404, "gone": 410}


def get(sites: Any, url: str, **options: Any) -> requests.Response:
    host, _, path = url.removeprefix("http://").partition("/")
    for _ in range(2):  # one page answers 503 the first time
        where = f"http://{sites.connect_to[host]}/{path}"
        answer = requests.get(where, timeout=10, allow_redirects=False, **options)
        if answer.status_code != 503:
            break
    if answer.status_code == 301:
        return get(sites, answer.headers["Location"], **options)
    return answer


def test_about_sixty_stories_over_two_days() -> None:
    stories = [s for site in SITES for s in load_stories(site) if s.day in DAYS[1:]]
    assert 55 <= len(stories) <= 70
    assert [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)] == list(DAYS)


@pytest.mark.parametrize("site", SITES)
def test_every_listed_page_answers(sample_sites: Any, site: str) -> None:
    pages = golden(site)
    assert len({p.url for p in pages}) == len(pages)
    for page in pages:
        assert get(sample_sites, page.url).status_code == STATUS[page.outcome], page.url


@pytest.mark.parametrize("site", SITES)
def test_every_golden_paragraph_is_on_its_page(sample_sites: Any, site: str) -> None:
    encoding = "cp1256" if site == "qadim" else "utf-8"
    for page in golden(site):
        if page.outcome != "captured" or page.is_live_blog:
            continue
        text = BeautifulSoup(get(sample_sites, page.url).content.decode(encoding), "lxml").get_text()
        for story in page.stories:
            assert story.title in text
            for paragraph in story.paragraphs or ():
                assert paragraph in text, page.url


def test_legacy_pages_declare_their_encoding_or_nothing(sample_sites: Any) -> None:
    declared = 0
    for page in golden("qadim"):
        answer = get(sample_sites, page.url)
        assert answer.headers["Content-Type"] == "text/html"
        declared += b"windows-1256" in answer.content
        with pytest.raises(UnicodeDecodeError):
            answer.content.decode("utf-8")
    assert 0 < declared < len(golden("qadim"))


def test_printed_weekdays_are_right() -> None:
    for story in load_stories("qadim"):
        assert printed_date(story).startswith(WEEKDAYS[story.day.weekday()])
    assert WEEKDAYS[date(2026, 3, 3).weekday()] == "الثلاثاء"


def test_days_named_in_the_text_are_right() -> None:
    """«اليوم الثلاثاء» stands only in stories of a Tuesday, «أمس الاثنين» the day after a Monday."""
    for site in SITES:
        for story in load_stories(site):
            text = " ".join(story.paragraphs)
            for number, name in enumerate(WEEKDAYS):
                assert f"اليوم {name}" not in text or story.day.weekday() == number, story
                assert f"أمس {name}" not in text or (story.day.weekday() - 1) % 7 == number, story


def test_only_syndicated_stories_repeat() -> None:
    own = [s for site in SITES for s in load_stories(site) if s.of is None]
    assert len({fingerprint(words(" ".join(s.paragraphs))) for s in own}) == len(own)
    assert sum(s.of is not None for s in load_stories("mujammi")) >= 12


def test_conditional_requests_and_unknown_paths(sample_sites: Any) -> None:
    url = golden("wakala")[0].url
    first = get(sample_sites, "http://wakala.example/news/3001")
    again = get(sample_sites, "http://wakala.example/news/3001", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["Content-Encoding"] == "gzip"
    assert get(sample_sites, url.rsplit("/", 1)[0] + "/0").status_code == 404


def test_the_site_that_is_down_refuses(sample_sites: Any) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{sample_sites.connect_to['mutaattil.example']}/", timeout=5)
