"""Collect: what shards gave goes to the partitions it belongs to, passes the gates and is published.

Of captures in the lake it is the partition's own run, from clean to publish, with every page read already. Of WARC
files there is no day's run to validate against: the gates of clean and extract are asked, and rows are published.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from marsad.bulk.record import FINDINGS, ROWS, Reading, capture_id, shard_schemas
from marsad.bulk.shard import captures_of, manifest_of, shard_path
from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, CUTS, LATE_CAPTURES, LINKS, LateCapture
from marsad.clean.stage import Cleaned, Placed, in_turn, is_readable, merge, place, read_capture
from marsad.context import Context
from marsad.dataset import Batch, Reject, row_of, rows_of
from marsad.errors import MarsadError, MissingPartition
from marsad.extract.recogniser import recogniser
from marsad.extract.stage import Extracted, find
from marsad.lake import Lake
from marsad.late import file_late
from marsad.partition import Partition
from marsad.scrape.record import Capture
from marsad.scrape.warc import read_body


class Parts:
    """What some shards gave to one partition."""

    def __init__(self, lake: Lake, run: str, shards: Iterable[str], partition: Partition) -> None:
        found: dict[str, list[pa.Table]] = {name: [] for name in shard_schemas()}
        for shard in shards:
            for name in (*(d.name for d in ROWS), "bulk_readings", "bulk_dropped"):
                found[name].append(_of_partition(lake, shard_path(run, shard, f"{name}.parquet"), partition))
        tables = {n: pa.concat_tables(t) if t else shard_schemas()[n].empty_table() for n, t in found.items()}
        self.findings = {d.name: tables[d.name] for d in FINDINGS}
        self.readings: dict[str, Reading] = {r.capture_id: r for r in rows_of(tables["bulk_readings"], Reading)}
        self._rows: dict[str, dict[str, list[Any]]] = {}
        for dataset in (ARTICLES, LINKS, CUTS):
            marks = tables[dataset.name]["capture_id"].to_pylist()
            rows = rows_of(tables[dataset.name].select(dataset.schema.names), dataset.record)
            by_capture = self._rows[dataset.name] = {}
            for mark, row in zip(marks, rows, strict=True):
                by_capture.setdefault(mark, []).append(row)
        self._dropped: dict[str, list[Reject]] = {}
        for row in tables["bulk_dropped"].to_pylist():
            reject = Reject(row["row_key"], row["stage"], row["reason"], row["evidence"])
            self._dropped.setdefault(row["capture_id"], []).append(reject)

    def placed(self, reading: Reading) -> Placed:
        """What a capture gave."""
        own = reading.capture_id
        return Placed(
            reading.article_key,
            reading.address,
            articles=tuple(self._rows[ARTICLES.name].get(own, ())),
            links=tuple(self._rows[LINKS.name].get(own, ())),
            cuts=tuple(self._rows[CUTS.name].get(own, ())),
            rejects=tuple(self._dropped.get(own, ())),
            late=tuple(LateCapture(reading.source, day, reading.url, reading.captured_on) for day in reading.late),
        )


class Collected:
    """Captures put together for one partition, and which of them its articles are from."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.chosen: set[str] = set()
        self.same: list[str] = []
        self.read_here: list[dict[str, Any]] = []

    def merge(self, placed: list[tuple[str, Capture, Placed]]) -> Cleaned:
        """Merge captures in turn; the first call is the partition's own, later ones are its older captures'."""
        if not self.chosen:
            seen: set[str] = set()
            for own, _, found in placed:
                if found.article_key is None or found.article_key not in seen:
                    self.chosen.add(own)
                else:
                    self.same.append(own)
                seen |= {found.article_key} if found.article_key else set()
        cleaned = merge((capture, found) for _, capture, found in placed)
        rejects = {(r.row_key, r.reason): r for r in reversed(cleaned.articles.rejects)}
        in_order = tuple(r for r in dict.fromkeys(cleaned.articles.rejects) if rejects[(r.row_key, r.reason)] is r)
        return Cleaned(Batch(ARTICLES, cleaned.articles.table, in_order), cleaned.links, cleaned.cuts, cleaned.late)

    def findings(self, articles: pa.Table, here: Extracted | None = None) -> Extracted:
        """What was found in accepted articles."""
        ids = articles["article_id"].combine_chunks()
        chosen = pa.array(sorted(self.chosen), pa.string())
        batches = []
        for dataset in FINDINGS:
            table = self.parts.findings[dataset.name]
            wanted = pc.and_(
                pc.is_in(table["article_id"], value_set=ids), pc.is_in(table["capture_id"], value_set=chosen)
            )
            table = table.filter(wanted).select(dataset.schema.names).cast(dataset.schema)
            if here is not None:
                table = pa.concat_tables([table, getattr(here, dataset.name).table])
            batches.append(Batch(dataset, dataset.conform(table)))
        return Extracted(*batches)


