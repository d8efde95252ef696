"""What kind of page it is: a running live page, the open part of a paid story, a breaking line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from marsad.clean.context import Context
from marsad.clean.cues import opens_with
from marsad.clean.text import fold, word_set

_LIVE = frozenset({"liveblog", "livereporting", "livefeed"})
_LIVE_BLOG = frozenset({"live", "blog"})
_LIVE_TITLE = re.compile(r"^\W*\S+(?:\s+\S+)?\s*[:|\-–—.…]")
_MOST_OF_WIDGET = 6
"""Blocks: a smaller box named after a live blog is a link to one."""
_PAYWALL_NAMES = word_set("paywall paywalled premiumcontent subscriberonly metered regwall")
_MOST_OF_NOTICE = 12
_NEAR_END = 10


def is_live_blog(page: Context, title: str | None) -> bool:
    """Whether the page is a running live page: marked as one, or titled so."""
    if page.data is not None and page.data.is_live:
        return True
    for box in page.document.containers:
        names = box.names
        if names and (not _LIVE.isdisjoint(names) or names >= _LIVE_BLOG) and box.end - box.start > _MOST_OF_WIDGET:
            return True
    return bool(title and opens_with(title, "live") and _LIVE_TITLE.match(title))


def is_paywalled(page: Context, texts: Sequence[str]) -> bool:
    """Whether only the open part is here.

    Args:
        page: the page.
        texts: the lines in and after the story.
    """
    if page.data is not None and not page.data.is_free:
        return True
    if "locked" in (v.lower() for v in page.metas("article:content_tier")):
        return True
    for box in page.document.containers:
        names = box.names
        if not names or box.is_hidden or _PAYWALL_NAMES.isdisjoint(names):
            continue
        # free pages name their paragraphs after the wall that others meet: the notice stands where the text ends
        ends = page.last < 0 or page.last < box.start <= page.last + _NEAR_END
        if ends and 0 < box.end - box.start <= _MOST_OF_NOTICE:
            return True
    return any(len(t) <= 250 and opens_with(t, "paywall") for t in texts)


_BREAKING = re.compile(r"^\W*(?:عاجل|خبر عاجل|عاجل جدا|أنباء عاجلة|نبأ عاجل|breaking(?: news)?|urgent)(?!\w)", re.I)
_LONGEST_LINE = 300


def is_breaking(page: Context, title: str | None, paragraphs: Sequence[str]) -> bool:
    """Whether the page is a breaking line: marked «عاجل» at its headline, with at most one short paragraph.

    The mark is the title's first word, a line of its own right above the headline, or the section.
    """
    if not title or len(paragraphs) > 1 or sum(map(len, paragraphs)) > _LONGEST_LINE:
        return False
    if _BREAKING.match(title) or _BREAKING.match(page.document.head.title) or _BREAKING.match(_claimed(page)):
        return True
    sections = [page.data.section] if page.data is not None else []
    if any(fold(s) in ("عاجل", "breaking", "breaking news") for s in [*sections, *page.metas("article:section")]):
        return True
    index = page.title_index
    above = page.document.blocks[max(0, index - 2) : index] if index > 0 else []
    return any(len(b.text) <= 20 and not b.links and _BREAKING.match(b.text) for b in above)


def _claimed(page: Context) -> str:
    return next(iter(page.metas("og:title")), "")
