"""The pages: one module each, with its router, the model it collects from the lake, and its template."""

from __future__ import annotations

from fastapi import APIRouter

from marsad.console.views import article, partition, quarantine, search, source, today, xray

ROUTERS: tuple[APIRouter, ...] = (
    today.router,
    partition.router,
    source.router,
    article.router,
    xray.router,
    quarantine.router,
    search.router,
)

NAVIGATION: tuple[tuple[str, str], ...] = (
    ("today", "/"),
    ("search", "/search"),
    ("xray", "/xray"),
    ("quarantine", "/quarantine"),
)
"""What the head of every page leads to: a text's key below ``nav``, and the path."""
