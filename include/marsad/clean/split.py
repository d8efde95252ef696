"""One page, several stories: who owns each line, and what is no story text at all.

The lines are read in order by one reader that knows which story is open. A cue with the
structure of one (``labels``) makes it look ahead: what follows is a headline (a link is
recorded), a list of headlines, or a whole second story. Everything taken out between the
first and the last line of a story leaves a cut with the name of its rule. In doubt a line
stays with the story that is open: a leaked label is a smaller harm than a lost sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from marsad.clean.blocks import Anchor, Block, Container, Document
from marsad.clean.container import Region
from marsad.clean.cues import credit_at_end
from marsad.clean.draft import Draft, FoundLink
from marsad.clean.labels import Line, names_in_source
from marsad.clean.outlook import FURNITURE, Outlook
from marsad.clean.record import LinkKind
from marsad.clean.text import ends_sentence, fold, is_headline_like

_STORY_NAMES = frozenset({"embedded", "second", "secondary", "nested", "next"})


class Splitter:
    """Reads the lines of one page in order. Use ``split``."""

    def __init__(self, document: Document, lines: Sequence[Line], region: Region, title_index: int) -> None:
        self.document = document
        self.lines = lines
        self.region = region
        self.title_index = title_index
        self.main = Draft("main")
        self.around = Outlook(document, lines, region, self.main)
        self.story = self.main
        self.drafts = [self.main]
        self.pending: list[Line] = []
        box = document.containers[region.container]
        self.start, self.end = box.start, box.end
        self.prose_homes = {x.block.home for x in lines[self.start : self.end] if x.label == "prose"}

    # reading

    def run(self) -> list[Draft]:
        """All stories of the page, the main one first."""
        index = 0 if self.title_index < 0 else self.title_index + 1
        index = max(index, self.start if self.title_index < self.start - 60 else index)
        while index < len(self.lines):
            line = self.lines[index]
            self._close_left_box(line)
            index = self._read(line, index)
        self._finish_pending()
        return [d for d in self.drafts if d.role == "main" or d.blocks]

    def _close_left_box(self, line: Line) -> None:
        story = self.story
        if story.role == "embedded" and story.box >= 0 and not self.document.inside(line.block, story.box):
            self._finish_pending()
            self.story = self.main

    def _read(self, line: Line, index: int) -> int:
        """Read one line; the index of the next to read."""
        in_text = self.start <= index < self.end or self.story.box >= 0
        if line.label in ("skip", "rule", "caption"):
            return index + 1
        boundary = self._boundary(index)
        if boundary is not None:
            return boundary
        if line.label in ("read_more", "related"):
            return self._read_cue(line, index)
        if line.label == "lists":
            return self._skip_list(line, index)
        if line.label in ("source", "keywords", "credit", "byline", "date", "furniture", "promotion", "paywall"):
            return self._read_label(line, index, in_text)
        if not in_text:
            return index + 1
        if line.label == "prose":
            self._add_prose(line)
        elif line.label == "links":
            self._read_links(line)
        else:
            self.pending.append(line)
        return index + 1

    def _boundary(self, index: int) -> int | None:
        """Open a second story that no cue announces: an <article> of its own, or a heading after the end."""
        if not self.main.blocks:
            return None
        line = self.lines[index]
        box = self.around.outermost(index)
        while (
            box is not None
            and box.index != line.block.container
            and not (box.tag == "article" or box.names & _STORY_NAMES)
        ):
            box = self.around.inner(box, index)
        marked = box is not None and (box.tag == "article" or bool(box.names & _STORY_NAMES))
        if box is not None and marked and line.role not in ("comments", "aside", "related") and box.end > index + 1:
            title = self.around.second_story(index, box.end)
            if title is not None and self.lines[title].label != "links":
                return self._open(title, box.index)
        if self.story.is_ended and index < self.end and not line.role:
            unlinked_heading = line.label == "heading" and 0 < line.block.level <= 3
            plain = self.document.is_plain and line.label == "short"
            if (unlinked_heading or plain) and self.around.second_story(index, self.end) == index:
                return self._open(index, -1)
        return None

    def _open(self, title: int, box: int) -> int:
        self._finish_pending()
        self.story = Draft("embedded", self.lines[title].text, box=box)
        self.drafts.append(self.story)
        return title + 1

    def _read_cue(self, line: Line, index: int) -> int:
        cue = line.cue
        if cue is None:
            return index + 1
        self._drop_pending_labels()
        rule = "read_more" if line.label == "read_more" else "related"
        if cue.rest:
            self._add_link(cue.rest, line.block.links, index)
            self.story.cuts.append((rule, line.text))
            return index + 1
        if line.block.links and line.block.link_share < 0.99:
            self._add_link(line.block.links[-1].text, line.block.links, index)
            self.story.cuts.append((rule, line.text))
            return index + 1
        section = self.around.outermost(index)
        if section is not None and section.end <= index + 1:
            section = None
        stop = section.end if section is not None else len(self.lines)
        if section is None and self.story.box >= 0:
            stop = self.document.containers[self.story.box].end
        title = self.around.second_story(index + 1, stop)
        if title is not None and self._is_story(title, stop, section):
            self.story.cuts.append(("cue_heading", line.text))
            self.story.is_ended = True
            return self._open(title, section.index if section is not None else self.around.box_of(title))
        taken = self._take_list(index + 1, stop, bounded=section is not None, many=line.label == "related")
        self.story.cuts.append((rule, line.text))
        return taken

    def _is_story(self, title: int, stop: int, section: Container | None) -> bool:
        head = self.lines[title]
        if section is not None and head.label != "links":
            return True
        if self.story.is_ended or not self.story.blocks:
            return head.label != "links" or section is None
        if self.around.box_of(title) >= 0 and head.label != "links":
            return True
        return head.label != "links" and self.around.belongs_to(self.story, head, title + 1, min(stop, self.end))

    def _take_list(self, index: int, stop: int, *, bounded: bool, many: bool) -> int:
        """Take the headlines under a cue; the index after them."""
        taken = 0
        before = len(self.story.links)
        while index < stop:
            line = self.lines[index]
            text = line.text
            anchors = [a for a in line.block.links if len(a.text) >= 8]
            if line.label == "links" or (bounded and anchors):
                for anchor in anchors or line.block.links[:1]:
                    self._add_link(anchor.text, [anchor], index)
                self.story.cuts.append(("related", text))
                taken += 1
            elif line.label in ("short", "heading", "prose") and self._is_listed(line, taken, bounded, many):
                self._add_link(text, line.block.links, index)
                self.story.cuts.append(("related", text))
                taken += 1
            elif line.label in FURNITURE:
                pass  # the headlines' dates
            elif bounded and line.label in ("short", "prose") and self._heads_more(index, stop):
                self.story.cuts.append(("teaser", text))
            else:
                break
            index += 1
        kind: LinkKind = "read_more" if self.around.has_more_text(self.story, index - 1) else "related"
        for link in self.story.links[before:]:
            link.kind = kind  # one list, one kind: what follows it decides, not what follows each line
        return index

    def _heads_more(self, index: int, stop: int) -> bool:
        """Whether a text inside a list of headlines is a teaser: another headline follows, or it is the box's last."""
        rest = self.lines[index + 1 : stop]
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
            self.story.cuts.append(("site_list", line.text))
        if section is not None and section.end > index + 1:
            return section.end
        index += 1
        while index < len(self.lines) and self.lines[index].label in ("links", "rule", "caption"):
            index += 1
        return index

    def _read_label(self, line: Line, index: int, in_text: bool) -> int:
        story, cue = self.story, line.cue
        started = bool(story.blocks)
        if line.label == "source" and cue is not None:
            if started and not cue.rest:
                return self._value_of_bare_source(line, index)
            ok = self._source_stands(line, index)
            if not ok:
                self._add_prose(line)
                return index + 1
            story.attributions += names_in_source(cue.rest)
            story.cuts.append(("source_line", line.text))
            story.is_ended = started
        elif line.label == "keywords" and cue is not None:
            if not started and line.role != "tags":
                return index + 1
            story.cuts.append(("keyword_line", line.text))
            story.is_ended = started
            if cue.rest:
                story.keyword_lines.append((cue.rest, [a for a in line.block.links if fold(a.text) != fold(cue.text)]))
            else:
                return self._keywords_under(line, index)
        elif line.label == "credit":
            if in_text:
                story.attributions += line.credits
                story.cuts.append(("agency_credit", line.text))
        elif line.label in ("byline", "date"):
            # at the head or the foot; a short sentence in the middle stays what it is
            if (
                in_text
                and started
                and self.around.has_more_text(self.story, index)
                and not line.block.hints
                and line.label == "byline"
            ):
                self.pending.append(line)
                return index + 1
            story.meta_lines.append(line)
            if started and in_text:
                story.cuts.append((f"{line.label}_line", line.text))
        elif started and in_text:
            if (
                line.label == "promotion"
                and not line.block.links
                and ends_sentence(line.text)
                and self.around.has_more_text(self.story, index)
            ):
                self._add_prose(line)
                return index + 1
            story.cuts.append((line.label, line.text))
        return index + 1

    def _source_stands(self, line: Line, index: int) -> bool:
        """A source line stands at the head or the end; in the middle only a link or an agency is believed."""
        cue = line.cue
        if cue is None or not self.story.blocks or not self.around.has_more_text(self.story, index):
            return True
        return (
            bool(line.block.links)
            or line.block.home not in self.prose_homes
            or (len(names_in_source(cue.rest)) > 0 and (not ends_sentence(cue.rest) and len(cue.rest.split()) <= 4))
        )

    def _value_of_bare_source(self, line: Line, index: int) -> int:
        story = self.story
        story.cuts.append(("source_line", line.text))
        following = self.lines[index + 1] if index + 1 < len(self.lines) else None
        if line.block.links:
            story.attributions += [a.text for a in line.block.links if not fold(a.text).startswith("المصدر")]
        elif following is not None and self._is_name(following):
            story.attributions += names_in_source(following.text)
            story.cuts.append(("source_line", following.text))
            story.is_ended = True
            return index + 2
        story.is_ended = True
        return index + 1

    def _is_name(self, line: Line) -> bool:
        """Whether a line may be the name that a bare «المصدر» announces."""
        short = len(line.text) <= 60 and len(line.text.split()) <= 6
        return line.label in ("short", "links", "credit") and short and not ends_sentence(line.text)

    def _keywords_under(self, line: Line, index: int) -> int:
        """Keywords on the lines after their label: links, list items, or one bare line."""
        if line.block.links and line.block.link_share < 0.95:
            self.story.keyword_lines.append((", ".join(a.text for a in line.block.links), list(line.block.links)))
            return index + 1
        box = self.around.outermost(index)
        stop = box.end if box is not None and box.end > index + 1 else len(self.lines)
        index += 1
        first = True
        while index < stop:
            line = self.lines[index]
            item = (
                line.label == "links"
                or line.block.kind == "list_item"
                or (
                    line.label in ("keywords", "short")
                    and (first or (len(line.text) <= 40 and not self.document.is_plain))
                )
            )
            if not item or len(line.text) > 400 or ends_sentence(line.text) or line.is_bare_cue:
                break
            listed = line.block.kind == "list_item" or not first
            rest = line.text if not listed or line.block.links else line.text + "،"
            self.story.keyword_lines.append((rest, line.block.links))
            self.story.cuts.append(("keyword_line", line.text))
            first = False
            index += 1
        return index

    def _read_links(self, line: Line) -> None:
        story = self.story
        text = line.text
        if line.role == "tags" or any("tag" in a.rel.split() for a in line.block.links):
            if story.blocks:
                story.keyword_lines.append((text, line.block.links))
                story.cuts.append(("keyword_line", text))
            return
        if not story.blocks or story.is_ended:
            return
        if line.block.kind == "list_item" or ends_sentence(text) or len(text) < 15:
            self.pending.append(line)  # a linked name or sentence: text, if text goes on
            return
        if self.around.has_more_text(self.story, line.block.index):
            self._add_link(text, line.block.links, line.block.index)
            story.cuts.append(("linked_headline", text))

    def _add_prose(self, line: Line) -> None:
        story = self.story
        if line.role in ("related", "tags"):
            return
        if story.is_ended:
            homes = {b.home for b in story.blocks}
            if line.block.home not in homes:
                return
            story.is_ended = False  # the label stood in the middle (a photo's source): the story goes on
        self._settle_pending(line)
        story.blocks.append(line.block)
        story.attributions += credit_at_end(line.text)

    def _settle_pending(self, line: Line) -> None:
        """Short lines held back: text if they stand among the story's own, else cut."""
        story = self.story
        for held in self.pending:
            block = held.block
            if held.role in ("related", "tags"):
                keep = False
            elif held.label == "heading" or block.kind in ("list_item", "quote"):
                keep = (bool(story.blocks) and held.label != "links") or self._same_home(block, line.block)
            else:
                keep = self._same_home(block, line.block) or block.home in {b.home for b in story.blocks[-3:]}
            if not story.blocks and held.label == "heading" and block.level == 1:
                keep = False
            if keep:
                story.blocks.append(block)
            elif story.blocks:
                story.cuts.append(("stray_line", held.text))
        self.pending.clear()

    def _same_home(self, block: Block, other: Block) -> bool:
        return block.home == other.home

    def _finish_pending(self) -> None:
        """What is held back when a story ends: its last short paragraphs stay, the rest is cut."""
        story = self.story
        keep = bool(story.blocks) and not story.is_ended
        last = story.blocks[-1] if story.blocks else None
        for held in self.pending:
            block = held.block
            keep = keep and last is not None and block.home == last.home and held.label in ("short", "byline")
            keep = keep and (ends_sentence(held.text) or block.kind in ("list_item", last.kind if last else ""))
            if keep and not held.role:
                story.blocks.append(block)
                story.attributions += credit_at_end(held.text)
            elif story.blocks and held.label != "links":
                story.cuts.append(("stray_line", held.text))
        self.pending.clear()

    def _drop_pending_labels(self) -> None:
        if self.story.is_ended:
            self._finish_pending()


def split(document: Document, lines: Sequence[Line], region: Region, title_index: int = -1) -> list[Draft]:
    """The stories of a page, the main one first (possibly without text).

    Args:
        document: the page.
        lines: its blocks with their labels (``label_page``).
        region: where the main story stands.
        title_index: the block of the main title; -1 where the page prints none.
    """
    return Splitter(document, lines, region, title_index).run()
