"""A lake seen through a sheet: what is written stays on the sheet, what was there shines through."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import BinaryIO

from marsad.errors import MissingPartition
from marsad.lake import Lake

_Paths = list[str]


class Overlay(Lake):
    """Reads from a lake, and writes to a scratch folder instead; the lake below is never changed.

    It is how a run can be tried: the same stages see the same captures, and nothing they make is anybody's.
    """

    is_shared = False

    def __init__(self, base: Lake, scratch: str | os.PathLike[str]) -> None:
        super().__init__(scratch)
        self.base = base
        self._gone: set[str] = set()

    def __str__(self) -> str:
        return str(self.base)

    def write_bytes(self, relative: str, data: bytes) -> None:
        super().write_bytes(relative, data)
        self._gone.discard(relative)

    def read_bytes(self, relative: str) -> bytes:
        if relative in self._gone:
            raise MissingPartition(f"lake {self}: {relative} is not there")
        return super().read_bytes(relative) if super().exists(relative) else self.base.read_bytes(relative)

    def open(self, relative: str) -> BinaryIO:
        if relative in self._gone:
            raise MissingPartition(f"lake {self}: {relative} is not there")
        return super().open(relative) if super().exists(relative) else self.base.open(relative)

    def exists(self, relative: str) -> bool:
        return relative not in self._gone and (super().exists(relative) or self.base.exists(relative))

    def delete(self, relative: str) -> None:
        super().delete(relative)
        self._gone.add(relative)

    def move(self, relative: str, target: str) -> None:
        self.write_bytes(target, self.read_bytes(relative))
        self.delete(relative)

    def list(self, folder: str, pattern: str = "*") -> _Paths:
        found = {*super().list(folder, pattern), *self.base.list(folder, pattern)}
        return sorted(path for path in found if path not in self._gone and PurePosixPath(path).name)
