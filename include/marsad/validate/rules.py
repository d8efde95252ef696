"""Rules across datasets: what no suite can see, because it looks at one dataset at a time.

Each rule takes the facts of a partition and gives one finding. A critical rule that does not
hold stops the partition; a warning is reported and published with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from statistics import median

from marsad.validate.facts import Facts
from marsad.validate.finding import MIN_STORIES, SHOWN, Finding, Level
from marsad.validate.health import HEALTH_RULES

MAX_QUARANTINED, HIGH_QUARANTINED = 0.5, 0.2
"""Shares of a day's stories in quarantine: above the first nobody should read the rest as the day."""
MIN_CAPTURED, LOW_CAPTURED = 0.2, 0.8
"""Shares of the URLs that may be fetched and were: below the first the day is a sample, not a day."""
REPEATED_SHARE = 0.3
"""A paragraph found in more than this share of a day's stories belongs to the template."""
MIN_MEDIAN_WORDS = 30
"""A day whose median story is shorter is teasers, captions or a wall, not stories."""


Rule = Callable[[Facts], Finding]


def _none_of(bad: Iterable[str], what: str, expected: str, level: Level = "critical") -> Finding:
    found = sorted(set(bad))
    return Finding(level, not found, f"{len(found)} {what}", expected, tuple(found[:SHOWN]))


def _share(count: int, of: int) -> float:
    return count / of if of else 0.0


# zero is not healthy


def something_discovered(facts: Facts) -> Finding:
    """A day without URLs is a dead feed, not a quiet day."""
    return Finding("critical", bool(facts.captures), f"{len(facts.captures)} URLs discovered", "at least 1")


def something_captured(facts: Facts) -> Finding:
    """A day of which no page could be had is an outage or a block."""
    held = _held(facts)
    seen = Counter(c["outcome"] for c in facts.captures)
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(seen.items()))
    return Finding("critical", bool(held), f"{len(held)} pages captured ({outcomes or 'no URLs'})", "at least 1")


def something_found(facts: Facts) -> Finding:
    """Pages without a single story are menus, walls, or a changed layout."""
    observed = f"{len(facts.articles)} stories from {len(_held(facts))} pages"
    # a folder of pages is of whatever days its pages print; a site that shows only old stories is a dead feed
    is_folder = any(route.kind == "files" for route in facts.source.discover)
    is_elsewhere = is_folder and bool(_held(facts)) and _held(facts) <= facts.late_urls
    return Finding("critical", bool(facts.articles) or is_elsewhere, observed, "at least 1", _urls(_held(facts)))


# nothing is lost


def every_capture_accounted_for(facts: Facts) -> Finding:
    """Every page became a story, a reject with its reason, or was filed for another day."""
    # a reject is keyed by its page's address; that of one story among several adds #place
    rejected = {r.row_key.partition("#")[0] for r in facts.rejected}
    known = {a["url"] for a in facts.staged_articles} | rejected | facts.late_urls
    lost = _held(facts) - known
    return _none_of(
        lost, "pages lost between scrape and clean", "each page a story, a reject, or filed for another day"
    )


def counts_add_up(facts: Facts) -> Finding:
    """Of every dataset the rows written are the rows accepted and those in quarantine."""
    wrong = [
        f"{name}: {staged} written, {accepted} accepted, {dropped} quarantined"
        for name, (staged, accepted, dropped) in facts.counts.items()
        if staged != accepted + dropped
    ]
    return _none_of(wrong, "datasets whose counts do not add up", "written = accepted + quarantined")


# everything belongs somewhere


def every_article_from_a_capture(facts: Facts) -> Finding:
    """No story without the page it was read from."""
    captured = {c["url"] for c in facts.captures} | facts.late_in
    return _none_of(
        (a["url"] for a in facts.articles if a["url"] not in captured), "stories of no captured page", "none"
    )


def every_part_has_its_article(facts: Facts) -> Finding:
    """Links, cuts and all that is extracted belong to accepted stories."""
    ids = {a["article_id"] for a in facts.articles}
    orphans = (
        f"{name} of {row['article_id']}"
        for name, rows in facts.parts.items()
        for row in rows
        if row["article_id"] not in ids
    )
    return _none_of(orphans, "rows without their story", "none")


