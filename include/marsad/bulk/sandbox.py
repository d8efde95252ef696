"""Whoever starts the reading process, and finds out what killed it.

A page that crashes, hangs or eats memory takes the process with it. It is known which page that was, but not yet that
it is to blame (the machine may have been short of memory, somebody may have killed the process): so what was lost is
read again up to it, and then it alone in a new process, twice. Only if it dies there each time is that its outcome.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from marsad.bulk.child import OUT_OF_MEMORY
from marsad.bulk.nursery import Child, Nursery
from marsad.bulk.reading import Tables, drop
from marsad.bulk.record import Fate, shard_schemas
from marsad.errors import LaterError, NeverError
from marsad.scrape.record import Capture

ATTEMPTS_ALONE = 2
MAX_STARTS = 3
"""Deaths in a row of a process that has no page to blame, before the shard is given up for this run."""
SILENCE = 10
"""Times its CPU seconds that a page may take by the clock (and a minute): it may wait, not compute."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one page may take."""

    cpu_s: float = 30.0
    memory_mb: int = 2000


class Died(Exception):
    """The process ended, and of what."""

    def __init__(self, fate: Fate, evidence: str) -> None:
        super().__init__(evidence)
        self.fate: Fate = fate


class Sandbox:
    """One process that reads or collects, forked when it is needed and again when it died."""

    def __init__(self, limits: Limits, nursery: Nursery, kind: str = "R") -> None:
        self.limits, self.kind = limits, kind
        self._nursery = nursery
        self._process: Child | None = None
        self._was_silent = False

    def ask(self, job: dict[str, Any], *, may_be_silent: bool = False) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Give a job and take its events, each with its data, until it ends.

        Raises:
            Died: the process did.
            MarsadError: what the job met; the process lives.
        """
        process = self._started()
        wait = None if may_be_silent else SILENCE * self.limits.cpu_s + 60
        memory = None if may_be_silent else self.limits.memory_mb
        line = json.dumps({**job, "cpu_s": self.limits.cpu_s, "memory_mb": memory}).encode() + b"\n"
        try:
            process.input.write(line)
            while True:
                timer = threading.Timer(wait, self._stop_silent, (process,)) if wait else None
                if timer:
                    timer.daemon = True
                    timer.start()
                try:
                    head_line = process.output.readline()
                finally:
                    if timer:
                        timer.cancel()
                if not head_line.endswith(b"\n"):
                    raise EOFError
                head = json.loads(head_line)
                size = sum(size for _, size in head.get("tables", ()))
                data = process.output.read(size) if size else b""
                if len(data) != size:
                    raise EOFError
                if head["event"] == "error":
                    raise (LaterError if head["is_later"] else NeverError)(head["message"])
                yield head, data
                if head["event"] == "end":
                    return
        except (EOFError, BrokenPipeError):
            raise self._cause() from None

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.close()

    def _started(self) -> Child:
        if self._process is None:
            self._process = self._nursery.child(self.kind)
        return self._process

    def _stop_silent(self, process: Child) -> None:
        self._was_silent = True
        process.kill()

    def _cause(self) -> Died:
        process = self._process
        if process is not None:
            process.kill()  # its output has ended, so it has too or is about to; a half-dead one must not hold us up
        code = process.wait() if process is not None else 0
        self.close()
        if self._was_silent:
            self._was_silent = False
            return Died("too_slow", f"nothing for {SILENCE * self.limits.cpu_s + 60:g} s")
        if code == -signal.SIGPROF:
            return Died("too_slow", f"more than {self.limits.cpu_s:g} s of CPU time")
        if code == OUT_OF_MEMORY:
            return Died("out_of_memory", f"more than {self.limits.memory_mb} MB of memory")
        if code is None:
            return Died("crashed", "the process that started it ended")
        said = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return Died("crashed", f"the process that read it ended: {said}")


class ShardRun:
    """Reads a shard through a sandbox, past every page that kills."""

    def __init__(self, sandbox: Sandbox, job: dict[str, Any], progress: Callable[[int], None] | None = None) -> None:
        self._sandbox, self._job, self._progress = sandbox, job, progress
        self._at, self._skip = int(job["first_position"]), False
        self._found: dict[str, list[pa.Table]] = {name: [] for name in shard_schemas()}
        self._begun: dict[str, Any] | None = None
        self._counted: int | None = None
        self.deaths = 0

    def counted(self) -> int:
        """How many captures a WARC has: as the pass that read all of it counted, else gone through once more.

        Raises:
            MarsadError: it cannot be read now.
        """
        if self._counted is None:
            try:
                for head, _ in self._sandbox.ask({**self._job, "job": "count"}):
                    self._counted = head["counted"]
            except Died as death:
                raise LaterError(f"{self._job['shard']['id']}: the process that counts died: {death}") from None
        return int(self._counted or 0)

    def tables(self) -> dict[str, pa.Table]:
        """All rows of the shard, by file.

        Raises:
            MarsadError: the shard cannot be read now, or ever; no page is to blame.
        """
        suspects: set[int] = set()
        starts = 0
        while True:
            until = min(suspects, default=None)
            before = (self._at, self._skip)
            try:
                is_stopped = self._ask(until=until, alone=False)
            except Died as death:
                if self._begun is not None:
                    suspects.add(self._begun["position"])
                elif before == (self._at, self._skip):
                    starts += 1
                    if starts == MAX_STARTS:
                        raise LaterError(
                            f"{self._job['shard']['id']}: the process that reads it died {starts} times without a page "
                            f"to blame ({death}); is the machine short of memory?"
                        ) from None
                continue
            starts = 0
            if not is_stopped:
                return {
                    name: pa.concat_tables(parts) if parts else shard_schemas()[name].empty_table()
                    for name, parts in self._found.items()
                }
            assert until is not None  # noqa: S101
            self._alone(until)
            suspects.discard(until)

    def _alone(self, position: int) -> None:
        """Read one suspect in a process of its own, and say what became of it."""
        for attempt in range(1, ATTEMPTS_ALONE + 1):
            self._sandbox.close()
            self._at, self._skip = position, False
            try:
                self._ask(until=None, alone=True)
                return
            except Died as death:
                begun = self._begun
                if attempt < ATTEMPTS_ALONE:
                    continue
                if begun is None:
                    raise LaterError(f"{self._job['shard']['id']}: no process lives long enough to read it") from None
                into = Tables()
                drop(_capture(begun["capture"]), position, death.fate, death.fate, str(death), into)
                self._take(into.to_arrow())
                self._at, self._skip = position, True

    def _ask(self, *, until: int | None, alone: bool) -> bool:
        self._begun = None
        job = {**self._job, "start": self._at, "skip": self._skip, "until": until, "alone": alone}
        is_stopped = False
        try:
            for head, data in self._sandbox.ask(job):
                if head["event"] == "begin":
                    self._begun = head
                elif head["event"] == "rows":
                    self._take(_unpack(head["tables"], data))
                    self._at, self._skip, self._begun = head["through"], True, None
                else:
                    is_stopped, self._counted = head["is_stopped"], head["counted"]
        except Died:
            self.deaths += 1
            raise
        return is_stopped

    def _take(self, tables: dict[str, pa.Table]) -> None:
        for name, table in tables.items():
            self._found[name].append(table)
        if self._progress and "bulk_outcomes" in tables:
            self._progress(tables["bulk_outcomes"].num_rows)


def _unpack(sizes: list[tuple[str, int]], data: bytes) -> dict[str, pa.Table]:
    found, at = {}, 0
    for name, size in sizes:
        found[name] = pa.ipc.open_stream(pa.py_buffer(data[at : at + size])).read_all()
        at += size
    return found


def _capture(told: dict[str, Any]) -> Capture:
    at = told["fetched_at"]
    return Capture(**{
        **told, "date": date.fromisoformat(told["date"]), "fetched_at": datetime.fromisoformat(at) if at else None
    })  # fmt: skip
