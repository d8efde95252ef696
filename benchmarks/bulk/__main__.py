"""Bulk runs: pages a second with one and two workers, on this machine's processes and on Ray.

    python -m benchmarks.bulk [--pages N] [--warc FILE …] [--engines local,ray] [--readme README.md]

Pages are generated (those of benchmarks.replay, about 70 KB each), one WARC file a worker and engine run; or WARC files
of one's own. Beside the engines, as the limit, the bare functions in one process over the same pages. Only reading is
timed: collecting costs a partition, not a page. A clock on a shared machine measures the neighbours too, so the CPU
seconds are given where they can be had: Ray's workers are no children of ours.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.readme import put
from benchmarks.replay.__main__ import page
from marsad.bulk.engines import Engine, opened
from marsad.bulk.reading import READER, ShardReader, Tables, read_page_of
from marsad.bulk.run import Plan, plan_warcs
from marsad.bulk.shard import code_digest, expected_of
from marsad.context import Context, open_context
from marsad.lake import Lake
from marsad.scrape.warc import Payload, write_segment
from marsad.settings import Settings

AT = datetime(2026, 3, 3, 8, tzinfo=UTC)
FILES = 4


def write(lake: Lake, count: int) -> list[str]:
    """Pages in a few WARC files."""
    headers = [("Content-Type", "text/html; charset=utf-8")]
    paths = []
    for file in range(FILES):
        payloads = [
            Payload(f"https://site.example/{n}", page(n), AT + timedelta(seconds=n), 200, headers)
            for n in range(file, count, FILES)
        ]
        path = f"in/pages-{file}.warc.gz"
        write_segment(lake, path, payloads)
        paths.append(str(lake.path(path)))
    return paths


def bare(plan: Plan, ctx: Context) -> tuple[int, float, float]:
    """The same functions in this process: captures, seconds by the clock and of CPU."""
    count = 0
    for warm in (True, False):  # models are loaded once a process, and are not what is measured
        began, cpu, count = time.perf_counter(), time.process_time(), 0
        for shard in plan.shards:
            reader = ShardReader(shard, ctx, plan.run, read_page_of)
            tables = Tables()
            for item in reader.items(0):
                reader.read(item, tables)
                count += 1
                if warm and count == 3:
                    break
            tables.to_arrow()
            if warm:
                break
    return count, time.perf_counter() - began, time.process_time() - cpu


def engine_run(plan: Plan, ctx: Context, engine: Engine) -> tuple[float, float, int]:
    """Seconds by the clock, CPU seconds and peak megabytes of children that ended."""
    expected = [expected_of(shard, "crf", READER) for shard in plan.shards]
    items = [
        json.dumps({
            "job": "read", "id": shard.id, "shard": shard.as_dict(), "reader": READER, "code": code_digest(),
            "run": plan.run, "kind": "warc", "lake": str(ctx.lake.root), "limits": {"cpu_s": 60, "memory_mb": 2000},
            "settings": {}, "expected": known,
        })
        for shard, known in zip(plan.shards, expected, strict=True)
    ]  # fmt: skip
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with opened(engine) as run_shards:
        for answer in run_shards(items, None):
            assert "error" not in answer, answer
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu, after.ru_maxrss // 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--warc", nargs="*", help="WARC files of one's own instead")
    parser.add_argument("--engines", default="local,ray")
    parser.add_argument("--readme", type=Path, help="rewrite the table between the markers of this file")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        ctx = open_context(Settings(lake=folder, data_docs=False))
        addresses = options.warc or write(ctx.lake, options.pages)
        plan = plan_warcs(ctx, "bare", addresses)
        count, clock, cpu = bare(plan, ctx)
        rows.append(("bare functions, one process", 1, count / clock, count / cpu, 0))
        for name in options.engines.split(","):
            for workers in (1, 2):
                plan = plan_warcs(ctx, f"{name}_{workers}", addresses)
                clock, cpu, peak = engine_run(plan, ctx, Engine(name, workers))  # type: ignore[arg-type]
                is_child = name == "local"
                rows.append((name, workers, count / clock, count / cpu if is_child else 0.0, peak if is_child else 0))
                print(rows[-1], file=sys.stderr, flush=True)
    table = f"| {count} pages | workers | a second | a CPU second | peak MB a worker |\n|---|--:|--:|--:|--:|\n"
    table += "\n".join(
        f"| {name} | {workers} | {rate:,.1f} | {f'{per_cpu:,.1f}' if per_cpu else ''} | {peak or ''} |"
        for name, workers, rate, per_cpu, peak in rows
    )
    print(table)
    if options.readme:
        put(options.readme, "bulk", table)


if __name__ == "__main__":
    main()
