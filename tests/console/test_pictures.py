"""The README's pictures of the console, taken of the sample sites by a real browser: ``make pictures``."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from browser import CHROMIUM, Tab, chromium
from console.conftest import NOW, SAMPLE_SOURCES, FakeAccess
from marsad import pipeline
from marsad.clean.record import ARTICLES
from marsad.console.app import make_app
from marsad.console.article import article_path
from marsad.context import Context, open_context
from marsad.errors import MarsadError
from marsad.partition import Partition
from marsad.samples.server import SampleSites
from marsad.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")]
DAYS = (date(2026, 3, 3), date(2026, 3, 4))
DOWN = "mutaattil"
SIZE = (1200, 800)
MOST_BYTES = 200_000
"""Of a picture: they are in every clone."""
PLANT = "محطة التحلية"
"""Words of the headline that the pictures are about."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, sample_sites: SampleSites) -> Context:
    """All sample sites' two days, curated; one of the sites is down, and its days are held back."""
    root = tmp_path_factory.mktemp("pictures")
    settings = Settings(
        lake=str(root / "lake"),
        sources=(SAMPLE_SOURCES,),
        connect_to=sample_sites.connect_to,
        delay_scale=0,
        retry_base_s=0.01,
        data_docs=False,
        state=root / "state",
    )
    ctx = replace(open_context(settings), now=lambda: NOW)
    for day in DAYS:
        for name in sorted(set(ctx.sources) - {DOWN}):
            pipeline.run_partition(Partition(name, day), ctx)
        with pytest.raises(MarsadError):
            pipeline.run_partition(Partition(DOWN, day), ctx)
        pipeline.curate(day, ctx)
    return ctx


@contextmanager
def serve(ctx: Context) -> Iterator[str]:
    """The console on a port of its own: its address."""
    app = make_app(FakeAccess(), lambda: ctx)
    server = uvicorn.Server(uvicorn.Config(app, ws="none", lifespan="off", log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def tab(lake: Context, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tab, str]]:
    """A browser of layla's, and the console's address."""
    with serve(lake) as console, chromium(tmp_path_factory.mktemp("chromium")) as tab:
        tab.send("Network.setExtraHTTPHeaders", headers={"x-user": "layla"})
        width, height = SIZE
        tab.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        yield tab, console


@pytest.fixture
def take(tab: tuple[Tab, str], tmp_path: Path, pytestconfig: pytest.Config) -> Callable[..., Tab]:
    """``take(name, path, language, dark, scroll_to)``: open a page and take a picture of it."""
    folder = pytestconfig.getoption("pictures") or tmp_path
    folder.mkdir(parents=True, exist_ok=True)

    def make(name: str, path: str, *, language: str, dark: bool, scroll_to: str = "") -> Tab:
        at, console = tab
        at.look(dark=dark)
        at.go(f"{console}{path}{'&' if '?' in path else '?'}lang={language}")
        assert at.js("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
        if scroll_to:
            at.js(f"document.querySelector({scroll_to!r}).scrollIntoView()")
        made = at.picture(folder / f"{name}.png")
        assert (int.from_bytes(made[16:20]), int.from_bytes(made[20:24])) == SIZE
        assert 20_000 < len(made) < MOST_BYTES
        assert at.faults == []
        return at

    return make


def plant(ctx: Context, source: str) -> dict[str, Any]:
    """The story of a source on the plant."""
    rows = ctx.lake.read_table("published", ARTICLES, Partition(source, DAYS[0])).to_pylist()
    return next(dict(row) for row in rows if PLANT in (row["title"] or ""))


def test_the_day(take: Callable[..., Tab], lake: Context) -> None:
    shown = take("console-today", f"/?day={DAYS[-1]}&days=7", language="en", dark=False)
    cells = "[...document.querySelectorAll('td a')].map(a => [a.getAttribute('href'), a.textContent.trim()])"
    said = dict(shown.js(cells))
    for day in DAYS:
        for name in lake.sources:
            assert re.fullmatch(r"\D" if name == DOWN else r"\d+", said[f"/partition/{name}/{day}"]), name


def test_an_article(take: Callable[..., Tab], lake: Context) -> None:
    story = plant(lake, "wakala")
    path = article_path("wakala", DAYS[0], story["article_id"])
    shown = take("console-article", path, language="ar", dark=True)
    assert shown.js("document.querySelector('h1').textContent.trim()") == story["title"]
    for kind in ("quotation", "mention", "timex", "quantity"):
        assert shown.js(f"document.querySelectorAll('.story .m-{kind}').length") > 0, kind


def test_a_page_under_x_ray(take: Callable[..., Tab], lake: Context) -> None:
    story = plant(lake, "mujammi")
    path = f"/xray?source=mujammi&day={DAYS[0]}&url={story['url']}"
    shown = take("console-xray", path, language="en", dark=False, scroll_to=".sorts")
    sorts = shown.js("[...new Set([...document.querySelectorAll('.blocks > li')].map(li => li.className))]")
    assert {"as-main", "as-embedded", "as-read-more", "as-related"} <= set(sorts)
    assert story["title"] in shown.js("document.querySelector('.beside iframe').srcdoc")
