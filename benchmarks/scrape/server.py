"""Many small news hosts in one process: 127.0.0.1, 127.0.0.2, …, one port, every answer 50 ms late.

It notes when each host was asked, which is where politeness counts. Run as a program it prints its port,
then, at the end of its input, what it saw as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from itertools import pairwise

LATENCY_S = 0.05
_PARAGRAPH = (
    "<p>قال وزير النقل إن الأشغال في الطريق الساحلي ستنتهي قبل نهاية الشهر، وإن الكلفة لم تتجاوز ما رصد لها.</p>\n"
)
PAGE = (
    '<!doctype html><html lang="ar"><head><meta charset="utf-8"><title>خبر</title></head><body>'
    + _PARAGRAPH * 150
    + "</body></html>"
).encode()
_HEAD = "HTTP/1.1 {} \r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: keep-alive\r\n\r\n"


class Hosts:
    """Answers, and what was asked when."""

    def __init__(self) -> None:
        self.asked: dict[str, list[float]] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("sockname")[0]
        try:
            while line := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                self.asked.setdefault(host, []).append(time.monotonic())
                await asyncio.sleep(LATENCY_S)
                is_robots = line.split()[1] == b"/robots.txt"
                body = b"User-agent: *\nAllow: /\n" if is_robots else PAGE
                kind = "text/plain" if is_robots else "text/html; charset=utf-8"
                writer.write(_HEAD.format("200 OK", kind, len(body)).encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def report(self) -> dict[str, float]:
        """Requests, hosts, and the shortest time between two requests to one host, in seconds."""
        gaps = [b - a for times in self.asked.values() for a, b in pairwise(sorted(times))]
        return {
            "requests": sum(map(len, self.asked.values())),
            "hosts": len(self.asked),
            "shortest_gap_s": round(min(gaps), 4) if gaps else 0.0,
        }


async def main() -> None:
    hosts = Hosts()
    server = await asyncio.start_server(hosts.serve, "0.0.0.0", 0, backlog=1024)  # noqa: S104  each 127.0.0.x is a host
    print(server.sockets[0].getsockname()[1], flush=True)
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(done.set)

    threading.Thread(target=wait, daemon=True).start()
    await done.wait()
    server.close()
    print(json.dumps(hosts.report()), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
