"""What a story is filed under and how it opens: the page's word, as far as it is believed."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from marsad.clean.addresses import absolute, canonical_url
from marsad.clean.authors import credited_agencies, find_authors
from marsad.clean.context import Context
from marsad.clean.cues import find_cue
from marsad.clean.datelines import find_dateline
from marsad.clean.keywords import clean_keyword
from marsad.clean.kinds import is_breaking, is_live_blog, is_paywalled
from marsad.clean.labels import SILENT, Line
from marsad.clean.media import find_images, is_gallery
from marsad.clean.text import ends_sentence, fold, tidy, word_set, words

__all__ = [
    "absolute", "canonical_url", "credited_agencies", "find_authors", "find_dateline", "find_images", "find_keywords",
    "find_lead", "find_section", "is_breaking", "is_gallery", "is_live_blog", "is_paywalled", "is_story_line",
]  # fmt: skip

_HOME = frozenset({"الرييسيه", "home", "الصفحه الرييسيه", "accueil", "homepage", "البدايه"})
_NO_SECTIONS = frozenset({"uncategorized", "article", "articles", "غير مصنف", "بدون تصنيف", "post", "posts", "default"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_SEPARATORS = re.compile(r"\s*[,،;؛|]\s*")


def find_section(page: Context) -> str | None:
    """The site's section: as declared, else the page's place in the site."""
    claims = [page.data.section if page.data else "", *page.metas("article:section", "cxenseparse:section", "section")]
    for claim in claims:
        first = _SEPARATORS.split(tidy(html.unescape(claim)))[0] if claim else ""
        if first and len(first) <= 60 and "_" not in first and not first.isdigit() and fold(first) not in _NO_SECTIONS:
            return first
    title = {
        fold(t) for t in (page.document.head.title, *page.metas("og:title"), page.data.headline if page.data else "")
    }
    crumbs = [c for c in (page.data.breadcrumbs if page.data else []) if len(c) <= 60]
    own = [c for c in crumbs if (f := fold(c)) and f not in title and f not in _HOME and f not in page.sites]
    if crumbs and own and own[-1] == crumbs[-1] and len(own[-1].split()) >= 5:
        own.pop()  # the page itself, titled a little otherwise
    return own[-1] if own else _printed_section(page, title)


_CRUMBS = frozenset({"breadcrumb", "breadcrumbs", "crumbs"})
_CATEGORIES = word_set("category categories cat section kicker topic قسم تصنيف")
_MOST_CRUMBS = 40


def _printed_section(page: Context, titles: set[str]) -> str | None:
    """The section printed above the headline: the last link of its path through the site, else a linked category."""
    boxes = page.document.containers
    stop = page.title_index if page.title_index >= 0 else max(0, page.first)
    names: list[str] = []
    for block in page.document.blocks[max(0, stop - _MOST_CRUMBS) : stop]:
        box = boxes[block.container]
        up = boxes[box.parent] if box.parent >= 0 else box
        if not (box.names.isdisjoint(_CRUMBS) and up.names.isdisjoint(_CRUMBS) and block.hints.isdisjoint(_CRUMBS)):
            names += [a.text for a in block.links]
    if not names:
        lines = [x for x in page.head_lines if x.block.index < page.first and not x.block.hints.isdisjoint(_CATEGORIES)]
        names = [a.text for x in lines for a in x.block.links[:1]]
    own = [n for n in names if (f := fold(n)) and f not in titles and f not in _HOME and f not in page.sites]
    return own[-1] if own and len(own[-1].split()) <= 4 else None


def find_keywords(page: Context, printed: Sequence[str]) -> tuple[str, ...]:
    """The story's keywords: those printed on the page, else those it declares.

    Legacy pages carry one list of the site's favourite words on every page; a list of which no
    word is in the headline or the opening is not the story's.
    """
    if printed:
        return tuple(printed)
    declared = page.metas("article:tag", "og:article:tag") or (page.data.keywords if page.data else [])
    declared = declared or page.metas("news_keywords")
    kept = _keywords(page, declared)
    if kept:
        return kept
    kept = _keywords(page, page.metas("keywords"))
    if not kept:
        return ()
    opening = " ".join([page.document.head.title, *page.metas("og:title", "description"), page.first_paragraph])
    said = {_bare(w) for w in words(opening[:3000])}
    return kept if any(all(_bare(w) in said for w in words(k)) for k in kept) else ()


def _bare(word: str) -> str:
    return word.removeprefix("و").removeprefix("ب").removeprefix("ل").removeprefix("ال") if len(word) > 4 else word


def _keywords(page: Context, declared: Sequence[str]) -> tuple[str, ...]:
    parts = [k for text in declared for k in _SEPARATORS.split(html.unescape(text))]
    if not parts:
        return ()
    seen = {fold(page.document.head.title), *(fold(t) for t in page.metas("og:title")), *page.sites, ""}
    kept = []
    for part in parts[:60]:
        keyword = clean_keyword(part)
        key = fold(keyword)
        if key not in seen and len(keyword) <= 60:
            seen.add(key)
            kept.append(keyword)
    return tuple(kept)


_LEADS = word_set(
    "lead lede summary standfirst excerpt intro introduction subtitle subheadline subheading deck dek teaser abstract "
    "kicker chapeau sapo spot المقدمة"
)


def find_lead(page: Context, title_index: int, first: int, lines: Sequence[Line]) -> str | None:
    """The standfirst: a line of its own between the headline and the body, marked as one or declared as the summary."""
    if title_index < 0:
        return None
    boxes = page.document.containers
    title = fold(page.document.blocks[title_index].text)
    summaries = [page.data.description if page.data else "", *page.metas("og:description", "description")]
    declared = {fold(html.unescape(s[:160]))[:80] for s in summaries if len(s) >= 30}
    for line in lines[title_index + 1 : first]:
        if line.label not in ("prose", "short", "heading") or len(line.text) < 30 or fold(line.text[:600]) == title:
            continue
        if not (line.block.hints | boxes[line.block.container].names).isdisjoint(_LEADS):
            return line.text
        if declared and line.role not in SILENT and fold(line.text[:140])[:80] in declared:
            return line.text
    return None


def is_story_line(line: Line) -> bool:
    """Whether a line by the headline may carry the story's date or byline."""
    if (line.role in SILENT and line.role != "aside") or line.block.kind == "rule":
        return False
    if len(line.text) <= 120 and (not ends_sentence(line.text) or _YEAR.search(line.text)):
        return True  # «3 مارس 2026، 2:35 p.m.» ends like a sentence
    return line.cue is not None or find_cue(line.text, ("published", "modified", "byline")) is not None
