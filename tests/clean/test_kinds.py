"""Galleries, breaking lines, live pages, paid stories; sections, keywords, addresses and pictures."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from marsad.clean.context import Context
from marsad.clean.html import read_html
from marsad.clean.jsonld import LinkedData, find_linked_data, with_state
from marsad.clean.kinds import is_breaking, is_live_blog, is_paywalled
from marsad.clean.media import find_images, is_gallery
from marsad.clean.metadata import canonical_url, find_dateline, find_keywords, find_section
from marsad.clean.page import read_page
from marsad.clean.state import StateStory

TITLE = "معرض للخط العربي في قصر البلدية القديم"
P1 = "افتتح في قصر البلدية معرض للخط العربي يضم مئة لوحة لخطاطين من سبع دول، ويستمر حتى نهاية الشهر."
URL = "http://qasr.example/culture/2024/55"


def context(body: str = "", head: str = "", title_index: int = -1) -> Context:
    html = f"<html lang=ar><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    document = read_html(html)
    data = find_linked_data(document, URL)
    sites = frozenset({"قصر"})
    return Context(document, data, sites, ZoneInfo("UTC"), URL, captured_on=date(2024, 7, 3), first_paragraph=P1,
                   title_index=title_index)  # fmt: skip


def ld(**fields: Any) -> str:
    return f"<script type='application/ld+json'>{json.dumps(fields, ensure_ascii=False)}</script>"


PICTURES = "".join(f"<figure><img src=/i/{n}.jpg><figcaption>لوحة رقم {n}</figcaption></figure>" for n in range(6))


@pytest.mark.parametrize(
    ("title", "body", "head", "expected"),
    [
        ("بالصور: معرض للخط العربي", PICTURES, "", True),
        (TITLE, f"<h1>{TITLE}</h1><div class=photo-gallery>{PICTURES}</div>", "", True),
        (TITLE, PICTURES, ld(**{"@type": "ImageGallery", "datePublished": "2024-07-03", "name": TITLE}), True),
        (TITLE, PICTURES, "", False),
        ("بالصور: معرض للخط العربي", "<img src=/i/1.jpg>", "", False),
        (TITLE, "<div class=gallery><img src=/i/1.jpg></div>" + PICTURES, "", False),
    ],
)
def test_a_gallery_says_so_and_shows_it(title: str, body: str, head: str, expected: bool) -> None:
    page = context(body, head)
    images = find_images(page, 0, 20)
    assert is_gallery(page, title, images, (P1,)) is expected


def test_a_long_story_with_many_pictures_is_no_gallery() -> None:
    page = context(PICTURES)
    assert not is_gallery(page, "بالصور: معرض للخط العربي", find_images(page, 0, 20), (P1,) * 40)


@pytest.mark.parametrize(
    ("title", "body", "paragraphs", "expected"),
    [
        ("عاجل | زلزال يضرب الساحل الشرقي", "", (), True),
        ("عاجل.. زلزال يضرب الساحل الشرقي", "", ("زلزال بقوة خمس درجات يضرب الساحل الشرقي.",), True),
        ("زلزال يضرب الساحل الشرقي", "<span>عاجل</span><h1>زلزال يضرب الساحل الشرقي</h1>", (), True),
        ("عاجل | زلزال يضرب الساحل الشرقي", "", (P1, P1), False),
        ("عاجل | زلزال يضرب الساحل الشرقي", "", (P1 * 4,), False),
        ("العاجل والآجل في اقتصاد المنطقة", "", (), False),
        ("نداء عاجل لإغاثة المنكوبين", "", (), False),
        (None, "", (), False),
    ],
)
def test_a_breaking_line(title: str | None, body: str, paragraphs: tuple[str, ...], expected: bool) -> None:
    page = context(f"<div>{body}</div>", title_index=1 if body else -1)
    assert is_breaking(page, title, paragraphs) is expected


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("تغطية مباشرة: جلسة البرلمان", "", True),
        ("لحظة بلحظة | انتخابات البلدية", "", True),
        ("مباشر من القلب إلى القلب", "", False),
        (TITLE, f"<div class=live-blog>{f'<p>{P1}</p>' * 8}</div>", True),
        (TITLE, "<div class=live-blog><a href=/live>تابع التغطية</a></div>", False),
    ],
)
def test_a_live_page_is_one_itself(title: str, body: str, expected: bool) -> None:
    assert is_live_blog(context(body), title) is expected


@pytest.mark.parametrize(
    ("body", "head", "texts", "expected"),
    [
        ("<div class=paywall><p>اشترك</p></div>", "", (), True),
        ("", "<meta property=article:content_tier content=locked>", (), True),
        ("", ld(**{"@type": "Article", "headline": TITLE, "isAccessibleForFree": "False"}), (), True),
        ("", "", ("هذا المحتوى للمشتركين فقط",), True),
        ("", "", (P1, "قال المشتركون في الدورة إن المستوى رفيع."), False),
        ("", ld(**{"@type": "Article", "headline": TITLE, "isAccessibleForFree": True}), (), False),
    ],
)
def test_only_the_open_part_is_here(body: str, head: str, texts: tuple[str, ...], expected: bool) -> None:
    assert is_paywalled(context(body, head), texts) is expected


def test_paragraphs_named_after_a_paywall_are_open() -> None:
    html = f"<meta charset=utf-8><h1>{TITLE}</h1><div><p class=paywall>{P1}</p><div class=paywall><p>{P1[::-1]}</p></div></div>"
    assert not read_page(html.encode()).stories[0].is_paywalled


CRUMBS = {
    "@type": "BreadcrumbList",
    "itemListElement": [
        {"@type": "ListItem", "position": 1, "name": "الرئيسية"},
        {"@type": "ListItem", "position": 2, "item": {"@id": "/culture", "name": "ثقافة وفنون"}},
        {"@type": "ListItem", "position": 3, "name": TITLE},
    ],
}


@pytest.mark.parametrize(
    ("head", "section"),
    [
        (ld(**{"@type": "NewsArticle", "headline": TITLE, "articleSection": ["ثقافة", "معارض"]}), "ثقافة"),
        ("<meta property=article:section content='ثقافة'>", "ثقافة"),
        ("<meta property=article:section content='Uncategorized'>", None),
        (ld(**CRUMBS), "ثقافة وفنون"),
        ("", None),
    ],
)
def test_the_declared_section(head: str, section: str | None) -> None:
    assert find_section(context(head=head)) == section


@pytest.mark.parametrize(
    "top",
    [
        f"<div class=breadcrumbs><a href=/>الرئيسية</a> » <a href=/c>ثقافة</a> » <span>{TITLE}</span></div>",
        f"<ul class=breadcrumb><li><a href=/>الرئيسية</a></li><li><a href=/c>ثقافة</a></li><li>{TITLE}</li></ul>",
        "<span class=post-cat><a href=/c>ثقافة</a></span>",
    ],
)
def test_the_printed_section(top: str) -> None:
    html = f"<title>{TITLE}</title><div class=story>{top}<h1>{TITLE}</h1><p>{P1}</p><p>{P1[::-1]}</p></div>"
    assert read_page(f"<meta charset=utf-8>{html}".encode()).stories[0].section == "ثقافة"


@pytest.mark.parametrize(
    ("head", "keywords"),
    [
        ("<meta property=article:tag content='الخط العربي'><meta property=article:tag content='معرض'>",
         ("الخط العربي", "معرض")),
        ("<meta name=news_keywords content='الخط العربي، معرض'>", ("الخط العربي", "معرض")),
        (ld(**{"@type": "NewsArticle", "headline": TITLE, "keywords": ["الخط العربي", "معرض"]}), ("الخط العربي", "معرض")),
        (ld(**{"@type": "NewsArticle", "headline": TITLE, "keywords": "الخط العربي, معرض"}), ("الخط العربي", "معرض")),
        ("<meta name=keywords content='معرض, لوحات, الخط العربي'>", ("معرض", "لوحات", "الخط العربي")),
        # the same words on every page of the site
        ("<meta name=keywords content='أخبار عاجلة, رياضة, اقتصاد, طقس'>", ()),
        (f"<meta name=keywords content='{TITLE}'>", ()),
    ],
)  # fmt: skip
def test_declared_keywords(head: str, keywords: tuple[str, ...]) -> None:
    assert find_keywords(context(head=head), ()) == keywords


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ("<link rel=canonical href='/culture/2024/55-exhibition'>", "http://qasr.example/culture/2024/55-exhibition"),
        ("<link rel=canonical href='https://qasr.example/culture/2024/55'>", "https://qasr.example/culture/2024/55"),
        ("<link rel=canonical href='http://qasr.example/'>", None),
        ("<link rel=canonical href='http://qasr.example/culture'>", None),
        ("<link rel=canonical href='/'><meta property=og:url content='http://qasr.example/n/55'>", "http://qasr.example/n/55"),
        ("<link rel=canonical href='javascript:void(0)'>", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_canonical_address_is_a_storys(head: str, address: str | None) -> None:
    assert canonical_url(context(head=head)) == address


def test_what_json_ld_leaves_out_comes_from_the_state() -> None:
    state = StateStory(
        TITLE, f"<p>{P1}</p>", None, "2024-07-03T10:00:00Z", "", ("سمر داود",), "ثقافة", ("خط",), (), None, "x"
    )
    known = LinkedData(headline="عنوان", published="2024-07-02")
    found = with_state(known, state)
    assert (found.headline, found.published, found.authors) == ("عنوان", "2024-07-02", ["سمر داود"])
    assert with_state(None, state).published == "2024-07-03T10:00:00Z"


def test_captions_of_every_markup() -> None:
    body = (
        "<figure><img src=/i/1.jpg><figcaption>لوحة من المعرض (رويترز)</figcaption></figure>"
        "<div class=wp-caption><img data-src=/i/2.jpg src=data:x><p class=wp-caption-text>زوار في القاعة الكبرى</p></div>"
        f"<p>{P1}</p><img src=/i/3.jpg><img src=/theme/logo.png>"
    )
    found = [(i.url.rpartition("/")[2], i.caption) for i in find_images(context(body), 0, 9)]
    assert found == [("1.jpg", "لوحة من المعرض (رويترز)"), ("2.jpg", "زوار في القاعة الكبرى"), ("3.jpg", None)]


@pytest.mark.parametrize(
    ("text", "place", "agencies"),
    [
        ("لندن: «الشرق الجديد»", "لندن", ()),
        ("بيروت - أ ف ب - افتتح في قصر البلدية معرض للخط.", "بيروت", ("أ ف ب",)),
        ("واشنطن/ وكالات", "واشنطن", ("وكالات",)),
        ("القاهرة (رويترز) - افتتح في قصر البلدية معرض.", "القاهرة", ("رويترز",)),
        ("غزة ـ من سعيد ناصر", "غزة", ()),
        ("عمان – افتتح في قصر البلدية معرض للخط العربي.", "عمان", ()),
        ("القدس المحتلة/ سما/ قالت مصادر محلية إن المعرض فتح أبوابه.", "القدس المحتلة", ()),
        ("الأمم المتحدة (نيويورك) - افتتح المعرض.", "الأمم المتحدة", ()),
        ("إيلاف من لندن: افتتح في قصر البلدية معرض للخط.", "لندن", ()),
        ("دمشق-سانا", "دمشق", ("سانا",)),
        ("رام الله - (د ب أ) - افتتح المعرض.", "رام الله", ("د ب أ",)),
        ("القاهرة ـ (أ.ش.أ): افتتح المعرض.", "القاهرة", ("أ.ش.أ",)),
        ("موسكو، 3 مارس/آذار 2024 (تاس): افتتح المعرض.", "موسكو", ("تاس",)),
        ("واشنطن (رويترز) افتتح المعرض اليوم.", "واشنطن", ("رويترز",)),
        ("كيرمان (رويترز) - افتتح المعرض اليوم.", "كيرمان", ("رويترز",)),
        ("بيروت-دمشق طريق لا تنتهي أخباره.", None, ()),
        ("تونس الخضراء تستقبل معرضا للخط العربي.", None, ()),
        ("قال الوزير: افتتح المعرض اليوم.", None, ()),
        ("بيروت مدينة قديمة: هذا ما يقوله المعرض.", None, ()),
    ],
)
def test_datelines(text: str, place: str | None, agencies: tuple[str, ...]) -> None:
    assert find_dateline((text, P1)) == (place, agencies)
