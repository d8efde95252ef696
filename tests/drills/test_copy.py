"""A lake copied half-way: verify names all that is wrong, and repair and a run end with the bytes of the whole one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drills.conftest import DAY, NEXT, Days, published
from marsad import pipeline
from marsad.lake import Lake
from marsad.operate.repair import repair
from marsad.operate.verify import verify


def copy_half(source: Path, target: Path, last: str) -> Path:
    """What `cp -r` leaves that was stopped in the midst of a file: all before it, half of it, nothing after it."""
    files = sorted(p.relative_to(source) for p in source.rglob("*") if p.is_file())
    (cut,) = [n for n, p in enumerate(files) if p.as_posix() == last]
    for path in files[: cut + 1]:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, target / path)
    data = (source / last).read_bytes()
    (target / last).write_bytes(data[: len(data) // 2])
    return target


@pytest.mark.parametrize(
    "last",
    [
        f"core/captures/{DAY.path}/part-0.parquet",
        f"published/articles/{DAY.path}/part-0.parquet",
        f"raw/captures_journal/{DAY.path}/segment-0001.parquet",
    ],
)
@pytest.mark.slow
def test_a_lake_copied_half_way(last: str, days: Days, tmp_path: Path) -> None:
    root = copy_half(days.after, tmp_path / "lake", last)
    ctx = days.context(root)
    whole = published(days.after)
    found = list(verify(ctx.lake, now=ctx.now(), deep=True))
    named = {f.path for f in found}
    assert last in named
    wrong = {path for path, data in published(ctx.lake).items() if whole[path] != data}
    missing = {path for path in whole if not (root / path).exists()}
    if not last.startswith("core/"):
        assert wrong <= named
        partitions = {f.partition for f in found if f.kind == "file_missing"}
        assert {p for p in missing if "_manifests" not in p} <= named or {DAY, NEXT} <= partitions | {
            f.partition for f in found if f.kind == "no_manifest"
        }
    list(repair(ctx, deep=True))
    if last.startswith("raw/"):  # repair said that the archive's bytes are lost here: they are copied after all
        shutil.copytree(days.after / "raw" / "warc", root / "raw" / "warc", dirs_exist_ok=True)
    # what is not there at all is named by nobody: the days are run again, and fetch what was not copied
    for partition in (DAY, NEXT):
        pipeline.run_partition(partition, ctx)
    assert published(ctx.lake) == whole
    assert list(verify(ctx.lake, now=ctx.now(), deep=True)) == []


@pytest.mark.slow
def test_the_archive_cut_in_its_midst_is_named_and_copied_again(days: Days, tmp_path: Path) -> None:
    """What lies only in the archive cannot be made again: it is named, and copying goes on."""
    files = sorted((days.after / "raw" / "warc").rglob("*.warc.gz"))
    last = files[0].relative_to(days.after).as_posix()
    root = copy_half(days.after, tmp_path / "lake", last)
    ctx = days.context(root)
    named = {f.path for f in verify(ctx.lake, now=ctx.now(), deep=True) if f.kind == "capture_unreadable"}
    assert {f.relative_to(days.after).as_posix() for f in files} <= named
    assert [m.is_mended for m in repair(ctx, deep=True)] == [False] * len(
        list(verify(ctx.lake, now=ctx.now(), deep=True))
    )
    assert published(ctx.lake) == published(days.after)  # nothing that was published goes
    for path in ("raw", "reports", "staged"):
        shutil.copytree(days.after / path, root / path, dirs_exist_ok=True)
    for partition in (DAY, NEXT):
        pipeline.rewrite(partition, ctx)
    assert published(Lake(root)) == published(days.after)
    assert list(verify(ctx.lake, now=ctx.now(), deep=True)) == []
