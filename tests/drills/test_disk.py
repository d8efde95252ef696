"""A full disk, a real one of a few megabytes: one clear line, what is published stays, and with space all is as it was to be."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from drills.conftest import DAY, Days, published
from marsad import pipeline
from marsad.errors import LakeUnusable
from marsad.operate.repair import repair
from marsad.operate.verify import verify

SIZE = 24 << 20
STEPS = (0, 12 << 10, 40 << 10, 100 << 10)
"""Bytes left on the disk: no claim can be written, and then a stage gets farther each time, until one gets through."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    mount, umount, place = shutil.which("mount"), shutil.which("umount"), tmp_path / "disk"
    place.mkdir()
    if mount is None or umount is None or os.geteuid() != 0:
        pytest.skip("a file system of a few megabytes can be mounted by root alone")
    words = [mount, "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run([umount, "--lazy", str(place)], check=True)


def fill(disk: Path, left: int) -> None:
    """Leave so many bytes free."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    stat = os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, stat.f_bavail * stat.f_frsize - left))


def test_a_full_disk(disk: Path, days: Days) -> None:
    ctx, old, new = days.copy(days.before, disk / "lake"), published(days.before), published(days.after)
    for stage in ("staged", "quarantine", "core"):  # what is replaced would give its space back
        for folder in (disk / "lake" / stage).iterdir():
            if folder.name != "captures":
                shutil.rmtree(folder)
    failures = []
    for left in STEPS:
        fill(disk, left)
        try:
            pipeline.rewrite(DAY, ctx)
            break
        except LakeUnusable as error:
            said = str(error)
        assert f"the disk at {disk}: it is full" in said
        assert "then run the same again" in said
        assert "\n" not in said
        failures.append(said.partition(": cannot ")[2].partition(":")[0])
        assert published(ctx.lake) == old
        broken = {f.kind for f in verify(ctx.lake, now=ctx.now(), deep=True)}
        assert broken <= {"incoming"}
        assert [path for path in ctx.lake.walk("") if path.endswith(".tmp")] == []
    assert len(set(failures)) > 1, failures  # not always the same file
    (disk / "filler").unlink()
    pipeline.rewrite(DAY, ctx)
    assert published(ctx.lake) == new
    list(repair(ctx))
    assert list(verify(ctx.lake, now=ctx.now(), deep=True)) == []
    assert published(ctx.lake) == new


def test_a_disk_that_fills_while_the_files_are_put_in_place(disk: Path, days: Days) -> None:
    """The publish alone, at many sizes: whole and old, or finished by what comes next."""
    ctx, old, new = days.copy(days.after, disk / "lake"), published(days.before), published(days.after)
    shutil.rmtree(disk / "lake" / "published")
    shutil.copytree(days.before / "published", disk / "lake" / "published")
    ends = set()
    for left in range(0, 400 << 10, 20 << 10):
        fill(disk, left)
        try:
            pipeline.run("publish", DAY, ctx)
            ends.add("done")
            break
        except LakeUnusable as error:
            assert "it is full" in str(error)  # noqa: PT017
            ends.add("full")
        assert published(ctx.lake) == old
    assert ends == {"full", "done"}
    assert published(ctx.lake) == new
