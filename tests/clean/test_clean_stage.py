"""Captures in; articles, links, cuts, rejects and late rows out; nothing lost."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa

from marsad.clean.stage import Cleaned, clean
from marsad.scrape.record import CAPTURES, Capture
from marsad.sources import Source

SOURCE = Source(name="mujammi", title="مجمع الأخبار", homepage="http://mujammi.example", timezone="Asia/Riyadh")
DAY = date(2026, 3, 3)
TWO = (Path(__file__).parent.parent / "pages" / "two_stories.txt").read_bytes()
P = "وقالت المديرية العامة للطرق إن الجسر سيفتح أمام السيارات قبل نهاية الأسبوع، وإن الأعمال انتهت في موعدها."


def html(published: str | None, canonical: str = "", top: str = "") -> bytes:
    meta = f"<meta property=article:published_time content='{published}'>" if published else ""
    link = f"<link rel=canonical href='{canonical}'>" if canonical else ""
    return f"<html><head>{meta}{link}</head><div><h1>افتتاح الجسر الجديد هذا الأسبوع</h1>{top}<p>{P}</p><p>{P[:-1]}.</p></div></html>".encode()


def run(pages: dict[str, bytes], day: date = DAY, captured: date = DAY, **fields: object) -> Cleaned:
    rows = [
        Capture(
            **{
                "source": "mujammi", "date": captured, "url": url, "warc_file": "w", "warc_offset": 0, "sha256": "0" * 64,
                "fetched_at": datetime(2026, 3, 4, 1, tzinfo=UTC), "discovered_by": "feed http://mujammi.example/rss",
                **fields,
            }  # type: ignore[arg-type]
        )
        for url, _ in pages.items()
    ]  # fmt: skip
    return clean(SOURCE, day, CAPTURES.table(rows), lambda c: pages[c.url])


def rejects(cleaned: Cleaned) -> dict[str, str]:
    return {r.row_key: r.reason for r in cleaned.articles.rejects}


def test_main_and_embedded_become_articles_with_their_links_and_cuts() -> None:
    cleaned = run({"http://mujammi.example/1": TWO})
    main, other = sorted(cleaned.articles.table.to_pylist(), key=lambda r: r["role"], reverse=True)
    assert (main["role"], other["role"], other["parent_id"]) == ("main", "embedded", main["article_id"])
    assert {main["published_basis"], other["published_basis"]} == {"first_seen"}
    assert main["published_at"] is None
    assert main["body"] == "\n\n".join(main["paragraphs"])
    assert len(cleaned.links.table) == 4
    assert set(cleaned.cuts.table["article_id"].to_pylist()) <= {main["article_id"], other["article_id"]}


def test_the_same_captures_give_the_same_rows_in_any_order() -> None:
    pages = {f"http://mujammi.example/{i}": html(f"2026-03-03T0{i}:00:00Z") for i in range(5)}
    one, two = run(pages), run(dict(reversed(list(pages.items()))))
    assert one.articles.table.equals(two.articles.table)
    assert one.cuts.table.equals(two.cuts.table)


def test_a_story_of_another_day_is_late_and_its_own_day_takes_it() -> None:
    pages = {
        "http://mujammi.example/a": html("2026-03-02T20:30:00Z"),
        "http://mujammi.example/b": html("2026-03-02T21:30:00Z"),
    }
    cleaned = run(pages)
    assert cleaned.articles.table["url"].to_pylist() == ["http://mujammi.example/b"]
    (late,) = cleaned.late.to_pylist()
    assert (late["date"], late["url"], late["captured_on"]) == (date(2026, 3, 2), "http://mujammi.example/a", DAY)
    earlier = run({"http://mujammi.example/a": pages["http://mujammi.example/a"]}, day=date(2026, 3, 2), captured=DAY)
    assert earlier.articles.table["url"].to_pylist() == ["http://mujammi.example/a"]
    assert len(earlier.late) == 0


def test_every_captured_page_ends_in_an_article_a_reject_or_a_late_row() -> None:
    pages = {
        "http://m.example/ok": html("2026-03-03T08:00:00Z", canonical="http://m.example/same"),
        "http://m.example/twice": html("2026-03-03T08:00:00Z", canonical="http://m.example/same"),
        "http://m.example/empty": b"",
        "http://m.example/pdf": b"%PDF-1.4",
        "http://m.example/menu": "<html><body><ul><li><a href=/>الرئيسية</a></ul></body></html>".encode(),
        "http://m.example/weekday": html(None, top="<p>الأحد 3 مارس 2026</p>"),
        "http://m.example/future": html("2027-01-01T00:00:00Z"),
        "http://m.example/late": html("2026-03-01T08:00:00Z"),
    }
    cleaned = run(pages)
    assert rejects(cleaned) == {
        "http://m.example/twice": "same_article",
        "http://m.example/empty": "unreadable_empty",
        "http://m.example/pdf": "unreadable_binary",
        "http://m.example/menu": "no_story",
        "http://m.example/weekday": "weekday_contradicts_date",
        "http://m.example/future": "future_date",
    }
    assert cleaned.articles.table["url"].to_pylist() == ["http://m.example/ok"]
    assert cleaned.late["url"].to_pylist() == ["http://m.example/late"]


def test_a_listing_dates_what_says_nothing_itself() -> None:
    listed = datetime(2026, 3, 3, 9, tzinfo=UTC)
    (row,) = run({"http://m.example/1": html(None)}, listed_at=listed).articles.table.to_pylist()
    assert (row["published_at"], row["published_basis"]) == (listed, "feed")


def test_only_what_was_captured_is_read() -> None:
    def never(capture: Capture) -> bytes:
        raise AssertionError(capture.url)

    rows = [Capture("mujammi", DAY, f"http://m.example/{o}", outcome=o) for o in ("not_found", "timeout", "captured")]  # type: ignore[arg-type]
    cleaned = clean(SOURCE, DAY, CAPTURES.table(rows), never)
    assert len(cleaned.articles) == 0
    assert isinstance(cleaned.late, pa.Table)
