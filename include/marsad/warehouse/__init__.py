"""Warehouse: load one published partition in one transaction; the engine is that of the address."""

from marsad.warehouse.address import parse_address
from marsad.warehouse.loading import LoadReport, load
from marsad.warehouse.reach import ping

__all__ = ["LoadReport", "load", "parse_address", "ping"]
