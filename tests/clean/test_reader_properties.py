"""What holds of every page, however it is built: nothing invented, nothing twice, nothing silently lost.

Pages are made of lines that are all different, so that a text found in a reading has one place on
the page. They are set in every kind of markup, with cues, lists, second stories and furniture in any
order, and with the mistakes pages have.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from marsad.clean.page import Page, Reading, read_closely, read_page
from marsad.clean.text import ends_sentence, fold, tidy
from marsad.errors import UnreadablePage

MODEST = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
FEWER = settings(MODEST, max_examples=60)

# Lines of several subjects. A number written out makes each sentence a different one.
WHO = [
    "بلدية الميناء",
    "جمعية الصيادين",
    "مديرة المتحف",
    "اتحاد المزارعين",
    "قائد الفريق",
    "مرصد الزلازل",
    "نقابة الأطباء",
]
DID = ["أعلنت أن العمل في", "أكدت أن الزيارات إلى", "ذكرت أن الأضرار في", "أوضحت أن التسجيل في", "كشفت أن الأعمال في"]
WHERE = ["السوق القديمة", "حديقة الساحل", "محطة القطار", "قاعة المدينة", "معصرة الوادي", "مستشفى الجبل", "ملعب الحي"]
THEN = [
    "ستستمر حتى نهاية الشهر بمشاركة متطوعين من الأحياء المجاورة",
    "ستبدأ فجر الأحد رغم سوء الأحوال الجوية وتأخر وصول المعدات",
    "لن تتأثر بالقرار الذي صدر أول أمس وأثار جدلا بين السكان",
    "تفوق ما كان مقررا في الخطة الأولى بمقدار الثلث تقريبا",
]
NUMBERS = ["الأولى", "الثانية", "الثالثة", "الرابعة", "الخامسة", "السادسة", "السابعة", "الثامنة", "التاسعة", "العاشرة"]
OPENINGS = ["", "و", "كما ", "غير أن "]
TITLE = "افتتاح سوق الحرفيين في قلب المدينة القديمة"
SECOND = [
    (
        "سباق القوارب الشراعية يعود بعد انقطاع طويل",
        "يعود سباق القوارب الشراعية إلى الخليج في الربيع بعد انقطاع دام سبعة أعوام، بمشاركة أربعين قاربا من عشر دول.",
        "وتنطلق القوارب من المرفأ الغربي عند شروق الشمس، ويعلن اسم الفائز في حفل يقام على رصيف الشراع.",
    ),
    (
        "مزارعو الهضبة يجربون الري تحت سطح التربة",
        "يجرب مزارعو الهضبة طريقة جديدة للري تحت سطح التربة تقلل التبخر وتخفض كمية المياه إلى النصف.",
        "ويقول مهندس زراعي إن الأنابيب المدفونة تكفي عشر سنوات إذا نظفت مرشحاتها في نهاية كل موسم.",
    ),
    (
        "عازفة عود شابة تحيي تراث الموشحات الأندلسية",
        "أحيت عازفة العود الشابة ريم الصباغ أمسية من الموشحات الأندلسية أعادت فيها إلى المسرح ألحانا نادرة.",
        "وجمعت العازفة هذه الألحان من تسجيلات قديمة على أسطوانات عثرت عليها في بيت جدها.",
    ),
    (
        "طبيبة القرية تتنقل بين المرضى على دراجة",
        "تتنقل طبيبة القرية الوحيدة بين بيوت مرضاها على دراجة هوائية منذ انقطع الوقود عن المنطقة الجبلية.",
        "وتحمل الطبيبة حقيبتها على ظهرها، وتقطع ثلاثين كيلومترا في اليوم مهما ساء الطقس.",
    ),
]
"""Stories of their own subjects: headline, and a text that speaks of it."""
LINKED = [
    "متحف البحر يعرض سفينة غرقت قبل قرنين",
    "أسعار الخبز مستقرة رغم غلاء الطحين",
    "تلاميذ يزرعون ألف شجرة سنديان",
    "حافلات كهربائية في شوارع العاصمة قريبا",
]
HEADINGS = ["خلفيات القرار", "أرقام ودلالات", "ماذا بعد", "آراء السكان"]
ITEMS = ["دفتر العائلة", "صورة شخصية حديثة", "إيصال الرسوم", "شهادة السكن"]
SHORT = ["هكذا انتهى اليوم الطويل.", "لم يصب أحد بأذى.", "المشروع مستمر."]
LABELS = [
    "المصدر: وكالات", "(أ ف ب)", "كلمات مفتاحية: سوق، ميناء", "الوسوم: سوق، ميناء", "شارك الخبر", "حجم الخط",
    "تابعونا على قناتنا في تلغرام", "* * *", "بقلم: سمر الحاج", "الأربعاء 3 تموز 2024", "رابط مختصر: http://a.example/x",
]  # fmt: skip
CUES = ["اقرأ أيضا:", "إقرأ المزيد", "طالع أيضاً", "مواضيع ذات صلة", "أخبار متعلقة:"]


def sentence(seed: int) -> str:
    """One of many sentences, all different: the mixed radix digits of a number pick its words."""
    seed, opening = divmod(seed, len(OPENINGS))
    seed, who = divmod(seed, len(WHO))
    seed, did = divmod(seed, len(DID))
    seed, where = divmod(seed, len(WHERE))
    seed, then = divmod(seed, len(THEN))
    number = NUMBERS[seed % len(NUMBERS)]
    said = f"{WHO[who]} {DID[did]} {WHERE[where]} {THEN[then]}، وذلك للمرة {number}."
    return OPENINGS[opening] + said


SENTENCES = len(OPENINGS) * len(WHO) * len(DID) * len(WHERE) * len(THEN) * len(NUMBERS)


@dataclass(frozen=True)
class Line:
    """A line of a page: what it says, and what it is for."""

    kind: str
    text: str
    href: str = ""


Part = Line | tuple["Line", ...]
"""A line, or lines in a box of their own."""


@st.composite
def parts(draw: st.DrawFn) -> list[Part]:
    """What stands under a page's headline, in any order, no text twice."""
    seeds = draw(st.lists(st.integers(0, SENTENCES - 1), min_size=3, max_size=14, unique=True))
    prose = [Line("prose", sentence(s)) for s in seeds]
    seconds, links = draw(st.permutations(SECOND)), draw(st.permutations(LINKED))
    subs, items, shorts = draw(st.permutations(HEADINGS)), draw(st.permutations(ITEMS)), draw(st.permutations(SHORT))
    labels = draw(st.permutations(LABELS))
    made: list[Part] = [prose.pop(), prose.pop()]
    kinds = st.sampled_from(
        ["prose"] * 5 + ["second", "box", "link", "listed", "sub", "items", "short", "label", "rule"]
    )
    for kind in draw(st.lists(kinds, max_size=14)):
        if kind == "prose" and prose:
            made.append(prose.pop())
        elif kind in ("second", "box") and seconds:
            headline, *told_by = seconds.pop()
            told = (Line("headline", headline), *(Line("prose", text) for text in told_by))
            cue = (Line("cue", draw(st.sampled_from(CUES))),) if draw(st.booleans()) else ()
            made += [(*cue, *told)] if kind == "box" else [*cue, *told]
        elif kind == "link" and links:
            made += [
                Line("cue", draw(st.sampled_from(CUES))),
                Line("link", links.pop(), draw(st.sampled_from(["/n/1", ""]))),
            ]
        elif kind == "listed" and len(links) >= 2:
            made += [Line("cue", CUES[3]), Line("link", links.pop(), "/n/2"), Line("link", links.pop(), "/n/3")]
        elif kind == "sub" and subs:
            made.append(Line("sub", subs.pop()))
        elif kind == "items" and len(items) >= 2:
            made += [Line("item", items.pop()), Line("item", items.pop())]
        elif kind == "short" and shorts:
            made.append(Line("short", shorts.pop()))
        elif kind == "label" and labels:
            made.append(Line("label", labels.pop()))
        elif kind == "rule":
            made.append(Line("rule", ""))
    return made


