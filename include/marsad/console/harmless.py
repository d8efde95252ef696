"""A captured page written anew, so that a browser may show it: its text and its boxes, and nothing else of it.

The page is hostile: nothing of it is passed on but text, escaped, and elements of a short list under our own names
without any attribute but ``dir``, ``colspan`` and ``rowspan``, whose values are checked. So there are no scripts, no
handlers, no styles, no addresses and no foreign markup (SVG, MathML) in what is written, and no element whose content
is read by other rules than text. Where it is shown, a sandbox and a policy forbid the same once more.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

from selectolax.lexbor import LexborHTMLParser, LexborNode

from marsad.clean.html import flatten, is_html
from marsad.clean.text import tidy, word_set

MAX_NODES = 20_000
MAX_CHARACTERS = 600_000
"""Of one page, what is written; a browser shows this much at once."""
MAX_DEPTH = 200
"""Boxes within boxes; deeper ones are left out and their text kept. Browsers stop at 512."""

STYLE = resources.files("marsad.console").joinpath("static/captured.css").read_text("utf-8")
STYLE_HASH = "'sha256-" + b64encode(hashlib.sha256(STYLE.encode()).digest()).decode() + "'"
"""By which policies know our style, which stands in the document: a sandboxed frame may load nothing, ours neither."""
POLICY = f"default-src 'none'; style-src {STYLE_HASH}; form-action 'none'; base-uri 'none'"
"""In the document itself. The frame takes over the policy of the page around it as well, which must name the style."""

_DROPPED = word_set(
    "script style noscript template svg math iframe frame frameset object embed applet video audio canvas map "
    "select option textarea input meter progress datalist dialog portal link meta base title head -comment "
    "_comment !doctype noframes noembed plaintext xmp listing param source track"
)
_WRITTEN: Mapping[str, str] = {
    **{
        name: name
        for name in word_set(
            "div section article aside p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption thead tbody tfoot tr td th "
            "figure figcaption blockquote pre em strong b i u s small sub sup code"
        )
    },
    **dict.fromkeys(
        word_set("html body main header footer nav form fieldset details summary address center hgroup menu"), "div"
    ),
}
"""What an element is written as; all others that hold text are a ``span``."""
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Tint:
    """How a block is shown: the number by which it is listed, a class, and what is said of it."""

    index: int
    text: str
    name: str
    """A class of ours: letters and hyphens."""
    note: str
    passed_over: int = 0
    """Characters of a menu that stand in its place, without a text of its own."""


@dataclass(frozen=True, slots=True)
class Harmless:
    """A page written anew."""

    document: str
    """A whole HTML document, for the ``srcdoc`` of a sandboxed frame."""
    found: frozenset[int]
    """The numbers of the blocks that are coloured in it."""
    is_whole: bool
    """Whether all of the page is in it."""


def rewrite(html: str, tints: Sequence[Tint], *, language: str, frame_title: str) -> Harmless:
    """Write a page anew, with its blocks coloured.

    Args:
        html: the page, decoded; plain text is shown as lines.
        tints: its blocks, in order.
        language: of the page, for its direction where it says none.
        frame_title: the document's title.
    """
    walk = _Walk()
    if is_html(html):
        walk.element(LexborHTMLParser(flatten(html)).root)
    else:
        walk.plain(html)
    found = _colour(walk, tints)
    code = language if re.fullmatch(r"[a-zA-Z]{2,3}", language) else "ar"
    direction = "rtl" if code in ("ar", "fa", "ur", "he") else "ltr"
    document = (
        f'<!doctype html><html lang="{code}" dir="{direction}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        f'<meta name="referrer" content="no-referrer"><title>{escape(frame_title)}</title>'
        f'<style>{STYLE}</style></head><body class="captured" tabindex="0">'
        f"{''.join(walk.out)}</body></html>"
    )
    return Harmless(document, frozenset(found), walk.is_whole)


class _Walk:
    """The page's elements written in order; where its text goes is kept open until it is known what each is."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.places: list[int] = []
        """For each piece of text, where it goes in ``out``."""
        self.texts: list[str] = []
        self.is_whole = True
        self._nodes = self._size = 0

    def plain(self, text: str) -> None:
        """Every line a paragraph."""
        for line in text.splitlines():
            if not self._may_go_on():
                return
            self.out.append("<p>")
            self._text(line)
            self.out.append("</p>")

    def element(self, root: LexborNode | None) -> None:
        """An element and all in it; a loop, so that depth costs no stack."""
        above: list[tuple[LexborNode, str]] = []
        node = root
        while node is not None and self._may_go_on():
            tag = node.tag or ""
            child: LexborNode | None = None
            if tag == "-text":
                self._text(node.text_content or "")
            elif tag in ("br", "hr"):
                self.out.append(f"<{tag}>")
            elif tag in ("img", "amp-img"):
                self.out.append('<span class="picture">')
                self._unmarked(tidy((node.attributes.get("alt") or "")[:300]))
                self.out.append("</span>")
            elif tag not in _DROPPED and (child := node.first_child) is not None:
                closing = ""
                if len(above) < MAX_DEPTH:
                    self.out.append(_opening(tag, node.attributes))
                    closing = f"</{_WRITTEN.get(tag, 'span')}>"
                above.append((node, closing))
                node = child
                continue
            following = node.next
            while following is None and above:
                node, closing = above.pop()
                self.out.append(closing)
                following = node.next
            node = following
        self.out.extend(closing for _, closing in reversed(above))

    def _may_go_on(self) -> bool:
        self._nodes += 1
        if self._nodes > MAX_NODES or self._size > MAX_CHARACTERS:
            self.is_whole = False
        return self.is_whole

    def _text(self, text: str) -> None:
        text = _CONTROL.sub("\ufffd", text)[:MAX_CHARACTERS]
        self._size += len(text)
        self.places.append(len(self.out))
        self.texts.append(text)
        self.out.append(escape(text))

    def _unmarked(self, text: str) -> None:
        self._size += len(text)
        self.out.append(escape(_CONTROL.sub("\ufffd", text)))


