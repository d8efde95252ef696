"""Publishing: all or nothing, the manifest last, and twice is once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import example_rows as ex
import marsad
from marsad.clean.record import ARTICLES, CUTS, LINKS
from marsad.dataset import Dataset
from marsad.errors import GateFailed, LakeUnusable, MissingPartition, NeverError
from marsad.gate import ExpectationResult, GateReport
from marsad.lake import Lake
from marsad.partition import ALL_SOURCES, Partition
from marsad.publish.manifest import GateSummary, Manifest, PublishedFile, manifest_path, read_manifest, verify
from marsad.publish.stage import publish
from marsad.publish.swap import finish

DATASETS = (*ex.STORIES, *ex.FINDINGS)
OUTCOMES = {"captured": 3, "not_found": 1}
QUARANTINED = {"body_too_short": 2}


def report(dataset: Dataset, rows: int = 3, **other: Any) -> GateReport:
    """The report of a gate that passed."""
    sound = GateReport(ex.NAME, ex.DAY, dataset.name, dataset.suite or "", True, rows, rows, 0, ())
    return replace(sound, **other)


def published(lake: Lake, rows: int = 3, **other: Any) -> Manifest:
    """Publish the example day."""
    values = {
        "datasets": DATASETS,
        "reports": [report(d, rows) for d in DATASETS],
        "outcomes": OUTCOMES,
        "quarantined": QUARANTINED,
    }
    return publish(ex.PARTITION, lake, **{**values, **other})


@pytest.fixture(params=["disk", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """A lake with the example day in core."""
    root = tmp_path / "lake" if request.param == "disk" else f"memory://publish-{tmp_path.name}"
    lake = Lake(str(root))
    ex.write_day(lake)
    return lake


def contents(lake: Lake) -> dict[str, bytes]:
    """All that is published."""
    return {path: lake.read_bytes(path) for path in lake.list("published", "**/*") if lake.path(path).is_file()}


def test_the_manifest_tells_what_is_there(lake: Lake) -> None:
    manifest = published(lake)
    assert read_manifest(lake, ex.PARTITION) == manifest
    assert manifest.partition == ex.PARTITION
    assert [f.dataset for f in manifest.files] == [d.name for d in DATASETS]
    assert {f.row_count for f in manifest.files} == {3}
    assert (manifest.outcomes, manifest.quarantined) == (OUTCOMES, QUARANTINED)
    assert manifest.code_version == marsad.__version__
    assert manifest.schema_versions == {d.name: d.version for d in DATASETS}
    verify(manifest, lake)


def test_files_lie_where_any_parquet_reader_finds_them(lake: Lake) -> None:
    published(lake)
    path = "published/articles/date=2026-03-03/source=sahifa/part-0.parquet"
    with lake.open(path) as file:
        table = pq.ParquetFile(file).read()
    assert table.schema.equals(ARTICLES.schema)
    assert table["article_id"].to_pylist() == [ex.article_id(n) for n in (1, 2, 3)]
    assert lake.exists("published/_manifests/date=2026-03-03/source=sahifa.json")


def test_a_partition_across_sources_has_no_source_folder(lake: Lake) -> None:
    partition = Partition(ALL_SOURCES, ex.DAY)
    dataset, make = ex.MAKERS["duplicates"]
    ex.write_rows(lake, "core", dataset, [make(1), make(2)], partition)
    manifest = publish(
        partition,
        lake,
        datasets=(dataset,),
        reports=[report(dataset, 2, source=ALL_SOURCES)],
        outcomes={},
        quarantined={},
    )
    assert manifest.files[0].path == "published/duplicates/date=2026-03-03/part-0.parquet"
    assert read_manifest(lake, partition) == manifest


def test_nothing_in_the_manifest_changes_from_run_to_run(lake: Lake) -> None:
    published(lake)
    before = contents(lake)
    published(lake)
    assert contents(lake) == before


def test_the_manifest_is_readable_json_with_arabic_as_it_is(lake: Lake) -> None:
    published(lake, quarantined={"سبب": 1})
    text = lake.read_bytes(manifest_path(ex.PARTITION)).decode()
    assert "سبب" in text
    assert json.loads(text)["source"] == "sahifa"


def test_what_the_gates_warned_of_is_in_the_manifest(lake: Lake) -> None:
    unmet = ExpectationResult("title_missing", "expect_…", "title", "warning", False, False, 1, "1 of 3")
    met = replace(unmet, reason="body_too_short", is_success=True)
    reports = [report(d, expectations=(unmet, met) if d is ARTICLES else ()) for d in DATASETS]
    manifest = published(lake, reports=reports)
    assert {g.dataset: g.warnings for g in manifest.gates if g.warnings} == {"articles": ("title_missing",)}


# what must not be published


@pytest.mark.parametrize("fault", ["failed", "ungated", "other rows", "missing"])
def test_what_no_gate_passed_is_not_published_and_what_was_stays(fault: str, lake: Lake) -> None:
    published(lake)
    before = contents(lake)
    reports = [report(d) for d in DATASETS]
    expected: type[Exception] = GateFailed
    if fault == "failed":
        reports[DATASETS.index(LINKS)] = report(LINKS, is_success=False)
    elif fault == "ungated":
        reports.pop(DATASETS.index(LINKS))
    elif fault == "other rows":
        ex.write_rows(lake, "core", LINKS, [ex.link(1)])
        expected = NeverError
    else:
        lake.delete(lake.dataset_path("core", LINKS, ex.PARTITION))
        expected = MissingPartition
    with pytest.raises(expected, match="links"):
        published(lake, reports=reports)
    assert contents(lake) == before


def test_an_override_lets_a_failed_gate_pass_and_shows(lake: Lake) -> None:
    reports = [
        report(d, is_success=d is not LINKS, override="أ. منصور: معروف" if d is LINKS else None) for d in DATASETS
    ]
    manifest = published(lake, reports=reports)
    assert [g.override for g in manifest.gates if g.override] == ["أ. منصور: معروف"]


# killed in between


@dataclass
class Killed(BaseException):
    """As SIGKILL is: nothing catches it."""


class MortalLake(Lake):
    """A lake whose process dies at the nth change it makes."""

    def __init__(self, root: str, deadly: int, options: Any = None) -> None:
        super().__init__(root, options)
        self.changes_left = deadly

    def _change(self) -> None:
        self.changes_left -= 1
        if self.changes_left < 0:
            raise Killed

    def write_bytes(self, relative: str, data: bytes) -> None:
        """Write, or die."""
        self._change()
        super().write_bytes(relative, data)

    def delete(self, relative: str) -> None:
        """Delete, or die."""
        self._change()
        super().delete(relative)

    def move(self, relative: str, target: str) -> None:
        """Move, or die."""
        self._change()
        super().move(relative, target)


FEW = (ARTICLES, LINKS, CUTS)
WAITING = len(FEW)  # each new file, complete, beside the published ones
INTENT = WAITING + 1
CHANGES = INTENT + 1 + len(FEW) + 1 + 1  # the old manifest away, the files, the new manifest, the intent away


def few(lake: Lake, rows: int) -> Manifest:
    """Publish three datasets of a day with so many stories."""
    for dataset in FEW:
        name = dataset.name
        ex.write_rows(lake, "core", dataset, [ex.MAKERS[name][1](n) for n in range(1, rows + 1)])
    reports = [report(d, rows) for d in FEW]
    return published(lake, datasets=FEW, reports=reports)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The day as an undisturbed run publishes it."""
    lake = Lake(tmp_path_factory.mktemp("whole"))
    few(lake, 4)
    return contents(lake)


