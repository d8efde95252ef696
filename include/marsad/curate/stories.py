"""The stories of a day: which articles of several sources tell of one event, told as rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from marsad.curate.grouping import Grouped, cohesion, group
from marsad.curate.identity import Before, Named, name_stories, read_before
from marsad.curate.likeness import alike, shared
from marsad.curate.pieces import DAYS, Piece, read_pieces
from marsad.curate.record import STORIES, STORY_MEMBERS, Story, StoryMember
from marsad.curate.shingles import fold
from marsad.dataset import Batch
from marsad.lake import Lake

NAMES = 5
KEYWORDS = 8
_SHOWN = 4
"""Terms that a member's evidence names."""


@dataclass(frozen=True)
class Told:
    """What a day's stories are."""

    stories: Batch
    """Rows of ``STORIES``."""
    members: Batch
    """Rows of ``STORY_MEMBERS``."""


def find_stories(
    day: date, lake: Lake, *, copies: Iterable[Sequence[str]] = (), zones: Mapping[str, tzinfo] | None = None
) -> Told:
    """Group the published articles of a day and the two before it.

    A story has two articles of two sources at least, one of them of the day. Articles that earlier days' rows put
    into one story stay in one; see :mod:`marsad.curate.identity` for what becomes of ids.

    Args:
        day: the day that gets rows.
        lake: where the articles, what was extracted from them, and earlier days' stories are published.
        copies: groups of duplicates, by article id; each is of one story where the bounds of time let it.
        zones: each source's time zone, to tell midnight from a day without an hour; UTC where not given.
    """
    before = read_before(day, lake, DAYS)
    pieces = [p for p in read_pieces(day, lake, zones or {}) if p.article_id not in before.closed]
    return tell(day, pieces, before, copies)


def tell(day: date, pieces: Sequence[Piece], before: Before, copies: Iterable[Sequence[str]] = ()) -> Told:
    """The rows of a day; like :func:`find_stories`, of articles at hand (sorted by id)."""
    grouped = group(pieces, copies=copies, carried=before.groups)
    ordered = [sorted(members, key=lambda n: _in_time(pieces[n])) for members in grouped.groups]
    named = name_stories([[pieces[n].article_id for n in members] for members in ordered], before)
    stories, rows = [], []
    for members, name in zip(ordered, named, strict=True):
        some = [pieces[n] for n in members]
        if len({p.source for p in some}) < 2 or all(p.date != day for p in some):
            continue
        similarity = cohesion(members, grouped.made)
        stories.append(_story(day, members, name, pieces, grouped, similarity))
        rows += [
            StoryMember(
                date=day,
                story_id=name.story_id,
                article_id=pieces[n].article_id,
                source=pieces[n].source,
                article_date=pieces[n].date,
                published_at=pieces[n].published_at,
                similarity=similarity[n],
                basis=grouped.basis.get(n, "likeness"),
                evidence=_evidence(n, members, pieces, grouped),
            )
            for n in members
        ]
    return Told(Batch.of(STORIES, stories), Batch.of(STORY_MEMBERS, rows))


def _in_time(p: Piece) -> tuple[object, bool, str]:
    return (p.earliest if p.has_hour else p.latest, not p.has_hour, p.article_id)


def _story(
    day: date,
    members: Sequence[int],
    name: Named,
    pieces: Sequence[Piece],
    grouped: Grouped,
    similarity: Mapping[int, float],
) -> Story:
    some = [pieces[n] for n in members]
    hours = [p.earliest for p in some if p.has_hour]
    # the most like all others that has a headline and is no live page or line; of equals the earliest
    best = min(members, key=lambda n: (pieces[n].is_follower, pieces[n].title is None, -similarity[n]))
    sources = sorted({p.source for p in some})
    return Story(
        date=day,
        story_id=name.story_id,
        title=pieces[best].title,
        representative_id=pieces[best].article_id,
        article_count=len(some),
        new_article_count=sum(p.date == day for p in some),
        source_count=len(sources),
        sources=tuple(sources),
        first_date=min(p.date for p in some),
        last_date=max(p.date for p in some),
        first_seen_at=min(hours, default=None),
        last_seen_at=max(hours, default=None),
        similarity=round(sum(similarity.values()) / len(some), 4),
        places=_names(some, frozenset({"LOC", "FAC"})),
        people=_names(some, frozenset({"PER"})),
        organisations=_names(some, frozenset({"ORG"})),
        keywords=_keywords(members, pieces, grouped),
        merged_from=name.merged_from,
    )


def _names(some: Sequence[Piece], types: frozenset[str]) -> tuple[str, ...]:
    """Names that two articles or more have, the most named first, as they are mostly printed."""
    printed: dict[str, Counter[str]] = defaultdict(Counter)
    for p in some:
        by_key = {fold(name): name for kind, name in reversed(p.names) if kind in types}
        for key, name in by_key.items():
            printed[key][name] += 1
    most = sorted((-forms.total(), key) for key, forms in printed.items() if forms.total() > 1)
    return tuple(_commonest(printed[key]) for _, key in most[:NAMES])


def _commonest(forms: Counter[str]) -> str:
    return min(forms, key=lambda form: (-forms[form], form))


def _keywords(members: Sequence[int], pieces: Sequence[Piece], grouped: Grouped) -> tuple[str, ...]:
    weights: dict[str, float] = defaultdict(float)
    printed: dict[str, Counter[str]] = defaultdict(Counter)
    for n in members:
        for term, weight in grouped.made[n].items():
            if term[0] == "w" and not term[1].isdigit():
                weights[term] += weight
                printed[term][pieces[n].terms.surface[term]] += 1
    common = [term for term in weights if printed[term].total() > 1]
    best = sorted(common, key=lambda term: (-round(weights[term], 6), term))[:KEYWORDS]
    return tuple(_commonest(printed[term]) for term in best)


def _evidence(n: int, members: Sequence[int], pieces: Sequence[Piece], grouped: Grouped) -> str:
    """What a member's place rests on: the article that it is most like, and what they share."""
    made = grouped.made
    others = [m for m in members if m != n]
    nearest = min(others, key=lambda m: (-alike(made[n], made[m]), pieces[m].article_id))
    if grouped.basis.get(n) == "copy":
        twin = grouped.copy_of.get(n, nearest)
        return f"says the same as {pieces[twin].article_id}"
    terms = shared(made[n], made[nearest], 3 * _SHOWN)
    # a name is there as a name and as a word: once is enough
    told = dict.fromkeys(pieces[n].terms.surface[term] for term in terms)
    text = f"{alike(made[n], made[nearest]):.2f} like {pieces[nearest].article_id}"
    return f"{text}: {'، '.join(list(told)[:_SHOWN])}" if told else text
