"""The headline, without the site's name."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from marsad.clean.blocks import PROSE, Block, Document
from marsad.clean.cues import is_line_of
from marsad.clean.jsonld import LinkedData
from marsad.clean.text import fold, is_headline_like, tidy, word_set, words
from marsad.sources import Source

_PARTS = re.compile(r"\s+[|\-–—ـ:»«•·/\\~›>]+\s+|\s*[|¦｜]+\s*|(?<=\S)»\s+|\s+::\s+|\s+»\s*(?=\S)")
_TIGHT = "-–—:/\\،,~_"
_ENDS = " |¦-–—~›>\u200f"
_TRUNCATED = re.compile(r"\s*(?:\.{2,}|…)\s*$")
_COUNT = re.compile(r"\d")
_LONGEST = 400
_SITE_KEYS = ("og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "article:publisher_name")
# What a site may be called beside its name: «صحيفة البيان الإماراتية», «CNNArabic.com».
_OF_SITES = word_set(
    "موقع صحيفه جريده وكاله قناه شبكه منصه بوابه مجله تلفزيون اذاعه راديو نيوز اخبار الاخباري الاخباريه الاخبار "
    "انباء للانباء الانباء للاخبار الالكتروني الالكترونيه الرسمي الرسميه اليوميه الاسبوعيه المستقله الدوليه "
    "العالميه الرقميه العربي العربيه بالعربي بالعربيه عربي عربيه الفضائيه الاعلاميه الاعلامي الصحفيه السياسيه "
    "اون لاين اونلاين نت دوت كوم الموقع من في و المصريه اللبنانيه السوريه الاردنيه الفلسطينيه العراقيه السعوديه "
    "الاماراتيه الكويتيه القطريه البحرينيه العمانيه اليمنيه السودانيه الليبيه التونسيه الجزائريه المغربيه "
    "الموريتانيه الصوماليه المصري اللبناني السوري الاردني الفلسطيني العراقي السعودي الاماراتي الكويتي القطري "
    "البحريني العماني اليمني السوداني الليبي التونسي الجزائري المغربي الموريتاني the com net org info tv co uk "
    "news online arabic english fr www daily newspaper magazine official website site "
)
_GENERIC = word_set("الصفحه صفحه الرييسيه تفاصيل الخبر خبر المقال مقال عرض الموضوع موضوع اخبار home page article news")
_TITLE_ENDS = ("title", "headline", "heading", "subject", "عنوان", "titre")
_NOT_TITLE_HINTS = frozenset({"site", "related", "widget", "section", "block", "logo", "menu", "nav", "author", "page"})


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
    """A title without the site's name at either end: «عنوان - الموقع», «الموقع | عنوان», «عنوان-الموقع»."""
    title = title.strip(_ENDS)
    for _ in range(3):
        parts = _separators(title)
        if parts and _names_site(title[parts[-1][1] :], title[: parts[-1][0]], sites):
            title = title[: parts[-1][0]].strip(_ENDS)
        elif parts and _names_site(title[: parts[0][0]], title[parts[0][1] :], sites):
            title = title[parts[0][1] :].strip(_ENDS)
        else:
            break
    return _strip_tight(title, sites)


def _separators(title: str) -> list[tuple[int, int]]:
    """Where what may part a title from a site's name stands; a «quotation» is not parted by its own marks."""
    found = []
    for part in _PARTS.finditer(title):
        before = title[: part.start()]
        if "»" in part[0] and before.count("«") > before.count("»"):
            continue
        if part.start() and part.end() < len(title):
            found.append(part.span())
    return found


def _strip_tight(title: str, sites: frozenset[str]) -> str:
    """Without the site's name where no space stands before it: only the very name, whole."""
    key = fold(title)
    if not any(len(s) >= 4 and key.endswith(s) for s in sites):
        return title
    for mark in _TIGHT:
        start = title.rfind(mark)
        if start > 0 and len(title) - start <= 60 and fold(title[start + 1 :]) in sites:
            return title[:start].strip(_ENDS)
    return title


_SITES_OPEN = word_set("صحيفه جريده موقع وكاله قناه شبكه منصه بوابه مجله تلفزيون اذاعه")
_SITES_CLOSE = word_set(
    "نيوز اونلاين الاخباري الاخباريه الالكتروني الالكترونيه الرقميه للانباء للاخبار news online com net org tv daily"
)


def _names_site(part: str, rest: str, sites: frozenset[str]) -> bool:
    """Whether a part of a title is the site's name: it is known, or it is built like one and much shorter."""
    if _is_site(part, sites):
        return True
    names = fold(part).split()
    if not 1 <= len(names) <= 4 or len(rest.split()) < max(4, len(names) + 1):
        return False
    if len(names) == 2 and names[0] in ("اخبار", "news"):
        return True  # «أخبار العراق», «أخبار الرياضة»
    return len(names) > 1 and (names[0] in _SITES_OPEN or names[-1] in _SITES_CLOSE)


