"""Alarms: the checks and rules that were not met on a day, as one list that people and notifiers read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from marsad.gate.report import GateReport
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.stages import gate_reports
from marsad.validate.record import VERDICTS

_OF_RULES = frozenset({"rule_unmet", "rule_unmet_warning"})


@dataclass(frozen=True)
class Alarm:
    """One check or rule that was not met."""

    partition: Partition
    dataset: str
    check: str
    """A check's reason, or a rule's name."""
    is_blocking: bool
    observed: str
    evidence: str = ""
    since: date | None = None
    todo: str | None = None
    override: str | None = None


def alarms_of(day: date, lake: Lake, source: str | None = None) -> list[Alarm]:
    """What was not met on a day, of one source or all; what blocks comes first."""
    pattern = f"date={day.isoformat()}/source=*/*.parquet"
    paths = lake.list("reports/gates", f"*/{pattern}")
    names = sorted({path.split("/source=")[1].split("/")[0] for path in paths})
    found = [a for name in names if source in (None, name) for a in alarms_in(Partition(name, day), lake)]
    return sorted(found, key=lambda a: (not a.is_blocking, a.partition.source, a.dataset, a.check))


def alarms_in(partition: Partition, lake: Lake, reports: Sequence[GateReport] | None = None) -> Iterator[Alarm]:
    """What was not met in one partition, in the order of its gates.

    Args:
        reports: those of its gates, where they have been read already.
    """
    for report in gate_reports(partition, lake) if reports is None else reports:
        for answer in report.expectations:
            if answer.is_success or answer.reason in _OF_RULES:
                continue
            if answer.is_blocking or answer.level == "warning":
                yield Alarm(
                    partition,
                    report.dataset,
                    answer.reason,
                    answer.is_blocking and report.override is None,
                    answer.observed,
                    override=report.override,
                )
        if report.dataset == VERDICTS.name:
            yield from _of_rules(partition, report, lake)


def _of_rules(partition: Partition, report: GateReport, lake: Lake) -> Iterator[Alarm]:
    if not lake.has_table("staged", VERDICTS, partition):
        return
    for row in lake.read_table("staged", VERDICTS, partition).to_pylist():
        if not row["is_success"]:
            is_critical = row["level"] == "critical"
            yield Alarm(
                partition,
                VERDICTS.name,
                row["rule"],
                is_critical and report.override is None,
                f"{row['observed']}; expected {row['expected']}",
                row["evidence"],
                row["since"],
                row["todo"],
                report.override if is_critical else None,
            )
