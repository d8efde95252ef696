"""The peer: Scrapy with the same politeness, its pages' bytes written to one file. Run in the peers' Python.

python scrapy_worker.py PORT HOSTS PAGES DELAY OUT: prints one line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import scrapy
from scrapy.crawler import CrawlerProcess

port, hosts, pages, delay, out = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
seen = {"pages": 0, "first": 0.0, "last": 0.0}


class Spider(scrapy.Spider):
    """Asks for every page of every host, in the order in which Marsad's stage knows them."""

    name = "pages"

    async def start(self):
        self.file = Path(out).open("wb")  # noqa: SIM115
        for host in range(1, hosts + 1):
            for page in range(pages):
                yield scrapy.Request(f"http://127.0.0.{host}:{port}/{page}")

    def parse(self, response):
        self.file.write(response.body)
        seen["pages"] += 1


process = CrawlerProcess(
    {
        "DOWNLOAD_DELAY": delay,
        "RANDOMIZE_DOWNLOAD_DELAY": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_REQUESTS": max(16, hosts),
        "REACTOR_THREADPOOL_MAXSIZE": 20,
        "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.DownloaderAwarePriorityQueue",  # its guide's advice
        "ROBOTSTXT_OBEY": True,
        "COOKIES_ENABLED": True,
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
        "USER_AGENT": "Marsad-benchmark/0.1",
    }
)
process.crawl(Spider)
bare = resource.getrusage(resource.RUSAGE_SELF)
began = time.monotonic()
process.start()
seconds = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "pages": seen["pages"],
            "seconds": seconds,
            "cpu_s": used.ru_utime + used.ru_stime - bare.ru_utime - bare.ru_stime,
            "megabytes": used.ru_maxrss / 1024,
        }
    )
)
