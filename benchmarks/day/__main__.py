"""A whole day through the real Airflow: sources read back from WARC files, to published partitions and DuckDB.

    python -m benchmarks.day [--sources 20] [--sources 5] … [--stories 300] [--readme README.md]

Airflow is the project's own local one: SQLite, LocalExecutor, as many tasks at once as there are cores; it is up and
has parsed the DAGs before the clock starts. The clock stops when the last partition, and what was curated of the day,
is in the warehouse. Seconds of tasks are what Airflow says of their starts and ends; CPU is that of all processes, and
of Marsad's share what the same functions take in one process without Airflow (measured on one source after the day).
Memory is the proportional set size of all of Airflow's processes and tasks together, at its most.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.day.pages import DAY, name_of, write_sources
from benchmarks.readme import put
from marsad.operate.client import Run
from marsad.operate.local_airflow import LocalAirflow, find_project
from marsad.partition import ALL_SOURCES, Partition

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 3600.0
STAGES = ("scrape", "clean", "extract", "validate", "publish")


@dataclass
class Day:
    """What one day took."""

    sources: int
    stories: int
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    megabytes: float = 0.0
    task_count: int = 0
    task_seconds: dict[str, float] = field(default_factory=dict)
    article_count: int = 0
    components: dict[str, float] = field(default_factory=dict)
    """CPU seconds of Airflow's components, and of the tasks' processes."""
    alone: dict[str, float] = field(default_factory=dict)
    """CPU seconds of one source's stages and gates, and of curating and loading, in one process."""


COMPONENTS = ("scheduler", "api-server", "dag-processor")


class Watch(threading.Thread):
    """Samples the memory of all processes below this one, and what Airflow's components have taken of CPU."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most, self._over = 0.0, threading.Event()
        self.before: Mapping[str, float] = {}
        self.after: Mapping[str, float] = {}

    def start(self) -> None:
        """From here on."""
        self.before = components_cpu()
        super().start()

    @property
    def cpu(self) -> dict[str, float]:
        """CPU seconds of each component, and of the tasks, from start to stop."""
        return {name: spent - self.before.get(name, 0.0) for name, spent in self.after.items()}

    def run(self) -> None:
        """Until stopped."""
        import psutil

        me = psutil.Process()
        while not self._over.wait(3):
            held = 0
            for child in me.children(recursive=True):
                # the sum alone: to have the kernel list every mapping would cost a tenth of a core
                with suppress(OSError, StopIteration):
                    rollup = Path(f"/proc/{child.pid}/smaps_rollup").read_text("ascii")
                    held += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            self.most = max(self.most, held * 1024 / 1e6)

    def stop(self) -> None:
        """The last sample is in."""
        self._over.set()
        self.join()
        self.after = components_cpu()


def components_cpu() -> dict[str, float]:
    """CPU seconds until now of Airflow's components below this process, and of the tasks that the scheduler forked."""
    import psutil

    spent: Counter[str] = Counter()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            name = _component(process)
            if name is None or any(_component(p) == name for p in process.parents()):
                continue
            times = process.cpu_times()
            spent[name] += times.user + times.system
            below = "tasks" if name == "scheduler" else name
            spent[below] += times.children_user + times.children_system
            for child in process.children(recursive=True):
                with suppress(psutil.Error):
                    spent[below] += sum(child.cpu_times()[:4])
    return dict(spent)


def _component(process: Any) -> str | None:
    # the API server gives itself a name of its own
    words = " ".join(process.cmdline()[:4]).replace("_", "-")
    return next((c for c in COMPONENTS if f"airflow {c}" in words), None)


def run_day(sources: int, stories: int, folder: Path) -> Day:
    """Run a day and measure it."""
    day = Day(sources, stories)
    write_sources(folder / "sources", sources, stories)
    env = {
        "MARSAD_LAKE": str(folder / "lake"),
        "MARSAD_WAREHOUSE": f"duckdb:///{folder / 'warehouse.duckdb'}",
        "MARSAD_STATE": str(folder / "state"),
        "MARSAD_SOURCES": str(folder / "sources"),
        "MARSAD_REVISIT_AFTER_H": "",
        "MARSAD_POLL_EVERY_MIN": "0",
    }
    watch = Watch()
    at_once = (os.cpu_count() or 2) + 2  # a task also waits, for Airflow
    airflow = LocalAirflow(find_project(), folder / "airflow", environment=env, parallelism=at_once)
    with airflow, airflow.client() as client:
        names = [name_of(n) for n in range(1, sources + 1)]
        dag_ids = [*(f"news_{name}" for name in names), "curate", "warehouse"]
        client.wait_for_dags(dag_ids, since=airflow.started_at, timeout_s=600)
        for dag_id in ("curate", "warehouse"):
            client.unpause(dag_id)
        watch.start()
        began = time.monotonic()
        for name in names:
            client.trigger(f"news_{name}", DAY.isoformat())
        _wait(airflow, client, names, folder / "warehouse.duckdb")
        day.seconds = time.monotonic() - began
        watch.stop()  # while all of them are there to be asked
        tasks = list(client._pages("/api/v2/dags/~/dagRuns/~/taskInstances", "task_instances", dag_ids=dag_ids))
    day.megabytes, day.components, day.cpu_seconds = watch.most, watch.cpu, sum(watch.cpu.values())
    _count(day, tasks, folder)
    day.alone = alone(folder, env)
    return day


