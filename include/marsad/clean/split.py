"""One page, several stories: who owns each line, and what is no story text at all.

The lines are read in order by one reader that knows which story is open. A cue with the
structure of one (``labels``) makes it look ahead: what follows is a headline (a link is
recorded), a list of headlines, or a whole second story. Everything taken out between the
first and the last line of a story leaves a cut with the name of its rule. In doubt a line
stays with the story that is open: a leaked label is a smaller harm than a lost sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from marsad.clean.blocks import Container, Document
from marsad.clean.container import Region
from marsad.clean.draft import Draft, Fate
from marsad.clean.labels import Line
from marsad.clean.marks import LabelReader
from marsad.clean.outlook import FEWEST_WORDS
from marsad.clean.text import ends_sentence, is_headline_like

_STORY_NAMES = frozenset({"embedded", "second", "secondary", "nested", "next"})


_LABELS = frozenset(
    {"source", "keywords", "credit", "byline", "date", "furniture", "promotion", "paywall", "disclaimer", "comments"}
)
_MOST_STORIES = 12
"""Second stories on one page; a page with more is a list, or hostile."""


class Splitter(LabelReader):
    """Reads the lines of one page in order. Use ``split``."""

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
        in_text = self.start <= index < self.end or self.story.box >= 0 or self.is_outside
        if line.label in ("skip", "caption"):
            return index + 1
        if line.label in ("rule", "separator"):
            return self._read_separator(line, index, in_text)
        boundary = self._boundary(index)
        if boundary is not None:
            return boundary
        if line.label in ("read_more", "related"):
            return self._read_cue(line, index)
        if line.label == "lists":
            return self._skip_list(line, index)
        if line.label in _LABELS:
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

    def _read_separator(self, line: Line, index: int, in_text: bool) -> int:
        """A rule or a line of stars: between two parts of a story, or between two stories."""
        story = self.story
        if not in_text or not story.blocks or line.block.skipped:
            return index + 1
        if line.label == "separator":
            self._cut("separator", line)
        stop = self.document.containers[story.box].end if story.box >= 0 else max(self.end, index)
        title = self.around.second_story(index + 1, stop)
        if title is None or len(self.drafts) > _MOST_STORIES or self.lines[title].label == "links":
            return index + 1
        headline = self.lines[title].text
        if len(headline.split()) >= FEWEST_WORDS and self.around.is_another(story, headline, title, stop):
            return self._open(title, self.around.box_of(title))
        return index + 1

    def _boundary(self, index: int) -> int | None:
        """Open a second story that no cue announces: an <article> of its own, or a heading after the end."""
        if not self.main.blocks or len(self.drafts) > _MOST_STORIES:
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
            if title is not None and self._is_apart(title, box):
                return self._open(title, box.index)
        if len(self.main.blocks) >= 2 and line.role == "" and self._is_dated_headline(line, index):
            own = self.around.outermost(index)
            is_boxed = own is not None and own.end > index + 2
            stop = own.end if own is not None and is_boxed else len(self.lines)
            told = line.label != "links" or (is_boxed and self.around.belongs_to(self.story, line.text, index, stop))
            if told and self.around.second_story(index, stop) == index:
                return self._open(index, own.index if own is not None and stop == own.end else -1)
        if self.story.is_ended and not self.story.is_closed and index < self.end and not line.role:
            unlinked_heading = line.label == "heading" and 0 < line.block.level <= 3
            plain = self.document.is_plain and line.label == "short"
            bold = line.label == "short" and len(line.text) >= 20
            named = len(line.text.split()) >= FEWEST_WORDS
            if named and (unlinked_heading or plain or bold) and self.around.second_story(index, self.end) == index:
                sure = unlinked_heading or plain
                if sure or self.around.is_another(self.story, line.text, index, self.end):
                    return self._open(index, -1)
        return None

    def _is_apart(self, title: int, box: Container) -> bool:
        """Whether a headline in a box marked as a story's opens one: a linked or a short one must be told there."""
        head = self.lines[title]
        if head.label == "links":
            return self.around.belongs_to(self.story, head.text, title, box.end)
        if len(head.text.split()) < FEWEST_WORDS:
            return self.around.is_another(self.story, head.text, title, box.end)
        return True

    def _is_dated_headline(self, line: Line, index: int) -> bool:
        """Whether a line is a headline with a day of its own right under it: no sub-heading of a story has one."""
        is_heading = line.label in ("heading", "links") and 0 < line.block.level <= 2
        if not is_heading and not (self.document.is_plain and line.label == "short" and len(line.text) >= 20):
            return False
        for below in self.lines[index + 1 : index + 5]:
            if below.label == "date":
                return True
            if below.label not in ("byline", "rule", "caption", "furniture", "skip"):
                return False
        return False

    def _open(self, title: int, box: int) -> int:
        self._finish_pending()
        self.story = Draft("embedded", self.lines[title].text, box=box)
        self.drafts.append(self.story)
        self.fates[self.lines[title].block.index] = Fate(self.story, is_title=True)
        self.is_outside = box < 0 and title >= self.end
        return title + 1

    def _read_cue(self, line: Line, index: int) -> int:
        cue = line.cue
        if cue is None:
            return index + 1
        self._drop_pending_labels()
        rule = "read_more" if line.label == "read_more" else "related"
        if cue.rest:
            if self._tells(line, cue.rest, index):
                self._cut("cue_heading", line)
                following = self._open(index, -1)
                self.story.title = cue.rest
                return following
            self._add_link(cue.rest, line.block.links, index)
            self._cut(rule, line)
            return index + 1
        if line.block.links and line.block.link_share < 0.99:
            self._add_link(line.block.links[-1].text, line.block.links, index)
            self._cut(rule, line)
            return index + 1
        section = self.around.outermost(index)
        if section is not None and not any(x.label in ("prose", "links") for x in self.lines[index + 1 : section.end]):
            section = None  # the cue's own paragraph, or the cue with a headline: what they announce stands after it
        stop = section.end if section is not None else len(self.lines)
        if section is None and self.story.box >= 0:
            stop = self.document.containers[self.story.box].end
        title = self.around.second_story(index + 1, stop, is_told=section is not None)
        if title is not None and self._is_story(title, stop, section):
            self._cut("cue_heading", line)
            box = section.index if section is not None else self.around.box_of(title)
            # a second story in a box amid the text does not end the first
            self.story.is_ended = self.story.is_ended or box < 0
            return self._open(title, box)
        self._cut(rule, line)
        following = self._take_list(index + 1, stop, bounded=section is not None, many=line.label == "related")
        can_open = following < stop and section is None and len(self.drafts) <= _MOST_STORIES
        if can_open and following > index + 1 and self._titles_text(self.lines[following], following, stop):
            self.story.is_ended = True
            return self._open(following, self.around.box_of(following))
        return following

    def _tells(self, line: Line, headline: str, index: int) -> bool:
        """Whether a cue with its headline on one line is followed by that headline's story, not by the open one."""
        if len(self.drafts) > _MOST_STORIES or not self.story.blocks or not is_headline_like(headline, 220):
            return False
        if line.block.links and not self.story.is_ended:
            return False  # amid a text a cue with a linked headline is a link
        stop = self.document.containers[self.story.box].end if self.story.box >= 0 else max(self.end, index)
        texts = self.around.text_after(index, stop)
        if len(texts) < 2 or sum(map(len, texts)) < 100:
            return False
        if self.story.is_ended:
            return self.around.belongs_to(self.story, headline, index, stop)
        return self.around.is_another(self.story, headline, index, stop)

    def _is_story(self, title: int, stop: int, section: Container | None) -> bool:
        """Whether a cue's headline with text under it opens a story, rather than being a link amid the open one."""
        if len(self.drafts) > _MOST_STORIES:
            return False
        head, story = self.lines[title], self.story
        linked = head.label == "links"
        bounded = section is not None or self.around.box_of(title) >= 0
        if bounded and not linked:
            return True
        if bounded:
            # one linked headline with a whole text in a box: a story, if the text tells it
            return self.around.belongs_to(story, head.text, title, stop)
        if linked:
            return story.is_ended and self.around.belongs_to(story, head.text, title, min(stop, self.end))
        if story.is_ended or not story.blocks:
            return bool(story.blocks)  # before a page's own text nothing follows it
        return self.around.belongs_to(story, head.text, title, min(stop, self.end))

    def _read_links(self, line: Line) -> None:
        story = self.story
        text = line.text
        if line.role == "tags" or any("tag" in a.rel.split() for a in line.block.links):
            if story.blocks:
                story.keyword_lines.append((text, line.block.links))
                self._cut("keyword_line", line)
            return
        if not story.blocks or story.is_ended:
            return
        if line.block.kind == "list_item" or ends_sentence(text) or len(text) < 15:
            self.pending.append(line)  # a linked name or sentence: text, if text goes on
            return
        if self.around.has_more_text(self.story, line.block.index):
            self._add_link(text, line.block.links, line.block.index)
            self._cut("linked_headline", line)


def split(document: Document, lines: Sequence[Line], region: Region, title_index: int = -1) -> list[Draft]:
    """The stories of a page, the main one first (possibly without text).

    Args:
        document: the page.
        lines: its blocks with their labels (``label_page``).
        region: where the main story stands.
        title_index: the block of the main title; -1 where the page prints none.
    """
    return Splitter(document, lines, region, title_index).run()
