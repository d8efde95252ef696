"""Where on the page the story stands.

Every block earns or costs by what it looks like: prose earns its length, links and
furniture cost. The story's region is the box with the largest sum; because boxes form a
tree and blocks are in order, one running sum answers for every box at once. From there
the search goes down as long as one box inside holds nearly everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from marsad.clean.blocks import Block, Container, Document
from marsad.clean.cues import find_cue
from marsad.clean.text import ends_sentence, word_set

# What a box's names and tag say it is for. Names are claims: a box that holds most of the page's
# prose is the story's, whatever it is called (WordPress puts "tag-…" on the article itself).
_ROLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("comments", word_set("comment comments disqus respond replies commentlist commentform fb-comments")),
    ("nav", word_set("nav navbar menu navigation breadcrumb breadcrumbs pagination pager topbar toolbar ticker")),
    ("footer", word_set("footer copyright copyrights contentinfo colophon")),
    ("share", word_set("share sharing social sharethis addthis addtoany shareaholic shares")),
    ("consent", word_set("cookie cookies consent gdpr modal popup lightbox")),
    ("aside", word_set(
        "sidebar widget widgets promo popular trending newsletter subscribe ads ad advert adverts advertisement "
        "advertising banner sponsor sponsored login signin register search "
        "poll weather rating complementary taboola outbrain dfp adsense mostread toc"
    )),
    ("related", word_set("related relatedposts recommended recommendations readmore similar seealso suggestions")),
    ("tags", word_set("tags tagcloud keywords hashtags")),
)  # fmt: skip
_ROLE_OF_TAG = {"nav": "nav", "footer": "footer", "aside": "aside"}
# A wrong word on a wrapper is common for some roles and rare for others.
_DOUBTED = {"comments": 0.9, "footer": 0.9, "consent": 0.9, "hidden": 0.9}
_NEVER_FLAGGED = frozenset({"html", "body", "main", "article"})

SHORT = 40
PROSE = 80
_DESCEND = 0.8


def is_prose(block: Block) -> bool:
    """Whether a block reads as running text rather than a label, headline or menu."""
    size = len(block.text)
    if block.kind in ("heading", "rule", "caption") or block.link_share > 0.5:
        return False
    if block.kind == "list_item" and size < 2 * PROSE:
        return size >= SHORT and ends_sentence(block.text)
    return size >= PROSE or (size >= 25 and ends_sentence(block.text))


@dataclass(frozen=True, slots=True)
class Region:
    """The box of the story, and what each box of the page is for."""

    container: int
    roles: tuple[str, ...]
    """For each container: the role it has or inherits, or an empty string."""
    prose: int
    """Characters of prose in the region."""
    method: str = "container"
    teasers: frozenset[int] = frozenset()
    """Blocks that summarise other pages."""


def roles_of(document: Document, title_index: int = -1) -> tuple[str, ...]:
    """For each container what it is for: nav, footer, comments, share, aside, related, tags, hidden or nothing."""
    prose = [len(b.text) if is_prose(b) else 0 for b in document.blocks]
    total = [0, *accumulate(prose)]
    roles: list[str] = []
    for box in document.containers:
        inherited = roles[box.parent] if box.parent >= 0 else ""
        role = inherited or _own_role(box)
        if role and box.start <= title_index < box.end:
            role = ""  # no box of furniture holds the headline
        if role and not inherited and total[box.end] - total[box.start] > _DOUBTED.get(role, 0.5) * total[-1] > 0:
            role = ""
        roles.append(role)
    return tuple(roles)


def teasers_of(document: Document, title_index: int = -1) -> frozenset[int]:
    """Blocks that summarise another page: the only prose of a small box headed by a linked headline, one of several.

    A single such box may be a story with a linked headline; a row of them is a list.
    """
    cards: dict[int, list[int]] = {}
    blocks = document.blocks
    for box in document.containers:
        size = box.end - box.start
        if not 2 <= size <= 7 or box.parent < 0 or box.start <= title_index < box.end:
            continue
        inside = blocks[box.start : box.end]
        prose = [b.index for b in inside if is_prose(b)]
        heads = [b for b in inside if len(b.text) >= 15 and b.link_share > 0.8]
        if len(prose) == 1 and heads and heads[0].index < prose[0]:
            cards.setdefault(prose[0], []).append(box.parent)
    return frozenset(cards) if len(cards) >= 3 else frozenset()


def _after_cues(document: Document, title_index: int) -> dict[int, float]:
    """How much less the blocks count that follow a heading such as «اقرأ أيضا» standing alone, once there was prose.

    A second story may be longer than the page's own; it must not become the region. A text that
    merely goes on after a linked headline keeps enough of its weight to stay whole.
    """
    shares: dict[int, float] = {}
    has_prose = is_over = False
    share = 1.0
    for block in document.blocks:
        if block.index > title_index and share < 1.0:
            shares[block.index] = share
        if block.index <= title_index or len(block.text) > 60:
            has_prose = has_prose or (block.index > title_index and is_prose(block))
            continue
        cue = find_cue(block.text, ("read_more", "related", "source", "keywords"))
        if cue is None or not has_prose:
            continue
        if cue.kind in ("source", "keywords"):
            is_over = cue.has_colon
        elif not cue.rest:
            share = min(share, 0.25 if is_over else 0.6)
    return shares


def _own_role(box: Container) -> str:
    if box.tag in _NEVER_FLAGGED:
        return ""
    if box.is_hidden:
        return "hidden"
    if box.names:
        for role, words in _ROLES:
            if box.names & words:
                return role
        if {"read", "more"} <= box.names or {"see", "also"} <= box.names:
            return "related"
    return _ROLE_OF_TAG.get(box.tag, "")


def _value(block: Block, role: str) -> float:
    """What a block adds to the boxes it stands in, in characters of prose."""
    size = len(block.text)
    if block.kind in ("rule", "caption"):
        return 0.0
    if role:
        return -0.3 * min(size, 200)
    if block.kind == "heading":
        return -2.0
    share = block.link_share
    if share > 0.5:
        return -(12.0 + 0.5 * min(size, 80))
    if size >= PROSE:
        return min(size, 1500) * (1 - share)
    if size >= 25 and ends_sentence(block.text):
        return size * (1 - share)
    return -6.0 if size < SHORT else 2.0


def find_region(document: Document, title_index: int = -1) -> Region:
    """The story's region.

    Args:
        document: the page.
        title_index: the title's block, or -1: nothing before it is the story.
    """
    roles = roles_of(document, title_index)
    for picked in document.chosen.get("body", ()):
        prose = _prose_in(document, picked)
        if prose:
            return Region(picked, roles, prose, "layout")
    teasers = teasers_of(document, title_index)
    values = [_value(b, roles[b.container]) if b.index >= title_index else -0.3 * len(b.text) for b in document.blocks]
    for index, share in _after_cues(document, title_index).items():
        values[index] *= share
    for index in teasers:
        values[index] = -0.3 * min(len(document.blocks[index].text), 200)
    sums = [0.0, *accumulate(values)]

    def total(box: Container) -> float:
        return sums[box.end] - sums[box.start]

    children: dict[int, list[Container]] = {}
    best, best_sum = document.containers[0], total(document.containers[0])
    for box in document.containers:
        children.setdefault(box.parent, []).append(box)
        # at equal sums the inner box: it holds the same text in less page
        if box.end > box.start and (value := total(box)) >= max(best_sum, 1.0):
            best, best_sum = box, value
    while True:
        smaller = max(children.get(best.index, ()), key=total, default=None)
        if smaller is None or smaller.tag in ("tr", "td") or best_sum <= 0 or total(smaller) < _DESCEND * best_sum:
            break
        if smaller.tag in ("ul", "ol", "li", "blockquote", "figure"):
            break  # parts of a text, never its box
        best, best_sum = smaller, total(smaller)
    while best.parent >= 0 and best.tag in ("ul", "ol", "li", "blockquote", "figure", "dl"):
        best = document.containers[best.parent]
    return Region(best.index, roles, _prose_in(document, best.index), teasers=teasers)


def _prose_in(document: Document, container: int) -> int:
    box = document.containers[container]
    return sum(len(b.text) for b in document.blocks[box.start : box.end] if is_prose(b))