def _is_site(part: str, sites: frozenset[str]) -> bool:
    folded = fold(part)
    if folded in sites:
        return True
    if not folded or len(folded) > 60:
        return False
    rest = folded.split()
    for site in sites:
        # the site's name and words that sites are called by, in any order, and nothing else
        name = set(site.split())
        if len(site) >= 3 and name <= set(rest) and all(w in name or w in _OF_SITES for w in rest):
            return True
        # «CNNArabic.com» for CNN Arabic, «Le Monde.fr» for Le Monde
        if len(site) >= 4 and "".join(w for w in rest if w not in _OF_SITES or w in name) == site.replace(" ", ""):
            return True
    return False


def find_title(document: Document, data: LinkedData | None, sites: frozenset[str]) -> tuple[str | None, int]:
    """The headline and the index of the block that prints it (None, -1 where the page has none).

    The page says its title many times over, with and without the site's name. The printed
    heading that the others confirm is the headline; without one, the text most of them share.
    """
    if document.chosen_text.get("title"):
        chosen = document.chosen_text["title"][0][: 2 * _LONGEST]
        return strip_site(chosen, sites), _block_of(document, [chosen])
    claims = _claims(document, data, sites)
    folded = {f for c in set(claims) for piece in (c, _runs(c)[-1]) if (f := fold(piece))}
    headings = [b for b in document.blocks if b.kind == "heading" and b.level <= 4 and len(b.text) >= 8]
    headings.sort(key=lambda b: b.level)
    for block in headings if folded else ():
        key = fold(block.text)
        if key and key not in sites and any(_agree(key, f) for f in folded):
            return _as_claimed(strip_site(block.text, sites), claims), block.index
    lone = [b for b in headings if b.level == 1 and len(b.text) >= 12 and not _is_logo(b, sites)]
    shared = _ranked(claims)
    if shared:
        found = _block_of(document, shared)
        if found >= 0:
            return _as_claimed(strip_site(document.blocks[found].text, sites), claims), found
    claimed = shared[0] if shared else None
    is_sure = len(claims) > 1 or claims[:1] != [strip_site(document.head.title[:_LONGEST], sites)]
    printed = _printed(document, lone, claimed, is_sure=is_sure)
    return (printed.text, printed.index) if printed is not None else (claimed, -1)


def _claims(document: Document, data: LinkedData | None, sites: frozenset[str]) -> list[str]:
    """What the page calls its title in its head, without the site's name; never the site's name itself."""
    head, metas = document.head, document.head.metas
    claims = [data.headline if data else ""]
    claims += [c for key in ("og:title", "twitter:title", "headline") for c in metas.get(key, ())[:1]]
    claims.append(head.title)
    sections = [*metas.get("article:section", ())[:1], data.section if data else ""]
    sites |= {f for section in sections if (f := fold(section[:60]))}  # «رياضة | العنوان | الموقع»
    read: dict[str, str] = {}  # pages repeat themselves
    for claim in claims:
        if claim not in read:
            text = claim[:_LONGEST]
            if "&" in text:
                text = tidy(html.unescape(text))  # entities twice over
            text = strip_site(text, sites)
            is_title = text and not _is_site(text, sites) and not _GENERIC.issuperset(words(text))
            read[claim] = text if is_title else ""
    return [text for claim in claims if (text := read[claim])]


def _agree(key: str, claim: str) -> bool:
    if key == claim:
        return True
    # a heading may be the claim without a section or the claim the heading without a kicker
    return (key in claim or claim in key) and min(len(key), len(claim)) >= 0.5 * max(len(key), len(claim))


def _as_claimed(printed: str, claims: Sequence[str]) -> str:
    """A printed headline, without the kicker or date its heading holds too, with the spaces lost between elements."""
    if printed in claims:
        return printed
    key = fold(printed)
    same = [p for c in set(claims) for p in _runs(c) if abs(len(p) - len(printed)) <= 8 and fold(p) == key]
    if same:
        spaced = max(same, key=lambda p: (p.count(" "), p))
        return spaced if spaced.count(" ") > printed.count(" ") and len(spaced) - len(printed) <= 3 else printed
    bare: list[str] = []
    for whole in claims:
        claim = _runs(whole)[-1]
        other = fold(claim)
        if len(other) < 0.5 * len(key) or other not in key or _TRUNCATED.search(claim):
            continue
        if key.endswith(" " + other) and len(key[: -len(other)].split()) <= 3:
            bare.append(claim)
        elif key.startswith(other + " ") and _COUNT.search(key[len(other) :]) and len(key[len(other) :].split()) <= 6:
            bare.append(claim)  # «العنوان 3 مارس 2026», «العنوان 12 تعليقا»
        elif key.startswith(other) and is_line_of(key[len(other) :], "furniture"):
            bare.append(claim)  # the button beside it
    if len(bare) < 2 and len(bare) < len(claims):
        return printed
    claim = min(bare, key=len)
    start = printed.find(claim)
    return claim if start < 0 else printed[start : start + len(claim)]