@pytest.mark.parametrize(("place", "mend"), [("disk", "publish"), ("disk", "finish"), ("memory", "finish")])
@pytest.mark.parametrize("deadly", range(CHANGES))
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "again"])
def test_killed_at_any_moment_a_date_is_whole_and_old_or_can_be_finished(
    place: str, deadly: int, is_first: bool, mend: str, whole: dict[str, bytes], tmp_path: Path
) -> None:
    root = str(tmp_path / "lake") if place == "disk" else f"memory://swap-{tmp_path.name}"
    lake = Lake(root)
    if not is_first:
        few(lake, 3)
    old = contents(lake)
    mortal = MortalLake(root, 10**6)
    for dataset in FEW:
        ex.write_rows(lake, "core", dataset, [ex.MAKERS[dataset.name][1](n) for n in range(1, 5)])
    mortal.changes_left = deadly
    with pytest.raises(Killed):
        published(mortal, datasets=FEW, reports=[report(d, 4) for d in FEW])
    manifest = read_manifest(lake, ex.PARTITION)
    if manifest is not None:
        verify(manifest, lake)  # a manifest stands over a whole partition only
    if deadly < INTENT:
        assert contents(lake) == old
    if mend == "publish":
        few(lake, 4)
    else:
        assert finish(ex.PARTITION, lake) == (deadly >= INTENT)
        if deadly < INTENT:
            assert contents(lake) == old
            return
    assert contents(lake) == whole
    assert not lake.walk("incoming")


