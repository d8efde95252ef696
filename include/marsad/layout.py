"""The lake's layout: a number at its root, so that no code writes a lake it does not understand.

    marsad.json     {"code_version": "0.1.0", "layout": 2}

A lake without the file is of layout 1, the one before there were numbers. The number is raised where an older Marsad
would misread or spoil what a newer one wrote; what only adds to a lake (a dataset, a column that may be null, a folder)
leaves it as it is. ``marsad upgrade`` brings a lake to today's.

The file is made when the first scrape of a new lake begins. It is read once a process and when a partition is claimed,
not at each write.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import marsad
from marsad.errors import LakeUnusable, MissingPartition
from marsad.lake import Lake

MARKER = "marsad.json"
LAYOUT = 2
"""The layout that this code writes, and the newest that it reads."""
UNMARKED = 1


@dataclass(frozen=True, slots=True)
class Marker:
    """What a lake says of itself."""

    layout: int
    code_version: str
    """The Marsad that made the lake, or upgraded it last."""


def read_marker(lake: Lake) -> Marker | None:
    """What a lake says of itself; None where it says nothing.

    Raises:
        LakeUnusable: the store does not answer, or the file is not one that Marsad writes.
    """
    try:
        return _parse(lake.read_bytes(MARKER), lake)
    except MissingPartition:
        return None


def _parse(data: bytes, lake: Lake) -> Marker:
    try:
        plain = json.loads(data)
        layout, version = plain["layout"], plain["code_version"]
    except (ValueError, KeyError, TypeError):
        layout, version = None, None
    if type(layout) is not int or layout < UNMARKED or not isinstance(version, str):
        raise LakeUnusable(
            f"lake {lake}: {MARKER} does not say which layout the lake has; put it back from a backup, or remove it "
            "and run `marsad upgrade`"
        )
    return Marker(layout, version)


def layout_of(lake: Lake) -> int:
    """The layout of a lake.

    Raises:
        LakeUnusable: it is newer than this code knows, or see :func:`read_marker`.
    """
    marker = read_marker(lake)
    return UNMARKED if marker is None else _known(marker, lake)


def _known(marker: Marker, lake: Lake) -> int:
    if marker.layout > LAYOUT:
        raise LakeUnusable(
            f"lake {lake} has layout {marker.layout}, made by Marsad {marker.code_version}; this is Marsad "
            f"{marsad.__version__}, which knows layout {LAYOUT} at most: upgrade Marsad; nothing was read or written"
        )
    return marker.layout


def refuse_newer(lake: Lake) -> None:
    """Refuse a lake that is newer than this code.

    A store that does not answer is no reason: whoever uses it first says so, and who needs no lake goes on.

    Raises:
        LakeUnusable: the lake is newer, or its marker is damaged.
    """
    try:
        data = lake.read_bytes(MARKER)
    except (MissingPartition, LakeUnusable):
        return
    _known(_parse(data, lake), lake)


def is_unused(lake: Lake) -> bool:
    """Whether nothing in a lake could be of an older form: no gate has passed anything, nothing is published."""
    return not lake.names("core") and not lake.names("published/_manifests")


def mark(lake: Lake, layout: int = LAYOUT) -> None:
    """Write what a lake is."""
    lake.write_json(MARKER, asdict(Marker(layout, marsad.__version__)))


def mark_new(lake: Lake) -> None:
    """Say of a lake that is only just begun that it is of today's layout; an older one is left for ``upgrade``."""
    if read_marker(lake) is None and is_unused(lake):
        mark(lake)
