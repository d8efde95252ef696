"""The rules by which stories are parted, each with the page that it was made for and its opposite."""

from __future__ import annotations

import json
import textwrap

import pytest

from marsad.clean.kinship import goes_on
from marsad.clean.page import Page, Story, read_page

TITLE = "بلدية الميناء تعيد فتح القناة القديمة بعد ترميم دام عامين"
CANAL = [
    "أعادت بلدية الميناء صباح الاثنين فتح القناة القديمة أمام القوارب الصغيرة، بعد ترميم دام عامين وشمل الجدران والجسور.",
    "وقال رئيس البلدية نادر الشامي إن العمال أزالوا أكثر من مئتي طن من الطمي قبل أن تعود المياه إلى مجراها.",
    "وسيسمح للصيادين بالعبور مجانا حتى نهاية الصيف، على أن تحدد الرسوم بعد دراسة تعدها غرفة التجارة.",
    "ويأمل أصحاب المقاهي على الضفتين أن تعيد القناة الزوار إلى الحي الذي هجره كثيرون في السنوات الأخيرة.",
]
COMET = "تلسكوب الصحراء يرصد مذنبا لم يعرف من قبل"
SKY = [
    "رصد تلسكوب نصب في الصحراء الغربية مذنبا لم يعرف من قبل، يتوقع أن يرى بالعين المجردة في أواخر الخريف.",
    "وأشارت الفلكية منى البكري إلى أن المذنب يدور حول الشمس مرة كل أربعة قرون تقريبا.",
    "وسيحمل الجرم الجديد اسم المرصد الذي اكتشفه بعد أن يؤكد الاتحاد الدولي القياسات.",
]
OTHER = "قطار الساحل يعود إلى العمل بثلاث رحلات يوميا"
SHORT = "ولم يصب أحد بأذى."


def ps(*texts: str) -> str:
    return "".join(f"<p>{t}</p>" for t in texts)


def read(body: str, head: str = "") -> Page:
    html = f"<html lang=ar><head><meta charset=utf-8><title>{TITLE} | صحيفة المنارة</title>{head}</head><body>{body}</body></html>"
    return read_page(html.encode(), url="http://manara.example/news/1")


def page_of(inner: str, head: str = "") -> Page:
    return read(f"<div class=story><h1>{TITLE}</h1>{inner}</div>", head)


def only(page: Page) -> Story:
    (story,) = page.stories
    return story


def told(page: Page) -> list[tuple[str | None, list[str]]]:
    return [(s.title, list(s.paragraphs)) for s in page.stories]


# a paragraph that goes on


@pytest.mark.parametrize(
    "paragraph",
    [
        "وأضاف المتحدث أن العمل مستمر.",
        "وفي السياق نفسه، دعا الاتحاد إلى اجتماع.",
        "«وسنواصل العمل»، قال المتحدث.",
        "وَقالت المديرة إن الأبواب مفتوحة.",
        "كما أكد أن الرسوم لم تحدد.",
        "غير أن الصيادين طلبوا مهلة.",
        "إلا أن المجلس رفض الطلب.",
        "لكنه لم يذكر تاريخا.",
        "من جهته، أوضح المهندس أن الجسر متين.",
        "يذكر أن القناة حفرت قبل قرنين.",
        "إلى ذلك، شكلت لجنة للمتابعة.",
    ],
)
def test_a_paragraph_with_a_conjunction_goes_on(paragraph: str) -> None:
    assert goes_on(paragraph)


@pytest.mark.parametrize(
    "paragraph",
    [
        "وزير الطاقة يفتتح المحطة الجديدة.",
        "وزارة التعليم تعلن نتائج الثانوية.",
        "وصل وفد من غرفة التجارة إلى المدينة.",
        "واشنطن - قال مسؤول إن المحادثات ستستأنف.",
        "وافق المجلس على الموازنة.",
        "وكالة الفضاء تطلق قمرا جديدا.",
        "وقع الجانبان اتفاقا للتعاون.",
        "أعلنت البلدية فتح القناة.",
        "كمال سليم يفوز بالجائزة.",
        "غيرت الشركة اسمها.",
        "و",
        "",
        "...",
    ],
)
def test_a_word_whose_own_letter_it_is_may_begin_a_story(paragraph: str) -> None:
    assert not goes_on(paragraph)


