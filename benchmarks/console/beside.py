"""What lies in a lake beside what is published, for the last days: captures, staged stories, profiles, gate reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.console.lake import LAST, put
from marsad.clean.record import ARTICLES
from marsad.gate.report import GATE_REPORTS, ExpectationResult, GateReport, report_path
from marsad.partition import Partition
from marsad.scrape.record import CAPTURES, Capture
from marsad.sources.health import MEASURES
from marsad.stages import audited
from marsad.validate.record import PROFILES, Profile

GATED_DAYS = 20
PROFILED_DAYS = 60
_CHECKS = 12
"""Answers in a gate's report."""


def write_beside(folder: Path, *, sources: int, days: int, stories: int) -> None:
    """Write it for the sources of a lake that :func:`~benchmarks.console.lake.write_lake` has made."""
    for s in range(sources):
        for back in range(min(days, PROFILED_DAYS)):
            partition = Partition(f"s{s:03}", LAST - timedelta(days=back))
            put(folder, f"staged/{PROFILES.name}/{partition.path}/part-0.parquet", PROFILES.table(_profiles(partition)))
            if back < GATED_DAYS:
                _write_run(folder, partition, stories)


def _write_run(folder: Path, partition: Partition, stories: int) -> None:
    published = pq.ParquetFile(folder / f"published/{ARTICLES.name}/{partition.path}/part-0.parquet").read()
    put(folder, f"staged/{ARTICLES.name}/{partition.path}/part-0.parquet", published)
    captures = [_capture(partition, url) for url in published["url"].to_pylist()]
    captures += [_capture(partition, f"http://{partition.source}.example/gone/{n}") for n in range(stories)]
    put(folder, f"raw/{CAPTURES.name}/{partition.path}/part-0.parquet", CAPTURES.table(captures))
    for dataset in audited():
        answers = tuple(
            ExpectationResult(
                f"check_{n}", "expect_column_values_to_not_be_null", "url", "row", True, False, 0, "as said"
            )
            for n in range(_CHECKS)
        )
        report = GateReport(
            partition.source, partition.date, dataset.name, str(dataset.suite), True, stories, stories, 0, answers, None
        )
        put(folder, report_path(dataset, partition), GATE_REPORTS.table([report]))


def _profiles(partition: Partition) -> Sequence[Profile]:
    return [
        Profile(partition.source, partition.date, m, 0.5 + partition.date.day / 100, 28, 0.2, 1.0) for m in MEASURES
    ]


def _capture(partition: Partition, url: str) -> Capture:
    is_gone = "/gone/" in url
    return Capture(
        source=partition.source, date=partition.date, url=url, final_url=url, discovered_by="feed /feed.xml",
        discovered_at=datetime.combine(partition.date, datetime.min.time(), UTC),
        outcome="http_error" if is_gone else "captured", http_status=404 if is_gone else 200, content_type="text/html",
        byte_count=0 if is_gone else 60_000, sha256=None if is_gone else "0" * 64,
        warc_file=None if is_gone else f"raw/warc/{partition.path}/0.warc.gz", warc_offset=0, attempt_count=1,
    )  # fmt: skip
