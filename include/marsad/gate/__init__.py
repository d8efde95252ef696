"""The gate: write, audit, publish. Nobody reads on before a suite has answered.

A stage writes to ``staged``; the gate asks every check of the dataset's suite about it and then

- fails the partition where a critical check fails, or a row check fails for too many rows:
  nothing of the stage is left in ``core``, so no later stage can run on it;
- else writes the accepted rows to ``core``, and the others to ``quarantine`` with the reason.

With the suite modules it is the only importer of Great Expectations, and imports it only
when a gate opens: seconds and a quarter of a gigabyte that DAG parsing must never pay.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from marsad.clean.record import ARTICLES
from marsad.curate.record import STORIES
from marsad.dataset import QUARANTINE, Dataset, Quarantined
from marsad.errors import GateFailed, LakeUnusable, MissingPartition
from marsad.gate.audit import Audit, audit, evidence, load_suite, open_pandas_source
from marsad.gate.frame import PARTS_OF_ARTICLES, Around, frame_of
from marsad.gate.override import PASSABLE_RULES, override_for, read_overrides
from marsad.gate.report import (
    GATE_REPORTS,
    ExpectationResult,
    GateReport,
    docs_path,
    read_report,
    report_path,
    write_report,
)
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.quarantine import quarantine_path
from marsad.scrape.record import CAPTURES
from marsad.settings import Settings
from marsad.sources import Source, read_source

STAGE = "gate"
ARTICLE_QUARANTINED = "article_quarantined"


@dataclass(frozen=True, eq=False)
class _Sorted:
    """One dataset's rows, sorted by what its suite answered."""

    dataset: Dataset
    report: GateReport
    accepted: pa.Table
    dropped: tuple[Quarantined, ...]
    audit: Audit


def _utc_now() -> datetime:
    return datetime.now(UTC)


def gate(dataset: Dataset, partition: Partition, lake: Lake, *, settings: Settings) -> GateReport:
    """Audit one dataset of a partition; see :func:`gate_stage`."""
    return gate_stage((dataset,), partition, lake, settings=settings)[0]


def gate_stage(
    datasets: Sequence[Dataset],
    partition: Partition,
    lake: Lake,
    *,
    settings: Settings,
    now: Callable[[], datetime] = _utc_now,
) -> list[GateReport]:
    """Audit all that a stage wrote; accepted rows go to ``core`` if every dataset passes.

    Rows that belong to a quarantined article follow it, with the reason ``article_quarantined``.
    Reports, Data Docs and quarantine are written whether the gate passes or not.

    Args:
        datasets: those of one stage, articles before their parts.
        now: the clock that says which overrides hold.

    Raises:
        GateFailed: a critical check failed, or a row check for too many rows, and no override lets it; says which.
        SuiteBroken: an expectation raised, or a suite cannot be loaded.
        MissingPartition: the stage has not written a dataset.
    """
    try:
        results = _sort_all(datasets, partition, lake, settings, now())
        for result in results:
            _record(result, partition, lake, settings)
        failed = [r for r in results if not r.report.is_success and r.report.override is None]
        if failed:
            raise GateFailed(_message(failed, partition, lake))
    except Exception:
        # what an earlier run accepted must not pass for this one's; the error in hand is the one to show, but for a
        # store that does not answer now: when it does, the verdict is the same, and what has to go goes
        with contextlib.suppress(LakeUnusable):
            for dataset in datasets:
                lake.delete(lake.dataset_path("core", dataset, partition))
        raise
    for result in results:
        lake.write_table("core", result.dataset, partition, result.accepted)
    return [r.report for r in results]


def _sort_all(
    datasets: Sequence[Dataset], partition: Partition, lake: Lake, settings: Settings, now: datetime
) -> list[_Sorted]:
    tables = {dataset.name: lake.read_table("staged", dataset, partition) for dataset in datasets}
    suites = {dataset.name: load_suite(dataset) for dataset in datasets}
    pandas_source = open_pandas_source()
    around = _look_around(datasets, partition, lake, settings)
    results = []
    for dataset in datasets:
        table = tables[dataset.name]
        followers = _followers(dataset, table, around, lake)
        rest = table.filter(pa.array([row not in followers for row in range(table.num_rows)], pa.bool_()))
        found = audit(dataset, suites[dataset.name], frame := frame_of(dataset, rest, around), pandas_source)
        dropped: dict[int, tuple[str, str]] = {}
        for answer in found.answers:
            for row in answer.rows if answer.check.level == "row" else ():
                # one row, one reason: the first check it fails, in the order of the suite
                dropped.setdefault(row, (answer.check.reason, evidence(answer.check, frame, row)))
        if dataset.name == ARTICLES.name:
            dropped |= _embedded_in(dropped, rest)
        kept = rest.filter(pa.array([row not in dropped for row in range(rest.num_rows)], pa.bool_()))
        rejects = [(table, row, why) for row, why in followers.items()]
        rejects += [(rest, row, why) for row, why in dropped.items()]
        quarantined = tuple(
            Quarantined(
                dataset.name, dataset.row_key(_row(t, r)), STAGE, reason, seen, partition.source, partition.date
            )
            for t, r, (reason, seen) in rejects
        )
        blocked = _blocking(found, frame)
        override = override_for(partition, blocked, read_overrides(lake), now) if blocked else None
        report = _report(dataset, table, kept, found, partition, override)
        results.append(_Sorted(dataset, report, kept, quarantined, found))
        if dataset.name == ARTICLES.name:
            around = replace(around, articles=kept)
        if dataset.name == STORIES.name:
            around = replace(around, stories=kept)
    return results


