"""Lines that are labels: sources, keywords, credits, bylines, dates; what they say, and what they end."""

from __future__ import annotations

from marsad.clean.cues import agencies_in
from marsad.clean.keeper import StoryKeeper
from marsad.clean.labels import Line, names_in_source
from marsad.clean.text import ends_sentence, fold, word_set

_BY = word_set("بقلم اعداد تحرير")
"""With a colon these head a byline wherever it stands."""


class LabelReader(StoryKeeper):
    """Reads the lines that speak about the open story instead of telling it."""

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
            self._settle_before_end(index)
            story.attributions += names_in_source(cue.rest)
            self._cut("source_line", line)
            story.is_ended = started
        elif line.label == "keywords" and cue is not None:
            if not started and line.role != "tags":
                return index + 1
            if story.role == "embedded" and story.box < 0 and not self.is_outside and index >= self.end:
                story = self.main  # beyond the text's box the page speaks of its own story
            self._settle_before_end(index)
            self._cut("keyword_line", line)
            story.is_ended = started
            if cue.rest:
                story.keyword_lines.append((cue.rest, [a for a in line.block.links if fold(a.text) != fold(cue.text)]))
            else:
                return self._keywords_under(line, index)
        elif line.label == "credit":
            if in_text:
                story.attributions += line.credits
                self._cut("agency_credit", line)
        elif line.label in ("byline", "date"):
            # at the head or the foot; a short sentence in the middle stays what it is
            if (
                in_text
                and started
                and self.around.has_more_text(self.story, index)
                and not line.block.hints
                and line.label == "byline"
                and not (cue is not None and cue.has_colon and fold(cue.text) in _BY)
            ):
                self.pending.append(line)
                return index + 1
            story.meta_lines.append(line)
            if started and in_text:
                self._cut(f"{line.label}_line", line)
        elif line.label == "comments":
            apart = line.block.home not in story.homes and not self.around.is_kin(story, line.block)
            if started and (apart or self._is_small_print(line, index, 0.8)):
                self._finish_pending()
                self._cut("comments", line)
                self.main.is_closed = self.story.is_closed = True
                self.main.is_ended = self.story.is_ended = True
            return index + 1
        elif line.label == "disclaimer":
            if not started or not self._is_small_print(line, index):
                self._add_prose(line)
                return index + 1
            self._drop_small_print(line)
            self._cut("disclaimer", line)
            story.is_ended = story.is_closed = True
        elif started and in_text:
            self._cut(line.label, line)
        return index + 1

    def _settle_before_end(self, index: int) -> None:
        """Before a label ends the story, its last short lines get their due as they would at the page's end."""
        if self.pending and not self.around.has_more_text(self.story, index):
            self._finish_pending()

    def _is_small_print(self, line: Line, index: int, most: float = 0.35) -> bool:
        """Whether a line stands at the foot of the text: little is left after it, as a share of what was before."""
        after = sum(len(x.text) for x in self.lines[index + 1 : self.end] if x.label == "prose" and not x.role)
        before = sum(len(b.text) for b in self.story.blocks)
        return after < most * before

    def _drop_small_print(self, line: Line) -> None:
        """What stands before a disclaimer in a box of their own is small print with it."""
        story = self.story
        while len(story.blocks) > 1 and story.blocks[-1].home == line.block.home != story.blocks[0].home:
            self._cut("disclaimer", self.lines[story.blocks.pop().index])

    def _source_stands(self, line: Line, index: int) -> bool:
        """A source line stands at the head or the end; in the middle only a link or an agency is believed."""
        cue = line.cue
        if cue is None or not self.story.blocks or not self.around.has_more_text(self.story, index):
            return True
        return (
            bool(line.block.links)
            or line.block.home not in self.prose_homes
            or bool(agencies_in(cue.rest))
            or (len(names_in_source(cue.rest)) > 0 and (not ends_sentence(cue.rest) and len(cue.rest.split()) <= 4))
        )

    def _value_of_bare_source(self, line: Line, index: int) -> int:
        story = self.story
        following = self.lines[index + 1] if index + 1 < len(self.lines) else None
        heads = line.block.kind == "heading" and following is not None and following.label == "prose"
        if heads and self.around.has_more_text(story, index):
            self.pending.append(line)  # «المصدر» over a paragraph: the spring, the informant
            return index + 1
        self._settle_before_end(index)
        self._cut("source_line", line)
        if line.block.links:
            story.attributions += [a.text for a in line.block.links if not fold(a.text).startswith("المصدر")]
        elif following is not None and self._is_name(following):
            story.attributions += names_in_source(following.text)
            self._cut("source_line", following)
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
            self._cut("keyword_line", line)
            first = False
            index += 1
        return index
