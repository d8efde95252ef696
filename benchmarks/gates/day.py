"""What the gates of a day cost where tasks are forked, as by Airflow's LocalExecutor and by Celery's workers.

    python benchmarks/gates/day.py [--sources 20] [--stories 60] [--readme README.md]

A parent imports what the executor's process imports first (config/airflow_local_settings.py); every gate of every
source is then a child of its own, two at once. Beside it the same children without the parent's import. CPU is that
of the gate itself, with what it imports; memory is proportional set size, of the
parent and its children together, at its most.
"""

from __future__ import annotations

import argparse
import multiprocessing
import multiprocessing.context
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "include"), str(ROOT / "tests"), str(ROOT / "config")]

AT_ONCE = 2
STAGES = ("scrape", "clean", "extract", "validate")


def fill(folder: str, sources: int, stories: int) -> None:
    """Write a day of each source: a lake each, as the made-up day has one name."""
    import example_rows as ex
    from marsad.lake import Lake
    from marsad.sources.health import SHARES
    from marsad.validate.record import PROFILES, VERDICTS
    from marsad.validate.rules import RULES

    for number in range(sources):
        lake = Lake(f"{folder}/{number}")
        ex.write_day(lake, stories=stories)
        ex.write_rows(lake, "staged", VERDICTS, [ex.verdict(rule.__name__) for rule in RULES])
        ex.write_rows(lake, "staged", PROFILES, [ex.profile(name) for name in SHARES])


def datasets_of(stage: str) -> tuple[Any, ...]:
    """The datasets that a stage's gate looks at."""
    import example_rows as ex
    from marsad.scrape.record import CAPTURES
    from marsad.validate.record import PROFILES, VERDICTS

    found = {"scrape": (CAPTURES,), "clean": ex.STORIES, "extract": ex.FINDINGS, "validate": (VERDICTS, PROFILES)}
    return found[stage]


def gate_one(folder: str, stage: str, number: int, data_docs: bool, queue: Any) -> None:
    """A task of Airflow's: one stage's gate of one partition."""
    import example_rows as ex
    from marsad.gate import gate_stage
    from marsad.lake import Lake
    from marsad.settings import Settings

    datasets, lake, settings = datasets_of(stage), Lake(f"{folder}/{number}"), Settings(data_docs=data_docs)
    start = time.process_time()
    gate_stage(datasets, ex.PARTITION, lake, settings=settings)
    queue.put((number, time.process_time() - start))


def day(
    folder: str, sources: int, data_docs: bool, context: multiprocessing.context.BaseContext
) -> tuple[list[float], float, int]:
    """CPU seconds of each partition's gates, seconds in all, and the most memory in MB."""
    queue = context.Queue()
    most, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            most[0] = max(most[0], sum(map(proportional, family(os.getpid()))))

    def one(task: tuple[int, str]) -> None:
        child = context.Process(target=gate_one, args=(folder, task[1], task[0], data_docs, queue))  # type: ignore[attr-defined]
        child.start()
        child.join()

    watcher, start = threading.Thread(target=watch), time.monotonic()
    watcher.start()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for stage in STAGES:
            list(pool.map(one, [(number, stage) for number in range(sources)]))
    taken = time.monotonic() - start
    over.set()
    watcher.join()
    cpu = [0.0] * sources
    for _ in range(sources * len(STAGES)):
        number, seconds = queue.get()
        cpu[number] += seconds
    return cpu, taken, most[0] // 1024


def family(pid: int) -> list[int]:
    """A process and its children."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(word) for word in task.read_text().split()]
    return found


def proportional(pid: int) -> int:
    """A process's proportional set size in KB; 0 where it has just ended."""
    with suppress(OSError):
        for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if row.startswith("Pss:"):
                return int(row.split()[1])
    return 0


def measure(way: str, folder: str, sources: int) -> None:
    """Print one row of the table: in a process of its own, so that one way's imports do not serve the other."""
    imported = ""
    if way != "spawned":
        start = time.process_time()
        sys.argv[1:2] = ["scheduler"]
        import airflow_local_settings  # type: ignore[import-not-found]  # noqa: F401

        imported = f"{time.process_time() - start:.1f} s once"
    before = proportional(os.getpid()) // 1024
    cpu, taken, most = day(
        folder, sources, way != "forked", multiprocessing.get_context("spawn" if way == "spawned" else "fork")
    )
    name = {
        "forked": "forked from a process that has imported",
        "docs": "the same, with Data Docs",
        "spawned": "each gate imports for itself, with Data Docs",
    }[way]
    each = statistics.median(cpu)
    print(f"| {name} | {imported} | {each:.2f} s | {max(cpu):.2f} s | {taken:.0f} s | {before} | {most} |")


def main() -> None:
    """Measure both ways and print the table; write it into the README where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=20)
    parser.add_argument("--stories", type=int, default=30)
    parser.add_argument("--readme", type=Path)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        filler = context.Process(target=fill, args=(folder, options.sources, options.stories))
        filler.start()
        filler.join()
        lines = [
            f"| gates of {options.sources} sources of {options.stories} stories | import | CPU of a partition's gates "
            "| at most | all, two at once | MB before | MB at most |",
            "|---|--:|--:|--:|--:|--:|--:|",
            *(_row(way, folder, options.sources) for way in ("forked", "docs", "spawned")),
        ]
    text = "\n".join(lines)
    print(text)
    if options.readme:
        from benchmarks.readme import put

        put(options.readme, "gates", text)


def _row(way: str, folder: str, sources: int) -> str:
    words = [sys.executable, __file__, "--way", way, folder, str(sources)]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        measure(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()
