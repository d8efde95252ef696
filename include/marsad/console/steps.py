"""A partition step by step: what was discovered, captured, read, accepted and published, in counts that add up.

Every sum is made of files that were written apart from each other, so that one that does not add up says something: a
step was run again and the steps after it were not yet, or a row was lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marsad.clean.record import ARTICLES
from marsad.clean.stage import is_readable
from marsad.console.cache import Cache
from marsad.console.dropped import rows_of_partition
from marsad.dataset import Quarantined, rows_of
from marsad.errors import MissingPartition
from marsad.gate.override import Override, read_overrides
from marsad.gate.report import GateReport, report_path
from marsad.lake import Lake
from marsad.late import inbox, outbox
from marsad.partition import Partition
from marsad.publish.manifest import Manifest, read_manifest
from marsad.report.alarms import Alarm, alarms_in
from marsad.scrape.record import CAPTURES, Capture
from marsad.stages import STAGES, audited, gate_reports

SHOWN_ROWS = 10
"""Failing rows shown of each reason; quarantine has all."""


@dataclass(frozen=True)
class Sum:
    """A whole and what it is made of."""

    whole: int
    parts: Mapping[str, int]

    @property
    def rest(self) -> int:
        """What no part accounts for; 0 where it adds up."""
        return self.whole - sum(self.parts.values())


@dataclass(frozen=True)
class Gate:
    """One dataset's gate, and what was published of what it accepted."""

    stage: str
    report: GateReport
    published: int | None
    """Rows in the manifest; None where nothing is published, or the dataset is not for publishing."""

    @property
    def adds_up(self) -> bool:
        """Whether what went in came out or is in quarantine; of a gate that failed nothing comes out."""
        r = self.report
        return not self.is_passed or r.row_count == r.accepted_count + r.quarantined_count

    @property
    def is_passed(self) -> bool:
        """Whether its rows may be read on: it succeeded, or a decision lets it."""
        return self.report.is_success or self.report.override is not None

    @property
    def is_published_as_accepted(self) -> bool:
        """Whether the manifest has what this gate accepted; not where an earlier run's is still published."""
        return self.published is None or (self.is_passed and self.published == self.report.accepted_count)


@dataclass(frozen=True)
class Failing:
    """The rows that are in quarantine for one reason."""

    dataset: str
    stage: str
    reason: str
    count: int
    rows: tuple[Quarantined, ...]


@dataclass(frozen=True)
class Steps:
    """All of a partition."""

    partition: Partition
    addresses: Sum | None
    """Discovered addresses by outcome; None where nothing was captured."""
    routes: Mapping[str, int]
    """Discovered addresses by the route that showed them first."""
    pages: Sum | None
    """Pages with bytes, by what they gave: story, other_day, or why nothing; None where none was read."""
    stories: Sum | None
    """Stories written, by where they come from: own, embedded, late."""
    gates: tuple[Gate, ...]
    alarms: tuple[Alarm, ...]
    failing: tuple[Failing, ...]
    manifest: Manifest | None
    overrides: tuple[Override, ...]
    """Decisions for a day of this source, of which this is one; the latest last."""

    @property
    def is_blocked(self) -> bool:
        """Whether a gate holds it back."""
        return any(not gate.is_passed for gate in self.gates)

    @property
    def blocking_checks(self) -> tuple[str, ...]:
        """The checks and rules that block it."""
        return tuple(dict.fromkeys(a.check for a in self.alarms if a.is_blocking))

    @property
    def is_empty(self) -> bool:
        """Whether the lake holds nothing of it."""
        return self.addresses is None and not self.gates and self.manifest is None


