"""A made-up day: sources whose pages lie in a WARC file each, 60 KB a page as real ones are.

The stories are paragraphs of our own marked stories, shuffled: quotations, names, numbers and dates as news has
them, some 1,400 characters a story. One story in twenty is another source's of the same day, with its credit.
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.extract.stories import own_stories

DAY = date(2026, 3, 3)
_COPIED = 0.05
_SHARED = 50
"""Stories of an agency that all sources may print."""


def name_of(number: int) -> str:
    """The name of a source."""
    return f"yawm_{number:03d}"


def write_sources(folder: Path, sources: int, stories: int) -> None:
    """Write a YAML and a WARC file for each source."""
    folder.mkdir(parents=True, exist_ok=True)
    paragraphs = [p for story in own_stories() for p in story.body.split("\n\n") if len(p) > 80]
    agency = _stories("agency", _SHARED, paragraphs)
    for number in range(1, sources + 1):
        name = name_of(number)
        warc = folder / f"{name}.warc.gz"
        rng = random.Random(name)
        own = _stories(name, stories, paragraphs)
        texts = [(rng.choice(agency), True) if rng.random() < _COPIED else (text, False) for text in own]
        _write_warc(warc, name, texts, rng)
        (folder / f"{name}.yaml").write_text(
            f"name: {name}\ntitle: يوميات {number}\nhomepage: http://{name.replace('_', '-')}.example\n"
            f"timezone: UTC\nis_enabled: true\nclosed_on: {DAY}\ndiscover:\n  - files: {warc}\n",
            encoding="utf-8",
        )


def _stories(seed: str, count: int, paragraphs: Sequence[str]) -> list[list[str]]:
    rng = random.Random(seed)
    words = sorted({word for p in paragraphs for word in p.split() if len(word) > 4 and word.isalpha()})
    found = []
    for _ in range(count):
        chosen: list[str] = []
        while sum(map(len, chosen)) < 1200:
            chosen.append(_varied(rng.choice(paragraphs), words, rng))
        found.append(chosen)
    return found


def _varied(paragraph: str, words: Sequence[str], rng: random.Random) -> str:
    """The paragraph with some plain words changed: a day whose stories repeat each other is stopped by a gate."""
    return " ".join(
        rng.choice(words) if len(word) > 4 and word.isalpha() and rng.random() < 0.15 else word
        for word in paragraph.split(" ")
    )


def _write_warc(path: Path, name: str, texts: Sequence[tuple[list[str], bool]], rng: random.Random) -> None:
    chrome = _chrome(rng)
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for n, (paragraphs, is_copy) in enumerate(texts):
            at = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(minutes=rng.randrange(24 * 60))
            url = f"http://{name.replace('_', '-')}.example/news/{n}"
            body = _page(url, paragraphs, at, chrome, "وكالة يوميات" if is_copy else None)
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            record = writer.create_warc_record(
                url,
                "response",
                payload=BytesIO(body),
                http_headers=headers,
                warc_headers_dict={"WARC-Date": f"{at:%Y-%m-%dT%H:%M:%SZ}"},
            )
            writer.write_record(record)


def _chrome(rng: random.Random) -> tuple[str, str, str]:
    """What is around a story on every page of a site: scripts, menus, cards."""

    def token(length: int) -> str:
        return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))

    words = [
        *("محليات", "اقتصاد", "رياضة", "ثقافة", "منوعات", "آراء", "صور"),
        *("فيديو", "علوم", "صحة", "سفر", "مناخ", "تقارير", "حوارات"),
    ]
    script = ";".join(f'window.{token(8)}={{"{token(6)}":"{token(40)}"}}' for _ in range(420))
    menu = "".join(f'<li><a href="/section/{token(10)}">{rng.choice(words)}</a></li>' for _ in range(50))
    cards = "".join(
        f'<div class="card"><a href="/news/{token(9)}"><img src="/i/{token(24)}.jpg" alt=""></a>'
        f'<h3><a href="/news/{token(7)}">{" ".join(rng.choices(words, k=7))}</a></h3></div>'
        for _ in range(50)
    )
    return script, menu, cards


def _page(url: str, paragraphs: Sequence[str], at: datetime, chrome: tuple[str, str, str], credit: str | None) -> bytes:
    script, menu, cards = chrome
    title = html.escape(" ".join(paragraphs[0].split()[:9]))
    text = "".join(f"<p>{html.escape(p)}</p>" for p in paragraphs)
    source = f"<p>المصدر: {credit}</p>" if credit else ""
    facts = json.dumps(
        {"@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "datePublished": at.isoformat()},
        ensure_ascii=False,
    )
    return (
        f'<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="canonical" href="{url}"><script type="application/ld+json">{facts}</script>'
        f"<script>{script}</script></head><body><nav><ul>{menu}</ul></nav><article><h1>{title}</h1>"
        f'<time datetime="{at.isoformat()}"></time>{text}{source}</article><aside>{cards}</aside></body></html>'
    ).encode()
