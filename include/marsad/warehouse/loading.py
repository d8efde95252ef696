"""Load one manifest: every file read and held against it before the warehouse is touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyarrow as pa

import marsad
from marsad.clean.record import ARTICLES
from marsad.dataset import Dataset
from marsad.errors import LakeUnusable, NeverError
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES
from marsad.publish.manifest import Manifest, PublishedFile, read_manifest
from marsad.warehouse.address import Address
from marsad.warehouse.engine import Load, open_engine
from marsad.warehouse.fold import MAX_CHARACTERS, search_words
from marsad.warehouse.registry import ARTICLE_SEARCH, BY_NAME, is_curated, tables_of


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did."""

    source: str
    date: str
    row_count: int
    is_unchanged: bool
    notes: tuple[str, ...] = field(default=())
    """What the engine could not take as it was."""

    def __str__(self) -> str:
        done = "already loaded, nothing changed" if self.is_unchanged else "loaded"
        return "; ".join([f"{self.source} {self.date}: {self.row_count} rows {done}", *self.notes])


def load(manifest: Manifest, lake: Lake, warehouse: str | Address, *, is_forced: bool = False) -> LoadReport:
    """Put one published partition into the warehouse, replacing what was there of it.

    Args:
        manifest: the partition's manifest.
        lake: where its files are.
        warehouse: see :mod:`marsad.warehouse.address`.
        is_forced: replace the rows though this manifest is in: they are of an older form.

    Raises:
        UsageError: the address is none we can load into.
        WarehouseBusy: another process has it, it does not answer, or the partition was published again meanwhile.
        MissingPartition: a file of the partition is not there; nothing was changed.
        LakeUnusable: a file is not what the manifest says; nothing was changed.
        NeverError: the warehouse cannot take it; nothing was changed.
    """
    partition = manifest.partition
    work = Load(
        partition,
        digest_of(manifest),
        sum(f.row_count for f in manifest.files),
        manifest.code_version,
        datetime.now(UTC),
        lambda: read_manifest(lake, partition) == manifest,
        is_forced,
    )
    with closing(open_engine(warehouse)) as engine:
        is_unchanged = not is_forced and engine.loaded(partition) == work.digest
        if not is_unchanged:
            rows = {dataset: dataset.empty() for dataset in tables_of(partition)}
            # one that the manifest no longer names must not keep its old rows
            rows.update({dataset: _read(file, dataset, lake) for dataset, file in _files(manifest)})
            if ARTICLE_SEARCH in rows:
                rows[ARTICLE_SEARCH] = search_rows(rows[ARTICLES])
            is_unchanged = engine.replace(work, rows) == "unchanged"
        return LoadReport(
            partition.source, partition.date.isoformat(), work.row_count, is_unchanged, tuple(engine.notes)
        )


def digest_of(manifest: Manifest) -> str:
    """SHA-256 of a manifest, in hex."""
    return hashlib.sha256(manifest.to_bytes()).hexdigest()


def search_rows(articles: pa.Table) -> pa.Table:
    """The rows of ``article_search`` for a table of articles."""

    def folded(name: str) -> pa.Array:
        texts = articles[name].to_pylist()
        return pa.array([search_words(text and text[:MAX_CHARACTERS]) for text in texts], pa.string())

    columns = {name: folded(name) for name in ("title", "lead", "body")}
    table = pa.table({**{n: articles[n] for n in ("article_id", "source", "date")}, **columns})
    return table.select(ARTICLE_SEARCH.schema.names).cast(ARTICLE_SEARCH.schema)


def _files(manifest: Manifest) -> Iterator[tuple[Dataset, PublishedFile]]:
    """The files of a manifest with their datasets, if we know them all."""
    for file in manifest.files:
        dataset = BY_NAME.get(file.dataset)
        if dataset is None or manifest.schema_versions.get(file.dataset, 1) > dataset.version:
            raise NeverError(
                f"{manifest.partition}: Marsad {manifest.code_version} published {file.dataset} in a form that "
                f"Marsad {marsad.__version__} does not know; upgrade it"
            )
        if is_curated(dataset) != (manifest.source == ALL_SOURCES):
            raise NeverError(f"{manifest.partition}: its manifest names {file.dataset}, which is not of such a one")
        yield dataset, file


def _read(file: PublishedFile, dataset: Dataset, lake: Lake) -> pa.Table:
    """A published file, if it is the one that the manifest names."""
    table = lake.read_table_at(dataset, file.path, sha256=file.sha256)
    if table.num_rows != file.row_count:
        raise LakeUnusable(
            f"{file.path} has {table.num_rows} rows, its manifest says {file.row_count}; publish it again"
        )
    return table
