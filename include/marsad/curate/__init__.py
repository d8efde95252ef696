"""Curate: what can only be known across sources: duplicates and copies."""
