"""What the extract room writes. ``article.body[start:end] == text`` holds for every row with offsets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from marsad.dataset import Dataset, column

MentionType = Literal["PER", "LOC", "ORG", "FAC", "EVENT", "MISC"]
SpeakerMethod = Literal["explicit", "carried", "pronoun"]
TimexKind = Literal["date", "time", "duration", "range"]
QuantityKind = Literal[
    "killed", "injured", "killed_or_injured", "arrested", "displaced", "missing", "people", "money", "percent", "other"
]


@dataclass(frozen=True)
class Mention:
    """A name in the text."""

    article_id: str = column("The story.")
    start: int = column("First code point in the body.")
    end: int = column("One past the last.")
    text: str = column("The name as written.")
    type: MentionType = column("PER, LOC, ORG, FAC, EVENT or MISC.")
    name: str = column("Its fullest form within the story.")
    country: str | None = column("ISO 3166-1 alpha-2, for places.")
    method: str = column("How it was found, for example gazetteer.")
    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")


@dataclass(frozen=True)
class Quotation:
    """Someone's words."""

    article_id: str = column("The story.")
    start: int = column("First code point of the words: after the opening mark, or behind أن/إن.")
    end: int = column("One past the last, before the closing mark or the sign that ends the clause.")
    text: str = column("The words.")
    kind: Literal["direct", "indirect", "mixed"] = column(
        "direct (words in marks), indirect (a reported clause), mixed (such a clause, part of it in marks)."
    )
    cue: str | None = column("The verb, participle or particle that gives them to someone, as written.")
    cue_lemma: str | None = column("The verb's past form or the particle, without prefixes, for example قال.")
    speaker: str | None = column("Who speaks, as written in the text; null rather than wrong.")
    speaker_start: int | None = column("First code point of the speaker in the body.")
    speaker_end: int | None = column("One past the last.")
    speaker_method: SpeakerMethod | None = column(
        "explicit (named in the clause), carried (from the report before), pronoun (قوله, على حد قولها)."
    )
    reported_by: str | None = column("Who relays the words, where that is another, as written.", example="وكالة الساحل")
    confidence: float = column("0 to 1, by the rule that found it; at most 0.5 without a speaker.")
    speaker_name: str | None = column(
        "Who that is, by the fullest name the story gives: الرئيس التركي is رجب طيب أردوغان where it says so; "
        "the speaker as written where it gives none fuller.",
        default=None,
        kw_only=True,
    )
    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")


@dataclass(frozen=True)
class Timex:
    """An expression of time."""

    article_id: str = column("The story.")
    start: int = column("First code point in the body.")
    end: int = column("One past the last.")
    text: str = column("As written.")
    kind: TimexKind = column("date, time, duration or range.")
    value: str | None = column("ISO 8601: a day, a month, an interval; null where it cannot be known.")
    part_of_day: str | None = column("morning, noon, afternoon, evening, night, dawn; where said.")
    basis: str = column("explicit, published (relative to the publication day), or contradicts_weekday, unresolved.")
    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")


@dataclass(frozen=True)
class Quantity:
    """A number of something."""

    article_id: str = column("The story.")
    start: int = column("First code point in the body.")
    end: int = column("One past the last.")
    text: str = column("As written.")
    value: float | None = column("The number; null for المئات and the like.")
    low: float | None = column("Lower bound of a range or approximation.")
    high: float | None = column("Upper bound.")
    is_approximate: bool = column("Whether it is about so many: نحو, أكثر من, المئات and the like.")
    unit: str | None = column("ISO 4217 for money, % for percent, else the counted noun.")
    kind: QuantityKind = column("What is counted.")
    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")


@dataclass(frozen=True)
class Keyphrase:
    """A phrase the story is about."""

    article_id: str = column("The story.")
    phrase: str = column("The phrase as it stands in the text.")
    score: float = column("Higher is more telling; comparable within one story.")
    method: str = column("How it was scored.")
    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")


_SPAN = ("article_id", "start", "end")
MENTIONS = Dataset("mentions", Mention, (*_SPAN, "type"), suite="marsad.extract.suite:mentions")
QUOTATIONS = Dataset("quotations", Quotation, (*_SPAN, "kind"), suite="marsad.extract.suite:quotations")
TIMEXES = Dataset("timexes", Timex, _SPAN, suite="marsad.extract.suite:timexes")
QUANTITIES = Dataset("quantities", Quantity, _SPAN, suite="marsad.extract.suite:quantities")
KEYPHRASES = Dataset("keyphrases", Keyphrase, ("article_id", "phrase"), suite="marsad.extract.suite:keyphrases")
