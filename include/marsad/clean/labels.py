"""What each line of a page is: prose, a short line, a link, a cue with its structure.

A cue word alone decides nothing («وقال المصدر إن…», «ذات صلة بالملف»): the line must also
be built like a label. Where it is in doubt the line is text of the story.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from marsad.clean.blocks import Block, Document
from marsad.clean.container import Region
from marsad.clean.cues import Cue, CueKind, agencies_in, credit_line, find_cue, is_agency, kinds_opened
from marsad.clean.dates import find_printed_date
from marsad.clean.furniture import furniture_label
from marsad.clean.text import ends_sentence, fold, is_headline_like, word_set

Label = Literal[
    "prose", "short", "links", "heading", "rule", "caption", "skip", "furniture", "promotion", "read_more",
    "related", "lists", "source", "keywords", "credit", "byline", "date", "paywall",
    "disclaimer", "comments", "separator",
]  # fmt: skip

SILENT = frozenset({"nav", "footer", "comments", "share", "aside", "hidden", "consent", "gallery", "teaser"})
"""Roles of boxes whose text is nobody's story."""

_ALSO_WORDS = word_set("اقرا شاهد طالع")
_PREPOSITIONS = word_set("من عن في على حول مع الي ل ب انه ان")
_LONGEST_LABEL = 90
_LONGEST_GLUED = 160
_LONGEST_TIME = 30
_PUBLISHED_ON = re.compile(r"(?:نشر|النشر)\s+(?:في|بتاريخ|يوم|:)|تاريخ\s+النشر|تم\s+النشر")
_DIGIT = re.compile(r"\d")
_CLOCK = re.compile(
    r"[\s(|]*(?:\d{1,2}\s?:\s?\d\d(?:\s?(?:ص|م|صباحا|مساء|GMT|بتوقيت غرينتش|am|pm))?"
    r"|\d{1,2}\.\d\d\s?(?:ص|م|صباحا|مساء|GMT|am|pm))[\s)|.]*",
    re.I,
)
_CAPTION_HINTS = word_set("caption captions figcaption photocaption imagecaption credit credits copyright")


