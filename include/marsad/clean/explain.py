"""Why the reader made of a page what it made of it: each block with its label, its fate and the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from marsad.clean.labels import SILENT, Line
from marsad.clean.page import Reading

SAID: Mapping[str, str] = {
    "cue": "opens with the cue «{cue}» ({kind})",
    "cue_link": "{count} characters after it, the rest is a link",
    "cue_colon": "{count} characters after it, a colon or the like follows",
    "cue_bare": "{count} characters after it, no colon",
    "cue_alone": "alone on its line",
    "box": "its box claims to be: {role}",
    "separator": "a separator",
    "menu": "its box claims to be a menu or footer and holds no running text",
    "heading": "a heading of level {level}",
    "links": "{count} characters, {share} of it links",
    "prose": "running text: {count} characters, {share} of it links",
    "short": "a short line: {count} characters, {share} of it links, kind {kind}",
    "caption": "stands in a figure or is named a caption",
    "date": "a printed day or hour and hardly anything else",
    "credit": "nothing but agencies: {agencies}",
    "hashtags": "hashtags alone",
    "vocabulary": "its words are in the vocabulary: {label}",
    "outside_box": "it stands outside the story's box",
    "before_headline": "it stands before the headline",
    "before_text": "it stands before the text begins",
}
"""What may be said of a line, by key. The console says the same in Arabic by the same keys."""


class Said(NamedTuple):
    """One thing that decided about a line."""

    key: str
    """Of ``SAID``."""
    values: Mapping[str, object]

    def __str__(self) -> str:
        return SAID[self.key].format(**self.values)


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
    because: tuple[Said, ...]
    box: str
    """The box it stands in, as ``div.entry-content``."""
    text: str
    passed_over_count: int
    """Characters of a menu or footer that was not read; 0 for a block with a text."""

    @property
    def why(self) -> str:
        """What decided, in English."""
        return "; ".join(map(str, self.because))


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
        because = _because(line)
        if decided == "outside" and line.role not in SILENT and line.block.kind != "rule":
            if not box.start <= index < box.end:
                because += (Said("outside_box", {}),)
            elif index < reading.title_index:
                because += (Said("before_headline", {}),)
            elif line.label in ("prose", "short", "heading"):
                because += (Said("before_text", {}),)
        passed_over = 0 if line.text else line.block.skipped
        text = line.text or f"[a menu or footer of {passed_over} characters, passed over]"
        yield Reason(index, line.label, story, decided, because, _box(reading, line), text, passed_over)


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


def _because(line: Line) -> tuple[Said, ...]:
    """Why a line got its label."""
    block, cue = line.block, line.cue
    size: dict[str, object] = {"count": len(block.text), "share": f"{block.link_share:.0%}"}
    if cue is not None and cue.text:
        opened = Said("cue", {"cue": cue.text.strip(" :"), "kind": cue.kind})
        if not cue.rest:
            return opened, Said("cue_alone", {})
        built = "cue_link" if block.links else "cue_colon" if cue.has_colon else "cue_bare"
        return opened, Said(built, {"count": len(cue.rest)})
    if line.label == "skip":
        return (Said("box", {"role": line.role}),)
    if line.label == "rule":
        return (Said("menu" if block.skipped else "separator", {}),)
    if line.label == "heading":
        return (Said("heading", {"level": block.level}),)
    if line.label in ("links", "prose"):
        return (Said(line.label, size),)
    if line.label == "short":
        return (Said("short", {**size, "kind": block.kind}),)
    if line.label in ("caption", "date"):
        return (Said(line.label, {}),)
    if line.label == "credit":
        return (Said("credit", {"agencies": ", ".join(line.credits)}),)
    if line.label == "keywords":
        return (Said("hashtags", {}),)
    return (Said("vocabulary", {"label": line.label}),)
