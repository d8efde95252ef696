"""Why the reader made of a page what it made of it: each block with its label, its fate and the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from marsad.clean.labels import SILENT, Line
from marsad.clean.page import Reading


@dataclass(frozen=True, slots=True)
class Reason:
    """One block of a page, and how it was read."""

    index: int
    """0-based order on the page."""
    label: str
    """What the line was taken for: prose, heading, links, read_more, source, …"""
    story: str | None
    """``main``, ``embedded 1`` and so on; None where it belongs to no story."""
    fate: str
    """``title``, ``text``, ``label`` (read for what it says), ``cut: RULE``, or ``outside``."""
    why: str
    box: str
    """The box it stands in, as ``div.entry-content``."""
    text: str


def explain(reading: Reading) -> Iterator[Reason]:
    """The blocks of a page in order, with what became of each and why."""
    names = _names(reading)
    box = reading.document.containers[reading.region.container]
    for line in reading.lines:
        index = line.block.index
        if line.block.kind == "rule" and not line.block.skipped:
            continue
        fate = reading.fates.get(index)
        story = names.get(id(fate.story)) if fate is not None else None
        if index == reading.title_index:
            decided, story = "title", "main"
        elif fate is not None and fate.is_title:
            decided = "title"
        elif fate is not None and fate.rule is not None:
            decided = f"cut: {fate.rule}"
        elif fate is not None:
            decided = "text"
        elif line.label in ("byline", "date", "source", "keywords", "credit"):
            decided = "label"
        else:
            decided = "outside"
        why = _why(line)
        if decided == "outside" and line.role not in SILENT and line.block.kind != "rule":
            if not box.start <= index < box.end:
                why += "; it stands outside the story's box"
            elif index < reading.title_index:
                why += "; it stands before the headline"
            elif line.label in ("prose", "short", "heading"):
                why += "; it stands before the text begins"
        text = line.text or f"[a menu or footer of {line.block.skipped} characters, passed over]"
        yield Reason(index, line.label, story, decided, why, _box(reading, line), text)


def _names(reading: Reading) -> dict[int, str]:
    found: dict[int, str] = {}
    count = 0
    for draft in reading.drafts:
        if draft.role == "main":
            found[id(draft)] = "main"
        else:
            count += 1
            found[id(draft)] = f"embedded {count}"
    return found


def _box(reading: Reading, line: Line) -> str:
    box = reading.document.containers[line.block.container]
    return ".".join([box.tag, *sorted(box.names)[:4]])


def _why(line: Line) -> str:
    """Why a line got its label, in words."""
    block, cue = line.block, line.cue
    size, links = len(block.text), f"{block.link_share:.0%} of it links"
    if cue is not None and cue.text:
        built = "the rest is a link" if block.links else "a colon or the like follows" if cue.has_colon else "no colon"
        after = f", {len(cue.rest)} characters after it, {built}" if cue.rest else ", alone on its line"
        return f"opens with the cue «{cue.text.strip(' :')}» ({cue.kind}){after}"
    if line.label == "skip":
        return f"its box claims to be: {line.role}"
    if line.label == "rule":
        return "a separator" if not block.skipped else "its box claims to be a menu or footer and holds no running text"
    if line.label == "heading":
        return f"a heading of level {block.level}"
    if line.label == "links":
        return f"{size} characters, {links}"
    if line.label == "prose":
        return f"running text: {size} characters, {links}"
    if line.label == "short":
        return f"a short line: {size} characters, {links}, kind {block.kind}"
    if line.label == "caption":
        return "stands in a figure or is named a caption"
    if line.label == "date":
        return "a printed day or hour and hardly anything else"
    if line.label == "credit":
        return f"nothing but agencies: {', '.join(line.credits)}"
    if line.label == "keywords":
        return "hashtags alone"
    return f"its words are in the vocabulary: {line.label}"
