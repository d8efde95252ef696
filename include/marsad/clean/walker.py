"""The walk over a page's tree: boxes, blocks, links, pictures and dates as they come.

The state of a walk is what a reader keeps in mind: the open boxes, the text since the last
break, the open link. The walk is a loop over nodes with a stack of its own, so depth costs
no recursion; it is the hottest loop of the clean room, hence its plainness.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from selectolax.lexbor import LexborNode

from marsad.clean.blocks import (
    BULLET,
    MAX_BLOCKS,
    PROSE,
    Anchor,
    Block,
    BlockKind,
    Container,
    Document,
    Picture,
    TimeTag,
)
from marsad.clean.head import read_head, read_meta, read_script
from marsad.clean.roles import is_furniture
from marsad.clean.tables import join_rows
from marsad.clean.text import ends_sentence, tidy, word_set

_SKIP = word_set(
    "script style noscript template svg iframe button select option textarea input object embed video audio canvas "
    "map progress meter dialog datalist -comment _comment !doctype head"
)
_BOXES = word_set(
    "html body div section article main aside header footer nav form fieldset details ul ol li dl table tbody thead "
    "tfoot tr td th figure blockquote center address hgroup menu amp-accordion"
)
_LEAVES: Mapping[str, tuple[BlockKind, int]] = {
    "p": ("paragraph", 0), "pre": ("paragraph", 0), "figcaption": ("caption", 0), "caption": ("caption", 0),
    "dt": ("list_item", 0), "dd": ("list_item", 0), "summary": ("paragraph", 0), "legend": ("paragraph", 0),
    **{f"h{n}": ("heading", n) for n in range(1, 7)},
}  # fmt: skip
_NOT_HOME = word_set("ul ol li dl blockquote figure")
_KIND_OF_BOX: Mapping[str, BlockKind] = {
    "li": "list_item", "blockquote": "quote", "td": "cell", "th": "cell", "figure": "caption",
}  # fmt: skip
_DATE_PROPS = frozenset({"datepublished", "datemodified", "datecreated", "dateupdated", "uploaddate"})
_UPDATED = frozenset({"updated", "modified", "update"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_KEEPS_LINES = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.I)
_PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n\s*")
_BULLETS = frozenset("•●▪◦‣■◆○")
_SOURCES = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-image", "src")
"""A lazy picture's src is a placeholder: what a script would put there comes first."""
_SOURCE_SETS = ("data-srcset", "srcset")

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[\u0600-\u06ff]+")
_STRONG = frozenset({"b", "strong"})
_LEAF_BOX = -1
_STRONG_HINT = frozenset({"strong"})
_NO_NAMES: frozenset[str] = frozenset()

# what the walk does at a tag
_TEXT, _SKIPPED, _BOX, _LEAF, _LINK, _INLINE, _BREAK, _RULE, _IMAGE, _META = range(10)
_ACTIONS: Mapping[str, int] = {
    "-text": _TEXT,
    **dict.fromkeys(_SKIP, _SKIPPED),
    **dict.fromkeys(_BOXES, _BOX),
    **dict.fromkeys(_LEAVES, _LEAF),
    "a": _LINK, "br": _BREAK, "hr": _RULE, "img": _IMAGE, "amp-img": _IMAGE, "meta": _META,
}  # fmt: skip


@lru_cache(maxsize=16384)
def names_of(joined: str) -> frozenset[str]:
    """The words of class and id names: ``relatedPosts box-2`` is {related, posts, box}."""
    return frozenset(map(str.lower, _WORD.findall(joined[:400])))


def _joined(*values: str | None) -> str:
    return " ".join([v for v in values if v])


def _is_beside(node: LexborNode) -> bool:
    """Whether an inline element stands right after another, with nothing between their texts."""
    before = node.prev
    return before is not None and _ACTIONS.get(before.tag or "", _INLINE) in (_INLINE, _LINK)


