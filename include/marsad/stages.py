"""The work of each stage: read ``core``, call the room, write ``staged`` and ``quarantine``.

This is the only place that knows both the rooms and the lake; a room itself is a
function from tables to batches. Imports inside functions are on purpose: a process
that runs one stage must not pay for the libraries of all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marsad.context import Context
from marsad.errors import MissingPartition, UsageError
from marsad.partition import Partition

if TYPE_CHECKING:
    import pyarrow as pa

    from marsad.clean.stage import Cleaned
    from marsad.dataset import Dataset
    from marsad.extract.stage import Extracted
    from marsad.lake import Lake


@dataclass(frozen=True)
class Stage:
    """One room in the chain, and the datasets its gate audits."""

    name: str
    work: Callable[[Partition, Context], Mapping[str, int]]
    writes: Callable[[], Sequence[Dataset]]


def _scrape(partition: Partition, ctx: Context) -> Mapping[str, int]:
    from marsad.layout import mark_new
    from marsad.quarantine import write_batch
    from marsad.scrape.fetch import Fetcher
    from marsad.scrape.record import CAPTURES
    from marsad.scrape.stage import scrape

    source = ctx.source(partition.source)
    if partition.date > source.day_of(ctx.now()):
        raise UsageError(f"{partition}: the day has not begun in {source.timezone}; nothing can be published on it yet")
    closed = source.closed_on is not None and partition.date > source.closed_on
    if closed and not ctx.lake.has_table("raw", CAPTURES, partition):
        raise UsageError(f"{partition}: the site closed on {source.closed_on}; it has no later day")
    ctx.lake.check_writable()
    mark_new(ctx.lake)
    with Fetcher(ctx.settings, source, clock=ctx.now) as fetch:
        batch = scrape(source, partition.date, fetch, ctx.lake, now=ctx.now, progress=ctx.progress)
    write_batch(batch, partition, ctx.lake)
    return {"discovered": len(batch), **_outcomes(batch.table)}


def write_cleaned(
    partition: Partition, ctx: Context, read: Callable[[pa.Table], Cleaned] | None = None
) -> Mapping[str, int]:
    """Clean a partition's captures, and those of other days that hold stories of this one.

    Args:
        read: cleans captures for this partition; where not given, they are read here and now.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from marsad.clean.record import LATE_CAPTURES
    from marsad.clean.stage import clean
    from marsad.clean.versions import number_versions
    from marsad.late import file_late, inbox
    from marsad.quarantine import write_batch
    from marsad.scrape.record import CAPTURES, Capture
    from marsad.scrape.revisits import superseded
    from marsad.scrape.warc import read_body

    lake = ctx.lake
    own = lake.read_table("core", CAPTURES, partition)
    late_in = inbox(partition, lake)
    tables = [own]
    elsewhere = [Partition(partition.source, day) for day in sorted(set(late_in["captured_on"].to_pylist()))]
    for other in elsewhere:
        urls = late_in.filter(pc.equal(late_in["captured_on"], other.date))["url"]
        captures = lake.read_table("core", CAPTURES, other)
        wanted = pc.and_(
            pc.is_in(captures["url"], value_set=urls), pc.invert(pc.is_in(captures["url"], value_set=own["url"]))
        )
        tables.append(captures.filter(wanted))

    def body_of(capture: Capture) -> bytes:
        if capture.warc_file is None or capture.warc_offset is None:
            raise MissingPartition(f"{capture.url}: captured, but its WARC record is not known")
        return read_body(lake, capture.warc_file, capture.warc_offset)

    def read_now(captures: pa.Table) -> Cleaned:
        return clean(ctx.facts(partition.source), partition.date, captures, body_of)

    read = read or read_now
    cleaned = read(pa.concat_tables(tables))
    older = [rows for p in [partition, *elsewhere] for rows in superseded(p, lake)]
    articles, versions = number_versions(cleaned, older, read)
    for batch in (articles, versions, cleaned.links, cleaned.cuts):
        write_batch(batch, partition, lake)
    # a story from another day's capture is that capture's to file, not ours
    mine = cleaned.late.filter(pc.equal(cleaned.late["captured_on"], partition.date))
    file_late(mine, partition, lake)
    lake.write_table("staged", LATE_CAPTURES, partition, late_in)
    roles = Counter(cleaned.articles.table["role"].to_pylist())
    return {
        "captures": sum(t.num_rows for t in tables),
        "articles": len(cleaned.articles),
        "embedded": roles.get("embedded", 0),
        "links": len(cleaned.links),
        "cuts": len(cleaned.cuts),
        "versions": len(versions),
        "late": mine.num_rows,
        "rejected": len(cleaned.articles.rejects),
    }


