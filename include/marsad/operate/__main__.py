"""`python -m marsad.operate demo | up`: what `make run` and `make up` call."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType

from rich.console import Console

from marsad.errors import MarsadError, UsageError
from marsad.operate.local_airflow import COMPONENTS, LocalAirflow, find_project, free_port
from marsad.settings import Settings, load_settings, scan_settings
from marsad.terminal import escape

UI_PORT = 8080


def up(console: Console, settings: Settings) -> int:
    """Airflow with its UI until it is stopped, over the sample sites unless MARSAD_SOURCES names others."""
    from marsad.operate.demo import demo_env, parallelism
    from marsad.samples.server import serve

    project = find_project()
    own = "MARSAD_SOURCES" in os.environ
    with serve() as sites:
        env = {k: v for k, v in demo_env(sites.connect_to_env, project).items() if k not in os.environ}
        if own:
            env = {k: v for k, v in env.items() if k in ("MARSAD_LAKE", "MARSAD_WAREHOUSE")}
        with LocalAirflow(
            project,
            project / ".airflow",
            port=_port(settings),
            environment=env,
            parallelism=parallelism(),
            components=(*COMPONENTS, "triggerer"),
            say=lambda line: console.print(line, highlight=False, soft_wrap=True),
        ) as airflow:
            console.print(
                f"\nAirflow is at [bold]{airflow.url}[/], and you are logged in; Ctrl-C stops all of it.",
                soft_wrap=True,
            )
            if not own:
                console.print("The sample stories are of 2026-03-02 to 2026-03-04: backfill those dates.")
            try:
                while True:
                    airflow.check_alive()
                    time.sleep(0.5)
            except KeyboardInterrupt:
                console.print("\nstopping")
                return 0


def _port(settings: Settings) -> int:
    """MARSAD_AIRFLOW_PORT, else 8080, else any free one."""
    port = settings.airflow_port
    if port is None:
        return free_port(UI_PORT)
    if free_port(port) != port:
        raise UsageError(f"MARSAD_AIRFLOW_PORT: something listens on port {port} already; choose another")
    return port


def stop_on_signals() -> None:
    """Turn SIGTERM and SIGHUP into an exit that unwinds, so that ``with`` blocks stop what they started."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


def main(words: list[str]) -> int:
    """Run one of them; returns the exit code."""
    console, err = Console(), Console(stderr=True)
    stop_on_signals()
    try:
        if words == ["demo"]:
            from marsad.operate.demo import run_demo

            return run_demo(console, load_settings().demo_root)
        if words == ["up"]:
            return up(console, load_settings())
        raise UsageError("python -m marsad.operate takes one word: demo or up")
    except MarsadError as error:
        if scan_settings()[0].debug:
            raise
        err.print(f"[bold red]marsad:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        console.print("stopped")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
