"""Article bodies that content systems keep as trees of JSON, turned into plain HTML.

One walk reads them all, for they differ in names only: Arc's ``content_elements``, Editor.js
and Draft.js blocks, ProseMirror, Slate, Lexical, Portable Text, Contentful, Prismic, lists of
typed blocks, and HTML in a string. What a node is called decides what it becomes; what holds
no text of the story (images, adverts, related stories) is left out.
"""

from __future__ import annotations

import html
import re
from typing import Any

from marsad.clean.jsliteral import NotLiteral, read_json

_KIND = (
    "type", "_type", "nodeType", "node_type", "__typename", "blockType", "block_type", "slice_type", "kind",
    "component", "name", "tag", "style",
)  # fmt: skip
_TEXT = ("text", "html", "content", "value", "rendered", "processed", "body", "basic", "markdown", "paragraph", "raw")
_INSIDE = (
    "children", "content_elements", "content", "blocks", "items", "nodes", "elements", "root", "paragraphs", "body",
    "data", "value", "text", "columns", "sections", "json", "document", "attrs", "fields", "attributes", "primary",
    "raw",
)  # fmt: skip
_SKIPPED = re.compile(
    r"image|img|photo|picture|figure|video|audio|media|gallery|embed|oembed|iframe|twitter|tweet|instagram|facebook|"
    r"youtube|social|advert|\bads?\b|\bad_|banner|related|readmore|read_more|recommend|newsletter|promo|widget|poll|"
    r"divider|separator|spacer|script|correction|table_of|\btoc\b|chart|map|button|share|comment",
    re.I,
)
_KEPT = re.compile(r"text|paragraph|rich|html|body|unstyled", re.I)
_RUNS = ("children", "content", "text", "value")
"""Where the runs of a paragraph are; anywhere else a child is a block, whatever it is called."""
_HEADING = re.compile(r"head(?:er|ing|line)|^h([1-6])$|subtitle|subhead|^title", re.I)
_ITEM = re.compile(r"list-?_?item|^li$|^o-list-item", re.I)
_LIST = re.compile(r"list|^[uo]l$|bullet", re.I)
_QUOTE = re.compile(r"quot|citation", re.I)
_LINK = re.compile(r"interstitial|link_?list|^link_?block", re.I)
_INLINE = re.compile(
    r"^(?:text|span|link|hyperlink|a|inline|b|i|u|em|strong|bold|italic|mark|br|hard_?break|linebreak|leaf|mention|"
    r"entry-hyperlink|autolink|asset-hyperlink)$",
    re.I,
)
_TAGS = re.compile(r"</?[a-z][^<>]{0,2000}>|&(?:#\d{2,6}|[a-z]{2,8});", re.I)
_BLOCK_TAG = re.compile(r"<(?:p|div|h[1-6]|ul|ol|blockquote|br|section|article|table|figure)\b", re.I)
_ESCAPED_TAG = re.compile(r"&lt;(?:p|div|br|h[1-6]|ul|span|strong)\b", re.I)
_LINES = re.compile(r"\s*\n\s*")
_OWN = ("url", "slug", "link", "href", "canonical_url", "published_at", "publishedAt", "date", "path")
_MAX_DEPTH = 30
_MOST_PARTS = 100


def has_letters(value: Any, least: int) -> bool:
    """Whether a body's texts may have so many characters in all: soon known, without reading them.

    What has too many parts to be looked through here may have them: the reader's budget is for that.
    """
    queue = [value]
    for item in queue:  # grows while it is read
        if isinstance(item, str):
            least -= len(item)
        elif isinstance(item, list):
            queue += item[:_MOST_PARTS]
        elif isinstance(item, dict):
            queue += item.values()
        if least <= 0 or len(queue) > _MOST_PARTS:
            return True
    return False


