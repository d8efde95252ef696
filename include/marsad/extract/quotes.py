"""Pairs of quotation marks: which mark opens, which closes, and which stand within which.

Arabic pages mix «…», “…”, "…" and ‹…›, type the wrong half of a pair, and put the same mark
inside itself: ‏"… تنظيم "داعش" هو …". What stands beside a mark says more than the mark: an
opening one hangs on the word after it, a closing one on the word before. A paragraph is
the furthest a quotation may reach; a mark without its partner there is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_FAMILY = {
    "«": "guillemet", "»": "guillemet", "‹": "single", "›": "single",
    '"': "double", "“": "double", "”": "double", "„": "double", "‟": "double", "″": "double", "＂": "double",
}  # fmt: skip
_MARK = re.compile(f"[{''.join(_FAMILY)}]")
_OPENS = frozenset("«‹“„‟")
_CLOSES = frozenset("»›”")
MARKS = frozenset(_FAMILY)
_PROCLITICS = frozenset("وفبلكـ")
_ENDS = frozenset(".,،؛;:؟?!)]}…")
_BEFORE = frozenset("([{:،؛-–—/")

_MAX_DEPTH = 8  # deeper nesting is no text a person wrote; the stack stays small on hostile input


@dataclass(slots=True)
class Marked:
    """A text in marks: ``start`` and ``end`` are of the words, the marks stand just outside."""

    start: int
    end: int
    inner: list[Marked] = field(default_factory=list)


def _role(body: str, at: int, is_open: bool, first: int, last: int) -> bool:
    """Whether the mark at ``at`` opens; ``is_open`` says whether its family has an open one."""
    mark = body[at]
    before = body[at - 1] if at > first else " "
    after = body[at + 1] if at + 1 < last else " "
    if before == "ـ" and after not in _ENDS and not after.isspace():
        return True  # بـ"…"
    opens_left = before.isspace() or before in _BEFORE or before in MARKS
    closes_right = after.isspace() or after in _ENDS or after in MARKS
    hangs_right = not (after.isspace() or after in _ENDS)
    hangs_left = not (before.isspace() or before in _BEFORE)
    if mark in _OPENS or mark in _CLOSES:
        natural = mark in _OPENS
        # the wrong half was typed: “نص“ or »نص«
        if natural and is_open and hangs_left and before not in MARKS and closes_right:
            return False
        if not natural and not is_open and opens_left and before not in MARKS and hangs_right:
            return True
        return natural
    if opens_left and hangs_right and not (before in MARKS and is_open and closes_right):
        return True
    if hangs_left and closes_right:
        return False
    if hangs_right and before in _PROCLITICS and (at - 2 < first or not body[at - 2].isalpha()):
        return True  # و"…", ل"…": the one-letter word belongs to what the marks hold
    return not is_open


def _paragraph(body: str, first: int, last: int, places: list[int]) -> list[Marked]:
    stack: list[tuple[str, Marked]] = []
    found: list[Marked] = []
    depth = dict.fromkeys(_FAMILY.values(), 0)
    for at in places:
        family = _FAMILY[body[at]]
        if _role(body, at, depth[family] > 0, first, last):
            if len(stack) < _MAX_DEPTH:
                stack.append((family, Marked(at + 1, at)))
                depth[family] += 1
            continue
        if not depth[family]:
            continue
        orphans: list[Marked] = []
        while stack:
            name, marked = stack.pop()
            depth[name] -= 1
            if name == family:
                marked.end = at
                marked.inner += orphans
                if marked.end > marked.start:
                    (stack[-1][1].inner if stack else found).append(marked)
                break
            orphans = marked.inner + orphans
    # what an unclosed mark held stands on its own
    for _, marked in stack:
        found += marked.inner
    return sorted(found, key=lambda m: m.start)


def pair_marks(body: str) -> list[Marked]:
    """The outermost marked texts, in order; what is marked within one is its ``inner``.

    Linear in the length of the text. No marked text holds a line end.
    """
    found: list[Marked] = []
    first = 0
    while first <= len(body):
        last = body.find("\n", first)
        last = len(body) if last < 0 else last
        places = [m.start() for m in _MARK.finditer(body, first, last)]
        if len(places) > 1:
            found += _paragraph(body, first, last, places)
        first = last + 1
    return found
