"""Whatever becomes of its user, a keeper leaves no process behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from marsad.operate import keeper

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

# a component that ignores SIGTERM, with a child in a session of its own that does too: like a task of a task
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(sys.argv[1] + ".grandchild", "w").write(str(os.getpid()))
        time.sleep(300)
    os._exit(0)
open(sys.argv[1] + ".child", "w").write(str(os.getpid()))
time.sleep(300)
"""

USER = """
import json, signal, subprocess, sys, time
# under nohup, or in a shell's background, these are ignored and that is inherited
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.SIG_DFL)
keeper = subprocess.Popen([sys.executable, sys.argv[1]], stdin=subprocess.PIPE, text=True, start_new_session=True)
keeper.stdin.write(sys.argv[2] + "\\n")
keeper.stdin.flush()
print(keeper.pid, flush=True)
time.sleep(300)
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pids: list[int], seconds: float = 15) -> list[int]:
    end = time.monotonic() + seconds
    while (left := [p for p in pids if is_alive(p)]) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def read_pids(base: Path) -> list[int]:
    files = [Path(f"{base}.child"), Path(f"{base}.grandchild")]
    end = time.monotonic() + 10
    while not all(f.exists() and f.read_text() for f in files):
        assert time.monotonic() < end, "the components did not start"
        time.sleep(0.02)
    return [int(f.read_text()) for f in files]


def specs(folder: Path) -> str:
    argv = [sys.executable, "-c", textwrap.dedent(STUBBORN), str(folder / "pid")]
    return json.dumps([{"name": "stubborn", "argv": argv, "log": str(folder / "log")}])


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_its_user_ends_and_so_does_everything(tmp_path: Path, end: signal.Signals) -> None:
    user = subprocess.Popen(
        [sys.executable, "-c", USER, keeper.__file__, specs(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with user:
        assert user.stdout is not None
        keeper_pid = int(user.stdout.readline())
        pids = [keeper_pid, *read_pids(tmp_path / "pid")]
        os.kill(user.pid, end)
        user.wait(30)
        assert wait_until_gone(pids) == []


def test_a_component_that_dies_ends_the_others_and_is_named(tmp_path: Path) -> None:
    words = json.loads(specs(tmp_path))
    dying = [sys.executable, "-c", "import time; time.sleep(1); raise SystemExit(3)"]
    words.append({"name": "dying", "argv": dying, "log": str(tmp_path / "dying.log")})
    kept = subprocess.Popen([sys.executable, keeper.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with kept:
        assert kept.stdin is not None
        assert kept.stdout is not None
        kept.stdin.write(json.dumps(words) + "\n")
        kept.stdin.flush()
        pids = read_pids(tmp_path / "pid")
        assert json.loads(kept.stdout.readline()) == {"name": "dying", "code": 3}
        assert kept.wait(15) == 1
        assert wait_until_gone(pids) == []


def test_descendants_are_found_across_sessions(tmp_path: Path) -> None:
    child = subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True)
    try:
        time.sleep(0.2)
        found = keeper.descendants(os.getpid())
        assert child.pid in found
        assert len(found) >= 2
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
