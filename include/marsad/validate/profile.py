"""The profile of a day: what a partition looks like in some thirty numbers, which history is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from marsad.validate.facts import Facts

REFUSED = frozenset({401, 403, 407, 429, 451})
_HELD = ("captured", "unchanged")
REPEATED_LETTERS = 0.6
"""Of a story's letters; with more of them on other pages too the story is not this page's."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a day."""

    value: float
    count: int
    """Of how many rows it tells: 3 of 4 stories is less sure than 300 of 400."""


def profile_of(facts: Facts) -> dict[str, Measure]:
    """The measures of a partition; one of no rows at all (the titles of no story) is left out."""
    captures = facts.captures
    # what a site's own rules keep us from, and other addresses of one page, were never to be had
    asked = [c for c in captures if c["outcome"] not in ("duplicate", "unsupported_type")]
    wanted = [c for c in asked if c["outcome"] != "robots_denied"]
    held = [c for c in captures if c["outcome"] in _HELD]
    mains = [a for a in facts.articles if a["role"] == "main"]
    found: dict[str, Measure] = {
        "urls": Measure(len(captures), len(captures)),
        "captured": Measure(len(held), len(captures)),
        "stories": Measure(len(facts.articles), len(held)),
    }

    def share(name: str, rows: Iterable[Any], holds: Callable[[Any], bool]) -> None:
        answers = [holds(row) for row in rows]
        if answers:
            found[name] = Measure(sum(answers) / len(answers), len(answers))

    def level(name: str, values: Iterable[float]) -> None:
        numbers = list(values)
        if numbers:
            found[name] = Measure(float(median(numbers)), len(numbers))

    share("captured_share", wanted, lambda c: c["outcome"] in _HELD)
    share("refused_share", asked, lambda c: c["outcome"] == "robots_denied" or c["http_status"] in REFUSED)
    share("failing_share", wanted, _is_failing)
    share("missing_share", wanted, lambda c: c["outcome"] in ("not_found", "gone"))
    elsewhere = facts.late_urls | {a["url"] for a in facts.articles}
    share("yield", held, lambda c: c["url"] in elsewhere)
    level("page_bytes", (c["byte_count"] for c in held if c["byte_count"]))
    share("quarantined", [*facts.rejected, *facts.articles], lambda row: not isinstance(row, Mapping))
    share("titled", mains, lambda a: bool(a["title"]))
    share("led", mains, lambda a: bool(a["lead"]))
    share("authored", mains, lambda a: bool(a["authors"]))
    share("dated", mains, lambda a: a["published_basis"] not in (None, "first_seen"))
    share("keyworded", mains, lambda a: bool(a["keywords"]))
    share("illustrated", mains, lambda a: bool(a["images"]))
    share("sectioned", mains, lambda a: bool(a["section"]))
    share("in_language", facts.articles, lambda a: a["language"] in (None, facts.source.language))
    share("walled", mains, lambda a: bool(a["is_paywalled"]))
    repeated = repeated_stories(facts.articles)
    share("repeated_text", mains, lambda a: a["article_id"] in repeated)
    share("seen_before", mains, lambda a: a["content_sha256"] in facts.seen_before)
    level("words", (a["word_count"] for a in mains))
    for name in ("mentions", "quotations"):
        if facts.articles:
            found[name] = Measure(len(facts.parts.get(name, ())) / len(facts.articles), len(facts.articles))
    for method, count in sorted(Counter(a["extraction_method"] for a in mains).items()):
        found[f"method:{method}"] = Measure(count / len(mains), len(mains))
    moments = [a["published_at"].astimezone(facts.source.zone) for a in mains if a["published_at"]]
    if moments:
        newest = max(moments)
        found["newest_story"] = Measure(newest.hour + newest.minute / 60, len(moments))
    return found


def repeated_stories(articles: Iterable[Mapping[str, Any]]) -> set[str]:
    """The main stories most of whose letters stand in paragraphs that are on another page of the day too.

    Paragraphs and not whole bodies: around one wall each page has a headline or standfirst of its own.
    """
    mains = [a for a in articles if a["role"] == "main"]
    seen = Counter(p for a in mains for p in set(a["paragraphs"]))
    return {
        a["article_id"]
        for a in mains
        if sum(len(p) for p in a["paragraphs"] if seen[p] > 1) > REPEATED_LETTERS * sum(map(len, a["paragraphs"]))
    }


def _is_failing(capture: Mapping[str, Any]) -> bool:
    status = capture["http_status"]
    if capture["outcome"] in ("timeout", "connection_error"):
        return True
    return capture["outcome"] == "http_error" and (status is None or status >= 500)
