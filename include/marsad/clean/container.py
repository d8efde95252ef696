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
from marsad.clean.text import ends_sentence

# What a box's names and tag say it is for. Names are claims: a box that holds most of the page's
# prose is the story's, whatever it is called (WordPress puts "tag-…" on the article itself).
_ROLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("comments", frozenset("comment comments disqus respond replies commentlist commentform fb-comments".split())),
    ("nav", frozenset("nav navbar menu navigation breadcrumb breadcrumbs pagination pager topbar toolbar ticker".split())),
    ("footer", frozenset("footer copyright copyrights contentinfo colophon".split())),
    ("share", frozenset("share sharing social sharethis addthis addtoany shareaholic shares".split())),
    ("aside", frozenset(
        "sidebar widget widgets promo popular trending newsletter subscribe ads ad advert adverts advertisement "
        "advertising banner sponsor sponsored cookie cookies consent gdpr login signin register search modal popup "
        "poll weather rating complementary taboola outbrain dfp adsense mostread toc".split()
    )),
    ("related", frozenset("related relatedposts recommended recommendations readmore similar seealso suggestions".split())),
    ("tags", frozenset("tags tagcloud keywords hashtags".split())),
)  # fmt: skip
_ROLE_OF_TAG = {"nav": "nav", "footer": "footer", "aside": "aside"}
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


def roles_of(document: Document) -> tuple[str, ...]:
    """For each container what it is for: nav, footer, comments, share, aside, related, tags, hidden or nothing."""
    prose = [len(b.text) if is_prose(b) else 0 for b in document.blocks]
    total = [0, *accumulate(prose)]
    roles: list[str] = []
    for box in document.containers:
        inherited = roles[box.parent] if box.parent >= 0 else ""
        role = inherited or _own_role(box)
        if role and not inherited and total[box.end] - total[box.start] > 0.5 * total[-1] > 0:
            role = ""
        roles.append(role)
    return tuple(roles)


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


def find_region(document: Document, start: int = 0) -> Region:
    """The story's region.

    Args:
        document: the page.
        start: the index of the title's block: nothing before it is the story.
    """
    roles = roles_of(document)
    for box in document.chosen.get("body", ()):
        prose = _prose_in(document, box)
        if prose:
            return Region(box, roles, prose, "layout")
    values = [_value(b, roles[b.container]) if b.index >= start else -0.3 * len(b.text) for b in document.blocks]
    sums = [0.0, *accumulate(values)]

    def total(box: Container) -> float:
        return sums[box.end] - sums[box.start]

    children: dict[int, list[Container]] = {}
    best, best_sum = document.containers[0], total(document.containers[0])
    for box in document.containers:
        children.setdefault(box.parent, []).append(box)
        # at equal sums the inner box: it holds the same text in less page
        if (value := total(box)) >= best_sum:
            best, best_sum = box, value
    while True:
        inner = max(children.get(best.index, ()), key=total, default=None)
        if inner is None or inner.tag in ("tr", "td") or best_sum <= 0 or total(inner) < _DESCEND * best_sum:
            break
        if inner.tag in ("ul", "ol", "li", "blockquote", "figure"):
            break  # parts of a text, never its box
        best, best_sum = inner, total(inner)
    while best.parent >= 0 and best.tag in ("ul", "ol", "li", "blockquote", "figure", "dl"):
        best = document.containers[best.parent]
    return Region(best.index, roles, _prose_in(document, best.index))


def _prose_in(document: Document, container: int) -> int:
    box = document.containers[container]
    return sum(len(b.text) for b in document.blocks[box.start : box.end] if is_prose(b))
