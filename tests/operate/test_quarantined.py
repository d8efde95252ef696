"""Quarantine, as an operator uses it: list, show, mend, replay, prune."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hostile_site import HostileSite
from marsad import pipeline
from marsad.__main__ import app
from marsad.clean import suite
from marsad.clean.record import ARTICLES
from marsad.context import Context, open_context
from marsad.partition import Partition
from marsad.quarantine import all_quarantined

DAY = date(2026, 3, 3)
PARTITION = Partition("site", DAY)
YAML = (
    "name: site\ntitle: موقع الحدائق\nhomepage: http://site.example\ntimezone: Asia/Beirut\ndiscover:\n"
    "  - sitemap: http://site.example/{year}-{month:02}-{day:02}.xml\n"
)
SHORT = "<p>افتتحت البلدية صباح الثلاثاء الحديقة رقم 4 بعد ترميمها.</p>"
BODY = "<p>افتتحت البلدية صباح الثلاثاء الحديقة رقم {n} بعد ترميمها، وحضر الاحتفال أهالي الحي القديم.</p>" + (
    "<p>وقال رئيسها إن كلفة الأعمال بلغت {n}0 ألف دولار وإنها انتهت قبل موعدها بشهرين.</p>"
)


@pytest.fixture
def ctx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A day of which one short story was dropped, by a check that is too strict."""
    monkeypatch.setattr(suite, "MIN_BODY", 120)
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "site.yaml").write_text(YAML, "utf-8")
    with HostileSite() as site:
        urls = "".join(f"<url><loc>http://site.example/news/{n}</loc></url>" for n in range(1, 7))
        site.put("/2026-03-03.xml", f"<urlset>{urls}</urlset>".encode(), kind="application/xml")
        for n in range(1, 7):
            site.put(
                f"/news/{n}",
                f"""<html lang=ar><head><title>حديقة رقم {n}</title>
                <meta property="article:published_time" content="2026-03-03T0{n}:00:00+02:00"></head>
                <body><article><h1>حديقة رقم {n}</h1>{BODY.format(n=n) if n != 4 else SHORT}</article>
                </body></html>""".encode(),
            )
        ctx = open_context(site.settings(lake=str(tmp_path / "lake"), sources=(folder,), data_docs=False))
        pipeline.run_partition(PARTITION, ctx)
    monkeypatch.setenv("MARSAD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("MARSAD_SOURCES", str(folder))
    return ctx


def marsad(*words: str) -> Result:
    return CliRunner().invoke(app, ["quarantine", *words])


def published(ctx: Context) -> list[str]:
    return sorted(r["url"][-1] for r in ctx.lake.read_table("published", ARTICLES, PARTITION).to_pylist())


def test_a_row_is_listed_shown_mended_and_published(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    assert published(ctx) == ["1", "2", "3", "5", "6"]
    dropped = [r for r in all_quarantined(DAY, ctx.lake) if r.dataset == "articles"]
    assert [r.reason for r in dropped] == ["body_too_short"]
    assert "body_too_sh" in marsad("list", "-d", "2026-03-03").output
    shown = marsad("show", dropped[0].row_key[:8], "-d", "2026-03-03").output
    assert "page: http://site.example/news/4" in shown
    assert "capture: raw/warc/date=2026-03-03/source=site/segment-0001.warc.gz at " in shown
    assert "dropped by gate: body_too_short" in shown
    assert "بعد ترميمها" in shown
    again = marsad("replay", "-d", "2026-03-03")
    assert again.exit_code == 0
    assert "0 left quarantine" in again.output
    # the fix; the site is gone by now: its captures are not
    monkeypatch.setattr(suite, "MIN_BODY", 20)
    mended = marsad("replay", "-d", "2026-03-01", "--to", "2026-03-04")
    assert mended.exit_code == 0, mended.output
    assert "site 2026-03-03: " in mended.output
    assert "0 left" not in mended.output
    assert published(ctx) == ["1", "2", "3", "4", "5", "6"]
    assert all_quarantined(DAY, ctx.lake) == []
    assert "nothing is in quarantine" in marsad("replay", "-d", "2026-03-03").output


def test_old_rows_are_pruned_and_captures_stay(ctx: Context) -> None:
    days = (datetime.now(UTC).date() - DAY).days
    files = ctx.lake.list("quarantine", "**/*.parquet")
    assert "would go" in marsad("prune", "--older-than", str(days - 1), "--dry-run").output
    assert ctx.lake.list("quarantine", "**/*.parquet") == files
    marsad("prune", "--older-than", str(days + 1))
    assert ctx.lake.list("quarantine", "**/*.parquet") == files
    marsad("prune", "--older-than", str(days - 1))
    assert ctx.lake.list("quarantine", "**/*.parquet") == []
    assert ctx.lake.list("raw/warc", "**/*.warc.gz")


def test_a_row_that_is_none_and_days_in_disorder_are_said(ctx: Context) -> None:
    assert "quarantine list" in str(marsad("show", "nobody", "-d", "2026-03-03").exception)
    assert "is before" in str(marsad("replay", "-d", "2026-03-03", "--to", "2026-03-01").exception)
    assert "1 at least" in str(marsad("prune", "--older-than", "0").exception)
