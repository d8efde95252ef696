"""The published stories of a day and of the days before it, as curating needs them.

A story's words are hashed once: its prints are kept in ``core/prints`` beside the partition's name, with the digest
of the published file they were made from. Where that file is another now, they are made anew.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from marsad.clean.record import ARTICLES
from marsad.curate.prints import PERMUTATIONS, Prints, prints
from marsad.errors import MissingPartition
from marsad.lake import Lake, list_of, parquet_bytes
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import PublishedFile, read_manifest

SCHEMA = pa.schema(
    [
        ("article_id", pa.string()),
        ("fingerprint", pa.binary(16)),
        ("word_count", pa.int32()),
        ("signature", pa.binary(4 * PERMUTATIONS)),
    ]
)
"""What is kept of each story: numbers as little-endian bytes."""
FORM = "1"
"""Changes when the same text would give other prints."""
_COLUMNS = ["article_id", "source", "date", "published_at", "attributions"]


@dataclass(frozen=True, eq=False)
class Texts:
    """n stories in the order of their ids; each list has one entry a story."""

    article_ids: list[str]
    sources: list[str]
    dates: list[date]
    published_at: list[datetime | None]
    credits: list[list[str]]
    prints: Prints
    paths: list[str]
    """The published file each is in."""
    lake: Lake

    def __len__(self) -> int:
        return len(self.article_ids)

    def bodies(self, positions: Sequence[int]) -> list[str]:
        """The bodies of some, read from their files."""
        wanted: dict[str, list[int]] = defaultdict(list)
        for position in positions:
            wanted[self.paths[position]].append(position)
        found: dict[int, str] = {}
        for path, some in wanted.items():
            table = self.lake.read_table_at(ARTICLES, path, columns=["article_id", "body"])
            row_of = {article_id: row for row, article_id in enumerate(list_of(table["article_id"]))}
            bodies = table["body"].take(pa.array([row_of[self.article_ids[p]] for p in some]))
            found.update(zip(some, list_of(bodies), strict=True))
        return [found[position] for position in positions]


def published_sources(day: date, lake: Lake) -> list[Partition]:
    """The sources' partitions of a day that are complete."""
    names = [
        path.rpartition("source=")[2].removesuffix(".json")
        for path in lake.list(f"published/_manifests/date={day.isoformat()}", "source=*.json")
    ]
    return [Partition(name, day) for name in names if name != ALL_SOURCES]


def read_window(day: date, lake: Lake, window_days: int) -> Texts | None:
    """The stories of a day and the window before it; of an id found on two days the later day's.

    None where nothing is published on the day itself.
    """
    if not published_sources(day, lake):
        return None
    rows: dict[str, tuple[dict[str, Any], str, int, int]] = {}
    parts: list[Prints] = []
    for back in range(window_days, -1, -1):
        for partition in published_sources(day - timedelta(days=back), lake):
            file = articles_file(partition, lake)
            if file is None or not file.row_count:
                continue
            made = _prints_of(file, partition, lake)
            for row, record in enumerate(lake.read_table_at(ARTICLES, file.path, columns=_COLUMNS).to_pylist()):
                rows[record["article_id"]] = (record, file.path, len(parts), row)
            parts.append(made)
    chosen = [rows[article_id] for article_id in sorted(rows)]
    begins = np.concatenate(([0], np.cumsum([len(p) for p in parts]))).astype(np.int64)
    order = [int(begins[part]) + row for _, _, part, row in chosen]
    joined = Prints.join(parts)
    return Texts(
        [r["article_id"] for r, *_ in chosen],
        [r["source"] for r, *_ in chosen],
        [r["date"] for r, *_ in chosen],
        [r["published_at"] for r, *_ in chosen],
        [r["attributions"] for r, *_ in chosen],
        Prints(joined.fingerprints[order], joined.word_counts[order], joined.signatures[order]),
        [path for _, path, *_ in chosen],
        lake,
    )


def articles_file(partition: Partition, lake: Lake) -> PublishedFile | None:
    """The published stories of a partition; none where it is not complete."""
    manifest = read_manifest(lake, partition)
    return next((f for f in manifest.files if f.dataset == ARTICLES.name), None) if manifest else None


def _prints_of(file: PublishedFile, partition: Partition, lake: Lake) -> Prints:
    """The prints of the rows of a published file, in its order: those that are kept, or made of its bodies."""
    path = f"core/prints/{partition.path}/part-0.parquet"
    made_of = f"{FORM} {file.sha256}".encode()
    try:
        kept = pq.read_table(io.BytesIO(lake.read_bytes(path)))
        if (kept.schema.metadata or {}).get(b"made_of") == made_of and kept.schema.equals(SCHEMA):
            return _from_table(kept)
    except (MissingPartition, pa.ArrowException, OSError):
        pass  # not there, or torn: it is made anew
    table = lake.read_table_at(ARTICLES, file.path, columns=["article_id", "body"])
    made = prints(list_of(table["body"]))
    columns = [
        table["article_id"].combine_chunks(),
        _binary(made.fingerprints.astype("<u8"), 16),
        pa.array(made.word_counts),
        _binary(made.signatures.astype("<u4"), 4 * PERMUTATIONS),
    ]
    kept = pa.Table.from_arrays(columns, schema=SCHEMA.with_metadata({"made_of": made_of.decode()}))
    lake.write_bytes(path, parquet_bytes(kept))
    return made


def _binary(values: np.ndarray[Any, Any], size: int) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), len(values), [None, pa.py_buffer(values.tobytes())])


def _from_table(kept: pa.Table) -> Prints:
    def column(name: str, kind: str, width: int) -> np.ndarray[Any, Any]:
        data = b"".join(list_of(kept[name]))
        return np.frombuffer(data, kind).reshape(kept.num_rows, width)

    return Prints(
        column("fingerprint", "<u8", 2).astype(np.uint64),
        kept["word_count"].to_numpy().astype(np.int32),
        column("signature", "<u4", PERMUTATIONS).astype(np.uint32),
    )
