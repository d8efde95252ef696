"""Corrections: what a site changes after the fact is noticed, published anew, and what stood before is kept."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from hostile_site import HostileSite, answer, source
from marsad import pipeline
from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES
from marsad.context import Context
from marsad.errors import LakeUnusable
from marsad.lake import Lake
from marsad.operate.corrections import Corrected, correct
from marsad.partition import Partition
from marsad.scrape.record import CAPTURES
from marsad.scrape.revisits import VISITS, due, read_visits
from marsad.settings import Settings

DAY = date(2026, 3, 3)
NIGHT = datetime(2026, 3, 3, 22, 5, tzinfo=UTC)  # 00:05 in Beirut: the daily run
PARTITION = Partition("site", DAY)
FIRST = "قال رئيس بلدية الميناء إن عدد السفن التي رست في المرفأ خلال الشهر الماضي بلغ أربعين سفينة."
MENDED = "قال رئيس بلدية الميناء إن عدد السفن التي رست في المرفأ خلال الشهر الماضي بلغ خمسين سفينة."


def story(text: str, number: int = 1, noise: str = "") -> bytes:
    """A page with one story; ``noise`` stands around it."""
    return f"""<!doctype html><html lang=ar><head><title>حركة المرفأ تتحسن للشهر الثالث {number}</title>
<meta property="article:published_time" content="2026-03-03T09:00:00+02:00"></head><body>
<nav>{noise}</nav><article><h1>حركة المرفأ تتحسن للشهر الثالث {number}</h1>
<p>{text}</p><p>وأضاف في مؤتمر صحفي عقده صباح الثلاثاء أن الأعمال في الرصيف الجديد تنتهي قبل الصيف، وأن الشركة المنفذة
التزمت بالجدول الذي أعلنته في مطلع العام.</p><p>ويعد المرفأ من أقدم مرافئ الساحل، وتعمل فيه نحو ثلاثمئة أسرة من المدينة.</p>
</article></body></html>""".encode()


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NIGHT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def site() -> Iterator[HostileSite]:
    with HostileSite() as hostile:
        yield hostile


@pytest.fixture
def clock() -> Clock:
    return Clock()


def begin(site: HostileSite) -> None:
    """Three stories, and the sitemap that lists them."""
    urls = "".join(f"<url><loc>http://site.example/{n}</loc></url>" for n in (1, 2, 3))
    site.put("/2026-03-03.xml", f"<urlset>{urls}</urlset>".encode(), kind="application/xml")
    for n in (1, 2, 3):
        site.put(f"/{n}", story(FIRST, n), ETag=f'"{n}"')


def context(site: HostileSite, clock: Clock, lake: Path) -> Context:
    facts = source({"sitemap": "http://site.example/{year}-{month:02}-{day:02}.xml"}, is_enabled=True)
    settings: Settings = site.settings(lake=str(lake), data_docs=False)
    return Context(settings=settings, lake=Lake(lake), sources={"site": facts}, now=clock)


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake after the daily run, to be copied."""
    lake = tmp_path_factory.mktemp("first") / "lake"
    with HostileSite() as site:
        begin(site)
        pipeline.run_partition(PARTITION, context(site, Clock(), lake))
    return lake


@pytest.fixture
def ctx(site: HostileSite, clock: Clock, first_day: Path, tmp_path: Path) -> Context:
    shutil.copytree(first_day, tmp_path / "lake")
    begin(site)
    return context(site, clock, tmp_path / "lake")


def published(ctx: Context) -> dict[str, str]:
    root = Path(str(ctx.lake.root)) / "published"
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*") if p.is_file()
    }


def versions(ctx: Context) -> dict[str, int]:
    rows = ctx.lake.read_table("published", ARTICLES, PARTITION).to_pylist()
    return {row["url"][-1]: row["version"] for row in rows}


def go(ctx: Context) -> list[Corrected]:
    return list(correct(ctx))


