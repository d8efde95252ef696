"""When a story was published: the page's own word, and never another story's."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from marsad.clean.page import read_page
from marsad.clean.record import PublishedBasis
from marsad.sources import Source

TITLE = "المرفأ القديم يستقبل أول سفينة ركاب منذ عقد"
P1 = "رست في المرفأ القديم أول سفينة ركاب منذ عشر سنوات، وعلى متنها أكثر من مئتي زائر من موانئ الجوار."
P2 = "وقالت إدارة المرفأ إن الأرصفة جددت بالكامل، وإن رحلتين ستصلان كل أسبوع في فصل الصيف المقبل."
P3 = "وأقيم للركاب استقبال شعبي قرب البوابة القديمة، شاركت فيه فرق فنية من أحياء المدينة كلها."
SOURCE = Source(name="mina", title="وكالة الميناء", homepage="http://mina.example", timezone="Asia/Beirut")


def ld(**fields: Any) -> str:
    data = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f"<script type='application/ld+json'>{json.dumps(data, ensure_ascii=False)}</script>"


def dated(
    top: str = "", head: str = "", body: str = "", tail: str = "", before: str = "", **options: Any
) -> tuple[PublishedBasis | None, str | None]:
    html = (
        f"<html lang=ar><head><meta charset=utf-8><title>{TITLE}</title>{head}</head><body>{before}"
        f"<div class=story><h1>{TITLE}</h1>{top}<div class=text>{body or f'<p>{P1}</p><p>{P2}</p>'}</div></div>{tail}"
        "</body></html>"
    )
    story = read_page(html.encode(), **{"source": SOURCE, "url": "http://mina.example/n/1", **options}).stories[0]
    return story.published_basis, story.published_at.strftime("%Y-%m-%d %H:%M") if story.published_at else None


@pytest.mark.parametrize(
    ("top", "instant"),
    [
        ("<div>نشر في: الأربعاء 3 تموز 2024 - 14:35</div>", "2024-07-03 11:35"),
        ("<div>نشر في 3 تموز 2024 14:35 | آخر تحديث 4 تموز 2024 09:00</div>", "2024-07-03 11:35"),
        ("<div>آخر تحديث: 4 تموز 2024 - 09:00 | تاريخ النشر: 3 تموز 2024 - 14:35</div>", "2024-07-03 11:35"),
        ("<div>آخر تحديث: 4 تموز 2024</div><div>نشر في: 3 تموز 2024</div>", "2024-07-02 21:00"),
        ("<div><span>تاريخ النشر</span></div><div>3 يوليو 2024</div>", "2024-07-02 21:00"),
        ("<div>3 يوليو 2024</div><div>14:35</div>", "2024-07-03 11:35"),
        ("<div>نشر في:03 تموز ,2024: 14:35</div>", "2024-07-03 11:35"),
        ("<div>تم النشر: 14:35 2024-07-03 آخر تحديث: 16:10 2024-07-04</div>", "2024-07-03 11:35"),
        ("<div>تاريخ النشر: 26 ذو الحجة 1445هـ الموافق 3 تموز 2024</div>", "2024-07-02 21:00"),
        ("<div>٣ يوليو ٢٠٢٤ - ٢:٣٥ م</div>", "2024-07-03 11:35"),
        ("<div>الأربعاء 3 يوليو 2024، آخر تحديث 14:35</div>", "2024-07-03 11:35"),
        ("<div>آخر تحديث 4 تموز 2024 - 09:00</div>", "2024-07-04 06:00"),
        ("<div>بقلم سمر داود | Jul 3, 2024, 2:35 p.m.</div>", "2024-07-03 11:35"),
        ("<h3>للكاتبة سمر داود</h3><h3>الأربعاء 3 تموز 2024</h3>", "2024-07-02 21:00"),
        ("<time datetime='2024-07-03T14:35:00+03:00'>قبل يومين</time>", "2024-07-03 11:35"),
        ("<time>3 يوليو 2024 14:35</time>", "2024-07-03 11:35"),
        ("<time class=updated datetime='2024-07-04T09:00'></time><time datetime='2024-07-03T14:35'></time>",
         "2024-07-03 11:35"),
    ],
)  # fmt: skip
def test_printed_dates_by_the_headline(top: str, instant: str) -> None:
    assert dated(top) == ("page_text", instant)


TEASER = (
    "<div class=sidebar><h3>الأكثر قراءة</h3><div><a href=/n/9>افتتاح معرض الزهور في الحديقة العامة</a>"
    "<span class=date>5 حزيران 2024</span><time datetime='2024-06-05'></time></div></div>"
)
RELATED = (
    "<div class=related><h3>أخبار ذات صلة</h3><ul><li><a href=/n/8>ترميم الجسر الحجري يبدأ في الخريف المقبل</a>"
    "<span>نشر في 6 حزيران 2024</span><time itemprop=datePublished datetime='2024-06-06'></time></li>"
    "<li><a href=/n/7>انطلاق الدورة الثانية من مهرجان الموسيقى</a><span>7 حزيران 2024</span>"
    "<time itemprop=datePublished datetime='2024-06-07'></time></li></ul></div>"
)
CARD = f"<div><h3><a href=/9>ترميم الجسر الحجري يبدأ غدا</a></h3><p>{P3}</p><span>3 مارس 2024</span></div>"
OTHER = ld(headline="ترميم الجسر الحجري يبدأ في الخريف", url="http://mina.example/n/8", datePublished="2024-06-06")


@pytest.mark.parametrize(
    "page",
    [
        {"tail": TEASER},
        {"tail": RELATED},
        {"before": f"<div class=header><p>الخميس 6 حزيران 2024</p>{'<p>قسم من أقسام الموقع</p>' * 12}</div>"},
        {"body": f"<p>{P1}</p><p>وكان المرفأ قد أغلق في 3 مارس 2014 بعد عاصفة حطمت أرصفته الشمالية.</p><p>{P2}</p>"},
        {"body": f"<p>{P1}</p><h3>حريق 3 مارس 2014</h3><p>{P2}</p><p>{P3}</p>"},
        {"tail": "<div class=foot>آخر تحديث للموقع: 12 مارس 2025 - جميع الحقوق محفوظة</div>"},
        {"top": "<figure><img src=/a.jpg><figcaption>المرفأ في 3 مارس 2021 (رويترز)</figcaption></figure>"},
        {
            "body": f"<p>{P1}</p><blockquote>تم النشر بواسطة <a href=http://x.example>المرفأ</a> في الأحد، ٣ مارس ٢٠٢٤</blockquote><p>{P2}</p>"
        },
        {"tail": f"<div>{CARD * 4}</div>"},
        {"head": OTHER},
        {"head": ld(headline=TITLE, datePublished="1970-01-01T00:00:00Z")},
        {"head": ld(headline=TITLE, datePublished="0001-01-01T00:00:00")},
        {"head": ld(headline=TITLE, datePublished="-0001-11-30T00:00:00+00:00")},
        {"head": "<meta property=article:published_time content='0000-00-00 00:00:00'>"},
    ],
)
def test_dates_of_others_date_nothing(page: dict[str, str]) -> None:
    assert dated(**page) == (None, None)


def test_of_several_articles_the_pages_own_is_believed() -> None:
    own = ld(headline=TITLE, datePublished="2024-07-03T11:35:00Z")
    full = ld(
        headline="ترميم الجسر الحجري يبدأ في الخريف", url="http://mina.example/n/8", datePublished="2024-06-06T08:00:00Z",
        author={"name": "سمر داود"}, articleBody=P3 * 9,
    )  # fmt: skip
    assert dated(head=full + own) == ("json_ld", "2024-07-03 11:35")
    by_address = ld(
        headline="عنوان آخر كتبه المحررون", url="http://mina.example/n/1/", datePublished="2024-07-03T11:35Z"
    )
    assert dated(head=full + by_address) == ("json_ld", "2024-07-03 11:35")


def test_a_quotation_that_breaks_json_ld_does_not_take_its_dates_along() -> None:
    broken = ld(headline="المدير: HERE الميناء جاهز HERE", datePublished="2024-07-03T11:35:00Z").replace("HERE", '"')
    assert dated(head=broken) == ("json_ld", "2024-07-03 11:35")
    assert dated(head=broken.replace("</script>", ' {"datePublished": "2024-06-06"}</script>')) == (None, None)


@pytest.mark.parametrize(
    ("declared", "basis", "instant"),
    [
        ("2024-07-03", "page_text", "2024-07-03 11:35"),
        ("2024-07-03T00:00:00", "page_text", "2024-07-03 11:35"),
        ("2024-07-02", "json_ld", "2024-07-01 21:00"),
        ("2024-07-03T09:00:00+03:00", "json_ld", "2024-07-03 06:00"),
    ],
)
def test_a_day_takes_its_hour_from_another_claim_of_that_day(declared: str, basis: str, instant: str) -> None:
    page = {"head": ld(headline=TITLE, datePublished=declared), "top": "<div>3 تموز 2024 - 14:35</div>"}
    assert dated(**page) == (basis, instant)


def test_a_change_before_the_publication_is_no_change() -> None:
    def modified(value: str) -> datetime | None:
        script = ld(headline=TITLE, datePublished="2024-07-03T11:35:00Z", dateModified=value)
        html = (
            f"<html><head><meta charset=utf-8>{script}</head><body><h1>{TITLE}</h1><p>{P1}</p><p>{P2}</p></body></html>"
        )
        return read_page(html.encode(), source=SOURCE).stories[0].modified_at

    assert modified("2024-07-03T12:00:00Z") == datetime(2024, 7, 3, 12, tzinfo=UTC)
    assert modified("2024-06-30T12:00:00Z") is None


@pytest.mark.parametrize(
    "top",
    [
        "<div>نشر في 3 تموز 2024 14:35 | آخر تحديث 4 تموز 2024 09:00</div>",
        "<div>آخر تحديث: 4 تموز 2024 - 09:00</div><div>نشر في: 3 تموز 2024</div>",
        "<time datetime='2024-07-03T14:35'></time><time class=updated datetime='2024-07-04T09:00'></time><p>x</p>",
    ],
)
def test_the_last_change_is_read_beside_the_publication(top: str) -> None:
    html = f"<html><meta charset=utf-8><body><h1>{TITLE}</h1>{top}<p>{P1}</p><p>{P2}</p></body></html>"
    found = read_page(html.encode(), source=SOURCE).stories[0]
    assert found.modified_at == datetime(2024, 7, 4, 6, tzinfo=UTC)
    assert found.published_at is not None
    assert found.published_at < found.modified_at


def test_a_second_story_has_its_own_date_and_author() -> None:
    second = (
        "<div class=more><h2>المتحف البحري يفتح أبوابه للتلاميذ مجانا</h2><div>كتبت: سمر داود</div>"
        "<time datetime='2024-07-01T10:00:00Z'>قبل يومين</time>"
        "<p>يفتح المتحف البحري أبوابه للتلاميذ مجانا طوال العطلة الصيفية، بحسب إدارة المتحف التي أعدت جولات خاصة لهم.</p>"
        "<p>وتشمل الجولات قاعة الخرائط القديمة ونماذج السفن الخشبية، ويشرف عليها متطوعون من طلاب الجامعات.</p></div>"
    )
    body = f"<p>{P1}</p><p>{P2}</p><h3>اقرأ أيضا</h3>{second}"
    head = ld(headline=TITLE, datePublished="2024-07-03T11:35:00Z", author={"name": "رامي حداد"})
    box = "<div class=author-box><h4>هالة عيسى</h4></div>"
    html = f"<html><head><meta charset=utf-8>{head}</head><body><h1>{TITLE}</h1><div>{body}</div>{box}</body></html>"
    main, other = read_page(html.encode(), source=SOURCE).stories
    assert (main.authors, main.published_at) == (("رامي حداد",), datetime(2024, 7, 3, 11, 35, tzinfo=UTC))
    assert (other.authors, other.published_at) == (("سمر داود",), datetime(2024, 7, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    "opening", ["بيروت – الأربعاء 3 تموز 2024: ", "تونس 3 جويلية 2024 (وات) - ", "بيروت في 3 تموز 2024 ـ "]
)
def test_the_day_of_a_dateline(opening: str) -> None:
    assert dated(body=f"<p>{opening}{P1}</p><p>{P2}</p>") == ("page_text", "2024-07-02 21:00")


def test_a_pages_own_date_stands_behind_its_storys() -> None:
    page = ld(datePublished="2024-07-05T08:00:00Z").replace("NewsArticle", "WebPage")
    assert dated(head=page) == ("json_ld", "2024-07-05 08:00")
    meta = "<meta property=article:published_time content='2024-07-03T11:35:00Z'>"
    assert dated(head=page + meta) == ("meta", "2024-07-03 11:35")


def test_the_day_in_the_address_counts_only_where_the_page_prints_none() -> None:
    url = "http://mina.example/2024/7/3/ship"
    assert dated(url=url) == ("url", "2024-07-02 21:00")
    assert dated("<div>2 تموز 2024</div>", url=url) == ("page_text", "2024-07-01 21:00")


def test_a_day_yet_to_come_is_a_problem() -> None:
    html = f"<h1>{TITLE}</h1><div>نشر في 3 تموز 2034</div><p>{P1}</p><p>{P2}</p>"
    story = read_page(f"<meta charset=utf-8>{html}".encode(), captured_on=date(2024, 7, 4)).stories[0]
    assert story.problem is not None
    assert story.problem.reason == "future_date"
