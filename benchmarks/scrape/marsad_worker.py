"""Marsad's scrape stage over the same hosts, into a lake on disk, WARC and rows and all.

python -m benchmarks.scrape.marsad_worker PORT HOSTS PAGES DELAY LAKE [NUMBER]: prints one line of JSON.
With NUMBER, worker NUMBER of several that ask the same hosts for other pages at the same time, sharing one state.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.fetch import Fetcher
from marsad.scrape.frontier import file_sightings
from marsad.scrape.record import Sighting
from marsad.scrape.stage import scrape
from marsad.settings import Settings
from marsad.sources import Source

DAY = date(2026, 3, 3)
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def main() -> None:
    port, hosts, pages, delay = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    root, number = Path(sys.argv[5]), int(sys.argv[6]) if len(sys.argv) > 6 else 0
    names = [f"h{n}.example" for n in range(1, hosts + 1)]
    settings = Settings(
        lake=str(root / f"lake-{number}"),
        state=root / "state",
        connect_to={f"h{n}.example": f"127.0.0.{n}:{port}" for n in range(1, hosts + 1)},
        max_hosts_at_once=max(1, hosts),
        fetch_attempts=1,
    )
    source = Source.model_validate(
        {
            "name": f"bench{number}",
            "title": "bench",
            "homepage": "http://h1.example/",
            "discover": [],  # what is there was filed before: Scrapy, too, is told
            "politeness": {"delay_s": delay, "daily_budget": 1_000_000},
        }
    )
    lake = Lake(settings.lake)
    urls = [f"http://{name}/{number * pages + page}" for name in names for page in range(pages)]
    seen = [Sighting(source.name, DAY, url, "bench", NOON) for url in urls]
    file_sightings(seen, Partition(source.name, DAY), lake)
    bare = resource.getrusage(resource.RUSAGE_SELF)
    began = time.monotonic()
    with Fetcher(settings, source) as fetch:
        batch = scrape(source, DAY, fetch, lake, now=lambda: datetime.now(UTC))
    seconds = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "pages": batch.table["outcome"].to_pylist().count("captured"),
                "seconds": seconds,
                "cpu_s": used.ru_utime + used.ru_stime - bare.ru_utime - bare.ru_stime,
                "megabytes": used.ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
