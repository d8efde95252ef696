"""What a reader sees by looking around a line: boxes, second stories, whether a text goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from marsad.clean.blocks import Block, Container, Document
from marsad.clean.container import Region
from marsad.clean.draft import Draft
from marsad.clean.kinship import ARABIC_LIMITS, LIMITS, SAME_SUBJECT, goes_on, likeness, share, stems_of
from marsad.clean.labels import Line
from marsad.clean.language import is_in_arabic_letters
from marsad.clean.text import is_headline_like

_SECOND_STORY = 100
"""Characters of prose that make a second story rather than a teaser."""
_MOST_JUDGED = 40
"""Headlines of one page whose company is compared word by word; beyond that a line stays with the open story."""
_MOST_LOOKS = 300_000
"""Lines looked at on one page in all: a page of thousands of cues must not cost their square."""
FEWEST_WORDS = 5
"""Words of a headline, where nothing but its form announces a story: a sub-heading has fewer."""
LOOKAHEAD = 300
"""Lines looked at beyond any one line: what lies further is not its company, and 20,000 cues stay linear."""
FURNITURE = frozenset(
    {"skip", "rule", "separator", "caption", "furniture", "date", "byline", "promotion", "paywall", "credit"}
)
"""Labels of lines that stand between a headline and its story without belonging to either."""


class Outlook:
    """The lines of a page, and questions about what stands around one of them."""

    def __init__(
        self, document: Document, lines: Sequence[Line], region: Region, main: Draft, title_index: int = -1
    ) -> None:
        self.document = document
        self.lines = lines
        self.main = main
        self.title_index = title_index
        self._looked = 0
        box = document.containers[region.container]
        self.start, self.end = box.start, box.end
        self._judged = 0

    def outermost(self, index: int) -> Container | None:
        """The largest box that begins with a block and holds none of the open story's text."""
        block = self.document.blocks[index]
        found: Container | None = None
        first = self.main.blocks[0].index if self.main.blocks else -1
        for box in self.document.ancestors(block.container):
            if box.start != index or box.tag in ("html", "body", "text") or box.start <= first < box.end:
                break
            if box.start <= self.start and self.end <= box.end:
                break  # the story's own region, or what it stands in
            found = box
        return found

    def inner(self, box: Container, index: int) -> Container | None:
        """The next smaller box around a block."""
        for inner in self.document.ancestors(self.document.blocks[index].container):
            if inner.parent == box.index:
                return inner
        return None

    def box_of(self, title: int) -> int:
        box = self.outermost(title)
        return box.index if box is not None and box.end > title + 2 else -1

    def second_story(self, start: int, stop: int, *, is_told: bool = False) -> int | None:
        """Where a title with a story under it stands, from ``start`` on; None if there is none.

        A title is one headline-like line, the last of several over a text; a story is two paragraphs
        or a long one before the next cue or linked headline.

        Args:
            start: the first line to look at.
            stop: the line to stop before.
            is_told: a cue and a box of its own tell it already: it may begin as if it went on.
        """
        index, stop = start, min(stop, start + LOOKAHEAD)
        while index < stop and self.lines[index].label in FURNITURE:
            index += 1
        if index >= stop:
            return None
        head = self.lines[index]
        if head.block.kind == "list_item" or head.label not in ("short", "heading", "links", "prose"):
            return None
        if not is_headline_like(head.text, 220):
            return None
        if self._heads_list(index, stop):
            return None
        size = count = 0
        for text in self._texts_after(index, stop):
            if count == 0 and not is_told and goes_on(text):
                return None
            size, count = size + len(text), count + 1
            if (count >= 2 and size >= _SECOND_STORY) or (size >= 3 * _SECOND_STORY and head.label != "links"):
                return index
        return None

    def _heads_list(self, index: int, stop: int) -> bool:
        """Whether a bare line is the first of three or more alike: headlines, of which only the last can be a title."""
        below = self.lines[index + 1 : min(stop, index + 3)]
        alike = [x for x in below if x.label == self.lines[index].label == "short" and is_headline_like(x.text, 220)]
        return len(alike) == 2 and all(len(x.text.split()) >= 4 for x in alike)

    def _texts_after(self, index: int, stop: int) -> Iterator[str]:
        rank = self.lines[index].block.level or 9
        told = False
        for line in self.lines[index + 1 : min(stop, index + LOOKAHEAD)]:
            if line.label == "prose":
                told = True
                yield line.text
            elif line.label == "heading" and told and line.block.level > min(rank, 3):
                continue  # a sub-heading of the text, below its headline in rank
            elif line.label == "short" and told and line.block.kind == "list_item":
                continue  # an item of a list in the text
            elif line.label not in FURNITURE and (line.label != "short" or line.block.kind == "list_item"):
                return

    def text_after(self, index: int, stop: int) -> list[str]:
        """The paragraphs that follow a headline, up to the next cue, linked headline or list."""
        return list(self._texts_after(index, stop))

    def belongs_to(self, story: Draft, headline: str, index: int, stop: int) -> bool:
        """Whether the text after a line speaks of a headline rather than going on with the open story.

        Args:
            story: the open story.
            headline: the headline in question.
            index: its line; the text stands after it.
            stop: where to look no further.
        """
        return self._speaks_of(story, headline, index, stop, must_differ=False)

    def is_another(self, story: Draft, headline: str, index: int, stop: int) -> bool:
        """As ``belongs_to`` where no cue announces another story: the text must be on another subject too."""
        return self._speaks_of(story, headline, index, stop, must_differ=True)

    def _speaks_of(self, story: Draft, headline: str, index: int, stop: int, *, must_differ: bool) -> bool:
        self._judged += 1
        if self._judged > _MOST_JUDGED:
            return False
        after = self.text_after(index, stop)[:60]
        if after and goes_on(after[0]):
            return False
        limits = ARABIC_LIMITS if is_in_arabic_letters(headline) else LIMITS
        wanted, told = stems_of([headline]), stems_of(after)
        own_title = stems_of([self._title_of(story)])
        near = share(wanted, stems_of(after[:2])) - share(wanted, stems_of([b.text for b in story.blocks[-3:]]))
        if share(wanted, told) - share(own_title, told) + 0.8 * near <= limits.speaks_of:
            return False
        if not must_differ:
            return True
        before = stems_of([b.text for b in story.blocks[-60:]])
        return likeness(told, before) < limits.alike and share(own_title - wanted, told) < SAME_SUBJECT

    def _title_of(self, story: Draft) -> str:
        if story.title:
            return story.title
        if story.role == "main" and self.title_index >= 0:
            return self.lines[self.title_index].text
        return story.blocks[0].text if story.blocks else ""

    def is_kin(self, story: Draft, block: Block) -> bool:
        """Whether a block stands among a story's own: in one of its boxes, or in a box side by side with them."""
        return block.home in story.homes or self.document.containers[block.home].parent in story.parents

    def _parts(self, index: int, stop: int) -> bool:
        """Whether a rule stands before a headline with a story under it."""
        title = self.second_story(index + 1, min(stop, index + 12))
        return title is not None and len(self.lines[title].text.split()) >= FEWEST_WORDS

    def has_more_text(self, story: Draft, index: int) -> bool:
        """Whether the open story goes on after a line: prose before any sign of its end."""
        if story.is_ended:
            return False
        stop = self.document.containers[story.box].end if story.box >= 0 else self.end
        homes = story.homes
        for line in self.lines[index + 1 : min(stop, index + LOOKAHEAD)]:
            block = line.block
            self._looked += 1
            if self._looked > _MOST_LOOKS:
                return True  # in doubt the text goes on
            if line.label == "prose" and (not homes or self.is_kin(story, block)):
                return True
            if line.label in ("source", "keywords"):
                return False
            if line.label in ("rule", "separator") and not block.skipped and self._parts(block.index, stop):
                return False
            if line.is_bare_cue and self.second_story(block.index + 1, stop) is not None:
                return False
        return False