def flat(page: Sequence[Part]) -> list[Line]:
    return [x for part in page for x in ((part,) if isinstance(part, Line) else part)]


Setting = Callable[[Line], str]
PLAIN_MARKS = {"headline": "<h2>{}</h2>", "sub": "<h3>{}</h3>", "item": "<ul><li>{}</li></ul>", "rule": "<hr>"}
SETTINGS: dict[str, dict[str, str]] = {
    "paragraphs": {"": "<p>{}</p>", **PLAIN_MARKS},
    "divs": {"": "<div>{}</div>", "rule": "<hr>"},
    "line breaks": {"": "{}<br>\n", "rule": "<hr>"},
    "double breaks": {"": "{}<br><br>", "rule": "<hr>", "sub": "<b>{}</b><br>"},
    "sections": {"": "<section><p>{}</p></section>", "rule": "<hr>"},
    "unclosed": {"": "<p>{}\n", "headline": "<h2>{}</h2>", "item": "<ul><li>{}</ul>", "rule": "<hr>"},
    "crossed": {"": "<p><b>{}</p></b>", "rule": "<hr>"},
    "strays": {"": "</div><p>{}</p></span>", "rule": "<hr>"},
    "fonts": {"": '<p><font size="3"><span>{}</span></font></p>', "rule": "<hr>", "headline": "<p><b>{}</b></p>"},
    "cells": {"": "<tr><td>{}</td></tr>", "rule": "<tr><td><hr></td></tr>"},
    "quotes": {"": "<p>{}</p>", "prose": "<blockquote><p>{}</p></blockquote>", "rule": "<hr>"},
}
WRAPPERS = [
    ("<article>", "</article>"),
    ("<div class=content>", "</div>"),
    ("<main><div><div>", "</div></div></main>"),
    ("<div>", ""),
    ("", ""),
]