def write_findings(
    partition: Partition, ctx: Context, find: Callable[[pa.Table], Extracted] | None = None
) -> Mapping[str, int]:
    """Extract from a partition's accepted articles.

    Args:
        find: extracts from articles; where not given, they are read here and now.
    """
    from marsad.clean.record import ARTICLES
    from marsad.extract.recogniser import recogniser
    from marsad.extract.stage import extract
    from marsad.quarantine import write_batch

    articles = ctx.lake.read_table("core", ARTICLES, partition)
    if find is not None:
        found = find(articles)
    else:
        source = ctx.sources.get(partition.source)
        chosen = (source.recogniser if source else None) or ctx.settings.recogniser
        reader = recogniser(chosen, ctx.settings.recogniser_model)
        found = extract(partition.source, partition.date, articles, reader)
    batches = (found.mentions, found.quotations, found.timexes, found.quantities, found.keyphrases)
    for batch in batches:
        write_batch(batch, partition, ctx.lake)
    return {b.dataset.name: len(b) for b in batches}


def _validate(partition: Partition, ctx: Context) -> Mapping[str, int]:
    from marsad.quarantine import write_batch
    from marsad.validate.stage import validate

    found = validate(ctx.facts(partition.source), partition, ctx.lake)
    for batch in found:
        write_batch(batch, partition, ctx.lake)
    unmet = found.verdicts.table["is_success"].to_pylist().count(False)
    return {"rules": len(found.verdicts), "unmet": unmet}


def _publish(partition: Partition, ctx: Context) -> Mapping[str, int]:
    from marsad.clean.record import LATE_CAPTURES
    from marsad.publish.stage import publish
    from marsad.quarantine import counts_by_reason
    from marsad.scrape.record import CAPTURES

    manifest = publish(
        partition,
        ctx.lake,
        datasets=published_datasets(),
        reports=gate_reports(partition, ctx.lake),
        outcomes=_outcomes(ctx.lake.read_table("core", CAPTURES, partition)),
        quarantined=counts_by_reason(audited(), partition, ctx.lake),
    )
    # only now are the late captures this partition read really in it; where `staged` was cleared since, they are
    if ctx.lake.has_table("staged", LATE_CAPTURES, partition):
        consumed = ctx.lake.read_table("staged", LATE_CAPTURES, partition)
        ctx.lake.write_table("core", LATE_CAPTURES, partition, consumed)
    return {f.dataset: f.row_count for f in manifest.files}


def _captures() -> Sequence[Dataset]:
    from marsad.scrape.record import CAPTURES

    return (CAPTURES,)


def _stories() -> Sequence[Dataset]:
    from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, CUTS, LINKS

    return (ARTICLES, ARTICLE_VERSIONS, LINKS, CUTS)


def _findings() -> Sequence[Dataset]:
    from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES

    return (MENTIONS, QUOTATIONS, TIMEXES, QUANTITIES, KEYPHRASES)


def _verdicts() -> Sequence[Dataset]:
    from marsad.validate.record import PROFILES, VERDICTS

    return (VERDICTS, PROFILES)


STAGES: tuple[Stage, ...] = (
    Stage("scrape", _scrape, _captures),
    Stage("clean", write_cleaned, _stories),
    Stage("extract", write_findings, _findings),
    Stage("validate", _validate, _verdicts),
    Stage("publish", _publish, tuple),
)
STAGE_NAMES: tuple[str, ...] = tuple(stage.name for stage in STAGES)


def published_datasets() -> tuple[Dataset, ...]:
    """The datasets of a source's published partition."""
    return (*_stories(), *_findings())


def every_published_dataset() -> tuple[Dataset, ...]:
    """All that is published: of a source's partition, and across sources."""
    from marsad.curate.record import CURATED

    return (*published_datasets(), *CURATED)


def audited() -> list[Dataset]:
    """Every dataset that a gate of a partition audits, in the order of the stages."""
    return [dataset for stage in STAGES for dataset in stage.writes()]


def gate_reports(partition: Partition, lake: Lake) -> list[Any]:
    """The gate reports of a partition, in the order of the stages; missing ones are left out."""
    return reports_of(audited(), partition, lake)


def reports_of(datasets: Sequence[Dataset], partition: Partition, lake: Lake) -> list[Any]:
    from marsad.gate import read_report

    reports = (read_report(dataset, partition, lake) for dataset in datasets)
    return [r for r in reports if r is not None]


def _outcomes(captures: Any) -> dict[str, int]:
    return dict(sorted(Counter(captures["outcome"].to_pylist()).items()))
