"""Captures read back from WARC segments, with their digests checked: captures a second and core.

    python -m benchmarks.replay [--captures N] [--readme README.md]

The pages are generated: Arabic stories in the clothes of a news site, about 70 KB each as the real ones are, which
compress as well as those do. Beside it, as the limit, the same members only inflated; and the whole of ``clean``.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.readme import put
from marsad.clean.stage import clean
from marsad.lake import Lake
from marsad.scrape.journal import SEGMENT_ROWS
from marsad.scrape.record import CAPTURES, Capture
from marsad.scrape.warc import Payload, Stored, read_body, write_segment
from marsad.sources import Source

AT = datetime(2026, 3, 3, 8, tzinfo=UTC)
_TEXT = (
    "قال الوزير إن المشروع الجديد يهدف إلى تحسين الخدمات في المدينة خلال العام المقبل وأضاف أن اللجنة ستعقد اجتماعا "
    "آخر لبحث نتائج الدراسة التي أعدها الخبراء بالتعاون مع البلدية ومراكز البحث في المنطقة"
)
_WORDS = _TEXT.split()


def page(number: int) -> bytes:
    """A story page of some 70 KB: head, menus, cards, scripts, ten paragraphs."""
    rng = random.Random(number)

    def text(count: int) -> str:
        return " ".join(rng.choices(_WORDS, k=count))

    def token(length: int) -> str:
        return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))

    menu = "".join(f'<li class="nav-{token(6)}"><a href="/section/{token(10)}">{text(2)}</a></li>' for _ in range(60))
    cards = "".join(
        f'<div class="card c-{token(8)}"><a href="/news/{token(9)}"><img src="/i/{token(24)}.jpg" alt=""></a>'
        f'<h3><a href="/news/{rng.randrange(10**7)}">{text(9)}</a></h3></div>'
        for _ in range(60)
    )
    script = ";".join(f'window.{token(8)}={{"{token(6)}":"{token(40)}"}}' for _ in range(520))
    story = "".join(f"<p>{text(55)}.</p>" for _ in range(10))
    return (
        f"<!doctype html><html lang=ar dir=rtl><head><title>{text(8)}</title><script>{script}</script></head><body>"
        f"<ul>{menu}</ul><article><h1>{text(8)}</h1><time datetime='2026-03-03T08:00:00Z'></time>{story}</article>"
        f"<aside>{cards}</aside></body></html>"
    ).encode()


def fill(lake: Lake, count: int) -> list[tuple[Stored, Payload]]:
    """Write segments as a run of the scrape stage does."""
    found: list[tuple[Stored, Payload]] = []
    asked = [("User-Agent", "Marsad")]
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Server", "nginx"), ("ETag", '"x"')]
    for first in range(0, count, SEGMENT_ROWS):
        payloads = [
            Payload(f"http://site.example/news/{n}", page(n), AT, 200, headers, request_headers=asked)
            for n in range(first, min(first + SEGMENT_ROWS, count))
        ]
        found += zip(write_segment(lake, f"raw/warc/{first:05d}.warc.gz", payloads), payloads, strict=True)
    return found


def per_second(work: Callable[[], int]) -> float:
    """How many a CPU second, the better of three."""
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        count = work()
        best = max(best, count / (time.process_time() - began))
    return best


def inflate(lake: Lake, stored: list[tuple[Stored, Payload]]) -> int:
    """The limit: the file opened, the member found and inflated, and nothing checked."""
    for one, _ in stored:
        with lake.open(one.warc_file) as file:
            file.seek(one.warc_offset)
            zlib.decompressobj(wbits=31).decompress(file.read(one.entry.length))
    return len(stored)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, default=1000)
    parser.add_argument("--readme", type=Path, help="rewrite the table between the markers of this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(folder)
        stored = fill(lake, options.captures)
        size = sum(len(payload.body) for _, payload in stored) / len(stored)

        def read() -> int:
            return sum(bool(read_body(lake, one.warc_file, one.warc_offset)) for one, _ in stored)

        source = Source(name="site", title="موقع", homepage="http://site.example/", timezone="Asia/Beirut")
        rows = [
            Capture(source="site", date=date(2026, 3, 3), url=payload.url, warc_file=one.warc_file,
                    warc_offset=one.warc_offset, sha256="0" * 64, fetched_at=AT)
            for one, payload in stored[:200]
        ]  # fmt: skip

        def body_of(capture: Capture) -> bytes:
            return read_body(lake, capture.warc_file or "", capture.warc_offset or 0)

        def cleaned() -> int:
            clean(
                source,
                date(2026, 3, 3),
                CAPTURES.table(rows),
                lambda c: read_body(lake, c.warc_file or "", c.warc_offset or 0),
            )
            return len(rows)

        figures = [
            ("read back, digests checked", per_second(read)),
            ("inflated only: the limit", per_second(lambda: inflate(lake, stored))),
            ("read back and cleaned", per_second(cleaned)),
        ]
    table = "| captures replayed, of %.0f KB each | a second and core |\n|---|--:|\n" % (size / 1000)
    table += "\n".join(f"| {name} | {figure:,.0f} |" for name, figure in figures)
    print(table)
    if options.readme:
        put(options.readme, "replay", table)


if __name__ == "__main__":
    main()
