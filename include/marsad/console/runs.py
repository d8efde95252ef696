"""What Airflow says of the runs of a day, and what may be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast, get_args

from marsad.console.access import dag_of
from marsad.errors import UsageError
from marsad.gate.override import LONGEST_DAYS, SHORTEST_REASON
from marsad.operate.client import Client, Reprocess, Run
from marsad.partition import Partition

OVERRIDE_DAG = "override"
CHECK_DAG = "check"
REPROCESS: tuple[str, ...] = get_args(Reprocess)
SHOWN = 8
"""Runs of a day that are shown, the newest first."""
MOST_DAYS = 366
"""Days that one backfill from a page may have: a year typed wrong must not start ten."""


def run_day(client: Client, partition: Partition) -> Run:
    """Start a run of a day: what is in the lake is read again, and the site asked only for what is missing."""
    return client.trigger(dag_of(partition.source), partition.date.isoformat())


def backfill(client: Client, source: str, first: date, last: date, reprocess: str) -> list[Run]:
    """Start a run for each of some days.

    Raises:
        UsageError: the days or the choice cannot be.
        AirflowUnusable: Airflow refuses.
    """
    if reprocess not in REPROCESS:
        raise UsageError(f"reprocess is one of {', '.join(REPROCESS)}, not {reprocess!r}")
    _in_order(first, last)
    if (last - first).days >= MOST_DAYS:
        raise UsageError(f"{first} to {last} are more than {MOST_DAYS} days; for so many use `marsad backfill`")
    return client.start_backfill(dag_of(source), first, last, reprocess=cast("Reprocess", reprocess))[1]


def _in_order(first: date, last: date) -> None:
    if last < first:
        raise UsageError(f"the last day {last} is before the first, {first}")


@dataclass(frozen=True)
class Decision:
    """What the form of an override says."""

    source: str
    first: date
    last: date
    check: str
    why: str
    days: int

    def __post_init__(self) -> None:
        """Refuse at once what the DAG would refuse a minute later.

        Raises:
            UsageError: says what is missing.
        """
        if len(self.why) < SHORTEST_REASON:
            raise UsageError(f"say why, in {SHORTEST_REASON} letters at least")
        if not 1 <= self.days <= LONGEST_DAYS:
            raise UsageError(f"a decision holds 1 to {LONGEST_DAYS} days, not {self.days}")
        if not self.check:
            raise UsageError("name the check that may fail")
        _in_order(self.first, self.last)


def override(client: Client, decision: Decision) -> Run:
    """Ask for a decision; Airflow knows by whom."""
    conf = {
        "source": decision.source,
        "first": decision.first.isoformat(),
        "last": decision.last.isoformat(),
        "check": decision.check,
        "why": decision.why,
        "days": decision.days,
    }
    return client.trigger(OVERRIDE_DAG, None, conf)


def check(client: Client, source: str) -> Run:
    """Try a source now."""
    return client.trigger(CHECK_DAG, None, {"source": source})


@dataclass(frozen=True)
class DayRun:
    """One run of a day."""

    run: Run
    tasks: Mapping[str, str]


def runs_of(client: Client, partition: Partition) -> list[DayRun]:
    """The newest runs of a day that Airflow remembers, with their tasks."""
    dag_id = dag_of(partition.source)
    found = client.newest_runs(dag_id, partition.date.isoformat(), SHOWN)
    return [DayRun(r, client.task_states(dag_id, r.run_id)) for r in found]
