"""Whether a warehouse can be used, for who watches it."""

from __future__ import annotations

import os

from marsad.errors import UsageError
from marsad.warehouse.address import parse_address
from marsad.warehouse.engine import open_engine


def ping(warehouse: str) -> None:
    """Whether the warehouse can be used. A server is connected to; a file of DuckDB's is not opened, for a process
    that loads holds it, and that is no fault.

    Raises:
        UsageError: not an address of one, a folder that cannot be written, or a file that is none of DuckDB's.
        WarehouseBusy: it does not answer now.
        NeverError: it cannot be had so; says what to mend.
    """
    address = parse_address(warehouse)
    if address.engine != "duckdb":
        open_engine(address, is_reading=True).close()
        return
    path = address.path
    there = next(p for p in path.absolute().parents if p.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise UsageError(f"warehouse {address}: {there} cannot be written")
    if path.exists():
        with path.open("rb") as file:
            head = file.read(12)
        if len(head) == 12 and head[8:12] != b"DUCK":
            raise UsageError(f"warehouse {address}: {path} is not a DuckDB file")
