"""The walk over a page's tree: boxes, blocks, links, pictures and dates as they come.

The state of a walk is what a reader keeps in mind: the open boxes, the text since the last
break, the open link. ``html.read_html`` drives it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from selectolax.lexbor import LexborNode

from marsad.clean.blocks import (
    BULLET,
    MAX_BLOCKS,
    Anchor,
    Block,
    BlockKind,
    Container,
    Document,
    Head,
    Picture,
    TimeTag,
)
from marsad.clean.text import tidy, word_set

_SKIP = word_set(
    "script style noscript template svg iframe button select option textarea input object embed video audio canvas "
    "map progress meter dialog datalist -comment _comment !doctype"
)
_BOXES = word_set(
    "html body div section article main aside header footer nav form fieldset details ul ol li dl table tbody thead "
    "tfoot tr td th figure blockquote center address hgroup menu amp-accordion"
)
_LEAVES: Mapping[str, BlockKind] = {
    "p": "paragraph", "pre": "paragraph", "figcaption": "caption", "caption": "caption", "dt": "list_item",
    "dd": "list_item", "summary": "paragraph", "legend": "paragraph",
    **{f"h{n}": "heading" for n in range(1, 7)},
}  # fmt: skip
_NOT_HOME = word_set("ul ol li dl blockquote figure")
_KIND_OF_BOX: Mapping[str, BlockKind] = {
    "li": "list_item", "blockquote": "quote", "td": "cell", "th": "cell", "figure": "caption",
}  # fmt: skip
_WORD = re.compile(r"[a-z]+|[\u0600-\u06ff]+", re.I)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DATE_PROPS = frozenset({"datepublished", "datemodified", "datecreated", "dateupdated", "uploaddate"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


def names_of(*values: str | None) -> frozenset[str]:
    """The words of class and id names: ``relatedPosts box-2`` is {related, posts, box}."""
    joined = " ".join([v for v in values if v])
    return _names(joined[:400]) if joined else frozenset()


@lru_cache(maxsize=8192)
def _names(joined: str) -> frozenset[str]:
    return frozenset(w.lower() for w in _WORD.findall(_CAMEL.sub(" ", joined)))


class Walker:
    """The state of the walk: the open boxes, the text since the last break, the open link."""

    def __init__(self) -> None:
        self.document = Document([], [])
        self.buffer: list[str] = []
        self.anchors: list[tuple[str, str, str]] = []
        self.hints: set[str] = set()
        self.href: str | None = None
        self.rel = ""
        self.link_from = 0
        self.box = -1
        self.leaf: tuple[BlockKind, int] | None = None
        self.is_line = False
        self.by_id: dict[int, int] = {}

    def open_box(self, node: LexborNode, tag: str, attributes: Mapping[str, str | None]) -> None:
        self.flush()
        boxes = self.document.containers
        names = names_of(attributes.get("class"), attributes.get("id"), attributes.get("role"))
        style = attributes.get("style")
        hidden = "hidden" in attributes or bool(style and _HIDDEN.search(style))
        hidden = hidden or (self.box >= 0 and boxes[self.box].is_hidden)
        box = Container(len(boxes), self.box, tag, names, len(self.document.blocks), is_hidden=hidden)
        boxes.append(box)
        self.box = box.index
        self.leaf = None
        self.by_id[node.mem_id] = box.index

    def close_box(self) -> None:
        self.flush()
        box = self.document.containers[self.box]
        box.end = len(self.document.blocks)
        self.box = box.parent
        self.leaf = None

    def flush(self) -> None:
        if self.href is not None:
            self._end_anchor()
        if self.buffer:
            text = tidy("".join(self.buffer))
            if text and self.box >= 0:
                self._add(text)
            self.buffer.clear()
        self.anchors.clear()
        self.hints = set()
        self.link_from = 0

    def _end_anchor(self) -> None:
        text = "".join(self.buffer[self.link_from :])
        if self.href is not None and not text.isspace() and text:
            self.anchors.append((text, self.href, self.rel))

    def _add(self, text: str) -> None:
        blocks, boxes = self.document.blocks, self.document.containers
        if len(blocks) >= MAX_BLOCKS:
            return
        kind: BlockKind = "paragraph"
        level = 0
        home = self.box
        box = boxes[self.box]
        while home > 0 and boxes[home].tag in _NOT_HOME:
            inherited = _KIND_OF_BOX.get(boxes[home].tag)
            if inherited and kind == "paragraph":
                kind = inherited
            home = boxes[home].parent
        if self.leaf is not None and self.leaf[0] != "paragraph":
            kind, level = self.leaf
        elif kind == "paragraph" and self.leaf is None:
            kind = _KIND_OF_BOX.get(box.tag, "paragraph")
        if kind == "paragraph" and (bare := BULLET.sub("", text)) != text and bare:
            kind, text = "list_item", bare  # typed bullets are a list too
        links = [Anchor(t, href, rel) for raw, href, rel in self.anchors if (t := tidy(raw))]
        blocks.append(
            Block(
                len(blocks), kind, text, self.box, home, level, links,
                hints=frozenset(self.hints), is_line=self.is_line,
            )
        )  # fmt: skip

    def add_rule(self) -> None:
        self.flush()
        if self.box >= 0 and len(self.document.blocks) < MAX_BLOCKS:
            self.document.blocks.append(Block(len(self.document.blocks), "rule", "", self.box, self.box))

    # inline

    def enter_inline(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        if tag == "a":
            if self.href is not None:
                self._end_anchor()
            self.href, self.rel, self.link_from = (
                attributes.get("href") or "",
                attributes.get("rel") or "",
                len(self.buffer),
            )
        if attributes:
            extra = names_of(attributes.get("class"), attributes.get("id"), attributes.get("itemprop"))
            if extra:
                self.hints |= extra
        self._note_date(tag, attributes, None)

    def leave_inline(self, tag: str) -> None:
        if tag == "a" and self.href is not None:
            self._end_anchor()
            self.href = None

    def _note_date(self, tag: str, attributes: Mapping[str, str | None], text: str | None) -> None:
        prop = (attributes.get("itemprop") or attributes.get("property") or "").lower().rpartition(":")[2]
        if tag != "time" and prop not in _DATE_PROPS:
            return
        value = attributes.get("datetime") or attributes.get("content") or attributes.get("title")
        names = names_of(attributes.get("class"), attributes.get("id"))
        updated = bool(names & {"updated", "modified", "update"}) and "published" not in names
        self.document.times.append(
            TimeTag(value or "", prop, len(self.document.blocks), value is not None, updated or "modified" in prop)
        )

    def picture(self, attributes: Mapping[str, str | None]) -> None:
        src = ""
        for key in ("data-src", "data-original", "data-lazy-src", "src"):
            value = attributes.get(key) or ""
            if value and not value.startswith("data:"):
                src = value
                break
        if src and self.box >= 0:
            self.document.pictures.append(
                Picture(src, tidy(attributes.get("alt") or ""), len(self.document.blocks), self.box)
            )

    def enter(self, node: LexborNode, tag: str) -> bool:
        """Open an element; False where its inside is not to be read."""
        if tag in _SKIP:
            if tag == "script":
                self._script(node)
            return False
        attributes = node.attributes
        if tag == "head":
            _read_head(node, self.document.head)
            return False
        if tag == "meta":
            _note_meta(attributes, self.document.head)
        elif tag == "br":
            self.is_line = True
            self.flush()
        elif tag == "hr":
            self.add_rule()
        elif tag == "img":
            self.picture(attributes)
        elif tag in _BOXES:
            self.open_box(node, tag, attributes)
            self.is_line = False
            if tag == "html":
                self.document.head.language = (attributes.get("lang") or attributes.get("xml:lang") or "").lower()
            self._note_date(tag, attributes, None)
        elif tag in _LEAVES:
            self.flush()
            self.leaf = (_LEAVES[tag], int(tag[1]) if tag[0] == "h" and tag[1:].isdigit() else 0)
            self.is_line = False
            self.hints |= names_of(attributes.get("class"), attributes.get("id"), attributes.get("itemprop"))
            self._note_date(tag, attributes, None)
        else:
            self.enter_inline(tag, attributes)
        return True

    def leave(self, tag: str) -> None:
        if tag in _BOXES:
            self.close_box()
        elif tag in _LEAVES:
            self.flush()
            self.leaf = None
        elif tag == "a" or tag == "span":
            self.leave_inline(tag)

    def _script(self, node: LexborNode) -> None:
        if "ld+json" in (node.attributes.get("type") or ""):
            self.document.head.scripts.append(node.text(deep=True) or "")


def _note_meta(attributes: Mapping[str, str | None], head: Head) -> None:
    content = attributes.get("content")
    if not content:
        return
    for key in ("property", "name", "itemprop"):
        for name in (attributes.get(key) or "").lower().split():
            head.metas.setdefault(name, []).append(tidy(content))


def _read_head(node: LexborNode, head: Head) -> None:
    child = node.first_child
    while child is not None:
        tag = child.tag
        if tag == "title" and not head.title:
            head.title = tidy(child.text(deep=True) or "")
        elif tag == "meta":
            _note_meta(child.attributes, head)
        elif tag == "link":
            attributes = child.attributes
            if "canonical" in (attributes.get("rel") or "").lower().split():
                head.canonical = head.canonical or (attributes.get("href") or "").strip() or None
        elif tag == "base":
            head.base = head.base or child.attributes.get("href")
        elif tag == "script" and "ld+json" in (child.attributes.get("type") or ""):
            head.scripts.append(child.text(deep=True) or "")
        child = child.next
