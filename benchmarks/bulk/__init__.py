"""Bulk runs: pages a second and core."""
