"""The headline without the site's name, and the people who wrote the story."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from marsad.clean.blocks import Document
from marsad.clean.cues import find_cue, is_agency, is_line_of, vocabulary
from marsad.clean.jsonld import LinkedData
from marsad.clean.text import fold, tidy, words
from marsad.sources import Source

_PARTS = re.compile(r"\s+[|\-–—:»«•·/]+\s+|\s*[|»]\s*|\s+::\s+")
_LONGEST = 400
_SITE_KEYS = ("og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "article:publisher_name")


def site_names(document: Document, data: LinkedData | None, source: Source | None, url: str | None) -> frozenset[str]:
    """The site's names, folded, as the page, its source and its address give them."""
    metas = document.head.metas
    names = [v for key in _SITE_KEYS for v in metas.get(key, ())]
    names += data.publishers if data else []
    if source is not None:
        names += [source.title, source.name]
    host = urlsplit(url or "").hostname or ""
    names += [host, host.removeprefix("www."), *host.removeprefix("www.").split(".")[:1]]
    return frozenset(f for n in names if (f := fold(n)))


def strip_site(title: str, sites: frozenset[str]) -> str:
    """A title without the site's name at either end: «عنوان - الموقع» and «الموقع | عنوان»."""
    for _ in range(3):
        parts = list(_PARTS.finditer(title))
        if not parts:
            return title
        first, last = parts[0], parts[-1]
        if _is_site(title[last.end() :], sites):
            title = title[: last.start()].strip()
        elif _is_site(title[: first.start()], sites):
            title = title[first.end() :].strip()
        else:
            return title
    return title


def _is_site(part: str, sites: frozenset[str]) -> bool:
    folded = fold(part)
    bare = {folded, folded.removeprefix("موقع "), folded.removeprefix("جريده "), folded.removeprefix("صحيفه ")}
    if not folded or bare & sites:
        return True
    # «CNNArabic.com» for the site CNNArabic, «صحيفة البيان الإماراتية» for البيان
    return len(folded) <= 40 and any(len(s) >= 4 and set(s.split()) <= set(folded.split()) for s in sites)


def find_title(document: Document, data: LinkedData | None, sites: frozenset[str]) -> tuple[str | None, int]:
    """The headline and the index of the block that prints it (None, -1 where the page has none).

    The page says its title many times over, with and without the site's name. The printed
    heading that the others confirm is the headline; without one, the text most of them share.
    """
    head, metas = document.head, document.head.metas
    if document.chosen_text.get("title"):
        chosen = document.chosen_text["title"][0]
        return strip_site(chosen, sites), _block_of(document, chosen)
    claims = [data.headline if data else "", *metas.get("og:title", ())[:1], *metas.get("twitter:title", ())[:1]]
    claims += [*metas.get("headline", ())[:1], head.title]
    claims = [strip_site(c[:_LONGEST], sites) for c in claims if c]
    folded = [f for c in claims if (f := fold(c))]
    for level in (1, 2, 3, 4):
        for block in document.blocks:
            if block.kind != "heading" or block.level != level or len(block.text) < 8:
                continue
            key = fold(block.text)
            if key not in sites and any(_agree(key, f) for f in folded):
                return strip_site(block.text, sites), block.index
    best = _most_shared(claims)
    if best is not None:
        found = _block_of(document, best)
        if found >= 0:
            return strip_site(document.blocks[found].text, sites), found
    lone = [b for b in document.blocks if b.kind == "heading" and b.level == 1 and fold(b.text) not in sites]
    if len(lone) == 1 and len(lone[0].text) >= 12 and not (best and _overlap(best, lone[0].text) < 0.3):
        return lone[0].text, lone[0].index
    return best, -1


def _agree(key: str, claim: str) -> bool:
    if not key or not claim:
        return False
    if key == claim:
        return True
    # a heading may be the claim without a section or the claim the heading without a kicker
    return (key in claim or claim in key) and min(len(key), len(claim)) >= 0.5 * max(len(key), len(claim))


def _overlap(one: str, other: str) -> float:
    a, b = set(words(one)), set(words(other))
    return len(a & b) / max(1, min(len(a), len(b)))


def _most_shared(claims: Sequence[str]) -> str | None:
    """The candidate that most claims contain; of equals the longest."""
    if not claims:
        return None
    candidates = list(claims)
    for claim in claims:
        for cut in _PARTS.finditer(claim):
            candidates += [claim[: cut.start()].strip(), claim[cut.end() :].strip()]
    folded = [fold(c) for c in claims]
    ranked = [
        (sum(fold(c) in f for f in folded), len(c), -i, c) for i, c in enumerate(candidates) if len(fold(c)) >= 12
    ]
    return max(ranked)[3] if ranked else claims[0]


def _block_of(document: Document, title: str) -> int:
    """The block that prints a title, in the first half of the page; -1 if none does."""
    key = fold(title)
    half = max(60, len(document.blocks) // 2)
    for block in document.blocks[:half]:
        if len(block.text) <= 2 * len(title) + 20 and block.link_share < 0.5 and fold(block.text) == key:
            return block.index
    return -1


_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\.com|facebook|twitter|فيسبوك|تويتر|واتس|شارك|تعليق|مشاهد|قراءة|^\d|admin|editor$|webmaster", re.I
)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
_AND = re.compile(r"\s*(?:[،,;؛|/&]|\s[-–—]\s|\s+and\s+|\s+(?=و\s))\s*")


def clean_author(text: str, sites: frozenset[str]) -> list[str]:
    """The names in a byline: without «بقلم», addresses, share links, the site's own name, places."""
    text = _ADDRESS.sub(" ", tidy(text)).strip(" .:،-–—|()[]")
    cue = find_cue(text, ("byline",))
    if cue is not None:
        text = cue.rest
    places = {fold(p) for p in vocabulary()["places"]}
    names: list[str] = []
    for part in _AND.split(text):
        name = part.strip(" .:،-–—|()[]")
        folded = fold(name)
        if not folded or folded in sites or folded in places or is_agency(name):
            continue
        if _NOT_A_NAME.search(name) or len(name) > 60 or not 1 <= len(folded.split()) <= 7 or len(folded) < 3:
            continue
        if is_line_of(name, "furniture") or any(c.isdigit() for c in name):
            continue
        names.append(name)
    return names


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names without repetitions, compared folded."""
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(fold(name), name)
    return tuple(seen.values())