def test_nothing_is_asked_before_an_hour(ctx: Context, clock: Clock, site: HostileSite) -> None:
    clock.now += timedelta(minutes=59)
    assert go(ctx) == []
    assert site.log == []


def test_a_corrected_story_is_published_anew_and_the_old_text_is_kept(
    ctx: Context, clock: Clock, site: HostileSite
) -> None:
    assert versions(ctx) == {"1": 1, "2": 1, "3": 1}
    site.put("/2", story(MENDED, 2), ETag='"2b"')
    clock.now += timedelta(hours=1)
    (done,) = go(ctx)
    assert done.is_rewritten
    assert [(v.url[-1], v.outcome, v.is_changed, v.step) for v in done.visits] == [
        ("1", "unchanged", False, 1),
        ("2", "captured", True, 1),
        ("3", "unchanged", False, 1),
    ]
    assert versions(ctx) == {"1": 1, "2": 2, "3": 1}
    (old,) = ctx.lake.read_table("published", ARTICLE_VERSIONS, PARTITION).to_pylist()
    assert "أربعين" in old["body"]
    assert (old["version"], old["captured_at"]) == (1, NIGHT)
    new = next(r for r in ctx.lake.read_table("published", ARTICLES, PARTITION).to_pylist() if r["url"].endswith("/2"))
    assert "خمسين" in new["body"]
    assert new["article_id"] == old["article_id"]
    # the history follows from the captures: the same when the day is made again
    before = published(ctx)
    pipeline.rewrite(PARTITION, ctx)
    assert published(ctx) == before
    # and a run that goes on from the archive does not ask, nor forget
    pipeline.run_partition(PARTITION, ctx)
    assert published(ctx) == before


def test_a_story_that_changes_back_has_three_versions(ctx: Context, clock: Clock, site: HostileSite) -> None:
    for hours, text in ((1, MENDED), (6, FIRST)):
        site.put("/2", story(text, 2), ETag=f'"{hours}"')
        clock.now = NIGHT + timedelta(hours=hours)
        assert [d.is_rewritten for d in go(ctx)] == [True]
    assert versions(ctx)["2"] == 3
    rows = ctx.lake.read_table("published", ARTICLE_VERSIONS, PARTITION).to_pylist()
    assert [(r["version"], "أربعين" in r["body"]) for r in rows] == [(1, True), (2, False)]


def test_what_changes_around_the_story_changes_nothing(ctx: Context, clock: Clock, site: HostileSite) -> None:
    before, warcs = published(ctx), ctx.lake.list("raw/warc", "**/*")
    for n in (1, 2, 3):
        site.put(f"/{n}", story(FIRST, n, noise="<a href='/9999'>إعلان جديد</a>"))
    clock.now += timedelta(hours=1)
    (done,) = go(ctx)
    assert not done.is_rewritten
    assert [(v.outcome, v.is_changed) for v in done.visits] == [("captured", False)] * 3
    assert published(ctx) == before
    assert ctx.lake.list("raw/warc", "**/*") == warcs


def test_requests_are_conditional(ctx: Context, clock: Clock, site: HostileSite) -> None:
    sent: list[str | None] = []

    def act(handler: BaseHTTPRequestHandler) -> None:
        sent.append(handler.headers.get("If-None-Match"))
        answer(b"", 304, kind=None)(handler)

    for n in (1, 2, 3):
        site.acts[f"/{n}"] = act
    clock.now += timedelta(hours=1)
    (done,) = go(ctx)
    assert sent == ['"1"', '"2"', '"3"']
    assert {v.outcome for v in done.visits} == {"unchanged"}


def test_a_story_that_is_withdrawn_stays_with_a_note_and_is_not_asked_again(
    ctx: Context, clock: Clock, site: HostileSite
) -> None:
    before = published(ctx)
    site.put("/3", b"", 410)
    clock.now += timedelta(hours=1)
    go(ctx)
    assert {v.url[-1]: v.outcome for v in read_visits(PARTITION, ctx.lake)}["3"] == "gone"
    assert published(ctx) == before
    site.log.clear()
    clock.now += timedelta(hours=6)
    go(ctx)
    assert "/3" not in site.paths()


