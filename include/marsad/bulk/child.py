"""The process that reads pages, and may die of one; :mod:`marsad.bulk.nursery` forks it.

It takes jobs as lines of JSON on its input and answers with events, a line of JSON each, with Arrow data after those
that say so. It names every capture before it reads it, so that whoever finds it dead knows of what. It ends when its
input does: with the one that started it.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import resource
import signal
from typing import Any, BinaryIO

from marsad.errors import LaterError, MarsadError

BATCH_CAPTURES = 64
"""Captures whose rows are handed over together."""
OUT_OF_MEMORY = 70
"""Exit code: a page took more memory than it may."""


def serve() -> None:
    """Do jobs until there are no more."""
    # the kernel ends us when a page's CPU time is up, whatever library holds the interpreter
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # nor does a page that crashes leave all of our memory on the disk
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no event
    jobs = os.fdopen(os.dup(0), "rb")
    for line in jobs:
        job = json.loads(line)
        try:
            _limit_memory(job.get("memory_mb"))
            if job["job"] == "read":
                _read(job, events)
            elif job["job"] == "count":
                _send(events, {"event": "end", "counted": _reader(job).count()})
            else:
                from marsad.bulk.collect import collect_job

                _send(events, {"event": "end", "result": collect_job(job)})
        except MarsadError as error:
            _send(events, {"event": "error", "message": str(error), "is_later": isinstance(error, LaterError)})
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except BrokenPipeError:
            os._exit(0)  # nobody is there any more


def _limit_memory(megabytes: int | None) -> None:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 1_000_000 if megabytes else hard, hard))


def open_job(job: dict[str, Any]) -> Any:
    """The context of a job: this machine's settings, and the lake that the run is in."""
    from marsad.context import open_context
    from marsad.settings import load_settings

    return open_context(load_settings().model_copy(update={"lake": job["lake"], **job.get("settings", {})}))


def _reader(job: dict[str, Any]) -> Any:
    from marsad.bulk.reading import ShardReader
    from marsad.bulk.shard import Shard

    module, _, function = job["reader"].partition(":")
    read = getattr(importlib.import_module(module), function)
    return ShardReader(Shard(**job["shard"]), open_job(job), job["run"], read)


def _read(job: dict[str, Any], events: BinaryIO) -> None:
    from marsad.bulk.reading import Tables
    from marsad.bulk.shard import code_digest

    if job["code"] != code_digest():
        raise LaterError("this machine runs other code than the one that planned the run; install the same on both")
    reader = _reader(job)
    tables, count, last, is_stopped = Tables(), 0, None, False
    is_skipping = job["skip"]
    for item in reader.items(job["start"]):
        if is_skipping:
            is_skipping = False
            continue
        if job["until"] is not None and item.position >= job["until"]:
            is_stopped = True
            break
        if item.fate is None:
            capture = item.capture
            told = {
                "source": capture.source, "date": str(capture.date), "url": capture.url,
                "warc_file": capture.warc_file, "warc_offset": capture.warc_offset,
                "fetched_at": capture.fetched_at.isoformat() if capture.fetched_at else None,
                "final_url": capture.final_url,
            }  # fmt: skip
            _send(events, {"event": "begin", "position": item.position, "capture": told})
        signal.setitimer(signal.ITIMER_PROF, job["cpu_s"])
        try:
            reader.read(item, tables)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        last, count = item.position, count + 1
        if count % BATCH_CAPTURES == 0:
            _send_rows(events, tables, last)
            tables = Tables()
        if job["alone"]:
            break
    if last is not None:
        _send_rows(events, tables, last)
    is_whole = job["start"] == 0 and not (job["skip"] or job["alone"] or is_stopped)
    _send(events, {"event": "end", "is_stopped": is_stopped, "counted": reader.counted if is_whole else None})


def _send_rows(events: BinaryIO, tables: Any, through: int) -> None:
    import pyarrow as pa

    parts = []
    for name, table in tables.to_arrow().items():
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        parts.append((name, sink.getvalue()))
    sizes = [(name, len(data)) for name, data in parts]
    _send(events, {"event": "rows", "through": through, "tables": sizes}, *(data for _, data in parts))


def _send(events: BinaryIO, head: dict[str, Any], *parts: bytes) -> None:
    events.write(json.dumps(head).encode() + b"\n")
    for data in parts:
        events.write(data)
    events.flush()
