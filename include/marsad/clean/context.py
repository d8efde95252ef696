"""What the fields of one story are read with: its page, its lines, where its text stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from marsad.clean.blocks import Document
from marsad.clean.jsonld import LinkedData
from marsad.clean.labels import Line
from marsad.sources import Source


@dataclass(slots=True)
class Context:
    """What the fields of one story are read with."""

    document: Document
    data: LinkedData | None
    sites: frozenset[str]
    zone: ZoneInfo
    url: str | None = None
    source: Source | None = None
    listed_at: datetime | None = None
    listed_by: str | None = None
    captured_on: date | None = None
    head_lines: list[Line] = field(default_factory=list)
    """The lines from the title to the first paragraph, and the bylines and dates of the story."""
    first_paragraph: str = ""
    title_index: int = -1
    """The block of the headline, of the first and of the last paragraph; -1 where not known."""
    first: int = -1
    last: int = -1
    is_second: bool = False
    """Another story of the page than its own: what the page says of itself is not about it."""

    def metas(self, *names: str) -> list[str]:
        """The values of some metas, in order of the names."""
        metas = self.document.head.metas
        return [v for n in names if n in metas for v in metas[n][:_MOST]]

    def first_prose(self) -> int:
        """The block where running text begins: short lines before it («بقلم …», a date) may have become paragraphs."""
        for block in (
            self.document.blocks[self.first : min(self.first + _HEAD, self.last + 1)] if self.first >= 0 else ()
        ):
            if block.is_prose:
                return block.index
        return self.first


_MOST = 50
"""Values of one meta that are read: a story has no more authors or keywords."""


_HEAD = 6
"""Blocks over a story's text that may hold its headline, date and byline."""


def own_context(page: Context, lines: list[Line], first: int, last: int, paragraph: str) -> Context:
    """The context of a second story: its own lines and the time tags among them, nothing of the page's.

    Args:
        page: the page's context.
        lines: the bylines and dates that stand at the second story's head or foot.
        first: the index of its first block of text.
        last: the index of its last.
        paragraph: its first paragraph.
    """
    document = page.document
    if last >= len(document.blocks) or document.blocks[first].text != paragraph:
        # its text comes from a script: no block of the page is its own
        return Context(
            Document([], []), None, page.sites, page.zone, captured_on=page.captured_on, head_lines=lines,
            first_paragraph=paragraph, is_second=True,
        )  # fmt: skip
    low = first
    while low > 0 and first - low < _HEAD and not document.blocks[low - 1].is_prose:
        low -= 1  # its headline, and what stands beside it
    own = Document(document.blocks, document.containers, times=[t for t in document.times if low <= t.block <= last])
    return Context(
        own, None, page.sites, page.zone, captured_on=page.captured_on, head_lines=lines,
        first_paragraph=paragraph, title_index=low, first=first, last=last, is_second=True,
    )  # fmt: skip
