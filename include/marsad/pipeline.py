"""The stages in order, and how one partition passes through them.

This is the only place that knows both the rooms and the lake: each room is a
function from tables to batches; here its input is read from ``core``, its output
written to ``staged``, its rejects to ``quarantine``, and the gate called. DAG tasks,
the command line and the tests all call the functions below.

Imports inside functions are on purpose: a process that runs one stage must not pay
for the libraries of all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from marsad.errors import MissingPartition, NeverError, UsageError
from marsad.partition import ALL_SOURCES, Partition
from marsad.settings import Settings, load_settings
from marsad.sources import Source, get_source, load_sources

if TYPE_CHECKING:
    from marsad.dataset import Batch, Dataset
    from marsad.lake import Lake
    from marsad.publish.manifest import Manifest
    from marsad.warehouse import LoadReport

Progress = Callable[[str, int, int], None]
"""Told the stage, how many are done and how many there are."""

FILES_SOURCE = "files"


def utc_now() -> datetime:
    """The clock of real runs; tests pass their own."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """What a run needs besides its partition; built once, passed everywhere."""

    settings: Settings
    lake: Lake
    sources: Mapping[str, Source]
    now: Callable[[], datetime] = utc_now
    progress: Progress | None = None

    def source(self, name: str) -> Source:
        """The source of a partition.

        Raises:
            UnknownSource: there is none of that name.
            UsageError: it is ``files`` and nobody said which.
        """
        source = get_source(self.sources, name)
        if name != FILES_SOURCE:
            return source
        if not self.settings.files_path:
            raise UsageError("source 'files' needs a folder or archive: give --path, or set MARSAD_FILES_PATH")
        routes = tuple(
            _with_path(route, self.settings.files_path, self.settings.files_index) for route in source.discover
        )
        return source.model_copy(update={"discover": routes})


def _with_path(route: Any, path: str, index: str | None) -> Any:
    """The files route with the operator's path, and index if one is given."""
    return route.model_copy(update={"address": path, "index": index or route.index})


@dataclass(frozen=True)
class StageReport:
    """What a stage did: counts for logs, XCom and summaries, never rows."""

    stage: str
    source: str
    date: str
    counts: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Stage:
    """One room in the chain, and the datasets its gate audits."""

    name: str
    work: Callable[[Partition, Context], Mapping[str, int]]
    writes: Callable[[], Sequence[Dataset]]


def open_context(settings: Settings | None = None, *, progress: Progress | None = None) -> Context:
    """Read the settings and the sources, and open the lake.

    Raises:
        UsageError: a setting or a source file does not fit.
        LakeUnusable: the lake cannot be opened.
    """
    from marsad.lake import Lake

    settings = settings or load_settings()
    return Context(
        settings=settings,
        lake=Lake(settings.lake, settings.lake_options),
        sources=load_sources(settings.sources),
        progress=progress,
    )


# the work of each stage


def _scrape(partition: Partition, ctx: Context) -> Mapping[str, int]:
    from marsad.scrape.fetch import Fetcher
    from marsad.scrape.stage import scrape

    source = ctx.source(partition.source)
    if partition.date > source.day_of(ctx.now()):
        raise UsageError(f"{partition}: the day has not begun in {source.timezone}; nothing can be published on it yet")
    ctx.lake.check_writable()
    with Fetcher(ctx.settings, source, clock=ctx.now) as fetch:
        batch = scrape(source, partition.date, fetch, ctx.lake, now=ctx.now, progress=ctx.progress)
    _stage(batch, partition, ctx.lake)
    return {"discovered": len(batch), **_outcomes(batch.table)}


def _clean(partition: Partition, ctx: Context) -> Mapping[str, int]:
    import pyarrow as pa
    import pyarrow.compute as pc

    from marsad.clean.record import LATE_CAPTURES
    from marsad.clean.stage import clean
    from marsad.scrape.record import CAPTURES, Capture
    from marsad.scrape.warc import read_body

    lake = ctx.lake
    own = lake.read_table("core", CAPTURES, partition)
    late_in = _inbox(partition, lake)
    tables = [own]
    for captured_on in sorted(set(late_in["captured_on"].to_pylist())):
        elsewhere = Partition(partition.source, captured_on)
        urls = late_in.filter(pc.equal(late_in["captured_on"], captured_on))["url"]
        captures = lake.read_table("core", CAPTURES, elsewhere)
        wanted = pc.and_(
            pc.is_in(captures["url"], value_set=urls), pc.invert(pc.is_in(captures["url"], value_set=own["url"]))
        )
        tables.append(captures.filter(wanted))

    def body_of(capture: Capture) -> bytes:
        if capture.warc_file is None or capture.warc_offset is None:
            raise MissingPartition(f"{capture.url}: captured, but its WARC record is not known")
        return read_body(lake, capture.warc_file, capture.warc_offset)

    cleaned = clean(ctx.source(partition.source), partition.date, pa.concat_tables(tables), body_of)
    for batch in (cleaned.articles, cleaned.links, cleaned.cuts):
        _stage(batch, partition, lake)
    # a story from another day's capture is that capture's to file, not ours
    mine = cleaned.late.filter(pc.equal(cleaned.late["captured_on"], partition.date))
    _file_late(mine, partition, lake)
    lake.write_table("staged", LATE_CAPTURES, partition, late_in)
    roles = Counter(cleaned.articles.table["role"].to_pylist())
    return {
        "captures": sum(t.num_rows for t in tables),
        "articles": len(cleaned.articles),
        "embedded": roles.get("embedded", 0),
        "links": len(cleaned.links),
        "cuts": len(cleaned.cuts),
        "late": mine.num_rows,
        "rejected": len(cleaned.articles.rejects),
    }


