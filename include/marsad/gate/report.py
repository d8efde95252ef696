"""What a gate leaves behind: one row for every run, with the answer to every expectation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from marsad.dataset import Dataset, column, rows_of
from marsad.lake import Lake
from marsad.partition import Partition


@dataclass(frozen=True)
class ExpectationResult:
    """The answer to one check."""

    reason: str = column("The check's name: the reason that quarantine gives.")
    expectation: str = column("The expectation's type, for example expect_column_values_to_be_unique.")
    columns: str = column("The columns it looks at, joined by a comma; empty for the whole table.")
    level: Literal["critical", "row", "warning"] = column("critical, row or warning.")
    is_success: bool = column("Whether every row, or the table, is as expected.")
    is_blocking: bool = column("Whether it failed the gate: critical, or a row check above its share.")
    unexpected_count: int = column("Rows that are not as expected; 0 for a check on the table.")
    observed: str = column("What was seen, with up to three rows.")


@dataclass(frozen=True)
class GateReport:
    """One run of one dataset's gate on one partition."""

    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")
    dataset: str = column("The dataset audited.")
    suite: str = column("The suite, as module:function.")
    is_success: bool = column("Whether the gate let the partition pass.")
    row_count: int = column("Rows the stage wrote.")
    accepted_count: int = column("Rows that went on to core; 0 where the gate failed.")
    quarantined_count: int = column("Rows that went to quarantine here.")
    expectations: tuple[ExpectationResult, ...] = column("The answer to every check, in the order of the suite.")
    override: str | None = column(
        "Who let it pass all the same, and why; null where nobody did.",
        example="share_quarantined passed by layla until 2026-03-06 09:00 UTC: صفحات أقسام فقط، عن قصد (5f0c21a9)",
        default=None,
    )


GATE_REPORTS = Dataset("gate_reports", GateReport, ("source", "date", "dataset"), suite=None)


def report_path(dataset: Dataset, partition: Partition) -> str:
    """Where the report of a gate is, relative to the lake."""
    return f"reports/gates/{dataset.name}/{partition.path}/part-0.parquet"


def docs_path(dataset: Dataset, partition: Partition) -> str:
    """Where the Data Docs page of a gate is, relative to the lake."""
    return f"reports/data_docs/{partition.path}/{dataset.name}.html"


def write_report(report: GateReport, dataset: Dataset, partition: Partition, lake: Lake) -> None:
    """Replace the report of a gate."""
    lake.write_rows_at(GATE_REPORTS, report_path(dataset, partition), GATE_REPORTS.table([report]))


def read_report(dataset: Dataset, partition: Partition, lake: Lake) -> GateReport | None:
    """The last report of a gate; none where it has not run.

    Raises:
        LakeUnusable: the file is not a gate report.
    """
    path = report_path(dataset, partition)
    if not lake.exists(path):
        return None
    (report,) = rows_of(lake.read_table_at(GATE_REPORTS, path), GateReport)
    return report if isinstance(report, GateReport) else None