def collect_job(job: Mapping[str, Any]) -> dict[str, Any]:
    """Collect what a job names: a source's days in order, or one partition of a corpus."""
    from marsad.bulk.child import open_job

    ctx = open_job(dict(job))
    days = [date.fromisoformat(day) for day in job["days"]]
    work = _collect_source if job["kind"] == "captures" else _collect_corpus
    return work(ctx, job["run"], job["source"], days, job["shards"])


def inputs_digest(lake: Lake, run: str, shards: Iterable[str]) -> str:
    """The digest of what some shards hold."""
    told = hashlib.sha256()
    for shard in sorted(shards):
        found = manifest_of(lake, run, shard)
        told.update(json.dumps([shard, found and found["files"]], sort_keys=True).encode())
    return told.hexdigest()[:32]


def marker_path(run: str, partition: Partition) -> str:
    """Where it is noted that a partition was collected."""
    return f"bulk/{run}/collected/{partition.path}.json"


def _collect_source(
    ctx: Context, run: str, source: str, days: list[date], shards: Mapping[str, list[str]]
) -> dict[str, Any]:
    from marsad.pipeline import late_partitions, rewrite

    partitions = [Partition(source, day) for day in days]
    failed: dict[str, str] = {}
    done = 0
    for partition in partitions:  # first of all: each day's run must see what the others filed for it
        try:
            with ctx.claims.hold(partition, ends=False):
                parts = Parts(ctx.lake, run, shards.get(str(partition.date), ()), partition)
                newest = [capture_id(c) for c, is_older in captures_of(partition, ctx.lake) if not is_older]
                readings = [parts.readings[own] for own in newest if own in parts.readings]
                late = [LateCapture(source, day, r.url, r.captured_on) for r in readings for day in r.late]
                file_late(LATE_CAPTURES.table(late), partition, ctx.lake)
        except MarsadError as error:
            failed[str(partition.date)] = str(error)
    for partition in partitions:
        if str(partition.date) in failed:
            continue
        try:
            with ctx.claims.hold(partition):
                _collect_partition(ctx, run, partition, shards.get(str(partition.date), ()))
            done += 1
        except MarsadError as error:
            failed[str(partition.date)] = str(error)
    for partition in partitions:
        for other in late_partitions(partition, ctx):
            if other not in partitions:
                try:
                    rewrite(other, ctx)
                except MarsadError as error:
                    failed[str(other.date)] = str(error)
    return {"published": done, "failed": failed}


