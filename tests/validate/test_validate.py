"""Rules across datasets, each proven by a day that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import example_rows as ex
from marsad.clean.record import ARTICLES, LATE_CAPTURES, LINKS, Article, LateCapture
from marsad.dataset import QUARANTINE, Dataset, Quarantined
from marsad.errors import MissingPartition
from marsad.extract.record import MENTIONS
from marsad.lake import Lake
from marsad.quarantine import quarantine_path
from marsad.scrape.record import CAPTURES
from marsad.sources import Route
from marsad.validate.health import HEALTH_RULES
from marsad.validate.record import Verdict
from marsad.validate.rules import RULES
from marsad.validate.stage import validate

STORIES = 6
NUMBERS = range(1, STORIES + 1)
Break = Callable[[Lake], None]


def distinct(number: int, *, also: tuple[str, ...] = (), **other: Any) -> Article:
    """A story whose text no other story has, as on a sound day."""
    own = (f"خبر رقم {number}: {ex.PARAGRAPHS[0]}", f"{number}. {ex.PARAGRAPHS[1]}", f"{number}. " + "كلمة أخرى " * 20)
    return ex.article(number, paragraphs=(*own, *also), **other)


def articles(*changed: Any, numbers: range = NUMBERS) -> list[Any]:
    """The day's stories, some of them changed (by id)."""
    by_id = {a.article_id: a for a in (distinct(n) for n in numbers)}
    by_id |= {a.article_id: a for a in changed}
    return list(by_id.values())


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A sound day in which nothing extracted stands at shifted offsets."""
    lake = Lake(tmp_path)
    none: dict[str, list[Any]] = {d.name: [] for d in ex.FINDINGS}
    ex.write_day(lake, stories=STORIES, articles=articles(), **none)
    return lake


def both(lake: Lake, dataset: Dataset, rows: list[Any]) -> None:
    """Rows that a stage wrote and its gate accepted."""
    for layer in ("staged", "core"):
        ex.write_rows(lake, layer, dataset, rows)


def reject(lake: Lake, dataset: Dataset, *rows: tuple[str, str], stage: str = "clean") -> None:
    """Put rows (key, reason) into quarantine."""
    part = "gate" if stage == "gate" else "stage"
    found = [Quarantined(dataset.name, key, stage, reason, "…", ex.NAME, ex.DAY) for key, reason in rows]
    lake.write_rows_at(QUARANTINE, quarantine_path(dataset, ex.PARTITION, part), QUARANTINE.table(found))


def verdicts(lake: Lake) -> dict[str, Verdict]:
    """What every rule says, by its name."""
    table = validate(ex.SOURCE, ex.PARTITION, lake).verdicts.table
    return {row["rule"]: Verdict(**row) for row in table.to_pylist()}


def test_a_sound_day_meets_every_rule(lake: Lake) -> None:
    found = verdicts(lake)
    assert set(found) == {rule.__name__ for rule in RULES}
    assert {rule: v.observed for rule, v in found.items() if not v.is_success} == {}
    assert {(v.source, v.date) for v in found.values()} == {(ex.NAME, ex.DAY)}


def test_the_same_day_gives_the_same_verdicts(lake: Lake) -> None:
    first, second = (validate(ex.SOURCE, ex.PARTITION, lake) for _ in range(2))
    assert [b.table for b in first] == [b.table for b in second]


# each rule, broken


def nothing_discovered(lake: Lake) -> None:
    both(lake, CAPTURES, [])


def nothing_captured(lake: Lake) -> None:
    failed = {"outcome": "timeout", "warc_file": None, "warc_offset": None, "sha256": None}
    both(lake, CAPTURES, [ex.capture(n, **failed) for n in NUMBERS])


def nothing_found(lake: Lake) -> None:
    both(lake, ARTICLES, [])
    both(lake, LINKS, [])
    both(lake, ex.STORIES[2], [])
    reject(lake, ARTICLES, *[(ex.url(n), "no_text") for n in NUMBERS])


def a_page_lost(lake: Lake) -> None:
    both(lake, CAPTURES, [ex.capture(n) for n in range(1, STORIES + 2)])


def a_page_whose_address_begins_a_rejects(lake: Lake) -> None:
    # http://…/7 is lost; that http://…/77 was rejected accounts for another page
    both(lake, CAPTURES, [ex.capture(n) for n in (*NUMBERS, 7, 77)])
    reject(lake, ARTICLES, (ex.url(77), "no_text"))


def a_row_lost_at_the_gate(lake: Lake) -> None:
    ex.write_rows(lake, "core", LINKS, [ex.link(n) for n in range(1, STORIES)])


def a_story_of_no_page(lake: Lake) -> None:
    both(lake, ARTICLES, articles(distinct(1, url=ex.url(404))))


def a_link_of_no_story(lake: Lake) -> None:
    both(lake, LINKS, [ex.link(n) for n in range(1, STORIES + 2)])


def an_embedded_story_of_no_page(lake: Lake) -> None:
    both(lake, ARTICLES, articles(distinct(2, role="embedded", parent_id="nobody")))


def a_main_story_with_a_parent(lake: Lake) -> None:
    both(lake, ARTICLES, articles(distinct(2, parent_id=ex.article_id(1))))


def a_shifted_offset(lake: Lake) -> None:
    both(lake, MENTIONS, [ex.mention(1)])  # where the name stands in the undistinguished text


def a_story_of_another_day(lake: Lake) -> None:
    # still the third in UTC, the fourth in Beirut
    both(lake, ARTICLES, articles(distinct(1, published_at=datetime(2026, 3, 3, 22, 30, tzinfo=UTC))))


def no_dates(lake: Lake) -> None:
    both(lake, ARTICLES, [distinct(n, published_basis="first_seen", published_at=None) for n in NUMBERS])


def half_of_the_urls_failed(lake: Lake) -> None:
    failed = {"outcome": "timeout", "warc_file": None}
    both(lake, CAPTURES, [ex.capture(n) for n in NUMBERS] + [ex.capture(n, **failed) for n in range(20, 26)])


def a_third_quarantined(lake: Lake) -> None:
    reject(lake, ARTICLES, *[(ex.url(n), "weekday_contradicts_date") for n in (50, 51, 52)])


def no_titles(lake: Lake) -> None:
    both(lake, ARTICLES, [distinct(n, title=None) for n in NUMBERS])


def one_title(lake: Lake) -> None:
    both(lake, ARTICLES, [distinct(n, title="آخر الأخبار") for n in NUMBERS])


def a_leaked_paragraph(lake: Lake) -> None:
    footer = "تابعونا على قناتنا ليصلكم كل جديد."
    both(lake, ARTICLES, [distinct(n, also=(footer,)) for n in NUMBERS])


def another_language(lake: Lake) -> None:
    both(lake, ARTICLES, [distinct(n, language="fa") for n in NUMBERS])


def a_wall(lake: Lake) -> None:
    both(lake, ARTICLES, [distinct(n, is_paywalled=True) for n in NUMBERS])


def teasers(lake: Lake) -> None:
    both(lake, ARTICLES, [distinct(n, word_count=12) for n in NUMBERS])


def a_redesign(lake: Lake) -> None:
    both(lake, ARTICLES, [distinct(n, layout_missed=("body", "title")) for n in NUMBERS])


BROKEN: list[tuple[Break, str, str]] = [
    (nothing_discovered, "something_discovered", "critical"),
    (nothing_captured, "something_captured", "critical"),
    (nothing_found, "something_found", "critical"),
    (a_page_lost, "every_capture_accounted_for", "critical"),
    (a_page_whose_address_begins_a_rejects, "every_capture_accounted_for", "critical"),
    (a_row_lost_at_the_gate, "counts_add_up", "critical"),
    (a_story_of_no_page, "every_article_from_a_capture", "critical"),
    (a_link_of_no_story, "every_part_has_its_article", "critical"),
    (an_embedded_story_of_no_page, "every_embedded_story_has_its_page", "critical"),
    (a_main_story_with_a_parent, "no_main_story_has_a_parent", "critical"),
    (a_shifted_offset, "offsets_within_their_article", "critical"),
    (a_story_of_another_day, "days_are_the_partitions", "critical"),
    (no_dates, "days_are_known", "warning"),
    (half_of_the_urls_failed, "share_captured", "warning"),
    (nothing_captured, "share_captured", "critical"),
    (a_third_quarantined, "share_quarantined", "warning"),
    (nothing_found, "share_quarantined", "critical"),
    (no_titles, "titles_present", "warning"),
    (one_title, "titles_differ", "warning"),
    (a_leaked_paragraph, "no_paragraph_everywhere", "warning"),
    (another_language, "language_is_the_sources", "warning"),
    (a_wall, "most_stories_open", "warning"),
    (teasers, "stories_have_length", "warning"),
    (a_redesign, "layout_matches", "warning"),
]


@pytest.mark.parametrize(("broken", "rule", "level"), BROKEN, ids=[f"{b.__name__}-{r}" for b, r, _ in BROKEN])
def test_each_rule_finds_the_day_that_breaks_it(broken: Break, rule: str, level: str, lake: Lake) -> None:
    broken(lake)
    found = verdicts(lake)[rule]
    assert (found.is_success, found.level) == (False, level)
    assert found.observed
    assert found.expected


def test_every_rule_has_a_day_that_breaks_it() -> None:
    across_days = {rule.__name__ for rule in HEALTH_RULES}  # test_health.py breaks those
    assert {rule for _, rule, _ in BROKEN} | across_days == {rule.__name__ for rule in RULES}


def test_evidence_names_the_pages_at_most_ten(lake: Lake) -> None:
    both(lake, CAPTURES, [ex.capture(n) for n in range(1, STORIES + 21)])
    evidence = verdicts(lake)["every_capture_accounted_for"].evidence.split("\n")
    assert len(evidence) == 10
    assert ex.url(STORIES + 5) in evidence


# what is not a fault


def test_rejects_and_quarantine_account_for_pages(lake: Lake) -> None:
    both(lake, CAPTURES, [ex.capture(n) for n in (*NUMBERS, 7, 8)])
    reject(lake, ARTICLES, (ex.url(7), "no_text"), (f"{ex.url(8)}#2", "future_date"))
    assert verdicts(lake)["every_capture_accounted_for"].is_success


def test_a_story_dropped_by_the_gate_accounts_for_its_page(lake: Lake) -> None:
    both(lake, CAPTURES, [ex.capture(n) for n in (*NUMBERS, 7)])
    ex.write_rows(lake, "staged", ARTICLES, [*articles(), distinct(7)])
    reject(lake, ARTICLES, (ex.article_id(7), "body_too_short"), stage="gate")
    found = verdicts(lake)
    assert found["every_capture_accounted_for"].is_success
    assert found["counts_add_up"].is_success


def test_a_page_filed_for_another_day_is_accounted_for(lake: Lake) -> None:
    both(lake, CAPTURES, [ex.capture(n) for n in (*NUMBERS, 7)])
    yesterday = date(2026, 3, 2)
    late = LATE_CAPTURES.table([LateCapture(ex.NAME, yesterday, ex.url(7), ex.DAY)])
    lake.write_rows_at(LATE_CAPTURES, "raw/late_captures/date=2026-03-02/source=sahifa/from-2026-03-03.parquet", late)
    assert verdicts(lake)["every_capture_accounted_for"].is_success


def test_a_story_from_another_days_page_is_not_without_a_page(lake: Lake) -> None:
    late = LateCapture(ex.NAME, ex.DAY, ex.url(404), ex.DAY + timedelta(days=1))
    ex.write_rows(lake, "staged", LATE_CAPTURES, [late])
    both(lake, ARTICLES, articles(distinct(1, url=ex.url(404), role="embedded", parent_id="elsewhere")))
    found = verdicts(lake)
    assert found["every_article_from_a_capture"].is_success
    assert found["every_embedded_story_has_its_page"].is_success


@pytest.mark.parametrize(("route", "is_healthy"), [("files", True), ("feed", False)])
def test_a_day_whose_pages_are_all_of_other_days(route: Any, is_healthy: bool, lake: Lake) -> None:
    for dataset in ex.STORIES:
        both(lake, dataset, [])
    yesterday = date(2026, 3, 2)
    late = LATE_CAPTURES.table([LateCapture(ex.NAME, yesterday, ex.url(n), ex.DAY) for n in NUMBERS])
    lake.write_rows_at(LATE_CAPTURES, "raw/late_captures/date=2026-03-02/source=sahifa/from-2026-03-03.parquet", late)
    source = ex.SOURCE.model_copy(update={"discover": (Route(kind=route, address="."),)})
    found = {row["rule"]: row["is_success"] for row in validate(source, ex.PARTITION, lake).verdicts.table.to_pylist()}
    assert found.pop("something_found") is is_healthy
    assert all(found.values())


def test_what_robots_forbid_is_not_missed(lake: Lake) -> None:
    denied = {"outcome": "robots_denied", "warc_file": None}
    both(lake, CAPTURES, [ex.capture(n) for n in NUMBERS] + [ex.capture(n, **denied) for n in range(20, 40)])
    assert verdicts(lake)["share_captured"].is_success


@pytest.mark.parametrize("broken", [no_dates, no_titles, one_title, a_leaked_paragraph, a_wall, teasers])
def test_of_a_handful_of_stories_no_share_is_made(broken: Break, lake: Lake) -> None:
    broken(lake)
    few = lake.read_table("core", ARTICLES, ex.PARTITION).slice(0, 2)
    for layer in ("staged", "core"):
        lake.write_table(layer, ARTICLES, ex.PARTITION, few)
    warnings = [v.rule for v in verdicts(lake).values() if not v.is_success and v.level == "warning"]
    assert warnings == []


@pytest.mark.parametrize("dataset", [CAPTURES, ARTICLES, MENTIONS], ids=str)
def test_a_gate_that_has_not_run_is_said(dataset: Dataset, lake: Lake) -> None:
    lake.delete(lake.dataset_path("core", dataset, ex.PARTITION))
    with pytest.raises(MissingPartition, match=f"core/{dataset.name}"):
        validate(ex.SOURCE, ex.PARTITION, lake)


def test_a_source_in_another_language_is_held_to_its_own(lake: Lake) -> None:
    another_language(lake)
    persian = ex.SOURCE.model_copy(update={"language": "fa"})
    found = {row["rule"]: row["is_success"] for row in validate(persian, ex.PARTITION, lake).verdicts.table.to_pylist()}
    assert found["language_is_the_sources"]
