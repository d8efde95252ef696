"""The gate on a real lake: what passes, what stops, what goes to quarantine, and what it leaves behind."""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import example_rows as ex
from marsad.clean.record import ARTICLES, CUTS, LINKS
from marsad.dataset import QUARANTINE, Dataset
from marsad.errors import GateFailed, MissingPartition, SuiteBroken
from marsad.expectations import Check
from marsad.extract.record import MENTIONS, QUOTATIONS
from marsad.gate import docs_path, gate, gate_stage, read_report, report_path
from marsad.gate.audit import load_suite
from marsad.gx import ColumnMapExpectation, gxe
from marsad.lake import Lake
from marsad.quarantine import quarantine_path
from marsad.scrape.record import CAPTURES
from marsad.settings import Settings
from marsad.validate.record import VERDICTS

ROWS_WRITTEN = 3
audits = importlib.import_module("marsad.gate.audit")  # the package has a function of that name


@pytest.fixture(params=["disk", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """A sound day, staged: on a disk, and in a store that is not one."""
    root = tmp_path / "lake" if request.param == "disk" else f"memory://{tmp_path.name}-{id(request)}"
    lake = Lake(str(root))
    ex.write_day(lake, stories=ROWS_WRITTEN, layers=("staged",))
    ex.write_rows(lake, "core", CAPTURES, [ex.capture(n) for n in range(1, ROWS_WRITTEN + 1)])
    return lake


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that know the example source."""
    return Settings(sources=(ex.sources_folder(tmp_path),), data_docs=False)


def in_quarantine(dataset: Dataset, lake: Lake) -> list[tuple[str, str, str]]:
    """Row key, reason and evidence of what the gate dropped."""
    rows = lake.read_table_at(QUARANTINE, quarantine_path(dataset, ex.PARTITION, "gate")).to_pylist()
    return [(r["row_key"], r["reason"], r["evidence"]) for r in rows]


def accepted(dataset: Dataset, lake: Lake) -> list[Any]:
    """The rows in core."""
    return lake.read_table("core", dataset, ex.PARTITION).to_pylist()


# passing


def test_sound_rows_reach_core_as_they_were(lake: Lake, settings: Settings) -> None:
    reports = gate_stage(ex.STORIES, ex.PARTITION, lake, settings=settings)
    assert [(r.dataset, r.is_success, r.row_count, r.accepted_count, r.quarantined_count) for r in reports] == [
        (d.name, True, ROWS_WRITTEN, ROWS_WRITTEN, 0) for d in ex.STORIES
    ]
    for dataset in ex.STORIES:
        path = lake.dataset_path("core", dataset, ex.PARTITION)
        assert lake.read_bytes(path) == lake.read_bytes(lake.dataset_path("staged", dataset, ex.PARTITION))
        assert in_quarantine(dataset, lake) == []


def test_a_row_that_fails_goes_to_quarantine_once_with_its_first_reason(lake: Lake, settings: Settings) -> None:
    bad = ex.article(2, paragraphs=("<p>Sold",))  # too short, not Arabic, and markup
    ex.write_rows(lake, "staged", ARTICLES, [ex.article(1), bad, ex.article(3)])
    report = gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    assert (report.accepted_count, report.quarantined_count) == (2, 1)
    assert [a["article_id"] for a in accepted(ARTICLES, lake)] == [ex.article_id(1), ex.article_id(3)]
    assert in_quarantine(ARTICLES, lake) == [(ex.article_id(2), "body_too_short", f"body=<p>Sold, url={ex.url(2)}")]


def test_what_belongs_to_a_quarantined_article_follows_it(lake: Lake, settings: Settings) -> None:
    ex.write_rows(lake, "staged", ARTICLES, [ex.article(1), ex.article(2, paragraphs=("شارك",)), ex.article(3)])
    reports = gate_stage(ex.STORIES, ex.PARTITION, lake, settings=settings)
    assert [r.quarantined_count for r in reports] == [1] * len(ex.STORIES)
    for dataset in (LINKS, CUTS):
        assert {row["article_id"] for row in accepted(dataset, lake)} == {ex.article_id(1), ex.article_id(3)}
        assert [(key.split("|")[0], why) for key, why, _ in in_quarantine(dataset, lake)] == [
            (ex.article_id(2), "article_quarantined")
        ]
    # and in the next stage too, though extract would not have seen the article
    later = gate(MENTIONS, ex.PARTITION, lake, settings=settings)
    assert (later.accepted_count, later.quarantined_count) == (2, 1)


def test_an_embedded_story_follows_its_page(lake: Lake, settings: Settings) -> None:
    main = ex.article(1, paragraphs=("شارك",))
    embedded = ex.article(2, role="embedded", parent_id=main.article_id, url=main.url)
    ex.write_rows(lake, "staged", ARTICLES, [main, embedded, ex.article(3), ex.article(4)])
    gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    assert [(key, why) for key, why, _ in in_quarantine(ARTICLES, lake)] == [
        (ex.article_id(1), "body_too_short"),
        (ex.article_id(2), "article_quarantined"),
    ]


def test_a_row_of_an_article_that_nobody_wrote_stops_the_partition(lake: Lake, settings: Settings) -> None:
    ex.write_rows(lake, "core", ARTICLES, [ex.article(n) for n in (1, 2, 3)])
    ex.write_rows(lake, "staged", MENTIONS, [ex.mention(1), ex.mention(77)])
    with pytest.raises(GateFailed, match="article_unknown"):
        gate(MENTIONS, ex.PARTITION, lake, settings=settings)


@pytest.mark.parametrize("dataset", [*ex.STORIES, *ex.FINDINGS, CAPTURES], ids=str)
def test_an_empty_table_passes(dataset: Dataset, lake: Lake, settings: Settings) -> None:
    ex.write_rows(lake, "core", ARTICLES, [])
    ex.write_rows(lake, "staged", dataset, [])
    report = gate(dataset, ex.PARTITION, lake, settings=settings)
    assert (report.is_success, report.row_count, report.accepted_count) == (True, 0, 0)
    assert accepted(dataset, lake) == []


def test_a_warning_is_reported_and_stops_nothing(lake: Lake, settings: Settings) -> None:
    ex.write_rows(lake, "staged", ARTICLES, [ex.article(1, title=None), ex.article(2)])
    report = gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    assert [
        (e.reason, e.level, e.is_blocking, e.unexpected_count) for e in report.expectations if not e.is_success
    ] == [("title_missing", "warning", False, 1)]
    assert report.accepted_count == 2


# stopping


def test_a_critical_check_stops_the_partition_and_says_which(lake: Lake, settings: Settings) -> None:
    ex.write_rows(lake, "staged", ARTICLES, [ex.article(1), ex.article(1, url=ex.url(2))])
    with pytest.raises(GateFailed) as failure:
        gate_stage(ex.STORIES, ex.PARTITION, lake, settings=settings)
    message = str(failure.value)
    path = str(lake.path(report_path(ARTICLES, ex.PARTITION)))
    for part in ("sahifa 2026-03-03", "articles", "expect_column_values_to_be_unique", ex.article_id(1), path):
        assert part in message
    assert "\n" not in message


@pytest.mark.parametrize("stale", [True, False])
def test_after_a_failed_gate_nothing_of_the_stage_is_in_core(stale: bool, lake: Lake, settings: Settings) -> None:
    if stale:
        gate_stage(ex.STORIES, ex.PARTITION, lake, settings=settings)
    ex.write_rows(lake, "staged", CUTS, [ex.cut(1, position=-1)])  # the last of the three fails, two are sound
    with pytest.raises(GateFailed):
        gate_stage(ex.STORIES, ex.PARTITION, lake, settings=settings)
    assert [lake.has_table("core", d, ex.PARTITION) for d in ex.STORIES] == [False] * len(ex.STORIES)
    with pytest.raises(MissingPartition):
        lake.read_table("core", ARTICLES, ex.PARTITION)


def test_a_failed_gate_leaves_its_report_and_its_evidence(lake: Lake, settings: Settings) -> None:
    rows = [ex.article(1, version=0), ex.article(2, paragraphs=("شارك",)), ex.article(3)]
    ex.write_rows(lake, "staged", ARTICLES, rows)
    with pytest.raises(GateFailed, match="version_below_one"):
        gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    report = read_report(ARTICLES, ex.PARTITION, lake)
    assert report is not None
    assert (report.is_success, report.row_count, report.accepted_count, report.quarantined_count) == (False, 3, 0, 1)
    (blocking,) = [e for e in report.expectations if e.is_blocking]
    assert (blocking.reason, blocking.columns, blocking.unexpected_count) == ("version_below_one", "version", 1)
    assert "version=0" in blocking.observed
    assert [why for _, why, _ in in_quarantine(ARTICLES, lake)] == ["body_too_short"]


@pytest.mark.parametrize(("bad", "passes"), [(5, True), (6, False)])
def test_too_many_failing_rows_stop_the_partition(bad: int, passes: bool, lake: Lake, settings: Settings) -> None:
    # body_too_short bears one half of the rows
    rows = [ex.article(n, paragraphs=("شارك",)) if n <= bad else ex.article(n) for n in range(1, 11)]
    ex.write_rows(lake, "staged", ARTICLES, rows)
    if passes:
        assert gate(ARTICLES, ex.PARTITION, lake, settings=settings).accepted_count == 10 - bad
    else:
        with pytest.raises(GateFailed, match=r"body_too_short, row .*6 of 10 rows"):
            gate(ARTICLES, ex.PARTITION, lake, settings=settings)


@pytest.mark.parametrize(
    ("bad", "of", "passes"), [(1, 40, True), (2, 40, True), (3, 40, False), (2, 3, True), (3, 3, False)]
)
def test_offsets_that_are_wrong_too_often_are_a_broken_rule(
    bad: int, of: int, passes: bool, lake: Lake, settings: Settings
) -> None:
    # one row in twenty is borne, and two however few there are
    ex.write_rows(lake, "core", ARTICLES, [ex.article(n) for n in range(1, of + 1)])
    shifted = [ex.quotation(n, text="سنجعل السوق مغلقة") for n in range(1, bad + 1)]
    ex.write_rows(lake, "staged", QUOTATIONS, shifted + [ex.quotation(n) for n in range(bad + 1, of + 1)])
    if passes:
        assert gate(QUOTATIONS, ex.PARTITION, lake, settings=settings).quarantined_count == bad
    else:
        with pytest.raises(GateFailed, match="text_not_at_its_offsets"):
            gate(QUOTATIONS, ex.PARTITION, lake, settings=settings)


def test_pages_from_a_folder_have_addresses_too(lake: Lake, settings: Settings) -> None:
    ex.write_rows(lake, "staged", CAPTURES, [ex.capture(1, url="file:2026/%D8%AE%D8%A8%D8%B1.html", http_status=None)])
    assert gate(CAPTURES, ex.PARTITION, lake, settings=settings).accepted_count == 1
    ex.write_rows(lake, "staged", ARTICLES, [ex.article(1, url="file:2026/%D8%AE%D8%A8%D8%B1.html")])
    assert gate(ARTICLES, ex.PARTITION, lake, settings=settings).accepted_count == 1


def test_an_unmet_rule_says_its_own_words(lake: Lake, settings: Settings) -> None:
    unmet = ex.verdict("something_captured", is_success=False, observed="0 pages captured (timeout 9)")
    ex.write_rows(lake, "staged", VERDICTS, [ex.verdict("counts_add_up"), unmet])
    with pytest.raises(GateFailed, match=r"rule=something_captured, observed=0 pages captured \(timeout 9\)"):
        gate(VERDICTS, ex.PARTITION, lake, settings=settings)


def test_an_unmet_warning_passes(lake: Lake, settings: Settings) -> None:
    ex.write_rows(lake, "staged", VERDICTS, [ex.verdict(level="warning", is_success=False)])
    assert gate(VERDICTS, ex.PARTITION, lake, settings=settings).is_success


def test_a_stage_that_wrote_nothing_is_not_an_empty_success(lake: Lake, settings: Settings) -> None:
    lake.delete(lake.dataset_path("staged", ARTICLES, ex.PARTITION))
    with pytest.raises(MissingPartition, match="staged/articles"):
        gate(ARTICLES, ex.PARTITION, lake, settings=settings)


def test_parts_are_not_gated_before_their_articles(lake: Lake, settings: Settings) -> None:
    with pytest.raises(MissingPartition, match="core/articles"):
        gate(MENTIONS, ex.PARTITION, lake, settings=settings)


# a suite at fault


class ExpectColumnValuesToMatchRegexOfNobody(ColumnMapExpectation):
    """An expectation whose metric does not exist."""

    map_metric = "column_values.of_nobody"


def no_such_column() -> list[Check]:
    """A suite that looks at a column the dataset does not have."""
    return [Check(gxe.ExpectColumnValuesToBeBetween(column="weight", min_value=0), "row", "weightless")]


def no_such_metric() -> list[Check]:
    """A suite with an expectation that cannot be computed."""
    return [Check(ExpectColumnValuesToMatchRegexOfNobody(column="url"), "warning", "nobody")]


def wrong_type() -> list[Check]:
    """A suite that compares text with a number."""
    return [Check(gxe.ExpectColumnValuesToBeBetween(column="title", min_value=0), "row", "title_negative")]


@pytest.mark.parametrize("suite", [no_such_column, no_such_metric, wrong_type])
def test_an_expectation_that_raises_is_an_error_of_the_suite(
    suite: Any, lake: Lake, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    monkeypatch.setattr("marsad.clean.suite.articles", suite)
    with pytest.raises(SuiteBroken, match=r"marsad\.clean\.suite:articles") as failure:
        gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    assert "\n" not in str(failure.value)
    assert not lake.has_table("core", ARTICLES, ex.PARTITION)


@pytest.mark.parametrize("suite", [None, "marsad.nowhere:articles", "marsad.clean.suite:nothing"])
def test_a_suite_that_cannot_be_loaded(suite: str | None) -> None:
    dataset = Dataset("articles", ARTICLES.record, ARTICLES.key, suite=suite)
    with pytest.raises(SuiteBroken, match="dataset articles"):
        load_suite(dataset)


# what it leaves behind


def test_again_gives_the_same_bytes(lake: Lake, settings: Settings) -> None:
    settings = settings.model_copy(update={"data_docs": True})
    ex.write_rows(lake, "staged", ARTICLES, [ex.article(1), ex.article(2, paragraphs=("شارك",)), ex.article(3)])

    def run() -> dict[str, bytes]:
        gate_stage(ex.STORIES, ex.PARTITION, lake, settings=settings)
        paths = [lake.dataset_path("core", d, ex.PARTITION) for d in ex.STORIES]
        paths += [report_path(d, ex.PARTITION) for d in ex.STORIES] + [docs_path(d, ex.PARTITION) for d in ex.STORIES]
        paths += [quarantine_path(d, ex.PARTITION, "gate") for d in ex.STORIES]
        return {path: lake.read_bytes(path) for path in paths}

    assert run() == run()


def test_what_was_quarantined_and_is_mended_leaves_quarantine(lake: Lake, settings: Settings) -> None:
    ex.write_rows(lake, "staged", ARTICLES, [ex.article(1), ex.article(2, paragraphs=("شارك",)), ex.article(3)])
    gate_stage(ex.STORIES, ex.PARTITION, lake, settings=settings)
    ex.write_rows(lake, "staged", ARTICLES, [ex.article(n) for n in (1, 2, 3)])
    gate_stage(ex.STORIES, ex.PARTITION, lake, settings=settings)
    assert [in_quarantine(d, lake) for d in ex.STORIES] == [[]] * len(ex.STORIES)
    assert len(accepted(ARTICLES, lake)) == 3


def test_the_report_comes_back_as_it_was_written(lake: Lake, settings: Settings) -> None:
    report = gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    assert read_report(ARTICLES, ex.PARTITION, lake) == report
    assert read_report(LINKS, ex.PARTITION, lake) is None


def test_a_source_that_nobody_defines_is_audited_without_its_title(lake: Lake) -> None:
    assert gate(ARTICLES, ex.PARTITION, lake, settings=Settings(data_docs=False)).is_success


# data docs


def test_data_docs_load_nothing_and_run_nothing(lake: Lake, settings: Settings) -> None:
    settings = settings.model_copy(update={"data_docs": True})
    hostile = ex.article(2, paragraphs=('<script>alert("x")</script><img src=http://evil.example/p.gif>',))
    ex.write_rows(lake, "staged", ARTICLES, [ex.article(1), hostile, ex.article(3, title="<b>خ")])
    gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    page = lake.read_bytes(docs_path(ARTICLES, ex.PARTITION)).decode()
    assert "<script" not in page.lower()
    assert "<img" not in page.lower()
    assert "<link" not in page.lower()
    assert "default-src 'none'" in page
    assert "body_too_short" in page or "not_arabic" in page
    assert "&lt;script&gt;" in page


def test_data_docs_only_where_asked_for(lake: Lake, settings: Settings) -> None:
    gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    assert not lake.exists(docs_path(ARTICLES, ex.PARTITION))


# what importing costs


@pytest.mark.parametrize(
    "module",
    ["marsad.gate", "marsad.pipeline", "marsad.stages", "marsad.publish.stage", "marsad.validate.stage"],
)
def test_great_expectations_is_not_imported_before_a_gate_opens(module: str) -> None:
    code = f"import sys, {module}; print('great_expectations' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


PUT_OFF = """
import sys
from pathlib import Path
import example_rows as ex
from marsad.clean.record import ARTICLES
from marsad.gate import docs_path, gate_stage
from marsad.lake import Lake
from marsad.scrape.record import CAPTURES
from marsad.settings import Settings
folder = Path(sys.argv[1])
lake = Lake(str(folder / "lake"))
ex.write_day(lake, stories=2, layers=("staged",))
ex.write_rows(lake, "core", CAPTURES, [ex.capture(n) for n in (1, 2)])
gate_stage((ARTICLES,), ex.PARTITION, lake, settings=Settings(sources=(ex.sources_folder(folder),), data_docs=True))
assert lake.exists(docs_path(ARTICLES, ex.PARTITION))
print(*[name in sys.modules for name in ("great_expectations", "altair.vegalite", "scipy.stats._stats_py")])
import altair, scipy.stats
print(altair.Chart.__name__, scipy.stats.norm.cdf(0), hasattr(altair, "nothing"))
"""


def test_a_gate_with_its_page_imports_no_plots_and_who_asks_for_them_gets_them(tmp_path: Path) -> None:
    words, here = [sys.executable, "-c", PUT_OFF, str(tmp_path)], str(Path(ex.__file__).parent)
    done = subprocess.run(words, env={**os.environ, "PYTHONPATH": here}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["True False False", "Chart 0.5 False"]


# what Great Expectations is spared


def test_what_is_kept_while_a_suite_is_asked_changes_no_answer(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for name in ("spared", "plain"):
        lake = Lake(tmp_path / name)
        ex.write_day(lake, stories=ROWS_WRITTEN, layers=("staged",))
        ex.write_rows(lake, "core", CAPTURES, [ex.capture(n) for n in range(1, ROWS_WRITTEN + 1)])
        ex.write_rows(lake, "staged", ARTICLES, [ex.article(1), ex.article(2, paragraphs=("<p>Sold",)), ex.article(3)])
        if name == "plain":
            for spare in ("_configured_once", "_named_once", "_filtered_once", "_unhashed"):
                monkeypatch.setattr(audits, spare, contextlib.nullcontext)
        gate_stage(ex.STORIES, ex.PARTITION, lake, settings=settings)
        found.append({path: lake.read_bytes(path) for path in lake.walk("")})
    assert found[0] == found[1]
    assert any("reports/gates/articles" in path for path in found[0])


def test_arguments_are_the_same_only_where_they_say_the_same() -> None:
    told = [
        1,
        1.0,
        True,
        "1",
        None,
        [1],
        (1,),
        ["1"],
        {"a": 1},
        {"b": 1},
        {"a": True},
        {"a": [1]},
        [[1], []],
        [[], [1]],
    ]
    assert len({audits._frozen(value) for value in told}) == len(told)
    assert audits._frozen({"a": [1, "b"]}) == audits._frozen({"a": [1, "b"]})
    for odd in (object(), {"a": {1}}, [b"x"]):
        with pytest.raises(TypeError):
            audits._frozen(odd)
