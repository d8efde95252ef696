"""The page with two stories, in every layout aggregators use, and the words that are no cues."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from marsad.clean.page import Page, read_page

PAGES = Path(__file__).parent.parent / "pages"
TEXT = (PAGES / "two_stories.txt").read_bytes()
GOLD = json.loads((PAGES / "two_stories.json").read_text(encoding="utf-8"))
MAIN, OTHER, RELATED = GOLD["main"], GOLD["embedded"], GOLD["related"]
HEADLINE = "ترميم الميناء القديم في صور يبدأ الشهر المقبل"
READ_MORE = MAIN["read_more"][0]
WORDS = " ".join(MAIN["keywords"])

HEAD = (
    f"<!doctype html><html lang=ar><head><meta charset=utf-8><title>{HEADLINE} | مجمع الأخبار</title></head><body>"
    "<nav class=menu><ul><li><a href=/>الرئيسية</a><li><a href=/p>سياسة</a><li><a href=/e>اقتصاد</a></ul></nav>"
)
FOOT = "<footer><p>جميع الحقوق محفوظة لمجمع الأخبار، ولا يجوز نسخ أي جزء من هذا الموقع دون إذن مكتوب.</p></footer>"
LIST = "<ul>" + "".join(f"<li><a href='/r/{i}'>{t}</a></li>" for i, t in enumerate(RELATED)) + "</ul>"
H1 = f"<h1>{HEADLINE}</h1>"


def ps(texts: list[str]) -> str:
    return "".join(f"<p>{t}</p>" for t in texts)


def body(middle: str) -> str:
    return ps(MAIN["paragraphs"][:3]) + middle + ps(MAIN["paragraphs"][3:])


LAYOUTS = {
    "helpful": HEAD
    + f"<article class=story>{H1}<div class=story-body>"
    + body(f"<div class=read-more><a href=/m>اقرأ المزيد {READ_MORE}</a></div>")
    + "</div><div class=source>المصدر: وكالات</div><div class=source>المصدر: شبكة الساحل</div>"
    + f"<div class=keywords>كلمات مفتاحية: {WORDS}</div></article>"
    + f"<section class=embedded-story><h3>اقرأ أيضاً:</h3><h2>{OTHER['title']}</h2>{ps(OTHER['paragraphs'])}</section>"
    + f"<section class=related><h3>مواضيع ذات صلة</h3>{LIST}</section>"
    + FOOT,
    "bare nested": HEAD
    + f"<div><div>{H1}<div>"
    + body(f"<div>اقرأ المزيد <a href=/m>{READ_MORE}</a></div>")
    + f"</div><div>المصدر: وكالات</div><div>المصدر: شبكة الساحل</div><div>كلمات مفتاحية: {WORDS}</div></div>"
    + f"<div><div>اقرأ أيضا</div><div><div>{OTHER['title']}</div>{ps(OTHER['paragraphs'])}</div></div>"
    + f"<div><div>مواضيع ذات صلة</div>{LIST}</div></div>"
    + FOOT,
    "flat": HEAD
    + f"<div>{H1}"
    + body(f"<p>اقرأ المزيد {READ_MORE}</p>")
    + ps(["المصدر: وكالات", "المصدر: شبكة الساحل", f"كلمات مفتاحية: {WORDS}", "إقـرأ أيضًا:", OTHER["title"]])
    + ps(OTHER["paragraphs"])
    + ps(["مواضيع ذات صلة", *(f"• {t}" for t in RELATED)])
    + "</div>"
    + FOOT,
    "line breaks": HEAD
    + f"<div>{H1}"
    + "<br>".join(
        [
            *MAIN["paragraphs"][:3],
            f"اقرأ المزيد {READ_MORE}",
            *MAIN["paragraphs"][3:],
            "المصدر: وكالات",
            "المصدر: شبكة الساحل",
            f"كلمات مفتاحية: {WORDS}",
            "اقرأ ايضا :",
            OTHER["title"],
            *OTHER["paragraphs"],
            "مواضيع ذات صلة",
            *(f"• {t}" for t in RELATED),
        ]
    )
    + "</div>"
    + FOOT,
    "two articles": HEAD
    + f"<main><article>{H1}"
    + body(f"<p><strong>اقرأ المزيد</strong><br><a href=/m>{READ_MORE}</a></p>")
    + "<p>المصدر: وكالات</p><p>المصدر: <a href=/s>شبكة الساحل</a></p><p>كلمات مفتاحية:</p><ul>"
    + "".join(f"<li><a href=/t>{k}</a></li>" for k in MAIN["keywords"])
    + f"</ul></article><article><h2>{OTHER['title']}</h2>{ps(OTHER['paragraphs'])}</article></main>"
    + f"<div><h4>مواضيع ذات صلة</h4>{LIST}</div>"
    + FOOT,
}


def check(page: Page, title: str | None) -> None:
    assert [s.role for s in page.stories] == ["main", "embedded"]
    for story, gold in zip(page.stories, (MAIN, OTHER), strict=True):
        assert list(story.paragraphs) == gold["paragraphs"]
        assert list(story.attributions) == gold["attributions"]
        assert list(story.keywords) == gold["keywords"]
        assert [x.title for x in story.links if x.kind == "read_more"] == gold["read_more"]
        assert story.published_at is None
        assert story.authors == ()
    assert page.stories[0].title == title
    assert page.stories[1].title == OTHER["title"]
    assert [x.title for s in page.stories for x in s.links if x.kind == "related"] == RELATED


def test_plain_text_is_split_to_the_letter() -> None:
    page = read_page(TEXT)
    check(page, None)
    assert page.language == "ar"
    assert page.stories[0].extraction_method == "text"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_html_is_split_alike_in_every_layout(layout: str) -> None:
    check(read_page(LAYOUTS[layout].encode(), url="http://mujammi.example/1"), HEADLINE)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_line_taken_out_leaves_a_cut_with_its_rule(layout: str) -> None:
    page = read_page(LAYOUTS[layout].encode())
    rules = {c.rule for s in page.stories for c in s.cuts}
    assert {"read_more", "source_line", "keyword_line", "related"} <= rules
    assert not any(OTHER["paragraphs"][0] in c.text for s in page.stories for c in s.cuts)


PROSE = "وأكد المتحدث باسم الوزارة أن الفرق الميدانية ستواصل عملها في القرى المتضررة حتى نهاية الأسبوع الجاري."


@pytest.mark.parametrize(
    "trap",
    [
        "المصدر نفسه قال إن المفاوضات وصلت إلى مرحلة متقدمة وإن التوقيع قريب.",
        "المصدر: لا أستطيع أن أكشف أكثر من ذلك، لكن الاتفاق بات جاهزا للتوقيع.",
        "ذات صلة بالملف تحركت لجنة نيابية لطلب الوثائق كاملة من الوزارة.",
        "اقرأ المزيد من الكتب تصبح كاتبا أفضل، هكذا نصحته معلمته في الصف الرابع.",
        "للمزيد من الدقة أعاد الفريق القياس ثلاث مرات في مواقع مختلفة.",
        "كلمات مفتاحية كثيرة ترددت في الخطاب، أهمها العدالة والمساءلة.",
        "الوسوم التي انتشرت على مواقع التواصل طالبت بمحاسبة المسؤولين عن الحادث.",
        "نقلا عن مسؤول في المرفأ، ذكرت الصحيفة أن السفن ستعود الأسبوع المقبل.",
        "كتب الرئيس على حسابه أن البلاد ستتجاوز هذه المحنة بفضل أبنائها.",
        "آخر تحديث للبيانات أظهر ارتفاع الصادرات بنسبة كبيرة خلال الربع الأخير.",
        "رويترز كانت أول من نشر الخبر قبل أن تؤكده الحكومة مساء أمس.",
        "مواضيع كثيرة طرحت على طاولة البحث بين الوفدين خلال الجلسة المغلقة.",
    ],
)
@pytest.mark.parametrize("form", ["html", "plain"])
def test_a_cue_word_inside_a_sentence_cuts_nothing(trap: str, form: str) -> None:
    texts = [PROSE, trap, PROSE.replace("القرى", "المدن"), PROSE.replace("الوزارة", "البلدية")]
    html = f"<html><body><div><h1>عنوان طويل عن الملف الجديد</h1>{ps(texts)}</div></body></html>"
    page = read_page((html if form == "html" else "\n\n".join(texts)).encode())
    assert list(page.stories[0].paragraphs) == texts
    assert len(page.stories) == 1


def test_a_linked_headline_amid_the_story_does_not_end_it() -> None:
    linked = "<p>اقرأ أيضا:</p><p><a href=/x>حصاد الزيتون يبدأ مبكرا في قرى الجبل هذا العام</a></p>"
    cities, towns, plains = (PROSE.replace("القرى", place) for place in ("المدن", "البلدات", "السهول"))
    html = f"<article><h1>عنوان طويل عن الملف الجديد</h1>{ps([PROSE, cities])}{linked}{ps([towns, plains])}</article>"
    page = read_page(html.encode(), url="http://a.example/1")
    assert len(page.stories) == 1
    assert len(page.stories[0].paragraphs) == 4
    (link,) = page.stories[0].links
    assert (link.kind, link.url) == ("read_more", "http://a.example/x")


def test_a_photo_source_in_the_middle_does_not_end_the_story() -> None:
    texts = [PROSE, "المصدر: رويترز", PROSE.replace("القرى", "المدن"), PROSE.replace("القرى", "السهول")]
    html = f"<div><h1>عنوان طويل عن الملف الجديد</h1>{ps(texts)}</div>"
    story = read_page(html.encode()).stories[0]
    assert len(story.paragraphs) == 3
    assert story.attributions == ("رويترز",)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("(أ ف ب)", ("أ ف ب",)),
        ("رويترز، أ ب", ("رويترز", "أ ب")),
        ("--(بترا)", ("بترا",)),
        ("المصدر: وكالات", ("وكالات",)),
    ],
)
def test_agency_credits_become_attributions(line: str, names: tuple[str, ...]) -> None:
    html = f"<div><h1>عنوان طويل عن الملف الجديد</h1>{ps([PROSE, PROSE, line])}</div>"
    story = read_page(html.encode()).stories[0]
    assert story.attributions == names
    assert line not in story.paragraphs


def test_a_credit_inside_a_paragraph_stays_in_its_text() -> None:
    last = PROSE[:-1] + " (رويترز)"
    story = read_page(f"<div>{ps([PROSE, last])}</div>".encode()).stories[0]
    assert story.paragraphs[-1] == last
    assert story.attributions == ("رويترز",)