def test_what_waits_is_not_where_a_reader_looks(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(Killed):
        few(MortalLake(str(tmp_path), deadly=INTENT + len(FEW)), 3)
    assert lake.walk("incoming")
    assert contents(lake) == {}


def test_a_publish_that_was_cut_off_is_not_finished_over_a_later_one(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(Killed):
        few(MortalLake(str(tmp_path), deadly=INTENT + len(FEW)), 3)
    intent = lake.read_bytes(f"incoming/{ex.PARTITION.path}/intent.json")
    few(lake, 4)
    later = contents(lake)
    lake.write_bytes(f"incoming/{ex.PARTITION.path}/intent.json", intent)  # as of a writer without claims
    assert not finish(ex.PARTITION, lake)
    assert contents(lake) == later


def test_a_swap_whose_files_are_gone_says_what_to_run(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(Killed):
        few(MortalLake(str(tmp_path), deadly=INTENT + len(FEW)), 3)
    lake.delete(f"incoming/{ex.PARTITION.path}/links.parquet")
    with pytest.raises(LakeUnusable, match=r"links.parquet is not .*`marsad replay -s sahifa -d 2026-03-03"):
        finish(ex.PARTITION, lake)


def test_what_is_already_so_is_not_written_again(tmp_path: Path) -> None:
    ex.write_day(Lake(tmp_path))
    published(Lake(tmp_path))
    published(MortalLake(str(tmp_path), deadly=0))  # any change would kill it


def test_a_new_manifest_over_the_same_files_writes_only_itself(tmp_path: Path) -> None:
    ex.write_day(Lake(tmp_path))
    published(Lake(tmp_path))
    manifest = published(MortalLake(str(tmp_path), deadly=1), outcomes={"captured": 9})
    assert read_manifest(Lake(tmp_path), ex.PARTITION) == manifest


def test_a_file_that_was_damaged_is_made_good(lake: Lake) -> None:
    manifest = published(lake)
    before = contents(lake)
    lake.write_bytes(manifest.files[0].path, b"PAR1")
    with pytest.raises(LakeUnusable, match="not the"):
        verify(manifest, lake)
    lake.delete(manifest.files[1].path)
    published(lake)
    assert contents(lake) == before


def test_verify_names_a_file_that_is_gone(lake: Lake) -> None:
    manifest = published(lake)
    lake.delete(manifest.files[2].path)
    with pytest.raises(LakeUnusable, match=rf"{manifest.files[2].path} is missing; publish sahifa 2026-03-03 again"):
        verify(manifest, lake)


# reading manifests


def test_a_partition_that_is_not_published_has_no_manifest(tmp_path: Path) -> None:
    assert read_manifest(Lake(tmp_path), ex.PARTITION) is None


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"source": "sahifa"}'])
def test_what_is_not_a_manifest_is_said_to_be_none(data: bytes, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write_bytes(manifest_path(ex.PARTITION), data)
    with pytest.raises(LakeUnusable, match="is not a manifest") as failure:
        read_manifest(lake, ex.PARTITION)
    assert "\n" not in str(failure.value)


def test_an_old_reader_reads_a_newer_manifest_that_has_grown(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    ex.write_day(lake)
    manifest = published(lake)
    plain = json.loads(lake.read_bytes(manifest_path(ex.PARTITION)))
    plain["lineage"] = {"run": "x"}
    plain["files"][0]["bloom"] = "AAAA"
    plain["gates"][0]["seconds"] = 1.5
    lake.write_json(manifest_path(ex.PARTITION), plain)
    assert read_manifest(lake, ex.PARTITION) == manifest


def test_a_manifest_without_a_format_is_of_the_first(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    ex.write_day(lake)
    manifest = published(lake)
    plain = json.loads(lake.read_bytes(manifest_path(ex.PARTITION)))
    del plain["format"]
    lake.write_json(manifest_path(ex.PARTITION), plain)
    assert read_manifest(lake, ex.PARTITION) == manifest


def test_a_manifest_of_a_later_format_is_refused(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write_json(manifest_path(ex.PARTITION), {"format": 2, "whatever": "it is"})
    with pytest.raises(LakeUnusable, match="format 2, this Marsad reads 1 at most; upgrade it"):
        read_manifest(lake, ex.PARTITION)


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_COUNT = st.integers(0, 10**9)
_FILE = st.builds(PublishedFile, dataset=_TEXT, path=_TEXT, row_count=_COUNT, byte_count=_COUNT, sha256=_TEXT)
_GATE = st.builds(
    GateSummary,
    dataset=_TEXT,
    suite=_TEXT,
    is_success=st.booleans(),
    row_count=_COUNT,
    accepted_count=_COUNT,
    quarantined_count=_COUNT,
    warnings=st.lists(_TEXT, max_size=2).map(tuple),
    override=st.none() | _TEXT,
)


@given(
    st.builds(
        Manifest,
        source=st.just(ex.NAME),
        date=st.just(ex.DAY),
        code_version=_TEXT,
        schema_versions=st.dictionaries(_TEXT, _COUNT, max_size=3),
        files=st.lists(_FILE, max_size=3).map(tuple),
        outcomes=st.dictionaries(_TEXT, _COUNT, max_size=3),
        quarantined=st.dictionaries(_TEXT, _COUNT, max_size=3),
        gates=st.lists(_GATE, max_size=2).map(tuple),
    )
)
def test_a_manifest_comes_back_as_it_was_written(manifest: Manifest) -> None:
    data = manifest.to_bytes()
    read = Manifest.model_validate_json(data)
    assert read == manifest
    assert read.to_bytes() == data
