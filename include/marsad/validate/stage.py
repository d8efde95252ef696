"""Validate: ask every rule about one partition, across all its datasets."""

from __future__ import annotations

from marsad.dataset import Batch
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.sources import Source
from marsad.validate.facts import read_facts
from marsad.validate.record import VERDICTS, Verdict
from marsad.validate.rules import RULES

_SHOWN_CHARACTERS = 200


def validate(source: Source, partition: Partition, lake: Lake) -> Batch:
    """One verdict a rule, whether it holds or not; the gate after it decides what they mean.

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
            )
        )
    return Batch.of(VERDICTS, verdicts)
