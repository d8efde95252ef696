"""A page under X-ray: what the reader made of each of its blocks, by which rule, and the page itself made harmless."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import pyarrow.compute as pc

from marsad.clean.decode import decode
from marsad.clean.explain import Reason, explain
from marsad.clean.page import Reading, Story
from marsad.clean.stage import READ, is_readable
from marsad.console.harmless import Harmless, Tint, rewrite
from marsad.console.words import Words
from marsad.dataset import rows_of
from marsad.errors import MissingPartition
from marsad.lake import Lake
from marsad.late import inbox
from marsad.partition import Partition
from marsad.scrape.record import CAPTURES, Capture

Sort = Literal["main", "embedded", "read_more", "related", "source", "keywords", "byline", "boilerplate"]
SORTS: tuple[Sort, ...] = get_args(Sort)
"""What a block is coloured as. ``byline`` is what is read for author and date."""

MAX_BLOCKS = 1_500
"""Of one page, what is listed."""
MAX_TEXT = 1_200
"""Characters of one block, what is listed."""

_BY_RULE: Mapping[str, Sort] = {
    "read_more": "read_more",
    "related": "related",
    "teaser": "related",
    "site_list": "related",
    "source_line": "source",
    "agency_credit": "source",
    "keyword_line": "keywords",
    "byline_line": "byline",
}
_BY_LABEL: Mapping[str, Sort] = {
    "read_more": "read_more",
    "related": "related",
    "lists": "related",
    "source": "source",
    "credit": "source",
    "keywords": "keywords",
    "byline": "byline",
    "date": "byline",
}


@dataclass(frozen=True, slots=True)
class SeenBlock:
    """A block of the page."""

    reason: Reason
    said: str
    """What became of it and why, in the language of the page."""
    sort: Sort
    is_found: bool
    """Whether it is coloured on the page that is shown."""

    @property
    def text(self) -> str:
        """Its text, or as much as is listed."""
        text = self.reason.text
        return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


@dataclass(frozen=True, slots=True)
class Xray:
    """A page, and what became of it."""

    encoding: str
    language: str | None
    has_story: bool
    layout_missed: tuple[str, ...]
    stories: tuple[Story, ...]
    blocks: tuple[SeenBlock, ...]
    left_out_count: int
    """Blocks beyond ``MAX_BLOCKS``."""
    counts: Mapping[Sort, int]
    """Of all blocks, those left out too."""
    page: Harmless


def sort_of(reason: Reason) -> Sort:
    """What a block is coloured as.

    Text and headlines go by their story, what was cut by the rule that cut it, and the rest by its label.
    """
    if reason.fate in ("title", "text"):
        return "main" if reason.story in (None, "main") else "embedded"
    if reason.fate.startswith("cut: "):
        return _BY_RULE.get(reason.fate.removeprefix("cut: "), "boilerplate")
    return _BY_LABEL.get(reason.label, "boilerplate")


def _said(reason: Reason, words: Words) -> str:
    """What became of a block, and why: as ``Reason.fate`` and ``Reason.why``, in a language."""
    fate, _, rule = reason.fate.partition(": ")
    told = words(f"xray.fate.{fate}", rule=rule)
    return f"{told} · " + words("xray.and").join(words(f"xray.why.{s.key}", **s.values) for s in reason.because)


def look(reading: Reading, content: bytes, words: Words, *, charset: str | None, content_type: str | None) -> Xray:
    """Put a reading beside its page.

    Args:
        content: the page's bytes, as they were read.
        words: the language to say it in.
        charset, content_type: as they were read with.

    Raises:
        UnreadablePage: no text can be had from the bytes.
    """
    text, _ = decode(content, charset=charset, content_type=content_type)
    reasons = list(explain(reading))
    sorts = [sort_of(r) for r in reasons]
    said = [_said(r, words) for r in reasons]
    tints = [
        Tint(r.index, r.text, f"as-{sort.replace('_', '-')}", f"{r.index} · {says}", r.passed_over_count)
        for r, sort, says in zip(reasons, sorts, said, strict=True)
    ]
    language = reading.page.language or ""
    page = rewrite(text, tints, language=language, frame_title=reading.page.stories[0].title or "")
    blocks = (
        SeenBlock(reason, says, sort, reason.index in page.found)
        for reason, says, sort in zip(reasons[:MAX_BLOCKS], said, sorts, strict=False)
    )
    return Xray(
        encoding=reading.page.encoding,
        language=reading.page.language,
        has_story=reading.page.has_story,
        layout_missed=reading.page.layout_missed,
        stories=reading.page.stories,
        blocks=tuple(blocks),
        left_out_count=max(0, len(reasons) - MAX_BLOCKS),
        counts=Counter(sorts),
        page=page,
    )


def find_capture(lake: Lake, partition: Partition, url: str) -> Capture:
    """The capture that a partition read for an address; also one of another day that holds a story of this one.

    Raises:
        MissingPartition: there is none.
    """
    if (found := _capture(lake, partition, url)) is not None:
        return found
    late = inbox(partition, lake)
    for day in late.filter(pc.equal(late["url"], url))["captured_on"].to_pylist():
        if (found := _capture(lake, Partition(partition.source, day), url)) is not None:
            return found
    raise MissingPartition(f"{partition} has no capture of {url[:300]}")


def has_page(lake: Lake, partition: Partition, url: str) -> bool:
    """Whether an address has bytes in the lake that can be put under X-ray."""
    try:
        return is_readable(find_capture(lake, partition, url))
    except MissingPartition:
        return False


def _capture(lake: Lake, partition: Partition, url: str) -> Capture | None:
    if not lake.has_table("raw", CAPTURES, partition):
        return None
    table = lake.read_table("raw", CAPTURES, partition)
    rows = rows_of(table.filter(pc.equal(table["url"], url)), Capture)
    return rows[0] if rows else None


@dataclass(frozen=True, slots=True)
class Captured:
    """An address of a partition, as the list to choose from shows it."""

    url: str
    outcome: str
    is_readable: bool


def captured(lake: Lake, partition: Partition, words: str, offset: int, size: int) -> tuple[list[Captured], int]:
    """Some of a partition's captures that hold words in their address, those with bytes first, and how many there are.

    Raises:
        MissingPartition: nothing was ever captured for it.
    """
    path = lake.dataset_path("raw", CAPTURES, partition)
    table = lake.read_table_at(CAPTURES, path, columns=["url", "outcome", "warc_file"])
    wanted = words.casefold().split()
    found = [
        Captured(row["url"], row["outcome"], row["outcome"] in READ and row["warc_file"] is not None)
        for row in table.to_pylist()
        if all(word in row["url"].casefold() for word in wanted)
    ]
    found.sort(key=lambda c: (not c.is_readable, c.url))
    return found[offset : offset + size], len(found)
