"""Iceberg: tables over the published bytes, through a real SQL catalog; snapshots go on saying what they said."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import example_rows as ex
from marsad.clean.record import ARTICLES, LINKS
from marsad.curate.record import DUPLICATES
from marsad.dataset import Dataset, column
from marsad.errors import CatalogBusy, LakeUnusable, UsageError
from marsad.gate import GateReport
from marsad.iceberg import data_path, snapshots_of, sync
from marsad.iceberg.catalog import open_catalog
from marsad.iceberg.expire import expire
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import Manifest, read_manifest
from marsad.publish.stage import publish

pytest.importorskip("pyiceberg")
DATASETS = (ARTICLES, LINKS)
OTHER = Partition("jarida", ex.DAY)


@dataclass
class World:
    """A lake and its catalog."""

    lake: Lake
    catalog: str

    def publish(self, rows: int, partition: Partition = ex.PARTITION) -> Manifest:
        """Publish so many stories of a source."""
        for dataset in DATASETS:
            make = ex.MAKERS[dataset.name][1]
            made = [replace(make(n), source=partition.source) for n in range(1, rows + 1)]
            ex.write_rows(self.lake, "core", dataset, made, partition)
        reports = [GateReport(partition.source, ex.DAY, d.name, "", True, rows, rows, 0, ()) for d in DATASETS]
        return publish(partition, self.lake, datasets=DATASETS, reports=reports, outcomes={}, quarantined={})

    def sync(
        self, *manifests: Manifest, datasets: tuple[Dataset, ...] = DATASETS, **other: Any
    ) -> dict[str, tuple[int, int]]:
        """Register; per table how many files came and went."""
        done = sync(ex.DAY, manifests, self.lake, catalog=self.catalog, datasets=datasets, **other)
        return {d.dataset: (d.added, d.removed) for d in done}

    def rows(self, dataset: str = "articles", **scan: Any) -> list[dict[str, Any]]:
        """What a reader of the table sees."""
        with open_catalog(self.catalog, self.lake) as catalog:
            found: list[dict[str, Any]] = catalog.load_table(f"marsad.{dataset}").scan(**scan).to_arrow().to_pylist()
            return sorted(found, key=lambda r: (r["source"], r["article_id"]))

    def snapshots(self, dataset: str = "articles") -> list[tuple[int, datetime, dict[str, str]]]:
        """The table's snapshots."""
        with open_catalog(self.catalog, self.lake) as catalog:
            return snapshots_of(catalog.load_table(f"marsad.{dataset}"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(Lake(tmp_path / "lake"), f"sqlite:///{tmp_path / 'catalog.db'}")


@pytest.mark.parametrize("place", ["disk", "store"])
def test_a_day_published_again_is_one_snapshot_and_the_old_one_still_reads(
    place: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    lake = Lake(tmp_path / "lake")
    if place == "store":
        bucket = request.getfixturevalue("bucket")
        lake = Lake(f"{bucket.url}/ice-{tmp_path.name}", bucket.options)
    world = World(lake, f"sqlite:///{tmp_path / 'catalog.db'}")
    first = world.publish(3)
    one = (ARTICLES,)
    assert world.sync(first, datasets=one) == {"articles": (1, 0)}
    before = world.rows()
    assert before == sorted(
        lake.read_table("published", ARTICLES, ex.PARTITION).to_pylist(), key=lambda r: r["article_id"]
    )
    assert world.sync(first, datasets=one) == {"articles": (0, 0)}
    second = world.publish(4)
    assert world.sync(second, datasets=one) == {"articles": (1, 1)}
    assert len(world.rows()) == 4
    old, new = world.snapshots()
    assert world.rows(snapshot_id=old[0]) == before
    assert len(world.rows(snapshot_id=new[0])) == 4
    assert old[2]["marsad.date"] == "2026-03-03"
    assert old[2]["marsad.manifest-sha256.sahifa"] != new[2]["marsad.manifest-sha256.sahifa"]


def test_a_second_name_takes_no_space_and_outlives_the_first(world: World) -> None:
    manifest = world.publish(3)
    world.sync(manifest)
    file = manifest.files[0]
    first, second = (Path(str(world.lake.path(p))) for p in (file.path, data_path(file)))
    assert first.samefile(second)
    world.publish(4)
    assert not first.samefile(second)
    assert world.lake.digest(data_path(file))[0] == file.sha256


def test_partitions_of_a_day_stand_beside_each_other(world: World) -> None:
    manifests = world.publish(2), world.publish(3, OTHER)
    world.sync(*manifests)
    assert len(world.snapshots()) == 1
    assert len(world.rows()) == 5
    world.sync(world.publish(1), is_whole_day=False)
    assert [r["source"] for r in world.rows()] == ["jarida"] * 3 + ["sahifa"]
    # a day that is registered whole: what has no manifest any more is taken out
    manifest = read_manifest(world.lake, OTHER)
    assert manifest is not None
    assert world.sync(manifest) == {"articles": (0, 1), "links": (0, 1)}
    assert {r["source"] for r in world.rows()} == {"jarida"}


def test_what_lies_across_sources_is_a_table_of_its_own(world: World) -> None:
    partition = Partition(ALL_SOURCES, ex.DAY)
    make = ex.MAKERS["duplicates"][1]
    ex.write_rows(world.lake, "core", DUPLICATES, [make(1), make(2)], partition)
    report = GateReport(ALL_SOURCES, ex.DAY, "duplicates", "", True, 2, 2, 0, ())
    curated = publish(partition, world.lake, datasets=(DUPLICATES,), reports=[report], outcomes={}, quarantined={})
    every = (*DATASETS, DUPLICATES)
    assert world.sync(curated, datasets=every, is_whole_day=False) == {"duplicates": (1, 0)}
    assert world.sync(world.publish(2), datasets=every, is_whole_day=False) == {"articles": (1, 0), "links": (1, 0)}
    assert len(world.rows("duplicates")) == 2


def test_a_partition_without_rows_has_no_file(world: World) -> None:
    world.sync(world.publish(2))
    assert world.sync(world.publish(0)) == {"articles": (0, 1), "links": (0, 1)}
    assert world.rows() == []


def test_killed_before_the_commit_it_is_done_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = world.publish(3)

    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("marsad.iceberg._commit", die)
        with pytest.raises(Killed):
            world.sync(manifest)
    assert world.rows() == []
    assert world.sync(manifest) == {"articles": (1, 0), "links": (1, 0)}
    assert len(world.rows()) == 3


def test_a_writer_that_was_quicker_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from marsad import iceberg

    ours, theirs = world.publish(2), world.publish(3, OTHER)
    world.sync(ours)
    real, done = iceberg._commit, []

    def beaten(table: Any, *words: Any) -> None:
        if not done:  # between our look at the table and our commit somebody else commits
            done.append(True)
            with monkeypatch.context() as patch:
                patch.setattr(iceberg, "_commit", real)
                world.sync(theirs, is_whole_day=False)
        real(table, *words)

    monkeypatch.setattr(iceberg, "_commit", beaten)
    again = world.publish(4)
    assert world.sync(again, is_whole_day=False)["articles"] == (1, 1)
    assert [r["source"] for r in world.rows()] == ["jarida"] * 3 + ["sahifa"] * 4


def test_who_is_beaten_each_time_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyiceberg.exceptions import CommitFailedException

    def beaten(*_: Any) -> None:
        raise CommitFailedException("branch main has changed")

    monkeypatch.setattr("marsad.iceberg._commit", beaten)
    monkeypatch.setattr("marsad.iceberg.time.sleep", lambda s: None)
    with pytest.raises(CatalogBusy, match=r"branch main has changed; run it again"):
        world.sync(world.publish(1))


def test_a_file_that_is_not_its_manifests_is_not_registered(world: World) -> None:
    manifest = world.publish(3)
    world.publish(4)
    with pytest.raises(LakeUnusable, match="register the day again"):
        world.sync(manifest)
    assert not world.lake.walk("iceberg/data")


def test_expiry_deletes_what_no_snapshot_names_and_nothing_else(world: World) -> None:
    first = world.publish(3)
    world.sync(first)
    world.sync(world.publish(4))
    old = world.snapshots()[0][0]
    before = datetime(2020, 1, 1, tzinfo=UTC)
    assert [e.snapshots for e in expire(before, world.lake, catalog=world.catalog, datasets=DATASETS)] == [0, 0]
    assert len(world.rows(snapshot_id=old)) == 3
    done = list(expire(datetime.now(UTC), world.lake, catalog=world.catalog, datasets=DATASETS))
    assert [e.snapshots for e in done] == [1, 1]
    assert not world.lake.exists(data_path(first.files[0]))
    assert len(world.rows()) == 4
    assert len(world.lake.read_table("published", ARTICLES, ex.PARTITION)) == 4
    again = list(expire(datetime.now(UTC), world.lake, catalog=world.catalog, datasets=DATASETS))
    assert [(e.snapshots, e.files) for e in again] == [(0, 0), (0, 0)]


@dataclass(frozen=True)
class Grown(ex.Link):
    """A link, of a later version of the schema."""

    rel: str | None = column("The rel attribute.", default=None)


def test_a_dataset_that_has_gained_a_column_reads_whole(world: World) -> None:
    world.sync(world.publish(2))
    grown = Dataset("links", Grown, LINKS.key, LINKS.suite, version=2)
    later = Partition(ex.NAME, date(2026, 3, 4))
    rows = [Grown(**{**ex.link(1).__dict__, "date": later.date, "rel": "next"})]
    world.lake.write_table("core", grown, later, grown.table(rows))
    report = GateReport(ex.NAME, later.date, "links", "", True, 1, 1, 0, ())
    manifest = publish(later, world.lake, datasets=(grown,), reports=[report], outcomes={}, quarantined={})
    list(sync(later.date, [manifest], world.lake, catalog=world.catalog, datasets=(grown,)))
    assert sorted(str(r["rel"]) for r in world.rows("links")) == ["None", "None", "next"]
    # and an older Marsad goes on writing what it knows
    assert world.sync(world.publish(3))["links"] == (1, 1)
    with open_catalog(world.catalog, world.lake) as catalog:
        assert "rel" in catalog.load_table("marsad.links").schema().column_names


@pytest.mark.parametrize("setting", ["iceberg.db", "{nonsense", "nothing://x"])
def test_a_catalog_that_is_none_is_said_to_be(setting: str, world: World) -> None:
    with pytest.raises(UsageError, match="MARSAD_ICEBERG_CATALOG"), open_catalog(setting, world.lake):
        pass


def test_a_password_is_not_told(world: World) -> None:
    uri = f"postgresql+psycopg2://me:secret@127.0.0.1:{os.getpid() % 1000 + 20000}/x?connect_timeout=1"
    with pytest.raises(CatalogBusy) as error, open_catalog(uri, world.lake):
        pass
    assert "secret" not in str(error.value)