def _extract(partition: Partition, ctx: Context) -> Mapping[str, int]:
    from marsad.clean.record import ARTICLES
    from marsad.extract.stage import extract

    articles = ctx.lake.read_table("core", ARTICLES, partition)
    found = extract(partition.source, partition.date, articles)
    batches = (found.mentions, found.quotations, found.timexes, found.quantities, found.keyphrases)
    for batch in batches:
        _stage(batch, partition, ctx.lake)
    return {b.dataset.name: len(b) for b in batches}


def _validate(partition: Partition, ctx: Context) -> Mapping[str, int]:
    from marsad.validate.stage import validate

    batch = validate(ctx.source(partition.source), partition, ctx.lake)
    _stage(batch, partition, ctx.lake)
    return {"rules": len(batch), "unmet": batch.table["is_success"].to_pylist().count(False)}


def _publish(partition: Partition, ctx: Context) -> Mapping[str, int]:
    from marsad.clean.record import LATE_CAPTURES
    from marsad.publish.stage import publish
    from marsad.scrape.record import CAPTURES

    manifest = publish(
        partition,
        ctx.lake,
        datasets=published_datasets(),
        reports=gate_reports(partition, ctx.lake),
        outcomes=_outcomes(ctx.lake.read_table("core", CAPTURES, partition)),
        quarantined=quarantined(partition, ctx.lake),
    )
    # only now are the late captures this partition read really in it
    consumed = ctx.lake.read_table("staged", LATE_CAPTURES, partition)
    ctx.lake.write_table("core", LATE_CAPTURES, partition, consumed)
    return {f.dataset: f.row_count for f in manifest.files}


def _captures() -> Sequence[Dataset]:
    from marsad.scrape.record import CAPTURES

    return (CAPTURES,)


def _stories() -> Sequence[Dataset]:
    from marsad.clean.record import ARTICLES, CUTS, LINKS

    return (ARTICLES, LINKS, CUTS)


def _findings() -> Sequence[Dataset]:
    from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES

    return (MENTIONS, QUOTATIONS, TIMEXES, QUANTITIES, KEYPHRASES)


def _verdicts() -> Sequence[Dataset]:
    from marsad.validate.record import VERDICTS

    return (VERDICTS,)


STAGES: tuple[Stage, ...] = (
    Stage("scrape", _scrape, _captures),
    Stage("clean", _clean, _stories),
    Stage("extract", _extract, _findings),
    Stage("validate", _validate, _verdicts),
    Stage("publish", _publish, tuple),
)
STAGE_NAMES: tuple[str, ...] = tuple(stage.name for stage in STAGES)


def published_datasets() -> tuple[Dataset, ...]:
    """The datasets of a source's published partition."""
    return (*_stories(), *_findings())


# running


def get_stage(name: str) -> Stage:
    """A stage by name.

    Raises:
        UsageError: there is none; lists them.
    """
    for stage in STAGES:
        if stage.name == name:
            return stage
    raise UsageError(f"unknown stage {name!r}; the stages are {', '.join(STAGE_NAMES)}")


def run(stage: str, partition: Partition, ctx: Context) -> StageReport:
    """Run one stage of one partition; its gate is a call of its own.

    Raises:
        MissingPartition: the stage before, or its gate, has not run.
        NoArchiveRoute: scrape only: nothing can discover that day.
        LaterError: a passing failure; run it again.
    """
    counts = get_stage(stage).work(partition, ctx)
    return StageReport(stage, partition.source, partition.date.isoformat(), dict(counts))


def run_gate(stage: str, partition: Partition, ctx: Context) -> dict[str, Any]:
    """Audit what a stage wrote; accepted rows go to ``core``, others to ``quarantine``.

    Returns:
        Counts per dataset: rows seen, accepted and quarantined.

    Raises:
        GateFailed: a critical expectation failed, or too many rows did.
    """
    datasets = get_stage(stage).writes()
    if not datasets:
        return {}
    from marsad.gate import gate_stage

    reports = gate_stage(datasets, partition, ctx.lake, settings=ctx.settings)
    return {
        r.dataset: {"seen": r.row_count, "accepted": r.accepted_count, "quarantined": r.quarantined_count}
        for r in reports
    }


