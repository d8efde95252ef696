"""Which datasets each step reads and writes, and what is known of them: the facts behind lineage events.

Nothing here knows a lineage backend; dags/marsad_lineage.py turns these facts into OpenLineage's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from marsad.context import Context
from marsad.errors import MarsadError, MissingPartition
from marsad.partition import ALL_SOURCES, Partition
from marsad.redact import mask
from marsad.stages import STAGES, every_published_dataset, published_datasets

if TYPE_CHECKING:
    from marsad.dataset import Dataset
    from marsad.gate.report import GateReport
    from marsad.lake import Layer

GATE = "gate_"


@dataclass(frozen=True)
class Assertion:
    """What a gate asked of a dataset, and the answer."""

    name: str
    expectation: str
    column: str | None
    is_success: bool
    is_blocking: bool


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    type: str
    what: str


@dataclass(frozen=True)
class Used:
    """A dataset as a step used it."""

    namespace: str
    """The store, as OpenLineage names it: ``file``, ``s3://bucket``, or the web."""
    name: str
    what: str = ""
    columns: tuple[Column, ...] = ()
    row_count: int | None = None
    byte_count: int | None = None
    assertions: tuple[Assertion, ...] = ()


def uses(step: str, partition: Partition, ctx: Context) -> tuple[list[Used], list[Used]]:
    """What a step of a partition read and wrote: a stage, ``gate_<stage>``, ``curate`` or ``load``."""
    if step.startswith(GATE):
        datasets = next(s for s in STAGES if s.name == step.removeprefix(GATE)).writes()
        inputs = [_in_lake("staged", d, partition, ctx, _report(d, partition, ctx)) for d in datasets]
        return inputs, [_in_lake(layer, d, partition, ctx) for d in datasets for layer in _gated(d, partition, ctx)]
    if step == "scrape":
        return _routes(partition, ctx), _staged("scrape", partition, ctx)
    if step == "publish":
        return _core(published_datasets(), partition, ctx), _published(partition, ctx)
    if step == "curate":
        from marsad.clean.record import ARTICLES
        from marsad.pipeline import published_partitions

        sources = [p for p in published_partitions(partition.date, ctx.lake) if p.source != ALL_SOURCES]
        return [_in_lake("published", ARTICLES, p, ctx) for p in sources], _published(partition, ctx)
    if step == "load":
        return _published(partition, ctx), _tables(partition, ctx)
    before = [d for s in STAGES[: next(n for n, s in enumerate(STAGES) if s.name == step)] for d in s.writes()]
    if step == "extract":
        from marsad.clean.record import ARTICLES

        before = [ARTICLES]
    return _core(before, partition, ctx), _staged(step, partition, ctx)


def _gated(dataset: Dataset, partition: Partition, ctx: Context) -> list[Layer]:
    return ["core"] if ctx.lake.has_table("core", dataset, partition) else []


def _staged(stage: str, partition: Partition, ctx: Context) -> list[Used]:
    datasets = next(s for s in STAGES if s.name == stage).writes()
    return [_in_lake("staged", d, partition, ctx) for d in datasets]


def _core(datasets: Sequence[Dataset], partition: Partition, ctx: Context) -> list[Used]:
    return [_in_lake("core", d, partition, ctx) for d in datasets]


def _routes(partition: Partition, ctx: Context) -> list[Used]:
    """A source's listings: the web is what scrape reads."""
    source = ctx.facts(partition.source)
    return [
        Used(source.homepage.rstrip("/"), f"{route.kind}:{mask(route.address)}", f"{source.title}: {route.kind}")
        for route in source.discover
    ]


def store_of(ctx: Context) -> tuple[str, str]:
    """The lake's namespace and the beginning of its datasets' names."""
    root = ctx.lake.root
    if root.protocol in ("", "file", "local"):
        return "file", root.path.rstrip("/")
    bucket, _, prefix = root.path.partition("/")
    return f"{root.protocol}://{bucket}", prefix.rstrip("/")


def _columns(dataset: Dataset) -> tuple[Column, ...]:
    return tuple(
        Column(f.name, str(f.type).replace(" not null", ""), (f.metadata or {}).get(b"doc", b"").decode())
        for f in dataset.schema
    )


def _what(dataset: Dataset) -> str:
    return (dataset.record.__doc__ or "").strip().splitlines()[0]


def _in_lake(
    layer: Layer, dataset: Dataset, partition: Partition, ctx: Context, assertions: tuple[Assertion, ...] = ()
) -> Used:
    namespace, prefix = store_of(ctx)
    rows, size = _size(ctx.lake.dataset_path(layer, dataset, partition), ctx)
    name = f"{prefix}/{layer}/{dataset.name}".lstrip("/" if namespace != "file" else "")
    return Used(namespace, name, _what(dataset), _columns(dataset), rows, size, assertions)


def _size(path: str, ctx: Context) -> tuple[int | None, int | None]:
    """Rows and bytes of a file, from its footer."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with ctx.lake.open(path) as file:
            rows = pq.ParquetFile(file).metadata.num_rows
            return rows, file.seek(0, 2)
    except (MarsadError, pa.ArrowException, OSError):
        return None, None


def _report(dataset: Dataset, partition: Partition, ctx: Context) -> tuple[Assertion, ...]:
    from marsad.gate import read_report

    report: GateReport | None = read_report(dataset, partition, ctx.lake)
    return tuple(
        Assertion(e.reason, e.expectation, e.columns or None, e.is_success, e.is_blocking)
        for e in (report.expectations if report else ())
    )


def _published(partition: Partition, ctx: Context) -> list[Used]:
    from marsad.publish.manifest import read_manifest

    manifest = read_manifest(ctx.lake, partition)
    if manifest is None:
        raise MissingPartition(f"{partition} is not published")
    known = {d.name: d for d in every_published_dataset()}
    return [_in_lake("published", known[f.dataset], partition, ctx) for f in manifest.files if f.dataset in known]


def _tables(partition: Partition, ctx: Context) -> list[Used]:
    """The warehouse's tables: named as the datasets, with the rows of this partition."""
    warehouse = mask(ctx.settings.warehouse)
    scheme, _, place = warehouse.partition("://")
    namespace = f"{scheme}://{Path(place[1:]).absolute()}" if scheme == "duckdb" else f"{scheme}://{place}"
    return [
        Used(namespace, used.name.rsplit("/", 1)[1], used.what, used.columns, used.row_count)
        for used in _published(partition, ctx)
    ]
