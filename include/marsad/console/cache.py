"""A bounded memory for what was read of the lake, so that a page does not decode the same file at every request."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Cache:
    """The values asked for last, as many as fit; safe between threads.

    Args:
        size: how much is kept, in weights; the value not asked for longest goes first.
    """

    def __init__(self, size: int) -> None:
        self._size, self._lock, self._weight = size, threading.Lock(), 0
        self._values: OrderedDict[Hashable, tuple[Hashable, Any, int]] = OrderedDict()

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
            known = self._values.get(key)
            if known is not None and known[0] == stamp:
                self._values.move_to_end(key)
                found: T = known[1]
                return found
        made = make()
        weight = max(1, weigh(made))
        with self._lock:
            self._drop(key)
            self._values[key] = (stamp, made, weight)
            self._weight += weight
            while self._weight > self._size and len(self._values) > 1:
                self._drop(next(iter(self._values)))
        return made

    def _drop(self, key: Hashable) -> None:
        found = self._values.pop(key, None)
        self._weight -= found[2] if found is not None else 0
