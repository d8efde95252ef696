"""Where on the page the story stands.

Every block earns or costs by what it looks like: prose earns its length, links and
furniture cost. The story's region is the box with the largest sum; because boxes form a
tree and blocks are in order, one running sum answers for every box at once. From there
the search goes down as long as one box inside holds nearly everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from marsad.clean.blocks import PROSE, SHORT, Block, Container, Document
from marsad.clean.cues import find_cue, heads_comments, is_line_of
from marsad.clean.roles import own_role
from marsad.clean.text import ends_sentence

# A wrong word on a wrapper is common for some roles and rare for others.
_DOUBTED = {"comments": 0.9, "footer": 0.9, "consent": 0.9, "hidden": 0.9}
_DESCEND = 0.8


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
    prose = [len(b.text) if b.is_prose else 0 for b in document.blocks]
    total = [0, *accumulate(prose)]
    roles: list[str] = []
    for box in document.containers:
        inherited = roles[box.parent] if box.parent >= 0 else ""
        role = inherited or ("hidden" if box.is_hidden else own_role(box.tag, box.names) or _headed_role(document, box))
        if role and box.start <= title_index < box.end:
            role = ""  # no box of furniture holds the headline
        if role in ("aside", "related") and not inherited and _tells_a_story(document, box):
            role = ""
        if role and not inherited and total[box.end] - total[box.start] > _DOUBTED.get(role, 0.5) * total[-1] > 0:
            role = ""
        roles.append(role)
    return tuple(roles)


def _headed_role(document: Document, box: Container) -> str:
    """What the first line of a box says it is for: readers' comments, or the site about itself."""
    if box.start <= 0 or box.end - box.start < 2 or box.tag in ("html", "body", "main", "article"):
        return ""
    first = document.blocks[box.start].text
    if len(first) > 40:
        return ""
    if heads_comments(first):
        return "comments"
    return "footer" if is_line_of(first, "about_site") else ""


def _tells_a_story(document: Document, box: Container) -> bool:
    """Whether a box opens with «read also» and holds one whole text: a second story, whatever the box is called."""
    if box.end - box.start < 4:
        return False
    inside = document.blocks[box.start : min(box.end, box.start + 40)]
    cue = find_cue(inside[0].text, ("read_more", "related"))
    if cue is None or cue.rest:
        return False
    prose = [b for b in inside if b.is_prose]
    heads = sum(1 for b in inside if b.link_share > 0.8 and len(b.text) >= 15)
    return len(prose) >= 2 and heads <= 1 and sum(len(b.text) for b in prose) >= 100


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
        prose = [b.index for b in inside if b.is_prose]
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
            has_prose = has_prose or (block.index > title_index and block.is_prose)
            continue
        cue = find_cue(block.text, ("read_more", "related", "source", "keywords"))
        if cue is None or not has_prose:
            continue
        if cue.kind in ("source", "keywords"):
            is_over = cue.has_colon
        elif not cue.rest:
            share = min(share, 0.25 if is_over else 0.6)
    return shares


def _value(block: Block, role: str) -> float:
    """What a block adds to the boxes it stands in, in characters of prose."""
    size = len(block.text)
    if block.kind in ("rule", "caption", "row"):
        return -0.3 * block.skipped
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
    if best.end - best.start == 1 and any(_is_twin(document, best, b) for b in children.get(best.parent, ())):
        best = document.containers[best.parent]  # paragraphs made of boxes
    return Region(best.index, roles, _prose_in(document, best.index), teasers=teasers)


def _is_twin(document: Document, one: Container, other: Container) -> bool:
    """Whether another box is one paragraph too, built alike."""
    alike = other is not one and other.tag == one.tag and other.names == one.names and other.end - other.start == 1
    return alike and document.blocks[other.start].is_prose


def _prose_in(document: Document, container: int) -> int:
    box = document.containers[container]
    return sum(len(b.text) for b in document.blocks[box.start : box.end] if b.is_prose)
