"""A curated day knows what it was made of, and when that is no longer what there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from curate.test_curate import DAY, STORY, put
from marsad.curate.inputs import inputs_of, is_stale, note
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import manifest_path, read_manifest


def curated(lake: Lake, *days: date) -> None:
    """As curating leaves days: a manifest, and the note of what they were made of."""
    for day in days:
        found = read_manifest(lake, Partition("a", day))
        assert found is not None
        lake.write_bytes(
            manifest_path(Partition(ALL_SOURCES, day)), found.model_copy(update={"source": ALL_SOURCES}).to_bytes()
        )
        note(day, inputs_of(day, lake), lake)


def stale(lake: Lake, days: Sequence[date]) -> list[int]:
    return [(day - DAY).days for day in days if is_stale(day, lake)]


def test_a_late_partition_makes_its_day_and_those_after_it_stale(tmp_path: Path) -> None:
    lake, days = Lake(tmp_path), [DAY + timedelta(days=n) for n in range(17)]
    for day in days:
        put(lake, "a", day, (f"a{day}", f"{STORY} {day}", ()))
    curated(lake, *days)
    assert stale(lake, days) == []
    put(lake, "b", DAY + timedelta(days=1), ("b1", STORY, ()))
    assert stale(lake, days) == list(range(1, 16))  # its own day, and fourteen after it
    curated(lake, *days)
    assert stale(lake, days) == []


def test_what_was_curated_of_the_two_days_before_counts(tmp_path: Path) -> None:
    lake, days = Lake(tmp_path), [DAY + timedelta(days=n) for n in range(5)]
    for day in days:
        put(lake, "a", day, (f"a{day}", STORY, ()))
    curated(lake, *days)
    path = manifest_path(Partition(ALL_SOURCES, DAY))
    manifest = read_manifest(lake, Partition(ALL_SOURCES, DAY))
    assert manifest is not None
    other = replace_digest(manifest)
    lake.write_bytes(path, other.to_bytes())
    assert stale(lake, days) == [1, 2]


def replace_digest(manifest):  # type: ignore[no-untyped-def]
    file = manifest.files[0].model_copy(update={"sha256": "0" * 64})
    return manifest.model_copy(update={"files": (file,)})


@pytest.mark.parametrize("kept", [None, b"{", b"[]", b"{}"])
def test_a_day_without_a_sound_note_is_stale_and_one_never_curated_is_not(tmp_path: Path, kept: bytes | None) -> None:
    lake = Lake(tmp_path)
    put(lake, "a", DAY, ("a1", STORY, ()))
    assert not is_stale(DAY, lake)
    curated(lake, DAY)
    path = f"core/curated/date={DAY}/inputs.json"
    lake.delete(path)
    if kept is not None:
        lake.write_bytes(path, kept)
    assert is_stale(DAY, lake)