def every_embedded_story_has_its_page(facts: Facts) -> Finding:
    """An embedded story's main story is here, in quarantine, or filed for its own day."""
    mains = {a["article_id"] for a in facts.articles if a["role"] == "main"}
    elsewhere = facts.late_urls | facts.late_in | {r.row_key for r in facts.rejected}
    orphans = (
        a["article_id"]
        for a in facts.articles
        if a["role"] == "embedded" and a["parent_id"] not in mains and a["url"] not in elsewhere
    )
    return _none_of(orphans, "embedded stories without a main story", "none")


def no_main_story_has_a_parent(facts: Facts) -> Finding:
    """A main story is nobody's part."""
    return _none_of(
        (a["article_id"] for a in facts.articles if a["role"] == "main" and a["parent_id"]),
        "main stories with a parent",
        "none",
    )


def offsets_within_their_article(facts: Facts) -> Finding:
    """``body[start:end] == text`` in what was accepted, asked again across datasets."""
    bodies = {a["article_id"]: a["body"] for a in facts.articles}
    wrong = (
        f"{name} of {row['article_id']} at {row['start']}"
        for name, rows in facts.parts.items()
        for row in rows
        if "start" in row and bodies.get(row["article_id"], "")[row["start"] : row["end"]] != row["text"]
    )
    return _none_of(wrong, "rows whose text is not at its offsets", "none")


# days


def days_are_the_partitions(facts: Facts) -> Finding:
    """Stories are of the partition's day in the source's time zone."""
    day = facts.partition.date
    wrong = (
        f"{a['url']}: {a['published_at']}"
        for a in facts.articles
        if a["date"] != day or (a["published_at"] and facts.source.day_of(a["published_at"]) != day)
    )
    return _none_of(wrong, "stories of another day", f"all of {day} in {facts.source.timezone}")


def days_are_known(facts: Facts) -> Finding:
    """Most stories say when they were published; if not, the page's date is no longer found."""
    undated = [a["url"] for a in facts.articles if a["published_basis"] in (None, "first_seen")]
    share = _share(len(undated), len(facts.articles))
    holds = share <= 0.5 or len(facts.articles) < MIN_STORIES
    return Finding("warning", holds, f"{share:.0%} of stories undated", "at most 50%", _urls(undated))


# shares


def share_captured(facts: Facts) -> Finding:
    """Of the URLs that may be fetched, most were."""
    wanted = [c for c in facts.captures if c["outcome"] not in ("robots_denied", "duplicate", "unsupported_type")]
    held = _held(facts)
    share = _share(len(held), len(wanted))
    missed = [f"{c['url']}: {c['outcome']}" for c in wanted if c["url"] not in held]
    level: Level = "critical" if share < MIN_CAPTURED else "warning"
    is_few = share >= MIN_CAPTURED and len(wanted) < MIN_STORIES
    holds = share >= LOW_CAPTURED or is_few or (not wanted and not facts.captures)
    return Finding(
        level, holds, f"{share:.0%} of {len(wanted)} URLs captured", f"at least {LOW_CAPTURED:.0%}", _urls(missed)
    )


def share_quarantined(facts: Facts) -> Finding:
    """Of the stories found, few are in quarantine."""
    dropped = len(facts.rejected)
    share = _share(dropped, dropped + len(facts.articles))
    reasons = Counter(r.reason for r in facts.rejected)
    evidence = [f"{r.reason}: {r.row_key}" for r in facts.rejected]
    level: Level = "critical" if share > MAX_QUARANTINED else "warning"
    named = ", ".join(f"{name} {count}" for name, count in sorted(reasons.items()))
    observed = f"{share:.0%} of {dropped + len(facts.articles)} stories quarantined" + (f" ({named})" if named else "")
    return Finding(level, share <= HIGH_QUARANTINED, observed, f"at most {HIGH_QUARANTINED:.0%}", _urls(evidence))


def titles_present(facts: Facts) -> Finding:
    """Most stories have a headline; if not, the layout has changed."""
    untitled = [a["url"] for a in facts.articles if not a["title"]]
    share = _share(len(untitled), len(facts.articles))
    holds = share <= 0.2 or len(facts.articles) < MIN_STORIES
    return Finding("warning", holds, f"{share:.0%} of stories untitled", "at most 20%", _urls(untitled))


