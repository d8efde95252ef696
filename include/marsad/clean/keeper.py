"""The story that is open, and the short lines held back until it is known whose they are."""

from __future__ import annotations

from collections.abc import Sequence

from marsad.clean.blocks import Anchor, Block, Document
from marsad.clean.container import Region
from marsad.clean.cues import bracketed_name, credit_at_end
from marsad.clean.draft import Draft, Fate, FoundLink
from marsad.clean.labels import Line
from marsad.clean.outlook import FEWEST_WORDS, FURNITURE, LOOKAHEAD, Outlook
from marsad.clean.record import LinkKind
from marsad.clean.text import ends_sentence, fold, is_headline_like

_REPEATED = 60
"""Characters: a longer paragraph is not said twice in one story, a refrain may be."""


class StoryKeeper:
    """What the reader of a page holds in mind, and how lines are added to it."""

    def __init__(self, document: Document, lines: Sequence[Line], region: Region, title_index: int) -> None:
        self.document = document
        self.lines = lines
        self.region = region
        self.title_index = title_index
        self.main = Draft("main")
        self.around = Outlook(document, lines, region, self.main, title_index)
        self.story = self.main
        self.drafts = [self.main]
        self.pending: list[Line] = []
        self.fates: dict[int, Fate] = {}
        """What became of each block, as far as it concerned a story."""
        self.is_outside = False  # a second story that stands in no box, beyond the region
        box = document.containers[region.container]
        self.start, self.end = box.start, box.end
        self.prose_homes = {x.block.home for x in lines[self.start : self.end] if x.label == "prose"}

    def _add(self, block: Block) -> None:
        self.story.said.add(block.text)
        self.story.add(block, self.document.containers[block.home].parent)
        self.fates[block.index] = Fate(self.story)

    def _cut(self, rule: str, line: Line) -> None:
        """Take a line out of the text of the open story, by a rule."""
        self.story.cuts.append((rule, line.text))
        self.fates[line.block.index] = Fate(self.story, rule)

    def _add_prose(self, line: Line) -> None:
        story = self.story
        if line.role in ("related", "tags") and story.role == "main":
            return
        if story.is_ended:
            if story.is_closed or line.block.home not in story.homes:
                self._cut("after_end", line)
                return
            story.is_ended = False  # the label stood in the middle (a photo's source): the story goes on
        text = line.text
        if len(text) >= _REPEATED and text in story.said and line.block.kind == "paragraph":
            # the page prints it twice: a copy for small screens, a caption in a gallery
            while self.pending and self.pending[-1].text in story.said:
                self._cut("repeated", self.pending.pop())
            self._cut("repeated", line)
            return
        self._settle_pending(line)
        self._add(line.block)
        story.attributions += credit_at_end(line.text)

    def _settle_pending(self, line: Line) -> None:
        """Short lines held back: text if they stand among the story's own, else cut."""
        story = self.story
        for held in self.pending:
            block = held.block
            if held.role in ("related", "tags"):
                keep = False
            elif held.label == "heading" or block.kind in ("list_item", "quote", "row"):
                keep = (bool(story.blocks) and held.label != "links") or self._same_home(block, line.block)
            else:
                keep = self._same_home(block, line.block) or block.home in {b.home for b in story.blocks[-3:]}
                told = ends_sentence(held.text) or ("strong" in block.hints and not block.links)
                keep = keep or (told and (self.around.is_kin(story, block) or self._is_twin(block, line.block)))
            if not story.blocks and held.label == "heading" and block.level == 1:
                keep = False
            if keep:
                self._add(block)
            elif story.blocks:
                self._cut("stray_line", held)
        self.pending.clear()

    def _is_twin(self, block: Block, other: Block) -> bool:
        """Whether a block is a paragraph made of a box: beside another's and like it, or right in the other's box."""
        boxes = self.document.containers
        one, two = boxes[block.home], boxes[other.home]
        alike = one.parent == two.parent and one.tag == two.tag and one.names == two.names
        inside = one.parent == two.index and one.tag == "div" and not one.names
        return (alike or inside) and one.end - one.start == 1 and not block.links

    def _same_home(self, block: Block, other: Block) -> bool:
        return block.home == other.home

    def _finish_pending(self) -> None:
        """What is held back when a story ends: its last short paragraphs stay, the rest is cut."""
        story = self.story
        if not story.blocks and story is self.main:
            self._take_single_sentence()
        last = story.blocks[-1] if story.blocks else None
        alive = last is not None and not story.is_ended
        listed = self._final_list() if alive else frozenset()
        for held in self.pending:
            block = held.block
            if block.index not in listed:
                told = ends_sentence(held.text)
                near = last is not None and (block.home == last.home or (told and self._is_twin(block, last)))
                alive = alive and near and held.label in ("short", "byline")
                alive = alive and (told or block.kind in ("list_item", last.kind if last else ""))
            if last is not None and not held.role and not story.is_ended and (credit := bracketed_name(held.text)):
                story.attributions.append(credit)
                self._cut("agency_credit", held)
            elif (alive or block.index in listed) and not held.role:
                self._add(block)
                story.attributions += credit_at_end(held.text)
            elif story.blocks and held.label != "links":
                self._cut("stray_line", held)
        self.pending.clear()

    def _take_single_sentence(self) -> None:
        """A page whose text is one short sentence under its headline: a breaking line's."""
        if self.title_index < 0 or any(x.label == "prose" for x in self.lines[self.start : self.end]):
            return
        for held in self.pending:
            under = held.block.index > self.title_index and not held.role and held.label == "short"
            if under and ends_sentence(held.text) and len(held.text.split()) >= 3:
                self._add(held.block)
                self.pending.remove(held)
                return

    def _final_list(self) -> frozenset[int]:
        """The blocks of a list or table that ends a story: introduced by a heading or a colon, or a table's rows."""
        found: set[int] = set()
        intro: Line | None = None
        for held in self.pending:
            block = held.block
            if block.kind == "row" and block.home in self.story.homes:
                found.add(block.index)
            elif block.kind == "list_item" and held.label == "short" and block.home in self.story.homes:
                before = self.story.blocks[-1].text
                if intro is not None or before.endswith((":", "：")) or (found and block.index - 1 in found):
                    found.add(block.index)
            else:
                intro = None
            if found and intro is not None:
                found.add(intro.block.index)
            if held.label == "heading" and block.home in self.story.homes:
                intro = held
        return frozenset(found)

    def _drop_pending_labels(self) -> None:
        if self.story.is_ended:
            self._finish_pending()

    def _take_list(self, index: int, stop: int, *, bounded: bool, many: bool) -> int:
        """Take the headlines under a cue; the index after them."""
        taken = 0
        story_is_over = self.story.is_ended
        before = len(self.story.links)
        while index < stop:
            line = self.lines[index]
            text = line.text
            anchors = [a for a in line.block.links if len(a.text) >= 8]
            if line.label == "links" or (bounded and anchors):
                for anchor in anchors or line.block.links[:1]:
                    self._add_link(anchor.text, [anchor], index)
                self._cut("related", line)
                taken += 1
            elif taken and not bounded and self._opens_box_of_text(index, stop):
                break  # a story of its own follows the list
            elif taken and not bounded and self._titles_text(line, index, stop):
                break  # the last of several headlines is that of the text under it
            elif taken and not bounded and not story_is_over and self._heads_text(index):
                break  # a sub-heading with which the story goes on
            elif line.label in ("short", "heading", "prose") and self._is_listed(line, taken, bounded, many):
                self._add_link(text, line.block.links, index)
                self._cut("related", line)
                taken += 1
            elif line.label in FURNITURE:
                pass  # the headlines' dates
            elif bounded and line.label in ("short", "prose") and self._heads_more(index, stop):
                self._cut("teaser", line)
            else:
                break
            index += 1
        kind: LinkKind = "read_more" if self.around.has_more_text(self.story, index - 1) else "related"
        for link in self.story.links[before:]:
            link.kind = kind  # one list, one kind: what follows it decides, not what follows each line
        return index

    def _opens_box_of_text(self, index: int, stop: int) -> bool:
        """Whether a line is the headline of a box that holds its story."""
        box = self.around.outermost(index)
        return box is not None and box.end > index + 2 and self.around.second_story(index, min(stop, box.end)) == index

    def _titles_text(self, line: Line, index: int, stop: int) -> bool:
        """Whether a bare line under a list of headlines is the title of the text under it, on another subject."""
        if line.label != "short" or len(line.text.split()) < FEWEST_WORDS:
            return False
        if self.around.second_story(index, stop) != index:
            return False
        return self.around.is_another(self.story, line.text, index, stop)

    def _heads_text(self, index: int) -> bool:
        """Whether a line is a heading without a link over a paragraph of the open story's boxes."""
        line, below = self.lines[index], self.lines[index + 1 : index + 2]
        told = bool(below) and below[0].label == "prose" and self.around.is_kin(self.story, below[0].block)
        return line.label == "heading" and told

    def _heads_more(self, index: int, stop: int) -> bool:
        """Whether a text inside a list of headlines is a teaser: another headline follows, or it is the box's last."""
        rest = self.lines[index + 1 : min(stop, index + LOOKAHEAD)]
        return any(x.label == "links" for x in rest) or not any(x.label == "prose" for x in rest)

    def _is_listed(self, line: Line, taken: int, bounded: bool, many: bool) -> bool:
        """Whether a line without a link is a headline of the list under a cue."""
        if not is_headline_like(line.text, 220):
            return False
        if line.block.kind == "list_item" or line.label == "heading":
            return True
        if bounded:
            return False
        # bare lines: one after «read also» in the middle of a text, any number once the text is over
        return taken == 0 or many or self.story.is_ended

    def _add_link(self, title: str, anchors: Sequence[Anchor], index: int) -> None:
        href = next((a.href for a in anchors if a.href and fold(a.text) in fold(title)), None)
        if href is None:
            href = next((a.href for a in anchors if a.href), None)
        clean = title.strip(" •|»›>-–")
        if clean and len(clean) >= 4:
            kind: LinkKind = "read_more" if self.around.has_more_text(self.story, index) else "related"
            self.story.links.append(FoundLink(kind, clean, href))

    def _skip_list(self, line: Line, index: int) -> int:
        section = self.around.outermost(index)
        if self.start <= index < self.end and self.story.blocks:
            self._cut("site_list", line)
        if section is not None and section.end > index + 1:
            return section.end
        index += 1
        while index < len(self.lines) and self.lines[index].label in ("links", "rule", "caption"):
            index += 1
        return index
