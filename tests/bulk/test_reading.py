"""What is read of a shard: nothing is lost of pages that kill, of broken files, of whatever order; and what is Arabic."""

from __future__ import annotations

import gzip
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_pages import AT, SOURCE, story, write_warc
from marsad.bulk.engines import Engine, Run, opened
from marsad.bulk.reading import ShardReader, may_be_arabic, read_page_of
from marsad.bulk.run import account, outcomes_of, plan_warcs, read_shards
from marsad.bulk.sandbox import Limits
from marsad.bulk.shard import shard_path
from marsad.context import Context, open_context
from marsad.errors import NeverError
from marsad.lake import Lake
from marsad.settings import Settings

from .test_bulk import digests

Make = Callable[[str], Context]
TESTS = Path(__file__).parents[1]
LIMITS = Limits(cpu_s=3, memory_mb=900)
FATES = {"ok": "cleaned", "kill": "crashed", "raise": "failed", "empty": "rejected"}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    (folder / "jarida.yaml").write_text(SOURCE, "utf-8")
    return folder


@pytest.fixture(scope="module")
def engines(sources: Path) -> Iterator[tuple[Run, Run]]:
    """One worker, and two, each forked from a process that is started once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]))
        patch.setenv("MARSAD_SOURCES", str(sources))
        with opened(Engine("local", 1)) as one, opened(Engine("local", 2)) as two:
            yield one, two


def context(sources: Path, folder: Path) -> Context:
    return open_context(Settings(lake=str(folder), sources=(sources,), data_docs=False))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kinds=st.lists(st.lists(st.sampled_from(sorted(FATES)), min_size=1, max_size=4), min_size=1, max_size=3),
    unlucky=st.sets(st.integers(0, 11), max_size=2),
    order=st.randoms(use_true_random=False),
)
@pytest.mark.slow
def test_every_capture_has_one_outcome_whatever_dies(
    engines: tuple[Run, Run], sources: Path, kinds: list[list[str]], unlucky: set[int], order: random.Random
) -> None:
    """Pages that kill and raise, processes that somebody kills, one worker or two, shards in any order:
    each capture has its one outcome, and every file of the run is the same to the byte."""
    with tempfile.TemporaryDirectory() as folder:
        results = []
        warcs, expected, number = [], Counter[str](), 0
        for file, names in enumerate(kinds):
            pages = []
            for name in names:
                url = f"https://jarida.example/{name}/{number}"
                empty = f"<html><body><p>{number}</p></body></html>".encode()  # the same bytes twice would be a revisit
                pages.append((url, empty if name == "empty" else story(number, AT)))
                expected[FATES[name]] += 1
                number += 1
            warcs.append(write_warc(Lake(folder), f"in/{file}.warc.gz", pages))
        for lake, run in zip(("one", "two"), engines, strict=True):
            ctx = context(sources, Path(folder, lake))
            marks = Path(folder, lake, "marks")
            marks.mkdir(parents=True)
            if lake == "two":
                order.shuffle(warcs)
                for n in unlucky:
                    (marks / str(n)).touch()
            plan = plan_warcs(ctx, "spring", warcs)
            report = read_shards(plan, ctx, run, limits=LIMITS, reader="bulk_faults:faulty")
            assert report.failed == {}
            assert account(plan, ctx) == dict(expected)
            ids = outcomes_of("spring", ctx)["capture_id"].to_pylist()
            assert len(ids) == len(set(ids)) == number
            results.append(digests(ctx.lake, "bulk"))
        assert results[0] == results[1]


@pytest.mark.slow
def test_a_killed_reader_is_begun_again_and_leaves_no_mark(
    engines: tuple[Run, Run], sources: Path, tmp_path: Path
) -> None:
    pages = [(f"https://jarida.example/ok/{n}", story(n, AT)) for n in range(12)]
    warc = write_warc(Lake(tmp_path), "in/a.warc.gz", pages)
    outputs = []
    for name, doomed in (("calm", ()), ("unlucky", ("1", "2", "7"))):
        ctx = context(sources, tmp_path / name)
        (tmp_path / name / "marks").mkdir(parents=True)
        for mark in doomed:
            (tmp_path / name / "marks" / mark).touch()
        plan = plan_warcs(ctx, "spring", [warc])
        report = read_shards(plan, ctx, engines[0], reader="bulk_faults:faulty")
        assert not list((tmp_path / name / "marks").iterdir())
        assert report.deaths == len(doomed)
        assert account(plan, ctx) == {"cleaned": 12}
        outputs.append(digests(ctx.lake, "bulk"))
    assert outputs[0] == outputs[1]


def test_outcomes_that_do_not_add_up_are_refused(engines: tuple[Run, Run], sources: Path, tmp_path: Path) -> None:
    ctx = context(sources, tmp_path / "lake")
    warc = write_warc(ctx.lake, "in/a.warc.gz", [(f"https://jarida.example/ok/{n}", story(n, AT)) for n in range(3)])
    plan = plan_warcs(ctx, "spring", [warc])
    read_shards(plan, ctx, engines[0], reader="bulk_faults:faulty")
    path = shard_path("spring", plan.shards[0].id, "bulk_outcomes.parquet")
    import pyarrow as pa
    import pyarrow.parquet as pq

    full = str(ctx.lake.path(path))
    table = pq.read_table(full)
    pq.write_table(table.slice(1), full)
    with pytest.raises(NeverError, match="3 captures, but 2 outcomes"):
        account(plan, ctx)
    pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), full)
    with pytest.raises(NeverError, match="has two outcomes"):
        account(plan, ctx)


@pytest.mark.parametrize("lost", [1, 9, 40, 300, 2000, "all but 5 of the last record"])
@pytest.mark.parametrize("is_compressed", [True, False])
def test_a_file_that_is_cut_off_is_told(sources: Path, tmp_path: Path, lost: int | str, is_compressed: bool) -> None:
    ctx = context(sources, tmp_path)
    warc = Path(write_warc(ctx.lake, "a.warc.gz", [(f"https://x.example/{n}", story(n, AT)) for n in range(4)]))
    whole = warc.read_bytes()
    last = whole.rindex(b"\x1f\x8b\x08")
    if not is_compressed:
        whole, last = gzip.decompress(whole), gzip.decompress(whole).rindex(b"WARC/1")
        warc = warc.with_suffix("")
    cut = last + 5 if isinstance(lost, str) else len(whole) - lost
    warc.write_bytes(whole)
    shard = plan_warcs(ctx, "spring", [str(warc)]).shards[0]
    assert ShardReader(shard, ctx, "spring", read_page_of).count() == 4
    warc.write_bytes(whole[:cut])
    shard = plan_warcs(ctx, "spring", [str(warc)]).shards[0]
    reader = ShardReader(shard, ctx, "spring", read_page_of)
    with pytest.raises(NeverError, match="broken after byte"):
        list(reader.items(0))


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1256", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-6"])
@given(words=st.lists(st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهويىئءؤةأإآ", min_size=2), min_size=100, max_size=120))
@settings(max_examples=20, deadline=None)
def test_an_arabic_page_in_any_encoding_may_be_arabic(encoding: str, words: list[str]) -> None:
    text = " ".join(words)
    declared = encoding if encoding == "iso-8859-6" else None
    assert may_be_arabic(text.encode(encoding), declared)
    assert may_be_arabic("".join(f"&#{ord(c)};" for c in text).encode())
    assert may_be_arabic("".join(f"&#x{ord(c):04X};" for c in text).encode())
    assert may_be_arabic("".join(f"\\u{ord(c):04x}" for c in text).encode())


def test_pages_that_are_surely_not_arabic() -> None:
    assert not may_be_arabic(("The council met today. " * 99).encode("utf-8"))
    assert not may_be_arabic(("Городской совет собрался сегодня. " * 99).encode("utf-8"), "utf-8")
    assert not may_be_arabic(("市議会は今日開かれた。" * 99).encode("utf-8"), "utf-8")
    assert not may_be_arabic("Le conseil s'est réuni. ".encode("latin-1") * 9)
