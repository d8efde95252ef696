"""DuckDB over a lake's files for who only asks: it reads the lake and nothing else, in bounded memory, few at once.

Connections are kept from question to question: to open one costs a fifth of the time that a page may take.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from marsad.console.storefiles import StoreFiles
from marsad.errors import LakeUnreachable, LakeUnusable, MissingPartition, UsageError
from marsad.lake import Lake
from marsad.warehouse.dialect import quoted

MEMORY = "256MB"
AT_ONCE = 3
"""Questions at the same time, so that memory is that many times ``MEMORY`` at most."""
_turns = threading.BoundedSemaphore(AT_ONCE)
_lock = threading.Lock()
_idle: list[Engine] = []
"""Connections that nobody asks now, ``AT_ONCE`` at most; the one used last is at the end."""


class Engine:
    """A connection, and the questions that are put to it. Values are bound; what stands in SQL is the caller's own."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = 2; SET memory_limit = '{MEMORY}'; SET TimeZone = 'UTC'")
        self.connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
        self._files: StoreFiles | None = None
        if not lake.is_local:
            self._files = StoreFiles(lake)
            self.connection.register_filesystem(self._files)
            self.connection.execute("SET enable_external_file_cache = false")
        # of all files this connection may read those of the lake alone
        self.connection.execute(f"SET allowed_directories = [{quoted(str(lake))}]")
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")

    def reads(self, lake: Lake) -> bool:
        """Whether it is of a lake, and reaches it by the same way."""
        return str(self.lake) == str(lake) and (lake.is_local or self.lake.root.fs is lake.root.fs)

    def rows(self, sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        """What a SELECT finds.

        Raises:
            LaterError: a partition is being published.
            LakeUnusable: a file is none of its dataset.
            UsageError: it takes too long, or too much memory.
        """
        for is_last in (False, True):
            try:
                answer = self.connection.execute(sql, values)
                names = [c[0] for c in answer.description or ()]
                return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
            except duckdb.IOException as error:
                # a partition that is being published has no files for a moment
                if is_last:
                    raise LakeUnreachable(f"lake {self.lake}: {_line(error)}; try again shortly") from None
                time.sleep(0.1)
            except duckdb.InterruptException:
                raise UsageError("that takes too long; ask for fewer days or sources") from None
            except duckdb.OutOfMemoryException:
                raise UsageError(f"that takes more than {MEMORY} of memory; ask for fewer days or sources") from None
            except duckdb.Error as error:
                # of what a store raised DuckDB knows the text alone
                trouble = self._files.trouble if self._files else None
                if trouble is None:
                    raise LakeUnusable(f"lake {self.lake}: {_line(error)}") from None
                if not isinstance(trouble, MissingPartition):
                    raise trouble from None
                if is_last:
                    raise LakeUnreachable(f"{trouble}; try again shortly") from None
                time.sleep(0.1)
            finally:
                if self._files:
                    self._files.forget()
        raise AssertionError


@contextmanager
def open_engine(lake: Lake, hard_limit_s: float) -> Iterator[Engine]:
    """An engine of one's own for a while; its question is broken off after so many seconds.

    Raises:
        LakeUnreachable: too many ask at this moment.
    """
    if not _turns.acquire(timeout=10):
        raise LakeUnreachable("too many search at this moment; try again shortly")
    try:
        engine = _take(lake)
        watch = threading.Timer(hard_limit_s, engine.connection.interrupt)
        watch.daemon = True
        watch.start()
        try:
            try:
                yield engine
            finally:
                # over before another question has the connection: it is not that one's to break off
                watch.cancel()
                watch.join()
        except BaseException:
            engine.connection.close()  # in what state it is nobody knows
            raise
        _put_back(engine)
    finally:
        _turns.release()


def _take(lake: Lake) -> Engine:
    with _lock:
        for n in range(len(_idle) - 1, -1, -1):
            if _idle[n].reads(lake):
                return _idle.pop(n)
    return Engine(lake)


def _put_back(engine: Engine) -> None:
    with _lock:
        _idle.append(engine)
        gone = _idle[:-AT_ONCE]
        del _idle[:-AT_ONCE]
    for old in gone:
        old.connection.close()


def _line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:300]
