"""The article's page: what it shows of a real published day, and that no story can act on who reads it."""

from __future__ import annotations

import html
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import example_rows as rows
from hostile_texts import TEXTS, URLS, faults_of
from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, CUTS, LINKS, Image
from marsad.console.article import amount, compare_versions, read_article, safe_address
from marsad.console.words import words
from marsad.context import Context
from marsad.curate.record import DUPLICATES, STORIES, STORY_MEMBERS
from marsad.errors import MissingPartition
from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES
from marsad.partition import ALL_SOURCES, Partition
from warehouse_lake import publish

SAMPLE = Path(__file__).parents[2] / "docs" / "sample"
HERE = Partition("wakala", rows.DAY)
COPIED = "be86cdd53ced5ff078b0"
"""A story of the sample that another source copies, and that two tell."""


@pytest.fixture
def sample(make_context: Callable[..., Context], tmp_path: Path) -> Context:
    """The published sample day."""
    shutil.copytree(SAMPLE / "published", tmp_path / "lake" / "published")
    return make_context(tmp_path / "lake")


def wakala(row: Any, **other: Any) -> Any:
    return replace(row, source="wakala", **other)


def publish_story(ctx: Context, **other: Any) -> str:
    """A day of wakala with one story and all that can be found in it; the story's path."""
    found = wakala(rows.article(), **other)
    fits = "body" not in other
    publish(
        ctx.lake,
        HERE,
        {
            ARTICLES: [found],
            QUOTATIONS: [wakala(rows.quotation())] if fits else [],
            MENTIONS: [wakala(rows.mention())] if fits else [],
            TIMEXES: [wakala(rows.timex())] if fits else [],
            QUANTITIES: [wakala(rows.quantity())] if fits else [],
            KEYPHRASES: [wakala(rows.keyphrase())],
            LINKS: [wakala(rows.link())],
            CUTS: [wakala(rows.cut())],
            ARTICLE_VERSIONS: [],
        },
    )
    return f"/article/wakala/{rows.DAY}/{found.article_id}"


def test_a_story_of_the_sample(sample: Context, browse: Callable[..., Any]) -> None:
    page = browse(sample).get(f"/article/wakala/{rows.DAY}/{COPIED}")
    assert page.status_code == 200
    assert faults_of(page.text) == []
    assert 'id="quotation-1"' in page.text
    assert 'href="#quotation-1"' in page.text
    assert 'title="said by سامي الخطيب"' in page.text
    assert 'class="m-mention m-mention-org m-speaker"' in page.text or "m-mention-org" in page.text
    assert "300,000 نسمة" in page.text
    # the copy, which is a story of the same event too, is led to
    assert f"/article/mujammi/{rows.DAY}/e2a2386f67323be1d2c5" in page.text
    assert 'id="copies"' in page.text
    assert 'id="event"' in page.text
    arabic = browse(sample, **{"accept-language": "ar"}).get(f"/article/wakala/{rows.DAY}/{COPIED}")
    assert '<html lang="ar" dir="rtl">' in arabic.text
    # apart from what is around it, so that a line keeps its order in either direction
    assert '</a> <span class="dim">· <bdi>mujammi</bdi> · <bdi>2026-03-03</bdi>' in arabic.text


def test_every_story_of_the_sample_is_whole_on_its_page(sample: Context) -> None:
    for source in ("wakala", "mujammi", "qadim", "mudawwana"):
        partition = Partition(source, rows.DAY)
        for row in sample.lake.read_table("published", ARTICLES, partition).to_pylist():
            page = read_article(sample.lake, partition, row["article_id"], words("ar"), readable=sample.sources)
            text = "\n\n".join("".join(p.text for p in pieces) for pieces in page.text.paragraphs)
            assert text == row["body"]
            assert page.text.misplaced == ()


def test_who_may_not_read_a_source_sees_neither_its_story_nor_its_copy(
    sample: Context, browse: Callable[..., Any], access: Any
) -> None:
    access.reads["omar"] = ("wakala",)
    browser = browse(sample, "omar")
    copy = f"/article/mujammi/{rows.DAY}/e2a2386f67323be1d2c5"
    assert browser.get(copy).status_code == 404
    page = browser.get(f"/article/wakala/{rows.DAY}/{COPIED}").text
    assert copy not in page
    assert "in sources that you may not read" in page


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"/article/wakala/{rows.DAY}/nothing", 404),
        (f"/article/wakala/{rows.DAY}/..%2f..%2fx", 404),
        (f"/article/wakala/{rows.DAY}/%27%20OR%201%3D1", 404),
        ("/article/wakala/2026-02-31/x", 400),
        ("/article/wakala/..%2f..%2fetc/x", 404),
        ("/article/wakala/..../x", 400),
        (f"/article/..%2f/{rows.DAY}/x", 404),
        (f"/article/WAKALA/{rows.DAY}/x", 404),
        ("/article/wakala/2020-01-01/x", 404),
        (f"/article/wakala/{rows.DAY}/{COPIED}?old=x", 400),
        (f"/article/wakala/{rows.DAY}/{COPIED}?old=99999999999999999999&new=-1", 200),
    ],
)
def test_addresses_that_name_nothing(sample: Context, browse: Callable[..., Any], path: str, code: int) -> None:
    answer = browse(sample).get(path)
    assert answer.status_code == code
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_texts_are_shown_and_do_nothing(empty: Context, browse: Callable[..., Any], text: str) -> None:
    body = f"{text}\n\nفقرة {text}"
    path = publish_story(
        empty, title=text, lead=text, body=body, paragraphs=tuple(body.split("\n\n")), authors=(text,), section=text,
        keywords=(text,), attributions=(text,), dateline=text, language=text, url=text, canonical_url=text,
        images=(Image(text, text),), extraction_method=text,
    )  # fmt: skip
    span = {"start": 0, "end": len(text), "text": text}
    for dataset, row in (
        (MENTIONS, rows.mention(**span, name=text, type=text, country=text)),
        (QUOTATIONS, rows.quotation(**span, speaker=text, speaker_name=text, cue=text, kind=text, reported_by=text)),
        (TIMEXES, rows.timex(**span, value=text, basis=text, kind=text)),
        (QUANTITIES, rows.quantity(**span, unit=text, kind=text)),
        (KEYPHRASES, rows.keyphrase(phrase=text)),
        (LINKS, rows.link(title=text, url=text)),
        (CUTS, rows.cut(rule=text, text=text)),
        (ARTICLE_VERSIONS, rows.article_version(title=text, body=text, version=1)),
    ):
        empty.lake.write_table("published", dataset, HERE, dataset.table([wakala(row)]))
    publish(empty.lake, Partition(ALL_SOURCES, rows.DAY), {
        DUPLICATES: [rows.duplicate(1, source="wakala", basis=text, origin=text), rows.duplicate(2, source="wakala", basis=text)],
        STORIES: [rows.story(1, title=text, places=(text,), people=(text,), keywords=(text,))],
        STORY_MEMBERS: [replace(rows.story_member(1), source="wakala", evidence=text)],
    })  # fmt: skip
    for language in ("en", "ar"):
        page = browse(empty, **{"accept-language": language}).get(path)
        assert page.status_code == 200
        assert faults_of(page.text) == []
        assert text in html.unescape(page.text)  # as it is: no template in a template either
        assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("url", URLS)
