"""An Airflow of the project's own on this machine: SQLite, LocalExecutor, 127.0.0.1 only.

Its home is ``.airflow/``. Everybody who can reach the port is an admin, which is why it listens on
the loopback address alone. Each part is the leader of a process group; stopping ends the groups, so
that nothing is left behind, and on Linux the kernel ends the parts if we die without a word.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.metadata
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType, TracebackType

from marsad.errors import NeverError, UsageError
from marsad.operate.client import AirflowClient

PROJECT = Path(__file__).resolve().parents[3]
START_S = 120.0
STOP_S = 12.0
_PR_SET_PDEATHSIG = 1


class LocalAirflow:
    """Start with ``with LocalAirflow(...) as airflow``; leaving stops all of it.

    Args:
        home: Airflow's home; made where it is not there.
        env: settings for its tasks, added to the environment.
        port: where the API server listens; None takes a free one.
        with_triggerer: deferrable tasks and the UI's health page want one.
    """

    def __init__(
        self,
        home: Path,
        env: Mapping[str, str],
        *,
        port: int | None = None,
        with_triggerer: bool = False,
        parallelism: int = 3,
        say: Callable[[str], None] = print,
    ) -> None:
        self.home = home.resolve()
        self.port = port or free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.client = AirflowClient(self.base_url)
        self._say = say
        self._with_triggerer = with_triggerer
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {**os.environ, **self._airflow_env(parallelism), **env}

    def _airflow_env(self, parallelism: int) -> dict[str, str]:
        path = [str(PROJECT / "config"), str(PROJECT / "dags"), os.environ.get("PYTHONPATH", "")]
        return {
            "AIRFLOW_HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join(p for p in path if p),
            "NO_PROXY": "127.0.0.1,localhost",
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": str(parallelism),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__CORE__FERNET_KEY": urlsafe_b64encode(self._secret("fernet", 32)).decode(),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.base_url}/execution/",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home}/airflow.db",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.base_url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__SECRET_KEY": self._secret("api", 32).hex(),
            "AIRFLOW__API_AUTH__JWT_SECRET": self._secret("jwt", 64).hex(),
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        }

    def _secret(self, name: str, size: int) -> bytes:
        """A secret of this home, made once and readable by its owner alone."""
        path = self.home / "secrets" / name
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                path.touch(mode=0o600)
                path.write_bytes(secrets.token_bytes(size))
            return path.read_bytes()
        except OSError as error:
            raise UsageError(f"{self.home}: cannot be used as Airflow's home: {error.strerror}") from None

    def __enter__(self) -> LocalAirflow:
        try:
            self.migrate()
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def migrate(self) -> None:
        """Make or migrate the database; skipped where this Airflow version did it before."""
        version = importlib.metadata.version("apache-airflow")
        stamp = self.home / "migrated"
        if stamp.exists() and stamp.read_text() == version and (self.home / "airflow.db").exists():
            return
        self._say(f"migrating Airflow {version}'s database in {self.home}")
        log = self._log_path("migrate")
        with log.open("wb") as file:
            done = subprocess.run(  # noqa: S603
                [*self._airflow(), "db", "migrate"], env=self.env, stdout=file, stderr=subprocess.STDOUT, check=False
            )
        if done.returncode:
            raise NeverError(f"Airflow's database could not be migrated; see {log}, or remove {self.home}")
        stamp.write_text(version)

    def start(self) -> None:
        """Start the parts and wait until they are healthy.

        Raises:
            NeverError: one ended, or they were not healthy in time; names the log.
        """
        parts = ["api-server", "scheduler", "dag-processor", *(["triggerer"] if self._with_triggerer else [])]
        self._say(f"starting Airflow on {self.base_url}")
        for part in parts:
            with self._log_path(part).open("wb") as file:
                self._processes[part] = subprocess.Popen(  # noqa: S603
                    [*self._airflow(), part],
                    env=self.env,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=_end_with_parent if sys.platform == "linux" else None,
                )
        end = time.monotonic() + START_S
        while not self.client.is_healthy():
            self.check_alive()
            if time.monotonic() > end:
                raise NeverError(f"Airflow was not healthy after {START_S:g} s; see the logs in {self.home / 'logs'}")
            time.sleep(0.25)

    def check_alive(self) -> None:
        """Raises NeverError where a part has ended by itself."""
        for part, process in self._processes.items():
            if process.poll() is not None:
                log = self._log_path(part)
                raise NeverError(f"Airflow's {part} ended with code {process.returncode}; see {log}")

    def stop(self) -> None:
        """End every part and everything it started. Safe to call twice."""
        for process in self._processes.values():
            _signal_group(process, signal.SIGTERM)
        end = time.monotonic() + STOP_S
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, end - time.monotonic()))
        for process in self._processes.values():
            _signal_group(process, signal.SIGKILL)  # stragglers of the group, whether or not its leader ended
            process.wait()
        self._processes.clear()

    def _airflow(self) -> list[str]:
        return [sys.executable, "-m", "airflow"]

    def _log_path(self, part: str) -> Path:
        path = self.home / "logs" / f"{part}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop_on_signals() -> None:
    """Turn SIGTERM and SIGHUP into an exit that unwinds, so that ``with`` blocks stop what they started."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _end_with_parent() -> None:
    """In the child: have the kernel send SIGTERM when the parent dies, even by SIGKILL."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
