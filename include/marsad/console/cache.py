"""A bounded memory for what was read of the lake, so that a page does not decode the same file at every request."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Cache:
    """The values asked for last, at most so many; safe between threads.

    Args:
        size: how many values are kept; the one not asked for longest goes first.
    """

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, threading.Lock()
        self._values: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, stamp: Hashable, make: Callable[[], T]) -> T:
        """The value of a key; made anew where the stamp is another than when it was made.

        Two threads that ask at once may both make it: the same file gives the same value.
        """
        with self._lock:
            known = self._values.get(key)
            if known is not None and known[0] == stamp:
                self._values.move_to_end(key)
                found: T = known[1]
                return found
        made = make()
        with self._lock:
            self._values[key] = (stamp, made)
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return made
