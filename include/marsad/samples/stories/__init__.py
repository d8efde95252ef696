"""The stories of the sample sites, and what a careful reader finds on their pages.

``<site>.yaml`` has the facts of each story, ``<site>.txt`` its paragraphs. Nothing here knows a
parser: what a page must yield follows from the story it was made of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

HERE = Path(__file__).parent
ZONES = {
    "wakala": "Asia/Beirut",
    "mujammi": "Asia/Riyadh",
    "qadim": "Africa/Cairo",
    "mudawwana": "Africa/Casablanca",
}
TITLES = {
    "wakala": "وكالة الساحل",
    "mujammi": "المجمّع",
    "qadim": "الجريدة القديمة",
    "mudawwana": "المدوّنة",
}
DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4))


@dataclass(frozen=True)
class Embedded:
    """A whole second story on an aggregator's page, of another month and without a date."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class SampleStory:
    """One story of one site."""

    site: str
    id: int
    published_at: datetime
    title: str
    section: str
    paragraphs: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    author: str | None = None
    kind: str = "story"
    layout: str = "classes"
    keyword_line: str = "links"
    embedded: Embedded | None = None
    of: int | None = None
    months: str = "gregorian"
    meta: bool = True
    listed_on: date | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """Its publication day at its site."""
        return self.published_at.date()


@cache
def load_stories(site: str) -> tuple[SampleStory, ...]:
    """The stories of a site, in the order of their publication."""
    texts, heads = _texts(site)
    facts = yaml.load((HERE / f"{site}.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    zone = ZoneInfo(ZONES[site])
    found = []
    for f in facts:
        hour, minute = (int(x) for x in f["time"].split(":"))
        day: date = f["day"]
        origin = next((s for s in load_stories("wakala") if s.id == f["of"]), None) if "of" in f else None
        paragraphs = _edited(origin.paragraphs, f) if origin else texts[str(f["id"])]
        title = f.get("title") or (origin.title if origin else "")
        second = f.get("embedded")
        found.append(
            SampleStory(
                site=site,
                id=f["id"],
                published_at=datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone),
                title=title,
                section=f.get("section") or (origin.section if origin else ""),
                paragraphs=paragraphs,
                keywords=tuple(f.get("keywords") or (origin.keywords if origin else ())),
                author=f.get("author"),
                kind=f.get("kind", "story"),
                layout=f.get("layout", "classes"),
                keyword_line=f.get("keyword_line", "links"),
                embedded=Embedded(heads[second], texts[second]) if second else None,
                of=f.get("of"),
                months=f.get("months", "gregorian"),
                meta=f.get("meta", True),
                listed_on=f.get("listed"),
            )
        )
    return tuple(sorted(found, key=lambda s: (s.published_at, s.id)))


def _texts(site: str) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Paragraphs by story id, and headlines where the line ``#id headline`` gives one."""
    texts: dict[str, list[str]] = {}
    heads: dict[str, str] = {}
    name = ""
    for line in (HERE / f"{site}.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            name, _, head = line[1:].partition(" ")
            texts[name], heads[name] = [], head
        elif line.strip():
            texts[name].append(line.strip())
    return {k: tuple(v) for k, v in texts.items()}, heads


def _edited(paragraphs: tuple[str, ...], facts: dict[str, Any]) -> tuple[str, ...]:
    """An aggregator's small edits: paragraphs dropped, words swapped, a sentence added."""
    kept = [p for n, p in enumerate(paragraphs) if n not in facts.get("drop", ())]
    for old, new in facts.get("swap", ()):
        kept = [p.replace(old, new) for p in kept]
    if "add" in facts:
        kept.append(facts["add"])
    return tuple(kept)