@pytest.mark.parametrize("cue", ["اقرأ أيضا", "إقرأ المزيد:", "طالع أيضاً"])
def test_an_unlinked_headline_on_the_same_subject_amid_the_text_is_a_link(cue: str) -> None:
    headline = "رئيس البلدية: القناة القديمة ستفتح أمام السياح في الربيع"
    story = only(page_of(ps(*CANAL[:2], cue, headline, *CANAL[2:])))
    assert list(story.paragraphs) == CANAL
    assert [(x.kind, x.title) for x in story.links] == [("read_more", headline)]


def test_an_unlinked_headline_with_a_text_that_tells_it_opens_a_story() -> None:
    page = page_of(ps(*CANAL, "اقرأ أيضا", COMET, *SKY))
    assert told(page) == [(TITLE, CANAL), (COMET, SKY)]


# headings that are no headlines


@pytest.mark.parametrize("before", ["<hr>", "<p>* * *</p>", "<p>المصدر: رويترز</p>"])
@pytest.mark.parametrize(
    "heading", ["<h2>رسوم العبور</h2>", "<h3>عودة الزوار إلى الحي</h3>", "<p><b>ماذا بعد؟</b></p>"]
)
def test_a_heading_of_few_words_opens_no_story(before: str, heading: str) -> None:
    text = heading.replace("<p><b>", "<h>").split(">")[1].split("<")[0]
    story = only(page_of(ps(*CANAL[:2]) + before + heading + ps(*CANAL[2:])))
    assert list(story.paragraphs) == [*CANAL[:2], text, *CANAL[2:]]


@pytest.mark.parametrize("before", ["<hr>", "<p>* * *</p>", "<p>المصدر: رويترز</p>"])
def test_a_headline_of_many_words_does_where_its_text_tells_it(before: str) -> None:
    page = page_of(ps(*CANAL) + before + f"<h2>{COMET}</h2>" + ps(*SKY))
    assert told(page) == [(TITLE, CANAL), (COMET, SKY)]


def test_a_long_heading_after_a_rule_whose_text_goes_on_is_the_storys() -> None:
    heading = "رئيس البلدية يشرح كيف أزيل الطمي من القناة"
    story = only(page_of(ps(CANAL[0]) + f"<hr><h2>{heading}</h2>" + ps(*CANAL[1:])))
    assert list(story.paragraphs) == [CANAL[0], heading, *CANAL[1:]]


def test_a_heading_below_a_list_of_links_goes_on_with_the_story() -> None:
    links = f"<p>اقرأ أيضا</p><ul><li><a href=/n/2>{COMET}</a></li><li><a href=/n/3>{OTHER}</a></li></ul>"
    story = only(page_of(ps(*CANAL[:2]) + links + "<h2>رسوم العبور</h2>" + ps(*CANAL[2:])))
    assert list(story.paragraphs) == [*CANAL[:2], "رسوم العبور", *CANAL[2:]]
    assert [x.title for x in story.links] == [COMET, OTHER]
    assert {x.kind for x in story.links} == {"read_more"}


# headlines with a day of their own

DAY = "<p class=date>الأحد 30 حزيران 2024 - 21:30</p>"


@pytest.mark.parametrize(
    "headline", [f"<h2>{COMET}</h2>", f"<h2><a href=/n/2>{COMET}</a></h2>"], ids=["unlinked", "linked"]
)
def test_a_headline_with_a_day_in_its_own_box_opens_a_story(headline: str) -> None:
    page = read(f"<div><div><h1>{TITLE}</h1>{ps(*CANAL)}</div><div>{headline}{DAY}{ps(*SKY)}</div></div>")
    assert told(page) == [(TITLE, CANAL), (COMET, SKY)]
    main, second = page.stories
    assert main.published_at is None
    assert second.published_at is not None
    assert second.published_at.isoformat() == "2024-06-30T21:30:00+00:00"


def test_a_headline_with_a_day_in_the_same_box_opens_a_story() -> None:
    assert told(page_of(ps(*CANAL) + f"<h2>{COMET}</h2>{DAY}" + ps(*SKY))) == [(TITLE, CANAL), (COMET, SKY)]


def test_a_linked_headline_with_a_day_and_no_text_opens_none() -> None:
    teaser = f"<div><h2><a href=/n/2>{COMET}</a></h2>{DAY}</div>"
    page = read(f"<div><div><h1>{TITLE}</h1>{ps(*CANAL)}</div>{teaser * 2}</div>")
    assert list(only(page).paragraphs) == CANAL


# lines of the site


@pytest.mark.parametrize(
    "row",
    [
        "شارك على فيسبوك تويتر واتساب",
        "فيسبوك تويتر تلغرام نسخ الرابط",
        "Facebook Twitter WhatsApp",
        "طباعة إرسال بريد إلكتروني",
    ],
)
def test_a_row_of_share_buttons_is_cut(row: str) -> None:
    story = only(page_of(ps(*CANAL[:2], row, *CANAL[2:])))
    assert list(story.paragraphs) == CANAL
    assert [(c.rule, c.text) for c in story.cuts] == [("furniture", row)]


