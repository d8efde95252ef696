"""Everything that is extracted from one story, as records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from marsad.extract.coreference import Named, People
from marsad.extract.keyphrases import METHOD, find_keyphrases
from marsad.extract.mentions import find_mentions
from marsad.extract.quantities import find_quantities
from marsad.extract.quotations import find_quotations
from marsad.extract.recogniser import Recogniser
from marsad.extract.record import Keyphrase, Mention, Quantity, Quotation, Timex
from marsad.extract.timexes import find_timexes
from marsad.extract.tokens import Tokens


@dataclass(frozen=True)
class Findings:
    """What was found in one story; each tuple in the order of the text, keyphrases best first."""

    mentions: tuple[Mention, ...]
    quotations: tuple[Quotation, ...]
    timexes: tuple[Timex, ...]
    quantities: tuple[Quantity, ...]
    keyphrases: tuple[Keyphrase, ...]


_UNDATED = Date(1, 1, 1)
"""Stands in the ``date`` column of records made without a partition (``marsad parse`` drops it)."""


def read_article(
    body: str,
    *,
    title: str | None,
    anchor: Date | None,
    article_id: str = "",
    source: str = "",
    date: Date | None = None,
    reader: Recogniser | None = None,
) -> Findings:
    """Extract from one story.

    Args:
        body: the paragraphs joined by a blank line; all offsets count code points in it.
        title: the headline, which weighs in the keyphrases.
        anchor: the publication day; None leaves relative dates without a value.
        article_id: the story's id, for the rows.
        source: the partition's source, for the rows.
        date: the partition's day, for the rows; the anchor where it is not given.
        reader: what finds names besides the rules; the shipped model where not given.

    Time is linear in the length of the body. Never raises on any text.
    """
    tokens = Tokens(body)
    row: dict[str, Any] = {"article_id": article_id, "source": source, "date": date or anchor or _UNDATED}

    timexes = find_timexes(tokens, anchor)
    named = find_mentions(tokens, reader)
    return Findings(
        mentions=tuple(
            Mention(start=f.start, end=f.end, text=body[f.start : f.end], type=f.type, name=f.name, country=f.country,
                    method=f.method, **row)
            for f in named
        ),
        quotations=read_quotations(tokens, named, **row),
        timexes=tuple(
            Timex(start=f.start, end=f.end, text=body[f.start : f.end], kind=f.kind, value=f.value, part_of_day=f.part,
                  basis=f.basis, **row)
            for f in timexes
        ),
        quantities=tuple(
            Quantity(start=f.start, end=f.end, text=body[f.start : f.end], value=f.value, low=f.low, high=f.high,
                     is_approximate=f.is_approximate, unit=f.unit, kind=f.kind, **row)
            for f in find_quantities(tokens, [(x.first, x.past) for x in timexes])
        ),
        keyphrases=tuple(
            Keyphrase(phrase=phrase, score=score, method=METHOD, **row)
            for phrase, score in find_keyphrases(tokens, title, named)
        ),
    )  # fmt: skip


def read_quotations(tokens: Tokens, mentions: Sequence[Named], **row: Any) -> tuple[Quotation, ...]:
    """The quotations of a text as rows, in order.

    Args:
        tokens: the text.
        mentions: its names, by which speakers get their fullest one.
        row: the columns ``article_id``, ``source`` and ``date``.
    """
    body = tokens.body
    people = People(tokens, mentions)

    def text(span: tuple[int, int] | None) -> str | None:
        return body[span[0] : span[1]] if span else None

    rows: list[Quotation] = []
    for f in find_quotations(tokens):
        speaker = people.place_of(*f.speaker) if f.speaker else None
        reporter = people.place_of(*f.reporter) if f.reporter else None
        rows.append(
            Quotation(
                start=f.start, end=f.end, text=body[f.start : f.end], kind=f.kind, cue=f.cue, cue_lemma=f.cue_lemma,
                speaker=text(speaker), speaker_start=speaker[0] if speaker else None,
                speaker_end=speaker[1] if speaker else None, speaker_method=f.method,
                speaker_name=people.name_of(*speaker) if speaker else None, reported_by=text(reporter),
                confidence=f.confidence, **row,
            )
        )  # fmt: skip
    return tuple(rows)