def test_each_look_is_taken_once_and_missed_ones_are_one(ctx: Context, clock: Clock, site: HostileSite) -> None:
    for hours, looks in ((1, 3), (1.5, 0), (30, 3), (31, 0), (7 * 24, 3), (9 * 24, 0)):
        clock.now = NIGHT + timedelta(hours=hours)
        assert sum(len(d.visits) for d in go(ctx)) == looks, hours
    assert sorted({v.step for v in read_visits(PARTITION, ctx.lake)}) == [1, 3, 4]


def test_a_page_that_fails_is_on_record_and_the_next_look_comes(ctx: Context, clock: Clock, site: HostileSite) -> None:
    site.put("/1", b"", 500)
    clock.now += timedelta(hours=1)
    (done,) = go(ctx)
    assert next((v.url[-1], v.outcome) for v in done.visits) == ("1", "http_error")
    site.put("/1", story(MENDED, 1))
    clock.now += timedelta(hours=6)
    assert [d.is_rewritten for d in go(ctx)] == [True]
    assert versions(ctx)["1"] == 2


class Killed(BaseException):
    pass


class MortalLake(Lake):
    """A lake that dies before its nth write."""

    left = 0

    def write_bytes(self, relative: str, data: bytes) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1
        super().write_bytes(relative, data)


@pytest.mark.slow
@pytest.mark.parametrize("writes", [0, 1, 2, 3, 4, 6, 12, 25])
def test_killed_anywhere_and_called_again_the_correction_is_published(
    ctx: Context, clock: Clock, site: HostileSite, writes: int
) -> None:
    site.put("/2", story(MENDED, 2), ETag='"2b"')
    clock.now += timedelta(hours=1)
    mortal = MortalLake(ctx.lake.root)
    mortal.left = writes
    with pytest.raises(Killed):
        go(replace(ctx, lake=mortal))
    go(ctx)
    assert versions(ctx) == {"1": 1, "2": 2, "3": 1}
    assert ctx.lake.read_table("published", ARTICLE_VERSIONS, PARTITION).num_rows == 1
    rows = ctx.lake.read_table("raw", CAPTURES, PARTITION)
    assert rows.num_rows == 3


def test_one_partition_that_cannot_be_read_hides_no_other(ctx: Context, clock: Clock, site: HostileSite) -> None:
    ctx.lake.write_bytes(ctx.lake.dataset_path("raw", CAPTURES, PARTITION), b"broken")
    clock.now += timedelta(hours=1)
    (done,) = go(ctx)
    assert done.error is not None
    assert "not a captures file" in done.error
    with pytest.raises(LakeUnusable):
        ctx.lake.read_table("raw", CAPTURES, PARTITION)


def test_no_time_spans_mean_never(ctx: Context, clock: Clock) -> None:
    clock.now += timedelta(hours=1)
    assert list(correct(replace(ctx, settings=ctx.settings.model_copy(update={"revisit_after_h": ()})))) == []


@pytest.mark.parametrize("hours", ["6,1", "0,1", "1,1", "x", "-3"])
def test_hours_out_of_order_are_refused(hours: str) -> None:
    with pytest.raises(ValueError, match=r"hours above 0|number"):
        Settings(revisit_after_h=hours)  # type: ignore[arg-type]


def test_what_lies_on_disk_or_in_a_web_archive_is_not_asked_again() -> None:
    import example_rows as ex

    make: Callable[..., Any] = ex.capture
    rows = [
        make(1, url="file:a.html"),
        make(2, url="http://archive.example/web/20260303080000id_/http://site.example/2"),
        make(3, outcome="not_found"),
        make(4),
    ]
    later = rows[0].fetched_at + timedelta(hours=2)
    assert [(c.url, step) for c, step in due(rows, [], [timedelta(hours=1)], later, {})] == [(ex.url(4), 1)]
    assert VISITS.key == ("url", "step")
