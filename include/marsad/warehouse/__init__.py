"""Warehouse: load one published partition in one transaction."""

from marsad.warehouse.duckdb import LoadReport, load, ping

__all__ = ["LoadReport", "load", "ping"]
