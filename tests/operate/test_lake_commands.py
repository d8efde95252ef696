"""`marsad lake`: what is broken is found and mended, what is old goes, and nothing goes that is needed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import example_rows as ex
from marsad.__main__ import app
from marsad.claims import Claims
from marsad.context import Context
from marsad.dataset import QUARANTINE
from marsad.errors import UsageError
from marsad.gate import GateReport
from marsad.gate.report import write_report
from marsad.lake import Lake
from marsad.operate.repair import repair
from marsad.operate.retention import retain, rules_of
from marsad.operate.verify import Seen, verify
from marsad.partition import Partition
from marsad.publish.manifest import manifest_path
from marsad.publish.stage import publish
from marsad.quarantine import quarantine_path
from marsad.scrape.record import CAPTURES
from marsad.settings import Settings
from marsad.stages import audited, gate_reports, published_datasets

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY_PATH = "date=2026-03-03/source=sahifa"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with one published day; copied for each test."""
    root = tmp_path_factory.mktemp("whole")
    lake = Lake(root)
    ex.write_day(lake)
    core = {
        d.name: len(lake.read_table("core", d, ex.PARTITION))
        for d in audited()
        if lake.has_table("core", d, ex.PARTITION)
    }
    for dataset in audited():
        count = core.get(dataset.name, 0)
        write_report(
            GateReport(ex.NAME, ex.DAY, dataset.name, dataset.suite or "", True, count, count, 0, ()),
            dataset,
            ex.PARTITION,
            lake,
        )
    captures = lake.read_table("core", CAPTURES, ex.PARTITION).to_pylist()
    bare = [{**row, "warc_file": None, "warc_offset": None} for row in captures]
    lake.write_table("core", CAPTURES, ex.PARTITION, CAPTURES.table(bare))
    publish(
        ex.PARTITION, lake, datasets=published_datasets(), reports=gate_reports(ex.PARTITION, lake),
        outcomes={"captured": len(bare)}, quarantined={},
    )  # fmt: skip
    return root


@pytest.fixture
def ctx(whole: Path, tmp_path: Path) -> Context:
    import shutil

    shutil.copytree(whole, tmp_path / "lake")
    return Context(Settings(data_docs=False), Lake(tmp_path / "lake"), {"sahifa": ex.SOURCE}, now=lambda: NOW)


def contents(lake: Lake) -> dict[str, bytes]:
    return {path: lake.read_bytes(path) for path in lake.walk("published")}


def kinds(ctx: Context, **other: Any) -> list[str]:
    return sorted(f.kind for f in verify(ctx.lake, now=NOW, **other))


def test_a_sound_lake_is_said_to_be_whole(ctx: Context) -> None:
    seen = Seen()
    assert list(verify(ctx.lake, now=NOW, seen=seen)) == []
    assert (seen.partitions, seen.files, seen.rows) == (1, len(published_datasets()), 3 * len(published_datasets()))
    assert seen.bytes == sum(len(b) for p, b in contents(ctx.lake).items() if p.endswith(".parquet"))


def _damage(lake: Lake, kind: str) -> None:
    links, manifest = f"published/links/{DAY_PATH}/part-0.parquet", manifest_path(ex.PARTITION)
    if kind == "file_missing":
        lake.delete(links)
    elif kind == "file_damaged":
        lake.write_bytes(links, lake.read_bytes(links)[:-9])
    elif kind == "manifest_unreadable":
        lake.write_bytes(manifest, b"{}")
    elif kind == "no_manifest":
        lake.delete(manifest)
    elif kind == "row_count":
        plain = lake.read_json(manifest)
        plain["files"][0]["row_count"] = 99
        lake.write_json(manifest, plain)
    elif kind == "stray":
        lake.write_bytes(f"published/links/{DAY_PATH}/part-1.parquet", b"x")
    elif kind == "temporary":
        lake.write_bytes(f"published/links/{DAY_PATH}/.part-0.parquet.abc.tmp", b"x")
        os.utime(str(lake.path(f"published/links/{DAY_PATH}/.part-0.parquet.abc.tmp")), (1, 1))
    elif kind == "incoming":
        lake.write_bytes(f"incoming/{DAY_PATH}/links.parquet", b"x")
    elif kind == "unfinished":
        from publish.test_publish import Killed, MortalLake

        ex.write_rows(lake, "core", published_datasets()[0], [ex.article(n, title=f"عنوان آخر {n}") for n in (1, 2, 3)])
        with pytest.raises(Killed):
            publish(
                ex.PARTITION, MortalLake(str(lake.root), 4), datasets=published_datasets(),
                reports=gate_reports(ex.PARTITION, lake), outcomes={"captured": 3}, quarantined={},
            )  # fmt: skip


