"""Warehouse: load one published partition in one transaction; the engine is that of the address."""

from marsad.warehouse.address import mask, parse_address
from marsad.warehouse.loading import LoadReport, load

__all__ = ["LoadReport", "load", "mask", "parse_address"]