def _opening(tag: str, attributes: Mapping[str, str | None]) -> str:
    written = _WRITTEN.get(tag, "span")
    said = ""
    if attributes:
        if (direction := (attributes.get("dir") or "").lower()) in ("rtl", "ltr", "auto"):
            said += f' dir="{direction}"'
        if written in ("td", "th"):
            for name in ("colspan", "rowspan"):
                if re.fullmatch(r"[1-9][0-9]?", attributes.get(name) or ""):
                    said += f' {name}="{attributes[name]}"'
        if "hidden" in attributes or _HIDDEN.search(attributes.get("style") or ""):
            return f'<{written}{said} class="hidden-there">'
    if tag == "a":
        said += ' class="link"'
    return f"<{written}{said}>"


_FAR = 3_000
"""Letters beyond which a short line is not looked for: it would be found in another place that says the same."""


def _colour(walk: _Walk, tints: Sequence[Tint]) -> set[int]:
    """Find the blocks in the page's text, both in order and by their letters alone, and wrap what is found."""
    keys = [_NO_LETTER.sub("", tidy(text)) for text in walk.texts]
    ends: list[int] = []
    total = 0
    for key in keys:
        total += len(key)
        ends.append(total)
    starts = {end - len(key) for end, key in zip(ends, keys, strict=True) if key}
    letters = "".join(keys)
    found: set[int] = set()
    wrapped: set[int] = set()
    cursor = passed = 0
    for tint in tints:
        key = _NO_LETTER.sub("", tint.text)
        if tint.passed_over or not key:
            passed += tint.passed_over
            continue
        at = _find(letters, key, cursor, starts)
        if at < 0 or (len(key) < 25 and at - cursor > _FAR + 2 * passed):
            continue
        found.add(tint.index)
        first = bisect_right(ends, at)
        last = bisect_left(ends, at + len(key))
        number = f' data-block="{tint.index}"'
        for n in range(first, min(last, len(keys) - 1) + 1):
            if keys[n] and n not in wrapped:
                wrapped.add(n)
                text = escape(walk.texts[n])
                walk.out[walk.places[n]] = (
                    f'<span class="block {tint.name}" title="{escape(tint.note)}"{number}>{text}</span>'
                )
                number = ""
        cursor, passed = at + len(key), 0
    return found


def _find(letters: str, key: str, cursor: int, starts: set[int]) -> int:
    """Where a block's letters stand from a place on; short ones only where a piece of text begins."""
    at = letters.find(key, cursor)
    tries = 0
    while at >= 0 and len(key) < 12 and at not in starts and tries < 50:
        at = letters.find(key, at + 1)
        tries += 1
    return at if len(key) >= 12 or at in starts else -1