def test_a_sentence_that_begins_like_share_buttons_is_text() -> None:
    sentence = "شارك على فيسبوك مئات الأهالي صورا قديمة للقناة."
    assert sentence in only(page_of(ps(*CANAL[:2], sentence, *CANAL[2:]))).paragraphs


def test_a_second_story_behind_share_buttons_is_found() -> None:
    page = page_of(ps(*CANAL, "المصدر: وكالات", "شارك على فيسبوك تويتر واتساب", "اقرأ أيضا:", COMET, *SKY))
    assert told(page) == [(TITLE, CANAL), (COMET, SKY)]


@pytest.mark.parametrize(
    ("line", "name"), [("(الوطنية)", "الوطنية"), ("[صدى الخليج]", "صدى الخليج"), ("(وكالة الجبل)", "وكالة الجبل")]
)
def test_a_bracketed_name_on_the_last_line_is_a_credit(line: str, name: str) -> None:
    story = only(page_of(ps(*CANAL, line)))
    assert (story.attributions, list(story.paragraphs)) == ((name,), CANAL)
    assert [(c.rule, c.text) for c in story.cuts] == [("agency_credit", line)]


@pytest.mark.parametrize("line", ["(يتبع)", "(خاص)", "(بالصور)"])
def test_what_names_nobody_is_no_credit(line: str) -> None:
    assert only(page_of(ps(*CANAL, line))).attributions == ()


def test_a_bracketed_name_amid_the_text_is_no_credit() -> None:
    assert only(page_of(ps(*CANAL[:2], "(الوطنية)", *CANAL[2:]))).attributions == ()


@pytest.mark.parametrize("label", ["الوسوم", "تاجز", "وسوم:", "هاشتاغ"])
def test_a_bare_label_over_keywords_is_cut_with_them(label: str) -> None:
    story = only(
        page_of(
            ps(*CANAL, label) + "<ul><li><a href=/t/1>القناة القديمة</a></li><li><a href=/t/2>الصيادون</a></li></ul>"
        )
    )
    assert list(story.paragraphs) == CANAL
    assert story.keywords == ("القناة القديمة", "الصيادون")
    assert [c.text for c in story.cuts] == [label, "القناة القديمة", "الصيادون"]


COMMENTS = [
    "أخيرا عادت القناة، ذكرتني بأيام الطفولة على الجسر الخشبي.",
    "أرجو أن يحافظ أصحاب القوارب على النظافة هذه المرة، فقد تعبنا من الروائح.",
    "ماذا عن الرسوم؟ نريد جوابا واضحا من البلدية قبل نهاية الصيف.",
]


@pytest.mark.parametrize("heading", ["تعليقات القراء", "التعليقات (3)", "من نحن", "عن الموقع"])
@pytest.mark.parametrize("tag", ["div", "section"])
def test_a_box_that_only_its_heading_tells_is_not_the_story(heading: str, tag: str) -> None:
    box = f"<{tag}><h3>{heading}</h3>{ps(*COMMENTS)}</{tag}>"
    page = read(f"<div><div><h1>{TITLE}</h1>{ps(*CANAL[:2])}</div>{box}</div>")
    assert told(page) == [(TITLE, CANAL[:2])]


def test_a_sub_heading_about_comments_is_text() -> None:
    story = only(page_of(ps(*CANAL[:2]) + "<h3>تعليقات غاضبة من الصيادين</h3>" + ps(*CANAL[2:])))
    assert list(story.paragraphs) == [*CANAL[:2], "تعليقات غاضبة من الصيادين", *CANAL[2:]]


# short sentences, wrapped and preformatted text


@pytest.mark.parametrize("place", ["first", "last", "amid"])
@pytest.mark.parametrize("tag", ["div", "section", "p"])
def test_a_short_sentence_in_a_box_of_its_own_is_text(place: str, tag: str) -> None:
    at = {"first": 0, "amid": 2, "last": len(CANAL)}[place]
    texts = [*CANAL[:at], SHORT, *CANAL[at:]]
    inner = "".join(f"<{tag}>{t}</{tag}>" for t in texts)
    assert list(only(page_of(f"<div>{inner}</div>")).paragraphs) == texts


