"""Whatever the bytes: a page or UnreadablePage, in bounded time, and no cue line in a text."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marsad.clean.html import read_html
from marsad.clean.page import read_page
from marsad.clean.text import tidy, words
from marsad.errors import UnreadablePage

MODEST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PROSE = "وأعلنت الهيئة أن الأمطار الأخيرة رفعت منسوب السدود إلى أعلى مستوى تبلغه منذ خمسة أعوام."
CUES = [
    "المصدر: رويترز",
    "اقرأ أيضا:",
    "كلمات مفتاحية: سدود، أمطار",
    "مواضيع ذات صلة",
    "(أ ف ب)",
    "إقرأ المزيد عنوان خبر آخر",
]
TAGS = "<p> </p> <div> </div> <br> <a> </a> <ul><li> <h1> <h2> <table><tr><td> </table> <article> </article> <script> <!-- <"
MORE = "<div class='related'>|<a href='/x'>|<title>|&nbsp;|\u200f|\0|،|<hr>|\n\n|<time datetime='2026'>|<meta charset=cp1256>"
PIECES = st.sampled_from(
    [*TAGS.split(), *CUES, *MORE.split("|"), PROSE, PROSE + " (أ ف ب)", "الثلاثاء 3 مارس 2026", "عنوان قصير"]
)


@MODEST
@given(st.binary(max_size=600))
def test_any_bytes(content: bytes) -> None:
    try:
        page = read_page(content)
    except UnreadablePage:
        return
    assert page.stories[0].role == "main"


@MODEST
@given(st.lists(PIECES, max_size=60))
def test_any_html_gives_a_page_whose_text_is_on_it(pieces: list[str]) -> None:
    content = "\n".join(pieces)
    try:
        page = read_page(content.encode(), url="http://a.example/1")
    except UnreadablePage:
        return
    for story in page.stories:
        for text in story.paragraphs:
            assert text == tidy(text) != ""
            assert set(words(text)) <= set(words(content))


@MODEST
@given(
    st.lists(st.sampled_from([*CUES, *(f"{PROSE} {n}." for n in range(6)), "عنوان خبر آخر من القائمة"]), max_size=14)
)
@pytest.mark.parametrize("form", ["plain", "html"])
def test_no_paragraph_is_a_cue_line_and_none_is_lost(form: str, lines: list[str]) -> None:
    content = "\n\n".join(lines) if form == "plain" else "<div>" + "".join(f"<p>{x}</p>" for x in lines) + "</div>"
    try:
        page = read_page(content.encode())
    except UnreadablePage:
        return
    texts = [t for s in page.stories for t in s.paragraphs]
    assert not set(texts) & set(CUES)
    kept = {*texts, *(c.text for s in page.stories for c in s.cuts)}
    assert {x for x in lines if x.startswith(PROSE)} <= kept


@MODEST
@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    try:
        page = read_page(text.encode("utf-8", "surrogatepass"))
    except UnreadablePage:
        return
    again = "\n\n".join(page.stories[0].paragraphs)
    assert tidy(again) == tidy(tidy(again))


@pytest.mark.timed
@pytest.mark.parametrize(
    "html",
    [
        "<p>بداية</p>" + "<div>" * 50_000 + f"<p>{PROSE}</p>" + "</div>" * 50_000 + f"<p>{PROSE}</p>",
        "<b><p>" * 20_000 + PROSE,
        "<table><tr><td>" * 20_000 + PROSE,
        "<ul><li>" * 20_000 + PROSE,
        "<blockquote><p>نص" * 20_000,
        "<p " + " ".join(f"a{i}=1" for i in range(50_000)) + f">{PROSE}</p>",
        "<" * 500_000,
        "<a href='" * 100_000,
        "&amp" * 300_000,
        "<p>" + "كلمة " * 260_000 + "</p>",
        "<p>" + "ا" * 1_300_000 + "</p>",
        "المصدر: " * 100_000,
        f"<p>{PROSE}</p>" * 10_000,
        "<p>3/" * 50_000,
        "<p>" + "1" * 200_000,
        "<meta " * 100_000,
        "\n".join(["• عنوان خبر آخر في القائمة"] * 20_000),
        "\n".join(["اقرأ أيضا: عنوان خبر آخر في القائمة"] * 20_000),
        "\n".join(["اقرأ أيضا:"] * 20_000),
        "\n".join([PROSE, "اقرأ أيضا:", "عنوان خبر آخر", PROSE, PROSE] * 4_000),
        "<div>" + f"<div>{PROSE}</div><p>مواضيع ذات صلة</p><p>كلمات دلالية:</p><p>سدود أمطار مياه ري</p>" * 4_000,
        f"<title>{'خبر - ' * 20_000}</title><h1>عنوان</h1><p>{PROSE}</p>",
    ],
    ids=lambda html: html[:12].strip(),
)
def test_a_hostile_page_costs_bounded_time(html: str) -> None:
    started = time.perf_counter()
    page = read_page(html.encode())
    assert page.stories
    assert time.perf_counter() - started < 10


def test_deep_nesting_loses_no_text() -> None:
    html = "<div>" * 50_000 + f"<p>{PROSE}</p>" + "</div>" * 50_000
    assert PROSE in [b.text for b in read_html(html).blocks]
