"""What only a browser can tell of the pages for readers: directions, marks that are hidden, places that keys reach."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

import example_rows as rows
from browser import CHROMIUM, Tab, chromium
from console.test_article import HERE, publish_story, wakala
from console.test_pictures import serve
from console.test_xray import WHERE, capture, page
from marsad.context import Context
from marsad.extract.record import MENTIONS

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
KINDS = ("quotation", "mention", "timex", "quantity")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("chromium")) as tab:
        tab.send("Network.setExtraHTTPHeaders", headers={"x-user": "layla"})
        yield tab


@pytest.fixture
def console(empty: Context) -> Iterator[str]:
    with serve(empty) as address:
        yield address


def test_a_story_runs_in_its_own_direction_in_either_interface(empty: Context, console: str, tab: Tab) -> None:
    path = publish_story(empty, authors=("سعاد نمر",), lead="السوق يفتح")
    for language in ("en", "ar"):
        tab.go(f"{console}{path}?lang={language}")
        parts = "[...document.querySelectorAll('.story, .story h1, .story p')]"
        assert set(tab.js(f"{parts}.map(e => getComputedStyle(e).direction)")) == {"rtl"}, language


def test_each_kind_of_mark_is_shown_or_hidden_also_where_kinds_overlap(empty: Context, console: str, tab: Tab) -> None:
    tab.go(f"{console}{publish_story(empty)}")
    for count in range(len(KINDS) + 1):
        for shown in itertools.combinations(KINDS, count):
            for kind in KINDS:
                tab.js(f"document.getElementById('show-{kind}').checked = {str(kind in shown).lower()}")
            for size in range(1, len(KINDS) + 1):
                for kinds in itertools.combinations(KINDS, size):
                    seen = tab.js(f"""(() => {{
                        const mark = document.createElement('span');
                        mark.className = '{" ".join(f"m-{kind}" for kind in kinds)}';
                        document.querySelector('.story p').append(mark);
                        const {{backgroundColor, textDecorationLine}} = getComputedStyle(mark);
                        mark.remove();
                        return [backgroundColor !== 'rgba(0, 0, 0, 0)', textDecorationLine === 'underline'];
                    }})()""")
                    wanted = {kind for kind in kinds if kind in shown}
                    assert seen == ["quotation" in wanted, bool(wanted - {"quotation"})], (shown, kinds)


def test_a_listed_finding_leads_to_its_place_also_where_another_begins(empty: Context, console: str, tab: Tab) -> None:
    path = publish_story(empty)
    said = rows.quotation()
    word = said.text.split()[0]
    first = rows.mention(start=said.start, end=said.start + len(word), text=word, name=word)
    empty.lake.write_table("published", MENTIONS, HERE, MENTIONS.table([wakala(first)]))
    tab.go(f"{console}{path}")
    ways = tab.js("[...document.querySelectorAll('.findings a')].map(a => a.hash)")
    assert {way.split("-")[0] for way in ways} == {f"#{kind}" for kind in KINDS}
    for way in ways:
        tab.js(f"location.hash = '{way}'")
        shown = (
            "[...document.querySelectorAll('.story span')].filter(s => getComputedStyle(s).outlineStyle === 'solid')"
        )
        (text,) = tab.js(f"{shown}.map(s => s.textContent)")
        assert text
        assert text in tab.js(f"document.querySelector('.findings a[href=\"{way}\"]').textContent")


def test_keys_reach_the_captured_page_in_its_frame_and_leave_it(empty: Context, console: str, tab: Tab) -> None:
    capture(empty, {"http://wakala.example/1": page("split_two_articles")})
    tab.go(f"{console}{WHERE}&url=http://wakala.example/1")
    tab.tab_to("e.tagName === 'IFRAME'")
    tab.tab_to("e.matches('.blocks')", most=1)
    # what stands in the frame, looked at by itself: nobody examines it through the sandbox
    frame = tab.js("document.querySelector('iframe').srcdoc")
    tab.go("about:blank")
    tab.send("Page.setDocumentContent", frameId=tab.send("Page.getFrameTree")["frameTree"]["frame"]["id"], html=frame)
    for dark in (False, True):
        tab.look(dark=dark)
        assert tab.barriers() == []
