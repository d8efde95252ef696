"""A month of 20 synthetic sources, published, loaded twice into DuckDB and PostgreSQL, and asked five questions.

    python -m benchmarks.load.month [--days 30] [--sources 20] [--articles 500] [--readme README.md]

Published by the lake's writer with manifests, loaded by the load that the DAG runs. The answers after the first load,
after the second, and of both engines must be the same, or the program ends with 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.readme import put

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "include"), str(ROOT / "tests")]

QUESTIONS = {
    "stories of each source and day": "SELECT * FROM daily_counts ORDER BY date, source",
    "who is quoted most": "SELECT speaker, CAST(sum(quotation_count) AS BIGINT) AS n FROM speakers GROUP BY speaker "
    "ORDER BY n DESC, speaker LIMIT 20",
    "who copies whom": "SELECT source, origin, CAST(sum(copy_count) AS BIGINT) AS n FROM copies "
    "GROUP BY source, origin "
    "ORDER BY source, origin",
    "the toll of events": "SELECT date, event_id, kind, value, article_count FROM casualties_by_event "
    "ORDER BY article_count DESC, event_id LIMIT 50",
    "stories that have two words": "SELECT article_id FROM search_articles('{query}') ORDER BY article_id",
}


def main() -> None:
    """Run it, print it, and say with the exit code whether all answers are the same."""
    from benchmarks.load.rows import FIRST, curated, duplicates, partition_tables, publish, vocabulary
    from marsad.curate.record import DUPLICATES
    from marsad.lake import Lake
    from marsad.partition import Partition
    from marsad.warehouse import load
    from marsad.warehouse.address import parse_address
    from marsad.warehouse.engine import open_engine
    from postgres_server import new_schema, serve_postgres

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--sources", type=int, default=20)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--readme", type=Path)
    options = parser.parse_args()
    from datetime import timedelta

    with tempfile.TemporaryDirectory() as folder, serve_postgres() as server:
        lake = Lake(f"{folder}/lake")
        began = time.perf_counter()
        manifests = []
        for day in range(options.days):
            for source in range(options.sources):
                partition = Partition(f"synthetic_{source:02}", FIRST + timedelta(days=day))
                manifests.append(publish(lake, partition, partition_tables(source, day, options.articles)))
            rows = duplicates(day, options.sources, options.articles)
            manifests.append(publish(lake, curated(day), {DUPLICATES: rows}))
        total = sum(f.row_count for m in manifests for f in m.files)
        said = [f"{options.days * options.sources * options.articles:,} stories, {total:,} rows, "
                f"{len(manifests)} partitions, published in {time.perf_counter() - began:.0f} s", "",
                "| engine | first load | rows/s | second load | size | five questions |",
                "|---|--:|--:|--:|--:|--:|"]  # fmt: skip
        print(said[0], flush=True)
        words = vocabulary()[0]
        answers: list[Any] = []
        for engine, address in (("DuckDB", f"duckdb:///{folder}/w.duckdb"), ("PostgreSQL", new_schema(server))):
            seconds = []
            for expected in (False, True):
                start = time.perf_counter()
                assert all(load(m, lake, address).is_unchanged is expected for m in manifests)
                seconds.append(time.perf_counter() - start)
                print(engine, f"{seconds[-1]:.0f} s", flush=True)
                taken = []
                asked = {}
                parsed = parse_address(address)
                with closing(open_engine(parsed, is_reading=True)) as opened:
                    if parsed.schema:
                        opened.run(f"SET search_path TO {parsed.schema}")  # type: ignore[attr-defined]
                        if not expected:
                            opened.run("ANALYZE")  # type: ignore[attr-defined]
                    for name, sql in QUESTIONS.items():
                        start = time.perf_counter()
                        rows_found = opened.ask(sql.replace("{query}", f"{words[5]} {words[900]}"))
                        taken.append(time.perf_counter() - start)
                        asked[name] = [[_plain(v) for v in row] for row in rows_found]
                        print(f"  {name}: {len(rows_found)} rows in {taken[-1]:.2f} s", flush=True)
                    if parsed.schema:
                        ((size,),) = opened.ask("SELECT pg_database_size(current_database())")
                    else:
                        size = parsed.path.stat().st_size
                answers.append(asked)
            shown = " ".join(f"{t:.1f}" for t in taken)
            said.append(
                f"| {engine} | {seconds[0]:.0f} s | {total / seconds[0]:,.0f} | {seconds[1]:.0f} s | "
                f"{size / 1e6:,.0f} MB | {shown} s |"
            )
    same = all(a == answers[0] for a in answers) and all(answers[0].values())
    for other in answers[1:]:
        for name in QUESTIONS:
            if other[name] != answers[0][name]:
                print(f"differs: {name}: {other[name][:2]} {answers[0][name][:2]}")
    said += ["", f"Answers after each load and in both engines: {'the same' if same else 'DIFFERENT'}."]
    text = "\n".join(said)
    print(text)
    if options.readme:
        put(options.readme, "month", text)
    if not same:
        sys.exit(1)


def _plain(value: Any) -> Any:
    """Sums of counts are decimals in one engine and integers in the other."""
    return float(value) if value is not None and not isinstance(value, str) and hasattr(value, "__float__") else value


if __name__ == "__main__":
    main()
