"""What may be printed: texts of sites, made harmless for the terminal and for rich's markup."""

from __future__ import annotations

import rich.markup

from marsad.redact import mask, visible


def escape(text: str) -> str:
    """A text from outside, for rich's ``print``: markup stays text, and so do control and direction characters.

    Rich itself takes out a few control characters and leaves the escape, with which a headline could recolour,
    retitle or clear a terminal. Line breaks stay: our own messages have some. Passwords are masked.
    """
    return rich.markup.escape(visible(mask(text), keep_lines=True))
