"""Stories that are only in the data of a script."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.clean.jsliteral import NotLiteral, read_literal
from marsad.clean.nuxt import revive
from marsad.clean.payloads import MAX_SIZE
from marsad.clean.richtext import RichText
from marsad.clean.state import StateStory, find_state_story, state_scripts

TITLE = "بلدية الميناء تعيد فتح السوق القديم بعد عامين من الترميم"
PARAGRAPHS = [
    "أعادت بلدية الميناء صباح الخميس فتح السوق القديم أمام الزوار، بعد عامين من أعمال الترميم التي شملت القباب والأرصفة.",
    "وقال رئيس البلدية سامر الحلو: «عاد السوق إلى أهله»، مضيفا أن ستين محلا فتحت أبوابها في اليوم الأول.",
    "وبلغت كلفة المشروع أربعة ملايين دولار، تقاسمتها البلدية وصندوق التراث، على أن تبدأ المرحلة الثانية في الربيع.",
]
BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
OTHER_TITLE = "افتتاح معرض الزهور في الحديقة العامة"
OTHER = "".join(
    f"<p>وشهد معرض الزهور في يومه {n} إقبالا كبيرا من العائلات، وعرض المزارعون أصنافا نادرة من الورد الجوري.</p>"
    for n in range(9)
)
ARTICLE = {
    "title": TITLE, "body": BODY, "publishedAt": "2024-03-22T10:30:00Z", "updated_at": "2024-03-22T12:00:00Z",
    "author": {"name": "ليلى منصور"}, "category": {"name": "محليات"}, "tags": [{"name": "تراث"}, {"name": "أسواق"}],
    "image": {"url": "https://a.example/1.jpg", "caption": "مدخل السوق"}, "slug": "old-market", "excerpt": "ستون محلا فتحت أبوابها.",
}  # fmt: skip
RELATED = {"title": OTHER_TITLE, "body": OTHER, "slug": "flowers"}


def page_of(*scripts: str) -> str:
    return "<html><body><div id='root'></div>" + "".join(scripts) + "</body></html>"


def find(*scripts: str, title: str | None = TITLE, url: str | None = None) -> StateStory | None:
    return find_state_story(state_scripts(page_of(*scripts)), title, url)


def lines(body: str) -> list[str]:
    return [t for part in re.split(r"</?(?:p|h2|li|ul|blockquote|br)>", body) if (t := part.strip())]


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def js(value: Any) -> str:
    """As a bundler writes it: keys without quotes, single quotes, a trailing comma."""
    if isinstance(value, dict):
        return "{" + "".join(f"{k}:{js(v)}," for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(js, value)) + "]"
    if isinstance(value, bool):
        return "!0" if value else "!1"
    return (
        "void 0"
        if value is None
        else "'" + str(value).replace("\\", "\\\\").replace("'", "\\'").replace("/", "\\u002F") + "'"
    )


def devalue(value: Any, *before: Any) -> list[Any]:
    """As Nuxt 3 writes it."""
    flat = list(before)

    def add(item: Any) -> int:
        index = len(flat)
        flat.append(None)
        if isinstance(item, dict):
            flat[index] = {k: add(v) for k, v in item.items()}
        elif isinstance(item, list):
            flat[index] = [add(v) for v in item]
        else:
            flat[index] = item
        return index

    add(value)
    return flat


def flight(rows: str) -> str:
    half = len(rows) // 2
    return (
        "".join(f"<script>self.__next_f.push({dumps([1, part])})</script>" for part in (rows[:half], rows[half:]))
        + "<script>(self.__next_f=self.__next_f||[]).push([0])</script>"
    )


NUXT_2 = (
    "<script>window.__NUXT__=(function(a,b,c,d){d.title=a;d.body=b;d.publishedAt=\"2024-03-22T10:30:00Z\";d.tags=[{name:\"تراث\"},{name:\"أسواق\"}];"
    "d.author={name:\"ليلى منصور\"};return {layout:\"default\",data:[{article:d,related:c}],fetch:{},error:null,serverRendered:!0}}("
    + ",".join([dumps(TITLE), dumps(BODY).replace("/", "\\u002F"), "[]", "{}"]) + "));</script>"
)  # fmt: skip

FORMS = {
    "next": f'<script id="__NEXT_DATA__" type="application/json">{dumps({"props": {"pageProps": {"related": [RELATED], "article": ARTICLE}}, "page": "/[slug]"})}</script>',
    "flight": flight(
        "1:\"$Sreact.fragment\"\n2:I[123,[],\"default\"]\n"
        f"1b:T{len(BODY.encode()):x},{BODY}"
        f"5:[\"$\",\"$L2\",null,{dumps({'article': {**ARTICLE, 'body': '$1b'}, 'more': [RELATED]})}]\n"
    ),
    "nuxt3": f'<script type="application/json" id="__NUXT_DATA__">{dumps(devalue({"data": {"k": ARTICLE, "related": [RELATED]}}, ["ShallowReactive", 1]))}</script>',
    "nuxt2": NUXT_2,
    "nuxt2_literal": f"<script>window.__NUXT__={js({'data': [{'article': ARTICLE}], 'error': None, 'serverRendered': True})};</script>",
    "initial": f"<script>window.__INITIAL_STATE__ = {dumps({'post': {'current': ARTICLE, 'latest': [RELATED]}})};(function(){{var s;}}());</script>",
    "preloaded": f"<script>window['__PRELOADED_STATE__'] = {js({'entities': {'news': ARTICLE}})}</script>",
    "parse": f"<script>window.__APP_STATE__=JSON.parse({dumps(dumps({'article': ARTICLE}))})</script>",
    "apollo": "<script>window.__APOLLO_STATE__={}</script>".format(
        dumps({
            "ROOT_QUERY": {"article({\"slug\":\"old-market\"})": {"__ref": "Article:1"}},
            "Article:1": {**{k: v for k, v in ARTICLE.items() if k != "body"}, "body({\"format\":\"html\"})": BODY, "author": {"__ref": "Author:7"}},
            "Author:7": {"__typename": "Author", "name": "ليلى منصور"},
            "Article:2": RELATED,
        })
    ),
    "angular": '<script id="app-state" type="application/json">{}</script>'.format(
        dumps({"G.1": {"body": {"article": ARTICLE}}}).replace("&", "&a;").replace('"', "&q;").replace("<", "&l;").replace(">", "&g;")
    ),
    "remix": f"<script>window.__remixContext = {dumps({'state': {'loaderData': {'routes/news': {'article': ARTICLE}}}})};</script>",
    "svelte": f"<script>{{const data = [null,{{type:'data',data:{js({'post': ARTICLE})},uses:{{}}}}];}}</script>",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_story_is_found_in_every_frameworks_data(form: str) -> None:
    story = find(FORMS[form])
    assert story is not None
    assert story.title == TITLE
    assert lines(story.body) == PARAGRAPHS
    assert story.published == "2024-03-22T10:30:00Z"
    assert story.authors == ("ليلى منصور",)
    assert story.keywords == ("تراث", "أسواق")
    if form != "nuxt2":
        assert story.modified == "2024-03-22T12:00:00Z"
        assert story.section == "محليات"
        assert story.lead == "ستون محلا فتحت أبوابها."
        assert story.images == (("https://a.example/1.jpg", "مدخل السوق"),)
    assert "." in story.path


def test_the_path_says_where_it_was_found() -> None:
    story = find(FORMS["next"])
    assert story is not None
    assert story.path == "__NEXT_DATA__.props.pageProps.article"


def test_arc_elements_with_all_they_hold() -> None:
    elements = [
        {"type": "text", "content": PARAGRAPHS[0]},
        {"type": "image", "url": "https://a.example/x.jpg", "caption": "صورة"},
        {"type": "header", "level": 2, "content": "مرحلة ثانية"},
        {"type": "text", "content": f"<b>وقال</b> {PARAGRAPHS[1]}"},
        {"type": "interstitial_link", "url": "https://a.example/2", "content": "اقرأ أيضا: خبر آخر"},
        {"type": "list", "list_type": "unordered", "items": [{"type": "text", "content": "ستون محلا"}, {"type": "text", "content": "قبتان"}]},
        {"type": "quote", "content_elements": [{"type": "text", "content": "عاد السوق إلى أهله"}], "citation": {"content": "الحلو"}},
        {"type": "text", "content": PARAGRAPHS[2]},
    ]  # fmt: skip
    content = {
        "headlines": {"basic": TITLE}, "description": {"basic": "وصف قصير للخبر"}, "content_elements": elements,
        "display_date": "2024-03-22T10:30:00Z", "last_updated_date": "2024-03-23T10:30:00Z", "canonical_url": "/local/old-market/",
        "credits": {"by": [{"type": "author", "name": "ليلى منصور"}, {"type": "author", "name": "رامي سعد"}]},
        "taxonomy": {}, "promo_items": {"basic": {"type": "image", "url": "https://a.example/1.jpg", "caption": "المدخل"}},
    }  # fmt: skip
    story = find(
        f"<script>window.Fusion=window.Fusion||{{}};Fusion.arcSite='a';Fusion.globalContent={dumps(content)};Fusion.globalContentConfig={{}};</script>"
    )
    assert story is not None
    assert story.path == "globalContent"
    assert story.authors == ("ليلى منصور", "رامي سعد")
    assert story.images == (("https://a.example/1.jpg", "المدخل"),)
    assert (story.published[:10], story.modified[:10], story.lead) == ("2024-03-22", "2024-03-23", "وصف قصير للخبر")
    assert "<h2>مرحلة ثانية</h2>" in story.body
    assert "<li>ستون محلا</li><li>قبتان</li>" in story.body
    assert "<blockquote><p>عاد السوق إلى أهله</p></blockquote>" in story.body
    assert '<a href="https://a.example/2">' in story.body
    assert "صورة" not in story.body


def _runs(text: str) -> list[str]:
    return [text[:20], text[20:]]


TREES: dict[str, Any] = {
    "html": BODY,
    "text": "\n\n".join(PARAGRAPHS),
    "escaped": BODY.replace("<", "&lt;").replace(">", "&gt;"),
    "strings": PARAGRAPHS,
    "wordpress": {"rendered": BODY, "protected": False},
    "drupal": [{"value": BODY, "format": "full_html"}],
    "typed_text": [{"type": "text", "text": p} for p in PARAGRAPHS],
    "typed_value": [{"type": "paragraph", "value": p} for p in PARAGRAPHS],
    "typename": [{"__typename": "ParagraphBlock", "html": f"<p>{p}</p>"} for p in PARAGRAPHS] + [{"__typename": "AdBlock", "text": "إعلان"}],
    "editor_js": {"time": 1, "version": "2.2", "blocks": [{"id": "a", "type": "paragraph", "data": {"text": p}} for p in PARAGRAPHS]},
    "editor_js_string": dumps({"time": 1, "blocks": [{"type": "paragraph", "data": {"text": p}} for p in PARAGRAPHS]}),
    "draft_js": {"entityMap": {}, "blocks": [{"key": "a", "text": p, "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": [], "data": {}} for p in PARAGRAPHS]},
    "prosemirror": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": t, "marks": [{"type": "bold"}]} for t in _runs(p)]} for p in PARAGRAPHS]},
    "slate": [{"type": "paragraph", "children": [{"text": t} for t in _runs(p)]} for p in PARAGRAPHS],
    "lexical": {"root": {"type": "root", "children": [{"type": "paragraph", "children": [{"type": "text", "text": t, "format": 0} for t in _runs(p)]} for p in PARAGRAPHS]}},
    "portable": [{"_type": "block", "_key": "k", "style": "normal", "markDefs": [], "children": [{"_type": "span", "text": t, "marks": []} for t in _runs(p)]} for p in PARAGRAPHS],
    "contentful": {"nodeType": "document", "data": {}, "content": [{"nodeType": "paragraph", "data": {}, "content": [{"nodeType": "text", "value": t, "marks": [], "data": {}} for t in _runs(p)]} for p in PARAGRAPHS]},
    "prismic": [{"type": "paragraph", "text": p, "spans": []} for p in PARAGRAPHS],
    "nested": {"sections": [{"type": "section", "blocks": [{"type": "rich-text", "html": f"<p>{p}</p>"}]} for p in PARAGRAPHS]},
}  # fmt: skip


@pytest.mark.parametrize("kind", TREES)
@pytest.mark.parametrize("field", ["body", "content", "articleBody", "content_blocks"])
def test_bodies_of_every_editor(kind: str, field: str) -> None:
    state = {"page": {"story": {"headline": TITLE, field: TREES[kind]}}}
    story = find(f'<script type="application/json">{dumps(state)}</script>')
    assert story is not None
    assert lines(story.body) == PARAGRAPHS


def test_headings_lists_and_quotations_of_trees() -> None:
    tree = [
        {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "عنوان فرعي"}]},
        {"type": "bulletList", "content": [{"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "بند"}]}]}]},
        {"type": "blockquote", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "قول < فعل"}]}]},
        {"type": "image", "attrs": {"src": "/x.jpg", "alt": "صورة"}},
        {"title": OTHER_TITLE, "url": "/2", "body": OTHER},
    ]  # fmt: skip
    assert RichText().to_html(tree).replace("\n", "") == (
        "<h2>عنوان فرعي</h2><ul><li>بند</li></ul><blockquote><p>قول &lt; فعل</p></blockquote>"
    )


@pytest.mark.parametrize(
    "state",
    [
        {"related": [RELATED]},
        {"latestNews": {"items": [RELATED, RELATED]}},
        {"props": {"sidebar": RELATED}},
        {"article": {"title": TITLE, "id": 5}, "mostRead": [RELATED]},
        {"nextArticle": RELATED},
        {"article": RELATED},
        {"article": {"title": TITLE, "body": "نص قصير"}},
        {"site": {"name": "صحيفة الميناء", "description": "موقع إخباري"}},
    ],
)
def test_a_teaser_is_never_the_story(state: dict[str, Any]) -> None:
    padded = {**state, "padding": "x" * 200}
    assert find(f"<script>window.__INITIAL_STATE__={dumps(padded)}</script>") is None


def test_the_page_address_tells_its_story_from_one_with_the_same_title() -> None:
    states = {"a": ARTICLE, "b": {**ARTICLE, "slug": "old-market-2", "author": "سعاد نعمة"}}
    story = find(f"<script>window.__S_STATE__={dumps(states)}</script>", url="https://a.example/news/old-market-2/")
    assert story is not None
    assert story.authors == ("سعاد نعمة",)


def test_a_text_that_is_only_in_react_elements() -> None:
    def element(tag: str, children: Any, **more: Any) -> list[Any]:
        return ["$", tag, None, {"children": children, **more}]

    prose = [element("p", ["نص ", element("b", p), " < ", 7]) for p in PARAGRAPHS * 2]
    tree = element("$L2", [
        element("nav", element("ul", [element("li", "الرئيسية")])),
        element("article", [element("h2", "عنوان فرعي"), *prose, element("div", None, dangerouslySetInnerHTML={"__html": "<p>خاتمة</p>"})]),
        element("footer", element("p", "كل الحقوق محفوظة")),
    ])  # fmt: skip
    story = find(flight(f'2:I[1,[],"default"]\n3:{dumps(tree)}\n0:["$","html",null,{{"children":"$3"}}]\n'))
    assert story is not None
    assert (story.title, story.path) == (None, "__next_f.elements")
    assert lines(story.body.replace("<b>", "")) == ["عنوان فرعي", *(f"نص {p} &lt; 7" for p in PARAGRAPHS * 2), "خاتمة"]


@pytest.mark.parametrize("title", [None, "صحيفة الميناء"])
def test_without_a_telling_title_the_longest_that_stands_alone(title: str | None) -> None:
    states = {"article": ARTICLE, "related": [RELATED], "teaser": {"title": "خبر قصير جدا", "body": BODY[:200]}}
    story = find(f"<script>window.__S_STATE__={dumps(states)}</script>", title=title)
    assert story is not None
    assert story.title == TITLE


@pytest.mark.parametrize(
    "script",
    [
        "<script>var title = 'x'; function f(){ return {title: 1, body: 2}; }" + " " * 200 + "</script>",
        "<script type='application/ld+json'>" + dumps(ARTICLE) + "</script>",
        "<script>window.__NUXT__=(function(a){while(1){}}(1)); var title;" + " " * 200 + "</script>",
        "<script>window.__X_STATE__={title:" + "x" * 300 + "</script>",
        '<script>self.__next_f.push([1,"title' + "x" * 300 + "</script>",
    ],
)
def test_what_is_no_state_is_passed_over(script: str) -> None:
    assert find(script) is None


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("{a:1,'b':[!0,!1,void 0,undefined,null,.5,-2e3,0x1F,],\"c\":`x`}", {"a": 1, "b": [True, False, None, None, None, 0.5, -2000.0, 31], "c": "x"}),
        ("{d:new Date(1711111111000),e:new Date('2024-03-22'),m:new Map([['k',1]])}", {"d": 1711111111000, "e": "2024-03-22", "m": [["k", 1]]}),
        (r"'\u0645\x41\n\'\\ \ud83d\ude00'", "مA\n'\\ 😀"),
        ("/* a */ {// b\n a : /* c */ 1 }", {"a": 1}),
        ("{f:function(x){return '}'+x},g:2}", {"f": None, "g": 2}),
        ("JSON.parse('{\"a\":[1]}')", {"a": [1]}),
        ("JSON.parse(decodeURIComponent('%7B%22a%22%3A1%7D'))", {"a": 1}),
        ("({a:1})", {"a": 1}),
        ("{a:b.c.d,e:f}", {"a": None, "e": None}),
    ],
)  # fmt: skip
def test_literals_as_scripts_write_them(literal: str, value: Any) -> None:
    assert read_literal(literal)[0] == value


@pytest.mark.parametrize("literal", ["", "}", "{a}", "{a:1", "[1,2", "{a:1+}", "'", "{a:`${x}`}", "{,:1}", "a?b:c:"])
def test_what_is_no_literal_is_refused(literal: str) -> None:
    try:
        value, _ = read_literal(literal)
    except NotLiteral:
        return
    assert value is None or literal == "a?b:c:"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_json_is_read_alike_by_the_lenient_reader(value: Any) -> None:
    text = json.dumps(value)
    assert read_literal(text + ";x", 0, {})[0] == value
    assert read_literal(json.dumps(value, ensure_ascii=False), 0, {})[0] == value


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_flat_references_lead_back(value: Any) -> None:
    flat = devalue(value)
    if not isinstance(value, list) or not value or not isinstance(flat[0][0], str):
        assert revive(flat) == value


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="{}[]()\"'`\\/*,:;=! abtitle0.5$function(return)é", max_size=80))
def test_any_script_ends_in_a_literal_or_a_refusal(text: str) -> None:
    with suppress(NotLiteral):
        read_literal(text)
    find(f"<script>window.__A_STATE__={text}//title{' ' * 150}</script>")


HOSTILE = {
    "brackets": "window.__INITIAL_STATE__=" + "[" * 100_000 + "//title",
    "braces": "window.__INITIAL_STATE__=" + "{a:" * 100_000 + "//title",
    "closed": '{"title":' + "[" * 100_000 + "]" * 100_000 + "}",
    "big_string": 'window.__INITIAL_STATE__={title:"' + "x" * (MAX_SIZE - 200),
    "big_json": '{"title":"t","body":"' + "<p>a" * (MAX_SIZE // 5) + '"}',
    "many_keys": "{" + ",".join(f'"title{n}":{{"title":"abcde","body":[{n}]}}' for n in range(80_000)) + "}",
    "assignments": "title;" + "a={b:" * 200_000,
    "names": "title" + "a" * (MAX_SIZE - 200),
    "bangs": "window.__A_STATE__={title:" + "!" * 200_000 + "0}",
    "escapes": "window.__A_STATE__={title:'" + "\\" * 1_000_001 + "'}",
    "comments": "window.__A_STATE__=" + "/*" * 500_000 + "title",
    "nuxt": "window.__NUXT__=(function(" + "a," * 20_000 + "b){" + "a.x=1;" * 50_000 + "return {title:a}}(1))",
    "flight": 'self.__next_f.push([1,"' + "1:[" * 300_000 + '"])',
    "flight_text": 'self.__next_f.push([1,"' + "1:T3,abc" * 200_000 + '"])',
    "flight_cycle": 'self.__next_f.push([1,"' + "".join(f'{n:x}:[\\"${n + 1:x}\\",\\"$1\\"]\\n' for n in range(1, 20_000)) + '"])',
    "devalue": json.dumps([{"title": 1}, *[["Ref", n] for n in range(100_000)]]),
    "bodies": json.dumps({"title": "عنوان طويل", "body": [[[{"content": "نص " * 20}]] * 50] * 400}),
    "literals": ('title a={"x":[' + "1," * 200_000 + "x]};") * 12,
    "functions": "title;" + "window.__NUXT__=(function(a){return {" * 100_000,
    "chains": '{"title":[' + ",".join('{"title":' * 190 + "1" + "}" * 190 for _ in range(1000)) + "]}",
    "nested_stories": '{"title":"abcdef","content":[' * 300 + '"' + "نص " * 20_000 + '"' + "]}" * 300,
}  # fmt: skip


@pytest.mark.timed
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_scripts_cost_bounded_time(kind: str) -> None:
    page = page_of(f"<script>{HOSTILE[kind]}</script>")
    start = time.process_time()
    find_state_story(state_scripts(page), TITLE)
    assert time.process_time() - start < 3


@pytest.mark.timed
@pytest.mark.parametrize("page", ["<script>" * 200_000, "<script title" * 100_000, "<script>title</script>" * 100_000])
def test_hostile_tags_cost_bounded_time(page: str) -> None:
    start = time.process_time()
    assert state_scripts(page) == []
    assert time.process_time() - start < 1
