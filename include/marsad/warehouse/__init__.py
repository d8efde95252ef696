"""Warehouse: load one published partition in one transaction."""