@pytest.mark.parametrize(
    "headline",
    [
        "هل يعود مذنب الصحراء قبل أربعة قرون؟",
        "مذنب جديد فوق الصحراء الغربية يا للدهشة!",
        "تلسكوب الصحراء ومذنب لم يعرف من قبل..",
        "تلسكوب الصحراء ومذنب لم يعرف من قبل…",
    ],
)
@pytest.mark.parametrize("form", ["html", "plain"])
def test_a_headline_may_ask_cry_or_stay_open(headline: str, form: str) -> None:
    lines = [*CANAL, "المصدر: وكالات", "اقرأ أيضا:", headline, *SKY]
    page = page_of(ps(*lines)) if form == "html" else read_page("\n\n".join([TITLE, *lines]).encode())
    assert told(page) == [(TITLE, CANAL), (headline, SKY)]


@pytest.mark.parametrize("width", [50, 72, 100])
def test_lines_broken_at_a_width_are_joined(width: int) -> None:
    paragraphs = [" ".join(x) for x in (CANAL, SKY, CANAL[1:3], SKY[:2])]
    text = "\n\n".join("\n".join(textwrap.wrap(x, width)) for x in paragraphs)
    page = read_page(f"{TITLE}\n\n{text}\n".encode())
    assert [p for s in page.stories for p in s.paragraphs] == paragraphs


def test_lines_that_end_as_sentences_are_paragraphs() -> None:
    page = read_page("\n".join([TITLE, "", *CANAL, "", *SKY]).encode())
    assert [p for s in page.stories for p in s.paragraphs] == [*CANAL, *SKY]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<pre>", "</pre>"),
        ("<div style='white-space: pre-line'>", "</div>"),
        ("<p style='white-space:pre-wrap'>", "</p>"),
    ],
)
@pytest.mark.parametrize("between", ["\n", "\n\n", "\n  \n"])
def test_lines_of_preformatted_text_are_kept(opening: str, closing: str, between: str) -> None:
    assert list(only(page_of(opening + between.join(CANAL) + closing)).paragraphs) == CANAL


def test_line_ends_of_the_source_part_nothing_elsewhere() -> None:
    broken = [t.replace(" ", "\n", 3) for t in CANAL]
    assert list(only(page_of(ps(*broken))).paragraphs) == CANAL


# who wrote it


AUTHOR = "<meta name=author content='سامي الحداد'>"


@pytest.mark.parametrize("line", ["بغداد - سامي الحداد", "سامي الحداد", "سامي الحداد - بيروت"])
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_line_of_the_authors_name_is_cut(line: str, place: str) -> None:
    texts = [line, *CANAL] if place == "first" else [*CANAL, line]
    story = only(page_of(ps(*texts), AUTHOR))
    assert (story.authors, list(story.paragraphs)) == (("سامي الحداد",), CANAL)
    assert line in [c.text for c in story.cuts]


@pytest.mark.parametrize("line", ["هكذا قال سامي الحداد.", "بغداد مدينة لا تنام"])
def test_a_line_that_says_more_stays(line: str) -> None:
    assert only(page_of(ps(line, *CANAL), AUTHOR)).paragraphs[0] == line


# pages without a story of their own


def test_a_page_of_nothing_but_state_is_read() -> None:
    state = {"props": {"pageProps": {"post": {"title": TITLE, "content": ps(*CANAL)}}}}
    script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(state, ensure_ascii=False)}</script>'
    page = read(f'<div id="__next"></div>{script}')
    story = only(page)
    assert (story.title, list(story.paragraphs), story.extraction_method) == (TITLE, CANAL, "state")


def test_state_of_another_story_does_not_fill_a_page() -> None:
    state = {"props": {"pageProps": {"related": [{"title": COMET, "content": ps(*SKY)}]}}}
    script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(state, ensure_ascii=False)}</script>'
    story = only(page_of(ps(*CANAL) + script))
    assert (list(story.paragraphs), story.extraction_method) == (CANAL, "container")


@pytest.mark.parametrize("says", ["الصفحة غير موجودة", "عذرا، الصفحة التي تبحث عنها غير متاحة", "404 Not Found"])
def test_a_missing_page_has_no_story(says: str) -> None:
    html = f"<meta charset=utf-8><title>{says}</title><h1>{says}</h1><p>ربما نقلت إلى عنوان آخر، أو حذفت من الموقع نهائيا.</p>"
    assert not read_page(html.encode()).has_story


def test_a_story_that_speaks_of_a_missing_page_is_one() -> None:
    sentence = "وظهرت لزوار الموقع عبارة «الصفحة غير موجودة» طوال يوم أمس."
    page = page_of(ps(*CANAL, sentence))
    assert page.has_story
    assert only(page).paragraphs[-1] == sentence
