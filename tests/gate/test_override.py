"""Overrides: a blocked gate is passed by a decision on record, and blocks again after its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import example_rows as ex
from hostile_site import HostileSite
from marsad import pipeline
from marsad.__main__ import app
from marsad.clean.record import ARTICLES
from marsad.context import open_context
from marsad.errors import GateFailed, UsageError
from marsad.gate import gate, gate_stage, read_report
from marsad.gate.override import LONGEST_DAYS, PASSABLE_RULES, Override, decide, read_overrides, withdraw
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.publish.manifest import read_manifest
from marsad.settings import Settings
from marsad.validate.advice import ADVICE
from marsad.validate.record import VERDICTS

NOW = datetime(2026, 3, 4, 8, tzinfo=UTC)
WHY = "the site was closed for Eid, no stories that day"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    ex.write_day(lake, stories=3, layers=("staged",))
    unmet = ex.verdict("something_found", is_success=False, observed="0 stories from 3 pages")
    ex.write_rows(lake, "staged", VERDICTS, [ex.verdict("counts_add_up"), unmet])
    return lake


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(sources=(ex.sources_folder(tmp_path),), data_docs=False)


def say(lake: Lake, **other: Any) -> Override:
    words: dict[str, Any] = {
        "source": ex.NAME, "first": ex.DAY, "last": ex.DAY, "check": "something_found", "by": "Salma", "why": WHY,
        "days": 3, "now": NOW,
    }  # fmt: skip
    return decide(lake, **{**words, **other})


def ask(lake: Lake, settings: Settings, now: datetime = NOW) -> bool:
    """Whether the gate lets the verdicts pass."""
    try:
        gate_stage((VERDICTS,), ex.PARTITION, lake, settings=settings, now=lambda: now)
    except GateFailed:
        assert not lake.has_table("core", VERDICTS, ex.PARTITION)
        return False
    return lake.has_table("core", VERDICTS, ex.PARTITION)


def test_a_decision_passes_its_check_until_its_end(lake: Lake, settings: Settings) -> None:
    assert not ask(lake, settings)
    made = say(lake)
    assert ask(lake, settings)
    report = read_report(VERDICTS, ex.PARTITION, lake)
    assert report is not None
    assert (report.is_success, report.accepted_count) == (False, 2)
    assert report.override == str(made)
    assert WHY in str(made)
    assert "Salma" in str(made)
    assert not ask(lake, settings, NOW + timedelta(days=3))
    assert ask(lake, settings, NOW + timedelta(days=3, seconds=-1))


def test_a_withdrawn_decision_lets_nothing_pass_and_stays_on_record(lake: Lake, settings: Settings) -> None:
    made = say(lake)
    withdraw(lake, made.override_id, by="Nur", now=NOW + timedelta(hours=1))
    assert not ask(lake, settings, NOW + timedelta(hours=2))
    (kept,) = read_overrides(lake)
    assert (kept.why, kept.withdrawn_by) == (WHY, "Nur")
    say(lake, now=NOW + timedelta(hours=3))
    assert ask(lake, settings, NOW + timedelta(hours=4))


@pytest.mark.parametrize(
    "other",
    [{"check": "stories_differ"}, {"source": "ukhra"}, {"first": date(2026, 3, 4), "last": date(2026, 3, 9)}],
)
def test_a_decision_passes_nothing_else(lake: Lake, settings: Settings, other: dict[str, Any]) -> None:
    say(lake, **other)
    assert not ask(lake, settings)


def test_every_rule_that_blocks_needs_a_decision(lake: Lake, settings: Settings) -> None:
    rows = [ex.verdict(rule, is_success=False) for rule in ("something_found", "stories_differ")]
    ex.write_rows(lake, "staged", VERDICTS, rows)
    say(lake)
    assert not ask(lake, settings)
    say(lake, check="stories_differ")
    assert ask(lake, settings)


def test_bad_rows_stay_in_quarantine_when_their_check_is_passed(lake: Lake, settings: Settings) -> None:
    bodies = {1: "short", 2: "brief"}
    rows = [ex.article(n, paragraphs=(bodies[n],)) if n in bodies else ex.article(n) for n in (1, 2, 3)]
    ex.write_rows(lake, "staged", ARTICLES, rows)
    with pytest.raises(GateFailed, match=r"marsad gates override --check body_too_short"):
        gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    for check in ("body_too_short", "not_arabic"):
        say(lake, check=check, passable=["body_too_short", "not_arabic"], now=datetime.now(UTC))
    report = gate(ARTICLES, ex.PARTITION, lake, settings=settings)
    assert (report.accepted_count, report.quarantined_count) == (1, 2)
    assert report.override


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"by": " "}, "who decides"),
        ({"why": "because"}, "say why"),
        ({"days": 0}, "1 to 30"),
        ({"days": LONGEST_DAYS + 1}, "belongs in the YAML"),
        ({"last": date(2026, 3, 1)}, "before the first"),
        ({"check": "key_not_unique"}, "no decision can pass"),
        ({"check": "counts_add_up"}, "no decision can pass"),
        ({"check": "rule_unmet"}, "no decision can pass"),
    ],
)
def test_a_decision_that_is_none_is_refused(lake: Lake, other: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        say(lake, **other)
    assert read_overrides(lake) == []


def test_the_same_decision_again_is_the_same_record(lake: Lake) -> None:
    assert say(lake) == say(lake, now=NOW + timedelta(minutes=5))
    assert len(read_overrides(lake)) == 1


def test_only_rules_there_are_can_be_passed() -> None:
    assert set(ADVICE) >= PASSABLE_RULES


WALL = "<p>نستخدم ملفات تعريف الارتباط لتحسين تجربتكم على الموقع وقياس عدد الزيارات وعرض ما يناسب اهتماماتكم.</p>" + (
    "<p>بالنقر على زر الموافقة توافقون على شروط الاستخدام وسياسة الخصوصية، ويمكنكم تغيير رأيكم في أي وقت من الإعدادات.</p>"
)


def test_a_blocked_day_is_published_by_decision_and_blocks_again_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an operator does it: a wall on every page, told and passed by the command line."""
    with HostileSite() as site:
        urls = "".join(f"<url><loc>http://site.example/news/{n}</loc></url>" for n in range(1, 7))
        site.put("/2026-03-03.xml", f"<urlset>{urls}</urlset>".encode(), kind="application/xml")
        for n in range(1, 7):
            title = f"بلدية الساحل تفتتح الحديقة رقم {n} بعد ترميمها"
            site.put(
                f"/news/{n}",
                f"""<html lang=ar><head><title>{title}</title>
                <meta property="article:published_time" content="2026-03-03T0{n}:00:00+02:00"></head>
                <body><article><h1>{title}</h1>{WALL}</article></body></html>""".encode(),
            )
        lake = tmp_path / "lake"
        folder = tmp_path / "sources"
        folder.mkdir()
        (folder / "site.yaml").write_text(
            "name: site\ntitle: موقع\nhomepage: http://site.example\ntimezone: Asia/Beirut\ndiscover:\n"
            "  - sitemap: http://site.example/{year}-{month:02}-{day:02}.xml\n",
            "utf-8",
        )
        settings = site.settings(lake=str(lake), sources=(folder,), data_docs=False)
        clock = [datetime.now(UTC)]
        ctx = replace(open_context(settings), now=lambda: clock[0])
        partition = Partition("site", date(2026, 3, 3))
        with pytest.raises(GateFailed, match="--check stories_differ"):
            pipeline.run_partition(partition, ctx)
        assert read_manifest(ctx.lake, partition) is None
        monkeypatch.setenv("MARSAD_LAKE", str(lake))
        monkeypatch.setenv("MARSAD_SOURCES", str(folder))
        shown = CliRunner().invoke(app, ["gates", "show", "-d", "2026-03-03"])
        assert "blocks site 2026-03-03 verdicts: stories_differ" in shown.output
        words = ["gates", "override", "-s", "site", "-d", "2026-03-03", "--check", "stories_differ", "--by", "سلمى"]
        said = CliRunner().invoke(app, [*words, "--why", "النص واحد عن قصد: بيان الحداد على كل الصفحات"])
        assert said.exit_code == 0, said.output
        clock[0] = datetime.now(UTC)
        pipeline.run_partition(partition, ctx)
        manifest = read_manifest(ctx.lake, partition)
        assert manifest is not None
        (gate_of_rules,) = [g for g in manifest.gates if g.override]
        assert "سلمى" in (gate_of_rules.override or "")
        reported = CliRunner().invoke(app, ["report", "-d", "2026-03-03"])
        assert "passed by decision" in reported.output
        listed = CliRunner().invoke(app, ["gates", "overrides"])
        assert "stories_differ" in listed.output
        clock[0] += timedelta(days=4)
        with pytest.raises(GateFailed):
            pipeline.run_partition(partition, ctx, first="validate")
        assert read_manifest(ctx.lake, partition) == manifest  # what was published stays
        override_id = read_overrides(ctx.lake)[0].override_id
        gone = CliRunner().invoke(app, ["gates", "withdraw", override_id, "--by", "نور"])
        assert gone.exit_code == 0, gone.output
        assert "no decision holds" in CliRunner().invoke(app, ["gates", "overrides"]).output
