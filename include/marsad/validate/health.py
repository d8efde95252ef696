"""Rules across days: whether a day looks as the source's days do, and what it is if not.

A dead feed, a block, an outage, new addresses, a broken reader, a redesign, teasers, a wall, a switched language: each
shows first in numbers of its own, so each has its rule. All are warnings (the day is published, somebody is
told), but for the one that says most stories are one text. Where history says nothing yet, they hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marsad.sources.health import MEASURES, SHARES
from marsad.validate.band import Band, band
from marsad.validate.facts import Facts
from marsad.validate.finding import MIN_STORIES, SHOWN, Finding, Level
from marsad.validate.profile import REFUSED, repeated_stories

WALL_SHARE = 0.5
"""More of the day's stories with one and the same text than this are a wall, and no stories."""
MIX_SHIFT = 0.5
"""Share of the stories that are read in another way than usual, above which the layout has changed."""
_SURE = 6
"""Stories that should have had a field, without which its absence says nothing."""
_FIELDS = ("led", "authored", "keyworded", "illustrated", "sectioned", "titled", "dated")

Test = Callable[[Band, float], bool]


def _low(usual: Band, value: float) -> bool:
    return value < usual.low


def _high(usual: Band, value: float) -> bool:
    return value > usual.high


def usual_of(facts: Facts, name: str) -> Band | None:
    """The usual range of a measure of the day."""
    today = facts.profile.get(name)
    return band(name, today, facts.partition.date, facts.past, facts.source.health) if today else None


def _compare(
    facts: Facts, name: str, is_off: Test, evidence: Iterable[str] = (), *, least: int = MIN_STORIES, also: str = ""
) -> Finding:
    """One measure against its usual range."""
    today, usual = facts.profile.get(name), usual_of(facts, name)
    what = MEASURES[name]
    if today is None or usual is None:
        days = sum(1 for d in facts.past if d < facts.partition.date)
        return Finding("warning", True, f"{what}: nothing to compare with", f"history ({days} days so far)")
    holds = today.count < least or not is_off(usual, today.value)
    seen = f"{today.value:.0%} of {today.count}" if name in SHARES else f"{today.value:.4g}"
    said = f"{what}: {seen}" + (f" ({also})" if also and not holds else "")
    learned = "the source's file" if not usual.days else f"{usual.days} days"
    expected = f"{_range(name, usual)} (by {learned})"
    return Finding("warning", holds, said, expected, () if holds else tuple(sorted(set(evidence))[:SHOWN]))


def _range(name: str, usual: Band) -> str:
    if name in SHARES:
        return f"{max(usual.low, 0):.0%} to {min(usual.high, 1):.0%}, most often {usual.usual:.0%}"
    return f"{usual.low:.4g} to {usual.high:.4g}, most often {usual.usual:.4g}"


# what is discovered and fetched


def listing_as_long_as_usual(facts: Facts) -> Finding:
    """A listing that gives far fewer addresses than on such days is dying, or was cut off."""
    by_route = Counter(c["discovered_by"] for c in facts.captures)
    return _compare(facts, "urls", _low, (f"{count} from {route}" for route, count in by_route.items()), least=0)


def no_flood(facts: Facts) -> Finding:
    """Far more addresses than on such days: an archive is listed anew, or one story under many addresses."""
    by_route = Counter(c["discovered_by"] for c in facts.captures)
    return _compare(facts, "urls", _high, (f"{count} from {route}" for route, count in by_route.items()))


def day_goes_on_to_its_end(facts: Facts) -> Finding:
    """The newest story is hours older than on such days: the listing stopped in the middle of the day."""
    newest = sorted((a["published_at"], a["url"]) for a in facts.articles if a["published_at"])
    return _compare(facts, "newest_story", _low, (url for _, url in newest[-3:]), least=2)


def site_lets_us_in(facts: Facts) -> Finding:
    """The site refuses more than it did: a block of robots, of our address, or of our country."""
    refused = [c for c in facts.captures if c["outcome"] == "robots_denied" or c["http_status"] in REFUSED]
    return _compare(facts, "refused_share", _high, _addresses(refused), also=_outcomes(refused))


def site_answers(facts: Facts) -> Finding:
    """More pages than usual do not answer, or with a server's error: an outage on their side, or on ours."""
    failing = [c for c in facts.captures if c["outcome"] in ("timeout", "connection_error", "http_error")]
    return _compare(facts, "failing_share", _high, _addresses(failing), also=_outcomes(failing))


def addresses_lead_somewhere(facts: Facts) -> Finding:
    """More addresses than usual are of no page: the site has new ones, and its listing the old."""
    missing = [c for c in facts.captures if c["outcome"] in ("not_found", "gone")]
    return _compare(facts, "missing_share", _high, _addresses(missing))


# what is read


def pages_give_stories(facts: Facts) -> Finding:
    """Fewer pages than usual give a story: menus, a wall, or a layout the reader cannot read."""
    read = facts.late_urls | {a["url"] for a in facts.articles}
    return _compare(facts, "yield", _low, (u for u in _held(facts) if u not in read), also=_reasons(facts))


def volume_as_usual(facts: Facts) -> Finding:
    """As many stories as on such days; which of the steps before lost them is in the evidence."""
    steps = []
    for name in ("urls", "captured", "stories"):
        usual = usual_of(facts, name)
        if usual is not None:
            steps.append(f"{MEASURES[name]}: {facts.profile[name].value:.0f}, usually {usual.usual:.0f}")
    return _compare(facts, "stories", _low, steps, least=0)


def quarantine_as_usual(facts: Facts) -> Finding:
    """No more stories in quarantine than usual; the reasons say what has changed."""
    return _compare(
        facts, "quarantined", _high, (f"{r.reason}: {r.row_key}" for r in facts.rejected), also=_reasons(facts)
    )