MENDABLE = (
    "file_missing", "file_damaged", "manifest_unreadable", "no_manifest", "row_count", "stray", "temporary", "incoming",
)  # fmt: skip


@pytest.mark.parametrize("kind", MENDABLE)
def test_what_is_broken_is_found_and_mended(kind: str, ctx: Context) -> None:
    before = contents(ctx.lake)
    _damage(ctx.lake, kind)
    assert kind in kinds(ctx)
    tree = ctx.lake.walk("")
    assert all(m.is_mended for m in repair(ctx, dry_run=True))
    assert ctx.lake.walk("") == tree
    done = list(repair(ctx))
    assert done
    assert all(m.is_mended for m in done), done
    assert contents(ctx.lake) == before
    assert kinds(ctx) == []
    assert list(repair(ctx)) == []
    # nothing that was anybody's went without a trace
    if kind in ("file_damaged", "manifest_unreadable", "stray"):
        lost = ctx.lake.walk("lost+found")
        assert len(lost) == 2
        assert [p for p in lost if p.endswith(".why")]


def test_a_publish_that_was_cut_off_is_finished_by_repair(ctx: Context) -> None:
    _damage(ctx.lake, "unfinished")
    assert "unfinished" in kinds(ctx)
    assert [m.is_mended for m in repair(ctx)] == [True]
    assert kinds(ctx) == []
    titles = ctx.lake.read_table("published", published_datasets()[0], ex.PARTITION)["title"].to_pylist()
    assert titles[0].startswith("عنوان آخر")


def test_where_core_cannot_help_the_command_that_can_is_named(ctx: Context) -> None:
    _damage(ctx.lake, "file_missing")
    ctx.lake.delete(f"core/links/{DAY_PATH}/part-0.parquet")
    (done,) = repair(ctx)
    assert not done.is_mended
    assert "`marsad replay -s sahifa -d 2026-03-03`" in done.done


def test_a_partition_that_is_being_written_is_neither_blamed_nor_touched(ctx: Context) -> None:
    _damage(ctx.lake, "incoming")
    _damage(ctx.lake, "file_missing")
    other = Claims(Lake(str(ctx.lake.root)), now=lambda: NOW, owner="writer")
    with other.hold(ex.PARTITION):
        assert kinds(ctx) == ["file_missing"]
        (done,) = repair(ctx)
        assert not done.is_mended
        assert "is being written by writer" in done.done
    assert all(m.is_mended for m in repair(ctx))


def test_captures_whose_bytes_are_gone_are_named(ctx: Context) -> None:
    rows = ctx.lake.read_table("core", CAPTURES, ex.PARTITION).to_pylist()
    lost = [{**row, "warc_file": "raw/warc/gone.warc.gz", "warc_offset": 0} for row in rows]
    ctx.lake.write_table("core", CAPTURES, ex.PARTITION, CAPTURES.table(lost))
    assert kinds(ctx, deep=True) == ["capture_unreadable"] * len(lost)


def test_only_the_days_that_were_asked_for(ctx: Context) -> None:
    _damage(ctx.lake, "file_missing")
    assert kinds(ctx, first=date(2026, 3, 4), last=date(2026, 3, 5)) == []
    assert kinds(ctx, source="other") == []
    assert kinds(ctx, first=ex.DAY, last=ex.DAY, source="sahifa") == ["file_missing"]


# the command line