def _look_around(datasets: Sequence[Dataset], partition: Partition, lake: Lake, settings: Settings) -> Around:
    names = {dataset.name for dataset in datasets}
    articles, captured_at = ARTICLES.empty(), {}
    if ARTICLES.name in names:
        with contextlib.suppress(MissingPartition):
            captures = lake.read_table("core", CAPTURES, partition)
            pairs = zip(captures["url"].to_pylist(), captures["fetched_at"].to_pylist(), strict=True)
            captured_at = {url: at for url, at in pairs if at is not None}
    elif names & PARTS_OF_ARTICLES:
        articles = lake.read_table("core", ARTICLES, partition)
    return Around(partition, _source(partition.source, settings), articles, captured_at)


def _source(name: str, settings: Settings) -> Source | None:
    paths = [folder / f"{name}.yaml" for folder in settings.sources]
    return next((read_source(path) for path in paths if path.is_file()), None)


def _followers(dataset: Dataset, table: pa.Table, around: Around, lake: Lake) -> dict[int, tuple[str, str]]:
    """Rows whose article was written by clean but is not among the accepted ones."""
    if dataset.name not in PARTS_OF_ARTICLES:
        return {}
    ids = table["article_id"].to_pylist()
    unaccepted = set(ids) - set(around.articles["article_id"].to_pylist())
    if not unaccepted:
        return {}
    staged = lake.read_table("staged", ARTICLES, around.partition)
    # an article nobody wrote is another matter: the suite's check article_unknown finds it
    quarantined = unaccepted & set(staged["article_id"].to_pylist())
    return {row: (ARTICLE_QUARANTINED, f"article_id={i}") for row, i in enumerate(ids) if i in quarantined}


def _embedded_in(dropped: Mapping[int, tuple[str, str]], articles: pa.Table) -> dict[int, tuple[str, str]]:
    """Embedded stories whose main story is dropped, and which are not dropped for a reason of their own."""
    ids, parents = articles["article_id"].to_pylist(), articles["parent_id"].to_pylist()
    gone = {ids[row] for row in dropped}
    return {
        row: (ARTICLE_QUARANTINED, f"parent_id={parent}")
        for row, parent in enumerate(parents)
        if parent in gone and row not in dropped
    }


def _blocking(found: Audit, frame: pd.DataFrame) -> list[str]:
    """What blocks a dataset: its checks by name, the critical rules by theirs."""
    names: list[str] = []
    for answer in found.answers:
        if answer.is_blocking:
            is_rule = answer.check.reason == "rule_unmet"
            names += [str(frame["rule"].iloc[row]) for row in answer.rows] if is_rule else [answer.check.reason]
    return names


def _row(table: pa.Table, row: int) -> dict[str, Any]:
    (found,) = table.slice(row, 1).to_pylist()
    return dict(found)


def _report(
    dataset: Dataset, table: pa.Table, kept: pa.Table, found: Audit, partition: Partition, override: str | None
) -> GateReport:
    is_success = not any(answer.is_blocking for answer in found.answers)
    return GateReport(
        source=partition.source,
        date=partition.date,
        dataset=dataset.name,
        suite=dataset.suite or "",
        is_success=is_success,
        row_count=table.num_rows,
        accepted_count=kept.num_rows if is_success or override else 0,
        quarantined_count=table.num_rows - kept.num_rows,
        expectations=tuple(
            ExpectationResult(
                reason=answer.check.reason,
                expectation=answer.check.expectation.expectation_type,
                columns=",".join(answer.columns),
                level=answer.check.level,
                is_success=answer.is_success,
                is_blocking=answer.is_blocking,
                unexpected_count=len(answer.rows),
                observed=answer.observed,
            )
            for answer in found.answers
        ),
        override=override,
    )


def _record(result: _Sorted, partition: Partition, lake: Lake, settings: Settings) -> None:
    path = quarantine_path(result.dataset, partition, STAGE)
    lake.write_rows_at(QUARANTINE, path, QUARANTINE.table(result.dropped))
    write_report(result.report, result.dataset, partition, lake)
    if settings.data_docs:
        from marsad.gate.docs import render

        lake.write_bytes(docs_path(result.dataset, partition), render(result.audit, result.report))


def _message(failed: Sequence[_Sorted], partition: Partition, lake: Lake) -> str:
    """One line: what failed, what was seen, and where to read on."""
    parts = []
    for result in failed:
        blocking = [e for e in result.report.expectations if e.is_blocking]
        first = blocking[0]
        more = f" (and {len(blocking) - 1} more)" if len(blocking) > 1 else ""
        on = f" on {first.columns}" if first.columns else ""
        path = lake.path(report_path(result.dataset, partition))
        parts.append(
            f"{result.dataset.name}: {first.reason}, {first.level} {first.expectation}{on}: {first.observed}{more};"
            f" report {path}{_way_past(first.reason, first.level, first.observed)}"
        )
    return f"{partition}: gate failed: " + " | ".join(parts)


def _way_past(reason: str, level: str, observed: str) -> str:
    """How to pass a check that may be passed."""
    name = (
        next((rule for rule in sorted(PASSABLE_RULES) if rule in observed), None) if reason == "rule_unmet" else reason
    )
    if name is None or (level != "row" and name not in PASSABLE_RULES):
        return ""
    return f"; if the day is right all the same: `marsad gates override --check {name}`, or the DAG override"


__all__ = [
    "ARTICLE_QUARANTINED",
    "GATE_REPORTS",
    "ExpectationResult",
    "GateReport",
    "docs_path",
    "gate",
    "gate_stage",
    "read_report",
    "report_path",
]
