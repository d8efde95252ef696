"""`python -m marsad.operate demo | up`: what `make run` and `make up` call."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from rich.console import Console

from marsad.errors import MarsadError, UsageError
from marsad.operate.local_airflow import PROJECT, LocalAirflow, stop_on_signals


def up(console: Console) -> int:
    """Airflow with its UI until Ctrl-C, over the sample sites unless MARSAD_SOURCES names others."""
    from marsad.operate.demo import demo_env
    from marsad.samples.server import serve

    port = int(os.environ.get("MARSAD_AIRFLOW_PORT", "8080"))
    own = "MARSAD_SOURCES" in os.environ
    with serve() as sites:
        env = {} if own else {k: v for k, v in demo_env(sites.connect_to_env).items() if k not in os.environ}
        if own and "MARSAD_LAKE" not in os.environ:
            env["MARSAD_LAKE"] = str(PROJECT / ".lake")
            env["MARSAD_WAREHOUSE"] = f"duckdb:///{PROJECT / '.lake' / 'warehouse.duckdb'}"
        home = Path(os.environ.get("AIRFLOW_HOME", PROJECT / ".airflow"))
        with LocalAirflow(home, env, port=port, with_triggerer=True, say=console.print) as airflow:
            console.print(f"\nAirflow is at [bold]{airflow.base_url}[/], and you are logged in. Ctrl-C stops it.")
            if not own:
                console.print("Sample stories are of 2026-03-02 to 2026-03-04: trigger or backfill those dates.")
            while True:
                airflow.check_alive()
                time.sleep(1)


def main(words: list[str]) -> int:
    """Run one of them; returns the exit code."""
    from marsad.operate.demo import run_demo

    console = Console()
    err = Console(stderr=True)
    stop_on_signals()
    try:
        if words == ["demo"]:
            return run_demo(console)
        if words == ["up"]:
            return up(console)
        raise UsageError("python -m marsad.operate takes one word: demo or up")
    except UsageError as error:
        err.print(f"[bold red]marsad:[/] {error}", soft_wrap=True, highlight=False)
        return 2
    except MarsadError as error:
        err.print(f"[bold red]marsad:[/] {error}", soft_wrap=True, highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("stopped")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
