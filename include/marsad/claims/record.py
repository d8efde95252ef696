"""The file of a claim: who holds a partition, and whether that holder still lives."""

from __future__ import annotations

import json
import logging
import socket
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

    @property
    def partition(self) -> Partition:
        """What is claimed."""
        return Partition(self.source, self.date)

    def why_void(self, now: datetime) -> str | None:
        """Why it holds nothing: ``released``, ``expired`` or ``dead``; None while it holds."""
        if self.is_released:
            return "released"
        if now >= self.expires_at:
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
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def _lives(pid: int, started: float | None) -> bool:
    """Whether a process is there and is the one that was meant: numbers are given out again."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return started is None or abs(process.create_time() - started) < 2.0
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