def set_in(page: Sequence[Part], title: str, marks: dict[str, str], wrapper: tuple[str, str]) -> str:
    """The markup of a page."""

    def line(one: Line) -> str:
        text = f'<a href="{one.href}">{escape(one.text)}</a>' if one.href else escape(one.text)
        return marks.get(one.kind, marks[""]).format(text)

    body = "".join(line(p) if isinstance(p, Line) else f"<div>{''.join(map(line, p))}</div>" for p in page)
    if "cells" in SETTINGS and marks is SETTINGS["cells"]:
        body = f"<table>{body}</table>"
    head = f"<!doctype html><html lang=ar><head><meta charset=utf-8><title>{title} | مجمع الأخبار</title></head><body>"
    return f"{head}{wrapper[0]}<h1>{title}</h1>{body}{wrapper[1]}</body></html>"


def as_text(page: Sequence[Part], title: str) -> str:
    lines = [f"• {x.text}" if x.kind == "item" else x.text for x in flat(page) if x.kind != "rule"]
    return "\n\n".join([title, *lines])


@st.composite
def pages(draw: st.DrawFn) -> tuple[list[Line], str]:
    """The lines of a page and the page."""
    made = draw(parts())
    setting = draw(st.sampled_from([*SETTINGS, "plain"]))
    if setting == "plain":
        return flat(made), as_text(made, TITLE)
    return flat(made), set_in(made, TITLE, SETTINGS[setting], draw(st.sampled_from(WRAPPERS)))


def closely(page: str) -> Reading:
    return read_closely(page.encode(), url="http://a.example/1")


@MODEST
@given(pages())
def test_no_text_is_invented(made: tuple[list[Line], str]) -> None:
    """Whole lines of the page, letter for letter: nothing joined, nothing cut short."""
    lines, page = made
    said = {TITLE, *(x.text for x in lines)}
    for story in closely(page).page.stories:
        assert set(story.paragraphs) <= said
        assert story.title is None or story.title in said
        assert {x.title for x in story.links} <= said
        assert all(x.url is None or x.url.startswith("http://a.example/n/") for x in story.links)
        assert {c.text for c in story.cuts} <= said


@MODEST
@given(pages())
def test_no_paragraph_is_in_two_stories_and_their_order_is_the_pages(made: tuple[list[Line], str]) -> None:
    lines, page = made
    place = {x.text: n for n, x in enumerate(lines)}
    found = [[place[t] for t in s.paragraphs] for s in closely(page).page.stories]
    for story in found:
        assert story == sorted(set(story))
    assert len({n for story in found for n in story}) == sum(map(len, found))


