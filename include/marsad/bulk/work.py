"""The work on one item, the same under every engine: read a shard, or collect a partition."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from marsad.bulk.nursery import Nursery
from marsad.bulk.record import shard_schemas
from marsad.bulk.sandbox import Died, Limits, Sandbox, ShardRun
from marsad.bulk.shard import manifest_of, shard_path
from marsad.errors import LaterError, MarsadError, NeverError
from marsad.lake import Lake, parquet_bytes

_KEYS = {
    "articles": ("source", "date", "article_id", "capture_id"),
    "bulk_outcomes": ("position", "capture_id"),
    "bulk_readings": ("source", "day", "capture_id"),
    "bulk_dropped": ("source", "day", "capture_id", "row_key", "reason"),
}
_local = threading.local()
_nursery = Nursery()
"""Of this process: all its threads' reading processes are forked there."""
Progress = Callable[[int], None]


def perform(item: str, progress: Progress | None = None) -> str:
    """Do one item: JSON in, JSON out. A failure is an answer, ``{"error": …}``, not an exception.

    Args:
        progress: told how many more captures have their outcome.
    """
    job = json.loads(item)
    limits = Limits(job["limits"]["cpu_s"], job["limits"]["memory_mb"])
    kind = "R" if job["job"] == "read" else "C"
    sandbox: Sandbox | None = getattr(_local, "sandbox", None)
    if sandbox is None or (sandbox.limits, sandbox.kind) != (limits, kind):
        stop()
        _local.sandbox = sandbox = Sandbox(limits, _nursery, kind)
    try:
        result = _read_shard(job, sandbox, progress) if job["job"] == "read" else _collect(job, sandbox)
    except MarsadError as error:
        result = {"error": str(error), "is_later": isinstance(error, LaterError)}
    return json.dumps({"id": job["id"], **result})


def stop() -> None:
    """End this thread's reading process."""
    sandbox: Sandbox | None = getattr(_local, "sandbox", None)
    if sandbox is not None:
        sandbox.close()


def close() -> None:
    """End the process that reading processes are forked from; asked for again it starts anew."""
    _nursery.close()


def open_lake(job: dict[str, Any]) -> Lake:
    """The lake of a job; what opens it (keys, endpoints) is this machine's own setting."""
    from marsad.settings import load_settings

    return Lake(job["lake"], load_settings().lake_options)


def _read_shard(job: dict[str, Any], sandbox: Sandbox, progress: Progress | None) -> dict[str, Any]:
    lake, run, name = open_lake(job), job["run"], job["shard"]["id"]
    done = manifest_of(lake, run, name)
    if done is not None and done["expected"] == job["expected"]:
        return {"outcomes": done["outcomes"], "is_new": False}
    job["first_position"] = 0
    reading = ShardRun(sandbox, job, progress)
    tables = reading.tables()
    counted = reading.counted() if job["shard"]["kind"] == "warc" else job["shard"]["past"] - job["shard"]["first"]
    lake.delete(shard_path(run, name, "manifest.json"))
    files = {}
    for part, table in tables.items():
        keys = _KEYS.get(part, ("source", "date", "article_id"))
        data = parquet_bytes(_sorted(table, part, keys))
        lake.write_bytes(shard_path(run, name, f"{part}.parquet"), data)
        files[part] = {"row_count": table.num_rows, "sha256": hashlib.sha256(data).hexdigest()}
    outcomes = dict(sorted(Counter(tables["bulk_outcomes"]["fate"].to_pylist()).items()))
    readings = tables["bulk_readings"]
    days = sorted({(s, str(d)) for s, d in zip(*(readings[c].to_pylist() for c in ("source", "day")), strict=True)})
    manifest = {
        "expected": job["expected"],
        "files": files,
        "captures": counted,
        "outcomes": outcomes,
        "partitions": days,
    }
    lake.write_json(shard_path(run, name, "manifest.json"), manifest)
    return {"outcomes": outcomes, "is_new": True, "deaths": reading.deaths}


def _sorted(table: pa.Table, part: str, keys: tuple[str, ...]) -> pa.Table:
    """By key, else as they came: the same rows give the same bytes in however many batches they came."""
    return table.cast(shard_schemas()[part]).sort_by([(k, "ascending") for k in keys]).combine_chunks()


def _collect(job: dict[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    for attempt in range(3):
        try:
            for head, _ in sandbox.ask(job, may_be_silent=True):
                if head["event"] == "end":
                    return dict(head["result"])
        except Died as death:
            if attempt == 2:
                raise NeverError(f"{job['id']}: the process that collects it died three times: {death}") from None
    raise NeverError(f"{job['id']}: the process that collects it gave no answer")