class Walker:
    """The state of the walk: the open boxes, the text since the last break, the open link.

    Args:
        headings: the ``mem_id`` of every element that holds a main heading: walked whatever it is called.
        is_numbered: keep which element made which box, for selectors.
    """

    def __init__(self, headings: Collection[int] = (), *, is_numbered: bool = False) -> None:
        self.document = Document([], [])
        self.headings = headings
        self.is_numbered = is_numbered
        self.buffer: list[str] = []
        self.anchors: list[tuple[str, str, str]] = []
        self.hints: frozenset[str] = _NO_NAMES
        self.href: str | None = None
        self.rel = ""
        self.link_from = 0
        self.length = 0
        self.box = -1
        self.leaf: tuple[BlockKind, int] | None = None
        self.is_line = False
        self.keeps_lines: frozenset[int] | set[int] = frozenset()
        """The boxes in which a line of the source is a line on the screen; -1 for the open leaf."""
        self.by_id: dict[int, int] = {}
        self._text_kinds: dict[int, tuple[BlockKind, int]] = {}

    def walk(self, root: LexborNode | None) -> Document:
        """Walk a tree from its root; the document."""
        buffer = self.buffer
        above: list[tuple[LexborNode, int]] = []
        node = root
        while node is not None:
            tag = node.tag or ""
            action = _ACTIONS.get(tag, _INLINE)
            if action == _TEXT:
                text = node.text_content
                # white space opens no block, but it parts words
                if text and (buffer or not text.isspace()):
                    buffer.append(text)
            elif action == _SKIPPED:
                self._skip(node, tag)
            elif self._enter(node, tag, action):
                child = node.first_child
                if child is not None:
                    above.append((node, action))
                    node = child
                    continue
                if action <= _LINK:
                    self._leave(action)
            following = node.next
            while following is None and above:
                node, action = above.pop()
                if action <= _LINK:
                    self._leave(action)
                following = node.next
            node = following
        document = self.document
        while self.box >= 0:
            self._leave(_BOX)
        if not document.containers:
            document.containers.append(Container(0, -1, "html", _NO_NAMES, 0, len(document.blocks)))
        return document

    def _skip(self, node: LexborNode, tag: str) -> None:
        """What is no text may still say something."""
        if tag == "head":
            read_head(node, self.document.head)
        elif tag == "script":
            read_script(node, self.document.head)

    def _enter(self, node: LexborNode, tag: str, action: int) -> bool:
        """Open an element; False where nothing inside it can be of a story."""
        attributes = node.attributes
        if action == _BOX:
            return self._open_box(node, tag, attributes)
        if action == _LEAF:
            self._flush()
            self.leaf = _LEAVES[tag]
            self.is_line = False
            if tag == "pre":
                self.keeps_lines = {*self.keeps_lines, _LEAF_BOX}
            elif attributes and (style := attributes.get("style")):
                self._note_lines(style, _LEAF_BOX)
        elif action == _LINK:
            if self.href is not None:
                self._end_anchor()
            if self.buffer and _is_beside(node):
                self.buffer.append(" ")
            self.href = attributes.get("href") or ""
            self.rel = attributes.get("rel") or ""
            self.link_from = len(self.buffer)
        elif action == _INLINE:
            # pieces of a line that only a style sheet keeps apart; in a paragraph they may be parts of one word
            if not self.buffer:
                if tag in _STRONG:
                    self.hints |= _STRONG_HINT
            elif self.leaf is None and _is_beside(node):
                self._part()
        else:
            self._enter_void(tag, action, attributes)
        if attributes:
            name, prop = attributes.get("class"), attributes.get("itemprop")
            if name or prop or "id" in attributes:
                self.hints |= names_of(_joined(name, attributes.get("id"), prop))
            if prop or tag == "time" or "property" in attributes:
                self._note_date(tag, attributes)
        elif tag == "time":
            self._note_date(tag, attributes)
        return True

    def _enter_void(self, tag: str, action: int, attributes: Mapping[str, str | None]) -> None:
        if action == _BREAK:
            self.is_line = True
            self._flush()
        elif action == _RULE:
            self._flush()
            if self.box >= 0 and len(self.document.blocks) < MAX_BLOCKS:
                self.document.blocks.append(Block(len(self.document.blocks), "rule", "", self.box, self.box))
        elif action == _IMAGE:
            self._picture(attributes)
        elif action == _META:
            read_meta(attributes, self.document.head)

    def _leave(self, action: int) -> None:
        """Leave a box, a leaf or a link: the actions up to _LINK, those that have an end."""
        if action == _LINK:
            if self.href is not None:
                self._end_anchor()
                self.href = None
            return
        self._flush()
        self.leaf = None
        if self.keeps_lines:
            self.keeps_lines = self.keeps_lines - {_LEAF_BOX}
        if action == _BOX:
            box = self.document.containers[self.box]
            box.end = len(self.document.blocks)
            self.box = box.parent
            if box.tag == "table":
                join_rows(self.document, box)

    def _open_box(self, node: LexborNode, tag: str, attributes: Mapping[str, str | None]) -> bool:
        self._flush()
        self.leaf = None
        self.is_line = False
        document = self.document
        boxes, parent = document.containers, self.box
        hidden = parent >= 0 and boxes[parent].is_hidden
        names = _NO_NAMES
        style: str | None = None
        if attributes:
            name, ident, role = attributes.get("class"), attributes.get("id"), attributes.get("role")
            prop = attributes.get("itemprop")
            if name or ident or role or prop:
                alone = name and not ident and not role and not prop
                names = names_of(name if name and alone else _joined(name, ident, role, prop))
            style = attributes.get("style")
            hidden = hidden or "hidden" in attributes or bool(style and _HIDDEN.search(style))
            if tag == "html":
                document.head.language = (attributes.get("lang") or attributes.get("xml:lang") or "").lower()
            elif prop or "property" in attributes:
                self._note_date(tag, attributes)
        if is_furniture(tag, names) and self._holds_no_text(node):
            return False
        self.box = len(boxes)
        if style:
            self._note_lines(style, self.box)
        boxes.append(Container(self.box, parent, tag, names, len(document.blocks), 0, hidden))
        if self.is_numbered:
            self.by_id[node.mem_id] = self.box
        return True

    def _holds_no_text(self, node: LexborNode) -> bool:
        """Whether a box called furniture is: no headline and no running text. Then it leaves one line of its weight.

        Half of a news page is menus, and this look at a box costs a tenth of the walk through it.
        """
        if node.mem_id in self.headings or any(box.tag == "article" for box in self.document.ancestors(self.box)):
            return False  # the foot of an article may hold its keywords and dates
        text = node.text(deep=True, separator="\n")
        lines = text.split("\n")
        if max(map(len, lines)) >= PROSE and any(len(line.strip()) >= PROSE for line in lines):
            return False
        document = self.document
        if text and not text.isspace() and self.box >= 0 and len(document.blocks) < MAX_BLOCKS:
            weight = sum([min(len(line.strip()), 200) for line in lines])
            document.blocks.append(Block(len(document.blocks), "rule", "", self.box, self.box, skipped=weight))
        return True

    def _flush(self) -> None:
        """End the run of text: what has come since the last break is a block."""
        if self.buffer:
            if self.href is not None:
                self._end_anchor()
            raw = "".join(self.buffer)
            self.length = len(raw)
            if self.keeps_lines and "\n" in raw.strip() and not self.keeps_lines.isdisjoint((_LEAF_BOX, self.box)):
                self._add_lines(raw)
            elif (text := tidy(raw)) and self.box >= 0:
                self._add(text)
            self.buffer.clear()
            self.anchors.clear()
            self.link_from = 0
        self.hints = _NO_NAMES

    def _note_lines(self, style: str, box: int) -> None:
        if _KEEPS_LINES.search(style):
            self.keeps_lines = {*self.keeps_lines, box}

    def _add_lines(self, raw: str) -> None:
        """Preformatted text: blank lines part its paragraphs, or line ends where it has none."""
        anchors = self.anchors
        parts = _PARAGRAPH_BREAK.split(raw)
        for part in parts if len(parts) > 1 else raw.split("\n"):
            text = tidy(part)
            if text and self.box >= 0:
                self.is_line = True
                self.length = len(part)
                self.anchors = [a for a in anchors if a[0] in part]
                self._add(text)
        self.anchors = anchors

    def _part(self) -> None:
        """Part two inline elements that touch: words of a line, or paragraphs that a style sheet sets as blocks."""
        last = self.buffer[-1]
        if len(last) >= PROSE and ends_sentence(last):
            self._flush()
        else:
            self.buffer.append(" ")

    def _end_anchor(self) -> None:
        text = "".join(self.buffer[self.link_from :])
        if self.href is not None and text and not text.isspace():
            self.anchors.append((text, self.href, self.rel))

    def _add(self, text: str) -> None:
        document = self.document
        blocks = document.blocks
        if len(blocks) >= MAX_BLOCKS:
            return
        kind, home = self._text_kinds.get(self.box) or self._kind_in(self.box)
        level = 0
        if self.leaf is not None:
            if self.leaf[0] != "paragraph":
                kind, level = self.leaf
            elif kind == "cell":
                kind = "paragraph"
        if level > 1 and len(text) >= 90 and ends_sentence(text):
            kind, level = "paragraph", 0  # some pages set whole paragraphs as headings
        if kind == "paragraph" and text[0] in _BULLETS and (bare := BULLET.sub("", text)):
            kind, text = "list_item", bare  # typed bullets are a list too
        links: list[Anchor] = []
        if len(self.anchors) == 1 and len(self.anchors[0][0]) == self.length:
            links.append(Anchor(text, *self.anchors[0][1:]))  # the whole line is one link
        elif self.anchors:
            links += [Anchor(t, href, rel) for raw, href, rel in self.anchors if (t := tidy(raw))]
        blocks.append(Block(len(blocks), kind, text, self.box, home, level, links, 0, self.hints, self.is_line))

    def _kind_in(self, box: int) -> tuple[BlockKind, int]:
        """The kind of bare text in a box, and the box's home: the same for all its lines."""
        boxes = self.document.containers
        kind: BlockKind = "paragraph"
        home = box
        while home > 0 and boxes[home].tag in _NOT_HOME:
            inherited = _KIND_OF_BOX.get(boxes[home].tag)
            if inherited and kind == "paragraph":
                kind = inherited
            home = boxes[home].parent
        if kind == "paragraph":
            kind = _KIND_OF_BOX.get(boxes[box].tag, "paragraph")
        self._text_kinds[box] = kind, home
        return kind, home

    def _note_date(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        prop = (attributes.get("itemprop") or attributes.get("property") or "").lower().rpartition(":")[2]
        if tag != "time" and prop not in _DATE_PROPS:
            return
        value = attributes.get("datetime") or attributes.get("content") or attributes.get("title")
        names = names_of(_joined(attributes.get("class"), attributes.get("id")))
        updated = bool(names & _UPDATED) and "published" not in names
        self.document.times.append(
            TimeTag(value or "", prop, len(self.document.blocks), value is not None, updated or "modified" in prop)
        )

    def _picture(self, attributes: Mapping[str, str | None]) -> None:
        candidates = [attributes.get(key) for key in _SOURCES]
        candidates += [(attributes.get(key) or "").strip().split(" ", 1)[0].rstrip(",") for key in _SOURCE_SETS]
        src = next((c for c in candidates if c and not c.startswith("data:")), None)
        if src is not None and self.box >= 0:
            alt = tidy(attributes.get("alt") or "")
            self.document.pictures.append(Picture(src, alt, len(self.document.blocks), self.box))
