"""`python -m benchmarks.lake [--sources N] [--days N]`: a count over a span, from single partitions and months."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb

from marsad.claims import Claims
from marsad.clean.record import LINKS, Link
from marsad.context import Context
from marsad.gate import GateReport
from marsad.lake import Lake
from marsad.operate.compaction import compact, files_of
from marsad.partition import Partition
from marsad.publish.stage import publish
from marsad.settings import Settings

FIRST = date(2025, 1, 1)
ROWS = 200


def timed(work: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """The median of a few runs in seconds, and what the last gave."""
    spent, found = [], None
    for _ in range(times):
        began = time.perf_counter()
        found = work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent), found


def fill(lake: Lake, sources: int, days: int) -> float:
    """Publish so many partitions of links; seconds for each publish."""
    base = Link(article_id="", source="", date=FIRST, kind="related", title="عنوان", url="", position=0)
    spent = 0.0
    for n in range(days):
        for s in range(sources):
            partition = Partition(f"s{s:03}", FIRST + timedelta(days=n))
            rows = [
                replace(
                    base, article_id=f"{n:08}{s:08}{r:016}", source=partition.source, date=partition.date, url=str(r)
                )
                for r in range(ROWS)
            ]
            lake.write_table("core", LINKS, partition, LINKS.table(rows))
            report = GateReport(partition.source, partition.date, "links", "", True, ROWS, ROWS, 0, ())
            began = time.perf_counter()
            publish(partition, lake, datasets=(LINKS,), reports=[report], outcomes={}, quarantined={})
            spent += time.perf_counter() - began
    return spent / (days * sources)


def main() -> None:
    """Measure, and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sources", type=int, default=20)
    words.add_argument("--days", type=int, default=90)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(folder)
        publishing = fill(lake, given.sources, given.days)
        last = FIRST + timedelta(days=given.days - 1)
        ctx = Context(Settings(), lake, {}, now=lambda: datetime(2026, 6, 1, tzinfo=UTC))
        query = "SELECT source, count(*) FROM ({}) GROUP BY ALL ORDER BY ALL"
        plan = files_of(lake, "links", FIRST, last)
        loose, before = timed(lambda: duckdb.sql(query.format(plan.sql(folder))).fetchall())
        compacting, _ = timed(lambda: list(compact(ctx)), times=1)
        planning, plan = timed(lambda: files_of(lake, "links", FIRST, last))
        merged, after = timed(lambda: duckdb.sql(query.format(plan.sql(folder))).fetchall())
        assert before == after
        claims = Claims(lake, now=lambda: datetime.now(UTC))

        def claim() -> None:
            with claims.hold(Partition("s000", FIRST)):
                pass

        claiming, _ = timed(claim, times=51)
    files = given.sources * given.days
    print(f"{files} partitions of {ROWS} rows, {len(plan.months)} months")
    print(f"query over {files} files: {loose:.3f} s; over {len(plan.months)}: {merged:.3f} s")
    print(f"to plan it: {planning:.3f} s; compacting: {compacting:.2f} s")
    print(f"a publish of one dataset: {publishing * 1000:.1f} ms; a claim: {claiming * 1000:.1f} ms")


if __name__ == "__main__":
    main()