def test_no_link_leads_to_a_hostile_address(empty: Context, browse: Callable[..., Any], url: str) -> None:
    path = publish_story(empty, url=url, canonical_url=url, images=(Image(url, "صورة"),))
    empty.lake.write_table("published", LINKS, HERE, LINKS.table([wakala(rows.link(url=url))]))
    page = browse(empty).get(path)
    assert faults_of(page.text) == []
    assert page.text.count('target="_blank"') == 0 or safe_address(url) is not None


@pytest.mark.parametrize(
    "url", [*URLS[:2], *URLS[3:], "http:///x", "https://", "ftp://a.example/", "http://a.example:x/", None, ""]
)
def test_only_addresses_of_the_web_are_links(url: str | None) -> None:
    assert safe_address(url) is None


def test_findings_of_another_publication_are_not_marked_but_counted(empty: Context, browse: Callable[..., Any]) -> None:
    path = publish_story(empty)
    empty.lake.write_table("published", MENTIONS, HERE, MENTIONS.table([wakala(rows.mention(start=0, end=3))]))
    page = browse(empty).get(path)
    assert "1 findings do not fit this text" in page.text
    assert 'class="m-mention' not in page.text.split("<aside")[0]


def test_versions_stand_side_by_side(empty: Context, browse: Callable[..., Any]) -> None:
    path = publish_story(empty, version=3)
    versions = [
        wakala(rows.article_version(1, version=1, title="عنوان أول")),
        wakala(rows.article_version(1, version=2, body=rows.BODY.replace("40 شخصا", "30 شخصا"))),
    ]
    empty.lake.write_table("published", ARTICLE_VERSIONS, HERE, ARTICLE_VERSIONS.table(versions))
    page = browse(empty).get(path).text
    assert "<del>30</del>" in page
    assert "<ins>40</ins>" in page
    assert "عنوان أول" not in page
    assert "عنوان أول" in browse(empty).get(f"{path}?old=1&new=2").text
    found = read_article(empty.lake, HERE, path.rsplit("/", 1)[1], words("en"), readable=())
    for old, new, shown in (
        (0, 0, (2, 3)),
        (1, 0, (1, 3)),
        (3, 1, (3, 1)),
        (7, 9, (2, 3)),
        (3, 3, (2, 3)),
        (1, 1, (2, 1)),
    ):
        comparison = compare_versions(found, old, new)
        assert comparison is not None
        assert comparison.old != comparison.new
        assert comparison.new == shown[1]


def test_an_original_that_stood_alone_on_its_day_is_found(empty: Context) -> None:
    publish_story(empty)
    before = Partition("mujammi", rows.DAY - timedelta(days=3))
    original = replace(rows.article(7, title="الأصل"), source="mujammi", date=before.date)
    publish(empty.lake, before, {ARTICLES: [original]})
    copy = rows.duplicate(
        1, source="wakala", original_id=original.article_id, origin="mujammi", relation="wire_copy", group_id="g"
    )
    publish(empty.lake, Partition(ALL_SOURCES, rows.DAY), {DUPLICATES: [copy]})
    page = read_article(empty.lake, HERE, rows.article_id(1), words("en"), readable=("wakala", "mujammi"))
    assert page.copies is not None
    assert [(o.source, o.date, o.title) for o in page.copies.others] == [("mujammi", before.date, "الأصل")]
    hidden = read_article(empty.lake, HERE, rows.article_id(1), words("en"), readable=("wakala",))
    assert hidden.copies is not None
    assert hidden.copies.others == []


def test_a_day_that_is_not_published_has_no_page(empty: Context) -> None:
    with pytest.raises(MissingPartition, match="not published"):
        read_article(empty.lake, HERE, rows.article_id(1), words("en"), readable=())


def test_quantities_in_figures() -> None:
    assert amount(rows.quantity()) == "250,000 USD"
    assert amount(rows.quantity(value=None, low=40.0, high=60.0, unit=None)) == "40–60"
    assert amount(rows.quantity(value=None, low=100.0, is_approximate=True, unit="شخص")) == "≈ ≥ 100 شخص"
    assert amount(rows.quantity(value=None, unit=None)) == "؟"
