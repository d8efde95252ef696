"""The pages of the split benchmark and their gold, the same bytes every time.

python -m benchmarks.clean.split.build FOLDER     writes them: NAME.html (or .txt) and gold/NAME.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.clean.folders import GoldPage
from benchmarks.clean.split.layouts import DAY_STYLES, LAYOUTS, Box, Layout, render, render_plain
from benchmarks.clean.split.stories import Line, Story, stories
from benchmarks.clean.split.traps import TRAPS

SECOND_CUES = (
    "إقرأ أيضاً",
    "اقرأ أيضا:",
    "اقــرأ أيضاً",
    "إقـــرأ أيضـــاً:",
    "اقرأ أيضًا",
    "طالع أيضاً:",
    "اقرأ كذلك",
    "خبر ذو صلة:",
)
READ_MORE_CUES = (
    "إقرأ المزيد",
    "اقرأ أيضاً:",
    "إقــرأ أيضاً",
    "شاهد أيضاً:",
    "طالع أيضاً",
    "قد يهمك:",
    "للمزيد اقرأ:",
    "موضوع ذو صلة:",
)
RELATED_CUES = ("مقالات مشابهة", "أخبار ذات صلة", "مواضيع ذات صلة:", "اقرأ أيضاً", "قد يعجبك أيضاً", "مواضيع متعلقة")
KEYWORD_CUES = ("كلمات دلالية", "كلمات مفتاحية:", "الوسوم:", "تاجز:", "الكلمات المفتاحية", "وسوم:")
SOURCE_CUES = ("المصدر: {}", "المصدر : {}", "({})", "{}", "نقلاً عن {}", "المصدر - {}")
PLACES = ("nested", "after", "flat", "rule", "article")
LINE_CASES = (
    "read_more_linked",
    "read_more_plain",
    "read_more_next_line",
    "related_linked",
    "related_plain",
    "keywords_separated",
    "keywords_unseparated",
    "keywords_hashtags",
    "keywords_linked",
    "source",
    "all",
)


@dataclass
class Gold:
    """What a careful reader finds of one story."""

    role: str
    story: Story
    paragraphs: list[str]
    date: str | None = None
    keywords: list[str] = field(default_factory=list)
    attributions: list[str] = field(default_factory=list)
    read_more: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "role": self.role,
            "title": self.story.title,
            "paragraphs": self.paragraphs,
            "date": self.date,
            "keywords": self.keywords,
            "attributions": self.attributions,
            "read_more": self.read_more,
            "related": self.related,
        }


class _Maker:
    """One page: a main story, and what is added to it. ``number`` chooses among variants."""

    def __init__(self, number: int, layout: Layout | None, *, dateline: bool = False) -> None:
        every = stories()
        self.number = number
        self.layout = layout
        self.main = every[number % len(every)]
        self.other = every[(number * 7 + 3 + number // len(every)) % len(every)]
        if self.other is self.main:
            self.other = every[(number * 7 + 4) % len(every)]
        self.style = DAY_STYLES[number % len(DAY_STYLES)]
        if layout is None and self.style not in ("none", "sidebar"):
            self.style = "printed"
        lines = list(self.main.lines)
        if dateline:
            lines[0] = Line("paragraph", f"{self.main.place} - {lines[0].text}")
        self.box = Box([*lines], day=self.main.day)
        self.after: list[Box] = []
        has_day = self.style not in ("none", "sidebar")
        self.gold = [Gold("main", self.main, [x.text for x in lines], self.main.day if has_day else None)]
        self.not_text: list[str] = []
        self.trap: list[str] = []

    def pick(self, values: Sequence[str], salt: int = 0) -> str:
        """One of the variants."""
        return values[(self.number + salt) % len(values)]

    def titles(self, count: int, salt: int = 11) -> list[str]:
        """Headlines of stories that are not on the page."""
        free = [s.title for s in stories() if s not in (self.main, self.other)]
        start = self.number * 3 + salt
        return [free[(start + i) % len(free)] for i in range(count)]

    def drop(self, *lines: str) -> None:
        """Note lines that are no story's text."""
        self.not_text.extend(lines)

    def trap_lines(self, name: str) -> None:
        """Put a trap's lines amid the main story's."""
        lines = TRAPS[name]
        at = 2 if self.number % 2 else 3
        self.box.parts[at:at] = lines
        self.gold[0].paragraphs[at:at] = [x.text for x in lines]
        self.trap = [x.text for x in lines]

    def source(self, gold: Gold, parts: list[Any]) -> None:
        """A source line at the end of a story."""
        line = self.pick(SOURCE_CUES).format(gold.story.agency)
        parts.append(Line("paragraph", line))
        gold.attributions = [gold.story.agency]
        self.drop(line)

    def keywords(self, gold: Gold, parts: list[Any], form: str) -> None:
        """A keyword line at the end of a story: ``separated``, ``unseparated``, ``hashtags`` or ``linked``."""
        words, cue = list(gold.story.keywords), self.pick(KEYWORD_CUES)
        if form == "hashtags":
            lines = [Line("paragraph", " ".join("#" + w.replace(" ", "_") for w in words))]
        elif form == "linked":
            lines = [Line("paragraph", cue), *(Line("item", w, f"/tag/{i}") for i, w in enumerate(words))]
        else:
            joined = "، ".join(words) if form == "separated" else " ".join(words)
            lines = [Line("paragraph", f"{cue} {joined}")]
        parts.extend(lines)
        gold.keywords = words
        self.drop(*(x.text for x in lines))

    def read_more(self, form: str) -> None:
        """A read-more line amid the main story."""
        cue, (title,) = self.pick(READ_MORE_CUES), self.titles(1)
        if form == "next_line":
            lines = [Line("bold", cue), Line("paragraph", title, "/n/77")]
        elif form == "linked":
            lines = [Line("paragraph", f"{cue} {title}", "/n/77")]
        else:
            lines = [Line("paragraph", f"{cue} {title}")]
        self.box.parts[2:2] = lines
        self.gold[0].read_more = [title]
        self.drop(*(x.text for x in lines), title)

    def related(self, *, linked: bool, parts: list[Any]) -> None:
        """A list of headlines after the text."""
        cue, titles = self.pick(RELATED_CUES), self.titles(4)
        parts.append(Line("heading", cue))
        parts.extend(Line("item", t, f"/n/{i}" if linked else None) for i, t in enumerate(titles))
        self.gold[0].related = titles
        self.drop(cue, *titles)

    def second(self, place: str) -> None:
        """The other story on the same page: nested, after, flat, after a rule, or an article with its own day."""
        gold = Gold("embedded", self.other, [x.text for x in self.other.lines])
        parts: list[Line | Box] = [Line("headline", self.other.title), *self.other.lines]
        if place != "article" and self.number % 2:
            self.source(gold, parts)
        if place == "article":
            year, month, day = self.other.day.split("-")
            gold.date = f"{int(year) - 1}-{(int(month) + 6):02d}-{day}"
            self.after.append(Box([*self.other.lines], "article", self.other.title, gold.date))
        elif place == "rule":
            self.box.parts += [Line("rule", ""), *parts]
        else:
            cue = Line("bold", self.pick(SECOND_CUES, self.number // 3))
            self.drop(cue.text)
            if place == "flat":
                self.box.parts += [cue, *parts]
            elif place == "nested":
                at = len(self.box.parts) if self.number % 3 else 3
                self.box.parts.insert(at, Box([cue, *parts], "second"))
            else:
                self.after.append(Box([cue, *parts], "second"))
        self.gold.append(gold)

    def page(self, name: str) -> GoldPage:
        """The page as it stands now."""
        if self.layout is None:
            text = render_plain(self.main.title, self.box, self.after, self.style)
        else:
            text = render(self.layout, self.main.title, self.box, self.after, self.style)
        records = tuple(g.record() for g in self.gold)
        facts = {"stories": records, "not_text": list(dict.fromkeys(self.not_text)), "trap": self.trap}
        main = self.gold[0]
        return GoldPage(
            name,
            text.encode(),
            None,
            "\n".join(main.paragraphs),
            (self.main.title,),
            main.date,
            (),
            records,
            facts,
        )


def pages() -> Iterator[GoldPage]:
    """All pages, in order: second stories, traps, lines that are no text."""
    yield from _second_stories()
    yield from _traps()
    yield from _line_cases()


_EVERY: tuple[Layout | None, ...] = (*LAYOUTS, None)


def _name(layout: Layout | None) -> str:
    return layout.name if layout else "plain"


def _second_stories() -> Iterator[GoldPage]:
    number = 0
    for layout in _EVERY:
        for place in PLACES if layout else ("flat", "rule", "article"):
            maker = _Maker(number, layout, dateline=number % 4 == 0)
            if number % 3 == 0:
                maker.read_more("linked" if layout else "plain")
            if number % 2 == 0 and place in ("flat", "after", "nested"):
                maker.source(maker.gold[0], maker.box.parts)
            if number % 5 == 1 and place in ("flat", "after"):
                maker.keywords(maker.gold[0], maker.box.parts, "separated")
            maker.second(place)
            if number % 4 == 1 and place != "article":
                tail: list[Any] = []
                maker.related(linked=layout is not None, parts=tail)
                maker.after.append(Box(tail, "related"))
            yield maker.page(f"second-{place}-{_name(layout)}")
            number += 1


def _traps() -> Iterator[GoldPage]:
    for number, name in enumerate(TRAPS):
        layout = _EVERY[(number * 3) % len(_EVERY)]
        maker = _Maker(number + 5, layout)
        maker.trap_lines(name)
        yield maker.page(f"trap-{name}-{_name(layout)}")
    # and on a page that has what the trap looks like as well
    for number, name in enumerate(list(TRAPS)[::2]):
        layout = _EVERY[(number * 5 + 1) % len(_EVERY)]
        maker = _Maker(number + 13, layout)
        maker.trap_lines(name)
        maker.second("flat" if layout is None else PLACES[number % 4])
        yield maker.page(f"trap-second-{name}-{_name(layout)}")


def _line_cases() -> Iterator[GoldPage]:
    for number, case in enumerate(LINE_CASES * 2):
        layout = _EVERY[(number * 4 + 2) % len(_EVERY)]
        maker = _Maker(number + 2, layout, dateline=number % 3 == 0)
        main, parts = maker.gold[0], maker.box.parts
        if case.startswith("read_more"):
            maker.read_more(case.removeprefix("read_more_"))
        if case == "all":
            maker.read_more("linked")
        if case in ("source", "all"):
            maker.source(main, parts)
        if case.startswith("keywords"):
            maker.keywords(main, parts, case.removeprefix("keywords_"))
        if case == "all":
            maker.keywords(main, parts, "separated")
        if case.startswith("related") or case == "all":
            maker.related(linked=case != "related_plain", parts=parts)
        yield maker.page(f"lines-{case}-{number // len(LINE_CASES)}-{_name(layout)}")


def write(folder: Path) -> int:
    """Write pages and gold into a folder; how many."""
    (folder / "gold").mkdir(parents=True, exist_ok=True)
    count = 0
    for page in pages():
        suffix = ".txt" if page.name.endswith("-plain") else ".html"
        (folder / f"{page.name}{suffix}").write_bytes(page.content)
        gold = json.dumps(page.facts, ensure_ascii=False, indent=1) + "\n"
        (folder / "gold" / f"{page.name}.json").write_text(gold, encoding="utf-8")
        count += 1
    return count


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1]))} pages in {sys.argv[1]}")
