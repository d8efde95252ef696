"""Several hosts at once, one request at a time to each: the pages of a source that lie on many hosts.

A host's pages are one queue, and one worker takes them one after the other, so that nothing a single
host sees depends on how many workers there are. Answers come out as they arrive; whoever takes them
is one thread, and writes them down alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from queue import Empty, Full, Queue
from typing import TypeVar
from urllib.parse import urlsplit

from marsad.logs import carried
from marsad.scrape.fetch import Fetcher

Job = TypeVar("Job")
Done = TypeVar("Done")

_JOIN_S = 5.0


class _Stopped(BaseException):
    """Whoever took the answers went away."""


def host_of(url: str) -> str:
    """What counts as one host: name and port, in small letters."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def fetch_all(
    jobs: Iterable[Job],
    fetch: Fetcher,
    work: Callable[[Job, Fetcher], Done],
    *,
    url_of: Callable[[Job], str],
    workers: int,
) -> Generator[Done, None, None]:
    """Work on jobs, at most ``workers`` hosts at a time, and never two jobs of one host at once.

    Args:
        jobs: what is to be done; those of one host are done in this order.
        fetch: the fetcher of this thread; other threads get its siblings.
        work: does one job; must not touch what other threads use. What it raises is raised here.
        url_of: a job's address.
        workers: threads at most. With one, or one host, everything happens in this thread, in the given order.

    Yields:
        What ``work`` gave, as it comes. Closing the generator stops the workers between two requests.
    """
    jobs = list(jobs)
    queues: dict[str, list[Job]] = {}
    for job in jobs:
        queues.setdefault(host_of(url_of(job)), []).append(job)
    size = min(workers, len(queues))
    if size <= 1:
        for job in jobs:
            yield work(job, fetch)
        return
    yield from _at_once(list(queues.values()), fetch, work, size)


def _at_once(
    queues: list[list[Job]], fetch: Fetcher, work: Callable[[Job, Fetcher], Done], size: int
) -> Generator[Done, None, None]:
    # the longest queue first: it is what the whole takes
    waiting: Queue[list[Job]] = Queue()
    for queue in sorted(queues, key=len, reverse=True):
        waiting.put(queue)
    # no more answers are held than there are workers, whoever takes them being slow
    answers: Queue[Done | BaseException | None] = Queue(maxsize=size)
    stop = threading.Event()

    def sleep(seconds: float) -> None:
        if stop.wait(seconds):
            raise _Stopped

    def hand_over(answer: Done | BaseException | None) -> None:
        while not stop.is_set():
            try:
                answers.put(answer, timeout=0.2)
            except Full:
                continue
            return

    def serve(fetcher: Fetcher) -> None:
        try:
            with fetcher as own:
                while not stop.is_set():
                    try:
                        queue = waiting.get_nowait()
                    except Empty:
                        break
                    for job in queue:
                        hand_over(work(job, own))
                        if stop.is_set():
                            return
        except _Stopped:
            return
        except BaseException as error:  # handed to the thread that takes the answers
            hand_over(error)
        else:
            hand_over(None)

    crew = [fetch.sibling(sleep if fetch.is_real else None) for _ in range(size)]
    threads = [
        threading.Thread(target=carried(serve), args=(one,), name=f"fetch-{n}", daemon=True)
        for n, one in enumerate(crew)
    ]
    for thread in threads:
        thread.start()
    left = size
    try:
        while left:
            answer = answers.get()
            if answer is None:
                left -= 1
            elif isinstance(answer, BaseException):
                raise answer
            else:
                yield answer
    finally:
        stop.set()
        for thread in threads:
            thread.join(_JOIN_S)
