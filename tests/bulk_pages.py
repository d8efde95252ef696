"""Captures of some days, as the scrape stage leaves them; and WARC files."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

from marsad.context import Context
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.pipeline import run, run_gate
from marsad.scrape.journal import Journal, read_journal
from marsad.scrape.record import CAPTURES, Capture
from marsad.scrape.warc import Payload, write_segment

AT = datetime(2026, 3, 3, 8, tzinfo=UTC)
HEADERS = [("Content-Type", "text/html; charset=utf-8")]
SOURCE = """
name: jarida
title: الجريدة
homepage: https://jarida.example/
timezone: Asia/Beirut
"""
_PLACES = ("بيروت", "صيدا", "طرابلس", "زحلة", "بعلبك", "صور", "جبيل", "النبطية")


def story(number: int, published: datetime, canonical: str | None = None) -> bytes:
    """A page with a story of its own."""
    place = _PLACES[number % len(_PLACES)]
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    paragraphs = (
        f"أعلنت بلدية {place} اليوم خطة لترميم المدرسة رقم {number} في الحي القديم، وتبلغ كلفة الأعمال "
        f"{number + 3} ملايين دولار على مدى عامين.",
        f"وقال رئيس البلدية سمير حداد إن العمل يبدأ يوم الاثنين المقبل، مضيفا أن نحو {number * 10 + 40} عاملا "
        "سيشاركون في المرحلة الأولى من المشروع.",
        "وأوضح البيان أن اللجنة ستجتمع مرة كل شهر لمتابعة سير الأعمال ونشر تقرير عنها أمام أهالي الحي والطلاب.",
    )
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        f'<!doctype html><html lang="ar" dir="rtl"><head><title>ترميم مدرسة {number} في {place}</title>{link}'
        f'<meta property="article:published_time" content="{published.isoformat()}"></head><body><article>'
        f"<h1>بلدية {place} ترمم المدرسة رقم {number}</h1>{body}</article></body></html>"
    ).encode()


def write_warc(lake: Lake, path: str, pages: list[tuple[str, bytes]], at: datetime = AT) -> str:
    """A WARC file of pages; its full path."""
    payloads = [Payload(url, body, at + timedelta(seconds=n), 200, HEADERS) for n, (url, body) in enumerate(pages)]
    write_segment(lake, path, payloads)
    return str(lake.path(path))


def write_day(lake: Lake, day: date, pages: list[tuple[str, bytes]]) -> None:
    """A day's captures, as scrape and its gate leave them, one more that was not there; an address that comes twice was
    captured again."""
    partition = Partition("jarida", day)
    at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    journal = Journal(partition, lake, known=())
    for n, (url, body) in enumerate(pages):
        moment = at + timedelta(seconds=n)
        row = Capture(
            source="jarida", date=day, url=url, http_status=200, content_type="text/html", charset="utf-8",
            byte_count=len(body), sha256=hashlib.sha256(body).hexdigest(), fetched_at=moment, discovered_at=moment,
            discovered_by="feed x", attempt_count=1,
        )  # fmt: skip
        journal.add(row, Payload(url, body, moment, 200, HEADERS))
        if url in {u for u, _ in pages[n + 1 :]}:
            journal.flush()  # the newer one comes in a later segment
    journal.flush()
    rows = list(read_journal(partition, lake).values())
    rows.append(Capture(source="jarida", date=day, url=f"https://jarida.example/{day}/gone", outcome="not_found",
                        http_status=404, fetched_at=at, discovered_at=at, attempt_count=1))  # fmt: skip
    for layer in ("raw", "staged", "core"):
        lake.write_table(layer, CAPTURES, partition, CAPTURES.table(rows))  # type: ignore[arg-type]


def filled(ctx: Context) -> None:
    """Two days, of stories of the day, one that was captured again with another text, one of the day before, two copies
    of one, a page without a story, a picture; and a day after them, captured and cleaned, with a story of the second."""
    for n, day in enumerate((date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5))):
        at = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
        base = f"https://jarida.example/{day}"
        pages = [(f"{base}/1", story(70 + n, at))]
        pages += [(f"{base}/{i}", story(10 * n + i, at)) for i in range(5)]
        pages.append((f"{base}/late", story(50 + n, at - timedelta(days=1))))
        pages.append((f"{base}/copy", story(10 * n, at, canonical=f"{base}/0")))
        pages.append((f"{base}/empty", b"<html><body><p>x</p></body></html>"))
        pages.append((f"{base}/binary", b"\x89PNG\r\n\x1a\n" + bytes(200)))
        write_day(ctx.lake, day, pages)
        run_gate("scrape", Partition("jarida", day), ctx)
    run("clean", Partition("jarida", day), ctx)