def _collect_partition(ctx: Context, run: str, partition: Partition, shards: Iterable[str]) -> None:
    from marsad.pipeline import run as run_stage
    from marsad.pipeline import run_gate
    from marsad.stages import write_cleaned, write_findings

    inputs = inputs_digest(ctx.lake, run, shards)
    parts = Parts(ctx.lake, run, shards, partition)
    collected = Collected(parts)
    facts = ctx.facts(partition.source)

    def body_of(capture: Capture) -> bytes:
        return read_body(ctx.lake, capture.warc_file or "", capture.warc_offset or 0)

    def read(captures: pa.Table) -> Cleaned:
        placed = []
        for capture in sorted((c for c in rows_of(captures, Capture) if is_readable(c)), key=in_turn):
            own = capture_id(capture)
            if own in parts.readings:
                found = parts.placed(parts.readings[own])
            else:  # a late story from a day outside the run
                found = place(facts, partition.date, read_capture(facts, capture, body_of))
                collected.read_here += [row_of(a) for a in found.articles]
            placed.append((own, capture, found))
        return collected.merge(placed)

    def findings(articles: pa.Table) -> Extracted:
        accepted = set(articles["article_id"].to_pylist())
        here = [a for a in collected.read_here if a["article_id"] in accepted]
        if not here:
            return collected.findings(articles)
        reader = recogniser(facts.recogniser or ctx.settings.recogniser, ctx.settings.recogniser_model)
        found = find(partition.source, partition.date, here, reader)
        batches = (Batch.of(d, getattr(found, d.name)) for d in FINDINGS)
        return collected.findings(articles, Extracted(*batches))

    write_cleaned(partition, ctx, read)
    run_gate("clean", partition, ctx)
    write_findings(partition, ctx, findings)
    run_gate("extract", partition, ctx)
    for stage in ("validate", "publish"):
        run_stage(stage, partition, ctx)
        run_gate(stage, partition, ctx)
    ctx.lake.write_json(marker_path(run, partition), {"inputs": inputs, "same_article": sorted(collected.same)})


def _collect_corpus(
    ctx: Context, run: str, source: str, days: list[date], shards: Mapping[str, list[str]]
) -> dict[str, Any]:
    (day,) = days
    partition = Partition(source, day)
    try:
        with ctx.claims.hold(partition):
            _collect_corpus_partition(ctx, run, partition, shards.get(str(day), ()))
    except MarsadError as error:
        return {"published": 0, "failed": {str(day): str(error)}}
    return {"published": 1, "failed": {}}


def _collect_corpus_partition(ctx: Context, run: str, partition: Partition, shards: Iterable[str]) -> None:
    from marsad.gate import gate_stage
    from marsad.publish.stage import publish
    from marsad.quarantine import counts_by_reason, write_batch
    from marsad.stages import published_datasets, reports_of

    lake = ctx.lake
    collected = Collected(Parts(lake, run, shards, partition))
    readings = collected.parts.readings.values()
    epoch = date.min.isoformat()
    ordered = sorted(
        readings,
        key=lambda r: (r.captured_on, r.url, r.fetched_at.isoformat() if r.fetched_at else epoch, r.capture_id),
    )
    placed = [
        (r.capture_id, Capture(source=r.source, date=r.captured_on, url=r.url), collected.parts.placed(r))
        for r in ordered
    ]
    cleaned = collected.merge(placed)
    for batch in (cleaned.articles, Batch.of(ARTICLE_VERSIONS, ()), cleaned.links, cleaned.cuts):
        write_batch(batch, partition, lake)
    gate_stage((ARTICLES, ARTICLE_VERSIONS, LINKS, CUTS), partition, lake, settings=ctx.settings, now=ctx.now)
    found = collected.findings(lake.read_table("core", ARTICLES, partition))
    for batch in (found.mentions, found.quotations, found.timexes, found.quantities, found.keyphrases):
        write_batch(batch, partition, lake)
    gate_stage(FINDINGS, partition, lake, settings=ctx.settings, now=ctx.now)
    datasets = published_datasets()
    publish(
        partition,
        lake,
        datasets=datasets,
        reports=reports_of(datasets, partition, lake),
        outcomes=dict(Counter({"captured": len(ordered)})),
        quarantined=counts_by_reason(datasets, partition, lake),
    )
    inputs = inputs_digest(lake, run, shards)
    lake.write_json(marker_path(run, partition), {"inputs": inputs, "same_article": sorted(collected.same)})


def _of_partition(lake: Lake, path: str, partition: Partition) -> pa.Table:
    """A partition's rows of a shard's file."""
    name = path.rsplit("/", 1)[1].removesuffix(".parquet")
    column = "day" if name.startswith("bulk_") else "date"
    wanted = [("source", "==", partition.source), (column, "==", partition.date)]
    if not lake.exists(path):
        raise MissingPartition(f"lake {lake}: {path} is not there; run the shard again")
    with lake.open(path) as file:
        return pq.read_table(file, filters=wanted).cast(shard_schemas()[name])