def run_partition(
    partition: Partition, ctx: Context, *, first: str = "scrape", last: str = "publish", with_late: bool = True
) -> list[StageReport]:
    """Run stages and their gates in order, then the published days that got late stories.

    Raises:
        MarsadError: see :func:`run` and :func:`run_gate`; what was published before stays.
    """
    reports = []
    for name in STAGE_NAMES[STAGE_NAMES.index(get_stage(first).name) : STAGE_NAMES.index(get_stage(last).name) + 1]:
        reports.append(run(name, partition, ctx))
        run_gate(name, partition, ctx)
    if with_late and last == "publish":
        for late in late_partitions(partition, ctx):
            reports += rewrite(late, ctx)
    return reports


def rewrite(partition: Partition, ctx: Context) -> list[StageReport]:
    """Run a partition again from its captures, without the web."""
    return run_partition(partition, ctx, first="clean", with_late=False)


def late_partitions(partition: Partition, ctx: Context) -> list[Partition]:
    """Published partitions that do not yet hold the late stories this one's captures brought.

    A day that was never published is not in the list: its own run will read what is filed
    for it; to publish it with nothing but a late story would call an unscraped day complete.
    """
    from marsad.clean.record import LATE_CAPTURES
    from marsad.publish.manifest import read_manifest

    found = []
    for path in _filed_late(partition, ctx.lake):
        day = date.fromisoformat(path.split("/date=")[1].split("/")[0])
        target = Partition(partition.source, day)
        if read_manifest(ctx.lake, target) is None:
            continue
        try:
            consumed = ctx.lake.read_table("core", LATE_CAPTURES, target)
        except MissingPartition:
            consumed = LATE_CAPTURES.empty()
        if not consumed.equals(_inbox(target, ctx.lake)):
            found.append(target)
    return found


def curate(day: date, ctx: Context) -> StageReport:
    """Find duplicates across sources among a day's published articles, and publish them.

    Raises:
        MissingPartition: no source has published that day.
        GateFailed: the duplicates do not pass their gate.
    """
    from marsad.curate.record import DUPLICATES
    from marsad.curate.stage import curate as find
    from marsad.gate import gate_stage
    from marsad.publish.stage import publish

    partition = Partition(ALL_SOURCES, day)
    batch = find(day, ctx.lake)
    _stage(batch, partition, ctx.lake)
    gate_stage((DUPLICATES,), partition, ctx.lake, settings=ctx.settings)
    publish(
        partition,
        ctx.lake,
        datasets=(DUPLICATES,),
        reports=_reports_of((DUPLICATES,), partition, ctx.lake),
        outcomes={},
        quarantined=_quarantined_of((DUPLICATES,), partition, ctx.lake),
    )
    groups = len(set(batch.table["group_id"].to_pylist()))
    return StageReport("curate", ALL_SOURCES, day.isoformat(), {"duplicates": len(batch), "groups": groups})


def load(partition: Partition, ctx: Context) -> LoadReport:
    """Load one published partition into the warehouse.

    Raises:
        MissingPartition: it is not published.
        WarehouseBusy: another process holds the warehouse.
    """
    from marsad.publish.manifest import read_manifest
    from marsad.warehouse import load as load_manifest

    manifest: Manifest | None = read_manifest(ctx.lake, partition)
    if manifest is None:
        raise MissingPartition(f"{partition} is not published in {ctx.lake}; run it first")
    return load_manifest(manifest, ctx.lake, ctx.settings.warehouse)


def published_partitions(day: date, lake: Lake) -> list[Partition]:
    """The partitions of a day that have a manifest, the curated one last."""
    names = [p.rsplit("source=", 1)[1].removesuffix(".json") for p in lake.list(f"published/_manifests/date={day}")]
    return [Partition(n, day) for n in sorted(names, key=lambda n: (n == ALL_SOURCES, n))]


def load_date(day: date, ctx: Context) -> list[LoadReport]:
    """Load every published partition of a day.

    Raises:
        MissingPartition: there is none.
    """
    partitions = published_partitions(day, ctx.lake)
    if not partitions:
        raise MissingPartition(f"nothing is published for {day} in {ctx.lake}; run a source for that day first")
    return [load(p, ctx) for p in partitions]


# reading what runs left behind


def gate_reports(partition: Partition, lake: Lake) -> list[Any]:
    """The gate reports of a partition, in the order of the stages; missing ones are left out."""
    return _reports_of([d for stage in STAGES for d in stage.writes()], partition, lake)