def _runs(title: str) -> list[str]:
    """A title and what it is without its first or last parts; at last its longest part, if that is most of it."""
    cuts = _separators(title)[:6]
    starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(title)]
    runs = [title[a:b].strip() for i, a in enumerate(starts) for b in reversed(ends[i:])]
    longest = max((title[a:b].strip() for a, b in zip(starts, ends, strict=True)), key=len)
    return [*runs, longest if len(longest) >= 0.6 * len(title) else title]


def _ranked(claims: Sequence[str]) -> list[str]:
    """The claims and their parts, those first that most claims contain, of equals the longest.

    A claim cut short («…») gives way to the whole.
    """
    bare = [_TRUNCATED.sub("", c) for c in claims]
    whole = [
        c
        for c, b in zip(claims, bare, strict=True)
        if b == c or not any(len(o) > len(b) and o.startswith(b) for o in claims if o != c)
    ]
    candidates = dict.fromkeys(whole)
    for claim in whole:
        for start, end in _separators(claim):
            candidates |= dict.fromkeys((claim[:start].strip(), claim[end:].strip()))
    keys = [fold(c) for c in bare]
    is_cut = [b != c for b, c in zip(bare, claims, strict=True)]
    ranked = []
    for position, candidate in enumerate(candidates):
        key = fold(candidate)
        if len(key) >= 12:
            shared = sum(key in k or (cut and k in key) for k, cut in zip(keys, is_cut, strict=True))
            ranked.append((-shared, -len(candidate), position, candidate))
    return [r[3] for r in sorted(ranked)] or list(claims[:1])


def _is_logo(block: Block, sites: frozenset[str]) -> bool:
    """Whether a heading is the site's own: it says its name, or it is a link to the front page."""
    if _is_site(block.text, sites):
        return True
    if block.link_share > 0.8 and block.links:
        href = block.links[0].href.split("#")[0]
        return href in ("", "/") or (href.startswith("http") and not urlsplit(href).path.strip("/"))
    return False


def _printed(document: Document, lone: Sequence[Block], claimed: str | None, *, is_sure: bool) -> Block | None:
    """A headline that only the page's body prints: its one h1, else the last line marked as a title over the prose.

    Legacy pages call every page by the site's name; what stands over the text in an element
    named «title» is then the headline. A claim that more than <title> makes is surer.
    """
    if len(lone) == 1 and not (claimed and _overlap(claimed, lone[0].text) < 0.3):
        return lone[0]
    if claimed and len(words(claimed)) >= (4 if is_sure else 9):
        return None
    blocks = document.blocks
    prose = [b for b in blocks if b.is_prose and len(b.text) >= PROSE and b.kind != "list_item"][:20]
    first = next((b.index for b in prose if len(b.text) >= 1.5 * PROSE), prose[0].index if prose else 0)
    found: Block | None = None
    for block in blocks[max(0, first - (5 if claimed else 12)) : first]:
        if len(block.text) < 12 or block.link_share > 0.5 or not is_headline_like(block.text, 220):
            continue
        if block.kind == "heading" and block.level <= 3:
            if found is None or found.kind != "heading" or block.level <= found.level:
                found = block
        elif found is None or found.kind != "heading":
            names = block.hints | document.containers[block.container].names
            if any(n.endswith(_TITLE_ENDS) for n in names) and names.isdisjoint(_NOT_TITLE_HINTS):
                found = block
    if found is None and len(lone) > 1:
        found = next((b for b in reversed(lone) if b.index < first), None)
    return found


def _overlap(one: str, other: str) -> float:
    a, b = set(words(one)), set(words(other))
    return len(a & b) / max(1, min(len(a), len(b)))


def _block_of(document: Document, titles: Sequence[str]) -> int:
    """The block, in the first half of the page, that prints a title: the best of those printed; -1 if none is."""
    # a part of a title is one only if it is most of it
    keys = {fold(t): rank for rank, t in enumerate(titles[:8]) if len(t) >= 0.5 * len(titles[0])}
    low, high = min(map(len, keys)), 2 * max(map(len, keys)) + 20
    half = max(60, len(document.blocks) // 2)
    best = (len(titles), -1)
    for block in document.blocks[:half]:
        if low <= len(block.text) <= high and block.link_share < 0.5:
            rank = keys.get(fold(block.text))
            if rank is not None and rank < best[0]:
                best = rank, block.index
    return best[1]
