"""A bounded memory for what was read of the lake, so that a page does not decode the same file at every request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from cachetools import LRUCache

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: Hashable
    value: Any
    weight: int


class Cache:
    """The values asked for last, as many as fit; safe between threads.

    Args:
        size: how much is kept, in weights; the value not asked for longest goes first.
    """

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, threading.Lock()
        self._values: LRUCache[Hashable, _Kept] = LRUCache(size, getsizeof=lambda kept: kept.weight)

    def __len__(self) -> int:
        return len(self._values)

    def get(
        self, key: Hashable, stamp: Hashable, make: Callable[[], T], weigh: Callable[[T], int] = lambda made: 1
    ) -> T:
        """The value of a key; made anew where the stamp is another than when it was made.

        Two threads that ask at once may both make it: the same file gives the same value.

        Args:
            weigh: how much of the room a value takes, in pieces of some kilobytes.
        """
        with self._lock:
            kept = self._values.get(key)
            if kept is not None and kept.stamp == stamp:
                found: T = kept.value
                return found
        made = make()
        with self._lock:
            # one that is larger than the whole room takes all of it
            self._values[key] = _Kept(stamp, made, min(max(1, weigh(made)), self._size))
        return made
