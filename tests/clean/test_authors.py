"""Who wrote a story: people and desks, and nothing else that stands where a name would."""

from __future__ import annotations

import json
from typing import Any

import pytest

from marsad.clean.bylines import clean_author
from marsad.clean.page import read_page
from marsad.sources import Source

TITLE = "مزارعو الوادي يبدؤون موسم قطاف الزيتون مبكرا"
P1 = "بدأ مزارعو الوادي موسم قطاف الزيتون قبل موعده بأسبوعين، بعد أمطار مبكرة رفعت جودة المحصول هذا العام."
P2 = "وقال رئيس التعاونية إن المعاصر تعمل ليل نهار، وإن الأسعار ستبقى قريبة من أسعار الموسم الماضي."
SOURCE = Source(name="wadi", title="صحيفة الوادي", homepage="http://wadi.example", timezone="Asia/Amman")


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("بقلم: د. هناء السعدي", ["د. هناء السعدي"]),
        ("كتب - أحمد سلامة", ["أحمد سلامة"]),
        ("كتبت / منى الشامي", ["منى الشامي"]),
        ("إعداد وتحرير: رامي حداد", ["رامي حداد"]),
        ("كتب: وليد خالد وائل", ["وليد خالد وائل"]),
        ("كتب: سامي خوري ووليد عيسى", ["سامي خوري", "وليد عيسى"]),
        ("رامي حداد، سمر داود", ["رامي حداد", "سمر داود"]),
        ("رامي حداد و سمر داود", ["رامي حداد", "سمر داود"]),
        ("رامي حداد & سمر داود", ["رامي حداد", "سمر داود"]),
        ("Rami Haddad and Samar Daoud", ["Rami Haddad", "Samar Daoud"]),
        ("By Rami Haddad", ["Rami Haddad"]),
        ("القاهرة - محمد علي", ["محمد علي"]),
        ("محمد علي - القاهرة", ["محمد علي"]),
        ("محمد علي (القاهرة)", ["محمد علي"]),
        ("مراسلنا في غزة: سعيد ناصر", ["سعيد ناصر"]),
        ("مراسلنا في غزة", []),
        ("الساحلية - أحمد سالم", ["أحمد سالم"]),
        ("محرر الشؤون العربية – أحمد سالم", ["أحمد سالم"]),
        ("د. أحمد سالم أستاذ العلوم السياسية", ["د. أحمد سالم"]),
        ("ترجمة: سمر داود عن الإنجليزية", ["سمر داود"]),
        ("هيئة التحرير", ["هيئة التحرير"]),
        ("تحرير الشؤون العربية", ["تحرير الشؤون العربية"]),
        ("تحرير: رامي حداد", ["رامي حداد"]),
        ("قسم الأخبار والمتابعة", ["قسم الأخبار والمتابعة"]),
        ("إعداد: رامي حداد - تصوير: سمر داود", ["رامي حداد"]),
        ("رامي حداد، كاتب وباحث سياسي", ["رامي حداد"]),
        ("رامي حداد - وكالات", ["رامي حداد"]),
        ("رامي حداد، (أ ف ب)", ["رامي حداد"]),
        ("صحيفة الوادي", []),
        ("admin", []),
        ("By admin", []),
        ("siteadmin", []),
        ("By Rami Haddad, Senior Science Writer", ["Rami Haddad"]),
        ("Super User", []),
        ("محرر", []),
        ("1455 مشاهدة", []),
        ("مشاركة الخبر", []),
        ("الأربعاء 3 يوليو 2024", []),
        ("rami@wadi.example", []),
        ("https://www.facebook.com/rami", []),
        ("بيروت", []),
        ("الأناضول", []),
        ("(Image: Getty Images)", []),
        ("لندن: «الشرق الجديد»", []),
        ("بغداد - خاص", []),
        ("متابعات", []),
        ("كتب محرر الشؤون السياسية", ["محرر الشؤون السياسية"]),
        ("بواسطة: فريق التحرير", ["فريق التحرير"]),
        ("قبل 3 ساعات", []),
    ],
)
def test_a_byline_names_people_and_desks(byline: str, names: list[str]) -> None:
    assert clean_author(byline, frozenset({"صحيفه الوادي"})) == names


def story(top: str = "", head: str = "", tail: str = "", body: str = "") -> Any:
    html = (
        f"<html lang=ar><head><meta charset=utf-8><title>{TITLE} - صحيفة الوادي</title>{head}</head><body>"
        f"<article><h1>{TITLE}</h1>{top}<div class=text>{body or f'<p>{P1}</p><p>{P2}</p>'}</div>{tail}</article></body></html>"
    )
    return read_page(html.encode(), source=SOURCE, url="http://wadi.example/n/1").stories[0]


def ld(*nodes: dict[str, Any]) -> str:
    script = json.dumps({"@context": "https://schema.org", "@graph": nodes}, ensure_ascii=False)
    return f"<script type='application/ld+json'>{script}</script>"


def article(author: Any) -> dict[str, Any]:
    return {"@type": "NewsArticle", "headline": TITLE, "author": author}


def test_an_agency_where_the_author_stands_is_an_attribution() -> None:
    found = story(head=ld(article([{"name": "رامي حداد"}, {"name": "رويترز"}])))
    assert (found.authors, found.attributions) == (("رامي حداد",), ("رويترز",))


