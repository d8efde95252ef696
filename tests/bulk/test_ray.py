"""On a real Ray cluster of this machine: kill -9 of a reading process, of a worker and of the driver; same bytes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import psutil
import pytest

from bulk_pages import AT, story, write_warc
from marsad.bulk.engines import Engine
from marsad.bulk.run import plan_warcs, run_bulk
from marsad.context import Context

from .test_bulk import check_accounts, digests

pytest.importorskip("ray")
pytestmark = pytest.mark.timeout(280)
Make = Callable[[str], Context]


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A word in the environment of all that the test starts; what has it and lives at the end is ended."""
    name = uuid.uuid4().hex
    monkeypatch.setenv("MARSAD_DATA_DOCS", "false")
    monkeypatch.setenv("BULK_TEST", name)
    yield name
    _end(name)


def _words(ctx: Context, warcs: str) -> list[str]:
    words = ["bulk", "run", "--warc", warcs, "--name", "spring", "--out", str(ctx.lake.root), "--engine", "ray"]
    return [sys.executable, "-m", "marsad", *words, "--workers", "2"]


@pytest.mark.slow
def test_ray_workers_and_driver_killed_and_run_again(bulk_context: Make, mark: str) -> None:
    here, there = bulk_context("here"), bulk_context("there")
    count = 60
    for n in range(2):
        pages = [(f"https://jarida.example/{n}/{i}", story(count * n + i, AT)) for i in range(count)]
        write_warc(here.lake, f"in/{n}.warc.gz", pages)
    warcs = str(here.lake.path("in")) + "/*.warc.gz"
    assert run_bulk(plan_warcs(here, "spring", [warcs]), here, Engine("local", 2)).failed == {}

    driver = subprocess.Popen(_words(there, warcs), start_new_session=True)
    reader = _first(mark, driver, "marsad.bulk.nursery", is_forked=True)
    assert _listening(mark), "the cluster is up"
    assert {address for address in _listening(mark) if not address.is_loopback} == set()
    os.kill(reader, signal.SIGKILL)
    worker = _first(mark, driver, "ray::_perform_there")
    os.kill(worker, signal.SIGKILL)
    time.sleep(1.0)  # Ray is giving its shard to another
    assert driver.poll() is None
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    assert not digests(there.lake, "published")
    _wait_until_gone(mark, seconds=90)

    done = subprocess.run(_words(there, warcs), capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{2 * count} captures: cleaned {2 * count}" in done.stdout
    for folder in ("published", "bulk"):
        assert digests(there.lake, folder) == digests(here.lake, folder), folder
    check_accounts(plan_warcs(there, "spring", [warcs]), there, 2 * count)
    _wait_until_gone(mark, seconds=40)


def _first(mark: str, driver: subprocess.Popen[bytes], word: str, *, is_forked: bool = False) -> int:
    """The first process of the test with a word in its title, with a parent of the same where it must be forked."""
    until = time.monotonic() + 150
    while time.monotonic() < until and driver.poll() is None:
        titles = {pid: _read(pid, "cmdline") for pid in _marked(mark)}
        for pid, title in titles.items():
            if word.encode() in title and (not is_forked or titles.get(_parent(pid)) == title):
                return pid
        time.sleep(0.05)
    raise AssertionError(f"no process {word} came up")


def _marked(mark: str) -> list[int]:
    """The processes that descend from this test, by a variable of their environment."""
    ids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in ids if f"BULK_TEST={mark}".encode() in _read(pid, "environ").split(b"\0")]


def _read(pid: int, name: str) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/{name}").read_bytes()
    return b""


def _parent(pid: int) -> int:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _listening(mark: str) -> set[IPv4Address | IPv6Address]:
    """The addresses that processes of the test listen on."""
    found = set()
    for pid in _marked(mark):
        with contextlib.suppress(psutil.Error):
            for line in psutil.Process(pid).net_connections("inet"):
                if line.status == psutil.CONN_LISTEN:
                    address = ip_address(line.laddr.ip)
                    found.add(getattr(address, "ipv4_mapped", None) or address)
    return found


def _wait_until_gone(mark: str, seconds: float) -> None:
    """Wait for whatever the driver left to end by itself."""
    until = time.monotonic() + seconds
    while left := [pid for pid in _marked(mark) if pid != os.getpid()]:
        assert time.monotonic() < until, [_read(pid, "cmdline") for pid in left]
        time.sleep(0.2)


def _end(mark: str) -> None:
    for pid in _marked(mark):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