class RichText:
    """A reader of bodies with a budget of nodes for a whole page."""

    def __init__(self, budget: int = 100_000) -> None:
        self.left = budget

    def to_html(self, value: Any) -> str:
        """A body as HTML: paragraphs, headings, lists and quotations; empty if there is none.

        Args:
            value: a string (HTML, text, or JSON of what follows), a list of blocks, or a tree.
        """
        blocks = self._blocks(value, 0)
        return "\n".join(b for b in blocks if b)

    def _blocks(self, value: Any, depth: int) -> list[str]:
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return []
        if isinstance(value, str):
            return self._string(value, depth)
        if isinstance(value, list):
            return [b for v in value for b in self._blocks(v, depth + 1)]
        return self._node(value, depth) if isinstance(value, dict) else []

    def _string(self, text: str, depth: int) -> list[str]:
        text = text.strip()
        if text[:1] in ("{", "[") and text[-1:] in ("}", "]") and '"' in text[:40]:
            try:
                return self._blocks(read_json(text), depth + 1)
            except NotLiteral:
                pass
        if _ESCAPED_TAG.search(text) and not _BLOCK_TAG.search(text):
            text = html.unescape(text)
        if _BLOCK_TAG.search(text):
            return [text]
        return [_wrap("p", line) for line in _LINES.split(text)]

    def _node(self, node: dict[str, Any], depth: int) -> list[str]:
        kind = _kind(node)
        if _LINK.search(kind):
            return [self._link(node)]
        if _SKIPPED.search(kind) and not _KEPT.search(kind):
            return []
        if depth > 0 and _is_story(node):
            return []
        data = node.get("data")
        if isinstance(data, dict) and ("text" in data or "items" in data or "content" in data):
            node = {**node, **data}  # Editor.js
        tag = _tag(kind, node)
        for name in _TEXT:
            text = node.get(name)
            if isinstance(text, str) and text.strip():
                if tag == "p" or _BLOCK_TAG.search(text):
                    return self._string(text, depth + 1)
                return [_wrap(tag, " ".join(text.split()))]
        for name in _INSIDE:
            inside = node.get(name)
            if not inside or not isinstance(inside, (list, dict)):
                continue
            if name in _RUNS and tag != "ul" and isinstance(inside, list) and all(map(_is_inline, inside)):
                return [_wrap(tag, self._inline(inside, depth + 1))]
            found = self._list(inside, depth) if tag == "ul" else self._blocks(inside, depth + 1)
            if found:
                return [f"<blockquote>{''.join(found)}</blockquote>"] if tag == "blockquote" else found
        return []

    def _list(self, items: Any, depth: int) -> list[str]:
        lines = (" ".join(self._blocks(item, depth + 1)) for item in (items if isinstance(items, list) else [items]))
        inner = (re.sub(r"</?(?:p|li|ul)>", " ", line).strip() for line in lines)
        return ["<ul>" + "".join(f"<li>{line}</li>" for line in inner if line) + "</ul>"]

    def _inline(self, items: Any, depth: int) -> str:
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return ""
        if isinstance(items, str):
            return _safe(items)
        if isinstance(items, list):
            return "".join(self._inline(v, depth + 1) for v in items)
        if not isinstance(items, dict):
            return ""
        if "break" in _kind(items).lower() or _kind(items) == "br":
            return "<br>"
        for name in ("text", "value", "content", "children", "html"):
            if items.get(name):
                return self._inline(items[name], depth + 1)
        return ""

    def _link(self, node: dict[str, Any]) -> str:
        url, text = node.get("url"), node.get("content") or node.get("text")
        if not isinstance(url, str) or not isinstance(text, str):
            return ""
        return f'<p><a href="{html.escape(url)}">{_safe(text)}</a></p>'


def _kind(node: dict[str, Any]) -> str:
    for name in _KIND:
        kind = node.get(name)
        if isinstance(kind, str) and kind:
            if kind.lower() in ("block", "element", "section") and isinstance(node.get("style"), str):
                return str(node["style"])  # Portable Text
            if name == "__typename":
                kind = re.sub(r"(?:Block|Element|Component)$", "", kind)
            return kind
    return ""


def _tag(kind: str, node: dict[str, Any]) -> str:
    if _ITEM.search(kind) or node.get("listItem"):
        return "li"
    if _LIST.search(kind):
        return "ul"
    if _QUOTE.search(kind):
        return "blockquote"
    return "h2" if _HEADING.search(kind) else "p"


def _is_story(node: dict[str, Any]) -> bool:
    """Whether a node among the blocks is a story of its own, with headline and address: one to read next."""
    return any(n in node for n in ("title", "headline", "headlines")) and any(
        n in node
        for n in ("url", "slug", "link", "href", "canonical_url", "published_at", "publishedAt", "date", "path")
    )


def _is_inline(value: Any) -> bool:
    """Whether a child is a run of text of its parent's paragraph."""
    if not isinstance(value, dict):
        return False
    kind = _kind(value)
    if kind:
        return _INLINE.match(kind) is not None and not isinstance(value.get("content"), str)
    return isinstance(value.get("text"), str) and not _BLOCK_TAG.search(value["text"]) and len(value) < 8


def _safe(text: str) -> str:
    return text if _TAGS.search(text) else html.escape(text, quote=False)


def _wrap(tag: str, text: str) -> str:
    text = text.strip()
    return f"<{tag}>{_safe(text)}</{tag}>" if text else ""
