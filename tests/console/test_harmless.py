"""A hostile page written anew: its text is there, and nothing of it can act or lead anywhere."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile_texts import TEXTS
from marsad.clean.page import read_closely
from marsad.console import harmless
from marsad.console.harmless import Tint, rewrite
from marsad.console.words import words
from marsad.console.xray import look, sort_of
from marsad.errors import UnreadablePage

ALLOWED = {
    "html": {"lang", "dir"}, "head": set(), "meta": {"charset", "http-equiv", "content", "name"}, "title": set(),
    "style": set(), "body": {"class", "tabindex"}, "br": set(), "hr": set(),
}  # fmt: skip
BOXES = {*harmless._WRITTEN.values(), "span"}
OWN = {"class", "dir", "colspan", "rowspan", "title", "data-block"}
PROSE = "وأعلنت الهيئة أن الأمطار الأخيرة رفعت منسوب السدود إلى أعلى مستوى تبلغه منذ خمسة أعوام."
ATTACKS = (
    "<script>alert(1)</script>", "<img src=http://evil.example/x onerror=alert(1)>", "<svg onload=alert(1)><style>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href='javascript:alert(1)' onclick=alert(1)>اضغط</a>", "<form action=//evil.example><input name=x autofocus onfocus=alert(1)>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<base href=//evil.example/>", "<link rel=stylesheet href=//evil.example/x.css>",
    "<p style='background:url(//evil.example)' onmouseover=alert(1) id=main class=as-main>نص</p>", "<object data=x><embed src=x>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<template><script>alert(1)</script></template>", "<!--><script>alert(1)</script>-->",
    "<textarea><script>alert(1)</script></textarea>", "<td colspan='9\" onclick=\"alert(1)' rowspan=99999>خلية</td>", "<p dir='rtl\" onclick=\"x'>ا</p>",
    "<plaintext><script>alert(1)</script>", "<title></title><script>alert(1)</script>", "<xmp><script>alert(1)</script></xmp>", "</body></html><script>alert(1)</script>",
    "<video poster=//evil.example><source src=x>", "<input type=image src=//evil.example>", "<portal src=//evil.example>", "\0<scr\0ipt>",
)  # fmt: skip


class Look(HTMLParser):
    """Every element and attribute that is none of ours, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = ALLOWED.get(tag, OWN if tag in BOXES else None)
        if own is None or not {name for name, _ in attrs} <= own:
            self.faults.append(f"{tag} {attrs}")
        if tag == "body" and attrs != [("class", "captured"), ("tabindex", "0")]:
            self.faults.append(f"{tag} {attrs}")
        if tag == "meta":
            self.faults += (
                [str(attrs)] if dict(attrs).get("http-equiv") not in (None, "Content-Security-Policy") else []
            )

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}")


def shown(page: str) -> Look:
    content = page.encode("utf-8", "replace")
    try:
        reading = read_closely(content)
    except UnreadablePage:
        return Look()
    seen = look(reading, content, words("en"), charset=None, content_type=None)
    found = Look()
    found.feed(seen.page.document)
    found.close()
    assert seen.page.document.count("<style>") == seen.page.document.count("</style>") == 1
    assert "<script" not in seen.page.document
    return found


@pytest.mark.parametrize("attack", [*ATTACKS, *TEXTS])
def test_what_attacks_is_not_written(attack: str) -> None:
    page = f"<!doctype html><html><body><h1>عنوان</h1><p>{PROSE}</p>{attack}<p>{PROSE} {attack}</p></body></html>"
    found = shown(page)
    assert found.faults == []
    assert PROSE in " ".join("".join(found.text).split())


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*ATTACKS, f"<p>{PROSE}</p>", "<table><tr><td>", "</table>", "<div>", "</div>", "<h2>", "<", "\"'>"]
        ),
        max_size=14,
    )
)
def test_no_mixture_of_attacks_gets_through(pieces: list[str]) -> None:
    assert shown("<html><body><p>نص</p>" + "".join(pieces)).faults == []


def test_what_is_said_of_a_block_is_escaped() -> None:
    tints = [Tint(3, "نص", "as-main", '"><script>alert(1)</script>')]
    found = Look()
    found.feed(rewrite("<p>نص</p>", tints, language='ar"><script>', frame_title="</title><script>x").document)
    assert found.faults == []


def test_blocks_are_coloured_where_they_stand() -> None:
    page = (
        "<html><body><nav><a href=/>الرئيسية</a><a href=/s>رياضة</a></nav><article><h1>افتتاح سوق السمك</h1>"
        f"<p>{PROSE}</p><p>اقرأ أيضا: <a href=/2>عنوان خبر آخر عن المطر</a></p><p>{PROSE} وانتهى.</p>"
        "<p>المصدر: رويترز</p></article></body></html>"
    )
    reading = read_closely(page.encode())
    seen = look(reading, page.encode(), words("en"), charset=None, content_type=None)
    by_text = {b.text: b for b in seen.blocks}
    assert by_text["افتتاح سوق السمك"].sort == by_text[PROSE].sort == "main"
    assert next(b for t, b in by_text.items() if t.startswith("اقرأ")).sort == "read_more"
    assert by_text["المصدر: رويترز"].sort == "source"
    assert all(b.is_found for b in seen.blocks if not b.text.startswith("[a menu"))
    number = by_text[PROSE].reason.index
    assert f'data-block="{number}">{PROSE}</span>' in seen.page.document
    assert "href" not in seen.page.document
    assert seen.counts["main"] == sum(b.sort == "main" for b in seen.blocks)
    assert {sort_of(b.reason) for b in seen.blocks} <= {b.sort for b in seen.blocks}


def test_a_page_without_end_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harmless, "MAX_NODES", 200)
    found = rewrite("<body>" + "<p>فقرة</p>" * 500, [], language="ar", frame_title="x")
    assert not found.is_whole
    assert found.document.endswith("</body></html>")
    assert found.document.count("<p>") == found.document.count("</p>") < 200
    monkeypatch.undo()
    deep = rewrite("<div>" * 5_000 + "نص" + "</div>" * 5_000, [], language="ar", frame_title="x")
    assert deep.document.count("<div>") <= harmless.MAX_DEPTH
    assert "نص" in deep.document
