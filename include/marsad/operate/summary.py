"""What became of a day, told from the lake alone: counts that add up, and why where something is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rich import box
from rich.console import Console
from rich.table import Table

from marsad.clean.record import ARTICLES
from marsad.context import Context
from marsad.errors import MissingPartition
from marsad.extract.record import QUOTATIONS
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import read_manifest
from marsad.quarantine import all_quarantined
from marsad.redact import mask_uri
from marsad.scrape.record import CAPTURES
from marsad.stages import gate_reports
from marsad.terminal import escape

SAMPLE_ROWS = 3


@dataclass(frozen=True)
class PartitionSummary:
    """One source on one day."""

    partition: Partition
    outcomes: Mapping[str, int]
    stories: int
    embedded: int
    quotations: int
    quarantined: Mapping[str, int]
    gates_passed: int
    gates_run: int
    is_published: bool
    note: str
    overrides: Sequence[str] = ()

    @property
    def discovered(self) -> int:
        """URLs discovered: every one has exactly one outcome."""
        return sum(self.outcomes.values())


@dataclass(frozen=True)
class DaySummary:
    """Some days, every source of them, and a few rows to look at."""

    partitions: Sequence[PartitionSummary]
    duplicates: int
    groups: int
    stories: int
    told: int
    """Articles that are in a story."""
    samples: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    lake: str = ""
    warehouse: str = ""


def summarise(days: Sequence[date], ctx: Context, notes: Mapping[Partition, str] | None = None) -> DaySummary:
    """Read what is in the lake of some days.

    Sources are those that are enabled, and any other that left something in the lake.

    Args:
        notes: why a partition was not published, where the caller knows more than the lake.
    """
    partitions = []
    for day in days:
        names = {s.name for s in ctx.sources.values() if s.is_enabled}
        names |= {
            path.split("/source=")[1].split("/")[0]
            for path in ctx.lake.list("raw/captures", f"date={day.isoformat()}/source=*/*.parquet")
        }
        partitions += [_summary(p, ctx, (notes or {}).get(p, "")) for p in (Partition(n, day) for n in sorted(names))]
    groups, duplicates, stories = 0, 0, set()
    told: set[str] = set()
    for day in days:
        curated = Partition(ALL_SOURCES, day)
        try:
            from marsad.curate.record import DUPLICATES, STORY_MEMBERS

            rows = ctx.lake.read_table("published", DUPLICATES, curated)
            members = ctx.lake.read_table("published", STORY_MEMBERS, curated)
        except MissingPartition:
            continue
        duplicates += rows.num_rows
        groups += len(set(rows["group_id"].to_pylist()))
        stories |= set(members["story_id"].to_pylist())
        told |= set(members["article_id"].to_pylist())
    published = [p.partition for p in partitions if p.is_published]
    return DaySummary(
        partitions,
        duplicates,
        groups,
        len(stories),
        len(told),
        _samples(published, ctx),
        str(ctx.lake),
        ctx.settings.warehouse,
    )


def _summary(partition: Partition, ctx: Context, note: str) -> PartitionSummary:
    lake = ctx.lake
    outcomes: Counter[str] = Counter()
    if lake.has_table("raw", CAPTURES, partition):
        outcomes.update(lake.read_table("raw", CAPTURES, partition)["outcome"].to_pylist())
    reports = gate_reports(partition, lake)
    manifest = read_manifest(lake, partition)
    stories = embedded = quotations = 0
    if manifest is not None:
        roles = lake.read_table("published", ARTICLES, partition)["role"].to_pylist()
        stories, embedded = len(roles), roles.count("embedded")
        quotations = lake.read_table("published", QUOTATIONS, partition).num_rows
    reasons = Counter(r.reason for r in all_quarantined(partition.date, lake, partition.source))
    failed = [r.dataset for r in reports if not r.is_success and r.override is None]
    if manifest is None and not note:
        if failed:
            note = f"stopped at the gate of {', '.join(failed)}"
        elif not outcomes:
            note = "nothing captured: unreachable, no archive route, or not run"
        else:
            note = "not run to the end"
    return PartitionSummary(
        partition,
        dict(sorted(outcomes.items())),
        stories,
        embedded,
        quotations,
        dict(sorted(reasons.items())),
        sum(1 for r in reports if r.is_success),
        len(reports),
        manifest is not None,
        note,
        tuple(r.override for r in reports if r.override),
    )


def _samples(partitions: Sequence[Partition], ctx: Context) -> list[dict[str, str]]:
    """One row each of a few partitions, of different sources, richest in what Marsad finds."""
    rows: list[dict[str, str]] = []
    used: set[str] = set()
    for partition in partitions:
        if partition.source in used or len(rows) == SAMPLE_ROWS:
            continue
        used.add(partition.source)
        articles = ctx.lake.read_table("published", ARTICLES, partition).to_pylist()
        quotations = ctx.lake.read_table("published", QUOTATIONS, partition).to_pylist()
        said = {q["article_id"]: q for q in reversed(quotations) if q["speaker"] and q["kind"] == "direct"}
        best = next((a for a in articles if a["article_id"] in said and a["title"]), articles[0] if articles else None)
        if best is None:
            continue
        quotation = said.get(best["article_id"])
        rows.append(
            {
                "where": str(partition),
                "title": best["title"] or "",
                "text": best["paragraphs"][0] if best["paragraphs"] else "",
                "quotation": f"{quotation['speaker']}: «{quotation['text']}»" if quotation else "",
                "keywords": "، ".join(best["keywords"]),
            }
        )
    return rows


def rtl(text: str) -> str:
    """A text set apart by direction, so that a terminal orders it and the line around it each rightly."""
    return f"\u2068{text}\u2069" if text else ""


def render(summary: DaySummary, console: Console) -> None:
    """Print a summary: a row for each partition, what is out of the ordinary below, a few rows to look at."""
    for day in sorted({p.partition.date for p in summary.partitions}):
        table = Table(box=box.HORIZONTALS, header_style="bold", pad_edge=False, collapse_padding=True)
        table.add_column(day.isoformat(), no_wrap=True)
        for heading in ("URLs", "captured", "stories", "split", "quotes", "dropped", "gates"):
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("")
        for p in summary.partitions:
            if p.partition.date == day:
                table.add_row(*_cells(p))
        console.print(table)
    for p in summary.partitions:
        for label, text in _remarks(p):
            console.print(f"  {p.partition}: [dim]{label}[/] {escape(text)}", highlight=False, soft_wrap=True)
    console.print(
        "\nsplit: stories that stood whole on another's page; dropped: rows in quarantine.\n"
        f"{summary.duplicates} stories are in {summary.groups} groups of duplicates; "
        f"{summary.told} tell of {summary.stories} events with other sources.\n",
        highlight=False,
    )
    for row in summary.samples:
        console.print(f"[dim]{row['where']}[/]", highlight=False)
        console.print(f"  [bold]{escape(rtl(row['title']))}[/]", highlight=False)
        for key in ("text", "quotation", "keywords"):
            if row[key]:
                console.print(f"  {escape(rtl(row[key]))}", highlight=False, soft_wrap=True)
        console.print()
    console.print(f"Parquet    {summary.lake}/published", highlight=False, soft_wrap=True)
    console.print(
        f"warehouse  {mask_uri(summary.warehouse.removeprefix('duckdb:///'))}", highlight=False, soft_wrap=True
    )


def _cells(p: PartitionSummary) -> tuple[str, ...]:
    counts = (p.discovered, p.outcomes.get("captured", 0), p.stories, p.embedded, p.quotations)
    return (
        p.partition.source,
        *map(str, counts),
        str(sum(p.quarantined.values())),
        f"{p.gates_passed}/{p.gates_run}",
        "[green]published[/]" if p.is_published else "[red]not[/]",
    )


def _remarks(p: PartitionSummary) -> list[tuple[str, str]]:
    """What is out of the ordinary about a partition."""
    others = ", ".join(f"{n} {k}" for k, n in p.outcomes.items() if k != "captured")
    reasons = ", ".join(f"{n} {k}" for k, n in p.quarantined.items())
    found = (
        ("not published:", "" if p.is_published else p.note),
        ("not captured:", others),
        ("in quarantine:", reasons),
        ("passed by decision:", "; ".join(p.overrides)),
    )
    return [(label, text) for label, text in found if text]
