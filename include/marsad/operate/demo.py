"""`make run`: two days of the sample sites through the real DAGs, from nothing to a summary."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from marsad import samples
from marsad.context import open_context
from marsad.errors import NeverError
from marsad.operate.client import ENDED, AirflowClient, wait_for
from marsad.operate.local_airflow import PROJECT, LocalAirflow
from marsad.operate.summary import render, summarise
from marsad.pipeline import published_partitions
from marsad.samples.server import serve
from marsad.settings import Settings
from marsad.sources import load_sources

DAYS = (date(2026, 3, 3), date(2026, 3, 4))
DOWN = "mutaattil"
RUNS_S = 400.0


def demo_env(connect_to: str, root: Path = PROJECT) -> dict[str, str]:
    """The settings of the demo, as its tasks read them from the environment."""
    return {
        "MARSAD_LAKE": str(root / ".lake"),
        "MARSAD_WAREHOUSE": f"duckdb:///{root / '.lake' / 'warehouse.duckdb'}",
        "MARSAD_SOURCES": str(Path(samples.__file__).parent / "sources"),
        "MARSAD_CONNECT_TO": connect_to,
        "MARSAD_DELAY_SCALE": "0",  # our own sites
        "MARSAD_RETRY_BASE_S": "0.05",
        "MARSAD_AIRFLOW_RETRY_DELAY_S": "1",
        "MARSAD_AIRFLOW_RETRIES": "1",
    }


def demo_settings(env: Mapping[str, str]) -> Settings:
    """The same, for this process."""
    return Settings(
        lake=env["MARSAD_LAKE"],
        warehouse=env["MARSAD_WAREHOUSE"],
        sources=(Path(env["MARSAD_SOURCES"]),),
    )


def run_demo(console: Console) -> int:
    """Run it all; returns the exit code: 0 where every source but the one that is down was published."""
    began = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.0f} s[/]  {escape(text)}", highlight=False, soft_wrap=True)

    with serve() as sites:
        say(f"serving {len(sites.connect_to)} sample sites on 127.0.0.1 (one of them is down)")
        env = demo_env(sites.connect_to_env)
        names = [s.name for s in load_sources((Path(env["MARSAD_SOURCES"]),)).values() if s.is_enabled]
        with LocalAirflow(PROJECT / ".airflow", env, say=say) as airflow:
            client = airflow.client
            wanted = {f"news_{n}" for n in names} | {"curate", "warehouse"}
            if not wait_for(lambda: wanted <= client.dag_ids(), 90):
                raise NeverError(
                    f"Airflow did not parse {', '.join(sorted(wanted - client.dag_ids()))} in time; see .airflow/logs"
                )
            runs: dict[tuple[str, str], str] = {}
            for dag_id in sorted(wanted):
                client.unpause(dag_id)
            for day in DAYS:
                for name in names:
                    runs[(f"news_{name}", client.trigger(f"news_{name}", day.isoformat()))] = f"{name} {day}"
            say(f"{len(runs)} runs of {len(names)} DAGs started: {airflow.base_url} shows them while they last")
            _watch(airflow, runs, say)
            _watch_loads(airflow, demo_settings(env), say)
        asked = sum(sites.request_log.values())
    ctx = open_context(demo_settings(env))
    console.print()
    render(summarise(DAYS, ctx), console)
    console.print(f"requests   {asked} to the sample sites", highlight=False)
    console.print(f"time       {time.monotonic() - began:.0f} s", highlight=False)
    summary = summarise(DAYS, ctx)
    missing = [str(p.partition) for p in summary.partitions if not p.is_published and p.partition.source != DOWN]
    if missing:
        console.print(f"[red]not published:[/] {', '.join(missing)}; see .airflow/logs", highlight=False)
    return 1 if missing else 0


def _watch(airflow: LocalAirflow, runs: Mapping[tuple[str, str], str], say: Callable[[str], None]) -> None:
    """Tell each run's end as it comes, and every few seconds how far the rest are."""
    client: AirflowClient = airflow.client
    open_runs = dict(runs)
    end, told = time.monotonic() + RUNS_S, time.monotonic()
    while open_runs:
        for dag_id in sorted({d for d, _ in open_runs}):
            for run in client.runs(dag_id):
                key = (dag_id, run["dag_run_id"])
                if key in open_runs and run["state"] in ENDED:
                    name = open_runs.pop(key)
                    tasks = client.tasks(*key)
                    failed = sorted(t for t, s in tasks.items() if s == "failed")
                    ending = "published" if tasks.get("publish") == "success" else f"failed at {', '.join(failed)}"
                    ending = "skipped: no archive route" if tasks.get("scrape") == "skipped" else ending
                    say(f"{name}: {ending} ({len(runs) - len(open_runs)} of {len(runs)})")
                    told = time.monotonic()
        if open_runs and time.monotonic() - told > 10:
            say(f"{len(open_runs)} runs under way: {', '.join(sorted(open_runs.values()))}")
            told = time.monotonic()
        airflow.check_alive()
        if time.monotonic() > end:
            raise NeverError(f"runs did not end in {RUNS_S:g} s: {', '.join(open_runs.values())}; see .airflow/logs")
        time.sleep(0.5)


def _watch_loads(airflow: LocalAirflow, settings: Settings, say: Callable[[str], None]) -> None:
    """Wait until curate and the warehouse have caught up with what was published."""
    client = airflow.client
    lake = open_context(settings).lake
    wanted = {f"{p.source}|{p.date}" for day in DAYS for p in published_partitions(day, lake) if p.source != "all"}
    days = {key.split("|")[1] for key in wanted}
    wanted |= {f"all|{day}" for day in days}
    say(f"curating {len(days)} days, loading {len(wanted)} partitions")

    def caught_up() -> bool:
        airflow.check_alive()
        loads, curates = client.runs("warehouse"), client.runs("curate")
        loaded = {r["partition_key"] for r in loads if r["state"] == "success"}
        return wanted <= loaded and all(r["state"] in ENDED for r in [*loads, *curates])

    if wanted and not wait_for(caught_up, 120):
        raise NeverError("curate and warehouse did not catch up in 120 s; see .airflow/logs")