@dataclass(slots=True)
class Line:
    """A block and what it is."""

    block: Block
    label: Label
    role: str = ""
    """What its box is for (see container.roles_of)."""
    cue: Cue | None = None
    credits: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Its text."""
        return self.block.text

    @property
    def is_bare_cue(self) -> bool:
        """A cue with nothing after it on its line: a heading for what follows."""
        return self.cue is not None and not self.cue.rest


def _link_share_of_rest(block: Block, cue: Cue) -> float:
    """How much of the text after a cue is links; the cue itself may be part of the link."""
    if not cue.rest:
        return 1.0 if block.links else 0.0
    size = sum(len(a.text) for a in block.links)
    return min(1.0, size / len(cue.rest))


def _read_more(block: Block, cue: Cue) -> bool:
    if len(cue.text.split()) == 1 and fold(cue.text) in _ALSO_WORDS:
        # «شاهد: …» may be a witness: a lone verb is a cue only where it points to a page
        return cue.has_colon and _link_share_of_rest(block, cue) > 0.6
    if not cue.rest:
        return len(cue.text.split()) >= 2 or bool(block.links) or cue.has_colon
    if not is_headline_like(cue.rest, 220):
        # a linked line is a link, however it ends
        return _link_share_of_rest(block, cue) > 0.8 and len(cue.rest) < 250
    if _link_share_of_rest(block, cue) > 0.6 or cue.has_colon:
        return True
    # neither link nor colon: «اقرأ أيضا» with a headline, but not «للمزيد من المعلومات» in a sentence
    first = fold(cue.rest).split()[:1]
    return len(cue.text.split()) >= 2 and not ends_sentence(cue.rest) and not (set(first) & _PREPOSITIONS)


def _source(block: Block, cue: Cue) -> bool:
    count = len(cue.rest.split())
    if not cue.rest:
        return cue.has_colon or block.kind == "heading" or bool(block.links)
    if agencies_in(cue.rest.strip(" .")):
        return True
    if fold(cue.text) == "نقلا عن" and not cue.has_colon:
        return count <= 4 and not ends_sentence(cue.rest)
    if not cue.has_colon:
        return _link_share_of_rest(block, cue) > 0.8 and count <= 6
    return count <= 8 and len(cue.rest) <= 70 and not cue.rest.endswith(("؟", "!", "؛", "،"))


_NAMES_OF_TAGS = word_set("الوسوم وسوم الاوسمه تاغات التاغات تاجات تاجز تاغ هاشتاغ هاشتاج tags")
"""Bare labels that are no other word: a line of one is a label without a colon too."""


def _keywords(block: Block, cue: Cue) -> bool:
    links = _link_share_of_rest(block, cue)
    if cue.rest.startswith("#") or links > 0.6:
        return True
    if not cue.rest:
        return cue.kind == "keywords" or cue.has_colon or block.kind == "heading" or fold(cue.text) in _NAMES_OF_TAGS
    if ends_sentence(cue.rest) or len(cue.rest) > 400:
        return False
    if cue.kind == "keywords":
        return cue.has_colon or not set(fold(cue.rest).split()[:1]) & _PREPOSITIONS
    return (
        cue.has_colon
        and cue.text.rstrip().endswith((":", "："))
        and (any(c in cue.rest for c in ",،|#") or len(cue.rest.split()) <= 12)
    )


def _heads_list(block: Block, cue: Cue) -> bool:
    if not cue.rest:
        return len(cue.text) >= 6
    if not cue.text.rstrip().endswith((":", "：", "»", ">")):
        return _link_share_of_rest(block, cue) > 0.8 and block.link_share > 0.8
    return is_headline_like(cue.rest, 220) and not ends_sentence(cue.rest)


def _byline(block: Block, cue: Cue) -> bool:
    rest = cue.rest.strip(" .")
    if not rest or len(rest.split()) > 8 or len(rest) > 60 or any(c in rest for c in '؟!؛"«»'):
        return False
    # «كتب الرئيس على حسابه» and «تحرير المدينة لم يكن سهلا.» are sentences: without a colon the line
    # must be no longer than a name, and end as none does
    strong = fold(cue.text) in {"بقلم", "اعداد", "تحرير"} and not ends_sentence(block.text)
    return (
        cue.has_colon
        or strong
        or (len(rest.split()) <= 4 and not ends_sentence(block.text) and not _has_preposition(rest))
    )


def _has_preposition(text: str) -> bool:
    return bool(_PREPOSITIONS & set(fold(text).split()))


def _dated(block: Block, cue: Cue) -> bool:
    if len(block.text) > _LONGEST_LABEL:
        return False
    if not cue.rest:
        return True
    # «حدث في 2011 ما لم يتوقعه أحد.» is a sentence with a year in it
    is_sentence = ends_sentence(block.text) and not cue.has_colon and find_printed_date(cue.rest) is None
    return any(c.isdigit() for c in cue.rest) and not is_sentence


def label_block(block: Block, role: str, *, may_date: bool = True) -> Line:
    """What one block is, judged by itself; ``split`` judges its company.

    Args:
        block: the block.
        role: what its box is for (``container.roles_of``).
        may_date: look for a printed day in it.
    """
    text = block.text
    if block.kind == "rule" or not text:
        return Line(block, "rule", role)
    if block.kind == "caption":
        return Line(block, "caption", role)
    size = len(text)
    if block.hints and block.hints & _CAPTION_HINTS and size <= 400:
        return Line(block, "caption", role)
    opened = kinds_opened(text)
    if opened and size <= 450 and (cue := find_cue(text)) is not None:
        kind: CueKind = cue.kind
        if kind == "read_more" and _read_more(block, cue):
            return Line(block, "read_more", role, cue)
        if kind == "related" and _heads_list(block, cue):
            return Line(block, "related", role, cue)
        if kind == "lists" and not cue.rest:
            return Line(block, "lists", role, cue)
        if kind == "source" and _source(block, cue):
            return Line(block, "source", role, cue)
        if kind in ("keywords", "keywords_bare") and _keywords(block, cue):
            return Line(block, "keywords", role, cue)
        if may_date and kind in ("published", "modified") and _dated(block, cue):
            return Line(block, "date", role, cue)
        if kind == "byline" and _byline(block, cue):
            return Line(block, "byline", role, cue)
    if size <= 70 and (opened or size <= 45) and (names := credit_line(text)):
        return Line(block, "credit", role, credits=names)
    if (furniture := furniture_label(text, opened, block.kind, block.link_share)) is not None:
        return Line(block, furniture, role)
    if may_date and size <= _LONGEST_GLUED and block.kind != "quote" and _DIGIT.search(text) is not None:
        if size <= _LONGEST_LABEL and (_CLOCK.fullmatch(text) or is_date_line(text)):
            return Line(block, "date", role)
        if not ends_sentence(text) and _PUBLISHED_ON.search(text) and find_printed_date(text) is not None:
            return Line(block, "date", role)  # name, day and counters that only a style sheet keeps apart
    if text[0] == "#" and all(w[0] == "#" for w in text.split()):
        return Line(block, "keywords", role, Cue("keywords", "", text, True))
    if role in SILENT:
        return Line(block, "skip", role)
    if block.links and block.link_share > 0.7 and not _is_address(text):
        return Line(block, "links", role)
    if block.kind == "heading":
        return Line(block, "heading", role)
    return Line(block, "prose" if block.is_prose else "short", role)


def _is_address(text: str) -> bool:
    """Whether a linked line is a bare address: what it links to, not a headline."""
    return text.startswith(("http://", "https://", "www.")) and " " not in text


def is_date_line(text: str) -> bool:
    """Whether a line is a printed day and hardly anything else."""
    found = find_printed_date(text)
    if found is None:
        return False
    around = fold(text[: found.start] + " " + text[found.end :]).split()
    return len(around) <= 4 and not ends_sentence(text)


_MOST_DATES = 400
"""Lines of one page read as dates; a page of thousands is a calendar, or hostile."""


def label_page(document: Document, region: Region) -> list[Line]:
    """All lines of a page, in order."""
    lines: list[Line] = []
    dates = 0
    timed = {t.block for t in document.times if t.value}
    for block in document.blocks:
        role = "teaser" if block.index in region.teasers else region.roles[block.container]
        lines.append(label_block(block, role, may_date=dates < _MOST_DATES))
        if block.index in timed and lines[-1].label == "short" and len(block.text) <= _LONGEST_TIME:
            lines[-1] = Line(block, "date", role)  # «أمس», with the day in its tag
        dates += lines[-1].label == "date"
    return lines


def names_in_source(rest: str) -> list[str]:
    """The names of a source line, as printed: «رويترز + أ ف ب» are two, «RT Arabic» is one."""
    several = agencies_in(rest)
    if several:
        return list(several)
    parts = [p.strip(" .") for p in rest.replace("+", "،").replace("|", "،").split("،")]
    return [p for p in parts if p and (len(p) > 1 or is_agency(p))]
