"""Retention: what is older than the operator keeps it goes, and a record of it stays.

``MARSAD_RETENTION`` names layers, or folders of a layer, and days: ``{"staged": 7, "raw/sightings": 60, "raw": 400}``;
the longest name that fits a file counts. What is not named is kept for ever.

What something younger still needs is left: archive files that younger captures point into (a body that was sent before
is stored once), and captures that hold a late story of a younger day. Of a published day the manifest goes first, so
that no reader takes what is left for a whole partition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from marsad.claims import sweep
from marsad.context import Context
from marsad.errors import MissingPartition, PartitionBusy, UsageError
from marsad.lake import Lake
from marsad.operate.verify import partition_of
from marsad.partition import Partition

LEAST_DAYS: Mapping[str, int] = {
    "raw": 30,  # late stories, revisits and equal bodies reach back
    "staged": 2,  # a run that waits for its retry
    "core": 90,  # what a source's days are compared with
    "quarantine": 1,
    "reports": 7,
    "published": 7,
}
"""The layers that may be cleared, and the fewest days that the pipeline itself needs of each."""

_FROM = re.compile(r"/from-(\d{4}-\d{2}-\d{2})\.parquet$")


@dataclass(frozen=True, slots=True)
class Cleared:
    """What went, or would go, of a partition in one folder."""

    source: str
    date: date
    folder: str
    files: int
    bytes: int
    skipped: str | None = None
    """Why it did not go."""

    def __str__(self) -> str:
        said = f"{self.folder} of {self.source} {self.date}: {self.files} files, {self.bytes} bytes"
        return f"{said}: left, {self.skipped}" if self.skipped else said


def rules_of(setting: Mapping[str, int]) -> dict[str, int]:
    """The setting, checked.

    Raises:
        UsageError: it names what cannot be cleared, or fewer days than the pipeline needs.
    """
    for name, days in setting.items():
        layer = name.split("/")[0]
        if layer not in LEAST_DAYS:
            raise UsageError(f"MARSAD_RETENTION: {name!r} is no layer; the layers are {', '.join(LEAST_DAYS)}")
        if layer == "published" and name != layer:
            raise UsageError(
                f"MARSAD_RETENTION: {name!r}: a published day goes whole, with its manifest; write 'published'"
            )
        if days < LEAST_DAYS[layer]:
            raise UsageError(
                f"MARSAD_RETENTION: {name} for {days} days: the pipeline needs {LEAST_DAYS[layer]} at least"
            )
    return dict(setting)


def retain(ctx: Context, *, dry_run: bool = False) -> Iterator[Cleared]:
    """Remove what is older than it is kept, a partition at a time, each claimed meanwhile.

    Raises:
        UsageError: the setting does not fit.
    """
    rules = rules_of(ctx.settings.retention)
    today = ctx.now().date()
    done: list[Cleared] = []
    try:
        for (partition, folder), paths in sorted(_old(ctx.lake, rules, today).items(), key=_order):
            report = Cleared(partition.source, partition.date, folder, len(paths), sum(paths.values()))
            if not dry_run:
                try:
                    with ctx.claims.hold(partition):
                        for path in sorted(paths, key=_manifest_first):
                            ctx.lake.delete(path)
                except PartitionBusy as busy:
                    report = Cleared(partition.source, partition.date, folder, 0, 0, skipped=str(busy))
                done.append(report)
            yield report
    finally:
        if done:
            record = [{**asdict(d), "date": d.date.isoformat()} for d in done]
            ctx.lake.write_json(
                f"reports/retention/{ctx.now():%Y%m%dT%H%M%SZ}.json", {"rules": rules, "cleared": record}
            )
    if not dry_run:
        sweep(ctx.lake, before=ctx.now() - timedelta(days=2))


def _old(lake: Lake, rules: Mapping[str, int], today: date) -> dict[tuple[Partition, str], dict[str, int]]:
    """The files that may go, by partition and folder, with their sizes."""
    found: dict[tuple[Partition, str], dict[str, int]] = {}
    kept: dict[str, int] = {}
    for layer in sorted({name.split("/")[0] for name in rules}):
        for path, size in lake.walk(layer).items():
            place = partition_of(path)
            if place is None:
                continue
            if path.startswith("published/_manifests/"):
                place = partition_of(path.removesuffix(".json")) or place
            rule = max((n for n in rules if path == n or path.startswith(f"{n}/")), key=len, default=None)
            if rule is None or place.date >= today - timedelta(days=rules[rule]):
                kept[path] = size
            else:
                folder = layer if layer == "published" else "/".join(path.split("/")[:2])
                found.setdefault((place, folder), {})[path] = size
    if any(path.startswith("raw/") for paths in found.values() for path in paths):
        _spare_what_is_needed(lake, found)
    return {key: paths for key, paths in found.items() if paths}


def _spare_what_is_needed(lake: Lake, found: dict[tuple[Partition, str], dict[str, int]]) -> None:
    going = {path for paths in found.values() for path in paths}
    needed: set[str] = set()
    days: set[Partition] = set()
    for path in lake.walk("raw"):
        if path in going:
            continue
        place = partition_of(path)
        if path.startswith(("raw/captures/", "raw/captures_journal/")) and path.endswith(".parquet"):
            try:
                needed.update(name for name in lake.read_column(path, "warc_file") if name)
            except MissingPartition:
                continue
        elif place is not None and path.startswith("raw/late_captures/") and (day := _FROM.search(path)):
            days.add(Partition(place.source, date.fromisoformat(day[1])))
    for (partition, folder), paths in found.items():
        if not folder.startswith("raw/") and folder != "core/captures":
            continue
        for path in list(paths):
            # the index of an archive file stays with it
            twin = path.replace("raw/cdx/", "raw/warc/").replace(".cdxj", ".warc.gz")
            if partition in days or path in needed or twin in needed:
                del paths[path]


def _order(item: tuple[tuple[Partition, str], object]) -> tuple[date, str, str]:
    (partition, folder), _ = item
    return partition.date, partition.source, folder


def _manifest_first(path: str) -> tuple[bool, str]:
    return not path.startswith("published/_manifests/"), path