def _reports_of(datasets: Sequence[Dataset], partition: Partition, lake: Lake) -> list[Any]:
    from marsad.gate import read_report

    reports = (read_report(dataset, partition, lake) for dataset in datasets)
    return [r for r in reports if r is not None]


def quarantined(partition: Partition, lake: Lake) -> dict[str, int]:
    """How many rows of a partition are in quarantine, by reason."""
    return _quarantined_of([d for stage in STAGES for d in stage.writes()], partition, lake)


def _quarantined_of(datasets: Sequence[Dataset], partition: Partition, lake: Lake) -> dict[str, int]:
    reasons: Counter[str] = Counter()
    for row in quarantine_rows(datasets, partition, lake):
        reasons[row.reason] += 1
    return dict(sorted(reasons.items()))


def quarantine_rows(datasets: Sequence[Dataset], partition: Partition, lake: Lake) -> list[Any]:
    """The quarantined rows of some datasets of a partition, as records."""
    from marsad.dataset import QUARANTINE, Quarantined, rows_of

    found: list[Any] = []
    for dataset in datasets:
        for part in ("stage", "gate"):
            path = f"quarantine/{dataset.name}/{partition.path}/{part}.parquet"
            if lake.exists(path):
                found += rows_of(lake.read_table_at(QUARANTINE, path), Quarantined)
    return found


def all_quarantined(day: date, lake: Lake, source: str | None = None) -> list[Any]:
    """Every quarantined row of a day, of one source or of all."""
    from marsad.dataset import QUARANTINE, Quarantined, rows_of

    found: list[Any] = []
    for path in lake.list("quarantine", f"*/date={day.isoformat()}/**/*.parquet"):
        found += rows_of(lake.read_table_at(QUARANTINE, path), Quarantined)
    return sorted(
        (r for r in found if source in (None, r.source)), key=lambda r: (r.source, r.dataset, r.row_key, r.reason)
    )


# small parts


def _stage(batch: Batch, partition: Partition, lake: Lake) -> None:
    """Write a batch to ``staged`` and its rejects to ``quarantine``."""
    from marsad.dataset import QUARANTINE, Quarantined

    lake.stage_batch(batch, partition)
    rows = [
        Quarantined(batch.dataset.name, r.row_key, r.stage, r.reason, r.evidence, partition.source, partition.date)
        for r in batch.rejects
    ]
    path = f"quarantine/{batch.dataset.name}/{partition.path}/stage.parquet"
    if len({(r.row_key, r.reason) for r in rows}) != len(rows):
        raise NeverError(f"{partition}: stage {rows[0].stage} rejected a row of {batch.dataset} twice for one reason")
    lake.write_rows_at(QUARANTINE, path, QUARANTINE.table(rows))


def _outcomes(captures: Any) -> dict[str, int]:
    return dict(sorted(Counter(captures["outcome"].to_pylist()).items()))


def _late_path(target: Partition, captured_on: date) -> str:
    return f"raw/late_captures/{target.path}/from-{captured_on.isoformat()}.parquet"


def _filed_late(partition: Partition, lake: Lake) -> list[str]:
    """The files by which this partition's captures announced stories of other days."""
    name = f"date=*/source={partition.source}/from-{partition.date.isoformat()}.parquet"
    return lake.list("raw/late_captures", name)


def _file_late(late: Any, partition: Partition, lake: Lake) -> None:
    """File late captures under the days they belong to; forget what is no longer so."""
    import pyarrow.compute as pc

    from marsad.clean.record import LATE_CAPTURES

    wanted = set()
    for day in sorted(set(late["date"].to_pylist())):
        path = _late_path(Partition(partition.source, day), partition.date)
        lake.write_rows_at(LATE_CAPTURES, path, late.filter(pc.equal(late["date"], day)))
        wanted.add(path)
    for stale in set(_filed_late(partition, lake)) - wanted:
        lake.delete(stale)


def _inbox(partition: Partition, lake: Lake) -> Any:
    """The late captures filed for a partition."""
    import pyarrow as pa

    from marsad.clean.record import LATE_CAPTURES

    files = lake.list(f"raw/late_captures/{partition.path}", "from-*.parquet")
    tables = [lake.read_table_at(LATE_CAPTURES, f) for f in files]
    return LATE_CAPTURES.conform(pa.concat_tables(tables)) if tables else LATE_CAPTURES.empty()


__all__ = [
    "FILES_SOURCE",
    "STAGES",
    "STAGE_NAMES",
    "Context",
    "StageReport",
    "all_quarantined",
    "curate",
    "gate_reports",
    "late_partitions",
    "load",
    "load_date",
    "open_context",
    "published_datasets",
    "published_partitions",
    "quarantine_rows",
    "quarantined",
    "rewrite",
    "run",
    "run_gate",
    "run_partition",
]
