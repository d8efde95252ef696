"""A page as an ordered list of blocks: what the reader's eye sees, before any judgement.

A block is a run of text that stands on lines of its own. Containers are the boxes that
hold blocks; they form a tree, and each knows the range of blocks inside it, so that
every later question ("is this inside that?", "how much prose is in here?") is arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from marsad.clean.text import ends_sentence, tidy

BlockKind = Literal["heading", "paragraph", "list_item", "quote", "caption", "cell", "row", "rule"]


@dataclass(slots=True)
class Anchor:
    """A link inside a block."""

    text: str
    href: str
    rel: str = ""


SHORT = 40
PROSE = 80
"""Characters: a line shorter than SHORT is a label, one of PROSE or more is running text."""


@dataclass(slots=True)
class Block:
    """A run of text on lines of its own. Its text, kind and links do not change once it is made."""

    index: int
    kind: BlockKind
    text: str
    container: int
    """The innermost box, among ``Page.containers``."""
    home: int
    """The innermost box that is not itself part of a paragraph, list, quotation or figure."""
    level: int = 0
    """1 to 6 for headings."""
    links: list[Anchor] = field(default_factory=list)
    gap: int = 0
    """Plain text: blank lines before it."""
    hints: frozenset[str] = frozenset()
    """Words of the class and id names of the inline elements in it."""
    is_line: bool = False
    """It is one of several lines that <br> makes of one box."""

    skipped: int = 0
    """A rule that stands for furniture: how many characters of it were passed over."""
    link_share: float = field(init=False, default=0.0)
    """How much of its text is links, 0 to 1."""
    is_prose: bool = field(init=False, default=False)
    """Whether it reads as running text rather than a label, headline or menu."""

    def __post_init__(self) -> None:
        # asked for many times a block, so decided once
        text, kind = self.text, self.kind
        size = len(text)
        if self.links:
            self.link_share = min(1.0, sum([len(a.text) for a in self.links]) / max(1, size))
        if size < 25 or kind in _NEVER_PROSE or self.link_share > 0.5:
            return
        if kind == "list_item" and size < 2 * PROSE:
            self.is_prose = size >= SHORT and ends_sentence(text)
        else:
            self.is_prose = size >= PROSE or ends_sentence(text)


_NEVER_PROSE = frozenset({"heading", "rule", "caption", "row"})


@dataclass(slots=True)
class Container:
    """A box: a range of blocks, and what its tag and names say about it."""

    index: int
    parent: int
    """-1 for the root."""
    tag: str
    names: frozenset[str]
    """Words of its class, id and role."""
    start: int
    end: int = 0
    is_hidden: bool = False


@dataclass(slots=True)
class Picture:
    """An image as it stands on the page."""

    src: str
    alt: str
    block: int
    """The number of blocks before it."""
    container: int


@dataclass(slots=True)
class TimeTag:
    """A <time> element or an element with a date property."""

    value: str
    """Its datetime or content attribute, else its text."""
    name: str
    """The property it is marked as (datePublished, …), or an empty string."""
    block: int
    is_attribute: bool
    is_updated: bool = False


@dataclass(slots=True)
class Head:
    """What a page says about itself outside its text."""

    title: str = ""
    language: str = ""
    canonical: str | None = None
    base: str | None = None
    metas: dict[str, list[str]] = field(default_factory=dict)
    """By lower-case property, name or itemprop, in document order."""
    scripts: list[str] = field(default_factory=list)
    """The JSON-LD scripts."""


@dataclass(slots=True)
class Document:
    """A page taken apart."""

    blocks: list[Block]
    containers: list[Container]
    head: Head = field(default_factory=Head)
    pictures: list[Picture] = field(default_factory=list)
    times: list[TimeTag] = field(default_factory=list)
    is_plain: bool = False
    chosen: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Containers (by layout field) that a source's selectors picked."""
    chosen_text: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What the elements picked by a layout say, for fields that are short."""

    def inside(self, block: Block, container: int) -> bool:
        """Whether a block stands in a container, at whatever depth."""
        box = self.containers[container]
        return box.start <= block.index < box.end

    def ancestors(self, container: int) -> list[Container]:
        """The container and all it stands in, innermost first."""
        found = []
        while container >= 0:
            box = self.containers[container]
            found.append(box)
            container = box.parent
        return found


BULLET = re.compile(r"^\s*[•●▪◦‣■◆○]\s*(?=\S)")
_DASH = re.compile(r"^\s*[-–—]\s+(?=\S)")
MAX_BLOCKS = 50_000


_WIDEST = 120
"""Characters of a line beyond which nobody breaks lines by hand."""


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether the lines of a text are broken at a fixed width: most do not end a sentence, and are alike in length."""
    sizes: list[int] = []
    ended = 0
    for line, following in pairwise(lines):
        if line.strip() and following.strip():
            sizes.append(len(line.strip()))
            ended += ends_sentence(line.strip())
    if len(sizes) < (2 if not ended else 4) or max(sizes) > _WIDEST or not any(not x.strip() for x in lines):
        return False
    full = sum(1 for size in sizes if size >= 0.7 * max(sizes))
    return max(sizes) >= 40 and full >= 0.8 * len(sizes) and ended <= 0.3 * len(sizes)


def _unwrapped(lines: Iterable[str]) -> Iterator[str]:
    """The paragraphs of a wrapped text, with the blank lines between them."""
    held: list[str] = []
    for line in lines:
        if line.strip():
            held.append(line.strip())
            continue
        if held:
            yield " ".join(held)
            held.clear()
        yield ""
    if held:
        yield " ".join(held)


def read_plain(text: str) -> Document:
    """Plain text as a document: every line that is not blank is a block.

    A single line break ends a paragraph, as it does in the text that readers paste and
    in what other tools save; a bullet makes a list item. In a text broken at a fixed width
    blank lines part the paragraphs.
    """
    blocks: list[Block] = []
    gap = 0
    lines = text.splitlines()
    for line in _unwrapped(lines) if _is_wrapped(lines) else lines:
        kept = tidy(line)
        if not kept:
            gap += 1
            continue
        kind: BlockKind = "paragraph"
        if BULLET.match(kept):
            kind, kept = "list_item", BULLET.sub("", kept)
        elif _DASH.match(kept):
            kind = "list_item"  # the dash stays: it may open a speaker's turn
        elif not any(c.isalnum() for c in kept):
            kind = "rule"
        blocks.append(Block(len(blocks), kind, kept, 0, 0, gap=gap))
        gap = 0
        if len(blocks) >= MAX_BLOCKS:
            break
    root = Container(0, -1, "text", frozenset(), 0, len(blocks))
    return Document(blocks, [root], is_plain=True)
