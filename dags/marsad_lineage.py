"""Our datasets as OpenLineage's: one event a step, of the task's own run, through Airflow's provider.

Not a DAG file itself (see .airflowignore), and imported only where a backend is set. The provider tells of a task's
start and end; this tells, between them, what it read and wrote: schema, rows, bytes, and what its gate answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.openlineage.api import emit_dataset_lineage, is_openlineage_active
from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    data_quality_assertions_dataset,
    documentation_dataset,
    input_statistics_input_dataset,
    nominal_time_run,
    output_statistics_output_dataset,
    schema_dataset,
)

from marsad.lineage import Used, uses
from marsad.partition import ALL_SOURCES, Partition

if TYPE_CHECKING:
    from marsad.context import Context


def emit(step: str, partition: Partition, ctx: Context) -> None:
    """Emit what a step of a partition read and wrote; what goes wrong on the way is logged by the provider."""
    if not is_openlineage_active():
        return
    read, written = uses(step, partition, ctx)
    emit_dataset_lineage(
        inputs=[InputDataset(u.namespace, u.name, facets=_facets(u), inputFacets=_read_facets(u)) for u in read],
        outputs=[
            OutputDataset(u.namespace, u.name, facets=_facets(u), outputFacets=_written_facets(u)) for u in written
        ],
        additional_run_facets={"nominalTime": _nominal_time(partition, ctx)},
    )


def _nominal_time(partition: Partition, ctx: Context) -> Any:
    """The partition's day, in its source's time zone; in UTC where it is of all sources."""
    name = partition.source
    if name != ALL_SOURCES and name in ctx.sources:
        first, last = ctx.facts(name).day_bounds(partition.date)
        return nominal_time_run.NominalTimeRunFacet(first.isoformat(), last.isoformat())
    return nominal_time_run.NominalTimeRunFacet(f"{partition.date}T00:00:00+00:00")


def _facets(used: Used) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if used.columns:
        fields = [
            schema_dataset.SchemaDatasetFacetFields(c.name, c.type, c.what, n) for n, c in enumerate(used.columns, 1)
        ]
        facets["schema"] = schema_dataset.SchemaDatasetFacet(fields=fields)
    if used.what:
        facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(used.what)
    return facets


def _read_facets(used: Used) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if used.row_count is not None:
        facets["inputStatistics"] = input_statistics_input_dataset.InputStatisticsInputDatasetFacet(
            rowCount=used.row_count, size=used.byte_count, fileCount=1
        )
    if used.assertions:
        facets["dataQualityAssertions"] = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            assertions=[
                data_quality_assertions_dataset.Assertion(
                    assertion=a.expectation,
                    success=a.is_success,
                    column=a.column,
                    severity="error" if a.is_blocking else "warn",
                    name=a.name,
                )
                for a in used.assertions
            ]
        )
    return facets


def _written_facets(used: Used) -> dict[str, Any]:
    if used.row_count is None:
        return {}
    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        rowCount=used.row_count, size=used.byte_count, fileCount=1
    )
    return {"outputStatistics": statistics}
