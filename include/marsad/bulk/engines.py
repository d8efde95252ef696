"""Where items are worked on: processes of this machine, or a Ray cluster. One function, two engines.

An engine places work and takes answers; it decides no byte of them. What a page may do to the process that reads it
is no engine's matter either: each worker has a reading process of its own (:mod:`marsad.bulk.sandbox`).
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from marsad.bulk.work import close, perform, stop
from marsad.errors import UsageError

EngineName = Literal["local", "ray"]
Progress = Callable[[int], None]
_AHEAD = 4
"""Items handed to Ray at once for each of its cores: never waiting for work, never a queue of thousands."""


@dataclass(frozen=True)
class Engine:
    """Which engine, and how much of it."""

    name: EngineName = "local"
    workers: int | None = None
    """Processes that read; all cores where not given. On a cluster of others' making: at most so many at once."""
    address: str | None = None
    """Of a Ray cluster; where not given one is started here, and ended."""


Run = Callable[[Sequence[str], Progress | None], Iterator[dict[str, Any]]]


@contextlib.contextmanager
def opened(engine: Engine) -> Iterator[Run]:
    """An engine at work: a function that works on items, JSON of :func:`marsad.bulk.work.perform`, in any order.

    Answers come as they are done; the second argument is told how many more captures have their outcome, where the
    engine knows before an item is done. What was started is ended with the context.

    Raises:
        UsageError: from the first items on: the engine is not installed, or not there.
    """

    def run(items: Sequence[str], progress: Progress | None = None) -> Iterator[dict[str, Any]]:
        if not items:
            return iter(())
        return _on_ray(items, engine) if engine.name == "ray" else _here(items, engine, progress)

    try:
        yield run
    finally:
        if engine.name == "ray" and "ray" in sys.modules:
            sys.modules["ray"].shutdown()
        close()


def _here(items: Sequence[str], engine: Engine, progress: Progress | None) -> Iterator[dict[str, Any]]:
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for item in items:
        waiting.put(item)
    answers: queue.SimpleQueue[str | BaseException] = queue.SimpleQueue()
    is_over = threading.Event()

    def worker() -> None:
        try:
            while not is_over.is_set():
                answers.put(perform(waiting.get_nowait(), progress))
        except queue.Empty:
            pass
        except BaseException as error:
            answers.put(error)
        finally:
            stop()

    count = min(engine.workers or os.cpu_count() or 1, len(items))
    threads = [threading.Thread(target=worker, name=f"bulk-{n}", daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    try:
        for _ in items:
            answer = answers.get()
            if isinstance(answer, BaseException):
                raise answer
            yield json.loads(answer)
    finally:
        is_over.set()
        if waiting.empty():
            for thread in threads:
                thread.join()


def _on_ray(items: Sequence[str], engine: Engine) -> Iterator[dict[str, Any]]:
    try:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        if not engine.address:
            # Ray takes 127.0.0.1 for a mistake and listens on every interface. This setting, made for other systems,
            # keeps a cluster on the loopback address; the token is for whoever else is on this machine
            os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
            if "RAY_AUTH_MODE" not in os.environ:
                os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        import ray
    except ImportError:
        raise UsageError("engine ray is not installed; install marsad[ray], or use --engine local") from None
    options: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False, "configure_logging": False}
    if engine.address:
        options["address"] = engine.address
    else:
        options |= {
            "num_cpus": engine.workers or os.cpu_count(), "include_dashboard": False,
            "object_store_memory": 100_000_000,
        }  # fmt: skip
    if not ray.is_initialized():
        try:
            ray.init(**options)
        except (ConnectionError, ValueError, RuntimeError) as error:
            why = str(error).strip().splitlines()[0]
            raise UsageError(f"Ray at {engine.address or 'this machine'}: {why}") from None
    # a node that is lost is not a page's fault; Ray gives its items to another
    work = ray.remote(num_cpus=1, max_retries=5)(_perform_there)
    cores = int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
    most = (engine.workers or cores) if engine.address else cores * _AHEAD
    pending: list[Any] = []
    left = iter(items)
    while True:
        with contextlib.suppress(StopIteration):
            while len(pending) < most:
                pending.append(work.remote(next(left)))
        if not pending:
            return
        done, pending = ray.wait(pending)
        for answer in ray.get(done):
            yield json.loads(answer)


def _perform_there(item: str) -> str:
    return perform(item)