@pytest.mark.parametrize(
    ("page", "authors"),
    [
        # JSON-LD: references into the graph, lists, one string for several
        ({"head": ld(article({"@id": "#p1"}), {"@type": "Person", "@id": "#p1", "name": "سمر داود"})}, ("سمر داود",)),
        ({"head": ld(article([{"name": "رامي حداد"}, {"name": "سمر داود"}]))}, ("رامي حداد", "سمر داود")),
        ({"head": ld(article("رامي حداد، سمر داود"))}, ("رامي حداد", "سمر داود")),
        # an account of the CMS gives way to what is printed; alone it is better than nothing
        ({"head": ld(article({"name": "samar92"})), "top": "<div>كتبت: سمر داود</div>"}, ("سمر داود",)),
        ({"head": ld(article({"name": "Samar Daoud"})), "top": "<div>كتبت: سمر داود</div>"}, ("سمر داود",)),
        ({"head": ld(article({"name": "Samar Daoud"}))}, ("Samar Daoud",)),
        ({"head": ld(article({"name": "admin"})), "top": "<div>بقلم: سمر داود</div>"}, ("سمر داود",)),
        ({"head": ld(article({"name": "admin"}))}, ()),
        # the site is nobody, unless it alone is declared to be the author
        ({"head": ld(article({"name": "صحيفة الوادي"})), "top": "<div>كتب: رامي حداد</div>"}, ("رامي حداد",)),
        ({"head": ld(article({"@type": "Organization", "name": "صحيفة الوادي"}))}, ("صحيفة الوادي",)),
        ({"head": "<meta name=author content='صحيفة الوادي'>"}, ()),
        ({"head": "<meta name=author content='رامي حداد'><meta name=author content='(صورة: سمر)'>"}, ("رامي حداد",)),
        # printed
        ({"top": "<div>كتب - أحمد سلامة</div>"}, ("أحمد سلامة",)),
        ({"top": "<div class=author>رامي حداد - 3 يوليو 2024</div>"}, ("رامي حداد",)),
        ({"top": "<div>عمّان - رامي حداد</div>"}, ("رامي حداد",)),
        ({"top": "<div><a href=/author/rami>رامي حداد</a></div>"}, ("رامي حداد",)),
        ({"top": "<span itemprop=author>رامي حداد</span>"}, ("رامي حداد",)),
        ({"tail": "<div class=author-box><a rel=author href=/a/3>سمر داود</a><p>صحفية من عمّان</p></div>"}, ("سمر داود",)),
        ({"tail": "<div class=author-box><h4>فريق التحرير</h4><p>فريق من المحررين يتابع الأخبار</p></div>"}, ("فريق التحرير",)),
        ({"body": f"<p>غزة ـ من سعيد ناصر</p><p>{P1}</p><p>{P2}</p>"}, ("سعيد ناصر",)),
        ({"top": "<div>رامي حداد</div><div>3 يوليو 2024</div>"}, ("رامي حداد",)),
        ({"top": "<div>رامي حداد | الأربعاء 3 يوليو 2024 - 14:35</div>"}, ("رامي حداد",)),
        ({"top": "<div>3 يوليو 2024 - عمّان - د. سمر داود</div>"}, ("د. سمر داود",)),
        ({"body": f"<p>سمر داود</p><p>{P1}</p><p>{P2}</p>"}, ("سمر داود",)),
        ({"body": f"<p>حوار: سمر داود</p><p>{P1}</p><p>{P2}</p>"}, ("سمر داود",)),
        ({"body": f"<p>{P1}</p><p>{P2}</p><p>رامي حداد - عمّان</p>"}, ("رامي حداد",)),
        # not authors
        ({"top": "<div>أسعار الزيتون</div>"}, ()),
        ({"top": "<a href=/tag/1>محمد صلاح</a>"}, ()),
        ({"top": "<h2>أحمد سلامة رئيسا للتعاونية</h2>"}, ()),
        ({"top": "<figure><img src=/i.jpg><figcaption>أحمد سلامة</figcaption></figure>"}, ()),
        ({"top": "<div class=share><a href=http://x.example/s>شارك عبر فيسبوك</a></div>"}, ()),
        ({"top": "<div class=author>1455 مشاهدة</div>"}, ()),
        ({"tail": "<ul><li><a rel=author href=/a/1>هناء السعدي</a></li><li><a rel=author href=/a/2>منى الشامي</a></li></ul>"},
         ()),
        ({"tail": "<div class=sidebar><div class=author><a href=/opinion/4>هناء السعدي</a></div></div>"}, ()),
    ],
)  # fmt: skip
def test_the_page_names_its_author(page: dict[str, str], authors: tuple[str, ...]) -> None:
    assert story(**page).authors == authors


@pytest.mark.parametrize(
    "first",
    [
        "افتتحت بلدية حماة، صباح الأربعاء، جسرا جديدا للمشاة يربط ضفتي النهر.",
        "حصد اللاعب السوري، عمر خربين، جائزة أفضل لاعب في الدوري هذا الموسم.",
    ],
)
def test_a_name_between_the_commas_of_a_sentence_is_no_author(first: str) -> None:
    rest = "وحضر الحفل جمهور كبير من أبناء المدينة ومن ضيوفها القادمين من المحافظات المجاورة."
    html = f"<article><h1>عنوان طويل عن الملف الجديد في المدينة</h1><p>{first}</p><p>{rest}</p></article>"
    assert read_page(html.encode()).stories[0].authors == ()
