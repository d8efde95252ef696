"""Bulk runs end with the bytes of the in-process pipeline, and with one outcome for every capture."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bulk_pages import AT, filled, story, write_warc
from marsad.bulk.engines import Engine
from marsad.bulk.reading import may_be_arabic
from marsad.bulk.run import Plan, outcomes_of, plan_captures, plan_warcs, run_bulk
from marsad.bulk.sandbox import Limits
from marsad.context import Context
from marsad.errors import UsageError
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.pipeline import run_partition

DAYS = (date(2026, 3, 3), date(2026, 3, 4))
Make = Callable[[str], Context]


def digests(lake: Lake, folder: str) -> dict[str, str]:
    root = Path(str(lake.root)) / folder
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*") if p.is_file()
    }


def planned(ctx: Context) -> Plan:
    return plan_captures(ctx, "spring", DAYS[0], DAYS[1])


def check_accounts(plan: Plan, ctx: Context, captures: int) -> Counter[str]:
    """Every capture once, with one outcome."""
    rows = outcomes_of(plan.run, ctx).to_pylist()
    assert len(rows) == captures
    assert len({row["capture_id"] for row in rows}) == captures
    return Counter(row["fate"] for row in rows)


def test_a_run_equals_the_pipeline_byte_for_byte(bulk_context: Make) -> None:
    whole, bulk = bulk_context("whole"), bulk_context("bulk")
    filled(whole)
    filled(bulk)
    for day in DAYS:
        run_partition(Partition("jarida", day), whole, first="clean")
    plan = planned(bulk)
    report = run_bulk(plan, bulk, Engine("local", 2))
    assert report.failed == {}
    for folder in ("published", "core", "quarantine", "staged"):
        assert digests(bulk.lake, folder) == digests(whole.lake, folder), folder
    assert digests(bulk.lake, "published")
    fates = check_accounts(plan, bulk, 20)
    assert fates == {"cleaned": 10, "late": 2, "rejected": 4, "unreadable": 2, "not_captured": 2}
    # and again: nothing is read twice, nothing changes
    before = digests(bulk.lake, "bulk")
    assert run_bulk(plan, bulk, Engine("local", 1)).read_now == 0
    assert digests(bulk.lake, "bulk") == before


def test_a_poisoned_page_costs_only_itself(bulk_context: Make) -> None:
    ctx = bulk_context("poisoned")
    pages = [(f"https://jarida.example/{n}", story(n, AT)) for n in range(8)]
    for at, name in ((7, "eat"), (5, "hang"), (3, "kill"), (2, "raise"), (0, "kill")):
        pages.insert(at, (f"https://jarida.example/{name}{at}", story(at + 20, AT)))
    plan = plan_warcs(ctx, "spring", [write_warc(ctx.lake, "in/a.warc.gz", pages)])
    limits = Limits(cpu_s=3, memory_mb=900)
    report = run_bulk(plan, ctx, Engine("local", 1), limits=limits, reader="bulk_faults:poisoned")
    assert report.failed == {}
    assert report.outcomes == {"cleaned": 8, "crashed": 2, "failed": 1, "out_of_memory": 1, "too_slow": 1}
    check_accounts(plan, ctx, 13)
    rejects = {r["reason"] for r in ctx.lake.read_table_at(_quarantine(), _quarantine_path()).to_pylist()}
    assert rejects == {"crashed", "failed", "out_of_memory", "too_slow"}


def test_pages_of_unknown_sites_and_pages_that_are_none(bulk_context: Make) -> None:
    ctx = bulk_context("corpus")
    english = (
        b"<html><head><title>News</title></head><body><p>" + b"The council met today. " * 40 + b"</p></body></html>"
    )
    pages = [
        ("https://unknown.example/1", story(1, AT)),
        ("https://www.jarida.example/2", story(2, AT)),
        ("https://english.example/3", english),
        ("https://unknown.example/1?again", story(1, AT, canonical="https://unknown.example/1")),
    ]
    warc = write_warc(ctx.lake, "in/a.warc.gz", pages)
    plan = plan_warcs(ctx, "spring", [warc])
    report = run_bulk(plan, ctx, Engine("local", 1))
    assert report.failed == {}
    assert report.outcomes == {"cleaned": 2, "not_arabic": 1, "rejected": 1}
    assert sorted(p.partition("/")[2] for p in digests(ctx.lake, "published/articles")) == [
        "source=jarida/part-0.parquet", "source=spring/part-0.parquet"
    ]  # fmt: skip
    known = run_bulk(plan_warcs(ctx, "known", [warc], known_only=True), ctx, Engine("local", 1))
    assert known.outcomes == {"cleaned": 1, "other_host": 3}


def test_processes_killed_by_others_leave_no_mark(
    bulk_context: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm, unlucky = bulk_context("calm"), bulk_context("unlucky")
    pages = [(f"https://jarida.example/{n}", story(n, AT)) for n in range(12)]
    outputs = []
    for ctx, doomed in ((calm, ()), (unlucky, ("1", "2", "7"))):
        marks = tmp_path / ctx.lake.root.name / "marks"
        marks.mkdir(parents=True)
        for name in doomed:
            (marks / name).touch()
        monkeypatch.setenv("BULK_UNLUCKY", str(marks))
        warc = write_warc(Lake(tmp_path / "in"), "a.warc.gz", pages)
        report = run_bulk(plan_warcs(ctx, "spring", [warc]), ctx, Engine("local", 1), reader="bulk_faults:unlucky")
        assert report.failed == {}
        assert not list(marks.iterdir())
        assert report.deaths == len(doomed)
        assert report.outcomes == {"cleaned": 12}
        outputs.append((digests(ctx.lake, "published"), digests(ctx.lake, "bulk")))
    assert outputs[0] == outputs[1]


def test_a_broken_file_is_named_and_nothing_is_published(bulk_context: Make) -> None:
    ctx = bulk_context("broken")
    warc = Path(write_warc(ctx.lake, "in/a.warc.gz", [(f"https://jarida.example/{n}", story(n, AT)) for n in range(4)]))
    warc.write_bytes(warc.read_bytes()[:-300])
    report = run_bulk(plan_warcs(ctx, "spring", [str(warc)]), ctx, Engine("local", 1))
    (why,) = report.failed.values()
    assert str(warc) in why
    assert "broken after byte" in why
    assert report.outcomes == {}
    assert not digests(ctx.lake, "published")


def test_names_and_files_that_cannot_be(bulk_context: Make) -> None:
    ctx = bulk_context("words")
    with pytest.raises(UsageError, match="is a source"):
        plan_warcs(ctx, "jarida", [write_warc(ctx.lake, "a.warc.gz", [("https://x.example/", b"x")])])
    with pytest.raises(UsageError, match="no such file"):
        plan_warcs(ctx, "spring", ["/nowhere/*.warc.gz"])


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1256", "utf-16", "iso-8859-6"])
def test_an_arabic_page_in_any_encoding_may_be_arabic(encoding: str) -> None:
    text = "أعلنت البلدية اليوم خطة لترميم المدرسة القديمة في الحي " * 10
    assert may_be_arabic(text.encode(encoding), None if encoding in ("utf-8", "windows-1256", "utf-16") else encoding)
    assert may_be_arabic("".join(f"&#{ord(c)};" for c in text).encode())
    assert may_be_arabic("".join(f"\\u{ord(c):04x}" for c in text).encode())
    assert not may_be_arabic(("The council met today. " * 99).encode("utf-8"))
    assert not may_be_arabic(("Городской совет собрался сегодня. " * 99).encode("utf-8"), "utf-8")


def words(ctx: Context, warc: str, *more: str) -> list[str]:
    lake = str(ctx.lake.root)
    return [sys.executable, "-m", "marsad", "bulk", "run", "--warc", warc, "--name", "spring", "--out", lake, *more]


@pytest.mark.timeout(280)
def test_ray_workers_and_driver_killed_and_run_again(bulk_context: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a real Ray cluster of this machine: kill -9 of a reading process and of the driver, run again, same bytes."""
    pytest.importorskip("ray")
    mark = uuid.uuid4().hex
    monkeypatch.setenv("BULK_TEST", mark)
    monkeypatch.setenv("MARSAD_DATA_DOCS", "false")
    here, there = bulk_context("here"), bulk_context("there")
    for n in range(2):
        pages = [(f"https://jarida.example/{n}/{i}", story(40 * n + i, AT)) for i in range(40)]
        write_warc(here.lake, f"in/{n}.warc.gz", pages)
    warcs = str(here.lake.path("in")) + "/*.warc.gz"
    assert run_bulk(plan_warcs(here, "spring", [warcs]), here, Engine("local", 2)).failed == {}
    process = subprocess.Popen(words(there, warcs, "--engine", "ray", "--workers", "2"), start_new_session=True)
    try:
        child = _first_child(mark, process, seconds=120)
        os.kill(child, signal.SIGKILL)
        time.sleep(0.5)
        process.kill()
        process.wait()
    finally:
        _end(mark)
    done = subprocess.run(
        words(there, warcs, "--engine", "ray", "--workers", "2"),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "80 captures: cleaned 80" in done.stdout
    for folder in ("published", "bulk"):
        assert digests(there.lake, folder) == digests(here.lake, folder), folder
    check_accounts(plan_warcs(there, "spring", [warcs]), there, 80)


def _first_child(mark: str, process: subprocess.Popen[bytes], seconds: float) -> int:
    """The first process that reads pages for the driver."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        for pid in _marked(mark):
            with contextlib.suppress(OSError):
                if b"marsad.bulk.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return pid
        time.sleep(0.1)
    raise AssertionError("no reading process came up")


def _marked(mark: str) -> list[int]:
    """The processes that descend from this test, by a variable of their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"BULK_TEST={mark}".encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found


def _end(mark: str) -> None:
    """End what the killed driver left of its cluster."""
    for pid in _marked(mark):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _quarantine() -> object:
    from marsad.dataset import QUARANTINE

    return QUARANTINE


def _quarantine_path() -> str:
    return "quarantine/articles/date=2026-03-03/source=jarida/stage.parquet"
