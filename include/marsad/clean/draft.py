"""A story while its page is being read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from marsad.clean.blocks import Anchor, Block
from marsad.clean.keywords import read_keywords, unique
from marsad.clean.labels import Line
from marsad.clean.record import LinkKind, Role


@dataclass(slots=True)
class FoundLink:
    """A headline of another story."""

    kind: LinkKind
    title: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a block: text of a story, or taken out of it by a rule."""

    story: Draft
    rule: str | None = None
    """None for text."""
    is_title: bool = False


@dataclass(slots=True)
class Draft:
    """A story as the split leaves it."""

    role: Role
    title: str | None = None
    blocks: list[Block] = field(default_factory=list)
    links: list[FoundLink] = field(default_factory=list)
    cuts: list[tuple[str, str]] = field(default_factory=list)
    attributions: list[str] = field(default_factory=list)
    keyword_lines: list[tuple[str, list[Anchor]]] = field(default_factory=list)
    meta_lines: list[Line] = field(default_factory=list)
    """Bylines and dates that stand at its head or foot."""
    box: int = -1
    """The container that holds all of an embedded story and nothing else, or -1."""
    is_ended: bool = False
    """A source line or the like has closed it; text in its own boxes opens it again."""
    is_closed: bool = False
    """The small print has begun: nothing opens it again."""
    said: set[str] = field(default_factory=set)
    """Its paragraphs, to know a repeated one."""
    homes: set[int] = field(default_factory=set)
    """The homes of its blocks, and the boxes these stand in: kept as it grows, asked for at every line."""
    parents: set[int] = field(default_factory=set)

    def add(self, block: Block, parent: int) -> None:
        """Add a block of text; ``parent`` is the box its home stands in."""
        self.blocks.append(block)
        self.homes.add(block.home)
        self.parents.add(parent)

    def keywords(self, texts: Sequence[str]) -> list[str]:
        """Its keywords; ``texts`` show which words belong together."""
        return unique(k for rest, links in self.keyword_lines for k in read_keywords(rest, links, texts))
