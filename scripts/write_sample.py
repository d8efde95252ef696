"""Write docs/sample from our own sample sites: published partitions of a day, and the dictionary's examples.

python scripts/write_sample.py           write (a minute or two)

What is published depends on the stories and the code alone, so the files are the same each time; with another
version of pyarrow the same rows may be other bytes.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from marsad import pipeline
from marsad.context import Context, open_context
from marsad.dataset import Dataset
from marsad.dictionary import EXAMPLES, datasets, examples_of
from marsad.partition import Partition
from marsad.publish.manifest import Manifest, manifest_path, read_manifest
from marsad.samples import server
from marsad.settings import Settings

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "docs" / "sample"
SOURCES = ROOT / "include" / "marsad" / "samples" / "sources"
NAMES = ("mudawwana", "mujammi", "qadim", "wakala")
DAYS = (date(2026, 3, 3), date(2026, 3, 4))
"""The days that are run: on the second, late stories of the first turn up."""
SHOWN = DAYS[:1]
"""The days that are copied; more would only be more of the same."""
NOW = datetime(2026, 3, 6, 6, tzinfo=UTC)
"""The clock of the runs: every day is over."""


@contextmanager
def sample_context(folder: Path) -> Iterator[Context]:
    """A context over the sample sites, with a lake of its own and a clock that stands still."""
    with server.serve() as sites:
        settings = Settings(
            lake=str(folder / "lake"),
            state=folder / "state",
            sources=(SOURCES,),
            connect_to=sites.connect_to,
            delay_scale=0,
            retry_base_s=0.01,
            data_docs=False,
        )
        yield replace(open_context(settings), now=lambda: NOW)


def make(ctx: Context) -> None:
    """Run the days of all sample sites, and curate them."""
    for day in DAYS:
        for name in NAMES:
            pipeline.run_partition(Partition(name, day), ctx)
    for day in DAYS:
        pipeline.curate(day, ctx)


def manifests(ctx: Context) -> list[Manifest]:
    """The manifests of all that is published on the days shown."""
    found = (read_manifest(ctx.lake, p) for day in SHOWN for p in pipeline.published_partitions(day, ctx.lake))
    return [m for m in found if m is not None]


def copy(ctx: Context, target: Path) -> list[str]:
    """Copy what the manifests name, and them; whatever else is in the target goes. Returns the paths."""
    shutil.rmtree(target / "published", ignore_errors=True)
    paths = []
    for manifest in manifests(ctx):
        for path in (*(f.path for f in manifest.files), manifest_path(manifest.partition)):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_bytes(ctx.lake.read_bytes(path))
            paths.append(path)
    return paths


def examples(ctx: Context) -> dict[str, dict[str, Any]]:
    """An example of each column of each dataset that the sample's lake has rows of."""
    from marsad.operate.corrections import correct

    pipeline.poll(ctx, ["wakala"], is_forced=True)
    later = replace(ctx, now=lambda: NOW + timedelta(hours=2))
    for _ in correct(later, ["mujammi"]):
        pass
    found = {name: examples_of(dataset, _rows(dataset, ctx)) for name, dataset in datasets().items()}
    return {name: columns for name, columns in found.items() if columns}


def _rows(dataset: Dataset, ctx: Context) -> list[Mapping[str, Any]]:
    """Every row of a dataset that lies somewhere in the lake, its best layer first."""
    for layer in ("published", "core", "raw", "quarantine", "reports/gates"):
        pattern = f"{dataset.name}/**/*.parquet" if layer != "quarantine" else "**/*.parquet"
        if layer == "quarantine" and dataset.name != "quarantine":
            continue
        if layer == "reports/gates":
            pattern = "**/*.parquet" if dataset.name == "gate_reports" else f"{dataset.name}/none"
        rows: list[Mapping[str, Any]] = []
        for path in ctx.lake.list(layer, pattern):
            rows += ctx.lake.read_table_at(dataset, path).to_pylist()
        if rows:
            return rows
    return []


def main() -> int:
    """Write the sample and the examples."""
    with tempfile.TemporaryDirectory(prefix="marsad-sample-") as folder, sample_context(Path(folder)) as ctx:
        make(ctx)
        paths = copy(ctx, SAMPLE)
        found = examples(ctx)
    EXAMPLES.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    size = sum((SAMPLE / path).stat().st_size for path in paths)
    print(f"docs/sample: {len(paths)} files, {size / 1000:.0f} kB; examples of {len(found)} datasets")
    return 0


if __name__ == "__main__":
    sys.exit(main())
