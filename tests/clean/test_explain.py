"""Why a page was read as it was: every block is listed, with what became of it."""

from __future__ import annotations

from datetime import date

from marsad.clean.explain import Reason, explain
from marsad.clean.page import read_closely, read_page
from marsad.parse import explain_page
from marsad.sources import Layout, Source

PAGE = """<!doctype html><html><head><title>افتتاح سوق السمك في الميناء الجديد | الساحل</title></head><body>
<nav class="main-menu"><a href=/>الرئيسية</a> <a href=/s>سياسة</a></nav>
<div class="post"><h1>افتتاح سوق السمك في الميناء الجديد</h1>
<p>افتتحت بلدية الميناء صباح الثلاثاء سوق السمك الجديد بعد عامين من الأشغال التي نفذتها شركة محلية.</p>
<p>اقرأ أيضا: <a href=/n/7>توسعة الرصيف الشمالي تنتهي في الخريف</a></p>
<p>وقال رئيس البلدية إن السوق يتسع لنحو ستين بائعا، وإن رسوم الإيجار لن ترتفع قبل نهاية العام المقبل.</p>
<p>المصدر: وكالات</p></div>
<div class="share">شارك الخبر على فيسبوك</div>
<footer>جميع الحقوق محفوظة</footer></body></html>"""


def reasons(page: str = PAGE) -> dict[str, Reason]:
    return {r.text: r for r in explain(read_closely(page.encode()))}


def test_every_block_is_told_with_its_fate() -> None:
    found = reasons()
    fates = {text[:20]: (r.fate, r.story) for text, r in found.items()}
    assert fates["افتتاح سوق السمك في الميناء"[:20]] == ("title", "main")
    assert fates["افتتحت بلدية الميناء صباح"[:20]] == ("text", "main")
    assert fates["اقرأ أيضا: توسعة الرصيف"[:20]] == ("cut: read_more", "main")
    assert fates["المصدر: وكالات"[:20]] == ("cut: source_line", "main")
    assert fates["شارك الخبر على فيسبوك"[:20]] == ("outside", None)


def test_the_reasons_name_what_decided() -> None:
    found = reasons()
    more = next(r for r in found.values() if r.label == "read_more")
    assert "«اقرأ أيضا»" in more.why
    assert "a link" in more.why
    shared = next(r for text, r in found.items() if text.startswith("شارك"))
    assert "share" in shared.why
    assert shared.box.startswith("div")


def test_menus_that_were_passed_over_are_listed_too() -> None:
    assert any("passed over" in text for text in reasons())


def test_the_second_story_is_named() -> None:
    second = "<h3>اقرأ أيضا</h3><h2>الصيادون يطالبون بدعم الوقود</h2>" + "".join(
        f"<p>{text}</p>"
        for text in (
            "طالب صيادو الميناء وزارة الزراعة بدعم الوقود بعد أن تضاعفت كلفة الرحلة الواحدة خلال ستة أشهر.",
            "وأوضح نقيب الصيادين أن أربعين مركبا من أصل مئة توقفت عن العمل منذ بداية الشتاء بسبب الأسعار.",
        )
    )
    found = reasons(PAGE.replace('<div class="share">', f"<section>{second}</section><div class=share>"))
    assert found["الصيادون يطالبون بدعم الوقود"].fate == "title"
    assert found["الصيادون يطالبون بدعم الوقود"].story == "embedded 1"


def test_the_command_lines_hold_every_block() -> None:
    lines = list(explain_page(PAGE.encode()))
    assert lines[0].startswith("read as utf-8; body by container")
    blocks = list(explain(read_closely(PAGE.encode())))
    assert len(lines) == 1 + 2 * len(blocks)


def _source(**selectors: str) -> Source:
    layout = Layout(valid_until=None, **selectors)
    return Source(name="sahil", title="الساحل", homepage="http://sahil.example", layouts=(layout,))


def test_a_layout_that_matches_is_used() -> None:
    page = read_page(PAGE.encode(), source=_source(title="h1", body="div.post"), captured_on=date(2026, 3, 3))
    assert page.stories[0].extraction_method == "layout"
    assert page.layout_missed == ()


def test_a_layout_that_no_longer_matches_is_reported_and_the_generic_reader_takes_over() -> None:
    source = _source(title="h1.headline", body="div.article-text")
    page = read_page(PAGE.encode(), source=source, captured_on=date(2026, 3, 3))
    assert page.layout_missed == ("title", "body")
    assert page.stories[0].extraction_method == "container"
    assert page.stories[0].paragraphs == read_page(PAGE.encode()).stories[0].paragraphs
    told = list(explain_page(PAGE.encode(), source=source))
    assert told[1] == "the layout's selectors picked nothing for: title, body; the generic reader took over"


def test_the_day_of_the_capture_picks_the_layout() -> None:
    old = Layout(valid_until=date(2025, 12, 31), body="div.story-old")
    new = Layout(valid_until=None, body="div.post")
    source = Source(name="sahil", title="الساحل", homepage="http://sahil.example", layouts=(old, new))
    assert read_page(PAGE.encode(), source=source, captured_on=date(2025, 6, 1)).layout_missed == ("body",)
    assert read_page(PAGE.encode(), source=source, captured_on=date(2026, 3, 3)).layout_missed == ()
