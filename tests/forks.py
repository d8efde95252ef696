"""``marsad`` as a process of its own, for a third of what it costs to start one from nothing.

A process that has read the libraries and the stages, as the parent of Airflow's tasks has, forks one that becomes
``python -m marsad``: with an environment, a folder, words, streams and a session of its own, so that it can be killed
as any other. What only a start from nothing shows is tested from nothing (``test_cli``, ``test_ray``).
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import tempfile
import weakref
from collections.abc import Mapping
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from unittest.mock import patch


class Marsad:
    """A command that runs; ``marsad`` and its words.

    Args:
        words: what stands after ``marsad``.
        env: its environment, beside this process's without what that says to Marsad.
        cwd: its folder; this process's where none is given.
        stdin: what it can read.
    """

    def __init__(
        self, *words: str, env: Mapping[str, str], cwd: Path | None = None, stdin: bytes | None = None
    ) -> None:
        folder = tempfile.mkdtemp(prefix="marsad-command-")
        self._streams = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
        for path in self._streams:
            path.write_bytes(stdin or b"")
            stdin = None
        self._process = _server().Process(
            target=_become,
            args=(list(words), clean_environment(env), str(cwd or Path.cwd()), [str(p) for p in self._streams]),
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid
        # one that hangs would be waited for when the tests end
        weakref.finalize(self, _clear, self._process, folder)

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        return self._process.exitcode

    @property
    def stdout(self) -> str:
        """What it has printed."""
        return self._streams[1].read_bytes().decode()

    @property
    def stderr(self) -> str:
        """What it has said beside."""
        return self._streams[2].read_bytes().decode()

    def wait(self, timeout: float = 120) -> int:
        """Its exit code, when it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not.
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("marsad", timeout)
        return self._process.exitcode

    def kill(self) -> None:
        """SIGKILL to it and to all that it started, in the midst of whatever they do."""
        _kill(self._process)


def _kill(process: ForkServerProcess) -> None:
    if process.exitcode is None and process.pid is not None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:  # it leads no group yet
            process.kill()
        process.join()


def _clear(process: ForkServerProcess, folder: str) -> None:
    _kill(process)
    shutil.rmtree(folder, ignore_errors=True)


def clean_environment(env: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, with nothing said to Marsad but what is given, and where the test has its state."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MARSAD_") or k == "MARSAD_STATE"}
    return {**kept, **env}


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["forked"])
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    with patch.dict(os.environ, clean_environment({"PYTHONPATH": path}), clear=True):
        forkserver.ensure_running()
    first = context.Process(target=_nothing)  # when it has ended, all is read
    first.start()
    first.join()
    return context


def _nothing() -> None:
    pass


def _become(words: list[str], env: dict[str, str], cwd: str, streams: list[str]) -> None:
    import forked  # not in this process: it reads everything

    forked.become(words, env, cwd, streams)