def stories_differ(facts: Facts) -> Finding:
    """Pages with different addresses have different texts; if not, all show a wall, a notice or an error."""
    mains = [a for a in facts.articles if a["role"] == "main"]
    again = repeated_stories(mains)
    seen = Counter(p for a in mains if a["article_id"] in again for p in set(a["paragraphs"]))
    text, count = max(sorted(seen.items()), key=lambda item: item[1], default=("", 0))
    pages = sorted(a["url"] for a in mains if a["article_id"] in again)
    shown = (f"{count} times: {' '.join(text.split())[:150]}", *pages)
    share = len(again) / len(mains) if mains else 0.0
    if len(mains) >= MIN_STORIES and share > WALL_SHARE:
        seen_so = f"{share:.0%} of the stories are made of the same paragraphs"
        return Finding("critical", False, seen_so, f"at most {WALL_SHARE:.0%}", shown[:SHOWN])
    return _compare(facts, "repeated_text", _high, shown)


def stories_are_new(facts: Facts) -> Finding:
    """Stories are not those of the week before under new addresses or days."""
    again = (a["url"] for a in facts.articles if a["content_sha256"] in facts.seen_before)
    return _compare(facts, "seen_before", _high, again)


def stories_as_long_as_usual(facts: Facts) -> Finding:
    """The median story is not far shorter than on other days: teasers, a wall, or the reader loses paragraphs."""
    mains = sorted((a["word_count"], a["url"]) for a in facts.articles if a["role"] == "main")
    return _compare(facts, "words", _low, (url for _, url in mains[:SHOWN]))


def walls_as_usual(facts: Facts) -> Finding:
    """No more stories behind a paywall than usual."""
    return _compare(facts, "walled", _high, (a["url"] for a in facts.articles if a["is_paywalled"]))


def language_as_usual(facts: Facts) -> Finding:
    """No more stories in another language than usual: an edition was switched."""
    other = (a["url"] for a in facts.articles if a["language"] not in (None, facts.source.language))
    return _compare(facts, "in_language", _low, other)


def dates_as_usual(facts: Facts) -> Finding:
    """No fewer stories with a date than usual: the place where it stood is gone."""
    undated = (a["url"] for a in facts.articles if a["published_basis"] in (None, "first_seen"))
    return _compare(facts, "dated", _low, undated)


def layout_as_before(facts: Facts) -> Finding:
    """Stories are read in the ways they were, and have the fields they had; if not, the site was redesigned."""
    today = facts.profile
    methods = {name for day in (today, *facts.past.values()) for name in day if name.startswith("method:")}
    shift, lost = 0.0, []
    told = today.get("stories")
    for name in methods:
        usual = (
            band(name, today[name], facts.partition.date, facts.past, facts.source.health) if name in today else None
        )
        if usual is not None and _high(usual, today[name].value):
            shift += today[name].value - usual.usual
            lost.append(f"{today[name].value:.0%} read by {name.partition(':')[2]}, usually {usual.usual:.0%}")
    fields = []
    for name in _FIELDS:
        usual = usual_of(facts, name)
        if usual is not None and _low(usual, today[name].value):
            fields.append(name)
            lost.append(f"{MEASURES[name]}: {today[name].value:.0%}, usually {usual.usual:.0%}")
    is_off = shift > MIX_SHIFT or len(fields) >= 2 or any(_fell(facts, name) for name in fields)
    holds = told is None or told.value < MIN_STORIES or not is_off
    pages = sorted({a["url"] for a in facts.articles if a["role"] == "main"})[:3]
    seen = "; ".join(lost) if not holds else "as before, or nothing to compare with"
    return Finding("warning", holds, seen, "the same ways and fields as on other days", () if holds else tuple(pages))


def _fell(facts: Facts, name: str) -> bool:
    usual, today = usual_of(facts, name), facts.profile[name]
    # six stories without a field that every second one has are no redesign
    is_sure = usual is not None and usual.usual * today.count >= _SURE
    return is_sure and usual is not None and usual.usual - today.value > MIX_SHIFT


def names_and_quotations_as_usual(facts: Facts) -> Finding:
    """As many names as usual are found; if not, the texts are of another kind, or extract is broken."""
    return _compare(facts, "mentions", _low, (a["url"] for a in facts.articles))


HEALTH_RULES: tuple[Callable[[Facts], Finding], ...] = (
    listing_as_long_as_usual,
    no_flood,
    day_goes_on_to_its_end,
    site_lets_us_in,
    site_answers,
    addresses_lead_somewhere,
    pages_give_stories,
    quarantine_as_usual,
    stories_differ,
    stories_are_new,
    layout_as_before,
    stories_as_long_as_usual,
    walls_as_usual,
    language_as_usual,
    dates_as_usual,
    names_and_quotations_as_usual,
    volume_as_usual,
)


def _held(facts: Facts) -> list[str]:
    return [c["url"] for c in facts.captures if c["outcome"] in ("captured", "unchanged")]


def _addresses(captures: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    return (f"{c['url']}: {c['http_status'] or c['outcome']}" for c in captures)


def _outcomes(captures: Iterable[Mapping[str, Any]]) -> str:
    seen = Counter(str(c["http_status"] or c["outcome"]) for c in captures)
    return ", ".join(f"{count} {name}" for name, count in seen.most_common(4))


def _reasons(facts: Facts) -> str:
    seen = Counter(r.reason for r in facts.rejected)
    return ", ".join(f"{count} {name}" for name, count in seen.most_common(4))


__all__ = ["HEALTH_RULES", "Level", "usual_of"]