@pytest.fixture
def run(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("MARSAD_LAKE", str(ctx.lake.root))

    def call(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["lake", *words])
        return done.exit_code, done.output

    return call


def test_verify_and_repair_from_the_command_line(run: Callable[..., tuple[int, str]], ctx: Context) -> None:
    assert run("verify")[0] == 0
    _damage(ctx.lake, "stray")
    code, said = run("verify", "--json", "--date", "2026-03-03")
    assert code == 1
    assert json.loads(said.splitlines()[0])["kind"] == "stray"
    assert run("repair", "--dry-run")[0] == 0
    code, said = run("repair")
    assert (code, "lost+found" in said) == (0, True)
    assert run("verify")[0] == 0


def test_claims_are_shown_and_taken_away(run: Callable[..., tuple[int, str]], ctx: Context) -> None:
    assert "nobody" in run("claims")[1]
    other = Claims(Lake(str(ctx.lake.root)), now=lambda: datetime.now(UTC), owner="writer")
    with other.hold(ex.PARTITION):
        assert "sahifa 2026-03-03: writer" in run("claims")[1]
        assert "the claim of writer" in run("release", "-s", "sahifa", "-d", "2026-03-03")[1]
        assert "nobody" in run("claims")[1]
        with pytest.raises(Exception, match="took the partition over"):
            other.check(at_once=True)


# retention


def old_quarantine(lake: Lake, day: date) -> str:
    partition = Partition("sahifa", day)
    path = quarantine_path(QUARANTINE, partition, "stage")
    lake.write_rows_at(QUARANTINE, path, QUARANTINE.empty())
    return path


def with_rules(ctx: Context, **rules: int) -> Context:
    named = {name.replace("__", "/"): days for name, days in rules.items()}
    return replace(ctx, settings=ctx.settings.model_copy(update={"retention": named}))


def test_what_is_old_goes_and_a_record_stays(ctx: Context) -> None:
    old, young = (
        old_quarantine(ctx.lake, NOW.date() - timedelta(days=91)),
        old_quarantine(ctx.lake, NOW.date() - timedelta(days=90)),
    )
    ruled = with_rules(ctx, quarantine=90)
    assert [c.files for c in retain(ruled, dry_run=True)] == [1]
    assert ctx.lake.exists(old)
    assert [c.files for c in retain(ruled)] == [1]
    assert (ctx.lake.exists(old), ctx.lake.exists(young)) == (False, True)
    (record,) = ctx.lake.walk("reports/retention")
    assert ctx.lake.read_json(record)["cleared"][0]["date"] == "2025-12-03"
    assert list(retain(ruled)) == []


def test_a_published_day_goes_manifest_first(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[str] = []
    real = Lake.delete
    monkeypatch.setattr(Lake, "delete", lambda self, path: (gone.append(path), real(self, path))[1])
    later = replace(with_rules(ctx, published=7), now=lambda: NOW + timedelta(days=30))
    assert [c.files for c in retain(later)] == [len(published_datasets()) + 1]
    assert gone[0] == manifest_path(ex.PARTITION)
    assert contents(ctx.lake) == {}


def test_what_a_younger_capture_points_into_stays(ctx: Context) -> None:
    lake, young = ctx.lake, Partition("sahifa", date(2026, 6, 1))
    for name in ("segment-0001", "segment-0002"):
        lake.write_bytes(f"raw/warc/{DAY_PATH}/{name}.warc.gz", b"x")
        lake.write_bytes(f"raw/cdx/{DAY_PATH}/{name}.cdxj", b"x")
    row = replace(ex.capture(1), date=young.date, warc_file=f"raw/warc/{DAY_PATH}/segment-0001.warc.gz", warc_offset=0)
    lake.write_table("raw", CAPTURES, young, CAPTURES.table([row]))
    later = replace(with_rules(ctx, raw=30), now=lambda: datetime(2026, 6, 2, tzinfo=UTC))
    list(retain(later))
    left = set(lake.walk("raw/warc")) | set(lake.walk("raw/cdx"))
    assert left == {f"raw/warc/{DAY_PATH}/segment-0001.warc.gz", f"raw/cdx/{DAY_PATH}/segment-0001.cdxj"}
    assert lake.has_table("raw", CAPTURES, young)


def test_captures_that_a_younger_day_reads_for_a_late_story_stay(ctx: Context) -> None:
    lake = ctx.lake
    lake.write_bytes(f"raw/warc/{DAY_PATH}/segment-0001.warc.gz", b"x")
    lake.write_bytes("raw/late_captures/date=2026-06-01/source=sahifa/from-2026-03-03.parquet", b"x")
    later = replace(with_rules(ctx, raw=30), now=lambda: datetime(2026, 6, 2, tzinfo=UTC))
    list(retain(later))
    assert lake.exists(f"raw/warc/{DAY_PATH}/segment-0001.warc.gz")


def test_a_partition_that_is_being_written_is_cleared_another_time(ctx: Context) -> None:
    old = old_quarantine(ctx.lake, date(2025, 1, 1))
    with Claims(Lake(str(ctx.lake.root)), now=lambda: NOW, owner="w").hold(Partition("sahifa", date(2025, 1, 1))):
        (left,) = retain(with_rules(ctx, quarantine=90))
        assert "being written by w" in str(left.skipped)
    assert ctx.lake.exists(old)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"rwa": 400}, "'rwa' is no layer"),
        ({"raw/warc": 3}, "needs 30 at least"),
        ({"published/links": 30}, "goes whole"),
        ({"core": 0}, "needs 90"),
    ],
)
def test_rules_that_do_not_fit_are_refused(rules: dict[str, int], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rules_of(rules)