def _wait(airflow: LocalAirflow, client: Any, names: Sequence[str], warehouse: Path) -> None:
    """Until every partition, and the day across sources, has been loaded and nothing is under way."""
    wanted = {f"{name}|{DAY}" for name in names} | {f"{ALL_SOURCES}|{DAY}"}
    give_up = time.monotonic() + TIMEOUT_S
    while True:
        airflow.check_alive()
        runs: list[Run] = client.runs()
        failed = [run for run in runs if run.state == "failed"]
        if failed:
            states = client.task_states(failed[0].dag_id, failed[0].run_id)
            task = next((t for t, state in states.items() if state == "failed"), None)
            why = client.failure(failed[0].dag_id, failed[0].run_id, task) if task else ""
            raise SystemExit(f"{failed[0].dag_id} {failed[0].partition_key} failed at {task}: {why}")
        done = {run.partition_key for run in runs if run.dag_id == "warehouse" and run.state == "success"}
        if wanted <= done and all(run.is_finished for run in runs):
            # an event of the last publishing may still become a run of curating
            time.sleep(1)
            if all(run.is_finished for run in client.runs()):
                return
        if time.monotonic() > give_up:
            raise SystemExit(f"the day is not done after {TIMEOUT_S:.0f} s; see {airflow.home / 'logs'}")
        time.sleep(5)  # each look costs the API server too


def _count(day: Day, tasks: Sequence[dict[str, Any]], folder: Path) -> None:
    import duckdb

    seconds: Counter[str] = Counter()
    for task in tasks:
        if task["start_date"] and task["end_date"]:
            took = datetime.fromisoformat(task["end_date"]) - datetime.fromisoformat(task["start_date"])
            seconds[_kind(task["task_id"])] += took.total_seconds()
            day.task_count += 1
    day.task_seconds = dict(seconds)
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        (day.article_count,) = connection.execute("SELECT count(*) FROM articles").fetchone() or (0,)
    if day.article_count != day.sources * day.stories:
        raise SystemExit(f"{day.article_count} of {day.sources * day.stories} stories are in the warehouse")


def _kind(task_id: str) -> str:
    return "gates" if task_id.startswith("gate_") else task_id


def alone(folder: Path, env: dict[str, str]) -> dict[str, float]:
    """CPU seconds of the first source's stages, in a process of its own and without Airflow."""
    words = [sys.executable, "-m", "benchmarks.day", "--alone", str(folder)]
    done = subprocess.run(words, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _alone(folder: Path) -> dict[str, float]:
    import pandas  # noqa: F401

    import marsad.gx  # noqa: F401  as forked tasks have it
    from marsad.pipeline import curate, load, open_context, run, run_gate
    from marsad.settings import load_settings

    settings = load_settings().model_copy(
        update={"lake": str(folder / "alone"), "warehouse": f"duckdb:///{folder / 'alone.duckdb'}"}
    )
    partition = Partition(name_of(1), DAY)
    took: Counter[str] = Counter()

    def timed(name: str, work: Any, *args: Any) -> None:
        start = time.process_time()
        work(*args)
        took[name] += time.process_time() - start

    for stage in STAGES:
        ctx = open_context(settings)
        timed(stage, run, stage, partition, ctx)
        timed("gates", run_gate, stage, partition, ctx)
    timed("curate", curate, DAY, open_context(settings))
    timed("load", load, partition, open_context(settings))
    return dict(took)


def table(days: Sequence[Day]) -> str:
    """The figures as Markdown."""
    lines = [
        "| sources × stories | minutes | stories/s | CPU s | of it Marsad's own work | its tasks beyond it | scheduler "
        "| API server | DAG processor | tasks | s CPU a task beyond the work | MB at most |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for day in days:
        own = sum(day.alone.values()) * day.sources
        rest = day.cpu_seconds - own
        lines.append(
            f"| {day.sources} × {day.stories} | {day.seconds / 60:.1f} | {day.article_count / day.seconds:.0f} "
            f"| {day.cpu_seconds:.0f} | {own:.0f} | {day.components.get('tasks', 0) - own:.0f} "
            + "".join(f"| {day.components.get(name, 0):.0f} " for name in COMPONENTS)
            + f"| {day.task_count} | {rest / day.task_count:.2f} "
            f"| {day.megabytes:.0f} |"
        )
    lines += ["", "Where the time goes, of a source's partition:", ""]
    kinds = ["scrape", "clean", "extract", "validate", "gates", "publish", "curate", "load"]
    lines.append("| | " + " | ".join(kinds) + " | late |")
    lines.append("|---|" + "--:|" * (len(kinds) + 1))
    for day in days:
        cells = [f"{day.alone.get(kind, 0.0):.2f}" for kind in kinds]
        lines.append(f"| CPU s alone ({day.stories} stories) | " + " | ".join(cells) + " | |")
        cells = [f"{day.task_seconds.get(kind, 0.0) / day.sources:.1f}" for kind in [*kinds, "late"]]
        lines.append(f"| s of its tasks, {day.sources} sources | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print; write the table into the README where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, action="append", help="may be given several times; 20 where not given")
    parser.add_argument("--stories", type=int, default=300)
    parser.add_argument("--readme", type=Path)
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(_alone(options.alone)))
        return
    days = []
    for count in options.sources or [20]:
        with tempfile.TemporaryDirectory(prefix="marsad-day-") as folder:
            days.append(run_day(count, options.stories, Path(folder)))
        print(table(days[-1:]), flush=True)
    text = table(days)
    if options.readme:
        put(options.readme, "day", text)


if __name__ == "__main__":
    main()
