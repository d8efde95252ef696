"""The published files as Apache Iceberg tables: snapshots, time travel, and any engine that speaks Iceberg.

A table holds the very bytes that are published. ``part-0.parquet`` is replaced in place when a day is published again,
and a snapshot must go on naming what it named; so each file has a second name that never changes, by its checksum:

    iceberg/data/<dataset>/<sha256>.parquet    a hard link on a disk (no space), a copy within an object store
    iceberg/tables/<dataset>/metadata/…        Iceberg's own

A day's partitions are one commit a table: files that are no longer published out, new ones in, nothing is read but
Parquet footers. What is registered is known by its name, so doing it twice changes nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from marsad.curate.record import CURATED
from marsad.dataset import Dataset
from marsad.errors import LakeUnusable, MissingPartition
from marsad.iceberg.catalog import CatalogBusy, open_catalog
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, PublishedFile

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

log = logging.getLogger(__name__)
T = TypeVar("T")

NAMESPACE = "marsad"
ATTEMPTS = 6
"""At a commit that another writer was quicker than; waits double from a tenth of a second."""

CATALOG = Partition("_iceberg", date(2000, 1, 1))
"""What a writer of the tables claims, so that what is being registered is not taken for litter."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What registering did to one table on one day."""

    dataset: str
    day: date
    added: int
    removed: int

    def __str__(self) -> str:
        done = f"{self.added} files in, {self.removed} out" if self.added or self.removed else "already so"
        return f"{NAMESPACE}.{self.dataset} {self.day}: {done}"


def sync(
    day: date,
    manifests: Sequence[Manifest],
    lake: Lake,
    *,
    catalog: str,
    datasets: Iterable[Dataset],
    is_whole_day: bool = True,
) -> Iterator[Synced]:
    """Make the tables hold what is published of a day; the caller holds :data:`CATALOG`.

    Args:
        manifests: of the partitions to register, all of that day.
        catalog: the setting ``iceberg_catalog``.
        datasets: those that may be published.
        is_whole_day: the manifests are all there are of the day: a partition that has none is taken out. Otherwise
            only the partitions of these manifests are touched.

    Raises:
        UsageError: the catalog cannot be opened as it is written.
        CatalogBusy: others were quicker at every attempt, or the catalog does not answer.
        LakeUnusable: a published file is gone, or not what its manifest says.
    """
    known = {d.name: d for d in datasets}
    files: dict[str, list[tuple[PublishedFile, Manifest]]] = {name: [] for name in known}
    for manifest in manifests:
        for file in manifest.files:
            if file.dataset in known and file.row_count:
                files[file.dataset].append((file, manifest))
    sources = None if is_whole_day else {m.source for m in manifests}
    with open_catalog(catalog, lake) as found:
        for name, wanted in files.items():
            dataset = known[name]
            if sources is not None and (ALL_SOURCES in sources) != _is_across(dataset):
                continue  # a partition of a source has no rows in what lies across sources, nor the other way
            yield _sync_table(found, dataset, day, wanted, lake, sources)


def _is_across(dataset: Dataset) -> bool:
    return dataset in CURATED


def _sync_table(
    catalog: Catalog,
    dataset: Dataset,
    day: date,
    wanted: Sequence[tuple[PublishedFile, Manifest]],
    lake: Lake,
    sources: set[str] | None,
) -> Synced:
    urls = {}
    for file, _ in wanted:
        path = data_path(file)
        _give_second_name(file, path, lake)
        urls[url_of(lake, path)] = file

    def once() -> Synced:
        table = ensure_table(catalog, dataset, lake)
        old = _registered(table, dataset, day, sources)
        gone = [f for url, f in old.items() if url not in urls]
        new = [url for url in urls if url not in old]
        if gone or new:
            _commit(table, gone, new, day, [m for _, m in wanted])
        return Synced(dataset.name, day, len(new), len(gone))

    return retried(once)


def _registered(table: Table, dataset: Dataset, day: date, sources: set[str] | None) -> dict[str, Any]:
    """The data files that a table holds of a day, by their URL."""
    from pyiceberg.expressions import And, BooleanExpression, EqualTo, In

    wanted: BooleanExpression = EqualTo("date", day.isoformat())  # type: ignore[call-arg]
    if sources is not None and not _is_across(dataset):
        wanted = And(wanted, In("source", set(sources)))  # type: ignore[call-arg]
    return {task.file.file_path: task.file for task in table.scan(row_filter=wanted).plan_files()}


