"""What a page says about its story, and how far it is believed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from marsad.clean.bylines import clean_author
from marsad.clean.page import Page, read_page
from marsad.clean.titles import strip_site
from marsad.sources import Layout, Source

TITLE = "إطلاق أول قطار كهربائي بين العاصمة والساحل"
P1 = "أطلقت وزارة النقل أول قطار كهربائي يربط العاصمة بالساحل، في رحلة تجريبية استغرقت أقل من ساعة."
P2 = "وقال مدير المشروع إن الرحلات المنتظمة ستبدأ بعد اكتمال اختبارات السلامة في الأشهر المقبلة."
SOURCE = Source(name="wakala", title="وكالة الجبل", homepage="http://wakala.example", timezone="Asia/Beirut")


def page_of(head: str = "", top: str = "", body: str = "", tail: str = "", **options: Any) -> Page:
    html = (
        f"<html lang=ar><head><meta charset=utf-8><title>{TITLE} - وكالة الجبل</title>{head}</head><body>"
        f"<div class=story><h1>{TITLE}</h1>{top}<div class=text>{body or f'<p>{P1}</p><p>{P2}</p>'}</div>{tail}</div>"
        "</body></html>"
    )
    return read_page(html.encode(), **{"source": SOURCE, "url": "http://wakala.example/n/1", **options})


def ld(**fields: Any) -> str:
    data = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f"<script type='application/ld+json'>{json.dumps(data, ensure_ascii=False)}</script>"


META = "<meta property=article:published_time content='2026-03-03T07:00:00Z'>"
PRINTED = "<div class=date>نشر في: الثلاثاء 3 آذار 2026 - 14:35</div>"
LISTED = {"listed_at": datetime(2026, 3, 3, 5, tzinfo=UTC), "listed_by": "feed"}


@pytest.mark.parametrize(
    ("parts", "options", "basis", "instant"),
    [
        ({"head": ld(datePublished="2026-03-03T09:30:00+02:00") + META, "top": PRINTED}, LISTED, "json_ld", "07:30"),
        ({"head": META, "top": PRINTED}, LISTED, "meta", "07:00"),
        ({"top": PRINTED}, LISTED, "page_text", "12:35"),
        ({"top": "<time datetime='2026-03-03T10:00:00'>قبل ساعة</time>"}, LISTED, "page_text", "08:00"),
        ({}, {**LISTED, "url": "http://wakala.example/2026/3/3/x"}, "url", "22:00"),
        ({}, LISTED, "feed", "05:00"),
        ({}, {**LISTED, "listed_by": "sitemap"}, "sitemap", "05:00"),
        ({}, {**LISTED, "listed_by": "archive"}, None, None),
        ({}, {}, None, None),
        ({"head": ld(datePublished="غدا")}, {}, None, None),
    ],
)
def test_the_best_claim_dates_the_story(
    parts: dict[str, str], options: dict[str, Any], basis: str | None, instant: str | None
) -> None:
    story = page_of(**parts, **options).stories[0]
    assert story.published_basis == basis
    assert (story.published_at and story.published_at.strftime("%H:%M")) == instant
    assert PRINTED not in story.paragraphs


@pytest.mark.parametrize("head", ["", META])
def test_a_contradicting_weekday_is_reported_not_mended(head: str) -> None:
    story = page_of(head, "<p class=date>الأحد 3 مارس 2026</p>").stories[0]
    assert story.problem is not None
    assert story.problem.reason == "weekday_contradicts_date"
    assert "الأحد 3 مارس 2026" in story.problem.evidence


def test_a_date_yet_to_come_is_reported_with_a_day_of_grace() -> None:
    head = ld(datePublished="2026-03-05T10:00:00+02:00")
    problem = page_of(head, captured_on=date(2026, 3, 3)).stories[0].problem
    assert problem is not None
    assert problem.reason == "future_date"
    assert page_of(head, captured_on=date(2026, 3, 4)).stories[0].problem is None


def test_a_weekday_inside_the_story_is_the_storys_own_business() -> None:
    body = f"<p>{P1}</p><p>وكان الوزير وعد بذلك يوم الأحد 3 مارس 2026 في تصريح نقلته الصحف المحلية حينها.</p>"
    assert page_of(META, body=body).stories[0].problem is None


@pytest.mark.parametrize(
    ("top", "authors"),
    [
        ("<div class=byline>كتب: سامر الحاج</div>", ("سامر الحاج",)),
        ("<p>بقلم: ليلى منصور</p>", ("ليلى منصور",)),
        ("<span class=author><a rel=author href=/a/1>ندى خوري</a></span>", ("ندى خوري",)),
        ("<div class=share><a href='https://facebook.com/share'>شارك على فيسبوك</a></div>", ()),
        ("<div class=author><a href='https://twitter.com/x'>https://twitter.com/x</a></div>", ()),
        ("<div class=author>وكالة الجبل</div>", ()),
    ],
)
def test_authors_are_people_and_desks(top: str, authors: tuple[str, ...]) -> None:
    story = page_of(top=top).stories[0]
    assert story.authors == authors
    assert story.paragraphs == (P1, P2)


def test_json_ld_fills_the_fields() -> None:
    head = ld(
        headline=TITLE, author=[{"@type": "Person", "name": "هالة عيسى"}], articleSection="اقتصاد",
        keywords="قطار، نقل", dateModified="2026-03-03T12:00:00Z", datePublished="2026-03-03T10:00:00Z",
        image={"url": "/i/1.jpg", "caption": "القطار في المحطة"}, isAccessibleForFree=False,
    )  # fmt: skip
    story = page_of(head + "<link rel=canonical href=/n/1-canonical>").stories[0]
    assert (story.authors, story.section, story.keywords) == (("هالة عيسى",), "اقتصاد", ("قطار", "نقل"))
    assert story.modified_at == datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert story.canonical_url == "http://wakala.example/n/1-canonical"
    assert [(i.url, i.caption) for i in story.images] == [("http://wakala.example/i/1.jpg", "القطار في المحطة")]
    assert story.is_paywalled


@pytest.mark.parametrize(
    "script", ["{", "[]", "null", "[" * 9000, '{"@type": ["NewsArticle"], "author": [[[1]]]}', '{"@type": 3}']
)
def test_broken_json_ld_is_as_if_it_were_not_there(script: str) -> None:
    story = page_of(f"<script type='application/ld+json'>{script}</script>").stories[0]
    assert story.paragraphs == (P1, P2)


@pytest.mark.parametrize(
    "wrapped",
    [
        "<!-- {} -->",
        "//<![CDATA[\n{}\n//]]>",
        "<![CDATA[{}]]>",
        "/*<![CDATA[*/{}/*]]>*/",
        "{};",
        "[[{}]]",
        '{{"@graph": [{},]}}',
    ],
)
def test_json_ld_is_read_however_it_is_wrapped(wrapped: str) -> None:
    data = json.dumps({"@type": "NewsArticle", "headline": TITLE, "author": {"name": "هالة عيسى"}}, ensure_ascii=False)
    head = f"<script type='application/ld+json'>{wrapped.format(data)}</script>"
    assert page_of(head).stories[0].authors == ("هالة عيسى",)


def test_the_body_comes_from_json_ld_where_the_page_holds_much_less() -> None:
    body = "\n\n".join([P1, P2, P1.replace("أول", "ثاني"), P2.replace("مدير", "نائب مدير")])
    story = page_of(ld(headline=TITLE, articleBody=body), body=f"<p>{P1}</p>").stories[0]
    assert "\n\n".join(story.paragraphs) == body
    assert story.extraction_method == "json_ld"


def test_a_layout_in_force_picks_the_body() -> None:
    layouts = (Layout(valid_until=date(2026, 1, 1), body="div.old"), Layout(body="div.text", title="h1"))
    source = SOURCE.model_copy(update={"layouts": layouts})
    story = page_of(source=source, captured_on=date(2026, 3, 3)).stories[0]
    assert story.extraction_method == "layout"
    assert story.paragraphs == (P1, P2)
    older = page_of(source=source, captured_on=date(2025, 12, 1)).stories[0]
    assert older.extraction_method == "container"
    assert older.paragraphs == (P1, P2)


@pytest.mark.parametrize(
    ("title", "stripped"),
    [
        ("عنوان الخبر | وكالة الجبل", "عنوان الخبر"),
        ("وكالة الجبل - عنوان الخبر", "عنوان الخبر"),
        ("عنوان - بشطرين - وكالة الجبل", "عنوان - بشطرين"),
        ("عنوان - بشطرين", "عنوان - بشطرين"),
        ("صحيفة وكالة الجبل » عنوان الخبر", "عنوان الخبر"),
    ],
)
def test_titles_lose_the_sites_name_and_nothing_else(title: str, stripped: str) -> None:
    assert strip_site(title, frozenset({"وكاله الجبل"})) == stripped


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("كتبت: منى الشامي ورنا الأسمر", ["منى الشامي", "رنا الأسمر"]),
        ("سعيد ناصر، بيروت", ["سعيد ناصر"]),
        ("http://a.example/x", []),
        ("رويترز", []),
        ("12 تعليقا", []),
    ],
)
def test_bylines_give_names(byline: str, names: list[str]) -> None:
    assert clean_author(byline, frozenset()) == names


@pytest.mark.parametrize(
    ("first", "place", "agencies"),
    [
        (f"بيروت – {P1}", "بيروت", ()),
        (f"القاهرة (رويترز) - {P1}", "القاهرة", ("رويترز",)),
        ("لندن: «" + P1 + "»", "لندن", ()),
        (f"دمشق، سوريا (أ ف ب) -- {P1}", "دمشق", ("أ ف ب",)),
        (f"مدير المشروع: {P1}", None, ()),
        (P1, None, ()),
    ],
)
def test_datelines_are_read_and_left_in_the_text(first: str, place: str | None, agencies: tuple[str, ...]) -> None:
    story = page_of(body=f"<p>{first}</p><p>{P2}</p>").stories[0]
    assert (story.dateline, story.attributions) == (place, agencies)
    assert story.paragraphs == (first, P2)


def test_captions_stand_apart_from_the_text() -> None:
    figure = "<figure><img src=/i/2.jpg alt=''><figcaption>القطار لحظة وصوله إلى محطة الساحل أمس.</figcaption></figure>"
    story = page_of(body=f"<p>{P1}</p>{figure}<p>{P2}</p>").stories[0]
    assert story.paragraphs == (P1, P2)
    assert [i.caption for i in story.images] == ["القطار لحظة وصوله إلى محطة الساحل أمس."]


def test_a_live_blog_and_a_paywall_are_flagged() -> None:
    live = page_of(ld(headline=TITLE).replace("NewsArticle", "LiveBlogPosting")).stories[0]
    assert live.is_live_blog
    paid = page_of(body=f"<p>{P1}</p>", tail="<div class=paywall>هذا المحتوى للمشتركين. اشترك الآن.</div>").stories[0]
    assert paid.is_paywalled
    assert paid.paragraphs == (P1,)


def test_text_in_tables_and_bare_divs_is_text() -> None:
    table = f"<table><tr><td>{P1}<br><br>{P2}</td></tr></table>"
    assert page_of(body=table).stories[0].paragraphs == (P1, P2)
    assert page_of(body=f"{P1}<br>{P2}").stories[0].paragraphs == (P1, P2)
