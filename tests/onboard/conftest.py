"""A site of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hostile_site import HostileSite


@pytest.fixture
def site() -> Iterator[HostileSite]:
    """A site that serves what it is told."""
    with HostileSite() as hostile:
        yield hostile