@MODEST
@given(pages())
def test_no_prose_is_silently_lost(made: tuple[list[Line], str]) -> None:
    """Each block of prose in the story's region is in one story, or in a cut with its rule, or a named link."""
    lines, page = made
    reading = closely(page)
    prose = {x.text for x in lines if x.kind == "prose"}
    region = reading.document.containers[reading.region.container]
    told = {t for s in reading.page.stories for t in s.paragraphs}
    told |= {c.text for s in reading.page.stories for c in s.cuts} | {
        x.title for s in reading.page.stories for x in s.links
    }
    told |= {s.lead for s in reading.page.stories if s.lead}
    for block in reading.document.blocks[max(region.start, reading.title_index + 1) : region.end]:
        if block.text in prose and not reading.region.roles[block.container]:
            assert block.text in told


@FEWER
@given(pages())
def test_the_whole_page_is_in_the_region_where_nothing_else_is_on_it(made: tuple[list[Line], str]) -> None:
    """The first two paragraphs of a page that has nothing but its text are never lost with the region."""
    lines, page = made
    kinds = [x.kind for x in lines]
    assume(kinds.count("link") <= kinds.count("prose"))  # the golden page body_divs_and_lists tells why
    first, second = lines[0].text, lines[1].text
    main = closely(page).page.stories[0]
    assert first in main.paragraphs
    assert second in main.paragraphs


@MODEST
@given(pages())
def test_a_second_story_under_its_cue_is_never_fused(made: tuple[list[Line], str]) -> None:
    """Whatever the markup and whatever stands before: headline and text after a bare cue are a story of their own."""
    lines, page = made
    cued = {b.text for a, b in pairwise(lines) if (a.kind, b.kind) == ("cue", "headline")}
    told = {s.title: s.paragraphs for s in closely(page).page.stories}
    for headline, *texts in SECOND:
        if headline in cued:
            assert told[headline][: len(texts)] == tuple(texts)


@FEWER
@given(pages())
def test_every_cut_names_its_rule_once(made: tuple[list[Line], str]) -> None:
    lines, page = made
    cuts = [c for s in closely(page).page.stories for c in s.cuts]
    assert all(c.rule for c in cuts)
    texts = [c.text for c in cuts]
    cues = {x.text for x in lines if x.kind == "cue"}
    assert len({t for t in texts if t not in cues}) == len([t for t in texts if t not in cues])


@FEWER
@given(pages(), st.sampled_from(["html", "plain"]))
def test_reading_the_output_again_changes_nothing(made: tuple[list[Line], str], form: str) -> None:
    _, page = made
    kinds = {b.text: b.kind for b in closely(page).document.blocks}
    for story in closely(page).page.stories:
        texts = list(story.paragraphs)
        if len(texts) < 2 or story.title is None or not ends_sentence(texts[0]):
            continue  # a text that begins with no sentence is a list taken for one
        if form == "html":
            body = "".join(f"<li>{t}</li>" if kinds.get(t) == "list_item" else f"<p>{t}</p>" for t in texts)
            again = f"<!doctype html><meta charset=utf-8><article><h1>{story.title}</h1>{body}</article>"
        else:
            again = "\n\n".join([story.title, *texts])
        second = read_page(again.encode())
        assert [s.paragraphs for s in second.stories] == [story.paragraphs]
        assert second.stories[0].title == story.title


@FEWER
@given(pages())
def test_the_same_bytes_give_the_same_stories(made: tuple[list[Line], str]) -> None:
    content = made[1].encode()
    assert read_page(content) == read_page(content)


def squashed(text: str) -> str:
    """The letters and digits of a text and nothing else: what no tidying changes."""
    return fold(tidy(text)).replace(" ", "")


