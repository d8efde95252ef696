"""Validate: ask every rule about one partition, across all its datasets and the days before."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import NamedTuple

from marsad.dataset import Batch
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.sources import Source
from marsad.validate.advice import ADVICE
from marsad.validate.band import band
from marsad.validate.facts import Facts, read_facts
from marsad.validate.record import PROFILES, VERDICTS, Profile, Verdict
from marsad.validate.rules import RULES

_SHOWN_CHARACTERS = 200
LONGEST = 60
"""Days that an alarm is followed back."""


class Validated(NamedTuple):
    """What validate writes."""

    verdicts: Batch
    profiles: Batch


def validate(source: Source, partition: Partition, lake: Lake) -> Validated:
    """One verdict a rule, whether it holds or not; the gate after it decides what they mean. And the day in numbers.

    Raises:
        MissingPartition: a stage or a gate before has not run.
    """
    facts = read_facts(source, partition, lake)
    verdicts = []
    for rule in RULES:
        found = rule(facts)
        verdicts.append(
            Verdict(
                source=partition.source,
                date=partition.date,
                rule=rule.__name__,
                level=found.level,
                is_success=found.is_success,
                observed=found.observed,
                expected=found.expected,
                evidence="\n".join(e[:_SHOWN_CHARACTERS] for e in found.evidence),
                since=None if found.is_success else _since(rule.__name__, partition, lake),
                todo=None if found.is_success else ADVICE[rule.__name__].replace("NAME", partition.source),
            )
        )
    return Validated(Batch.of(VERDICTS, verdicts), Batch.of(PROFILES, _profiles(facts)))


def _profiles(facts: Facts) -> list[Profile]:
    day, rows = facts.partition.date, []
    for name, today in sorted(facts.profile.items()):
        usual = band(name, today, day, facts.past, facts.source.health)
        low = usual.low if usual is not None and math.isfinite(usual.low) else None
        high = usual.high if usual is not None and math.isfinite(usual.high) else None
        rows.append(Profile(facts.partition.source, day, name, today.value, today.count, low, high))
    return rows


def _since(rule: str, partition: Partition, lake: Lake) -> date:
    """The first of the days in a row, up to this one, on which a rule did not hold; staged verdicts tell of days
    that did not pass, too."""
    first = partition.date
    for back in range(1, LONGEST + 1):
        earlier = Partition(partition.source, partition.date - timedelta(days=back))
        if not lake.has_table("staged", VERDICTS, earlier):
            break
        rows = lake.read_table("staged", VERDICTS, earlier).to_pylist()
        if not any(row["rule"] == rule and not row["is_success"] for row in rows):
            break
        first = earlier.date
    return first
