"""Headlines of pages of every age: what is printed, what is declared, and the site's name in neither."""

from __future__ import annotations

import json

import pytest

from marsad.clean.page import read_page
from marsad.clean.titles import strip_site

TITLE = "افتتاح مكتبة عامة جديدة في وسط المدينة القديمة"
P1 = "افتتحت البلدية صباح اليوم مكتبة عامة تضم أكثر من عشرين ألف كتاب، وقاعة للأطفال وأخرى للمخطوطات النادرة."
P2 = "وقالت مديرة المكتبة إن الإعارة مجانية لسكان الأحياء المجاورة، وإن الدوام يمتد حتى العاشرة ليلا."
TEXT = f"<div class=text><p>{P1}</p><p>{P2}</p></div>"
MENU = "<ul class=menu><li><a href=/a>أخبار محلية ودولية</a></li><li><a href=/b>اقتصاد وأعمال</a></li></ul>"


def title_of(body: str, head: str = "", url: str = "https://www.rafid.example/news/77") -> str | None:
    html = f"<html lang=ar><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    return read_page(html.encode(), url=url).stories[0].title


def og(title: str, site: str = "صحيفة الرافد") -> str:
    return f'<meta property="og:title" content="{title}"><meta property="og:site_name" content="{site}">'


SITE = og(TITLE)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        # the site's name at either end, with any separator
        (f"<title>{TITLE} | صحيفة الرافد</title>{SITE}", TEXT),
        (f"<title>صحيفة الرافد :: {TITLE}</title>{SITE}", TEXT),
        (f"<title>{TITLE} « الرافد الإخبارية</title>" + og(f"{TITLE} - الرافد", "الرافد"), TEXT),
        (f"<title>{TITLE}-الرافد</title>" + og("", "الرافد"), TEXT),
        (f"<title>{TITLE} ~ الرافد نيوز</title>" + og("", "الرافد"), TEXT),
        # a name nobody declares, built like one
        (f"<title>{TITLE} | صحيفة الرافد الحر | أخبار المدينة</title>", TEXT),
        (f"<title>الرافد الرقمية : {TITLE}</title>", TEXT),
        # cut short in og:title, whole in h1, and whole in <title> where no heading prints it
        (og("افتتاح مكتبة عامة جديدة في وسط ..."), f"<h1>{TITLE}</h1>{TEXT}"),
        (f"<title>{TITLE} | صحيفة الرافد</title>" + og("افتتاح مكتبة عامة جديدة في…"), TEXT),
        # h1 is the logo
        (f"<title>{TITLE}</title>{SITE}", f"<h1><a href=/>صحيفة الرافد</a></h1><h2>{TITLE}</h2>{TEXT}"),
        ("<title>الصفحة</title>", f"<h1><a href=/>بوابة الأخبار اليومية</a></h1><h2 class=title>{TITLE}</h2>{TEXT}"),
        # two h1, one a menu's
        (f"<title>{TITLE}</title>", f"<h1>أهم الأنباء والتقارير</h1>{MENU}<h1>{TITLE}</h1>{TEXT}"),
        ("", f"<h1>أهم الأنباء والتقارير</h1>{MENU}<h1>{TITLE}</h1>{TEXT}"),
        # legacy pages: one <title> for all, the headline in a paragraph or cell
        ("<title>صحيفة الرافد</title>" + og("", "صحيفة الرافد"), f"<p class=title>{TITLE}</p>{TEXT}"),
        ("<title>الرافد - الصفحة الرئيسية</title>", f"<table><tr><td class=headline>{TITLE}</td></tr></table>{TEXT}"),
        (f"<title>{TITLE}</title>", f"<table><tr><td>{TITLE}</td></tr><tr><td>{P1}<br>{P2}</td></tr></table>"),
        # a kicker in the heading, told by all that is declared
        (f"<title>{TITLE} | الرافد</title>" + og(TITLE, "الرافد"), f"<h1><span>ثقافة وفنون</span> {TITLE}</h1>{TEXT}"),
        (f"<title>ثقافة | {TITLE} | الرافد</title>" + og("", "الرافد"), f"<h1>{TITLE}</h1>{TEXT}"),
        (
            f"<title>{TITLE} - ثقافة - الرافد</title><meta property=article:section content='ثقافة'>"
            + og("", "الرافد"),
            TEXT,
        ),
        (f"<title>{TITLE}</title>", f"<h1><span>خاص</span> {TITLE}</h1>{TEXT}"),
        (f"<title>{TITLE} - الرافد</title>", f"<h1><span>خاص</span> {TITLE}</h1>{TEXT}"),
        (f"<title>{TITLE}</title>", f"<h1>{TITLE}<a href=#>شارك</a></h1>{TEXT}"),
        # a date or a count in the heading
        (f"<title>{TITLE}</title>{SITE}", f"<h1>{TITLE} <small>3 تموز 2024</small></h1>{TEXT}"),
        # noise nobody sees
        (og(TITLE), f"<h1>\u200f{TITLE[:20]}\u200b{TITLE[20:]}&nbsp;</h1>{TEXT}"),
        (f"<title>{TITLE}</title>" + og(TITLE.replace("مكتبة", "&amp;#1605;كتبة")), TEXT),
    ],
)
def test_the_headline_is_found_without_the_sites_name(head: str, body: str) -> None:
    assert title_of(body, head) == TITLE