def titles_differ(facts: Facts) -> Finding:
    """One headline on many stories is the site's, not theirs."""
    seen = Counter(a["title"] for a in facts.articles if a["title"] and a["role"] == "main")
    title, count = max(sorted(seen.items()), key=lambda item: item[1], default=("", 0))
    holds = _share(count, seen.total()) <= REPEATED_SHARE or seen.total() < MIN_STORIES
    evidence = (f"{count} times: {title}",) if not holds else ()
    return Finding("warning", holds, f"the commonest headline stands on {count} of {seen.total()} stories",
                   f"at most {REPEATED_SHARE:.0%}", evidence)  # fmt: skip


def no_paragraph_everywhere(facts: Facts) -> Finding:
    """A paragraph that many stories share is template text that leaked into them."""
    mains = [a for a in facts.articles if a["role"] == "main"]
    seen = Counter(p for a in mains for p in sorted(set(a["paragraphs"])))
    limit = max(REPEATED_SHARE * len(mains), 2)
    leaked = [f"{count} times: {p}" for p, count in sorted(seen.items()) if count > limit]
    if len(mains) < MIN_STORIES:
        leaked = []
    return _none_of(
        leaked, "paragraphs repeated across stories", f"none in over {REPEATED_SHARE:.0%} of them", "warning"
    )


def language_is_the_sources(facts: Facts) -> Finding:
    """Most stories are in the source's language; if not, an edition was switched."""
    other = [a["url"] for a in facts.articles if a["language"] not in (None, facts.source.language)]
    share = _share(len(other), len(facts.articles))
    holds = share <= 0.2 or len(facts.articles) < MIN_STORIES
    return Finding(
        "warning", holds, f"{share:.0%} of stories not in {facts.source.language}", "at most 20%", _urls(other)
    )


def most_stories_open(facts: Facts) -> Finding:
    """Most stories can be read whole; if not, a wall went up."""
    walled = [a["url"] for a in facts.articles if a["is_paywalled"]]
    share = _share(len(walled), len(facts.articles))
    holds = share <= 0.5 or len(facts.articles) < MIN_STORIES
    return Finding("warning", holds, f"{share:.0%} of stories behind a paywall", "at most 50%", _urls(walled))


def stories_have_length(facts: Facts) -> Finding:
    """The median story is a story, not a teaser."""
    words = [a["word_count"] for a in facts.articles]
    middle = median(words) if words else 0
    holds = middle >= MIN_MEDIAN_WORDS or len(words) < MIN_STORIES
    return Finding("warning", holds, f"median story has {middle:g} words", f"at least {MIN_MEDIAN_WORDS}")


def layout_matches(facts: Facts) -> Finding:
    """The selectors pinned in the source's file pick what they name; if not, the site was redesigned."""
    mains = [a for a in facts.articles if a["role"] == "main"]
    missed = {a["url"]: a["layout_missed"] for a in mains if a["layout_missed"]}
    fields = ", ".join(sorted({name for names in missed.values() for name in names}))
    share = _share(len(missed), len(mains))
    seen = f"{share:.0%} of pages where the layout's selectors picked nothing" + (f" ({fields})" if fields else "")
    return Finding("warning", share <= 0.2, seen, "at most 20%", _urls(missed))


RULES: tuple[Rule, ...] = (
    something_discovered,
    something_captured,
    something_found,
    every_capture_accounted_for,
    counts_add_up,
    every_article_from_a_capture,
    every_part_has_its_article,
    every_embedded_story_has_its_page,
    no_main_story_has_a_parent,
    offsets_within_their_article,
    days_are_the_partitions,
    days_are_known,
    share_captured,
    share_quarantined,
    titles_present,
    titles_differ,
    no_paragraph_everywhere,
    language_is_the_sources,
    most_stories_open,
    stories_have_length,
    layout_matches,
    *HEALTH_RULES,
)


def _held(facts: Facts) -> set[str]:
    """The pages whose bytes we have."""
    return {c["url"] for c in facts.captures if c["outcome"] in ("captured", "unchanged") and c["warc_file"]}


def _urls(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(found)[:SHOWN])
