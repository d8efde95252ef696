"""How a page of several stories was read: who fused, leaked, cut or lost what.

A line counts as leaked where it stands in the text as a line of its own or, if it is long enough to be
told from words of the story, anywhere in it. Stories are fused where a whole paragraph of another is in the
text of the main one. Readers that return one text are judged on that alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.clean.measures import is_day, overlap, plain

_TOLD_APART = 16
"""Characters from which a line is told from words of the story when it runs into another line."""


@dataclass
class PageScore:
    """One page. None where it cannot be judged of this reader or the page has none."""

    f1: float
    is_fused: bool | None
    leaked: list[str]
    trap_cut: list[str] | None
    separated: tuple[int, int] | None = None
    date: bool | None = None
    second_date: bool | None = None
    keywords: bool | None = None
    attributions: bool | None = None
    is_empty_date: bool = False
    extra: int = 0
    """Stories that the page does not have."""
    faults: list[str] = field(default_factory=list)


def _line(text: str) -> str:
    return plain(text).lstrip("-•*– ").strip()


def _f1(gold: Sequence[str], found: Sequence[str]) -> float:
    wanted, have = Counter(map(_line, gold)), Counter(filter(None, map(_line, found)))
    return overlap(Counter(wanted), Counter(have))[2]


def score_page(gold: Mapping[str, Any], reading: Mapping[str, Any]) -> PageScore:
    """Judge one page.

    Args:
        gold: ``stories`` (the main one first), ``not_text`` and ``trap``, as ``build.py`` writes them.
        reading: what a reader gave (``readers.Reading``).
    """
    main, *others = gold["stories"]
    paragraphs = list(reading.get("paragraphs") or (reading.get("text") or "").splitlines())
    if "stories" not in reading:  # many readers open the text with its headline: that is no fault
        paragraphs = [p for p in paragraphs if _line(p) != _line(main["title"])]
    lines = [x for x in map(_line, paragraphs) if x]
    whole = " ".join(lines)
    own = {_line(p) for p in main["paragraphs"]}
    own_text = " ".join(_line(p) for p in main["paragraphs"])
    foreign = [p for s in others for p in s["paragraphs"] if _line(p) not in own]
    fused = [p for p in foreign if _line(p) in whole]
    dropped = [*gold.get("not_text", ()), *(s["title"] for s in others)]
    leaked = [x for x in dropped if _is_in(_line(x), lines, whole, own, own_text)]
    trap = gold.get("trap") or None
    lost = [x for x in trap or () if _line(x) not in whole]
    score = PageScore(
        _f1(main["paragraphs"], paragraphs), bool(fused) if others else None, leaked, lost if trap else None
    )
    score.faults += [f"fused {len(fused)} of {len(foreign)} paragraphs"] if fused else []
    score.faults += [f"leaked «{x[:60]}»" for x in leaked] + [f"cut of the trap «{x[:60]}»" for x in lost]
    if score.f1 < 1 and not fused:
        missing = [p for p in main["paragraphs"] if _line(p) not in whole and p not in lost]
        strange = [x for x in lines if x not in own and x not in map(_line, leaked)]
        score.faults += [f"lost «{p[:60]}»" for p in missing] + [f"no paragraph «{p[:60]}»" for p in strange]
    if "stories" in reading:
        _judge_stories(score, main, others, reading)
    return score


def _is_in(line: str, lines: Sequence[str], whole: str, own: set[str], own_text: str) -> bool:
    if not line or line in own:
        return False
    return line in lines or (len(line) >= _TOLD_APART and line in whole and line not in own_text)


def _judge_stories(
    score: PageScore, main: Mapping[str, Any], others: Sequence[Mapping[str, Any]], reading: Mapping[str, Any]
) -> None:
    found = reading["stories"][1:]
    told = 0
    score.is_empty_date = main["date"] is None
    score.date = is_day(reading.get("date"), main["date"]) if main["date"] else not reading.get("date")
    if not score.date:
        score.faults.append(f"date {reading.get('date')} for {main['date']}")
    for other in others:
        fits = [s for s in found if _f1(other["paragraphs"], s["paragraphs"]) >= 0.9]
        told += any(_line(s.get("title") or "") == _line(other["title"]) for s in fits)
        if not fits:
            score.faults.append(f"second story «{other['title'][:50]}» is not apart")
        elif not told:
            score.faults.append(f"second story's title is {fits[0].get('title')!r}")
        if fits and other["date"]:
            score.second_date = is_day(fits[0].get("date"), other["date"])
            if not score.second_date:
                score.faults.append(f"second story's date {fits[0].get('date')} for {other['date']}")
    score.separated = (told, len(others))
    score.extra = max(0, len(found) - len(others))
    if score.extra:
        score.faults.append(f"{score.extra} stories too many")
    for name in ("keywords", "attributions"):
        if main[name]:
            right = set(map(plain, main[name])) == set(map(plain, reading.get(name) or ()))
            setattr(score, name, right)
            if not right:
                score.faults.append(f"{name} {list(reading.get(name) or ())} for {main[name]}")


def summarise(scores: Sequence[PageScore]) -> dict[str, Any]:
    """Counts over pages: (number, of how many); ``f1`` is the average."""

    def count(values: Sequence[bool]) -> tuple[int, int]:
        return sum(values), len(values)

    has_stories = any(s.separated is not None for s in scores)
    summary: dict[str, Any] = {
        "pages": len(scores),
        "f1": sum(s.f1 for s in scores) / max(1, len(scores)),
        "fused": count([s.is_fused for s in scores if s.is_fused is not None]),
        "leaking": count([bool(s.leaked) for s in scores]),
        "leaked_lines": sum(len(s.leaked) for s in scores),
        "traps_cut": count([bool(s.trap_cut) for s in scores if s.trap_cut is not None]),
    }
    if has_stories:
        told = [s.separated for s in scores if s.separated]
        summary |= {
            "separated": (sum(t[0] for t in told), sum(t[1] for t in told)),
            "extra": sum(s.extra for s in scores),
            "dates_right": count([bool(s.date) for s in scores if not s.is_empty_date]),
            "dates_left_empty": count([bool(s.date) for s in scores if s.is_empty_date]),
            "second_dates": count([s.second_date for s in scores if s.second_date is not None]),
            "keywords": count([s.keywords for s in scores if s.keywords is not None]),
            "attributions": count([s.attributions for s in scores if s.attributions is not None]),
        }
    return summary
