"""HTML to blocks, in one walk over the tree.

Lexbor builds the tree (HTML5 rules, about a millisecond for a news page); the walk is
iterative, so depth costs no stack. ``flatten`` keeps hostile nesting away from the tree
builder, whose scope checks grow with depth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from marsad.clean.blocks import Document
from marsad.clean.text import tidy, word_set
from marsad.clean.walker import Walker

_HTML = re.compile(
    r"<(?:!doctype|html|head|body|div|p|br|span|a|b|table|article|section|main|h[1-6]|li|ul|ol|img|meta|td|tr|title|font)\b",
    re.I,
)


def is_html(text: str) -> bool:
    """Whether a text has tags: content without any is plain text, whatever it is served as."""
    return _HTML.search(text[:500_000]) is not None


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_UNCOUNTED = word_set(
    "p li td th tr dt dd option br hr img input meta link area base col embed source track wbr param tbody thead"
)
_LONG_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9:-]{0,30})[^<>]{20000,}>")
_LONGEST_TAG = 20_000
_MAX_DEPTH = 300
_MOST_HEADINGS = 50
_MANY_TAGS, _MANY_OPEN = 20_000, 3_000
"""Nesting below these costs the tree builder some hundredths of a second at worst."""


def _holds_long_tag(html: str) -> bool:
    """Whether some tag is longer than the longest allowed: looked for only where a long stretch has no ``>``."""
    step = _LONGEST_TAG // 2
    start = 0
    while start < len(html) - step:
        end = html.find(">", start, start + step)
        if end >= 0:
            start += step
            continue
        end = html.find(">", start + step)
        end = len(html) if end < 0 else end
        opened = html.rfind("<", 0, end)
        is_tag = end - opened > _LONGEST_TAG and html[opened + 1 : opened + 2].isalpha()
        # in a script a < is a comparison
        if is_tag and html.rfind("<script", 0, opened) <= html.rfind("</script", 0, opened):
            return True
        start = end
    return False


def flatten(html: str) -> str:
    """Drop the tags that nest deeper than any page a person made.

    The tree builder asks at every tag whether a paragraph is open above it, so 50,000 open
    boxes cost seconds. One linear pass counts; pages with few tags are not even looked at.
    A tag with thousands of attributes is as bad (each is compared with all before): it loses them.
    """
    if _holds_long_tag(html):
        html = _LONG_TAG.sub(r"<\1>", html)
    tags = html.count("<")
    if tags < _MANY_OPEN or (tags < _MANY_TAGS and tags - 2 * html.count("</") < _MANY_OPEN):
        return html
    kept: list[str] = []
    position = depth = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() in _UNCOUNTED:
            continue
        if tag[1]:
            depth = max(0, depth - 1)
            drop = depth >= _MAX_DEPTH
        else:
            depth += 1
            drop = depth > _MAX_DEPTH
        if drop:
            if tag.start() < position:
                continue
            close = html.find(">", tag.end(), tag.end() + 2000)
            kept.append(html[position : tag.start()])
            position = close + 1 if close >= 0 else tag.end()
    if not kept:
        return html
    kept.append(html[position:])
    return " ".join(kept)


def read_html(html: str, selectors: Mapping[str, str] | None = None) -> Document:
    """A page of HTML as a document.

    Args:
        html: the page.
        selectors: CSS selectors by field (title, body, published, authors); what they pick
            is in ``Document.chosen`` and ``Document.chosen_text``. A selector that is not
            valid CSS, or picks nothing, is absent there.
    """
    parser = LexborHTMLParser(flatten(html))
    walker = Walker(_above_headings(parser), is_numbered=bool(selectors))
    document = walker.walk(parser.root)
    if selectors:
        _select(parser, selectors, walker)
    return document


def _above_headings(parser: LexborHTMLParser) -> set[int]:
    """The elements that hold a main heading, by ``mem_id``."""
    found: set[int] = set()
    for heading in parser.css("h1")[:_MOST_HEADINGS]:
        node = heading.parent
        while node is not None and node.mem_id not in found:
            found.add(node.mem_id)
            node = node.parent
    return found


def _select(parser: LexborHTMLParser, selectors: Mapping[str, str], walker: Walker) -> None:
    for name, selector in selectors.items():
        try:
            nodes = parser.css(selector)
        except (SelectolaxError, ValueError):
            continue
        texts = tuple(t for n in nodes if (t := tidy(n.text(deep=True, separator=" ") or "")))
        if texts:
            walker.document.chosen_text[name] = texts
        boxes = tuple(i for n in nodes if (i := walker.by_id.get(n.mem_id)) is not None)
        if boxes:
            walker.document.chosen[name] = boxes
