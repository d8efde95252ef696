"""Publish: put the accepted rows where the world reads them, whole, the manifest last.

New files are written complete beside the published ones and swapped in at once (:mod:`marsad.publish.swap`): killed
while they are written, the date stands as it was; killed while they are swapped, whoever comes next finishes it. A
partition whose files and manifest are already as they should be is left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Protocol

import marsad
from marsad.dataset import Dataset
from marsad.errors import GateFailed, NeverError
from marsad.lake import Lake, parquet_bytes
from marsad.partition import Partition
from marsad.publish.manifest import GateSummary, Manifest, PublishedFile
from marsad.publish.swap import swap_in


class Expected(Protocol):
    """What publishing needs to know of one answer of a gate."""

    @property
    def reason(self) -> str:
        """The check's name."""

    @property
    def is_success(self) -> bool:
        """Whether every row met it."""


class Report(Protocol):
    """What publishing needs to know of a gate; the gate's own reports are such."""

    @property
    def dataset(self) -> str:
        """The dataset audited."""

    @property
    def suite(self) -> str:
        """Its suite."""

    @property
    def is_success(self) -> bool:
        """Whether it passed."""

    @property
    def row_count(self) -> int:
        """Rows seen."""

    @property
    def accepted_count(self) -> int:
        """Rows in core."""

    @property
    def quarantined_count(self) -> int:
        """Rows in quarantine."""

    @property
    def expectations(self) -> Sequence[Expected]:
        """Its answers."""

    @property
    def override(self) -> str | None:
        """Who let it pass all the same."""


def publish(
    partition: Partition,
    lake: Lake,
    *,
    datasets: Sequence[Dataset],
    reports: Sequence[Report],
    outcomes: Mapping[str, int],
    quarantined: Mapping[str, int],
) -> Manifest:
    """Publish what the gates accepted of a partition.

    Args:
        datasets: those to publish; each needs a gate report among ``reports``.
        reports: of all gates of the partition; they go into the manifest.
        outcomes: how many discovered URLs ended in each outcome.
        quarantined: how many rows were dropped, by reason.

    Raises:
        GateFailed: a gate did not pass, or has not run; nothing was changed.
        MissingPartition: a dataset is not in ``core``; nothing was changed.
        NeverError: ``core`` holds other rows than the gate accepted; nothing was changed.
        LakeUnusable: the store refused; the date stands as it was, or the next run, load or repair completes it.
        ClaimLost: another writer took the partition over; the date stands as it was.
    """
    _check_gates(partition, datasets, reports)
    accepted = {r.dataset: r.accepted_count for r in reports}
    contents: dict[str, bytes] = {}
    files = []
    for dataset in datasets:
        table = lake.read_table("core", dataset, partition)
        if table.num_rows != accepted[dataset.name]:
            raise NeverError(
                f"{partition}: core has {table.num_rows} rows of {dataset}, its gate accepted "
                f"{accepted[dataset.name]}; run the gate again"
            )
        path, data = lake.dataset_path("published", dataset, partition), parquet_bytes(table)
        contents[path] = data
        files.append(
            PublishedFile(
                dataset=dataset.name,
                path=path,
                row_count=table.num_rows,
                byte_count=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
            )
        )
    manifest = Manifest(
        source=partition.source,
        date=partition.date,
        code_version=marsad.__version__,
        schema_versions={d.name: d.version for d in datasets},
        files=tuple(files),
        outcomes=dict(outcomes),
        quarantined=dict(quarantined),
        gates=tuple(_summary(r) for r in reports),
    )
    swap_in(manifest, contents, lake)
    return manifest


def _check_gates(partition: Partition, datasets: Sequence[Dataset], reports: Sequence[Report]) -> None:
    for report in reports:
        if not report.is_success and report.override is None:
            raise GateFailed(f"{partition}: the gate of {report.dataset} did not pass; nothing is published")
    ungated = [d.name for d in datasets if d.name not in {r.dataset for r in reports}]
    if ungated:
        raise GateFailed(f"{partition}: no gate has passed {', '.join(ungated)}; nothing is published")


def _summary(report: Report) -> GateSummary:
    unmet = [e.reason for e in report.expectations if not e.is_success]
    return GateSummary(
        dataset=report.dataset,
        suite=report.suite,
        is_success=report.is_success,
        row_count=report.row_count,
        accepted_count=report.accepted_count,
        quarantined_count=report.quarantined_count,
        warnings=tuple(dict.fromkeys(unmet)),
        override=report.override,
    )
