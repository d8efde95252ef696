"""What ``forks`` imports into the process that forks, and what a fork does to become ``python -m marsad``."""

from __future__ import annotations

import atexit
import gc
import os
import runpy
import sys
import time
from contextlib import suppress
from pathlib import Path

from marsad.preload import preload

preload()
gc.collect()
gc.freeze()
_SERVER = os.getpid()


@atexit.register
def _end() -> None:
    """Nothing is taken down one by one, which some libraries grumble about."""
    if os.getpid() == _SERVER:
        os._exit(0)


def become(words: list[str], env: dict[str, str], cwd: str, streams: list[str]) -> None:
    """Run the command line in this process, as one that was just started would."""
    assert os.getpid() != _SERVER, "not forked from a process that has read all"
    os.setsid()
    for number, path in enumerate(streams):
        file = os.open(path, os.O_WRONLY | os.O_APPEND if number else os.O_RDONLY)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
        for number in range(3)
    )
    sys.path[0] = cwd  # as with -m
    sys.argv = [str(Path(sys.executable)), *words]
    try:
        runpy.run_module("marsad", run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()
        with suppress(OSError):
            sys.stdout.flush()