def test_spaces_lost_between_elements_come_back() -> None:
    title = "مكتبة المدينة: عشرون ألف كتاب للإعارة المجانية"
    heading = "<h1><span>مكتبة المدينة:</span><span>عشرون ألف كتاب للإعارة المجانية</span></h1>"
    assert title_of(heading + TEXT, og(title)) == title


def test_a_kicker_all_claims_hold_stays() -> None:
    assert title_of(f"<h1>تقرير | {TITLE}</h1>{TEXT}", f"<title>تقرير | {TITLE} | الرافد</title>") == f"تقرير | {TITLE}"


def test_the_sites_own_name_is_never_a_title() -> None:
    assert title_of(TEXT, "<title>صحيفة الرافد</title>" + og("صحيفة الرافد")) is None


def test_json_ld_of_a_related_story_names_no_title() -> None:
    other = {"@type": "NewsArticle", "headline": "فريق الساحل يفوز ببطولة الناشئين", "url": "/sport/3"}
    script = f"<script type=application/ld+json>{json.dumps(other)}</script>"
    assert title_of(f"<h1>{TITLE}</h1>{TEXT}", f"<title>{TITLE}</title>{script}") == TITLE


@pytest.mark.parametrize(
    ("title", "sites", "stripped"),
    [
        ("القمة تختتم أعمالها - البيان الختامي", {"البيان"}, "القمة تختتم أعمالها - البيان الختامي"),
        ("القمة تختتم أعمالها - صحيفة البيان الإماراتية", {"البيان"}, "القمة تختتم أعمالها"),
        ("وزير يحذر من «خطورة الوضع»", {"البيان"}, "وزير يحذر من «خطورة الوضع»"),
        ("«خطورة الوضع» تقلق الوزراء", {"البيان"}, "«خطورة الوضع» تقلق الوزراء"),
        ("عنوان الخبر » البيان", {"البيان"}, "عنوان الخبر"),
        ("عنوان الخبر -", {"البيان"}, "عنوان الخبر"),
        (
            "مصر تستورد القمح من أوكرانيا - أخبار سارة للمزارعين",
            {"البيان"},
            "مصر تستورد القمح من أوكرانيا - أخبار سارة للمزارعين",
        ),
        ("وكالة فيتش: تصنيف مستقر", {"البيان"}, "وكالة فيتش: تصنيف مستقر"),
        ("مباراة الوحدة - العين", {"البيان"}, "مباراة الوحدة - العين"),
        ("عنوان الخبر - CNNArabic.com", {"cnnarabic"}, "عنوان الخبر"),
        ("البيان", {"البيان"}, "البيان"),
    ],
)
def test_only_the_sites_name_is_stripped(title: str, sites: set[str], stripped: str) -> None:
    assert strip_site(title, frozenset(sites)) == stripped
