"""The file of a claim: who holds a partition, and whether that holder still lives."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import psutil

from marsad.errors import MissingPartition
from marsad.lake import Lake
from marsad.partition import Partition

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """Who writes a partition, and until when unless renewed."""

    source: str
    date: date
    generation: int
    owner: str
    """The run: ``dag_id/run_id`` in Airflow, ``host:pid:…`` elsewhere."""
    session: str
    host: str
    pid: int | None
    """None between two tasks of a run: no process holds it, the run does."""
    pid_started: float | None
    since: datetime
    expires_at: datetime
    is_released: bool = False
    is_done: bool = False
    """Released with the partition published, or left as it was: nothing in it is half made."""
    span_s: float = 0.0
    """For how many seconds it holds from its last renewal; 0 where it is not known."""
    ticked: float | None = None
    """Its last renewal by its machine's clock that nobody sets, in seconds since that machine was started."""

    @property
    def partition(self) -> Partition:
        """What is claimed."""
        return Partition(self.source, self.date)

    @property
    def is_timed_here(self) -> bool:
        """Whether this machine can tell its age without a wall clock."""
        return self.ticked is not None and self.span_s > 0 and self.host == this_host()

    def why_void(self, now: datetime, ticks: float | None = None) -> str | None:
        """Why it holds nothing: ``released``, ``expired`` or ``dead``; None while it holds.

        Args:
            now: says it for claims of other machines.
            ticks: says it for those of this one; None: ``time.monotonic()``.
        """
        if self.is_released:
            return "released"
        if self.ticked is not None and self.is_timed_here:
            is_over = (time.monotonic() if ticks is None else ticks) - self.ticked >= self.span_s
        else:
            is_over = now >= self.expires_at
        if is_over:
            return "expired"
        if self.pid is not None and self.host == this_host() and not _lives(self.pid, self.pid_started):
            return "dead"
        return None

    def __str__(self) -> str:
        place = f" ({self.host.partition('/')[0]}, process {self.pid})" if self.pid else ""
        return f"{self.owner}{place} since {self.since:%Y-%m-%d %H:%M:%S} UTC, until {self.expires_at:%H:%M:%S}"

    def to_bytes(self) -> bytes:
        """As the lake keeps it."""
        return (json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=_plain) + "\n").encode()


def claim_path(partition: Partition, generation: int) -> str:
    """Where a claim lies, relative to the lake."""
    return f"{folder_of(partition)}/{generation:09d}.json"


def generations(lake: Lake, partition: Partition) -> list[int]:
    """The numbers of the claims ever made on a partition that are still there, in order."""
    return [int(n[:-5]) for n in lake.names(folder_of(partition)) if n.endswith(".json") and n[:-5].isdigit()]


def newest(lake: Lake, partition: Partition) -> Claim | None:
    """The claim with the highest number, whether it holds or not."""
    numbers = generations(lake, partition)
    return read_claim(lake, partition, numbers[-1]) if numbers else None


def folder_of(partition: Partition) -> str:
    """Where the claims of a partition lie, relative to the lake."""
    return f"locks/{partition.source}/{partition.date.isoformat()}"


def read_claim(lake: Lake, partition: Partition, generation: int) -> Claim | None:
    """One claim; None where it is gone, or is no claim: a machine that lost power may leave an empty file."""
    try:
        values = json.loads(lake.read_bytes(claim_path(partition, generation)))
        known = {f for f in Claim.__dataclass_fields__ if f in values}
        values = {name: values[name] for name in known}
        for name in ("since", "expires_at"):
            values[name] = datetime.fromisoformat(values[name])
        return Claim(**{**values, "date": date.fromisoformat(values["date"])})
    except (MissingPartition, ValueError, KeyError, TypeError, AttributeError) as error:
        if not isinstance(error, MissingPartition):
            log.warning("%s is no claim and holds nothing", claim_path(partition, generation))
        return None


@cache
def this_host() -> str:
    """This machine, since it was started, and the container on it: where a process id means something."""
    parts = [socket.gethostname()]
    for path, read in (("/proc/sys/kernel/random/boot_id", Path.read_text), ("/proc/self/ns/pid", Path.readlink)):
        try:
            parts.append(str(read(Path(path))).strip())
        except OSError:
            continue
    return "/".join(parts)


def started(pid: int) -> float | None:
    """When a process began, to tell it from a later one of its number; None where there is none.

    On Linux in seconds since the machine was started: what is reckoned from the wall clock moves when that is set.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        pass
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def _lives(pid: int, began: float | None) -> bool:
    """Whether a process is there and is the one that was meant: numbers are given out again."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        now = started(pid)
        return began is None or now is None or abs(now - began) < 2.0
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