def _commit(table: Table, gone: Sequence[Any], new: Sequence[str], day: date, manifests: Sequence[Manifest]) -> None:
    """One snapshot: the old files out, the new ones in; no row is read."""
    import hashlib

    from pyiceberg.io.pyarrow import parquet_files_to_data_files

    properties = {"marsad.date": day.isoformat()}
    for manifest in manifests:
        digest = hashlib.sha256(manifest.to_bytes()).hexdigest()
        properties[f"marsad.manifest-sha256.{manifest.source}"] = digest
        properties[f"marsad.code-version.{manifest.source}"] = manifest.code_version
    with table.transaction() as transaction:
        update = transaction.update_snapshot(snapshot_properties=properties)
        with update.overwrite() if gone else update.fast_append() as producer:
            for file in gone:
                producer.delete_data_file(file)
            for file in parquet_files_to_data_files(table.io, transaction.table_metadata, iter(new)):
                producer.append_data_file(file)


def ensure_table(catalog: Catalog, dataset: Dataset, lake: Lake) -> Table:
    """The table of a dataset, made where there is none, and given the columns the dataset has gained."""
    import pyarrow as pa
    from pyiceberg.exceptions import NamespaceAlreadyExistsError, NoSuchTableError, TableAlreadyExistsError
    from pyiceberg.table.name_mapping import create_mapping_from_schema
    from pyiceberg.transforms import IdentityTransform

    name = f"{NAMESPACE}.{dataset.name}"
    # the gates hold what may not be null; a table must take a file from before a column was there
    schema = pa.schema([f.with_nullable(True) for f in dataset.schema])
    try:
        table = catalog.load_table(name)
    except NoSuchTableError:
        try:
            catalog.create_namespace(NAMESPACE)
        except NamespaceAlreadyExistsError:
            log.debug("%s is there", NAMESPACE)
        try:
            with catalog.create_table_transaction(
                name,
                schema=schema,
                location=url_of(lake, f"iceberg/tables/{dataset.name}"),
                properties={
                    "marsad.schema-version": str(dataset.version),
                    "marsad.key": ",".join(dataset.key),
                    "write.metadata.delete-after-commit.enabled": "true",
                    "write.metadata.previous-versions-max": "20",
                },
            ) as making:
                with making.update_spec() as spec:
                    spec.add_field("date", IdentityTransform(), "date")
                    if not _is_across(dataset):
                        spec.add_field("source", IdentityTransform(), "source")
                made = making.table_metadata.schema()
                making.set_properties(
                    {"schema.name-mapping.default": create_mapping_from_schema(made).model_dump_json()}
                )
        except TableAlreadyExistsError:
            log.debug("%s was made by another", name)
        table = catalog.load_table(name)
    have = set(table.schema().column_names)
    if any(column not in have for column in schema.names):
        with table.transaction() as transaction:
            with transaction.update_schema() as update:
                update.union_by_name(schema)
            grown = create_mapping_from_schema(transaction.table_metadata.schema())
            transaction.set_properties(
                {"schema.name-mapping.default": grown.model_dump_json(), "marsad.schema-version": str(dataset.version)}
            )
        table = catalog.load_table(name)
    return table


def data_path(file: PublishedFile) -> str:
    """The name of a published file's bytes that never changes, relative to the lake."""
    return f"iceberg/data/{file.dataset}/{file.sha256}.parquet"


def url_of(lake: Lake, path: str) -> str:
    """A path of the lake as Iceberg writes it down."""
    return f"file://{lake.path(path).path}" if lake.is_local else str(lake.path(path))


def _give_second_name(file: PublishedFile, path: str, lake: Lake) -> None:
    if lake.exists(path):
        return
    try:
        lake.share(file.path, path)
        sha256, _ = lake.digest(path)
    except MissingPartition:
        sha256 = ""
    if sha256 != file.sha256:
        # it was replaced between its manifest and here
        lake.delete(path)
        raise LakeUnusable(f"lake {lake}: {file.path} is not the file its manifest names; register the day again")


def retried(work: Callable[[], T]) -> T:
    """Do it again where another writer was quicker.

    Raises:
        CatalogBusy: at every attempt.
    """
    for attempt in range(ATTEMPTS):
        try:
            with _spoken():
                return work()
        except CatalogBusy:
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(0.1 * 2**attempt)
    raise AssertionError


@contextmanager
def _spoken() -> Iterator[None]:
    """Iceberg's and the catalog's errors that pass, as ours."""
    from pyiceberg.exceptions import CommitFailedException, CommitStateUnknownException, ValidationException
    from sqlalchemy.exc import OperationalError

    try:
        yield
    except (CommitFailedException, CommitStateUnknownException, ValidationException, OperationalError) as error:
        said = str(error).splitlines()[0]
        raise CatalogBusy(f"the Iceberg catalog is busy or does not answer: {said}; run it again") from None


def snapshots_of(table: Table) -> list[tuple[int, datetime, dict[str, str]]]:
    """A table's snapshots, the oldest first: id, when it was committed, and what Marsad noted."""
    from datetime import UTC

    found = []
    for snapshot in sorted(table.snapshots(), key=lambda s: s.sequence_number or 0):
        notes = snapshot.summary.additional_properties if snapshot.summary else {}
        moment = datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC)
        found.append((snapshot.snapshot_id, moment, {k: v for k, v in notes.items() if k.startswith("marsad.")}))
    return found