def read_steps(partition: Partition, lake: Lake, cache: Cache) -> Steps:
    """Collect a partition from the lake.

    Raises:
        LakeUnusable: a file is not what it should be.
        LakeUnreachable: the store does not answer now.
    """
    captures = _captures(partition, lake)
    dropped = rows_of_partition(partition, lake, cache)
    reports = reports_of_partition(partition, lake, cache)
    manifest = read_manifest(lake, partition)
    rows = {f.dataset: f.row_count for f in manifest.files} if manifest else {}
    stage_of = {dataset.name: stage.name for stage in STAGES for dataset in stage.writes()}
    gates = tuple(Gate(stage_of[r.dataset], r, rows.get(r.dataset)) for r in reports)
    outcomes = Counter(c.outcome for c in captures or ())
    routes = Counter(c.discovered_by for c in captures or ())
    stories = _stories(partition, lake)
    return Steps(
        partition,
        Sum(len(captures), dict(outcomes.most_common())) if captures is not None else None,
        dict(routes.most_common()),
        _pages(partition, captures, stories, dropped, lake),
        _sources_of(partition, stories, lake),
        gates,
        tuple(alarms_in(partition, lake, reports)),
        _failing(dropped),
        manifest,
        tuple(o for o in read_overrides(lake) if o.source == partition.source and o.first <= partition.date <= o.last),
    )


def reports_of_partition(partition: Partition, lake: Lake, cache: Cache) -> tuple[GateReport, ...]:
    """The reports of a partition's gates, read again only where they have changed."""
    folders = [report_path(dataset, partition).rsplit("/", 1)[0] for dataset in audited()]
    stamps = tuple(lake.folder_stamp(folder) for folder in folders)
    if not any(stamps):
        return ()
    return cache.get(
        ("gates", partition), stamps, lambda: tuple(gate_reports(partition, lake)), lambda made: 4 * len(made)
    )


def _captures(partition: Partition, lake: Lake) -> list[Capture] | None:
    try:
        return rows_of(lake.read_table("raw", CAPTURES, partition), Capture)
    except MissingPartition:
        return None


def _stories(partition: Partition, lake: Lake) -> list[tuple[str, str]] | None:
    """Address and role of the stories that were written."""
    path = lake.dataset_path("staged", ARTICLES, partition)
    try:
        found = lake.read_table_at(ARTICLES, path, columns=["url", "role"])
    except MissingPartition:
        return None
    return list(zip(found["url"].to_pylist(), found["role"].to_pylist(), strict=True))


def _pages(
    partition: Partition,
    captures: Sequence[Capture] | None,
    stories: Sequence[tuple[str, str]] | None,
    dropped: Sequence[Quarantined],
    lake: Lake,
) -> Sum | None:
    if captures is None or stories is None:
        return None
    read = {c.url: c for c in captures if is_readable(c)}
    told = {url for url, _ in stories}
    elsewhere = set(outbox(partition, lake)["url"].to_pylist())
    reasons = {r.row_key: r.reason for r in dropped if r.dataset == ARTICLES.name and r.stage == "clean"}
    refused = {r.row_key for r in dropped if r.dataset == CAPTURES.name}
    parts: Counter[str] = Counter({"story": 0})
    for url, capture in read.items():
        if url in told or capture.page_url in told:
            parts["story"] += 1
        elif url in elsewhere:
            parts["other_day"] += 1
        elif url in reasons:
            parts[reasons[url]] += 1
        elif url in refused:
            parts["refused"] += 1
    return Sum(len(read), dict(parts))


def _sources_of(partition: Partition, stories: Sequence[tuple[str, str]] | None, lake: Lake) -> Sum | None:
    if stories is None:
        return None
    late = set(inbox(partition, lake)["url"].to_pylist())
    parts = Counter({"own": 0, "embedded": 0, "late": 0})
    for url, role in stories:
        parts["embedded" if role == "embedded" else "late" if url in late else "own"] += 1
    return Sum(len(stories), dict(parts))


def _failing(dropped: Sequence[Quarantined]) -> tuple[Failing, ...]:
    groups: dict[tuple[str, str, str], list[Quarantined]] = {}
    for row in dropped:
        groups.setdefault((row.dataset, row.stage, row.reason), []).append(row)
    found = [Failing(*key, len(rows), tuple(rows[:SHOWN_ROWS])) for key, rows in groups.items()]
    order = {dataset.name: n for n, dataset in enumerate(audited())}
    return tuple(sorted(found, key=lambda f: (order.get(f.dataset, 99), -f.count, f.reason)))