SOUP = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<br>",
        "<b>",
        "</b>",
        "<i>",
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<ul>",
        "<li>",
        "</ul>",
        "<h2>",
        "</h2>",
        "<article>",
        "</article>",
        "<blockquote>",
        "</blockquote>",
        "<section",
        "class=related>",
        "</section>",
        "<figure>",
        "<figcaption>",
        "</figure>",
        "<hr>",
        "<!--",
        "-->",
        "<pre>",
        "</pre>",
        "&nbsp;",
        "&amp;",
        "&#1575;",
        "&lt;",
        "<a&#32;href=/x>",
        "</a>",
        "<span>",
        "</span>",
        "<font>",
        "</font>",
        "<center>",
        "<dl>",
        "<dt>",
        "<dd>",
    ]
)


@MODEST
@given(
    st.lists(
        st.one_of(SOUP, st.integers(0, SENTENCES - 1).map(sentence), st.sampled_from([*LABELS, *CUES, *LINKED])),
        max_size=50,
    )
)
def test_tag_soup_invents_nothing(pieces: list[str]) -> None:
    """Another parser's plain text of the page holds every paragraph, in one piece."""
    page = " ".join(p.replace("&#32;", " ") for p in pieces)
    try:
        stories = read_page(f"<html><body>{page}</body></html>".encode()).stories
    except UnreadablePage:
        return
    body = LexborHTMLParser(f"<html><body>{page}</body></html>").body
    text = squashed(body.text(deep=True) if body is not None else "")
    for story in stories:
        for told in [*story.paragraphs, *(x.title for x in story.links), story.title or ""]:
            assert squashed(told) in text


@FEWER
@given(pages(), st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 60), st.binary(max_size=4)), max_size=6))
def test_a_damaged_page_is_read_or_refused(made: tuple[list[Line], str], wounds: list[tuple[int, int, bytes]]) -> None:
    """Bytes lost and bytes strewn in: whatever is left is a page or UnreadablePage."""
    content = made[1].encode()
    for place, size, strewn in wounds:
        place %= max(1, len(content))
        content = content[:place] + strewn + content[place + size :]
    try:
        page: Page = read_page(content)
    except UnreadablePage:
        return
    for story in page.stories:
        for text in story.paragraphs:
            assert text == tidy(text) != ""


HOSTILE = [
    "<p>{}</p>", "<div>{}", "<ul><li>{}", "<h2>{}</h2>", "<a href='/{}'>{}</a>", "<table><tr><td>{}</td></tr>", "{}<br>",
    "<article><h2>{}</h2>", "<hr>{}", "<p class=date>{}</p>", "<b><i>{}", "<!-- {} ", "<section class=related>{}</section>",
]  # fmt: skip
FILLINGS = [*CUES, *LABELS, *LINKED[:2], sentence(1), sentence(4000), "(((((", "#" * 50, "3/3/2024 " * 5, "،" * 80]


@pytest.mark.timed
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(HOSTILE), st.sampled_from(FILLINGS)), min_size=1, max_size=4))
@example(
    [("<p>{}</p>", CUES[0]), ("<h2>{}</h2>", LINKED[0]), ("<p>{}</p>", sentence(1)), ("<p>{}</p>", sentence(4000))]
)
@example([("<hr>{}", LINKED[0]), ("<p>{}</p>", sentence(1)), ("<p>{}</p>", sentence(4000))])
@example([("<article><h2>{}</h2>", LINKED[0]), ("<p class=date>{}</p>", LABELS[9]), ("<p>{}</p>", sentence(1))])
def test_a_motif_repeated_without_end_costs_bounded_time(motif: list[tuple[str, str]]) -> None:
    page = "".join(mark.replace("{}", text) for mark, text in motif) * (6_000 // len(motif))
    started = time.perf_counter()
    read_page(page.encode())
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_plain_story_survives_every_setting(setting: str) -> None:
    """No cue, no trap: each kind of markup gives the same paragraphs."""
    told = [Line("prose", sentence(s)) for s in (0, 2804, 9120, 17_003, 31_111)]
    for wrapper in WRAPPERS:
        page = set_in(told, TITLE, SETTINGS[setting], wrapper)
        (story,) = read_page(page.encode()).stories
        assert story.title == TITLE
        assert list(story.paragraphs) == [x.text for x in told]
