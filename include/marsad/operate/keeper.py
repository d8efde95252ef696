"""The keeper: one small process that owns a local Airflow, so that none of it outlives its user.

Started by :mod:`marsad.operate.local_airflow`, it reads one JSON line (what to start) and then
waits. When its standard input closes, because the user stopped or was killed in any way, or when it
is signalled, or when a component dies, it ends everything below it: Airflow forks workers that fork
tasks, some in sessions of their own, and a signal to the first process leaves the rest running.
On Linux it is the subreaper of its tree, so whatever loses its parent becomes its child.

Standard library only, and no import of Marsad: it starts in a few milliseconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
GRACE_S = 4.0
"""How long components may take to end by themselves."""


def _prctl() -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl: Callable[..., int] = ctypes.CDLL(None, use_errno=True).prctl
    return prctl


def descendants(root: int) -> list[int]:
    """The processes below one, by their parents (Linux; elsewhere none are known)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            # the name in brackets may hold spaces and brackets: count from the last one
            state, parent = entry.read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(entry.parent.name)] = int(parent)
    found, wave = [], {root}
    while wave:
        wave = {pid for pid, parent in parents.items() if parent in wave}
        found += sorted(wave)
    return found


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask, wait, then kill until nothing is left."""
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGTERM)
    give_up = time.monotonic() + GRACE_S
    while time.monotonic() < give_up and (any(c.poll() is None for c in children) or descendants(os.getpid())):
        time.sleep(0.05)
    for child in children:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    give_up = time.monotonic() + GRACE_S
    while (left := descendants(os.getpid())) and time.monotonic() < give_up:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    for child in children:
        child.poll()
    with contextlib.suppress(ChildProcessError):  # those that lost their parents to us
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main() -> int:
    """Start what standard input names, keep it, end it. Exit code 1 when a component died by itself."""
    prctl = _prctl()
    if prctl:
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the user's process's to handle
    wake, wake_up = os.pipe()

    def stop(number: int, frame: FrameType | None) -> None:
        os.write(wake_up, b"x")

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    children: list[subprocess.Popen[bytes]] = []
    names: dict[int, str] = {}
    code = 0
    try:
        for spec in json.loads(sys.stdin.readline()):
            with Path(spec["log"]).open("ab") as log:
                child = subprocess.Popen(  # noqa: S603
                    spec["argv"],
                    env={**os.environ, **spec.get("env", {})},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    # if even the keeper is killed, its children are told
                    preexec_fn=(lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM) and None) if prctl else None,
                )
            children.append(child)
            names[child.pid] = spec["name"]
        while True:
            readable, _, _ = select.select([sys.stdin, wake], [], [], 0.5)
            if readable:
                break
            dead = [c for c in children if c.poll() is not None]
            if dead:
                print(json.dumps({"name": names[dead[0].pid], "code": dead[0].returncode}), flush=True)
                code = 1
                break
    finally:
        _end(children)
    return code


if __name__ == "__main__":
    sys.exit(main())
